"""A filled workbook against the open questions: which answers are taken, and why the others are not.

Each answer stands for itself: what is right is taken, what is wrong is told, and the same workbook may be sent again once it is mended,
for an answer that was taken before changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from pipeline.contracts.entries import KIND_KEY
from pipeline.entries.form import ANSWER, AS_WRITTEN, ASKED, QUESTION, Choices, meaning
from pipeline.entries.question_names import question_id

_CALLED = {"agency": "the agencies", "tier": "the tiers", "kind": "the kinds of request"}
_COMPARED = 1_000


class FilledRow(NamedTuple):
    """One row of the workbook: its number on the sheet, its cells as text, and what is wrong with it as a row ("" for nothing)."""

    row: int
    question: str
    asked: str
    written: str
    answer: str
    fault: str = ""


class Answer(NamedTuple):
    """What is to be entered: a line of aliases.csv, or for a kind of request of corrections.csv."""

    kind: str
    match: str
    value: str
    means: str
    valid_from: dt.date | None
    row: int


@dataclass(slots=True)
class Taken:
    """What becomes of a workbook: answers to enter, sentences about rows that said nothing new, and about rows that are not taken."""

    answers: list[Answer] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    blank: int = 0


class _Given(NamedTuple):
    """An answer that stands in data/entries."""

    kind: str
    means: str
    by: str
    on: Any
    valid_from: Any
    valid_to: Any

    @property
    def sentence(self) -> str:
        """What stands, who entered it and when, as far as that is told."""
        when = "" if pd.isna(self.on) else f" on {self.on:%Y-%m-%d}"
        file = "corrections.csv" if self.kind == "kind" else "aliases.csv"
        return f"answered with {self.means}{f' by {self.by}' if self.by else ''}{when} (data/entries/{file})"


def take(rows: Sequence[FilledRow], questions: pd.DataFrame, aliases: pd.DataFrame, corrections: pd.DataFrame, allowed: Choices) -> Taken:
    """Judge every row of a filled workbook. `questions` are QUESTIONS that are open now, `aliases` and `corrections` what stands."""
    found = Taken()
    open_now: dict[str, Any] = {row["question"]: row for row in questions.to_dict("records")}
    given = _given(aliases, corrections)
    told: dict[str, FilledRow] = {}
    given_twice = {(row.question, _plain(row.answer)) for row in rows if row.answer and not row.fault}
    contradicted = {name for name, number in Counter(name for name, _ in given_twice).items() if number > 1}
    for row in rows:
        if row.fault:
            found.refused.append(row.fault)
        elif not row.answer:
            found.blank += 1
        elif row.question in contradicted:
            found.refused.append(_at(row, QUESTION, f"the question {row.question} stands on several rows with different answers"))
        elif row.question in told:
            found.known.append(_at(row, QUESTION, f"the same question as on row {told[row.question].row}"))
        else:
            told[row.question] = row
            _judge(row, open_now.get(row.question), given.get(row.question, []), allowed, found)
    return found


def _judge(row: FilledRow, question: Mapping[str, Any] | None, given: Sequence[_Given], allowed: Choices, found: Taken) -> None:
    if question is None:
        _not_open(row, given, allowed, found)
        return
    for column, cell, wanted in ((ASKED, row.asked, question["asked"]), (AS_WRITTEN, row.written, question["value"])):
        if _comparable(cell) != _comparable(wanted):
            what = f"the question was changed; {question['question']} is about '{question['value']}'. Take the row from the newest workbook"
            found.refused.append(_at(row, column, what))
            return
    kind = question["kind"]
    means = meaning(row.answer, allowed[kind])
    if not means:
        found.refused.append(_at(row, ANSWER, f"'{row.answer}' is none of {_CALLED[kind]}; choose from the list of the cell"))
        return
    begins, standing = _begins(given)
    if standing is not None:
        found.refused.append(_at(row, ANSWER, f"it is already {standing.sentence}, which is none of {_CALLED[kind]}; mend that line"))
        return
    found.answers.append(Answer(kind, question["match"], question["value"], means, begins, row.row))


def _not_open(row: FilledRow, given: Sequence[_Given], allowed: Choices, found: Taken) -> None:
    """An answer to what nobody asks any more: given before, given otherwise, or gone."""
    if not given:
        found.refused.append(_at(row, QUESTION, f"nothing waits for {row.question} any more; take the newest workbook"))
    elif meaning(row.answer, allowed[given[-1].kind]) == given[-1].means:
        found.known.append(_at(row, ANSWER, f"already {given[-1].sentence}"))
    else:
        found.refused.append(_at(row, ANSWER, f"already {given[-1].sentence}; to change that, change the line there"))


def _begins(given: Sequence[_Given]) -> tuple[dt.date | None, _Given | None]:
    """The day from which a new line must hold beside those that stand, None for always; or the standing line that holds always."""
    always = [answer for answer in given if pd.isna(answer.valid_from)]
    endless = next((answer for answer in always if pd.isna(answer.valid_to)), None)
    if not always or endless:
        return None, endless
    return max(answer.valid_to for answer in always).date() + dt.timedelta(days=1), None


def _given(aliases: pd.DataFrame, corrections: pd.DataFrame) -> dict[str, list[_Given]]:
    """Question -> the answers to it that stand in data/entries, oldest first."""
    found: dict[str, list[_Given]] = {}
    for row in aliases.sort_values(["valid_from", "on"], na_position="first", kind="stable").to_dict("records"):
        name = question_id(row["kind"], row["match"], row["value"])
        answer = _Given(row["kind"], row["means"], row["by"], row["on"], row["valid_from"], row["valid_to"])
        found.setdefault(name, []).append(answer)
    about_kinds = corrections[(corrections["column"] == "kind") & corrections["key"].str.casefold().str.startswith(KIND_KEY)]
    for row in about_kinds.sort_values("on", kind="stable").to_dict("records"):
        name = question_id("kind", "kind", row["key"][len(KIND_KEY) :])
        found.setdefault(name, []).append(_Given("kind", row["value"], row["by"], row["on"], pd.NaT, pd.NaT))
    return found


def _at(row: FilledRow, column: str, what: str) -> str:
    return f"Row {row.row}, column '{column}': {what}."


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _comparable(text: str) -> str:
    """A text as it survives a spreadsheet: without what cannot be seen, and cut."""
    seen = "".join(sign for sign in _plain(text) if sign.isprintable() and sign != "\N{REPLACEMENT CHARACTER}")
    return seen[:_COMPARED]
