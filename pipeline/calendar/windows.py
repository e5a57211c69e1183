"""The desk's windows in UTC seconds: how much desk time has passed at a second, which window follows it, and the way back.

Everything here is whole numbers (numpy int64) of seconds since 1970; `business_time` speaks of instants and days. Where all closings lie
on whole quanta of the calendar, hours as a rule, the window that follows a second is looked up in a table with one cell a quantum;
otherwise it is searched for. Both ways give the same (facts/service-levels §3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUANTA = (3600, 1800, 900)


@dataclass(frozen=True, eq=False)
class Windows:
    """Half-open windows `[opens, closes)`, ascending, each on a day of its own that lasts from `midnights` until `next_midnights`.

    The calendar reaches from `begins` to `ends`, both inclusive; callers ask of no second outside it (`inside` says which are).
    """

    opens: Seconds
    closes: Seconds
    midnights: Seconds
    next_midnights: Seconds
    begins: int
    ends: int

    @cached_property
    def before(self) -> Seconds:
        """Desk seconds before each window; one element more than there are windows, the last is those of the whole calendar."""
        return np.concatenate([[0], np.cumsum(self.closes - self.opens)]).astype(np.int64)

    @property
    def span(self) -> int:
        """Desk seconds of the whole calendar."""
        return int(self.before[-1])

    def inside(self, seconds: Seconds) -> Flags:
        """Whether each second lies in the calendar."""
        return (seconds >= self.begins) & (seconds <= self.ends)

    def following(self, seconds: Seconds) -> Seconds:
        """The first window that closes after each second: the one that is open then, else the next. Their number where there is none."""
        if self._quantum:
            return self._closed_at[(seconds - self.begins) // self._quantum]
        return np.searchsorted(self.closes, seconds, side="right").astype(np.int64)

    def passed(self, seconds: Seconds, following: Seconds) -> Seconds:
        """Desk seconds from the start of the calendar to each second, whose window `following` gave."""
        in_it: Seconds = np.maximum(seconds - self._opens_or_never[following], 0)
        return self.before[following] + in_it

    def days_begun(self, seconds: Seconds, following: Seconds) -> Seconds:
        """How many days with a window have begun at each second, its own day included."""
        return following + (seconds >= self._midnights_or_never[following])

    def reaching(self, passed: Seconds) -> Seconds:
        """The window in which so much desk time has passed; at a closing, which is also the next opening, the earlier one."""
        return np.maximum(np.searchsorted(self.before[:-1], passed, side="left") - 1, 0).astype(np.int64)

    @cached_property
    def _opens_or_never(self) -> Seconds:
        return np.append(self.opens, self.ends + 1)

    @cached_property
    def _midnights_or_never(self) -> Seconds:
        return np.append(self.midnights, self.ends + 1)

    @cached_property
    def _quantum(self) -> int:
        """The longest quantum on whose multiples every window closes; 0 where there is none."""
        since = self.closes - self.begins
        return next((quantum for quantum in QUANTA if not (since % quantum).any()), 0)

    @cached_property
    def _closed_at(self) -> Seconds:
        """How many windows have closed when each quantum of the calendar begins."""
        quanta = np.arange(self.begins, self.ends + 1, self._quantum)
        return np.searchsorted(self.closes, quanta, side="right").astype(np.int64)
