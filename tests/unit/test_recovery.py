"""What was recovered of the cost, by tier and year: figures by hand, and what is judged and what is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline import lots, recovery
from pipeline.contracts import LOTS as LOTS_TABLE
from pipeline.findings import Finding
from pipeline.recovery import Recovered
from tests import orders
from tests.orders import PREMIUM, STANDARD, adjusted, certificate, charged, day, decision, lot, settings

AS_OF = day("2027-09-30")  # in FY2028
# Two standard orders in FY2027, one of them credited in FY2028, and a premium one in FY2028.
CHARGES = (
    certificate(1, "2027-06-15", order_id="A", revoked_on=day("2027-07-10")),
    certificate(2, "2026-09-02", order_id="B"),
    certificate(3, "2027-08-03", order_id="C", tier="premium"),
)
LOTS = (
    lot("S", "2026-07-01", 4, 4_002, returns_on_refund=True, units_expire_on=day("2027-08-31")),
    lot("P", "2027-07-01", 2, 9_000, tier="premium"),
)

LOTS_OF_NOTHING = LOTS_TABLE.empty()


def recovered(
    costs: tuple[tuple[int, str, int], ...] = (), openings: tuple[tuple[str, int, int], ...] = (), as_of: dt.date = AS_OF
) -> Recovered:
    ledger = charged(*CHARGES, as_of=as_of).table
    drawn = lots.draw(ledger, orders.lots(*LOTS), settings(), as_of)
    return recovery.recover(drawn.ledger, drawn.lots, orders.costs(*costs), orders.recovery_openings(*openings), settings(), as_of)


def shown(stage: Recovered, tier: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a tier as tuples of fiscal year and `columns`; missing cells as None."""
    of_tier = stage.table.loc[stage.table["tier"] == tier, ["fiscal_year", *columns]].astype("object")
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in of_tier.itertuples(index=False, name=None)]


MOVED = ("opening_cents", "charged_cents", "credited_cents", "cost_cents", "unused_cents", "office_cost_cents", "closing_cents")


def test_each_year_ends_as_the_next_begins_and_tiers_are_not_netted() -> None:
    stage = recovered()
    # Units cost 1001, 1000, 1000, 1001: two are drawn in FY2027, the second one comes back in FY2028, and three expire there.
    assert [
        (2027, 0, 2 * STANDARD, 0, 2_001, 0, 0, 2 * STANDARD - 2_001),
        (2028, 2 * STANDARD - 2_001, 0, -STANDARD, -1_000, 3_001, 0, STANDARD - 4_002),
    ] == shown(stage, "standard", *MOVED)
    assert [(2028, 0, PREMIUM, 0, 4_500, 0, 0, PREMIUM - 4_500)] == shown(stage, "premium", *MOVED)
    assert [(2027, 2), (2028, -1)] == shown(stage, "standard", "orders")


def test_units_of_several_lots_that_expire_in_a_year_are_all_its_cost() -> None:
    bought = (lot(name, "2026-07-01", 1, cents, units_expire_on=day("2027-06-30")) for name, cents in (("S1", 700), ("S2", 50)))
    drawn = lots.draw(charged(as_of=AS_OF).table, orders.lots(*bought), settings(), AS_OF)
    stage = recovery.recover(drawn.ledger, drawn.lots, orders.costs(), orders.recovery_openings(), settings(), AS_OF)
    assert (2027, 750, -750) == shown(stage, "standard", "unused_cents", "closing_cents")[0]


def test_without_costs_nothing_is_judged() -> None:
    judged = ("basis", "reserve_limit_cents", "reserve", "carry_limit_cents", "carry_forward", "proposed_rate_cents")
    nothing = ("certificate cost only", None, "", None, "", None)
    assert [(2027, *nothing), (2028, *nothing)] == shown(recovered(), "standard", *judged)


def test_with_costs_both_limits_are_shown_and_a_year_that_has_ended_is_judged() -> None:
    stage = recovered(costs=((2027, "standard", 20_000), (2027, "standard", 10_000), (2028, "standard", 1_000)))
    judged = ("basis", "reserve_limit_cents", "reserve", "carry_limit_cents", "carry_forward")
    assert [(2027, 2 * STANDARD - 2_001 - 30_000)] == shown(stage, "standard", "closing_cents")[:1]
    # 60 / 365 of 32,001 is 5,260.4, and 60 / 366 of 3,001 is 491.97 in a year with 29 February; 5 % of 44,200 is 2,210.
    assert [
        (2027, "full cost", 5_260, "above", 2_210, "above"),
        (2028, "full cost", 492, "", 0, ""),
    ] == shown(stage, "standard", *judged)


def test_a_year_within_its_limits_and_what_a_rate_would_have_to_be() -> None:
    stage = recovered(costs=((2027, "standard", 41_000),))
    assert [(2027, "within", "within", 1_199)] == shown(stage, "standard", "reserve", "carry_forward", "closing_cents")[:1]
    # (2,001 + 41,000 - 1,199) / 2 orders
    assert [(2027, 20_901), (2028, None)] == shown(stage, "standard", "proposed_rate_cents")


@pytest.mark.parametrize(
    ("cost", "column", "closing", "verdict"),
    [
        # 60 / 365 of 2,001 + 35,959 is 6,240 to the cent; 5 % of 44,200 is 2,210.
        (35_959, "reserve", 6_240, "within"),
        (35_958, "reserve", 6_241, "above"),
        (39_989, "carry_forward", 2_210, "within"),
        (39_988, "carry_forward", 2_211, "above"),
    ],
)
def test_a_year_may_keep_its_limit_and_not_a_cent_more(cost: int, column: str, closing: int, verdict: str) -> None:
    stage = recovered(costs=((2027, "standard", cost),))
    assert (2027, closing, verdict) == shown(stage, "standard", "closing_cents", column)[0]


def test_a_rate_that_begins_on_the_last_day_of_a_year_is_that_days() -> None:
    rates = [
        {"tier": "standard", "amount": 221, "since": day("2024-07-01")},
        {"tier": "standard", "amount": 230, "since": day("2027-06-30")},
    ]
    ledger = charged(*CHARGES[:2], as_of=AS_OF).table
    nothing = LOTS_OF_NOTHING, orders.costs(), orders.recovery_openings()
    stage = recovery.recover(ledger, *nothing, settings(rate=rates), AS_OF)
    assert (2027, pd.Timestamp("2027-06-30"), 0) == shown(stage, "standard", "rate_since", "rate_age_days")[0]


def test_a_leap_year_has_366_days() -> None:
    stage = recovered(costs=((2028, "premium", 366_00 - 4_500),), as_of=day("2028-07-01"))
    assert [(2028, 60_00)] == shown(stage, "premium", "reserve_limit_cents")[:1]


def test_the_age_of_the_rate_is_told_at_the_end_of_each_year() -> None:
    told = shown(recovered(), "standard", "rate_since", "rate_age_days")
    assert [(2027, pd.Timestamp("2024-07-01"), 1_094), (2028, pd.Timestamp("2024-07-01"), 1_186)] == told


def test_an_opening_carries_what_the_old_books_ended_with() -> None:
    stage = recovered(openings=(("standard", 2026, -12_550), ("premium", 2028, 7)))
    assert [(2026, -12_550, -12_550), (2027, -12_550, 2 * STANDARD - 2_001 - 12_550)] == shown(
        stage, "standard", "opening_cents", "closing_cents"
    )[:2]
    assert [(2028, 7)] == shown(stage, "premium", "opening_cents")
    assert () == stage.findings


def test_a_tier_may_open_with_the_year_before_its_first_figure() -> None:
    stage = recovered(openings=(("premium", 2027, 7),), as_of=day("2027-06-30"))
    assert ([(2027, 7, 7)], ()) == (shown(stage, "premium", "opening_cents", "closing_cents"), stage.findings)


def test_a_single_order_is_enough_for_a_proposal() -> None:
    stage = recovered(costs=((2028, "premium", 40_000),), as_of=day("2028-07-01"))
    # 542.00 less a unit for 45.00 and 400.00 of further cost leaves 97.00, which the next rate gives back.
    assert [(2028, 9_700, 44_500 - 9_700)] == shown(stage, "premium", "closing_cents", "proposed_rate_cents")[:1]


def test_an_upgrade_that_found_no_unit_has_no_cost_either() -> None:
    ledger = charged(
        certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-09-10", order_id="A", tier="premium"), as_of=AS_OF
    ).table
    nothing = LOTS_OF_NOTHING, orders.costs(), orders.recovery_openings()
    table = recovery.recover(ledger, *nothing, settings(), AS_OF).table
    of_2027 = table[table["fiscal_year"] == 2027]
    assert {"premium": 1, "standard": 1} == dict(zip(of_2027["tier"], of_2027["without_cost"], strict=True))
    assert {"premium": 0, "standard": 1} == dict(zip(of_2027["tier"], of_2027["orders"], strict=True))


def test_a_credit_that_somebody_decided_gives_no_order_back() -> None:
    ledger = adjusted(decision(1, kind="credit")).table
    nothing = LOTS_OF_NOTHING, orders.costs(), orders.recovery_openings()
    table = recovery.recover(ledger, *nothing, settings(), orders.AS_OF).table
    assert {"premium": 1, "standard": 2} == dict(zip(table["tier"], table["orders"], strict=True))


def test_charges_whose_unit_cost_nobody_knows_are_counted_and_keep_a_proposal_back() -> None:
    ledger = charged(*CHARGES, as_of=AS_OF).table
    drawn = lots.draw(ledger, orders.lots(LOTS[1]), settings(), AS_OF)
    stage = recovery.recover(drawn.ledger, drawn.lots, orders.costs((2027, "standard", 1)), orders.recovery_openings(), settings(), AS_OF)
    assert [(2027, 2, None), (2028, 0, None)] == shown(stage, "standard", "without_cost", "proposed_rate_cents")


@pytest.mark.parametrize(
    ("costs", "openings", "line", "cell", "reason"),
    [
        (
            ((2027, "gold", 5),),
            (),
            960,
            ("gold", "tier"),
            "No tier is called gold, so this line of costs.csv counts for nothing; the tiers are standard, premium.",
        ),
        (
            (),
            (("gold", 2027, 5),),
            970,
            ("gold", "tier"),
            "No tier is called gold, so this line of recovery_openings.csv counts for nothing; the tiers are standard, premium.",
        ),
        (
            (),
            (("standard", 2028, 5),),
            970,
            ("2028", "fiscal_year"),
            "The opening of standard is of FY2028, but figures of FY2027 are in these books; enter the opening of FY2027.",
        ),
    ],
)
def test_a_line_that_cannot_be_right_counts_for_nothing_and_says_so(
    costs: Any, openings: Any, line: int, cell: tuple[str, str], reason: str
) -> None:
    stage = recovered(costs, openings)
    assert (Finding("entry-not-counted", reason, value=cell[0], column=cell[1], source=line),) == stage.findings
    assert recovered().table.equals(stage.table)


def test_an_opening_that_cannot_be_right_does_not_keep_the_next_one_from_counting() -> None:
    right = ("standard", 2027, 700)
    assert [700, 700] == [
        recovered(openings=(wrong, right)).table.set_index(["tier", "fiscal_year"]).at[("standard", 2027), "opening_cents"]
        for wrong in (("gold", 2027, 5), ("premium", 2029, 5))
    ]


@pytest.mark.parametrize(
    ("now", "expected"), [({"agency": "ROADS"}, {"standard": 2}), ({"tier": "premium"}, {"standard": 1, "premium": 1})]
)
def test_an_order_that_is_billed_anew_after_its_month_was_closed_counts_once(now: dict[str, Any], expected: dict[str, int]) -> None:
    told = certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-09-02", order_id="B")
    closed = orders.close(charged(*told).table, "FY2027-P03")
    ledger = orders.posted([{**told[0], **now}, told[1]], closed).table
    nothing = orders.costs(), orders.recovery_openings()
    table = recovery.recover(ledger, LOTS_OF_NOTHING, *nothing, settings(), orders.AS_OF).table
    assert expected == dict(zip(table["tier"], table["orders"], strict=True))


def test_no_figures_make_no_table() -> None:
    empty = charged().table
    drawn = lots.draw(empty, orders.lots(), settings(), AS_OF)
    assert recovery.recover(drawn.ledger, drawn.lots, orders.costs(), orders.recovery_openings(), settings(), AS_OF).table.empty


def test_a_decision_about_no_tier_has_a_row_of_its_own_and_a_memo_has_none() -> None:
    memo, charge = decision(1, kind="memo", order_id=""), decision(2, kind="charge", order_id="")
    found = [adjusted(*told).table for told in ([memo], [memo, charge])]
    nothing = orders.costs(), orders.recovery_openings()
    tables = [recovery.recover(ledger, LOTS_OF_NOTHING, *nothing, settings(), orders.AS_OF).table for ledger in found]
    assert [["premium", "standard"], ["", "premium", "standard"]] == [sorted(set(table["tier"])) for table in tables]
    assert [10_000] == tables[1].loc[tables[1]["tier"] == "", "closing_cents"].tolist()
