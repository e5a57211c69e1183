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
