"""Everything that looks random in the sample: derived from the seed, so that the same seed gives the same bytes anywhere."""

from __future__ import annotations

import bisect
import hashlib
import random
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, TypeVar

Item = TypeVar("Item")


def dice(seed: int, what: str) -> random.Random:
    """A stream of chance for one subject. Subjects do not share a stream, so a change to one leaves the others as they are."""
    return random.Random(f"{seed}/{what}")  # noqa: S311 - a sample must repeat; nothing secret comes from here


def material(seed: int, what: str, size: int) -> bytes:
    """`size` bytes for keys and serial numbers, expanded from the seed with SHAKE-256."""
    return hashlib.shake_256(f"{seed}/{what}".encode()).digest(size)


class Weighted(Generic[Item]):
    """Things of which some come more often than others."""

    def __init__(self, weights: Iterable[tuple[Item, float]]) -> None:
        pairs = tuple(weights)
        self._items = tuple(item for item, _ in pairs)
        self._marks = tuple(accumulate(weight for _, weight in pairs))

    def draw(self, chance: random.Random) -> Item:
        """One of them, each as often as its weight says."""
        place = bisect.bisect_right(self._marks, chance.random() * self._marks[-1])
        return self._items[min(place, len(self._items) - 1)]


def spread(count: int, of: int) -> list[int]:
    """`count` positions spread evenly over `of`, none twice: where the dirt goes, and which tickets a small log keeps."""
    wanted = min(count, of)
    return [(2 * place + 1) * of // (2 * wanted) for place in range(wanted)]
