"""Looking for values in the columns of a published table (pyarrow), without pandas.

pyarrow imports pandas as soon as it is handed a list, a number or a text to turn into its own, or hands out an instant with a zone; that
takes longer than `explain` may take to answer. So values go in byte by byte here, and instants come out as days and get their zone here.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def texts(values: Sequence[str]) -> Any:
    """A column of text (pyarrow.StringArray)."""
    encoded = [value.encode("utf-8", "replace") for value in values]
    offsets = array("i", accumulate(map(len, encoded), initial=0))
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(encoded))])


def wholes(values: Sequence[int]) -> Any:
    """A column of int64 (pyarrow.Int64Array)."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(array("q", values).tobytes())])


def equal(column: Any, value: str | int) -> Any:
    """Which cells of `column` are `value` (a mask)."""
    return pc.equal(column, (texts([value]) if isinstance(value, str) else wholes([value]))[0])


def is_in(column: Any, values: Sequence[str]) -> Any:
    """Which cells of `column` are one of `values` (a mask)."""
    return pc.is_in(column, value_set=texts(values))


def positions(mask: Any) -> list[int]:
    """Where `mask` is true, counted from 0."""
    found: list[int] = pc.indices_nonzero(mask).to_pylist()
    return found


def records(table: Any) -> list[dict[str, Any]]:
    """The rows of a table (pyarrow.Table) as Python values; days as `datetime` without a zone, instants in UTC, None where missing."""
    columns = {name: _values(table.column(name)) for name in table.column_names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _values(column: Any) -> list[Any]:
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        values: list[Any] = column.to_pylist()
        return values
    plain = column.cast(pa.timestamp("us")).to_pylist()
    return [None if moment is None else moment.replace(tzinfo=dt.UTC) for moment in plain]
