"""The forecast summed by fiscal year, as the pages about it show it."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Cell, Noted

_MONTHS_A_YEAR = 12


class Year(NamedTuple):
    """The sums of FORECAST of a fiscal year; `whole` where it has every month of it. Amounts are USD cents, `low`, `high` and
    `growing` may be NaN."""

    year: int
    whole: bool
    issuances: int
    private: int
    expiring: int
    low: float
    high: float
    growing: float
    renewals: int
    by_hand: float
    validations: int
    amount_cents: int
    per_certificate_cents: int
    per_day_cents: int


def of_years(edition: Edition) -> list[Year]:
    """Every fiscal year that the forecast reaches, the first one first."""
    table = edition.books.forecast
    years = years_of(edition, table["month"])
    lengths = Counter(of_month_year(edition, month) for month in table["month"].unique())
    table = table.assign(private=table["issuances"].where(table["trust"] == "private", 0))
    sums = table.groupby(years)[list(Year._fields[2:])].sum(min_count=1)
    whole = {year: months == _MONTHS_A_YEAR and year > edition.fiscal_year for year, months in lengths.items()}
    columns = (sums[name].tolist() for name in sums)
    return [Year(year, whole[year], *cells) for year, *cells in zip(sums.index.tolist(), *columns, strict=True)]


def years_of(edition: Edition, months: pd.Series[Any]) -> pd.Series[Any]:
    """The fiscal year of each of `months` such as `2026-11`, each different one reckoned once."""
    numbers, different = pd.factorize(months)
    years = np.array([of_month_year(edition, month) for month in different], dtype=np.int64)
    return pd.Series(years[numbers], index=months.index)


def of_month_year(edition: Edition, month: str) -> int:
    """The fiscal year of a month such as `2026-11`."""
    return calendar.fiscal_year_of_month(month, edition.starts)


def named(edition: Edition, year: int, *, whole: bool) -> Cell:
    """`FY2028`, with a remark where the forecast has only some of its months."""
    if whole:
        return f"FY{year}"
    return Noted(f"FY{year}", f"from {words.day_of_month(edition.tomorrow)} on" if year == edition.fiscal_year else "its first months")


def from_to(low: float, high: float) -> str:
    """What is likely if names are given up as in the last year."""
    return "too few names" if math.isnan(low) else f"{low:,.0f} to {high:,.0f}"
