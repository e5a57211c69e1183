"""A folder in which runs leave tables for later ones, none of which is trusted: a file's name holds the hash of its bytes.

It is no state of the books. Deleted or damaged, it costs the time of working everything out anew and changes nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_NEW = ".new"


class StoreFolder:
    """The tables in `folder`; with None there are none, and none is kept. `remarks` are sentences for whoever started the run, and for no
    output."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.remarks: list[str] = []

    def named(self, beginning: str) -> list[Path]:
        """The tables whose names begin so, sorted."""
        folder = self._folder
        return sorted(folder.glob(f"{beginning}-*.parquet")) if folder is not None and folder.is_dir() else []

    def table(self, path: Path, costs: str) -> pa.Table | None:
        """The table of a file that is as its name says; else None, and the file is dropped with a remark that ends in what that `costs`."""
        try:
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == path.stem.rpartition("-")[2]:
                return pq.read_table(pa.BufferReader(data), use_threads=False)
            why = "it is not as it was written"
        except FileNotFoundError:  # another call has just put a newer one in its place
            return None
        except (OSError, pa.ArrowException) as error:
            why = f"it cannot be read ({type(error).__name__})"
        self.remarks.append(f"{path} was dropped, for {why}: {costs}, which only took time.")
        self._drop(path)
        return None

    def put(self, beginning: str, table: pa.Table, what: str) -> Path | None:
        """Keep `table` under a name that begins so, which it has only once it is complete; None, with a remark that `what` could not be
        remembered, where that is not possible."""
        if self._folder is None:
            return None
        try:
            return self._write(self._folder, beginning, table)
        except OSError as error:
            self.remarks.append(f"{what} could not be remembered in {self._folder}: {error.strerror or error}.")
            return None

    def drop_all_but(self, beginning: str, kept: Collection[Path]) -> None:
        """Drop the tables whose names begin so and are not among `kept`, and what a killed run left half written."""
        for path in self.named(beginning):
            if path not in kept:
                self._drop(path)
        for path in (self._folder or Path()).glob(f".*{_NEW}") if self._folder is not None else ():
            self._drop(path)

    def _write(self, folder: Path, beginning: str, table: pa.Table) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        fresh = folder / f".{beginning}-{os.getpid()}{_NEW}"
        try:
            pq.write_table(table, fresh, compression="zstd", compression_level=1)
            with fresh.open("rb") as handle:
                path = folder / f"{beginning}-{hashlib.file_digest(handle, 'sha256').hexdigest()}.parquet"
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        return path

    def _drop(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()
