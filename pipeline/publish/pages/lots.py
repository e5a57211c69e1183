"""Lots: what was bought in bulk, what is left of it, and when each tier runs out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Figure, Grid, Head, Noted, Page, State

_REORDER_SOON = 60


def pages(edition: Edition) -> Iterator[Page]:
    """The page of lots."""
    lots = edition.books.lots
    yield Page(
        "lots.md",
        "pages/lots.md.j2",
        "Lots",
        {
            "sentence": _sentence(edition),
            "figures": [*(_figure(edition, tier) for tier in edition.tier_names()), _lots(lots)],
            "grid_view": _grid(edition),
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


def _figure(edition: Edition, tier: str) -> Figure:
    lots = edition.books.lots
    of_tier = lots[lots["tier"] == tier]
    left = units_left(edition, tier)
    last = of_tier["run_out_on"].max()
    if pd.isna(last):
        return Figure(
            f"{tier.capitalize()} units left", words.count(left), basis=f"of {words.count(int(of_tier['quantity'].sum()))} bought"
        )
    days = (last.date() - edition.today).days
    state: State = "near" if days <= _REORDER_SOON else "met"
    return Figure(
        f"{tier.capitalize()} units left",
        words.count(left),
        basis=f"of {words.count(int(of_tier['quantity'].sum()))} bought",
        state=state,
        word=f"at this pace until {words.day(last)}" if days >= 0 else f"ran out {words.day(last)}",
    )


def _lots(lots: pd.DataFrame) -> Figure:
    wasted = int(lots["expired_unused"].sum())
    empty = int(((lots["remaining"] <= 0) & (lots["expired_unused"] == 0)).sum())
    return Figure(
        "Lots",
        words.count(len(lots)),
        basis=f"{words.count(empty)} of them used up" if empty else "none of them used up",
        state="missed" if wasted else "plain",
        word=f"{words.count(wasted, 'unit')} expired unused" if wasted else "",
    )


def _grid(edition: Edition) -> Grid:
    ordered = edition.books.lots.sort_values(["tier", "purchased_on", "lot_id"], kind="stable")
    rows: list[list[Cell]] = [
        [
            Noted(row.lot_id, f"{row.tier}, {_until(row.units_expire_on)}"),
            words.count(row.remaining),
            _fate(edition, row),
            words.day(row.purchased_on, "not known"),
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
        Head("Bought on", "date"),
        Head("Bought", "number"),
        Head("Drawn", "number"),
    )
    columns += (Head("Returned", "number"), Head("Price, $", "number"))
    columns += (Head("Cost of units in use, $", "number"),)
    left = words.count(int(ordered["remaining"].sum()))
    sums = [words.count(int(ordered[name].sum())) for name in ("quantity", "drawn", "returned")]
    costs = [words.amount(int(ordered[name].sum())) for name in ("total_cost_cents", "drawn_cost_cents")]
    total = ["Total", left, "", "", *sums, *costs] if rows else []
    empty = "No lot has been entered yet: put lots into data/inbox/lots."
    return Grid("Lots, oldest first in each tier", columns, rows, empty, total, things=True)


def _drawn(lot: Any) -> Cell:
    drawn = words.count(lot.drawn)
    return Noted(drawn, f"{words.count(lot.drawn_before)} before these books") if lot.drawn_before else drawn


def _until(last_day: pd.Timestamp) -> str:
    return "no last day" if pd.isna(last_day) else f"until {words.day(last_day)}"


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
