"""Decisions beside closed months: what a closed decision took off, and which entry a decision means whose line was corrected since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pipeline import chargeback
from pipeline.contracts import ADJUSTMENTS, Closed
from tests.orders import STANDARD, Posted, adjusted, certificate, close, day, decided, decision

A = certificate(1, "2026-09-01", order_id="A")
FULL = decision(1, amount_cents=STANDARD, approved_on=day("2026-09-15"))


def closed_with(*decisions: Mapping[str, Any]) -> Closed:
    """September closed with order A and these decisions."""
    return close(decided([A], decisions)[1].table, "FY2027-P03")


def cents(found: Posted) -> int:
    return int(found.table["amount_cents"].sum())


def said(told: list[Mapping[str, Any]], decisions: list[Mapping[str, Any]], closed: Closed) -> tuple[list[str], int]:
    """The reasons why decisions are not posted, and what all of the ledger comes to."""
    found, posted = decided(told, decisions, closed)
    return [one.reason for one in found.findings], cents(posted)


def test_a_decision_that_was_closed_and_deleted_leaves_nothing_to_take_off_again() -> None:
    closed = closed_with(FULL)
    again = decision(2, amount_cents=STANDARD, approved_on=day("2026-10-15"))
    nothing_left = "Waiver D-2 of $221.00: of order A $0.00 is left to take off, not $221.00."
    assert ([nothing_left], 0) == said([A], [again], closed)
    assert ([], 0) == said([A], [FULL], closed)
    assert ([], 0) == said([A], [], closed)


def test_a_part_that_was_taken_off_an_entry_and_deleted_leaves_the_rest_of_it() -> None:
    entry = closed_with().ledger["entry_id"].item()
    part = decision(1, ledger_entry=entry, order_id="", approved_on=day("2026-09-15"))
    closed = closed_with(part)
    rest = decision(2, ledger_entry=entry, order_id="", amount_cents=STANDARD - 10_000)
    more = {**rest, "amount_cents": STANDARD - 9_999}
    assert ([], 0) == said([A], [rest], closed)
    assert ([f"Waiver D-2 of $121.01: of entry {entry[:12]} $121.00 is left to take off, not $121.01."], 12_100) == said(
        [A], [more], closed
    )


def test_a_deleted_charge_may_still_be_taken_off() -> None:
    closed = closed_with(decision(1, kind="charge", amount_cents=5_000, approved_on=day("2026-09-15")))
    assert ([], 0) == said([A], [decision(2, amount_cents=STANDARD + 5_000)], closed)


def test_a_decision_about_an_order_whose_export_was_archived_stands_and_a_new_one_is_posted() -> None:
    closed = closed_with(FULL)
    assert ([], 0) == said([], [FULL], closed)
    part = decision(1, approved_on=day("2026-09-15"))
    assert ([], 0) == said([], [part, decision(2, amount_cents=STANDARD - 10_000)], closed_with(part))


def test_a_decision_that_names_a_line_by_its_name_before_a_correction_is_posted_to_the_line_in_force() -> None:
    closed = closed_with()
    first = closed.ledger["entry_id"].item()
    moved = [{**A, "agency": "ROADS"}]
    waives = decision(1, ledger_entry=first, order_id="", agency="ROADS", amount_cents=STANDARD)
    _, corrected = decided(moved, [], closed)
    in_force = corrected.table.loc[corrected.table["rebills"] == first, "entry_id"].item()
    for closes in (closed, close(corrected.table, "FY2027-P04", closed)):
        found, posted = decided(moved, [waives], closes)
        assert () == found.findings
        assert [in_force] == posted.table.loc[posted.table["adjustment"] != "", "adjusts"].tolist()
        assert 0 == cents(posted)
        assert ["Waiver D-1 of $221.00: entry " + in_force[:12] + " was charged to ROADS, not to PARKS."] == said(
            moved, [{**waives, "agency": "PARKS"}], closes
        )[0]


def test_a_decision_that_names_a_correction_or_what_it_took_back_is_told_so() -> None:
    closed = close(decided([{**A, "revoked_on": day("2026-09-20")}], [])[1].table, "FY2027-P03")
    credit = closed.ledger.loc[closed.ledger["kind"] == "credit", "entry_id"].item()
    _, posted = decided([A], [], closed)
    taking = posted.table.loc[posted.table["takes_back"] == credit, "entry_id"].item()
    about_both = [decision(1, order_id="", ledger_entry=credit), decision(2, order_id="", ledger_entry=taking.upper())]
    assert [
        f"Waiver D-1 of $100.00: entry {credit[:12]} was taken back by a correction, so it charges nothing any more.",
        f"Waiver D-2 of $100.00: entry {taking[:12].upper()} is the correction that takes back entry {credit[:12]}; "
        "name an entry that is charged.",
    ] == said([A], about_both, closed)[0]


def test_a_credit_by_rule_and_a_credit_that_somebody_decided_are_two() -> None:
    given_up = {**A, "revoked_on": day("2026-09-20")}
    closed = close(decided([given_up], [])[1].table, "FY2027-P03")
    by_hand = decision(1, kind="credit", amount_cents=STANDARD)
    found, posted = decided([A], [by_hand], closed)
    assert () == found.findings
    assert ["D-1"] == posted.table.loc[posted.table["invoice_no"] == "", "adjustment"].replace("", None).dropna().tolist()
    assert 0 == cents(posted)


PART = decision(1, amount_cents=10_000, approved_on=day("2026-09-15"))
REFUSED = "Waiver D-1 of $100.00, which nobody has on file any more: "


def by_agency(found: Posted) -> dict[str, int]:
    return {agency: int(cents) for agency, cents in found.table.groupby("billed_to")["amount_cents"].sum().items()}


@pytest.mark.parametrize(
    ("changes", "why", "sums"),
    [
        ({"agency": "ROADS"}, "order A was charged to ROADS, not to PARKS.", {"PARKS": 0, "ROADS": STANDARD}),
        ({"revoked_on": day("2026-09-20")}, "of order A $0.00 is left to take off, not $100.00.", {"PARKS": 0}),
        (
            {"order_id": "B", "agency": "ROADS"},
            "nothing was charged for order A up to the approval on 2026-09-15",
            {"PARKS": 0, "ROADS": STANDARD},
        ),
        ({"order_id": "B"}, "", {"PARKS": STANDARD - 10_000}),
        ({}, "", {"PARKS": STANDARD - 10_000}),
    ],
    ids=["moved to another agency", "given up", "of another order and agency", "of another order", "as it was"],
)
def test_a_closed_decision_that_is_on_file_no_more_is_bounded_by_what_stands(
    changes: dict[str, Any], why: str, sums: dict[str, int]
) -> None:
    """It stands like a closed line whose source is gone, but takes nothing off that is charged no more."""
    closed = closed_with(PART)
    told = [{**A, **changes}]
    found, posted = decided(told, [], closed)
    assert sums == by_agency(posted)
    assert [REFUSED + why] * bool(why) == [one.reason[: len(REFUSED + why)] for one in found.findings]
    assert bool(why) != any(one.code == "closed-lines-stand" for one in posted.findings)
    later = close(posted.table, "FY2027-P04", closed)
    again, settled = decided(told, [], later)
    assert (sums, ()) == (by_agency(settled), again.findings)
    assert set(settled.table["entry_id"]) == set(posted.table["entry_id"])


def test_a_closed_decision_that_is_on_file_no_more_goes_before_the_one_that_was_written_for_it() -> None:
    again = {**PART, "id": "A-1", "amount_cents": STANDARD - 9_999, "approved_on": day("2026-09-10")}
    left = "Waiver A-1 of $121.01: of order A $121.00 is left to take off, not $121.01."
    assert ([left], STANDARD - 10_000) == said([A], [again], closed_with(PART))


def test_a_decision_about_an_order_that_only_closed_months_know_is_posted_though_it_is_on_file_no_more() -> None:
    extra = decision(1, kind="charge", amount_cents=5_000, order_id="A", approved_on=day("2026-09-15"))
    closed = closed_with(extra)
    assert ([], STANDARD + 5_000) == said([], [], closed)
    assert ([], STANDARD + 5_000) == said([], [extra], closed)


def test_a_closed_decision_that_is_on_file_no_more_keeps_its_amount_a_memo_too() -> None:
    memo, waiver = decision(1, kind="memo", amount_cents=900), decision(2, amount_cents=500)
    closed = close(adjusted(memo, waiver).table, "FY2027-P04")
    kept = chargeback.kept_decisions(closed, ADJUSTMENTS.empty())
    assert [("D-1", "memo", 900), ("D-2", "waiver", 500)] == sorted(kept[["id", "kind", "amount_cents"]].itertuples(index=False, name=None))
