"""What is sent of a closed month: a ZIP of all its invoices, and drafts of messages that a person reads and sends."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import zipfile
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from pipeline import chargeback, contracts
from pipeline.contracts import Books
from pipeline.publish import sending, workbooks
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, entry

OCTOBER, NOVEMBER = "FY2027-P04", "FY2027-P05"
NUMBER = f"CRT-{NOVEMBER}-DOT-001"


def entries() -> list[dict[str, Any]]:
    """October and November of DOT, and November of DEP, which has no billing contact."""
    return [
        entry(7, period=OCTOBER, service_on=dt.date(2026, 10, 5)),
        entry(1),
        entry(2, tier="premium", rate_cents=54200, amount_cents=54200),
        entry(3, amount_cents=0, order_id="88010001", service_on=dt.date(2026, 11, 9), reason="reissue within the paid term"),
        entry(6, billed_to="DEP", agency="DEP", account_id="DEP-1200"),
    ]


def closed(lines: list[dict[str, Any]] | None = None) -> Books:
    books = bookkeeping.close(bookkeeping.close(bookkeeping.books(lines or entries()), OCTOBER), NOVEMBER)
    return replace(books, recipients=chargeback.recipients(books.closed, books.agencies, AS_OF).table)


def sent(books: Books, folder: Path) -> list[str]:
    workbooks.invoices(books, SETTINGS, RUN_ID, AS_OF, folder)
    return [path.relative_to(folder).as_posix() for path in sending.write(books, SETTINGS, folder)]


def message(folder: Path, number: str = NUMBER) -> EmailMessage:
    data = (folder / sending.draft_path(NOVEMBER, number)).read_bytes()
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text(found: EmailMessage) -> str:
    body = found.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sent")
    sent(closed(), folder)
    return folder


def test_each_closed_month_has_a_zip_and_the_newest_has_drafts(tmp_path: Path) -> None:
    expected = [f"invoices/{OCTOBER}.zip", f"invoices/{NOVEMBER}.zip", f"invoices/{NOVEMBER}/drafts/{NUMBER}.eml"]
    assert expected == sent(closed(), tmp_path)


def test_a_zip_holds_the_invoices_by_number_byte_by_byte(run: Path) -> None:
    with zipfile.ZipFile(run / f"invoices/{NOVEMBER}.zip") as package:
        assert [f"CRT-{NOVEMBER}-DEP-001.xlsx", f"{NUMBER}.xlsx"] == package.namelist()
        assert (run / f"invoices/{NOVEMBER}/DOT.xlsx").read_bytes() == package.read(f"{NUMBER}.xlsx")


def test_a_draft_is_addressed_unsent_and_carries_the_workbook(run: Path) -> None:
    found = message(run)
    expected = {
        "From": "certificates@example.gov",
        "To": "billing@dot.example.gov",
        "Subject": f"SAMPLE: Invoice {NUMBER}: certificates, November 2026 ({NOVEMBER})",
        "Date": "Mon, 23 Nov 2026 12:00:00 +0000",
        "Message-ID": f"<{NUMBER}@example.gov>",
        "X-Unsent": "1",
    }
    assert expected == {name: str(found[name]) for name in expected}
    (attached,) = found.iter_attachments()
    assert f"{NUMBER}.xlsx" == attached.get_filename()
    assert (run / f"invoices/{NOVEMBER}/DOT.xlsx").read_bytes() == attached.get_content()


def test_a_draft_says_in_plain_words_what_is_to_be_paid_and_how_to_object(run: Path) -> None:
    said = text(message(run))
    for words in (
        "To Department of Transportation",
        f"Attached is invoice {NUMBER} for certificates, November 2026 ({NOVEMBER}): $763.19, due on 2026-12-23.",
        "Account: DOT-4710",
        "  premium: 1 order at $542.00, $542.00",
        "  standard: 1 order at $221.19, 1 reissue at $0.00, $221.19",
        "Is a line wrong? Write to certificates@example.gov",
    ):
        assert words in said, said


def test_a_credit_memo_is_not_to_be_paid(tmp_path: Path) -> None:
    credit = entry(4, kind="credit", amount_cents=-22119, reverses=f"{1:032x}", reason="all revoked")
    sent(closed([entry(7, period=OCTOBER, service_on=dt.date(2026, 10, 5)), credit]), tmp_path)
    assert "credit memo" in text(message(tmp_path))
    assert "$221.19 in your favor.\nNothing is to be paid." in text(message(tmp_path))


def test_the_same_books_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    paths = sent(closed(), tmp_path)
    assert [(run / path).read_bytes() for path in paths] == [(tmp_path / path).read_bytes() for path in paths]


def test_without_a_billing_contact_there_is_a_finding_and_no_draft() -> None:
    books = closed()
    found = chargeback.recipients(books.closed, books.agencies, AS_OF)
    assert [("no-billing-contact", "DEP")] == [(finding.code, finding.value) for finding in found.findings]
    assert [(f"CRT-{NOVEMBER}-DEP-001", ""), (NUMBER, "billing@dot.example.gov")] == list(found.table.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("today", "address"),
    [
        ("new@dot.example.gov", "new@dot.example.gov"),
        ("", "billing@dot.example.gov"),
        ("a@dot.example.gov, b@elsewhere.example", "billing@dot.example.gov"),
        ("Ann <ann@dot.example.gov>\nBcc: x@example.com", "billing@dot.example.gov"),
    ],
)
def test_the_contact_of_today_comes_first_and_must_be_one_address(today: str, address: str) -> None:
    books = closed()
    agencies = books.agencies.assign(billing_contact=books.agencies["billing_contact"].where(books.agencies["agency"] != "DOT", today))
    found = chargeback.recipients(books.closed, agencies, AS_OF).table
    assert address == dict(zip(found["invoice_no"], found["address"], strict=True))[NUMBER]


def test_without_a_closed_month_nothing_is_sent(tmp_path: Path) -> None:
    assert [] == sent(bookkeeping.books(entries()), tmp_path)
    assert () == workbooks.written_otherwise(contracts.Closed(), tmp_path)
    assert chargeback.recipients(contracts.Closed(), contracts.AGENCIES.empty(), AS_OF).table.empty


def test_a_workbook_that_is_drawn_otherwise_today_is_a_note(run: Path) -> None:
    books = closed()
    assert () == workbooks.written_otherwise(books.closed, run)
    kept = books.closed.workbooks
    other = replace(books.closed, workbooks=kept.assign(sha256=kept["sha256"].where(kept["invoice_no"] != NUMBER, "0" * 64)))
    (found,) = workbooks.written_otherwise(other, run)
    assert ("workbook-written-otherwise", NOVEMBER) == (found.code, found.value)
    assert "1 of 2" in found.reason
