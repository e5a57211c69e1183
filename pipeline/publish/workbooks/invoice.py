"""An invoice as a person needs it: the row of `invoices`, the agency's particulars, and the ledger lines behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.contracts import Books, ContractError
from pipeline.publish.workbooks.lines import Lines, by_invoice, read_lines
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice; amounts in cents, `due_on` None and `number` '' while the month is a draft."""

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
    billing_contact: str
    workbook: str
    lines: Lines

    @property
    def is_draft(self) -> bool:
        """Whether its month is still open, so that amounts may change."""
        return self.status == "draft"

    @property
    def kind(self) -> str:
        """Invoice, or Credit memo where the agency gets money back; a draft says so."""
        kind = "Credit memo" if self.amount_cents < 0 else "Invoice"
        return f"Draft {kind.lower()}" if self.is_draft else kind


def read_invoices(books: Books, settings: Settings) -> Iterator[Invoice]:
    """The invoices in the order of their table. Raises `ContractError` where the lines do not add up to the amount."""
    lines = read_lines(books, settings)
    places = by_invoice(lines)
    spells = _spells(books.agencies)
    starts = settings.organization.fiscal_year_starts
    for row in books.invoices.to_dict("records"):
        of_it = lines.slice(places.get((row["agency"], row["account_id"], row["period"]), slice(0, 0)))
        if of_it.total_cents != row["amount_cents"] or len(of_it) != row["lines"]:
            raise ContractError(f"invoice {row['period']} {row['agency']} {row['account_id']}: its lines do not add up to it")
        spell = _in_force(spells.get(row["agency"], []), calendar.period_last_day(row["period"], starts))
        yield Invoice(
            number=row["invoice_no"],
            period=row["period"],
            period_title=calendar.period_title(row["period"], starts),
            status=row["status"],
            amount_cents=row["amount_cents"],
            due_on=None if pd.isna(row["due_on"]) else row["due_on"].date(),
            agency=row["agency"],
            agency_name=spell.get("name") or row["agency"],
            secretariat=spell.get("secretariat", ""),
            account=row["account_id"],
            billing_contact=spell.get("billing_contact", ""),
            workbook=row["workbook"],
            lines=of_it,
        )


def _spells(agencies: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The spells of each agency code, earliest first; an unknown first day counts as the earliest."""
    found: dict[str, list[dict[str, Any]]] = {}
    for spell in agencies.sort_values("valid_from", na_position="first", kind="stable").to_dict("records"):
        found.setdefault(spell["agency"], []).append({str(name): value for name, value in spell.items()})
    return found


def _in_force(spells: list[dict[str, Any]], day: dt.date) -> dict[str, Any]:
    """The spell that holds on `day`: the last that has begun, else the first; nothing for an unknown agency."""
    begun = [spell for spell in spells if pd.isna(spell["valid_from"]) or spell["valid_from"].date() <= day]
    return (begun or spells or [{}])[-1 if begun else 0]
