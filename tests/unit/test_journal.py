"""The journal: debits and credits in the state's fields."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline import encumbrances, journal
from pipeline.contracts import ENCUMBRANCES, Stage
from pipeline.findings import Finding
from tests import orders
from tests.orders import AS_OF, STANDARD, adjusted, agencies, charged, decision, settings

OFFICE = {"begin": orders.day("2025-07-01"), "revenue_account": "OWN"}
KNOWN = (("OWN", "2025-07-01", None), ("PARKS-1", "2025-07-01", None), ("ROADS-1", "2025-07-01", None))

NAMELESS = Finding(
    "account-unknown",
    "The office's own account is not named, so its lines of the journal have none; set revenue_account in [charges].",
    column="account_id",
    file="entries/accounts.csv",
)


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
    assert (NAMELESS,) == booked(ledger, *KNOWN, own="").findings


def test_an_agency_without_an_account_is_told_of_elsewhere_and_hides_nobody_else() -> None:
    ledger = charged(
        orders.certificate(1, "2026-09-01", agency="WATER"),
        orders.certificate(2, "2026-09-02", agency="ROADS"),
        to=agencies({"agency": "WATER"}, {"agency": "ROADS", "account_id": "ROADS-1"}),
    ).table
    assert {"WATER": "", "ROADS": "ROADS-1"} == dict(zip(ledger["agency"], ledger["account_id"], strict=True))
    assert ["ROADS-1"] == [one.value for one in booked(ledger, *KNOWN[:2]).findings]
    assert ["", "ROADS-1"] == [one.value for one in booked(ledger, *KNOWN[:2], own="").findings]


def test_an_account_holds_until_its_last_day_that_day_included() -> None:
    stage = booked(charged(orders.certificate(1, "2026-09-01")).table, KNOWN[0], ("PARKS-1", "2026-09-30", "2026-09-30"))
    assert [("PARKS-1", "P2026"), ("OWN", "O2025")] == lines(stage, "account_id", "unit")
    assert () == stage.findings


def test_the_agency_of_a_line_is_the_one_that_is_invoiced() -> None:
    merged = agencies(
        {"agency": "PARKS", "account_id": "PARKS-1", "valid_to": orders.day("2026-08-31"), "successor": "ROADS"},
        {"agency": "ROADS", "account_id": "ROADS-1"},
    )
    stage = booked(charged(orders.certificate(1, "2026-09-01"), to=merged).table, *KNOWN)
    assert [("ROADS", "ROADS-1", "DRAFT-FY2027-P03-ROADS"), ("ROADS", "OWN", "DRAFT-FY2027-P03-ROADS")] == lines(
        stage, "agency", "account_id", "document_id"
    )


def test_the_debit_of_each_of_many_entries_stands_right_before_its_credit() -> None:
    """More than sixteen lines, which an unstable sort would mix."""
    ledger = charged(*(orders.certificate(number, "2026-10-01") for number in range(1, 21))).table
    assert ["PARKS-1", "OWN"] * 20 == booked(ledger, *KNOWN).table["account_id"].tolist()


def test_the_lines_stand_in_posting_order_whatever_the_order_of_the_ledger() -> None:
    """Two charges of one day and one of the month before; each with its debit, then its credit."""
    ledger = charged(*(orders.certificate(number, on) for number, on in enumerate(("2026-10-01", "2026-10-01", "2026-09-30"), 1))).table
    in_order = lines(booked(ledger, *KNOWN), "line", "entry_id", "account_id", "debit_cents")
    assert in_order == lines(booked(ledger.iloc[[2, 0, 1]].reset_index(drop=True), *KNOWN), "line", "entry_id", "account_id", "debit_cents")
    assert [STANDARD, 0] * 3 == [cents for *_, cents in in_order]
    assert ledger["entry_id"].repeat(2).tolist() == [entry for _, entry, *_ in in_order]


def test_an_agency_without_an_estimate_has_no_document_of_one() -> None:
    ledger = charged(orders.certificate(1, "2026-09-01"), orders.certificate(2, "2026-09-02", agency="ROADS")).table
    assert [("PARKS", "IE-7"), ("ROADS", "")] == sorted(set(lines(booked(ledger, *KNOWN), "agency", "encumbrance")))
    nothing_set_aside = journal.journal(ledger, orders.accounts(), ENCUMBRANCES.empty(), settings(charges=OFFICE))
    assert [""] * 4 == nothing_set_aside.table["encumbrance"].tolist()


def test_no_entries_make_no_journal() -> None:
    assert booked(charged().table, *KNOWN).table.empty
