"""Whether a file's bytes hold a private key, also inside a zip container: a workbook, a document, an archive."""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from pipeline.x509_facts import private_key_in

_END_OF_DIRECTORY = b"PK\x05\x06"
_LONGEST_END = 66_000
_MOST_PARTS = 2_000
_MOST_UNPACKED = 256 * 2**20
_DEEPEST = 2
_TAG = re.compile(rb"<[^>]*>")
_SPLIT_TEXT = (b"&#", b"<r>", b":r>")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, OSError, ValueError, LookupError, NotImplementedError, RuntimeError)


def holds_key(data: bytes, depth: int = 0) -> bool:
    """Whether `data`, or a part of it where it is a zip container, holds a private key.

    Looked into are containers of up to 2,000 parts and 256 MiB unpacked, one inside another; what is larger or damaged is judged by
    its packed bytes alone, and no reader takes it either.
    """
    return private_key_in(data) or (depth < _DEEPEST and any(_part_holds_key(part, depth + 1) for part in _parts(data)))


def _part_holds_key(part: bytes, depth: int) -> bool:
    """As the part stands, and where its text is split by markup or written with entities, as it reads."""
    if holds_key(part, depth):
        return True
    if not part.lstrip(b"\xef\xbb\xbf").startswith(b"<") or not any(mark in part for mark in _SPLIT_TEXT):
        return False
    return private_key_in(html.unescape(_TAG.sub(b"", part).decode("utf-8", "replace")).encode("utf-8", "replace"))


def _parts(data: bytes) -> Iterator[bytes]:
    if _END_OF_DIRECTORY not in data[-_LONGEST_END:]:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                return
            for part in parts:
                yield archive.read(part)
    except _UNREADABLE:
        return
