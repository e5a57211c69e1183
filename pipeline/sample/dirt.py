"""Dirt: what goes wrong between a system and a spreadsheet, put into the files on purpose, row by row.

A kind of dirt is a function from the cells of a good row to the rows that stand in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.sample.chance import spread
from pipeline.sample.tables import Rows

Kind = Callable[[list[str]], Rows]
EXCEL_SERIAL = "1.23457E+35"


def soil(rows: Rows, kinds: Sequence[Kind], places: Sequence[int], times: int) -> tuple[Rows, int]:
    """`rows` with each of `kinds` done `times` times to rows of `places`, evenly spread; and how many rows came out dirty."""
    chosen = spread(len(kinds) * times, len(places))
    dirty = {places[position]: kinds[turn % len(kinds)] for turn, position in enumerate(chosen)}
    soiled: Rows = []
    count = 0
    for place, cells in enumerate(rows):
        replaced = dirty[place](cells) if place in dirty else [cells]
        count += len(replaced) if place in dirty else 0
        soiled.extend(replaced)
    return soiled, count


def without_last_cell(cells: list[str]) -> Rows:
    """The row is cut off."""
    return [cells[:-1]]


def with_extra_cell(cells: list[str]) -> Rows:
    """A comma too many at the end of the line."""
    return [[*cells, ""]]


def twice(cells: list[str]) -> Rows:
    """The same row, pasted twice."""
    return [cells, list(cells)]


def writing(column: int, value: str) -> Kind:
    """Dirt that writes `value` into a column."""

    def written(cells: list[str]) -> Rows:
        return [_with(cells, column, value)]

    return written


def with_control_character(column: int) -> Kind:
    """Dirt that leaves a vertical tab of some terminal in a column."""

    def written(cells: list[str]) -> Rows:
        return [_with(cells, column, f"{cells[column]}\x0b")]

    return written


def twice_with_other(column: int, value: str) -> Kind:
    """Dirt that says two things about one key: the row, and the row with another `value` in a column."""

    def written(cells: list[str]) -> Rows:
        return [cells, _with(cells, column, value)]

    return written


def _with(cells: list[str], column: int, value: str) -> list[str]:
    return [*cells[:column], value, *cells[column + 1 :]]
