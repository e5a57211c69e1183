"""Certificate files as parts by fingerprint: how an estate is counted that no machine's memory holds.

Any process writes, of some files, one Parquet part a prefix of the fingerprint, and tells only where it lies; any process folds the parts
of one prefix. So nobody holds more than one chunk of files or one prefix. A part is named by its bytes: work that is done twice, because a
process was killed, writes the same file again, and half a part has no name.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import x509_facts
from pipeline.on_disk import bring_to_disk
from pipeline.sources import raw_files
from pipeline.sources.certificate_parts import CERTIFICATE, rows_without_keys
from pipeline.sources.limits import CERTIFICATE_LIMIT
from pipeline.sources.raw_files import Listed, Refused

# One row a certificate: its fingerprint, and where it stands: the number of the file, and that of the block in it, from 1.
PART = pa.schema([("fingerprint", pa.binary(32)), ("file", pa.int64()), ("block", pa.int64())])
# One row a fingerprint: where it stands first, and in how many blocks.
FOLDED = pa.schema([*PART, ("blocks", pa.int64())])
_PART = pa.struct([("prefix", pa.string()), ("path", pa.string()), ("rows", pa.int64()), ("sha256", pa.string())])
# One row a file: why it is refused, else ''; how many blocks are certificates and how many are something else; of the certificates that
# cannot be read how many for which reason. Parts hold the certificates of all files of a call, and are told of in the row of the first.
WRITTEN = pa.schema(
    [
        ("refused", pa.string()),
        ("reason", pa.string()),
        ("certificates", pa.int64()),
        ("others", pa.int64()),
        ("unreadable", pa.list_(pa.struct([("reason", pa.string()), ("blocks", pa.int64())]))),
        ("parts", pa.list_(_PART)),
    ]
)
# One row a prefix: what its parts folded to, and where that lies.
DISTINCT = pa.schema([*_PART, ("blocks", pa.int64())])
_LABEL, _FINGERPRINT, _STATUS, _REASON = map(x509_facts.COLUMNS.index, ("label", "fingerprint_sha256", "parse_status", "parse_reason"))
_DIGEST = 32  # bytes
_ROWS_TOGETHER = 65_536


class Numbered(NamedTuple):
    """A file to read: its number, where it lies, and why its folder cannot be listed, '' where it can."""

    number: int
    location: Path
    fault: str = ""


class Prefix(NamedTuple):
    """What is folded together: the first hexadecimal digits of its fingerprints, and the parts that hold them."""

    digits: str
    parts: tuple[str, ...]


def write(folder: Path, digits: int, items: tuple[Any, ...]) -> pa.Table:
    """`WRITTEN` of files, one row a `Numbered`, their certificates being in parts below `folder`, one a prefix of `digits` hexadecimal
    digits. Raises `OSError` where a part cannot be written."""
    files = [_file(item) for item in items]
    counts = [len(file.blocks) for file in files]
    numbers = np.repeat(np.array([item.number for item in items], dtype="int64"), counts)
    blocks = np.array([number for file in files for number in file.blocks], dtype="int64")
    parts = list(_written(folder, digits, b"".join(file.fingerprints for file in files), numbers, blocks))
    told = {
        "refused": [file.refused.code if file.refused else "" for file in files],
        "reason": [str(file.refused) if file.refused else "" for file in files],
        "certificates": counts,
        "others": [file.others for file in files],
        "unreadable": [[{"reason": reason, "blocks": count} for reason, count in sorted(file.unreadable.items())] for file in files],
        "parts": [parts, *([] for _ in files[1:])],
    }
    return pa.table(told, schema=WRITTEN)


def fold(folder: Path, items: tuple[Any, ...]) -> pa.Table:
    """`DISTINCT` of prefixes, one row a `Prefix`: its parts become one file below `folder`, with one row a fingerprint.

    Raises `OSError` where a part cannot be read or the file cannot be written.
    """
    return pa.Table.from_pylist([_folded(folder, item) for item in items], DISTINCT)


def _folded(folder: Path, item: Prefix) -> dict[str, Any]:
    table = _in_order(pa.concat_tables([PART.empty_table(), *(pq.read_table(path, schema=PART) for path in item.parts)]))
    read = len(table)
    first = np.flatnonzero(_is_first(table["fingerprint"]))
    table = table.take(first)  # the others are let go of before anything is written
    table = table.append_column("blocks", pa.array(np.diff(np.append(first, read)), pa.int64()))
    return {**_kept(folder, "certificates", item.digits, table.cast(FOLDED)), "blocks": read}


def _in_order(table: pa.Table) -> pa.Table:
    return table.take(pc.sort_indices(table, [(name, "ascending") for name in PART.names]))


def _is_first(fingerprints: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Of fingerprints in order, which of them are not as the one before."""
    found = np.ones(len(fingerprints), dtype=bool)
    at, last = 0, b""
    for chunk in fingerprints.chunks:
        values = chunk.buffers()[1][chunk.offset * _DIGEST :][: len(chunk) * _DIGEST]
        words = np.frombuffer(values, dtype="u8").reshape(-1, _DIGEST // 8)
        found[at + 1 : at + len(chunk)] = (words[1:] != words[:-1]).any(axis=1)
        if len(chunk):
            found[at] = values[:_DIGEST].to_pybytes() != last
            last = values[-_DIGEST:].to_pybytes()
        at += len(chunk)
    return found


def _written(
    folder: Path, digits: int, fingerprints: bytes, numbers: npt.NDArray[np.int64], blocks: npt.NDArray[np.int64]
) -> Iterator[dict[str, Any]]:
    """What is told of each part, by prefix; of prefixes that no fingerprint has there is none."""
    digests = np.frombuffer(fingerprints, dtype="u1").reshape(-1, _DIGEST)
    leading = np.ascontiguousarray(digests[:, :4]).view(">u4")[:, 0].astype("int64") >> (32 - 4 * digits)
    order = np.argsort(leading, kind="stable")
    digests, numbers, blocks, leading = digests[order], numbers[order], blocks[order], leading[order]
    begins = np.flatnonzero(np.append(np.ones(min(1, len(leading)), dtype=bool), leading[1:] != leading[:-1]))
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(leading)], strict=False):
        columns = [
            pa.FixedSizeBinaryArray.from_buffers(pa.binary(_DIGEST), end - begin, [None, pa.py_buffer(digests[begin:end].tobytes())]),
            pa.array(numbers[begin:end]),
            pa.array(blocks[begin:end]),
        ]
        prefix = f"{leading[begin]:0{digits}x}" if digits else ""
        yield _kept(folder, "part", prefix, pa.table(columns, schema=PART))
    bring_to_disk(folder)


def _kept(folder: Path, kind: str, prefix: str, table: pa.Table) -> dict[str, Any]:
    """Write a table under the name of its bytes: whole and synced before it has the name."""
    fresh = folder / f".{kind}-{prefix}-{os.getpid()}.new"
    try:
        pq.write_table(table, fresh, compression="none", use_dictionary=False, write_statistics=False, row_group_size=_ROWS_TOGETHER)
        with fresh.open("rb+") as handle:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
            os.fsync(handle.fileno())
        path = folder / f"{kind}-{prefix}-{sha256}.parquet"
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return {"prefix": prefix, "path": str(path), "rows": len(table), "sha256": sha256}


class _File:
    """What is counted of one file, and why it is refused, if it is."""

    def __init__(self, refused: Refused | None = None) -> None:
        self.refused = refused
        self.seen = self.others = 0
        self.fingerprints = bytearray()
        self.blocks: list[int] = []
        self.unreadable: Counter[str] = Counter()

    def add(self, part: Sequence[x509_facts.Row]) -> None:
        for number, row in enumerate(part, start=self.seen + 1):
            if row[_LABEL] != CERTIFICATE:
                self.others += 1
                continue
            self.fingerprints += bytes.fromhex(row[_FINGERPRINT])
            self.blocks.append(number)
            if row[_STATUS] == "failed":
                self.unreadable[row[_REASON]] += 1
        self.seen += len(part)


def _file(item: Numbered) -> _File:
    try:
        return raw_files.stream(Listed(item.location, "", item.fault), CERTIFICATE_LIMIT, _counted).result
    except Refused as refused:
        return _File(refused)


def _counted(pieces: Iterator[bytes]) -> _File:
    file = _File()
    for part in rows_without_keys(pieces):
        file.add(part)
    return file
