"""Who holds which unit when lines that drew one are taken back."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.lots.stock import Line, Lot, Shelf, Unit, draws, share
from tests.orders import day

CHARGED, CHANGED, UNDONE = day("2026-09-01"), day("2026-09-10"), day("2026-10-01")


def lots_of(*, returns: bool) -> tuple[Lot, Lot]:
    """Three standard units for $1.00 and two premium ones for $0.09."""
    bought = (("S", "standard", 3, 100), ("P", "premium", 2, 9))
    standard, premium = (Lot(day("2026-07-01"), name, tier, units, cost, None, returns, 900) for name, tier, units, cost in bought)
    return standard, premium


def line(entry_id: str, kind: str = "charge", **facts: Any) -> Line:
    usual: dict[str, Any] = {
        "kind": kind,
        "tier": "standard",
        "service_on": CHARGED,
        "amount": 22_100,
        "reverses": "",
        "amends": "",
        "takes_back": "",
        "source": 1,
    }
    return Line(**{"entry_id": entry_id, **usual, **facts})


CHARGE = line("c")
UPGRADE = line("u", "adjustment", tier="premium", service_on=CHANGED, amends="c")
CREDIT = line("r", "credit", service_on=CHANGED, amount=-22_100, reverses="c")


def back(entry_id: str, kind: str = "charge") -> Line:
    return line(f"back {entry_id}", kind, service_on=UNDONE, amount=-22_100, takes_back=entry_id)


def posted(standard: Lot, premium: Lot, *told: Line) -> Shelf:
    shelf = Shelf({"standard": [standard], "premium": [premium]})
    assert [True] * len(told) == [shelf.post(one) for one in told]
    assert sum(cents for _, cents in shelf.costs.values()) == standard.drawn_cost + premium.drawn_cost
    return shelf


def test_a_charge_that_is_taken_back_gives_its_unit_back_on_that_day() -> None:
    standard, premium = lots_of(returns=False)
    shelf = posted(standard, premium, CHARGE, back("c"))
    assert (3, {"c": ("S", 33), "back c": ("S", -33)}) == (standard.free, shelf.costs)
    assert [2, 3] == [standard.left_on(on) for on in (CHANGED, UNDONE)]


@pytest.mark.parametrize("returns", [False, True], ids=["units are kept", "units are taken back"])
def test_a_charge_that_is_taken_back_after_its_upgrade_gives_all_its_units_back_once(*, returns: bool) -> None:
    standard, premium = lots_of(returns=returns)
    posted(standard, premium, CHARGE, UPGRADE, back("c"), back("u", "adjustment"))
    assert [(3, 3), (2, 2)] == [(lot.free, lot.left_on(UNDONE)) for lot in (standard, premium)]


def test_the_unit_that_an_upgrade_gives_back_is_free_from_that_day() -> None:
    standard, premium = lots_of(returns=True)
    shelf = posted(standard, premium, CHARGE, UPGRADE)
    assert ([2, 3], ("P", 5 - 33)) == ([standard.left_on(on) for on in (CHARGED, CHANGED)], shelf.costs["u"])


@pytest.mark.parametrize(
    ("is_drawn", "facts"),
    [
        (True, {}),
        (False, {"amount": 0}),
        (False, {"takes_back": "x"}),
        (False, {"kind": "memo"}),
        (False, {"kind": "adjustment"}),
        (True, {"kind": "adjustment", "amends": "c"}),
        (True, {"kind": "adjustment", "amends": "c", "amount": 0}),
    ],
)
def test_a_charge_and_an_upgrade_draw_a_unit_and_nothing_else_does(is_drawn: bool, facts: dict[str, Any]) -> None:
    assert is_drawn == draws(line("x", **facts))


def test_a_line_that_asks_for_no_unit_wants_none() -> None:
    standard, premium = lots_of(returns=False)
    assert {} == posted(standard, premium, line("m", "memo"), line("d", "adjustment")).costs


def test_an_upgrade_that_is_taken_back_leaves_the_first_unit_with_its_charge() -> None:
    standard, premium = lots_of(returns=False)
    shelf = posted(standard, premium, CHARGE, UPGRADE, back("u", "adjustment"))
    assert ((2, 2), Unit(standard, 1, 33)) == ((standard.free, premium.free), shelf.held["c"])
    assert shelf.post(back("c"))
    assert (3, ("S", -33)) == (standard.free, shelf.costs["back c"])


def test_an_upgrade_that_is_taken_back_while_a_later_one_holds_changes_nothing() -> None:
    standard, premium = lots_of(returns=True)
    later = line("w", "adjustment", tier="premium", service_on=CHANGED, amends="c")
    shelf = posted(standard, premium, CHARGE, UPGRADE, later, back("u", "adjustment"))
    assert ((3, 1), "back u" in shelf.costs) == ((standard.free, premium.free), False)


def test_a_charge_whose_credit_gave_the_unit_back_gives_none_back_again() -> None:
    standard, premium = lots_of(returns=True)
    shelf = posted(standard, premium, CHARGE, CREDIT, back("c"), back("r", "credit"))
    assert (3, {"c": ("S", 33), "r": ("S", -33)}) == (standard.free, shelf.costs)


def test_a_credit_that_is_taken_back_draws_a_unit_again() -> None:
    standard, premium = lots_of(returns=True)
    shelf = posted(standard, premium, CHARGE, CREDIT, back("r", "credit"))
    assert (2, ("S", 33)) == (standard.free, shelf.costs["back r"])


def test_a_charge_whose_credit_was_taken_back_gives_its_unit_back_when_it_is_taken_back_too() -> None:
    standard, premium = lots_of(returns=True)
    shelf = posted(standard, premium, CHARGE, CREDIT, back("r", "credit"), back("c"))
    assert (3, ("S", -33)) == (standard.free, shelf.costs["back c"])


def test_what_a_late_upgrade_paid_goes_back_once_though_its_own_credit_came_before_it() -> None:
    """Late items of June draw after July, and so behind a credit of July."""
    standard, premium = lots_of(returns=True)
    early = line("early", "credit", tier="premium", service_on=CHANGED, amount=-100, reverses="u")
    shelf = posted(standard, premium, early, CHARGE, UPGRADE, CREDIT, back("early", "credit"), early._replace(entry_id="again"))
    assert ("P", -5) == shelf.costs["r"]
    assert (3, 2) == (standard.free, premium.free)


def test_where_the_early_credit_was_wrong_the_next_one_gives_back_what_the_upgrade_paid() -> None:
    standard, premium = lots_of(returns=True)
    early = line("early", "credit", tier="premium", service_on=CHANGED, amount=-100, reverses="u")
    shelf = posted(standard, premium, early, back("early", "credit"), CHARGE, UPGRADE, CREDIT, early._replace(entry_id="again"))
    assert (-33, 28) == (shelf.costs["r"][1], shelf.costs["again"][1])
    assert (3, 2) == (standard.free, premium.free)


def test_what_drew_nothing_gives_nothing_back() -> None:
    standard, premium = lots_of(returns=True)
    free = line("f", amount=0)
    shelf = posted(standard, premium, free, back("f"), back("unknown"), line("w", "credit", reverses="unknown"))
    assert ((3, 2), {}) == ((standard.free, premium.free), shelf.costs)


def test_where_no_unit_is_left_it_is_said_of_closed_lines_too() -> None:
    shelf = Shelf({"standard": []})
    told = (CHARGE, line("g", tier="gold"), CHARGE._replace(entry_id="closed", pinned=""))
    assert [False, False, False] == [shelf.post(one) for one in told]
    assert {} == shelf.costs


def test_a_lot_begins_with_what_was_left_of_it() -> None:
    standard, _ = lots_of(returns=False)
    standard.open_with(1)
    assert (1, 2, 67, 67) == (standard.free, standard.before, standard.cost_before, standard.drawn_cost)
    assert (3, 33) == standard.take(CHARGED)[1:]
    assert [0, 1] == [standard.left_on(CHARGED), standard.left_on(day("2026-08-31"))]


def test_a_lot_serves_from_its_purchase_to_its_expiry_and_is_drawn_where_a_closed_line_drew() -> None:
    lot = Lot(day("2026-07-01"), "S", "standard", 3, 100, day("2026-09-30"), returns=False, source=900)
    days = ["2026-06-30", "2026-07-01", "2026-09-30", "2026-10-01"]
    assert [False, True, True, False] == [lot.serves(day(on)) for on in days]
    assert [0, 3, 3] == [lot.expired(day(on)) for on in ("2026-09-29", "2026-09-30", "2026-10-01")]
    other = Lot(day("2026-07-02"), "T", "standard", 3, 90, None, returns=False, source=901)
    shelf = Shelf({"standard": [lot, other]})
    late = CHARGE._replace(service_on=day("2026-12-01"))
    assert [True, True] == [shelf.post(late._replace(entry_id=name, pinned=pinned)) for name, pinned in (("x", "S"), ("y", None))]
    assert {"x": ("S", 33), "y": ("T", 30)} == shelf.costs


@pytest.mark.parametrize(("units", "cents"), [(0, 0), (1, 33), (2, 67), (3, 100)])
def test_the_price_of_a_lot_is_shared_to_the_cent(units: int, cents: int) -> None:
    assert cents == share(lots_of(returns=False)[0], units)
