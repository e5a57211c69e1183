"""How many units of bulk lots the certificates to come will draw, and from which month on today's lots no longer hold them: UNITS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.contracts import UNITS
from pipeline.forecast.bases import DRAWN_BY
from pipeline.forecast.months import Span

_DRAWING = ("per-order", "per-certificate")  # per-certificate-day draws what per-order does


def units(forecast: pd.DataFrame, lots: pd.DataFrame, tiers: Sequence[str], months: Sequence[Span], starts: int) -> pd.DataFrame:
    """UNITS of FORECAST for the `tiers`, drawn from what LOTS has left, the units first that run out first.

    A lot whose last day comes before the end of a month is empty from that month on, for the day of each draw is not known. Units that
    the vendor takes back are not foreseen.
    """
    rows = [row for tier in tiers for basis in _DRAWING for row in _years(forecast, lots, (tier, basis), months, starts)]
    return UNITS.frame(sorted(rows, key=lambda row: (row["fiscal_year"], tiers.index(row["tier"]), row["basis"] != "per-order")))


def _years(
    forecast: pd.DataFrame, lots: pd.DataFrame, key: tuple[str, str], months: Sequence[Span], starts: int
) -> Iterator[dict[str, Any]]:
    tier, basis = key
    needed = forecast[forecast["tier"] == tier].groupby("month")[DRAWN_BY[basis]].sum()
    stock = _stock(lots, tier)
    found: dict[int, dict[str, Any]] = {}
    for first, last in months:
        month = f"{first:%Y-%m}"
        year = calendar.fiscal_year_of(first, starts)
        row = found.setdefault(
            year, {"fiscal_year": year, "tier": tier, "basis": basis, "needed": 0, "from_stock": 0, "to_buy": 0, "first_short": ""}
        )
        wanted = int(needed.get(month, 0))
        drawn = _draw(stock, wanted, last)
        row["needed"] += wanted
        row["from_stock"] += drawn
        row["to_buy"] += wanted - drawn
        if wanted > drawn and not row["first_short"]:
            row["first_short"] = month
    yield from found.values()


def _stock(lots: pd.DataFrame, tier: str) -> list[list[Any]]:
    """Last day and units left of each lot of `tier`, the soonest to run out first; lots that never do come last."""
    of_tier = lots[(lots["tier"] == tier) & (lots["remaining"] > 0)]
    ends = [dt.date.max if pd.isna(day) else day.date() for day in of_tier["units_expire_on"]]
    return sorted([end, int(left)] for end, left in zip(ends, of_tier["remaining"], strict=True))


def _draw(stock: list[list[Any]], wanted: int, by: dt.date) -> int:
    """Takes up to `wanted` units off the lots that last at least until `by`, and says how many it found."""
    found = 0
    for lot in stock:
        if lot[0] >= by:
            taken = min(lot[1], wanted - found)
            lot[1] -= taken
            found += taken
    return found
