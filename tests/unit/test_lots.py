"""Which unit each charge draws, what it costs, and what is left of a lot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from pipeline.findings import Finding
from pipeline.lots import Drawn, draw
from tests.orders import AS_OF, certificate, charged, day, lot, lot_openings, lots, settings


def drawn(told: list[dict[str, Any]], *rows: Mapping[str, Any], as_of: dt.date = AS_OF) -> Drawn:
    return draw(charged(*told, as_of=as_of).table, lots(*rows), settings(), as_of)


def units(books: Drawn) -> list[tuple[Any, ...]]:
    """Day, lot and cents of every entry, free reissues left out; a missing cost is None."""
    shown = books.ledger[(books.ledger["amount_cents"] != 0)].sort_values(["service_on", "kind", "source"])
    cents = [None if pd.isna(value) else value for value in shown["unit_cost_cents"]]
    return list(zip(shown["service_on"].dt.strftime("%Y-%m-%d"), shown["kind"], shown["lot_id"], cents, strict=True))


def doubts(books: Drawn) -> list[Finding]:
    """What was found, but for prices: lots here cost a few cents, so that rounding shows."""
    return [finding for finding in books.findings if finding.code != "lot-price-doubtful"]


def left(books: Drawn, lot_id: str) -> dict[str, Any]:
    row = books.lots.set_index("lot_id").loc[lot_id]
    return {name: row[name] for name in ("drawn", "returned", "expired_unused", "remaining", "drawn_cost_cents")}


def test_the_lot_that_was_bought_first_is_drawn_first() -> None:
    told = [certificate(number, f"2026-09-0{number}") for number in (1, 2, 3)]
    books = drawn(told, lot("B", "2026-02-01", 5, 500), lot("A", "2026-02-02", 5, 500), lot("C", "2026-01-01", 2, 100))
    assert ["C", "C", "B"] == [lot_id for _, _, lot_id, _ in units(books)]


def test_of_two_lots_of_one_day_the_first_by_number_is_drawn() -> None:
    books = drawn([certificate(1, "2026-09-01")], lot("L-2", "2026-01-01", 5, 500), lot("L-10", "2026-01-01", 5, 500))
    assert "L-10" == books.ledger["lot_id"].item()


def test_units_are_drawn_from_the_day_of_purchase_to_the_day_they_expire() -> None:
    told = [certificate(number, on) for number, on in enumerate(("2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01"), start=1)]
    books = drawn(told, lot("A", "2026-09-01", 5, 500, units_expire_on=day("2026-09-30")))
    assert ["", "A", "A", ""] == [lot_id for _, _, lot_id, _ in units(books)]
    assert ["lot-exhausted"] * 2 == [finding.code for finding in doubts(books)]
    assert {1, 4} == {finding.source for finding in doubts(books)}


def test_the_units_of_a_lot_share_its_price_to_the_cent() -> None:
    books = drawn([certificate(number, f"2026-09-0{number}") for number in (1, 2, 3)], lot("A", "2026-01-01", 3, 1_000))
    assert [333, 334, 333] == [cents for *_, cents in units(books)]
    assert 1_000 == left(books, "A")["drawn_cost_cents"]


def test_half_a_cent_is_rounded_up() -> None:
    books = drawn([certificate(number, f"2026-09-0{number}") for number in (1, 2)], lot("A", "2026-01-01", 2, 1))
    assert [1, 0] == [cents for *_, cents in units(books)]


def test_without_a_unit_the_charge_stands_and_its_cost_is_not_known() -> None:
    books = drawn([certificate(1, "2026-09-01"), certificate(2, "2026-09-02")], lot("A", "2026-01-01", 1, 500))
    assert [("2026-09-01", "charge", "A", 500), ("2026-09-02", "charge", "", None)] == units(books)
    reason = "No lot of tier standard had a unit on 2026-09-02; the charge stands, its unit cost is not known."
    assert [Finding("lot-exhausted", reason, value="standard", column="tier", source=2)] == doubts(books)
    assert 44_200 == books.ledger["amount_cents"].sum()


def test_a_tier_of_which_no_lot_was_ever_entered_is_said_once() -> None:
    books = drawn([certificate(number, "2026-09-01") for number in (1, 2, 3)])
    reason = "No lot of tier standard is entered, so the unit cost of 3 charges is not known, from 2026-09-01 on."
    assert [Finding("lot-exhausted", reason, value="standard", column="tier", source=1)] == doubts(books)
    (alone,) = doubts(drawn([certificate(7, "2026-09-01")]))
    assert ("No lot of tier standard is entered, so the unit cost of 1 charge is not known, from 2026-09-01 on.", 7) == (
        alone.reason, alone.source
    )  # fmt: skip


def test_free_reissues_and_other_tiers_draw_nothing() -> None:
    told = [
        certificate(1, "2026-09-01", order_id="A"),
        certificate(2, "2026-09-02", order_id="A"),
        certificate(3, "2026-09-03", tier="premium"),
    ]
    assert 1 == left(drawn(told, lot("A", "2026-01-01", 5, 500)), "A")["drawn"]


def test_a_unit_that_the_vendor_takes_back_is_free_again_at_its_own_cost() -> None:
    told = [
        certificate(1, "2026-09-01", revoked_on=day("2026-09-05")),
        certificate(2, "2026-09-04"),
        certificate(3, "2026-09-06"),
    ]
    books = drawn(told, lot("A", "2026-01-01", 3, 1_000, returns_on_refund=True))
    assert [
        ("2026-09-01", "charge", "A", 333),
        ("2026-09-04", "charge", "A", 334),
        ("2026-09-05", "credit", "A", -333),
        ("2026-09-06", "charge", "A", 333),
    ] == units(books)
    assert {"drawn": 3, "returned": 1, "expired_unused": 0, "remaining": 1, "drawn_cost_cents": 667} == left(books, "A")


def test_a_unit_that_the_vendor_keeps_stays_drawn() -> None:
    books = drawn([certificate(1, "2026-09-01", revoked_on=day("2026-09-05"))], lot("A", "2026-01-01", 2, 500))
    assert [("2026-09-01", "charge", "A", 250), ("2026-09-05", "credit", "", None)] == units(books)
    assert {"drawn": 1, "returned": 0, "expired_unused": 0, "remaining": 1, "drawn_cost_cents": 250} == left(books, "A")


@pytest.mark.parametrize("number", range(1, 7))
def test_a_refund_on_the_day_of_issue_gives_back_the_unit_it_drew(number: int) -> None:
    books = drawn([certificate(number, "2026-09-01", revoked_on=day("2026-09-01"))], lot("A", "2026-01-01", 1, 500, returns_on_refund=True))
    assert [("2026-09-01", "charge", "A", 500), ("2026-09-01", "credit", "A", -500)] == units(books)
    assert {"drawn": 1, "returned": 1, "expired_unused": 0, "remaining": 1, "drawn_cost_cents": 0} == left(books, "A")


UPGRADED = [certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-09-10", order_id="A", tier="premium")]


@pytest.mark.parametrize("number", range(1, 7))
def test_a_swap_on_the_day_of_issue_gives_back_the_unit_that_the_charge_drew(number: int) -> None:
    """The entries of a day are told apart by hashes; a swap that came before its charge would keep two units."""
    told = [
        certificate(number, "2026-09-01", order_id="A"),
        certificate(number + 10, "2026-09-01", order_id="A", tier="premium", serial="ff"),
    ]
    lot_rows = (
        lot("S", "2026-01-01", 2, 500, returns_on_refund=True),
        lot("P", "2026-01-01", 2, 900, tier="premium", returns_on_refund=True),
    )
    swapped = drawn(told, *lot_rows)
    assert {("charge", "S", 250), ("adjustment", "P", 200)} == {unit[1:] for unit in units(swapped)}
    assert [0, 1] == [left(swapped, lot_id)["drawn"] - left(swapped, lot_id)["returned"] for lot_id in ("S", "P")]
    refunded = drawn([{**facts, "revoked_on": day("2026-09-01")} for facts in told], *lot_rows)
    assert [0, 0] == [left(refunded, lot_id)["drawn"] - left(refunded, lot_id)["returned"] for lot_id in ("S", "P")]
    assert 0 == refunded.ledger["unit_cost_cents"].sum()


def test_a_lot_that_was_empty_takes_its_place_in_line_again() -> None:
    told = [
        certificate(1, "2026-09-01", revoked_on=day("2026-09-05")),
        certificate(2, "2026-09-02"),
        certificate(3, "2026-09-06"),
        certificate(4, "2026-09-07"),
    ]
    rows = [lot(name, on, 1, 500, returns_on_refund=True) for name, on in (("A", "2026-01-01"), ("B", "2026-01-02"))]
    books = drawn(told, *rows, lot("C", "2026-01-03", 5, 500))
    assert ["A", "B", "A", "C"] == [lot_id for _, kind, lot_id, _ in units(books) if kind == "charge"]


@pytest.mark.parametrize("given_back", [("2026-09-05", "2026-09-06"), ("2026-09-06", "2026-09-05")])
def test_of_the_units_given_back_the_one_with_the_lowest_number_is_drawn_first(given_back: tuple[str, str]) -> None:
    """Units 1, 2 and 3 of a lot over $0.04 cost 1, 2 and 1 cents: the cost tells which one was drawn."""
    told = [certificate(number, "2026-09-01", revoked_on=day(on)) for number, on in enumerate(given_back, 1)]
    told = [{**facts, "service_on": day(f"2026-09-0{number}")} for number, facts in enumerate(told, 1)]
    books = drawn([*told, certificate(3, "2026-09-07"), certificate(4, "2026-09-08")], lot("A", "2026-01-01", 3, 4, returns_on_refund=True))
    assert [1, 2] == [cents for on, kind, _, cents in units(books) if kind == "charge" and on >= "2026-09-07"]


def test_a_dearer_tier_swaps_the_unit_where_the_vendor_takes_the_cheaper_one_back() -> None:
    books = drawn(UPGRADED, lot("S", "2026-01-01", 2, 500, returns_on_refund=True), lot("P", "2026-01-01", 2, 900, tier="premium"))
    assert [("2026-09-01", "charge", "S", 250), ("2026-09-10", "adjustment", "P", 200)] == units(books)
    assert {"drawn": 1, "returned": 1, "expired_unused": 0, "remaining": 2, "drawn_cost_cents": 0} == left(books, "S")
    assert {"drawn": 1, "returned": 0, "expired_unused": 0, "remaining": 1, "drawn_cost_cents": 450} == left(books, "P")


def test_a_dearer_tier_draws_a_second_unit_where_the_vendor_keeps_the_cheaper_one() -> None:
    books = drawn(UPGRADED, lot("S", "2026-01-01", 2, 500), lot("P", "2026-01-01", 2, 900, tier="premium"))
    assert [("2026-09-01", "charge", "S", 250), ("2026-09-10", "adjustment", "P", 450)] == units(books)
    assert {"drawn": 1, "returned": 0, "expired_unused": 0, "remaining": 1, "drawn_cost_cents": 250} == left(books, "S")
    assert {"drawn": 1, "returned": 0, "expired_unused": 0, "remaining": 1, "drawn_cost_cents": 450} == left(books, "P")


def test_without_a_dearer_unit_nothing_is_swapped() -> None:
    books = drawn(UPGRADED, lot("S", "2026-01-01", 2, 500))
    assert [("2026-09-01", "charge", "S", 250), ("2026-09-10", "adjustment", "", None)] == units(books)
    assert {"drawn": 1, "returned": 0, "expired_unused": 0, "remaining": 1, "drawn_cost_cents": 250} == left(books, "S")


@pytest.mark.parametrize(("standard_units", "taken_back", "still_costs"), [(0, True, 0), (0, False, 0), (2, True, 0), (2, False, 250)])
def test_a_refund_after_an_upgrade_gives_back_the_dearer_unit(standard_units: int, taken_back: bool, still_costs: int) -> None:
    told = [{**facts, "revoked_on": day("2026-09-20")} for facts in UPGRADED]
    standard = [lot("S", "2026-01-01", standard_units, 500, returns_on_refund=taken_back)] if standard_units else []
    books = drawn(
        told,
        *standard,
        lot("P", "2026-01-01", 2, 900, tier="premium", returns_on_refund=True),
    )
    assert still_costs == books.ledger["unit_cost_cents"].sum() == books.lots["drawn_cost_cents"].sum()
    assert {"drawn": 1, "returned": 1, "expired_unused": 0, "remaining": 2, "drawn_cost_cents": 0} == left(books, "P")


def test_a_refund_after_an_upgrade_whose_dearer_unit_the_vendor_keeps_takes_nothing_back() -> None:
    told = [{**facts, "revoked_on": day("2026-09-20")} for facts in UPGRADED]
    books = drawn(told, lot("S", "2026-01-01", 2, 500, returns_on_refund=True), lot("P", "2026-01-01", 2, 900, tier="premium"))
    assert 450 == books.ledger["unit_cost_cents"].sum() == books.lots["drawn_cost_cents"].sum()
    assert {"drawn": 1, "returned": 1, "expired_unused": 0, "remaining": 2, "drawn_cost_cents": 0} == left(books, "S")


def test_an_upgrade_that_costs_nothing_still_draws_the_dearer_unit() -> None:
    rates = [
        {"tier": tier, "amount": cents, "since": day(since)}
        for since, *both in (("2024-07-01", 300, 500), ("2026-09-05", 100, 250))
        for tier, cents in zip(("standard", "premium"), both, strict=True)
    ]
    by = settings(rate=rates)
    rows = lots(
        lot("S", "2026-01-01", 2, 500, returns_on_refund=True), lot("P", "2026-01-01", 2, 900, tier="premium", returns_on_refund=True)
    )
    kept = draw(charged(*UPGRADED, by=by).table, rows, by, AS_OF)
    assert [0, 30_000] == sorted(kept.ledger.loc[kept.ledger["lot_id"] != "", "amount_cents"])
    assert 450 == left(kept, "P")["drawn_cost_cents"]
    refunded = draw(charged(*({**facts, "revoked_on": day("2026-09-20")} for facts in UPGRADED), by=by).table, rows, by, AS_OF)
    assert 0 == refunded.ledger["unit_cost_cents"].sum() == refunded.lots["drawn_cost_cents"].sum()


def test_a_term_of_the_old_books_draws_the_dearer_unit_and_gives_nothing_back() -> None:
    told = [certificate(1, "2025-06-01", order_id="A"), certificate(2, "2025-09-10", order_id="A", tier="premium")]
    books = drawn(told, lot("P", "2025-01-01", 2, 900, tier="premium"))
    assert [("2025-09-10", "adjustment", "P", 450)] == units(books)


@pytest.mark.parametrize(("expires", "unused"), [("2026-11-22", 3), ("2026-11-23", 3), ("2026-11-24", 0)])
def test_units_expire_with_their_last_day(expires: str, unused: int) -> None:
    books = drawn([certificate(1, "2026-09-01")], lot("A", "2026-01-01", 4, 400, units_expire_on=day(expires)))
    assert {"drawn": 1, "returned": 0, "expired_unused": unused, "remaining": 3 - unused, "drawn_cost_cents": 100} == left(books, "A")


def test_lots_run_out_one_after_the_other_at_the_pace_of_ninety_days() -> None:
    told = [certificate(number, on) for number, on in enumerate(("2026-08-25", "2026-08-26", "2026-11-23"), start=1)]
    books = drawn(
        told,
        lot("A", "2026-01-01", 5, 500),
        lot("B", "2026-01-02", 1, 100),
        lot("C", "2026-01-03", 9, 900, units_expire_on=day("2027-05-01")),
        lot("P", "2026-01-01", 5, 500, tier="premium"),
    )
    run_out = books.lots.set_index("lot_id")["run_out_on"].dt.strftime("%Y-%m-%d").fillna("")
    assert {"A": "2027-02-21", "B": "2027-04-07", "C": "2027-05-01", "P": ""} == run_out.to_dict()


def test_an_empty_lot_has_no_day_to_run_out() -> None:
    books = drawn([certificate(1, "2026-11-01")], lot("A", "2026-01-01", 1, 500))
    assert books.lots["run_out_on"].isna().all()


def test_a_lot_that_is_bought_after_the_as_of_day_is_a_finding_and_is_not_drawn() -> None:
    books = drawn([certificate(1, "2026-11-23")], lot("A", "2026-11-24", 1, 500))
    reason = "The lot was purchased on 2026-11-24, after the as-of day 2026-11-23; nothing is drawn from it."
    later, without = doubts(books)
    assert Finding("future-stamp", reason, value="2026-11-24", column="purchased_on", source=900) == later
    assert "lot-exhausted" == without.code
    assert 0 == left(books, "A")["drawn"]


def test_no_lots_and_no_charges_are_no_trouble() -> None:
    books = drawn([])
    assert books.ledger.empty
    assert books.lots.empty
    assert [] == doubts(books)


def test_a_lot_of_a_tier_that_the_settings_do_not_name_is_left_whole() -> None:
    books = drawn([certificate(1, "2026-09-01")], lot("G", "2026-01-01", 5, 500, tier="gold"), lot("A", "2026-01-01", 5, 500))
    assert (["A"], 5) == (books.ledger["lot_id"].tolist(), left(books, "G")["remaining"])


# an office that starts in mid-life


def opened(*openings: tuple[str, int], told: int = 2) -> Drawn:
    """Charges in September 2026 against a lot of 3 units for $10.00 from before 1 July 2025, and one of 3 for $6.00 from after it."""
    ledger = charged(*(certificate(number, f"2026-09-0{number}") for number in range(1, told + 1))).table
    bought = lots(lot("OLD", "2025-01-01", 3, 1_000), lot("NEW", "2026-01-01", 3, 600))
    return draw(ledger, bought, settings(), AS_OF, lot_openings(*openings))


def test_units_drawn_before_these_books_are_not_drawn_again() -> None:
    books = opened(("OLD", 1))
    assert [("OLD", 333), ("NEW", 200)] == [unit[2:] for unit in units(books)]
    assert {"drawn": 3, "returned": 0, "expired_unused": 0, "remaining": 0, "drawn_cost_cents": 1_000} == left(books, "OLD")
    assert (2, 667) == tuple(books.lots.set_index("lot_id").loc["OLD", ["drawn_before", "cost_before_cents"]])
    assert [] == doubts(books)


def test_a_lot_that_was_bought_on_the_first_day_of_these_books_is_drawn_in_them_from_its_first_unit_on() -> None:
    books = draw(charged().table, lots(lot("FIRST", "2025-07-01", 3, 600)), settings(), AS_OF, lot_openings(("FIRST", 1)))
    assert ([("lot_id", "FIRST")], 3) == ([(one.column, one.value) for one in doubts(books)], left(books, "FIRST")["remaining"])


def test_a_lot_may_begin_empty_or_whole() -> None:
    assert ["NEW", "NEW"] == [unit[2] for unit in units(opened(("OLD", 0)))]
    assert ["OLD", "OLD"] == [unit[2] for unit in units(opened(("OLD", 3)))]


@pytest.mark.parametrize(
    ("opening", "column", "reason"),
    [
        (("OTHER", 1), "lot_id", "No lot has the number OTHER; write it as data/inbox/lots does."),
        (("OLD", 4), "units_left", "Lot OLD has 3 units, so 4 cannot be left of it."),
        (("NEW", 1), "lot_id", "Lot NEW was bought on 2026-01-01, and these books begin on 2025-07-01: all its units are drawn in them."),
    ],
)
def test_an_opening_that_cannot_be_right_counts_for_nothing_and_says_so(opening: tuple[str, int], column: str, reason: str) -> None:
    books = opened(opening)
    value = str(dict(zip(("lot_id", "units_left"), opening, strict=True))[column])
    assert [Finding("entry-not-counted", reason, value=value, column=column, source=950)] == doubts(books)
    assert books.lots.equals(opened().lots)
