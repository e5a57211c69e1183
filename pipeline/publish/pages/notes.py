"""Remarks of data/entries/notes.csv, for the page whose figure or agency they explain."""

from __future__ import annotations

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Grid, Head


def of(edition: Edition, measures: set[str]) -> Grid | None:
    """The remarks on these measures, and those on nothing in particular, newest first.

    None without any, and in the public edition: remarks name people.
    """
    notes = edition.books.notes
    on_nothing = (notes["measure"] == "") & (notes["agency"] == "")
    return _grid(edition, notes[notes["measure"].isin(sorted(measures)) | on_nothing], "Remarks that explain these figures", "")


def about(edition: Edition, agencies: set[str] | None = None, root: str = "") -> Grid | None:
    """The remarks on these agencies, or on any, newest first; `root` leads to the site's root. None as with `of`."""
    notes = edition.books.notes
    theirs = notes["agency"] != "" if agencies is None else notes["agency"].isin(sorted(agencies))
    return _grid(edition, notes[theirs], "Remarks on agencies" if agencies is None else "Remarks on this agency", root)


def _grid(edition: Edition, notes: pd.DataFrame, caption: str, root: str) -> Grid | None:
    if notes.empty or not edition.internal:
        return None
    rows: list[list[Cell]] = [
        [
            words.day(row.on) + (f" to {words.day(row.until)}" if words.day(row.until) else ""),
            edition.agency(row.agency, root) if row.agency else "the office",
            row.text,
            row.by or "not signed",
        ]
        for row in rows_of(notes.sort_values("on", ascending=False, kind="stable"))
    ]
    columns = (Head("When", "date"), Head("Concerns"), Head("Remark"), Head("Written by"))
    return Grid(caption, columns, rows, "", things=True)
