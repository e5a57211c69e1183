"""Trace: for each invoice, every line with the order, the certificate and the very row of the source file that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.chargeback import in_invoice_order
from pipeline.publish import words
from pipeline.publish.line_notes import notes
from pipeline.publish.line_places import placed
from pipeline.publish.pages.edition import Edition, address, download, rows_of
from pipeline.publish.pages.trace_rows import MOST_ROWS, RowPages
from pipeline.publish.parts import Cell, Grid, Head, Link, Noted, Page

_COLUMNS = (
    Head("Host name", "code"),
    Head("Service day", "date"),
    Head("What", "name"),
    Head("Order", "short"),
    Head("Tier", "short"),
    Head("Amount, $", "number"),
    Head("Source file", "path"),
    Head("Row or line", "number"),
    Head("Entry", "code"),
)
_SHORT_ID = 12


def pages(edition: Edition) -> Iterator[Page]:
    """An index, one page for each agency that was ever invoiced, and the rows of the files of the inbox."""
    ledger = edition.books.ledger
    every = _placed(edition)
    invoices = {(row.agency, row.account_id, row.period): row for row in rows_of(edition.books.invoices)}
    codes = sorted(str(code) for code in ledger["billed_to"].unique() if code)
    rows = RowPages(edition)
    yield Page("trace.md", "pages/trace.md.j2", "Trace", {"index": _index(edition, codes), "files": rows.index(), "most_rows": MOST_ROWS})
    yield from rows.pages()
    by_agency = {str(code): lines for code, lines in every.groupby("billed_to", sort=False)}
    for code in codes:
        yield Page(
            f"trace/{address(code)}.md",
            "pages/trace_agency.md.j2",
            f"Trace {code}",
            {
                "code": code,
                "name": edition.agency_names.get(code, ""),
                "agency_page": f"../agencies/{address(code)}.html",
                "sections": list(_sections(edition, code, by_agency[code], invoices, rows)),
            },
        )


def _index(edition: Edition, codes: list[str]) -> Grid:
    by_agency = edition.books.ledger.groupby("billed_to")
    lines, months = by_agency.size().to_dict(), by_agency["period"].nunique().to_dict()
    rows: list[list[Cell]] = [
        [Link(code, f"trace/{address(code)}.html"), edition.agency_names.get(code, ""), words.count(months[code]), words.count(lines[code])]
        for code in codes
    ]
    return Grid(
        "Agencies with invoices",
        (Head("Agency"), Head("Name", "name"), Head("Months", "number"), Head("Ledger lines", "number")),
        rows,
        "Nothing has been charged yet, so there is nothing to trace.",
    )


def _placed(edition: Edition) -> pd.DataFrame:
    """The ledger, newest month first and each invoice in its own order, with `note`, `other_names` and the place of the row behind it."""
    ledger = in_invoice_order(edition.books.ledger)
    ledger["note"] = pd.Series(notes(ledger, edition.starts), index=ledger.index, dtype="str")
    names = edition.books.certificates[["certificate", "subject_alternative_names"]]
    ledger = ledger.merge(names, on="certificate", how="left", validate="many_to_one").fillna({"subject_alternative_names": ""})
    return placed(ledger, edition.books).sort_values("period", ascending=False, kind="stable")


def _sections(
    edition: Edition, code: str, every: pd.DataFrame, invoices: dict[tuple[str, str, str], Any], rows: RowPages
) -> Iterator[dict[str, Any]]:
    """One section an invoice, under the anchor of its period; a second account of the month has its account in the anchor."""
    seen: set[str] = set()
    for names, lines in every.groupby(["period", "account_id"], sort=False):
        period, account = (str(name) for name in names)
        invoice = invoices.get((code, account, period))
        workbook = invoice.workbook if invoice else ""
        cents = int(lines["amount_cents"].sum())
        yield {
            "anchor": f"{period}-{address(account)}" if period in seen else period,
            "account": account,
            "title": edition.period_title(period),
            "number": (invoice.invoice_no if invoice else "") or "Draft, numbered at the close",
            "workbook": download("../", workbook, "the invoice in Excel") if workbook else None,
            "total": words.dollars(cents),
            "grid": Grid(
                f"Lines of {edition.period_title(period)}" + (f", account {account}" if account else ""),
                _COLUMNS,
                [_line(number, row, rows) for number, row in enumerate(rows_of(lines), 1)],
                "No line.",
                ["Total", "", "", "", "", words.amount(cents), "", "", ""],
                [f"entry-{address(entry)}" for entry in lines["entry_id"]],
                things=True,
                captioned=False,
            ),
        }
        seen.add(period)


def _line(number: int, line: Any, rows: RowPages) -> list[Cell]:
    said = [f"sheet {line.sheet}"] if line.sheet and not pd.isna(line.file) else []
    said += [] if line.stands else ["as it was read for the close"]
    where: Cell = "made by a rule" if pd.isna(line.file) else Noted(line.file, ", ".join(said)) if said else line.file
    return [
        Noted(words.host_name(line.common_name, line.subject_alternative_names) or "no name", f"line {number} of the invoice"),
        words.day(line.service_on),
        Noted(line.kind, line.note) if line.note else line.kind,
        line.order_id or "no order number",
        line.tier,
        words.amount(line.amount_cents),
        where,
        _row(line, rows),
        Noted(line.entry_id[:_SHORT_ID], f"certificate {line.certificate.rpartition(':')[2][:_SHORT_ID]}"),
    ]


def _row(line: Any, rows: RowPages) -> Cell:
    """The number of the row, leading to the row among those of its file."""
    if pd.isna(line.row):
        return ""
    number = words.count(int(line.row))
    href = rows.href((line.file, line.sheet, int(line.row)), "../") if line.stands else ""
    return Link(number, href) if href else number
