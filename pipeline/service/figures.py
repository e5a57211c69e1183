"""All measures of a run as one table."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from pipeline.calendar import BusinessTime, day_end, local_days
from pipeline.contracts import MEASURES, Stage
from pipeline.service import continuity
from pipeline.service.attainment import SHARES, due_cohorts, shares
from pipeline.service.availability import availability, counted
from pipeline.service.counts import COUNTS, counted_cohorts, counts
from pipeline.service.reporting import PARTS, Reporting, tally
from pipeline.settings import Settings


def measures(
    requests: pd.DataFrame,
    outages: pd.DataFrame,
    covered: tuple[pd.DataFrame, pd.DataFrame],
    time: BusinessTime,
    settings: Settings,
    as_of: dt.date,
) -> Stage:
    """MEASURES of REQUESTS, OUTAGE_ROWS and `covered`, which is CONTINUITY and RENEWALS, as of the end of `as_of`.

    Sorted by measure, dimension, member and period.

    Months run from the first with data, quarters and fiscal years over the same months; each is computed from its own rows. What is
    wrong with the outages comes back as findings.
    """
    down, findings = counted(outages, time, day_end(as_of, time.zone))
    reporting = Reporting(_first_month(requests, down, time, as_of), as_of, settings.organization.fiscal_year_starts)
    by_part = requests.astype(dict.fromkeys(PARTS, "category"))
    cohorts = (*due_cohorts(by_part, as_of), *counted_cohorts(by_part, time.zone, as_of))
    tallied = tally(cohorts, (*SHARES, *COUNTS), reporting)
    is_share = tallied["measure"].isin(SHARES)
    figures = [
        shares(tallied[is_share], settings.target),
        counts(tallied[~is_share], reporting),
        availability(down, time, settings.availability, reporting),
        continuity.figures(*covered, time.zone, as_of, reporting.starts),
    ]
    rows = pd.concat(figures, ignore_index=True).sort_values(["measure", "dimension", "member", "period"])
    return Stage(MEASURES.check(_typed(rows)), tuple(findings))


def _first_month(requests: pd.DataFrame, outages: pd.DataFrame, time: BusinessTime, as_of: dt.date) -> dt.date:
    """The first month in which a request was submitted or an outage began, inside the calendar; else the as-of month."""
    began = local_days(outages.loc[time.covers(outages["began_at"]), "began_at"], time.zone)
    submitted = local_days(requests.loc[requests["verdict"] != "invalid", "submitted_at"], time.zone)
    first = pd.concat([began, submitted]).min()
    day: dt.date = as_of if pd.isna(first) else min(first.date(), as_of)
    return day.replace(day=1)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with every column of MEASURES in its kind; what a measure does not have is missing or ''."""
    whole = rows.reindex(columns=MEASURES.names)
    numbers = dict.fromkeys(("value", "low", "high", "target"), "float64")
    texts = dict.fromkeys(("measure", "period", "dimension", "member", "unit", "verdict"), "str")
    return whole.fillna({"verdict": ""}).astype({**numbers, **texts, "n": "int64", "met": "Int64"})
