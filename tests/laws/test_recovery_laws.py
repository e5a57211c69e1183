"""Laws of the recovery, for any years of events, lots, costs and openings: every cent is in one row, and years join (facts §5.6, 12)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline import lots, recovery
from tests import orders
from tests.laws.years import AS_OF, OFFICE, books, events, purchases

tiers = st.sampled_from(("standard", "premium"))
costs = st.lists(st.tuples(st.integers(2025, 2030), tiers, st.integers(0, 100_000)), max_size=4)
openings = st.lists(st.tuples(tiers, st.integers(2024, 2028), st.integers(-100_000, 100_000)), max_size=2, unique_by=lambda row: row[0])


@given(events(), purchases(), costs, openings)
def test_closing_is_the_next_opening_and_every_cent_is_in_one_row(told: Any, rows: Any, spent: Any, opened: Any) -> None:
    drawn = lots.draw(books(told), orders.lots(*rows), OFFICE, AS_OF)
    ledger = drawn.ledger
    stage = recovery.recover(ledger, drawn.lots, orders.costs(*spent), orders.recovery_openings(*opened), OFFICE, AS_OF)
    table, amounts = stage.table, ledger["amount_cents"]
    refused = {finding.source - 970 for finding in stage.findings}
    begun = {tier: cents for place, (tier, _, cents) in enumerate(opened) if place not in refused}
    for tier, years in table.groupby("tier"):
        assert list(range(years["fiscal_year"].min(), years["fiscal_year"].max() + 1)) == years["fiscal_year"].tolist()
        assert years["opening_cents"].tolist()[1:] == years["closing_cents"].tolist()[:-1]
        assert begun.get(tier, 0) == years["opening_cents"].iloc[0]
    by_tier = ledger.groupby("tier")["amount_cents"].sum()
    recovered = (table["charged_cents"] + table["credited_cents"]).groupby(table["tier"]).sum()
    assert {tier: cents for tier, cents in by_tier.items() if cents} == {tier: cents for tier, cents in recovered.items() if cents}
    assert (amounts.clip(lower=0).sum(), amounts.clip(upper=0).sum()) == (table["charged_cents"].sum(), table["credited_cents"].sum())
    unused = drawn.lots[drawn.lots["expired_unused"] > 0]
    wasted = (unused["total_cost_cents"] - unused["drawn_cost_cents"]).sum()
    assert (ledger["unit_cost_cents"].sum(), wasted) == (table["cost_cents"].sum(), table["unused_cents"].sum())
    assert sum(cents for _, _, cents in spent) == table["office_cost_cents"].sum()


@given(events(), purchases(), st.randoms(use_true_random=False))
def test_the_order_of_entries_lots_and_lines_does_not_matter(told: Any, rows: Any, random: Any) -> None:
    drawn = lots.draw(books(told), orders.lots(*rows), OFFICE, AS_OF)
    spent = orders.costs((2026, "standard", 100), (2027, "premium", 200), (2026, "standard", 300))
    one = recovery.recover(drawn.ledger, drawn.lots, spent, orders.recovery_openings(), OFFICE, AS_OF)
    seed = random.randrange(1_000)
    mixed = [frame.sample(frac=1, random_state=seed) for frame in (drawn.ledger, drawn.lots, spent)]
    assert one.table.equals(recovery.recover(*mixed, orders.recovery_openings(), OFFICE, AS_OF).table)
