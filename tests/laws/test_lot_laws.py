"""Law 8 of the money, what `test_money_laws` has not: a lot that is drawn whole has cost its price, and no order of lots matters."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.storekeeper import price
from tests.laws.years import Told, books, drawn, events, purchases


@given(st.integers(1, 400), st.integers(0, 10**7))
def test_law_08_the_units_of_a_lot_cost_the_same_to_a_cent_and_together_its_price(quantity: int, cents: int) -> None:
    units = [price({"quantity": quantity, "total_cost_cents": cents}, number) for number in range(1, quantity + 1)]
    assert cents == sum(units)
    assert max(units) - min(units) <= 1


@given(events(), purchases(), st.integers(0, 10**6))
def test_law_08_the_order_of_lots_and_entries_does_not_matter(told: Told, rows: Told, seed: int) -> None:
    ledger = books(told)
    mixed = list(rows)
    random.Random(seed).shuffle(mixed)
    one, other = drawn(ledger, rows), drawn(ledger.sample(frac=1, random_state=seed), mixed)
    assert one.ledger.equals(other.ledger.sort_values(["period", "service_on", "entry_id"], ignore_index=True))
    assert one.lots.equals(other.lots)
