"""What certificate files held when they were read before, by the SHA-256 of their bytes: a night on which few files changed reads few.

One table in the folder of the store, whose name tells which version of the readers wrote it. What is in it was searched for private keys
when it was read; of files that were refused nothing is kept.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.engine.reader_version import reader_version
from pipeline.sources.certificate_parts import FILES
from pipeline.sources.store_folder import StoreFolder

_LEFT_OVER = 4  # it is written anew, with nothing new in it, when one row in so many is of a file that is gone
_ALL = "certificates"
_COSTS = "all certificate files were read anew"


class FactStore:
    """The store in `folder`; with None nothing is remembered."""

    def __init__(self, folder: Path | None) -> None:
        self.kept = StoreFolder(folder)
        self._name = f"{_ALL}-{reader_version()}"
        self._used: Path | None = None

    @property
    def remarks(self) -> list[str]:
        """Sentences for whoever started the run, and for no output."""
        return self.kept.remarks

    def rows(self) -> pa.Table:
        """Rows of `FILES` of files that were read before, none of them refused, each hash once; none where nothing is remembered."""
        for path in self.kept.named(self._name):
            table = self.kept.table(path, _COSTS)
            if table is not None and table.schema.equals(FILES):
                self._used = path
                return table
        return FILES.empty_table()

    def keep(self, table: pa.Table, fresh: int, gone: int) -> None:
        """Remember the rows of `table`, and no others; `fresh` of them are new, and `gone` that were remembered are not among them.

        Nothing is written where that is not worth it. Other tables go last, also those that a killed call left beside the one that is used.
        """
        if fresh or gone * _LEFT_OVER > len(table) + gone:
            self._used = self.kept.put(self._name, table, "What certificate files hold")
        if self._used is not None:
            self.kept.drop_all_but(_ALL, {self._used})


def worth_keeping(table: pa.Table) -> pa.Table:
    """The rows of `FILES` whose files were not refused, each hash once."""
    is_sound = pc.equal(table["refused"], "")
    sound = table if pc.all(is_sound).as_py() else table.filter(is_sound)
    hashes = sound["sha256"].to_pylist()
    first = {sha256: at for at, sha256 in reversed(list(enumerate(hashes)))}
    return sound if len(first) == len(hashes) else sound.take(sorted(first.values()))
