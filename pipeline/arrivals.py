"""Which sources the input comes from, how fresh each is, and how its rows compare with the run before. Pure: tables in, a table out.

A source is what somebody exports again and again: the files of one kind and layout whose paths differ in dates only, such as
`inbox/exports/orders-*.csv`. Certificate files come one by one, so a folder of them is one source.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

import pandas as pd

from pipeline.contracts import SOURCES, FileCount, RunRecord, Stage
from pipeline.findings import Finding
from pipeline.money import dollars
from pipeline.settings import Settings

# What comes again and again. Lots, outages and pauses come when there are any, and a list that nobody had to change is not stale.
_COMES_AGAIN = ("certificates", "requests")
_CERTIFICATE_FILES = "pem"
# A file may come some days later than usual (a weekend, a holiday) before anybody is told that it is late.
_GRACE_DAYS = 3
_FEWEST_FILES_FOR_AN_INTERVAL = 3
# Fewer rows more than this are no jump: a log of three tickets may well have nine a week later.
_FEWEST_ROWS_OF_A_JUMP = 50
_JUMP = 2

_YEAR_FIRST = r"20\d\d(?:[-_.]?(?:\d\d|[wWqQ]\d{1,2}))?(?:[-_.]?\d\d)?"
_DAY_FIRST = r"(?:\d{1,2}[-_.]){1,2}20\d\d"
_TIME = r"(?:[T _-]\d\d[-:.]?\d\d(?:[-:.]?\d\d)?Z?)?"
_DATE = re.compile(rf"(?<!\d)(?:{_YEAR_FIRST}|{_DAY_FIRST}){_TIME}(?!\d)")

_NO_SOURCE = ("closed", "notices")  # kinds of files that nobody exports: closed months, the journal of sending
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _File:
    """What INPUTS says of a file, as far as it matters here; `taken_on` and `newest_on` are None where they are not known."""

    path: str
    kind: str
    layout: str
    read: int
    accepted: int
    quarantined: int
    taken_on: dt.date | None
    newest_on: dt.date | None


def series(kind: str, path: str) -> str:
    """The name of the source that a file belongs to: its path with `*` for every date; of a certificate file the folder below inbox/pem."""
    if kind != _CERTIFICATE_FILES:
        return _DATE.sub("*", path)
    parts = path.split("/")
    return "/".join([*(parts[:3] if len(parts) > 3 else parts[:2]), "*"])


def sources(
    inputs: pd.DataFrame, before: RunRecord | None, settings: Settings, as_of: dt.date, charged: Mapping[str, int] | None = None
) -> Stage:
    """SOURCES of the files in `inputs` (INPUTS) and of those that only the run `before` had, with what is worth a warning of them.

    `charged` are the cents that are charged for rows of each file. Findings: `stale-source`, `row-jump`, `source-gone`, `export-cut`.
    """
    cut = {one.path: one for one in cuts(inputs, settings.quality.max_row_drop)}
    now = _grouped(_files(inputs))
    then: dict[Key, dict[str, FileCount]] = {}
    for path, count in before.files.items() if before else ():
        if count.kind not in _NO_SOURCE:
            then.setdefault(_key(count.kind, count.layout, path), {})[path] = count
    known = before is not None and bool(before.files)
    rows, findings = [], []
    for key in sorted({*now, *then}):
        files, earlier = now.get(key, []), then.get(key, {})
        row = _row(key, files, earlier, settings, as_of)
        if files and row["freshness"] == "stale" and _followed(key, files, now):
            row["freshness"] = "followed"
        jumped = _jump(files, earlier, before, settings)
        row["drift"] = _drift(row, bool(jumped)) if known else ""
        rows.append(row)
        findings += [*_stale(row), *jumped, *_gone(row, before)]
        findings += [
            _cut(cut[one.path], one.kind, (other.path for other in files if other is not one), charged or {})
            for one in files
            if one.path in cut
        ]
    return Stage(SOURCES.frame(rows), tuple(findings))


@dataclass(frozen=True, slots=True)
class Cut:
    """The newest file of a source that lacks much of what the file before it, `follows`, tells of: `no_more` of `before`."""

    path: str
    follows: str
    before: int
    no_more: int


def cuts(inputs: pd.DataFrame, most: Decimal) -> list[Cut]:
    """The newest files (INPUTS) that lack more than the share `most` of what the file before them tells of, though their source tells all
    of it each time.

    Files that each tell of a month, or of the last weeks, lack most of the one before as a rule. So a source counts as telling all of it
    only if most of what the newest file tells the file before told too, or if that one had told again what its own predecessor told; and
    never if that one lacked as much of its predecessor.
    """
    columns = ["file", "follows", "told_before", "told_no_more", "told_first"]
    told = {one[0]: one for one in inputs.loc[inputs["follows"] != "", columns].itertuples(index=False, name=None)}
    followed = {one[1] for one in told.values()}
    found = []
    for path, follows, before, no_more, first in told.values():
        earlier = told.get(follows)
        lost = _lost(before, no_more)
        lost_earlier = _lost(*earlier[2:4]) if earlier else None
        tells_again = before - no_more >= max(first, 1)
        is_usual = lost_earlier is not None and lost_earlier > most
        if path not in followed and lost > most and (tells_again or lost_earlier is not None) and not is_usual:
            found.append(Cut(path, follows, int(before), int(no_more)))
    return found


def _lost(before: int, no_more: int) -> Decimal:
    return Decimal(int(no_more)) / int(before) if before else Decimal(0)


def _cut(one: Cut, kind: str, older: Iterable[str], charged: Mapping[str, int]) -> Finding:
    """`export-cut`, with the dollars that rest on rows of the `older` files of its source."""
    things = "certificates" if kind == "certificates" else "requests"
    reason = f"It lacks {one.no_more:,} of the {one.before:,} {things} that {one.follows} tells of."
    cents = sum(charged.get(path, 0) for path in older)
    if kind == "certificates":
        reason += f" Charges of {dollars(cents)} rest on rows of older files alone; what only the missing part tells of is not charged."
    return Finding("export-cut", reason, file=one.path)


def _files(inputs: pd.DataFrame) -> Iterable[_File]:
    names = ["file", "kind", "layout", "rows_read", "rows_accepted", "rows_quarantined", "taken_on", "newest_on"]
    for *told, taken, newest in inputs.loc[~inputs["kind"].isin(_NO_SOURCE), names].itertuples(index=False, name=None):
        yield _File(*told, *(None if pd.isna(day) else day.date() for day in (taken, newest)))


def _grouped(files: Iterable[_File]) -> dict[Key, list[_File]]:
    """Files by source, the oldest first."""
    found: dict[Key, list[_File]] = {}
    for one in files:
        found.setdefault(_key(one.kind, one.layout, one.path), []).append(one)
    return {key: sorted(of_it, key=lambda one: (one.taken_on or dt.date.min, one.path)) for key, of_it in found.items()}


def _key(kind: str, layout: str, path: str) -> Key:
    return kind, "" if kind == _CERTIFICATE_FILES else layout, series(kind, path)


def _row(key: Key, files: Sequence[_File], earlier: Mapping[str, FileCount], settings: Settings, as_of: dt.date) -> dict[str, Any]:
    """A row of SOURCES, its drift still open."""
    kind, layout, name = key
    newest = files[-1].path if files else max(earlier)
    taken = min(files[-1].taken_on, as_of) if files and files[-1].taken_on else None
    age = (as_of - taken).days if taken else None
    usual, limit = None if kind == _CERTIFICATE_FILES else _usual(files), _limit(kind, newest, settings)
    return {
        "kind": kind,
        "layout": layout,
        "series": name,
        "files": len(files),
        "newest_file": newest,
        "rows_read": sum(one.read for one in files),
        "rows_accepted": sum(one.accepted for one in files),
        "rows_quarantined": sum(one.quarantined for one in files),
        "taken_on": taken,
        "newest_on": max((one.newest_on for one in files if one.newest_on), default=None),
        "age_days": age,
        "usual_days": usual,
        "limit_days": limit,
        "freshness": _freshness(age, usual, limit) if files else "gone",
        "rows_before": sum(count.rows for count in earlier.values()) if earlier else None,
    }


def _usual(files: Sequence[_File]) -> int | None:
    days = sorted({one.taken_on for one in files if one.taken_on})
    if len(days) < _FEWEST_FILES_FOR_AN_INTERVAL:
        return None
    return round(median((later - earlier).days for earlier, later in pairwise(days)))


def _limit(kind: str, newest_file: str, settings: Settings) -> int | None:
    """The days after which a source is stale: of its `[[source]]`, else the setting for what comes again; None where there is none."""
    named = settings.source_of(newest_file.removeprefix("inbox/"))
    own = named.stale_after_days if named and newest_file.startswith("inbox/") else None
    if own is None:
        own = settings.quality.stale_after_days if kind in _COMES_AGAIN else 0
    return own or None


def _freshness(age: int | None, usual: int | None, limit: int | None) -> str:
    if limit is None:
        return "unlimited"
    if age is None:
        return "unknown"
    if age > limit:
        return "stale"
    return "late" if usual is not None and age > usual + _GRACE_DAYS else "fresh"


def _followed(key: Key, files: Sequence[_File], now: Mapping[Key, Sequence[_File]]) -> bool:
    """Whether files of the same name are newer but of another layout: the export changed its columns and goes on."""
    taken = files[-1].taken_on or dt.date.min
    return any(
        (other[0], other[2]) == (key[0], key[2]) and other[1] and (of_it[-1].taken_on or dt.date.min) > taken
        for other, of_it in now.items()
        if other != key
    )


def _jump(files: Sequence[_File], earlier: Mapping[str, FileCount], before: RunRecord | None, settings: Settings) -> list[Finding]:
    """The newest file against the one before it, or against itself in the run before; an export that is still filling up may grow."""
    if not files or files[-1].kind == _CERTIFICATE_FILES:
        return []
    newest, same = files[-1], earlier.get(files[-1].path)
    if len(files) > 1 and _doubled(newest.read, files[-2].read):
        reason = f"It has {newest.read:,} rows; {files[-2].path} before it has {files[-2].read:,}."
    elif before and same and len(files) == 1 and _doubled(newest.read, same.rows) and not _filling_up(newest, before):
        reason = f"It has {newest.read:,} rows; in the run of {before.as_of} it had {same.rows:,}."
    elif before and same and same.rows - newest.read > settings.quality.max_row_drop * same.rows:
        reason = f"It has {newest.read:,} rows; in the run of {before.as_of} the same file had {same.rows:,}."
    else:
        return []
    return [Finding("row-jump", reason, file=newest.path)]


def _doubled(now: int, then: int) -> bool:
    return then > 0 and now >= _JUMP * then and now - then >= _FEWEST_ROWS_OF_A_JUMP


def _filling_up(newest: _File, before: RunRecord) -> bool:
    """Whether the file's name gave it until after the run before: a month's log is longer at the month's end."""
    return newest.taken_on is not None and newest.taken_on > before.as_of


def _drift(row: Mapping[str, Any], jumped: bool) -> str:
    now, then = row["rows_read"], row["rows_before"]
    if then is None:
        return "new"
    if now == 0 and then > 0:
        return "gone"
    if jumped:
        return "jumped"
    return "same" if now == then else "more" if now > then else "fewer"


def _stale(row: Mapping[str, Any]) -> list[Finding]:
    if row["freshness"] != "stale":
        return []
    reason = f"The newest file of this source was taken on {row['taken_on']}, {row['age_days']} days ago; the limit is {row['limit_days']}."
    return [Finding("stale-source", reason, file=row["newest_file"])]


def _gone(row: Mapping[str, Any], before: RunRecord | None) -> list[Finding]:
    if row["drift"] != "gone" or before is None:
        return []
    reason = f"{row['series']} had {row['rows_before']:,} rows in the run of {before.as_of} and has none now."
    return [Finding("source-gone", reason, file=row["newest_file"])]
