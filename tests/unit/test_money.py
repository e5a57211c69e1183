"""Cents as text, to the cent whatever the sign."""

from __future__ import annotations

import pytest

from pipeline import money


@pytest.mark.parametrize(
    ("cents", "plain", "dollars", "signed"),
    [
        (0, "0.00", "$0.00", "+$0.00"),
        (9, "0.09", "$0.09", "+$0.09"),
        (22_119, "221.19", "$221.19", "+$221.19"),
        (-1, "-0.01", "-$0.01", "-$0.01"),
        (-123_456_789, "-1,234,567.89", "-$1,234,567.89", "-$1,234,567.89"),
    ],
)
def test_cents_are_told_to_the_cent(cents: int, plain: str, dollars: str, signed: str) -> None:
    assert (plain, dollars, signed) == (money.plain(cents), money.dollars(cents), money.signed_dollars(cents))


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(66_357, 66_357, "$663.57"), (66_357, 162_600, "$663.57 to $1,626.00"), (0, 1, "$0.00 to $0.01")],
)
def test_a_range_of_one_amount_is_that_amount(least: int, most: int, expected: str) -> None:
    assert expected == money.span(least, most)
