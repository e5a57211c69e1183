"""`among` says what pandas' own `isin` says."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.among import among

TEXTS = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=3) | st.none(), max_size=12)


@given(TEXTS, TEXTS)
def test_it_says_what_isin_says(texts: list[str | None], values: list[str | None]) -> None:
    column = pd.Series(texts, dtype="str", index=range(5, 5 + len(texts)), name="of")
    wanted = pd.Series(values, dtype="str")
    expected = column.isin(wanted)
    pd.testing.assert_series_equal(among(column, wanted), expected)
    if None not in values:
        pd.testing.assert_series_equal(among(column, set(values)), expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [set(), frozenset({"b"}), {"b": 1}, ["b", "b"]])
def test_values_may_be_any_collection(values: set[str]) -> None:
    assert among(pd.Series(["a", "b"], dtype="str"), values).tolist() == [False, bool(values)]
