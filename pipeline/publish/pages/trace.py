"""Trace: for each invoice, every line with the order, the certificate and the very row of the source file that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, address, download, rows_of
from pipeline.publish.parts import Cell, Grid, Head, Link, Noted, Page

_COLUMNS = (
    Head("Host name", "code"),
    Head("Service day", "date"),
    Head("What", "name"),
    Head("Order", "short"),
    Head("Tier", "short"),
    Head("Amount, $", "number"),
    Head("Source file", "path"),
    Head("Row", "number"),
    Head("Entry", "code"),
)
_SHORT_ID = 12


def pages(edition: Edition) -> Iterator[Page]:
    """An index, and one page for each agency that was ever invoiced."""
    ledger = edition.books.ledger.rename(columns={"class": "posting_class"})
    placed = ledger.merge(edition.books.places, on="source", how="left", validate="many_to_one")
    placed = placed.sort_values(["period", "account_id", "service_on", "entry_id"], ascending=[False, True, True, True], kind="stable")
    invoices = {(row.agency, row.account_id, row.period): row for row in rows_of(edition.books.invoices)}
    codes = sorted(str(code) for code in ledger["billed_to"].unique() if code)
    yield Page("trace.md", "pages/trace.md.j2", "Trace", {"index": _index(edition, codes)})
    charges = _charges_named(edition)
    by_agency = {str(code): lines for code, lines in placed.groupby("billed_to", sort=False)}
    for code in codes:
        yield Page(
            f"trace/{address(code)}.md",
            "pages/trace_agency.md.j2",
            f"Trace {code}",
            {
                "code": code,
                "name": edition.agency_names.get(code, ""),
                "agency_page": f"../agencies/{address(code)}.html",
                "sections": list(_sections(edition, code, by_agency[code], invoices, charges)),
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


def _charges_named(edition: Edition) -> dict[str, str]:
    """Entries that another one takes back, by their id: the order and the period that people know them by."""
    ledger = edition.books.ledger
    meant = ledger[ledger["entry_id"].isin(set(ledger["reverses"]) - {""})]
    return {row.entry_id: f"order {row.order_id or 'without number'} in {edition.period_title(row.period)}" for row in rows_of(meant)}


def _sections(
    edition: Edition, code: str, placed: pd.DataFrame, invoices: dict[tuple[str, str, str], Any], charges: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """One section an invoice, under the anchor of its period; a second account of the month has its account in the anchor."""
    seen: set[str] = set()
    for names, lines in placed.groupby(["period", "account_id"], sort=False):
        period, account = (str(name) for name in names)
        invoice = invoices.get((code, account, period))
        workbook = invoice.workbook if invoice else ""
        total = words.dollars(int(lines["amount_cents"].sum()))
        yield {
            "anchor": f"{period}-{address(account)}" if period in seen else period,
            "account": account,
            "title": edition.period_title(period),
            "number": (invoice.invoice_no if invoice else "") or "Draft, numbered at the close",
            "workbook": download("../", workbook, "the invoice in Excel") if workbook else None,
            "total": total,
            "grid": Grid(
                f"Lines of {edition.period_title(period)}" + (f", account {account}" if account else ""),
                _COLUMNS,
                [_line(row, charges) for row in rows_of(lines)],
                "No line.",
                ["Total", "", "", "", "", total.replace("$", ""), "", "", ""],
                [f"entry-{address(entry)}" for entry in lines["entry_id"]],
                things=True,
                captioned=False,
            ),
        }
        seen.add(period)


def _line(line: Any, charges: dict[str, str]) -> list[Cell]:
    takes_back = f"takes back the charge for {charges[line.reverses]}" if line.reverses in charges else ""
    remark = ", ".join(part for part in (line.reason, line.posting_class, takes_back) if part)
    where: Cell = "made by a rule" if pd.isna(line.file) else Noted(line.file, f"sheet {line.sheet}") if line.sheet else line.file
    return [
        line.common_name or "no name",
        words.day(line.service_on),
        Noted(line.kind, remark) if remark else line.kind,
        line.order_id or "no order number",
        line.tier,
        words.dollars(line.amount_cents).replace("$", ""),
        where,
        "" if pd.isna(line.row) else words.count(int(line.row)),
        Noted(line.entry_id[:_SHORT_ID], f"certificate {line.certificate.rpartition(':')[2][:_SHORT_ID]}"),
    ]
