"""Finance's CSV files hold what people wrote; a spreadsheet that opens one must find text and numbers, and nothing to calculate."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline import contracts, journal
from pipeline.contracts import Books
from pipeline.publish import focus_file, journal_file
from pipeline.publish.tables import FORMULA_STARTS
from pipeline.settings import Charges, Exports
from tests.publish import bookkeeping
from tests.publish.bookkeeping import SETTINGS, entry

STARTS = sorted(FORMULA_STARTS)
HOSTILE_TEXTS = ("order_id", "request_id", "common_name", "document", "reason", "tier", "account_id", "billed_to", "agency", "invoice_no")
CHOSEN = SETTINGS.model_copy(update={"exports": Exports(focus=True), "charges": Charges(begin=dt.date(2025, 7, 1), revenue_account="=OWN")})
NUMBERS = {
    "line",
    "debit",
    "credit",
    "BilledCost",
    "ContractedCost",
    "EffectiveCost",
    "ListCost",
    "ListUnitPrice",
    "PricingQuantity",
    "x_UnitCost",
}


def hostile_books(start: str) -> Books:
    """A charge and its credit, in which every text that comes from files begins with `start`."""
    text = f"{start}1+1"
    told = dict.fromkeys(HOSTILE_TEXTS, text)
    taken_back = {"kind": "credit", "amount_cents": -22119, "reverses": f"{1:032x}", "unit_cost_cents": -17450}
    lines = [entry(1, **told), entry(2, **(told | taken_back))]
    fields = dict.fromkeys(("fund", "sub_fund", "department", "unit", "appropriation", "object"), text)
    accounts = contracts.ACCOUNTS.frame(fields | {"account_id": one, "valid_from": dt.date(2024, 7, 1)} for one in (text, "=OWN"))
    ledger = contracts.LEDGER.frame(lines)
    estimates = contracts.ENCUMBRANCES.frame([{"agency": text, "fiscal_year": 2027, "billed_cents": 0, "document": text}])
    return bookkeeping.books(
        lines,
        agencies=contracts.AGENCIES.frame([{"agency": text, "name": text, "account_id": text}]),
        journal=journal.journal(ledger, accounts, estimates, CHOSEN).table,
    )


def finance_files(folder: Path, start: str) -> list[Path]:
    """Every CSV file that a run writes for finance, of `hostile_books`."""
    books = hostile_books(start)
    settings = CHOSEN.model_copy(update={"organization": CHOSEN.organization.model_copy(update={"name": f"{start}office"})})
    return [*journal_file.write(books, folder), *focus_file.write(books, settings, folder)]


@pytest.mark.parametrize("start", STARTS, ids=[f"{ord(start):#04x}" for start in STARTS])
def test_no_text_begins_a_formula_and_numbers_are_left_alone(tmp_path: Path, start: str) -> None:
    for path in finance_files(tmp_path, start):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert 2 <= len(rows)
        for name, cell in (pair for row in rows for pair in row.items()):
            if name in NUMBERS:
                assert not cell or Decimal(cell).is_finite(), (path.name, name)
            else:
                assert cell[:1] not in FORMULA_STARTS or not cell, (path.name, name)
        guarded = {name for row in rows for name, cell in row.items() if cell.startswith(f"'{start}")}
        assert len(guarded) >= 10, path.name


def test_what_is_negative_stays_a_number(tmp_path: Path) -> None:
    (path,) = (path for path in finance_files(tmp_path, "=") if "focus" in path.name)
    with path.open(encoding="utf-8", newline="") as file:
        credit = next(row for row in csv.DictReader(file) if row["x_Kind"] == "credit")
    assert ("-221.19", "-1", "-174.50") == (credit["BilledCost"], credit["PricingQuantity"], credit["x_UnitCost"])
