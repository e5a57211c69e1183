"""Excel workbooks: one an invoice, one a fiscal year, written with live formulas whose shown values are the ledger's (DESIGN §5), and
one for the quality of the input, one of all certificates for the security office, one of all measures for directors, one for a budget
hearing, and one that asks what the run could not know.

`cells` is the only door to XlsxWriter; `grid` lays tables out; `lines` tells the ledger in words; `evidence` holds the sheets that prove
a workbook; `totals` reads a finished one back.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipeline.contracts import Books, ContractError
from pipeline.publish.workbooks.certificates_book import write_certificates
from pipeline.publish.workbooks.frozen import freeze, write_closed, written_otherwise
from pipeline.publish.workbooks.hearing_book import HEARING_PATH, write_hearing
from pipeline.publish.workbooks.invoice import read_invoices
from pipeline.publish.workbooks.invoice_book import write_invoices
from pipeline.publish.workbooks.invoice_face import NUMBER_CELLS
from pipeline.publish.workbooks.invoice_face import SHEET as FACE_SHEET
from pipeline.publish.workbooks.line_facts import line_facts
from pipeline.publish.workbooks.lines import lines_of
from pipeline.publish.workbooks.metrics_book import write_metrics
from pipeline.publish.workbooks.quality_book import write_quality
from pipeline.publish.workbooks.questions_book import write_questions
from pipeline.publish.workbooks.totals import certificate_ties, fiscal_years, metric_ties, quality_ties, ties, total_cents
from pipeline.publish.workbooks.year_book import write_year
from pipeline.settings import Settings

__all__ = [
    "FACE_SHEET",
    "HEARING_PATH",
    "NUMBER_CELLS",
    "certificate_ties",
    "freeze",
    "invoices",
    "metric_ties",
    "quality_ties",
    "ties",
    "total_cents",
    "write_certificates",
    "write_closed",
    "write_hearing",
    "write_metrics",
    "write_quality",
    "write_questions",
    "written_otherwise",
    "years",
]


def invoices(books: Books, settings: Settings, run_id: str, as_of: dt.date, folder: Path) -> None:
    """Write the workbook of each row of `books.invoices` at its `workbook` path below `folder`.

    The same books, settings and run id give the same bytes. Raises `ContractError` where the lines of an invoice do not add up to its
    amount or its path leaves the folder, and `CellRefusedError` where a cell could not be written.
    """
    root = folder.resolve()
    told = []
    for invoice in read_invoices(books, settings, run_id, as_of):
        path = (root / invoice.workbook).resolve()
        if not path.is_relative_to(root):
            raise ContractError(f"invoices: the workbook {invoice.workbook!r} would lie outside the run folder")
        told.append((invoice, path))
    write_invoices(told)


def years(books: Books, settings: Settings, run_id: str, as_of: dt.date, folder: Path) -> list[Path]:
    """Write `finance/FY2027.xlsx` and its like below `folder` for every fiscal year, named by the calendar year it ends in, that the
    ledger has entries of; returns their paths, oldest first."""
    lines = lines_of(books.ledger, line_facts(books, settings))
    return [write_year(books, lines, settings, run_id, as_of, fiscal_year, folder) for fiscal_year in fiscal_years(books)]
