"""The periods that figures are given for: months, quarters, fiscal years, the year to date and the same span of the year before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import fiscal_year, months, period_first_day, quarters, year_before, year_title

Whole = npt.NDArray[np.int64]
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One period: its name, its first day, and the day after its last, which is not after the day after the as-of day."""

    label: str
    begins: dt.date
    ends: dt.date


@dataclass(frozen=True)
class Reporting:
    """From the first month with data to the as-of day. `starts` is the month in which the fiscal year begins.

    Time is cut into cells at the first day of each month and behind the last day of each period, so that every period is a run of whole
    cells: what is added up once by cell is known for all periods, each from its own rows.
    """

    first_month: dt.date
    as_of: dt.date
    starts: int

    @cached_property
    def levels(self) -> tuple[tuple[Period, ...], ...]:
        """The months, the quarters, the fiscal years, and the same span of the year before: of one level no two periods share a day.

        A fiscal year that the as-of day has not ended is `FY2027-YTD`. Beside it stands `FY2026-YTD`, from the first day of the year
        before to the as-of day a year earlier, where the figures reach back so far.
        """
        firsts = pd.Series(pd.date_range(self.first_month, self.as_of, freq="MS", unit="us"))
        days = [day.date() for day in firsts]
        years = [year_title(year, self.as_of, self.starts) for year in fiscal_year(firsts, self.starts)]
        return (
            self._runs(months(firsts), days),
            self._runs(quarters(firsts, self.starts), days),
            self._runs(years, days),
            tuple(self._year_before(years[-1])),
        )

    def _runs(self, labels: Iterable[str], days: list[dt.date]) -> tuple[Period, ...]:
        begins = dict(reversed(list(zip(labels, days, strict=True))))
        runs = sorted(begins.items(), key=lambda run: run[1])
        ends = [*(day for _, day in runs[1:]), self.as_of + _DAY]
        return tuple(Period(label, day, end) for (label, day), end in zip(runs, ends, strict=True))

    def _year_before(self, title: str) -> Iterable[Period]:
        if not title.endswith("-YTD"):
            return
        year = int(title[2:6]) - 1
        begins = period_first_day(f"FY{year:04d}-P01", self.starts)
        if self.first_month <= begins:
            yield Period(f"FY{year:04d}-YTD", begins, year_before(self.as_of) + _DAY)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """All periods; figures name them by their place here."""
        return tuple(period for level in self.levels for period in level)

    @cached_property
    def edges(self) -> npt.NDArray[np.datetime64]:
        """The days (datetime64[D], ascending) at which the cells begin, and the day after the last."""
        return np.array(sorted({day for period in self.periods for day in (period.begins, period.ends)}), dtype="datetime64[D]")

    @cached_property
    def runs(self) -> tuple[Whole, Whole]:
        """The first cell of each period, and the cell after its last."""
        begins = np.array([period.begins for period in self.periods], dtype="datetime64[D]")
        ends = np.array([period.ends for period in self.periods], dtype="datetime64[D]")
        return np.searchsorted(self.edges, begins), np.searchsorted(self.edges, ends)

    @cached_property
    def periods_of_cells(self) -> tuple[Whole, ...]:
        """Of each level the period that each cell lies in, -1 for none."""
        found = []
        first = 0
        for level in self.levels:
            of_cells = np.full(len(self.edges) - 1, -1, dtype=np.int64)
            for number in range(first, first + len(level)):
                of_cells[self.runs[0][number] : self.runs[1][number]] = number
            found.append(of_cells)
            first += len(level)
        return tuple(found)

    def cells(self, days: pd.Series[Any]) -> Whole:
        """The cell of each day (datetime64, no zone); -1 before the first and after the last, and for NaT."""
        whole = days.to_numpy(dtype="datetime64[D]")
        cell = np.searchsorted(self.edges, whole, side="right").astype(np.int64) - 1
        return np.where(np.isnat(whole) | (cell >= len(self.edges) - 1), -1, cell)

    def this_month(self) -> int:
        """The place of the month of the as-of day among the periods."""
        return len(self.levels[0]) - 1
