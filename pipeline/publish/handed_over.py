"""Values that several processes work from, put on the disk once: each maps their columns into its memory, and none is sent a copy."""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

_ALIGNED = 64  # bytes, as Arrow wants its columns to begin


def put(values: Iterable[Any], path: Path) -> None:
    """Write `values`, which pickle knows, to `path` and a file beside it. What takes room in tables (columns of numbers and of text) is
    written as it stands in memory; a table that stands there in pieces is joined, so each value is let go before the next. Raises
    `OSError`."""
    places: list[tuple[int, int]] = []
    told: list[tuple[bytes, int]] = []  # each value, and how many of the places are its own
    with path.open("wb") as file:

        def keep(buffer: pickle.PickleBuffer) -> None:
            file.write(bytes(-file.tell() % _ALIGNED))
            with buffer.raw() as content:
                places.append((file.tell(), file.write(content)))

        for value in values:
            before = len(places)
            told.append((pickle.dumps(value, protocol=5, buffer_callback=keep), len(places) - before))
    _beside(path).write_bytes(pickle.dumps((places, told)))


@lru_cache(maxsize=1)
def taken(path: Path) -> tuple[Any, ...]:
    """The values that `put` wrote to `path`: the same ones however often this process asks. What is changed of them stays in this
    process."""
    places, told = pickle.loads(_beside(path).read_bytes())  # noqa: S301 - our own, written a moment ago
    columns = memoryview(b"")
    if any(size for _, size in places):
        with path.open("rb") as file:
            columns = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    buffers = (columns[first : first + size] for first, size in places)
    return tuple(pickle.loads(value, buffers=list(islice(buffers, many))) for value, many in told)  # noqa: S301


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.pickle")
