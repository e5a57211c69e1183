"""Every clock of 2,000 requests against a walk over the minutes of the calendar, written apart from the code that it checks.

The walk asks `zoneinfo` for the local time of every hour and the file of closed days for the rest; it knows no windows, no sums before
and no way back. Half of the requests lie within three days of a clock change or a closed day.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline.contracts import AGENCIES, ALIASES, PAUSE_ROWS, REQUEST_EVENTS, REQUEST_ROWS
from pipeline.requests import log
from pipeline.settings import Settings, Target
from tests.massachusetts import REFERENCE, desk_time

NEW_YORK = ZoneInfo("America/New_York")
FIRST, AS_OF, LAST = dt.date(2025, 12, 1), dt.date(2027, 3, 31), dt.date(2027, 10, 31)
BEGIN = int(dt.datetime.combine(FIRST, dt.time(), dt.UTC).timestamp()) // 60
HOURS = (LAST - FIRST).days * 24
REQUESTS, PROMISED_DAYS, AT_RISK_MINUTES = 2_000, 5, 11 * 60
SETTINGS = Settings(target=(Target(measure="on-time-completion", kinds=("new",), business_days=PROMISED_DAYS, share=Decimal("0.95")),))
Minutes = np.ndarray[Any, np.dtype[np.int64]]
Spell = tuple[int, int | None]


def closed_days() -> list[dt.date]:
    with (REFERENCE / "closed_days.csv").open(encoding="utf-8", newline="") as file:
        return [dt.date.fromisoformat(row["date"]) for row in csv.DictReader(file)]


class Walk:
    """Minutes since BEGIN: whether the desk is open in each, and its local day (days since 1970)."""

    def __init__(self) -> None:
        closed = {(day - dt.date(1970, 1, 1)).days for day in closed_days()}
        offsets = []
        for hour in range(HOURS):
            at = dt.datetime.fromtimestamp((BEGIN + 60 * hour) * 60, dt.UTC)
            one, other = (moment.astimezone(NEW_YORK).utcoffset() for moment in (at, at + dt.timedelta(minutes=59)))
            assert one == other, "New York changes its clocks between two hours"
            offsets.append(int((one or dt.timedelta()).total_seconds()) // 60)
        local = BEGIN + np.arange(HOURS * 60) + np.repeat(np.array(offsets), 60)
        self.days = local // 1440
        in_hours = (local % 1440 >= 6 * 60) & (local % 1440 < 17 * 60)
        weekdays = (self.days + 3) % 7 < 5  # 1 January 1970 was a Thursday
        self.open = in_hours & weekdays & ~np.isin(self.days, sorted(closed))
        self.open_minutes = np.flatnonzero(self.open)
        self.days_of_open_minutes = self.days[self.open_minutes]
        self.open_days = np.unique(self.days_of_open_minutes)
        self.now = int(dt.datetime.combine(AS_OF + dt.timedelta(days=1), dt.time(), NEW_YORK).timestamp()) // 60 - BEGIN

    def closing(self, day: int) -> int:
        """The minute after the last open one of a day."""
        return int(self.open_minutes[np.searchsorted(self.days_of_open_minutes, day, side="right") - 1]) + 1

    def pushed(self, due: int, minutes: int) -> int:
        """The due minute after so many further open minutes."""
        return int(self.open_minutes[np.searchsorted(self.open_minutes, due) + minutes - 1]) + 1 if minutes else due


@dataclass(frozen=True)
class Asked:
    """A request in minutes since BEGIN; `completed` None while open."""

    submitted: int
    completed: int | None
    spells: tuple[Spell, ...]


def told(walk: Walk, asked: Asked) -> tuple[Any, ...]:
    """business, paused and customer seconds, due day, seconds late, verdict."""
    begin, end = asked.submitted, walk.now if asked.completed is None else asked.completed
    open_here = walk.open[begin:end]
    receipt = int(walk.open_minutes[np.searchsorted(walk.open_minutes, begin)])
    due = walk.closing(int(walk.open_days[np.searchsorted(walk.open_days, walk.days[receipt]) + PROMISED_DAYS]))
    paused = np.zeros(end - begin, dtype=bool)
    broken = waits = False
    for first, last in sorted(asked.spells, key=lambda spell: max(spell[0], begin)):
        start, stop = max(first, begin), end if last is None else min(last, end)
        if start >= stop:
            continue
        fresh = open_here[start - begin : stop - begin] & ~paused[start - begin : stop - begin]
        paused[start - begin : stop - begin] = True
        broken |= start > due
        if not broken:
            due = walk.pushed(due, int(fresh.sum()))
            waits |= asked.completed is None and (last is None or last >= end)
    due_day, today = int(walk.days[due - 1]), int(walk.days[walk.now - 1])
    late = 60 * int(walk.open[walk.closing(due_day) : end].sum())
    left = int(walk.open[end : walk.closing(due_day)].sum())
    if asked.completed is not None:
        verdict = "met" if walk.days[end] <= due_day else "missed"
    else:
        verdict = "overdue" if due_day < today else "paused" if waits else "at-risk" if left <= AT_RISK_MINUTES else "on-track"
    gross, taken = 60 * int(open_here.sum()), 60 * int((open_here & paused).sum())
    on = dt.date(1970, 1, 1) + dt.timedelta(days=due_day)
    return gross - taken, taken, gross, None if verdict == "paused" else on, late if verdict in ("missed", "overdue") else None, verdict


def drawn(walk: Walk) -> list[Asked]:
    chance = np.random.default_rng(20_261_123)
    edges = [day for day in (*closed_days(), dt.date(2026, 3, 8), dt.date(2026, 11, 1), dt.date(2027, 3, 14)) if FIRST < day < AS_OF]
    near = [int(dt.datetime.combine(day, dt.time(12), NEW_YORK).timestamp()) // 60 - BEGIN for day in edges]
    made = []
    for number in range(REQUESTS):
        at = near[chance.integers(len(near))] + chance.integers(-3 * 1440, 3 * 1440) if number % 2 else chance.integers(1440, walk.now - 2)
        submitted = int(min(at, walk.now - 2))
        completed = submitted + int(chance.exponential(6 * 1440))
        spells: list[Spell] = []
        for _ in range(chance.integers(0, 5) if chance.random() < 0.6 else 0):
            first = submitted + int(chance.integers(-1440, 12 * 1440))
            last = None if chance.random() < 0.1 else first + int(chance.exponential(2 * 1440))
            spells.append((first, last))
        made.append(Asked(submitted, completed if completed < walk.now and chance.random() < 0.85 else None, tuple(spells)))
    return made


def instant(minute: int | None) -> pd.Timestamp | None:
    return None if minute is None else pd.Timestamp((BEGIN + minute) * 60, unit="s", tz="UTC")


def test_every_clock_of_2000_requests_equals_a_walk_through_the_minutes() -> None:
    walk = Walk()
    asked = drawn(walk)
    rows = REQUEST_ROWS.frame(
        {
            "source": number,
            "request_id": f"R{number:04}",
            "kind": "new",
            "submitted_at": instant(one.submitted),
            "completed_at": instant(one.completed),
            "status": "open" if one.completed is None else "completed",
            "reopen_count": 0,
        }
        for number, one in enumerate(asked)
    )
    spells = [(number, *spell) for number, one in enumerate(asked) for spell in one.spells]
    pauses = PAUSE_ROWS.frame(
        {"source": REQUESTS + place, "request_id": f"R{number:04}", "paused_at": instant(first), "resumed_at": instant(last)}
        for place, (number, first, last) in enumerate(spells)
    )
    table = log(rows, REQUEST_EVENTS.empty(), pauses, AGENCIES.empty(), ALIASES.empty(), SETTINGS, desk_time(), AS_OF).table
    found = table[["business_seconds", "paused_seconds", "customer_seconds", "due_on", "late_seconds", "verdict"]].astype(object)
    found["due_on"] = [None if pd.isna(day) else day.date() for day in table["due_on"]]
    expected = [told(walk, one) for one in asked]
    assert {"met", "missed", "overdue", "paused", "at-risk", "on-track"} == {verdict for *_, verdict in expected}, "the draw has them all"
    assert expected == list(found.where(found.notna(), None).itertuples(index=False, name=None))
