"""Durations of what has ended and of what has not: the figures of facts/service-levels §2.5, and a walk through the definition."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service.survival import Curves, Durations

COMPLETED, OPEN = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8), (2, 3, 4, 7, 9, 12)
NOBODY = 0


def curves(rows: list[tuple[int, bool, int]], groups: int = 1) -> Curves:
    """Of rows of duration, whether it ended, and group."""
    duration, ended, group = (
        np.array([row[place] for row in rows], dtype=kind) for place, kind in ((0, "int64"), (1, "bool"), (2, "int64"))
    )
    return Durations.of(duration, ended).curves(group, groups)


SIXTEEN = [(days, True, 0) for days in COMPLETED] + [(days, False, 0) for days in OPEN]


def test_the_steps_of_the_sixteen_requests():
    found = curves(SIXTEEN[::-1])
    last = {
        int(days): (round(float(share), 4), int(left))
        for days, share, left, ended in zip(found.duration, found.survival, found.at_risk, found.has_ended, strict=True)
        if ended
    }
    expected = {1: (0.875, 16), 2: (0.75, 14), 3: (0.6136, 11), 4: (0.5369, 8), 5: (0.4474, 6), 6: (0.358, 5), 8: (0.2386, 3)}
    assert expected == last
    assert 55.26 == round((1 - last[5][0]) * 100, 2)


def test_the_quantiles_of_the_sixteen_requests():
    """The median is 5 days, where 6 were still watched; nine of ten were never done: more than 8 days, after which 2 were still watched."""
    found = curves(SIXTEEN)
    half, most = found.quantile(0.5), found.quantile(0.9)
    assert (5.0, 6, True) == (half.reached[0], half.at_risk[0], np.isnan(half.beyond[0]))
    assert (True, 8.0, 2) == (np.isnan(most.reached[0]), most.beyond[0], most.at_risk[0])


def test_only_those_that_were_done_would_say_four_of_five_within_five_days():
    """The bias that the estimate is for: 80.0 % of the completed, 61.5 % of those due, 55.26 % estimated."""
    assert (80.0, 61.5) == (100 * sum(days <= 5 for days in COMPLETED) / 10, round(100 * 8 / 13, 1))


@pytest.mark.parametrize("n", [10, 20, 30, 70, 90, 100])
def test_without_open_ones_a_quantile_is_that_of_the_sorted_durations(n: int):
    found = curves([(days, True, 0) for days in range(1, n + 1)])
    assert [n / 2, n * 9 / 10] == [found.quantile(0.5).reached[0], found.quantile(0.9).reached[0]]
    assert n == found.quantile(1.0).reached[0]


def test_nothing_ended_and_nothing_at_all():
    nothing_ended = curves([(3, False, 0), (5, False, 0)]).quantile(0.5)
    assert (True, True, 2) == (np.isnan(nothing_ended.reached[0]), np.isnan(nothing_ended.beyond[0]), nothing_ended.at_risk[0])
    empty = curves([(3, True, -1)], groups=2).quantile(0.5)
    assert ([True, True], [0, 0]) == (np.isnan(empty.reached).tolist(), empty.at_risk.tolist())


def by_definition(rows: list[tuple[int, bool]], share: Fraction) -> tuple[int | None, int]:
    """The quantile and the number at risk by the product over the distinct durations, in fractions."""
    left = Fraction(1)
    for duration in sorted({duration for duration, ended in rows if ended}):
        at_risk = sum(other >= duration for other, _ in rows)
        left *= 1 - Fraction(sum(ended and other == duration for other, ended in rows), at_risk)
        if left <= 1 - share:
            return duration, at_risk
    longest = max((duration for duration, ended in rows if ended), default=-1)
    return None, sum(other > longest or (other == longest and not ended) for other, ended in rows)


rows_of_groups = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(-1, 3)), max_size=60)


@given(rows_of_groups, st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(19, 20), Fraction(1)]))
def test_the_quantiles_of_all_groups_equal_the_definition(rows: list[tuple[int, bool, int]], share: Fraction):
    found = curves(rows, groups=4).quantile(float(share))
    expected = [by_definition([(duration, ended) for duration, ended, group in rows if group == number], share) for number in range(4)]
    assert expected == [
        (None if np.isnan(value) else int(value), int(left)) for value, left in zip(found.reached, found.at_risk, strict=True)
    ]
