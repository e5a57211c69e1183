"""Trace: for each agency every line that it was ever invoiced, with the order, the certificate and the very row of the source file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote_plus

import pandas as pd

from pipeline.calendar import day_keys
from pipeline.publish import words
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
_INVOICE_COLUMNS = (
    Head("Month", "date"),
    Head("Account"),
    Head("Number"),
    Head("Lines", "number"),
    Head("Total, $", "number"),
    Head("Invoice", "short"),
)
_READ = [
    "entry_id", "period", "account_id", "billed_to", "common_name", "certificate", "kind", "note", "order_id", "tier", "amount_cents",
    "file", "sheet", "row", "stands",
]  # fmt: skip
_SHORT_ID = 12
_ROOM = 8_000  # less than other pages have, for there are hundreds of these


def pages(edition: Edition) -> Iterator[Page]:
    """An index, one page for each agency that was ever invoiced, and the rows of the files of the inbox."""
    ledger = edition.books.ledger
    invoices = {(row.agency, row.account_id, row.period): row for row in rows_of(edition.books.invoices)}
    codes = sorted(str(code) for code in ledger["billed_to"].unique() if code)
    rows = edition.shared(RowPages)
    yield Page("trace.md", "pages/trace.md.j2", "Trace", {"index": _index(edition, codes), "files": rows.index(), "most_rows": MOST_ROWS})
    yield from rows.pages()
    by_agency: dict[str, list[Any]] = {}
    for line in rows_of(_placed(edition)):
        by_agency.setdefault(line.billed_to, []).append(line)
    for code in codes:
        lines = by_agency[code]
        yield Page(
            f"trace/{address(code)}.md",
            "pages/trace_agency.md.j2",
            f"Trace {code}",
            {
                "code": code,
                "name": edition.agency_names.get(code, ""),
                "agency_page": f"../agencies/{address(code)}.html",
                "invoices": _invoices(edition, code, lines, invoices),
                "lines": _lines(code, lines, rows),
            },
            room=_ROOM,
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
        lead=3,
    )


def _placed(edition: Edition) -> pd.DataFrame:
    """The ledger, newest month first and each invoice in its own order, with `note`, `day`, `subject_alternative_names`, and the place of
    the row behind it."""
    names = edition.books.certificates[["certificate", "subject_alternative_names"]]
    entries = edition.noted_entries[[*_READ, "service_on"]].sort_values("period", ascending=False, kind="stable")
    named = entries.merge(names, on="certificate", how="left", validate="many_to_one").fillna({"subject_alternative_names": ""})
    return named.assign(day=day_keys(named["service_on"])).drop(columns="service_on")


def _of_invoice(line: Any) -> tuple[str, str]:
    return line.period, line.account_id


def _invoices(edition: Edition, code: str, every: Sequence[Any], invoices: dict[tuple[str, str, str], Any]) -> Grid:
    """The invoices of the agency, newest month first, each under the anchor of its period and with the way to its lines; a second account
    of the month has its account in the anchor."""
    rows: list[list[Cell]] = []
    anchors: list[str] = []
    for (period, account), lines in groupby(sorted(every, key=_of_invoice, reverse=True), _of_invoice):
        invoice = invoices.get((code, account, period))
        workbook = invoice.workbook if invoice else ""
        cents = [line.amount_cents for line in lines]
        rows.append(
            [
                edition.period_title(period),
                account or "no account entered",
                (invoice.invoice_no if invoice else "") or "Draft, numbered at the close",
                Link(words.count(len(cents)), f"?find={quote_plus(f'{period} {account}'.strip())}#lines"),
                words.amount(sum(cents)),
                download("../", workbook, "Excel") if workbook else "not yet written",
            ]
        )
        anchors.append(f"{period}-{address(account)}" if period in anchors else period)
    total = ["Total", "", "", words.count(len(every)), words.amount(sum(line.amount_cents for line in every)), ""]
    return Grid(f"Invoices of {code}, newest first", _INVOICE_COLUMNS, rows, "No invoice.", total, anchors, captioned=False, lead=4)


def _lines(code: str, every: Sequence[Any], rows: RowPages) -> Grid:
    number: Counter[tuple[str, str]] = Counter()
    cells = []
    for line in every:
        invoice = _of_invoice(line)
        number[invoice] += 1
        cells.append(_line(number[invoice], line, rows))
    total = ["Total", "", "", "", "", words.amount(sum(line.amount_cents for line in every)), "", "", ""]
    return Grid(
        f"Lines of {code}, newest month first",
        _COLUMNS,
        cells,
        "No line.",
        total,
        [f"entry-{address(line.entry_id)}" for line in every],
        things=True,
        captioned=False,
        tools=True,
        choose=("Tier", "Source file"),
        main=True,
    )


def _line(number: int, line: Any, rows: RowPages) -> list[Cell]:
    is_placed = not pd.isna(line.row)
    said = [f"sheet {line.sheet}"] if is_placed and line.sheet else []
    said += [] if line.stands else ["as it was read for the close"]
    where: Cell = "made by a rule" if not is_placed else Noted(line.file, ", ".join(said)) if said else line.file
    invoice = f"line {number} of {line.period}{f', account {line.account_id}' if line.account_id else ''}"
    entry = line.entry_id[:_SHORT_ID]
    return [
        Noted(words.host_name(line.common_name, line.subject_alternative_names) or "no name", invoice),
        line.day,
        Noted(line.kind, line.note) if line.note else line.kind,
        line.order_id or "no order number",
        line.tier,
        words.amount(line.amount_cents),
        where,
        _row(line, rows) if is_placed else "",
        Noted(entry, f"certificate {line.certificate.rpartition(':')[2][:_SHORT_ID]}") if line.certificate else entry,
    ]


def _row(line: Any, rows: RowPages) -> Cell:
    """The number of the row, leading to the row among those of its file."""
    number = words.count(int(line.row))
    href = rows.href((line.file, line.sheet, int(line.row)), "../") if line.stands else ""
    return Link(number, href) if href else number
