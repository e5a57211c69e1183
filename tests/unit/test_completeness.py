"""What became of each order of a month: an order counts once, nothing is left out, and the cents are the ledger's."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import chargeback, contracts
from pipeline.contracts import BILLED_ORDERS, Closed
from tests import orders
from tests.orders import AS_OF, FILE, PREMIUM, STANDARD, agencies, certificate, day, settings, tables


def became(*told: Mapping[str, Any], not_issued: tuple[Mapping[str, Any], ...] = (), closed: Closed | None = None) -> pd.DataFrame:
    certificates, export_rows = tables(told)
    charged = chargeback.ledger(certificates, export_rows, agencies(), settings(), AS_OF)
    rows = pd.concat([export_rows, *(tables([row])[1].assign(status=row["status"]) for row in not_issued)], ignore_index=True)
    return orders.became(certificates, rows, charged, closed=closed)


def outcomes(table: pd.DataFrame) -> list[tuple[str, str, str, int]]:
    names = ["period", "order_key", "outcome", "amount_cents"]
    return list(table[names].itertuples(index=False, name=None))


def test_an_order_is_billed_once_however_many_certificates_it_has() -> None:
    table = became(certificate(1, "2026-09-02", order_id="A"), certificate(2, "2026-09-20", order_id="A"))
    assert [("FY2027-P03", "A", "billed", STANDARD)] == outcomes(table)
    expected = ("PARKS", "PARKS-1", 2, 2, "host1.example.gov", day("2026-09-02"), FILE, 2)
    names = ["agency", "account_id", "certificates", "lines", "host", "first_on", "file", "row"]
    found = table[names].assign(first_on=table["first_on"].dt.date).itertuples(index=False, name=None)
    assert [expected] == list(found)


def test_a_month_that_only_reissues_says_so() -> None:
    table = became(certificate(1, "2026-09-02", order_id="A"), certificate(2, "2026-10-20", order_id="A"))
    assert [("FY2027-P03", "A", "billed", STANDARD), ("FY2027-P04", "A", "reissued", 0)] == outcomes(table)


def test_an_upgrade_is_billed() -> None:
    table = became(certificate(1, "2026-09-02", order_id="A"), certificate(2, "2026-10-20", order_id="A", tier="premium"))
    assert ("FY2027-P04", "A", "billed", PREMIUM - STANDARD) == outcomes(table)[1]


def test_what_was_taken_back_is_refunded_in_the_month_of_the_credit() -> None:
    at_once = became(certificate(1, "2026-09-02", order_id="A", revoked_on=day("2026-09-09")))
    later = became(certificate(1, "2026-09-25", order_id="A", revoked_on=day("2026-10-09")))
    assert [("FY2027-P03", "A", "refunded", 0)] == outcomes(at_once)
    assert [("FY2027-P03", "A", "billed", STANDARD), ("FY2027-P04", "A", "refunded", -STANDARD)] == outcomes(later)


def test_what_waits_for_an_answer_says_for_which() -> None:
    table = became(
        certificate(1, "2026-09-02", order_id="A", tier="", product="Wildcard Plus"),
        certificate(2, "2026-09-03", order_id="B", tier=""),
        certificate(3, "2026-09-04", order_id="C", agency=""),
    )
    assert [
        ("", "C", "unanswered", "nobody knows yet who pays"),
        ("PARKS", "A", "unanswered", "no tier is known for Wildcard Plus"),
        ("PARKS", "B", "unanswered", "no tier is given"),
    ] == list(table[["agency", "order_key", "outcome", "why"]].itertuples(index=False, name=None))


def test_an_order_without_a_rate_is_unanswered() -> None:
    told = certificate(1, "2026-09-02", order_id="A")
    certificates, export_rows = tables([told])
    chosen = settings(rate=[{"tier": "premium", "amount": 542, "since": dt.date(2024, 7, 1)}])
    charged = chargeback.ledger(certificates, export_rows, agencies(), chosen, AS_OF)
    table = orders.became(certificates, export_rows, charged, by=chosen)
    assert ["no rate for standard is in force on 2026-09-02"] == list(table["why"])


def test_an_order_of_which_a_part_waits_counts_once_and_says_so() -> None:
    table = became(certificate(1, "2026-09-02", order_id="A"), certificate(2, "2026-09-20", order_id="A", tier="", product="Odd"))
    assert [("FY2027-P03", "A", "billed", STANDARD)] == outcomes(table)
    assert ["one of its certificates waits: no tier is known for Odd"] == list(table["why"])


def test_what_came_to_nothing_is_not_billable() -> None:
    pending = certificate(7, "2026-10-05", order_id="P", status="pending", agency_text="PARKS", agency_match="code", product="standard")
    undated = certificate(8, None, order_id="R", status="rejected", agency_text="PARKS", agency_match="code", product="standard")
    table = became(certificate(1, "2026-10-02", order_id="A"), not_issued=(pending, undated))
    assert [
        ("FY2027-P04", "A", "billed", ""),
        ("FY2027-P04", "P", "not billable", "pending: no certificate was issued yet"),
        ("FY2027-P05", "R", "not billable", "rejected: no certificate was issued"),
    ] == list(table[["period", "order_key", "outcome", "why"]].itertuples(index=False, name=None))


def test_an_order_that_only_an_inventory_names_is_not_billable() -> None:
    table = became(certificate(1, "2026-10-02", order_id="A", role="inventory"), certificate(2, "2026-10-03", role="inventory"))
    assert [("A", "not billable")] == list(table[["order_key", "outcome"]].itertuples(index=False, name=None))


def test_certificates_without_a_number_that_are_one_order_count_once() -> None:
    same = {"subject_alternative_names": "a.example.gov", "valid_to": pd.Timestamp("2027-09-30", tz="UTC")}
    table = became(certificate(1, "2026-09-02", **same), certificate(2, "2026-09-20", **same))
    assert [("billed", 2, STANDARD)] == list(table[["outcome", "certificates", "amount_cents"]].itertuples(index=False, name=None))


def test_certificates_without_a_number_that_are_one_order_wait_once() -> None:
    same = {"common_name": "", "subject_alternative_names": "a.example.gov b.example.gov", "valid_to": pd.Timestamp("2027-09-30", tz="UTC")}
    table = became(*(certificate(number, f"2026-09-0{number}", tier="", product="Plus", **same) for number in (1, 2)))
    assert [("unanswered", 2, "no tier is known for Plus", "a.example.gov")] == list(
        table[["outcome", "certificates", "why", "host"]].itertuples(index=False, name=None)
    )


def test_a_billed_order_without_a_common_name_is_for_the_first_of_its_names() -> None:
    names = {"common_name": "", "subject_alternative_names": "a.example.gov b.example.gov"}
    assert ["a.example.gov"] == became(certificate(1, "2026-09-02", order_id="A", **names))["host"].tolist()


def test_what_is_before_the_first_charged_day_is_not_told() -> None:
    assert became(certificate(1, "2025-06-30", order_id="A")).empty


def closed_september(*known: str) -> Closed:
    period = {"period": "FY2027-P03", "turn": 1, "closed_on": day("2026-10-05"), "closed_by": "A. Clerk"}
    frozen = {"agency": "PARKS", "account_id": "PARKS-1", "period": "FY2027-P03", "certificates": 1, "lines": 0, "amount_cents": 0}
    told = [{**frozen, "order_key": key, "order_id": key, "outcome": "unanswered", "why": "as it was"} for key in known]
    return Closed(periods=contracts.CLOSED_PERIODS.frame([period]), orders=BILLED_ORDERS.frame(told))


def test_what_a_closed_month_did_not_know_stands_in_the_first_open_one() -> None:
    table = became(certificate(1, "2026-09-02", order_id="A", tier=""), closed=closed_september())
    assert [("FY2027-P04", "A", "unanswered", 0)] == outcomes(table)


def test_a_closed_month_keeps_what_it_said() -> None:
    table = became(certificate(1, "2026-09-02", order_id="A", tier=""), closed=closed_september("A", "B"))
    assert [("FY2027-P03", "A", "unanswered", 0), ("FY2027-P03", "B", "unanswered", 0)] == outcomes(table)
    assert {"as it was"} == set(table["why"])


@pytest.mark.parametrize("status", ["issued", "pending"])
def test_an_order_of_a_day_that_is_yet_to_come_stands_in_the_month_of_these_books(status: str) -> None:
    order = certificate(1, "9999-12-31", order_id="A", agency_text="PARKS", agency_match="code", product="standard", status=status)
    table = became(order) if status == "issued" else became(certificate(2, "2026-10-02", role="file"), not_issued=(order,))
    assert [("FY2027-P05", "A", "not billable", 0)] == [one for one in outcomes(table) if one[1] == "A"]


def test_a_renewal_that_comes_after_its_month_was_closed_is_told_although_an_earlier_month_knows_the_order() -> None:
    closed = closed_september("A")
    earlier = closed.orders.assign(period="FY2026-P03", first_on=pd.Timestamp("2025-09-02")).astype(closed.orders.dtypes.to_dict())
    table = became(certificate(1, "2026-09-02", order_id="A", tier=""), closed=dataclasses.replace(closed, orders=earlier))
    assert [("FY2026-P03", "A", "unanswered", 0), ("FY2027-P04", "A", "unanswered", 0)] == outcomes(table)


def test_an_order_that_was_carried_to_a_month_that_is_closed_now_is_not_told_again() -> None:
    closed = closed_september("A")
    carried = closed.orders.assign(first_on=pd.Timestamp("2026-08-02")).astype(closed.orders.dtypes.to_dict())
    august = closed.periods.assign(period="FY2027-P02", turn=0).astype(closed.periods.dtypes.to_dict())
    both = dataclasses.replace(closed, orders=carried, periods=pd.concat([august, closed.periods], ignore_index=True))
    table = became(certificate(1, "2026-08-02", order_id="A", tier=""), closed=both)
    assert [("FY2027-P03", "A", "unanswered", 0)] == outcomes(table)


def test_what_is_posted_beside_closed_months_says_why_it_is_there() -> None:
    """Order A was closed as of Parks and is of Roads; order C is of August, and comes after its close."""
    first = certificate(1, "2026-09-02", order_id="A")
    closed = Closed()
    for period in ("FY2027-P01", "FY2027-P02", "FY2027-P03"):
        closed = orders.close(orders.charged(first).table, period, closed)
    told = [{**first, "agency": "ROADS"}, certificate(2, "2026-10-05", order_id="B"), certificate(3, "2026-08-20", order_id="C")]
    certificates, export_rows = tables(told)
    ledger = orders.posted(told, closed).table
    table = orders.became(certificates, export_rows, orders.charged(*told), ledger=ledger, closed=closed)
    corrects = "corrects CRT-FY2027-P03-PARKS-PARKS-1"
    assert [
        ("FY2027-P04", "PARKS", "C", "billed", STANDARD, "late: of August 2026 (FY2027-P02)"),
        ("FY2027-P04", "PARKS", "A", "adjusted", -STANDARD, corrects),
        ("FY2027-P04", "PARKS", "B", "billed", STANDARD, ""),
        ("FY2027-P04", "ROADS", "A", "adjusted", STANDARD, corrects),
    ] == list(table[["period", "agency", "order_key", "outcome", "amount_cents", "why"]].itertuples(index=False, name=None))


def test_what_people_decided_names_the_decision_whether_it_is_about_an_order_or_not() -> None:
    certificates, export_rows = tables(orders.CHARGES)
    decided = [
        orders.decision(1),
        orders.decision(2, kind="credit", amount_cents=100),
        orders.decision(3, kind="charge", order_id="", agency="ROADS"),
    ]
    table = orders.became(certificates, export_rows, orders.charged(*orders.CHARGES), ledger=orders.adjusted(*decided).table)
    october = table[table["period"] == "FY2027-P04"]
    assert [("PARKS", "adjusted", "waiver D-1; credit D-2"), ("ROADS", "no order", "charge D-3")] == [
        (agency, outcome, "; ".join(sorted(why.split("; "), key=lambda one: one[-1])))
        for agency, outcome, why in october[["agency", "outcome", "why"]].itertuples(index=False, name=None)
    ]
    september = table[table["period"] == "FY2027-P03"]
    assert {"A": "billed", "B": "billed", "C": "refunded", "": "billed"} == dict(
        zip(september["order_id"], september["outcome"], strict=True)
    )


def test_the_key_of_an_order_without_a_number_does_not_depend_on_where_its_row_stands() -> None:
    asked = [
        {"common_name": host, "subject_alternative_names": "", "status": status, "agency_text": "PARKS", "agency_match": "code"}
        for host, status in (("a.example.gov", "pending"), ("b.example.gov", "rejected"), ("a.example.gov", "rejected"))
    ]
    seen = certificate(1, "2026-10-02", order_id="A")
    names = ["order_key", "host", "why"]
    told = []
    for first, rows in ((2, asked), (20, asked[::-1])):
        not_issued = tuple(certificate(number, "2026-10-05", **row) for number, row in enumerate(rows, start=first))
        told.append(sorted(became(seen, not_issued=not_issued)[names].itertuples(index=False, name=None)))
    assert told[0] == told[1]
    assert 4 == len(told[0])


DAYS = st.dates(dt.date(2026, 6, 1), AS_OF)


@given(
    st.lists(
        st.tuples(
            DAYS,
            st.sampled_from(["", "A", "B", "C", "D"]),
            st.sampled_from(["", "standard", "premium"]),
            st.sampled_from(["", "PARKS", "ROADS"]),
        )
    )
)
def test_the_cents_and_lines_of_a_month_are_the_ledgers_and_an_order_counts_once(told: list[tuple[dt.date, str, str, str]]) -> None:
    known = [
        certificate(number, str(on), order_id=order, tier=tier, agency=agency, agency_text=agency)
        for number, (on, order, tier, agency) in enumerate(told, 1)
    ][:39]
    certificates, export_rows = tables(known)
    ledger = chargeback.ledger(certificates, export_rows, agencies(), settings(), AS_OF)
    table = orders.became(certificates, export_rows, ledger)
    keys = ["period", "agency", "account_id"]
    posted = ledger.table.assign(agency=ledger.table["billed_to"]).groupby(keys)["amount_cents"].agg(["sum", "size"])
    with_lines = table[table["lines"] > 0].groupby(keys)[["amount_cents", "lines"]].sum()
    assert posted.to_numpy().tolist() == with_lines.to_numpy().tolist()
    silent = {(f"{facts['order_id']}") for facts in known if facts["order_id"]} - set(table["order_id"])
    assert set() == silent
    assert not table[[*keys, "order_key"]].duplicated().any()
