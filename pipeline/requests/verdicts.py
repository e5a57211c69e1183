"""The clock and the verdict of each request by the office's date rule (DESIGN §6, facts/service-levels §2.2).

Due is the promised number of business days after the business day of receipt; kept means completed on or before that local day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime, instants_of
from pipeline.contracts import VERDICTS
from pipeline.requests.clocks import Clocks, clocks
from pipeline.requests.pauses import Paused, apply
from pipeline.requests.readings import counts, readings
from pipeline.settings import Target

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AT_RISK_SECONDS = 11 * 3600
NOT_JUDGED = ("cancelled", "duplicate")
_NOTHING_DUE = -1
_CODE = {word: code for code, word in enumerate(VERDICTS)}


def promises(kinds: pd.Series[Any], targets: Iterable[Target]) -> pd.DataFrame:
    """The promise for each request kind: `promised` (bool), `business_days` (int64, 0 without one), `assumed_target` (bool).

    Where two targets name one kind the first in the settings counts.
    """
    by_kind: dict[str, Target] = {}
    for target in targets:
        for kind in target.kinds:
            by_kind.setdefault(kind, target)
    number, names = pd.factorize(kinds)
    found = [by_kind.get(name) for name in names]
    of_names = {
        "promised": np.array([target is not None for target in found], dtype=bool),
        "business_days": np.array([target.business_days if target else 0 for target in found], dtype=np.int64),
        "assumed_target": np.array([target is not None and target.assumed for target in found], dtype=bool),
    }
    return pd.DataFrame({name: values[number] for name, values in of_names.items()}, index=kinds.index)


def judge(rows: pd.DataFrame, pauses: pd.DataFrame, promised: pd.DataFrame, time: BusinessTime, now: pd.Timestamp) -> pd.DataFrame:
    """The clock and verdict of sound requests as of the instant `now`, on the index of `rows`.

    `rows` are REQUEST_ROWS without doubts, `promised` what `promises` says of them, `pauses` PAUSE_ROWS with `position` (row number
    in `rows`). Returns clock_starts_at, received_on, due_on, business_seconds, paused_seconds, business_days, verdict, the columns of
    `readings`, and two flags for findings: `beyond` (the due day lies past the calendar) and `since_unknown` (waiting, but no pause says
    since when). `now` is the end of the as-of day, so a request due today is not overdue yet, but it is at risk.
    """
    called_off = rows["status"].isin(NOT_JUDGED).to_numpy()
    own = clocks(rows, called_off, time, now)
    taken_up_again = (rows["completed_at"] <= rows["reopened_at"]).to_numpy()
    excluded = (called_off & ~taken_up_again) | ~promised["promised"].to_numpy()
    promise = own.received + promised["business_days"].to_numpy()
    time.known(promise)
    due = np.where(excluded, _NOTHING_DUE, time.windows.before[promise + 1])
    paused = apply(pauses, own.begins, own.ends, own.running, due, time)
    beyond = paused.due > time.span
    window = _due_windows(promise, due, paused.due, beyond, time)
    since_unknown = (rows["status"] == "paused").to_numpy() & own.running & ~paused.unresumed & ~beyond
    verdict = _verdicts(own, window, excluded, since_unknown | paused.waiting, beyond, time, int(now.timestamp()))
    judged = {
        "clock_starts_at": _starts(own, rows["dates_only"].to_numpy(), time),
        "received_on": time.days_of(own.received),
        "due_on": _due_days(window, excluded | beyond | (verdict == _CODE["paused"]), time),
        **_spent(own, paused),
        "verdict": pd.array(VERDICTS, dtype="str").take(verdict),
        **readings(rows, own, verdict, window, paused.seconds, promised["business_days"].to_numpy(), time),
        "beyond": beyond,
        "since_unknown": since_unknown & (verdict == _CODE["overdue"]),
    }
    return pd.DataFrame(judged, index=rows.index, copy=False)


def _due_windows(promise: Seconds, due: Seconds, pushed: Seconds, beyond: Flags, time: BusinessTime) -> Seconds:
    """The window of each due day: the promised one, or where the pauses pushed it to."""
    window = promise.copy()
    moved = np.flatnonzero((pushed != due) & ~beyond)
    window[moved] = time.windows.reaching(pushed[moved])
    return window


def _verdicts(own: Clocks, window: Seconds, excluded: Flags, waiting: Flags, beyond: Flags, time: BusinessTime, now: int) -> Seconds:
    """The verdicts as numbers in VERDICTS, where the due day is that of `window`."""
    due_until = time.windows.next_midnights[window]
    left = time.windows.before[window + 1] - own.ended
    choices = (
        (beyond, "invalid"),
        (excluded, "excluded"),
        (own.completed & (own.completed_at < due_until), "met"),
        (own.completed, "missed"),
        (due_until < now, "overdue"),
        (waiting, "paused"),
        (left <= AT_RISK_SECONDS, "at-risk"),
    )
    return np.select([holds for holds, _ in choices], [_CODE[word] for _, word in choices], default=_CODE["on-track"])


def _spent(own: Clocks, paused: Paused) -> dict[str, Any]:
    """business_seconds, paused_seconds and business_days (Int64); missing where the end is unknown, seconds also where hours are."""
    return {
        "business_seconds": counts(own.ended - own.began - paused.seconds, own.timed),
        "paused_seconds": counts(paused.seconds, own.timed),
        "business_days": counts(own.days, own.known),
    }


def _starts(own: Clocks, by_day: Flags, time: BusinessTime) -> pd.Index[Any]:
    """When each clock starts, missing where a log gives days only."""
    return instants_of(np.maximum(own.begins, time.windows.opens[own.received])).where(~by_day)


def _due_days(window: Seconds, undue: Flags, time: BusinessTime) -> npt.NDArray[np.datetime64]:
    days = time.days_of(window)
    days[undue] = np.datetime64("NaT")
    return days
