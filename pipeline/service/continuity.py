"""Certificate continuity in figures: covered time and hosts with gaps, by month, quarter and fiscal year (facts/service-levels §4.3).

Shares of time are sums of seconds over sums of seconds, never means of shares.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from pipeline.service.reporting import Reporting
from pipeline.service.tallies import OFFICE

COVERED, WITH_GAPS, LAPSED, UNACCOUNTED = "certificate-continuity", "hosts-with-gaps", "lapse-hours", "hosts-unaccounted-for"
_SECONDS = ["in_service_seconds", "covered_seconds", "unknown_seconds"]
_HOUR = 3600


def first_month(table: pd.DataFrame, as_of: dt.date) -> dt.date:
    """The first month of CONTINUITY, else that of the as-of day."""
    months = table.loc[~table["period"].str.startswith("FY"), "period"]
    return dt.date.fromisoformat(f"{months.min()}-01") if len(months) else as_of.replace(day=1)


def continuity(table: pd.DataFrame, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES for the office and each agency, from CONTINUITY: what a period has is added up from its months; the same span of the
    year before, which ends in the middle of one, stands there itself."""
    rows = [rows.assign(period=labels) for labels, rows in _labelled(table, reporting)]
    if not rows:
        return []
    sums = _of_periods(pd.concat(rows, ignore_index=True))
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


def _labelled(table: pd.DataFrame, reporting: Reporting) -> list[tuple[pd.Series, pd.DataFrame]]:
    """Of each level the rows of CONTINUITY that make it up, and the place of the period that each belongs to."""
    months = table[~table["period"].str.startswith("FY")]
    cells = reporting.cells(pd.to_datetime(months["period"], format="%Y-%m"))
    found = [(pd.Series(of_cells[cells], index=months.index), months) for of_cells in reporting.periods_of_cells[:3]]
    places = {period.label: number for number, period in enumerate(reporting.periods)}
    span = table[table["period"].isin([period.label for period in reporting.levels[3]])]
    found.append((span["period"].map(places), span))
    return [(labels, rows) for labels, rows in found if len(rows)]


def _of_periods(labelled: pd.DataFrame) -> pd.DataFrame:
    """The seconds and hosts of each period (places in `reporting.periods`), of the office and of each agency."""
    parts = []
    for dimension, member in ((OFFICE, ""), ("agency", labelled["agency"])):
        hosts = labelled.assign(member=member).groupby(["period", "member", "host"])[_SECONDS].sum()
        served = hosts["in_service_seconds"] > 0
        hosts = hosts.assign(
            n=served.astype("int64"),
            met=(served & (hosts["covered_seconds"] == hosts["in_service_seconds"])).astype("int64"),
            unknown=(hosts["unknown_seconds"] > 0).astype("int64"),
        )
        sums = hosts.groupby(["period", "member"])[[*_SECONDS, "n", "met", "unknown"]].sum().reset_index()
        parts.append(sums[(sums["member"] != "") | (dimension == OFFICE)].assign(dimension=dimension))
    return pd.concat(parts, ignore_index=True)
