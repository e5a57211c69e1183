"""Rows of the inbox as the run read them, for people who want to see what a figure rests on.

A line of a text file is read from the file, as long as that is the very file that the run read; a row of a workbook or of JSON was kept
by the run. Of a certificate file only the place is told: what stands in it is in the table of certificates. A line of a closed month
holds a copy of the row that it rests on, which is shown as that row.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pipeline import frozen_cells
from pipeline.sources.published import Opened, PublishedRun
from pipeline.sources.shown_paths import shown_path

Place = tuple[str, str, int]

_CHANGED, _GONE = "the file changed since this run", "the file is no longer there"
# Of a word that stands in more rows than these the first rows are enough to go on.
_MOST_CANDIDATES = 2_000
# Cells below such a label are nobody's business, whoever may open the books: challenge phrases, passwords.
_SECRET = re.compile(r"challenge|pass[ _-]?(?:word|phrase|code)|secret|\bpin\b", re.IGNORECASE)
_HIDDEN = "(not shown)"


class Opening(Protocol):
    """A run, published or just prepared, as far as it is asked for its rows."""

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of each input file, by path below data/."""

    @property
    def opened(self) -> Mapping[str, Opened]:
        """How each file of rows was opened, by path below data/."""

    def kept(self, file: str, rows: Collection[int]) -> dict[int, list[str]]:
        """The cells of those of `rows` of `file` that were kept, by row number."""


@dataclass(frozen=True, slots=True)
class LiteralRow:
    """One row: its file below `data/`, sheet and physical row, and its cells by label.

    `lost` says why there are no cells, as words that go on a line: the file is another one by now, or is gone. Of a line of a closed
    month `first_read` is the place that its row was read from, and the cells are that row's.
    """

    file: str
    sheet: str
    row: int
    cells: dict[str, str]
    lost: str = ""
    first_read: Place | None = None

    @property
    def place(self) -> Place:
        """File, sheet and row, as in the table `places`."""
        return self.file, self.sheet, self.row


def at(workspace: Path, run: Opening, places: Iterable[Place]) -> dict[Place, LiteralRow]:
    """The rows at `places` (file, sheet, row), each file opened once. Of a block of a certificate file there are no cells.

    Of a file whose bytes are not those that the run read no row is shown: what stands there today is not what the figures rest on.
    """
    wanted: dict[str, list[Place]] = {}
    for place in places:
        wanted.setdefault(place[0], []).append(place)
    located = _located(workspace, wanted)
    found: dict[Place, LiteralRow] = {}
    for file, here in wanted.items():
        data = _bytes(located.get(file))
        lost = _lost(run, file, data)
        opened = run.opened.get(file)
        rows = _cells(run, file, opened, data or b"", {row for _, _, row in here}) if opened and not lost else {}
        labels = _distinct(opened.labels) if opened else []
        read = (LiteralRow(*place, dict(zip(labels, rows.get(place[2], ()), strict=False)), lost) for place in here)
        found.update({row.place: _unfrozen(row) for row in read})
    return found


def _unfrozen(row: LiteralRow) -> LiteralRow:
    """A frozen copy as the row that it is a copy of; any other row as it is."""
    if tuple(row.cells) != frozen_cells.ROW_COLUMNS:
        return row
    _, file, sheet, number, labels, cells = map(frozen_cells.read, row.cells.values())
    told = dict(zip(json.loads(labels), json.loads(cells), strict=False))
    return replace(row, cells=told, first_read=(file, sheet, int(number)))


def naming(workspace: Path, run: PublishedRun, name: str) -> list[LiteralRow]:
    """Rows of the inbox that have a cell equal to `name`, compared without case and outer blanks, in order of files and rows.

    For names that no table has: of a quarantined row, or of a column that nothing is made of. Only of files that are what the run read;
    of a word that stands in thousands of rows the first ones.
    """
    wanted = name.strip().casefold()
    if not wanted:
        return []
    candidates = {(file, run.opened[file].sheet, row) for file, row in run.kept_with(name.strip())}
    texts = {file: opened for file, opened in run.opened.items() if opened.encoding}
    located = _located(workspace, texts)
    for file, opened in texts.items():
        lines = _lines_with(_bytes(located.get(file)) or b"", opened.encoding, name.strip())
        if lines:
            rows = sorted(run.rows_read(file))
            begins = {rows[place - 1] for place in (bisect_right(rows, line) for line in lines) if place}
            candidates.update((file, opened.sheet, row) for row in begins)
    found = at(workspace, run, sorted(candidates)[:_MOST_CANDIDATES])
    return [row for row in found.values() if any(cell.strip().casefold() == wanted for cell in row.cells.values())]


def without_secrets(labels: Sequence[str], cells: Sequence[str]) -> list[str]:
    """`cells`, those below a label that speaks of a secret hidden; cells beyond the labels stay."""
    secret = {place for place, label in enumerate(labels) if _SECRET.search(label)}
    return [_HIDDEN if place in secret and cell else cell for place, cell in enumerate(cells)]


def _located(workspace: Path, files: Iterable[str]) -> dict[str, Path]:
    """Where the files lie; one whose name cannot be printed as it stands is looked for among all."""
    there = {file: workspace / "data" / file for file in files}
    if any("\\" in file for file in there):
        every = (path for path in (workspace / "data").rglob("*") if path.is_file())
        there |= {shown: path for path in every if (shown := shown_path(path.relative_to(workspace / "data"))) in there}
    return there


def _bytes(location: Path | None) -> bytes | None:
    try:
        return location.read_bytes() if location and location.is_file() and not location.is_symlink() else None
    except OSError:
        return None


def _lost(run: Opening, file: str, data: bytes | None) -> str:
    if data is None:
        return _GONE
    return "" if hashlib.sha256(data).hexdigest() == run.hashes.get(file) else _CHANGED


def _cells(run: Opening, file: str, opened: Opened, data: bytes, rows: set[int]) -> dict[int, list[str]]:
    if not opened.encoding:
        return run.kept(file, rows)
    if opened.labels == frozen_cells.ROW_COLUMNS:
        lines = data.decode().split("\n")
        return {row: frozen_cells.split(lines[row - 1]) for row in rows}
    return {row: without_secrets(opened.labels, cells) for row, cells in _lines_at(data, opened, sorted(rows))}


def _lines_at(data: bytes, opened: Opened, rows: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of the rows that begin on the lines `rows`, in order. The run found a row to begin there, so none before is parsed."""
    lines = io.StringIO(data.decode(opened.encoding).lstrip("\ufeff"), newline="")
    line = 1
    for row in rows:
        reader = csv.reader(itertools.islice(lines, row - line, None), delimiter=opened.delimiter)
        yield row, next(reader, [])
        line = row + reader.line_num


def _lines_with(data: bytes, encoding: str, text: str) -> list[int]:
    """Numbers of the lines, counted from 1, on which `text` stands in any case; the first ones where there are very many."""
    words = data.decode(encoding).lower()
    wanted = text.lower()
    found: list[int] = []
    line, at = 1, 0
    hit = words.find(wanted)
    while hit >= 0 and len(found) < _MOST_CANDIDATES:
        line += _line_ends(words, at, hit)
        found.append(line)
        at = hit
        hit = words.find(wanted, hit + len(wanted))
    return found


def _line_ends(text: str, start: int, stop: int) -> int:
    """How many lines end in `text[start:stop]`: by a line feed, a carriage return, or both."""
    return text.count("\n", start, stop) + text.count("\r", start, stop) - text.count("\r\n", start, stop)


def _distinct(header: Sequence[str]) -> list[str]:
    """Labels of a row as they are shown; a repeated one gets its number behind it."""
    counts: dict[str, int] = {}
    shown = []
    for cell in header:
        counts[cell] = counts.get(cell, 0) + 1
        shown.append(cell if counts[cell] == 1 else f"{cell} ({counts[cell]})")
    return shown
