"""What people decide about money: what is posted, what is not and why."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pipeline import chargeback, lots
from pipeline.chargeback import Adjusted
from pipeline.contracts import ADJUSTMENTS
from pipeline.money import dollars
from tests import orders
from tests.orders import AS_OF, CHARGES, STANDARD, adjusted, agencies, certificate, charged, day, decision, settings


def posted(stage: Adjusted, *columns: str) -> list[tuple[Any, ...]]:
    """The entries that were decided, as tuples of `columns`; days as text."""
    shown = stage.table.assign(service_on=stage.table["service_on"].dt.strftime("%Y-%m-%d"))
    return list(shown.loc[shown["adjustment"] != "", list(columns)].itertuples(index=False, name=None))


def said(stage: Adjusted) -> list[tuple[str, str]]:
    return [(finding.code, finding.reason) for finding in stage.findings]


def entry_of(order_id: str) -> str:
    ledger = charged(*CHARGES).table
    return str(ledger.loc[(ledger["order_id"] == order_id) & (ledger["kind"] == "charge"), "entry_id"].item())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("waiver", ("adjustment", -10_000)),
        ("credit", ("credit", -10_000)),
        ("charge", ("adjustment", 10_000)),
        ("memo", ("memo", 0)),
    ],
)
def test_each_kind_of_decision_is_one_entry_in_the_month_of_its_approval(kind: str, expected: tuple[str, int]) -> None:
    stage = adjusted(decision(1, kind=kind, document="L-7"))
    assert [("FY2027-P04", "2026-10-12", "PARKS", "PARKS-1", "A", "standard", *expected)] == posted(
        stage, "period", "service_on", "billed_to", "account_id", "order_id", "tier", "kind", "amount_cents"
    )
    assert [("D-1", kind, "agreed", "R. Roe", "L-7", "", 901)] == posted(
        stage, "adjustment", "decision", "reason", "approved_by", "document", "class", "source"
    )
    assert {day("2026-10-12")} == set(stage.table.loc[stage.table["adjustment"] != "", "approved_on"].dt.date)
    assert () == stage.findings


def test_a_memo_shows_its_amount_and_bills_nothing() -> None:
    stage = adjusted(decision(1, kind="memo"), decision(2))
    assert [("D-1", 10_000, 0), ("D-2", None, -10_000)] == sorted(
        (name, None if pd.isna(memo) else memo, cents) for name, memo, cents in posted(stage, "adjustment", "memo_cents", "amount_cents")
    )


def test_nothing_is_posted_before_somebody_approved_it() -> None:
    stage = adjusted(decision(1, approved_by=""), decision(2, approved_on=None), decision(3, approved_on=day("2026-11-24")))
    assert [] == posted(stage, "adjustment")
    assert [
        ("not-approved", "Waiver D-1 of $100.00 for PARKS names nobody who approved it, so it is not posted."),
        (
            "approved-later",
            "Waiver D-3 of $100.00 for PARKS is approved on 2026-11-24, after the as-of day 2026-11-23, so it is not posted yet.",
        ),
        ("not-approved", "Waiver D-2 of $100.00 for PARKS names no day of approval, so it is not posted."),
    ] == said(stage)
    assert [("approved_by", "", 901), ("approved_on", "2026-11-24", 903), ("approved_on", "", 902)] == [
        (one.column, one.value, one.source) for one in stage.findings
    ]
    assert ["D-3"] == [row[0] for row in posted(adjusted(decision(3, approved_on=AS_OF)), "adjustment")]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"agency": "TOLLS"}, "agency", "no agency has the code TOLLS; write a code of data/reference/agencies.csv."),
        ({"agency": "ROADS"}, "agency", "order A was charged to PARKS, not to ROADS."),
        ({"order_id": "Z"}, "order_id", "no order has the number Z; correct it, or leave it empty."),
        ({"ledger_entry": "ff" * 16}, "ledger_entry", f"the ledger has no entry {'ff' * 16}; certledger explain shows those of an order."),
        (
            {"order_id": "OLD"},
            "approved_on",
            "nothing was charged for order OLD up to the approval on 2026-10-12, so nothing can be taken off.",
        ),
        ({"approved_on": day("2026-08-31")}, "approved_on", "nothing was charged for order A up to the approval on 2026-08-31, "),
        ({"amount_cents": STANDARD + 1}, "amount", "of order A $221.00 is left to take off, not $221.01."),
        ({"order_id": "C"}, "amount", "of order C $0.00 is left to take off, not $100.00."),
        ({"approved_on": day("2025-06-30")}, "approved_on", "approved on 2025-06-30, but these books begin on 2025-07-01; "),
    ],
)
def test_a_decision_that_cannot_be_posted_moves_nothing_and_says_what_to_mend(changes: dict[str, Any], column: str, reason: str) -> None:
    stage = adjusted(decision(1, **changes))
    assert charged(*CHARGES).table.equals(stage.table)
    (finding,) = stage.findings
    assert ("adjustment-not-posted", column, 901) == (finding.code, finding.column, finding.source)
    assert finding.reason.startswith(f"Waiver D-1 of {dollars(changes.get('amount_cents', 10_000))}: {reason}")


def test_of_an_entry_no_more_is_taken_off_than_it_charged_nor_more_than_its_order_still_owes() -> None:
    entry = entry_of("A")
    whole = decision(1, ledger_entry=entry.upper(), amount_cents=STANDARD)
    assert [(-STANDARD, entry)] == posted(adjusted(whole), "amount_cents", "adjusts")
    stage = adjusted(decision(1, amount_cents=STANDARD - 100), decision(2, ledger_entry=entry, order_id="", amount_cents=101))
    assert [-(STANDARD - 100)] == [cents for (cents,) in posted(stage, "amount_cents")]
    assert [f"Waiver D-2 of $1.01: of entry {entry[:12]} $1.00 is left to take off, not $1.01."] == [reason for _, reason in said(stage)]
    stage = adjusted(decision(1, ledger_entry=entry, order_id="B"))
    assert [f"Waiver D-1 of $100.00: entry {entry[:12]} is of order A, not of order B."] == [reason for _, reason in said(stage)]
    alone = entry_of("")
    stage = adjusted(decision(1, agency="ROADS", ledger_entry=alone, order_id="B"))
    assert [f"Waiver D-1 of $100.00: entry {alone[:12]} is of no order, not of order B."] == [reason for _, reason in said(stage)]


def test_an_entry_without_an_order_number_can_be_waived_by_its_name() -> None:
    ledger = charged(*CHARGES).table
    entry = ledger.loc[ledger["order_id"] == "", "entry_id"].item()
    stage = adjusted(decision(1, agency="ROADS", order_id="", ledger_entry=entry, amount_cents=STANDARD))
    assert [("ROADS-1", "host4.example.gov", -STANDARD)] == posted(stage, "account_id", "common_name", "amount_cents")


@pytest.mark.parametrize("kind", ["charge", "credit"])
def test_the_entries_of_a_certificate_without_an_order_number_that_was_credited_have_nothing_left_to_take_off(kind: str) -> None:
    """Either names what the other took back, and nothing else of the ledger does."""
    told = charged(certificate(1, "2026-09-01", revoked_on=day("2026-09-10")), certificate(2, "2026-09-01")).table
    (name,) = told.loc[(told["kind"] == kind) & (told["certificate"] == "Example CA/0001/1"), "entry_id"]
    named = ADJUSTMENTS.frame([decision(1, order_id="", ledger_entry=name)])
    stage = chargeback.adjust(told, named, agencies(), set(), settings(), AS_OF)
    assert ["adjustment-not-posted"] == [finding.code for finding in stage.findings]
    assert "$0.00 is left to take off" in stage.findings[0].reason
    assert STANDARD == stage.table["amount_cents"].sum()


def test_what_was_charged_by_decision_can_be_taken_off_again() -> None:
    stage = adjusted(
        decision(2, kind="credit", amount_cents=STANDARD + 4_000),
        decision(1, kind="charge", amount_cents=4_000),
    )
    assert ["D-1", "D-2"] == sorted(name for (name,) in posted(stage, "adjustment"))
    assert () == stage.findings


@pytest.mark.parametrize(("kind", "said"), [("credit", "Credit"), ("waiver", "Waiver")])
def test_what_is_taken_off_names_its_charge(kind: str, said: str) -> None:
    stage = adjusted(decision(1, kind=kind, order_id="", amount_cents=1))
    assert charged(*CHARGES).table.equals(stage.table)
    (finding,) = stage.findings
    assert ("adjustment-not-posted", "order_id", 901) == (finding.code, finding.column, finding.source)
    why = "it names neither an order nor a ledger entry, so nothing says which charge it is taken off; write order_id or ledger_entry."
    assert f"{said} D-1 of $0.01: {why}" == finding.reason


def test_what_is_charged_or_only_shown_may_name_no_order() -> None:
    stage = adjusted(decision(1, kind="charge", order_id=""), decision(2, kind="memo", order_id=""))
    assert [("D-1", 10_000), ("D-2", 0)] == sorted(posted(stage, "adjustment", "amount_cents"))
    assert () == stage.findings


def test_a_decision_of_the_first_day_of_the_books_is_posted() -> None:
    stage = adjusted(decision(1, kind="charge", order_id="", approved_on=day("2025-07-01")))
    assert ([("FY2026-P01", 10_000)], ()) == (posted(stage, "period", "amount_cents"), stage.findings)


def test_without_decisions_the_ledger_stays_and_nothing_is_said() -> None:
    stage = adjusted()
    assert (4, (), 0) == (stage.table["certificate"].nunique(), stage.findings, len(stage.not_posted))


def test_a_decision_follows_its_agency_to_the_successor() -> None:
    merged = agencies(
        {"agency": "PARKS", "account_id": "P-1", "valid_to": day("2026-10-05"), "successor": "ROADS"},
        {"agency": "ROADS", "account_id": "R-1"},
    )
    stage = adjusted(decision(1), decision(2, agency="ROADS", amount_cents=500), to=merged)
    assert [("D-1", "PARKS", "ROADS", "R-1"), ("D-2", "ROADS", "ROADS", "R-1")] == sorted(
        posted(stage, "adjustment", "agency", "billed_to", "account_id")
    )


def test_a_decision_for_none_of_those_who_were_charged_names_them_all() -> None:
    told = charged(certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-09-02", order_id="A", agency="ROADS", tier="premium"))
    lines = ADJUSTMENTS.frame([decision(1, agency="WATER")])
    stage = chargeback.adjust(told.table, lines, agencies(), {"A"}, settings(), AS_OF)
    assert ["Waiver D-1 of $100.00: order A was charged to PARKS and ROADS, not to WATER."] == [reason for _, reason in said(stage)]


def test_a_manual_credit_gives_no_unit_back() -> None:
    stage = adjusted(decision(1, kind="credit", ledger_entry=entry_of("A"), amount_cents=STANDARD))
    bought = orders.lots(orders.lot("L", "2026-01-01", 9, 900, returns_on_refund=True))
    drawn = lots.draw(stage.table, bought, settings(), AS_OF)
    assert [("", None)] == [
        (lot_id, None if pd.isna(cents) else cents)
        for lot_id, cents in drawn.ledger.loc[drawn.ledger["adjustment"] != "", ["lot_id", "unit_cost_cents"]].itertuples(index=False)
    ]


def test_what_was_taken_off_an_entry_is_left_no_more() -> None:
    entry = entry_of("A")
    stage = adjusted(
        decision(1, order_id="", ledger_entry=entry, amount_cents=15_000),
        decision(2, order_id="", ledger_entry=entry, amount_cents=7_101),
        decision(3, order_id="", ledger_entry=entry, amount_cents=7_100),
    )
    assert [("D-1", -15_000), ("D-3", -7_100)] == sorted(posted(stage, "adjustment", "amount_cents"))
    assert f"of entry {entry[:12]} $71.00 is left to take off, not $71.01" in stage.findings[0].reason


@pytest.mark.parametrize(("approved_on", "is_posted"), [("2026-08-31", False), ("2026-09-01", True)])
@pytest.mark.parametrize("by_entry", [False, True], ids=["of the order", "of the entry"])
def test_a_charge_can_be_taken_off_from_its_own_day_on(approved_on: str, *, is_posted: bool, by_entry: bool) -> None:
    about = {"order_id": "", "ledger_entry": entry_of("A")} if by_entry else {"order_id": "A"}
    stage = adjusted(decision(1, approved_on=day(approved_on), **about))
    assert is_posted == bool(posted(stage, "adjustment")) == (not stage.findings)


def test_a_decision_about_an_order_shows_what_the_order_was_for() -> None:
    stage = adjusted(decision(1, order_id="B", amount_cents=1), decision(2, order_id="B", amount_cents=2, approved_on=day("2026-09-02")))
    ledger = charged(*CHARGES).table
    (about,) = ledger.loc[ledger["order_id"] == "B", ["certificate", "common_name", "tier"]].itertuples(index=False, name=None)
    shown = posted(stage, "certificate", "common_name", "tier", "adjusts")
    assert [(*about, ""), (*about, "")] == shown


def test_what_a_decision_charges_can_be_taken_off_later_and_what_one_takes_off_cannot() -> None:
    first = adjusted(decision(1, kind="charge", amount_cents=1), decision(2, amount_cents=500))
    names = dict(posted(first, "adjustment", "entry_id"))
    lines = (
        decision(3, order_id="", ledger_entry=names["D-1"], amount_cents=1, approved_on=day("2026-10-13")),
        decision(4, order_id="", ledger_entry=names["D-2"], amount_cents=1, approved_on=day("2026-10-13")),
        decision(5, order_id="", ledger_entry=names["D-1"], agency="ROADS", kind="charge", amount_cents=1, approved_on=day("2026-10-13")),
    )
    stage = adjusted(decision(1, kind="charge", amount_cents=1), decision(2, amount_cents=500), *lines)
    assert ["D-1", "D-2", "D-3"] == sorted(name for (name,) in posted(stage, "adjustment"))
    assert {"D-4", "D-5"} == {finding.reason.split()[1] for finding in stage.findings}


def test_decisions_that_are_not_posted_are_listed_with_their_dollars() -> None:
    waits, later = decision(2, approved_by="", amount_cents=7_500), decision(3, approved_on=day("2026-12-01"))
    stage = adjusted(decision(1, agency="TOLLS"), waits, later, decision(4))
    listed = stage.not_posted.sort_values("id")[["id", "agency", "order_id", "kind", "amount_cents", "state", "source"]]
    assert [
        ("D-1", "TOLLS", "A", "waiver", 10_000, "refused", 901),
        ("D-2", "PARKS", "A", "waiver", 7_500, "waits", 902),
        ("D-3", "PARKS", "A", "waiver", 10_000, "waits", 903),
    ] == list(listed.itertuples(index=False, name=None))
    assert sorted(stage.not_posted["why"]) == sorted(finding.reason for finding in stage.findings)
