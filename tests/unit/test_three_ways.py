"""Export, certificate file and request: each class of disagreement, what is not said where it cannot be known, and laws of the whole."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import RECONCILIATION
from pipeline.findings import CODES
from pipeline.three_ways import CLASSES, Compared, standing
from tests.compared import EXPORT, FILE, LOG, LOG_BEGINS, block, compared, request, row
from tests.issued import at


def told(found: Compared) -> list[tuple[str, str, str]]:
    table = found.table
    return list(zip(table["class"], table["order_id"], table["request_id"], strict=True))


def of_class(found: Compared, name: str) -> list[dict[str, Any]]:
    return found.table[found.table["class"] == name].to_dict("records")  # type: ignore[return-value]


def findings(found: Compared, code: str) -> list[tuple[str, str, str]]:
    return [(one.file, one.value, one.reason) for one in found.findings if one.code == code]


def test_every_class_is_declared_once_and_has_a_finding() -> None:
    declared = RECONCILIATION.columns[0].values
    assert CLASSES == declared
    assert [] == [name for name in CLASSES if name not in CODES]


def test_nothing_in_nothing_out() -> None:
    found = compared()
    assert ([], (), {}) == (told(found), found.findings, standing(found.certificates, found.table))


def test_what_all_three_tell_alike_is_no_disagreement() -> None:
    found = compared([row(1)], [block(row(1))], [LOG_BEGINS, request(1)], export_until="2026-10-01")
    assert [] == told(found)
    assert [("yes", "R1")] == list(zip(found.certificates["asked"], found.certificates["request_id"], strict=True))
    assert {(True, True, "yes"): 1} == standing(found.certificates, found.table)
    assert () == found.findings


def test_in_an_export_and_in_no_file() -> None:
    found = compared([row(1), row(2)], [block(row(1))])
    assert [("not-in-file", "O2", "")] == told(found)
    (one,) = of_class(found, "not-in-file")
    assert (True, False, "", "host2.example.gov", "DOT", 2) == tuple(
        one[name] for name in ("in_export", "in_file", "asked", "common_name", "agency", "source")
    )
    assert [(EXPORT, "1", "Certificates of this export without a certificate file: 1.")] == findings(found, "not-in-file")


def test_without_any_certificate_file_there_is_nothing_to_compare() -> None:
    found = compared([row(1), row(2)])
    assert ([], ()) == (told(found), found.findings)


def test_in_a_file_and_in_no_export() -> None:
    stranger = row(7)
    found = compared([row(1)], [block(row(1)), block(stranger)])
    assert [("not-in-export", "", "")] == told(found)
    (one,) = of_class(found, "not-in-export")
    assert (False, True, "host7.example.gov") == (one["in_export"], one["in_file"], one["common_name"])
    assert [(FILE, "1", "Certificates of this file without a row in an export: 1.")] == findings(found, "not-in-export")


def test_a_cas_own_certificate_and_what_cannot_be_read_are_missing_nowhere() -> None:
    authority, broken = block(row(7), is_ca=True), block(row(8), parse_status="failed")
    found = compared([row(1)], [block(row(1)), authority, broken])
    assert [] == told(found)
    assert {(True, True, ""): 1} == standing(found.certificates, found.table), "a block that cannot be read is no certificate"


# No request for a certificate


def no_request(*requests: dict[str, Any], issued: str = "2026-10-12", **options: Any) -> list[str]:
    found = compared([row(1, issued)], (), [LOG_BEGINS, *requests], **options)
    return [one["order_id"] for one in of_class(found, "no-request")]


def test_no_request_names_the_order_of_a_certificate() -> None:
    found = compared([row(1)], (), [LOG_BEGINS])
    detail = "Issued on 2026-10-12 in order O1; no request of this order was open then, or completed in the 14 days before."
    assert ["O1"] == no_request()
    assert [detail] == [one["detail"] for one in of_class(found, "no-request")]
    assert [("no-request", 1, "order_id")] == [(one.code, one.source, one.column) for one in found.findings if one.code == "no-request"]
    assert 1 == standing(found.certificates, found.table)[True, False, "no"]


@pytest.mark.parametrize(
    ("issued", "is_asked"),
    [
        ("2026-10-08", False),
        ("2026-10-09", True),
        ("2026-10-12", True),
        ("2026-10-26", True),
        ("2026-10-27", False),
    ],
)
def test_a_request_is_behind_what_was_issued_while_it_was_open_or_two_weeks_after(issued: str, is_asked: bool) -> None:
    found = compared([row(1, issued)], (), [LOG_BEGINS, request(1)])
    assert ["yes" if is_asked else "no"] == found.certificates["asked"].tolist()


@pytest.mark.parametrize("status", ["open", "paused"])
def test_an_open_request_is_behind_it_however_old_it_is(status: str) -> None:
    still = request(1, submitted_at=at(2026, 8, 2, 14), completed_at=None, status=status, verdict="overdue")
    assert [] == no_request(still)


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"status": "rejected"}, {"kind": "revoke"}, {"kind": "issue"}])
def test_a_request_that_came_to_nothing_or_asks_for_something_else_is_none(change: dict[str, str]) -> None:
    assert ["O1"] == no_request(request(1, **change))


def test_of_a_log_that_names_no_orders_nothing_is_said_but_that() -> None:
    nameless = [request(number, order="") for number in (1, 2)]
    found = compared([row(1), row(2)], (), nameless)
    assert [] == told(found)
    assert [(LOG, "2", "Of 2 completed requests for a certificate or a revocation, 2 name no order.")] == findings(
        found, "requests-without-orders"
    )


@pytest.mark.parametrize(
    ("nameless", "can_be_told"),
    [
        ({}, False),
        ({"agency": ""}, False),
        ({"agency": "OTR"}, False),
        ({"agency": "DOR"}, True),
        ({"kind": "issue"}, True),
        ({"status": "cancelled"}, True),
        ({"completed_at": at(2026, 9, 1, 14), "submitted_at": at(2026, 8, 30, 14)}, True),
    ],
)
def test_a_request_of_that_time_without_an_order_may_be_the_one(nameless: dict[str, Any], can_be_told: bool) -> None:
    assert can_be_told == bool(no_request(request(5, order="", **nameless)))


def test_a_certificate_from_before_the_log_or_after_its_end_cannot_be_told() -> None:
    assert ([], ["O1"]) == (no_request(issued="2026-08-30"), no_request(issued="2026-08-31"))
    assert (["O1"], []) == (no_request(log_until="2026-10-12"), no_request(log_until="2026-10-11"))


def test_an_agency_whose_log_is_not_there_asks_unseen() -> None:
    found = compared([row(1, agency_text="DOR")], (), [LOG_BEGINS])
    assert [""] == found.certificates["asked"].tolist()


def test_a_merged_agency_asks_for_its_successor() -> None:
    found = compared([row(1)], (), [{**LOG_BEGINS, "agency": "OTR"}])
    assert ["no"] == found.certificates["asked"].tolist()


def test_an_order_number_of_an_inventory_is_another_ones() -> None:
    found = compared([row(1, role="inventory", agency_text="")], (), [LOG_BEGINS, request(1)])
    assert [("", "")] == list(zip(found.certificates["asked"], found.certificates["request_id"], strict=True))


# A request without a certificate


OLD = row(2, "2026-07-01")


def without_certificate(*requests: dict[str, Any], rows: Any = (OLD,), **options: Any) -> list[tuple[str, str]]:
    found = compared(list(rows), (), requests, **options)
    return [(one["request_id"], one["detail"]) for one in of_class(found, "request-without-certificate")]


def test_a_completed_request_whose_order_no_export_knows() -> None:
    said = "Request R1 for a new certificate was completed on 2026-10-12, but no export has an order O1."
    assert [("R1", said)] == without_certificate(request(1))
    found = compared([row(2, "2026-07-01")], (), [request(1)])
    (finding,) = [one for one in found.findings if one.code == "request-without-certificate"]
    assert (1001, "order_id", "O1", said) == (finding.source, finding.column, finding.value, finding.reason)
    assert 1 == standing(found.certificates, found.table)[False, False, "yes"]


def test_a_completed_request_whose_order_has_other_certificates_or_none_yet() -> None:
    earlier = row(3, "2026-08-01", order_id="O1")
    said = "Request R1 for a reissue was completed on 2026-10-12, but order O1 has no certificate that was issued for it."
    assert [("R1", said)] == without_certificate(request(1, "reissue"), rows=(OLD, earlier))
    pending = row(4, order_id="O1", status="pending", serial="", valid_to=None)
    said = "Request R1 for a renewal was completed on 2026-10-12, but order O1 is pending in the export and has no certificate."
    assert [("R1", said)] == without_certificate(request(1, "renew"), rows=(OLD, pending))


@pytest.mark.parametrize(
    "change",
    [
        {"order": ""},
        {"status": "open"},
        {"status": "cancelled"},
        {"kind": "issue"},
        {"kind": "revoke"},
        {"verdict": "invalid"},
        {"completed_at": at(2026, 11, 21, 14)},
        {"submitted_at": at(2026, 6, 1, 14)},
    ],
)
def test_what_need_not_have_led_to_a_certificate_of_these_exports(change: dict[str, Any]) -> None:
    assert [] == without_certificate(request(1, **change))


def test_the_export_of_the_agency_must_reach_beyond_the_completion() -> None:
    assert [] == without_certificate(request(1), export_until="2026-10-11")
    assert ["R1"] == [name for name, _ in without_certificate(request(1), export_until="2026-10-12")]


def test_every_kind_of_export_that_an_agency_stands_in_must_reach_there() -> None:
    both = (OLD, row(502, "2026-07-02"))
    assert [] == without_certificate(request(1), rows=both, other_until="2026-10-11"), "the order may be in the one that is not there yet"
    assert ["R1"] == [name for name, _ in without_certificate(request(1), rows=both, other_until="2026-10-12")]


# A revocation that was not done


def not_revoked(*certificates: dict[str, Any], **change: Any) -> list[tuple[str, str]]:
    asked = {"submitted_at": at(2026, 11, 2, 14), "completed_at": at(2026, 11, 3, 14), **change}
    found = compared(list(certificates), (), [request(1, "revoke", **asked)])
    return [(one["order_id"], one["request_id"]) for one in of_class(found, "revocation-not-done")]


def test_a_completed_request_to_revoke_what_is_still_valid() -> None:
    found = compared([row(1)], (), [request(1, "revoke")])
    (one,) = [one for one in found.findings if one.code == "revocation-not-done"]
    said = "Request R1 to revoke order O1 was completed on 2026-10-12; the export still lists this certificate as valid."
    assert ("error", 1, "order_id", "O1", said) == (one.severity, one.source, one.column, one.value, one.reason)
    assert [("O1", "R1")] == not_revoked(row(1))


@pytest.mark.parametrize(
    "certificates",
    [
        (row(1, status="revoked"),),
        (row(1, status="revoked", revoked_on=dt.date(2026, 11, 3)),),
        (row(1), row(2, order_id="O1", status="revoked", revoked_on=dt.date(2026, 11, 2))),
        (row(1, "2025-11-01"),),
        (row(1, "2026-11-05"),),
        (row(2),),
    ],
    ids=["revoked", "on that day", "one of the order", "expired", "issued since", "another order"],
)
def test_what_is_revoked_expired_or_newer_is_done(certificates: tuple[dict[str, Any], ...]) -> None:
    assert [] == not_revoked(*certificates)


def test_a_revocation_long_before_the_request_is_another_one() -> None:
    early = row(2, order_id="O1", status="revoked", revoked_on=dt.date(2026, 10, 20))
    assert [("O1", "R1")] == not_revoked(row(1), early)


@pytest.mark.parametrize("change", [{"status": "open"}, {"status": "rejected"}, {"order": ""}, {"completed_at": at(2026, 11, 21, 14)}])
def test_nothing_is_said_before_the_revocation_could_be_seen(change: dict[str, Any]) -> None:
    assert [] == not_revoked(row(1), **change)


# Tier, serial, and what the inventory finds


@pytest.mark.parametrize(
    ("tier", "expected"),
    [("premium", ["Request R1 asks for premium; order O1 was made as standard."]), ("standard", []), ("", [])],
)
def test_the_tier_of_order_and_request(tier: str, expected: list[str]) -> None:
    found = compared([row(1)], (), [request(1, tier=tier)])
    assert expected == [one["detail"] for one in of_class(found, "tier-differs")]
    assert [("order_id", "O1")] * len(expected) == [(one.column, one.value) for one in found.findings if one.code == "tier-differs"]


def serial_twice(*rows: dict[str, Any]) -> dict[int, str]:
    return {one["source"]: one["detail"] for one in of_class(compared(list(rows)), "serial-twice")}


LONG = "aa00bb00cc00dd000001"


def test_one_serial_for_two_certificates() -> None:
    other = row(500, serial=LONG, valid_to=at(2027, 1, 1), issuer="Other CA")
    assert {
        1: f"Serial {LONG} stands in another row for another certificate, host500.example.gov of order O500.",
        500: f"Serial {LONG} stands in another row for another certificate, host1.example.gov of order O1.",
    } == serial_twice(row(1), other)
    told = [one for one in compared([row(1), other]).findings if one.code == "serial-twice"]
    assert [("serial_number", LONG)] * 2 == [(one.column, one.value) for one in told]


def test_small_private_cas_count_alike() -> None:
    one, other = row(1, serial="0001"), row(500, serial="01", issuer="Other CA", valid_to=at(2027, 1, 1))
    assert {} == serial_twice(one, other)
    assert {1, 500} == set(serial_twice(one, {**other, "issuer": ""}))


def test_one_certificate_under_two_orders_or_agencies() -> None:
    one = row(1)
    assert {} == serial_twice(one, {**one, "source": 500, "agency_text": "Transport", "agency_match": "name"})
    assert {} == serial_twice(one, {**one, "source": 500, "role": "inventory", "order_id": "77", "agency_text": ""})
    said = "The certificate stands under order O7 here and under O1 elsewhere; O1 was taken, this row is not charged."
    assert {500: said} == serial_twice(one, {**one, "source": 500, "order_id": "O7"})
    said = "The agency is 'DOR' here and 'DOT' in the row that is charged; 'DOT' was taken."
    assert {500: said} == serial_twice(one, {**one, "source": 500, "agency_text": "DOR"})
    assert () == compared([one, {**one, "source": 500, "agency_text": "DOR"}]).findings


def test_a_row_that_contradicts_another_and_stands_for_a_third_is_one_row() -> None:
    one = row(1)
    third = row(501, serial=LONG, valid_to=at(2027, 1, 1), issuer="Other CA")
    found = serial_twice(one, {**one, "source": 500, "order_id": "O7"}, third)
    assert [1, 500, 501] == sorted(found)
    assert found[500].endswith("this row is not charged.")
    assert [f"Serial {LONG} stands in another row for another certificate, host501.example.gov of order O501.", True] == [
        found[1], "host1.example.gov of order O1" in found[501],
    ]  # fmt: skip


def test_dates_names_and_keys_that_differ_are_rows_as_well() -> None:
    one = row(1)
    wrong = {**one, "valid_to": at(2027, 1, 1), "valid_from": at(2026, 10, 13), "common_name": "other.example.gov", "key_bits": 384}
    found = compared([wrong], [block(one)])
    assert ["key-differs", "dates-differ", "names-differ"] == found.table["class"].tolist()
    (dates,) = of_class(found, "dates-differ")
    assert 2 == dates["detail"].count("was taken")
    assert {1} == set(found.table["source"])
    assert () == found.findings


# The order, and the flood


def test_soonest_expiry_first_then_what_has_no_date_then_what_is_over() -> None:
    rows = [row(1, "2026-10-20"), row(2, "2026-10-12"), row(3, "2026-01-01"), row(4, "2026-02-01"), row(5, "2025-09-01", status="revoked")]
    found = compared(rows, [block(row(90))], [request(8, order="O77")])
    others = found.table[found.table["class"] != "not-in-export"]
    assert ["O2", "O1", "O77", "O4", "O3", "O5"] == others["order_id"].tolist()


def test_of_very_many_in_one_file_there_is_one_finding_with_their_number() -> None:
    rows = [row(number) for number in range(1, 27)]
    few, many = compared(rows[:25], (), [LOG_BEGINS]), compared(rows, (), [LOG_BEGINS])
    assert 25 == len(findings(few, "no-request"))
    reason = "Certificates that no request asked for: 26, the first of orders O1, O2, O3, O4, O5."
    assert [(EXPORT, "26", reason)] == findings(many, "no-request")
    assert (25, 26) == (len(of_class(few, "no-request")), len(of_class(many, "no-request")))


def test_of_very_many_files_there_is_one_note_with_their_number() -> None:
    strangers = [block(row(number)) for number in range(1, 27)]
    few, many = compared((), strangers[:25], one_file_each=True), compared((), strangers, one_file_each=True)
    assert 25 == len(findings(few, "not-in-export"))
    assert [("", "26", "Certificates of files without a row in an export: 26, in 26 files.")] == findings(many, "not-in-export")
    assert 26 == len(of_class(many, "not-in-export"))


# Laws

NUMBERS = st.integers(1, 6)
DAYS = st.dates(dt.date(2026, 8, 1), dt.date(2026, 11, 20))
ROWS = st.builds(
    lambda number, day, place, facts: row(number, day.isoformat(), **{**facts, "source": place}),
    NUMBERS,
    DAYS,
    st.integers(1, 900),
    st.fixed_dictionaries({}, optional={
        "role": st.just("inventory"),
        "order_id": st.sampled_from(["", "O1", "O2"]),
        "agency_text": st.sampled_from(["DOR", "nobody"]),
        "status": st.sampled_from(["revoked", "pending", "canceled"]),
        "serial": st.sampled_from(["", LONG, "01"]),
        "key_bits": st.just(384),
    }),
)  # fmt: skip
REQUESTED = st.builds(
    lambda number, kind, first, days, facts: request(
        number, kind, submitted_at=dt.datetime.combine(first, dt.time(15), dt.UTC),
        completed_at=dt.datetime.combine(first + dt.timedelta(days=days), dt.time(16), dt.UTC), **facts,
    ),
    NUMBERS,
    st.sampled_from(["new", "renew", "reissue", "revoke", "issue"]),
    DAYS,
    st.integers(0, 40),
    st.fixed_dictionaries({}, optional={
        "order": st.sampled_from(["", "O1", "O9"]),
        "agency": st.sampled_from(["", "DOR", "OTR"]),
        "tier": st.sampled_from(["standard", "premium"]),
        "status": st.sampled_from(["open", "cancelled"]),
    }),
)  # fmt: skip
OFFICES = st.tuples(
    st.lists(ROWS, max_size=6, unique_by=lambda one: one["source"]),
    st.lists(NUMBERS, max_size=3, unique=True),
    st.lists(REQUESTED, max_size=6, unique_by=lambda one: one["request_id"]),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(OFFICES, st.integers(0, 99))
def test_every_certificate_stands_in_one_place_and_order_does_not_matter(office: Any, seed: int) -> None:
    rows, files, requests = office
    blocks = [block(row(number)) for number in files]
    found = compared(rows, blocks, requests)
    cells = standing(found.certificates, found.table)
    alone = Counter(found.table["class"])["request-without-certificate"]
    assert len(found.certificates) + alone == sum(cells.values())
    assert alone == cells.get((False, False, "yes"), 0)
    assert (found.certificates["request_id"] != "").tolist() == (found.certificates["asked"] == "yes").tolist()
    assert set(found.table["certificate"]) - {""} <= set(found.certificates["certificate"])
    again = compared(rows, blocks, requests, shuffled=seed)
    assert repr(found.table.to_dict("records")) == repr(again.table.to_dict("records"))
    assert [repr(one) for one in found.findings] == [repr(one) for one in again.findings]
