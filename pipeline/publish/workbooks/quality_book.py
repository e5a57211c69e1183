"""The workbook of data quality: what was wrong with the input, where each row stands that was set aside, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.contracts import Books
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks.cells import Imprint, Workbook
from pipeline.publish.workbooks.evidence import write_about
from pipeline.publish.workbooks.quality_sheets import write_by_file, write_files, write_findings, write_set_aside, write_sources
from pipeline.publish.workbooks.quality_summary import write_what_to_do
from pipeline.publish.workbooks.reconciliation_sheet import write_reconciliation
from pipeline.publish.workbooks.totals import QUALITY_PATH
from pipeline.settings import Settings

TITLE = "Data quality"
CONTENTS = (
    "What to do: counts, the budget for bad rows, and each kind of finding with what to do about it, gravest first. Findings: every one of "
    "them with its place. Quarantined rows: each row that was set aside and not used. By file and code: how many of what in which file. "
    "Reconciliation: where exports, certificate files and requests disagree, soonest expiry first. "
    "Sources: what comes again and again, how old it is, and its rows against the run before. Files: rows in and out of each. "
    "The columns right of Done with it on Findings, and of Change on Sources, are for reading on screen; they do not print."
)
TERMS = (
    ("Finding", "One thing that a person should know about the input. It has a code, a place, a reason, and what to do about it."),
    ("Error", "The row or figure is wrong or missing until somebody acts."),
    ("Warning", "Used as it is, or with an assumption that is named; look at it."),
    ("Note", "For the record; nothing has to be done."),
    ("Quarantined", "The row was set aside and not used. Rows read are rows accepted plus rows quarantined, always."),
    ("Kept", "The row is used as far as it can be read."),
    ("Assumed", "The row is used with the assumption that the reason names."),
    ("Row or line", "The row of a worksheet, the line of a text file, the record of a JSON file, or the block of a certificate file."),
)
FOLLOW = (
    "Each finding names file, worksheet and row below the folder data. Correct the export at its source or put a corrected file beside it, "
    "then run again; the finding is gone when its cause is."
)

# Each writes one sheet, in this order; a new sheet is a function and a line here.
SheetWriter = Callable[[Workbook, Books, Settings], None]
SHEETS: tuple[SheetWriter, ...] = (
    write_what_to_do,
    write_findings,
    write_set_aside,
    write_by_file,
    write_reconciliation,
    write_sources,
    write_files,
)


def write_quality(books: Books, settings: Settings, stamp: RunStamp, folder: Path) -> Path:
    """Write `data-quality.xlsx` below the run folder and return its path; the same books give the same bytes."""
    organization, path = settings.organization, folder / QUALITY_PATH
    with Workbook(path, Imprint(organization.name, TITLE, stamp.run_id, stamp.as_of, organization.sample)) as book:
        for write_sheet in SHEETS:
            write_sheet(book, books, settings)
        write_about(book, settings.organization.service_owner, CONTENTS, TERMS, FOLLOW)
    return path
