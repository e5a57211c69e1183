"""Pauses that cannot be counted as they are written: each that is cut, left out or ended by us gets a finding (DESIGN §6)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime
from pipeline.findings import Finding, quoted

Flags = npt.NDArray[np.bool_]
_ONE_DAY = pd.Timedelta(days=1)


def doubts(pauses: pd.DataFrame, rows: pd.DataFrame, time: BusinessTime, now: pd.Timestamp) -> list[Finding]:
    """Findings about `pauses` (PAUSE_ROWS with `position`, the row number in `rows`) of sound requests `rows` as of the instant `now`.

    A pause counts from submission to completion and up to `now`; what lies outside is said once a pause, for the first reason that
    holds. Pauses of a request that was reopened may lie behind its first completion.
    """
    requests = rows.iloc[pauses["position"].to_numpy()].reset_index(drop=True)
    told = pauses.reset_index(drop=True)
    paused, resumed = told["paused_at"], told["resumed_at"]
    future = ((paused >= now) | (resumed >= now)).to_numpy()
    completed = requests["completed_at"].mask(requests["dates_only"], requests["completed_at"] + _ONE_DAY)
    behind = (paused >= completed).to_numpy()
    checks = (
        (
            "outside-calendar",
            "paused_at",
            "the pause reaches out of the years of the closed days; the rest of it counts",
            _outside(paused, resumed, time),
        ),
        ("pause-without-effect", "resumed_at", "the pause ends before the submission and counts nothing", _before(resumed, requests)),
        ("pause-without-effect", "paused_at", "the pause begins after the completion and counts nothing", behind & _once(requests)),
        (
            "pause-not-ended",
            "resumed_at",
            "the pause has no end, though the request is completed; it was ended there",
            _open(resumed, completed) & ~behind,
        ),
    )
    findings = _future(told, now)
    for code, column, reason, holds in checks:
        fresh = holds & ~future
        findings += _findings(told[fresh], code, column, reason, "warning" if code == "outside-calendar" else None)
        future = future | fresh
    return findings


def _outside(paused: pd.Series[Any], resumed: pd.Series[Any], time: BusinessTime) -> Flags:
    outside: Flags = ~(time.covers(paused) & time.covers(resumed.fillna(paused)))
    return outside


def _before(resumed: pd.Series[Any], requests: pd.DataFrame) -> Flags:
    return (resumed <= requests["submitted_at"]).to_numpy()


def _once(requests: pd.DataFrame) -> Flags:
    return requests["reopened_at"].isna().to_numpy()


def _open(resumed: pd.Series[Any], completed: pd.Series[Any]) -> Flags:
    return (resumed.isna() & completed.notna()).to_numpy()


def _future(told: pd.DataFrame, now: pd.Timestamp) -> list[Finding]:
    readings = (("paused_at", "the pause does not count yet"), ("resumed_at", "the pause counts up to the as-of day"))
    return [
        finding
        for column, reading in readings
        for finding in _findings(
            told[(told[column] >= now).to_numpy()], "future-stamp", column, f"{column} lies after the as-of day; {reading}", None
        )
    ]


def _findings(told: pd.DataFrame, code: str, column: str, reason: str, severity: Any) -> list[Finding]:
    return [
        Finding(code, f"Request {quoted(name)}: {reason}.", column=column, source=source, severity=severity)
        for source, name in told[["source", "request_id"]].itertuples(index=False)
    ]
