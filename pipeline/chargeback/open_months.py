"""Which month an entry is posted to when its own is closed (DESIGN §6, "Close")."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pipeline import calendar


@dataclass(frozen=True, slots=True)
class OpenMonths:
    """The months that are `closed`, e.g. FY2027-P04. Closes go in order, so what follows the last closed month is open."""

    closed: Collection[str]

    def posting(self, period: str) -> str:
        """Where an entry of `period` is posted: there while it is open; late items of a year to its P13 while that is open; else to the
        first open month. What lies before the first closed month, because `begin` was set back, is late too.

        P13 opens with the close of the year's last month, and is open until it or September is closed: items that arrive after 31 August
        are kept out of it by closing it with `--as-of` that day.
        """
        if period not in self.closed and calendar.posting_turn(period) > max(map(calendar.posting_turn, self.closed)):
            return period
        year = int(period[2:6])
        late_items, september = calendar.late_items_of(year)
        if calendar.last_month_of(year) in self.closed and not {late_items, september} & set(self.closed):
            return late_items
        return self.first_open()

    def first_open(self) -> str:
        """The month after the last closed one that is no P13. Raises `ValueError` where none is closed."""
        return calendar.following(max(period for period in self.closed if not calendar.is_late_items(period)))
