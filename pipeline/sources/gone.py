"""Rows of older exports that a newer one does not have any more: a note, never an event (DESIGN §4)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from pipeline.findings import Finding, counted
from pipeline.sources.readings import Reading

Keys = Callable[[pd.DataFrame], "pd.Series[Any]"]

_SHOWN_ROWS = 5
_SERIAL_MARKS = re.compile(r"[\s:]+")
# What tells the rows of a table apart to a person, and how it is called.
_NAMED_BY = {
    "export_rows": {"order_id": "order ", "serial": "serial ", "fingerprint_sha256": "fingerprint ", "common_name": ""},
    "request_rows": {"request_id": "request "},
    "lot_rows": {"lot_id": "lot "},
    "pause_rows": {"request_id": "pause of request ", "paused_at": "from "},
    "outage_rows": {"service": "outage of ", "kind": "", "began_at": "from "},
}
# Of these the cells of a quarantined row may name a row that was told of before.
_IDENTITIES = ("order_id", "serial", "fingerprint_sha256", "request_id", "lot_id", "service")


def notes(by_age: Sequence[Reading], keys: Keys, as_of: dt.date) -> list[Finding]:
    """A note for the newest file of each layout if older ones hold rows that it, and others taken on the same day, no longer have.

    A pending order has no serial yet: it is there as long as its order number is. What the newest file may tell in a row that is
    quarantined is not called gone, it is counted. `by_age` are the files of one table, the oldest first.
    """
    by_layout: dict[str, list[Reading]] = {}
    for reading in by_age:
        by_layout.setdefault(reading.layout, []).append(reading)
    return [note for group in by_layout.values() for note in _of_layout(group, keys, as_of)]


def set_aside_words(rows: Iterable[Iterable[str]]) -> set[str]:
    """The cells of quarantined rows in the form in which names are compared: enough to say that a row might be one of them."""
    return {_bare(cell) for cells in rows for cell in cells} - {""}


def identities(rows: pd.DataFrame) -> list[list[str]]:
    """For each of `rows` the words that name it: order number, serial, request number and the like."""
    return [list(values) for values in zip(*(rows[name] for name in _IDENTITIES if name in rows), strict=True)]


def _of_layout(group: Sequence[Reading], keys: Keys, as_of: dt.date) -> list[Finding]:
    newest = group[-1]
    day = newest.taken_on(as_of)
    now = [reading for reading in group if reading is newest or reading.taken_on(as_of) == day]
    before = [reading for reading in group if not any(reading is one for one in now)]
    if not before:
        return []
    missing = _missing(before, now, keys)
    words = set().union(*(reading.set_aside for reading in now))
    doubtful = [any(_bare(name) in words for name in names) for names in identities(missing)]
    gone = missing[[not is_doubtful for is_doubtful in doubtful]]
    if gone.empty:
        return []
    shown = _shown(gone, newest.table)
    more = f"; and {len(gone) - len(shown):,} more" if len(gone) > len(shown) else ""
    rows = "1 row of an older export is" if len(gone) == 1 else f"{len(gone):,} rows of older exports are"
    reason = f"{rows} not in this one, the newest of its layout, and what was read there stays in force: {'; '.join(shown)}{more}."
    if any(doubtful):
        reason += f" Not counted, as they may be among the quarantined rows of this file: {sum(doubtful):,}."
    return [Finding("gone-from-export", reason, value=shown[0].partition(" (")[0], file=newest.path, sheet=newest.sheet)]


def _missing(before: Sequence[Reading], now: Sequence[Reading], keys: Keys) -> pd.DataFrame:
    """The last row of each key that is not told of now, with `file` and `row`, sorted by key."""
    older = pd.concat([_placed(reading, keys) for reading in before], ignore_index=True).drop_duplicates("key", keep="last")
    newer = pd.concat([_placed(reading, keys) for reading in now], ignore_index=True)
    there = older["key"].isin(newer["key"]) | (older["key"] == "")
    if "serial" in older:
        unissued = (older["serial"] == "") & (older["fingerprint_sha256"] == "")
        there |= unissued & older["order_id"].isin(newer["order_id"])
    return older[~there].sort_values("key", kind="stable")


def _placed(reading: Reading, keys: Keys) -> pd.DataFrame:
    return reading.frame.assign(key=keys(reading.frame), file=reading.path, row=reading.rows)


def _shown(gone: pd.DataFrame, table: str) -> list[str]:
    """The first rows in words, each with the place where it was last told."""
    named_by = _NAMED_BY[table]
    names = [*named_by, "file", "row"]
    shown = []
    for *values, file, row in gone[names].head(_SHOWN_ROWS).itertuples(index=False, name=None):
        words = [f"{called}{_text(value)}" for called, value in zip(named_by.values(), values, strict=True) if _text(value)]
        shown.append(f"{', '.join(words)} (last in {file.rpartition('/')[2]}, {counted(file)} {row})")
    return shown


def _text(value: Any) -> str:
    """A cell in words; an instant to the minute, "" where it is not known."""
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%dT%H:%MZ}" if isinstance(value, pd.Timestamp) else str(value)


def _bare(text: str) -> str:
    """A number without the marks and zeros that exports write differently."""
    return _SERIAL_MARKS.sub("", text).casefold().removeprefix("0x").lstrip("0")
