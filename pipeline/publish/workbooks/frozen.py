"""What a close freezes of its invoices, so that they can be written again byte by byte, and the hashes of what was written then."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from pathlib import Path

import pandas as pd

from pipeline.contracts import BILLED_ORDERS, CLOSED_FACES, CLOSED_LINES, CLOSED_WORKBOOKS, Books, Closed
from pipeline.findings import Finding
from pipeline.publish.workbooks.faces import open_faces
from pipeline.publish.workbooks.invoice import closed_invoices
from pipeline.publish.workbooks.invoice_book import write_invoice
from pipeline.publish.workbooks.line_facts import line_facts
from pipeline.settings import Settings


def freeze(
    books: Books, settings: Settings, invoices: pd.DataFrame, ledger: pd.DataFrame, run_id: str, closed_by: str, closed_on: dt.date
) -> dict[str, pd.DataFrame]:
    """What the invoices of one month say beside the ledger, by the file that holds it: `lines.csv` (CLOSED_LINES), `faces.csv`
    (CLOSED_FACES), `orders.csv` (BILLED_ORDERS) and `workbooks.csv` (CLOSED_WORKBOOKS).

    `invoices` (INVOICES, numbered) and `ledger` (LEDGER) are those of the month as they are frozen, in `books` it is still open.
    `run_id` is the run that a close of these books would be.
    """
    facts = line_facts(books, settings)
    faces = open_faces(books, invoices, settings, run_id, closed_on).assign(closed_by=closed_by).astype({"closed_by": "str"})
    closed = Closed(
        ledger=ledger,
        invoices=invoices,
        lines=CLOSED_LINES.check(facts.set_index("entry_id").loc[ledger["entry_id"]].reset_index()),
        faces=CLOSED_FACES.check(faces),
        orders=BILLED_ORDERS.check(books.billed_orders[books.billed_orders["period"].isin(invoices["period"])]),
    )
    with tempfile.TemporaryDirectory() as folder:
        written = write_closed(closed, Path(folder))
    return {"lines.csv": closed.lines, "faces.csv": closed.faces, "orders.csv": closed.orders, "workbooks.csv": written}


def write_closed(closed: Closed, folder: Path) -> pd.DataFrame:
    """Write the workbooks of closed months below `folder`, from `closed` alone, and return CLOSED_WORKBOOKS: their hashes."""
    rows = []
    for invoice in closed_invoices(closed):
        write_invoice(invoice, folder / invoice.workbook)
        rows.append({"invoice_no": invoice.number, "file": invoice.workbook, "sha256": sha256(folder / invoice.workbook)})
    return CLOSED_WORKBOOKS.frame(rows)


def written_otherwise(closed: Closed, folder: Path) -> tuple[Finding, ...]:
    """A note for each closed month of which a workbook below `folder` has other bytes than the close wrote: a later version of the program,
    or of XlsxWriter, draws it otherwise. The hash that was kept stays what `verify` accepts."""
    kept = closed.workbooks.merge(closed.invoices[["invoice_no", "period"]], on="invoice_no")
    hashes = pd.Series([sha256(folder / file) for file in kept["file"]], index=kept.index, dtype="str")
    other = hashes != kept["sha256"]
    return tuple(
        Finding(
            "workbook-written-otherwise",
            f"Of the invoices of {period}, {count:,} of {len(kept[kept['period'] == period]):,} are drawn otherwise by this version of the "
            "program than at the close; their amounts are those of the ledger.",
            value=str(period),
            file=f"ledger/{period}/workbooks.csv",
        )
        for period, count in kept.loc[other, "period"].value_counts().sort_index().items()
    )


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
