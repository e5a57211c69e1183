"""The sheet of the year workbook about estimates: what each agency set aside for the year, what it was billed, and what is left."""

from __future__ import annotations

import pandas as pd

from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.evidence import Tie
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.lines import optional

ESTIMATE_WORDS = (
    ("Set aside", "The estimate of the agency for the whole fiscal year, as data/entries/estimates.csv holds it."),
    ("At this pace", "What the year comes to if it goes on as from its first day until the day of the data."),
)


def write_estimates(book: Workbook, encumbrances: pd.DataFrame, fiscal_year: int) -> Grid:
    """Fill the sheet with the rows of `encumbrances` (ENCUMBRANCES) of the year, an agency each."""
    found = encumbrances[encumbrances["fiscal_year"] == fiscal_year]
    fields = [
        Field("Agency", "text", found["agency"].tolist(), absent="nobody"),
        Field("Set aside", "money", optional(found["estimate_cents"]), absent="no estimate", total=True),
        Field("Billed", "money", found["billed_cents"].tolist(), total=True),
        Field("Left", "money", optional(found["left_cents"]), absent="no estimate"),
        Field("At this pace", "money", optional(found["projected_cents"]), absent="year not begun"),
        Field("Document", "wrapped", found["document"].tolist(), absent="none named", widest=24),
    ]
    return write_grid(
        book.sheet("Estimates"),
        "Estimates",
        fields,
        about="What each agency set aside for the year, what it was billed, what is left, and what the year comes to at this pace.",
        empty="Nothing was billed in this year.",
    )


def estimates_tie(grid: Grid, encumbrances: pd.DataFrame, fiscal_year: int, year_cents: int) -> Tie:
    """What the agencies were billed is what the ledger holds of the year."""
    billed = int(encumbrances.loc[encumbrances["fiscal_year"] == fiscal_year, "billed_cents"].sum())
    return Tie("The billed amounts of Estimates add up to the entries of the year", f"=SUM({grid.reference('Billed')})", billed, year_cents)
