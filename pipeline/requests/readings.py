"""What else a clock says beside the official verdict: the customer's time, the first answer, lateness, and two stricter readings of
the promise (facts/service-levels §2.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime, utc_seconds
from pipeline.contracts import VERDICTS
from pipeline.contracts.books import YES_NO
from pipeline.requests.clocks import Clocks

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def readings(
    rows: pd.DataFrame, own: Clocks, verdict: Seconds, window: Seconds, paused: Seconds, promised_days: Seconds, time: BusinessTime
) -> dict[str, Any]:
    """The columns of REQUESTS from customer_seconds on, of sound requests: Int64 and text, one element a request.

    `rows` are REQUEST_ROWS, `own` their clocks, `verdict` numbers in VERDICTS, `window` that of each due day, `paused` desk seconds,
    `promised_days` the promise. Nothing is said of hours where a log gives days only, and a response before the submission is none.
    """
    judged, broken = _is(verdict, "met", "missed", "overdue"), _is(verdict, "missed", "overdue")
    gross, due = own.ended - own.began, time.windows.before[window + 1]
    # Asked of the hours used, never of an instant: the last promised second is both a closing and the next opening.
    within_hours = gross - paused <= promised_days * time.day_seconds
    decided = own.timed & ~_is(verdict, "excluded", "invalid") & (own.completed | ~within_hours)
    return {
        "customer_seconds": counts(gross, own.timed),
        "response_seconds": _response(rows, own, time),
        "late_seconds": counts(np.maximum(own.ended - due, 0), broken & own.timed),
        "on_time_by_close": _yes_no(own.ends <= time.windows.closes[window], judged & own.timed),
        "on_time_by_hours": _yes_no(within_hours, decided),
        "reopened_within_days": _until_reopened(rows, own, time),
    }


def counts(values: Seconds, known: Flags) -> Any:
    """Whole numbers as Int64, missing where they are not `known`."""
    return pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64), ~known)


def _is(verdict: Seconds, *words: str) -> Flags:
    wanted = np.array([word in words for word in VERDICTS])
    found: Flags = wanted[verdict]
    return found


def _yes_no(holds: Flags, said: Flags) -> Any:
    number = np.where(said, np.where(holds, YES_NO.index("yes"), YES_NO.index("no")), YES_NO.index(""))
    return pd.array(YES_NO, dtype="str").take(number)


def _response(rows: pd.DataFrame, own: Clocks, time: BusinessTime) -> Any:
    answered_at = utc_seconds(rows["first_response_at"])
    answered = (answered_at >= own.begins) & ~rows["dates_only"].to_numpy()
    at = np.where(answered, answered_at, own.begins)
    return counts(time.windows.passed(at, time.windows.following(at)) - own.began, answered)


def _until_reopened(rows: pd.DataFrame, own: Clocks, time: BusinessTime) -> Any:
    reopened_at = utc_seconds(rows["reopened_at"])
    again = np.flatnonzero(own.completed & (reopened_at >= own.completed_at) & time.windows.inside(reopened_at))
    days = np.zeros(len(rows), dtype=np.int64)
    known = np.zeros(len(rows), dtype=bool)
    days[again] = _days_begun(reopened_at[again], time) - _days_begun(own.completed_at[again], time)
    known[again] = True
    return counts(days, known)


def _days_begun(seconds: Seconds, time: BusinessTime) -> Seconds:
    return time.windows.days_begun(seconds, time.windows.following(seconds))
