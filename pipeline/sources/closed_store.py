"""The tables of the closed months when they were read before: a closed month never changes, so a night need not read all of them as text.

The bytes of every file are still compared with the sums that its month was closed with (`closed_months`), each night; only what they say is
remembered, by those sums and by the version of the program. A month that is closed has all of them read anew, once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pipeline.engine.reader_version import program_version
from pipeline.sources.store_folder import StoreFolder

_ALL = "closed"
_COSTS = "the closed months were read anew"
_DIGITS = 32


class ClosedStore:
    """What is remembered in `kept` of the months whose lists of files have the SHA-256 `sums`, in the order of closing."""

    def __init__(self, kept: StoreFolder, sums: Sequence[str]) -> None:
        self._kept = kept
        self._sums = list(sums)
        self._used: set[Path] = set()

    def table(self, file: str, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """The table of all months that `read` makes of their files of that name; it is called only where none is remembered."""
        name = self._name(file)
        for path in self._kept.named(name):
            found = self._kept.table(path, _COSTS)
            if found is not None:
                self._used.add(path)
                frame: pd.DataFrame = found.to_pandas()
                return frame
        made = read()
        written = self._kept.put(name, pa.Table.from_pandas(made, preserve_index=False), f"What {file} of the closed months holds")
        if written is not None:
            self._used.add(written)
        return made

    def drop_unused(self) -> None:
        """Drop what is remembered of other months."""
        self._kept.drop_all_but(_ALL, self._used)

    def _name(self, file: str) -> str:
        told = json.dumps([program_version(), self._sums, file])
        return f"{_ALL}-{hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]}"
