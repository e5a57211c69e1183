"""What is taken of a filled workbook: each answer by itself, against the questions that are open and the answers that stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipeline.contracts import ALIASES, CORRECTIONS, QUESTIONS
from pipeline.entries.answers import FilledRow, Taken, take
from pipeline.entries.question_names import question_id

ALLOWED = {
    "agency": {"DLH - Department of Lighthouses": "DLH", "MAP - Maps - and Bounds": "MAP"},
    "tier": {"standard": "standard"},
    "kind": {"renew - renew a certificate": "renew"},
}
ASKED = "Which agency is meant by this spelling?"


def question(value: str, kind: str = "agency", match: str = "name") -> dict[str, Any]:
    return {
        "question": question_id(kind, match, value), "kind": kind, "match": match, "value": value, "asked": ASKED, "certificates": 1,
        "requests": 0, "orders": 0, "least_cents": 0, "most_cents": 0, "source": 0,
    }  # fmt: skip


def alias(value: str, means: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "agency", "match": "name", "value": value, "means": means, "by": "Ada", "on": "2026-11-01", **changes}


def row(number: int, value: str, answer: str, **changes: str) -> FilledRow:
    usual = {"question": question_id("agency", "name", value), "asked": ASKED, "written": value, "answer": answer}
    return FilledRow(number, **{**usual, **changes})


def taken(*rows: FilledRow, open_now: tuple[str, ...] = ("Light Dept",), stand: tuple[dict[str, Any], ...] = ()) -> Taken:
    questions = QUESTIONS.frame(question(value) for value in open_now)
    return take(rows, questions, ALIASES.frame(stand), CORRECTIONS.empty(), ALLOWED)


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        ("DLH - Department of Lighthouses", "DLH"),
        (" dlh -  department of LIGHTHOUSES", "DLH"),
        ("dlh", "DLH"),
        ("MAP - Maps - and Bounds", "MAP"),
    ],
)
def test_a_line_of_the_list_or_its_code_is_taken(answer: str, means: str) -> None:
    (one,) = taken(row(7, "Light Dept", answer)).answers
    assert ("agency", "name", "Light Dept", means, None, 7) == tuple(one)


@pytest.mark.parametrize("answer", ["XYZ", "DLH - Department of Orchards", "Department of Lighthouses", "standard", "=1+1"])
def test_what_is_not_of_the_list_is_not_taken(answer: str) -> None:
    found = taken(row(7, "Light Dept", answer))
    assert ([], 1) == (found.answers, len(found.refused))
    assert f"Row 7, column 'Your answer': '{answer}' is none of the agencies" in found.refused[0]


def test_one_question_on_two_rows_counts_once_and_never_in_two_ways() -> None:
    twice = taken(row(7, "Light Dept", "DLH"), row(9, "Light Dept", "dlh"))
    assert (1, 1, []) == (len(twice.answers), len(twice.known), twice.refused)
    contradicting = taken(row(7, "Light Dept", "DLH"), row(9, "Light Dept", "MAP"))
    assert ([], 2) == (contradicting.answers, len(contradicting.refused))


def test_a_new_answer_begins_where_the_one_that_stands_ends() -> None:
    (one,) = taken(row(7, "Light Dept", "MAP"), stand=(alias("Light Dept", "DLH", valid_to="2026-06-30"),)).answers
    assert dt.date(2026, 7, 1) == one.valid_from


def test_beside_a_line_that_holds_always_nothing_is_entered() -> None:
    found = taken(row(7, "Light Dept", "MAP"), stand=(alias("light  dept", "GONE"),))
    assert [] == found.answers
    assert "already answered with GONE by Ada on 2026-11-01 (data/entries/aliases.csv)" in found.refused[0]


def test_empty_cells_are_counted_and_rows_with_a_fault_are_told() -> None:
    found = taken(row(7, "Light Dept", ""), row(8, "Light Dept", "DLH", fault="Row 8: it holds a formula."))
    assert (1, ["Row 8: it holds a formula."], []) == (found.blank, found.refused, found.answers)


def test_characters_that_a_spreadsheet_cannot_show_do_not_count_as_a_change() -> None:
    found = taken(row(7, "Light\u200b Dept", "DLH", written="Light\N{REPLACEMENT CHARACTER} Dept"), open_now=("Light\u200b Dept",))
    assert ["DLH"] == [one.means for one in found.answers]
