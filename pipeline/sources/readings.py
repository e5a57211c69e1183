"""What was read from one file: its typed rows with their places, its counts and its findings."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar.days import day_end
from pipeline.contracts import ContractError
from pipeline.findings import Finding
from pipeline.sources.as_written import AsWritten

_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?:-(\d\d)(?:-(\d\d))?|(\d\d)(\d\d))(?!\d)")
_NO_FRAME = pd.DataFrame()
_UTC = ZoneInfo("UTC")
_FIRST = np.datetime64("0001-01-02", "us")  # of an earlier instant the day in a zone west of Greenwich may lie in no year


def _no_rows() -> npt.NDArray[np.int64]:
    return np.empty(0, dtype="int64")


@dataclass(frozen=True, slots=True)
class Follows:
    """A file against the one before it of its source: what of `before` it tells of no more, and of how much it is the first to tell."""

    path: str
    before: int
    no_more: int
    first: int


@dataclass(slots=True)
class Reading:
    """One file as it was read. `frame` and `rows` belong together, row by row: the rows that were accepted. Certificate files have no
    `frame`: what they tell is gathered apart.

    `kind` is a kind of `INPUTS`; `role` that of a certificate export, billing or inventory; `table` the table of the inbox that the rows
    go to; `newest` the newest day of each row or, where `zone` is given, an instant of it in UTC, whose day is the one in `zone`, both as
    datetime64[us]. `in_force` leaves out the rows that repeat another one of this file; of a layout that `tells_twice` these may differ
    in names. `first_source` is the place of the first row. `set_aside` are the words of the quarantined rows, by which a row of an older
    file may be found among them. `as_written` is for showing rows again; none of a certificate file.
    """

    path: str
    kind: str
    sha256: str = ""
    size: int = 0
    layout: str = ""
    role: str = ""
    table: str = ""
    sheet: str = ""
    rows_read: int = 0
    rows: npt.NDArray[np.int64] = field(default_factory=_no_rows)
    frame: pd.DataFrame = field(default_factory=lambda: _NO_FRAME)
    newest: npt.NDArray[np.datetime64] = field(default_factory=lambda: np.empty(0, dtype="datetime64[us]"))
    in_force: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    findings: list[Finding] = field(default_factory=list)
    first_source: int = 0
    set_aside: set[str] = field(default_factory=set)
    as_written: AsWritten | None = None
    tells_twice: bool = False
    follows: Follows | None = None
    zone: ZoneInfo | None = None

    @property
    def sources(self) -> npt.NDArray[np.int64]:
        """The places of the accepted rows."""
        return np.arange(self.first_source, self.first_source + len(self.rows), dtype="int64")

    def drop(self, positions: npt.NDArray[np.bool_]) -> None:
        """Take accepted rows out again; each must have a finding that says it is quarantined."""
        keep = ~positions
        self.rows, self.in_force, self.newest = self.rows[keep], self.in_force[keep], self.newest[keep]
        self.frame = self.frame[keep].reset_index(drop=True)

    def newest_on(self, as_of: dt.date) -> pd.Timestamp | None:
        """The newest day that any accepted row speaks of, not later than `as_of`. Of instants both are days in `zone`."""
        zone = self.zone or _UTC
        known = self.newest[(self.newest >= _FIRST) & (self.newest < _end_of(as_of, zone))]
        return _day_of(known.max().item(), zone) if len(known) else None

    def taken_on(self, as_of: dt.date) -> pd.Timestamp | None:
        """The day the export was taken: from the file's name, else the newest day inside."""
        return day_in_name(self.path) or self.newest_on(as_of)

    def inputs_row(self, as_of: dt.date) -> dict[str, Any]:
        """The file's row of `INPUTS`. Raises `ContractError` unless read = accepted + quarantined, each quarantined row told of."""
        set_aside = {finding.row for finding in self.findings if finding.action == "quarantined" and finding.row}
        accepted = set(self.rows.tolist())
        if self.rows_read != len(accepted) + len(set_aside) or len(accepted) != len(self.rows) or accepted & set_aside:
            told = f"{self.rows_read} read, {len(self.rows)} accepted, {len(set_aside)} quarantined"
            raise ContractError(f"inputs: rows of {self.path} do not add up: {told}")
        newest_on = self.newest_on(as_of)
        return {
            "file": self.path,
            "kind": self.kind,
            "sha256": self.sha256,
            "bytes": self.size,
            "rows_read": self.rows_read,
            "rows_accepted": len(accepted),
            "rows_quarantined": len(set_aside),
            "layout": self.layout,
            "taken_on": day_in_name(self.path) or newest_on,
            "newest_on": newest_on,
            "role": self.role,
            **self._follows(),
        }

    def _follows(self) -> dict[str, Any]:
        told = self.follows
        if told is None:
            return {}
        return {"follows": told.path, "told_before": told.before, "told_no_more": told.no_more, "told_first": told.first}


@functools.cache
def _end_of(as_of: dt.date, zone: ZoneInfo) -> np.datetime64:
    """The end of the day in `zone` in UTC, asked of each of a hundred thousand files."""
    return day_end(as_of, zone).tz_localize(None).to_datetime64()


def _day_of(instant: dt.datetime, zone: ZoneInfo) -> pd.Timestamp:
    """The day in `zone` of an `instant`, which is told in UTC without a zone."""
    local = instant.replace(tzinfo=dt.UTC).astimezone(zone)
    return pd.Timestamp(local.year, local.month, local.day).as_unit("us")


def day_in_name(path: str) -> pd.Timestamp | None:
    """The last date in a file's name: 2026-10-31 or 20261031; 2026-10 is the end of that month; None without one."""
    found = None
    for match in _DAY_IN_NAME.finditer(path.rpartition("/")[2]):
        year, month, day = int(match[1]), int(match[2] or match[4]), int(match[3] or match[5] or 0)
        try:
            found = pd.Timestamp(year, month, day) if day else pd.Timestamp(year, month, 1) + pd.offsets.MonthEnd(0)
        except ValueError:
            continue
    return found
