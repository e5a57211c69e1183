"""SHA-256 of files, each read once as long as nobody writes to it, under whatever names, and however often it is asked for.

A file counts as the one that was read while the disk tells the same number, size and times of it. The time of the last change of its
bytes or names cannot be set back by a program, but two changes within one tick of the clock have the same; so a file that changed only just
now is read again each time (as Git does with its index).
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_NO_FILE = "not a file"
_SETTLED = 100_000_000  # nanoseconds after which a further change has another time: ticks have ten milliseconds at most
_AT_ONCE = 2  # files read at once, beside each other on two cores

_Seen = tuple[int, int, int, int, int]


class Hashed:
    """What is known of the bytes of files; begin anew where what was read before shall not be believed."""

    def __init__(self) -> None:
        self._known: dict[_Seen, str] = {}

    def of(self, paths: Iterable[Path]) -> list[str]:
        """The SHA-256 of each of the files, in hexadecimal; of a link or what else is no file the words `not a file`. Raises `OSError`."""
        found = [(path, _seen(path)) for path in paths]
        to_read = {seen: path for path, seen in found if seen and seen not in self._known}
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            read = dict(zip(to_read, threads.map(_sha256, to_read.values()), strict=True))
        settled = time.time_ns() - _SETTLED
        texts = [(read.get(seen) or self._known[seen]) if seen else _NO_FILE for _, seen in found]
        self._known |= {seen: text for seen, text in read.items() if max(seen[3:]) < settled}
        return texts


def _seen(path: Path) -> _Seen | None:
    """What the disk tells of a file, before it is read; nothing of what is none."""
    told = os.lstat(path)
    return (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns) if stat.S_ISREG(told.st_mode) else None


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
