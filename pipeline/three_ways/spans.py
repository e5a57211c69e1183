"""Spans of days by key, such as the time a request of an order was open: which of them covers a day."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.int64]

NONE = -1
# Day numbers count from 1970 and lie between these for the years 1 to 9999.
ALWAYS = 3_000_000
_FIRST = -1_000_000
_WIDTH = ALWAYS - _FIRST + 1


def day_numbers(days: pd.Series[Any], unknown: int = ALWAYS) -> Numbers:
    """Days (datetime64 without zone) as days since 1970; `unknown` for NaT."""
    numbers = days.to_numpy(dtype="datetime64[us]").astype("datetime64[D]")
    return np.where(np.isnat(numbers), np.int64(unknown), numbers.astype("int64"))


class Spans:
    """Spans from `begins` to `ends` (day numbers, both included), each of one of `keys` (whole numbers from 0)."""

    def __init__(self, keys: Numbers, begins: Numbers, ends: Numbers) -> None:
        self._order = np.lexsort((ends, begins, keys))
        self._begins = _place(keys, begins)[self._order]
        reach = np.maximum.accumulate(_place(keys, np.maximum(begins, ends))[self._order]) if len(keys) else self._begins
        # The span that reaches furthest of those that have begun; a later key always lies beyond an earlier one.
        is_furthest = reach == _place(keys, np.maximum(begins, ends))[self._order]
        self._furthest = np.maximum.accumulate(np.where(is_furthest, np.arange(len(keys)), 0)) if len(keys) else self._order
        self._reach = reach

    def covering(self, keys: Numbers, days: Numbers) -> npt.NDArray[np.intp]:
        """For each key and day the position of a span of the key that covers the day, the one that reaches furthest; else NONE."""
        wanted = _place(keys, days)
        found = np.searchsorted(self._begins, wanted, side="right") - 1
        covers = found >= 0
        covers[covers] = self._reach[found[covers]] >= wanted[covers]
        positions = np.full(len(wanted), NONE, dtype=np.intp)
        positions[covers] = self._order[self._furthest[found[covers]]]
        return positions


def any_within(keys: Numbers, days: Numbers, wanted: Numbers, begins: Numbers, ends: Numbers) -> npt.NDArray[np.bool_]:
    """Whether one of `days` of the key that is `wanted` lies between each of `begins` and `ends`, both included."""
    known = np.sort(_place(keys, days))
    first = np.searchsorted(known, _place(wanted, begins), side="left")
    after = np.searchsorted(known, _place(wanted, ends), side="right")
    return after > first


def shared_codes(*columns: pd.Series[Any]) -> list[Numbers]:
    """Whole numbers from 0 for the values of several columns: equal values have equal numbers, in whichever column they stand."""
    codes, _ = pd.factorize(pd.concat(columns, ignore_index=True))
    ends = np.cumsum([len(column) for column in columns])
    return [part.astype(np.int64) for part in np.split(codes, ends[:-1])]


def _place(keys: Numbers, days: Numbers) -> Numbers:
    """Key and day as one number, ordered by key, then day. A day that cannot be known lies at the end of its key."""
    return keys * _WIDTH + (np.clip(days, _FIRST, ALWAYS) - _FIRST)
