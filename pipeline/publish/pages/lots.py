"""Lots: what was bought in bulk, what is left of it, and when each tier runs out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.publish import lots_left, words
from pipeline.publish.lots_left import Stock
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Figure, Grid, Head, Noted, Page, State

_OLDEST_FIRST = "Lots, oldest first in each tier"


def pages(edition: Edition) -> Iterator[Page]:
    """The page of lots."""
    lots = edition.books.lots
    stocks = list(lots_left.by_tier(lots, edition.tier_names()))
    yield Page(
        "lots.md",
        "pages/lots.md.j2",
        "Lots",
        {
            "sentence": _sentence(edition),
            "figures": [*(_figure(edition, stock) for stock in stocks), _lots(lots)],
            "tiers": _tiers(edition, stocks),
            "grid_view": _grid(edition),
            "heading": _OLDEST_FIRST,
            "lead_days": edition.settings.lots.lead_days,
            "safety": edition.settings.lots.safety,
            "foot": foot(edition, ("lots",), "lots", len(lots)),
        },
    )


def units_left(edition: Edition, tier: str) -> int:
    """Units of the tier that can still be drawn."""
    lots = edition.books.lots
    return int(lots.loc[lots["tier"] == tier, "remaining"].sum())


def _sentence(edition: Edition) -> str:
    lots = edition.books.lots
    if lots.empty:
        return "No lot has been entered yet."
    left = [f"{words.count(units_left(edition, tier))} {tier}" for tier in edition.tier_names()]
    return f"{' and '.join(left)} units are left of {words.count(len(lots), 'lot')}."


def _figure(edition: Edition, stock: Stock) -> Figure:
    name, bought = f"{stock.tier.capitalize()} units left", f"of {words.count(stock.bought)} bought" if stock.bought else "none was bought"
    expiring = f"{words.count(stock.expiring)} of them expire within 60 days" if stock.expiring else ""
    if stock.order_on is None:
        return Figure(name, words.count(stock.left), basis=bought, change=expiring)
    word = f"order more by {words.day(stock.order_on)}" if stock.order_on > edition.today else "order more now"
    return Figure(name, words.count(stock.left), basis=bought, change=expiring, state=order_state(edition, stock.order_on), word=word)


def order_state(edition: Edition, order_on: dt.date) -> State:
    """How pressing it is to order by that day: overdue, within the days that an order takes, or later."""
    days = (order_on - edition.today).days
    if days <= 0:
        return "missed"
    return "near" if days <= edition.settings.lots.lead_days else "met"


def _tiers(edition: Edition, stocks: list[Stock]) -> Grid:
    rows: list[list[Cell]] = [
        [
            stock.tier,
            words.count(stock.left),
            words.count(stock.expiring),
            words.count(stock.asked),
            words.count(stock.reserve),
            _day(edition, stock.runs_out_on, "nothing left" if not stock.left else "nothing drawn in 90 days"),
            _order(edition, stock),
        ]
        for stock in stocks
        if stock.bought
    ]
    columns: tuple[Head, ...] = (
        Head("Tier"),
        Head("Units left", "number"),
        Head("Expire within 60 days", "number"),
        Head("Asked for in 90 days", "number"),
        Head("Reserve", "number"),
        Head("Run out", "stacked"),
        Head("Order more by", "stacked"),
    )
    return Grid("When to order more of each tier", columns, rows, "No lot has been entered yet.", things=True, captioned=False)


def _day(edition: Edition, day: dt.date | None, unknown: str) -> Cell:
    return unknown if day is None else Noted(words.day(day), words.in_days((day - edition.today).days))


def _order(edition: Edition, stock: Stock) -> Cell:
    if stock.order_on is None:
        return "not needed at this pace"
    return Noted(words.day(stock.order_on), words.in_days((stock.order_on - edition.today).days), order_state(edition, stock.order_on))


def _lots(lots: pd.DataFrame) -> Figure:
    wasted = int(lots["expired_unused"].sum())
    empty = int(((lots["remaining"] <= 0) & (lots["expired_unused"] == 0)).sum())
    return Figure(
        "Lots",
        words.count(len(lots)),
        basis=f"{words.count(empty)} of them used up" if empty else "none of them used up" if len(lots) else "none was entered",
        state="missed" if wasted else "plain",
        word=f"{words.count(wasted, 'unit')} expired unused" if wasted else "",
    )


def _grid(edition: Edition) -> Grid:
    ordered = edition.books.lots.sort_values(["tier", "purchased_on", "lot_id"], kind="stable")
    rows: list[list[Cell]] = [
        [
            Noted(row.lot_id, row.tier),
            words.count(row.remaining),
            _fate(edition, row),
            _vendor(row),
            Noted(words.day(row.purchased_on), _until(row.units_expire_on)),
            words.count(row.quantity),
            _drawn(row),
            words.count(row.returned),
            words.amount(row.total_cost_cents),
            words.amount(row.drawn_cost_cents),
        ]
        for row in rows_of(ordered)
    ]
    columns: tuple[Head, ...] = (
        Head("Lot", "stacked"),
        Head("Left", "number"),
        Head("Runs out or expired", "stacked"),
        Head("Vendor counts", "stacked"),
        Head("Bought on", "stacked"),
        Head("Bought", "number"),
        Head("Drawn", "number"),
    )
    columns += (Head("Returned", "number"), Head("Price, $", "number"))
    columns += (Head("Cost of units in use, $", "number"),)
    left = words.count(int(ordered["remaining"].sum()))
    sums = [words.count(int(ordered[name].sum())) for name in ("quantity", "drawn", "returned")]
    costs = [words.amount(int(ordered[name].sum())) for name in ("total_cost_cents", "drawn_cost_cents")]
    total = ["Total", left, "", "", "", *sums, *costs] if rows else []
    empty = "No lot has been entered yet: put lots into data/inbox/lots."
    return Grid(_OLDEST_FIRST, columns, rows, empty, total, things=True, captioned=False)


def _vendor(lot: Any) -> Cell:
    """The vendor's own count, and how it compares with ours of that day."""
    if pd.isna(lot.vendor_remaining):
        return "not told"
    said = lots_left.compared(lot)
    when = f" on {words.day(lot.vendor_remaining_on)}" if not pd.isna(lot.vendor_remaining_on) else ""
    return Noted(words.count(int(lot.vendor_remaining)), f"{said or 'not compared'}{when}", "near" if "than" in said else "plain")


def _drawn(lot: Any) -> Cell:
    drawn = words.count(lot.drawn)
    return Noted(drawn, f"{words.count(lot.drawn_before)} before these books") if lot.drawn_before else drawn


def _until(last_day: pd.Timestamp) -> str:
    return "units never expire" if pd.isna(last_day) else f"expire {words.day(last_day)}"


def _fate(edition: Edition, lot: Any) -> Cell:
    """When the lot runs out at today's pace, or how it ended; units that expired are told with what they had cost."""
    if lot.expired_unused:
        lost = words.dollars(lot.total_cost_cents - lot.drawn_cost_cents)
        return Noted(f"expired {words.day(lot.units_expire_on)}", f"{words.count(lot.expired_unused, 'unit')} ({lost}) unused", "missed")
    if lot.remaining <= 0:
        return "used up"
    if pd.isna(lot.run_out_on):
        return "nothing drawn in 90 days"
    return Noted(words.day(lot.run_out_on), words.in_days((lot.run_out_on.date() - edition.today).days))
