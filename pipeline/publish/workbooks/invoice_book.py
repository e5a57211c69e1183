"""One workbook an invoice: the first sheet, and behind it everything that proves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from pipeline.engine import Chunk, ChunkError, Engine
from pipeline.engine.local import Local
from pipeline.publish.workbooks.cells import Imprint, Workbook
from pipeline.publish.workbooks.completeness_sheet import OUTCOME_WORDS, completeness_ties, write_completeness
from pipeline.publish.workbooks.evidence import WORDS, Tie, write_about, write_checks, write_rates
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.invoice import Invoice
from pipeline.publish.workbooks.invoice_face import SHEET, write_face
from pipeline.publish.workbooks.lines import (
    ROW_OR_LINE,
    Lines,
    certificate_place_fields,
    charge_fields,
    decision_fields,
    identity_fields,
    place_fields,
)
from pipeline.publish.workbooks.totals import TOTAL_NAME
from pipeline.uncollected import uncollected

# A process takes a second of a core to start, a workbook a fiftieth.
PROCESSES_ABOVE = 300  # workbooks
_TOGETHER = 25
_WRITTEN = pa.schema([("path", pa.string())])
CONTENTS = (
    "Invoice: the sheet to print or mail. Lines: one row an entry of the ledger. "
    "Adjustments, where there are any: what changes a charge, why and by whom, what is late, and what corrects an earlier invoice. "
    "Rates used: the lines of the rate card behind them. Sources: the row of the input file that each line comes from. "
    "Completeness: each order of the month and what became of it. Checks: what must agree, calculated live. "
    "The columns right of Amount on Lines, Entry on Sources and the file and row on Completeness are for reading on screen; "
    "they do not print."
)


def write_invoices(told: Sequence[tuple[Invoice, Path]], engine: Engine | None = None, together: int = _TOGETHER) -> None:
    """Write the workbook of each invoice to its path, in processes of this machine where there are many; the bytes are the same.

    Raises `CellRefusedError` as `write_invoice` does, and `OSError` where a workbook could not be written.
    """
    batches = [tuple(told[first : first + together]) for first in range(0, len(told), together)]
    chunks = [Chunk(batch, len(batch)) for batch in batches]
    for outcome in (engine or Local(above=PROCESSES_ABOVE)).map_chunks(_write_some, chunks, _WRITTEN):
        if isinstance(outcome, ChunkError):
            raise OSError("the process that wrote a workbook was ended")


def _write_some(told: tuple[tuple[Invoice, Path], ...]) -> pa.Table:
    with uncollected():  # or each workbook ends in a search through all that is there
        for invoice, path in told:
            write_invoice(invoice, path)
    return pa.table({"path": [str(path) for _, path in told]}, schema=_WRITTEN)


def write_invoice(invoice: Invoice, path: Path) -> None:
    """Write the workbook of one invoice to `path`; the same invoice always gives the same bytes."""
    with Workbook(path, Imprint(invoice.organization, invoice.title, invoice.run_id, invoice.as_of, invoice.sample)) as book:
        front = book.sheet(SHEET, portrait=True)
        lines = _write_lines(book, invoice.lines)
        listed = write_face(front, invoice, lines)
        changes = _write_adjustments(book, invoice.lines)
        write_rates(book, invoice.lines)
        sources = _write_sources(book, invoice.lines)
        complete = write_completeness(book, invoice)
        write_checks(book, [*_ties(invoice, lines, sources, changes, listed), *completeness_ties(invoice, complete, lines)])
        write_about(book, invoice.service_owner, CONTENTS, (*WORDS, *OUTCOME_WORDS), program=invoice.program, more=_where_from(invoice))


def _where_from(invoice: Invoice) -> list[tuple[str, str]]:
    """Who closed the month, and what was read."""
    said = "SHA-256 of the list of all input files with their own SHA-256, as the command sha256sum writes it, sorted by path"
    closed = [("Closed", f"{invoice.as_of.isoformat()} by {invoice.closed_by}")] if not invoice.is_draft else []
    return [*closed, ("Snapshot", f"{invoice.snapshot} ({said})")]


def _write_lines(book: Workbook, lines: Lines) -> Grid:
    return write_grid(
        book.sheet("Lines"),
        "InvoiceLines",
        [_numbers(lines), *charge_fields(lines)],
        not_printed=identity_fields(lines),
        about="One row for each entry of the ledger on this invoice, with its certificate, rate and amount.",
    )


def _is_change(lines: Lines) -> list[bool]:
    """Which lines are more than a charge of their own month: credits, decisions, late items, corrections."""
    return [kind != "charge" or bool(group) for kind, group in zip(lines["kind"], lines["class"], strict=True)]


def _write_adjustments(book: Workbook, lines: Lines) -> Grid | None:
    """The lines that change what was charged; None, and no sheet, where there is none."""
    changed = _is_change(lines)
    if not any(changed):
        return None
    return write_grid(
        book.sheet("Adjustments"),
        "Adjustments",
        [Field("Line", "whole", [number for number, is_one in enumerate(changed, 1) if is_one]), *decision_fields(lines.where(changed))],
        about="Each credit, adjustment, memo, late item and correction of this invoice, why it was made and who approved it.",
    )


def _write_sources(book: Workbook, lines: Lines) -> Grid:
    fields = [
        _numbers(lines),
        Field("Order", "wrapped", lines["order_id"], absent="no order number", widest=22),
        *place_fields(lines),
        *certificate_place_fields(lines),
    ]
    return write_grid(
        book.sheet("Sources"),
        "LineSources",
        fields,
        not_printed=[Field("Entry", "mono", lines["entry_id"])],
        about="The input row, and the certificate file, behind each line.",
        note=ROW_OR_LINE,
    )


def _numbers(lines: Lines) -> Field:
    return Field("Line", "whole", range(1, len(lines) + 1))


def _ties(invoice: Invoice, lines: Grid, sources: Grid, changes: Grid | None, listed: str) -> list[Tie]:
    """What must agree in this workbook; the wanted side of the second and third comes from the table of invoices."""
    count, cents = len(invoice.lines), invoice.lines.total_cents
    placed = sum(row is not None for row in invoice.lines["row"])
    amounts = lines.reference("Amount")
    ties = [
        Tie("The lines add up to the total of the first sheet", f"=SUM({amounts})", cents, invoice.amount_cents, f"={TOTAL_NAME}"),
        Tie("The total of the first sheet is the ledger's for this account and month", f"={TOTAL_NAME}", cents, invoice.amount_cents),
        Tie("Each ledger entry of this account and month is a line", f"=COUNT({amounts})", count, count, money=False),
        Tie("The amounts by rate add up to the total", "=SUM(RatesUsed[Amount])", cents, invoice.amount_cents, f"={TOTAL_NAME}"),
        Tie("Each line has its row in an input file", f"=COUNT({sources.reference('Row or line')})", placed, count, money=False),
    ]
    if changes is not None:
        changed = invoice.lines.where(_is_change(invoice.lines)).total_cents
        summed = f"=SUM({changes.reference('Amount')})"
        ties.append(Tie("The adjustments are the ledger's entries that are no charge of this month", summed, changed, changed))
    if listed:
        ties.append(Tie("The lines listed on the first sheet add up to the total", listed, cents, invoice.amount_cents, f"={TOTAL_NAME}"))
    return ties
