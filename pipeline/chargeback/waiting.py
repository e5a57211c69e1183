"""Charges that wait for an answer: who should pay, which tier was meant (DESIGN §4: "an error finding with the dollars waiting"), or
what the tier costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from pipeline.agencies import domain_of
from pipeline.chargeback.orders import Issue, Order
from pipeline.chargeback.terms import Rules, entries, terms
from pipeline.contracts import WAITING
from pipeline.findings import Finding
from pipeline.money import dollars

_SHOWN_ORDERS = 5
# Stands for the agency that will be known: what an order costs does not depend on which one it is.
_SOMEBODY = "\x00somebody"
_Question = tuple[str, str, str]


class Waits(NamedTuple):
    """What of one order waits for one answer, in cents at least and at most; `in_part` where some of it is charged already, or was in the
    old books. `source` is the place of its first certificate that the answer is about."""

    question: _Question
    order: str
    least: int
    most: int
    in_part: bool
    source: int


@dataclass(slots=True)
class Unanswered:
    """What waits for one answer: all certificates that it is about, and what of each order waits."""

    certificates: list[Issue] = field(default_factory=list)
    waits: list[Waits] = field(default_factory=list)

    @property
    def orders(self) -> list[str]:
        """What the waiting orders are called, each once."""
        return _names(self.waits)

    @property
    def cents(self) -> tuple[int, int]:
        """What waits in all, at least and at most."""
        return _cents(self.waits)


def of_order(order: Order, rules: Rules) -> Iterator[Waits]:
    """What of `order` waits for each answer: by how much it would cost more than it does, were the answer known.

    So a dearer reissue in a paid term waits with its difference, and a certificate that would be a free reissue with nothing. Several
    answers are taken as given one after the other, in the order of their certificates. Of unknown products all tiers of the rate card
    are possible; what has no rate is left to the finding about the rate. Where an answer would make the order cheaper (its charge would
    fall on an earlier day, with a lower rate) nothing waits.
    """
    unknown = [(question, issue) for issue in order.issues if (question := _of(issue))]
    if not unknown:
        return
    questions = list(dict.fromkeys(question for question, _ in unknown))
    totals = [_totals(order, set(questions[:number]), rules) for number in range(len(questions) + 1)]
    in_part = any(terms(order, rules)[0])
    for number, question in enumerate(questions):
        more = [max(after - before, 0) for before, after in zip(totals[number], totals[number + 1], strict=True)]
        if any(more):
            first = next(issue for asked, issue in unknown if asked == question)
            name = first.order_id or first.common_name or first.serial
            yield Waits(question, name, min(more), max(more), in_part, first.source)


def _totals(order: Order, answered: set[_Question], rules: Rules) -> list[int]:
    """The cents of all entries of `order` were these questions answered, for each tier that its unknown products may be."""
    found = []
    for tier in rules.card.lines:
        issues = [_answered(issue, tier, rules) if _of(issue) in answered else issue for issue in order.issues]
        told = order._replace(issues=issues)
        found.append(sum(entry.amount for term in terms(told, rules)[0] for entry in entries(told, term, rules).entries))
    return found


def _answered(issue: Issue, tier: str, rules: Rules) -> Issue:
    """The certificate with an agency, and with `tier` where its product is not known."""
    if issue.tier:
        return issue._replace(agency=issue.agency or _SOMEBODY)
    return issue._replace(agency=issue.agency or _SOMEBODY, tier=tier, rate=rules.card.on(tier, issue.day))


def questions(known: Iterable[Issue], waits: Iterable[Waits], unpriced: Iterable[Issue]) -> dict[_Question, Unanswered]:
    """(kind, match, spelling) of WAITING -> what waits for that answer, sorted.

    `known` are the certificates of billing exports, `waits` what of their orders waits, `unpriced` those without a rate. A certificate
    of which neither agency nor product is known is among those of both words; its money waits for the product, for only that tells its
    price.
    """
    asked: dict[_Question, Unanswered] = {}
    for issue in known:
        if not issue.agency:
            asked.setdefault(_of_agency(issue), Unanswered()).certificates.append(issue)
        if not issue.tier:
            asked.setdefault(_of_product(issue), Unanswered()).certificates.append(issue)
    for one in waits:
        asked[one.question].waits.append(one)
    for issue in unpriced:
        asked.setdefault(("rate", "", issue.tier), Unanswered()).certificates.append(issue)
    return dict(sorted(asked.items()))


def table(asked: dict[_Question, Unanswered]) -> pd.DataFrame:
    """WAITING: a row a question. What a certificate without a rate costs nobody can say, so there the cents are missing."""
    rows = []
    for (kind, match, value), waits in asked.items():
        least, most = (None, None) if kind == "rate" else waits.cents
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


def findings(asked: dict[_Question, Unanswered]) -> list[Finding]:
    """One `charge-waiting` a word, agency or product, that keeps money waiting: its orders, and the dollars, a range where not known."""
    return [
        _finding(kind, value, waits.waits)
        for (kind, _match, value), waits in sorted(asked.items(), key=lambda item: (item[0][0], item[0][2], item[0][1]))
        if waits.waits
    ]


def _of(issue: Issue) -> _Question | None:
    """The question that the certificate's money waits for; None where nothing is unknown of it."""
    if issue.tier and issue.agency:
        return None
    return _of_agency(issue) if issue.tier else _of_product(issue)


def _of_agency(issue: Issue) -> _Question:
    """By the spelling; where none is written by the domain of the hosts, for an answer about that says who pays as well."""
    if not issue.agency_text and (domain := domain_of(issue.names)):
        return "agency", "domain", domain
    return "agency", issue.agency_match, issue.agency_text


def _of_product(issue: Issue) -> _Question:
    return "tier", "product", issue.product


def _finding(kind: str, word: str, waits: Sequence[Waits]) -> Finding:
    until = f"until this {'agency' if kind == 'agency' else 'product'} is known"
    whole, rest = [one for one in waits if not one.in_part], [one for one in waits if one.in_part]
    said = []
    if whole:
        said.append(f"{_counted(whole)}, {_amount(whole)}, {_are(whole)} charged to nobody {until}.")
    if rest:
        more = f"{_amount(rest)} more {'waits' if len(rest) == 1 else 'wait'} {until}"
        said.append(f"{_counted(rest)} {_are(rest)} charged only in part: {more}.")
    reason = f"{' '.join(said)} {_listed(_names([*whole, *rest]))}"
    return Finding("charge-waiting", reason, value=word, column=kind, source=min(one.source for one in waits))


def _names(waits: Iterable[Waits]) -> list[str]:
    return list(dict.fromkeys(one.order for one in waits))


def _cents(waits: Sequence[Waits]) -> tuple[int, int]:
    return sum(one.least for one in waits), sum(one.most for one in waits)


def _amount(waits: Sequence[Waits]) -> str:
    least, most = _cents(waits)
    if least == most:
        return dollars(least)
    return f"between {dollars(least)} and {dollars(most)}" if least else f"up to {dollars(most)}"


def _counted(waits: Sequence[Waits]) -> str:
    number = len(_names(waits))
    return "1 order" if number == 1 else f"{number:,} orders"


def _are(waits: Sequence[Waits]) -> str:
    return "is" if len(_names(waits)) == 1 else "are"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_ORDERS])
    more = f" and {len(names) - _SHOWN_ORDERS:,} more" if len(names) > _SHOWN_ORDERS else ""
    return f"Order{'' if len(names) == 1 else 's'}: {shown}{more}."
