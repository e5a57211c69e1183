"""What certificate files held when they were read before, by the SHA-256 of their bytes: a night on which few files changed reads few.

It is no state of the books: deleted or damaged, it costs the time of reading all files anew and changes nothing else. One Parquet file,
whose name tells which version of the readers wrote it and the hash of its own bytes; one that is not as its name says is not used. What
is in it was searched for private keys when it was read; of files that were refused nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.engine.reader_version import reader_version
from pipeline.sources.certificate_parts import FILES

_LEFT_OVER = 4  # it is written anew, with nothing new in it, when one row in so many is of a file that is gone


class FactStore:
    """The store in `folder`; with None nothing is remembered. `remarks` are sentences for whoever started the run, and for no output."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._left_over: list[Path] = []
        self.remarks: list[str] = []

    def rows(self) -> pa.Table:
        """Rows of `FILES` of files that were read before, none of them refused, each hash once; none where nothing is remembered."""
        there = list(self._files("*"))
        for path in self._files():
            data = self._sound(path)
            if data is not None:
                self._left_over = [one for one in there if one != path]
                return data
        return FILES.empty_table()

    def keep(self, table: pa.Table, fresh: int, gone: int) -> None:
        """Remember the rows of `table`, and no others; `fresh` of them are new, and `gone` that were remembered are not among them.

        Nothing is written where that is not worth it. The new file is complete before it has its name, and the old one goes last.
        """
        if self._folder is None:
            return
        if not (fresh or gone * _LEFT_OVER > len(table) + gone):
            self._drop_left_over()
            return
        try:
            self._write(self._folder, table)
        except OSError as error:
            self.remarks.append(f"What certificate files hold could not be remembered in {self._folder}: {error.strerror or error}.")

    def _write(self, folder: Path, table: pa.Table) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        fresh = folder / f".certificates-{os.getpid()}.new"
        try:
            pq.write_table(table, fresh, compression="zstd", compression_level=1)
            with fresh.open("rb+") as handle:
                name = f"certificates-{reader_version()}-{hashlib.file_digest(handle, 'sha256').hexdigest()}.parquet"
                os.fsync(handle.fileno())
            fresh.replace(folder / name)
        finally:
            fresh.unlink(missing_ok=True)
        self._drop_all_but(name)

    def _drop_left_over(self) -> None:
        """What lay beside the file that was used: a call that was killed before it removed the old file left it."""
        for path in self._left_over:
            with contextlib.suppress(OSError):
                path.unlink()

    def _drop_all_but(self, name: str) -> None:
        for path in (*self._files("*"), *(self._folder or Path()).glob(".certificates-*.new")):
            if path.name != name:
                path.unlink(missing_ok=True)

    def _files(self, version: str | None = None) -> Iterator[Path]:
        folder = self._folder
        if folder is not None and folder.is_dir():
            yield from sorted(folder.glob(f"certificates-{version or reader_version()}-*.parquet"))

    def _sound(self, path: Path) -> pa.Table | None:
        """The rows of a file that is as its name says; else None, and the file is dropped."""
        try:
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == path.stem.rpartition("-")[2]:
                table = pq.read_table(pa.BufferReader(data))
                if table.schema.equals(FILES):
                    return table
            why = "it is not as it was written"
        except FileNotFoundError:  # another call has just put a newer one in its place
            return None
        except (OSError, pa.ArrowException) as error:
            why = f"it cannot be read ({type(error).__name__})"
        self.remarks.append(f"{path} was dropped, for {why}: all certificate files were read anew, which only took time.")
        with contextlib.suppress(OSError):
            path.unlink()
        return None


def worth_keeping(table: pa.Table) -> pa.Table:
    """The rows of `FILES` whose files were not refused, each hash once."""
    sound = table.filter(pc.equal(table["refused"], ""))
    hashes = sound["sha256"].to_pylist()
    first = {sha256: at for at, sha256 in reversed(list(enumerate(hashes)))}
    return sound if len(first) == len(hashes) else sound.take(sorted(first.values()))
