"""Every measure, declared once: pages, workbooks and the reference are written from here, and a test asks that each is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "requests", "hours", "hosts", "certificates"]
Direction = Literal["higher is better", "lower is better", "neither"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure in the words of its reader.

    `sentence` is filled per row of MEASURES with {period}, {value}, {n}, {met}, {low}, {high}, {target} and {member}. `cohort` says
    which rows count in which period, `exclusions` which never do, `columns` what of the tables it is computed from.
    """

    id: str
    title: str
    sentence: str
    formula: str
    unit: Unit
    direction: Direction
    cohort: str
    exclusions: str
    columns: tuple[str, ...]


_NEVER_COUNTED = "Cancelled and duplicate requests; requests that cannot be judged, which the data-quality page lists."
_BY_DUE_DAY = "Requests whose due day lies in the period and has come. Open and past due counts as missed."
_NOW = "Requests that stand so at the end of the as-of day; given for the month of that day only."
_TIME = "Around the clock from the start of the period to its end, or to the end of the as-of day."
_DESK_TIME = "The desk's hours from the start of the period to its end, or to the end of the as-of day."
_TAKEN_OUT = "Maintenance announced at least 24 hours ahead, and time that nobody monitored."
_OUTAGE_COLUMNS = ("outages.service", "outages.began_at", "outages.ended_at", "outages.kind", "outages.announced_at")
_VERDICT_COLUMNS = ("requests.due_on", "requests.verdict", "requests.assumed_target", "requests.kind")
_SERVED = (
    "Host names in service: from their first certificate that is known, until data/entries/hosts.csv retires them, up to the as-of day."
)
_NOT_SERVED = (
    "Authorities' certificates; certificates that are revoked, from the end of that day on. The time after the last certificate of a host "
    "of which nobody has said whether it is in service: such hosts are counted apart."
)
_BY_END = (
    "Certificates that were the last to cover a host name and whose end lies in the period and has come; each counts once, with the latest "
    "renewal among its host names."
)
_NOT_ENDED = (
    "Ends of hosts that are retired by then, or of which nobody has said whether they are in service; certificates that were replaced and "
    "then revoked; host names that a wildcard covers."
)
_CONTINUITY_COLUMNS = ("continuity.in_service_seconds", "continuity.covered_seconds")
_RENEWAL_COLUMNS = ("renewals.certificate", "renewals.ended_at", "renewals.lead_time_days", "renewals.band")

MEASURES_DECLARED: tuple[Measure, ...] = (
    Measure(
        "on-time-completion",
        "Completed on time",
        "In {period}, {met} of the {n} requests due ({value}, likely range {low} to {high}) were completed by their due day; "
        "target {target}.",
        "met / (met + missed + overdue)",
        "share",
        "higher is better",
        _BY_DUE_DAY,
        _NEVER_COUNTED + " Kinds of request that nobody gave a promise for.",
        _VERDICT_COLUMNS,
    ),
    Measure(
        "on-time-completion-assumed",
        "Completed on time, where the promise is assumed",
        "In {period}, {met} of the {n} requests due ({value}, likely range {low} to {high}) of kinds without a promise of their own "
        "were completed within the time that is assumed for them; target {target}.",
        "met / (met + missed + overdue)",
        "share",
        "higher is better",
        _BY_DUE_DAY,
        _NEVER_COUNTED + " Kinds of request that have a promise of their own.",
        _VERDICT_COLUMNS,
    ),
    Measure(
        "requests-received",
        "Requests received",
        "In {period}, {n} requests were received.",
        "count",
        "requests",
        "neither",
        "Requests whose clock started in the period: one that comes in after hours counts on the next business day.",
        "Duplicates; requests that cannot be judged. Cancelled requests do count: they were asked for.",
        ("requests.received_on", "requests.status", "requests.verdict"),
    ),
    Measure(
        "requests-completed",
        "Requests completed",
        "In {period}, {n} requests were completed.",
        "count",
        "requests",
        "neither",
        "Requests first completed, or rejected, on a local day of the period.",
        _NEVER_COUNTED,
        ("requests.completed_at", "requests.status", "requests.verdict"),
    ),
    Measure(
        "open-requests",
        "Open requests",
        "{n} requests are open.",
        "count",
        "requests",
        "lower is better",
        _NOW + " Reopened ones are among them.",
        _NEVER_COUNTED,
        ("requests.status", "requests.completed_at", "requests.reopen_count", "requests.verdict"),
    ),
    Measure(
        "overdue-requests",
        "Overdue requests",
        "{n} open requests are past their due day.",
        "count",
        "requests",
        "lower is better",
        _NOW,
        _NEVER_COUNTED,
        ("requests.verdict",),
    ),
    Measure(
        "at-risk-requests",
        "Requests at risk",
        "{n} open requests have at most 11 desk hours left.",
        "count",
        "requests",
        "lower is better",
        _NOW,
        _NEVER_COUNTED,
        ("requests.verdict",),
    ),
    Measure(
        "waiting-for-customer",
        "Waiting for the customer",
        "{n} requests wait for an answer of the customer; their clock stands still.",
        "count",
        "requests",
        "neither",
        _NOW,
        _NEVER_COUNTED + " Requests that were past due before the wait began: they are overdue.",
        ("requests.verdict",),
    ),
    Measure(
        "portal-availability",
        "Availability around the clock",
        "In {period}, {member} was available {value} of the time, with {n} outages; target {target}.",
        "1 - (full + weight * partial) / (period - planned - unmonitored)",
        "share",
        "higher is better",
        _TIME,
        _TAKEN_OUT,
        _OUTAGE_COLUMNS,
    ),
    Measure(
        "portal-availability-service-hours",
        "Availability in service hours",
        "In {period}, {member} was available {value} of the desk's hours, with {n} outages; target {target}.",
        "1 - (full + weight * partial) / (period - planned - unmonitored), each in desk time",
        "share",
        "higher is better",
        _DESK_TIME,
        _TAKEN_OUT,
        _OUTAGE_COLUMNS,
    ),
    Measure(
        "portal-downtime",
        "Downtime",
        "In {period}, {member} was down for {value} hours in {n} outages.",
        "full + weight * partial",
        "hours",
        "lower is better",
        _TIME + " A partial outage counts by the weight of the settings.",
        _TAKEN_OUT,
        _OUTAGE_COLUMNS,
    ),
    Measure(
        "certificate-continuity",
        "Certificate continuity (issued)",
        "In {period}, a valid certificate covered {value} of the time in which {n} host names were in service; {met} of them had no gap. "
        "What is measured is what was issued, not what a server uses.",
        "seconds in service that a valid certificate covers / seconds in service, both over all host names",
        "share",
        "higher is better",
        _SERVED,
        _NOT_SERVED,
        _CONTINUITY_COLUMNS,
    ),
    Measure(
        "hosts-with-gaps",
        "Host names with a gap",
        "In {period}, {value} of the {n} host names in service were without a valid certificate for a time.",
        "count",
        "hosts",
        "lower is better",
        _SERVED,
        _NOT_SERVED,
        _CONTINUITY_COLUMNS,
    ),
    Measure(
        "hosts-unaccounted-for",
        "Host names unaccounted for",
        "In {period}, {n} host names had no certificate any more, and nobody had said whether they are still in service.",
        "count",
        "hosts",
        "lower is better",
        "Host names whose last certificate ended before the end of the period, or of the as-of day.",
        "Host names of which a line in data/entries/hosts.csv says what became of them.",
        ("continuity.unknown_seconds",),
    ),
    Measure(
        "on-time-renewal",
        "Renewed on time",
        "In {period}, {met} of the {n} certificates that ended ({value}, likely range {low} to {high}) had been renewed at least 7 days "
        "before.",
        "renewed 7 days or more before the end / ended",
        "share",
        "higher is better",
        _BY_END,
        _NOT_ENDED,
        _RENEWAL_COLUMNS,
    ),
    Measure(
        "near-misses",
        "Near misses",
        "In {period}, {n} certificates were renewed less than 7 days before their end.",
        "count",
        "certificates",
        "lower is better",
        _BY_END,
        _NOT_ENDED,
        _RENEWAL_COLUMNS,
    ),
    Measure(
        "lapses",
        "Lapses",
        "In {period}, {n} certificates ended before they were renewed.",
        "count",
        "certificates",
        "lower is better",
        _BY_END,
        _NOT_ENDED,
        _RENEWAL_COLUMNS,
    ),
)
