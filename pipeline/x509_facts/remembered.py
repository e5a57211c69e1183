"""What was made of bytes that come again and again, such as issuers and keys: worked out once, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST = 16_384
LONGEST = 4_096


class Kept(dict[bytes, Value], Generic[Value]):
    """Values by the bytes that they were made of, as `keep` is told of them.

    When `MOST` are kept all are let go of: that costs less than to know which was used last, and a file whose keys come round in turn,
    a few more than such a memory could hold, would find none of them there. What is longer than `LONGEST` bytes is not kept, so that
    no file can fill the memory.
    """

    def keep(self, raw: bytes, value: Value) -> None:
        """Keep `value`, which was made of `raw`."""
        if len(raw) <= LONGEST:
            if len(self) >= MOST:
                self.clear()
            self[raw] = value


class Remembered(Kept[Value]):
    """`memory[raw]` is `make(raw)`, worked out anew only where it is no longer kept. What `make` raises is raised again each time."""

    def __init__(self, make: Callable[[bytes], Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: bytes) -> Value:
        value = self._make(raw)
        self.keep(raw, value)
        return value
