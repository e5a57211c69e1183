"""The journal on the year workbook: two lines an entry, in the fields of the state's accounting, tied to the ledger."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import openpyxl

from pipeline import contracts, journal
from pipeline.contracts import Books
from pipeline.publish import workbooks
from pipeline.publish.workbooks.cells import Imprint, Workbook
from pipeline.publish.workbooks.journal_sheet import MOST_LINES, journal_ties, write_journal
from pipeline.settings import Charges, Settings
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, entry

ACCOUNT = {"fund": "0010", "sub_fund": "0000", "department": "DOT", "unit": "1000", "appropriation": "1790-0300", "object": "U12"}
OWN = ACCOUNT | {"account_id": "CERT-1", "department": "ITD", "object": "R01"}
PAID = SETTINGS.model_copy(update={"charges": Charges(begin=dt.date(2025, 7, 1), revenue_account="CERT-1")})
ENTRIES = [
    entry(1),
    entry(2, amount_cents=0, order_id="88010001", reason="reissue within the paid term"),
    entry(
        3, kind="credit", amount_cents=-22119, reverses=f"{1:032x}", service_on=dt.date(2026, 11, 12), reason="=all revoked", document="L-7"
    ),
    entry(4, period="FY2026-P12", service_on=dt.date(2026, 6, 5)),
]


def booked(entries: list[dict[str, Any]], settings: Settings = PAID) -> Books:
    """Books whose journal has the fields of two accounts and the estimate of DOT for fiscal year 2027."""
    books = bookkeeping.books(entries)
    known = [one | {"valid_from": dt.date(2024, 7, 1)} for one in (ACCOUNT | {"account_id": "DOT-4710"}, OWN)]
    estimate = books.encumbrances[books.encumbrances["agency"] == "DOT"].assign(document="IE-1")
    told = journal.journal(books.ledger, contracts.ACCOUNTS.frame(known), estimate[estimate["fiscal_year"] == 2027], settings)
    return bookkeeping.books(entries, journal=told.table)


def rows(path: Path, sheet: str, head: str) -> list[dict[str, Any]]:
    grid = [list(row) for row in openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True)]
    start = next(number for number, row in enumerate(grid) if row[0] == head)
    return [dict(zip(grid[start], row, strict=True)) for row in itertools.takewhile(any, grid[start + 1 :])]


def year(folder: Path, books: Books, fiscal_year: int = 2027) -> Path:
    workbooks.years(books, PAID, RUN_ID, AS_OF, folder)
    return folder / f"finance/FY{fiscal_year}.xlsx"


def checks(path: Path) -> dict[str, tuple[float, float, bool]]:
    told = rows(path, "Checks", "What must agree")
    return {
        row["What must agree"]: (row["In this workbook"], row["Must be"], row["Agrees"])
        for row in told
        if "ournal" in row["What must agree"]
    }


def test_an_entry_debits_the_agency_and_credits_the_office_and_a_credit_does_the_reverse(tmp_path: Path) -> None:
    told = rows(year(tmp_path, booked(ENTRIES)), "Journal", "Line")
    agency, office = ("DOT-4710", "agency", "DOT", "U12"), ("CERT-1", "office", "ITD", "R01")
    assert [
        (1, *agency, 221.19, None),
        (2, *office, None, 221.19),
        (3, *agency, None, 221.19),
        (4, *office, 221.19, None),
        ("Total", None, None, None, None, 442.38, 442.38),
    ] == [tuple(row[name] for name in ("Line", "Account", "Account of", "Department", "Object", "Debit", "Credit")) for row in told]
    credit = told[2]
    assert (
        "DRAFT-FY2027-P05-DOT",
        "FY2027-P05",
        dt.datetime.combine(dt.date(2026, 11, 12), dt.time()),
        "IE-1",
        "88010003",
        "L-7",
        "=all revoked",
    ) == tuple(credit[name] for name in ("Document", "Period", "Posted", "Encumbrance", "Order", "Proof", "Reason"))
    assert [f"{1:032x}", f"{1:032x}", f"{3:032x}", f"{3:032x}"] == [row["Entry"] for row in told[:-1]]


def test_debits_equal_credits_and_the_journal_is_tied_to_the_summary(tmp_path: Path) -> None:
    path = year(tmp_path, booked([*ENTRIES, entry(5, billed_to="DEP", agency="DEP", account_id="DEP-1200")]))
    assert {
        "The debits of the journal equal its credits": (663.57, 663.57, True),
        "The journal leaves on the agencies' accounts what the summary shows": (221.19, 221.19, True),
    } == checks(path)
    assert [] == [what for what, value, right in recalculation.formulas(path) if value != right]


def test_a_journal_that_is_not_the_ledgers_fails_its_check(tmp_path: Path) -> None:
    books = booked(ENTRIES)
    of_the_credit = books.journal["entry_id"] == f"{3:032x}"
    told = checks(year(tmp_path, bookkeeping.books(ENTRIES, journal=books.journal[~of_the_credit])))
    assert (221.19, 0, False) == told["The journal leaves on the agencies' accounts what the summary shows"]


def test_without_accounts_the_fields_say_so(tmp_path: Path) -> None:
    told = rows(year(tmp_path, bookkeeping.books(ENTRIES)), "Journal", "Line")
    assert ("DOT-4710", "not on file", "no estimate") == tuple(told[0][name] for name in ("Account", "Fund", "Encumbrance"))
    assert ("no account", "not on file") == tuple(told[1][name] for name in ("Account", "Object"))


def test_a_year_in_which_nothing_was_billed_has_an_empty_journal(tmp_path: Path) -> None:
    path = year(tmp_path, booked([entry(1, amount_cents=0)]))
    sheet = openpyxl.load_workbook(path)["Journal"]
    assert "Nothing was billed in this fiscal year, so nothing is booked." in [cell.value for row in sheet.iter_rows() for cell in row]
    assert [(0, 0, True)] * 2 == list(checks(path).values())


def test_beyond_so_many_lines_documents_are_summed_and_the_file_is_named(tmp_path: Path) -> None:
    many = MOST_LINES // 2 - 1
    charges = [entry(number) for number in range(1, many + 1)]
    credit = entry(many + 1, kind="credit", amount_cents=-22119, reverses=f"{1:032x}", reason="revoked")
    books, path = booked([*charges, credit, entry(many + 2, billed_to="DEP", agency="DEP", account_id="DEP-1200")]), tmp_path / "one.xlsx"
    with Workbook(path, Imprint("Office", "Journal", RUN_ID, AS_OF, sample=False)) as book:
        grid = write_journal(book, books.journal, 2027)
    told = rows(path, "Journal", "Document")
    dep, dot, dollars = "DRAFT-FY2027-P05-DEP", "DRAFT-FY2027-P05-DOT", round(many * 221.19, 2)
    total = round(dollars + 2 * 221.19, 2)
    assert {
        (dot, "DOT-4710", many, dollars, None),
        (dot, "CERT-1", many, None, dollars),
        (dot, "DOT-4710", 1, None, 221.19),
        (dot, "CERT-1", 1, 221.19, None),
        (dep, "DEP-1200", 1, 221.19, None),
        (dep, "CERT-1", 1, None, 221.19),
        ("Total", None, 2 * many + 4, total, total),
    } == {tuple(row[name] for name in ("Document", "Account", "Lines", "Debit", "Credit")) for row in told}
    notes = [cell.value for row in openpyxl.load_workbook(path)["Journal"].iter_rows(max_row=3) for cell in row]
    assert "10,002 lines, summed here by document and account. Each line stands in the file finance/journal-2027.csv." in notes
    ties = journal_ties(grid, books.journal, 2027, many * 22119)
    assert [(round(total * 100), True), (many * 22119, True)] == [(tie.value, tie.holds) for tie in ties]
    assert [] == [what for what, value, right in recalculation.formulas(path) if value != right]
