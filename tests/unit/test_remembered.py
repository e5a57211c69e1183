"""What closed months billed and no file tells any more: terms go on as if it were still told."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import pytest

from pipeline.chargeback.orders import Issue
from pipeline.chargeback.remembered import Remembered, with_closed
from pipeline.contracts import CLOSED_LINES, LEDGER, Closed
from pipeline.rates import card_of
from tests import orders
from tests.orders import PREMIUM, STANDARD, certificate, day, posted, settings

JULY, AUGUST, SEPTEMBER = "FY2027-P01", "FY2027-P02", "FY2027-P03"
LAST_DAY = pd.Timestamp("2027-12-31T23:59:59Z")
SHORT = settings(charges={"begin": day("2026-07-01"), "term_days": 40})


def told(number: int, on: str, **facts: Any) -> dict[str, Any]:
    usual = {"order_id": "A", "common_name": "a.example.gov", "subject_alternative_names": "a.example.gov", "valid_to": LAST_DAY}
    return certificate(number, on, **{**usual, **facts})


def closed_with(*rows: dict[str, Any]) -> Closed:
    """July closed with these certificates, as a close keeps them."""
    found = orders.close(orders.charged(*rows, by=SHORT, as_of=day("2026-07-31")).table, JULY)
    by_serial = {row["serial"]: row for row in rows}
    of_lines = [by_serial[serial] for serial in found.lines["serial"]]
    facts = [
        {
            "entry_id": entry_id,
            "serial": row["serial"],
            "issuer": row["issuer"],
            "host": row["common_name"],
            "valid_to": row["valid_to"].tz_localize(None).normalize(),
        }
        for entry_id, row in zip(found.lines["entry_id"], of_lines, strict=True)
    ]
    return dataclasses.replace(found, lines=CLOSED_LINES.frame(facts))


def billed(rows: list[dict[str, Any]], closed: Closed) -> list[tuple[str, int, str]]:
    """What is posted beside July: period, cents and why."""
    table = posted(rows, closed, by=SHORT, as_of=day("2026-11-30")).table
    opened = table[~table["entry_id"].isin(closed.ledger["entry_id"])]
    return list(opened[["period", "amount_cents", "reason"]].itertuples(index=False, name=None))


def test_a_renewal_is_billed_though_the_first_certificate_of_its_order_is_gone() -> None:
    first, renewal = told(1, "2026-07-10"), told(2, "2026-08-25")
    assert [(AUGUST, STANDARD, "new term")] == billed([renewal], closed_with(first))


def test_a_reissue_is_free_though_its_paid_certificate_is_gone() -> None:
    first, reissue = told(1, "2026-07-10"), told(2, "2026-08-05")
    assert [(AUGUST, 0, "reissue within the paid term")] == billed([reissue], closed_with(first))


def test_without_an_order_number_names_and_last_day_tell_that_it_is_a_reissue() -> None:
    first, reissue = told(1, "2026-07-10", order_id=""), told(2, "2026-08-05", order_id="")
    other = told(3, "2026-08-05", order_id="", valid_to=LAST_DAY + pd.Timedelta(days=1))
    closed = closed_with(first)
    assert [(AUGUST, 0, "reissue within the paid term")] == billed([reissue], closed)
    assert [(AUGUST, STANDARD, "new order")] == billed([other], closed)


def test_a_renewal_is_billed_though_nobody_knows_now_whose_the_first_certificate_is() -> None:
    first, renewal = told(1, "2026-07-10"), told(2, "2026-08-25")
    unknown = {**first, "agency": "", "agency_text": "Old Parks"}
    assert [(AUGUST, STANDARD, "new term")] == billed([unknown, renewal], closed_with(first))


def test_what_was_credited_stays_credited_and_its_renewal_is_billed() -> None:
    first = told(1, "2026-07-10", revoked_on=day("2026-07-20"))
    closed = closed_with(first)
    assert [STANDARD, -STANDARD] == closed.ledger["amount_cents"].tolist()
    assert [] == billed([], closed)
    assert [(AUGUST, STANDARD, "new term")] == billed([told(2, "2026-08-25")], closed)


def test_a_free_reissue_of_the_old_books_stays_free_though_its_first_certificate_is_gone() -> None:
    old, reissue = told(1, "2026-06-20"), told(2, "2026-07-10")
    closed = closed_with(old, reissue)
    assert [0] == closed.ledger["amount_cents"].tolist()
    assert [] == billed([reissue], closed)
    assert [(SEPTEMBER, STANDARD, "new term")] == billed([reissue, told(3, "2026-09-20")], closed)


def test_a_free_reissue_of_the_old_books_whose_order_number_was_wrong_is_billed_as_its_own_order() -> None:
    """What was charged for the upgrade of the other order goes back."""
    closed = closed_with(told(1, "2026-06-20"), told(2, "2026-07-10", tier="premium"))
    assert [0, PREMIUM - STANDARD] == sorted(closed.ledger["amount_cents"])
    corrected = posted([told(2, "2026-07-10", tier="premium", order_id="C")], closed, by=SHORT, as_of=day("2026-08-31")).table
    assert PREMIUM == corrected["amount_cents"].sum()


def test_where_the_certificate_that_the_old_books_were_paid_for_is_of_another_order_its_reissue_was_none() -> None:
    old, upgrade, reissue = told(1, "2026-06-20"), told(2, "2026-07-10", tier="premium"), told(3, "2026-07-12", tier="premium")
    closed = closed_with(old, upgrade, reissue)
    assert [0, 0, PREMIUM - STANDARD] == sorted(closed.ledger["amount_cents"])
    gone = posted([upgrade, reissue], closed, by=SHORT, as_of=day("2026-08-31")).table
    assert PREMIUM - STANDARD == gone["amount_cents"].sum()
    moved = posted([{**old, "order_id": "B"}, upgrade, reissue], closed, by=SHORT, as_of=day("2026-08-31")).table
    assert PREMIUM == moved["amount_cents"].sum()


def test_a_reissue_whose_order_was_not_closed_yet_is_its_own_order_once_the_first_certificate_is_of_another_one() -> None:
    """What is billed late may be closed after its reissue: the old books paid for none of it."""
    first, reissue = told(1, "2026-07-02"), told(2, "2026-07-10", tier="premium")
    whole = closed_with(first, reissue)
    of_first = whole.ledger["certificate"] == whole.ledger["certificate"].iloc[0]
    closed = dataclasses.replace(whole, ledger=whole.ledger[~of_first], lines=whole.lines[~of_first])
    corrected = posted([{**first, "order_id": "B"}, reissue], closed, by=SHORT, as_of=day("2026-08-31")).table
    assert STANDARD + PREMIUM == corrected["amount_cents"].sum()


@pytest.mark.parametrize("rows", [[], [told(2, "2026-08-25")]], ids=["nothing", "a renewal"])
def test_that_no_file_tells_of_a_closed_line_is_still_said(rows: list[dict[str, Any]]) -> None:
    found = posted(rows, closed_with(told(1, "2026-07-10")), by=SHORT, as_of=day("2026-11-30"))
    assert ["closed-lines-stand"] == [finding.code for finding in found.findings if finding.code != "late-item"]


# What the rules of charges see is tested below from tables written by hand: lines of closed months, what the close kept of their
# certificates, and the certificates that the files of the day still tell of.

CARD = card_of(
    [("standard", day("2024-07-01"), STANDARD), ("standard", day("2026-10-01"), 25_000), ("premium", day("2024-07-01"), PREMIUM)]
)
TERM_DAYS = 40
LONG = "0123456789abcdef"


def line(entry_id: str, certificate: str, on: str, cents: int = STANDARD, **facts: Any) -> dict[str, Any]:
    """A closed charge of order A of Parks for the host a.example.gov, unless `facts` say otherwise."""
    usual = {"kind": "charge", "agency": "PARKS", "billed_to": "PARKS", "tier": "standard", "order_id": "A", "common_name": "a.example.gov"}
    told = {"entry_id": entry_id, "certificate": certificate, "service_on": day(on), "amount_cents": cents, "period": JULY, "source": 7}
    return {**usual, **told, **facts}


def known(certificate: str, on: str, **facts: Any) -> Issue:
    """A certificate that the files of the day tell of, of order A of Parks."""
    usual: dict[str, Any] = {
        "day": day(on),
        "valid_from": 5,
        "serial": "",
        "issuer": "",
        "names": "a.example.gov",
        "valid_to": "2027-01-31",
        "certificate": certificate,
        "order_id": "A",
        "agency": "PARKS",
        "agency_text": "Parks",
        "agency_match": "",
        "tier": "standard",
        "product": "SSL",
        "common_name": "a.example.gov",
        "source": 1,
        "rate": STANDARD,
        "revoked_on": None,
        "is_revoked": False,
        "renews": "",
    }
    return Issue(**{**usual, **facts})


def remembered(
    *issues: Issue, closed: list[dict[str, Any]], kept: dict[str, dict[str, Any]] | None = None, inventory: str = ""
) -> Remembered:
    """`issues` with what the `closed` lines hold; `kept` is what the close kept by entry, `inventory` certificate|serial|issuer."""
    rows = [dict(zip(("certificate", "serial", "issuer"), told.split("|"), strict=True)) for told in inventory.split()]
    certificates = pd.DataFrame(rows, columns=["certificate", "serial", "issuer"], dtype="str")
    lines = [{"entry_id": one["entry_id"], **(kept or {}).get(one["entry_id"], {})} for one in closed]
    return with_closed(issues, certificates, Closed(ledger=LEDGER.frame(closed), lines=CLOSED_LINES.frame(lines)), CARD, TERM_DAYS)


def test_what_no_file_tells_of_is_remembered_as_it_was_billed() -> None:
    kept = {
        "serial": "00a1",
        "issuer": "CN=Example CA",
        "host": "A.Example.gov",
        "valid_from": pd.Timestamp("2026-07-10T00:00:01Z"),
        "valid_to": day("2027-08-11"),
    }
    found = remembered(closed=[line("C1", "gone", "2026-07-10", tier="premium", cents=PREMIUM)], kept={"C1": kept})
    billed = known(
        "gone",
        "2026-07-10",
        valid_from=1_783_641_601_000_000,
        serial="00a1",
        issuer="example-ca",
        valid_to="2027-08-11",
        agency_text="",
        tier="premium",
        product="",
        source=7,
        rate=PREMIUM,
        closed_as="paid",
    )
    assert ([billed], {"gone"}) == found


def test_the_names_that_the_close_kept_come_before_the_host_and_what_an_older_close_did_not_keep_is_empty() -> None:
    (of_names,) = remembered(
        closed=[line("C1", "gone", "2026-07-10")], kept={"C1": {"host": "a.example.gov", "other_names": "a.example.gov b.example.gov"}}
    ).issues
    assert ("a.example.gov b.example.gov", "", 0, "") == (of_names.names, of_names.valid_to, of_names.valid_from, of_names.issuer)


@pytest.mark.parametrize(
    ("issue", "closed"),
    [
        (known("K", "2026-07-10"), line("C1", "K", "2026-07-10")),
        (known("K", "2026-07-10"), line("C1", "", "2026-07-10", kind="adjustment", decision="waiver")),
        (known("K", "2026-07-10"), line("C1", "gone", "2026-07-10", kind="adjustment")),
        (known("J", "2026-07-01"), line("C1", "K", "2026-07-10", cents=0)),
    ],
    ids=["its charge", "a decision", "an upgrade", "a free one that is not the first"],
)
def test_where_the_files_tell_of_all_of_it_nothing_is_taken_from_closed_months(issue: Issue, closed: dict[str, Any]) -> None:
    issues = [issue, known("K", "2026-07-10")] if issue.certificate != "K" else [issue]
    assert (issues, frozenset()) == remembered(*issues, closed=[closed])


def test_only_charges_that_stand_and_no_decisions_are_remembered() -> None:
    closed = [
        line("C1", "one", "2026-07-10"),
        line("C2", "two", "2026-07-11"),
        line("C3", "two", "2026-07-11", cents=-STANDARD, takes_back="C2"),
        line("C4", "three", "2026-07-12", kind="adjustment"),
        line("C5", "four", "2026-07-13", decision="waiver"),
        line("C6", "", "2026-07-14"),
        line("C7", "one", "2026-07-15"),
    ]
    found = remembered(closed=closed)
    assert ["one"] == [issue.certificate for issue in found.issues]
    assert day("2026-07-10") == found.issues[0].day


def test_what_is_remembered_stands_in_the_order_of_days_among_the_others() -> None:
    found = remembered(known("K", "2026-07-10"), closed=[line("C1", "late", "2026-08-10"), line("C2", "early", "2026-07-01")])
    assert ["early", "K", "late"] == [issue.certificate for issue in found.issues]
    assert {"early", "late"} == found.from_closed


@pytest.mark.parametrize(
    ("expected", "serial", "issuer", "facts"),
    [
        (1, LONG, "Other", {}),
        (2, "a1", "Other", {}),
        (2, "00000000000000a1", "Other", {}),
        (1, "a1", "Example", {}),
        (1, "a1", "", {}),
        (2, LONG, "Example", {"common_name": "b.example.gov"}),
        (2, "", "Example", {}),
    ],
    ids=["drawn by chance", "counted", "counted, with noughts", "counted, same issuer", "no issuer", "another host", "no serial"],
)
def test_under_another_name_a_certificate_is_known_by_its_serial_number_and_host(
    expected: int, serial: str, issuer: str, facts: dict[str, Any]
) -> None:
    found = remembered(
        known("other", "2026-07-10"),
        closed=[line("C1", f"example:{serial.lstrip('0') or 'x'}", "2026-07-10", **facts)],
        kept={"C1": {"serial": serial}},
        inventory=f"other|{serial}|{issuer}",
    )
    assert expected == len(found.issues)
    assert expected == 1 + len(found.from_closed)


def test_a_number_that_two_authorities_counted_to_is_looked_for_with_both() -> None:
    found = remembered(
        known("first", "2026-07-01"),
        known("second", "2026-07-10", agency=""),
        closed=[line("C1", "example:a1", "2026-07-10")],
        kept={"C1": {"serial": "a1"}},
        inventory="first|a1|Other second|a1|Example",
    )
    assert [("first", "PARKS"), ("second", "PARKS")] == [(issue.certificate, issue.agency) for issue in found.issues]
    assert {"second"} == found.from_closed


@pytest.mark.parametrize("lost", [{"agency": ""}, {"rate": None, "tier": ""}], ids=["no agency", "no rate"])
def test_what_cannot_be_charged_by_the_files_of_the_day_is_as_it_was_billed_at_the_rate_of_its_own_day(lost: dict[str, Any]) -> None:
    whole, now = known("K", "2026-07-01"), known("L", "2026-10-05", **lost)
    found = remembered(whole, now, closed=[line("C1", "L", "2026-09-30", agency="ROADS"), line("C2", "K", "2026-07-01", agency="ROADS")])
    told = [(issue.certificate, issue.agency, issue.tier, issue.rate, issue.day) for issue in found.issues]
    assert [("K", "PARKS", "standard", STANDARD, whole.day), ("L", "ROADS", "standard", 25_000, now.day)] == told
    assert {"L"} == found.from_closed
    assert ["paid", "paid"] == [issue.closed_as for issue in found.issues]


def test_a_charge_that_was_credited_counts_as_revoked_with_the_free_certificates_of_its_term_until_then() -> None:
    closed = [
        line("C1", "paid", "2026-07-10"),
        line("C2", "free", "2026-07-20", cents=0),
        line("C3", "on the day", "2026-07-25", cents=0),
        line("C4", "after it", "2026-07-26", cents=0),
        line("C5", "of another order", "2026-07-20", cents=0, order_id="B"),
        line("R1", "paid", "2026-07-25", cents=-STANDARD, kind="credit", reverses="C1"),
    ]
    revoked = {issue.certificate: (issue.revoked_on, issue.is_revoked) for issue in remembered(closed=closed).issues}
    on_the_day, never = (day("2026-07-25"), True), (None, False)
    assert {"paid": on_the_day, "free": on_the_day, "on the day": on_the_day, "after it": never, "of another order": never} == revoked


@pytest.mark.parametrize(
    "more",
    [
        [line("R1", "paid", "2026-07-25", cents=-STANDARD, kind="credit", reverses="C1", decision="credit")],
        [line("R1", "paid", "2026-07-25", cents=-STANDARD, kind="adjustment", reverses="C1")],
        [
            line("R1", "paid", "2026-07-25", cents=-STANDARD, kind="credit", reverses="C1"),
            line("R2", "paid", "2026-07-25", kind="credit", takes_back="R1"),
        ],
    ],
    ids=["a decision", "no credit", "taken back"],
)
def test_only_a_credit_by_rule_that_stands_counts_as_a_revocation(more: list[dict[str, Any]]) -> None:
    (issue,) = remembered(closed=[line("C1", "paid", "2026-07-10"), *more]).issues
    assert (None, False) == (issue.revoked_on, issue.is_revoked)


def test_a_free_certificate_says_whether_the_old_books_paid_for_it_and_no_file_tells_of_what_they_paid_for() -> None:
    closed = [
        line("C1", "of the old books", "2026-07-05", cents=0, paid_before="gone"),
        line("C2", "still told", "2026-07-06", cents=0, paid_before="told"),
        line("C3", "paid", "2026-07-10"),
        line("C4", "of its term", "2026-07-11", cents=0),
    ]
    found = {issue.certificate: issue.closed_as for issue in remembered(known("told", "2026-06-30"), closed=closed).issues}
    assert {"told": "", "of the old books": "free", "still told": "", "paid": "paid", "of its term": ""} == found


@pytest.mark.parametrize(("then", "now", "closed_as"), [("A", "A", "free"), ("", "A", "free"), ("A", "C", ""), ("A", "", "")])
def test_under_another_order_number_nothing_is_known_of_what_the_old_books_paid(then: str, now: str, closed_as: str) -> None:
    """A number that arrives later is no other one."""
    closed = [line("C1", "of the old books", "2026-07-05", cents=0, order_id=then, paid_before="gone")]
    (issue,) = remembered(known("of the old books", "2026-07-05", order_id=now), closed=closed).issues
    assert closed_as == issue.closed_as


def revoked_with_a_credit(of: dict[str, Any], free: dict[str, Any]) -> bool:
    """Whether a free certificate counts as revoked with a charge ten days before it that was credited."""
    closed = [
        line("C1", "paid", "2026-07-10", **of),
        line("R1", "paid", "2026-07-25", cents=-STANDARD, kind="credit", reverses="C1", **of),
        line("C2", "free", "2026-07-20", cents=0, **{**of, **free}),
    ]
    return {issue.certificate: issue.is_revoked for issue in remembered(closed=closed).issues}["free"]


@pytest.mark.parametrize(
    ("facts", "is_one_term"),
    [
        ({}, True),
        ({"agency": "ROADS"}, False),
        ({"tier": "premium"}, False),
        ({"common_name": "b.example.gov"}, False),
        ({"order_id": "A"}, False),
    ],
    ids=["alike", "another agency", "another tier", "another host", "a number"],
)
def test_without_an_order_number_a_term_is_of_one_agency_tier_and_host(facts: dict[str, str], *, is_one_term: bool) -> None:
    assert is_one_term == revoked_with_a_credit({"order_id": ""}, facts)


@pytest.mark.parametrize("facts", [{"agency": "ROADS"}, {"tier": "premium"}, {"common_name": "b.example.gov"}], ids=str)
def test_with_an_order_number_a_term_is_of_any_agency_tier_and_host(facts: dict[str, str]) -> None:
    assert revoked_with_a_credit({"order_id": "A"}, facts)


def test_where_an_older_close_kept_less_the_free_certificate_of_the_term_tells_what_it_is_alike_by() -> None:
    closed = [
        line("C1", "paid", "2026-07-10", order_id=""),
        line("C2", "free", "2026-07-20", cents=0, order_id=""),
        line("C3", "of another term", "2026-09-20", order_id=""),
    ]
    kept = {"C1": {"serial": "a1", "issuer": "Old Spelling", "valid_from": pd.Timestamp("1970-01-01T00:00:02Z")}}
    free = known("free", "2026-07-20", order_id="", issuer="example-ca", names="a.example.gov", valid_to="2027-01-31")
    found = {issue.certificate: issue for issue in remembered(free, closed=closed, kept=kept).issues}
    paid, other = found["paid"], found["of another term"]
    assert ("example-ca", "a.example.gov", "2027-01-31", 2_000_000) == (paid.issuer, paid.names, paid.valid_to, paid.valid_from)
    assert ("", "", "") == (other.issuer, other.names, other.valid_to)


@pytest.mark.parametrize("facts", [{"order_id": "A"}, {"valid_to": day("2027-03-31")}], ids=["an order number", "all was kept"])
def test_a_line_with_an_order_number_or_a_last_day_takes_nothing_from_a_free_one(facts: dict[str, Any]) -> None:
    numbered = facts.get("order_id", "")
    closed = [line("C1", "paid", "2026-07-10", order_id=numbered), line("C2", "free", "2026-07-20", cents=0, order_id=numbered)]
    kept = {"C1": {"valid_to": facts["valid_to"]}} if "valid_to" in facts else {}
    (paid, _) = remembered(known("free", "2026-07-20", order_id=numbered, issuer="example-ca"), closed=closed, kept=kept).issues
    assert ("paid", "", "2027-03-31" if kept else "") == (paid.certificate, paid.issuer, paid.valid_to)
