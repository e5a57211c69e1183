"""All measures of a run as one table, and what is usual for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pipeline.calendar import BusinessTime, day_end, local_days
from pipeline.contracts import LIMITS, MEASURES, Stage
from pipeline.service import continuity, what_logs_tell
from pipeline.service.attainment import attainment
from pipeline.service.availability import availability, counted
from pipeline.service.backlog import backlog, in_calendar, net_flow
from pipeline.service.counts import counts, of_received, reopened
from pipeline.service.declared import MEASURES_DECLARED
from pipeline.service.durations import durations, lateness, stages
from pipeline.service.evidence import evidence
from pipeline.service.expiry import expiring, notices_owed, notices_sent
from pipeline.service.limits import limits
from pipeline.service.mix import mix
from pipeline.service.open_ends import undecided
from pipeline.service.records import Records
from pipeline.service.renewals import renewed
from pipeline.service.reporting import Reporting
from pipeline.service.tallies import Members
from pipeline.service.targets import judged
from pipeline.settings import Settings

_UNITS = {measure.id: measure.unit for measure in MEASURES_DECLARED}
_NUMBERS = ("value", "low", "high", "target")
_KEY = ("measure", "dimension", "member", "period")


@dataclass(frozen=True, slots=True)
class Measured(Stage):
    """MEASURES, what is wrong with the outages, and the table LIMITS."""

    limits: pd.DataFrame = field(default_factory=LIMITS.empty)


def measures(records: Records, time: BusinessTime, settings: Settings, as_of: dt.date) -> Measured:
    """MEASURES and LIMITS of `records` as of the end of `as_of`, whatever the order of their rows.

    Sorted by measure, dimension, member and period. Months run from the first with data, quarters and fiscal years over the same months;
    each is computed from its own rows. What is wrong with the outages comes back as findings.
    """
    down, findings = counted(records.outages, time, day_end(as_of, time.zone))
    starts = settings.organization.fiscal_year_starts
    of_requests = Reporting(_first_month(records.requests, down, time, as_of), as_of, starts)
    of_certificates = Reporting(continuity.first_month(records.continuity, as_of), as_of, starts)
    figures = [
        *_named(_of_requests(records, time, settings, of_requests), of_requests),
        *_named(availability(down, time, settings.availability, of_requests), of_requests),
        *_named(_of_certificates(records, time, settings, of_certificates), of_certificates),
        *_named(evidence(records.inputs, records.sources, settings.quality.warn_quarantined, of_requests), of_requests),
    ]
    table = MEASURES.check(undecided(judged(_table(figures), settings, as_of), records.renewals, settings, as_of))
    return Measured(table, tuple(findings), limits=limits(table, as_of))


def _of_requests(records: Records, time: BusinessTime, settings: Settings, reporting: Reporting) -> list[pd.DataFrame]:
    # words that are asked for again and again are compared as numbers
    requests = records.requests.astype(dict.fromkeys(("status", "verdict"), "category"))
    members = Members.of(requests)
    left_on = local_days(requests["completed_at"], time.zone)
    return [
        *_standing(requests, records.episodes, members, left_on, time, reporting),
        *attainment(requests, members, settings.target, reporting),
        *counts(requests, members, time.zone, reporting),
        *of_received(requests, members, reporting),
        *reopened(requests, records, members, time, reporting),
        *durations(requests, what_logs_tell.first_answers(records), members, time.day_seconds, reporting),
        *lateness(requests, members, reporting),
        *stages(requests, what_logs_tell.waits(records), members, left_on, reporting),
        *mix(requests, records.certificates, records.server_software, reporting),
    ]


def _standing(
    requests: pd.DataFrame,
    episodes: pd.DataFrame,
    members: Members,
    left_on: pd.Series[Any],
    time: BusinessTime,
    reporting: Reporting,
) -> list[pd.DataFrame]:
    """What stood open and what flowed; nothing where a day that is reported lies outside the calendar."""
    if not in_calendar(time, reporting):
        return []
    return [*backlog(requests, episodes, members, time, reporting), *net_flow(requests, members, left_on, time, reporting)]


def _of_certificates(records: Records, time: BusinessTime, settings: Settings, reporting: Reporting) -> list[pd.DataFrame]:
    thresholds = settings.notices.days_before
    return [
        *continuity.continuity(records.continuity, reporting),
        *renewed(records.renewals, time.zone, reporting),
        *expiring(records.certificates, records.hosts, reporting),
        *notices_owed(records.certificates, records.renewals, records.hosts, thresholds, time.zone, reporting),
        *notices_sent(records.notices, time.zone, reporting),
    ]


def _first_month(requests: pd.DataFrame, outages: pd.DataFrame, time: BusinessTime, as_of: dt.date) -> dt.date:
    """The first month in which a request was submitted or an outage began, inside the calendar; else the as-of month."""
    began = local_days(outages.loc[time.covers(outages["began_at"]), "began_at"], time.zone)
    submitted = local_days(requests.loc[requests["verdict"] != "invalid", "submitted_at"], time.zone)
    first = pd.concat([began, submitted]).min()
    day: dt.date = as_of if pd.isna(first) else min(first.date(), as_of)
    return day.replace(day=1)


def _named(figures: list[pd.DataFrame], reporting: Reporting) -> list[pd.DataFrame]:
    """`figures` with the names of the periods in place of their numbers."""
    labels = np.array([period.label for period in reporting.periods], dtype=object)
    return [rows.assign(period=labels[rows["period"].to_numpy(dtype=np.int64)]) for rows in figures]


def _table(figures: list[pd.DataFrame]) -> pd.DataFrame:
    """All figures below each other, sorted, with every column of MEASURES in its kind but the verdict; what a measure does not have is
    missing, and what was published first is not known here. Texts are few and rows are many, so they are told apart once and sorted by
    number."""
    columns = {name: np.concatenate([_cells(rows, name) for rows in figures]) for name in (*_KEY, *_NUMBERS, "n", "met", "at_risk")}
    numbers, texts = {}, {}
    for name in _KEY:
        numbers[name], found = pd.factorize(columns[name], sort=True)
        texts[name] = pd.array(found, dtype="str")
    order = np.lexsort([numbers[name] for name in reversed(_KEY)])
    units = pd.array([_UNITS[measure] for measure in texts["measure"]], dtype="str")
    return pd.DataFrame(
        {name: texts[name].take(numbers[name][order]) for name in _KEY}
        | {name: columns[name][order] for name in _NUMBERS}
        | {"unit": units.take(numbers["measure"][order]), "n": columns["n"][order].astype(np.int64)}
        | {name: pd.array(columns[name][order], dtype="Int64") for name in ("met", "at_risk")}
        | {"first_value": np.nan, "first_published": pd.array(np.full(len(order), "", dtype=object), dtype="str")}
    )


def _cells(rows: pd.DataFrame, name: str) -> np.ndarray:
    """A column as an array: texts as objects, numbers as float64 with NaN where the measure has none."""
    if name in _KEY:
        return rows[name].to_numpy(dtype=object)
    return rows[name].to_numpy(dtype=np.float64, na_value=np.nan) if name in rows else np.full(len(rows), np.nan)
