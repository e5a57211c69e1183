"""The last look before anything becomes visible: no private key leaves, whatever way it came in."""

from __future__ import annotations

import email
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.engine import Chunk, ChunkError, Engine
from pipeline.engine.local import Local
from pipeline.x509_facts import OVERLAP, private_key_in, private_keys_in

_PIECE = 2**24  # bytes of a file that are looked through at once: a database of the run has a thousand million
_TOGETHER = 2**22  # bytes of small pieces that are judged together
_ROWS = 8_192  # of a Parquet file at once
_IN_A_CHUNK = 2**26  # bytes of files that are looked through by one process before it takes others
# A hundred MiB of published files take some seconds of a core to look through, for workbooks and Parquet are unpacked; two processes
# take three to start.
PROCESSES_ABOVE = 2**28
_LOOKED_AT = pa.schema([("holds_key", pa.bool_())])


class KeyFoundError(Exception):
    """A private key would have been published; the text names the files and never a byte of it."""


def no_private_key(staged: Path, hashes: Mapping[str, str] = MappingProxyType({}), engine: Engine | None = None) -> None:
    """Raise `KeyFoundError` when a file of the staged run holds a private key: a page, a table, a workbook, a file copied from `site/`.

    Of files that are the same by `hashes`, the SHA-256 of each path below `staged`, one is looked at: the site has copies of all that is
    published. Many bytes are looked through in processes of this machine. Each holds a few copies of `_PIECE` bytes, and of the largest
    part of a workbook. Raises `OSError` where such a process was ended, for then nobody looked.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for path in sorted(path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()):
        alike.setdefault((hashes.get(path, path), Path(path).suffix), []).append(path)
    same = {paths[0]: paths for paths in alike.values()}
    found = sorted({path for first in _looked_through(staged, list(same), engine or Local(above=PROCESSES_ABOVE)) for path in same[first]})
    if found:
        raise KeyFoundError(
            f"A private key would have been published in {', '.join(found)}. Remove it from the inputs or from site/, and from their "
            "history, and have the certificate reissued with a new key."
        )


def _looked_through(staged: Path, paths: Iterable[str], engine: Engine) -> Iterator[str]:
    """The files that hold a key, wherever they are looked through."""
    chunks = sorted(_chunks(staged, paths), key=lambda chunk: -chunk.size)
    outcomes = engine.map_chunks(partial(_look_at, staged), chunks, _LOOKED_AT)
    for chunk, outcome in zip(chunks, outcomes, strict=True):
        if isinstance(outcome, ChunkError):
            raise OSError("the process that looked for private keys was ended")
        yield from (path for path, holds in zip(chunk.items, outcome["holds_key"].to_pylist(), strict=True) if holds)


def _chunks(staged: Path, paths: Iterable[str]) -> Iterator[Chunk]:
    """Files that are looked through together, and how many bytes they have; at least one each."""
    items: list[str] = []
    size = 0
    for path in paths:
        items.append(path)
        size += (staged / path).stat().st_size
        if size > _IN_A_CHUNK:
            yield Chunk(tuple(items), size)
            items, size = [], 0
    if items:
        yield Chunk(tuple(items), size)


def _look_at(staged: Path, paths: tuple[str, ...]) -> pa.Table:
    held = set(_with_a_key(staged, paths))
    return pa.table({"holds_key": [path in held for path in paths]}, schema=_LOOKED_AT)


def _with_a_key(staged: Path, paths: Iterable[str]) -> Iterator[str]:
    """The files that hold a key. Small pieces are judged together, those of thousands of workbooks in a fourth of the time."""
    waiting: list[tuple[str, bytes]] = []
    held = 0
    for path in paths:
        for content in _contents(staged / path):
            if len(content) > _TOGETHER:
                if private_key_in(content):
                    yield path
            else:
                waiting.append((path, content))
                held += len(content)
            if held > _TOGETHER:
                yield from _judged(waiting)
                waiting, held = [], 0
    yield from _judged(waiting)


def _judged(waiting: list[tuple[str, bytes]]) -> Iterator[str]:
    holds = private_keys_in([content for _, content in waiting])
    return (path for (path, _), is_key in zip(waiting, holds, strict=True) if is_key)


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what they hold unpacked where it is a workbook, a message or Parquet; other archives are judged as they
    are."""
    yield from _pieces(path)
    if path.suffix == ".xlsx":
        yield from _parts(path)
    elif path.suffix == ".parquet":
        yield from _texts(path)
    elif path.suffix == ".eml":
        yield from _bodies(path)


def _pieces(path: Path) -> Iterator[bytes]:
    """A file whole, or a large one in pieces of which each begins `OVERLAP` bytes before the end of the last. (Cut so, a Java keystore
    counts as one with keys; no truststore is that large.)"""
    with path.open("rb") as file:
        piece = file.read(_PIECE)
        yield piece
        while len(piece) >= _PIECE and (more := file.read(_PIECE - OVERLAP)):
            piece = piece[-OVERLAP:] + more
            yield piece


def _parts(path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(part) for part in packed.infolist())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        # A damaged or protected workbook that lay in site/; ours have been read back before. NotImplementedError is zipfile's word for a
        # way of packing that it does not know.
        return


def _bodies(path: Path) -> Iterator[bytes]:
    """What a message says, as its reader sees it; on the wire a line may be cut in two."""
    for part in email.message_from_bytes(path.read_bytes()).walk():
        body = part.get_payload(decode=True)
        if isinstance(body, bytes):
            yield body


def _texts(path: Path) -> Iterator[bytes]:
    """The cells of each column of text in a Parquet file, a line each."""
    with pq.ParquetFile(path) as file:
        columns = [field.name for field in file.schema_arrow if field.type in ("string", "large_string")]
        for batch in file.iter_batches(_ROWS, columns=columns):
            for column in batch.columns:
                texts = column.cast(pa.large_string()).filter(pc.greater(pc.binary_length(column), 0))
                lines = pa.LargeListArray.from_arrays(pa.array([0, len(texts)], pa.int64()), texts)
                yield pc.binary_join(lines.cast(pa.large_list(pa.large_binary())), pa.scalar(b"\n", pa.large_binary()))[0].as_py()
