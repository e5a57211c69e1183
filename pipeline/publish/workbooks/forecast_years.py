"""The words of the sheets about what lies ahead: fiscal years, of which the first and the last are cut, and charge bases."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pandas as pd

from pipeline import calendar
from pipeline.contracts import BASES

BASIS_WORDS = dict(zip(BASES, ("Per order", "Per certificate", "Per certificate and day"), strict=True))
_MONTHS_A_YEAR = 12


def year_labels(forecast: pd.DataFrame, starts: int, as_of: dt.date) -> dict[int, str]:
    """Each fiscal year of FORECAST by its number: `FY2028`, or with what it has of it, `FY2027 from 24 Nov`, `FY2032, 5 months`."""
    months = {month: calendar.fiscal_year_of_month(month, starts) for month in sorted(forecast["month"].unique())}
    tomorrow = as_of + dt.timedelta(days=1)
    labels = {}
    for year, count in Counter(months.values()).items():
        cut = "" if count == _MONTHS_A_YEAR else f", {count} months"
        labels[year] = f"FY{year}{cut}"
    running = calendar.fiscal_year_of(tomorrow, starts)
    if running in labels:
        labels[running] = f"FY{running} from {tomorrow.day} {tomorrow:%b}"
    return labels
