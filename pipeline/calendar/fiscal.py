"""Fiscal years, quarters and posting periods: 1 July to 30 June, named by the year it ends in, P01 is July (DESIGN §6).

`starts` is the month in which the fiscal year begins (`[organization] fiscal_year_starts`, 1 to 12). P13 holds the late items of a year
that came in the two months after it: it spans the same days as P12, and is posted and closed between P02 and P03 of the next year.
"""

from __future__ import annotations

import calendar as month_lengths
import datetime as dt
import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

LATE_ITEMS = 13
_MONTHS = 12
_MONTHS_A_QUARTER = 3
_MONTHS_BESIDE_LATE_ITEMS = 2
_PERIOD = re.compile(r"FY(\d{4})-P(\d{2})")


def fiscal_year(days: pd.Series[Any], starts: int) -> pd.Series[Any]:
    """The fiscal year (int64) of each of `days` (datetime64, no zone, no NaT): the calendar year it ends in."""
    years: pd.Series[Any] = days.dt.year.astype("int64")
    return years + (days.dt.month >= starts) if starts > 1 else years


def periods(days: pd.Series[Any], starts: int) -> pd.Series[Any]:
    """The posting period of each of `days` (datetime64, no zone) as `FY2027-P05`; '' where the day is NaT."""
    return _by_month(days, lambda month: period_of(month, starts))


def quarters(days: pd.Series[Any], starts: int) -> pd.Series[Any]:
    """The fiscal quarter of each of `days` (datetime64, no zone) as `FY2027-Q1`; '' where the day is NaT."""
    return _by_month(days, lambda month: _quarter(*_parsed(period_of(month, starts))))


def months(days: pd.Series[Any]) -> pd.Series[Any]:
    """The calendar month of each of `days` (datetime64, no zone) as `2026-11`; '' where the day is NaT."""
    return _by_month(days, lambda month: f"{month.year:04d}-{month.month:02d}")


def period_of(day: dt.date, starts: int) -> str:
    """The posting period of one day, e.g. `FY2027-P05` for 2026-11-23 with a year that starts in July."""
    year = day.year + (1 if starts > 1 and day.month >= starts else 0)
    return _label(year, (day.month - starts) % 12 + 1)


def fiscal_year_of(day: dt.date, starts: int) -> int:
    """The fiscal year of one day: the calendar year it ends in."""
    return _parsed(period_of(day, starts))[0]


def fiscal_year_of_month(month: str, starts: int) -> int:
    """The fiscal year of a month as figures are published for it, `2026-11`. Raises `ValueError` where the text is no month."""
    return fiscal_year_of(dt.date.fromisoformat(f"{month}-01"), starts)


def year_title(year: int, as_of: dt.date, starts: int) -> str:
    """The fiscal year as figures are published for it: `FY2026`, or `FY2027-YTD` where the as-of day has not ended it."""
    after = period_of(as_of + dt.timedelta(days=1), starts)
    return f"FY{year:04d}" if f"FY{year:04d}" < after[:6] else f"FY{year:04d}-YTD"


def period_first_day(period: str, starts: int) -> dt.date:
    """The first day of `period`. Raises `ValueError` where the text is no period."""
    year, number = _parsed(period)
    month = (starts - 1 + min(number, 12) - 1) % 12 + 1
    return dt.date(year - (1 if starts > 1 and month >= starts else 0), month, 1)


@functools.cache
def period_last_day(period: str, starts: int) -> dt.date:
    """The last day of `period`. Raises `ValueError` where the text is no period."""
    first = period_first_day(period, starts)
    return first.replace(day=month_lengths.monthrange(first.year, first.month)[1])


@functools.cache  # asked for each row of tables, of a few periods
def period_title(period: str, starts: int) -> str:
    """`period` as people read it: `November 2026 (FY2027-P05)`, or `June 2027, late items (FY2027-P13)`."""
    first = period_first_day(period, starts)
    late = ", late items" if is_late_items(period) else ""
    return f"{month_lengths.month_name[first.month]} {first.year}{late} ({period})"


@functools.cache  # asked for each line, of a few periods
def posting_turn(period: str) -> tuple[int, int]:
    """Sorts periods as they are posted and closed: P12, P01, P02, then P13 of the year before, P03. Raises `ValueError` for no period."""
    year, number = _parsed(period)
    return (year + 1, 2 * _MONTHS_BESIDE_LATE_ITEMS + 1) if number == LATE_ITEMS else (year, 2 * number)


def ends_with(period: str, starts: int) -> tuple[str, ...]:
    """The periods of figures that end with the posting period: its month, then its quarter and its fiscal year where it is their last
    month, as `("2026-06", "FY2026-Q4", "FY2026")`; none of a P13, whose days are those of P12. Raises `ValueError` for no period."""
    year, number = _parsed(period)
    if number == LATE_ITEMS:
        return ()
    month = (f"{period_first_day(period, starts):%Y-%m}",)
    quarter = (_quarter(year, number),) if number % _MONTHS_A_QUARTER == 0 else ()
    return (*month, *quarter, *((f"FY{year:04d}",) if number == _MONTHS else ()))


def following(period: str) -> str:
    """The month after `period`, P13 left out: after P12 comes P01 of the next year. Raises `ValueError` where the text is no period."""
    year, number = _parsed(period)
    return _label(year, number + 1) if number < _MONTHS else _label(year + 1, 1)


def last_month_of(year: int) -> str:
    """P12 of a fiscal year."""
    return _label(year, _MONTHS)


def is_late_items(period: str) -> bool:
    """Whether `period` is a P13. Raises `ValueError` where the text is no period."""
    return _parsed(period)[1] == LATE_ITEMS


def late_items_of(year: int) -> tuple[str, str]:
    """P13 of a fiscal year, and the month of the next year that cannot be closed before it."""
    return _label(year, LATE_ITEMS), _label(year + 1, _MONTHS_BESIDE_LATE_ITEMS + 1)


def late_items_until(year: int, starts: int) -> dt.date:
    """The last day on which an item of a fiscal year may arrive and be of its P13: the last one before the month that closes after it."""
    _, september = late_items_of(year)
    return period_first_day(september, starts) - dt.timedelta(days=1)


def year_before(day: dt.date) -> dt.date:
    """The same day one year earlier; 28 February for a leap day."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _by_month(days: pd.Series[Any], name: Callable[[dt.date], str]) -> pd.Series[Any]:
    """`name` of the month of each day, called once a month: there are few months and many rows."""
    months_of = days.to_numpy().astype("datetime64[M]")
    distinct, position = np.unique(months_of, return_inverse=True)
    names = np.array(["" if np.isnat(month) else name(month.astype(dt.date)) for month in distinct], dtype=object)
    return pd.Series(names[position], index=days.index, dtype="str")


def _label(year: int, number: int) -> str:
    return f"FY{year:04d}-P{number:02d}"


def _quarter(year: int, number: int) -> str:
    return f"FY{year:04d}-Q{(number + 2) // 3}"


def _parsed(period: str) -> tuple[int, int]:
    match = _PERIOD.fullmatch(period)
    year, number = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= LATE_ITEMS:
        raise ValueError(f"'{period}' is not a period such as FY2027-P05 (P01 to P13)")
    return year, number
