"""The published tables of a run (DESIGN §5). Columns may be added at the end, never renamed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from pipeline.contracts.certificates import CERTIFICATES, CONTINUITY, GAPS, LINTS, RECONCILIATION, RENEWALS
from pipeline.contracts.closed import BILLED_ORDERS, RECIPIENTS, Closed
from pipeline.contracts.entries import ACCOUNTS, ANSWERED, ANSWERS, NOT_POSTED, QUESTIONS, RECOVERY_OPENINGS
from pipeline.contracts.forecast import FORECAST, HABITS, PAID_BEFORE, PRICES, READINESS, SCENARIOS, UNITS, WORKLOAD
from pipeline.contracts.inbox import CLOSED_DAYS, EXTRA_CLOSURES, LOT_ROWS, Inbox
from pipeline.contracts.money import ENCUMBRANCES, INVOICES, LEDGER, LOTS, RECOVERY
from pipeline.contracts.notices import NOTICE_LOG, NOTICES
from pipeline.contracts.tables import AGENCY, REQUEST_KINDS, SOURCE, STATUSES, TIER_TEXT, Column, Table, text
from pipeline.findings import Finding

BECAME = ("certificate", "order", "request", "event", "pause", "lot", "outage", "entry", "line")

PLACES = Table(
    "places",
    "one row or block of an input file",
    ("source",),
    (
        Column("source", "whole", "Number of the place, counted from 0 in the order of this table; the other tables point here."),
        text("file", "Path below `data/`, e.g. `inbox/exports/2026-11.csv`."),
        text("sheet", "Worksheet of a workbook, else empty."),
        Column("row", "whole", "Physical line, sheet row, or number of the block in a certificate file; from 1."),
        Column(
            "stands_for",
            "count",
            "Place of the row in force for it: its own; another where a newer file or an earlier row tells the same; missing if none does.",
        ),
        text("became", "What it is a row of; an order is one without a certificate, a line one of a closed month.", ("", *BECAME)),
        text("known_as", "Name of the certificate, order, request, lot or service in these books."),
    ),
)

INPUTS = Table(
    "inputs",
    "one input file",
    ("file",),
    (
        text("file", "Path below `data/`."),
        text(
            "kind",
            "What was read from it.",
            ("certificates", "requests", "pauses", "lots", "outages", "pem", "reference", "entries", "closed", "notices", "skipped"),
        ),
        text("sha256", "SHA-256 of the bytes, hexadecimal."),
        Column("bytes", "whole", "Size of the file in bytes."),
        Column("rows_read", "whole", "Data rows, or certificate blocks, seen in it."),
        Column("rows_accepted", "whole", "Rows that went on."),
        Column("rows_quarantined", "whole", "Rows set aside, each with a finding. read = accepted + quarantined, always."),
        text("layout", "The layout that its header was recognised as."),
        Column("taken_on", "day", "The day the export was taken: from the file's name, else the newest stamp inside."),
        Column("newest_on", "day", "The newest day that any row of it speaks of, not later than the as-of day."),
        text("follows", "The file before it of its source, where both tell of certificates or requests; else empty."),
        Column("told_before", "count", "Certificates or requests that the file before it tells of."),
        Column("told_no_more", "count", "How many of these it does not tell of."),
        Column("told_first", "count", "How many it tells of that the file before it does not."),
        text("role", "Of certificates: billing where its rows may be charged, else inventory.", ("", "billing", "inventory")),
    ),
)

FRESHNESS = ("fresh", "late", "stale", "followed", "unlimited", "unknown", "gone")
DRIFTS = ("", "new", "same", "more", "fewer", "jumped", "gone")

SOURCES = Table(
    "sources",
    "one source: the files of one kind and layout whose paths differ in dates only",
    ("kind", "layout", "series"),
    (
        text("kind", "What is read from it, as in `inputs`."),
        text("layout", "The layout of its files; empty for certificate files."),
        text("series", "The path of its files below `data/`, with * for dates; of certificate files the folder."),
        Column("files", "whole", "Files that there are now; 0 where the previous run had some."),
        text("newest_file", "The file that was taken last."),
        Column("rows_read", "whole", "Rows read from all of them."),
        Column("rows_accepted", "whole", "Rows that went on."),
        Column("rows_quarantined", "whole", "Rows set aside."),
        Column("taken_on", "day", "The day the newest file was taken, not later than the as-of day."),
        Column("newest_on", "day", "The newest day that any row speaks of."),
        Column("age_days", "count", "As-of day less `taken_on`."),
        Column("usual_days", "count", "The usual number of days from one of its files to the next; missing with fewer than three files."),
        Column("limit_days", "count", "`stale_after_days` as it holds for this source; missing where it has no limit."),
        text(
            "freshness",
            "late: older than its files usually are; stale: older than the limit; followed: newer files of the same name have another "
            "layout; unlimited: it has no limit; unknown: no day is known; gone: no file any more.",
            FRESHNESS,
        ),
        Column("rows_before", "count", "Rows read from it in the previous run; missing where it was not there."),
        text("drift", "Rows against the previous run: empty without one; jumped: far more or far fewer than before.", DRIFTS),
    ),
)

YES_NO = ("", "yes", "no")
VERDICTS = ("met", "missed", "overdue", "at-risk", "on-track", "paused", "excluded", "invalid")

REQUESTS = Table(
    "requests",
    "one request: its first episode",
    ("request_id",),
    (
        text("request_id", "Number in the ticket system."),
        text("kind", "What was asked for.", REQUEST_KINDS),
        text("agency", AGENCY),
        text("tier", TIER_TEXT),
        text("order_id", "Order it led to."),
        Column("submitted_at", "instant", "When it was received."),
        Column("clock_starts_at", "instant", "When the desk was next open: the clock runs from here."),
        Column("completed_at", "instant", "First resolution, else the closing."),
        text("status", "Last state.", STATUSES),
        Column(
            "business_seconds", "count", "Desk time from receipt to completion, or to now, less pauses; missing where it cannot be known."
        ),
        Column("paused_seconds", "count", "Desk time it waited for the customer."),
        Column("business_days", "count", "Business days after the day of receipt, up to the day of completion, or to now."),
        Column("due_on", "day", "Last day on which the promise is kept."),
        text("verdict", "Whether the promise was kept.", VERDICTS),
        SOURCE,
        Column("reopened_at", "instant", "When it was first reopened."),
        Column("reopen_count", "whole", "How often it was reopened."),
        Column("received_on", "day", "Local day of the clock's start: the day it counts as demand."),
        Column("first_response_at", "instant", "First answer of staff."),
        Column("assumed_target", "flag", "The promise was not given for this kind; it is assumed."),
        text("requester", "Who asked, as the log writes it; empty where it does not."),
        Column(
            "customer_seconds",
            "count",
            "Desk time from receipt to completion, or to now, pauses counted in: as the customer waited; missing where it cannot be known.",
        ),
        Column("response_seconds", "count", "Desk time from receipt to the first answer; missing without one, or without hours."),
        Column(
            "late_seconds",
            "count",
            "Desk time from the closing of `due_on` to completion, or to now, of what is missed or overdue; else missing.",
        ),
        text("on_time_by_close", "Stricter than the verdict: completed before the desk closed on `due_on`; empty while undecided.", YES_NO),
        text("on_time_by_hours", "By hours: `business_seconds` at most the promised days of desk time; empty while undecided.", YES_NO),
        Column("reopened_within_days", "count", "Business days from completion to the first reopening; missing without one."),
    ),
)

EPISODES = Table(
    "episodes",
    "one episode of a request: from its receipt, or from a reopening, to the completion that followed",
    ("request_id", "episode"),
    (
        text("request_id", "Number in the ticket system."),
        Column("episode", "whole", "1 is the row of `requests`; each reopening begins the next."),
        Column("began_at", "instant", "Receipt, or the reopening."),
        Column("ended_at", "instant", "Completion; missing while it goes on."),
        text("status", "State at its end, or now.", STATUSES),
        Column(
            "business_seconds", "count", "Desk time from its begin to its end, or to now, less pauses; missing where it cannot be known."
        ),
        Column("paused_seconds", "count", "Desk time of the episode that waited for the customer."),
        SOURCE,
    ),
)

AT_STAKE = Table(
    "at_stake",
    "one sum of money that a finding is about",
    (),
    (
        text("code", "Code of the finding."),
        Column("less_cents", "cents", "What somebody is charged less because of it; not negative."),
        Column("more_cents", "cents", "What somebody is, or may be, charged more because of it; not negative."),
        text("by", "Who decided it, where somebody did."),
        SOURCE,
    ),
)

MEASURES = Table(
    "measures",
    "one measure, period and member",
    ("measure", "period", "dimension", "member"),
    (
        text("measure", "Id of the measure."),
        text(
            "period",
            "Month 2026-11, quarter FY2027-Q1, year FY2026, FY2027-YTD for one that has not ended, and beside it FY2026-YTD, the same span "
            "of the year before.",
        ),
        text("dimension", "office, agency, kind, tier, service, software (of the certificate that was asked for) or source (of rows)."),
        text("member", "Which of them; empty for the office."),
        Column("value", "number", "The figure; missing where nothing was measured."),
        text("unit", "share, requests, hours, ..."),
        Column("n", "whole", "How many it rests on."),
        Column("met", "count", "How many of them the share counts: that kept the promise, were renewed in time, were reopened, ..."),
        Column("low", "number", "Lower end of the 95 % interval."),
        Column("high", "number", "Upper end of the 95 % interval."),
        Column("target", "number", "Target, in the unit of the value."),
        text(
            "verdict",
            "Said only where the interval allows it; of a share that rests on fewer than 10 it is too-few.",
            ("", "met", "missed", "uncertain", "too-few"),
        ),
        Column("at_risk", "count", "Of a quantile of durations, how many were still observed there; else missing."),
        Column("first_value", "number", "The figure as its close froze it; missing where none did, or nothing was measured then."),
        text("first_published", "The closed month that froze it first, e.g. FY2027-P04; empty where no close did."),
    ),
)

RESTATED = Table(
    "restated",
    "one figure of a closed period that reads otherwise now",
    ("measure", "period", "dimension", "member"),
    (
        text("measure", "Id of the measure."),
        text("period", "Month 2026-10, quarter FY2027-Q1 or year FY2026."),
        text("dimension", "office, agency, kind, tier or service."),
        text("member", "Which of them; empty for the office."),
        text("unit", "share, requests, hours, ..."),
        text("first_published", "The closed month that froze it, e.g. FY2027-P04."),
        Column("first_value", "number", "The figure as it was frozen; missing where nothing was measured then."),
        Column("first_n", "whole", "How many it rested on then."),
        Column("first_met", "count", "How many kept the promise then."),
        Column("value", "number", "The figure now; missing where nothing is measured any more."),
        Column("n", "count", "How many it rests on now; missing where it has no row any more."),
        Column("met", "count", "How many kept the promise now."),
        text("why", "What came in after the close, where that can be known."),
    ),
)

LIMITS = Table(
    "limits",
    "one monthly share of one member, and what is usual for it",
    ("measure", "dimension", "member"),
    (
        text("measure", "Id of the measure, as in `measures`."),
        text("dimension", "office, agency, kind or tier."),
        text("member", "Which of them; empty for the office."),
        Column("months", "whole", "Months of the baseline: the first that are over and rest on ten or more; they stay it."),
        Column("mean", "number", "Mean share of these months."),
        Column("lower", "number", "Lower limit: mean less 2.66 times the mean difference from month to month, not below 0."),
        Column("upper", "number", "Upper limit, likewise, not above 1. A month outside the limits is a signal."),
        text("baseline_from", "First month of the baseline, e.g. 2025-07."),
        text("baseline_to", "Last month of the baseline."),
    ),
)

FINDINGS = Table(
    "findings",
    "one thing a person should know about the input",
    (),
    (
        text("code", "Kind of finding; the reference page says what each means."),
        text("severity", "How grave.", ("error", "warning", "note")),
        text("file", "File below `data/`."),
        text("sheet", "Worksheet."),
        Column("row", "whole", "Row or line; 0 where the whole file is meant."),
        text("column", "Column."),
        text("value", "The value, as read, cut to 80 characters."),
        text("reason", "What is wrong with it."),
        text("action", "What was done.", ("quarantined", "kept", "assumed", "stopped")),
        text("accepted", "Until which day it is accepted, by whom and why; empty where it is not."),
    ),
)

PUBLISHED: tuple[Table, ...] = (
    CERTIFICATES, LINTS, CONTINUITY, RENEWALS, GAPS, NOTICES,
    REQUESTS, EPISODES, RECONCILIATION, LEDGER, INVOICES, LOTS, RECOVERY, ENCUMBRANCES, MEASURES, LIMITS, RESTATED, FINDINGS,
    FORECAST, WORKLOAD, UNITS, PRICES, SCENARIOS, PAID_BEFORE, READINESS, HABITS, QUESTIONS, ANSWERS, ANSWERED, INPUTS, SOURCES, PLACES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage returns: its table and the findings made on the way."""

    table: pd.DataFrame
    findings: tuple[Finding, ...] = ()


class ByHand(NamedTuple):
    """What corrections that people entered changed of a ledger entry: how it would bill without them (agency, tier, USD cents), why they
    were entered, by whom, and on which day the last of them was."""

    agency: str
    tier: str
    cents: int
    reason: str
    by: str
    on: dt.date


@dataclass(frozen=True, slots=True)
class Books:
    """The books of one run: every published table, what waits for an answer, what became of each order (`billed_orders`), which decisions
    are `not_posted`, the closed months and who gets their invoices, and the lists of the office that pages need beside them."""

    certificates: pd.DataFrame
    lints: pd.DataFrame
    continuity: pd.DataFrame
    renewals: pd.DataFrame
    gaps: pd.DataFrame
    requests: pd.DataFrame
    episodes: pd.DataFrame
    reconciliation: pd.DataFrame
    ledger: pd.DataFrame
    waiting: pd.DataFrame
    at_stake: pd.DataFrame
    questions: pd.DataFrame
    answers: pd.DataFrame
    answered: pd.DataFrame
    invoices: pd.DataFrame
    lots: pd.DataFrame
    recovery: pd.DataFrame
    encumbrances: pd.DataFrame
    journal: pd.DataFrame
    measures: pd.DataFrame
    findings: pd.DataFrame
    inputs: pd.DataFrame
    sources: pd.DataFrame
    places: pd.DataFrame
    outages: pd.DataFrame
    agencies: pd.DataFrame
    aliases: pd.DataFrame
    corrections: pd.DataFrame
    accepted: pd.DataFrame
    hosts: pd.DataFrame
    server_software: pd.DataFrame
    notes: pd.DataFrame
    source_files: pd.DataFrame
    source_rows: pd.DataFrame
    limits: pd.DataFrame = field(default_factory=LIMITS.empty)
    lot_rows: pd.DataFrame = field(default_factory=LOT_ROWS.empty)
    billed_orders: pd.DataFrame = field(default_factory=BILLED_ORDERS.empty)
    recipients: pd.DataFrame = field(default_factory=RECIPIENTS.empty)
    accounts: pd.DataFrame = field(default_factory=ACCOUNTS.empty)
    restated: pd.DataFrame = field(default_factory=RESTATED.empty)
    not_posted: pd.DataFrame = field(default_factory=NOT_POSTED.empty)
    recovery_openings: pd.DataFrame = field(default_factory=RECOVERY_OPENINGS.empty)
    forecast: pd.DataFrame = field(default_factory=FORECAST.empty)
    workload: pd.DataFrame = field(default_factory=WORKLOAD.empty)
    readiness: pd.DataFrame = field(default_factory=READINESS.empty)
    scenarios: pd.DataFrame = field(default_factory=SCENARIOS.empty)
    paid_before: pd.DataFrame = field(default_factory=PAID_BEFORE.empty)
    units_needed: pd.DataFrame = field(default_factory=UNITS.empty)
    prices: pd.DataFrame = field(default_factory=PRICES.empty)
    habits: pd.DataFrame = field(default_factory=HABITS.empty)
    notices: pd.DataFrame = field(default_factory=NOTICES.empty)
    notice_log: pd.DataFrame = field(default_factory=NOTICE_LOG.empty)
    closed_days: pd.DataFrame = field(default_factory=CLOSED_DAYS.empty)
    extra_closures: pd.DataFrame = field(default_factory=EXTRA_CLOSURES.empty)
    closed: Closed = field(default_factory=Closed)

    @classmethod
    def of(cls, inbox: Inbox, **tables: pd.DataFrame) -> Books:
        """The books with these tables, and the lists as they came in."""
        return cls(
            inputs=inbox.inputs,
            outages=inbox.outage_rows,
            agencies=inbox.agencies,
            aliases=inbox.aliases,
            corrections=inbox.corrections,
            accepted=inbox.accepted,
            hosts=inbox.hosts,
            server_software=inbox.server_software,
            notes=inbox.notes,
            source_files=inbox.source_files,
            source_rows=inbox.source_rows,
            lot_rows=inbox.lot_rows,
            accounts=inbox.accounts,
            recovery_openings=inbox.recovery_openings,
            notice_log=inbox.notice_log,
            closed_days=inbox.closed_days,
            extra_closures=inbox.extra_closures,
            closed=inbox.closed,
            **tables,
        )

    def published(self) -> dict[str, pd.DataFrame]:
        """The tables of `tables/`, by name, in the order of `PUBLISHED`."""
        return {table.name: getattr(self, table.name) for table in PUBLISHED}
