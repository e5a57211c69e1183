"""Writing the journal of sending: a line is on the disk, file and folder, before anything that it speaks of is done or forgotten."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.on_disk import bring_to_disk

_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class JournalNotWrittenError(Exception):
    """A line could not be brought onto the disk; what it was to say is in doubt from now on."""


def append(path: Path, lines: str) -> None:
    """Add whole `lines` to the file `path` and sync it and its folder; the folders above that did not exist are made, and synced too.

    What a killed call left half-written gets an end first, so that it spoils no other line. Raises `JournalNotWrittenError`.
    """
    try:
        _make_folder(path.parent)
        descriptor = os.open(path, _APPEND, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            end = b"" if not size or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"
            _write(descriptor, end + lines.encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        bring_to_disk(path.parent)
    except OSError as error:
        raise JournalNotWrittenError(f"The journal {path} cannot be written: {error.strerror or error}.") from error


def _write(descriptor: int, content: bytes) -> None:
    """All of it, however little the system takes at a time."""
    while content:
        content = content[os.write(descriptor, content) :]


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    bring_to_disk(folder.parent)
