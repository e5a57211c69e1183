"""How long a public certificate may live, and how long a proof of control may be used again, by the day of issue.

CA/Browser Forum, Baseline Requirements 2.2.6 §6.3.2 and §4.2.1 (ballot SC-081v3; facts/certificate-systems-and-exports §4). Authorities
issue a day less than the limit, as the text advises, for any second beyond counts as another day.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.lints import LIMITS_IN_DAYS

DAY = np.int32
"""Half the width of other numbers: there are millions of days in a forecast, and half the memory is half the time."""
Days = npt.NDArray[np.int32]
"""Whole days, or days counted from 1970-01-01."""

REUSE_IN_DAYS: tuple[tuple[int, dt.date], ...] = (
    (398, dt.date(2020, 9, 1)),
    (200, dt.date(2026, 3, 15)),
    (100, dt.date(2027, 3, 15)),
    (10, dt.date(2029, 3, 15)),
)
_EPOCH = dt.date(1970, 1, 1)


def number_of(day: dt.date) -> int:
    """A day as the number of days since 1970-01-01."""
    return (day - _EPOCH).days


_SINCE = np.array([number_of(since) for _, since, _ in LIMITS_IN_DAYS], dtype=DAY)
_LONGEST = np.array([days - 1 for days, _, _ in LIMITS_IN_DAYS], dtype=DAY)
SHORTEST = int(_LONGEST.min())
"""How many days a public certificate lives at most once the last limit holds."""
REUSE_SINCE = np.array([number_of(since) for _, since in REUSE_IN_DAYS], dtype=DAY)
REUSE_DAYS = np.array([days for days, _ in REUSE_IN_DAYS], dtype=DAY)


def longest(issued: Days) -> Days:
    """The most days that a public certificate issued on each day lives; days before the oldest limit are given that one."""
    return _LONGEST[np.maximum(np.searchsorted(_SINCE, issued, side="right") - 1, 0)]


def lead(lives: Days, lead_days: int) -> Days:
    """How many days before its end a certificate of each length is renewed: `lead_days`, of short lives a third, rounded down.

    The same shrinking as that of notices (DESIGN §6), so that nobody renews before the first notice is due.
    """
    return np.minimum(lead_days, lives // 3)


def days_of(values: Any) -> Days:
    """A column of days (datetime64 without zone, no NaT) as numbers of days since 1970-01-01."""
    return np.asarray(values, dtype="datetime64[D]").astype(DAY)
