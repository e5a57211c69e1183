"""A sheet cut down to the columns that a layout knows: rows of clean text, and findings about rows that are none.

Rows read = rows kept + rows quarantined. Lines that a layout itself appends (its trailers) and blank lines are no rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.findings import Finding
from pipeline.sources import plain_text
from pipeline.sources.cells import word as comparable
from pipeline.sources.layouts import Layout
from pipeline.sources.plain_text import PlainText
from pipeline.sources.recognition import label
from pipeline.sources.row_judge import Judge
from pipeline.sources.sheets import Sheet
from pipeline.sources.text_column import TEXT, TextColumn

# Copying from Windows dialogs brings invisible marks along at the edges.
_EDGES = " \t\r\n\v\f\u00a0\u202f\u200b\u200e\u200f\ufeff"


@dataclass(slots=True)
class TextRows:
    """The rows of one sheet. `columns` holds the clean texts, "" for unknown, of each of the layout's columns that the sheet has;
    `labels` tells what a column is called there; `rows` are physical row numbers from 1; `set_aside` the cells of the rows that
    were quarantined here.
    """

    file: str
    sheet: str
    layout: Layout
    rows: npt.NDArray[np.int64]
    columns: dict[str, TextColumn]
    labels: dict[str, str]
    rows_read: int
    findings: list[Finding] = field(default_factory=list)
    set_aside: list[list[str]] = field(default_factory=list)


def take(file: str, sheet: Sheet, layout: Layout) -> TextRows:
    """The rows of `sheet` as `layout` names its columns. Raises `Refused` where a column without a name holds values.

    Rows of delimited text are taken by the column where a scan tells where they are, else, as those of every other file, one by one;
    it makes no difference but in time.
    """
    places = _places(sheet.header, layout)
    wanted = sorted({place for alternatives in places.values() for place in alternatives})
    judge = Judge(file, sheet, layout)
    plain = None if sheet.delimited is None else plain_text.scanned(sheet.delimited, len(sheet.header))
    rows, by_place = _row_by_row(sheet, judge, wanted) if plain is None else _by_column(plain, judge, wanted)
    columns = {
        name: _coalesced([by_place[place] for place in found], layout.missing, layout.values.get(name, {}))
        for name, found in places.items()
    }
    labels = {name: sheet.header[found[0]] for name, found in places.items()}
    return TextRows(file, sheet.name, layout, rows, columns, labels, judge.read, judge.findings, judge.set_aside)


Taken = tuple[npt.NDArray[np.int64], dict[int, TextColumn]]


def _row_by_row(sheet: Sheet, judge: Judge, wanted: Sequence[int]) -> Taken:
    """The numbers of the rows that are kept, and their cells in the columns at `wanted`."""
    rows: list[int] = []
    picked: list[list[str]] = []
    for row, cells in sheet.records:
        if judge.keeps(row, cells):
            rows.append(row)
            picked.append([cells[place] for place in wanted])
    by_place = zip(*picked, strict=True) if picked else [[] for _ in wanted]
    return np.array(rows, dtype=np.int64), {place: TextColumn.of_list(list(texts)) for place, texts in zip(wanted, by_place, strict=True)}


def _by_column(plain: PlainText, judge: Judge, wanted: Sequence[int]) -> Taken:
    """The same from the rows of a scan: of even ones whole columns at once, of uneven and doubtful ones row by row."""
    columns = plain.columns(judge.looked_at(wanted))
    numbers = np.flatnonzero(plain.even)
    doubtful = judge.doubtful(plain, columns)
    single = np.sort(np.concatenate([np.flatnonzero(~plain.even), numbers[doubtful]]))
    kept: list[int] = []
    picked: list[list[str]] = []
    for number in single.tolist():
        found = plain.row(number)
        if found is not None and judge.keeps(*found):
            kept.append(number)
            picked.append([found[1][place] for place in wanted])
    judge.read += len(numbers) - int(doubtful.sum())
    numbers = np.concatenate([numbers[~doubtful], np.array(kept, dtype=np.int64)])
    order = np.argsort(numbers)
    singly = zip(*picked, strict=True) if picked else [[] for _ in wanted]
    by_place = {
        place: TextColumn.of(_merged(columns.pop(place), doubtful, texts, order)) for place, texts in zip(wanted, singly, strict=True)
    }
    return plain.lines[numbers[order]], by_place


def _merged(even: Any, doubtful: npt.NDArray[np.bool_], singly: Sequence[str], order: npt.NDArray[np.intp]) -> Any:
    """The cells of a column, of the even rows that were not `doubtful` and of those kept `singly`, in the `order` of their rows."""
    if len(order) == len(even) and not doubtful.any():
        return even
    sure = even.filter(pa.array(~doubtful))
    return pa.concat_arrays([sure, pa.array(singly, type=TEXT)]).take(pa.array(order))


def _places(header: Sequence[str], layout: Layout) -> dict[str, list[int]]:
    """Column of the layout -> where its labels stand; of a repeated label the first."""
    first: dict[str, int] = {}
    for place, cell in enumerate(header):
        first.setdefault(label(cell), place)
    found = {name: [first[label(written)] for written in labels if label(written) in first] for name, labels in layout.columns.items()}
    return {name: places for name, places in found.items() if places}


def _coalesced(alternatives: Sequence[TextColumn], missing: frozenset[str], values: Mapping[str, str]) -> TextColumn:
    """Clean texts of a column; where several columns may tell it, the first that is not empty in a row."""
    first, *others = (_clean(texts, missing, values) for texts in alternatives)
    for other in others:
        first = first.or_else(other)
    return first


def _clean(texts: TextColumn, missing: frozenset[str], values: Mapping[str, str]) -> TextColumn:
    """Without the marks at the edges; words for an empty cell are empty, words that the settings map are what they are read as."""
    column = texts.trimmed(_EDGES)
    if not missing and not values:
        return column
    meant = {comparable(written): read_as for written, read_as in values.items()}

    def read(text: str) -> str:
        known = "" if text.casefold() in missing else text
        return meant.get(comparable(known), known) if known else ""

    return column.renamed(read)
