"""What people decided, as data/entries tells it: each row with its place, so that a finding can name its line."""

from __future__ import annotations

from pipeline.contracts.tables import Column, Table, text

_BY = text("by", "Who decided it.")
_LINE = Column("source", "count", "Points into `places`: the row of the file that it stands in.")

ALIASES = Table(
    "aliases",
    "one answer: what a spelling means",
    ("kind", "match", "value", "valid_from"),
    (
        text("kind", "What the spelling stands for.", ("agency", "tier")),
        text("match", "Where the spelling stands.", ("name", "code", "division", "requester", "domain", "email-domain", "product")),
        text("value", "The spelling, as written; compared without case."),
        text("means", "Agency code or tier."),
        Column("valid_from", "day", "First day it holds."),
        Column("valid_to", "day", "Last day it holds."),
        _BY,
        Column("on", "day", "Day of the answer."),
        _LINE,
    ),
)

KIND_KEY = "kind:"  # begins the key of a correction that explains a word for a kind of request

CORRECTIONS = Table(
    "corrections",
    "one cell of a row, or one word for a kind of request, that is read otherwise than it is written",
    ("key", "column", "on"),
    (
        text("key", "Order, serial, fingerprint or request of the row; or `kind:` and the word that a log writes for a kind."),
        text("column", "Column of the canonical layouts."),
        text("value", "What it is read as."),
        text("reason", "Why."),
        _BY,
        Column("on", "day", "Day of the correction.", required=True),
        _LINE,
    ),
)

UNEXPLAINED = Table(
    "unexplained",
    "one word of one request that is not understood",
    (),
    (
        text("kind", "What the word should say.", ("agency", "tier", "kind")),
        text("match", "What kind of word it is, as in the aliases; `kind` for a kind of request."),
        text("value", "The word as written."),
        text("contact_email", "Contact of the request, as written."),
        Column("source", "whole", "Points into `places`: the row of the request."),
    ),
)

QUESTIONS = Table(
    "questions",
    "one question that the run could not answer itself",
    ("question",),
    (
        text("question", "Name of the question, the same in every run."),
        text("kind", "What is not known.", ("agency", "tier", "kind")),
        text("match", "Where the answer will hold, as in the aliases; `kind` for a word of a ticket system."),
        text("value", "The spelling as written, or the domain."),
        text("asked", "The question in words."),
        Column("certificates", "whole", "Certificates that it is about."),
        Column("requests", "whole", "Requests that it is about."),
        Column("orders", "whole", "Orders that are charged to nobody, or not in full, until it is answered."),
        Column("least_cents", "cents", "What of these orders waits, at least."),
        Column("most_cents", "cents", "What of them waits, at most; it differs while the tier is not known."),
        text("guess", "The likely answer; never applied by itself. Empty where nothing is likely."),
        text("guess_reason", "Why it is likely."),
        Column("source", "whole", "Points into `places`: the first row that it is about."),
    ),
)

ANSWERS = Table(
    "answers",
    "one answer that stands in data/entries",
    ("source",),
    (
        text("list", "The list that it stands in.", ("aliases", "corrections")),
        text("kind", "What is answered: agency or tier; of a correction its column."),
        text("match", "Where the spelling stands; empty of a correction."),
        text("value", "The spelling, or the key of a correction."),
        text("means", "What it means, or what the cell is read as."),
        Column("valid_from", "day", "First day it holds; missing: always."),
        Column("valid_to", "day", "Last day it holds; missing: always."),
        _BY,
        Column("on", "day", "Day of the answer."),
        text("reason", "Why; of corrections."),
        Column("rows", "whole", "Certificates, requests and events that it decides."),
        Column("source", "whole", "Points into `places`: the line of the list."),
    ),
)

ANSWERED = Table(
    "answered",
    "one row that an answer decides",
    (),
    (
        Column("answer", "whole", "`source` of the answer in `answers`."),
        Column("source", "whole", "Points into `places`: the row that it decides."),
    ),
)

HOSTS = Table(
    "hosts",
    "what is said of one host from a day on",
    ("host", "since"),
    (
        text("host", "Host name, lower case; `*.` begins a wildcard, which is a name of its own."),
        text(
            "state",
            "retired: out of service; renewing: in service, people renew it; automated: in service, a machine renews it.",
            ("retired", "renewing", "automated"),
        ),
        Column(
            "since",
            "day",
            "First day on which it holds; a retired host is out of service from 00:00 local time of this day.",
            required=True,
        ),
        _BY,
        text("note", "Why, or what took its place."),
        _LINE,
    ),
)

DECISIONS = ("waiver", "credit", "charge", "memo")

ADJUSTMENTS = Table(
    "adjustments",
    "one amount that somebody decided",
    ("id",),
    (
        text("id", "Name of the decision; the ledger entry is known by it for ever."),
        text("agency", "Agency code that it is about."),
        text("order_id", "Order that it is about; empty: none in particular."),
        text("ledger_entry", "Entry of the ledger that it is about; empty: none in particular."),
        text("kind", "A waiver or credit is taken off, a charge is added, a memo is shown and bills nothing.", DECISIONS),
        Column("amount_cents", "cents", "Amount without a sign."),
        text("reason", "Why."),
        text("approved_by", "Who approved it; empty: nobody yet."),
        Column("approved_on", "day", "Day of the approval, by which it is posted."),
        text("document", "Letter or ticket that proves it."),
        _LINE,
    ),
)

NOT_POSTED = Table(
    "not_posted",
    "one decision about money that moves no amount",
    ("id",),
    (
        text("id", "Id of the decision, as adjustments.csv gives it."),
        text("agency", "Agency code that it names."),
        text("order_id", "Order that it names; may be empty."),
        text("kind", "waiver, credit, charge or memo."),
        Column("amount_cents", "cents", "Its amount, without a sign."),
        text("state", "refused: it cannot be posted; waits: for its approval, or the day of that.", ("refused", "waits")),
        text("why", "Why, in words."),
        _LINE,
    ),
)

ACCOUNTS = Table(
    "accounts",
    "the fields of one billing account in the state's accounting, from a day on",
    ("account_id", "valid_from"),
    (
        text("account_id", "Billing account, as agencies.csv names it."),
        text("fund", "Fund."),
        text("sub_fund", "Sub-fund."),
        text("department", "Department."),
        text("unit", "Unit."),
        text("appropriation", "Appropriation."),
        text("object", "Object."),
        Column("valid_from", "day", "First day on which it holds; a later line of the account ends it.", required=True),
        Column("valid_to", "day", "Last day on which it holds."),
        _LINE,
    ),
)

ESTIMATES = Table(
    "estimates",
    "what an agency has set aside for a fiscal year",
    ("agency", "fiscal_year"),
    (
        text("agency", "Agency code that is billed."),
        Column("fiscal_year", "whole", "Fiscal year, named by the calendar year it ends in."),
        Column("amount_cents", "cents", "What is set aside."),
        text("document", "Encumbrance that proves it."),
        _LINE,
    ),
)

COSTS = Table(
    "costs",
    "what the service of a tier cost in a fiscal year beside its lots",
    ("fiscal_year", "tier", "kind"),
    (
        Column("fiscal_year", "whole", "Fiscal year, named by the calendar year it ends in."),
        text("tier", "Tier whose recovery bears it."),
        text("kind", "What it was spent on."),
        Column("amount_cents", "cents", "What it cost."),
        text("note", "How it was reckoned."),
        _LINE,
    ),
)

RECOVERY_OPENINGS = Table(
    "recovery_openings",
    "what a tier had recovered too much or too little when these books begin",
    ("tier",),
    (
        text("tier", "Tier."),
        Column("fiscal_year", "whole", "Fiscal year at whose beginning it stood."),
        Column("amount_cents", "cents", "Too much is positive, too little negative."),
        _LINE,
    ),
)

LOT_OPENINGS = Table(
    "lot_openings",
    "how many units of a lot were left when these books begin",
    ("lot_id",),
    (
        text("lot_id", "Lot, as the list of lots names it."),
        Column("units_left", "whole", "Units left at the beginning of the first day that is charged."),
        _LINE,
    ),
)

ACCEPTED = Table(
    "accepted",
    "one kind of finding that somebody accepts until a day",
    ("code", "file", "key", "until"),
    (
        text("code", "Code of the finding."),
        text("file", "Pattern of the file that it is about, as findings.csv names it; empty: any."),
        text("key", "The value, as read, or the order, request, serial, fingerprint or lot of the row; empty: any."),
        Column("until", "day", "Last day on which it is accepted.", required=True),
        _BY,
        text("reason", "Why it may stay as it is."),
        _LINE,
    ),
)
