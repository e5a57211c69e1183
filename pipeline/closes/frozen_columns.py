"""The columns of a CSV file of a closed month, found for the whole file at once: closes of a year hold a hundred megabytes of cells.

The lines are those that `frozen_cells.joined` makes, and what `frozen_cells.split` refuses in a line is refused here in a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline import frozen_cells

_COMMA, _LINE_END, _QUOTE = b',\n"'
_MAY_STAND_BESIDE = np.isin(np.arange(256), [_COMMA, _LINE_END, _QUOTE])
_BROKEN_QUOTE = "a quote is not closed, or stands within a cell"
_Bytes = np.ndarray[Any, np.dtype[np.uint8]]
_Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class FrozenColumns:
    """Of a file: how many rows it has, where a column stands in each of them, and all cells, row by row (pyarrow.LargeStringArray)."""

    rows: int
    places: Mapping[str, int]
    cells: Any

    def column(self, name: str) -> Any:
        """The written cells of a column, one of each row (pyarrow.LargeStringArray); empty ones where the file has no such column."""
        if name not in self.places:
            return pa.repeat(pa.scalar("", pa.large_string()), self.rows)
        width = len(self.cells) // self.rows if self.rows else 1
        return self.cells.take(pa.array(np.arange(self.rows, dtype="int64") * width + self.places[name]))


def of_file(data: bytes, name: str) -> FrozenColumns:
    """The columns of the file `name`, whose first line is of labels; of a label that stands twice the last one's.

    Raises `ValueError` for bytes that are no UTF-8, a last line without its end, a quote that is not closed or stands within a cell, and a
    row with more or fewer cells than there are labels.
    """
    data.decode("utf-8")
    if not data.endswith(b"\n"):
        raise ValueError(f"{name} does not end in a line end")
    below = data.index(b"\n") + 1
    labels = frozen_cells.split(data[: below - 1].decode("utf-8"))
    rows = data.count(b"\n", below)
    return FrozenColumns(
        rows, {label: place for place, label in enumerate(labels)}, _cells(np.frombuffer(data, dtype=np.uint8)[below:], len(labels), rows)
    )


def _cells(characters: _Bytes, width: int, rows: int) -> Any:
    """The cells of so many lines of so many cells each, without their quotes, one line after another."""
    marks = np.flatnonzero((characters == _COMMA) | (characters == _LINE_END) | (characters == _QUOTE))
    is_quote = characters[marks] == _QUOTE
    around, kept = _quotes(characters, marks[is_quote])
    others = np.flatnonzero(~is_quote)
    quotes_before = others - np.arange(len(others))
    is_between = quotes_before % 2 == 0  # an odd quote opens a cell, and what stands before the next one stands within it
    commas = marks[others]
    if (characters[commas[~is_between]] == _LINE_END).any():
        raise ValueError(_BROKEN_QUOTE)
    ends = commas[is_between]
    if len(ends) != rows * width or (characters[ends[width - 1 :: width]] != _LINE_END).any():
        raise ValueError("a row has more or fewer cells than there are labels")
    is_text = np.ones(len(characters), dtype=np.bool_)
    is_text[around] = False
    is_text[ends] = False
    offsets = np.zeros(len(ends) + 1, dtype="int64")
    offsets[1:] = ends - np.arange(len(ends)) - quotes_before[is_between] + np.searchsorted(kept, ends)
    return pa.Array.from_buffers(pa.large_string(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(characters[is_text])])


def _quotes(characters: _Bytes, quotes: _Places) -> tuple[_Places, _Places]:
    """Which quotes are no part of a text, for they stand around it or are the first of two; and the second ones, which are.

    Quotes take turns: one opens at the beginning of a cell, or right after one that closed; one closes at the end of a cell, or right
    before one that opens. The last character is a line end, so that the first one has a line end before it as those of all lines have.
    """
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        raise ValueError(_BROKEN_QUOTE)
    before, after = characters[opening - 1], characters[closing + 1]
    if not (_MAY_STAND_BESIDE[before].all() and _MAY_STAND_BESIDE[after].all()):
        raise ValueError(_BROKEN_QUOTE)
    is_text = after == _QUOTE
    return np.concatenate([opening, closing[~is_text]]), closing[is_text]
