"""Availability of the services: outages merged, planned maintenance and unmonitored time taken out (facts/service-levels §4.2).

The line of time is cut at every begin, every end and every edge of a period; of each piece it is then known what went on in it, so
overlaps are never counted twice and months, quarters and years are sums of pieces.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.calendar import BusinessTime, day_start
from pipeline.findings import Finding, quoted
from pipeline.service.outages import HOUR, Pieces, Seconds, merged, pieces
from pipeline.service.reporting import Reporting
from pipeline.settings import Availability

_ANNOUNCED_AHEAD = pd.Timedelta(hours=24)


def availability(outages: pd.DataFrame, time: BusinessTime, settings: Availability, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES for each service of `outages` (OUTAGE_ROWS, after `counted`), around the clock and in service hours.

    n is the number of merged outages that touch the period; of the time to restore those that end in it. A period without any time that
    counts has no value. Service hours are left out where the as-of day lies past the calendar.
    """
    edges = pd.Series([day_start(day, time.zone) for day in reporting.edges.tolist()], dtype="datetime64[us, UTC]")
    rows: list[dict[str, Any]] = []
    for service, own in outages.groupby("service"):
        cut = pieces(own, edges)
        desk = time.seconds(cut.ends) - time.seconds(cut.begins) if time.covers(edges).all() else None
        found = merged(own, cut)
        for number, (first, after) in enumerate(zip(*reporting.runs, strict=True)):
            inside = slice(*np.searchsorted(cut.cell, [first, after]))
            begins, ends = edges.iloc[[first, after]]
            shown = [*_shares(cut, inside, desk, settings, found.touching(begins, ends)), *found.figures(begins, ends)]
            rows += [figure | {"member": service, "period": number} for figure in shown]
    return [pd.DataFrame(rows).assign(dimension="service")] if rows else []


def counted(outages: pd.DataFrame, time: BusinessTime, now: pd.Timestamp) -> tuple[pd.DataFrame, list[Finding]]:
    """`outages` as they count at the instant `now`: late maintenance as a full outage, what goes on until now; and the findings."""
    late = (outages["kind"] == "planned") & ~(outages["announced_at"] <= outages["began_at"] - _ANNOUNCED_AHEAD)
    future = (outages["began_at"] >= now) & outages["kind"].ne("planned")
    early = ~time.covers(outages["began_at"]) & (outages["began_at"] < now)
    findings = [
        *(_finding(row, "late-maintenance", "was not announced 24 hours ahead", time) for row in outages[late].itertuples()),
        *(_finding(row, "future-stamp", "begins after the as-of day", time) for row in outages[future].itertuples()),
        *(_finding(row, "outside-calendar", "begins before the first of the closed days", time) for row in outages[early].itertuples()),
    ]
    ended = outages["ended_at"].fillna(now)
    return outages.assign(kind=outages["kind"].mask(late, "full"), ended_at=ended.where(ended < now, now))[~future], findings


def _finding(row: Any, code: str, reason: str, time: BusinessTime) -> Finding:
    """A finding about the outage `row`; its begin is told as people write it, in their own zone."""
    began = f"{row.began_at.tz_convert(time.zone):%Y-%m-%dT%H:%M:%S}"
    return Finding(code, f"{row.kind} of {quoted(row.service)} {reason}", value=began, column="began_at", source=row.source)


def _shares(cut: Pieces, inside: slice, desk: Seconds | None, settings: Availability, touching: int) -> list[dict[str, Any]]:
    """The shares of time of one service and period, `inside` being its pieces and `desk` their desk seconds, None past the calendar."""
    target, weight = float(settings.target), float(settings.partial_weight)
    seconds = cut.seconds[inside]
    observed, lost = _observed(cut, inside, seconds, weight)
    value = 1 - lost / observed if observed else np.nan
    left = (float(1 - settings.target) * observed - lost) / HOUR if observed else np.nan
    blind = int(seconds[cut.unmonitored[inside]].sum())
    figures: list[dict[str, Any]] = [
        {"measure": "portal-availability", "value": value, "n": touching, "target": target},
        {"measure": "portal-downtime", "value": lost / HOUR, "n": touching},
        {"measure": "downtime-budget-left", "value": left, "n": touching, "target": 0.0},
        {"measure": "unmonitored-time", "value": blind / int(seconds.sum()), "n": int(blind > 0)},
    ]
    if desk is not None:
        observed, lost = _observed(cut, inside, desk[inside], weight)
        down = (cut.full | cut.partial)[inside] & (desk[inside] > 0)
        value = 1 - lost / observed if observed else np.nan
        outages = len(np.unique(cut.outage[inside][down]))
        figures.append({"measure": "portal-availability-service-hours", "value": value, "n": outages, "target": target})
    return figures


def _observed(cut: Pieces, inside: slice, seconds: Seconds, weight: float) -> tuple[int, float]:
    """The seconds that count, and how many of them were lost."""
    lost = int(seconds[cut.full[inside]].sum()) + weight * int(seconds[cut.partial[inside]].sum())
    return int(seconds[~cut.taken_out[inside]].sum()), lost
