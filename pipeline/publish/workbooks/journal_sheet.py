"""The sheet of the year workbook with the journal: each entry as a debit and a credit, in the fields of the state's accounting."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipeline.publish.journal_file import journal_path
from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.evidence import Tie
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.lines import NO_TIER, day_numbers
from pipeline.publish.workbooks.totals import TOTAL_NAME

JOURNAL_WORDS = (
    ("Debit, credit", "A charge debits the agency's account and credits the office's own; what is taken off does the reverse."),
    ("Fund to object", "The fields of the account on the last day of the month of posting, as data/entries/accounts.csv holds them."),
)
# Beyond this the sheet holds sums: it stays quick to write and to open, and the file has each line.
MOST_LINES = 10_000

_OFFICE, _AGENCY = "office", "agency"
_TWO_LINES = "Each entry that bills something has two lines, and debits equal credits. Reissues at $0.00 and memos bill nothing."
_FIELDS = {
    "fund": "Fund",
    "sub_fund": "Sub-fund",
    "department": "Department",
    "unit": "Unit",
    "appropriation": "Appropriation",
    "object": "Object",
}
_OF_A_SUM = ["document_id", "agency", "account_of", "account_id", *_FIELDS, "encumbrance", "is_debit"]


def write_journal(book: Workbook, journal: pd.DataFrame, fiscal_year: int) -> Grid:
    """Fill the sheet with the lines of `journal` (JOURNAL) of the year, or beyond `MOST_LINES` with their sums by document and account."""
    lines = _of_year(journal, fiscal_year)
    if len(lines) > MOST_LINES:
        return _write_sums(book, lines, fiscal_year)
    printed = [
        Field("Line", "whole", lines["line"].tolist()),
        Field("Document", "wrapped", lines["document_id"].tolist(), widest=26),
        Field("Posted", "day", day_numbers(lines["posted_on"])),
        *_account_fields(lines),
        *_amount_fields(lines),
    ]
    on_screen = [
        Field("Period", "text", lines["period"].tolist()),
        Field("Agency", "text", lines["agency"].tolist(), absent="nobody"),
        _encumbrance(lines),
        Field("Order", "text", lines["order_id"].tolist(), absent="no order number"),
        Field("Tier", "text", [tier or NO_TIER for tier in lines["tier"].tolist()]),
        Field("Kind", "text", lines["kind"].tolist()),
        Field("Proof", "text", lines["document"].tolist(), absent="by rule", widest=24),
        Field("Reason", "text", lines["reason"].tolist(), absent="none", widest=90),
        Field("Entry", "mono", lines["entry_id"].tolist()),
    ]
    return _grid(book, printed, on_screen, _TWO_LINES)


def journal_ties(grid: Grid, journal: pd.DataFrame, fiscal_year: int, year_cents: int) -> list[Tie]:
    """Debits are credits, and what is left on the accounts of the agencies is what the ledger holds of the year."""
    lines = _of_year(journal, fiscal_year)
    of_agencies = lines[lines["account_of"] == _AGENCY]
    debits, credits = int(lines["debit_cents"].sum()), int(lines["credit_cents"].sum())
    left = int(of_agencies["debit_cents"].sum() - of_agencies["credit_cents"].sum())
    debit, credit, account_of = (grid.reference(title) for title in ("Debit", "Credit", "Account of"))
    of_agency = f'SUMIFS({debit},{account_of},"{_AGENCY}")-SUMIFS({credit},{account_of},"{_AGENCY}")'
    return [
        Tie("The debits of the journal equal its credits", f"=SUM({debit})", debits, credits, f"=SUM({credit})"),
        Tie("The journal leaves on the agencies' accounts what the summary shows", f"={of_agency}", left, year_cents, f"={TOTAL_NAME}"),
    ]


def _of_year(journal: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """The lines of the year; of each two the first is the agency's, the second the office's own (`journal.journal`)."""
    lines = journal[journal["fiscal_year"] == fiscal_year]
    return lines.assign(account_of=(lines["line"] % 2).map({1: _AGENCY, 0: _OFFICE}), is_debit=lines["debit_cents"] != 0)


def _write_sums(book: Workbook, lines: pd.DataFrame, fiscal_year: int) -> Grid:
    groups = lines.groupby(_OF_A_SUM, sort=False)
    sums = groups[["debit_cents", "credit_cents"]].sum().assign(lines=groups.size()).reset_index()
    printed = [
        Field("Document", "wrapped", sums["document_id"].tolist(), widest=26),
        *_account_fields(sums),
        Field("Lines", "whole", sums["lines"].tolist(), total=True),
        *_amount_fields(sums),
    ]
    on_screen = [Field("Agency", "text", sums["agency"].tolist(), absent="nobody"), _encumbrance(sums)]
    note = f"{len(lines):,} lines, summed here by document and account. Each line stands in the file {journal_path(fiscal_year)}."
    return _grid(book, printed, on_screen, note)


def _account_fields(lines: pd.DataFrame) -> list[Field]:
    return [
        Field("Account", "wrapped", lines["account_id"].tolist(), absent="no account", widest=16),
        Field("Account of", "text", lines["account_of"].tolist()),
        *(Field(title, "wrapped", lines[name].tolist(), absent="not on file", widest=16) for name, title in _FIELDS.items()),
    ]


def _amount_fields(lines: pd.DataFrame) -> list[Field]:
    """The two sides; the one that a line is not on is empty, as in any journal."""
    return [
        Field(title, "money", [cents or None for cents in lines[name].tolist()], total=True)
        for title, name in (("Debit", "debit_cents"), ("Credit", "credit_cents"))
    ]


def _encumbrance(lines: pd.DataFrame) -> Field:
    return Field("Encumbrance", "text", lines["encumbrance"].tolist(), absent="no estimate")


def _grid(book: Workbook, printed: Sequence[Field], on_screen: Sequence[Field], note: str) -> Grid:
    return write_grid(
        book.sheet("Journal"),
        "Journal",
        printed,
        not_printed=on_screen,
        about="The entries of the year as debits and credits, with the fields of the state's accounting.",
        note=note,
        empty="Nothing was billed in this fiscal year, so nothing is booked.",
    )
