"""Rows of older exports that a newer one does not have any more: a note, never an event (DESIGN §4)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.arrivals import series
from pipeline.findings import Finding, counted, quoted
from pipeline.sources.readings import Follows, Reading
from pipeline.sources.standing import NO_KEY

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
_LOOKED_AT = {"key", "age", "source", *_IDENTITIES, *(name for names in _NAMED_BY.values() for name in names)}


def notes(by_age: Sequence[Reading], told: pd.DataFrame, as_of: dt.date) -> list[Finding]:
    """A note for the newest file of each layout and role if older ones hold rows that it, and others taken on the same day, no longer have.

    A pending order has no serial yet: it is there as long as its order number is. What the newest file may tell in a row that is
    quarantined is not called gone, it is counted. `by_age` are the files of one table, the oldest first; `told` their accepted rows, with
    `source`, `age` (the position of the file in `by_age`) and `key`, a number equal for what is the same in two files, else `NO_KEY`.
    """
    told = told[[name for name in told.columns if name in _LOOKED_AT]]
    by_layout: dict[tuple[str, str], list[int]] = {}
    for age, reading in enumerate(by_age):
        by_layout.setdefault((reading.layout, reading.role), []).append(age)
    return [note for ages in by_layout.values() for note in _of_layout(ages, by_age, told, as_of)]


def follow(by_age: Sequence[Reading], told: pd.DataFrame) -> None:
    """Say of each reading what of the file before it, of the same source and role, it tells of no more; takes what `notes` takes."""
    sources: dict[tuple[str, str, str], list[int]] = {}
    for age, reading in enumerate(by_age):
        sources.setdefault((reading.layout, reading.role, series(reading.kind, reading.path)), []).append(age)
    if all(len(ages) == 1 for ages in sources.values()):
        return
    followed = told.loc[told["key"] != NO_KEY, [name for name in told.columns if name in _LOOKED_AT]]
    of_age = dict(list(followed.groupby("age")))
    nothing = followed.iloc[:0]
    for ages in sources.values():
        for earlier, later in pairwise(ages):
            before, now = of_age.get(earlier, nothing), of_age.get(later, nothing)
            first = now.loc[~now["key"].isin(before["key"]), "key"].nunique()
            by_age[later].follows = Follows(by_age[earlier].path, before["key"].nunique(), len(_missing(before, now)), first)


def set_aside_words(rows: Iterable[Iterable[str]]) -> set[str]:
    """The cells of quarantined rows in the form in which names are compared: enough to say that a row might be one of them."""
    return {_bare(cell) for cells in rows for cell in cells} - {""}


def identities(rows: pd.DataFrame) -> list[list[str]]:
    """For each of `rows` the words that name it: order number, serial, request number and the like."""
    return [list(values) for values in zip(*(rows[name] for name in _IDENTITIES if name in rows), strict=True)]


def _of_layout(ages: Sequence[int], by_age: Sequence[Reading], told: pd.DataFrame, as_of: dt.date) -> list[Finding]:
    newest = by_age[ages[-1]]
    day = newest.taken_on(as_of)
    now = [age for age in ages if by_age[age] is newest or by_age[age].taken_on(as_of) == day]
    before = [age for age in ages if age not in now]
    if not before:
        return []
    missing = _missing(told[told["age"].isin(before)], told[told["age"].isin(now)])
    words = set().union(*(by_age[age].set_aside for age in now))
    doubtful = [any(_bare(name) in words for name in names) for names in identities(missing)]
    gone = missing[[not is_doubtful for is_doubtful in doubtful]]
    if gone.empty:
        return []
    shown = _shown(gone, by_age)
    more = f"; and {len(gone) - len(shown):,} more" if len(gone) > len(shown) else ""
    rows = "1 row of an older export is" if len(gone) == 1 else f"{len(gone):,} rows of older exports are"
    reason = f"{rows} not in this one, the newest of its layout, and what was read there stays in force: {'; '.join(shown)}{more}."
    if any(doubtful):
        reason += f" Not counted, as they may be among the quarantined rows of this file: {sum(doubtful):,}."
    return [Finding("gone-from-export", reason, value=shown[0].partition(" (")[0], file=newest.path, sheet=newest.sheet)]


def _missing(before: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """The last row of each key that is not told of now, sorted by key."""
    older = before[~before.duplicated("key", keep="last") & (before["key"] != NO_KEY) & ~before["key"].isin(newer["key"])]
    if "serial" in older:
        unissued = older[(older["serial"] == "") & (older["fingerprint_sha256"] == "")]
        if len(unissued):
            is_there = pc.is_in(pa.array(unissued["order_id"]), pa.array(newer["order_id"]))  # pandas takes a hundred times as long
            older = older.drop(unissued.index[np.asarray(is_there, dtype=bool)])
    return older.sort_values("key", kind="stable")


def _shown(gone: pd.DataFrame, by_age: Sequence[Reading]) -> list[str]:
    """The first rows in words, each with the place where it was last told."""
    named_by = _NAMED_BY[by_age[0].table]
    shown = []
    for *values, age, source in gone[[*named_by, "age", "source"]].head(_SHOWN_ROWS).itertuples(index=False, name=None):
        words = [f"{called}{quoted(_text(value))}" for called, value in zip(named_by.values(), values, strict=True) if _text(value)]
        file, row = by_age[age].path, by_age[age].rows[source - by_age[age].first_source]
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
