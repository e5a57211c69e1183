"""The sheet of three-way reconciliation: every disagreement of export, certificate file and request, soonest expiry first."""

from __future__ import annotations

import pandas as pd

from pipeline.calendar import local_days
from pipeline.contracts import Books
from pipeline.findings import CODES
from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.publish.workbooks.lines import ROW_OR_LINE, day_numbers, optional
from pipeline.settings import Settings

RECONCILIATION_SHEET = "Reconciliation"
# As for findings: the table reconciliation.csv has them all.
MOST_ROWS = 20_000
_YES, _NO = "yes", "no"
_ASKED = {"yes": _YES, "no": _NO, "": "cannot be told"}
_NO_CERTIFICATE = "no certificate"


def write_reconciliation(book: Workbook, books: Books, settings: Settings) -> None:
    """Every disagreement with its certificate, its request and what to do about it; of more than `MOST_ROWS` the first."""
    every = books.reconciliation
    rows = every.iloc[:MOST_ROWS]
    places = books.places.set_index("source").reindex(rows["source"])
    kinds = [CODES[name] for name in rows["class"]]
    write_grid(
        book.sheet(RECONCILIATION_SHEET),
        "Disagreements",
        [
            Field("Severity", "text", [kind.severity for kind in kinds]),
            Field("Disagreement", "wrapped", [kind.title for kind in kinds], widest=24),
            Field("Host name", "wrapped", rows["common_name"].tolist(), absent=_names_absent(rows), widest=28),
            Field("Valid to", "day", day_numbers(local_days(rows["valid_to"], settings.organization.zone)), absent=_days_absent(rows)),
            Field("Days\nleft", "whole", optional(rows["days_left"])),
            Field("Agency", "text", rows["agency"].tolist(), absent="not known"),
            Field("Order", "wrapped", rows["order_id"].tolist(), absent="no number", widest=16),
            Field("Request", "text", rows["request_id"].tolist(), absent=_requests_absent(rows)),
            Field("What disagrees", "wrapped", rows["detail"].tolist(), widest=46),
            Field("What to do", "wrapped", [kind.remedy for kind in kinds], widest=40),
        ],
        not_printed=[
            Field("File", "wrapped", places["file"].tolist(), widest=36),
            Field("Worksheet", "wrapped", places["sheet"].tolist(), absent="none", widest=16),
            Field("Row or\nline", "whole", [int(row) for row in places["row"]]),
            Field("State", "text", rows["status"].tolist(), absent=_NO_CERTIFICATE),
            Field("In an\nexport", "text", _words(rows["in_export"])),
            Field("In a certi-\nficate file", "text", _words(rows["in_file"])),
            Field("Asked for", "text", [_ASKED[word] for word in rows["asked"]]),
            Field("Code", "text", rows["class"].tolist()),
            Field("Certificate", "mono", rows["certificate"].tolist(), absent=_NO_CERTIFICATE),
        ],
        about="Every disagreement of a certificate export, a certificate file and a request, soonest expiry first.",
        note=_note(len(every)),
        empty="Exports, certificate files and requests disagree in nothing that could be compared.",
    )


def _names_absent(rows: pd.DataFrame) -> list[str]:
    return ["no name" if certificate else _NO_CERTIFICATE for certificate in rows["certificate"]]


def _days_absent(rows: pd.DataFrame) -> list[str]:
    return ["cannot be read" if certificate else _NO_CERTIFICATE for certificate in rows["certificate"]]


def _requests_absent(rows: pd.DataFrame) -> list[str]:
    return [
        "cannot be told" if in_export and not asked else "none" for in_export, asked in zip(rows["in_export"], rows["asked"], strict=True)
    ]


def _words(flags: pd.Series[bool]) -> list[str]:
    return [_YES if flag else _NO for flag in flags]


def _note(found: int) -> str:
    if found <= MOST_ROWS:
        return f"Certificates that can still be used come first, those that end soonest at the top. {ROW_OR_LINE}"
    return f"The first {MOST_ROWS:,} of {found:,}, soonest expiry first; all of them are in tables/reconciliation.csv."
