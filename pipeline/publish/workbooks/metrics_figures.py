"""What the workbook of measures is drawn from: the figures of the office, by measure and period, and which sheets there are."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.contracts import Books
from pipeline.publish import measure_words
from pipeline.publish.workbooks.cells import day_number
from pipeline.publish.workbooks.grid import FieldKind
from pipeline.service import MEASURES_DECLARED, Measure
from pipeline.settings import Settings

MONTHS = 24
OFFICE = "office"
_OWN = (OFFICE, "service")
# Measures with a sheet of their own, as the tab is called; one that has no figures yet is left out.
SHEETS: Mapping[str, str] = {
    "on-time-completion": "On time",
    "on-time-completion-assumed": "On time, assumed",
    "completion-time-p90": "Time to complete",
    "customer-time-p90": "Customer's time",
    "first-response-p90": "First answer",
    "error-budget": "Late still allowed",
    "reopen-rate": "Reopened",
    "portal-availability": "Availability",
    "portal-availability-service-hours": "Availability, desk hours",
    "certificate-continuity": "Continuity",
    "on-time-renewal": "Renewed on time",
    "requests-received": "Received",
    "requests-completed": "Completed",
}
# These have a line on the first sheet, but stand for one day or are too few for a sheet.
_LINES = ("open-requests", "overdue-requests", "lapses")
_TIME_UNITS = ("hours", "days", "business days")

Row = Mapping[Any, Any]


class Line(NamedTuple):
    """A figure to be told: its measure, for whom, and the month it is told for."""

    measure: Measure
    dimension: str
    member: str
    period: str


@dataclass(frozen=True)
class Figures:
    """The books of the run as of `as_of`, and what of their measures the workbook shows."""

    books: Books
    settings: Settings
    as_of: dt.date

    @cached_property
    def last_month(self) -> str:
        """The last month that has ended on the as-of day, as `2026-10`."""
        if (self.as_of + dt.timedelta(days=1)).day == 1:
            return f"{self.as_of:%Y-%m}"
        return f"{self.as_of.replace(day=1) - dt.timedelta(days=1):%Y-%m}"

    @cached_property
    def months(self) -> list[str]:
        """The last 24 months that have ended, oldest first."""
        return [str(month) for month in pd.period_range(end=self.last_month, periods=MONTHS, freq="M")]

    @cached_property
    def own(self) -> pd.DataFrame:
        """The figures of the office and of its services, in the order of the declarations, newest month first and longer periods behind."""
        table = self.books.measures
        own = table[table["dimension"].isin(_OWN) & table["measure"].isin(list(self.turn))]
        is_month = own["period"].map(measure_words.is_month)
        by_turn = own.assign(turn=own["measure"].map(self.turn), is_month=~is_month)
        return by_turn.sort_values(["turn", "member", "is_month", "period"], ascending=[True, True, True, False], kind="stable")

    @cached_property
    def turn(self) -> dict[str, int]:
        """The place of each measure among the declarations."""
        return {measure.id: place for place, measure in enumerate(MEASURES_DECLARED)}

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str, str], Row]:
        names = ["measure", "dimension", "member", "period"]
        return dict(zip(zip(*(self.own[name] for name in names), strict=True), self.own.to_dict("records"), strict=True))

    def row(self, measure: str, dimension: str, member: str, period: str) -> Row | None:
        """The row of MEASURES of one figure; None where the table has none."""
        return self._rows.get((measure, dimension, member, period))

    @cached_property
    def members(self) -> dict[str, list[tuple[str, str]]]:
        """Of each measure whom it has figures for: the office, or each service."""
        found: dict[str, list[tuple[str, str]]] = {}
        for measure, dimension, member in self.own[["measure", "dimension", "member"]].drop_duplicates().itertuples(index=False, name=None):
            found.setdefault(measure, []).append((dimension, member))
        return found

    def sheets(self) -> Iterator[tuple[Measure, str]]:
        """The measures with a sheet of their own, and its name."""
        declared = {measure.id: measure for measure in MEASURES_DECLARED}
        for name, tab in SHEETS.items():
            if any(self.known(name, *member) for member in self.members.get(name, ())):
                yield declared[name], tab

    def known(self, measure: str, dimension: str, member: str) -> list[Row]:
        """The rows of the last 24 months in which anything was measured, oldest first."""
        rows = (self.row(measure, dimension, member, month) for month in self.months)
        return [row for row in rows if row is not None and number(row["value"]) is not None]

    def lines(self) -> Iterator[Line]:
        """The figures of the first sheet: of the last month, of the as-of month where a measure is given for that alone."""
        declared = {measure.id: measure for measure in MEASURES_DECLARED}
        this_month = f"{self.as_of:%Y-%m}"
        for name in (*SHEETS, *_LINES):
            for dimension, member in self.members.get(name, ()):
                last = self.row(name, dimension, member, self.last_month)
                yield Line(declared[name], dimension, member, self.last_month if last is not None else this_month)

    @cached_property
    def closed_periods(self) -> frozenset[str]:
        """The periods of figures that a closed month ended."""
        starts = self.settings.organization.fiscal_year_starts
        return frozenset(label for period in self.books.closed.periods["period"] for label in calendar.ends_with(period, starts))

    def first_published(self, row: Row) -> str:
        """What was first published of a figure, in words."""
        return measure_words.first_published(row, closed=row["period"] in self.closed_periods)


def kind(row: Row) -> FieldKind:
    """How the value of a row of MEASURES is shown."""
    if row["unit"] == "share":
        return "share" if measure_words.digits(row) == 1 else "time-share"
    value = number(row["value"])
    return "whole" if row["unit"] not in _TIME_UNITS and (value is None or value == round(value)) else "number"


def number(value: Any) -> float | None:
    """A value of MEASURES as a cell takes it: None where it is missing."""
    return None if pd.isna(value) else float(value)


def month_number(month: str) -> int:
    """The first day of `2026-10` as Excel counts days."""
    return day_number(dt.date.fromisoformat(f"{month}-01"))


def any_known(values: Sequence[float | None]) -> bool:
    """Whether there is any number among them."""
    return any(value is not None and not math.isnan(value) for value in values)
