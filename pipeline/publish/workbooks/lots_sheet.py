"""The sheet of the year workbook about lots: what was bought in bulk, what is left, when to order, and what the vendor counts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.publish import lots_left, words
from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.lines import day_numbers, optional

LOT_WORDS = (
    ("Units in use", "Drawn from a lot and not given back to it. Their cost, with that of the units unused, is the price of the lot."),
    ("Unit cost", "What the unit drawn cost the office. For an upgrade: the dearer unit less the one given back for it."),
    (
        "Order by",
        "So many days before the last lot of the tier runs out as an order of units takes, and as the reserve of the tier lasts.",
    ),
    ("Expire soon", "Units left whose last day comes within 60 days."),
    ("Here that day", "Units left by these books at the end of the day on which the vendor counted."),
)


def write_lots(book: Workbook, lots: pd.DataFrame) -> Grid:
    """Fill the sheet with the rows of `lots` (LOTS)."""
    rows = list(lots.itertuples())
    fields = [
        Field("Lot", "wrapped", lots["lot_id"].tolist(), widest=20),
        Field("Tier", "wrapped", lots["tier"].tolist(), widest=14),
        Field("Purchased", "day", day_numbers(lots["purchased_on"])),
        Field("Bought", "whole", lots["quantity"].tolist(), total=True),
        Field("Drawn", "whole", lots["drawn"].tolist(), total=True),
        Field("Returned", "whole", lots["returned"].tolist(), total=True),
        Field("Expired", "whole", lots["expired_unused"].tolist(), total=True),
        Field("Left", "whole", lots["remaining"].tolist(), total=True),
        Field("Price", "money", lots["total_cost_cents"].tolist(), total=True),
        Field("Cost of units in use", "money", lots["drawn_cost_cents"].tolist(), total=True),
        Field("Units expire", "day", day_numbers(lots["units_expire_on"]), absent="never"),
        Field("Runs out", "day", day_numbers(lots["run_out_on"]), absent=[_no_run_out(lot) for lot in rows]),
        Field("Order by", "day", day_numbers(lots["reorder_on"]), absent=[_no_order(lot) for lot in rows]),
        Field("Note", "wrapped", [_note(lot) for lot in rows], absent="none", widest=30),
    ]
    on_screen = [
        Field("Expire soon", "whole", lots["expiring_units"].tolist(), total=True),
        Field("Asked of tier\nin 90 days", "whole", lots["pace_units"].tolist()),
        Field("Reserve\nof tier", "whole", lots["reserve_units"].tolist()),
        Field("Vendor\ncounts", "whole", optional(lots["vendor_remaining"]), absent="not told"),
        Field("Counted", "day", day_numbers(lots["vendor_remaining_on"]), absent="not told"),
        Field("Here\nthat day", "whole", optional(lots["remaining_that_day"]), absent="not compared"),
        Field("Difference", "whole", optional(lots["vendor_difference"]), absent="not compared"),
    ]
    return write_grid(
        book.sheet("Lots"),
        "Lots",
        fields,
        not_printed=on_screen,
        about="Each lot bought in bulk: units drawn, returned, expired and left, their cost, when to order, and what the vendor counts.",
        empty="No lots are entered. Put them into data/inbox/lots, and unit costs appear here.",
    )


def _no_run_out(lot: Any) -> str:
    """Why no day can be said on which a lot (a row of LOTS) runs out."""
    if lot.expired_unused:
        return "expired"
    return "nothing drawn lately" if lot.remaining else "used up"


def _no_order(lot: Any) -> str:
    """Why a lot does not say when more of its tier must be ordered."""
    return "see open lots" if lot.pace_units else "not needed"


def _note(lot: Any) -> str:
    """What the vendor counts otherwise, what an expired lot was left with, and what was drawn before these books.

    Units of an expired lot are either in use or unused, so the cost of these is the rest of its price.
    """
    said = lots_left.compared(lot)
    notes = [] if said in ("", "as here") else [f"vendor counts {said}"]
    if lot.expired_unused:
        cents = lot.total_cost_cents - lot.drawn_cost_cents
        notes.append(f"expired {lot.units_expire_on:%Y-%m-%d}, {words.count(lot.expired_unused, 'unit')} ({words.dollars(cents)}) unused")
    elif lot.drawn_before:
        notes.append(f"{words.count(lot.drawn_before, 'unit')} drawn before these books")
    return "; ".join(notes)
