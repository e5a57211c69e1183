"""Which corrections go on with the unit of the line that they bill anew."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.contracts import LEDGER
from pipeline.handovers import drawer, handovers

USUAL = {
    "service_on": "2026-09-01",
    "source": 1,
    "kind": "charge",
    "tier": "standard",
    "period": "FY2027-P04",
    "billed_to": "PARKS",
    "agency": "PARKS",
    "account_id": "1",
    "amount_cents": 22_100,
}
CLOSED = {"entry_id": "a", "period": "FY2027-P03"}
BACK = {"entry_id": "b", "takes_back": "a", "amount_cents": -22_100}
ANEW = {"entry_id": "c", "rebills": "a"}


def handed_over(*rows: dict[str, Any]) -> dict[str, str]:
    return handovers(LEDGER.frame({**USUAL, **row} for row in rows))


def test_a_line_that_is_billed_anew_in_its_tier_goes_on_with_the_unit() -> None:
    assert {"c": "a"} == handed_over(CLOSED, BACK, ANEW)
    assert {"c": "a"} == handed_over(CLOSED, BACK, {**ANEW, "amount_cents": 1})


@pytest.mark.parametrize(
    "changes",
    [{"tier": "premium"}, {"amount_cents": 0}, {"period": "FY2027-P05"}, {"rebills": ""}],
    ids=["another tier", "free", "a later month", "an order of its own"],
)
def test_else_the_unit_is_given_back(changes: dict[str, Any]) -> None:
    assert {} == handed_over(CLOSED, BACK, {**ANEW, **changes})


def test_a_line_that_is_not_taken_back_hands_nothing_over() -> None:
    assert {} == handed_over(CLOSED, ANEW)


def test_the_unit_of_a_line_that_was_corrected_twice_is_that_of_the_first() -> None:
    again = {"entry_id": "d", "takes_back": "c", "period": "FY2027-P05", "amount_cents": -22_100}
    goes_on = handed_over(CLOSED, BACK, ANEW, again, {"entry_id": "e", "rebills": "c", "period": "FY2027-P05"})
    assert {"c": "a", "e": "c"} == goes_on
    assert ["a", "a", "a", "x"] == [drawer(entry, goes_on) for entry in ("a", "c", "e", "x")]
