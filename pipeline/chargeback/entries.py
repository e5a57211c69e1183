"""The ledger: every order's entries as one table, posted to periods, agencies and accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.chargeback import waiting
from pipeline.chargeback.billing import billed, days
from pipeline.chargeback.orders import Issue, issues, not_counted, orders
from pipeline.chargeback.remembered import with_closed
from pipeline.chargeback.terms import Entry, Rules, entries, terms
from pipeline.chargeback.twice import Billed, Twice, may_be_twice
from pipeline.contracts import DTYPES, LEDGER, Closed
from pipeline.findings import Finding
from pipeline.rates import first_day, rate_card
from pipeline.settings import Settings

# What only a decision of adjustments.csv fills.
DECIDED = ("adjustment", "decision", "adjusts", "approved_by", "document")
# What only a correction of a closed month fills.
CORRECTING = ("takes_back", "rebills", "corrected_invoice")


@dataclass(frozen=True, slots=True)
class Charged:
    """The ledger (`table`, LEDGER), what is charged to nobody until somebody answers (`waiting`, WAITING), the findings, what may be
    charged twice, of orders without a number that have several certificates the first one, by each of them (`one_order`), and which
    certificates count as closed months billed them, because no file tells it any more (`from_closed`)."""

    table: pd.DataFrame
    waiting: pd.DataFrame
    findings: tuple[Finding, ...]
    twice: tuple[Twice, ...] = ()
    one_order: dict[str, str] = field(default_factory=dict)
    from_closed: frozenset[str] = frozenset()


def ledger(
    certificates: pd.DataFrame,
    export_rows: pd.DataFrame,
    agencies: pd.DataFrame,
    settings: Settings,
    as_of: dt.date,
    closed: Closed | None = None,
) -> Charged:
    """Charge the orders of the billing exports up to `as_of` (DESIGN §6, "Charges"): LEDGER in posting order, and what waits.

    `certificates` is CERTIFICATES, `export_rows` the EXPORT_ROWS they came from, `agencies` AGENCIES. Amounts are int64 USD cents;
    `lot_id` and `unit_cost_cents` are left to `lots.draw`. All months are drafts: a charge is posted to the month of its service day,
    a credit to the month of the last revocation, which is its `service_on`. A term that began before `begin` was paid in the old
    books: nothing is charged for it, and its later certificates are free reissues. What `closed` months billed and no file tells of any
    more counts as it was billed. Raises `ContractError` where `certificates` and `export_rows` do not belong together.
    """
    rules = _rules(settings, as_of)
    findings = not_counted(certificates, as_of)
    billed: list[Billed] = []
    entered: list[Entry] = []
    waits: list[waiting.Waits] = []
    unpriced: list[Issue] = []
    known = issues(certificates, export_rows, rules.card, as_of)
    remembered = with_closed(known, certificates, closed or Closed(), rules.card, rules.term_days)
    told = {issue.certificate for issue in known}
    for order in orders(remembered.issues):
        found, unbilled = terms(order, rules)
        posted: list[Entry] = []
        for term in found:
            of_term = entries(order, term, rules)
            posted.extend(of_term.entries)
            findings.extend(of_term.findings)
            unpriced.extend(of_term.unpriced)
        entered.extend(posted)
        if any(issue.certificate in told for issue in order.issues):
            billed.append(Billed(order, posted))
        without_rate = [issue for issue in unbilled if issue.tier and issue.rate is None]
        findings.extend(map(_no_rate, without_rate))
        unpriced.extend(without_rate)
        waits.extend(waiting.of_order(order, rules))
    asked = waiting.questions(known, waits, unpriced)
    findings.extend(waiting.findings(asked))
    twice = tuple(may_be_twice(billed, rules))
    return Charged(
        _table(entered, agencies, settings), waiting.table(asked), tuple(findings), twice, _one_order(billed), remembered.from_closed
    )


def _one_order(billed: Sequence[Billed]) -> dict[str, str]:
    without_number = (one.order.issues for one in billed if not one.order.issues[0].order_id)
    return {issue.certificate: issues[0].certificate for issues in without_number for issue in issues[1:]}


def _rules(settings: Settings, as_of: dt.date) -> Rules:
    charges = settings.charges
    starts = settings.organization.fiscal_year_starts
    return Rules(rate_card(settings), first_day(settings), charges.term_days, charges.refund_days, as_of, starts)


def _no_rate(issue: Issue) -> Finding:
    order = f"order {issue.order_id}" if issue.order_id else "certificate"
    reason = f"No rate for {issue.tier} is in force on {issue.day}, so the {order} is not charged."
    return Finding("no-rate", reason, value=issue.tier, column="tier", source=issue.source)


def _table(posted: Sequence[Entry], agencies: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    starts = settings.organization.fiscal_year_starts
    in_order = sorted(sorted(posted, key=attrgetter("entry_id")), key=attrgetter("service_on"))  # by day is by month: all are drafts
    of_entry = dict(zip(Entry._fields, zip(*in_order, strict=True), strict=True)) if posted else dict.fromkeys(Entry._fields, ())
    about: Sequence[Issue] = of_entry["about"]
    service_on, rated_on = days(of_entry["service_on"]), days(of_entry["rated_on"])
    columns: dict[str, Any] = {
        **{name: _text(of_entry[name]) for name in ("entry_id", "agency", "kind", "tier", "reverses", "reason", "amends", "paid_before")},
        "period": calendar.periods(service_on, starts),
        "service_on": service_on,
        "order_id": _text([issue.order_id for issue in about]),
        "certificate": _text([issue.certificate for issue in about]),
        "rate_fiscal_year": calendar.fiscal_year(rated_on, starts).astype("Int64"),
        "rate_cents": pd.Series(of_entry["rate"], dtype=DTYPES["cents?"]),
        "amount_cents": pd.Series(of_entry["amount"], dtype=DTYPES["cents"]),
        "source": pd.Series([issue.source for issue in about], dtype=DTYPES["whole"]),
        "common_name": _text([issue.common_name for issue in about]),
        "unit_cost_cents": pd.Series(pd.NA, index=range(len(posted)), dtype=DTYPES["cents?"]),
    }
    nothing = _text([""] * len(posted))
    columns |= dict.fromkeys(("request_id", "class", "lot_id", "invoice_no", *DECIDED, *CORRECTING), nothing)
    columns["approved_on"] = pd.Series(pd.NaT, index=range(len(posted)), dtype=DTYPES["day"])
    columns["memo_cents"] = columns["unit_cost_cents"]
    return LEDGER.check(billed(pd.DataFrame(columns, copy=False), agencies, starts))


def _text(values: Sequence[str]) -> pd.Series[Any]:
    return pd.Series(values, dtype="str")
