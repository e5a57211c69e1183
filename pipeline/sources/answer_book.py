"""A filled `to-answer.xlsx` as it comes back from outside: read behind the guard of every workbook, and trusted in nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.entries import form
from pipeline.entries.answers import FilledRow
from pipeline.sources import raw_files, workbooks
from pipeline.sources.limits import SHEET_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.workbooks import Worksheet

_ZIP = b"PK"  # how every .xlsx begins
_TITLES = (form.QUESTION, form.ASKED, form.AS_WRITTEN, form.ANSWER)


@dataclass(frozen=True, slots=True)
class Filled:
    """Who answers ("" where the workbook does not say), and the rows of its table that have an answer or should have one."""

    by: str
    rows: tuple[FilledRow, ...]


def read(path: Path) -> Filled:
    """What stands in the workbook at `path`. Raises `Refused` where it is no workbook of questions, or cannot be read."""
    raw = raw_files.read(Listed(path, path.name), SHEET_LIMIT)
    if not raw.data.startswith(_ZIP):
        raise Refused("not-a-spreadsheet", "It is no Excel workbook (.xlsx); the one to fill in is reports/latest/to-answer.xlsx.")
    for sheet in workbooks.read(raw.data, form.SHEET):
        lines = [(1, sheet.header), *sheet.rows]
        for place, (_, texts) in enumerate(lines):
            titles = {text.strip(): col for col, text in enumerate(texts)}
            if titles.keys() >= set(_TITLES):
                return Filled(_answered_by(lines[:place]), tuple(_rows(sheet, lines[place + 1 :], titles)))
    needed = ", ".join(_TITLES)
    raise Refused("unknown-layout", f"The sheet '{form.SHEET}' has no row with the titles {needed}: this is no workbook of questions.")


def _answered_by(above: Sequence[tuple[int, list[str]]]) -> str:
    """The text right of the label, above the table."""
    for _, texts in above:
        filled = [text.strip() for text in texts if text.strip()]
        if filled[:1] == [form.ANSWERED_BY]:
            return " ".join(filled[1:2])
    return ""


def _rows(sheet: Worksheet, lines: Sequence[tuple[int, list[str]]], titles: Mapping[str, int]) -> Iterator[FilledRow]:
    for row, texts in lines:
        question, asked, written, answer = (texts[titles[title]].strip() if titles[title] < len(texts) else "" for title in _TITLES)
        if question or answer:
            yield FilledRow(row, question, asked, written, answer, _fault(sheet, row, titles))


def _fault(sheet: Worksheet, row: int, titles: Mapping[str, int]) -> str:
    """What stands in the cells of a row that nobody can take for an answer: formulas and errors."""
    names = {titles[title]: title for title in _TITLES}
    for column in sheet.formulas.get(row, ()):
        if column in names:
            return f"Row {row}, column '{names[column]}': the cell holds a formula; choose from the list of the cell instead."
    if row in sheet.faults:
        _, reason, column, _ = sheet.faults[row]
        return f"Row {row}, column '{names.get(column, column + 1)}': {reason}"
    return ""
