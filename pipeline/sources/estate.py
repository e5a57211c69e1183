"""An estate of certificate files that may be larger than memory, counted: how many certificates, each once, by parts (`estate_parts`).

No books come of it: accounting holds all certificates in one process. What is counted is what an inventory of these files would hold.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.engine import Chunk, ChunkError, Engine, EngineError
from pipeline.sources import estate_parts, raw_files
from pipeline.sources.certificate_parts import ENDED
from pipeline.sources.estate_parts import DISTINCT, WRITTEN, Numbered, Prefix
from pipeline.sources.limits import MIB
from pipeline.sources.raw_files import Listed
from pipeline.sources.shown_paths import shown_path

CHUNK_BYTES, CHUNK_FILES = 64 * MIB, 20_000
MOST_DIGITS = 4
_SHOWN = 12
_NOT_THERE = f"{os.strerror(errno.ENOENT)}."
_FILES = pa.schema([("file", pa.int64()), ("path", pa.string()), ("refused", pa.string()), ("reason", pa.string())])


class EstateError(Exception):
    """Nothing was counted; the text says why and what to do, `exit_code` is that of the command."""

    def __init__(self, text: str, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code


@dataclass(slots=True)
class Counted:
    """What an estate holds. `refused` are the files that were not read, by path, and why; `unreadable` counts by reason the certificates of
    which only the hash of their bytes is known; `distinct` is how many certificates there are, each once; `prefixes` how many parts hold
    them, the largest of them `largest`."""

    files: int = 0
    certificates: int = 0
    others: int = 0
    distinct: int = 0
    prefixes: int = 0
    largest: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)

    def lines(self, folder: Path) -> Iterator[str]:
        """The counts for a terminal."""
        yield f"Files        {self.files - len(self.refused):,} read, {len(self.refused):,} refused"
        yield f"Blocks       {self.certificates + self.others:,}: {self.certificates:,} certificates, {self.others:,} something else"
        yield f"Certificates {self.distinct:,} distinct, {self.certificates - self.distinct:,} copies"
        yield f"Unreadable   {self.unreadable.total():,} of the certificates; of each only the hash of its bytes is known"
        yield from (f"  {count:,}: {reason}" for reason, count in sorted(self.unreadable.items()))
        yield f"Parts        {self.prefixes:,} in {folder}, the largest of {self.largest:,} certificates"

    def warnings(self) -> Iterator[str]:
        """A sentence about each file that was refused, as far as they are shown."""
        yield from (f"Not counted: {path}: {reason}" for path, reason in list(self.refused.items())[:_SHOWN])
        if len(self.refused) > _SHOWN:
            yield f"and {len(self.refused) - _SHOWN:,} more files; files.parquet among the parts names them all."


def count(
    paths: Sequence[Path], engine: Engine, folder: Path, digits: int, chunk_bytes: int = CHUNK_BYTES, chunk_files: int = CHUNK_FILES
) -> Counted:
    """Count the certificates of files and folders, each once, by prefixes of `digits` hexadecimal digits of the fingerprint.

    `folder`, which must not exist, then holds `certificates-PREFIX-SHA256.parquet` (`estate_parts.FOLDED`, by fingerprint) and
    `files.parquet` (the number and path of each file, and why it was refused); all of it or nothing. No process holds more than a chunk of
    files or one prefix; this one holds the list of the files. Raises `EstateError`; `EngineError` and `EngineLostError` of the engine.
    """
    files = _listed(paths)
    with _folder(folder) as fresh:
        counted = Counted(len(files))
        parts: dict[str, list[str]] = defaultdict(list)
        told = [("", "")] * len(files)
        chunks = _chunks(files, chunk_bytes, chunk_files)
        at = 0
        for outcome in engine.map_chunks(partial(estate_parts.write, fresh, digits), chunks, WRITTEN):
            rows = [_ended()] if isinstance(outcome, ChunkError) else outcome.to_pylist()
            for row in rows:
                told[at] = row["refused"], row["reason"]
                counted.certificates += row["certificates"]
                counted.others += row["others"]
                counted.unreadable.update({one["reason"]: one["blocks"] for one in row["unreadable"]})
                for part in row["parts"]:
                    parts[part["prefix"]].append(part["path"])
                at += 1
        counted.refused = {listed.path: reason for listed, (code, reason) in zip(files, told, strict=True) if code}
        _must_be_seen(files, told)
        _fold(engine, fresh, parts, counted)
        _write_files(fresh, files, told)
    return counted


def _fold(engine: Engine, fresh: Path, parts: dict[str, list[str]], counted: Counted) -> None:
    chunks = [Chunk((Prefix(digits, tuple(sorted(paths))),), _bytes(paths)) for digits, paths in sorted(parts.items())]
    kept: set[str] = set()
    for outcome in engine.map_chunks(partial(estate_parts.fold, fresh), chunks, DISTINCT):
        if isinstance(outcome, ChunkError):
            why = "A process was ended each time that it folded one prefix: it needs more memory. Call again with more --digits."
            raise EstateError(f"{why} Nothing was counted.", 5)
        (row,) = outcome.to_pylist()
        counted.prefixes += 1
        counted.distinct += row["rows"]
        counted.largest = max(counted.largest, row["rows"])
        kept.add(row["path"])
    for path in fresh.iterdir():  # parts, also those of a process that was ended before it told of them
        if str(path) not in kept:
            path.unlink()


def _listed(paths: Sequence[Path]) -> list[Listed]:
    """The files at `paths` and in the folders at them, each once, by path."""
    found: dict[Path, Listed] = {}
    for path in paths:
        for listed in raw_files.listing(path, "") if path.is_dir() else [Listed(path, "")]:
            found[listed.location] = Listed(listed.location, shown_path(listed.location), listed.fault)
    return sorted(found.values(), key=lambda listed: listed.path)


@contextmanager
def _folder(folder: Path) -> Iterator[Path]:
    """A folder to write into that becomes `folder` when all is done. What a killed call left of it is removed."""
    if folder.exists():
        raise EstateError(f"{folder} is there already: name a new folder for the parts, or remove it. Nothing was counted.", 2)
    fresh = folder.absolute().with_name(f".{folder.name}.new")
    try:
        fresh.mkdir(parents=True, exist_ok=True)
        handle = os.open(fresh, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for path in fresh.iterdir():
                path.unlink()
            yield fresh
            os.fsync(handle)
            fresh.rename(folder)
        except BlockingIOError:
            raise EstateError(f"Another count is writing {folder}. Wait for it to end; nothing was counted.", 75) from None
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        finally:
            os.close(handle)
    except OSError as error:
        raise EstateError(f"The parts could not be kept in {folder}: {error.strerror or error}. Nothing was counted.", 5) from error


def _chunks(files: Sequence[Listed], chunk_bytes: int, chunk_files: int) -> list[Chunk]:
    chunks: list[Chunk] = []
    together: list[Numbered] = []
    size = 0
    for number, listed in enumerate(files):
        own = _bytes([listed.location])
        if together and (size + own > chunk_bytes or len(together) >= chunk_files):
            chunks.append(Chunk(tuple(together), size))
            together, size = [], 0
        together.append(Numbered(number, listed.location, listed.fault))
        size += own
    return [*chunks, Chunk(tuple(together), size)] if together else chunks


def _bytes(paths: Sequence[Path | str]) -> int:
    size = 0
    for path in paths:
        with contextlib.suppress(OSError):
            size += os.lstat(path).st_size
    return size


def _ended() -> dict[str, Any]:
    """The row of a file that ends the process that reads it."""
    return {"refused": "reader-ended", "reason": ENDED, "certificates": 0, "others": 0, "unreadable": [], "parts": []}


def _must_be_seen(files: Sequence[Listed], told: Sequence[tuple[str, str]]) -> None:
    """Raise `EngineError` if a file was not there for whoever read it, and is for us."""
    for listed, (_, reason) in zip(files, told, strict=True):
        if reason.endswith(_NOT_THERE) and listed.location.is_file():
            raise EngineError(f"The workers do not see {listed.path}: they need all files under the same path as here.")


def _write_files(fresh: Path, files: Sequence[Listed], told: Sequence[tuple[str, str]]) -> None:
    columns = [range(len(files)), [listed.path for listed in files], [code for code, _ in told], [reason for _, reason in told]]
    pq.write_table(
        pa.table([pa.array(values, one.type) for values, one in zip(columns, _FILES, strict=True)], schema=_FILES), fresh / "files.parquet"
    )
