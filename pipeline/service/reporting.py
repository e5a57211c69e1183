"""The periods and members that figures are given for: months, quarters and fiscal years; the office and its parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.calendar import fiscal_year, months, quarters, year_title

OFFICE = "office"
PARTS = ("agency", "kind", "tier")


@dataclass(frozen=True)
class Reporting:
    """From the first month with data to the as-of day. `starts` is the month in which the fiscal year begins."""

    first_month: dt.date
    as_of: dt.date
    starts: int

    def month_days(self) -> pd.Series[Any]:
        """The first day (datetime64[us]) of each month that is reported, the as-of month included."""
        return pd.Series(pd.date_range(self.first_month, self.as_of, freq="MS", unit="us"))

    def this_month(self) -> str:
        """The month of the as-of day, e.g. `2026-11`."""
        return f"{self.as_of:%Y-%m}"

    def labels(self, days: pd.Series[Any]) -> tuple[pd.Series[Any], ...]:
        """The month, the quarter and the fiscal year of each of `days` (datetime64, no NaT), as names of periods.

        A fiscal year that the as-of day has not ended is `FY2027-YTD`.
        """
        years = fiscal_year(days, self.starts)
        return (
            months(days),
            quarters(days, self.starts),
            years.map({year: year_title(int(year), self.as_of, self.starts) for year in years.unique()}).astype("str"),
        )


def cohort(measure: str, rows: pd.DataFrame, days: pd.Series[Any], met: pd.Series[Any] | None = None) -> pd.DataFrame:
    """`rows` of REQUESTS as they count for `measure`: each in the period of its day (datetime64, no NaT), 1 where it is `met`."""
    return rows[list(PARTS)].assign(measure=measure, day=days, met=0 if met is None else met.astype("int64"))


def tally(cohorts: Sequence[pd.DataFrame], measures: Sequence[str], reporting: Reporting) -> pd.DataFrame:
    """How many rows of each cohort fall into each period, for the office and each of its parts.

    Returns measure, period, dimension, member, n, met. Of all `measures` the office has every period, also without rows; a part only
    those where it has any. Rows that belong to no agency or tier count in the office only.
    """
    counted = pd.concat(cohorts, ignore_index=True).astype({"measure": "category"}).assign(n=1)
    tallies = []
    for name, every in zip(reporting.labels(counted["day"]), reporting.labels(reporting.month_days()), strict=True):
        labelled = counted.assign(period=name.astype("category"))
        whole = pd.MultiIndex.from_product([measures, every.unique()], names=["measure", "period"])
        office = _sums(labelled, ["measure", "period"]).reindex(whole, fill_value=0)
        tallies.append(office.reset_index().assign(dimension=OFFICE, member=""))
        for part in PARTS:
            members = _sums(labelled[labelled[part] != ""], ["measure", "period", part])
            tallies.append(members.reset_index().rename(columns={part: "member"}).assign(dimension=part))
    texts = dict.fromkeys(("measure", "period", "dimension", "member"), "str")
    return pd.concat(tallies, ignore_index=True).astype(texts)


def _sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return rows.groupby(keys, observed=True)[["n", "met"]].sum()
