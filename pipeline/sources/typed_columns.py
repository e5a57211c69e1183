"""Columns of text to typed columns. Each distinct text is read once; a cell that cannot be read quarantines its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.finding_codes import Action
from pipeline.findings import Finding
from pipeline.sources import cells, dates
from pipeline.sources.cells import Fault
from pipeline.sources.dates import DateStyle
from pipeline.sources.iso_dates import Moments
from pipeline.sources.text_column import Flags, TextColumn, lengths
from pipeline.sources.text_rows import TextRows

Value = TypeVar("Value")
Bare = Literal["first-second", "last-second", "local"]

_END_OF_TIME = np.datetime64("9999-12-31T23:59:59", "us")
_LAST_SECOND = np.timedelta64(86_399, "s")
_TWO_DAYS = np.timedelta64(2, "D")
_ONE_HOUR = pd.Timedelta(hours=1)
_LAST_OF_1969, _SECOND_OF_1970 = dt.datetime(1969, 12, 31), dt.datetime(1970, 1, 2)  # noqa: DTZ001 - as written, without a zone


class TypedColumns:
    """The typed columns of one sheet; all of one length, that of `rows`, until `keep` drops the rows that had a fault."""

    def __init__(self, rows: TextRows, zone: ZoneInfo, date_columns: tuple[str, ...], calendar_days: Collection[str] = ()) -> None:
        """`zone` holds for times without one; the style of dates is chosen here, over all cells of `date_columns`, except for the
        texts of `calendar_days`, which a workbook held as dates."""
        self._rows = rows
        self._zone = zone
        if rows.layout.epoch_is_missing:
            _blank_the_epoch(rows, date_columns)
        self._style = _style_of(rows, date_columns)
        self._calendar_days = calendar_days
        self._by_column: dict[str, Moments] = {}
        self._faulty = np.zeros(len(rows.rows), dtype=bool)

    def __len__(self) -> int:
        return len(self._rows.rows)

    def has(self, name: str) -> bool:
        """Whether the sheet has the column at all."""
        return name in self._rows.columns

    def column(self, name: str) -> TextColumn:
        """The clean texts of a column; "" throughout where the sheet has no such column."""
        return self._rows.columns.get(name) or TextColumn.of_nothing(len(self))

    def written(self, name: str) -> list[str]:
        """The clean text of each row in a column."""
        return self.column(name).each()

    def disregard(self, name: str, where: Flags) -> None:
        """Take the cells of a column for empty in the rows of `where`."""
        if self.has(name) and where.any():
            self._rows.columns[name] = self.column(name).emptied(where)

    def text(self, name: str) -> pd.Series[Any]:
        """The column as text."""
        return self.column(name).series()

    def each(self, name: str, read: Callable[[str], Value | Fault], default: Value, dtype: str) -> pd.Series[Any]:
        """`read` of each cell that is not empty; `default` of an empty one and of one that cannot be read: its row is quarantined."""
        column = self.column(name)
        values: list[Value] = []
        faults: dict[int, Fault] = {}
        for place, text in enumerate(column.words()):
            value = read(text) if text else default
            if isinstance(value, Fault):
                faults[place] = value
                value = default
            values.append(value)
        self._set_aside_faults(name, faults)
        return pd.Series(pd.array(values, dtype=dtype).take(column.codes))  # type: ignore[call-overload]

    def words(self, name: str, words: Mapping[str, str], *, empty: str = "") -> pd.Series[Any]:
        """Our word for each cell's word, `empty` for an empty cell; words that are not known quarantine their rows."""
        normal = {cells.word(word): ours for word, ours in words.items()}

        def read(text: str) -> str | Fault:
            known = normal.get(cells.word(text))
            return Fault("bad-value", f"The words known here are {', '.join(dict.fromkeys(words))}.") if known is None else known

        return self.each(name, read, empty, "str")

    def count(self, name: str) -> pd.Series[Any]:
        """Counts, Int64; an empty cell is unknown."""
        return self.each(name, cells.whole, None, "Int64")

    def days(self, name: str) -> pd.Series[Any]:
        """The date part of each cell as written, datetime64[us], never shifted by a zone; NaT of an empty cell."""
        days = self._read_moments(name).when.astype("datetime64[D]").astype("datetime64[us]")
        return pd.Series(days[self.column(name).codes])

    def instants(self, name: str, bare: Bare) -> tuple[pd.Series[Any], Flags]:
        """UTC instants, datetime64[us, UTC], and which cells hold a bare date.

        `bare` says what a date without a time stands for: its first second (00:00:00Z), its last second (23:59:59Z), or local
        midnight, so that its local day stays the day that was written. A time without a zone is local.
        """
        moments, column = self._read_moments(name), self.column(name)
        bares = ~np.isnat(moments.when) & ~moments.has_time
        # The last days that can be written ("no expiry") are left in UTC: shifted, they would have no year.
        local = (moments.when < _END_OF_TIME - _TWO_DAYS) & np.isnat(moments.offset)
        if bare != "local":
            local &= ~bares
        utc = moments.when.copy()
        if bare == "last-second":
            utc[bares] += _LAST_SECOND
        with_zone = ~np.isnat(moments.offset)
        utc[with_zone] -= moments.offset[with_zone]
        utc[local] = self._localised(name, moments.when, np.flatnonzero(local))
        return pd.Series(pd.DatetimeIndex(np.minimum(utc, _END_OF_TIME)[column.codes]).tz_localize("UTC")), column.where(bares)

    def set_aside(self, where: Flags, code: str, reason: str, name: str = "") -> None:
        """Quarantine the rows of `where`, each with a finding."""
        self._tell(np.flatnonzero(where), code, reason, name)
        self._faulty |= where

    def note(self, code: str, reason: str, name: str, value: str = "") -> None:
        """A finding about a column as a whole; its rows stay."""
        rows = self._rows
        column = rows.labels.get(name, name)
        rows.findings.append(Finding(code, reason, value=value, column=column, file=rows.file, sheet=rows.sheet))

    def require(self, names: tuple[str, ...], where: Flags | None = None) -> None:
        """Quarantine the rows (of `where`) in which one of these columns is empty."""
        concerned = np.ones(len(self), dtype=bool) if where is None else where
        for name in names:
            self.set_aside(concerned & ~self.column(name).filled(), "missing-value", "The cell may not be empty.", name)

    def not_before(self, begin: pd.Series[Any], end: pd.Series[Any], name: str) -> None:
        """Quarantine the rows whose `end`, written in column `name`, lies before their `begin`; unknown ones stay."""
        wrong = (end < begin).to_numpy(dtype=bool)
        self.set_aside(wrong, "ends-before-it-begins", "This lies before the beginning of the same row.", name)

    def remark(self, where: Flags, code: str, reason: str, name: str, action: Action) -> None:
        """A finding about each row of `where`; the rows stay."""
        self._tell(np.flatnonzero(where & ~self._faulty), code, reason, name, action)

    def keep(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
        """The rows of `frame` that had no fault, and their physical row numbers."""
        rows = self._rows.rows
        if not self._faulty.any():
            return frame, rows
        accepted = ~self._faulty
        return frame[accepted].reset_index(drop=True), rows[accepted]

    def set_aside_rows(self) -> list[list[str]]:
        """The texts of the rows that had a fault."""
        rows = np.flatnonzero(self._faulty)
        return [list(texts) for texts in zip(*(column.at(rows) for column in self._rows.columns.values()), strict=True)]

    def _tell(self, positions: npt.NDArray[np.intp], code: str, reason: str, name: str, action: Action = "quarantined") -> None:
        """One finding for each row of `positions`."""
        rows = self._rows
        label = rows.labels.get(name, name)
        values = rows.columns[name].at(positions) if self.has(name) else [""] * len(positions)
        for row, value in zip(rows.rows[positions].tolist(), values, strict=True):
            rows.findings.append(Finding(code, reason, value=value, column=label, file=rows.file, sheet=rows.sheet, row=row, action=action))

    def _set_aside_faults(self, name: str, faults: Mapping[int, Fault]) -> None:
        """Quarantine the rows whose text has a fault, told by the text's place among the distinct texts of the column."""
        if not faults:
            return
        codes = self.column(name).codes
        positions = np.flatnonzero(np.isin(codes, list(faults)))
        for position in positions.tolist():
            fault = faults[int(codes[position])]
            self._tell(np.array([position]), fault.code, fault.reason, name)
        self._faulty[positions] = True

    def _read_moments(self, name: str) -> Moments:
        """The moments of the distinct texts of a column; kept, so that a date which cannot be read is told of once."""
        if name not in self._by_column:
            texts = self.column(name).distinct
            moments = dates.read(self._style, texts, self._calendar_days)
            unread = np.flatnonzero(np.isnat(moments.when) & (lengths(texts) > 0))
            words = texts.take(pa.array(unread)).to_pylist()
            faults = [cells.unreadable_date(text, self._style.name) for text in words]
            self._set_aside_faults(name, dict(zip(unread.tolist(), faults, strict=True)))
            self._by_column[name] = moments
        return self._by_column[name]

    def _localised(self, name: str, when: npt.NDArray[np.datetime64], places: npt.NDArray[np.intp]) -> npt.NDArray[np.datetime64]:
        """UTC of the local times at `places`, those of the distinct texts of a column: an hour that the clocks skip is read an hour
        later, of one that comes twice the first is taken."""
        local = pd.DatetimeIndex(when[places])
        first = np.ones(len(local), dtype=bool)
        found = local.tz_localize(self._zone, ambiguous=first, nonexistent=_ONE_HOUR)
        second = local.tz_localize(self._zone, ambiguous=~first, nonexistent=_ONE_HOUR)
        skipped = places[(found.tz_localize(None) != local)]
        repeated = places[(found != second)]
        rows = self.column(name).first_rows()
        # One finding for each distinct time: logs repeat theirs in every row.
        reason = "That hour was skipped when the clocks went forward; read as one hour later."
        self._tell(rows[skipped], "skipped-hour", reason, name, "assumed")
        reason = "That hour came twice when the clocks went back; the first one was taken."
        self._tell(rows[repeated], "repeated-hour", reason, name, "assumed")
        return np.asarray(found.tz_convert("UTC").tz_localize(None).to_numpy(), dtype="datetime64[us]")


def _style_of(rows: TextRows, names: tuple[str, ...]) -> DateStyle:
    """The style of the dates of a sheet, over all its columns of dates."""
    columns = [rows.columns[name] for name in names if name in rows.columns]
    return dates.chosen(rows.layout.dates, (text for column in columns for text in column.words()))


def _blank_the_epoch(rows: TextRows, names: tuple[str, ...]) -> None:
    """Empty the date cells that show the first second of 1970, which is the last evening of 1969 west of Greenwich."""
    for name in names:
        column = rows.columns.get(name)
        if column is not None:
            rows.columns[name] = column.renamed(lambda text: "" if _is_epoch(text, rows.layout.dates) else text)


def _is_epoch(text: str, styles: Sequence[DateStyle]) -> bool:
    moments = [style.read(text) for style in styles]
    return any(moment is not None and _LAST_OF_1969 <= moment.when < _SECOND_OF_1970 for moment in moments)
