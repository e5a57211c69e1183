"""The part of the data-quality page about people's answers: what waits for one, which are in force, and which findings are accepted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline import money
from pipeline.contracts.entries import KIND_KEY
from pipeline.entries import form
from pipeline.findings import CODES
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, download, rows_of
from pipeline.publish.parts import Cell, Chip, Grid, Head, Noted

_MOST_QUESTIONS, _MOST_ANSWERS = 25, 50
_NAMED = {"agency": "Agency", "tier": "Tier", "kind": "Kind of request"}


def view(edition: Edition) -> dict[str, Any]:
    """What `pages/answers.md.j2` shows."""
    books = edition.books
    return {
        "questions": _questions(edition),
        "questions_left_out": max(len(books.questions) - _MOST_QUESTIONS, 0),
        "to_answer": download("", form.PATH, form.PATH),
        "in_force": _in_force(books.answers),
        "answers_left_out": max(len(books.answers) - _MOST_ANSWERS, 0),
        "all_answers": download("", "tables/answers.csv", "answers.csv"),
        "accepted": _accepted(edition),
    }


def _questions(edition: Edition) -> Grid:
    asked = edition.books.questions.iloc[:_MOST_QUESTIONS]
    shown = {
        (kind, means): text
        for kind, texts in form.choices(edition.books.agencies, edition.settings, edition.today).items()
        for text, means in texts.items()
    }
    rows: list[list[Cell]] = [
        [
            Noted(row.value, row.asked),
            Noted(shown.get((row.kind, row.guess), row.guess), row.guess_reason) if row.guess else "none",
            money.span(row.least_cents, row.most_cents) if row.orders else "no charge",
            words.count(row.orders),
            words.count(row.certificates),
            words.count(row.requests),
        ]
        for row in rows_of(asked)
    ]
    columns: tuple[Head, ...] = (Head("As written", "name"), Head("Best guess, never applied by itself"), Head("Waiting", "number"))
    columns += (Head("Orders", "number"), Head("Certificates", "number"), Head("Requests", "number"))
    empty = "Nothing waits for an answer: every agency, product and kind of request is known."
    return Grid("Questions, what most money waits for first", columns, rows, empty, things=True, captioned=False)


def _in_force(answers: pd.DataFrame) -> Grid:
    rows: list[list[Cell]] = [
        [
            Noted(row.value.removeprefix(KIND_KEY), _where(row)),
            Noted(row.means, row.reason) if row.reason else row.means,
            row.by or "not named",
            words.day(row.on, "no day given"),
            words.count(row.rows) if row.rows else Chip("no row any more", "near"),
        ]
        for row in rows_of(answers.iloc[:_MOST_ANSWERS])
    ]
    columns: tuple[Head, ...] = (Head("Spelling or row", "name"), Head("Is read as"), Head("Answered by"), Head("On", "date"))
    columns += (Head("Rows it decides", "number"),)
    empty = "Nobody had to answer anything yet: data/entries holds no aliases and no corrections."
    return Grid("Answers in force", columns, rows, empty, things=True, captioned=False)


def _where(row: Any) -> str:
    """What the answer is about, and on which days it holds."""
    what = f"{_NAMED[row.kind]} by {row.match}" if row.list == "aliases" else f"Correction of {row.kind}"
    begins = "" if pd.isna(row.valid_from) else f" from {words.day(row.valid_from, '')}"
    ends = "" if pd.isna(row.valid_to) else f" to {words.day(row.valid_to, '')}"
    return f"{what}{',' if begins or ends else ''}{begins}{ends}"


def _accepted(edition: Edition) -> Grid:
    rows: list[list[Cell]] = []
    for row in rows_of(edition.books.accepted.sort_values(["until", "code", "file", "key"], kind="stable")):
        over = row.until < pd.Timestamp(edition.today)
        about = ", ".join(filter(None, (row.key, row.file))) or "every finding of this code"
        until = words.day(row.until, "")
        rows.append([Noted(CODES[row.code].title, about), row.reason, row.by, until, Chip("over", "near") if over else Chip("accepted")])
    columns: tuple[Head, ...] = (
        Head("Finding"),
        Head("Why it may stay"),
        Head("Accepted by"),
        Head("Until", "date"),
        Head("State", "short"),
    )
    return Grid("Accepted findings", columns, rows, "No finding is accepted.", things=True, captioned=False)
