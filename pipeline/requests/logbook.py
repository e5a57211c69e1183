"""The request log: rows and events of all sources as one table, each request with its agency, clock and verdict."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.agencies import of_nobody, resolve
from pipeline.calendar import BusinessTime, day_end, local_days
from pipeline.contracts import REQUESTS
from pipeline.findings import Finding, quoted
from pipeline.rates import tier_of
from pipeline.requests import pause_doubts
from pipeline.requests.doubts import beyond_the_calendar, doubts, early_answers
from pipeline.requests.episodes import episodes
from pipeline.requests.events import fold
from pipeline.requests.unexplained import unexplained
from pipeline.requests.verdicts import judge, promises
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Logged:
    """The requests (`table`, REQUESTS) and their `episodes` (EPISODES), the words that nobody understands (`unexplained`, UNEXPLAINED),
    and the findings."""

    table: pd.DataFrame
    episodes: pd.DataFrame
    unexplained: pd.DataFrame
    findings: tuple[Finding, ...]


Flags = npt.NDArray[np.bool_]


def log(
    request_rows: pd.DataFrame,
    request_events: pd.DataFrame,
    pause_rows: pd.DataFrame,
    agencies: pd.DataFrame,
    aliases: pd.DataFrame,
    settings: Settings,
    time: BusinessTime,
    as_of: dt.date,
) -> Logged:
    """REQUESTS, one row a request, sorted by its number, judged as of the end of `as_of`; and what is wrong with them.

    Takes the tables REQUEST_ROWS, REQUEST_EVENTS, PAUSE_ROWS, AGENCIES and ALIASES. The order of their rows does not matter. Bad
    rows become findings; nothing raises but a broken contract.
    """
    now = day_end(as_of, time.zone)
    folded = fold(request_events, now)
    rows, twice = _one_row_a_request(request_rows, folded.rows)
    placed, orphans = _placed(pd.concat([pause_rows, folded.pauses], ignore_index=True), rows)
    named, unknown = _identified(rows, agencies, aliases, settings, time)
    promised = promises(rows["kind"], settings.target)
    doubtful, doubted = doubts(rows, promised["business_days"], time, now)
    pauses = _of_sound_rows(placed, doubtful)
    clocks = judge(rows[~doubtful], pauses, promised[~doubtful], time, now)
    judged = named.assign(assumed_target=promised["assumed_target"], requester=named["contact_email"]).join(clocks)
    judged["verdict"] = judged["verdict"].fillna("invalid").astype("str")
    for name in ("on_time_by_close", "on_time_by_hours"):
        judged[name] = judged[name].fillna("").astype("str")
    table = REQUESTS.check(judged)
    spells, broken = episodes(table, folded.episodes, placed, time, now)
    findings = (
        *twice,
        *orphans,
        *unknown,
        *doubted,
        *early_answers(rows[~doubtful]),
        *pause_doubts.doubts(pauses, rows[~doubtful], time, now),
        *beyond_the_calendar(rows.loc[clocks.index[clocks["beyond"]]]),
        *_waiting_since_unknown(rows.loc[clocks.index[clocks["since_unknown"]]]),
        *broken,
        *_notes(rows),
    )
    return Logged(table, spells, unexplained(named), findings)


def _one_row_a_request(request_rows: pd.DataFrame, folded: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Both kinds of log together, sorted by request; a request that stands in both is taken from its own row."""
    rows = pd.concat([request_rows, folded], ignore_index=True)
    repeated = rows["request_id"].duplicated(keep="first")
    findings = [
        Finding(
            "conflicting-rows",
            f"Request {quoted(name)} stands in a request list and in an event log; the row of the list was counted.",
            value=name,
            column="request_id",
            source=source,
            action="kept",
        )
        for source, name in rows.loc[repeated, ["source", "request_id"]].itertuples(index=False)
    ]
    return rows[~repeated].sort_values("request_id", ignore_index=True), findings


def _placed(pauses: pd.DataFrame, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """The pauses that belong to a request, with `position`, the number of its row; and findings for the others."""
    position = pd.Index(rows["request_id"]).get_indexer(pd.Index(pauses["request_id"]))
    orphans = pauses[position < 0]
    findings = [
        Finding(
            "orphan-pause",
            f"The pause belongs to request {quoted(name)}; no request log has a row for it that could be read, so it was not counted.",
            value=name,
            column="request_id",
            source=source,
        )
        for source, name in orphans[["source", "request_id"]].itertuples(index=False)
    ]
    return pauses.assign(position=position)[position >= 0], findings


def _of_sound_rows(pauses: pd.DataFrame, doubtful: Flags) -> pd.DataFrame:
    """The pauses of requests that can be judged, `position` counted among those."""
    sound = ~doubtful[pauses["position"]]
    number = np.cumsum(~doubtful) - 1
    return pauses[sound].assign(position=number[pauses.loc[sound, "position"]])


def _identified(
    rows: pd.DataFrame, agencies: pd.DataFrame, aliases: pd.DataFrame, settings: Settings, time: BusinessTime
) -> tuple[pd.DataFrame, list[Finding]]:
    """`rows` with agency and tier as of the day of submission, where no agency is written by the domain of the contact; and findings for
    words that mean neither."""
    days = local_days(rows["submitted_at"], time.zone)
    agency = resolve(rows["agency_text"], rows["agency_match"], days, agencies, aliases)
    silent = rows["agency_text"] == ""
    agency[silent] = of_nobody(rows.loc[silent, "agency_text"], rows.loc[silent, "contact_email"], days[silent], agencies, aliases)
    named = rows.assign(
        agency=agency,
        tier=tier_of(rows["product"], settings.tiers, aliases, days),
    )
    nobody = named[(named["agency"] == "") & named["has_agency_column"]]
    unpriced = named[(named["tier"] == "") & (named["product"] != "")]
    return named, [
        *(_unknown_agency(*row) for row in nobody[["source", "request_id", "agency_text"]].itertuples(index=False)),
        *(
            Finding(
                "unknown-tier",
                f"Request {quoted(name)}: no tier has this name; the request is counted without one.",
                text,
                "tier",
                source,
                severity="warning",
            )
            for source, name, text in unpriced[["source", "request_id", "product"]].itertuples(index=False)
        ),
    ]


def _unknown_agency(source: int, name: str, text: str) -> Finding:
    if not text:
        reason = f"Request {quoted(name)}: no agency is given; it counts in the office's totals only."
        return Finding("missing-value", reason, column="agency", source=source, severity="warning", action="kept")
    return Finding(
        "unknown-agency", f"Request {quoted(name)}: no agency has this name; it counts in the office's totals only.", text, "agency", source
    )


def _waiting_since_unknown(rows: pd.DataFrame) -> list[Finding]:
    return [
        Finding(
            "pause-unknown",
            f"Request {quoted(name)} is paused and past its due day, but no pause says since when.",
            column="status",
            source=source,
        )
        for source, name in rows[["source", "request_id"]].itertuples(index=False)
    ]


def _notes(rows: pd.DataFrame) -> list[Finding]:
    """What holds for many rows at once is one note with a count, at the first of them."""
    closed = rows[rows["completed_by_closing"]]
    if closed.empty:
        return []
    reason = f"Requests without a time of resolution, for which the time of closing was taken: {len(closed)}."
    return [Finding("completed-by-closing", reason, column="completed_at", source=int(closed["source"].min()))]
