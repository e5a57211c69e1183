"""Looking back at a published run, for people; nothing that affects an output is ever read from here.

pyarrow alone reads the tables here: pandas takes longer to import than `explain` takes to answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import ArrowException

from pipeline import addresses
from pipeline.arrow_columns import equal, positions, records, wholes

# Tables that do not lie with those of the books.
_NO_BOOKS = {"source_files": addresses.SOURCE_FILES, "source_rows": addresses.SOURCE_ROWS}


class NothingPublishedError(Exception):
    """There is no published run to look at."""


@dataclass(frozen=True, slots=True)
class Example:
    """An invoice worth opening first: its workbook and the page that traces it, as paths below the run's folder."""

    workbook: str
    trace: str


@dataclass(frozen=True, slots=True)
class Opened:
    """How the run opened a file of rows; `encoding` is empty where its rows were kept, see `PublishedRun.kept`."""

    sheet: str
    encoding: str
    delimiter: str
    labels: tuple[str, ...]


class PublishedRun:
    """The tables of a run folder, read column by column and row by row. Each method raises `NothingPublishedError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Any] = {}

    def column(self, table: str, name: str) -> Any:
        """One column of a table (pyarrow.ChunkedArray)."""
        with self._readable():
            return self._file(table).read(columns=[name]).column(name)

    def rows(self, table: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The rows at the positions `numbers`, counted from 0, in that order; only the row groups that hold them are read."""
        if not numbers:
            return []
        with self._readable():
            return _rows_at(self._file(table), numbers)

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of each input file (path below data/) as the run read it."""
        columns = (self.column("inputs", name).to_pylist() for name in ("file", "sha256"))
        return dict(zip(*columns, strict=True))

    @cached_property
    def opened(self) -> Mapping[str, Opened]:
        """How each file of rows was opened, by path below data/."""
        with self._readable():
            rows = self._file("source_files").read().to_pylist()
        return {row["file"]: Opened(row["sheet"], row["encoding"], row["delimiter"], tuple(json.loads(row["labels"]))) for row in rows}

    def rows_read(self, file: str) -> set[int]:
        """The numbers of the rows that the run read in a file: accepted, or with a finding."""
        found: set[int] = set()
        for table in ("places", "findings"):
            of_file = self.column(table, "row").filter(equal(self.column(table, "file"), file))
            found.update(of_file.to_pylist())
        return found - {0}

    def kept(self, file: str, rows: Collection[int]) -> dict[int, list[str]]:
        """The cells, as the run read them, of those of `rows` of `file` that were kept, by row number."""
        of_file = positions(equal(self.column("source_rows", "file"), file))
        numbers = self.column("source_rows", "row").take(wholes(of_file)).to_pylist()
        wanted = [position for position, row in zip(of_file, numbers, strict=True) if row in rows]
        return {row["row"]: json.loads(row["cells"]) for row in self.rows("source_rows", wanted)}

    def kept_with(self, text: str) -> list[tuple[str, int]]:
        """(file, row) of each kept row whose cells, one or several, hold `text` in any case."""
        found = pc.match_substring(self.column("source_rows", "cells"), json.dumps(text)[1:-1], ignore_case=True)
        return [(row["file"], row["row"]) for row in self.rows("source_rows", positions(found))]

    def _file(self, table: str) -> Any:
        if table not in self._files:
            self._files[table] = pq.ParquetFile(self._folder / _NO_BOOKS.get(table, f"tables/{table}.parquet"))
        return self._files[table]

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ArrowException, ValueError, KeyError) as error:
            if not self._folder.exists():
                raise NothingPublishedError("Nothing is published yet: run `certledger run` first.") from None
            raise NothingPublishedError(
                f"The published run is damaged ({error}). `certledger verify` names what, `run` mends it."
            ) from None


def latest(workspace: Path) -> PublishedRun:
    """The run that `reports/latest` shows."""
    return PublishedRun(workspace / addresses.LATEST)


def example(run: Path) -> Example | None:
    """The largest invoice of the newest month; None when nothing was billed."""
    names = ("period", "amount_cents", "agency", "workbook")
    invoices = list(zip(*(PublishedRun(run).column("invoices", name).to_pylist() for name in names), strict=True))
    if not invoices:
        return None
    period, _, agency, workbook = max(invoices)
    return Example(workbook, f"site/{addresses.trace_page(agency)}#{period}")


def _rows_at(file: Any, wanted: Sequence[int]) -> list[dict[str, Any]]:
    sizes = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    found: dict[int, dict[str, Any]] = {}
    begin = 0
    for number, size in enumerate(sizes):
        here = [position for position in dict.fromkeys(wanted) if begin <= position < begin + size]
        if here:
            rows = records(file.read_row_group(number).take(wholes([position - begin for position in here])))
            found.update(zip(here, rows, strict=True))
        begin += size
    return [found[position] for position in wanted]
