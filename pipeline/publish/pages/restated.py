"""What reads otherwise than when its period was closed: a figure as it was first published, as it is now, and why."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.publish import words
from pipeline.publish.pages import measured
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Grid, Head

_LISTED = 100


def grid(edition: Edition, page: str) -> Grid | None:
    """The restated figures of the office and its services that a page explains, newest period first; None where none is."""
    titles = {measure.id: measure.title for measure in measured.explained(page)}
    table = edition.books.restated
    found = table[table["measure"].isin(list(titles)) & table["dimension"].isin(("office", "service"))]
    if found.empty:
        return None
    ordered = found.sort_values(["first_published", "period", "measure", "member"], ascending=[False, False, True, True], kind="stable")
    rows: list[list[Cell]] = [
        [
            f"{titles[row.measure]}{f', {row.member}' if row.member else ''}",
            _period(row.period),
            _said(row, row.first_value, row.first_n),
            _said(row, row.value, row.n),
            calendar.period_title(row.first_published, edition.starts),
            row.why,
        ]
        for row in rows_of(ordered.iloc[:_LISTED])
    ]
    columns: tuple[Head, ...] = (Head("Figure", "name"), Head("Of", "short"), Head("First published", "number"), Head("Now", "number"))
    columns += (Head("Published by the close of", "short"), Head("Why"))
    return Grid("Figures that read otherwise than when their month was closed", columns, rows, "", things=True, captioned=False)


def _period(label: str) -> str:
    return label if label.startswith("FY") else words.month(label)


def _said(row: Any, value: float, n: Any) -> str:
    """A figure in its unit, with what it rests on."""
    if pd.isna(value):
        return "not measured"
    if row.unit == "share":
        return f"{words.percent(value)} of {int(n):,}"
    return words.hours(value * 3600) if row.unit == "hours" else f"{value:,.10g}"
