"""What rows are called: a whole column is read as each of its texts is."""

from __future__ import annotations

import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.row_names import all_comparable, comparable

LETTERS = st.sampled_from([*"0x0X: aZ19\t\n\x0b\x1c\x1f\x85\u00a0\u2003\u0130\u00df\u1e9e-", "0x"])
TEXTS = st.lists(st.one_of(st.lists(LETTERS, max_size=6).map("".join), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)))


@given(TEXTS, st.sampled_from(["order", "serial", "fingerprint"]))
@example(["0X00:AB", " 0x 0x1", "\x1c7 ", "ẞ0", ""], "serial")
def test_a_column_is_compared_as_each_of_its_texts(texts: list[str], kind: str) -> None:
    assert [comparable(text, kind) for text in texts] == all_comparable(pd.Series(texts, dtype="str"), kind).tolist()
