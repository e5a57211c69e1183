"""The tables of the money: the ledger and what follows from it (DESIGN §5). Columns may be added at the end, never renamed."""

from __future__ import annotations

from pipeline.contracts.entries import DECISIONS
from pipeline.contracts.tables import SOURCE, TIER_TEXT, Column, Table, text

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
        text("approved_by", "Who approved the decision; of a correction that a line of corrections.csv made, who entered that."),
        Column("approved_on", "day", "Day of that approval, or of that line."),
        text("document", "Letter or ticket that proves the decision."),
        Column("memo_cents", "cents?", "What a memo shows; it is in no sum. Missing for all other kinds."),
        text("takes_back", "Line of a closed month that this correction takes back: the same kind, the opposite amount."),
        text("rebills", "Line of a closed month that this correction bills anew."),
        text("corrected_invoice", "Invoice that the corrected line stands on."),
        text("paid_before", "Certificate that was paid for in the old books, where this is a free reissue of it."),
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
        Column(
            "reorder_on",
            "day",
            "Day to order the next lot of the tier: as long before its last lot runs out as [lots] says. It stands at each lot with units "
            "left, else at the tier's last lot; missing where nothing was drawn.",
        ),
        Column("drawn_before", "whole", "Units of `drawn` that were drawn before these books begin, as lot_openings.csv says."),
        Column("cost_before_cents", "cents", "What these units had cost; a part of `drawn_cost_cents`."),
        Column("expiring_units", "whole", "Units of `remaining` whose last day comes within 60 days."),
        Column("pace_units", "whole", "Units of the tier that charges asked for in the last 90 days, as-of day included."),
        Column(
            "reserve_units", "whole", "Units of the tier kept in reserve for months that ask for more than usual; a part of `reorder_on`."
        ),
        Column("vendor_remaining", "count", "Units left by the vendor's own count."),
        Column("vendor_remaining_on", "day", "Day of that count."),
        Column("remaining_that_day", "count", "Units left by these books at the end of that day; missing where they cannot tell."),
        Column("vendor_difference", "count", "vendor_remaining - remaining_that_day; missing where the two cannot be compared."),
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
