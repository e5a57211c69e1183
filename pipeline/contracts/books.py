"""The published tables of a run (DESIGN §5). Columns may be added at the end, never renamed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.contracts.certificates import CERTIFICATES, CONTINUITY, GAPS, LINTS, RECONCILIATION, RENEWALS
from pipeline.contracts.entries import ANSWERED, ANSWERS, DECISIONS, QUESTIONS
from pipeline.contracts.inbox import Inbox
from pipeline.contracts.tables import AGENCY, REQUEST_KINDS, SOURCE, STATUSES, TIER_TEXT, Column, Table, text
from pipeline.findings import Finding

BECAME = ("certificate", "order", "request", "event", "pause", "lot", "outage", "entry")

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
        text("became", "What it is a row of; an order is one without a certificate.", ("", *BECAME)),
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
            ("certificates", "requests", "pauses", "lots", "outages", "pem", "reference", "entries", "skipped"),
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
    ),
)

LEDGER = Table(
    "ledger",
    "one entry: a charge, a free reissue, a credit, an adjustment, a memo",
    ("entry_id",),
    (
        text("entry_id", "Hash of what is billed, the kind and the cause; never of evidence that may arrive later."),
        text("period", "Month of posting, e.g. FY2027-P05."),
        Column("service_on", "day", "Day of service.", required=True),
        text("agency", "Agency code on the day of service."),
        text("account_id", "Billing account."),
        text("order_id", "Order number."),
        text("certificate", "Certificate that the entry is about."),
        text("request_id", "Request that asked for it, where known."),
        text("kind", "What it is.", ("charge", "credit", "adjustment", "memo")),
        text("tier", TIER_TEXT),
        Column("rate_fiscal_year", "count", "Fiscal year of the rate's day."),
        Column("rate_cents", "cents?", "Rate in force on the day of service."),
        Column("amount_cents", "cents", "What is billed; credits are negative; a reissue within a paid term is 0."),
        text("class", "Empty, late (first billed after its month closed) or correction.", ("", "late", "correction")),
        text("reverses", "Entry that this one takes back."),
        text("lot_id", "Lot whose unit was drawn."),
        Column("unit_cost_cents", "cents?", "What that unit cost the office."),
        text("invoice_no", "Invoice; empty while the month is a draft."),
        SOURCE,
        text("billed_to", "Agency code that is invoiced: the successor in force at the end of the posting period."),
        text("reason", "new order, new term, reissue within the term, revoked within the refund days, ..."),
        text("common_name", "Common name of the certificate, for people."),
        text(
            "amends",
            "Charge whose unit this adjustment swaps for a dearer one; the free reissue itself where the old books hold the charge.",
        ),
        text("adjustment", "Id of the line of adjustments.csv that decided it; empty where a rule did."),
        text("decision", "What that line calls it.", ("", *DECISIONS)),
        text("adjusts", "Entry that the decision is about; empty where it names none."),
        text("approved_by", "Who approved the decision."),
        Column("approved_on", "day", "Day of that approval."),
        text("document", "Letter or ticket that proves the decision."),
        Column("memo_cents", "cents?", "What a memo shows; it is in no sum. Missing for all other kinds."),
    ),
)

WAITING = Table(
    "waiting",
    "one question that keeps certificates waiting: a spelling that nobody understands, or a tier without a rate",
    ("kind", "match", "value"),
    (
        text("kind", "What is not known: the agency or the tier that a spelling means, or the rate of a tier.", ("agency", "tier", "rate")),
        text("match", "What kind of word the spelling is, as in the aliases; empty for a rate."),
        text("value", "The spelling as the export writes it, empty where it writes none; of a rate the tier."),
        Column(
            "orders",
            "whole",
            "Orders charged to nobody, or not in full, until it is known; 0 where no money waits, and of a rate.",
        ),
        Column("certificates", "whole", "Certificates of billing exports up to the as-of day that it is about, charged or not."),
        Column("least_cents", "cents?", "What of these orders waits, at least; missing for a rate."),
        Column("most_cents", "cents?", "What of them waits, at most; it differs while the tier is not known."),
        Column("first_on", "day", "First day of service of these certificates.", required=True),
        Column("last_on", "day", "Last day of service of these certificates.", required=True),
        SOURCE,
        text("sources", "The places of all these certificates, ascending, separated by one space; `source` is the first."),
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

INVOICES = Table(
    "invoices",
    "one invoice: an account and a month",
    ("agency", "account_id", "period"),
    (
        text("invoice_no", "Number, given at the close; drafts have none."),
        text("agency", "Agency that is invoiced."),
        text("account_id", "Billing account."),
        text("period", "Month, e.g. FY2027-P05."),
        text("status", "draft until the month is closed.", ("draft", "closed")),
        Column("lines", "whole", "Ledger entries on it, free reissues included."),
        Column("amount_cents", "cents", "Sum of its lines."),
        Column("due_on", "day", "Day of payment; drafts have none."),
        text("workbook", "Path of the workbook below the run's folder."),
    ),
)

LOTS = Table(
    "lots",
    "one lot and what is left of it",
    ("lot_id",),
    (
        text("lot_id", "Number of the lot."),
        text("tier", TIER_TEXT),
        Column("purchased_on", "day", "Day of purchase."),
        Column("quantity", "whole", "Units bought."),
        Column("drawn", "whole", "Units drawn, by charges or before these books begin."),
        Column("returned", "whole", "Units given back by the vendor for refunds."),
        Column("expired_unused", "whole", "Units that expired without being drawn."),
        Column("remaining", "whole", "quantity - drawn + returned - expired_unused."),
        Column("total_cost_cents", "cents", "Price of the lot."),
        Column("drawn_cost_cents", "cents", "Cost of the units drawn and not returned."),
        Column("units_expire_on", "day", "Last day a unit can be drawn."),
        Column("run_out_on", "day", "Day the lot runs out at the pace of the last 90 days; unknown where nothing was drawn."),
        Column("reorder_on", "day", "Day to order the next lot; not yet computed."),
        Column("drawn_before", "whole", "Units of `drawn` that were drawn before these books begin, as lot_openings.csv says."),
        Column("cost_before_cents", "cents", "What these units had cost; a part of `drawn_cost_cents`."),
    ),
)

RECOVERY = Table(
    "recovery",
    "one tier and fiscal year: what was recovered of its cost",
    ("fiscal_year", "tier"),
    (
        Column("fiscal_year", "whole", "Fiscal year of posting, named by the calendar year it ends in."),
        text("tier", "Tier; empty for decisions that are about no tier."),
        Column("opening_cents", "cents", "Over-recovered (positive) or under-recovered at the beginning of the year."),
        Column("charged_cents", "cents", "Entries of the year that bill something."),
        Column("credited_cents", "cents", "Entries of the year that take something off; never positive."),
        Column("cost_cents", "cents", "What the units drawn in the year cost, less those given back."),
        Column("unused_cents", "cents", "What the units cost that expired unused in the year."),
        Column("closing_cents", "cents", "opening + charged + credited - cost - unused - office cost; the opening of the next year."),
        Column("office_cost_cents", "cents", "Further cost of the year, as costs.csv says."),
        text(
            "basis",
            "Whether costs.csv tells of the year; without it only the certificates' own cost is known and nothing is judged.",
            ("full cost", "certificate cost only"),
        ),
        Column("orders", "whole", "Orders charged in the year, less those credited."),
        Column("without_cost", "whole", "Charges of the year whose unit cost is not known, because no lot had a unit."),
        Column("reserve_limit_cents", "cents?", "60 days of the year's cost; missing where nothing is judged."),
        text("reserve", "Whether the closing keeps within that limit; said of a year that has ended.", ("", "within", "above")),
        Column("carry_limit_cents", "cents?", "5 % of what was charged after credits; missing where nothing is judged."),
        text("carry_forward", "Whether the closing keeps within that limit; said of a year that has ended.", ("", "within", "above")),
        Column("rate_since", "day", "First day of the rate in force at the end of the year, or on the as-of day."),
        Column("rate_age_days", "count", "Its age on that day."),
        Column(
            "proposed_rate_cents",
            "cents?",
            "A proposal for the next rate, of the last year that has ended; missing where nothing is judged.",
        ),
    ),
)

ENCUMBRANCES = Table(
    "encumbrances",
    "one agency and fiscal year: its estimate against what it was billed",
    ("agency", "fiscal_year"),
    (
        text("agency", "Agency that is invoiced."),
        Column("fiscal_year", "whole", "Fiscal year of posting, named by the calendar year it ends in."),
        Column("estimate_cents", "cents?", "What is set aside, as estimates.csv says; missing where it has no line."),
        Column("billed_cents", "cents", "Entries posted to the year, credits included."),
        Column("left_cents", "cents?", "estimate - billed; negative where more was billed than was set aside."),
        Column("projected_cents", "cents?", "What the year comes to if it goes on as until the as-of day; missing for a year to come."),
        text("document", "Encumbrance that proves the estimate."),
    ),
)

JOURNAL = Table(
    "journal",
    "one side of one ledger entry that bills something",
    ("fiscal_year", "line"),
    (
        Column("fiscal_year", "whole", "Fiscal year of posting: the file that the line stands in."),
        Column("line", "whole", "Number of the line in its year, from 1."),
        text("document_id", "Invoice; DRAFT, period and agency while the month is not closed."),
        text("period", "Month of posting, e.g. FY2027-P05."),
        Column("posted_on", "day", "Day of service, credit or approval.", required=True),
        text("account_id", "Billing account of the agency, or the office's own."),
        text("fund", "Fund of that account."),
        text("sub_fund", "Sub-fund."),
        text("department", "Department."),
        text("unit", "Unit."),
        text("appropriation", "Appropriation."),
        text("object", "Object."),
        Column("debit_cents", "cents", "Debited; 0 on a line that credits."),
        Column("credit_cents", "cents", "Credited; 0 on a line that debits."),
        text("agency", "Agency that is invoiced."),
        text("encumbrance", "Document of its estimate for the year."),
        text("order_id", "Order number."),
        text("tier", TIER_TEXT),
        text("kind", "What the entry is.", ("charge", "credit", "adjustment", "memo")),
        text("entry_id", "Entry of the ledger."),
        text("document", "Letter or ticket that proves a decision."),
        text("reason", "Why the entry was made."),
    ),
)

MEASURES = Table(
    "measures",
    "one measure, period and member",
    ("measure", "period", "dimension", "member"),
    (
        text("measure", "Id of the measure."),
        text("period", "Month 2026-11, quarter FY2027-Q1, year FY2026, or FY2027-YTD."),
        text("dimension", "office, agency, kind, tier or service."),
        text("member", "Which of them; empty for the office."),
        Column("value", "number", "The figure; missing where nothing was measured."),
        text("unit", "share, requests, hours, ..."),
        Column("n", "whole", "How many it rests on."),
        Column("met", "count", "How many kept the promise."),
        Column("low", "number", "Lower end of the 95 % interval."),
        Column("high", "number", "Upper end of the 95 % interval."),
        Column("target", "number", "Target, in the unit of the value."),
        text("verdict", "Said only where the interval allows it.", ("", "met", "missed", "uncertain")),
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
        text("value", "What stood there, cut to 80 characters."),
        text("reason", "What is wrong with it."),
        text("action", "What was done.", ("quarantined", "kept", "assumed", "stopped")),
        text("accepted", "Until which day it is accepted, by whom and why; empty where it is not."),
    ),
)

PUBLISHED: tuple[Table, ...] = (
    CERTIFICATES, LINTS, CONTINUITY, RENEWALS, GAPS,
    REQUESTS, RECONCILIATION, LEDGER, INVOICES, LOTS, RECOVERY, ENCUMBRANCES, MEASURES, FINDINGS, QUESTIONS, ANSWERS, ANSWERED,
    INPUTS, SOURCES, PLACES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage returns: its table and the findings made on the way."""

    table: pd.DataFrame
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Books:
    """The books of one run: every published table, what waits for an answer, and the lists of the office that pages need beside them."""

    certificates: pd.DataFrame
    lints: pd.DataFrame
    continuity: pd.DataFrame
    renewals: pd.DataFrame
    gaps: pd.DataFrame
    requests: pd.DataFrame
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
            **tables,
        )

    def published(self) -> dict[str, pd.DataFrame]:
        """The tables of `tables/`, by name, in the order of `PUBLISHED`."""
        return {table.name: getattr(self, table.name) for table in PUBLISHED}
