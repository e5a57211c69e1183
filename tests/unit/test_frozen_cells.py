"""A cell of a closed month: every text comes back, on one line, and no spreadsheet takes it for a formula."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import frozen_cells

# Characters that need care are drawn often: line ends, quotes, signs of formulas, lone surrogates.
CAREFUL = "=+-@\t\r\n\0'\"\\,nru0dc8\ud800\udc80\ud83d\ude00\u2028"
ANY_TEXT = st.text(st.one_of(st.sampled_from(CAREFUL), st.characters(exclude_categories=())))


@given(ANY_TEXT)
def test_every_text_comes_back_from_one_line_of_utf_8(text: str) -> None:
    cell = frozen_cells.written(text)
    assert text == frozen_cells.read(cell)
    assert 1 == len(cell.encode("utf-8").split(b"\n"))
    assert b"\r" not in cell.encode("utf-8")
    assert not cell.startswith(("=", "+", "-", "@", "\t"))


@given(ANY_TEXT, ANY_TEXT)
def test_two_texts_are_two_cells(one: str, other: str) -> None:
    assert (one == other) == (frozen_cells.written(one) == frozen_cells.written(other))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("pay.parks.example", "pay.parks.example"), ("", ""), ("=1+1", "'=1+1"), ("-5", "'-5"), ("'quoted", "''quoted"), ("\tx", "'\tx"),
        ("a\nb", "a\\nb"), ("\r", "\\r"), ("C:\\new", "C:\\\\new"), ("\udc80", "\\udc80"), ("O'Neil", "O'Neil"),
    ],
)  # fmt: skip
def test_ordinary_text_stays_as_it_is(text: str, cell: str) -> None:
    assert cell == frozen_cells.written(text)


@pytest.mark.parametrize("cell", ["\\x", "a\\", "\\u12", "\\uZZZZ"])
def test_a_backslash_that_means_nothing_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="means nothing"):
        frozen_cells.read(cell)


@given(st.lists(ANY_TEXT, min_size=1, max_size=6))
def test_every_row_comes_back_from_its_line_and_any_reader_of_csv_reads_it(texts: list[str]) -> None:
    cells = [frozen_cells.written(text) for text in texts]
    line = frozen_cells.joined(cells)
    assert cells == frozen_cells.split(line)
    assert cells == (next(csv.reader([line])) or [""])


def test_a_cell_may_be_longer_than_the_csv_module_allows() -> None:
    assert ["x" * 400_000, 'a"b'] == frozen_cells.split(frozen_cells.joined(["x" * 400_000, 'a"b']))


@pytest.mark.parametrize("line", ['"a', 'a"b', '"a"b', '"a",b"'])
def test_a_line_with_a_broken_quote_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="quote"):
        frozen_cells.split(line)
