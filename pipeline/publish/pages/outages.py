"""Every outage, maintenance and blind spell of the services, newest first."""

from __future__ import annotations

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Chip, Grid, Head, State

_LISTED = 200
_TOO_LATE: tuple[str, State] = ("counted as down: announced too late", "missed")
_KINDS: dict[str, tuple[str, State]] = {
    "full": ("down", "missed"),
    "partial": ("partly down", "near"),
    "planned": ("planned maintenance", "plain"),
    "unmonitored": ("not monitored", "plain"),
}


def grid(edition: Edition) -> Grid:
    """What each began and ended, and of which kind it was; what happened is told internally only."""
    ordered = edition.books.outages.sort_values("began_at", ascending=False, kind="stable").iloc[:_LISTED]
    zone = edition.settings.organization.zone
    too_late = _announced_too_late(edition)
    rows: list[list[Cell]] = []
    for row in rows_of(ordered):
        word, state = _TOO_LATE if row.source in too_late else _KINDS[row.kind]
        ended = row.ended_at
        span = "still going on" if pd.isna(ended) else words.hours((ended - row.began_at).total_seconds())
        cells: list[Cell] = [
            row.began_at.tz_convert(zone).strftime("%Y-%m-%d %H:%M"),
            "not yet" if pd.isna(ended) else ended.tz_convert(zone).strftime("%Y-%m-%d %H:%M"),
            span,
            row.service,
            Chip(word, state),
        ]
        rows.append([*cells, row.note or "no note"] if edition.internal else cells)
    columns: tuple[Head, ...] = (
        Head("Began", "date"),
        Head("Ended", "date"),
        Head("Lasted", "number"),
        Head("Service", "name"),
        Head("Kind"),
    )
    heads: tuple[Head, ...] = (*columns, Head("What happened")) if edition.internal else columns
    return Grid(
        f"Outages, newest first, {edition.settings.organization.timezone} time", heads, rows, "No outage has been entered.", things=True
    )


def _announced_too_late(edition: Edition) -> set[int]:
    """Places of the maintenance that the measures count as an outage, by the finding that says so."""
    found = edition.books.findings
    late = found.loc[found["code"] == "late-maintenance", ["file", "sheet", "row"]]
    return {int(source) for source in edition.books.places.merge(late, on=["file", "sheet", "row"])["source"]}
