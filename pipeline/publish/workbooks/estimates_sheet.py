"""The sheet of the year workbook about estimates: what each agency set aside for the year, what it was billed, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.publish import words
from pipeline.publish.workbooks import styles
from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.evidence import Tie
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.lines import optional

ESTIMATE_WORDS = (
    ("Set aside", "The estimate of the agency for the whole fiscal year, as data/entries/estimates.csv holds it."),
    ("At this pace", "What the year comes to if it goes on as from its first day until the day of the data."),
    ("At year end", "Whether that keeps within what was set aside, or by how much it is over."),
)
_OVER, _WITHIN = words.SIGNS["missed"], words.SIGNS["met"]


def write_estimates(book: Workbook, encumbrances: pd.DataFrame, fiscal_year: int, names: Mapping[str, str]) -> Grid:
    """Fill the sheet with the rows of `encumbrances` (ENCUMBRANCES) of the year, an agency each; `names` are the agencies' by code.

    Left and pace have a total only where every agency has one: a sum of some would be read as the sum of all.
    """
    found = encumbrances[encumbrances["fiscal_year"] == fiscal_year]
    left, pace = optional(found["left_cents"]), optional(found["projected_cents"])
    fields = [
        Field("Code", "text", found["agency"].tolist(), absent="nobody"),
        Field("Agency", "wrapped", [names.get(agency, "") for agency in found["agency"].tolist()], absent="no name on file", widest=40),
        Field("Set aside", "money", optional(found["estimate_cents"]), absent="no estimate", total=True),
        Field("Billed", "money", found["billed_cents"].tolist(), total=True),
        Field("Left", "money", left, absent="no estimate", total=None not in left),
        Field("At this pace", "money", pace, absent="year not begun", total=None not in pace),
        Field("At year end", "text", [_outlook(row) for row in found.itertuples()], absent="not known"),
        Field("Document", "wrapped", found["document"].tolist(), absent="none named", widest=24),
    ]
    sheet = book.sheet("Estimates")
    grid = write_grid(
        sheet,
        "Estimates",
        fields,
        about="What each agency set aside for the year, what it was billed, what is left, and what the year comes to at this pace.",
        empty="Nothing was billed in this year.",
    )
    for state, sign in ((styles.MISSED, _OVER), (styles.MET, _WITHIN)):
        look = {"type": "text", "criteria": "begins with", "value": sign, "format": book.file.add_format({"font_color": state})}
        sheet.raw.conditional_format(grid.first_row, grid.columns["At year end"], grid.last_row, grid.columns["At year end"], look)
    return grid


def _outlook(row: Any) -> str:
    """Whether the year at this pace keeps within what was set aside; '' where one of the two is not known."""
    if pd.isna(row.estimate_cents) or pd.isna(row.projected_cents):
        return ""
    over = int(row.projected_cents) - int(row.estimate_cents)
    return f"{_OVER} over by {words.dollars(over)}" if over > 0 else f"{_WITHIN} within"


def estimates_tie(grid: Grid, encumbrances: pd.DataFrame, fiscal_year: int, year_cents: int) -> Tie:
    """What the agencies were billed is what the ledger holds of the year."""
    billed = int(encumbrances.loc[encumbrances["fiscal_year"] == fiscal_year, "billed_cents"].sum())
    return Tie("The billed amounts of Estimates add up to the entries of the year", f"=SUM({grid.reference('Billed')})", billed, year_cents)
