"""The forecast under what the settings would change: fewer certificates, more that renew themselves, another charge basis: SCENARIOS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.contracts import BASES, SCENARIOS
from pipeline.forecast.bases import CHARGED_BY, half_up
from pipeline.forecast.months import Span
from pipeline.forecast.work import breaks_in
from pipeline.settings import Scenario

AS_IT_IS = ""
_SUMS = ("issuances", "drawn", "by_hand", "renewals", *CHARGED_BY.values())


def scenarios(
    forecast: pd.DataFrame,
    workload: pd.DataFrame,
    changes: Sequence[Scenario],
    paid_before: pd.DataFrame,
    months: Sequence[Span],
    starts: int,
) -> pd.DataFrame:
    """SCENARIOS of FORECAST and WORKLOAD: the forecast as it is, then each of the `changes`, in their order.

    A month counts as changed from the one that `since` lies in. What orders have paid beyond a switch of the basis, as `paid_before`
    (PAID_BEFORE) tells it, is not charged again. What is merged is neither issued nor charged; what renews itself is issued and charged as
    before. Amounts are rounded half up once a month, so that a scenario without a change is the forecast to the cent.
    """
    if forecast.empty:
        return SCENARIOS.empty()
    drawn = forecast["issuances"].where(forecast["per_certificate_cents"] > 0, 0)  # no unit is drawn for what is charged to nobody
    sums = forecast.assign(drawn=drawn).groupby("month")[list(_SUMS)].sum()
    nothing = Scenario(name="as it is", since=months[0][0])
    rows = [*_years(AS_IT_IS, nothing, sums, workload, paid_before, months, starts)]
    for change in changes:
        rows += _years(change.name, change, sums, workload, paid_before, months, starts)
    return SCENARIOS.frame(rows)


def _years(
    name: str, change: Scenario, sums: pd.DataFrame, workload: pd.DataFrame, paid_before: pd.DataFrame, months: Sequence[Span], starts: int
) -> Iterator[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    left = np.array([float(_by_hand(change, last)) for _, last in months])
    breaks = breaks_in(workload, workload["certificate_requests"].to_numpy(dtype=np.float64) * left) if len(workload) else ""
    for first, last in months:
        year = calendar.fiscal_year_of(first, starts)
        row = found.setdefault(
            year,
            {
                "scenario": name,
                "fiscal_year": year,
                "issuances": 0.0,
                "by_hand": 0.0,
                "units": 0.0,
                "charged_cents": 0,
                "breaks_in": breaks,
            },
        )
        month = f"{first:%Y-%m}"
        row["basis"] = _basis(change, last)
        if month in sums.index:
            _add(row, change, sums.loc[month].to_dict(), last)
    paid = _paid(change, paid_before, months)
    for row in found.values():
        _leave_out_what_is_paid(row, change, *paid.get(row["fiscal_year"], (0, 0)))
        ended = row["breaks_in"] and calendar.fiscal_year_of_month(breaks, starts) <= row["fiscal_year"]
        yield row | {"breaks_in": breaks if ended else ""}


def _add(row: dict[str, Any], change: Scenario, month: Mapping[Any, Any], last: dt.date) -> None:
    kept = _kept(change, last)
    basis = row["basis"]
    row["issuances"] += month["issuances"] * float(kept)
    row["by_hand"] += month["by_hand"] * float(_by_hand(change, last))
    row["units"] += month["drawn" if basis == "per-certificate" else "renewals"] * float(kept)
    row["charged_cents"] += half_up(int(month[CHARGED_BY[basis]]) * kept)


def _paid(change: Scenario, paid_before: pd.DataFrame, months: Sequence[Span]) -> Mapping[int, tuple[int, int]]:
    """By fiscal year the USD cents and units that orders have paid beyond the switch of a scenario; nothing without a switch."""
    since = next((f"{first:%Y-%m}" for first, last in months if _basis(change, last) != BASES[0]), "")
    of = paid_before[(paid_before["basis"] == change.basis) & (paid_before["since"] == since)]
    return {year: (cents, units) for year, cents, units in of[["fiscal_year", "paid_cents", "paid_units"]].itertuples(index=False)}


def _leave_out_what_is_paid(row: dict[str, Any], change: Scenario, cents: int, units: int) -> None:
    """Take what is paid off what is charged and drawn in a year; what is merged by then is neither. The switch comes no sooner than it."""
    kept = 1 - Fraction(change.consolidate)
    row["paid_cents"] = half_up(int(cents) * kept)
    row["paid_units"] = int(units) * float(kept)
    row["charged_cents"] -= row["paid_cents"]
    row["units"] -= row["paid_units"]


def _holds(change: Scenario, last: dt.date) -> bool:
    """Whether the change holds in the month that ends with `last`."""
    return change.since <= last


def _kept(change: Scenario, last: dt.date) -> Fraction:
    return 1 - Fraction(change.consolidate) if _holds(change, last) else Fraction(1)


def _by_hand(change: Scenario, last: dt.date) -> Fraction:
    """The share of today's requests for certificates that is left in the month that ends with `last`."""
    return _kept(change, last) * (1 - Fraction(change.automate) if _holds(change, last) else 1)


def _basis(change: Scenario, last: dt.date) -> str:
    return change.basis if (change.basis_since or change.since) <= last else "per-order"
