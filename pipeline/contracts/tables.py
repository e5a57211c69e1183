"""The tables between the stages, each declared once: columns, kinds, key, allowed values and what they mean.

A stage ends in `TABLE.check(frame)`. A breach there is our own fault, never the input's, so it raises `ContractError` and nothing
is published. The table reference of the site is written from these declarations.

Kinds of column (`Column.kind`) and their one dtype:

=========  ====================  ===========================================================
text       str                   never missing: unknown is ``""``
day        datetime64[us]        a calendar day at midnight, no zone; NaT where unknown
instant    datetime64[us, UTC]   NaT where unknown
whole      int64                 never missing
count      Int64                 may be missing
cents      int64                 USD cents, never missing
cents?     Int64                 USD cents, may be missing
number     float64               NaN where it cannot be known
flag       bool
=========  ====================  ===========================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from pipeline.settings import RequestKind

if TYPE_CHECKING:
    import pandera.pandas as pa

Kind = Literal["text", "day", "instant", "whole", "count", "cents", "cents?", "number", "flag"]

DTYPES: dict[str, str] = {
    "text": "str",
    "day": "datetime64[us]",
    "instant": "datetime64[us, UTC]",
    "whole": "int64",
    "count": "Int64",
    "cents": "int64",
    "cents?": "Int64",
    "number": "float64",
    "flag": "bool",
}
_MADE_AS: dict[str, Any] = {kind: pd.api.types.pandas_dtype(name) for kind, name in DTYPES.items()}
_NULLABLE = {"day", "instant", "count", "cents?", "number"}


class ContractError(Exception):
    """A stage broke its promise to the next one. The run stops and nothing is published."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, kind, meaning (one sentence for the reference page) and, where few, its values."""

    name: str
    kind: Kind
    note: str
    values: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A table: its name, what one row is, its key and its columns in order."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The column names, in order."""
        return [column.name for column in self.columns]

    @cached_property
    def _header(self) -> pd.Index[str]:
        """The column names as all frames of the table share them: Python's strings, which are looked up sooner than those of Arrow."""
        return pd.Index(self.names, dtype=pd.StringDtype("python", na_value=np.nan))

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """The contract as a pandera schema, which says of a frame that breaks it what is wrong and where."""
        import pandera.pandas as pa  # noqa: PLC0415 - a run that breaks no contract need not load it

        columns = {
            column.name: pa.Column(
                DTYPES[column.kind],
                checks=[pa.Check.isin(column.values)] if column.values else [],
                nullable=column.kind in _NULLABLE and not column.required,
                description=column.note,
            )
            for column in self.columns
        }
        return pa.DataFrameSchema(columns, unique=list(self.key) or None, strict=True, ordered=True)

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `frame` with the declared columns in order and a fresh index, or raise `ContractError`.

        dtypes are compared exactly (pandera takes `object` for `str`). Values, key and missing cells are looked at here first, in a tenth
        of pandera's time; only of a frame that is not surely right pandera is asked, and its words are the error's.
        """
        if frame.columns is not self._header:
            lost = [name for name in self.names if name not in frame.columns]
            if lost:
                raise ContractError(f"{self.name}: columns {lost} are missing")
            frame = frame if list(frame.columns) == self.names else frame[self.names]
        ordered = frame.reset_index(drop=True)
        ordered.columns = self._header
        return self._checked(ordered)

    def _checked(self, ordered: pd.DataFrame) -> pd.DataFrame:
        for column, dtype in zip(self.columns, ordered.dtypes, strict=True):
            if str(dtype) != DTYPES[column.kind]:
                raise ContractError(f"{self.name}.{column.name}: {dtype} instead of {DTYPES[column.kind]}")
            if column.kind == "text" and ordered[column.name].array.isna().any():
                raise ContractError(f"{self.name}.{column.name}: text is missing; unknown text is ''")
        if not ordered.empty and not self._surely_kept_by(ordered):
            import pandera.errors  # noqa: PLC0415 - as in `schema`

            try:
                self.schema.validate(ordered)
            except pandera.errors.SchemaError as error:
                raise ContractError(f"{self.name}: {error}") from error
        return ordered

    def _surely_kept_by(self, frame: pd.DataFrame) -> bool:
        """Whether every value is a declared one, no required cell is missing and each key stands once."""
        return (
            all(set(frame[column.name].unique()) <= set(column.values) for column in self.columns if column.values)
            and all(frame[column.name].notna().all() for column in self.columns if column.required)
            and self._has_each_key_once(frame)
        )

    def _has_each_key_once(self, frame: pd.DataFrame) -> bool:
        if len(self.key) == 1:
            return frame[self.key[0]].is_unique
        return not self.key or _is_in_order(frame, self.key) or not frame.duplicated(list(self.key)).any()

    def empty(self) -> pd.DataFrame:
        """The table with no rows and the right dtypes."""
        return self._without_rows.copy(deep=False)

    @cached_property
    def _without_rows(self) -> pd.DataFrame:
        return self.frame(())

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        """A checked table from mappings; absent cells become '' / NaT / NA / NaN by their kind. For small tables."""
        records = list(rows)
        data = {column.name: _cells(column, [record.get(column.name) for record in records]) for column in self.columns}
        made = pd.DataFrame(data, copy=False)
        made.columns = self._header
        return self._checked(made)


def _is_in_order(frame: pd.DataFrame, key: tuple[str, ...]) -> bool:
    """Whether each row's key is greater than that of the row before: then none stands twice, which is seen without looking any up."""
    greater, equal = np.zeros(len(frame) - 1, dtype=bool), np.ones(len(frame) - 1, dtype=bool)
    for name in key:
        before, behind = frame[name].array[:-1], frame[name].array[1:]
        greater |= equal & np.asarray(behind > before, dtype=bool)
        equal &= np.asarray(behind == before, dtype=bool)
    return bool(greater.all())


def _cells(column: Column, values: list[Any]) -> ExtensionArray:
    if column.kind == "text":
        values = ["" if value is None else str(value) for value in values]
    elif column.kind == "flag":
        values = [bool(value) for value in values]
    cells: ExtensionArray = pd.array(values, dtype=_MADE_AS[column.kind])
    return cells


def text(name: str, note: str, values: tuple[str, ...] = ()) -> Column:
    """A text column."""
    return Column(name, "text", note, values)


SOURCE = Column("source", "whole", "Points into `places`: the row of the file that this row was read from.")
TIER_TEXT = "Tier name of the settings; empty where it is not known."
AGENCY = "Agency code of data/reference/agencies.csv; empty where nobody could be found to pay."

STATUSES = ("open", "paused", "completed", "cancelled", "rejected", "duplicate")
REQUEST_KINDS: tuple[str, ...] = get_args(RequestKind)
