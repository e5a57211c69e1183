"""Requests that cannot be judged: each gets the verdict `invalid` and one finding, and is counted, never dropped (DESIGN §6)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime, local_days
from pipeline.findings import Finding, quoted

Flags = npt.NDArray[np.bool_]
_STAMPS = ("submitted_at", "first_response_at", "completed_at", "reopened_at")


def doubts(rows: pd.DataFrame, promised_days: pd.Series[Any], time: BusinessTime, now: pd.Timestamp) -> tuple[Flags, list[Finding]]:
    """Which of `rows` (REQUEST_ROWS) cannot be judged as of `now`, and why: one finding a row, the first reason that holds.

    `promised_days` (int64) is the promise in business days, 0 where there is none.
    """
    checks = (
        _without_submission(rows),
        *(_future(rows, column, now) for column in _STAMPS),
        _outside_calendar(rows, promised_days, time, now),
        _without_completion(rows),
        _closed_before_opened(rows, time),
    )
    doubtful = np.zeros(len(rows), dtype=bool)
    findings: list[Finding] = []
    for code, column, reason, holds in checks:
        findings += _findings(rows[holds & ~doubtful], code, column, reason)
        doubtful |= holds
    return doubtful, findings


def early_answers(rows: pd.DataFrame) -> list[Finding]:
    """Findings for sound requests whose first answer is dated before they came in; the request counts, that answer does not."""
    early = rows[(rows["first_response_at"] < rows["submitted_at"]) & ~rows["dates_only"]]
    return [
        Finding(
            "answered-before-opened",
            f"Request {quoted(name)} was answered before it was submitted; its first answer is not counted.",
            value=_shown(value),
            column="first_response_at",
            source=source,
        )
        for source, name, value in early[["source", "request_id", "first_response_at"]].itertuples(index=False)
    ]


def beyond_the_calendar(rows: pd.DataFrame) -> list[Finding]:
    """Findings for requests whose pauses push the due day past the end of the calendar."""
    return _findings(rows, "outside-calendar", "submitted_at", "waited so long that its due day lies past the last year of the closed days")


def _findings(rows: pd.DataFrame, code: str, column: str, reason: str) -> list[Finding]:
    return [
        Finding(
            code, f"Request {quoted(name)} {reason}, so it is not judged.", value=_shown(value), column=column, source=source, action="kept"
        )
        for source, name, value in zip(rows["source"], rows["request_id"], rows[column], strict=True)
    ]


def _shown(instant: pd.Timestamp) -> str:
    return "" if pd.isna(instant) else f"{instant:%Y-%m-%dT%H:%M:%SZ}"


Check = tuple[str, str, str, Flags]


def _without_submission(rows: pd.DataFrame) -> Check:
    return "missing-value", "submitted_at", "has no time of submission", rows["submitted_at"].isna().to_numpy()


def _future(rows: pd.DataFrame, column: str, now: pd.Timestamp) -> Check:
    return "future-stamp", column, f"has a {column} after the as-of day", (rows[column] >= now).to_numpy()


def _outside_calendar(rows: pd.DataFrame, promised_days: pd.Series[Any], time: BusinessTime, now: pd.Timestamp) -> Check:
    inside = np.zeros(len(rows), dtype=bool)
    for days in np.unique(promised_days.to_numpy()):
        inside |= (promised_days == days).to_numpy() & time.covers_due(rows["submitted_at"], int(days))
    inside &= time.covers(rows["completed_at"].fillna(now))
    answered = rows["first_response_at"] >= rows["submitted_at"]
    inside &= time.covers(rows["first_response_at"].where(answered, rows["submitted_at"]))
    return "outside-calendar", "submitted_at", "has days outside the years of the closed days", ~inside


def _without_completion(rows: pd.DataFrame) -> Check:
    lacks = rows["status"].isin(("completed", "rejected")) & rows["completed_at"].isna()
    return "completed-without-time", "completed_at", "is closed, but the log does not say when", lacks.to_numpy()


def _closed_before_opened(rows: pd.DataFrame, time: BusinessTime) -> Check:
    """Compared by day where the log gives days only: midnight stands for the whole day there."""
    earlier = rows["completed_at"] < rows["submitted_at"]
    earlier_day = local_days(rows["completed_at"], time.zone) < local_days(rows["submitted_at"], time.zone)
    return (
        "closed-before-opened",
        "completed_at",
        "was completed before it was submitted",
        earlier.where(~rows["dates_only"], earlier_day).to_numpy(),
    )
