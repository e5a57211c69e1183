"""The rules of one order: what its terms are, and what each of them is charged and credited (DESIGN §6, "Charges")."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline import calendar
from pipeline.chargeback.orders import Issue, Order, numbered
from pipeline.findings import Finding
from pipeline.money import plain
from pipeline.rates import RateCard

PAID_BEFORE = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say of charges, and the as-of day."""

    card: RateCard
    begin: dt.date
    term_days: int
    refund_days: int
    as_of: dt.date
    fiscal_year_starts: int


@dataclass(frozen=True, slots=True)
class Term:
    """A paid span of an order and its certificates, the issue first.

    `number` counts the charged terms from 1. It is `PAID_BEFORE` for a span that began before `begin`: that one was paid in the old
    books, is not charged, credited or counted here, and covers its reissues.
    """

    number: int
    issues: list[Issue]

    @property
    def start(self) -> dt.date:
        """The day of its issue."""
        return self.issues[0].day

    def covers(self, day: dt.date, term_days: int) -> bool:
        """Whether `day` lies in the `term_days` days that begin with the start."""
        return 0 <= (day - self.start).days < term_days


class Entry(NamedTuple):
    """One ledger entry before it is posted: `service_on` is its day, `rated_on` the day whose rate it carries; cents throughout.
    `paid_before` is the certificate that the old books were paid for, of its free reissue."""

    entry_id: str
    service_on: dt.date
    about: Issue
    agency: str
    kind: str
    tier: str
    rated_on: dt.date
    rate: int | None
    amount: int
    reason: str
    reverses: str = ""
    amends: str = ""
    paid_before: str = ""


def terms(order: Order, rules: Rules) -> tuple[list[Term], list[Issue]]:
    """The terms of `order`, and the certificates that would have begun one but cannot be charged.

    A term starts at an issue that can be charged (agency, tier and rate are known), that lies before `begin`, or that is known to be a
    free reissue though nothing is known of its charge; every certificate in
    its days belongs to it, whoever it is of. One on or after its last day starts the next.
    """
    found: list[Term] = []
    unbilled = []
    for issue in order.issues:
        if found and found[-1].covers(issue.day, rules.term_days) and not _ends_unknown(found[-1], issue):
            found[-1].issues.append(issue)
        elif issue.day < rules.begin or (issue.closed_as == "free" and not found):
            found.append(Term(PAID_BEFORE, [issue]))
        elif issue.agency and issue.rate is not None:
            found.append(Term(1 + sum(term.number != PAID_BEFORE for term in found), [issue]))
        else:
            unbilled.append(issue)
    return found, unbilled


def _ends_unknown(term: Term, issue: Issue) -> bool:
    """Whether a term that began on a day nobody knows any more had ended by this issue, which was charged then."""
    return term.issues[0].closed_as == "free" and issue.closed_as == "paid"


class Posted(NamedTuple):
    """What a term posts, what is unclear about it, and the reissues whose upgrade cannot be priced for want of a rate."""

    entries: list[Entry]
    findings: list[Finding]
    unpriced: list[Issue]


def entries(order: Order, term: Term, rules: Rules) -> Posted:
    """What `term` of `order` posts: its charge, its free reissues, adjustments for a dearer tier, and the credits, in this order."""
    reissued = _reissues(order, term, rules) if len(term.issues) > 1 else Posted([], [], [])
    if term.number == PAID_BEFORE:
        return reissued
    posted = [_charge(order, term, rules), *reissued.entries]
    credited, unclear = _credits(order, term, posted, rules)
    return Posted([*posted, *credited], [*reissued.findings, *unclear], reissued.unpriced)


def _charge(order: Order, term: Term, rules: Rules) -> Entry:
    issue = term.issues[0]
    name = _charge_name(order, term)
    reason = _charge_reason(order, term, rules)
    return Entry(name, issue.day, issue, issue.agency, "charge", issue.tier, issue.day, issue.rate, issue.rate or 0, reason)


def _charge_reason(order: Order, term: Term, rules: Rules) -> str:
    """Whether the order goes on, is new, or is new and takes over from another one; a term of the old books is a term too."""
    if term.number > 1 or order.issues[0].day < rules.begin or order.issues[0].closed_as == "free":
        return "new term"
    renews = term.issues[0].renews
    return f"new order, renews order {renews}" if renews else "new order"


def _reissues(order: Order, term: Term, rules: Rules) -> Posted:
    """Each later certificate of the term at $0.00; where its tier is dearer than the paid one, also an adjustment.

    Which tier is dearer the rates of the reissue's day say. The adjustment is the difference between the dearer tier's rate of that day
    and what was paid for the term until then, so that afterwards the order has paid exactly that rate, also where the rates changed
    within the term. It is never negative: where rates fell it is $0.00 and only the unit is swapped. For a term of the old books the
    rate of its first day counts as paid; where there is none, the upgrade cannot be priced and is a finding.
    """
    posted, findings, unpriced = Posted([], [], [])
    charge, old = ("", term.issues[0].certificate) if term.number == PAID_BEFORE else (_charge_name(order, term), "")
    tier, paid = term.issues[0].tier, term.issues[0].rate
    for issue, name in _named_reissues(term):
        if issue.day < rules.begin or not issue.agency or not issue.tier:
            continue
        free = _entry_id(order, term, "charge", "reissue", name)
        reason = "reissue within the paid term"
        posted.append(Entry(free, issue.day, issue, issue.agency, "charge", issue.tier, issue.day, issue.rate, 0, reason, paid_before=old))
        if not tier or issue.tier == tier:
            continue
        rate_of_tier = rules.card.on(tier, issue.day)
        if issue.rate is None or rate_of_tier is None or paid is None:
            findings.append(_no_difference(issue, tier, term))
            unpriced.append(issue)
        elif issue.rate > rate_of_tier:
            charge = charge or free
            entry_id = _entry_id(order, term, "adjustment", "dearer tier", name)
            posted.append(_upgrade(entry_id, issue, issue.rate, paid, charge, _paid_when(term, rules)))
            tier, paid = issue.tier, max(paid, issue.rate)
    return Posted(posted, findings, unpriced)


def _upgrade(entry_id: str, issue: Issue, rate: int, paid: int, charge: str, when: str) -> Entry:
    """The adjustment from `paid` to `rate` cents; its reason is the calculation, for finance to repeat."""
    if rate > paid:
        reason = f"{plain(rate)} − {plain(paid)}: upgrade of the order {when}"
    else:
        reason = f"no difference: {plain(rate)} is not more than the {plain(paid)} of the order {when}"
    cents = max(rate - paid, 0)
    return Entry(entry_id, issue.day, issue, issue.agency, "adjustment", issue.tier, issue.day, rate, cents, reason, amends=charge)


def _paid_when(term: Term, rules: Rules) -> str:
    month = calendar.period_title(calendar.period_of(term.start, rules.fiscal_year_starts), rules.fiscal_year_starts)
    return f"paid in the old books in {month}" if term.number == PAID_BEFORE else f"charged in {month}"


def _named_reissues(term: Term) -> Iterator[tuple[Issue, str]]:
    reissues = term.issues[1:]
    return zip(reissues, numbered(issue.own_name for issue in reissues), strict=True)


def _credits(order: Order, term: Term, posted: Sequence[Entry], rules: Rules) -> tuple[list[Entry], list[Finding]]:
    """The credits of a term that was given up in time: one for each amount charged in it, exact, on the day of the last revocation.

    An adjustment of $0.00 is credited as well, for the lots: its unit is given back with it.

    A revocation after the as-of day is not known yet. A revocation that is said to precede the issue is credited on the day of issue.
    """
    for issue in term.issues:
        if not _is_revoked(issue, rules.as_of):
            return [], []
    undated = [issue for issue in term.issues if issue.revoked_on is None]
    last = max(term.issues, key=lambda issue: (issue.revoked_on or dt.date.min, issue))
    credited_on = max(last.revoked_on or term.start, term.start)
    if (credited_on - term.start).days > rules.refund_days:
        return [], []
    if undated:
        return [], [_no_revocation_day(issue, rules) for issue in undated]
    reason = f"all certificates of the term were revoked within {rules.refund_days} days of its start, {term.start}"
    return [
        Entry(
            _entry_id(order, term, "credit", "revoked", entry.entry_id),
            credited_on,
            last,
            entry.agency,
            "credit",
            entry.tier,
            entry.rated_on,
            entry.rate,
            -entry.amount,
            reason,
            reverses=entry.entry_id,
        )
        for entry in posted
        if entry.amount or entry.amends
    ], []


def _is_revoked(issue: Issue, as_of: dt.date) -> bool:
    return issue.is_revoked if issue.revoked_on is None else issue.revoked_on <= as_of


def _charge_name(order: Order, term: Term) -> str:
    return _entry_id(order, term, "charge", "term")


def _entry_id(order: Order, term: Term, kind: str, *cause: str) -> str:
    """32 hexadecimal digits of SHA-256 over what is billed, the kind and the cause: the same facts, the same name, in every run."""
    text = "\x1e".join((*order.identity, str(term.number), kind, *cause))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _no_difference(issue: Issue, tier: str, term: Term) -> Finding:
    reason = (
        f"The order was paid as {tier} on {term.start} and reissued as {issue.tier} on {issue.day}; for one of the two days a rate "
        "is missing, so an upgrade cannot be priced and none is charged."
    )
    return Finding("no-rate", reason, value=issue.tier, column="tier", source=issue.source)


def _no_revocation_day(issue: Issue, rules: Rules) -> Finding:
    reason = (
        "The certificate is revoked, but the export gives no day of revocation, so the charge stands. "
        f"If it was revoked within {rules.refund_days} days of the order's day of service, fill the day in: the order is then credited."
    )
    return Finding("missing-value", reason, column="revoked_on", source=issue.source, severity="warning", action="kept")
