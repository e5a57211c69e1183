"""The episodes of each request: from its receipt, and from every reopening, to the completion that followed (facts/service-levels §2.4)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime
from pipeline.contracts import EPISODES, PAUSE_ROWS
from pipeline.findings import Finding, quoted
from pipeline.requests.pauses import apply
from pipeline.requests.verdicts import NOT_JUDGED

Flags = npt.NDArray[np.bool_]
_CLOCKS = ("business_seconds", "paused_seconds")


def episodes(
    judged: pd.DataFrame, told: pd.DataFrame, pauses: pd.DataFrame, time: BusinessTime, now: pd.Timestamp
) -> tuple[pd.DataFrame, list[Finding]]:
    """EPISODES as of the instant `now`, sorted by request and episode, and findings for those that cannot be measured.

    `judged` is REQUESTS: its row is the first episode, and its clock that episode's. `told` are the episodes of an event log (`fold`),
    `pauses` PAUSE_ROWS; a pause counts in every episode that it reaches into. An episode that goes on runs to `now`; one that was called
    off has no clock unless it says when. The requests that are `invalid` have no clock in any episode.
    """
    told = told[told["request_id"].isin(judged.loc[judged["reopen_count"] > 0, "request_id"])]
    firsts = judged.rename(columns={"submitted_at": "began_at", "completed_at": "ended_at"}).assign(episode=1)
    ended_as = told[told["episode"] == 1].set_index("request_id")["status"]
    firsts["status"] = ended_as.reindex(firsts["request_id"]).set_axis(firsts.index).fillna(firsts["status"])
    invalid = judged.loc[judged["verdict"] == "invalid", "request_id"]
    later = told[told["episode"] > 1].reset_index(drop=True)
    unheard, findings = _doubts(later, later["request_id"].isin(invalid).to_numpy(), time, now)
    found = pd.concat([firsts[EPISODES.names], _timed(later, unheard, pauses, time, now)], ignore_index=True)
    return EPISODES.check(found.sort_values(["request_id", "episode"])), findings


def _doubts(later: pd.DataFrame, invalid: Flags, time: BusinessTime, now: pd.Timestamp) -> tuple[Flags, list[Finding]]:
    """Which of the later episodes have no clock, and a finding for each of those whose request is sound."""
    future = ((later["began_at"] >= now) | (later["ended_at"] >= now)).to_numpy()
    outside = ~(time.covers(later["began_at"]) & time.covers(later["ended_at"].fillna(now)))
    findings = [
        Finding(
            code,
            f"Request {quoted(name)}: {reason}; that episode has no hours.",
            column="reopened_at",
            source=source,
            severity="warning",
            action="kept",
        )
        for code, reason, holds in (
            ("future-stamp", "it was reopened, or completed again, after the as-of day", future & ~invalid),
            ("outside-calendar", "its reopening reaches out of the years of the closed days", outside & ~future & ~invalid),
        )
        for source, name in later.loc[holds, ["source", "request_id"]].itertuples(index=False)
    ]
    return invalid | future | outside, findings


def _timed(later: pd.DataFrame, unheard: Flags, pauses: pd.DataFrame, time: BusinessTime, now: pd.Timestamp) -> pd.DataFrame:
    """The later episodes with their clocks, Int64; missing where `unheard`, and where an episode was called off without a time."""
    unknown = later["status"].isin(NOT_JUDGED) & later["ended_at"].isna()
    timed = later[~unheard & ~unknown].reset_index(drop=True)
    clocks = pd.DataFrame({name: pd.Series(pd.NA, index=later.index, dtype="Int64") for name in _CLOCKS})
    if len(timed):
        ends = timed["ended_at"].fillna(now)
        spans = time.checked(timed["began_at"]), time.checked(ends)
        paused = apply(_of(timed, pauses), *spans, timed["ended_at"].isna().to_numpy(), _nothing_due(timed), time)
        gross = time.seconds(ends) - time.seconds(timed["began_at"])
        clocks.loc[~unheard & ~unknown.to_numpy(), list(_CLOCKS)] = np.column_stack([gross - paused.seconds, paused.seconds])
    return later.assign(**{name: clocks[name] for name in _CLOCKS})[EPISODES.names]


def _of(timed: pd.DataFrame, pauses: pd.DataFrame) -> pd.DataFrame:
    """The pauses once for each episode of their request, with `position`, the number of its row."""
    rows = timed[["request_id"]].assign(position=np.arange(len(timed)))
    return pauses[PAUSE_ROWS.names].merge(rows, on="request_id")


def _nothing_due(timed: pd.DataFrame) -> npt.NDArray[Any]:
    return np.full(len(timed), -1, dtype=np.int64)
