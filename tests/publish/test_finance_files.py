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
from pipeline.publish.finance_ties import finance_ties
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


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def broken(books: Books, folder: Path) -> list[str]:
    return [check.name for check in finance_ties(books, folder) if not check.holds]


def test_the_files_are_read_back_and_a_cent_that_is_wrong_is_found(tmp_path: Path) -> None:
    closed = {"invoice_no": "CRT-FY2027-P05-DOT"}
    lines = [entry(1, **closed), entry(2, **closed, kind="credit", amount_cents=-5_000), entry(3, billed_to="DEP", account_id="DEP-1")]
    invoices = bookkeeping.invoices(lines)
    invoices["invoice_no"] = ["CRT-FY2027-P05-DOT" if agency == "DOT" else "" for agency in invoices["agency"]]
    books = bookkeeping.books(lines, invoices=invoices)
    journal_path, focus_path = journal_file.write(books, tmp_path)[0], focus_file.write(books, CHOSEN, tmp_path)[0]
    assert 4 == len(finance_ties(books, tmp_path))
    assert [] == broken(books, tmp_path)
    spoil(journal_path, ",,50.00,", ",,50.01,")
    assert ["cents credited in finance/journal-2027.csv = cents debited in it"] == broken(books, tmp_path)
    spoil(journal_path, ",50.00,,", ",50.01,,")
    assert ["cents debited in finance/journal-2027.csv = cents of the ledger without their signs"] == broken(books, tmp_path)
    spoil(journal_path, ",,50.01,", ",,50.00,")
    spoil(journal_path, ",50.01,,", ",50.00,,")
    spoil(focus_path, "-50.00", "-50.01")
    assert [
        "cents billed in finance/focus-2027.csv = cents of the ledger",
        "invoices that add up in finance/focus-2027.csv = invoices issued for the year",
    ] == broken(books, tmp_path)


def test_without_the_setting_there_is_no_focus_file_to_read_back(tmp_path: Path) -> None:
    books = bookkeeping.books([entry(1)])
    journal_file.write(books, tmp_path)
    assert ["finance/journal-2027.csv"] * 2 == [check.name.split(" in ")[1].split(" = ")[0] for check in finance_ties(books, tmp_path)]
