"""What a power failure may not take back."""

from __future__ import annotations

import os
from pathlib import Path


def bring_to_disk(path: Path) -> None:
    """Wait until the file or folder `path` stands on the disk. Of a folder it is the names in it, so that a rename there lasts.

    Raises `OSError` when the disk refuses (facts/bad-inputs-and-crash-safety.md §3.1).
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
