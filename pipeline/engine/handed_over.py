"""A value that several processes work from, put on the disk once: each maps its columns into its memory, and none is sent a copy."""

from __future__ import annotations

import mmap
import pickle
from functools import lru_cache
from pathlib import Path
from typing import Any

_ALIGNED = 64  # bytes, as Arrow wants its columns to begin


def put(value: Any, path: Path) -> None:
    """Write `value`, which pickle knows, to `path` and a file beside it. What takes room in tables (columns of numbers and of text) is
    written as it stands in memory, without a second copy there. Raises `OSError`."""
    places: list[tuple[int, int]] = []
    with path.open("wb") as file:

        def keep(buffer: pickle.PickleBuffer) -> None:
            file.write(bytes(-file.tell() % _ALIGNED))
            with buffer.raw() as content:
                places.append((file.tell(), file.write(content)))

        told = pickle.dumps(value, protocol=5, buffer_callback=keep)
    _beside(path).write_bytes(pickle.dumps((places, told)))


@lru_cache(maxsize=1)
def taken(path: Path) -> Any:
    """The value that `put` wrote to `path`: the same one however often this process asks. What is changed of it stays in this process."""
    places, told = pickle.loads(_beside(path).read_bytes())  # noqa: S301 - our own, written a moment ago
    if not any(size for _, size in places):
        return pickle.loads(told, buffers=[b""] * len(places))  # noqa: S301
    with path.open("rb") as file:
        columns = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    return pickle.loads(told, buffers=[columns[first : first + size] for first, size in places])  # noqa: S301


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.pickle")
