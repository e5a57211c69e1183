"""What an answer is made of: the tables that are asked, a place of the inbox, a hit with its facts, and which columns are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow.compute as pc

from pipeline.arrow_columns import equal, is_in, positions
from pipeline.money import dollars

# Table -> (columns a name may stand in, columns shown). The invoice is found by period and agency, see `_invoices`. A certificate's name
# is its fingerprint where it has one.
SHOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ledger": (
        ("entry_id", "order_id", "certificate", "request_id", "adjustment"),
        (
            "entry_id", "period", "service_on", "kind", "tier", "amount_cents",
            "memo_cents", "agency", "billed_to", "order_id", "common_name", "lot_id", "reason", "reverses", "amends",
            "adjustment", "decision", "adjusts", "approved_by", "approved_on", "document",
            "class", "takes_back", "rebills", "corrected_invoice", "invoice_no", "workbook", "answered",
        ),
    ),
    "certificates": (
        ("certificate", "serial", "order_id", "common_name", "names"),
        (
            "common_name", "serial", "issuer", "valid_from", "valid_to", "agency", "tier", "order_id", "status", "matched", "certificate",
            "replaces", "superseded_by", "issued_by", "answered",
        ),
    ),
    "requests": (
        ("request_id", "order_id"),
        (
            "request_id", "kind", "agency", "submitted_at", "completed_at", "status", "due_on", "verdict",
            "business_days", "business_seconds", "paused_seconds", "customer_seconds", "response_seconds", "late_seconds",
            "on_time_by_close", "on_time_by_hours", "reopened_at", "order_id", "answered",
        ),
    ),
    "lots": (
        ("lot_id",),
        ("lot_id", "tier", "purchased_on", "quantity", "drawn", "returned", "expired_unused", "remaining", "total_cost_cents"),
    ),
}  # fmt: skip
TITLES = {"ledger": "Ledger entry", "certificates": "Certificate", "requests": "Request", "lots": "Lot"}
# What a place's `known_as` names -> the table and column that have it.
BOOKED = {
    "certificate": ("certificates", "certificate"), "request": ("requests", "request_id"), "event": ("requests", "request_id"),
    "pause": ("requests", "request_id"), "lot": ("lots", "lot_id"), "entry": ("ledger", "adjustment"),
    "line": ("ledger", "entry_id"),
}  # fmt: skip


class Tables(Protocol):
    """The tables of a published run."""

    def column(self, table: str, name: str) -> Any:
        """One column of a table (pyarrow.ChunkedArray)."""

    def rows(self, table: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The rows at the positions `numbers`, counted from 0."""


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the inbox that stands behind a hit. `standing` says, where another row is in force for it, which one."""

    file: str
    sheet: str
    row: int
    standing: str = ""

    @property
    def at(self) -> tuple[str, str, int]:
        """File, sheet and row."""
        return self.file, self.sheet, self.row


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of a published table that the name stands for, as `column: text`, and the places behind it, those in force first."""

    table: str
    title: str
    facts: dict[str, str]
    places: tuple[Place, ...] = ()


def facts(row: Mapping[str, Any], shown: Sequence[str]) -> dict[str, str]:
    """The columns `shown` of a row as text, less those that are empty."""
    said = {name: text(name, row.get(name)) for name in shown}
    return {name: cell for name, cell in said.items() if cell}


def text(name: str, value: Any) -> str:
    """A cell of the column `name` as people read it: desk time in hours, money in dollars, instants in UTC; "" where it is missing."""
    if value is None:
        return ""
    if name.endswith("_seconds"):
        minutes = int(value) // 60
        return f"{minutes // 60:,} h {minutes % 60:02d} min of desk time"
    if name.endswith("_cents"):
        return dollars(int(value))
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.strftime("%Y-%m-%d")
    return str(value)


def equal_to(tables: Tables, table: str, values: Mapping[str, Any]) -> list[int]:
    """The positions of the rows that have all these values."""
    match: Any = None
    for column, value in values.items():
        here = equal(tables.column(table, column), value)
        match = here if match is None else pc.and_(match, here)
    return positions(match)


def positions_of(tables: Tables, table: str, column: str, values: Sequence[str]) -> list[int]:
    """The positions of the rows that have one of these values in `column`."""
    return positions(is_in(tables.column(table, column), values)) if values else []
