"""An invoice as a person needs it: what its first sheet says, the lines behind it, and what became of each order of its month.

An open month is told from the books of the day. A closed one is told from what was frozen at the close and from nothing else, so that no
later change of a list, a certificate or a setting changes what was sent (DESIGN §6, "Close").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.contracts import Books, Closed, ContractError
from pipeline.journal import FIELDS
from pipeline.publish.workbooks.faces import open_faces
from pipeline.publish.workbooks.line_facts import line_facts
from pipeline.publish.workbooks.lines import Lines, by_invoice, lines_of
from pipeline.settings import Settings

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice; amounts in cents, `due_on` None and `number` '' while the month is a draft.

    `accounting` are the fields of the account by what they are called, those that are known; `orders` the rows of BILLED_ORDERS, and
    `without_agency` the number of orders of the month of which nobody knew who pays. `as_of` is the day of the run, or of the close.
    """

    number: str
    period: str
    period_title: str
    status: str
    amount_cents: int
    due_on: dt.date | None
    agency: str
    agency_name: str
    secretariat: str
    account: str
    accounting: tuple[tuple[str, str], ...]
    billing_contact: str
    workbook: str
    organization: str
    service_owner: str
    sample: bool
    run_id: str
    snapshot: str
    program: str
    as_of: dt.date
    closed_by: str
    without_agency: int
    lines: Lines
    orders: tuple[Mapping[str, Any], ...]

    @property
    def is_draft(self) -> bool:
        """Whether its month is still open, so that amounts may change."""
        return self.status == "draft"

    @property
    def is_credit(self) -> bool:
        """Whether the agency gets money back."""
        return self.amount_cents < 0

    @property
    def kind(self) -> str:
        """Invoice, or Credit memo where the agency gets money back; a draft says so."""
        kind = "Credit memo" if self.is_credit else "Invoice"
        return f"Draft {kind.lower()}" if self.is_draft else kind

    @property
    def title(self) -> str:
        """Kind, number, agency and month."""
        return f"{' '.join(filter(None, (self.kind, self.number)))}, {self.agency}, {self.period_title}"


def read_invoices(books: Books, settings: Settings, run_id: str, as_of: dt.date) -> Iterator[Invoice]:
    """The invoices in the order of their table, those of closed months as they were frozen.

    Raises `ContractError` where the lines of one do not add up to its amount, or a closed one was never frozen.
    """
    closed = {invoice.number: invoice for invoice in closed_invoices(books.closed)}
    drafts = books.invoices[books.invoices["status"] == "draft"]
    lines = lines_of(books.ledger[~books.ledger["entry_id"].isin(books.closed.ledger["entry_id"])], line_facts(books, settings))
    faces = open_faces(books, drafts, settings, run_id, as_of)
    told = {(invoice.agency, invoice.account, invoice.period): invoice for invoice in _told(drafts, faces, lines, books.billed_orders)}
    for number, agency, account, period, status in _columns(books.invoices, "invoice_no", "agency", "account_id", "period", "status"):
        if status == "closed" and number not in closed:
            raise ContractError(f"invoices: {number} of {period} is closed, but its frozen text is not there")
        yield closed[number] if status == "closed" else told[agency, account, period]


def closed_invoices(closed: Closed) -> Iterator[Invoice]:
    """The invoices of the closed months, in the order of their table. Raises `ContractError` where the frozen tables do not belong
    together."""
    return _told(closed.invoices, closed.faces, lines_of(closed.ledger, closed.lines), closed.orders)


def _told(invoices: pd.DataFrame, faces: pd.DataFrame, lines: Lines, orders: pd.DataFrame) -> Iterator[Invoice]:
    """The rows of INVOICES with their CLOSED_FACES (the number may be missing), their lines and their BILLED_ORDERS."""
    places = by_invoice(lines)
    by_key = {(face["agency"], face["account_id"], face["period"]): face for face in _records(faces)}
    became: dict[Key, list[Mapping[str, Any]]] = {}
    for order in _records(orders[orders["period"].isin(invoices["period"])]):
        became.setdefault((order["agency"], order["account_id"], order["period"]), []).append(order)
    for row in _records(invoices):
        key = (row["agency"], row["account_id"], row["period"])
        of_it = lines.slice(places.get(key, slice(0, 0)))
        if of_it.total_cents != row["amount_cents"] or len(of_it) != row["lines"]:
            raise ContractError(f"invoice {row['period']} {row['agency']} {row['account_id']}: its lines do not add up to it")
        if key not in by_key:
            raise ContractError(f"invoice {row['invoice_no']}: what its first sheet said is not there")
        yield _invoice(row, by_key[key], of_it, tuple(became.get(key, ())))


def _invoice(row: Mapping[str, Any], face: Mapping[str, Any], lines: Lines, orders: tuple[Mapping[str, Any], ...]) -> Invoice:
    return Invoice(
        number=row["invoice_no"],
        period=row["period"],
        period_title=face["period_title"],
        status=row["status"],
        amount_cents=row["amount_cents"],
        due_on=None if pd.isna(row["due_on"]) else row["due_on"].date(),
        agency=row["agency"],
        agency_name=face["agency_name"],
        secretariat=face["secretariat"],
        account=row["account_id"],
        accounting=tuple((name.replace("_", "-"), face[name]) for name in FIELDS if face[name]),
        billing_contact=face["billing_contact"],
        workbook=row["workbook"],
        organization=face["organization"],
        service_owner=face["service_owner"],
        sample=face["sample"],
        run_id=face["run_id"],
        snapshot=face["snapshot"],
        program=face["program"],
        as_of=face["closed_on"].date(),
        closed_by=face["closed_by"],
        without_agency=face["without_agency"],
        lines=lines,
        orders=orders,
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _columns(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name].tolist() for name in names), strict=True)
