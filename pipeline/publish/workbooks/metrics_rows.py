"""The rows behind the figures of the workbook of measures: requests, outages, and what covered a host name and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.calendar import local_days
from pipeline.publish import words
from pipeline.publish.workbooks.cells import Sheet
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.lines import day_numbers, optional
from pipeline.publish.workbooks.metrics_figures import Figures
from pipeline.service.attainment import decided

# More rows make the workbook slow to open and to calculate; tables/requests.csv has them all.
MOST_REQUESTS = 25_000
MOST_ENDS = 10_000
MONTH_DUE, PROMISE, COUNTS, VERDICT = "Month due", "Promise", "Counts", "Verdict"
GIVEN, ASSUMED, YES, ON_TIME = "given", "assumed", "yes", "on time"
_VERDICTS = {
    "met": ON_TIME, "missed": "late", "overdue": "overdue", "at-risk": "at risk", "on-track": "on track", "paused": "waiting",
    "excluded": "not counted", "invalid": "cannot be judged",
}  # fmt: skip
_BANDS = {
    "early": "30 days or more",
    "after-first-notice": "7 to 30 days",
    "near-miss": "less than 7 days",
    "lapse": "after the end",
    "": "",
}
_HOUR = 3600
_NO_AGENCY = "not known"


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests of the sheet, where they stand, and the first month of which every request due is among them."""

    rows: pd.DataFrame
    grid: Grid
    first_month: str


def write_requests(sheet: Sheet, figures: Figures) -> Requests:
    """The requests that were received or due in the last 24 months, or are open; as many of these months, newest first, as there is room
    for. A request without a due day counts by its receipt."""
    every = figures.books.requests
    rows, first = _that_fit(every, figures.months)
    places = figures.books.places.set_index("source").reindex(rows["source"])
    zone = figures.settings.organization.zone
    fields = [
        Field("Request", "text", rows["request_id"].tolist()),
        Field("Kind", "text", [words.REQUEST_KINDS[kind] for kind in rows["kind"]]),
        Field("Agency", "text", rows["agency"].tolist(), absent=_NO_AGENCY),
        Field("Tier", "text", rows["tier"].tolist(), absent=_NO_AGENCY),
        Field("Received", "day", day_numbers(rows["received_on"]), absent=_NO_AGENCY),
        Field("Due", "day", day_numbers(rows["due_on"]), absent="no due day"),
        Field("Completed", "day", day_numbers(local_days(rows["completed_at"], zone)), absent="open"),
        Field(VERDICT, "text", [_VERDICTS[verdict] for verdict in rows["verdict"]]),
        Field("Business\ndays", "whole", optional(rows["business_days"]), absent="not known"),
        Field("Desk\nhours", "number", _hours(rows["business_seconds"]), absent="not known"),
        Field("Hours\nwaited", "number", _hours(rows["paused_seconds"]), absent="not known"),
        Field(MONTH_DUE, "month", _months(rows["due_on"]), absent="no due day"),
        Field(PROMISE, "text", [ASSUMED if assumed else GIVEN for assumed in rows["assumed_target"]]),
        Field(COUNTS, "text", [YES if counts else "no" for counts in decided(rows, figures.as_of)]),
    ]
    grid = write_grid(
        sheet,
        "Requests",
        fields,
        not_printed=[
            Field("Hours\nlate", "number", _hours(rows["late_seconds"]), absent="not late"),
            Field("Hours to the\nfirst answer", "number", _hours(rows["response_seconds"]), absent="not known"),
            Field("Hours as the\ncustomer waits", "number", _hours(rows["customer_seconds"]), absent="not known"),
            Field("Reopened", "whole", rows["reopen_count"].tolist()),
            Field("Order", "text", rows["order_id"].tolist(), absent="not named"),
            Field("File", "text", places["file"].tolist(), widest=44),
            Field("Row or\nline", "whole", [int(row) for row in places["row"]]),
        ],
        about="One row a request: what was asked, when it was due and completed, and whether the promise was kept.",
        note=_what_is_left_out(len(rows), len(every), first),
        empty="No request was received or due in the last 24 months.",
    )
    return Requests(rows, grid, first)


def _that_fit(requests: pd.DataFrame, months: list[str]) -> tuple[pd.DataFrame, str]:
    """The newest requests by due day, and the first of `months` since which all are there."""
    day = requests["due_on"].fillna(requests["received_on"])
    month = day.to_numpy(dtype="datetime64[M]")
    still_open = requests["verdict"].isin(("overdue", "at-risk", "on-track", "paused")).to_numpy()
    shown, first = still_open, months[-1]
    for first in months:
        shown = still_open | (month >= np.datetime64(first, "M"))
        if shown.sum() <= MOST_REQUESTS:
            break
    newest_first = requests.assign(day=day)[shown].sort_values(["day", "request_id"], ascending=[False, True], kind="stable")
    return newest_first.reset_index(drop=True), first


def _what_is_left_out(shown: int, every: int, first: str) -> str:
    left = every - shown
    more = f" {words.count(left, 'request')} of earlier months: tables/requests.csv has all {every:,}." if left else ""
    return f"Due since {words.month(first)}, or open; without a due day by receipt. Newest first.{more}"


def write_outages(sheet: Sheet, figures: Figures) -> Grid:
    """Every outage, maintenance and unmonitored spell, newest first."""
    rows = figures.books.outages.sort_values(["began_at", "service"], ascending=[False, True], kind="stable")
    zone = figures.settings.organization.zone
    began, ended = rows["began_at"].dt.tz_convert(zone), rows["ended_at"].dt.tz_convert(zone)
    hours = (rows["ended_at"] - rows["began_at"]).dt.total_seconds() / _HOUR
    return write_grid(
        sheet,
        "Outages",
        [
            Field("Service", "text", rows["service"].tolist()),
            Field("What", "text", rows["kind"].tolist()),
            Field("Began on", "day", day_numbers(local_days(rows["began_at"], zone))),
            Field("At", "text", began.dt.strftime("%H:%M").tolist()),
            Field("Ended on", "day", day_numbers(local_days(rows["ended_at"], zone)), absent="goes on"),
            Field("Until", "text", ended.dt.strftime("%H:%M").fillna("").tolist(), absent="goes on"),
            Field("Hours", "number", optional(hours), absent="goes on"),
            Field("Announced", "day", day_numbers(local_days(rows["announced_at"], zone)), absent="not announced"),
            Field("Month", "month", _months(local_days(rows["began_at"], zone))),
        ],
        about="One row an outage, a maintenance, or a spell in which nobody monitored the service.",
        note="As the log tells them, in the office's time; outages that overlap count once, and one over two months counts in both.",
        empty="No outage log has come in.",
    )


def write_ends(sheet: Sheet, figures: Figures) -> Grid:
    """What covered a host name and ended in the last 24 months or will end within 90 days, newest first, with what followed."""
    every = figures.books.renewals
    zone = figures.settings.organization.zone
    day = local_days(every["ended_at"] - pd.Timedelta(seconds=1), zone)
    since = pd.Timestamp(f"{figures.months[0]}-01")
    inside = day.between(since, pd.Timestamp(figures.as_of) + pd.Timedelta(days=90))
    rows = every.assign(day=day)[inside].sort_values(["day", "host"], ascending=[False, True], kind="stable").iloc[:MOST_ENDS]
    left = len(every) - len(rows)
    more = f" {words.count(left, 'more end')} before or after: tables/renewals.csv has all." if left else ""
    return write_grid(
        sheet,
        "Ends",
        [
            Field("Host name", "wrapped", rows["host"].tolist(), widest=44),
            Field("Agency", "text", rows["agency"].tolist(), absent=_NO_AGENCY),
            Field("Last day", "day", day_numbers(rows["day"])),
            Field("What followed", "text", rows["outcome"].str.replace("-", " ").tolist()),
            Field("Renewed on", "day", day_numbers(local_days(rows["issued_at"], zone)), absent="not renewed"),
            Field("Days\nbefore", "number", optional(rows["lead_time_days"]), absent="not judged"),
            Field("Renewed before the end", "text", [_BANDS[band] for band in rows["band"]], absent="not judged"),
            Field("Month", "month", _months(rows["day"])),
        ],
        not_printed=[
            Field("Certificate", "mono", rows["certificate"].tolist(), widest=66),
            Field("Replaced by", "mono", rows["replaced_by"].tolist(), absent="none", widest=66),
        ],
        about="One row for each end of what covered a host name, with what followed and how early.",
        note=f"Ended in the last 24 months, or ends within 90 days. A certificate of several host names counts once in the figures.{more}",
        empty="Nothing ended in the last 24 months.",
    )


def _months(days: pd.Series[Any]) -> list[int | None]:
    """The first day of the month of each day, as Excel counts days."""
    return day_numbers(pd.Series(days.to_numpy(dtype="datetime64[M]").astype("datetime64[us]"), index=days.index))


def _hours(seconds: pd.Series[Any]) -> list[float | None]:
    return [None if pd.isna(value) else int(value) / _HOUR for value in seconds]
