"""What certificate files hold, as columns: the part of reading them that any process can do, here or on another machine.

A file is judged by its bytes alone. Neither its name nor the day nor a setting enters, so that what was found once holds for the same bytes
for ever (`fact_store`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline import x509_facts
from pipeline.sources import raw_files
from pipeline.sources.limits import CERTIFICATE_LIMIT, WHOLE_LIMIT
from pipeline.sources.raw_files import Listed, Refused

# One row a file: the SHA-256 of its bytes and how many they are; why it is refused, and at which block, else ''; all its blocks in order,
# also those that are no certificates; and the RSA keys among them, each once. Of a refused file nothing else is told.
HASHES = pa.schema([("sha256", pa.string()), ("size", pa.int64())])
FILES = pa.schema(
    [
        *HASHES,
        ("refused", pa.string()),
        ("reason", pa.string()),
        ("row", pa.int64()),
        ("blocks", pa.list_(pa.struct(list(x509_facts.BLOCKS)))),
        ("keys", pa.list_(pa.struct(list(x509_facts.KEYS)))),
    ]
)
CERTIFICATE, _PRIVATE = "CERTIFICATE", "PRIVATE KEY"
# Of a file that a process was reading each time that it was ended.
ENDED = "The process that read the file was ended twice before it was done; nothing of the file was read."
_LABEL, _SPKI, _EXPONENT, _MODULUS = map(x509_facts.COLUMNS.index, ("label", "spki_sha256", "rsa_exponent", "rsa_modulus"))


class Item(NamedTuple):
    """A file to read: where it lies, and why its folder cannot be listed, '' where it can."""

    location: Path
    fault: str = ""

    @classmethod
    def of(cls, listed: Listed) -> Item:
        """The file that `listed` tells of."""
        return cls(listed.location, listed.fault)

    def listed(self) -> Listed:
        """As `raw_files` asks for it; how the file is shown does not matter here."""
        return Listed(self.location, "", self.fault)


def hashes(items: tuple[Any, ...]) -> pa.Table:
    """`HASHES` of files, one row an `Item`; of a file that is refused, whatever it holds, both are null: it must be looked at."""
    found = [_hash(item) for item in items]
    return pa.table({"sha256": [sha256 for sha256, _ in found], "size": [size for _, size in found]}, schema=HASHES)


def _hash(item: Item) -> tuple[str, int] | tuple[None, None]:
    try:
        return raw_files.hashed(item.listed(), CERTIFICATE_LIMIT)
    except Refused:
        return None, None


def facts(items: tuple[Any, ...]) -> pa.Table:
    """`FILES` of files, one row an `Item`, in their order."""
    files = [_file(item) for item in items]
    gathered = x509_facts.Gathered()
    for file in files:
        gathered.join(file.gathered)
    batches = [batch.blocks for batch in gathered.batches()]
    blocks = pa.concat_batches(batches) if batches else pa.RecordBatch.from_pylist([], x509_facts.BLOCKS)
    keys = [key for file in files for key in file.keys.values()]
    columns = [pa.array([key[at] for key in keys], pa.string()) for at in range(len(x509_facts.KEYS))]
    told = {
        "sha256": [file.sha256 for file in files],
        "size": [file.size for file in files],
        "refused": [file.refused.code if file.refused else "" for file in files],
        "reason": [str(file.refused) if file.refused else "" for file in files],
        "row": [file.refused.row if file.refused else 0 for file in files],
        "blocks": _lists([file.seen for file in files], blocks.to_struct_array()),
        "keys": _lists([len(file.keys) for file in files], pa.StructArray.from_arrays(columns, fields=list(x509_facts.KEYS))),
    }
    return pa.table(told, schema=FILES)


def _lists(counts: list[int], values: pa.StructArray) -> pa.ListArray:
    offsets = [0]
    for count in counts:
        offsets.append(offsets[-1] + count)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


class _File:
    """The blocks of one file, and why it is refused, if it is."""

    def __init__(self) -> None:
        self.sha256, self.size = "", 0
        self.refused: Refused | None = None
        self.clear()

    def clear(self) -> None:
        self.seen = 0
        self.gathered = x509_facts.Gathered()
        self.keys: dict[str, tuple[str, str, str]] = {}

    def add(self, part: list[x509_facts.Row]) -> None:
        for row in part:
            if row[_MODULUS]:
                self.keys.setdefault(row[_SPKI], (row[_SPKI], row[_EXPONENT], row[_MODULUS]))
        self.seen += len(part)
        self.gathered.add(part)


def _file(item: Item) -> _File:
    try:
        streamed = raw_files.stream(item.listed(), CERTIFICATE_LIMIT, _blocks)
    except Refused as refused:
        file = _File()
        file.refused = refused
        return file
    file = streamed.result
    file.sha256, file.size = streamed.sha256, streamed.size
    return file


def _blocks(pieces: Iterator[bytes]) -> _File:
    file = _File()
    for part in rows_without_keys(pieces):
        file.add(part)
    return file


def rows_without_keys(pieces: Iterator[bytes]) -> Iterator[list[x509_facts.Row]]:
    """The blocks of a file whose bytes come in pieces, some hundreds at a time, as rows of `x509_facts.COLUMNS`.

    Raises `Refused` at a block that is a private key, however it is called, and for what must be seen whole and is too large for it.
    """
    seen = 0
    try:
        for part in x509_facts.rows(pieces, WHOLE_LIMIT):
            for number, row in enumerate(part, start=seen + 1):
                if row[_LABEL] == _PRIVATE:
                    raise Refused("private-key", "The block is a private key; nothing of the file was read or published.", row=number)
            seen += len(part)
            yield part
    except x509_facts.TooLarge:
        limit = f"{WHOLE_LIMIT:,} bytes, the limit for one block of PEM, and for a file that is no PEM"
        raise Refused("file-too-large", f"A block of the file, or the file if it is no PEM, has more than {limit}.") from None
