"""Certificate continuity in figures: covered time and hosts with gaps, by month, quarter and fiscal year (facts/service-levels §4.3).

Shares of time are sums of seconds over sums of seconds, never means of shares.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from pipeline.service.reporting import Reporting, Whole
from pipeline.service.tallies import OFFICE

COVERED, WITH_GAPS, LAPSED, UNACCOUNTED = "certificate-continuity", "hosts-with-gaps", "lapse-hours", "hosts-unaccounted-for"
_SECONDS = ["in_service_seconds", "covered_seconds", "unknown_seconds"]
_COUNTS = ["n", "met", "unknown"]
_HOUR = 3600


def first_month(table: pd.DataFrame, as_of: dt.date) -> dt.date:
    """The first month of CONTINUITY, else that of the as-of day."""
    months = [label for label in table["period"].unique() if not label.startswith("FY")]
    return dt.date.fromisoformat(f"{min(months)}-01") if months else as_of.replace(day=1)


def continuity(table: pd.DataFrame, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES for the office and each agency, from CONTINUITY: what a period has is added up from its months; the same span of the
    year before, which ends in the middle of one, stands there itself."""
    levels = _levels(table, reporting)
    if not levels:
        return []
    sums = _of_periods(table, levels, len(reporting.periods))
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


def _levels(table: pd.DataFrame, reporting: Reporting) -> list[tuple[Whole, Whole]]:
    """Of each level the rows of CONTINUITY that make it up, by position, and the place in `reporting.periods` that each belongs to."""
    of_rows, labels = pd.factorize(table["period"])
    is_month = np.array([not label.startswith("FY") for label in labels], dtype=bool)
    cells = reporting.cells(pd.Series(pd.to_datetime(labels.where(is_month), format="%Y-%m")))
    months = np.flatnonzero(is_month[of_rows])
    found = [(months, of_cells[cells[of_rows[months]]]) for of_cells in reporting.periods_of_cells[:3]]
    span = {period.label: place for place, period in enumerate(reporting.periods) if period in reporting.levels[3]}
    places = np.array([span.get(label, -1) for label in labels], dtype=np.int64)[of_rows]
    found.append((np.flatnonzero(places >= 0), places[places >= 0]))
    return [(rows, periods) for rows, periods in found if len(rows)]


def _of_periods(table: pd.DataFrame, levels: list[tuple[Whole, Whole]], periods: int) -> pd.DataFrame:
    """The seconds and hosts of each period (places in `reporting.periods`, of which there are so many), of the office and of each agency.

    A host, an agency and a period are one whole number: of a table in its order the rows of a number lie side by side, and nothing is
    sorted or looked up, however many hosts there are.
    """
    hosts, (agencies, names) = pd.factorize(table["host"])[0].astype(np.int64), pd.factorize(table["agency"], sort=True)
    seconds = np.array([table[name].to_numpy(dtype=np.int64) for name in _SECONDS])
    of_office, of_agencies = [], []
    for rows, places in levels:
        keys, sums = _added_up((hosts[rows] * len(names) + agencies[rows]) * periods + places, seconds[:, rows])
        place, agency, host = keys % periods, keys // periods % len(names), keys // periods // len(names)
        of_agencies.append(_counted(place * len(names) + agency, sums))
        keys, sums = _added_up(host * periods + place, sums)
        of_office.append(_counted(keys % periods, sums))
    office = _told(of_office, pd.Index([""]), OFFICE)
    told = _told(of_agencies, names, "agency")
    return pd.concat([office, told[told["member"] != ""]], ignore_index=True)


def _added_up(keys: Whole, columns: Whole) -> tuple[Whole, Whole]:
    """The different keys in their order, and of each row of `columns` the sums by key."""
    if (keys[1:] < keys[:-1]).any():
        order = np.argsort(keys, kind="stable")
        keys, columns = keys[order], columns[:, order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[first], np.add.reduceat(columns, first, axis=1)


def _counted(keys: Whole, sums: Whole) -> tuple[Whole, Whole]:
    """By key of period and member: the seconds of its hosts, and how many were in service, covered all of that time, and unknown.

    Keys are small numbers, and there are few of them: nothing is sorted.
    """
    in_service, covered, unknown = sums
    served = in_service > 0
    found = np.flatnonzero(np.bincount(keys))
    columns = (*sums, served, served & (covered == in_service), unknown > 0)
    totals = np.zeros((len(columns), int(keys.max()) + 1), dtype=np.int64)
    for total, column in zip(totals, columns, strict=True):
        np.add.at(total, keys, column.astype(np.int64, copy=False))
    return found, totals[:, found]


def _told(levels: list[tuple[Whole, Whole]], names: pd.Index[Any], dimension: str) -> pd.DataFrame:
    keys, sums = np.concatenate([keys for keys, _ in levels]), np.concatenate([sums for _, sums in levels], axis=1)
    columns = dict(zip([*_SECONDS, *_COUNTS], sums, strict=True))
    member = pd.Series(names.take(keys % len(names)), dtype="str")
    return pd.DataFrame({"period": keys // len(names), "member": member, **columns, "dimension": dimension})
