"""The sheet of the year workbook about recovery: what each tier recovered of its cost in the year."""

from __future__ import annotations

import pandas as pd

from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.evidence import Tie
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.lines import NO_TIER, day_numbers, optional

RECOVERY_WORDS = (
    (
        "Closing",
        "Opening and net, less units drawn, units unused and other cost. It opens the next year; tiers are never netted.",
    ),
    ("Reserve", "At most 60 days of the year's cost may be kept."),
    ("Carry-forward", "At most 5 % of what was charged after credits may be carried over; it stands for what was authorised."),
    ("Proposed rate", "A proposal: the year's cost less what is over at its end, for as many orders. People decide the next rate."),
)
_NOT_JUDGED = "full cost not known"


def write_recovery(book: Workbook, recovery: pd.DataFrame, fiscal_year: int) -> Grid:
    """Fill the sheet with the rows of `recovery` (RECOVERY) of the year, a tier each."""
    found = recovery[recovery["fiscal_year"] == fiscal_year]
    full = (found["basis"] == "full cost").tolist()
    other = [cents if known else None for cents, known in zip(found["office_cost_cents"].tolist(), full, strict=True)]
    net = (found["charged_cents"] + found["credited_cents"]).tolist()
    printed = [
        Field("Tier", "text", [tier or NO_TIER for tier in found["tier"].tolist()]),
        Field("Opening", "money", found["opening_cents"].tolist()),
        Field("Charged", "money", found["charged_cents"].tolist(), total=True),
        Field("Credited", "money", found["credited_cents"].tolist(), total=True),
        Field("Net", "money", net, total=True),
        Field("Units drawn", "money", found["cost_cents"].tolist(), total=True),
        Field("Units unused", "money", found["unused_cents"].tolist(), total=True),
        Field("Other cost", "money", other, absent="not known"),
        Field("Closing", "money", found["closing_cents"].tolist()),
    ]
    on_screen = [
        Field("Orders", "whole", found["orders"].tolist()),
        Field("Without\nunit cost", "whole", found["without_cost"].tolist()),
        Field("60 days of cost", "money", optional(found["reserve_limit_cents"]), absent=_NOT_JUDGED),
        Field("Reserve", "text", found["reserve"].tolist(), absent="not judged"),
        Field("5 % of charges", "money", optional(found["carry_limit_cents"]), absent=_NOT_JUDGED),
        Field("Carry-forward", "text", found["carry_forward"].tolist(), absent="not judged"),
        Field("Rate since", "day", day_numbers(found["rate_since"]), absent="no rate"),
        Field("Proposed rate", "money", optional(found["proposed_rate_cents"]), absent="no proposal"),
    ]
    return write_grid(
        book.sheet("Recovery"),
        "Recovery",
        printed,
        not_printed=on_screen,
        about="What each tier recovered of its cost in the year, and what it carries into the next one.",
        note="Tiers are never netted, so opening and closing have no total.",
        empty="Nothing was charged or drawn in this year.",
    )


def recovery_tie(grid: Grid, recovery: pd.DataFrame, fiscal_year: int, year_cents: int) -> Tie:
    """The net of all tiers is what the ledger holds of the year."""
    found = recovery[recovery["fiscal_year"] == fiscal_year]
    net = int((found["charged_cents"] + found["credited_cents"]).sum())
    return Tie("The net amounts of Recovery add up to the entries of the year", f"=SUM({grid.reference('Net')})", net, year_cents)
