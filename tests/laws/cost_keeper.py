"""Law 12 of the money: every cent of the ledger and of the costs is in one row of the recovery, and years join (facts §5.6, 12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from pipeline import recovery
from pipeline.recovery import Recovered
from tests import orders
from tests.laws.years import AS_OF, OFFICE, Accounts

tiers = st.sampled_from(("standard", "premium"))


class Spent(NamedTuple):
    """The office's costs by fiscal year and tier, and what earlier books of a tier came to, as it entered the year."""

    costs: Sequence[tuple[int, str, int]]
    openings: Sequence[tuple[str, int, int]]


spent = st.builds(
    Spent,
    st.lists(st.tuples(st.integers(2025, 2030), tiers, st.integers(0, 100_000)), max_size=4),
    st.lists(st.tuples(tiers, st.integers(2024, 2028), st.integers(-100_000, 100_000)), max_size=2, unique_by=lambda row: row[0]),
)


def recovered(found: Accounts, by: Spent, seed: int | None = None) -> Recovered:
    """What each tier recovered; where there is a `seed`, from the same rows in another order."""
    tables = [found.ledger, found.drawn.lots, orders.costs(*by.costs)]
    if seed is not None:
        tables = [table.sample(frac=1, random_state=seed) for table in tables]
    return recovery.recover(*tables, orders.recovery_openings(*by.openings), OFFICE, AS_OF)


def law_12_closing_is_the_next_opening_and_every_cent_is_in_one_row(found: Accounts, by: Spent, stage: Recovered) -> None:
    ledger, table, amounts = found.ledger, stage.table, found.ledger["amount_cents"]
    refused = {finding.source - 970 for finding in stage.findings}
    begun = {tier: cents for place, (tier, _, cents) in enumerate(by.openings) if place not in refused}
    for tier, years in table.groupby("tier"):
        assert list(range(years["fiscal_year"].min(), years["fiscal_year"].max() + 1)) == years["fiscal_year"].tolist()
        assert years["opening_cents"].tolist()[1:] == years["closing_cents"].tolist()[:-1]
        assert begun.get(tier, 0) == years["opening_cents"].iloc[0]
    by_tier = ledger.groupby("tier")["amount_cents"].sum()
    came_back = (table["charged_cents"] + table["credited_cents"]).groupby(table["tier"]).sum()
    assert {tier: cents for tier, cents in by_tier.items() if cents} == {tier: cents for tier, cents in came_back.items() if cents}
    assert (amounts.clip(lower=0).sum(), amounts.clip(upper=0).sum()) == (table["charged_cents"].sum(), table["credited_cents"].sum())
    unused = found.drawn.lots[found.drawn.lots["expired_unused"] > 0]
    wasted = (unused["total_cost_cents"] - unused["drawn_cost_cents"]).sum()
    assert (ledger["unit_cost_cents"].sum(), wasted) == (table["cost_cents"].sum(), table["unused_cents"].sum())
    assert sum(cents for _, _, cents in by.costs) == table["office_cost_cents"].sum()


def law_12_the_order_of_entries_lots_and_lines_does_not_matter(found: Accounts, by: Spent, seed: int, stage: Recovered) -> None:
    assert stage.table.equals(recovered(found, by, seed).table)
