"""What is sent of closed months: a ZIP of each with all its invoices, and for the newest one a draft of a message an invoice.

A draft opens in a mail program as a message that was not sent yet (`X-Unsent`): a person reads it and sends it, this program never does.
The same books give the same bytes: dates are the day of the close, boundaries and Message-IDs follow from the number of the invoice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from pipeline.contracts import Books
from pipeline.publish import words
from pipeline.publish.workbooks.invoice import Invoice, closed_invoices
from pipeline.publish.workbooks.invoice_face import made_of
from pipeline.publish.workbooks.lines import NO_TIER
from pipeline.settings import Settings

_EXCEL = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def write(books: Books, settings: Settings, folder: Path) -> list[Path]:
    """Write `invoices/<period>.zip` of each closed month and, of the one that was closed last, `invoices/<period>/drafts/<number>.eml`.

    Below the run folder `folder`, where the workbooks lie already; returns the paths.

    A draft goes to `books.recipients`; an invoice without one has none, which is a finding. It comes from `[notices] sender`.
    """
    of_month: dict[str, list[Invoice]] = {period: [] for period in books.closed.periods["period"]}
    for invoice in closed_invoices(books.closed):
        of_month[invoice.period].append(invoice)
    written = [_zip(invoices, period, folder) for period, invoices in of_month.items() if invoices]
    address_of = dict(zip(books.recipients["invoice_no"], books.recipients["address"], strict=True))
    for invoice in list(of_month.values())[-1] if of_month else []:
        if address := address_of.get(invoice.number, ""):
            path = folder / draft_path(invoice.period, invoice.number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(draft(invoice, address, settings.notices.sender, (folder / invoice.workbook).read_bytes()))
            written.append(path)
    return written


def zip_path(period: str) -> str:
    """Where the ZIP of a closed month lies below the run folder."""
    return f"invoices/{period}.zip"


def draft_path(period: str, number: str) -> str:
    """Where the draft of the message for an invoice lies below the run folder."""
    return f"invoices/{period}/drafts/{number}.eml"


def draft(invoice: Invoice, address: str, sender: str, workbook: bytes) -> bytes:
    """The message that hands over a closed invoice, as a file that mail programs open unsent."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = address
    message["Subject"] = _subject(invoice)
    message["Date"] = format_datetime(dt.datetime.combine(invoice.as_of, dt.time(12), dt.UTC))
    message["Message-ID"] = f"<{invoice.number}@{sender.rpartition('@')[2] or 'certledger.invalid'}>"
    message["X-Unsent"] = "1"
    message.set_content(_body(invoice), cte="quoted-printable")
    message.add_attachment(workbook, maintype=_EXCEL[0], subtype=_EXCEL[1], filename=f"{invoice.number}.xlsx")
    message.set_boundary(f"=_{hashlib.sha256(invoice.number.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def _zip(invoices: list[Invoice], period: str, folder: Path) -> Path:
    path = folder / zip_path(period)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:  # a workbook is packed already
        for invoice in sorted(invoices, key=lambda one: one.number):
            entry = zipfile.ZipInfo(f"{invoice.number}.xlsx", (invoice.as_of.year, invoice.as_of.month, invoice.as_of.day, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            package.writestr(entry, (folder / invoice.workbook).read_bytes())
    return path


def _subject(invoice: Invoice) -> str:
    sample = "SAMPLE: " if invoice.sample else ""
    return f"{sample}{invoice.kind} {invoice.number}: certificates, {invoice.period_title}"


def _body(invoice: Invoice) -> str:
    """The message in plain words: what it is about, what it is made of, until when, and how to object."""
    amount = words.dollars(abs(invoice.amount_cents))
    lines = [f"To {invoice.agency_name}", ""]
    if invoice.is_credit:
        lines += [f"Attached is credit memo {invoice.number} for certificates, {invoice.period_title}: {amount} in your favor."]
        lines += ["Nothing is to be paid. The sheet Invoice says what is credited and how it is settled."]
    elif invoice.amount_cents and invoice.due_on:
        lines += [f"Attached is invoice {invoice.number} for certificates, {invoice.period_title}: {amount}, due on {invoice.due_on}."]
    else:
        lines += [f"Attached is invoice {invoice.number} for certificates, {invoice.period_title}: $0.00. Nothing is to be paid."]
    lines += [f"Account: {invoice.account}"] if invoice.account else []
    lines += ["", *(f"  {tier}: {said}, {cents}" for tier, said, cents in _by_tier(invoice))]
    lines += [
        "",
        "The workbook lists each line with its order, certificate and request, and what became of every order of the month.",
        f"Is a line wrong? Write to {invoice.service_owner} and name {invoice.number} and the line. The other lines stand.",
        "",
        f"{invoice.organization}, certificate service",
        invoice.service_owner,
    ]
    return "\n".join(lines) + "\n"


def _by_tier(invoice: Invoice) -> list[tuple[str, str, str]]:
    tiers = [tier or NO_TIER for tier in invoice.lines["tier"]]
    amounts = invoice.lines["amount_cents"]
    told = []
    for tier in sorted(set(tiers)):
        members = [number for number, name in enumerate(tiers) if name == tier]
        told.append((tier, made_of(invoice.lines, members, rates=True), words.dollars(sum(amounts[number] for number in members))))
    return told
