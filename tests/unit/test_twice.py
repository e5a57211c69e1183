"""What may be charged twice, on certificates told in a few words; whole runs are in tests/flow/test_charged_twice.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import contracts
from pipeline.chargeback.orders import Issue
from pipeline.chargeback.twice import alike, plain_number, told
from pipeline.contracts import Stage
from pipeline.issuers import may_be_one_serial
from tests.orders import certificate, charged, day

PLACES = contracts.PLACES.frame({"source": number, "file": "inbox/exports/a.csv", "row": number + 1} for number in range(1, 40))
LIST = "data/inbox/exports/a.csv, line"
# So long a serial number is drawn by chance: no two authorities have the same.
SERIAL = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def twice(*certificates: Mapping[str, Any], places: Any = PLACES) -> Stage:
    return told(charged(*certificates).twice, places)


def said(stage: Stage) -> list[tuple[str, int, str]]:
    return [(one.code, one.source or 0, one.reason) for one in stage.findings]


def test_one_serial_number_that_is_charged_for_two_certificates_is_told_at_the_later_one() -> None:
    later = certificate(1, "2026-09-20", serial=SERIAL, order_id="B", tier="premium")
    earlier = certificate(2, "2026-09-10", serial=f"00{SERIAL}", order_id="A")
    found = twice(later, earlier)
    reason = f"$221.00 is charged twice if these are one certificate: serial {SERIAL} is charged with $542.00 (order B, 2026-09-20) here, "
    assert [("charged-twice", 1, f"{reason}$221.00 (order A, 2026-09-10) in {LIST} 3.")] == said(found)
    assert [(SERIAL, "serial_number")] == [(one.value, one.column) for one in found.findings]
    assert [("charged-twice", 0, 22_100, 1)] == list(
        found.table[["code", "less_cents", "more_cents", "source"]].itertuples(index=False, name=None)
    )


def test_all_but_the_dearest_of_several_charges_of_one_certificate_are_too_much() -> None:
    rows = [certificate(number, "2026-09-10", serial=SERIAL, order_id=f"N{number}") for number in range(1, 9)]
    rows[3]["tier"] = "premium"
    found = twice(*rows)
    assert [(7 * 22_100, 8)] == list(found.table[["more_cents", "source"]].itertuples(index=False, name=None))
    assert f"$221.00 (order N1, 2026-09-10) in {LIST} 2, $221.00 (order N2, " in found.findings[0].reason
    assert " and 2 more" in found.findings[0].reason
    assert 5 == found.findings[0].reason.count(LIST)
    assert " more" not in twice(*rows[:6]).findings[0].reason


def test_two_serial_numbers_are_told_apart_in_the_order_of_their_days() -> None:
    late, early = (
        [certificate(number + turn, on, serial=serial, order_id=f"N{number + turn}") for turn in range(2)]
        for number, on, serial in ((1, "2026-09-20", SERIAL), (3, "2026-09-10", SERIAL[::-1]))
    )
    assert [SERIAL[::-1], SERIAL] == [one.value for one in twice(*late, *early).findings]


@pytest.mark.parametrize("order", [{}, {"order_id": "B"}], ids=["without an order number", "of another order"])
def test_a_certificate_without_a_serial_number_is_none_that_is_charged_twice(order: dict[str, Any]) -> None:
    assert [] == said(twice(certificate(1, "2026-09-10", serial="", order_id="A"), certificate(2, "2026-09-11", serial="", **order)))


@pytest.mark.parametrize(
    "facts",
    [{"revoked_on": day("2026-09-15")}, {"order_id": "A"}, {"tier": ""}],
    ids=["credited", "a free reissue of the same order", "not charged"],
)
def test_what_is_not_charged_in_the_end_is_not_charged_twice(facts: dict[str, Any]) -> None:
    first = certificate(1, "2026-09-10", serial=SERIAL, order_id="A")
    assert [] == said(
        twice(first, certificate(2, "2026-09-12", **{"serial": SERIAL, "order_id": "B", "valid_to": first["valid_to"], **facts}))
    )


def test_small_numbers_of_two_authorities_are_two_certificates_and_those_of_one_authority_one() -> None:
    issuers = ("First CA", "Other CA", "First CA", "Other CA", "First CA")
    rows = [
        certificate(number, f"2026-09-{number:02d}", serial="02", issuer=issuer, order_id=f"N{number}")
        for number, issuer in enumerate(issuers, 1)
    ]
    assert [("charged-twice", 5), ("charged-twice", 4)] == [(code, source) for code, source, _ in said(twice(*rows))]
    assert [44_200, 22_100] == twice(*rows).table["more_cents"].tolist()
    assert [] == said(twice(*rows[:2]))


def test_an_order_that_is_written_in_two_ways_is_told_with_what_one_order_would_cost_less() -> None:
    first, dearer = certificate(1, "2026-09-10", order_id="1105001"), certificate(2, "2026-09-20", order_id="1105001.0", tier="premium")
    found = twice(dearer, first, certificate(3, "2026-09-15", order_id="9"))
    reason = "$221.00 is charged twice if these are one order: $542.00 (order 1105001.0, 2026-09-20) here, $221.00 (order 1105001, "
    assert [("order-spelled-twice", 2, f"{reason}2026-09-10) in {LIST} 2.")] == said(found)
    assert [("1105001.0", "order_id", "error")] == [(one.value, one.column, one.severity) for one in found.findings]
    assert [("order-spelled-twice", 22_100)] == list(found.table[["code", "more_cents"]].itertuples(index=False, name=None))


def test_an_order_whose_second_spelling_is_a_term_of_its_own_costs_nothing_too_much_and_is_a_warning() -> None:
    found = twice(certificate(1, "2025-08-01", order_id="7"), certificate(2, "2026-08-15", order_id="07"))
    reason = f"These may be one order: $221.00 (order 07, 2026-08-15) here, $221.00 (order 7, 2025-08-01) in {LIST} 2."
    assert [("order-spelled-twice", 2, reason)] == said(found)
    assert (["warning"], [0]) == ([one.severity for one in found.findings], found.table["more_cents"].tolist())


def test_an_order_that_is_credited_under_its_second_spelling_is_never_less_than_nothing() -> None:
    given_up = certificate(2, "2026-09-11", order_id="07", revoked_on=day("2026-09-12"))
    found = twice(certificate(1, "2026-09-10", order_id="7"), given_up)
    assert ([0], ["warning"]) == (found.table["more_cents"].tolist(), [one.severity for one in found.findings])


def test_an_order_of_which_nothing_is_charged_is_not_one_that_is_charged_twice() -> None:
    assert [] == said(twice(certificate(1, "2026-09-10", order_id="7"), certificate(2, "2026-09-11", order_id="07", tier="")))


def test_one_certificate_under_two_spellings_of_its_order_is_told_once_and_another_order_beside_it_as_well() -> None:
    same = [certificate(number, "2026-09-10", serial=SERIAL, order_id=order) for number, order in ((1, "7"), (2, "07"))]
    other = [certificate(number, "2026-09-10", order_id=order) for number, order in ((3, "8"), (4, "08"))]
    assert ["charged-twice"] == [code for code, *_ in said(twice(*same))]
    assert ["charged-twice", "order-spelled-twice"] == [code for code, *_ in said(twice(*same, *other))]
    assert ["charged-twice", "order-spelled-twice"] == [
        code for code, *_ in said(twice(*same, certificate(3, "2026-09-10", order_id="7.0")))
    ]


def test_a_row_without_an_order_number_says_so_and_a_row_of_a_sheet_names_it() -> None:
    places = contracts.PLACES.frame(
        {"source": number, "file": "inbox/exports/a.xlsx", "sheet": "Orders", "row": number} for number in (1, 2)
    )
    rows = [certificate(number, "2026-09-10", serial=SERIAL, common_name=f"h{number}.example.gov") for number in (1, 2)]
    found = twice(*({**row, "subject_alternative_names": row["common_name"]} for row in rows), places=places)
    told_at = "$221.00 (no order number, 2026-09-10) here, $221.00 (no order number, 2026-09-10) in data/inbox/exports/a.xlsx"
    assert [f"$221.00 is charged twice if these are one certificate: serial {SERIAL} is charged with {told_at}, sheet Orders, row 1."] == [
        reason for _, _, reason in said(found)
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1105001", "1105001"),
        ("1105001.0", "1105001"),
        ("1105001.000", "1105001"),
        ("0001105001", "1105001"),
        ("000", "0"),
        ("FSB-1", "fsb-1"),
        ("1.50", "1.50"),
        ("A.0", "a.0"),
        ("1x0", "1x0"),
    ],
)
def test_the_plain_number_of_an_order(written: str, expected: str) -> None:
    assert expected == plain_number(written)


@given(st.lists(st.sampled_from(("", "a", "b", "c")), max_size=12), st.sampled_from(("01", SERIAL.lstrip("0"))))
def test_certificates_of_one_number_are_grouped_as_any_two_of_them_may_be_one(issuers: list[str], serial: str) -> None:
    issues = [Issue(**{**dict.fromkeys(Issue._fields, ""), "issuer": issuer, "source": place}) for place, issuer in enumerate(issuers)]
    one_by_one: list[list[Issue]] = []
    for issue in issues:
        fitting = (group for group in one_by_one if all(may_be_one_serial(serial, issue.issuer, one.issuer) for one in group))
        group = next(fitting, None)
        if group is None:
            one_by_one.append([issue])
        else:
            group.append(issue)
    assert [[one.source for one in group] for group in one_by_one] == [[one.source for one in group] for group in alike(serial, issues)]
