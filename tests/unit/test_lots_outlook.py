"""When the next lot must be ordered, what expires soon, the vendor's count beside ours, and prices that cannot be right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lots import Drawn, draw
from tests.orders import AS_OF, certificate, charged, day, lot, lot_openings, lots, settings


def drawn(told: list[dict[str, Any]], *rows: Mapping[str, Any], openings: Iterable[tuple[str, int]] = (), **terms: Any) -> Drawn:
    by = settings(**terms)
    return draw(charged(*told, by=by).table, lots(*rows), by, AS_OF, lot_openings(*openings))


def ago(*days: int) -> list[dict[str, Any]]:
    """Certificates, each an order of its own, so many days before the as-of day."""
    return [certificate(number, str(AS_OF - dt.timedelta(days=age))) for number, age in enumerate(days, start=1)]


def at(books: Drawn, lot_id: str, *names: str) -> tuple[Any, ...]:
    row = books.lots.set_index("lot_id").loc[lot_id]
    return tuple(None if pd.isna(row[name]) else row[name] for name in names)


def days_ahead(books: Drawn, lot_id: str) -> int:
    (order_on,) = at(books, lot_id, "reorder_on")
    return int((order_on.date() - AS_OF).days)


# when to order


def test_the_next_lot_is_ordered_as_long_before_the_last_runs_out_as_an_order_takes() -> None:
    """Nine units in 90 days: 20 units last 200 days, 30 of which an order takes. Evenly drawn, nothing is kept in reserve."""
    books = drawn(ago(*range(0, 90, 10)), lot("A", "2026-01-01", 19, 190_000), lot("B", "2026-01-02", 10, 200_000))
    assert (9, 0, 10, 10) == (*at(books, "A", "pace_units", "reserve_units", "remaining"), *at(books, "B", "remaining"))
    assert [170, 170] == [days_ahead(books, lot_id) for lot_id in "AB"]


@pytest.mark.parametrize(("lead_days", "ahead"), [(0, 200), (1, 199), (200, 0), (250, -50)])
def test_the_days_that_an_order_takes_are_a_setting(lead_days: int, ahead: int) -> None:
    books = drawn(ago(*range(0, 90, 10)), lot("A", "2026-01-01", 29, 290_000), lots={"lead_days": lead_days})
    assert ahead == days_ahead(books, "A")


def test_months_that_ask_for_more_are_guarded_against() -> None:
    """Of the months back from the as-of day one asked for 6 units, one for 0, one for 3: sigma is 3. 1.65 · 3 · √1 = 4.95 units, so 5 are
    kept; at 9 units in 90 days these last 50 days, so the order goes out 30 + 50 days before the 200 that 20 units last.
    """
    told = ago(0, 1, 2, 3, 4, 5, 60, 61, 89)
    books = drawn(told, lot("A", "2026-01-01", 29, 290_000))
    assert (9, 5) == at(books, "A", "pace_units", "reserve_units")
    assert 120 == days_ahead(books, "A")
    four_times_as_long = drawn(told, lot("A", "2026-01-01", 29, 290_000), lots={"lead_days": 120})
    assert (10,) == at(four_times_as_long, "A", "reserve_units")
    assert (0,) == at(drawn(told, lot("A", "2026-01-01", 29, 290_000), lots={"safety": 0}), "A", "reserve_units")


def test_of_a_reserve_that_is_whole_no_further_unit_is_kept() -> None:
    """sigma 3, safety 2, 30 days: six units to the unit, which a root of floating point might make seven."""
    books = drawn(ago(0, 1, 2, 3, 4, 5, 60, 61, 89), lot("A", "2026-01-01", 29, 290_000), lots={"safety": 2})
    assert (6,) == at(books, "A", "reserve_units")


def test_of_fewer_than_two_months_no_reserve_is_reckoned() -> None:
    assert (0,) == at(drawn(ago(0, 1, 2, 58), lot("A", "2026-01-01", 29, 290_000)), "A", "reserve_units")
    assert (0,) != at(drawn(ago(0, 1, 2, 59), lot("A", "2026-01-01", 29, 290_000)), "A", "reserve_units")


def test_what_was_asked_for_more_than_a_year_ago_counts_no_more() -> None:
    even = [30 * month for month in range(12)]
    books = drawn(ago(*even, 360, 361, 362, 363, 364), lot("A", "2025-08-01", 99, 990_000))
    assert (3, 0) == at(books, "A", "pace_units", "reserve_units")


def test_units_that_expire_before_they_are_drawn_are_gone_on_that_day() -> None:
    books = drawn(ago(*range(0, 90, 10)), lot("A", "2026-01-01", 99, 990_000, units_expire_on=day("2027-01-22")))
    assert 30 == days_ahead(books, "A")


def test_a_lot_that_expires_before_an_older_one_is_used_up_does_not_draw_in_the_next() -> None:
    books = drawn(
        ago(*range(0, 90, 10)),
        lot("A", "2026-01-01", 29, 290_000),
        lot("B", "2026-01-02", 10, 100_000, units_expire_on=day("2026-12-31")),
        lot("C", "2026-01-03", 10, 100_000),
    )
    assert [dt.timedelta(200), dt.timedelta(38), dt.timedelta(300)] == [
        at(books, lot_id, "run_out_on")[0].date() - AS_OF for lot_id in "ABC"
    ]
    assert 270 == days_ahead(books, "C")


def test_where_nothing_is_left_the_next_lot_is_to_be_ordered_today() -> None:
    """It stands at the last lot; what was asked for in vain is asked for all the same."""
    books = drawn(ago(0, 1, 2), lot("A", "2026-01-01", 1, 10_000), lot("B", "2026-01-02", 1, 10_000))
    assert (None, 3, 0) == at(books, "A", "reorder_on", "pace_units", "remaining")
    assert 0 == days_ahead(books, "B")


def test_a_tier_of_which_nothing_was_asked_lately_need_not_be_ordered() -> None:
    books = drawn(ago(90), lot("A", "2026-01-01", 5, 50_000), lot("P", "2026-01-01", 5, 250_000, tier="premium"))
    assert [(None, 0), (None, 0)] == [at(books, lot_id, "reorder_on", "pace_units") for lot_id in "AP"]


@given(st.lists(st.integers(0, 380), min_size=1, max_size=40), st.integers(0, 366), st.decimals(0, 5, places=2))
def test_the_reserve_is_the_smallest_whole_number_that_the_rule_asks_for(ages: list[int], lead_days: int, safety: Decimal) -> None:
    """Reckoned another way: the squares of all differences between two months, n(n-1) times the variance."""
    books = drawn(ago(*ages), lot("A", "2025-07-01", 100, 1_000_000), lots={"lead_days": lead_days, "safety": safety})
    (kept,) = at(books, "A", "reserve_units")
    months = min(12, (max(ages) + 1) // 30)
    asked = [sum(30 * month <= age < 30 * month + 30 for age in ages) for month in range(months)]
    spread = sum((one - other) ** 2 for one in asked for other in asked) if months > 1 else 0
    wanted = int(safety * 100) ** 2 * spread * lead_days
    per_unit = 100**2 * 2 * max(months * (months - 1), 1) * 30
    assert kept**2 * per_unit >= wanted
    assert kept == 0 or (kept - 1) ** 2 * per_unit < wanted


@pytest.mark.parametrize(("expires", "soon"), [("2027-01-22", 4), ("2027-01-23", 0), ("2026-11-23", 0), (None, 0)])
def test_units_that_expire_within_sixty_days_are_told(expires: str | None, soon: int) -> None:
    told = drawn(ago(30), lot("A", "2026-01-01", 5, 50_000, units_expire_on=expires and day(expires)))
    assert (soon,) == at(told, "A", "expiring_units")


# the vendor's count


def counted(units: int | None, on: str | None, **facts: Any) -> dict[str, Any]:
    """A lot of ten units, of which `units` are left by the vendor's count."""
    return lot("A", "2026-01-01", 10, 100_000, vendor_remaining=units, vendor_remaining_on=on and day(on), **facts)


TOLD = [certificate(number, on) for number, on in enumerate(("2026-09-01", "2026-10-05", "2026-10-05", "2026-11-20"), start=1)]
COMPARED = ("vendor_remaining", "remaining_that_day", "vendor_difference")


@pytest.mark.parametrize(("on", "ours"), [("2026-08-31", 10), ("2026-09-01", 9), ("2026-10-04", 9), ("2026-10-05", 7), ("2026-11-23", 6)])
def test_the_vendors_count_is_compared_with_what_was_left_on_its_own_day(on: str, ours: int) -> None:
    agreed = drawn(TOLD, counted(ours, on))
    assert (ours, ours, 0) == at(agreed, "A", *COMPARED)
    assert () == agreed.findings
    assert ("standard", pd.Timestamp(on)) == at(agreed, "A", "tier", "vendor_remaining_on")
    differing = drawn(TOLD, counted(ours + 2, on))
    assert (ours + 2, ours, 2) == at(differing, "A", *COMPARED)
    assert ["lot-count-differs"] == [finding.code for finding in differing.findings]


def test_units_given_back_count_from_the_day_of_the_refund() -> None:
    told = [certificate(1, "2026-09-01", revoked_on=day("2026-09-10")), certificate(2, "2026-09-05")]
    for on, ours in (("2026-09-04", 9), ("2026-09-09", 8), ("2026-09-10", 9)):
        assert (ours, ours, 0) == at(drawn(told, counted(ours, on, returns_on_refund=True)), "A", *COMPARED)


def test_units_drawn_before_these_books_are_not_left() -> None:
    old = lot("A", "2025-01-01", 10, 100_000, vendor_remaining=5, vendor_remaining_on=day("2026-09-30"))
    assert (5, 5, 0) == at(drawn(TOLD, old, openings=[("A", 6)]), "A", *COMPARED)


@pytest.mark.parametrize(
    ("units", "on", "words"),
    [
        (
            5,
            "2026-11-01",
            "7: the vendor used 2 units that no charge drew. Look for a certificate that no billing export tells of, one that waits for "
            "its agency or tier, or a reissue that took a unit.",
        ),
        (
            8,
            "2026-11-01",
            "7: charges drew 1 unit that the vendor did not use. Look for a certificate charged twice, a refunded unit that the vendor "
            "gave back (then returns_on_refund is yes), or one of another lot or vendor.",
        ),
        (
            9,
            "2026-10-05",
            "7: charges drew 2 units that the vendor did not use. Look for a certificate charged twice, a refunded unit that the vendor "
            "gave back (then returns_on_refund is yes), or one of another lot or vendor. A count taken earlier on that day would agree.",
        ),
    ],
)
def test_a_difference_tells_where_to_look(units: int, on: str, words: str) -> None:
    (found,) = drawn(TOLD, counted(units, on)).findings
    assert ("lot-count-differs", "vendor_remaining", str(units), 900) == (found.code, found.column, found.value, found.source)
    assert f"The vendor counts {units} units left of lot A on {on}, these books {words}" == found.reason


@pytest.mark.parametrize(
    ("units", "words"),
    [
        (8, "a certificate that no billing export tells of, one that waits for its agency or tier, a refunded unit that the vendor has not "
            "given back, or a reissue that took a unit."),
        (10, "a certificate charged twice, or one of another lot or vendor."),
    ],
)  # fmt: skip
def test_where_the_vendor_takes_units_back_a_difference_may_be_one_that_was_refunded(units: int, words: str) -> None:
    """Nine of ten are left here on 1 November: two charges, one refunded."""
    told = [certificate(1, "2026-09-01", revoked_on=day("2026-09-10")), certificate(2, "2026-09-05")]
    (found,) = drawn(told, counted(units, "2026-11-01", returns_on_refund=True)).findings
    assert words == found.reason.split("Look for ")[1]


def test_a_unit_that_came_back_on_the_day_of_the_count_may_have_come_back_after_it() -> None:
    told = [certificate(1, "2026-09-01", revoked_on=day("2026-09-10"))]
    reasons = [drawn(told, counted(units, "2026-09-10", returns_on_refund=True)).findings[0].reason for units in (9, 8)]
    assert [True, False] == [reason.endswith(" A count taken earlier on that day would agree.") for reason in reasons]


def test_a_difference_that_the_other_lots_make_up_for_is_one_of_order() -> None:
    rows = [counted(8, "2026-11-01"), lot("B", "2026-01-02", 5, 50_000, vendor_remaining=4, vendor_remaining_on=day("2026-11-01"))]
    books = drawn(TOLD, *rows)
    assert [1, -1] == [at(books, lot_id, "vendor_difference")[0] for lot_id in "AB"]
    assert ["lot-count-differs"] * 2 == [finding.code for finding in books.findings]
    assert all("both count the same" in finding.reason for finding in books.findings)


@pytest.mark.parametrize(
    ("units", "on", "why"),
    [
        (6, None, "no day says when"),
        (None, "2026-11-01", "has a day of the vendor's count, 2026-11-01, and no count"),
        (6, "2026-11-24", "after the as-of day 2026-11-23"),
        (10, "2025-12-31", "before the lot was bought on 2026-01-01"),
    ],
)
def test_a_count_that_cannot_be_compared_is_told(units: int | None, on: str | None, why: str) -> None:
    books = drawn(TOLD, counted(units, on))
    assert [("lot-count-not-compared", True)] == [(finding.code, why in finding.reason) for finding in books.findings]
    assert (units, None, None) == at(books, "A", *COMPARED)


def test_a_count_from_before_these_books_cannot_be_compared() -> None:
    old = lot("A", "2025-01-01", 10, 100_000, vendor_remaining=6, vendor_remaining_on=day("2025-06-30"))
    (found,) = drawn(TOLD, old, openings=[("A", 6)]).findings
    assert ("lot-count-not-compared", True) == (found.code, "these books begin on 2025-07-01" in found.reason)


def test_once_units_have_expired_nobody_says_how_many_are_left() -> None:
    """Vendors count expired units or not; both are right."""
    for units in (0, 6):
        books = drawn(TOLD, counted(units, "2026-11-22", units_expire_on=day("2026-11-22")))
        assert (units, None, None) == at(books, "A", *COMPARED)
        assert () == books.findings


# prices


@pytest.mark.parametrize(("cents", "is_told"), [(0, True), (22_100, True), (22_101, False), (2_210_000, False), (2_210_001, True)])
def test_a_lot_whose_units_cost_ten_times_or_a_tenth_of_their_rate_is_told(cents: int, is_told: bool) -> None:
    """Ten units; an order of standard is charged $221.00."""
    found = drawn([], lot("A", "2026-01-01", 10, cents)).findings
    assert (["lot-price-doubtful"] if is_told else []) == [finding.code for finding in found]


def test_a_price_that_looks_wrong_is_told_a_unit_beside_the_rate() -> None:
    (found,) = drawn([], lot("A", "2026-01-01", 100, 17_980)).findings
    assert ("total_cost", "$179.80", 900) == (found.column, found.value, found.source)
    expected = "100 units for $179.80 are $1.80 a unit, and an order of tier standard is charged $221.00 on the day of purchase."
    assert found.reason.endswith(expected)


def test_without_a_rate_no_price_is_judged() -> None:
    assert () == drawn([], lot("A", "2023-01-01", 10, 0)).findings
