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

    `judged` is REQUESTS, sorted: its row is the first episode, and its clock that episode's. `told` are the episodes of an event log
    (`fold`), `pauses` PAUSE_ROWS; a pause counts in every episode that it reaches into. An episode that goes on runs to `now`; one that
    was called off has no clock unless it says when. The requests that are `invalid` have no clock in any episode.
    """
    firsts = judged.rename(columns={"submitted_at": "began_at", "completed_at": "ended_at"}).assign(episode=1)[EPISODES.names]
    row = pd.Index(judged["request_id"]).get_indexer(pd.Index(told["request_id"]))
    told = told.assign(row=row)[(row >= 0) & (judged["reopen_count"].to_numpy()[row] > 0)]
    if told.empty:
        return EPISODES.check(firsts), []
    ended = told[told["episode"] == 1]
    firsts.loc[ended["row"].to_numpy(), "status"] = ended["status"].to_numpy()
    later = told[told["episode"] > 1].reset_index(drop=True)
    unheard, findings = _doubts(later, (judged["verdict"] == "invalid").to_numpy()[later["row"]], time, now)
    found = pd.concat([firsts.assign(row=range(len(firsts))), _timed(later, unheard, pauses, time, now)], ignore_index=True)
    return EPISODES.check(found.sort_values(["row", "episode"])), findings


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
    return later.assign(**{name: clocks[name] for name in _CLOCKS})


def _of(timed: pd.DataFrame, pauses: pd.DataFrame) -> pd.DataFrame:
    """The pauses once for each episode of their request, with `position`, the number of its row."""
    rows = timed[["request_id"]].assign(position=np.arange(len(timed)))
    return pauses[PAUSE_ROWS.names].merge(rows, on="request_id")


def _nothing_due(timed: pd.DataFrame) -> npt.NDArray[Any]:
    return np.full(len(timed), -1, dtype=np.int64)
