"""The workbook for a budget hearing: the measures and the money of five spans, each with its sentence, made to be printed on two sides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from pipeline.contracts import Books
from pipeline.publish.hearing import DOLLARS, Hearing, Line
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks.cells import Imprint, Sheet, Workbook
from pipeline.publish.workbooks.evidence import write_about
from pipeline.settings import Settings

HEARING_PATH = "budget-hearing.xlsx"
TITLE = "Budget hearing"
CONTENTS = (
    "Service: ten measures of two years past, this one and the next. Money: what was and will be charged, what it cost, what is left of "
    "it. Each line has its sentence."
)
TERMS = (
    ("Projected", "The figure to date and what the forecast says is still to come of the year; shares and times stand as to date."),
    ("Next year", "The forecast: each certificate in force goes on, public ones for ever fewer days; rates and the desk's pace stay."),
    ("Target", "What the settings promise of a measure."),
    ("Set aside", "What agencies set aside for the year, of what is charged."),
    (
        "No figure",
        "These books hold nothing of that span, or it lies before the first day that is charged: then only what later exports still tell "
        "of it is known, too little for a figure of a year.",
    ),
    ("Left above the cost", "All tiers together for this overview only: they are never netted against each other."),
)
FOLLOW = "The pages Forecast, Performance and Recovery of the site show the same figures with their months and definitions."
_WIDTHS = (28, 16, 16, 16, 16, 16, 17, 62)
_ABSENT = ("no figure", "no figure", "no figure", "no figure", "none set", "not foreseen")
_PROJECTED = 3


def write_hearing(books: Books, settings: Settings, stamp: RunStamp, folder: Path) -> Path:
    """Write `budget-hearing.xlsx` below the run folder and return its path; the same books give the same bytes."""
    organization, path, hearing = settings.organization, folder / HEARING_PATH, Hearing(books, settings, stamp.as_of)
    with Workbook(path, Imprint(organization.name, TITLE, stamp.run_id, stamp.as_of, organization.sample)) as book:
        _write_side(book.sheet("Service"), hearing, "How the service did, and what lies ahead", hearing.measures())
        _write_side(book.sheet("Money"), hearing, "What it charged and cost, in US dollars", hearing.money())
        write_about(book, organization.service_owner, CONTENTS, TERMS, FOLLOW)
    return path


def _write_side(sheet: Sheet, hearing: Hearing, title: str, lines: Sequence[Line]) -> None:
    """One printed side: the title, and a line a figure."""
    book, row = sheet.book, sheet.banner()
    sheet.raw.hide_gridlines(2)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    sheet.raw.set_row(row, 30)
    sheet.text(row, 0, title, book.style("title"))
    top = row + 2
    heads = ("What", *hearing.heads(lines), "In words")
    sheet.fit_row(top, list(zip(heads, _WIDTHS, strict=True)), least=34)
    for col, head in enumerate(heads):
        sheet.text(top, col, head, book.style("head", "wrapped", *(("right",) if 0 < col < len(heads) - 1 else ())))
    for at, line in enumerate(lines, top + 1):
        _write_line(sheet, at, line)
    sheet.raw.freeze_panes(top + 1, 1)
    sheet.raw.repeat_rows(top)


def _write_line(sheet: Sheet, row: int, line: Line) -> None:
    book = sheet.book
    sheet.text(row, 0, line.named, book.style("row", "wrapped", *(() if line.title.startswith("of it") else ("bold",))))
    values = (*line.past, line.to_date, line.projected, line.target, line.next_year)
    for place, (value, absent) in enumerate(zip(values, _ABSENT, strict=True)):
        if line.goes_on and place == _PROJECTED and not math.isnan(value):
            sheet.text(row, place + 1, "as to date", book.style("row", "right", "muted"))
        else:
            _write_figure(sheet, row, place + 1, value, line, absent)
    sheet.text(row, len(values) + 1, line.told, book.style("row", "wrapped"))
    sheet.fit_row(row, [(line.named, _WIDTHS[0]), (line.told, _WIDTHS[-1])], least=17)


def _write_figure(sheet: Sheet, row: int, col: int, value: float, line: Line, absent: str) -> None:
    if math.isnan(value):
        sheet.text(row, col, absent, sheet.book.style("row", "right", "muted"))
    elif line.unit == DOLLARS:
        sheet.money(row, col, int(value), sheet.book.style("row", "money"))
    elif line.unit == "share":
        sheet.number(row, col, value, sheet.book.style("row", "share" if line.places == 1 else "time-share"))
    else:
        whole = value == round(value)
        sheet.number(row, col, int(value) if whole else value, sheet.book.style("row", "whole" if whole else "number"))
