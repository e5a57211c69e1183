"""How long requests took, how late the late ones were, and what the time went into (facts/service-levels §2.4, §2.5).

Two clocks run: the staff's, which stands still while a request waits for the customer, and the customer's, which does not. Both are desk
time. Requests that are open count for as long as they have been watched, see `survival`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.service.attainment import decided
from pipeline.service.counts import called_off, is_received
from pipeline.service.reporting import Reporting, Whole
from pipeline.service.survival import Durations
from pipeline.service.tallies import OFFICE, Flags, Members, joined, tally

HOUR = 3600
# Measure -> the share of requests done by then, by the column of REQUESTS that is the clock.
STAFF = {"completion-time-p50": 0.5, "completion-time-p90": 0.9, "completion-time-p95": 0.95}
CUSTOMER = {"customer-time-p50": 0.5, "customer-time-p90": 0.9}
RESPONSE = {"first-response-p90": 0.9}
LATENESS = {"lateness-median": 0.5, "lateness-max": 1.0}


def durations(requests: pd.DataFrame, told: Flags, members: Members, desk_day: int, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES of REQUESTS by receipt: quantiles of the time to completion, in days of `desk_day` seconds, and to the first answer,
    in hours.

    A rejected request is a completed one; a cancelled one was watched until then. Where the share is never reached, `value` is missing and
    `low` is the longest time after which one was completed: it takes longer than that. One without a known duration takes no part, nor for
    the first answer one whose log tells none (`told` says whose does): there the open ones alone would count, as unanswered.
    """
    received, went = is_received(requests), called_off(requests)
    completed = requests["completed_at"].notna().to_numpy() & ~went
    answered = requests["response_seconds"].notna().to_numpy()
    # where it was completed and no log tells the first answer, nobody knows when that was: neither then nor never
    until_answer = requests["response_seconds"].fillna(requests["customer_seconds"].where(~completed))
    clocks = (
        (STAFF, requests["business_seconds"], received, completed, desk_day),
        (CUSTOMER, requests["customer_seconds"], received, completed, desk_day),
        (RESPONSE, until_answer, received & told, answered, HOUR),
    )
    return [
        rows
        for shares, seconds, counted, ended, unit in clocks
        for rows in _quantiles(shares, seconds, ended, counted, requests["received_on"], members, unit, reporting)
    ]


def lateness(requests: pd.DataFrame, members: Members, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES of the requests that missed their own promise, by due day: the middle and the largest of their hours of desk time
    past it. Of two in the middle it is the smaller. What is still open counts with its hours up to now."""
    late = decided(requests, reporting.as_of) & ~requests["assumed_target"].to_numpy() & (requests["verdict"] != "met").to_numpy()
    every = np.ones(len(requests), dtype=bool)
    rows = _quantiles(LATENESS, requests["late_seconds"], every, late, requests["due_on"], members, HOUR, reporting)
    return [one.drop(columns=["at_risk", "low"]) for one in rows]


def stages(requests: pd.DataFrame, told: Flags, members: Members, zone_days: pd.Series[Any], reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES of the requests completed by `zone_days`, the local days of completion: which share of the customer's time passed
    until the first answer, in work after it, and in waiting for the customer. Requests without one of these times take no part, nor those
    whose log tells no waits (`told` says whose does): all of their time would read as work."""
    known = requests[["customer_seconds", "paused_seconds", "response_seconds"]].notna().all(axis=1).to_numpy()
    rows = is_received(requests) & requests["completed_at"].notna().to_numpy() & ~called_off(requests) & known & told
    whole, waited, answer = (
        requests[name].to_numpy(dtype=np.float64, na_value=0)[rows] for name in ("customer_seconds", "paused_seconds", "response_seconds")
    )
    first = np.minimum(answer, whole - waited)  # what was waited before the first answer was not the staff's
    found = tally(members.at(rows), zone_days[rows], reporting, whole=whole, first=first, work=whole - waited - first, waited=waited)
    total = found["whole"].where(found["whole"] > 0)
    keys = found[["period", "dimension", "member", "n"]]
    names = {"stage-first-answer": "first", "stage-work": "work", "stage-customer": "waited"}
    return [keys.assign(measure=measure, value=found[name] / total) for measure, name in names.items()]


def _quantiles(
    shares: Mapping[str, float],
    seconds: pd.Series[Any],
    ended: Flags,
    rows: Flags,
    days: pd.Series[Any],
    members: Members,
    unit: int,
    reporting: Reporting,
) -> list[pd.DataFrame]:
    cells = reporting.cells(days)
    rows = rows & seconds.notna().to_numpy() & (cells >= 0)
    watched = Durations.of(seconds.to_numpy(dtype=np.int64, na_value=0)[rows], ended[rows])
    parts: dict[str, list[dict[str, Any]]] = {measure: [] for measure in shares}
    for dimension, names, first, groups, group in _groups(cells[rows], members.at(rows), reporting):
        curves = watched.curves(group, groups)
        n = np.diff(curves.begins)
        shown = np.flatnonzero((n > 0) | (dimension == OFFICE))
        place = {"period": first + shown // len(names), "dimension": dimension, "member": names[shown % len(names)], "n": n[shown]}
        for measure, share in shares.items():
            found = curves.quantile(share)
            columns = {"value": found.reached[shown] / unit, "low": found.beyond[shown] / unit, "at_risk": found.at_risk[shown]}
            parts[measure].append(place | columns)
    return [joined(found).assign(measure=measure) for measure, found in parts.items()]


def _groups(cells: Whole, members: Members, reporting: Reporting) -> Iterator[tuple[str, Any, int, int, Whole]]:
    """Every dimension and level of periods: the dimension, its names, the first period of the level, how many groups of period and member
    there are, and the group of each row, -1 for none."""
    for of_cells, level in zip(reporting.periods_of_cells, reporting.levels, strict=True):
        if not level:
            continue
        period = of_cells[cells]
        first = int(of_cells.max()) - len(level) + 1
        for dimension, names, number in members.dimensions():
            group = np.where((period >= 0) & (number >= 0), (period - first) * len(names) + number, -1)
            yield dimension, names, first, len(level) * len(names), group
