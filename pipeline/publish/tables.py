"""The published tables as files: Parquet with the raw values, CSV that a spreadsheet can open without running anything.

Both are the same bytes for the same books. CSV is UTF-8 without a byte order mark (programs read these files; people get workbooks),
with `\\n` line ends: days `2026-11-02`, instants `2026-11-02T14:00:00Z`, missing cells empty, flags `true` and `false`, money in whole
cents. A text whose first character could start a formula gets `'` in front (OWASP ASVS 1.2.10, CWE-1236); numbers never do. Text
in the Parquet files is never touched.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import addresses
from pipeline.contracts import SOURCE_FILES, SOURCE_ROWS, Books, Column, Table
from pipeline.contracts.books import PUBLISHED

# What Excel, LibreOffice or Google Sheets may take as the start of a formula, or strip to find one.
FORMULA_STARTS = frozenset("=+-@\t\r\n\0")

_QUOTED = ',"\r\n'  # a cell with one of these stands in quotes
_STARTS = np.isin(np.arange(256), [ord(start) for start in FORMULA_STARTS])  # by the first byte of a text
_TEXT = pa.large_string()
_CSV_ROWS = 20_000  # as many are text at once

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
    """Write each table of `books.published()` as `<name>.parquet` and `<name>.csv` into `folder`, which is made where missing."""
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
    return b"".join(_csv(table, frame)).decode()


def _write_csv(table: Table, frame: pd.DataFrame, path: Path) -> None:
    with path.open("wb") as stream:
        stream.writelines(_csv(table, frame))


def _csv(table: Table, frame: pd.DataFrame) -> Iterator[bytes | memoryview]:
    """The bytes of a CSV file as the csv module would write them by `csv_rows`, whole columns at a time; a law holds the two together."""
    header = io.StringIO(newline="")
    csv_rows(header).writerow(table.names)
    yield header.getvalue().encode()
    for first in range(0, len(frame), _CSV_ROWS):
        rows = frame.iloc[first : first + _CSV_ROWS]
        cells = [_cells(column, rows[column.name]) for column in table.columns]
        if len(cells) == 1:  # a line without anything would be no row
            cells = [pc.if_else(pc.equal(cells[0], ""), pa.scalar('""', _TEXT), cells[0])]
        lines = pc.binary_join_element_wise(*cells, pa.scalar(",", _TEXT))
        yield _bytes(_around(lines, "", "\n"))


class _LineFeeds:
    """Ends each row in one line feed. The csv module quotes a lone carriage return only when rows end in one."""

    def __init__(self, write: Callable[[str], int]) -> None:
        self._write = write

    def write(self, row: str) -> int:
        return self._write(f"{row[:-2]}\n")


def _cells(column: Column, values: pd.Series[Any]) -> Any:
    """The column as CSV text, quoted where it must be, by its kind: an Arrow array of large strings without nulls."""
    if column.kind == "text":
        return _quoted(_as_text(values))
    if column.kind == "flag":
        return pc.if_else(pa.array(values.to_numpy(dtype=bool)), *(pa.scalar(word, _TEXT) for word in ("true", "false")))
    if column.kind == "day":
        return _stamps(values.to_numpy(dtype="datetime64[D]"), "")
    if column.kind == "instant":
        return _stamps(values.dt.tz_localize(None).to_numpy(dtype="datetime64[s]"), "Z")
    if column.kind == "number":
        # repr is the shortest text that reads back as the same number; adding zero turns -0.0 into 0.0.
        return _each_once(values.to_numpy(dtype=float), lambda distinct: [repr(number + 0.0) for number in distinct.tolist()])
    return pa.Array.from_pandas(values, type=pa.int64()).cast(_TEXT).fill_null("")


def _as_text(values: pd.Series[Any]) -> Any:
    texts = pa.Array.from_pandas(values, type=_TEXT)
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _quoted(texts: Any) -> Any:
    """Texts that no spreadsheet takes for a formula, in quotes where they hold a comma, a quote or a line end."""
    starts = _at_starts(texts)
    if starts.any():
        texts = pc.if_else(pa.array(starts), _around(texts, "'", ""), texts)
    found = bytes(_bytes(texts))
    special = [pc.match_substring(texts, one) for one in _QUOTED if one.encode() in found]  # of a letter thousands of texts in one look
    if not special:
        return texts
    return pc.if_else(reduce(pc.or_, special), _around(pc.replace_substring(texts, '"', '""'), '"', '"'), texts)


def _at_starts(texts: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of the texts a spreadsheet could take for a formula, by the first byte of each."""
    ends = _ends(texts)
    content = np.frombuffer(_bytes(texts), np.uint8)
    places = ends[:-1] - ends[0]
    firsts = content[np.minimum(places, max(len(content) - 1, 0))] if len(content) else np.zeros(len(texts), np.uint8)
    return np.asarray(_STARTS[firsts] & (ends[1:] > ends[:-1]))


def _bytes(texts: Any) -> memoryview:
    """The bytes of all the texts, which stand one behind the other."""
    ends = _ends(texts)
    return memoryview(texts.buffers()[2] or b"")[ends[0] : ends[-1]]


def _ends(texts: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Where the first text begins and each one ends."""
    if not len(texts):
        return np.zeros(1, np.int64)
    return np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]


def _around(texts: Any, before: str, behind: str) -> Any:
    return pc.binary_join_element_wise(*(pa.scalar(text, _TEXT) if isinstance(text, str) else text for text in (before, texts, behind, "")))


def _stamps(moments: np.ndarray[Any, np.dtype[np.datetime64]], suffix: str) -> Any:
    """Moments in ISO 8601; "" for NaT."""
    return _each_once(moments, lambda distinct: [f"{text}{suffix}" for text in np.datetime_as_string(distinct).tolist()])


def _each_once(values: np.ndarray[Any, Any], say: Callable[[np.ndarray[Any, Any]], list[str]]) -> Any:
    """What `say` makes of the values, each different one said once; "" for NaT and NaN."""
    numbers, distinct = pd.factorize(values)  # what is missing is -1
    return pa.array(say(distinct), _TEXT).take(pa.array(numbers, mask=numbers < 0)).fill_null("")
