"""Pauses of a request's clock: how much desk time they take, and how far they push its due day (DESIGN §6, business time)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime, utc_seconds

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Paused:
    """What the pauses did to each request, one element a request.

    `seconds`: desk time in any pause (the union: overlaps count once). `due`: B of the due instant after all pushes. `waiting`: a
    pause that pushes the due day is still going on. `unresumed`: any pause is still going on.
    """

    seconds: Seconds
    due: Seconds
    waiting: Flags
    unresumed: Flags


def apply(pauses: pd.DataFrame, begins: Seconds, ends: Seconds, running: Flags, due: Seconds, time: BusinessTime) -> Paused:
    """Apply `pauses` to requests whose clocks span `begins` to `ends` (UTC seconds inside the calendar).

    `pauses` has `position` (row of the request), paused_at and resumed_at (NaT: still going on), any order. `running` marks requests
    that are not completed; `due` is B of each due instant before any pause, below zero where nothing is due. A pause that starts at the
    end of the clock, for a running one the as-of midnight, has not begun.

    Pauses push in the order of their start. One that starts after the due instant reached so far pushes nothing: the promise was
    already broken. "After" is meant to the second, so it is asked of the second before the start: B is flat outside desk hours.
    """
    seconds, pushed = np.zeros(len(due), dtype=np.int64), due.copy()
    waiting, unresumed = np.zeros(len(due), dtype=bool), np.zeros(len(due), dtype=bool)
    spells = _spells(pauses, begins, ends, running, time)
    if len(spells.request):
        firsts = np.flatnonzero(np.diff(spells.request, prepend=-1))
        requests = spells.request[firsts]
        fresh = _not_counted_before(spells, time.span)
        pushes = _pushes(spells, fresh, firsts, due)
        seconds[requests] = np.add.reduceat(fresh, firsts)
        pushed[requests] += np.add.reduceat(np.where(pushes, fresh, 0), firsts)
        unresumed[spells.request[spells.goes_on]] = True
        waiting[spells.request[spells.goes_on & pushes]] = True
    return Paused(seconds, pushed, waiting, unresumed)


@dataclass(frozen=True, eq=False)
class _Spells:
    """What of each pause lies inside its request's clock, in the order of request and start: B of its bounds and of the second before."""

    request: Seconds
    just_before: Seconds
    starts: Seconds
    stops: Seconds
    goes_on: Flags


def _spells(pauses: pd.DataFrame, begins: Seconds, ends: Seconds, running: Flags, time: BusinessTime) -> _Spells:
    position = pauses["position"].to_numpy(dtype=np.int64)
    resumed = utc_seconds(pauses["resumed_at"])
    begin, end = begins[position], ends[position]
    start = np.maximum(utc_seconds(pauses["paused_at"]), begin)
    ended = pauses["resumed_at"].notna().to_numpy() & (resumed < end)
    stop = np.where(ended, resumed, end)
    # One number a spell that orders by request, then by start. What starts at one time may come in any order: it adds up to the same.
    keys = position * (time.windows.ends - time.windows.begins + 1) + (start - time.windows.begins)
    inside = np.flatnonzero(start < stop)
    kept = inside[np.argsort(keys[inside], kind="stable")]
    position, start, stop, begin = position[kept], start[kept], stop[kept], begin[kept]

    def passed(seconds: Seconds) -> Seconds:
        return time.windows.passed(seconds, time.windows.following(seconds))

    return _Spells(position, passed(np.maximum(start - 1, begin)), passed(start), passed(stop), running[position] & ~ended[kept])


def _not_counted_before(spells: _Spells, span: int) -> Seconds:
    """The desk seconds of each spell that no earlier spell of its request has; together they are the union."""
    apart = spells.request * (span + 1)  # lifts each request above all before it, so that one running maximum serves for all
    reached = np.maximum.accumulate(spells.stops + apart)
    counted_to = np.concatenate([[0], reached[:-1]]) - apart
    return np.maximum(spells.stops - np.maximum(counted_to, spells.starts), 0)


def _pushes(spells: _Spells, fresh: Seconds, firsts: Seconds, due: Seconds) -> Flags:
    """Which spells push the due instant. Starts ascend, so after the first that comes too late all others do."""
    number = np.arange(len(fresh))
    first = np.repeat(firsts, np.diff(np.append(firsts, len(fresh))))
    summed = np.concatenate([[0], np.cumsum(fresh)])
    reached = due[spells.request] + summed[number] - summed[first]
    too_late = np.maximum.accumulate(np.where(spells.just_before >= reached, number, -1))
    pushes: Flags = too_late < first
    return pushes
