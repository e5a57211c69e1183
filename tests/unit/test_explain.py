"""From any name that a person may hold in hand to the rows behind it."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline import explain
from pipeline.contracts import CERTIFICATES, FINDINGS, INVOICES, LEDGER, PLACES, REQUESTS

LINE = {
    "entry_id": "abcdef0123456789", "period": "FY2027-P05", "service_on": "2026-11-02", "agency": "FERRY", "billed_to": "ROADS",
    "account_id": "2001", "order_id": "9001", "certificate": "aa11", "request_id": "R-7", "kind": "charge", "tier": "standard",
    "amount_cents": 22119, "source": 5,
}  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    invoice = {"agency": "ROADS", "account_id": "2001", "period": "FY2027-P05", "status": "draft", "lines": 1, "amount_cents": 22119}
    certificate = {
        "certificate": "aa11", "serial": "0a1b", "common_name": "deck.ferry.example", "order_id": "9001", "status": "active",
        "parse_status": "ok", "matched": "serial", "source": 5, "pem_source": 8, "role": "billing",
    }  # fmt: skip
    request = {
        "request_id": "R-7",
        "kind": "new",
        "order_id": "9001",
        "status": "completed",
        "verdict": "met",
        "source": 6,
        "reopen_count": 0,
    }
    return {
        "invoices": INVOICES.frame([invoice]),
        "ledger": LEDGER.frame([LINE]),
        "certificates": CERTIFICATES.frame([certificate]),
        "requests": REQUESTS.frame([request]),
        "places": PLACES.frame([{"source": 5, "file": "inbox/a.csv", "row": 2}, {"source": 8, "file": "inbox/pem/a.pem", "row": 1}]),
        "findings": FINDINGS.frame(
            [
                {
                    "code": "dates-differ",
                    "severity": "warning",
                    "action": "kept",
                    "file": "inbox/a.csv",
                    "row": 2,
                    "reason": "Two dates.",
                }
            ]
        ),
    }


def titles(name: str, tables: dict[str, pd.DataFrame]) -> list[str]:
    return [hit.title for hit in explain.find(name, tables)]


def test_a_draft_invoice_brings_its_lines(tables: dict[str, pd.DataFrame]) -> None:
    assert ["Invoice", "Ledger entry"] == titles("FY2027-P05-ROADS", tables)
    invoice, line = explain.find("fy2027-p05-roads", tables)
    assert "$221.19" == invoice.facts["amount_cents"]
    assert (5,) == line.sources


def test_an_order_brings_what_was_billed_issued_and_asked(tables: dict[str, pd.DataFrame]) -> None:
    assert ["Ledger entry", "Certificate", "Request"] == titles("9001", tables)


@pytest.mark.parametrize("written", ["0a1b", "0A:1B", "0a 1b", "0x0A1B", "000A1B", "a1b"])
def test_a_serial_is_known_however_it_is_written_and_leads_to_its_charge(written: str, tables: dict[str, pd.DataFrame]) -> None:
    assert ["Ledger entry", "Certificate"] == titles(written, tables)


def test_a_certificate_leads_to_its_export_row_and_its_file(tables: dict[str, pd.DataFrame]) -> None:
    certificate = next(hit for hit in explain.find("aa11", tables) if hit.table == "certificates")
    assert (5, 8) == certificate.sources


def test_a_ledger_entry_may_be_named_by_its_beginning(tables: dict[str, pd.DataFrame]) -> None:
    assert ["Ledger entry"] == titles("abcdef01", tables)
    assert [] == titles("abcd", tables)


def test_a_certificate_may_be_named_by_the_beginning_that_the_trace_page_shows() -> None:
    names = CERTIFICATES.frame(
        [{"certificate": "sha256:00ff00ff00ffaa", "parse_status": "ok", "matched": "none", "source": 1, "role": "file"}]
    )
    none = {"invoices": INVOICES.empty(), "ledger": LEDGER.empty(), "requests": REQUESTS.empty()}
    assert ["Certificate"] == titles("00FF00FF00FF", none | {"certificates": names})


def test_an_entry_names_its_workbook_and_what_it_takes_back(tables: dict[str, pd.DataFrame]) -> None:
    credit = LINE | {"entry_id": "cc", "kind": "credit", "amount_cents": -22119, "reverses": LINE["entry_id"], "order_id": "9002"}
    invoices = tables["invoices"].assign(workbook="invoices/FY2027-P05/ROADS.xlsx")
    (told,) = explain.find("9002", tables | {"ledger": LEDGER.frame([LINE, credit]), "invoices": invoices})
    assert ("invoices/FY2027-P05/ROADS.xlsx", LINE["entry_id"]) == (told.facts["workbook"], told.facts["reverses"])


def test_an_entry_of_an_invoice_is_told_once(tables: dict[str, pd.DataFrame]) -> None:
    entry = LINE | {"order_id": "FY2027-P05-ROADS"}
    assert ["Invoice", "Ledger entry"] == titles("FY2027-P05-ROADS", tables | {"ledger": LEDGER.frame([entry])})


def test_a_source_is_a_file_a_row_and_what_was_found_there(tables: dict[str, pd.DataFrame]) -> None:
    certificate = explain.find("aa11", tables)[-1]
    assert [("inbox/a.csv", "", 2), ("inbox/pem/a.pem", "", 1)] == explain.places(certificate, tables)
    assert ["warning, kept: Two dates."] == explain.findings_at(("inbox/a.csv", "", 2), tables)
    assert [] == explain.findings_at(("inbox/pem/a.pem", "", 1), tables)


@pytest.mark.parametrize("name", ["", "  ", "nothing", "%", "FY2027-P05-FERRY"])
def test_what_is_not_there_is_not_found(name: str, tables: dict[str, pd.DataFrame]) -> None:
    assert [] == titles(name, tables)
