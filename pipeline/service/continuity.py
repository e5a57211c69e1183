"""Certificate continuity in figures: covered time, hosts with gaps, and how early certificates were renewed (facts/service-levels §4.3).

Shares of time are sums of seconds over sums of seconds, never means of shares. A certificate counts once, however many host names it
had: with the latest renewal among them, in the month in which it ended, so that a month keeps its figures once it is over.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline.calendar import day_end, local_days
from pipeline.service.intervals import wilson
from pipeline.service.reporting import OFFICE, Reporting, cohort, tally

COVERED, WITH_GAPS, UNACCOUNTED = "certificate-continuity", "hosts-with-gaps", "hosts-unaccounted-for"
ON_TIME, NEAR_MISSES, LAPSES = "on-time-renewal", "near-misses", "lapses"
_COUNTED = {NEAR_MISSES: "near-miss", LAPSES: "lapse"}
_IN_TIME = ("early", "after-first-notice")
_SECOND = pd.Timedelta(seconds=1)


def figures(table: pd.DataFrame, renewals: pd.DataFrame, zone: ZoneInfo, as_of: dt.date, starts: int) -> pd.DataFrame:
    """Rows of MEASURES for the office and each agency, from CONTINUITY and RENEWALS: by month, quarter and fiscal year."""
    months = table[~table["period"].str.startswith("FY")]
    days = pd.to_datetime(months["period"], format="%Y-%m").astype("datetime64[us]")
    first = days.min().date() if len(days) else as_of.replace(day=1)
    reporting = Reporting(first, as_of, starts)
    judged = ended_certificates(renewals, day_end(as_of, zone), zone)
    return pd.concat([_of_time(months, days, reporting), _of_renewals(judged, reporting)], ignore_index=True)


def ended_certificates(renewals: pd.DataFrame, now: pd.Timestamp, zone: ZoneInfo) -> pd.DataFrame:
    """Of RENEWALS each certificate whose end has come and was judged, with the least lead time of its hosts, and the local `day` that it
    covered last. Ends of retired hosts, and of those of which nobody knows, are not judged."""
    rows = renewals[(renewals["band"] != "") & (renewals["ended_at"] <= now)]
    worst = rows.sort_values(["lead_time_days", "host"], kind="stable").drop_duplicates("certificate")
    return worst.assign(day=local_days(worst["ended_at"] - _SECOND, zone)).sort_values(["ended_at", "host"], kind="stable")


def _of_time(months: pd.DataFrame, days: pd.Series[Any], reporting: Reporting) -> pd.DataFrame:
    seconds = ["in_service_seconds", "covered_seconds", "unknown_seconds"]
    parts = []
    for labels in reporting.labels(days):
        labelled = months.assign(period=labels)
        for dimension, member in ((OFFICE, ""), ("agency", labelled["agency"])):
            rows = labelled.assign(member=member)
            hosts = rows.groupby(["period", "member", "host"])[seconds].sum()
            served = hosts["in_service_seconds"] > 0
            hosts = hosts.assign(
                n=served.astype("int64"),
                met=(served & (hosts["covered_seconds"] == hosts["in_service_seconds"])).astype("int64"),
                unknown=(hosts["unknown_seconds"] > 0).astype("int64"),
            )
            sums = hosts.groupby(["period", "member"])[[*seconds, "n", "met", "unknown"]].sum().reset_index()
            parts.append(sums[(sums["member"] != "") | (dimension == OFFICE)].assign(dimension=dimension))
    sums = pd.concat(parts, ignore_index=True)
    share = sums["covered_seconds"] / sums["in_service_seconds"].where(sums["in_service_seconds"] > 0)
    gone = sums["n"] - sums["met"]
    keys = sums[["period", "dimension", "member"]]
    return pd.concat(
        [
            keys.assign(measure=COVERED, unit="share", value=share.astype("float64"), n=sums["n"], met=sums["met"]),
            keys.assign(measure=WITH_GAPS, unit="hosts", value=gone.astype("float64"), n=sums["n"], met=sums["met"]),
            keys.assign(measure=UNACCOUNTED, unit="hosts", value=sums["unknown"].astype("float64"), n=sums["unknown"]),
        ],
        ignore_index=True,
    )


def _of_renewals(ended: pd.DataFrame, reporting: Reporting) -> pd.DataFrame:
    inside = ended[ended["day"] >= pd.Timestamp(reporting.first_month)].assign(kind="", tier="")
    cohorts = (
        cohort(ON_TIME, inside, inside["day"], inside["band"].isin(_IN_TIME)),
        *(cohort(name, rows, rows["day"]) for name, band in _COUNTED.items() for rows in (inside[inside["band"] == band],)),
    )
    tallied = tally(cohorts, (ON_TIME, *_COUNTED), reporting)
    shares, counts = tallied[tallied["measure"] == ON_TIME], tallied[tallied["measure"] != ON_TIME]
    n, met = shares["n"].to_numpy(), shares["met"].to_numpy()
    low, high = wilson(met, n)
    return pd.concat(
        [
            shares.assign(unit="share", value=met / np.where(n > 0, n, np.nan), low=low, high=high),
            counts.drop(columns="met").assign(unit="certificates", value=counts["n"].astype("float64")),
        ],
        ignore_index=True,
    )
