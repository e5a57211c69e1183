"""Which requests and outages came in after a close: rows of files that the close had not read.

A file is known by its SHA-256, so that a renamed one is no new one. Where a file that the close had read is not among the inputs any more,
nobody can say which rows were in it, and nothing is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.among import among
from pipeline.calendar import local_days

Numbers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

# The day by which a table's rows fall into a period, by the column that a measure declares.
_DAYS = {
    "requests": ("due_on", "received_on", "completed_at", "submitted_at"),
    "outages": ("began_at",),
}
_KINDS = {"requests": "requests", "outages": "outages"}  # table -> kind of its files in INPUTS
_NOUNS = {"requests": "request", "outages": "outage"}


@dataclass(frozen=True)
class CameIn:
    """What came in, up to now: REQUESTS, OUTAGE_ROWS, PLACES with what became of each row, INPUTS, and the office's time zone."""

    requests: pd.DataFrame
    outages: pd.DataFrame
    places: pd.DataFrame
    inputs: pd.DataFrame
    zone: ZoneInfo

    def since(self, known: pd.DataFrame) -> Later:
        """What came in since a close that had read the files `known` (CLOSED_FILES)."""
        new = {"requests": self._new_requests, "outages": self._new_outages}
        return Later({name: self._local(rows(known)) for name, rows in new.items() if self._all_there(known, _KINDS[name])})

    def _new_requests(self, known: pd.DataFrame) -> pd.DataFrame:
        files, of_file, request = self._asked
        read = np.isin(of_file, np.flatnonzero(np.isin(files, self._files(known))))
        new = np.ones(len(self.requests), dtype=bool)
        new[request[read]] = False
        return self.requests[new]

    def _new_outages(self, known: pd.DataFrame) -> pd.DataFrame:
        read = self.places.loc[among(self.places["file"], self._files(known)), "stands_for"]
        return self.outages[~self.outages["source"].isin(read)]

    @cached_property
    def _asked(self) -> tuple[Texts, Numbers, Numbers]:
        """The files of the rows that tell of a request; of each such row its file and its request, as places in these and in `requests`."""
        rows = self.places[self.places["became"].isin(("request", "event"))]
        of_file, files = pd.factorize(rows["file"])
        request = pd.Index(self.requests["request_id"].to_numpy(dtype=object)).get_indexer(rows["known_as"].to_numpy(dtype=object))
        told = request >= 0
        return np.asarray(files, dtype=object), of_file[told].astype(np.int64), request[told].astype(np.int64)

    def _files(self, known: pd.DataFrame) -> list[str]:
        return self.inputs.loc[among(self.inputs["sha256"], known["sha256"]), "file"].tolist()

    def _all_there(self, known: pd.DataFrame, kind: str) -> bool:
        return bool(len(known) and among(known.loc[known["kind"] == kind, "sha256"], self.inputs["sha256"]).all())

    def _local(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` with its instants as local days."""
        instants = [str(name) for name in table if isinstance(table[name].dtype, pd.DatetimeTZDtype)]
        return table.assign(**{name: local_days(table[name], self.zone) for name in instants})


@dataclass(frozen=True, slots=True)
class Later:
    """The rows that came in after a close, by table, their instants as local days (datetime64); a table of which that is not known is
    missing."""

    rows: Mapping[str, pd.DataFrame]
    _numbers: dict[tuple[Any, ...], dict[str, int]] = field(default_factory=dict, repr=False, compare=False)

    def counted(self, columns: Sequence[str], first: dt.date, last: dt.date, dimension: str, member: str) -> str:
        """How many of the rows that a measure of these `columns` (`requests.due_on`) counts fall into the days from `first` to `last`, for
        one member, in words: `8 requests`; '' where none is known to."""
        said = []
        for name, table in self.rows.items():
            declared = [column.partition(".")[2] for column in columns if column.startswith(f"{name}.")]
            if not declared:
                continue
            days = tuple(column for column in _DAYS[name] if column in declared) or _DAYS[name]
            numbers = self._of_members(name, days, (first, last), dimension)
            number = numbers.get(member, 0) if dimension in table else sum(numbers.values())
            if number:
                said.append(f"{number:,} {_NOUNS[name]}{'' if number == 1 else 's'}")
        return " and ".join(said)

    def _of_members(self, name: str, days: tuple[str, ...], span: tuple[dt.date, dt.date], dimension: str) -> dict[str, int]:
        """How many rows of a table have one of the `days` in the span, by member, all under "" where the table knows none; hundreds of
        figures ask for the same."""
        asked = (name, days, span, dimension)
        if asked not in self._numbers:
            table, (first, last) = self.rows[name], span
            inside = pd.concat([table[day].between(pd.Timestamp(first), pd.Timestamp(last)) for day in days], axis=1).any(axis=1)
            members = table.loc[inside, dimension] if dimension in table else pd.Series("", index=range(int(inside.sum())), dtype="str")
            self._numbers[asked] = {str(member): int(number) for member, number in members.value_counts().items()}
        return self._numbers[asked]
