"""The tables of the forecast: what the certificates of today ask for in the months to come (DESIGN §5)."""

from __future__ import annotations

from pipeline.contracts.tables import AGENCY, TIER_TEXT, Column, Table, text

BASES = ("per-order", "per-certificate", "per-certificate-day")
"""What may be charged: each paid term of an order, each certificate, or each day that a certificate covers."""

FORECAST = Table(
    "forecast",
    "one month to come, tier, agency and kind of issuer",
    ("month", "tier", "agency", "trust"),
    (
        text("month", "Month, e.g. 2026-12; the first is what is left of the as-of day's month, where anything is."),
        text("tier", "Tier name of the settings; empty where it is not known, or no billing export tells of the certificate."),
        text("agency", AGENCY),
        Column("expiring", "whole", "Certificates whose last day lies in the month: those of today, and those that are to follow them."),
        Column("renewals", "whole", "Issuances that begin a new paid term of their order; each is charged by the rules in force."),
        Column("issuances", "whole", "Certificates to be issued if each of today's goes on."),
        Column("amount_cents", "cents", "What these renewals are charged by the rate card of today: the basis `per-order`."),
        text(
            "trust",
            "public: the limits of the Web bound its length; private: an internal authority's goes on as it is.",
            ("public", "private"),
        ),
        Column("validations", "whole", "Proofs of control over a domain that are due with these issuances; none for private certificates."),
        Column("by_hand", "number", "Issuances that somebody has to ask for: all but those that renew themselves."),
        Column(
            "per_certificate_cents", "cents", "What the month would be charged if each issuance cost the rate: the basis `per-certificate`."
        ),
        Column(
            "per_day_cents",
            "cents",
            "What it would be charged if each covered day cost its share of the rate: the basis `per-certificate-day`.",
        ),
        Column("low", "number", "Issuances if certificates are given up as fast as the lower end of what was observed allows."),
        Column("high", "number", "Issuances if as few are given up as the upper end of it allows."),
        Column(
            "growing",
            "number",
            "Issuances if in each year as many host names come new as in the last one, and of all the share is given up that was then.",
        ),
    ),
)

WORKLOAD = Table(
    "workload",
    "one month to come: what the desk will be asked for, against what it closed in the last year",
    ("month",),
    (
        text("month", "Month, as in `forecast`."),
        Column("business_days", "whole", "Days on which the desk is open, up to the end of its calendar; beyond that all its weekdays."),
        Column("certificate_requests", "number", "Requests for the certificates to come: `by_hand` times `asked_share` of `habits`."),
        Column("other_requests", "number", "Requests of other kinds, as many a business day as in the last year."),
        Column("asked_a_day", "number", "Both together a business day."),
        Column(
            "closed_a_day",
            "number",
            "Requests that the desk completed or rejected a business day in the last year: its pace.",
        ),
        Column("waiting", "number", "Requests that stand open at the end of the month at that pace, beyond those of today."),
        Column("waiting_days", "number", "Business days that the desk needs for them."),
        Column("promised_days", "whole", "Business days that the office promises."),
        Column("promise_holds", "flag", "Whether what stands open can be done within the promised days."),
        Column(
            "automated_needed",
            "number",
            "Share of these certificates that must renew themselves from now on so that the promise holds up to this month.",
        ),
    ),
)

READINESS = Table(
    "readiness",
    "one agency: what short lives will ask of it",
    ("agency",),
    (
        text("agency", AGENCY),
        Column("place", "whole", "Where to begin: 1 asks for the most certificates by hand in the last year of the forecast."),
        Column("sites", "whole", "Certificates in force that will go on."),
        Column("public_sites", "whole", "Of these, publicly trusted ones, which the limits bind."),
        Column("next_year", "whole", "Certificates to be issued in the next twelve whole months."),
        Column("last_year", "whole", "Certificates to be issued in the last twelve months of the forecast."),
        Column("last_year_by_hand", "number", "Of these, those that somebody has to ask for."),
        Column("short", "whole", "Sites whose certificate lives for 100 days or less already."),
        Column("automated", "whole", "Sites that hosts.csv calls automated."),
        Column("for_clients", "whole", "Sites whose certificate is for clients as well (clientAuth), which public authorities give up."),
        Column("weak_keys", "whole", "Sites whose key or signature breaks a rule; only those with a certificate file can be judged."),
        Column("quantum_exposed", "whole", "Sites with a key of a kind that a quantum computer is expected to break."),
        Column("known_keys", "whole", "Sites whose key is known from a certificate file."),
        Column("without_contact", "whole", "Sites without a contact address."),
        Column(
            "each_bought",
            "whole",
            "Sites of which each certificate is charged: without an order number, or of an order that took over from one of a single "
            "certificate.",
        ),
        text(
            "breaks_in",
            "Month in which the promise of the desk breaks if the certificates of this agency and of all before it renew themselves from "
            "now on, at the pace of the last year; empty where it does not break, or the pace is not known.",
        ),
    ),
)

WAYS = ("bought anew", "each bought", "number kept")

HABITS = Table(
    "habits",
    "one row: what the last year shows of renewals, on which the forecast rests",
    (),
    (
        Column("lead_days", "whole", "Days before its end at which a certificate is taken to be renewed; of short lives a third at most."),
        Column(
            "renewals",
            "whole",
            "Renewals of the last year that this is the middle of; with fewer than ten the first notice's threshold counts.",
        ),
        Column("names_before", "whole", "Host names that a certificate covered a year ago."),
        Column("names_kept", "whole", "Of these, those that one covers now."),
        Column("names_new", "whole", "Host names that one covers now and none did a year ago."),
        Column(
            "asked_share",
            "number",
            "`asked` by `issued`: how many requests each certificate to come is taken to need; 1 where one of them is 0.",
        ),
        Column("asked", "whole", "Requests for certificates (new, renew, reissue) of the last year, less those cancelled and duplicate."),
        Column("issued", "whole", "Certificates issued in the last year."),
        Column(
            "without_order",
            "whole",
            "Of the certificates that go on, those with a tier and without an order number. By the rules in force, each that follows one "
            "of them is an order of its own and is charged; a reissue with the same names and last day is not.",
        ),
        text("busiest_month", "Whole month of the last year in which the desk closed the most requests a business day; empty if none."),
        Column("busiest_closed_a_day", "number", "Requests that it closed a business day in that month."),
        text("busiest_breaks_in", "Month in which the promise breaks at that pace; empty where it does not, or no such month is known."),
        Column(
            "billed_renewals",
            "whole",
            "Certificates of billing exports, with an order number, of the last year that replaced another one with a number.",
        ),
        Column("new_numbers", "whole", "Of these, those of another order number than the one before."),
        Column(
            "new_number_days",
            "number",
            "The middle of the days from the begin of the paid term before to those that took over from it; missing where there are none.",
        ),
        Column("bought_anew_days", "whole", "Days after the begin of its paid term at which an order is taken to be bought anew."),
        text("usual_way", "What becomes of the orders of which no renewal shows it: how most of the last year went on.", WAYS),
        Column(
            "each_bought",
            "whole",
            "Certificates that go on and are charged whenever they are renewed, for each is an order of its own: those of `each_bought` in "
            "`readiness`.",
        ),
    ),
)

UNITS = Table(
    "units_needed",
    "one tier, fiscal year and charge basis: the units of bulk lots that the forecast draws",
    ("fiscal_year", "tier", "basis"),
    (
        Column("fiscal_year", "whole", "Fiscal year, named by the calendar year it ends in; of the first and the last only some months."),
        text("tier", TIER_TEXT),
        text(
            "basis",
            "per-order: a unit for each renewal, as per-certificate-day; per-certificate: a unit for each issuance.",
            ("per-order", "per-certificate"),
        ),
        Column("needed", "whole", "Units drawn in the months of the forecast that lie in the year."),
        Column("from_stock", "whole", "Of these, units of today's lots that last until the end of their month."),
        Column("to_buy", "whole", "The rest: units of lots that must be bought by then."),
        text("first_short", "The first month of the year for which units must be bought; empty where today's lots are enough."),
    ),
)

SCENARIOS = Table(
    "scenarios",
    "one scenario of the settings and fiscal year; the first one is the forecast as it is",
    ("scenario", "fiscal_year"),
    (
        text("scenario", "Name of the `[[scenario]]`; empty for the forecast as it is."),
        Column("fiscal_year", "whole", "Fiscal year; of the first and the last only some months, as in `units_needed`."),
        Column("issuances", "number", "Certificates to be issued."),
        Column("by_hand", "number", "Of these, those that somebody has to ask for."),
        Column("units", "number", "Units of bulk lots drawn: one for each paid term, or for each certificate where each one is charged."),
        Column(
            "charged_cents",
            "cents",
            "What is charged on the basis in force in each month, rounded once a month, less `paid_cents`.",
        ),
        Column(
            "paid_cents",
            "cents",
            "What another basis would charge for days, or certificates, of terms that were paid by order before it began, until they end: "
            "it is not charged again.",
        ),
        Column("paid_units", "number", "Units that it would draw for these certificates: none is."),
        text("basis", "The basis at the end of the year.", BASES),
        text(
            "breaks_in",
            "First month at whose end more waits than the desk can do in the promised days; empty where none does by then, or the pace of "
            "the desk is not known.",
        ),
    ),
)

PAID_BEFORE = Table(
    "paid_before",
    "one charge basis other than per order, month in which it begins, and fiscal year: what orders have paid for by then",
    ("basis", "since", "fiscal_year"),
    (
        text("basis", "The basis that begins.", BASES[1:]),
        text("since", "The month in which it begins: charged per order until then. A month without a row begins with nothing paid."),
        Column("fiscal_year", "whole", "Fiscal year in which the paid terms go on."),
        Column(
            "paid_cents",
            "cents",
            "What the basis would charge for their days, or for the certificates issued in them, until they end: it is not charged again.",
        ),
        Column("paid_units", "whole", "Units of bulk lots that it would draw for these certificates: none is."),
    ),
)

PRICES = Table(
    "prices",
    "one tier, whole fiscal year and charge basis: what it brings in, what a unit may cost, and the rate that would recover the cost",
    ("fiscal_year", "tier", "basis"),
    (
        Column("fiscal_year", "whole", "Fiscal year, named by the calendar year it ends in; only those with all their months."),
        text("tier", TIER_TEXT),
        text("basis", "What is charged.", BASES),
        Column("charged_cents", "cents", "What is charged by the rate card, at the rates that it has for the days of the year."),
        Column("sold", "whole", "What is sold: paid terms, certificates, or covered days, of which a term's days cost the rate."),
        Column("units", "whole", "Units of bulk lots drawn: one for each certificate per-certificate, else one for each paid term."),
        Column("office_cost_cents", "cents", "Further cost a year, as costs.csv says of the newest year it tells of; 0 if it says none."),
        text(
            "cost_basis",
            "Whether costs.csv tells of the tier; without it only the certificates' own cost is known.",
            ("full cost", "certificate cost only"),
        ),
        Column(
            "may_cost_cents",
            "cents?",
            "The break-even: what a unit may cost at most at these charges, (charged - office cost) / units, rounded down; negative where "
            "the charges do not even bear the further cost; missing where no unit is drawn.",
        ),
        Column("unit_cost_cents", "cents?", "What a unit of the tier's newest lot cost; missing without a lot."),
        Column("cost_cents", "cents?", "units times that, and the further cost; missing without a lot."),
        Column(
            "rate_cents",
            "cents?",
            "The smallest rate in whole cents that recovers the cost: cost / sold, rounded up; per-certificate-day that of a term's days, "
            "if it held from the first day of the forecast on. Missing where nothing is sold or the cost is not known.",
        ),
    ),
)
