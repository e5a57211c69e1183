"""Availability of the services: outages merged, planned maintenance and unmonitored time taken out (facts/service-levels §4.2).

The line of time is cut at every begin, every end and every month; of each piece it is then known what went on in it, so overlaps
are never counted twice and months, quarters and years are sums of pieces.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime, day_end, day_start
from pipeline.findings import Finding, quoted
from pipeline.service.reporting import Reporting
from pipeline.settings import Availability

Flags = npt.NDArray[np.bool_]
Seconds = npt.NDArray[np.int64]
_ANNOUNCED_AHEAD = pd.Timedelta(hours=24)
_HOUR = 3600


def availability(outages: pd.DataFrame, time: BusinessTime, settings: Availability, reporting: Reporting) -> pd.DataFrame:
    """Rows of MEASURES for each service of `outages` (OUTAGE_ROWS, after `counted`), around the clock and in service hours.

    n is the number of merged outages that touch the period. Every second is observed, so the verdict needs no interval; a period
    without any time that counts has no value and no verdict. Service hours are left out where the as-of day lies past the calendar.
    """
    months = reporting.month_days()
    edges = pd.Series(
        [*(day_start(day.date(), time.zone) for day in months), day_end(reporting.as_of, time.zone)], dtype="datetime64[us, UTC]"
    )
    rows: list[dict[str, Any]] = []
    for service, own in outages.groupby("service"):
        pieces = _pieces(own, edges)
        month = edges.searchsorted(pieces["begin"], side="right") - 1
        lengths = {"portal-availability": (pieces["end"] - pieces["begin"]).dt.total_seconds().to_numpy().astype(np.int64)}
        if time.covers(edges).all():
            lengths["portal-availability-service-hours"] = time.seconds(pieces["end"]) - time.seconds(pieces["begin"])
        for labels in reporting.labels(months):
            for period in labels.unique():
                inside = (labels == period).to_numpy()[month]
                measured = {measure: seconds[inside] for measure, seconds in lengths.items()}
                rows += [figure | {"member": service, "period": period} for figure in _figures(pieces[inside], measured, settings)]
    return pd.DataFrame(rows).assign(dimension="service")


def counted(outages: pd.DataFrame, time: BusinessTime, now: pd.Timestamp) -> tuple[pd.DataFrame, list[Finding]]:
    """`outages` as they count at the instant `now`: late maintenance as a full outage, what goes on until now; and the findings."""
    late = (outages["kind"] == "planned") & ~(outages["announced_at"] <= outages["began_at"] - _ANNOUNCED_AHEAD)
    future = (outages["began_at"] >= now) & outages["kind"].ne("planned")
    early = ~time.covers(outages["began_at"]) & (outages["began_at"] < now)
    findings = [
        *(_finding(row, "late-maintenance", "announced_at", "was not announced 24 hours ahead") for row in outages[late].itertuples()),
        *(_finding(row, "future-stamp", "began_at", "begins after the as-of day") for row in outages[future].itertuples()),
        *(
            _finding(row, "outside-calendar", "began_at", "begins before the first of the closed days")
            for row in outages[early].itertuples()
        ),
    ]
    ended = outages["ended_at"].fillna(now)
    return outages.assign(kind=outages["kind"].mask(late, "full"), ended_at=ended.where(ended < now, now))[~future], findings


def _finding(row: Any, code: str, column: str, reason: str) -> Finding:
    return Finding(
        code, f"{row.kind} of {quoted(row.service)} {reason}", value=f"{row.began_at:%Y-%m-%dT%H:%M:%SZ}", column=column, source=row.source
    )


def _pieces(outages: pd.DataFrame, edges: pd.Series[Any]) -> pd.DataFrame:
    """The pieces of time between the first and the last edge: begin, end, and the flags `taken_out`, `full`, `partial`."""
    begins = outages["began_at"].clip(lower=edges.iloc[0], upper=edges.iloc[-1])
    ends = outages["ended_at"].clip(lower=begins, upper=edges.iloc[-1])
    points = pd.Series(pd.concat([begins, ends, edges]).unique()).sort_values(ignore_index=True)
    going_on = {}
    for kind in ("planned", "unmonitored", "full", "partial"):
        steps = np.zeros(len(points), dtype=np.int64)
        np.add.at(steps, points.searchsorted(begins[outages["kind"] == kind]), 1)
        np.add.at(steps, points.searchsorted(ends[outages["kind"] == kind]), -1)
        going_on[kind] = np.cumsum(steps)[:-1] > 0
    taken_out = going_on["planned"] | going_on["unmonitored"]
    full = going_on["full"] & ~taken_out
    partial = going_on["partial"] & ~taken_out & ~full
    return pd.DataFrame({"begin": points[:-1], "end": points[1:].to_numpy(), "taken_out": taken_out, "full": full, "partial": partial})


def _figures(pieces: pd.DataFrame, lengths: dict[str, Seconds], settings: Availability) -> list[dict[str, Any]]:
    """The figures of one service and period; `lengths` are the seconds of each piece by the measure that counts them."""
    taken_out, full, partial = (pieces[flag].to_numpy() for flag in ("taken_out", "full", "partial"))
    down = full | partial
    outage = np.cumsum(down & ~np.concatenate([[False], down[:-1]]))
    target = float(settings.target)
    figures: list[dict[str, Any]] = []
    for measure, seconds in lengths.items():
        observed = int(seconds[~taken_out].sum())
        lost = int(seconds[full].sum()) + float(settings.partial_weight) * int(seconds[partial].sum())
        touched = len(np.unique(outage[down & (seconds > 0)]))
        value = 1 - lost / observed if observed else np.nan
        verdict = "" if not observed else "met" if value >= target else "missed"
        figures.append({"measure": measure, "unit": "share", "value": value, "n": touched, "target": target, "verdict": verdict})
        if measure == "portal-availability":
            figures.append({"measure": "portal-downtime", "unit": "hours", "value": lost / _HOUR, "n": touched, "verdict": ""})
    return figures
