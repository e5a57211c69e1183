"""Certificate continuity in figures: covered time and hosts with gaps, by month, quarter and fiscal year (facts/service-levels §4.3).

Shares of time are sums of seconds over sums of seconds, never means of shares.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.service.reporting import Reporting, Whole
from pipeline.service.tallies import OFFICE

COVERED, WITH_GAPS, LAPSED, UNACCOUNTED = "certificate-continuity", "hosts-with-gaps", "lapse-hours", "hosts-unaccounted-for"
_SECONDS = ["in_service_seconds", "covered_seconds", "unknown_seconds"]
_COUNTS = ["n", "met", "unknown"]
_HOUR = 3600
_ROWS = 250_000  # of CONTINUITY at once: some hosts'


def first_month(table: pd.DataFrame, as_of: dt.date) -> dt.date:
    """The first month of CONTINUITY, else that of the as-of day."""
    months = [label for label in table["period"].unique() if not label.startswith("FY")]
    return dt.date.fromisoformat(f"{min(months)}-01") if months else as_of.replace(day=1)


def continuity(table: pd.DataFrame, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES for the office and each agency, from CONTINUITY: what a period has is added up from its months; the same span of the
    year before, which ends in the middle of one, stands there itself."""
    if table.empty:
        return []
    sums = _of_periods(table, reporting)
    share = sums["covered_seconds"] / sums["in_service_seconds"].where(sums["in_service_seconds"] > 0)
    lapsed = (sums["in_service_seconds"] - sums["covered_seconds"]) / _HOUR
    gone = sums["n"] - sums["met"]
    keys = sums[["period", "dimension", "member"]]
    return [
        keys.assign(measure=COVERED, value=share.astype("float64"), n=sums["n"], met=sums["met"]),
        keys.assign(measure=WITH_GAPS, value=gone.astype("float64"), n=sums["n"], met=sums["met"]),
        keys.assign(measure=LAPSED, value=lapsed.astype("float64"), n=gone),
        keys.assign(measure=UNACCOUNTED, value=sums["unknown"].astype("float64"), n=sums["unknown"]),
    ]


def _levels(periods: pd.Index[Any], reporting: Reporting) -> tuple[Whole, ...]:
    """Of each level the place in `reporting.periods` that a row of CONTINUITY of each of these `periods` belongs to, -1 for none."""
    is_month = np.array([not label.startswith("FY") for label in periods], dtype=bool)
    cells = reporting.cells(pd.Series(pd.to_datetime(periods.where(is_month), format="%Y-%m")))
    span = {period.label: place for place, period in enumerate(reporting.periods) if period in reporting.levels[3]}
    same_span = np.array([span.get(label, -1) for label in periods], dtype=np.int64)
    return (*(np.where(is_month, of_cells[cells], -1) for of_cells in reporting.periods_of_cells[:3]), same_span)


def _of_periods(table: pd.DataFrame, reporting: Reporting) -> pd.DataFrame:
    """The seconds and hosts of each period (places in `reporting.periods`), of the office and of each agency.

    A host, an agency and a period are one whole number: of a table in its order the rows of a number lie side by side, and nothing is
    sorted or looked up. Sums of hosts add up, so that of millions of rows only those of some hosts are worked on at once.
    """
    hosts, agencies, periods = (pd.factorize(table[name], sort=name == "agency") for name in ("host", "agency", "period"))
    levels, names, many = _levels(periods[1], reporting), agencies[1], len(reporting.periods)
    totals = np.zeros((len(_SECONDS) + len(_COUNTS) + 1, many * len(names)), dtype=np.int64)
    office = np.zeros((len(totals), many), dtype=np.int64)
    seconds = [table[name].to_numpy(dtype=np.int64) for name in _SECONDS]
    for rows in _of_some_hosts(hosts[0]):
        of_rows = np.array([column[rows] for column in seconds])
        of_hosts = hosts[0][rows].astype(np.int64) * len(names) + agencies[0][rows]
        for of_periods in levels:
            places = of_periods[periods[0][rows]]
            inside = np.flatnonzero(places >= 0)
            if not len(inside):
                continue
            keys, sums = _added_up(of_hosts[inside] * many + places[inside], of_rows[:, inside])
            place, agency, host = keys % many, keys // many % len(names), keys // many // len(names)
            _count(totals, place * len(names) + agency, sums)
            keys, sums = _added_up(host * many + place, sums)
            _count(office, keys % many, sums)
    told = _told(totals, names, "agency")
    return pd.concat([_told(office, pd.Index([""]), OFFICE), told[told["member"] != ""]], ignore_index=True)


def _of_some_hosts(hosts: npt.NDArray[np.intp]) -> Iterator[slice]:
    """The rows of some hosts after those of others, where the rows of a host lie together; else all at once."""
    if (hosts[1:] < hosts[:-1]).any():
        yield slice(0, len(hosts))
        return
    begin = 0
    while begin < len(hosts):
        end = begin + _ROWS
        end = int(np.searchsorted(hosts, hosts[end])) if end < len(hosts) else len(hosts)
        end = max(end, int(np.searchsorted(hosts, hosts[begin], side="right")))
        yield slice(begin, end)
        begin = end


def _added_up(keys: Whole, columns: Whole) -> tuple[Whole, Whole]:
    """The different keys in their order, and of each row of `columns` the sums by key."""
    if (keys[1:] < keys[:-1]).any():
        order = np.argsort(keys, kind="stable")
        keys, columns = keys[order], columns[:, order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[first], np.add.reduceat(columns, first, axis=1)


def _count(totals: Whole, keys: Whole, sums: Whole) -> None:
    """Add to `totals`, by key of period and member: the seconds of hosts, how many were in service, covered all of that time, and
    unknown, and how many there are."""
    in_service, covered, unknown = sums
    served = in_service > 0
    columns = (*sums, served, served & (covered == in_service), unknown > 0, np.ones(len(keys), dtype=bool))
    for total, column in zip(totals, columns, strict=True):
        np.add.at(total, keys, column.astype(np.int64, copy=False))


def _told(totals: Whole, names: pd.Index[Any], dimension: str) -> pd.DataFrame:
    """The rows of the periods and members of which there are hosts."""
    *sums, hosts = totals
    keys = np.flatnonzero(hosts)
    columns = {name: column[keys] for name, column in zip([*_SECONDS, *_COUNTS], sums, strict=True)}
    member = pd.Series(names.take(keys % len(names)), dtype="str")
    return pd.DataFrame({"period": keys // len(names), "member": member, **columns, "dimension": dimension})
