"""The workbook that asks: one row a question, one cell to fill from a list, and nothing else that can be changed by accident."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.entries import form
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks import write_questions
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, books, entry

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0", "")


def question(name: str, **changes: Any) -> dict[str, Any]:
    usual = {
        "question": name, "kind": "agency", "match": "name", "value": "Lighthouse Dept", "asked": "Which agency?", "certificates": 2,
        "requests": 1, "orders": 1, "least_cents": 22119, "most_cents": 54200, "source": 1,
    }  # fmt: skip
    return {**usual, **changes}


def asking(*questions: dict[str, Any]) -> Books:
    return books([entry(1)], questions=contracts.QUESTIONS.frame(questions))


def sheet_of(made: Books, folder: Path) -> Worksheet:
    return load_workbook(write_questions(made, SETTINGS, STAMP, folder))[form.SHEET]


def row_of(sheet: Worksheet, text: str) -> int:
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == text)


def column(sheet: Worksheet, title: str) -> int:
    return next(cell.column for row in sheet.iter_rows() for cell in row if cell.value == title)


def choices(sheet: Worksheet, row: int, col: int) -> list[str]:
    """What the list of a cell offers."""
    (rule,) = [rule for rule in sheet.data_validations.dataValidation if sheet.cell(row, col).coordinate in rule.sqref]
    name, _, cells = rule.formula1.replace("$", "").partition("!")
    assert sheet.parent is not None
    return [cell.value for (cell,) in sheet.parent[name.strip("'")][cells]]


@pytest.mark.parametrize(
    ("kind", "offered"),
    [("agency", "DEP - Environmental Protection"), ("tier", "premium"), ("kind", "renew - renew a certificate that expires")],
)
def test_the_yellow_cell_offers_what_may_be_answered(tmp_path: Path, kind: str, offered: str) -> None:
    sheet = sheet_of(asking(question("Q-1", kind=kind), question("Q-2", kind="tier", value="Gold")), tmp_path)
    answer = sheet.cell(row_of(sheet, "Q-1"), column(sheet, form.ANSWER))
    assert [True] == [True for text in choices(sheet, answer.row, answer.column) if text.startswith(offered)][:1]
    assert (None, "FFFFF7D6") == (answer.value, answer.fill.fgColor.rgb)


def test_only_the_yellow_cells_can_be_filled(tmp_path: Path) -> None:
    sheet = sheet_of(asking(question("Q-1"), question("Q-2")), tmp_path)
    open_cells = [cell for row in sheet.iter_rows() for cell in row if not cell.protection.locked]
    answered_by = sheet.cell(row_of(sheet, form.ANSWERED_BY), 2)
    answers = [sheet.cell(row_of(sheet, name), column(sheet, form.ANSWER)).coordinate for name in ("Q-1", "Q-2")]
    assert sheet.protection.sheet
    assert [answered_by.coordinate, *answers] == [cell.coordinate for cell in open_cells]


def test_a_row_tells_what_waits_and_where(tmp_path: Path) -> None:
    sheet = sheet_of(asking(question("Q-1")), tmp_path)
    cells = [cell.value for cell in sheet[row_of(sheet, "Q-1")]]
    assert {"Lighthouse Dept", "Which agency?", 221.19, 542, 1, 2} <= {cell for cell in cells if cell is not None}
    assert "inbox/exports/2026-11.csv, line 2, and 2 more" in cells


def test_the_sentence_adds_up_what_waits(tmp_path: Path) -> None:
    sheet = sheet_of(asking(question("Q-1"), question("Q-2", value="Other")), tmp_path)
    assert row_of(sheet, "2 questions, what most money waits for first. 2 orders of $442.38 to $1,084.00 wait for the answers.")


def test_without_questions_the_workbook_says_so(tmp_path: Path) -> None:
    sheet = sheet_of(asking(), tmp_path)
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert "Nothing waits for an answer: every agency, product and kind of request is known." in texts
    assert form.ANSWERED_BY not in texts


@pytest.mark.parametrize("spelling", ['=HYPERLINK("http://x.example")', "+1", "-2", "@SUM(A1)", "<r>x</r>", "a\x07b", "x" * 40_000])
def test_no_spelling_becomes_a_formula(tmp_path: Path, spelling: str) -> None:
    sheet = sheet_of(asking(question("Q-1", value=spelling)), tmp_path)
    assert [] == [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    shown = sheet.cell(row_of(sheet, "Q-1"), column(sheet, form.AS_WRITTEN))
    assert spelling[:1] == str(shown.value)[:1]


def test_the_same_books_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (write_questions(asking(question("Q-1")), SETTINGS, STAMP, tmp_path / name) for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()
