"""A table on a sheet: header, typed columns, live total row, widths, filter, frozen header; an Excel table where it is not too long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any, Literal

from pipeline.publish.workbooks.cells import Sheet, Style, column_letters, dollars, room_for_text
from pipeline.publish.workbooks.quick_xlsx import Cell

FieldKind = Literal["text", "wrapped", "mono", "answer", "money", "day", "month", "whole", "number", "share", "time-share"]
_RIGHT = ("money", "whole", "number", "share", "time-share")

# XlsxWriter remembers every cell of an Excel table; beyond this a plain filter does, and 100,000 rows stay quick.
LONGEST_TABLE = 5_000


@dataclass(frozen=True, slots=True)
class Field:
    """One column: money in cents, days by `day_number`, a missing value as None.

    `absent` is shown where a value is missing or '': one text, or one for each row. A wrapped column is at most `widest` wide.
    `kinds` says of each row what it holds, where that differs: all of them numbers.
    """

    title: str
    kind: FieldKind
    values: Sequence[Any]
    total: bool = False
    absent: str | Sequence[str] = ""
    widest: int = 44
    kinds: Sequence[FieldKind] = ()

    @property
    def absents(self) -> Iterable[str]:
        """What to show in each row where the value is missing."""
        return repeat(self.absent, len(self.values)) if isinstance(self.absent, str) else self.absent


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a table landed: for formulas on other sheets. Rows count from 0; `last_row` is the last data row, `rows` how many there are."""

    sheet: str
    name: str
    columns: dict[str, int]
    first_row: int
    last_row: int
    is_table: bool
    rows: int

    def reference(self, title: str) -> str:
        """A column's data cells, as a formula names them."""
        if self.is_table:
            return f"{self.name}[{title}]"
        letters = column_letters(self.columns[title])
        return f"'{self.sheet}'!${letters}${self.first_row + 1}:${letters}${self.last_row + 1}"


def write_grid(
    sheet: Sheet,
    name: str,
    printed: Sequence[Field],
    *,
    about: str,
    not_printed: Sequence[Field] = (),
    note: str = "",
    empty: str = "Nothing to show.",
    plain: bool = False,
    top: int | None = None,
) -> Grid:
    """Write a table of `printed` and, right of them, `not_printed` columns from the sheet's first free row; return where it stands.

    Args:
        sheet: an empty sheet; the sample label goes above the table.
        name: the name of the Excel table, unique in the workbook.
        printed: columns of one length; the title of each is unique. A line break in a title makes the header two lines high.
        about: what the table is, for screen readers.
        not_printed: columns for the screen, kept off the paper so that the others stay large enough to read.
        note: a sentence above the table.
        empty: the sentence shown instead of rows when there are none.
        top: the row of the header where the caller has written above it himself; else it follows the sample label and the note.
        plain: cells only, without an Excel table: where the titles are not our own words.
    """
    fields = [*printed, *not_printed]
    top = sheet.banner(note) if top is None else top
    rows = len(fields[0].values)
    columns = {field.title: col for col, field in enumerate(fields)}
    grid = Grid(sheet.name, name, columns, top + 1, top + max(rows, 1), not plain and 0 < rows <= LONGEST_TABLE, rows)
    totalled = rows > 0 and any(field.total for field in fields)
    if grid.is_table:
        sheet.table(top, grid.last_row + totalled, len(fields) - 1, _table_options(sheet, name, fields, about, totalled))
    widths = [_width(field, filtered=not plain) for field in fields]
    sheet.fit_row(top, list(zip((field.title for field in fields), widths, strict=True)))
    for col, field in enumerate(fields):
        side = ("right",) if field.kind in _RIGHT else ()
        sheet.text(top, col, field.title, sheet.book.style("head", "wrapped", *side))
        _write_column(sheet, grid.first_row, col, field)
        sheet.raw.set_column(col, col, widths[col])
        if totalled:
            _write_total(sheet, grid, col, field)
    _fit_rows(sheet, grid, fields, widths)
    if not rows:
        sheet.text(grid.first_row, 0, empty, sheet.book.style("muted"))
    elif not grid.is_table and not plain:
        sheet.raw.autofilter(top, 0, grid.last_row, len(fields) - 1)
    sheet.raw.freeze_panes(top + 1, 0)
    sheet.raw.repeat_rows(top)
    if not_printed:
        sheet.raw.print_area(0, 0, grid.last_row + totalled, len(printed) - 1)
    return grid


def _table_options(sheet: Sheet, name: str, fields: Sequence[Field], about: str, totalled: bool) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    for number, field in enumerate(fields):
        column = {"header": field.title, "format": sheet.book.style("row", field.kind).format}
        if totalled and field.total:
            column |= {"total_function": "sum", "total_value": _shown_total(field)}
        elif totalled and number == 0:
            column |= {"total_string": "Total"}
        columns.append(column)
    return {"name": name, "columns": columns, "total_row": totalled, "style": None, "title": name, "description": about}


def _write_column(sheet: Sheet, first_row: int, col: int, field: Field) -> None:
    cell_of: dict[str, Callable[[Any, Style], Cell]] = {
        "text": sheet.of_text,
        "wrapped": sheet.of_text,
        "mono": sheet.of_text,
        "answer": sheet.of_text,
        "money": sheet.of_money,
        "day": sheet.of_day,
        "month": sheet.of_day,
        "whole": sheet.of_number,
        "number": sheet.of_number,
        "share": sheet.of_number,
        "time-share": sheet.of_number,
    }
    muted = sheet.book.style("row", field.kind, "muted")
    looks = {kind: (cell_of[kind], sheet.book.style("row", kind)) for kind in (field.kind, *set(field.kinds))}
    if field.kinds:
        told = [looks[kind] for kind in field.kinds]
        cells: list[Cell] = [
            sheet.of_text(absent, muted) if value is None or value == "" else cell(value, look)
            for value, absent, (cell, look) in zip(field.values, field.absents, told, strict=True)
        ]
    else:
        cell, look = looks[field.kind]
        cells = [
            sheet.of_text(absent, muted) if value is None or value == "" else cell(value, look)
            for value, absent in zip(field.values, field.absents, strict=True)
        ]
    if cells:
        sheet.column(first_row, col, cells)


def _fit_rows(sheet: Sheet, grid: Grid, fields: Sequence[Field], widths: Sequence[int]) -> None:
    """Make the rows high enough whose texts do not fit their columns on one line."""
    texts: dict[int, list[tuple[str, float]]] = {}
    for field, width in zip(fields, widths, strict=True):
        if field.kind == "wrapped":
            room = room_for_text(width)
            for number, text in enumerate(field.values):
                if len(text) > room or "\n" in text:
                    texts.setdefault(number, []).append((text, width))
    for number in sorted(texts):
        sheet.fit_row(grid.first_row + number, texts[number])


def _write_total(sheet: Sheet, grid: Grid, col: int, field: Field) -> None:
    row = grid.last_row + 1
    if field.total:
        formula = f"=SUBTOTAL(109,{grid.reference(field.title)})"
        sheet.formula(row, col, formula, _shown_total(field), sheet.book.style("total", field.kind))
    else:
        sheet.text(row, col, "" if col else "Total", sheet.book.style("total", "text"))


def _shown_total(field: Field) -> Decimal | int:
    total: int = sum(value for value in field.values if value is not None)
    return dollars(total) if field.kind == "money" else total


def _width(field: Field, *, filtered: bool) -> int:
    """Characters wide enough for the values and, beside its filter button where it has one, the title."""
    if field.kind == "answer":  # there is nothing in it yet
        return field.widest
    longest = _longest(field)
    if len(field.values):
        longest = max(longest, len(field.absent) if isinstance(field.absent, str) else max(map(len, field.absent)))
    if field.total:
        longest = max(longest, _length(field.kind, sum(value for value in field.values if value is not None)))
    title = max(len(line) for line in field.title.split("\n"))
    return max(title + (4 if filtered else 2), min(longest + 2, field.widest))


def _longest(field: Field) -> int:
    """The characters of the longest value that is there; of numbers it is the smallest or the largest."""
    there = [value for value in field.values if value is not None]
    if not there:
        return 0
    if field.kind in ("money", "whole", "number"):
        there = [min(there), max(there)]
    if field.kind in ("text", "wrapped", "mono"):
        return max(map(len, there))
    return max(_length(field.kind, value) for value in there)


def _length(kind: FieldKind, value: Any) -> int:
    if kind == "money":
        return len(f"{value // 100:,}") + 5
    if kind == "whole":
        return len(f"{value:,}")
    if kind == "number":
        return len(f"{value:,.1f}")
    return 10 if kind in ("day", "month", "share", "time-share") else len(value)
