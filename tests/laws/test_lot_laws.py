"""Law 8 of the money, what `test_money_laws` has not: a lot that is drawn whole has cost its price."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.storekeeper import price


@given(st.integers(1, 400), st.integers(0, 10**7))
def test_law_08_the_units_of_a_lot_cost_the_same_to_a_cent_and_together_its_price(quantity: int, cents: int) -> None:
    units = [price({"quantity": quantity, "total_cost_cents": cents}, number) for number in range(1, quantity + 1)]
    assert cents == sum(units)
    assert max(units) - min(units) <= 1
