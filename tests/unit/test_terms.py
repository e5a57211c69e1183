"""Which certificates of an order are one paid term, where closed months tell what one was held for then."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.chargeback.orders import Issue, Order
from pipeline.chargeback.terms import PAID_BEFORE, Rules, entries, terms
from pipeline.rates import rate_card
from tests.orders import AS_OF, STANDARD, day, settings

RULES = Rules(rate_card(settings()), day("2025-07-01"), 365, 30, AS_OF, 7)


def order(*told: tuple[str, str]) -> Order:
    """Order A of Parks: the day of each certificate, and what a closed month holds it for."""
    issues = [
        Issue(
            day(on), number, f"{number:02x}", "example-ca", "a.example.gov", "2027-06-30", f"c{number}", "A", "PARKS", "Parks", "code",
            "standard", "Standard", "a.example.gov", number, STANDARD, None, False, "", closed_as,  # type: ignore[arg-type]
        )
        for number, (on, closed_as) in enumerate(told, start=1)
    ]  # fmt: skip
    return Order(("order", "A"), issues)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "", [(1, 2)]),
        ("", "paid", [(1, 2)]),
        ("paid", "paid", [(1, 2)]),
        ("paid", "free", [(1, 2)]),
        ("free", "", [(PAID_BEFORE, 2)]),
        ("free", "free", [(PAID_BEFORE, 2)]),
        ("free", "paid", [(PAID_BEFORE, 1), (1, 1)]),
    ],
)
def test_a_term_of_which_only_a_free_certificate_is_known_ends_where_the_next_was_charged(
    first: str, second: str, expected: list[tuple[int, int]]
) -> None:
    found, unbilled = terms(order(("2026-08-01", first), ("2026-09-01", second)), RULES)
    assert (expected, []) == ([(term.number, len(term.issues)) for term in found], unbilled)


def test_the_charge_after_such_a_term_begins_a_new_term_and_its_reissues_name_no_charge_of_before() -> None:
    told = order(("2026-08-01", "free"), ("2026-08-15", "free"), ("2026-09-01", "paid"))
    before, now = terms(told, RULES)[0]
    assert [(dt.date(2026, 8, 15), 0, "")] == [(one.service_on, one.amount, one.amends) for one in entries(told, before, RULES).entries]
    assert [(dt.date(2026, 9, 1), STANDARD, "new term")] == [
        (one.service_on, one.amount, one.reason) for one in entries(told, now, RULES).entries
    ]
