"""Worksheets to rows of text, with the types that the cells had kept in sight: what the reading process does with a workbook.

openpyxl opens the workbook and says what its formats mean; `workbook_markup` reads the cells. Error cells and formulas without a value are
told of (facts/bad-inputs §0.3, facts/chargeback §3.1), numbers become text by one rule, dates ISO text, so that typing sees one form.
Imported are openpyxl and the standard library only: every workbook waits for it.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHARED_STRINGS

from pipeline.sources import workbook_markup
from pipeline.sources.limits import LAST_ROW_OF_EXCEL, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, MOST_TEXT
from pipeline.sources.row_faults import Fault
from pipeline.sources.workbook_markup import Cell, Unusable, decoded

EXACT_NUMBER = 10**15
_NO_VALUE = "The cell holds no value that could be read."
_HOURS = re.compile(r"h", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_PLAIN = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
_REFERENCE = re.compile(r"[A-Z]{1,3}", re.ASCII | re.IGNORECASE)
_DIGITS = "0123456789"
_NO_DATE = "#VALUE!"
_TRUE = ("1", "true")
_COLUMNS = {get_column_letter(number): number - 1 for number in range(1, MOST_COLUMNS + 1)}


@dataclass(slots=True)
class _Format:
    """What a cell's style says about its number."""

    is_date: bool
    is_duration: bool
    shows_hours: bool
    digits: int  # that are shown at least, as 5 by the format 00000
    moments: dict[str, str] = field(default_factory=dict)  # number -> text: exports repeat their days


@dataclass(slots=True)
class Told:
    """What is to be told of a worksheet beside its rows: rows that are none, the texts of its cells that hold dates, hidden rows,
    and in which columns (from 0) of a row formulas stand."""

    faults: dict[int, Fault] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    hidden: list[int] = field(default_factory=list)
    formulas: dict[int, list[int]] = field(default_factory=dict)


class Opened(ExcelReader):
    """A workbook without its cells: its worksheets, shared strings and formats.

    openpyxl's own way reads properties, themes and links too, where a fault would cost the whole workbook for nothing.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream, read_only=True, data_only=True, keep_links=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and extensions that it leaves out; none concerns a cell's value
            self.read_manifest()
            self.read_strings()
            self.read_workbook()
            apply_stylesheet(self.archive, self.wb)
            found = [(sheet.name, sheet.state, rel.target) for sheet, rel in self.parser.find_sheets() if "worksheet" in rel.Type]
        self._book: Any = self.wb  # the stubs do not tell of its formats
        self._parts = {name: part for name, _, part in found}
        self.visible = [name for name, state, _ in found if state == "visible"]
        self._formats: dict[str | None, _Format] = {}
        self._text_left = MOST_TEXT

    def read_strings(self) -> None:
        """The shared strings of the workbook."""
        listed = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if listed is not None:
            with self.archive.open(listed.PartName[1:]) as stream:
                self.shared_strings = list(workbook_markup.strings(stream))

    def chosen(self, sheet: str | None) -> list[str]:
        """The sheet named `sheet`, else all visible ones. Raises `Unusable`."""
        if not self._parts:
            raise Unusable("not-a-spreadsheet", "The workbook has no sheet.")
        if sheet is not None and sheet not in self._parts:
            raise Unusable("unknown-layout", f"There is no sheet '{sheet}'; there are {', '.join(self._parts)}.")
        return self.visible if sheet is None else [sheet]

    def rows(self, name: str, header_row: int) -> tuple[Iterator[tuple[int, list[str]]], Told]:
        """(physical row number from 1, texts without blank ones at the end) of the rows of a sheet that hold something, from
        `header_row` on, and what is told of them on the way.

        The iterator raises `Unusable`, and whatever openpyxl and expat raise where the XML is not a worksheet's.
        """
        told = Told()
        return self._rows(name, header_row, told), told

    def _rows(self, name: str, header_row: int, told: Told) -> Iterator[tuple[int, list[str]]]:
        row = 0
        with self.archive.open(self._parts[name]) as stream:
            for attributes, cells in workbook_markup.rows(stream):
                number = int(attributes.get("r") or row + 1)
                if not row < number <= LAST_ROW_OF_EXCEL:
                    raise Unusable("damaged-container", f"The rows of the sheet '{name}' are out of order.")
                row = number
                texts, fault = self._texts(cells, told.days)
                if calculated := [cell.reference for cell in cells if cell.formula is not None]:
                    told.formulas[row] = [_column(reference) for reference in calculated if reference]
                if row < header_row or (fault is None and not texts):
                    continue
                if row > MOST_ROWS:
                    raise Unusable("file-too-large", f"The sheet '{name}' has a row beyond {MOST_ROWS:,}.")
                if fault is not None:
                    told.faults[row] = fault
                if attributes.get("hidden") in _TRUE:
                    told.hidden.append(row)
                self._account_for(texts, name, row)
                yield row, texts

    def _account_for(self, texts: list[str], name: str, row: int) -> None:
        written = sum(map(len, texts))
        self._text_left -= written
        if self._text_left < 0:
            raise Unusable("file-too-large", f"The cells of the workbook hold more than {MOST_TEXT:,} characters.")
        if written > LONGEST_CELL and max(map(len, texts)) > LONGEST_CELL:
            raise Unusable("cell-too-long", f"A cell of the sheet '{name}', row {row}, is longer than {LONGEST_CELL:,} characters.")

    def _texts(self, cells: list[Cell], days: set[str]) -> tuple[list[str], Fault | None]:
        """The texts of a row, and what makes it none: a formula that nobody calculated, else an error cell."""
        texts: list[str] = []
        error: Fault | None = None
        uncalculated: Fault | None = None
        for reference, kind, style, value, formula, inline in cells:
            if reference and (gap := _column(reference) - len(texts)):
                _fill(texts, gap)
            broken = kind == "e"
            if kind == "s":
                text = self.shared_strings[int(value)] if value else ""
            elif not value:
                text = decoded(inline) if kind == "inlineStr" else ""
                # A formula whose text is empty has an empty value of the kind "str".
                if formula is not None and uncalculated is None and not (kind == "str" and value is not None):
                    uncalculated = ("formula-not-calculated", _NO_VALUE, len(texts), f"={formula}")
            elif kind is None or kind == "n":
                number = self._number(value, style, days)
                text, broken = number or _NO_DATE, number is None
            else:
                text = _typed(kind, value)
            if broken and error is None:
                error = ("excel-error", _NO_VALUE, len(texts), text)
            texts.append(text)
        while texts and (not texts[-1] or texts[-1].isspace()):
            texts.pop()
        return texts, uncalculated or error

    def _number(self, written: str, style: str | None, days: set[str]) -> str | None:
        """The text of a number as its format shows what it is; None of a date that no calendar has."""
        shown = self._formats.get(style) or self._format(style)
        if not shown.is_date:
            return written if shown.digits < 2 and _PLAIN.fullmatch(written) else _number_text(_number(written), shown.digits)
        text = shown.moments.get(written)
        if text is None:
            try:
                when = from_excel(_number(written), self.wb.epoch, timedelta=shown.is_duration)
            except (OverflowError, ValueError):
                return None
            if not isinstance(when, dt.datetime):
                return str(when)
            text = shown.moments[written] = _moment_text(when, shown.shows_hours)
        days.add(text)
        return text

    def _format(self, style: str | None) -> _Format:
        place = int(style or 0)
        number = self._book._cell_styles[place].numFmtId
        own = number - BUILTIN_FORMATS_MAX_SIZE
        code = BUILTIN_FORMATS.get(number, "General") if own < 0 else self._book._number_formats[own]
        self._formats[style] = found = _Format(
            is_date=place in self._book._date_formats,
            is_duration=place in self._book._timedelta_formats,
            shows_hours=_HOURS.search(_QUOTED.sub("", code)) is not None,
            digits=len(code) if set(code) == {"0"} else 1,
        )
        return found


def _column(reference: str) -> int:
    """The number from 0 of the column of a reference such as B7."""
    letters = reference.rstrip(_DIGITS)
    place = _COLUMNS.get(letters)
    if place is not None:
        return place
    if not _REFERENCE.fullmatch(letters):
        raise Unusable("damaged-container", "A cell of the workbook lies in a column that does not exist.")
    place = _COLUMNS.get(letters.upper())
    if place is None:
        raise Unusable("file-too-large", f"A sheet has a cell beyond column {MOST_COLUMNS}.")
    return place


def _fill(texts: list[str], gap: int) -> None:
    """Cells that are not written are empty."""
    if gap < 0:
        raise Unusable("damaged-container", "The cells of a row are out of order.")
    texts.extend([""] * gap)


def _typed(kind: str, value: str) -> str:
    """The text of a cell that is neither a shared string nor a number."""
    if kind == "b":
        return "TRUE" if int(value) else "FALSE"
    if kind == "d":
        when = from_ISO8601(value)  # type: ignore[no-untyped-call]
        return when.isoformat(sep=" ", timespec="seconds") if isinstance(when, dt.datetime) else str(when)
    return decoded(value)


def _number(written: str) -> int | float:
    return float(written) if "." in written or "E" in written or "e" in written else int(written)


def _number_text(value: int | float, digits: int) -> str:
    """Whole numbers plain, with the leading zeros of a format such as 00000; 10^15 and more in scientific notation, for Excel
    keeps 15 digits only: what looks like a long serial number there is not one any more."""
    if abs(value) >= EXACT_NUMBER:
        return f"{value:.15E}"
    return str(int(value)).zfill(digits) if value == int(value) else repr(value)


def _moment_text(value: dt.datetime, shows_hours: bool) -> str:
    """ISO text; a midnight whose format shows no hours is a day."""
    if value.time() == dt.time() and not shows_hours:
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")
