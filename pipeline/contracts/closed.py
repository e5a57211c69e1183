"""The closed months, as data/ledger holds them: what was billed then, and stands whatever arrives later (DESIGN §6, "Close")."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pipeline.contracts.money import INVOICES, LEDGER
from pipeline.contracts.tables import SOURCE, TIER_TEXT, Column, Table, text

CLOSED_PERIODS = Table(
    "closed_periods",
    "one closed month",
    ("period",),
    (
        text("period", "Month, e.g. FY2027-P04; FY2027-P13 holds late items of the year."),
        Column("turn", "whole", "Its place in the order of closing, from 1."),
        Column("closed_on", "day", "As-of day of the close.", required=True),
        text("closed_by", "Who closed it."),
        text("sums", "SHA-256 of its SHA256SUMS, hexadecimal: the link that the next close holds."),
    ),
)

CLOSED_LOTS = Table(
    "closed_lots",
    "one lot, as it stood when the newest closed month was closed",
    ("lot_id",),
    (
        text("lot_id", "Number of the lot."),
        text("tier", TIER_TEXT),
        Column("purchased_on", "day", "Day of purchase.", required=True),
        Column("quantity", "whole", "Units bought."),
        Column("total_cost_cents", "cents", "Price of the whole lot."),
        Column("units_expire_on", "day", "Last day a unit can be drawn."),
        Column("returns_on_refund", "flag", "The vendor credits the unit when a certificate is refunded."),
        Column("drawn_before", "whole", "Units that were drawn before these books begin."),
        Column("drawn", "whole", "Units drawn until then; a lot with none may still be mended in its file."),
        SOURCE,
    ),
)

CLOSED_LINES = Table(
    "closed_lines",
    "one line of a closed month, with what its invoice says beside the ledger",
    ("entry_id",),
    (
        text("entry_id", "Entry of the ledger."),
        text("serial", "Serial number of its certificate."),
        Column("issued_on", "day", "Day on which its certificate was issued, as it counts for the charge."),
        text("host", "What its certificate is for: the common name, else the first of the other names."),
        text("other_names", "Names that the certificate covers, separated by one space."),
        text("requester", "Who asked for it, as the request log writes it."),
        text("note", "What the line says of itself."),
        text("file", "File below data/ that its row was read from."),
        text("sheet", "Worksheet of that file."),
        Column("row", "count", "Row or line of that file."),
        text("certificate_file", "Certificate file of its certificate."),
        Column("certificate_block", "count", "Block of that file."),
        Column("rate_since", "day", "First day of the line of the rate card that its rate stands in."),
        Column("rate_until", "day", "Last day of that line; missing while no later rate was known."),
        text("base_tier", "Of an upgrade the tier that it began from."),
        Column("base_cents", "cents?", "Rate of that tier that was charged before."),
        Column("base_since", "day", "First day of the line of the rate card that it stands in."),
        Column("base_until", "day", "Last day of that line; missing while no later rate was known."),
        text("issuer", "Who issued its certificate; empty in months closed by an older program."),
        Column("valid_from", "instant", "First second of its certificate; missing in months closed by an older program."),
        Column("valid_to", "day", "Last day of its certificate, in UTC; missing in months closed by an older program."),
    ),
)

CLOSED_FACES = Table(
    "closed_faces",
    "one invoice of a closed month, with what its first sheet says",
    ("invoice_no",),
    (
        text("invoice_no", "Number of the invoice."),
        text("agency", "Agency that is invoiced."),
        text("account_id", "Billing account."),
        text("period", "Month, e.g. FY2027-P04."),
        text("period_title", "The month in words."),
        text("agency_name", "Name of the agency on the last day of the month."),
        text("secretariat", "The part of government that it belongs to."),
        text("billing_contact", "Address for invoices; empty where none is on file."),
        text("fund", "Fund of the account."),
        text("sub_fund", "Sub-fund."),
        text("department", "Department."),
        text("unit", "Unit."),
        text("appropriation", "Appropriation."),
        text("object", "Object."),
        text("organization", "Who issued the invoice."),
        text("service_owner", "Whom to ask."),
        Column("sample", "flag", "Whether all of it is made up."),
        text("run_id", "Run of the close."),
        text("snapshot", "SHA-256 of the list of files that the close read, hexadecimal."),
        text("program", "Version of the program that closed the month."),
        text("closed_by", "Who closed it."),
        Column("closed_on", "day", "As-of day of the close.", required=True),
        Column("without_agency", "whole", "Orders of the month of which nobody knew then who pays; they are on no invoice."),
    ),
)

OUTCOMES = ("billed", "reissued", "refunded", "adjusted", "not billable", "unanswered", "no order")

BILLED_ORDERS = Table(
    "billed_orders",
    "one order of an invoice's account and month, and what became of it",
    ("agency", "account_id", "period", "order_key"),
    (
        text("agency", "Agency that is invoiced."),
        text("account_id", "Billing account."),
        text("period", "Month, e.g. FY2027-P04."),
        text("order_key", "What tells the order from others: its number, else its certificate; of a decision about no order its entry."),
        text("order_id", "Order number; empty where the export gives none."),
        text("host", "What its first certificate is for."),
        text("tier", TIER_TEXT),
        Column("first_on", "day", "Its first day in the month."),
        Column("certificates", "whole", "Certificates of it that the month tells of."),
        text(
            "outcome",
            "billed: a charge or an upgrade; reissued: at $0.00 within its paid term; refunded: its charge was taken back; adjusted: only "
            "decisions and corrections; not billable and unanswered: see `why`; no order: a decision about the agency as a whole.",
            OUTCOMES,
        ),
        text("why", "Why it is not billed, or what of it still waits."),
        Column("lines", "whole", "Its lines on the invoice."),
        Column("amount_cents", "cents", "What these lines come to."),
        text("file", "File below data/ that tells of it."),
        text("sheet", "Worksheet of that file."),
        Column("row", "count", "Row or line of that file."),
    ),
)

CLOSED_WORKBOOKS = Table(
    "closed_workbooks",
    "one workbook of a closed month, as it was written at the close",
    ("invoice_no",),
    (
        text("invoice_no", "Number of the invoice."),
        text("file", "Path of the workbook below the run's folder."),
        text("sha256", "SHA-256 of its bytes, hexadecimal."),
    ),
)

CLOSED_ROWS = Table(
    "closed_rows",
    "one line of a closed month, with the row of the inbox or of data/entries that it rests on, as it was read",
    ("entry_id",),
    (
        text("entry_id", "Entry of the ledger."),
        text("file", "File below `data/` that the row was read from."),
        text("sheet", "Worksheet of a workbook, else empty."),
        Column("row", "whole", "Row or line of that file."),
        text("labels", "Labels of its columns, as a JSON list."),
        text("cells", "Its cells in the order of the labels, as a JSON list; challenge phrases and passwords are hidden."),
    ),
)

CLOSED_RATES = Table(
    "closed_rates",
    "one line of the rate card as of a close",
    ("tier", "since"),
    (
        text("tier", TIER_TEXT),
        Column("since", "day", "First day of the rate.", required=True),
        Column("rate_cents", "cents", "The rate."),
    ),
)

CLOSED_MEASURES = Table(
    "closed_measures",
    "one figure of a month, quarter or fiscal year, as it was when its last month was closed",
    ("measure", "period", "dimension", "member"),
    (
        text("measure", "Id of the measure."),
        text("period", "Month 2026-11, quarter FY2027-Q1 or year FY2026."),
        text("dimension", "office, agency, kind, tier or service."),
        text("member", "Which of them; empty for the office."),
        Column("value", "number", "The figure; missing where nothing was measured."),
        text("unit", "share, requests, hours, ..."),
        Column("n", "whole", "How many it rested on."),
        Column("met", "count", "How many kept the promise."),
        Column("low", "number", "Lower end of the 95 % interval."),
        Column("high", "number", "Upper end of the 95 % interval."),
        Column("target", "number", "Target, in the unit of the value."),
        text("verdict", "What was said of the target."),
    ),
)

CLOSED_FILES = Table(
    "closed_files",
    "one input file of the run that closed a month",
    ("period", "file"),
    (
        text("period", "The month that was closed."),
        text("file", "Path below `data/`."),
        text("kind", "What was read from it, as in `inputs`."),
        text("sha256", "SHA-256 of its bytes, hexadecimal."),
        text("role", "Of certificates billing or inventory, as in `inputs`; empty also where an older program did not keep it."),
    ),
)

CLOSE_REGISTER = Table(
    "close_register",
    "one account of an agency in a close: what it is billed, against the month before",
    ("agency", "account_id"),
    (
        text("agency", "Agency that is invoiced."),
        text("account_id", "Billing account."),
        text("invoice_no", "Number of its invoice; empty where the month bills it nothing at all."),
        Column("lines", "whole", "Ledger entries on the invoice."),
        Column("amount_cents", "cents", "What it comes to."),
        Column("before_cents", "cents", "What the invoice of the month before came to."),
        Column("difference_cents", "cents", "amount - before."),
        text("why", "What the difference is made of, in words."),
    ),
)


RECIPIENTS = Table(
    "recipients",
    "one invoice of the month that was closed last",
    ("invoice_no",),
    (text("invoice_no", "Number of the invoice."), text("address", "To whom it is sent; empty where nobody is known.")),
)


@dataclass(frozen=True, slots=True)
class Closed:
    """All closed months: `periods` in the order of closing, and the frozen tables of all of them, in that order.

    `ledger` is LEDGER, each `source` the place of the frozen copy of the row; `invoices` is INVOICES; of `lots` only the newest close
    counts. `lines`, `faces` and `orders` (CLOSED_LINES, CLOSED_FACES, BILLED_ORDERS) hold what the invoices say beside the ledger, so that
    they can be written again byte by byte; `workbooks` (CLOSED_WORKBOOKS) holds the hashes of what was written then.
    `recovery_openings` (RECOVERY_OPENINGS) is what data/entries said at the newest close; None where an older program kept none.
    `rows` (CLOSED_ROWS) are the frozen copies: where each line was read from, and what stood there. `measures` (CLOSED_MEASURES) are the
    figures as they were first published, `files` (CLOSED_FILES) says of each close what it had read.
    """

    periods: pd.DataFrame = field(default_factory=CLOSED_PERIODS.empty)
    ledger: pd.DataFrame = field(default_factory=LEDGER.empty)
    invoices: pd.DataFrame = field(default_factory=INVOICES.empty)
    lots: pd.DataFrame = field(default_factory=CLOSED_LOTS.empty)
    lines: pd.DataFrame = field(default_factory=CLOSED_LINES.empty)
    faces: pd.DataFrame = field(default_factory=CLOSED_FACES.empty)
    orders: pd.DataFrame = field(default_factory=BILLED_ORDERS.empty)
    workbooks: pd.DataFrame = field(default_factory=CLOSED_WORKBOOKS.empty)
    rows: pd.DataFrame = field(default_factory=CLOSED_ROWS.empty)
    measures: pd.DataFrame = field(default_factory=CLOSED_MEASURES.empty)
    files: pd.DataFrame = field(default_factory=CLOSED_FILES.empty)
    recovery_openings: pd.DataFrame | None = None

    @property
    def lots_drawn_from(self) -> pd.DataFrame:
        """The `lots` that a closed line drew from: they stand. The others may still be mended where they are entered."""
        return self.lots[self.lots["drawn"] > self.lots["drawn_before"]]
