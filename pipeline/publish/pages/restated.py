"""What reads otherwise than when its period was closed: a figure as it was first published, as it is now, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.publish import measure_words
from pipeline.publish.pages import measured
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Grid, Head
from pipeline.service import MEASURES_DECLARED
from pipeline.service.restated import HAS_ENDED, OTHERWISE

_LISTED = 100
# Two reasons stand in most rows: there in two or three words, and once in full.
_SHORT = {OTHERWISE: "other rows now", HAS_ENDED: "has ended since"}
_IN_FULL = {
    OTHERWISE: "Other rows now: the files of today hold other rows than those that the close had read, or one of these files is gone, so "
    "that nobody can say which rows are new.",
    HAS_ENDED: "Has ended since: requests that were open at the close count with their whole time now.",
}


@dataclass(frozen=True, slots=True)
class Restatements:
    """The restated figures as a table, and what the short words in it mean."""

    grid: Grid
    meant: str


def told(edition: Edition, page: str) -> Restatements | None:
    """The restated figures of the office and its services that a page explains, newest close first; None where none is."""
    table = edition.books.restated
    return _listed(table[table["measure"].isin([measure.id for measure in measured.explained(page)])])


def of_month(edition: Edition, month: str, root: str) -> Restatements | None:
    """The restated figures of the office and its services of one month, for a page from which `root` leads to the site's root; None where
    none is."""
    table = edition.books.restated
    return _listed(table[table["period"] == month], root)


def _listed(table: pd.DataFrame, root: str = "") -> Restatements | None:
    if table.empty:
        return None
    titles = {measure.id: measure.title for measure in MEASURES_DECLARED}
    found = table[table["dimension"].isin(("office", "service"))]
    if found.empty:
        return None
    ordered = found.sort_values(["first_published", "period", "measure", "member"], ascending=[False, False, True, True], kind="stable")
    other = [row for row in rows_of(ordered) if _said(row.unit, row.first_value) != _said(row.unit, row.value)]
    rows: list[list[Cell]] = [
        [
            measured.meaning(row.measure, f"{titles[row.measure]}{f', {row.member}' if row.member else ''}", root),
            measure_words.period(row.period),
            f"{_said(row.unit, row.first_value)} {rests_on(row.unit, row.first_n)}".rstrip(),
            f"{_said(row.unit, row.value)} {rests_on(row.unit, row.n)}".rstrip(),
            row.first_published,
            _SHORT.get(row.why, row.why),
        ]
        for row in other[:_LISTED]
    ]
    columns: tuple[Head, ...] = (Head("Figure", "name"), Head("Of", "short"), Head("First published", "number"), Head("Now", "number"))
    columns += (Head("By the close of", "short"), Head("Why"))
    empty = "None that anybody would see: rounded as it is shown, each reads as it was published."
    grid = Grid("Figures that have changed since their month was closed", columns, rows, empty, things=True, captioned=False)
    meant = [said for why, said in _IN_FULL.items() if any(row.why == why for row in other[:_LISTED])]
    return Restatements(grid, " ".join([*meant, *_not_listed(len(found) - len(rows))]))


def _not_listed(number: int) -> list[str]:
    if not number:
        return []
    rests = "figure rests on other rows but reads" if number == 1 else "figures rest on other rows but read"
    return [f"{number:,} more {rests} the same, rounded: the table restated has all."]


def _said(unit: str, value: float) -> str:
    if pd.isna(value):
        return "not measured"
    return measure_words.quantity(value, unit)


def rests_on(unit: str, n: Any) -> str:
    """How many a share or a time rests on, as `of 62`; "" for a count, which says that itself."""
    return "" if unit not in ("share", "business days") or pd.isna(n) else f"of {int(n):,}"
