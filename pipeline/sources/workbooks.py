"""Workbooks (XLSX): bytes to rows of text, with the types that the cells had kept in sight.

openpyxl is read cell by cell: it is the reader that still shows an error cell and a formula without a value
(facts/bad-inputs §0.3, facts/chargeback §3.1). Numbers become text by one rule, dates ISO text, so that typing sees one form.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from pipeline.sources.containers import MOST_ROWS, guard
from pipeline.sources.raw_files import Refused
from pipeline.sources.row_faults import Fault

SheetParts = tuple[str, list[str], list[tuple[int, list[str]]], dict[int, Fault], set[str]]

EXACT_NUMBER = 10**15
_NO_VALUE = "The cell holds no value that could be read."
_HOURS = re.compile(r"h", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
# What openpyxl raises on a workbook whose XML is well packed but not a workbook's; measured by flipping bits.
_NOT_A_WORKBOOK = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def read(data: bytes, sheet: str | None, header_row: int = 1) -> list[SheetParts]:
    """(name, header, rows, faults, texts of date cells) of the sheet named `sheet`, else of each visible sheet that is not empty.

    The header is the first row that is not empty, from `header_row` on. Rows are as wide as the header, or
    wider where a cell beyond it holds something. Raises `Refused`.
    """
    formulas = guard(data)
    try:
        # openpyxl prints remarks about damaged styles; what comes of them is told as findings.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of extensions it leaves out; none of them concerns a cell's value
            return _sheets(data, sheet, header_row, formulas)
    except _NOT_A_WORKBOOK as error:
        raise Refused("not-a-spreadsheet", f"The workbook cannot be read: {type(error).__name__}.") from error


def _sheets(data: bytes, sheet: str | None, header_row: int, formulas: bool) -> list[SheetParts]:
    values = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    typed = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False) if formulas else None
    names = _names(values, sheet)
    found = []
    for name in names:
        uncalculated = _uncalculated(values[name], typed[name]) if typed else {}
        parts = _parts(name, values[name], header_row, uncalculated)
        if parts is not None:
            found.append(parts)
    return found


def _names(book: Workbook, sheet: str | None) -> list[str]:
    if not book.sheetnames:
        raise Refused("not-a-spreadsheet", "The workbook has no sheet.")
    if sheet is None:
        return [name for name in book.sheetnames if hasattr(book[name], "iter_rows") and book[name].sheet_state == "visible"]
    if sheet not in book.sheetnames:
        raise Refused("unknown-layout", f"There is no sheet '{sheet}'; there are {', '.join(book.sheetnames)}.")
    return [sheet]


def _rows(worksheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    worksheet.reset_dimensions()  # a wrong <dimension> would crop the rows
    for row, cells in enumerate(worksheet.iter_rows(), start=1):
        if row > MOST_ROWS:
            raise Refused("file-too-large", f"The sheet '{worksheet.title}' has more than {MOST_ROWS:,} rows.")
        yield row, cells


def _uncalculated(values: Any, typed: Any) -> dict[int, Fault]:
    """Rows with a formula that has no stored value: the program that wrote the file did not calculate it."""
    faults: dict[int, Fault] = {}
    for (row, calculated), (_, written) in zip(_rows(values), _rows(typed), strict=True):
        for column, cell in enumerate(written):
            if cell.data_type == "f" and calculated[column].value is None:
                faults[row] = ("formula-not-calculated", _NO_VALUE, column, str(cell.value))
                break
    return faults


def _parts(name: str, worksheet: Any, header_row: int, faults: dict[int, Fault]) -> SheetParts | None:
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    days: set[str] = set()
    for row, cells in _rows(worksheet):
        if row < header_row:
            faults.pop(row, None)
            continue
        texts = [_text(cell) for cell in cells]
        days.update(text for text, cell in zip(texts, cells, strict=True) if isinstance(cell.value, dt.datetime))
        while texts and (not texts[-1] or texts[-1].isspace()):
            texts.pop()
        if row not in faults and any(cell.data_type == "e" for cell in cells):
            faults[row] = _error(cells)
        if row not in faults and not any(texts):
            continue
        if not header:
            header = [text.strip() for text in texts]
            continue
        texts.extend([""] * (len(header) - len(texts)))
        rows.append((row, texts))
    return (name, header, rows, faults, days) if header else None


def _error(cells: tuple[Any, ...]) -> Fault:
    column = next(number for number, cell in enumerate(cells) if cell.data_type == "e")
    return "excel-error", _NO_VALUE, column, str(cells[column].value)


def _text(cell: Any) -> str:
    """The text of a cell; "" of an empty one."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(value, cell)
    if isinstance(value, dt.datetime):
        return _moment_text(value, cell)
    return str(value)


def _number_text(value: float, cell: Any) -> str:
    """Whole numbers plain, with the leading zeros of a format such as 00000; 10^15 and more in scientific notation, for Excel
    keeps 15 digits only: what looks like a long serial number there is not one any more."""
    if abs(value) >= EXACT_NUMBER:
        return f"{value:.15E}"
    if value != int(value):
        return repr(value)
    shown = cell.number_format or "General"
    return str(int(value)).zfill(len(shown) if set(shown) == {"0"} else 1)


def _moment_text(value: dt.datetime, cell: Any) -> str:
    """ISO text; a midnight whose format shows no hours is a day."""
    if value.time() == dt.time() and not _HOURS.search(_QUOTED.sub("", cell.number_format or "")):
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")
