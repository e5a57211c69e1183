"""Exports repeat and overlap (DESIGN §4): which row of several with one key is in force, within a file and across files.

Within a file identical rows fold with a note and different ones are both quarantined. Across files the newer file's row is in
force; a key that a newer file no longer has is a note, never an event. Of an event log only identical rows fold within a file, for
two events may well fall into one minute; across files an event that a newer log tells again is taken from there.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.certificates import same_certificate
from pipeline.findings import Finding
from pipeline.sources import gone, lots_changed, taken_back
from pipeline.sources.readings import Reading
from pipeline.sources.standing import NO_KEY, each_for_itself, stands_for

_LONG_AGO = pd.Timestamp(1, 1, 1)


def _written(moments: pd.Series[Any]) -> pd.Series[Any]:
    """Days, or instants in UTC, as text; formatted all at once, for pandas does it one by one."""
    plain = moments.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return pd.Series(np.datetime_as_string(plain, unit="s"), index=moments.index, dtype="str")


def _certificate_keys(frame: pd.DataFrame) -> pd.Series[Any]:
    """Fingerprint, else issuer and serial, else serial and end, else order and begin, else names and end; "" where a row has none."""
    fingerprint, serial, issuer = frame["fingerprint_sha256"], frame["serial"], frame["issuer"]
    keys = ("fingerprint " + fingerprint).where(fingerprint != "", "")
    free = keys == ""
    named, numbered = free & (serial != "") & (issuer != ""), free & (serial != "") & (issuer == "")
    ordered = free & (serial == "") & (frame["order_id"] != "")
    by_names = free & (serial == "") & ~ordered & (frame["subject_alternative_names"] != "") & frame["valid_to"].notna()
    for rows, first, second in (
        (named, "serial " + serial[named], " of " + issuer[named]),
        (numbered, "serial " + serial[numbered], " to " + _written(frame.loc[numbered, "valid_to"])),
        (ordered, "order " + frame.loc[ordered, "order_id"], " from " + _written(frame.loc[ordered, "valid_from_on"])),
        (by_names, "names " + frame.loc[by_names, "subject_alternative_names"], " to " + _written(frame.loc[by_names, "valid_to"])),
    ):
        if rows.any():
            keys[rows] = first + second
    return keys


def _request_keys(frame: pd.DataFrame) -> pd.Series[Any]:
    return frame["request_id"]


def _lot_keys(frame: pd.DataFrame) -> pd.Series[Any]:
    return frame["lot_id"]


def _pause_keys(frame: pd.DataFrame) -> pd.Series[Any]:
    """Request and begin: a pause that was open in an older log and is closed in a newer one is one pause."""
    return frame["request_id"] + " paused " + _written(frame["paused_at"])


def _outage_keys(frame: pd.DataFrame) -> pd.Series[Any]:
    """Service, kind and begin, for the same reason."""
    return frame["service"] + " " + frame["kind"] + " " + _written(frame["began_at"])


def _event_keys(frame: pd.DataFrame) -> pd.Series[Any]:
    """The event itself: later logs fill in when its request was resolved."""
    return frame["request_id"] + " " + frame["status"] + " " + _written(frame["at"]) + " " + frame["sequence"]


_KEYS: dict[str, Callable[[pd.DataFrame], pd.Series[Any]]] = {
    "export_rows": _certificate_keys,
    "request_rows": _request_keys,
    "lot_rows": _lot_keys,
    "pause_rows": _pause_keys,
    "outage_rows": _outage_keys,
    "request_events": _event_keys,
}
_EVENTS = "request_events"
_FOLLOWED = ("export_rows", "request_rows")
_NAMES = ("common_name", "subject_alternative_names")
_ABOUT = {"export_rows": "certificate", "request_rows": "request", "lot_rows": "lot", "pause_rows": "pause", "outage_rows": "outage"}
_SHOWN_ROWS = 5


def within_file(reading: Reading) -> None:
    """Fold identical rows of a file and quarantine different rows of one key; changes `reading`."""
    if reading.frame.empty:
        return
    keys = _KEYS[reading.table](reading.frame)
    named = (keys != "").to_numpy(dtype=bool)
    repeated = reading.frame.duplicated(keep="first").to_numpy(dtype=bool) & named
    if reading.table == _EVENTS:
        _fold(reading, repeated, keys)
        return
    if reading.tells_twice:
        _fold_entries(reading, keys)
        return
    several = keys[~repeated].duplicated(keep=False) & named[~repeated]
    conflicting = (keys.isin(set(keys[~repeated][several])) & named).to_numpy(dtype=bool)
    _fold(reading, repeated & ~conflicting, keys)
    _quarantine(reading, conflicting, keys)


def across_files(readings: Sequence[Reading], as_of: dt.date) -> tuple[pd.DataFrame, pd.Series[Any], list[Finding]]:
    """The rows in force of the files of one table, with `source`, in order of their places; for each accepted row the source that is in
    force for it (`standing.stands_for`); and notes about keys that are gone.

    Certificates are compared within one layout and role, because two systems may tell of one certificate, and an inventory must not
    replace what is billed. Everything else has one key whatever the layout.
    """
    table = readings[0].table
    by_age = sorted(readings, key=lambda reading: _age(reading, as_of))
    told = pd.concat([_told(reading, age) for age, reading in enumerate(by_age)], ignore_index=True)
    told["key"] = _keys_across(told, by_age)
    has_newer = told["is_first"] & ~_is_newest(told)
    in_force = np.flatnonzero(told["is_first"] & ~has_newer)
    rows = told.take(in_force[np.argsort(told["source"].to_numpy()[in_force])]).reset_index(drop=True)
    standing = each_for_itself(told) if len(rows) == len(told) else stands_for(told, rows["source"], _KEYS[table])
    findings = [] if table == _EVENTS else gone.notes(by_age, told, as_of)
    if table in _FOLLOWED:
        gone.follow(by_age, told)
    if table == "export_rows":
        findings += taken_back.findings(told[told["is_first"]], ~has_newer[told["is_first"]])
    if table == "lot_rows":
        findings += lots_changed.findings(told[told["is_first"]], ~has_newer[told["is_first"]])
    return rows, standing, findings


def _is_newest(told: pd.DataFrame) -> pd.Series[Any]:
    """Which rows no first row of a newer file tells of again; all rows without a key are among them."""
    first = told[["key", "age"]][told["is_first"] & (told["key"] != NO_KEY)]
    newest = pd.Series(True, index=told.index)
    newest[first.index] = first["age"] == first.groupby("key")["age"].transform("max")
    return newest


def _keys_across(told: pd.DataFrame, by_age: Sequence[Reading]) -> npt.NDArray[np.int64]:
    """A number for each row of several files, equal for what has one key, in the order of the keys as text; `NO_KEY` where it has none, or
    where its file is the only one that it could be compared with. Events, of which no key is ever shown, are numbered in any order."""
    table = by_age[0].table
    if len(by_age) == 1:
        return np.full(len(told), NO_KEY, dtype=np.int64)
    if table == _EVENTS:
        events = told[["request_id", "status", "sequence"]].assign(at=told["at"].dt.floor("s"))
        return np.asarray(events.groupby(list(events.columns), sort=False, dropna=False).ngroup(), dtype=np.int64)
    keys = _KEYS[table](told) if table != "export_rows" else pd.Series("", index=told.index, dtype="str")
    files = Counter((reading.layout, reading.role) for reading in by_age)
    for (layout, role), rows in told.groupby(["layout", "role"]) if table == "export_rows" else ():
        if files[str(layout), str(role)] > 1:
            found = same_certificate(rows)
            keys[rows.index] = found.where(found == "", f"{layout}, {role}: " + found)
    numbers, _ = pd.factorize(keys, sort=True)
    return np.where(keys == "", NO_KEY, np.asarray(numbers, dtype=np.int64))


def _fold(reading: Reading, repeated: np.ndarray[Any, np.dtype[np.bool_]], keys: pd.Series[Any]) -> None:
    for position in np.flatnonzero(repeated):
        row = int(reading.rows[position])
        reason = "The row stands twice in this file, each time the same; it was counted once."
        reading.findings.append(
            Finding("duplicate-row", reason, value=keys.iloc[position], file=reading.path, sheet=reading.sheet, row=row)
        )
    reading.in_force = reading.in_force & ~repeated


def _fold_entries(reading: Reading, keys: pd.Series[Any]) -> None:
    """Fold the rows that differ in names at most into the first of them, which gets the names of all; others are quarantined.

    One note tells of all of them: in such a list it is the rule, not the exception.
    """
    frame = reading.frame
    facts = frame.drop(columns=list(_NAMES))
    entries = pd.Series(facts.groupby(list(facts.columns), sort=False, dropna=False).ngroup().to_numpy(), index=frame.index)
    apart = entries.groupby(keys).nunique()
    conflicting = keys.isin(apart.index[apart > 1]).to_numpy(dtype=bool)
    repeated = entries.duplicated(keep="first").to_numpy(dtype=bool) & ~conflicting
    if repeated.any():
        names = frame["subject_alternative_names"].str.split(" ").groupby(entries).agg(_united)
        reading.frame = frame.assign(subject_alternative_names=entries.map(names).astype("str"))
        reading.in_force = reading.in_force & ~repeated
        reason = f"Rows of a certificate that another row of this file tells of, folded into that one: {int(repeated.sum()):,}."
        reading.findings.append(Finding("duplicate-row", reason, file=reading.path, sheet=reading.sheet))
    _quarantine(reading, conflicting, keys)


def _united(names: pd.Series[Any]) -> str:
    return " ".join(sorted({name for found in names for name in found if name}))


def _quarantine(reading: Reading, conflicting: np.ndarray[Any, np.dtype[np.bool_]], keys: pd.Series[Any]) -> None:
    if not conflicting.any():
        return
    rows_of: dict[str, list[int]] = {}
    for position in np.flatnonzero(conflicting):
        rows_of.setdefault(keys.iloc[position], []).append(int(reading.rows[position]))
    for key, rows in rows_of.items():
        shown = ", ".join(map(str, rows[:_SHOWN_ROWS])) + (f" and {len(rows) - _SHOWN_ROWS} more" if len(rows) > _SHOWN_ROWS else "")
        reason = f"Rows {shown} of this file are about the same {_ABOUT[reading.table]} and differ; none of them was counted."
        for row in rows:
            reading.findings.append(Finding("conflicting-rows", reason, value=key, file=reading.path, sheet=reading.sheet, row=row))
    reading.set_aside |= gone.set_aside_words(gone.identities(reading.frame[conflicting]))
    reading.drop(conflicting)


def _age(reading: Reading, as_of: dt.date) -> tuple[pd.Timestamp, pd.Timestamp, str]:
    return reading.taken_on(as_of) or _LONG_AGO, reading.newest_on(as_of) or _LONG_AGO, reading.path


def _told(reading: Reading, age: int) -> pd.DataFrame:
    """The accepted rows of a file with their places, and which of them repeat no other one of it."""
    return reading.frame.assign(source=reading.sources, layout=reading.layout, age=age, is_first=reading.in_force)
