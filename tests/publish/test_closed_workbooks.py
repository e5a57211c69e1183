"""Invoices of closed months: written from what was frozen, the same bytes whatever the lists, certificates and settings say later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipeline import contracts
from pipeline.contracts import Books, ContractError
from pipeline.publish import line_notes, workbooks
from pipeline.publish.workbooks.frozen import sha256
from pipeline.settings import Organization, Rate, Settings
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, entry

MONTH, NEXT = "FY2027-P05", "FY2027-P06"
DOT = f"invoices/{MONTH}/DOT.xlsx"
NUMBER = f"CRT-{MONTH}-DOT-001"
ACCOUNTS = contracts.ACCOUNTS.frame(
    [
        {
            "account_id": "DOT-4710", "fund": "0730", "department": "DOT", "unit": "4710", "appropriation": "6110-0001", "object": "U03",
            "valid_from": dt.date(2024, 7, 1),
        }
    ]
)  # fmt: skip


def month() -> list[dict[str, Any]]:
    """November: two charges to DOT, one of them taken back, a free reissue, and one charge to DEP."""
    return [
        entry(1),
        entry(2, tier="premium", rate_cents=54200, amount_cents=54200, request_id="REQ00017"),
        entry(3, amount_cents=0, order_id="88010001", service_on=dt.date(2026, 11, 9), reason="reissue within the paid term"),
        entry(4, kind="credit", amount_cents=-22119, reverses=f"{1:032x}", service_on=dt.date(2026, 11, 12), reason="all revoked"),
        entry(6, billed_to="DEP", agency="DEP", account_id="DEP-1200"),
    ]


def requests() -> pd.DataFrame:
    return contracts.REQUESTS.frame(
        [
            {
                "request_id": "REQ00017",
                "kind": "new",
                "status": "completed",
                "verdict": "met",
                "reopen_count": 0,
                "source": 2,
                "requester": "ann@dot.example.gov",
            }
        ]
    )


def closed_books() -> Books:
    return bookkeeping.close(bookkeeping.books(month(), requests=requests(), accounts=ACCOUNTS), MONTH)


def written(books: Books, folder: Path, chosen: Settings = SETTINGS, run_id: str = RUN_ID, as_of: dt.date = AS_OF) -> Path:
    workbooks.invoices(books, chosen, run_id, as_of, folder)
    return folder


def said(path: Path, sheet: str) -> str:
    rows = openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True)
    return "\n".join(str(cell) for row in rows for cell in row if cell is not None)


def rows(path: Path, sheet: str, head: str) -> list[Mapping[str, Any]]:
    """The rows of a sheet's table below the row that begins with `head`."""
    grid = [list(row) for row in openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True)]
    start = next(number for number, row in enumerate(grid) if row[0] == head)
    return [dict(zip(grid[start], row, strict=True)) for row in grid[start + 1 :] if any(cell is not None for cell in row)]


def test_a_closed_invoice_carries_number_due_day_account_and_who_closed_it(tmp_path: Path) -> None:
    path = written(closed_books(), tmp_path) / DOT
    face = said(path, "Invoice")
    for word in (
        NUMBER, "2026-12-23", "Amount due, US dollars", "1 order at $542.00", "2026-11-23 by A. Clerk",
        "fund 0730, department DOT, unit 4710, appropriation 6110-0001, object U03",
    ):  # fmt: skip
        assert word in face, word
    assert "raft" not in face
    assert f"Invoice {NUMBER}, DOT, November 2026 ({MONTH})" == openpyxl.load_workbook(path).properties.title
    assert "2026-11-23 by A. Clerk" in said(path, "About")


def test_a_line_names_issue_class_request_and_requester(tmp_path: Path) -> None:
    lines = rows(written(closed_books(), tmp_path) / DOT, "Lines", "Line")
    premium = next(line for line in lines if line["Tier"] == "premium")
    expected = (dt.datetime(2026, 11, 2), "regular", "REQ00017", "ann@dot.example.gov")  # noqa: DTZ001 - as openpyxl reads a day
    assert expected == tuple(premium[name] for name in ("Issued", "Class", "Request", "Requester"))
    assert "$0.00, same order: reissue within the paid term" in {line["Note"] for line in lines}


def changed_later(books: Books) -> dict[str, Books]:
    """The same books after each kind of change that must not reach a closed invoice."""
    renamed = books.agencies.assign(name="Department of Elsewhere", billing_contact="new@dot.example.gov", secretariat="Other")
    other_places = contracts.PLACES.frame([{"source": number, "file": "inbox/other.csv", "row": 1} for number in range(9)])
    late = books.ledger.assign(request_id="REQ99999", reason="told otherwise", common_name="other.example.gov")
    return {
        "agencies": replace(books, agencies=renamed),
        "certificates gone": replace(books, certificates=contracts.CERTIFICATES.empty()),
        "requests gone": replace(books, requests=contracts.REQUESTS.empty()),
        "inbox file gone": replace(books, places=other_places, inputs=contracts.INPUTS.empty()),
        "accounts": replace(books, accounts=contracts.ACCOUNTS.empty()),
        "orders": replace(books, billed_orders=contracts.BILLED_ORDERS.empty()),
        "ledger told anew": replace(books, ledger=late),
    }


@pytest.mark.parametrize(
    "change", ["agencies", "certificates gone", "requests gone", "inbox file gone", "accounts", "orders", "ledger told anew"]
)
def test_what_changes_later_never_changes_a_closed_invoice(tmp_path: Path, change: str) -> None:
    books = closed_books()
    kept = dict(zip(books.closed.workbooks["file"], books.closed.workbooks["sha256"], strict=True))
    run = written(changed_later(books)[change], tmp_path, run_id="another run", as_of=dt.date(2027, 3, 1))
    assert kept == {file: sha256(run / file) for file in kept}
    assert {DOT, f"invoices/{MONTH}/DEP.xlsx"} == kept.keys()


def test_settings_that_change_later_never_change_a_closed_invoice(tmp_path: Path) -> None:
    books = closed_books()
    others = Settings(
        organization=Organization(name="Another office", service_owner="x@example.gov", fiscal_year_starts=7, sample=False),
        rate=(Rate(tier="standard", amount=Decimal(999), since=dt.date(2024, 7, 1)), Rate(tier="standard", amount=Decimal(5), since=AS_OF)),
    )
    run = written(books, tmp_path, others)
    assert books.closed.workbooks["sha256"].tolist() == [sha256(run / file) for file in books.closed.workbooks["file"]]


def test_a_closed_invoice_whose_frozen_text_is_lost_stops_the_run(tmp_path: Path) -> None:
    books = closed_books()
    lost = replace(books, closed=replace(books.closed, faces=contracts.CLOSED_FACES.empty()))
    with pytest.raises(ContractError, match="first sheet"):
        written(lost, tmp_path)


def with_december() -> Books:
    """November closed; in December a charge of its own, an October charge that came late, and a November line that is corrected."""
    before = closed_books()
    named = {"period": NEXT, "corrected_invoice": NUMBER, "class": "correction", "service_on": dt.date(2026, 11, 2)}
    premium = {"tier": "premium", "rate_cents": 54200}
    december = [
        entry(10, period=NEXT, service_on=dt.date(2026, 12, 3)),
        entry(11, period=NEXT, service_on=dt.date(2026, 10, 28), **{"class": "late"}),
        entry(12, order_id="88010002", **named, **premium, amount_cents=-54200, takes_back=f"{2:032x}", reason="the tier was corrected"),
        entry(13, order_id="88010002", **named, rebills=f"{2:032x}", reason="the tier was corrected"),
    ]
    after = bookkeeping.books([*month(), *december], requests=requests(), accounts=ACCOUNTS)
    return replace(
        after,
        closed=before.closed,
        invoices=pd.concat([before.invoices, after.invoices[after.invoices["period"] == NEXT]], ignore_index=True),
    )


def test_a_late_item_says_its_month_and_a_correction_the_invoice_that_it_corrects(tmp_path: Path) -> None:
    path = written(with_december(), tmp_path) / f"invoices/{NEXT}/DOT.xlsx"
    changes = [(row["What"], row["Corrects"], row["Amount"]) for row in rows(path, "Adjustments", "Line") if row["What"]]
    assert [
        ("late charge", "no invoice", 221.19),
        ("correcting charge", NUMBER, -542.0),
        ("correcting charge", NUMBER, 221.19),
    ] == changes
    assert "of October 2026, which was closed before; new order" == rows(path, "Adjustments", "Line")[0]["Reason"]
    assert f"bills anew what {NUMBER} billed: the tier was corrected" in {row["Reason"] for row in rows(path, "Adjustments", "Line")}
    assert "2 orders charged, 2 corrections" in said(path, "Invoice")
    notes = {line["Note"] for line in rows(path, "Lines", "Line")}
    old = f"$542.00 charged in November 2026 ({MONTH}) on invoice {NUMBER}"
    for note in (
        "new order; late: of October 2026, which was closed before",
        f"correction: takes back {old}; the tier was corrected",
        f"correction: bills anew instead of {old}; the tier was corrected",
    ):
        assert note in notes, note
    assert [] == [what for what, value, right in recalculation.formulas(path) if value != right]


def test_a_line_that_is_billed_anew_is_no_new_order_and_its_invoice_is_named_once() -> None:
    assert "" == line_notes.why("new order", "the entry billed before", NUMBER)
    assert "new order" == line_notes.why("new order", "", "")
    assert "tier standard, not premium" == line_notes.why(f"takes back a line of {NUMBER}: tier standard, not premium", "", NUMBER)


def test_a_credit_memo_says_what_it_credits_and_how_it_is_settled(tmp_path: Path) -> None:
    books = bookkeeping.close(bookkeeping.books([month()[3]]), MONTH)
    face = said(written(books, tmp_path) / DOT, "Invoice")
    for word in (
        "Credit memo", "nothing to pay", "What is credited", "Order 88010004 (app4.dot.example.gov)", "How it is settled",
        f"booked to account DOT-4710 under {NUMBER}",
    ):  # fmt: skip
        assert word in face, word


def test_every_check_of_a_closed_invoice_holds(tmp_path: Path) -> None:
    path = written(closed_books(), tmp_path) / DOT
    assert {True} == {row["Agrees"] for row in rows(path, "Checks", "What must agree")}
    assert [] == [what for what, value, right in recalculation.formulas(path) if value != right]
