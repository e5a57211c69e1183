"""Remarks of data/entries/notes.csv, for the page whose figure or agency they explain, and for the chart that they are numbers on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.publish import charts, words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Grid, Head

_LISTED = 3  # as many months as a sentence can name


@dataclass(frozen=True)
class Remarks:
    """The remarks on the figures of a page, the oldest first, numbered from 1; none in the public edition, for remarks name people, where
    `left_out` says so."""

    edition: Edition
    rows: pd.DataFrame
    left_out: str = ""

    def grid(self) -> Grid | None:
        """The table of the remarks with their numbers, newest first; None without any."""
        return _grid(self.edition, self.rows, "Remarks that explain these figures, numbered as on the charts", "", numbered=True)

    def of_month(self, month: str) -> Grid | None:
        """The table of the remarks about any day of a month (`2026-10`), newest first; None without any."""
        touching = self.rows[[_touches(row, month) for row in rows_of(self.rows)]] if len(self.rows) else self.rows
        return _grid(self.edition, touching, f"Remarks about {words.month(month)}", "../../", numbered=False)

    def on(self, months: Sequence[str]) -> list[charts.Note]:
        """The remarks that lie in these months (`2026-10`, in order), as marks of a chart that has a place for each."""
        found = []
        for number, row in enumerate(rows_of(self.rows), start=1):
            places = [place for place, month in enumerate(months) if _touches(row, month)]
            if places:
                found.append(charts.Note(number, places[0], places[-1], f"{number}. {_when(row)}: {row.text}"))
        return found

    def unexplained(self, shares: Sequence[Share], measure: str) -> str:
        """What to do about missed months that no remark explains; "" where each is explained, and in the public edition."""
        missed = [share.period for share in shares if share.state == "missed"]
        silent = [month for month in missed if not any(_touches(row, month) for row in rows_of(self.rows))]
        if not silent or not self.edition.internal:
            return ""
        named = [words.month(month) for month in silent[-_LISTED:]]
        others = len(silent) - len(named)
        which = f"{' and '.join(named)}{f' and {others:,} earlier' if others else ''}"
        return f"No remark explains the missed target of {which}: add a line to data/entries/notes.csv, with {measure} as its measure."


def of(edition: Edition, measures: set[str]) -> Remarks:
    """The remarks on these measures, and those on nothing in particular."""
    notes = edition.books.notes
    if notes.empty:
        return Remarks(edition, notes)
    on_nothing = (notes["measure"] == "") & (notes["agency"] == "")
    chosen = notes[notes["measure"].isin(sorted(measures)) | on_nothing]
    if not edition.internal:
        return Remarks(edition, notes.iloc[:0], "Remarks of the office are left out of this edition." if len(chosen) else "")
    return Remarks(edition, chosen.sort_values("on", kind="stable"))


def about(edition: Edition, agencies: set[str] | None = None, root: str = "") -> Grid | None:
    """The remarks on these agencies, or on any, newest first; `root` leads to the site's root. None without any, and in the public
    edition."""
    notes = edition.books.notes
    if agencies is not None and agencies.isdisjoint(edition.agencies_with_notes):
        return None
    theirs = notes[notes["agency"] != "" if agencies is None else notes["agency"].isin(sorted(agencies))].sort_values("on", kind="stable")
    return _grid(edition, theirs, "Remarks on agencies" if agencies is None else "Remarks on this agency", root, numbered=False)


def _grid(edition: Edition, notes: pd.DataFrame, caption: str, root: str, *, numbered: bool) -> Grid | None:
    if notes.empty or not edition.internal:
        return None
    rows: list[list[Cell]] = [
        [
            *([str(number)] if numbered else []),
            _when(row),
            edition.agency(row.agency, root) if row.agency else "the office",
            row.text,
            row.by or "not signed",
        ]
        for number, row in enumerate(rows_of(notes), start=1)
    ]
    columns: tuple[Head, ...] = (Head("No.", "short"),) if numbered else ()
    columns += (Head("When", "date"), Head("Concerns"), Head("Remark"), Head("Written by"))
    return Grid(caption, columns, rows[::-1], "", things=True)


def _when(row: Any) -> str:
    return words.day(row.on) + (f" to {words.day(row.until)}" if words.day(row.until) else "")


def _touches(row: Any, month: str) -> bool:
    """Whether a remark is about any day of a month; one without a last day is about its first only."""
    last = row.on if pd.isna(row.until) else row.until
    return bool(f"{row.on:%Y-%m}" <= month <= f"{last:%Y-%m}")
