"""Which requests and outages came in after a close: rows of files that the close had not read.

A file is known by its SHA-256, so that a renamed one is no new one. Where a file that the close had read is not among the inputs any more,
nobody can say which rows were in it, and nothing is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.calendar import local_days

# The day by which a table's rows fall into a period, by the column that a measure declares.
_DAYS = {
    "requests": ("due_on", "received_on", "completed_at", "submitted_at"),
    "outages": ("began_at",),
}
_KINDS = {"requests": "requests", "outages": "outages"}  # table -> kind of its files in INPUTS
_NOUNS = {"requests": "request", "outages": "outage"}


@dataclass(frozen=True, slots=True)
class CameIn:
    """What came in, up to now: REQUESTS, OUTAGE_ROWS, PLACES with what became of each row, INPUTS, and the office's time zone."""

    requests: pd.DataFrame
    outages: pd.DataFrame
    places: pd.DataFrame
    inputs: pd.DataFrame
    zone: ZoneInfo

    def since(self, known: pd.DataFrame) -> Later:
        """What came in since a close that had read the files `known` (CLOSED_FILES)."""
        shas = self.places["file"].map(dict(zip(self.inputs["file"], self.inputs["sha256"], strict=True)))
        read = self.places[shas.isin(known["sha256"])]
        asked = read.loc[read["became"].isin(("request", "event")), "known_as"]
        rows = {
            "requests": self.requests[~self.requests["request_id"].isin(asked)],
            "outages": self.outages[~self.outages["source"].isin(read["stands_for"])],
        }
        return Later({name: self._local(table) for name, table in rows.items() if self._all_there(known, _KINDS[name])})

    def _all_there(self, known: pd.DataFrame, kind: str) -> bool:
        return bool(len(known) and known.loc[known["kind"] == kind, "sha256"].isin(self.inputs["sha256"]).all())

    def _local(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` with its instants as local days."""
        instants = [str(name) for name in table if isinstance(table[name].dtype, pd.DatetimeTZDtype)]
        return table.assign(**{name: local_days(table[name], self.zone) for name in instants})


@dataclass(frozen=True, slots=True)
class Later:
    """The rows that came in after a close, by table, their instants as local days (datetime64); a table of which that is not known is
    missing."""

    rows: Mapping[str, pd.DataFrame]

    def counted(self, columns: Sequence[str], first: dt.date, last: dt.date, dimension: str, member: str) -> str:
        """How many of the rows that a measure of these `columns` (`requests.due_on`) counts fall into the days from `first` to `last`, for
        one member, in words: `8 requests`; '' where none is known to."""
        said = []
        for name, table in self.rows.items():
            declared = [column.partition(".")[2] for column in columns if column.startswith(f"{name}.")]
            if not declared:
                continue
            days = [column for column in _DAYS[name] if column in declared] or list(_DAYS[name])
            inside = pd.concat([table[day].between(pd.Timestamp(first), pd.Timestamp(last)) for day in days], axis=1).any(axis=1)
            number = int((inside & (table[dimension] == member if dimension in table else True)).sum())
            if number:
                said.append(f"{number:,} {_NOUNS[name]}{'' if number == 1 else 's'}")
        return " and ".join(said)
