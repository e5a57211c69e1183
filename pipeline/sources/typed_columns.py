"""Columns of text to typed columns. Each distinct text is read once; a cell that cannot be read quarantines its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.findings import Action, Finding
from pipeline.sources import cells, dates
from pipeline.sources.cells import Fault
from pipeline.sources.dates import Moment
from pipeline.sources.text_rows import TextRows

Value = TypeVar("Value")
Flags = npt.NDArray[np.bool_]
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
        texts = [text for name in date_columns for text in rows.columns.get(name, ())]
        self._style = dates.chosen(rows.layout.dates, texts)
        self._moments = dates.reader(self._style, texts, calendar_days)
        self._by_column: dict[str, list[Moment | None]] = {}
        self._faulty = np.zeros(len(rows.rows), dtype=bool)

    def __len__(self) -> int:
        return len(self._rows.rows)

    def has(self, name: str) -> bool:
        """Whether the sheet has the column at all."""
        return name in self._rows.columns

    def written(self, name: str) -> list[str]:
        """The texts of a column; "" throughout where the sheet has no such column."""
        return self._rows.columns.get(name) or [""] * len(self)

    def disregard(self, name: str, where: Flags) -> None:
        """Take the cells of a column for empty in the rows of `where`."""
        if self.has(name) and where.any():
            self._rows.columns[name] = ["" if blank else text for text, blank in zip(self.written(name), where, strict=True)]

    def text(self, name: str) -> pd.Series[Any]:
        """The column as text."""
        return pd.Series(self.written(name), dtype="str")

    def each(self, name: str, read: Callable[[str], Value | Fault], default: Value) -> list[Value]:
        """`read` of each cell that is not empty; `default` of an empty one and of one that cannot be read: its row is quarantined."""
        texts = self.written(name)
        values: dict[str, Value] = {}
        faults: dict[str, Fault] = {}
        for text in dict.fromkeys(texts):
            value = read(text) if text else default
            if isinstance(value, Fault):
                faults[text] = value
                values[text] = default
            else:
                values[text] = value
        for position, text in enumerate(texts) if faults else ():
            if text in faults:
                self._find(position, faults[text].code, faults[text].reason, name, text)
                self._faulty[position] = True
        return [values[text] for text in texts]

    def words(self, name: str, words: Mapping[str, str], *, empty: str = "") -> pd.Series[Any]:
        """Our word for each cell's word, `empty` for an empty cell; words that are not known quarantine their rows."""
        normal = {cells.word(word): ours for word, ours in words.items()}

        def read(text: str) -> str | Fault:
            known = normal.get(cells.word(text))
            return Fault("bad-value", f"The words known here are {', '.join(dict.fromkeys(words))}.") if known is None else known

        return pd.Series(self.each(name, read, empty), dtype="str")

    def count(self, name: str) -> pd.Series[Any]:
        """Counts, Int64; an empty cell is unknown."""
        return pd.Series(self.each(name, cells.whole, None), dtype="Int64")

    def days(self, name: str) -> pd.Series[Any]:
        """The date part of each cell as written, datetime64[us], never shifted by a zone; NaT of an empty cell."""
        when = self._when(self._read_moments(name))
        return pd.Series(when.astype("datetime64[D]").astype("datetime64[us]"))

    def instants(self, name: str, bare: Bare) -> tuple[pd.Series[Any], Flags]:
        """UTC instants, datetime64[us, UTC], and which cells hold a bare date.

        `bare` says what a date without a time stands for: its first second (00:00:00Z), its last second (23:59:59Z), or local
        midnight, so that its local day stays the day that was written. A time without a zone is local.
        """
        moments = self._read_moments(name)
        when = self._when(moments)
        known = ~np.isnat(when)
        bares = np.array([moment is not None and not moment.has_time for moment in moments], dtype=bool)
        # The last days that can be written ("no expiry") are left in UTC: shifted, they would have no year.
        local = known & (when < _END_OF_TIME - _TWO_DAYS)
        local &= np.array([moment is not None and moment.offset is None for moment in moments], dtype=bool)
        if bare != "local":
            local &= ~bares
        utc = when.copy()
        if bare == "last-second":
            utc[bares] += _LAST_SECOND
        offsets = [moment.offset if moment is not None and moment.offset is not None else 0 for moment in moments]
        utc -= np.array(offsets, dtype="timedelta64[us]")
        utc[local] = self._localised(name, when, np.flatnonzero(local))
        return pd.Series(pd.DatetimeIndex(np.minimum(utc, _END_OF_TIME)).tz_localize("UTC")), bares

    def set_aside(self, where: Flags, code: str, reason: str, name: str = "") -> None:
        """Quarantine the rows of `where`, each with a finding."""
        texts = self.written(name)
        for position in np.flatnonzero(where):
            self._find(int(position), code, reason, name, texts[position])
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
            empty = np.array([not text for text in self.written(name)], dtype=bool)
            self.set_aside(concerned & empty, "missing-value", "The cell may not be empty.", name)

    def not_before(self, begin: pd.Series[Any], end: pd.Series[Any], name: str) -> None:
        """Quarantine the rows whose `end`, written in column `name`, lies before their `begin`; unknown ones stay."""
        wrong = (end < begin).to_numpy(dtype=bool)
        self.set_aside(wrong, "ends-before-it-begins", "This lies before the beginning of the same row.", name)

    def remark(self, where: Flags, code: str, reason: str, name: str, action: Action) -> None:
        """A finding about each row of `where`; the rows stay."""
        texts = self.written(name)
        for position in np.flatnonzero(where & ~self._faulty):
            self._find(int(position), code, reason, name, texts[position], action)

    def keep(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
        """The rows of `frame` that had no fault, and their physical row numbers."""
        accepted = ~self._faulty
        return frame[accepted].reset_index(drop=True), np.array(self._rows.rows, dtype="int64")[accepted]

    def set_aside_rows(self) -> list[list[str]]:
        """The texts of the rows that had a fault."""
        columns = self._rows.columns.values()
        return [[texts[position] for texts in columns] for position in np.flatnonzero(self._faulty)]

    def _find(self, position: int, code: str, reason: str, name: str, value: str, action: Action = "quarantined") -> None:
        rows = self._rows
        column, row = rows.labels.get(name, name), rows.rows[position]
        rows.findings.append(Finding(code, reason, value=value, column=column, file=rows.file, sheet=rows.sheet, row=row, action=action))

    def _read_moments(self, name: str) -> list[Moment | None]:
        """The moments of a column; kept, so that a date which cannot be read is told of once."""
        if name not in self._by_column:
            moments, style = self._moments, self._style
            self._by_column[name] = self.each(name, lambda text: moments[text] or cells.unreadable_date(text, style.name), None)
        return self._by_column[name]

    @staticmethod
    def _when(moments: list[Moment | None]) -> npt.NDArray[np.datetime64]:
        return np.array([None if moment is None else moment.when for moment in moments], dtype="datetime64[us]")

    def _localised(self, name: str, when: npt.NDArray[np.datetime64], positions: npt.NDArray[np.intp]) -> npt.NDArray[np.datetime64]:
        """UTC of local times: an hour that the clocks skip is read an hour later, of one that comes twice the first is taken."""
        local = pd.DatetimeIndex(when[positions])
        first = np.ones(len(local), dtype=bool)
        found = local.tz_localize(self._zone, ambiguous=first, nonexistent=_ONE_HOUR)
        second = local.tz_localize(self._zone, ambiguous=~first, nonexistent=_ONE_HOUR)
        skipped = positions[(found.tz_localize(None) != local)]
        repeated = positions[(found != second)]
        self._clock_findings(name, skipped, "skipped-hour", "That hour was skipped when the clocks went forward; read as one hour later.")
        self._clock_findings(name, repeated, "repeated-hour", "That hour came twice when the clocks went back; the first one was taken.")
        return np.asarray(found.tz_convert("UTC").tz_localize(None).to_numpy(), dtype="datetime64[us]")

    def _clock_findings(self, name: str, positions: npt.NDArray[np.intp], code: str, reason: str) -> None:
        """One finding for each distinct time: logs repeat theirs in every row."""
        texts = self.written(name)
        told: set[str] = set()
        for position in positions:
            if texts[position] not in told:
                told.add(texts[position])
                self._find(int(position), code, reason, name, texts[position], action="assumed")


def _blank_the_epoch(rows: TextRows, names: tuple[str, ...]) -> None:
    """Empty the date cells that show the first second of 1970, which is the last evening of 1969 west of Greenwich."""
    for name in names:
        shown = {text: any(_is_epoch(style.read(text)) for style in rows.layout.dates) for text in set(rows.columns.get(name, ()))}
        if any(shown.values()):
            rows.columns[name] = ["" if shown[text] else text for text in rows.columns[name]]


def _is_epoch(moment: Moment | None) -> bool:
    return moment is not None and _LAST_OF_1969 <= moment.when < _SECOND_OF_1970
