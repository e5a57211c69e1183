"""The last look before anything becomes visible: no private key leaves, whatever way it came in."""

from __future__ import annotations

import email
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.x509_facts import private_key_in


class KeyFoundError(Exception):
    """A private key would have been published; the text names the files and never a byte of it."""


def no_private_key(staged: Path) -> None:
    """Raise `KeyFoundError` when a file of the staged run holds a private key: a page, a table, a workbook, a file copied from `site/`."""
    found = sorted(
        path.relative_to(staged).as_posix()
        for path in staged.rglob("*")
        if path.is_file() and any(private_key_in(content) for content in _contents(path))
    )
    if found:
        raise KeyFoundError(
            f"A private key would have been published in {', '.join(found)}. Remove it from the inputs or from site/, and from their "
            "history, and have the certificate reissued with a new key."
        )


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what they hold unpacked where it is a workbook, a message or Parquet; other archives are judged as they
    are."""
    yield path.read_bytes()
    if path.suffix == ".xlsx":
        yield from _parts(path)
    elif path.suffix == ".parquet":
        yield from _texts(path)
    elif path.suffix == ".eml":
        yield from _bodies(path)


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
        for group in range(file.num_row_groups):
            for column in file.read_row_group(group).columns:
                if column.type in ("string", "large_string"):
                    yield "\n".join(text for text in column.to_pylist() if text).encode()
