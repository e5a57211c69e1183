"""What else a clock says beside the official verdict: the customer's time, the first answer, lateness, and two stricter readings of
the promise (facts/service-levels §2.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.calendar import BusinessTime, local_days

_JUDGED = ("met", "missed", "overdue")


def readings(
    rows: pd.DataFrame, clocks: pd.DataFrame, promised_days: pd.Series[Any], ends: pd.Series[Any], time: BusinessTime
) -> dict[str, pd.Series[Any]]:
    """The columns of REQUESTS from customer_seconds on, of sound requests.

    `rows` are REQUEST_ROWS, `clocks` the columns due_on, verdict, business_seconds and paused_seconds of REQUESTS, `promised_days`
    (int64) the promise, `ends` when each clock stops: at completion or now. Nothing is said of hours where a log gives days only, and
    a response before the submission is none.
    """
    counted, timed = time.seconds(ends), ~rows["dates_only"]
    judged = clocks["verdict"].isin(_JUDGED)
    broken = clocks["verdict"].isin(("missed", "overdue"))
    closing = time.closing(clocks["due_on"].where(judged, clocks["received_on"]))
    late = pd.Series(np.maximum(counted - time.seconds(closing), 0), index=rows.index, dtype="Int64")
    return {
        "customer_seconds": clocks["business_seconds"] + clocks["paused_seconds"],
        "response_seconds": _response(rows, time).where(timed),
        "late_seconds": late.where(broken & timed),
        "on_time_by_close": _yes_no(ends <= closing, judged & timed),
        "on_time_by_hours": _by_hours(rows, clocks, promised_days, time),
        "reopened_within_days": _until_reopened(rows, time),
    }


def _response(rows: pd.DataFrame, time: BusinessTime) -> pd.Series[Any]:
    answered = rows["first_response_at"] >= rows["submitted_at"]
    at = rows["first_response_at"].where(answered, rows["submitted_at"])
    return pd.Series(time.seconds(at) - time.seconds(rows["submitted_at"]), index=rows.index, dtype="Int64").where(answered)


def _by_hours(rows: pd.DataFrame, clocks: pd.DataFrame, promised_days: pd.Series[Any], time: BusinessTime) -> pd.Series[Any]:
    """Asked of the hours used, never of an instant: the last promised second is both a closing and the next opening."""
    known = clocks["business_seconds"].notna() & ~clocks["verdict"].isin(("excluded", "invalid"))
    within = (clocks["business_seconds"] <= promised_days * time.day_seconds).fillna(False).astype("bool")
    return _yes_no(within, known & (rows["completed_at"].notna() | ~within))


def _yes_no(holds: pd.Series[Any], said: pd.Series[Any]) -> pd.Series[Any]:
    words = np.select([~said.to_numpy(), holds.to_numpy()], ["", "yes"], default="no")
    return pd.Series(words, index=holds.index, dtype="str")


def _until_reopened(rows: pd.DataFrame, time: BusinessTime) -> pd.Series[Any]:
    reopened = (rows["reopened_at"] >= rows["completed_at"]) & time.covers(rows["reopened_at"])
    completed_at = rows["completed_at"].where(reopened, rows["submitted_at"])
    reopened_at = rows["reopened_at"].where(reopened, rows["submitted_at"])
    days = time.day_numbers(local_days(reopened_at, time.zone)) - time.day_numbers(local_days(completed_at, time.zone))
    return pd.Series(days, index=rows.index, dtype="Int64").where(reopened)
