"""A workbook whose every cell goes through a typed writer, so that data can never become a formula, a link or a lost cell.

XlsxWriter reports a refused cell by a return code only, and its `write` guesses types; both are shut off here. Amounts come in as
whole cents and every formula comes with the value it must show (facts/chargeback-and-excel.md §2.2).
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np

from pipeline.publish.workbooks import styles
from pipeline.publish.workbooks.quick_xlsx import Blank, Cell, Number, QuickWorkbook, Text
from pipeline.uncollected import uncollected

LONGEST_TEXT = 32_767
SAMPLE = "SAMPLE DATA: fictional agencies and certificates; nothing here is owed."
LETTER = 1
ROW_HEIGHT = 16.5
# A column of width 10 holds 10 digits, and a little more of running text.
_CHARACTERS_A_WIDTH = 1.1
_INDENT = 1
_WHOLE_SHEET = "A1:XFD1048576"

_EXCEL_EPOCH = dt.date(1899, 12, 30).toordinal()
# Excel believes in a 29 February 1900; its day numbers are right from the day after.
_FIRST_SAFE_DAY = 61
_LAST_SAFE_DAY = dt.date.max.toordinal() - _EXCEL_EPOCH
_HIGHEST_ROW = 409.0
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
# All of what nobody would see is unprintable to Python too, and that it tells at once of a text.
_SUSPECT = "=+@-<"
# One pass over each other text: a possible formula at its start, XlsxWriter's raw markup, or a character nobody would see.
_NEEDS_CARE = re.compile(f"^[=+@\t-]|^<r>|{_UNSEEN.pattern}")


class CellRefusedError(Exception):
    """XlsxWriter did not take a cell or a table; the workbook would be incomplete, so it is not written."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What all sheets of a workbook carry: who issues it, what it is, and the run it came from."""

    organization: str
    title: str
    run_id: str
    as_of: dt.date
    sample: bool


@dataclass(frozen=True, slots=True)
class Style:
    """A cell format and the pieces of the house style that it is made of."""

    names: tuple[str, ...]
    format: Any


class Workbook:
    """A new `.xlsx` file at `path`: the same cells always give the same bytes. Use it in a `with`; an exception leaves no file."""

    def __init__(self, path: Path, imprint: Imprint) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.imprint = imprint
        self._path, self._packed = path, io.BytesIO()  # XlsxWriter's own file tells of a full disk once more when it is forgotten
        self.file = QuickWorkbook(self._packed, {"in_memory": True})
        self.file.set_properties(
            {
                "title": printable(imprint.title),
                "author": printable(imprint.organization),
                "company": printable(imprint.organization),
                "comments": f"certledger run {imprint.run_id}, data as of {imprint.as_of.isoformat()}",
                "created": dt.datetime.combine(imprint.as_of, dt.time()),
            }
        )
        self._styles: dict[tuple[str, ...], Style] = {}
        self._uncollected = uncollected()

    def __enter__(self) -> Self:
        self._uncollected.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self.file.close()
                self._path.write_bytes(self._packed.getbuffer())
        finally:
            self.file.let_go()
            self._packed.close()
            self._uncollected.__exit__(None, None, None)

    def style(self, *names: str) -> Style:
        """The cell format made of these pieces of the house style."""
        if names not in self._styles:
            self._styles[names] = Style(names, self.file.add_format(styles.properties(names)))
        return self._styles[names]

    def sheet(self, name: str, *, portrait: bool = False) -> Sheet:
        """A new sheet, set up to print on US letter, one page wide."""
        return Sheet(self, name, portrait=portrait)

    def name_cell(self, name: str, sheet: str, row: int, col: int) -> None:
        """Give a cell a name that formulas and readers can use."""
        _taken(self.file.define_name(name, f"='{sheet}'!{absolute(row, col)}"), f"the name {name}")


class Sheet:
    """One sheet. Rows and columns count from 0; each writer raises `CellRefusedError` when the cell was not taken."""

    def __init__(self, book: Workbook, name: str, *, portrait: bool) -> None:
        self.book = book
        self.name = name
        self.raw = book.file.add_worksheet(name)
        self._number_of = book.file.number_of_text
        self.raw.set_default_row(ROW_HEIGHT)
        self.keep_quiet_about()
        self._set_up_page(portrait)

    def banner(self, note: str = "") -> int:
        """Write the sample label, where there is one, and below it the note, if any; return the first free row."""
        row = 0
        if self.book.imprint.sample:
            self.text(row, 0, SAMPLE, self.book.style("near"))
            row += 1
        if note:
            self.text(row, 0, note, self.book.style("muted"))
            row += 1
        return row

    def keep_quiet_about(self, *warnings: str) -> None:
        """Spare the sheet Excel's green corners: orders, accounts and serials are text on purpose; `warnings` are XlsxWriter's names."""
        self.raw.ignore_errors(dict.fromkeys(("number_stored_as_text", *warnings), _WHOLE_SHEET))

    def text(self, row: int, col: int, text: str, style: Style) -> None:
        """Text that stays text, whatever it begins with; what Excel cannot hold is cut and says so."""
        self.column(row, col, (self.of_text(text, style),))

    def money(self, row: int, col: int, cents: int, style: Style) -> None:
        """An amount in cents, as dollars."""
        self.column(row, col, (self.of_money(cents, style),))

    def number(self, row: int, col: int, value: float, style: Style) -> None:
        """A count or a share; NaN and infinity raise `TypeError`."""
        self.column(row, col, (self.of_number(value, style),))

    def day(self, row: int, col: int, number: int, style: Style) -> None:
        """A day by its `day_number`; a day that Excel would show wrongly is written as text."""
        self.column(row, col, (self.of_day(number, style),))

    def blank(self, row: int, col: int, style: Style) -> None:
        """An empty cell with a look."""
        self.column(row, col, (Blank(style.format),))

    def column(self, row: int, col: int, cells: Sequence[Cell]) -> None:
        """Cells below each other, the first one in `row`; each is made by `of_text` and its like, in the order in which they stand."""
        self._taken(self.raw.put_column(row, col, cells), row, col)

    def of_text(self, text: str, style: Style) -> Cell:
        """A cell of `text`, as the method of that name writes it."""
        if not text:
            return Blank(style.format)
        if not text.isprintable() or text[0] in _SUSPECT or len(text) > LONGEST_TEXT // 2:
            return self._with_care(text, style)
        return Text(self._number_of(text), style.format)

    def _with_care(self, text: str, style: Style) -> Cell:
        if len(text) > LONGEST_TEXT // 2 or _NEEDS_CARE.search(text):
            text, style = printable(text), self.book.style(*style.names, "quoted")
        return Text(self._number_of(text), style.format)

    def of_money(self, cents: int, style: Style) -> Cell:
        """A cell of an amount in cents."""
        return Number(dollars(cents), style.format)

    def of_number(self, value: float, style: Style) -> Cell:
        """A cell of a count or a share; NaN and infinity raise `TypeError`."""
        if not math.isfinite(value):
            raise TypeError(f"{value} on sheet {self.name} is no number that Excel can hold")
        return Number(value, style.format)

    def of_day(self, number: int, style: Style) -> Cell:
        """A cell of a day, as the method `day` writes it."""
        if _FIRST_SAFE_DAY <= number <= _LAST_SAFE_DAY:
            return Number(number, style.format)
        # years before 1 and after 9999 stand in certificates, and a date of Python's cannot hold them
        return self.of_text(str(np.datetime64("1899-12-30", "D") + np.timedelta64(number, "D")), style)

    def formula(self, row: int, col: int, formula: str, shown: Decimal | float | bool, style: Style) -> None:
        """One of our own formulas, with the value that readers which do not calculate will show."""
        self._taken(self.raw.write_formula(row, col, formula, style.format, shown), row, col)

    def merge(self, row: int, col: int, last_row: int, last_col: int, style: Style) -> None:
        """Join empty cells into one, for a figure on a sheet that is read, never among data; write into its first cell."""
        _taken(
            self.raw.merge_range(row, col, last_row, last_col, "", style.format), f"the merge at {absolute(row, col)} on sheet {self.name}"
        )

    def offer(self, row: int, last_row: int, col: int, choices: str | Sequence[str], hint: str) -> None:
        """Let the cells of a column be filled from a list only; `choices` are its texts, or a formula that names the cells of the list."""
        source = choices if isinstance(choices, str) else list(choices)
        rule = {"validate": "list", "source": source, "input_message": hint, "error_title": "Not in the list", "error_message": hint}
        _taken(self.raw.data_validation(row, col, last_row, col, rule), f"the list at {absolute(row, col)} on sheet {self.name}")

    def bound(self, row: int, last_row: int, col: int, kind: Literal["decimal", "date"], ends: tuple[Any, Any], hint: str) -> None:
        """Let the cells of a column hold only a number, or a day, between two ends, both included."""
        least, most = ends
        rule = {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}
        rule |= {"input_message": hint, "error_title": "Out of range", "error_message": hint}
        _taken(self.raw.data_validation(row, col, last_row, col, rule), f"the bounds at {absolute(row, col)} on sheet {self.name}")

    def chart(self, row: int, col: int, chart: Any, alt_text: str) -> None:
        """A chart with its upper left corner in a cell, and the text that says what it shows."""
        _taken(self.raw.insert_chart(row, col, chart, {"description": alt_text}), f"a chart on sheet {self.name}")

    def fit_row(self, row: int, texts: Sequence[tuple[str, float]], least: float = ROW_HEIGHT) -> None:
        """Make a row high enough for wrapped texts, each with the width of its column: not every reader does that by itself."""
        lines = max(_lines_high(text, room_for_text(width)) for text, width in texts)
        height = min(max(least, lines * ROW_HEIGHT), _HIGHEST_ROW)
        if height != ROW_HEIGHT:
            self.raw.set_row(row, height)

    def table(self, first_row: int, last_row: int, last_col: int, options: dict[str, Any]) -> None:
        """An Excel table over cells from column 0."""
        _taken(self.raw.add_table(first_row, 0, last_row, last_col, options), f"the table {options['name']} on sheet {self.name}")

    def _taken(self, code: int, row: int, col: int) -> None:
        if code:
            _taken(code, f"cell {absolute(row, col)} on sheet {self.name}")

    def _set_up_page(self, portrait: bool) -> None:
        imprint, page = self.book.imprint, self.raw
        if not portrait:
            page.set_landscape()
        page.set_paper(LETTER)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.75)
        sample = "&CSAMPLE DATA" if imprint.sample else ""
        page.set_header(f"&L{_page_text(imprint.organization)}{sample}&R{_page_text(imprint.title)}")
        page.set_footer(f"&LRun {_page_text(imprint.run_id)}, as of {imprint.as_of.isoformat()}&C{_page_text(self.name)}&RPage &P of &N")


def printable(text: str) -> str:
    """`text` as an Excel cell can hold and show it: unseen characters as U+FFFD, at most 32,767 UTF-16 units, never raw markup."""
    clean = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
    if clean.startswith("<r>") and clean.endswith("</r>"):
        # XlsxWriter would write such a text as XML; a space behind it keeps it text.
        clean = f"{clean} "
    units = clean.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return clean
    mark = f" … (cut from {len(text):,} characters; whole in tables/)"
    return units[: 2 * (LONGEST_TEXT - len(mark))].decode("utf-16-le", "ignore") + mark


def dollars(cents: int) -> Decimal:
    """Whole cents as dollars with two places; a float would be written as 85256604.68000001."""
    return Decimal(cents).scaleb(-2)


def day_number(day: dt.date) -> int:
    """A day as Excel counts days: 1 is 1900-01-01."""
    return day.toordinal() - _EXCEL_EPOCH


def absolute(row: int, col: int) -> str:
    """The address of a cell: row 0, column 1 is `$B$1`."""
    return f"${column_letters(col)}${row + 1}"


def column_letters(col: int) -> str:
    """The letters of a column: 0 is `A`, 26 is `AA`."""
    letters = ""
    while col >= 0:
        letters = chr(ord("A") + col % 26) + letters
        col = col // 26 - 1
    return letters


def room_for_text(width: float) -> float:
    """The characters of running text that fit on one line of an indented cell in a column of this width."""
    return _CHARACTERS_A_WIDTH * (width - _INDENT)


def _lines_high(text: str, room: float) -> int:
    """How many lines `text` takes where a line has room for `room` characters; a cut word among others costs one more."""
    if len(text) <= room and "\n" not in text:
        return 1
    words = text.split()
    cut = len(words) > 1 and max(map(len, words)) > room
    return cut + sum(math.ceil(max(len(line), 1) / room) for line in text.split("\n"))


def _taken(code: int, what: str) -> None:
    if code:
        raise CellRefusedError(f"XlsxWriter refused {what} (code {code})")


def _page_text(text: str) -> str:
    """`text` for a page header or footer, where `&` starts a code and the three parts may not exceed 255 characters."""
    doubled = " ".join(printable(text).split()).replace("&", "&&")[:100]
    halved = (len(doubled) - len(doubled.rstrip("&"))) % 2
    return doubled[: len(doubled) - halved]
