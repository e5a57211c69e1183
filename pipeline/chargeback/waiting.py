"""Charges that wait for an answer: who should pay, which tier was meant (DESIGN §4: "an error finding with the dollars waiting"), or
what the tier costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pipeline.agencies import domain_of
from pipeline.chargeback.orders import Issue
from pipeline.chargeback.terms import PAID_BEFORE, Rules, Term
from pipeline.contracts import WAITING
from pipeline.findings import Finding
from pipeline.money import dollars
from pipeline.rates import RateCard

_SHOWN_ORDERS = 5
_Question = tuple[str, str, str]


@dataclass(slots=True)
class Unanswered:
    """What waits for one answer: all certificates that it is about, and those of them that would each begin a charged term."""

    certificates: list[Issue] = field(default_factory=list)
    charges: list[Issue] = field(default_factory=list)

    @property
    def orders(self) -> list[str]:
        """What the waiting orders are called, each once, in the order of the charges."""
        return list(dict.fromkeys(issue.order_id or issue.common_name or issue.serial for issue in self.charges))

    def cents(self, card: RateCard) -> tuple[int, int]:
        """What the charges come to, at least and at most: of an unknown product the rates of all tiers on the day are possible."""
        rates = [_possible_rates(issue, card) for issue in self.charges]
        return sum(map(min, rates)), sum(map(max, rates))


def begin_a_term(unbilled: Sequence[Issue], found: Iterable[Term], rules: Rules) -> list[Issue]:
    """Those of an order's `unbilled` certificates that would each begin a charged term, once agency and product are known.

    `found` are the order's terms. What cannot be priced even then, for want of a rate, is left to the finding about the rate.
    """
    charged = [term for term in found if term.number != PAID_BEFORE]
    begun: list[Issue] = []
    for issue in unbilled:
        if (issue.agency and issue.tier) or not _possible_rates(issue, rules.card):
            continue
        reissue = begun and (issue.day - begun[-1].day).days < rules.term_days
        charged_later = any(0 <= (term.start - issue.day).days < rules.term_days for term in charged)
        if not reissue and not charged_later:
            begun.append(issue)
    return begun


def questions(known: Iterable[Issue], begun: Iterable[Issue], unpriced: Iterable[Issue]) -> dict[_Question, Unanswered]:
    """(kind, match, spelling) of WAITING -> what waits for that answer, sorted.

    `known` are the certificates of billing exports, `begun` those that would begin a charged term, `unpriced` those without a rate. A
    certificate of which neither agency nor product is known is among those of both words; its money waits for the product, for only
    that tells its price.
    """
    asked: dict[_Question, Unanswered] = {}
    for issue in known:
        if not issue.agency:
            asked.setdefault(_of_agency(issue), Unanswered()).certificates.append(issue)
        if not issue.tier:
            asked.setdefault(_of_product(issue), Unanswered()).certificates.append(issue)
    for issue in begun:
        asked[_of_agency(issue) if issue.tier else _of_product(issue)].charges.append(issue)
    for issue in unpriced:
        asked.setdefault(("rate", "", issue.tier), Unanswered()).certificates.append(issue)
    return dict(sorted(asked.items()))


def table(asked: dict[_Question, Unanswered], card: RateCard) -> pd.DataFrame:
    """WAITING: a row a question. What a certificate without a rate costs nobody can say, so there the cents are missing."""
    rows = []
    for (kind, match, value), waits in asked.items():
        least, most = (None, None) if kind == "rate" else waits.cents(card)
        days = [issue.day for issue in waits.certificates]
        sources = sorted(issue.source for issue in waits.certificates)
        rows.append(
            {
                "kind": kind,
                "match": match,
                "value": value,
                "orders": len(waits.orders),
                "certificates": len(waits.certificates),
                "least_cents": least,
                "most_cents": most,
                "first_on": min(days),
                "last_on": max(days),
                "source": sources[0],
                "sources": " ".join(map(str, sources)),
            }
        )
    return WAITING.frame(rows)


def findings(asked: dict[_Question, Unanswered], card: RateCard) -> list[Finding]:
    """One `charge-waiting` a word, agency or product, that keeps money waiting: its orders, and the dollars, a range where not known."""
    return [
        _finding(kind, value, waits, card)
        for (kind, _match, value), waits in sorted(asked.items(), key=lambda item: (item[0][0], item[0][2], item[0][1]))
        if waits.charges
    ]


def _of_agency(issue: Issue) -> _Question:
    """By the spelling; where none is written by the domain of the hosts, for an answer about that says who pays as well."""
    if not issue.agency_text and (domain := domain_of(issue.names)):
        return "agency", "domain", domain
    return "agency", issue.agency_match, issue.agency_text


def _of_product(issue: Issue) -> _Question:
    return "tier", "product", issue.product


def _finding(kind: str, word: str, waits: Unanswered, card: RateCard) -> Finding:
    names = waits.orders
    least, most = waits.cents(card)
    amount = dollars(least) if least == most else f"between {dollars(least)} and {dollars(most)}"
    orders, are = ("1 order", "is") if len(names) == 1 else (f"{len(names):,} orders", "are")
    what = "agency" if kind == "agency" else "product"
    reason = f"{orders}, {amount}, {are} charged to nobody until this {what} is known. {_listed(names)}"
    return Finding("charge-waiting", reason, value=word, column=kind, source=min(issue.source for issue in waits.charges))


def _possible_rates(issue: Issue, card: RateCard) -> list[int]:
    """The cents that the certificate may cost: the rate of its tier, else those of every tier on its day."""
    if issue.tier:
        return [] if issue.rate is None else [issue.rate]
    return [cents for tier in card.lines if (cents := card.on(tier, issue.day)) is not None]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_ORDERS])
    more = f" and {len(names) - _SHOWN_ORDERS:,} more" if len(names) > _SHOWN_ORDERS else ""
    return f"Order{'' if len(names) == 1 else 's'}: {shown}{more}."
