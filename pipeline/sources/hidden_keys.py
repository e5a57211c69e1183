"""Whether a file's bytes hold a private key, also inside what is packed into it: a workbook, an archive, a compressed file, a mail."""

from __future__ import annotations

import bisect
import html
import re

from pipeline.sources import unpacked
from pipeline.sources.limits import UNPACKED_AT_MOST
from pipeline.x509_facts import OVERLAP, private_key_in

_STEP = 2**20
_LINE_END = re.compile(rb"\n")
_DEEPEST = 4  # a workbook in a tar archive, compressed, in a mail
_MOST_UNPACKED = 2 * UNPACKED_AT_MOST
_TAG = re.compile(rb"<[^>]*>")
_SPLIT_TEXT = (b"&#", b"<r>", b":r>")


def holds_key(data: bytes) -> bool:
    """Whether `data`, or anything packed into it, holds a private key.

    Zip, gzip, bzip2, xz and tar archives and mail are looked into, four deep, within the limits of `unpacked` and up to 512 MiB in all.
    Raises `unpacked.TooLarge` where no key was found in so much and there is more; what is damaged or protected by a password is judged
    by the parts that come before that and by its packed bytes, and no reader takes it either.
    """
    return _Looking().through(data)


def line_of_key(data: bytes) -> int:
    """On or just after which line of a text, from 1, a private key begins; 0 where nobody can say: it is packed, or the file no text."""
    if b"\x00" in data:
        return 0
    starts = range(0, len(data), _STEP)
    start = next((start for start in starts if private_key_in(data[start : start + _STEP + OVERLAP])), None)
    if start is None:
        return 0
    window = data[start : start + _STEP + OVERLAP]
    ends = [end.end() for end in _LINE_END.finditer(window)] + [len(window)]
    first = bisect.bisect_left(ends, True, key=lambda end: private_key_in(window[:end]))
    return data.count(b"\n", 0, start) + first + 1


class Search:
    """A search for private keys in a file into which nothing is packed (`unpacked.is_container`) and which comes in pieces."""

    def __init__(self) -> None:
        self._before = b""

    def finds(self, piece: bytes) -> bool:
        """Whether a key is in this piece, or begins in the one before and ends here."""
        window = self._before + piece
        self._before = window[-OVERLAP:]
        return private_key_in(window)


class _Looking:
    """One look through a file and what is packed into it, whose parts share a room."""

    def __init__(self) -> None:
        self._room = _MOST_UNPACKED

    def through(self, data: bytes, depth: int = 0) -> bool:
        return private_key_in(data) or (depth < _DEEPEST and self._in_parts(data, depth + 1))

    def _in_parts(self, data: bytes, depth: int) -> bool:
        for part in unpacked.parts(data):
            self._room -= len(part)
            if self._room < 0:
                raise unpacked.TooLarge("What is packed into the file, one thing inside another, is more than is looked through.")
            if self.through(part, depth) or _in_split_text(part):
                return True
        return False


def _in_split_text(part: bytes) -> bool:
    """Whether markup that splits text or writes it with entities reads as a private key."""
    if not part.lstrip(b"\xef\xbb\xbf").startswith(b"<") or not any(mark in part for mark in _SPLIT_TEXT):
        return False
    return private_key_in(html.unescape(_TAG.sub(b"", part).decode("utf-8", "replace")).encode("utf-8", "replace"))
