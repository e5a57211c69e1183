"""What is left of each tier and when more must be ordered, and how the vendor's count compares with ours: for pages and workbooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.publish import words


@dataclass(frozen=True, slots=True)
class Stock:
    """One tier: units bought, left, expiring within 60 days, asked for in 90 days and kept in reserve; a day is None where unknown."""

    tier: str
    bought: int
    left: int
    expiring: int
    asked: int
    reserve: int
    runs_out_on: dt.date | None
    order_on: dt.date | None


def by_tier(lots: pd.DataFrame, tiers: Iterable[str]) -> Iterator[Stock]:
    """The stock of each of `tiers`, in their order; `lots` is the table LOTS."""
    for tier in tiers:
        of_tier = lots[lots["tier"] == tier]
        bought, left, expiring = (int(of_tier[name].sum()) for name in ("quantity", "remaining", "expiring_units"))
        asked, reserve = (0 if of_tier.empty else int(of_tier[name].iloc[0]) for name in ("pace_units", "reserve_units"))
        yield Stock(tier, bought, left, expiring, asked, reserve, _last(of_tier["run_out_on"]), _last(of_tier["reorder_on"]))


def to_order(lots: pd.DataFrame, tiers: Iterable[str], today: dt.date, lead_days: int) -> list[tuple[dt.date, Stock]]:
    """The tiers of which more must be ordered at the latest as many days from `today` as an order takes, each with that day."""
    latest = today + dt.timedelta(days=lead_days)
    return [(stock.order_on, stock) for stock in by_tier(lots, tiers) if stock.order_on is not None and stock.order_on <= latest]


def order_on(first_short: str, verdict: dt.date | None, lead_days: int) -> dt.date | None:
    """By when units must be ordered that the forecast needs from the month `first_short` (YYYY-MM, "" if none) on: so many days before it
    as an order takes, or on the day that LOTS tells of the tier at today's pace, whichever is earlier; None where neither asks for any."""
    needed = [dt.date.fromisoformat(f"{first_short}-01") - dt.timedelta(days=lead_days)] if first_short else []
    return min([*needed, *([verdict] if verdict else [])], default=None)


def compared(lot: Any) -> str:
    """How the vendor's count of a lot (a row of LOTS) compares with ours of that day; '' where it cannot be compared."""
    if pd.isna(lot.vendor_difference):
        return ""
    difference = int(lot.vendor_difference)
    if not difference:
        return "as here"
    return f"{words.count(abs(difference))} {'more' if difference > 0 else 'fewer'} than here"


def _last(days: pd.Series[Any]) -> dt.date | None:
    last = days.max()
    return None if pd.isna(last) else last.date()
