"""The clock and the verdict of each request by the office's date rule (DESIGN §6, facts/service-levels §2.2).

Due is the promised number of business days after the business day of receipt; kept means completed on or before that local day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime, day_start, local_days
from pipeline.requests.pauses import Paused, apply
from pipeline.requests.readings import readings
from pipeline.settings import Target

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AT_RISK_SECONDS = 11 * 3600
NOT_JUDGED = ("cancelled", "duplicate")
_NOTHING_DUE = -1
_LAST_SECOND = pd.Timedelta(seconds=1)


def promises(kinds: pd.Series[Any], targets: Iterable[Target]) -> pd.DataFrame:
    """The promise for each request kind: `promised` (bool), `business_days` (int64, 0 without one), `assumed_target` (bool).

    Where two targets name one kind the first in the settings counts.
    """
    by_kind: dict[str, Target] = {}
    for target in targets:
        for kind in target.kinds:
            by_kind.setdefault(kind, target)
    return pd.DataFrame(
        {
            "promised": kinds.isin(list(by_kind)),
            "business_days": kinds.map({kind: target.business_days for kind, target in by_kind.items()}).fillna(0).astype("int64"),
            "assumed_target": kinds.isin([kind for kind, target in by_kind.items() if target.assumed]),
        }
    )


def judge(rows: pd.DataFrame, pauses: pd.DataFrame, promised: pd.DataFrame, time: BusinessTime, now: pd.Timestamp) -> pd.DataFrame:
    """The clock and verdict of sound requests as of the instant `now`, on the index of `rows`.

    `rows` are REQUEST_ROWS without doubts, `promised` what `promises` says of them, `pauses` PAUSE_ROWS with `position` (row number
    in `rows`). Returns clock_starts_at, received_on, due_on, business_seconds, paused_seconds, business_days, verdict, the columns of
    `readings`, and two flags for findings: `beyond` (the due day lies past the calendar) and `since_unknown` (waiting, but no pause says
    since when).
    """
    received_on = time.receipt_days(rows["submitted_at"])
    reopened = rows["reopened_at"].notna() & (rows["completed_at"] <= rows["reopened_at"])
    excluded = (rows["status"].isin(NOT_JUDGED) & ~reopened) | ~promised["promised"]
    running = rows["completed_at"].isna() & ~rows["status"].isin(NOT_JUDGED)
    ends = _ends(rows, time, now)
    promised_until = time.closing(time.due_days(received_on, promised["business_days"].to_numpy()))
    due = np.where(excluded, _NOTHING_DUE, time.seconds(promised_until))
    paused = apply(pauses, rows["submitted_at"], ends, running.to_numpy(), due, time)
    beyond = paused.due > time.span
    due_on = _due_days(paused, excluded.to_numpy() | beyond, time, rows.index)
    since_unknown = (rows["status"] == "paused") & running & ~paused.unresumed & ~beyond
    left = time.seconds(time.closing(due_on.fillna(received_on))) - time.seconds(ends)
    verdict = _verdicts(rows, due_on, excluded, since_unknown | paused.waiting, left, time, now).mask(beyond, "invalid")
    clocks = pd.DataFrame(
        {
            "clock_starts_at": time.receipt(rows["submitted_at"]).where(~rows["dates_only"]),
            "received_on": received_on,
            "due_on": due_on.where(verdict != "paused"),
            **_spent(rows, received_on, ends, running, paused, time, now),
            "verdict": verdict,
        },
        index=rows.index,
    )
    return clocks.assign(
        beyond=beyond,
        since_unknown=since_unknown & (verdict == "overdue"),
        **readings(rows, clocks, promised["business_days"], ends, time),
    )


def _spent(
    rows: pd.DataFrame,
    received_on: pd.Series[Any],
    ends: pd.Series[Any],
    running: pd.Series[Any],
    paused: Paused,
    time: BusinessTime,
    now: pd.Timestamp,
) -> dict[str, pd.Series[Any]]:
    """business_seconds, paused_seconds and business_days (Int64); missing where the end is unknown, seconds also where hours are."""
    ended_on = local_days(rows["completed_at"].fillna(now - _LAST_SECOND), time.zone)
    elapsed = time.seconds(ends) - time.seconds(rows["submitted_at"]) - paused.seconds
    used = np.maximum(time.day_numbers(ended_on) - time.day_numbers(received_on), 0)
    over = running | rows["completed_at"].notna()
    timed = over & ~rows["dates_only"]
    return {
        "business_seconds": pd.Series(elapsed, index=rows.index, dtype="Int64").where(timed),
        "paused_seconds": pd.Series(paused.seconds, index=rows.index, dtype="Int64").where(timed),
        "business_days": pd.Series(used, index=rows.index, dtype="Int64").where(over),
    }


def _ends(rows: pd.DataFrame, time: BusinessTime, now: pd.Timestamp) -> pd.Series[Any]:
    """When each clock stops: at completion, or now. A completion known by its day only lets pauses count to the end of that day."""
    ends = rows["completed_at"].fillna(now)
    by_day = (rows["dates_only"] & rows["completed_at"].notna()).to_numpy()
    if by_day.any():
        days = local_days(ends[by_day], time.zone)
        midnights = {day: day_start(day.date() + pd.Timedelta(days=1), time.zone) for day in days.unique()}
        ends = ends.mask(by_day, days.map(midnights).reindex(rows.index))
    return ends


def _due_days(paused: Paused, undue: Flags, time: BusinessTime, index: pd.Index[Any]) -> pd.Series[Any]:
    instants = time.instant(np.where(undue, 0, paused.due))
    return local_days(pd.Series(instants, index=index), time.zone).where(~undue)


def _verdicts(
    rows: pd.DataFrame,
    due_on: pd.Series[Any],
    excluded: pd.Series[Any],
    waiting: pd.Series[Any],
    left: Seconds,
    time: BusinessTime,
    now: pd.Timestamp,
) -> pd.Series[Any]:
    """The verdict words; `left` is the desk time from now to the closing of the due day.

    `now` is the end of the as-of day, so a request due today is not overdue yet, but it is at risk.
    """
    completed_on = local_days(rows["completed_at"], time.zone)
    completed = completed_on.notna()
    today = local_days(pd.Series([now - _LAST_SECOND]), time.zone)[0]
    choices = (
        (excluded, "excluded"),
        (completed & (completed_on <= due_on), "met"),
        (completed, "missed"),
        (due_on < today, "overdue"),
        (waiting, "paused"),
        (pd.Series(left <= AT_RISK_SECONDS, index=rows.index), "at-risk"),
    )
    words = np.select([holds.to_numpy() for holds, _ in choices], [word for _, word in choices], default="on-track")
    return pd.Series(words, index=rows.index, dtype="str")
