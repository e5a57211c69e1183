"""The source rows of ledger lines as they were read, for freezing them: also of files that are cells of a workbook, or gone by then."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from pipeline.contracts import CLOSED_ROWS, Books
from pipeline.sources import literal
from pipeline.sources.published import Opened


class RowChangedError(Exception):
    """A file is not what the books were drawn up from any more; the text names it."""


class _OfBooks:
    """The rows of books that were just prepared, as `literal` asks for those of a published run."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        inputs = self._books.inputs
        return dict(zip(inputs["file"], inputs["sha256"], strict=True))

    @cached_property
    def opened(self) -> Mapping[str, Opened]:
        columns = (self._books.source_files[name] for name in ("file", "sheet", "encoding", "delimiter", "labels"))
        rows = zip(*columns, strict=True)
        return {file: Opened(sheet, encoding, delimiter, tuple(json.loads(labels))) for file, sheet, encoding, delimiter, labels in rows}

    def kept(self, file: str, rows: Collection[int]) -> dict[int, list[str]]:
        kept = self._books.source_rows
        found = kept[(kept["file"] == file) & kept["row"].isin(list(rows))]
        return {row: json.loads(cells) for row, cells in zip(found["row"], found["cells"], strict=True)}


def rows(workspace: Path, books: Books, ledger: pd.DataFrame) -> pd.DataFrame:
    """CLOSED_ROWS of the lines of `ledger` (LEDGER of these books). A line that rests on a frozen copy takes that copy over.

    Raises `RowChangedError` where a file changed since the books were drawn up.
    """
    places = books.places.set_index("source").loc[ledger["source"].tolist(), ["file", "sheet", "row"]]
    wanted = [(str(file), str(sheet), int(row)) for file, sheet, row in places.itertuples(index=False, name=None)]
    found = literal.at(workspace, _OfBooks(books), wanted)
    lost = next((row for row in found.values() if row.lost), None)
    if lost is not None:
        raise RowChangedError(f"data/{lost.file}: {lost.lost}. Run `close` again when nobody writes to data/.")
    return CLOSED_ROWS.frame(_row(entry, found[place]) for entry, place in zip(ledger["entry_id"], wanted, strict=True))


def _row(entry_id: str, row: literal.LiteralRow) -> dict[str, object]:
    file, sheet, number = row.first_read or row.place
    return {
        "entry_id": entry_id,
        "file": file,
        "sheet": sheet,
        "row": number,
        "labels": json.dumps(list(row.cells)),
        "cells": json.dumps(list(row.cells.values())),
    }
