"""What each charge basis would have to cost: what a unit may cost by the rate card, and the rate that would recover the cost: PRICES.

The cost is that of the units drawn, at the price of the tier's newest lot, and the further cost of costs.csv, which is taken to stay what
it was in the newest year that the file tells of. A rate may not recover more than the cost (facts/chargeback-and-excel §0.2), so no surplus
is planned: it is the smallest one in whole cents that recovers it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.contracts import BASES, PRICES
from pipeline.forecast.bases import CHARGED_BY, DRAWN_BY, each, half_up, rate_a_term
from pipeline.forecast.months import Span
from pipeline.forecast.sites import Sites

_MONTHS_A_YEAR = 12


class _Cost(NamedTuple):
    """What a tier costs: USD cents a unit, None without a lot, and a year beside it, None where costs.csv does not tell."""

    unit: Fraction | None
    office: int | None


class _Days(NamedTuple):
    """The days of a fiscal year, and those of the forecast before it."""

    of_year: int
    before: int


def prices(
    forecast: pd.DataFrame,
    sites: Sites,
    lots: pd.DataFrame,
    costs: pd.DataFrame,
    tiers: Sequence[str],
    months: Sequence[Span],
    starts: int,
    term_days: int,
) -> pd.DataFrame:
    """PRICES of FORECAST over the fiscal years of which all months lie in it; `lots` is LOTS, `costs` COSTS.

    A unit is drawn for each certificate where each one is charged, and else for each paid term, as in `units_needed`.
    """
    rows = []
    by_tier = {tier: _cost_of(tier, lots, costs) for tier in tiers}
    years = {month: calendar.fiscal_year_of_month(month, starts) for month in forecast["month"].unique()}
    columns = forecast[["renewals", "issuances", *CHARGED_BY.values()]]
    by_year = columns.groupby([forecast["month"].map(years), forecast["tier"]]).sum().to_dict("index")
    for year, days in _whole_years(months, starts).items():
        for tier in tiers:
            sums = by_year.get((year, tier), dict.fromkeys(columns, 0)) | {"sites": _sites_of(sites, tier)}
            rows += [
                {"fiscal_year": year, "tier": tier, "basis": basis, **_price(basis, sums, by_tier[tier], days, term_days)}
                for basis in BASES
            ]
    return PRICES.frame(rows)


def _whole_years(months: Sequence[Span], starts: int) -> Mapping[int, _Days]:
    """The fiscal years with all their months, and their days."""
    counted, days = Counter[int](), Counter[int]()
    for first, last in months:
        year = calendar.fiscal_year_of(first, starts)
        counted[year] += first.day == 1
        days[year] += (last - first).days + 1
    return {
        year: _Days(days[year], sum(days[earlier] for earlier in days if earlier < year))
        for year, count in counted.items()
        if count == _MONTHS_A_YEAR
    }


def _sites_of(sites: Sites, tier: str) -> int:
    is_tier = np.array([group.tier == tier for group in sites.groups], dtype=bool)
    return int(is_tier[sites.group].sum())


def _cost_of(tier: str, lots: pd.DataFrame, costs: pd.DataFrame) -> _Cost:
    bought = lots[(lots["tier"] == tier) & (lots["quantity"] > 0)].sort_values(["purchased_on", "lot_id"], na_position="first")
    unit = Fraction(int(bought["total_cost_cents"].iloc[-1]), int(bought["quantity"].iloc[-1])) if len(bought) else None
    told = costs[costs["tier"] == tier]
    newest = told[told["fiscal_year"] == told["fiscal_year"].max()]
    return _Cost(unit, int(newest["amount_cents"].sum()) if len(newest) else None)


def _price(basis: str, sums: Mapping[Any, Any], cost: _Cost, days: _Days, term_days: int) -> dict[str, Any]:
    charged = int(sums[CHARGED_BY[basis]])
    units = int(sums[DRAWN_BY[basis]])
    sold = days.of_year * int(sums["sites"]) if basis == "per-certificate-day" else units
    office = cost.office or 0
    row = {
        "charged_cents": charged,
        "sold": sold,
        "units": units,
        "office_cost_cents": office,
        "cost_basis": "certificate cost only" if cost.office is None else "full cost",
    }
    if units:
        row["may_cost_cents"] = (charged - office) // units
    if cost.unit is None:
        return row
    full = half_up(units * cost.unit + office)
    row |= {"unit_cost_cents": half_up(cost.unit), "cost_cents": full}
    if sold:
        is_daily = basis == "per-certificate-day"
        row["rate_cents"] = rate_a_term(each(full, int(sums["sites"])), *days, term_days) if is_daily else each(full, sold)
    return row
