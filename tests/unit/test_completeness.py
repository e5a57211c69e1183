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
    part = certificate(2, "2026-09-20", order_id="A", tier="", product="Odd")
    table = became(certificate(1, "2026-09-02", order_id="A"), part, certificate(3, "2026-09-03", order_id="B"))
    assert [("FY2027-P03", "A", "billed", STANDARD), ("FY2027-P03", "B", "billed", STANDARD)] == outcomes(table)
    assert ["one of its certificates waits: no tier is known for Odd", ""] == list(table["why"])


def test_what_was_charged_waits_for_nothing_though_its_tier_is_not_known_any_more() -> None:
    once = certificate(1, "2026-09-02", order_id="A")
    certificates, export_rows = tables([{**once, "tier": "", "product": "Odd"}])
    table = chargeback.billed_orders(orders.charged(once).table, certificates, {}, orders.came_in(export_rows), settings(), AS_OF)
    assert [("A", "billed", "")] == list(table[["order_key", "outcome", "why"]].itertuples(index=False, name=None))


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


def entry(entry_id: str, order_id: str, cents: int, on: str = "2026-09-05", **facts: Any) -> dict[str, Any]:
    """A ledger line of September 2026 for Parks, about a certificate of the order with a host of that name."""
    usual = {"kind": "charge", "agency": "PARKS", "billed_to": "PARKS", "account_id": "PARKS-1", "tier": "standard", "period": "FY2027-P03"}
    about = {"certificate": f"c-{entry_id}", "common_name": f"{order_id.lower()}.example.gov", "source": 1, "service_on": day(on)}
    return {**usual, **about, "entry_id": entry_id, "order_id": order_id, "amount_cents": cents, **facts}


def test_what_each_kind_of_line_makes_of_its_order() -> None:
    about_nothing: dict[str, Any] = {"certificate": "", "common_name": "", "tier": ""}
    ledger = [
        entry("01", "A", STANDARD, "2026-09-02", source=5),
        entry("02", "A", 0, "2026-09-03", tier="premium"),
        entry("03", "B", 0, common_name=""),
        entry("04", "C", STANDARD),
        entry("05", "C", -STANDARD, "2026-09-09", kind="credit", certificate="c-04", reverses="04"),
        entry("06", "D", -STANDARD, kind="credit", reverses="of-august"),
        entry("07", "E", 100, kind="adjustment"),
        entry("08", "F", -100, kind="adjustment", decision="waiver", adjustment="D-1"),
        entry("09", "F", -200, kind="adjustment", decision="waiver", adjustment="D-1"),
        entry("10", "F", -300, kind="adjustment", decision="credit", adjustment="D-2"),
        entry("11", "G", -STANDARD, **{"class": "correction"}, corrected_invoice="CRT-1", takes_back="x", reverses="y"),
        entry("12", "H", STANDARD, "2026-08-30", **{"class": "late"}),
        entry("21", "H", 0, "2026-09-06"),
        entry("13", "", -50, kind="adjustment", decision="credit", adjustment="D-3", **about_nothing),
        entry("14", "", STANDARD, common_name="j.example.gov"),
        entry("15", "", 0, common_name="j.example.gov"),
        entry("16", "K", 0, kind="memo", decision="memo", adjustment="D-4", memo_cents=900),
        entry("17", "A", STANDARD, agency="FERRY", billed_to="ROADS", account_id="ROADS-1"),
        entry("18", "L", STANDARD, **{"class": "correction"}, corrected_invoice="CRT-2", rebills="x"),
        entry("19", "M", STANDARD, period="FY2027-P04", service_on=day("2026-10-01")),
        entry("20", "M", -STANDARD, kind="credit", certificate="c-19", reverses="19", period="FY2027-P05", service_on=day("2026-11-01")),
    ]
    seen = [
        {
            **certificate(1, "2026-09-05"),
            "certificate": f"c-{one}",
            "subject_alternative_names": "b1.example b2.example b3.example",
        }
        for one in ("03", "15")
    ]
    certificates, export_rows = tables(seen)
    table = chargeback.billed_orders(
        contracts.LEDGER.frame(ledger), certificates, {"c-15": "c-14"}, orders.came_in(export_rows), settings(), AS_OF
    )
    names = ["agency", "order_key", "order_id", "host", "tier", "certificates", "lines", "amount_cents", "outcome", "why", "row"]
    parks = [
        ("PARKS", "H", "H", "h.example.gov", "standard", 2, 2, STANDARD, "billed", "late: of August 2026 (FY2027-P02)", 2),
        ("PARKS", "A", "A", "a.example.gov", "standard", 2, 2, STANDARD, "billed", "", 6),
        ("PARKS", "13", "", "", "", 0, 1, -50, "no order", "credit D-3", 2),
        ("PARKS", "B", "B", "b1.example", "standard", 1, 1, 0, "reissued", "", 2),
        ("PARKS", "C", "C", "c.example.gov", "standard", 1, 2, 0, "refunded", "", 2),
        ("PARKS", "D", "D", "d.example.gov", "standard", 1, 1, -STANDARD, "refunded", "", 2),
        ("PARKS", "E", "E", "e.example.gov", "standard", 1, 1, 100, "billed", "", 2),
        ("PARKS", "F", "F", "f.example.gov", "standard", 3, 3, -600, "adjusted", "waiver D-1; credit D-2", 2),
        ("PARKS", "G", "G", "g.example.gov", "standard", 1, 1, -STANDARD, "adjusted", "corrects CRT-1", 2),
        ("PARKS", "K", "K", "k.example.gov", "standard", 1, 1, 0, "adjusted", "memo D-4", 2),
        ("PARKS", "L", "L", "l.example.gov", "standard", 1, 1, STANDARD, "adjusted", "corrects CRT-2", 2),
        ("PARKS", "c-14", "", "j.example.gov", "standard", 2, 2, STANDARD, "billed", "", 2),
    ]
    roads = ("ROADS", "A", "A", "a.example.gov", "standard", 1, 1, STANDARD, "billed", "", 2)
    later = [
        ("PARKS", "M", "M", "m.example.gov", "standard", 1, 1, STANDARD, "billed", "", 2),
        ("PARKS", "M", "M", "m.example.gov", "standard", 1, 1, -STANDARD, "refunded", "", 2),
    ]
    assert [*parks, roads, *later] == list(table[names].itertuples(index=False, name=None))
    assert ["2026-08-30", "2026-09-02"] == table["first_on"].dt.strftime("%Y-%m-%d").tolist()[:2]
    assert {FILE} == set(table["file"])


def test_why_an_order_has_no_line_of_its_own() -> None:
    """Certificates that wait, are not charged yet or never, and rows of which no certificate came, beside one order that is billed."""
    named = {"agency_text": "PARKS", "agency_match": "code", "product": "standard"}
    told = [
        certificate(1, "2026-09-01", order_id="A"),
        certificate(
            2,
            "2026-09-02",
            order_id="B",
            agency="",
            common_name="",
            subject_alternative_names="b1.example b2.example b3.example",
        ),
        certificate(3, "2026-09-03", order_id="C", tier="", product="Wildcard  Plus"),
        certificate(4, "2026-09-04", order_id="D", tier=""),
        certificate(5, "2026-09-05", order_id="E", tier="gold"),
        certificate(6, None, order_id="F"),
        certificate(7, "2026-12-01", order_id="G"),
        certificate(8, "2026-09-08", order_id="H", role="inventory"),
        certificate(9, "2026-09-09", order_id="A", role="inventory"),
        certificate(10, "2026-09-10", role="inventory"),
        certificate(11, "2026-09-11", order_id="K", role="file"),
        certificate(12, "2026-09-12", tier=""),
        certificate(13, "2026-09-13", tier=""),
        certificate(14, "2026-11-23", order_id="N", tier=""),
    ]
    not_issued = [
        certificate(20, "2026-10-05", order_id="P", status="pending", **named),
        certificate(21, None, order_id="R", status="rejected", valid_from_on=day("2026-10-06"), **named),
        certificate(22, None, order_id="S", status="canceled", **named),
        certificate(23, "2026-10-07", status="pending", **{**named, "common_name": "", "agency_text": "ROADS", "product": "Odd"}),
        certificate(24, "2026-10-08", order_id="T", status="pending", role="inventory", **named),
    ]
    certificates, export_rows = tables(told)
    of_order = dict(zip(certificates["serial"], certificates["certificate"], strict=True))
    rows = pd.concat([export_rows, *(tables([row])[1].assign(status=row["status"]) for row in not_issued)], ignore_index=True)
    ledger = contracts.LEDGER.frame([entry("01", "A", STANDARD, certificate=of_order["0001"])])
    one_order = {of_order["000d"]: of_order["000c"]}
    table = chargeback.billed_orders(ledger, certificates, one_order, orders.came_in(rows), settings(), AS_OF)
    names = ["period", "agency", "order_key", "host", "tier", "certificates", "outcome", "why", "row"]
    assert [
        ("FY2027-P03", "", "B", "b1.example", "standard", 1, "unanswered", "nobody knows yet who pays", 3),
        ("FY2027-P03", "PARKS", "C", "host3.example.gov", "", 1, "unanswered", "no tier is known for Wildcard  Plus", 4),
        ("FY2027-P03", "PARKS", "D", "host4.example.gov", "", 1, "unanswered", "no tier is given", 5),
        ("FY2027-P03", "PARKS", "A", "a.example.gov", "standard", 1, "billed", "", 2),
        ("FY2027-P03", "PARKS", "E", "host5.example.gov", "gold", 1, "unanswered", "no rate for gold is in force on 2026-09-05", 6),
        (
            "FY2027-P03", "PARKS", "H", "host8.example.gov", "standard", 1, "not billable",
            "only an inventory names it; what no billing export tells is not charged", 9,
        ),
        ("FY2027-P03", "PARKS", of_order["000c"], "host12.example.gov", "", 2, "unanswered", "no tier is given", 13),
        ("FY2027-P04", "PARKS", "P", "host20.example.gov", "standard", 0, "not billable", "pending: no certificate was issued yet", 21),
        ("FY2027-P04", "PARKS", "R", "host21.example.gov", "standard", 0, "not billable", "rejected: no certificate was issued", 22),
        (
            "FY2027-P04", "ROADS", "host23.example.gov, ROADS, Odd, 2026-10-07, 1", "host23.example.gov", "", 0, "not billable",
            "pending: no certificate was issued yet", 24,
        ),
        ("FY2027-P05", "PARKS", "F", "host6.example.gov", "standard", 1, "not billable", "no day of issue is given", 7),
        ("FY2027-P05", "PARKS", "N", "host14.example.gov", "", 1, "unanswered", "no tier is given", 15),
        ("FY2027-P05", "PARKS", "S", "host22.example.gov", "standard", 0, "not billable", "canceled: no certificate was issued", 23),
        (
            "FY2027-P05", "PARKS", "G", "host7.example.gov", "standard", 1, "not billable",
            "issued on 2026-12-01, after the day of these books", 8,
        ),
    ] == list(table[names].itertuples(index=False, name=None))  # fmt: skip
    assert [0] * 13 == table.loc[table["order_key"] != "A", "lines"].tolist()


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
