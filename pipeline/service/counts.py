"""How many requests came in, left, and stand open; how many of those that came in were called off, refused, or came after hours
(DESIGN §6: demand by receipt, completions by their local day)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.calendar import BusinessTime, local_days
from pipeline.service import what_logs_tell
from pipeline.service.intervals import shares
from pipeline.service.records import Records
from pipeline.service.reporting import Reporting
from pipeline.service.tallies import Flags, Members, tally

REOPENED_WITHIN = 10
# What stands so on the as-of day, by the verdict that says it.
_BY_VERDICT = {"overdue-requests": "overdue", "at-risk-requests": "at-risk", "waiting-for-customer": "paused"}


def counts(requests: pd.DataFrame, members: Members, zone: ZoneInfo, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES of REQUESTS: received by receipt, completed and cancelled by the local day of it, and what stands open now."""
    went = called_off(requests)
    completed = is_sound(requests) & requests["completed_at"].notna().to_numpy() & ~went
    withdrawn = is_sound(requests) & (requests["status"] == "cancelled").to_numpy() & went
    left_on = local_days(requests["completed_at"], zone)
    return [
        _counted("requests-received", members, is_received(requests), requests["received_on"], reporting),
        _counted("requests-completed", members, completed, left_on, reporting),
        _counted("requests-cancelled", members, withdrawn, left_on.fillna(requests["received_on"]), reporting),
        *_standing(requests, members, reporting),
    ]


def reopened(requests: pd.DataFrame, records: Records, members: Members, time: BusinessTime, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES: which share of the requests completed, whose log can tell, was reopened within 10 business days.

    A request counts on the day on which these 10 days are over: by then it is known, and a month that is over keeps its figure. Whose 10
    days reach past the calendar takes no part.
    """
    completed_on = local_days(requests["completed_at"], time.zone)
    rows = is_sound(requests) & completed_on.notna().to_numpy() & ~called_off(requests)
    rows &= time.covers_due(requests["completed_at"], REOPENED_WITHIN)
    over = completed_on.copy()
    over[rows] = time.due_days(completed_on[rows], REOPENED_WITHIN)
    rows &= what_logs_tell.reopenings(records, over)
    again = (requests["reopened_within_days"] <= REOPENED_WITHIN).fillna(False)
    return [_share("reopen-rate", members, rows, again, over, reporting)]


def of_received(requests: pd.DataFrame, members: Members, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES: which share of the requests received was cancelled, was rejected, or came in while the desk was closed.

    A request of a log that gives days only has no hour, so it takes no part in the last.
    """
    received = is_received(requests)
    timed = received & requests["clock_starts_at"].notna().to_numpy()
    late = requests["clock_starts_at"] > requests["submitted_at"]
    status = requests["status"]
    return [
        _share("cancel-rate", members, received, (status == "cancelled") & called_off(requests), requests["received_on"], reporting),
        _share("reject-rate", members, received, status == "rejected", requests["received_on"], reporting),
        _share("after-hours-share", members, timed, late, requests["received_on"], reporting),
    ]


def is_sound(requests: pd.DataFrame) -> Flags:
    """Which rows of REQUESTS can be judged."""
    return (requests["verdict"] != "invalid").to_numpy()


def called_off(requests: pd.DataFrame) -> Flags:
    """Which rows of REQUESTS were cancelled or were duplicates before they were ever completed."""
    return (requests["status"].isin(("cancelled", "duplicate")) & (requests["verdict"] == "excluded")).to_numpy()


def is_received(requests: pd.DataFrame) -> Flags:
    """Which rows of REQUESTS count as demand: sound ones that are no duplicates."""
    return is_sound(requests) & (requests["status"] != "duplicate").to_numpy()


def is_open(requests: pd.DataFrame) -> Flags:
    """Which rows of REQUESTS stand open on the as-of day, reopened ones among them."""
    waiting = requests["status"].isin(("open", "paused")) & (requests["completed_at"].isna() | (requests["reopen_count"] > 0))
    return is_sound(requests) & waiting.to_numpy()


def _standing(requests: pd.DataFrame, members: Members, reporting: Reporting) -> list[pd.DataFrame]:
    """What stands open at the end of the as-of day, given for the month of that day."""
    today = pd.Series(pd.Timestamp(reporting.as_of).as_unit("us"), index=requests.index)
    standing = {"open-requests": is_open(requests)}
    standing |= {measure: (requests["verdict"] == verdict).to_numpy() for measure, verdict in _BY_VERDICT.items()}
    found = [_counted(measure, members, rows, today, reporting) for measure, rows in standing.items()]
    return [rows[rows["period"] == reporting.this_month()] for rows in found]


def _counted(measure: str, members: Members, rows: Flags, days: pd.Series, reporting: Reporting) -> pd.DataFrame:
    found = tally(members.at(rows), days[rows], reporting)
    return found.assign(measure=measure, value=found["n"].astype("float64"))


def _share(measure: str, members: Members, rows: Flags, holds: pd.Series, days: pd.Series, reporting: Reporting) -> pd.DataFrame:
    found = tally(members.at(rows), days[rows], reporting, met=holds.to_numpy(dtype=bool)[rows])
    return shares(found).assign(measure=measure)
