"""Pauses of a request's clock: how much desk time they take, and how far they push its due day (DESIGN §6, business time)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_ONE_SECOND = pd.Timedelta(seconds=1)


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


def apply(pauses: pd.DataFrame, begins: pd.Series[Any], ends: pd.Series[Any], running: Flags, due: Seconds, time: BusinessTime) -> Paused:
    """Apply `pauses` to requests whose clocks span `begins` to `ends` (UTC instants inside the calendar).

    `pauses` has `position` (row of the request), paused_at and resumed_at (NaT: still going on), any order. `running` marks requests
    that are not completed; `due` is B of each due instant before any pause, below zero where nothing is due. A pause that starts at the
    end of the clock, for a running one the as-of midnight, has not begun.

    Pauses push in the order of their start. One that starts after the due instant reached so far pushes nothing: the promise was
    already broken. "After" is meant to the second, so it is asked of the second before the start: B is flat outside desk hours.
    """
    position = pauses["position"].to_numpy()
    begin, end = begins.iloc[position].reset_index(drop=True), ends.iloc[position].reset_index(drop=True)
    start = pauses["paused_at"].reset_index(drop=True).clip(lower=begin)
    resumed = pauses["resumed_at"].reset_index(drop=True)
    stop = resumed.where(resumed < end, end)
    inside = (start < stop).to_numpy()
    start, stop, begin, position = start[inside], stop[inside], begin[inside], position[inside]
    still = running[position] & ~(resumed < end).to_numpy()[inside]
    order = np.lexsort((stop.to_numpy(), start.to_numpy(), position))
    spells = zip(
        position[order].tolist(),
        time.seconds((start - _ONE_SECOND).clip(lower=begin))[order].tolist(),
        time.seconds(start)[order].tolist(),
        time.seconds(stop)[order].tolist(),
        still[order].tolist(),
        strict=True,
    )
    seconds, pushed = [0] * len(due), due.tolist()
    waiting, unresumed = np.zeros(len(due), dtype=bool), np.zeros(len(due), dtype=bool)
    current, counted_to = -1, 0
    for request, just_before, starts, stops, goes_on in spells:
        counted_to = max(counted_to, starts) if request == current else starts
        fresh = max(0, stops - counted_to)
        counted_to, current = counted_to + fresh, request
        seconds[request] += fresh
        unresumed[request] |= goes_on
        if just_before < pushed[request]:
            pushed[request] += fresh
            waiting[request] |= goes_on
    return Paused(np.array(seconds, dtype=np.int64), np.array(pushed, dtype=np.int64), waiting, unresumed)
