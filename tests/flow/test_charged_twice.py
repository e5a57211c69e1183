"""What may be charged twice is told before anybody pays: a certificate in two rows that became two, an order written in two ways."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from pipeline import quality
from pipeline.contracts import Books
from tests.entries.conftest import office
from tests.sources.offices import Office, certificate, certificates

__all__ = ["office"]

CHARGED: dict[str, Any] = {
    "rate": [
        {"tier": "standard", "amount": Decimal("221.19"), "since": dt.date(2024, 7, 1)},
        {"tier": "premium", "amount": Decimal("542.00"), "since": dt.date(2024, 7, 1)},
    ],
    "charges": {"begin": dt.date(2025, 7, 1)},
}
CODES = ("charged-twice", "order-spelled-twice")
FIRST, SECOND = "inbox/exports/orders.csv", "inbox/exports/second-list.csv"


def books(office: Office, first: list[list[str]], second: list[list[str]], **entered: str) -> Books:
    office.put(FIRST, certificates(*first))
    if second:
        office.put(SECOND, certificates(*second))
    for name, text in entered.items():
        office.put(f"entries/{name}.csv", text)
    return office.books(**CHARGED)


def told(made: Books) -> list[tuple[str, str, str, int, str]]:
    found = made.findings[made.findings["code"].isin(CODES)]
    return list(found[["code", "severity", "file", "row", "reason"]].itertuples(index=False, name=None))


def test_a_second_list_with_a_wrong_end_charges_a_certificate_twice_and_that_is_an_error(office: Office) -> None:
    made = books(office, [certificate()], [certificate(order_id="", issuer="", valid_to="2027-04-19")])
    assert 44_238 == int(made.ledger["amount_cents"].sum())
    reason = (
        "$221.19 is charged twice if these are one certificate: serial 0a1b is charged with $221.19 (order 1001, 2026-10-01) here, "
        "$221.19 (no order number, "
        "2026-10-01) in data/inbox/exports/second-list.csv, line 2."
    )
    assert [("charged-twice", "error", FIRST, 2, reason)] == told(made)
    assert "Twice?       $221.19 may be charged twice, in 1 case" in quality.summary(made)
    assert f"Look at      data/{FIRST}, line 2 [charged-twice]: {reason}" in quality.money_to_look_at(made)


def test_where_nothing_is_charged_twice_nothing_is_said(office: Office) -> None:
    made = books(office, [certificate()], [])
    assert ([], 0, 3) == (quality.money_to_look_at(made), len(made.at_stake), len(quality.summary(made)))


@pytest.mark.parametrize("line", ["1001,valid_to,2027-04-19", "0a1b,order_id,1001"])
def test_a_correction_of_either_row_leaves_one_charge(office: Office, line: str) -> None:
    corrections = f"key,column,value,reason,by,on\n{line},a typo,R. Sample,2026-11-20\n"
    made = books(office, [certificate()], [certificate(order_id="", issuer="", valid_to="2027-04-19")], corrections=corrections)
    assert ([], 22_119) == (told(made), int(made.ledger["amount_cents"].sum()))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"issuer": "Other CA", "serial_number": "02"}, 0),  # two small authorities count alike
        ({"issuer": "", "serial_number": "02"}, 1),
        ({"order_id": "1001", "issuer": ""}, 0),  # of one order: a free reissue
        ({"issuer": "", "status": "revoked", "revoked_on": "2026-10-05"}, 0),  # credited
    ],
)
def test_only_a_serial_that_must_be_of_one_certificate_and_is_charged_for_both_is_told(
    office: Office, cells: dict[str, str], expected: int
) -> None:
    serial = {"serial_number": cells.get("serial_number", "0A1B")}
    other = certificate(**{"order_id": "2002", "valid_to": "2027-04-19", **cells})
    assert expected == len(told(books(office, [certificate(**serial)], [other])))


@pytest.mark.parametrize(
    ("one", "other"), [("1105001", "1105001.0"), ("FSB-1", "fsb-1"), ("1105001", "0001105001"), ("1105001", "1105001.00")]
)
def test_order_numbers_that_differ_in_form_only_are_an_error_with_the_dollars(office: Office, one: str, other: str) -> None:
    later = certificate(order_id=other, serial_number="0c", issued_on="2026-10-20", valid_from="2026-10-20", tier="premium")
    made = books(office, [certificate(order_id=one), later], [])
    reason = (
        f"$221.19 is charged twice if these are one order: $542.00 (order {other}, 2026-10-20) here, $221.19 (order {one}, 2026-10-01) in "
        "data/inbox/exports/orders.csv, line 2."
    )
    assert [("order-spelled-twice", "error", FIRST, 3, reason)] == told(made)
    assert [22_119] == made.at_stake["more_cents"].tolist()


def test_a_later_term_under_another_spelling_is_charged_once_and_only_a_warning(office: Office) -> None:
    old = certificate(order_id="1105001", issued_on="2025-08-01", valid_from="2025-08-01", valid_to="2026-08-30", serial_number="0d")
    made = books(office, [old, certificate(order_id="1105001.0", issued_on="2026-08-15")], [])
    reason = (
        "These may be one order: $221.19 (order 1105001.0, 2026-08-15) here, $221.19 (order 1105001, 2025-08-01) in "
        "data/inbox/exports/orders.csv, line 2."
    )
    assert [("order-spelled-twice", "warning", FIRST, 3, reason)] == told(made)
    assert [] == [line for line in quality.summary(made) if line.startswith("Twice")]


@pytest.mark.parametrize(("one", "other"), [("1105001", "1105002"), ("FSB-1", "FSB-10"), ("1.5", "1.50"), ("A.0", "A"), ("", "0")])
def test_order_numbers_that_differ_in_more_are_two_orders(office: Office, one: str, other: str) -> None:
    made = books(office, [certificate(order_id=one), certificate(order_id=other, serial_number="0c", common_name="b.example.gov")], [])
    assert [] == told(made)


def test_two_orders_that_are_two_are_accepted_and_out_of_the_sum(office: Office) -> None:
    rows = [certificate(order_id="12"), certificate(order_id="012", serial_number="0c", common_name="b.example.gov")]
    accepted = "code,file,key,until,by,reason\norder-spelled-twice,,012,2026-12-31,R. Sample,two authorities\n"
    made = books(office, rows, [], accepted=accepted)
    assert (["note"], 0, []) == (
        [severity for _, severity, *_ in told(made)], len(made.at_stake), quality.money_to_look_at(made)
    )  # fmt: skip


def test_one_certificate_under_two_spellings_of_its_order_is_told_once(office: Office) -> None:
    made = books(office, [certificate(order_id="1105001")], [certificate(order_id="1105001.0", issuer="", valid_to="2027-04-19")])
    assert ["charged-twice"] == [code for code, *_ in told(made)]
