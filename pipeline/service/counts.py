"""How many requests came in, were completed, and stand open (DESIGN §6: demand by receipt, completions by their local day)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.calendar import local_days
from pipeline.service.reporting import Reporting, cohort

# What stands so on the as-of day, by the verdict that says it.
_BY_VERDICT = {"overdue-requests": "overdue", "at-risk-requests": "at-risk", "waiting-for-customer": "paused"}
STANDING = ("open-requests", *_BY_VERDICT)
COUNTS = ("requests-received", "requests-completed", *STANDING)


def counted_cohorts(requests: pd.DataFrame, zone: ZoneInfo, as_of: dt.date) -> tuple[pd.DataFrame, ...]:
    """Of REQUESTS, those that came in, by receipt; those completed, by local day; and those that stand open, by the as-of day."""
    today = pd.Timestamp(as_of)
    judged = requests[requests["verdict"] != "invalid"]
    called_off = judged["status"].isin(("cancelled", "duplicate")) & (judged["verdict"] == "excluded")
    received = judged[(judged["status"] != "duplicate") & (judged["received_on"] <= today)]
    completed = judged[judged["completed_at"].notna() & ~called_off]
    still_open = judged["status"].isin(("open", "paused")) & (judged["completed_at"].isna() | (judged["reopen_count"] > 0))
    standing = {"open-requests": still_open} | {measure: judged["verdict"] == verdict for measure, verdict in _BY_VERDICT.items()}
    on_this_day = pd.Series(today.as_unit("us"), index=judged.index, dtype="datetime64[us]")
    return (
        cohort("requests-received", received, received["received_on"]),
        cohort("requests-completed", completed, local_days(completed["completed_at"], zone)),
        *(cohort(measure, judged[holds], on_this_day[holds]) for measure, holds in standing.items()),
    )


def counts(tallied: pd.DataFrame, reporting: Reporting) -> pd.DataFrame:
    """Rows of MEASURES from the tallies of `counted_cohorts`; what stands open is given for the as-of month only."""
    given = ~tallied["measure"].isin(STANDING) | (tallied["period"] == reporting.this_month())
    return tallied[given].drop(columns="met").assign(unit="requests", value=tallied["n"].astype("float64"))
