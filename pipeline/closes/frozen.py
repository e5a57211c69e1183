"""The tables of a closed month as text: which there are, and their cells, written and read back without loss.

Numbers are written in digits, money in whole cents; days `2026-11-02`; instants `2026-11-02T14:00:00Z`, with the parts of a second where
there are any; flags `true` and `false`; a missing cell is empty; text as `frozen_cells` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import frozen_cells
from pipeline.closes.frozen_columns import FrozenColumns
from pipeline.contracts import (
    BILLED_ORDERS,
    CLOSE_REGISTER,
    CLOSED_FACES,
    CLOSED_LINES,
    CLOSED_LOTS,
    CLOSED_MEASURES,
    CLOSED_RATES,
    CLOSED_ROWS,
    CLOSED_WORKBOOKS,
    DTYPES,
    INPUTS,
    INVOICES,
    LEDGER,
    Column,
    Table,
)

# File -> table. In ledger.csv and lots.csv `source` is a line: of rows.csv, and of lots.csv itself.
TABLES: dict[str, Table] = {
    "ledger.csv": LEDGER,
    "invoices.csv": INVOICES,
    "lots.csv": CLOSED_LOTS,
    "lines.csv": CLOSED_LINES,
    "faces.csv": CLOSED_FACES,
    "orders.csv": BILLED_ORDERS,
    "workbooks.csv": CLOSED_WORKBOOKS,
    "measures.csv": CLOSED_MEASURES,
    "rows.csv": CLOSED_ROWS,
    "files.csv": INPUTS,
    "rates.csv": CLOSED_RATES,
    "register.csv": CLOSE_REGISTER,
}
FACTS, SUMS = "close.json", "SHA256SUMS"
FIRST_LINE = 2  # the line of the first row below the labels


def lines(rows: int) -> pd.Series[Any]:
    """The lines on which `rows` rows stand in their file."""
    return pd.Series(range(FIRST_LINE, FIRST_LINE + rows), dtype="int64")


def as_cells(table: Table, frame: pd.DataFrame) -> list[list[str]]:
    """The rows of `frame`, checked by `table`, as rows of cells in the order of its columns."""
    columns = [_written(column, frame[column.name]) for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def from_files(table: Table, files: Sequence[FrozenColumns]) -> pd.DataFrame:
    """The rows of these files of one table, one file after another, checked by `table`; a column that a file lacks, because it is younger,
    is empty there.

    Raises `ValueError` for cells that are none of the column, `ContractError` for values that the table does not allow.
    """
    if not files:
        return table.empty()
    cells = {column: pa.concat_arrays([file.column(column.name) for file in files]) for column in table.columns}
    return table.check(pd.DataFrame({column.name: _column(column, of_column) for column, of_column in cells.items()}))


def texts(cells: Any) -> pd.Series[Any]:
    """The texts of written cells (pyarrow.LargeStringArray). Raises `ValueError` for a backslash that means nothing."""
    careful = pc.or_(pc.starts_with(cells, "'"), pc.match_substring(cells, "\\"))
    if pc.any(careful).as_py():
        meant = [frozen_cells.read(cell) for cell in cells.filter(careful).to_pylist()]
        cells = pc.replace_with_mask(cells, careful, pa.array(meant, pa.large_string()))
    read: pd.Series[Any] = pa.table({"cells": cells}).to_pandas()["cells"]
    return read


def _written(column: Column, values: pd.Series[Any]) -> list[str]:
    if column.kind == "text":
        return [frozen_cells.written(text) for text in values.tolist()]
    if column.kind == "flag":
        return ["true" if flag else "false" for flag in values.tolist()]
    if column.kind == "day":
        return _stamps(values.to_numpy(dtype="datetime64[D]"))
    if column.kind == "instant":
        return _instants(values.dt.tz_localize(None).to_numpy(dtype="datetime64[us]"))
    if column.kind == "number":
        return ["" if number != number else repr(number) for number in values.tolist()]
    return ["" if whole is pd.NA else str(whole) for whole in values.tolist()]


def _instants(moments: np.ndarray[Any, np.dtype[np.datetime64]]) -> list[str]:
    return ["" if text == "NaT" else f"{text.removesuffix('.000000')}Z" for text in np.datetime_as_string(moments).tolist()]


def _stamps(days: np.ndarray[Any, np.dtype[np.datetime64]]) -> list[str]:
    return ["" if text == "NaT" else text for text in np.datetime_as_string(days).tolist()]


def _column(column: Column, cells: Any) -> pd.Series[Any]:
    """What these cells (pyarrow.LargeStringArray) of a column hold. Numbers, days and flags are often the same: each is read once."""
    if column.kind == "text":
        return texts(cells)
    encoded = cells.dictionary_encode()
    values = _read(column, encoded.dictionary.to_pylist())
    return pd.Series(values.array.take(encoded.indices.to_numpy()))


def _read(column: Column, cells: Sequence[str]) -> pd.Series[Any]:
    if column.kind == "flag":
        return pd.Series([_FLAGS[cell] for cell in _known(cells, ("true", "false", ""))], dtype="bool")
    if column.kind in ("day", "instant"):
        moments = np.array([cell.removesuffix("Z") or "NaT" for cell in cells], dtype="datetime64[us]")
        days: pd.Series[Any] = pd.Series(moments, dtype="datetime64[us]")
        return days if column.kind == "day" else days.dt.tz_localize("UTC")
    if column.kind == "number":
        return pd.Series([float(cell) if cell else np.nan for cell in cells], dtype="float64")
    numbers = [int(cell) if cell else None for cell in cells]
    if DTYPES[column.kind] == "int64":
        return pd.Series([number or 0 for number in numbers], dtype="int64")
    return pd.Series(numbers, dtype="Int64")


_FLAGS = {"true": True, "false": False, "": False}


def _known(cells: Sequence[str], words: Sequence[str]) -> Sequence[str]:
    strange = next((cell for cell in cells if cell not in words), None)
    if strange is not None:
        raise ValueError(f"'{strange}' is none of {', '.join(word for word in words if word)}")
    return cells
