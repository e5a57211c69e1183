"""Which month an entry is posted to when its own is closed (DESIGN §6, "Close")."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection
from dataclasses import dataclass

from pipeline import calendar


@dataclass(frozen=True, slots=True)
class OpenMonths:
    """The months that are `closed`, e.g. FY2027-P04, as of a day, in fiscal years that start in the month `starts`. Closes go in order, so
    what follows the last closed month is open. Without a day P13 is open until it or September is closed."""

    closed: Collection[str]
    starts: int = 7
    as_of: dt.date | None = None

    def posting(self, period: str) -> str:
        """Where an entry of `period` is posted: there while it is open; late items of a year to its P13 while that is open; else to the
        first open month. What lies before the first closed month, because `begin` was set back, is late too.

        P13 opens with the close of the year's last month and is open until 31 August. What is known later is posted behind it, to
        September at the earliest, also while August is open: what arrived in time may then still be closed as P13, as of that day
        (DESIGN §6, "Close").
        """
        if period not in self.closed and calendar.posting_turn(period) > _last_turn(frozenset(self.closed)):
            return period
        if not self._late_items_may_be_closed(period):
            return self.first_open()
        late_items, september = calendar.late_items_of(int(period[2:6]))
        return max(self.first_open(), september) if self.missed(period) else late_items

    def missed(self, period: str) -> dt.date | None:
        """The last day of P13 where an entry of `period` is posted behind it, though it may still be closed as of that day; else None."""
        if self.as_of is None or period not in self.closed or not self._late_items_may_be_closed(period):
            return None
        until = calendar.late_items_until(int(period[2:6]), self.starts)
        return until if self.as_of > until else None

    def first_open(self) -> str:
        """The month after the last closed one that is no P13. Raises `ValueError` where none is closed."""
        return calendar.following(max(period for period in self.closed if not calendar.is_late_items(period)))

    def _late_items_may_be_closed(self, period: str) -> bool:
        year = int(period[2:6])
        return calendar.last_month_of(year) in self.closed and not set(calendar.late_items_of(year)) & set(self.closed)


@functools.cache
def _last_turn(closed: frozenset[str]) -> tuple[int, int]:
    return max(map(calendar.posting_turn, closed))
