"""The journal: debits and credits in the state's fields."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline import encumbrances, journal
from pipeline.contracts import Stage
from pipeline.findings import Finding
from tests import orders
from tests.orders import AS_OF, STANDARD, adjusted, agencies, charged, decision, settings

OFFICE = {"begin": orders.day("2025-07-01"), "revenue_account": "OWN"}
KNOWN = (("OWN", "2025-07-01", None), ("PARKS-1", "2025-07-01", None), ("ROADS-1", "2025-07-01", None))


def booked(ledger: pd.DataFrame, *known: tuple[str, str, str | None], own: str = "OWN") -> Stage:
    chosen = settings(charges=OFFICE | {"revenue_account": own})
    estimate = orders.estimates(("PARKS", 2027, 1, "IE-7"))
    expected = encumbrances.against_actual(ledger, estimate, agencies(), chosen, AS_OF).table
    return journal.journal(ledger, orders.accounts(*known), expected, chosen)


def lines(stage: Stage, *columns: str) -> list[tuple[Any, ...]]:
    return list(stage.table[list(columns)].itertuples(index=False, name=None))


def test_a_charge_debits_the_agency_and_credits_the_office_and_a_waiver_does_the_reverse() -> None:
    ledger = adjusted(decision(1, document="L-7"), decision(2, kind="memo")).table
    stage = booked(ledger[ledger["order_id"] == "A"], *KNOWN)
    assert [
        (1, "DRAFT-FY2027-P03-PARKS", "PARKS-1", "P2025", STANDARD, 0, "charge", ""),
        (2, "DRAFT-FY2027-P03-PARKS", "OWN", "O2025", 0, STANDARD, "charge", ""),
        (3, "DRAFT-FY2027-P04-PARKS", "PARKS-1", "P2025", 0, 10_000, "adjustment", "L-7"),
        (4, "DRAFT-FY2027-P04-PARKS", "OWN", "O2025", 10_000, 0, "adjustment", "L-7"),
    ] == lines(stage, "line", "document_id", "account_id", "unit", "debit_cents", "credit_cents", "kind", "document")
    assert {"IE-7"} == set(stage.table["encumbrance"])
    assert () == stage.findings


def test_the_fields_are_those_of_the_last_day_of_the_month() -> None:
    ledger = charged(orders.certificate(1, "2026-09-01"), orders.certificate(2, "2026-10-01"), orders.certificate(3, "2026-11-01")).table
    stage = booked(ledger, KNOWN[0], ("PARKS-1", "2025-07-01", None), ("PARKS-1", "2026-10-31", "2026-11-29"))
    units = [unit for account, unit in lines(stage, "account_id", "unit") if account == "PARKS-1"]
    assert ["P2025", "P2026", ""] == units
    reason = "No line of account PARKS-1 holds on 2026-11-30, so its lines of the journal have no fund, department or object."
    unknown = Finding("account-unknown", reason, value="PARKS-1", column="account_id", file="entries/accounts.csv")
    assert (unknown,) == stage.findings


def test_what_is_lacking_is_told_once_and_only_where_accounts_are_kept() -> None:
    ledger = charged(*orders.CHARGES).table
    assert ["ROADS-1"] == [one.value for one in booked(ledger, *KNOWN[:2]).findings]
    assert () == booked(ledger).findings
    (nameless,) = booked(ledger, *KNOWN, own="").findings
    assert "set revenue_account in [charges]" in nameless.reason


def test_the_lines_stand_in_posting_order_whatever_the_order_of_the_ledger() -> None:
    """Two charges of one day and one of the month before; each with its debit, then its credit."""
    ledger = charged(*(orders.certificate(number, on) for number, on in enumerate(("2026-10-01", "2026-10-01", "2026-09-30"), 1))).table
    in_order = lines(booked(ledger, *KNOWN), "line", "entry_id", "account_id", "debit_cents")
    assert in_order == lines(booked(ledger.iloc[[2, 0, 1]].reset_index(drop=True), *KNOWN), "line", "entry_id", "account_id", "debit_cents")
    assert [STANDARD, 0] * 3 == [cents for *_, cents in in_order]
    assert ledger["entry_id"].repeat(2).tolist() == [entry for _, entry, *_ in in_order]


def test_an_agency_without_an_estimate_has_no_document_of_one() -> None:
    stage = booked(charged(orders.certificate(1, "2026-09-01"), orders.certificate(2, "2026-09-02", agency="ROADS")).table, *KNOWN)
    assert [("PARKS", "IE-7"), ("ROADS", "")] == sorted(set(lines(stage, "agency", "encumbrance")))


def test_no_entries_make_no_journal() -> None:
    assert booked(charged().table, *KNOWN).table.empty
