"""The workbook that asks: one row a question, one yellow cell to fill, and a list to choose from (DESIGN §4, "nothing is guessed")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pandas as pd

from pipeline import money
from pipeline.contracts import Books
from pipeline.entries import form
from pipeline.findings import counted
from pipeline.publish import words
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks.cells import Imprint, Sheet, Workbook, absolute
from pipeline.publish.workbooks.evidence import write_about
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.settings import Settings

TITLE = "Questions to answer"
NOTHING = "Nothing waits for an answer: every agency, product and kind of request is known."
CONTENTS = (
    "To answer: one row a question, what most money waits for first. Choices: the agencies, tiers and kinds of request that may be chosen. "
    "Nothing is guessed behind your back: the best guess is only shown, and what is not answered stays open."
)
FOLLOW = (
    "Where names file and row below the folder data, the first of all rows with this spelling. The page Data quality shows what waits and "
    "which answers are in force."
)
TERMS = (
    ("Fill in", "Click a yellow cell and choose from its list. Leave it empty where you do not know; it is asked again."),
    ("Answered by", "Write your name into the yellow cell above the table: each answer is kept with it and with the day."),
    ("Send back", "Save the workbook as it is (.xlsx) and send it to whoever runs certledger, or run: certledger answer to-answer.xlsx"),
    (
        "What happens",
        "Each answer is checked. What is right counts from the next run on, what is not is told with its row. Mend it and send again.",
    ),
    ("To change one", "An answer is a line of data/entries/aliases.csv, of a kind of request in corrections.csv. Change it there."),
    ("Best guess", "The closest known agency, tier or kind: by the spelling, by the domain of the hosts, by the domain of the contacts."),
    ("At least, at most", "What the orders that wait will be charged, in dollars; a range while it is not known which tier they are."),
)
_YELLOW_WIDTH = 34
_CALLED = {"agency": "Agencies", "tier": "Tiers", "kind": "Kinds of request"}
_PROTECTED = {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True}


def write_questions(books: Books, settings: Settings, stamp: RunStamp, folder: Path) -> Path:
    """Write `to-answer.xlsx` below the run folder and return its path; the same books give the same bytes."""
    organization, path = settings.organization, folder / form.PATH
    allowed = form.choices(books.agencies, settings, stamp.as_of)
    with Workbook(path, Imprint(organization.name, TITLE, stamp.run_id, stamp.as_of, organization.sample)) as book:
        sheet = book.sheet(form.SHEET)
        grid = _write_table(sheet, books, allowed, _write_head(sheet, books.questions))
        lists = _write_choices(book.sheet(form.CHOICES), allowed)
        _offer_choices(sheet, grid, books.questions, lists)
        sheet.raw.protect("", _PROTECTED)
        write_about(book, settings.organization.service_owner, CONTENTS, TERMS, FOLLOW)
    return path


def _write_head(sheet: Sheet, questions: pd.DataFrame) -> int:
    """The sentence above the table and the cell for a name; returns the row where the table begins."""
    row = sheet.banner()
    sheet.text(row, 0, _sentence(questions), sheet.book.style("heading"))
    sheet.raw.set_row(row, 24)
    if questions.empty:
        return row + 1
    how = "Choose an answer in each yellow cell, write your name below, save, and send the workbook back."
    sheet.text(row + 1, 0, how, sheet.book.style("muted"))
    sheet.text(row + 2, 0, form.ANSWERED_BY, sheet.book.style("row", "bold", "text"))
    sheet.blank(row + 2, 1, sheet.book.style("row", "answer"))
    return row + 4


def _sentence(questions: pd.DataFrame) -> str:
    if questions.empty:
        return NOTHING
    orders = int(questions["orders"].sum())
    waiting = money.span(int(questions["least_cents"].sum()), int(questions["most_cents"].sum()))
    waits = f" {words.count(orders, 'order')} of {waiting} {'waits' if orders == 1 else 'wait'} for the answers." if orders else ""
    return f"{words.count(len(questions), 'question')}, what most money waits for first.{waits}"


def _write_table(sheet: Sheet, books: Books, allowed: form.Choices, top: int) -> Grid:
    asked = books.questions
    shown = {(kind, means): text for kind, texts in allowed.items() for text, means in texts.items()}
    guesses = [shown.get((kind, means), means) for kind, means in zip(asked["kind"], asked["guess"], strict=True)]
    return write_grid(
        sheet,
        "Questions",
        [
            Field(form.ASKED, "wrapped", asked["asked"].tolist(), widest=30),
            Field(form.AS_WRITTEN, "wrapped", asked["value"].tolist(), widest=30),
            Field("Best guess", "wrapped", guesses, absent="none", widest=30),
            Field(form.ANSWER, "answer", [""] * len(asked), widest=_YELLOW_WIDTH),
            Field("At least", "money", _where_waiting(asked["least_cents"]), absent="none"),
            Field("At most", "money", _where_waiting(asked["most_cents"]), absent="none"),
            Field("Orders", "whole", asked["orders"].tolist()),
            Field("Certificates", "whole", asked["certificates"].tolist()),
            Field("Requests", "whole", asked["requests"].tolist()),
            Field("Where", "wrapped", _places(books), widest=36),
        ],
        not_printed=[
            Field("Why this guess", "wrapped", asked["guess_reason"].tolist(), absent="nothing is alike", widest=34),
            Field(form.QUESTION, "mono", asked["question"].tolist()),
        ],
        about="One row for each question, with what waits for the answer and one cell to fill.",
        empty=NOTHING,
        top=top,
    )


def _where_waiting(cents: pd.Series[int]) -> list[int | None]:
    return [amount or None for amount in cents.tolist()]


def _places(books: Books) -> list[str]:
    """File and row of the first row of each question, and how many more there are."""
    asked = books.questions
    found = books.places.set_index("source").loc[asked["source"], ["file", "sheet", "row"]]
    return [
        f"{file}{f', sheet {sheet}' if sheet else ''}, {counted(file)} {row}{f', and {rows - 1:,} more' if rows > 1 else ''}"
        for (file, sheet, row), rows in zip(found.itertuples(index=False), asked["certificates"] + asked["requests"], strict=True)
    ]


def _write_choices(sheet: Sheet, allowed: form.Choices) -> dict[str, str]:
    """The lists to choose from, side by side; returns where each stands, as a formula names it."""
    top = sheet.banner("The yellow cells offer these lists.")
    lists = {}
    for col, (kind, texts) in enumerate(allowed.items()):
        sheet.text(top, col, _CALLED[kind], sheet.book.style("head"))
        sheet.raw.set_column(col, col, max(map(len, (*texts, _CALLED[kind]))) + 2)
        for row, text in enumerate(texts, top + 1):
            sheet.text(row, col, text, sheet.book.style("row", "text"))
        lists[kind] = f"='{sheet.name}'!{absolute(top + 1, col)}:{absolute(top + max(len(texts), 1), col)}"
    sheet.raw.freeze_panes(top + 1, 0)
    sheet.raw.protect("", _PROTECTED)
    return lists


def _offer_choices(sheet: Sheet, grid: Grid, questions: pd.DataFrame, lists: Mapping[str, str]) -> None:
    """Give each yellow cell its list."""
    col = grid.columns[form.ANSWER]
    numbered: Sequence[tuple[int, str]] = list(enumerate(questions["kind"], grid.first_row))
    for kind, run in groupby(numbered, key=lambda pair: pair[1]):
        rows = [row for row, _ in run]
        sheet.offer(rows[0], rows[-1], col, lists[kind], f"Choose one of the {_CALLED[kind].lower()}, or leave it empty.")
