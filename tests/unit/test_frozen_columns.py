"""A file of a closed month read at once is read as it is line by line, whatever its bytes are."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import frozen_cells
from pipeline.closes import frozen_columns

# What a file may be cut from: pieces that are right, and characters that make them wrong.
PIECES = st.sampled_from(
    ["a", "\u00e9", '"', '""', '"a,b"', '"a""b"', '""""', '""', ",", ",,", "\r", "\0", "\ufeff", "\u2028", "\\n", "'", " "]
)
LINES = st.lists(st.lists(PIECES, max_size=8).map("".join), max_size=5)


def by_lines(data: bytes) -> list[list[str]]:
    """Labels and rows, each line by itself. Raises `ValueError` for what no close writes."""
    lines = data.decode("utf-8").split("\n")
    if lines.pop() != "" or not lines:
        raise ValueError("end")
    labels, *rows = [frozen_cells.split(line) for line in lines]
    if any(len(row) != len(labels) for row in rows):
        raise ValueError("cells")
    return [labels, *rows]


def at_once(data: bytes) -> list[list[str]]:
    read = frozen_columns.of_file(data, "rows.csv")
    labels = frozen_cells.split(data.decode("utf-8").split("\n")[0])
    cells = read.cells.to_pylist()
    assert read.rows * len(labels) == len(cells)
    for label, place in read.places.items():
        assert cells[place :: len(labels)] == read.column(label).to_pylist()
    assert [""] * read.rows == read.column("no such column").to_pylist()
    return [labels, *(cells[first : first + len(labels)] for first in range(0, len(cells), len(labels)))]


@given(LINES)
@example(["a,b", '"1\n2",3'])  # a line end within quotes ends the line
@example(["a", "", ""])  # an empty line is a row of one empty cell
@example(['"a"', '"'])
@example(["a", '"b"c'])
@example(["a,a", "1,2"])
def test_a_file_reads_at_once_as_it_reads_line_by_line(lines: list[str]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    try:
        expected = by_lines(data)
    except ValueError:
        with pytest.raises(ValueError, match=r"line end|quote|cells"):
            frozen_columns.of_file(data, "rows.csv")
    else:
        assert expected == at_once(data)


@given(st.integers(1, 4), st.data())
def test_every_row_that_a_close_writes_comes_back(width: int, data: st.DataObject) -> None:
    rows = data.draw(
        st.lists(st.lists(st.text(st.sampled_from("\",\n\r\\'=a\u00e9")), min_size=width, max_size=width), min_size=1, max_size=5)
    )
    cells = [[frozen_cells.written(text) for text in row] for row in rows]
    assert cells == at_once("".join(f"{frozen_cells.joined(row)}\n" for row in cells).encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "FY2026-P01/rows.csv does not end in a line end"), (b"a\nb", "does not end in a line end"), (b"a\n\xff\n", "utf-8"),
        (b"a\n\xed\xa0\x80\n", "utf-8"), (b'a,b\n"1,2\n', "a quote is not closed"), (b'a\n1"2"\n', "stands within a cell"),
        (b'a\n"1\n2"\n', "a quote is not closed"), (b"a,b\n1\n", "more or fewer cells"), (b"a,b\n1\n1,2,3\n", "more or fewer cells"),
    ],
)  # fmt: skip
def test_what_no_close_writes_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        frozen_columns.of_file(data, "FY2026-P01/rows.csv")
