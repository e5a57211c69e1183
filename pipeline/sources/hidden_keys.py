"""Whether a file's bytes hold a private key, also inside a zip container: a workbook, a document, an archive."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from pipeline.sources import zip_parts
from pipeline.x509_facts import OVERLAP, private_key_in

LONGEST_END = 66_000  # bytes at the end of a file in which the directory of a zip container ends
_END_OF_DIRECTORY = b"PK\x05\x06"
_DEEPEST = 2
_TAG = re.compile(rb"<[^>]*>")
_SPLIT_TEXT = (b"&#", b"<r>", b":r>")


def holds_key(data: bytes, depth: int = 0) -> bool:
    """Whether `data`, or a part of it where it is a zip container, holds a private key.

    Containers are looked into, one inside another, within the limits of `zip_parts`; what is larger or damaged is judged by the parts
    that come before that and by its packed bytes, and no reader takes it either.
    """
    return private_key_in(data) or (depth < _DEEPEST and any(_part_holds_key(part, depth + 1) for part in _parts(data)))


def ends_as_container(end: bytes) -> bool:
    """Whether a file whose last `LONGEST_END` bytes are `end` may be a zip container, so that it must be looked into."""
    return _END_OF_DIRECTORY in end


class Search:
    """A search for private keys in a file that is no container and comes in pieces."""

    def __init__(self) -> None:
        self._before = b""

    def finds(self, piece: bytes) -> bool:
        """Whether a key is in this piece, or begins in the one before and ends here."""
        window = self._before + piece
        self._before = window[-OVERLAP:]
        return private_key_in(window)


def _part_holds_key(part: bytes, depth: int) -> bool:
    """As the part stands, and where its text is split by markup or written with entities, as it reads."""
    if holds_key(part, depth):
        return True
    if not part.lstrip(b"\xef\xbb\xbf").startswith(b"<") or not any(mark in part for mark in _SPLIT_TEXT):
        return False
    return private_key_in(html.unescape(_TAG.sub(b"", part).decode("utf-8", "replace")).encode("utf-8", "replace"))


def _parts(data: bytes) -> Iterator[bytes]:
    if not ends_as_container(data[-LONGEST_END:]):
        return
    try:
        for _, part in zip_parts.parts(data):
            yield part
    except (zip_parts.Damaged, zip_parts.TooLarge):
        return
