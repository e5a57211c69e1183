"""The published tables as files: Parquet with the raw values, CSV that a spreadsheet can open without running anything.

Both are the same bytes for the same books. CSV is UTF-8 without a byte order mark (programs read these files; people get workbooks),
with `\\n` line ends: days `2026-11-02`, instants `2026-11-02T14:00:00Z`, missing cells empty, flags `true` and `false`, money in whole
cents. A text whose first character could start a formula gets `'` in front (OWASP ASVS 1.2.10, CWE-1236); numbers never do. Text
in the Parquet files is never touched.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import addresses
from pipeline.contracts import SOURCE_FILES, SOURCE_ROWS, Books, Column, Table
from pipeline.contracts.books import PUBLISHED

# What Excel, LibreOffice or Google Sheets may take as the start of a formula, or strip to find one.
FORMULA_STARTS = frozenset("=+-@\t\r\n\0")

# So many rows are read to get at one: few for `explain`, enough to pack well.
_ROW_GROUP = 8_192

_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "day": pa.timestamp("us"),
    "instant": pa.timestamp("us", tz="UTC"),
    "whole": pa.int64(),
    "count": pa.int64(),
    "cents": pa.int64(),
    "cents?": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
}


def write(books: Books, folder: Path) -> None:
    """Write each table of `books.published()` as `<name>.parquet` and `<name>.csv` into `folder`, which is made where missing.

    100,000 rows of the widest table take about two seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frames = books.published()
    for table in PUBLISHED:
        write_parquet(table, frames[table.name], folder / f"{table.name}.parquet")
        _write_csv(table, frames[table.name], folder / f"{table.name}.csv")


def write_source_rows(books: Books, run: Path) -> None:
    """Write what `explain` shows rows by into the run folder: internal, and no table of the books, so Parquet alone."""
    for table, frame, path in (
        (SOURCE_FILES, books.source_files, addresses.SOURCE_FILES),
        (SOURCE_ROWS, books.source_rows, addresses.SOURCE_ROWS),
    ):
        (run / path).parent.mkdir(parents=True, exist_ok=True)
        write_parquet(table, frame, run / path)


def formula_safe(text: str) -> str:
    """`text` as a CSV cell that no spreadsheet takes for a formula: `'` in front where its first character could start one."""
    return f"'{text}" if text[:1] in FORMULA_STARTS else text


def csv_rows(stream: TextIO) -> Any:
    """A writer of the csv module into `stream`, opened with `newline=""`, that quotes what must be and ends each row in one line feed."""
    return csv.writer(_LineFeeds(stream.write), lineterminator="\r\n")


def write_parquet(table: Table, frame: pd.DataFrame, path: Path) -> None:
    """Write `frame`, checked by `table`, as Parquet, in row groups small enough to read a few rows quickly."""
    # The schema comes from the contract alone: pandas would add its own version to the file.
    schema = pa.schema([pa.field(column.name, _ARROW[column.kind]) for column in table.columns])
    columns = [pa.Array.from_pandas(frame[field.name], type=field.type) for field in schema]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), path, compression="zstd", version="2.6", row_group_size=_ROW_GROUP)


def csv_text(table: Table, frame: pd.DataFrame) -> str:
    """Rows of `frame`, checked by `table`, as the text of a CSV file."""
    stream = io.StringIO(newline="")
    _write_rows(table, frame, stream)
    return stream.getvalue()


def _write_csv(table: Table, frame: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        _write_rows(table, frame, stream)


def _write_rows(table: Table, frame: pd.DataFrame, stream: TextIO) -> None:
    cells = [_cells(column, frame[column.name]) for column in table.columns]
    rows = csv_rows(stream)
    rows.writerow(table.names)
    rows.writerows(zip(*cells, strict=True))


class _LineFeeds:
    """Ends each row in one line feed. The csv module quotes a lone carriage return only when rows end in one."""

    def __init__(self, write: Callable[[str], int]) -> None:
        self._write = write

    def write(self, row: str) -> int:
        return self._write(f"{row[:-2]}\n")


def _cells(column: Column, values: pd.Series[Any]) -> list[str]:
    """The column as CSV text, by its kind."""
    if column.kind == "text":
        return [formula_safe(text) for text in values.tolist()]
    if column.kind == "flag":
        return ["true" if flag else "false" for flag in values.tolist()]
    if column.kind == "day":
        return _stamps(values.to_numpy(dtype="datetime64[D]"), "")
    if column.kind == "instant":
        return _stamps(values.dt.tz_localize(None).to_numpy(dtype="datetime64[s]"), "Z")
    if column.kind == "number":
        # repr is the shortest text that reads back as the same number; adding zero turns -0.0 into 0.0.
        return ["" if number != number else repr(number + 0.0) for number in values.tolist()]
    return ["" if whole is pd.NA else str(whole) for whole in values.tolist()]


def _stamps(moments: np.ndarray[Any, np.dtype[np.datetime64]], suffix: str) -> list[str]:
    return ["" if text == "NaT" else f"{text}{suffix}" for text in np.datetime_as_string(moments).tolist()]
