"""The forecast under what the settings would change: fewer certificates, more that renew themselves, another charge basis: SCENARIOS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.contracts import SCENARIOS
from pipeline.forecast.bases import CHARGED_BY, half_up
from pipeline.forecast.switches import Switches
from pipeline.forecast.work import breaks_in
from pipeline.settings import Scenario

AS_IT_IS = ""
_SUMS = ("issuances", "drawn", "by_hand", "renewals", *CHARGED_BY.values())


def scenarios(
    forecast: pd.DataFrame,
    workload: pd.DataFrame,
    changes: Sequence[Scenario],
    switches: Switches,
    starts: int,
) -> pd.DataFrame:
    """SCENARIOS of FORECAST and WORKLOAD: the forecast as it is, then each of the `changes`, in their order.

    A month counts as changed from the one that `since` lies in. What orders have paid beyond a switch of the basis, as `switches` tells it,
    is not charged again. What is merged is neither issued nor charged; what renews itself is issued
    and charged as before. Amounts are rounded half up once a month, so that a scenario without a change is the forecast to the cent.
    """
    if forecast.empty:
        return SCENARIOS.empty()
    drawn = forecast["issuances"].where(forecast["per_certificate_cents"] > 0, 0)  # no unit is drawn for what is charged to nobody
    sums = forecast.assign(drawn=drawn).groupby("month")[list(_SUMS)].sum()
    nothing = Scenario(name="as it is", since=switches.months[0][0])
    rows = [*_years(AS_IT_IS, nothing, sums, workload, switches, starts)]
    for change in changes:
        rows += _years(change.name, change, sums, workload, switches, starts)
    return SCENARIOS.frame(rows)


def _years(
    name: str, change: Scenario, sums: pd.DataFrame, workload: pd.DataFrame, switches: Switches, starts: int
) -> Iterator[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    months, paid = switches.months, _paid(change, switches)
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
                "paid_cents": 0,
                "paid_units": 0.0,
                "breaks_in": breaks,
            },
        )
        month = f"{first:%Y-%m}"
        row["basis"] = _basis(change, last)
        if month in sums.index:
            _add(row, change, sums.loc[month].to_dict(), last)
        cents, units = paid.get(month, (0, 0))
        row["paid_cents"] += cents
        row["paid_units"] += units
    for row in found.values():
        _leave_out_what_is_paid(row, change)
        ended = row["breaks_in"] and calendar.fiscal_year_of_month(breaks, starts) <= row["fiscal_year"]
        yield row | {"breaks_in": breaks if ended else ""}


def _add(row: dict[str, Any], change: Scenario, month: Mapping[Any, Any], last: dt.date) -> None:
    kept = _kept(change, last)
    basis = row["basis"]
    row["issuances"] += month["issuances"] * float(kept)
    row["by_hand"] += month["by_hand"] * float(_by_hand(change, last))
    row["units"] += month["drawn" if basis == "per-certificate" else "renewals"] * float(kept)
    row["charged_cents"] += half_up(int(month[CHARGED_BY[basis]]) * kept)


def _paid(change: Scenario, switches: Switches) -> Mapping[str, tuple[int, int]]:
    """What orders have paid beyond the switch of a scenario, by month; nothing where there is no switch in the months."""
    place = next((place for place, (_, last) in enumerate(switches.months) if _basis(change, last) != "per-order"), None)
    return {} if place is None else switches.paid(change.basis, place)


def _leave_out_what_is_paid(row: dict[str, Any], change: Scenario) -> None:
    """Take what is paid off what is charged and drawn in a year; what is merged by then is neither. The switch comes no sooner than it."""
    kept = 1 - Fraction(change.consolidate)
    row["paid_cents"] = half_up(row["paid_cents"] * kept)
    row["paid_units"] *= float(kept)
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
