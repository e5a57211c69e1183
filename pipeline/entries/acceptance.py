"""Findings that somebody accepts until a day (data/entries/accepted.csv): they stay in the list, as notes that say who, until when and why.

Only the grade changes. A quarantined row stays quarantined and counts against the limits of the settings; what is charged does not move.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline import row_names
from pipeline.contracts import Inbox
from pipeline.findings import CODES, NO_SOURCE, Finding

# While one of these stands, money is charged to nobody, or a key is in danger: that must not get out of sight.
NEVER_ACCEPTED = frozenset(
    {
        "private-key", "unknown-agency", "unknown-tier", "charge-waiting", "no-rate", "lot-exhausted", "no-longer-issued",
        "order-number-lost", "adjustment-not-posted", "entry-not-counted",
    }
)  # fmt: skip
_OVER = "stale-acceptance"
# Found by `close` alone: that a run does not find it says nothing.
_FOUND_AT_A_CLOSE = frozenset({"source-ends-before-close"})

_Place = tuple[str, str, int]


class Entry(NamedTuple):
    """A line of accepted.csv, `source` being its own place."""

    code: str
    file: str
    key: str
    until: dt.date
    by: str
    reason: str
    source: int

    @property
    def sentence(self) -> str:
        """What is shown beside the finding."""
        return f"Accepted until {self.until} by {self.by}: {self.reason}"


def refusal(code: str) -> str:
    """Why findings of `code` cannot be accepted; "" where they can."""
    if code not in CODES:
        return "No finding has this code; the reference page about findings lists them."
    if code in NEVER_ACCEPTED:
        return "Findings of this code are never accepted: money or a key would get out of sight."
    if CODES[code].action == "stopped" or code == _OVER:
        return "Findings of this code cannot be accepted: the input must be mended."
    return ""


def accept(findings: Sequence[Finding], inbox: Inbox, as_of: dt.date) -> tuple[Finding, ...]:
    """`findings`, those that a line of `inbox.accepted` fits on `as_of` as accepted notes, and `stale-acceptance` for lines that are
    past their last day or fit nothing.

    A line fits a finding of its code; with `file` (a pattern such as `inbox/exports/2026-*.csv`) only of that file, with `key` only
    where that stood or where the row has that order, request, serial, fingerprint or lot. Of several lines that fit the one that
    holds longest is shown.
    """
    entries = sorted(_entries(inbox.accepted), key=lambda entry: (entry.until, entry), reverse=True)
    if not entries:
        return tuple(findings)
    in_force = [entry for entry in entries if entry.until >= as_of]
    rows = _Rows(inbox, [finding for finding in findings if any(entry.code == finding.code for entry in in_force)])
    used: set[Entry] = set()
    judged = []
    for finding in findings:
        fitting = [entry for entry in in_force if entry.code == finding.code and rows.fit(entry, finding)]
        used.update(fitting)
        judged.append(replace(finding, severity="note", accepted=fitting[0].sentence) if fitting else finding)
    silent = (entry for entry in entries if entry not in used and not (entry.code in _FOUND_AT_A_CLOSE and entry.until >= as_of))
    return (*judged, *(_stale(entry, as_of) for entry in silent))


def accepted_by(finding: Finding, accepted: pd.DataFrame, as_of: dt.date) -> Entry | None:
    """The line of `accepted` (ACCEPTED) that on `as_of` accepts a finding about a whole file, the one that holds longest; None without."""
    fitting = [
        entry
        for entry in _entries(accepted)
        if entry.code == finding.code and entry.until >= as_of and _is_of_file(entry, finding.file) and _is_of_value(entry, finding)
    ]
    return max(fitting, key=lambda entry: (entry.until, entry), default=None)


def not_accepted(at_stake: pd.DataFrame, findings: Iterable[Finding]) -> pd.DataFrame:
    """AT_STAKE without the sums whose findings somebody accepts."""
    accepted = {(finding.code, finding.source) for finding in findings if finding.accepted}
    stands = np.array([place not in accepted for place in zip(at_stake["code"], at_stake["source"], strict=True)], dtype=bool)
    return at_stake[stands].reset_index(drop=True)


def _entries(accepted: pd.DataFrame) -> Iterator[Entry]:
    days = accepted["until"].to_numpy().astype("datetime64[D]").tolist()
    columns = (accepted[name] for name in ("code", "file", "key"))
    yield from (Entry(*row) for row in zip(*columns, days, accepted["by"], accepted["reason"], map(int, accepted["source"]), strict=True))


def _stale(entry: Entry, as_of: dt.date) -> Finding:
    if entry.until < as_of:
        reason = f"This was accepted until {entry.until}, which is over; findings of {entry.code} that it was about count again."
    else:
        reason = f"No finding of {entry.code} fits this line any more; it accepts nothing."
    return Finding(_OVER, reason, value=entry.key or entry.code, column="key" if entry.key else "code", source=entry.source)


def _is_of_file(entry: Entry, file: str) -> bool:
    return not entry.file or fnmatch.fnmatchcase(file, entry.file.removeprefix("data/"))


def _is_of_value(entry: Entry, finding: Finding) -> bool:
    return not entry.key or entry.key.strip().casefold() == finding.value.strip().casefold()


class _Rows:
    """Where the findings stand and what their rows are called."""

    def __init__(self, inbox: Inbox, findings: Iterable[Finding]) -> None:
        self._of_source: dict[int, _Place] = {}
        self._of_place: dict[_Place, int] = {}
        self._names: dict[int, set[tuple[str, str]]] = {}
        concerned = list(findings)
        if concerned:
            self._look_up(inbox, concerned)

    def fit(self, entry: Entry, finding: Finding) -> bool:
        """Whether the line is about the finding, whose code is the line's."""
        file, sheet, row = self._of_source.get(finding.source, (finding.file, finding.sheet, finding.row))
        if not _is_of_file(entry, file):
            return False
        if _is_of_value(entry, finding):
            return True
        source = self._of_place.get((file, sheet, row), NO_SOURCE)
        return any(row_names.comparable(entry.key, kind) == name for kind, name in self._names.get(source, ()))

    def _look_up(self, inbox: Inbox, findings: Sequence[Finding]) -> None:
        sources = {finding.source for finding in findings} - {NO_SOURCE}
        files = {finding.file for finding in findings} - {""}
        places = inbox.places
        near = places[places["source"].isin(list(sources)) | places["file"].isin(list(files))]
        for source, file, sheet, row in near[["source", "file", "sheet", "row"]].itertuples(index=False, name=None):
            self._of_source[source] = (file, sheet, row)
            self._of_place[file, sheet, row] = source
        names = row_names.named(inbox)
        for kind, name, source in names[np.isin(names["source"], near["source"])].itertuples(index=False, name=None):
            self._names.setdefault(source, set()).add((kind, name))
