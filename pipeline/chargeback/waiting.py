"""Charges that wait for an answer: who should pay, or which tier was meant (DESIGN §4: "an error finding with the dollars waiting")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.chargeback.orders import Issue
from pipeline.chargeback.terms import PAID_BEFORE, Rules, Term
from pipeline.findings import Finding
from pipeline.rates import RateCard

_SHOWN_ORDERS = 5


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


def dollars_waiting(waiting: Iterable[Issue], card: RateCard) -> list[Finding]:
    """One `charge-waiting` a word that nobody understands, agency or product, with its orders and the money that waits for an answer.

    An order of which neither is known waits for its product, for only that tells its price. The price of an unknown product is told as
    the range of the rates of all tiers on the days of service.
    """
    by_word: dict[tuple[str, str], list[Issue]] = {}
    for issue in waiting:
        by_word.setdefault(("agency", issue.agency_text) if issue.tier else ("tier", issue.product), []).append(issue)
    return [_finding(column, word, issues, card) for (column, word), issues in sorted(by_word.items())]


def _finding(column: str, word: str, issues: Sequence[Issue], card: RateCard) -> Finding:
    names = list(dict.fromkeys(issue.order_id or issue.common_name or issue.serial for issue in issues))
    rates = [_possible_rates(issue, card) for issue in issues]
    least, most = (sum(map(pick, rates)) for pick in (min, max))
    dollars = _dollars(least) if least == most else f"between {_dollars(least)} and {_dollars(most)}"
    orders, are = ("1 order", "is") if len(names) == 1 else (f"{len(names):,} orders", "are")
    what = "agency" if column == "agency" else "product"
    reason = f"{orders}, {dollars}, {are} charged to nobody until this {what} is known. {_listed(names)}"
    return Finding("charge-waiting", reason, value=word, column=column, source=min(issue.source for issue in issues))


def _possible_rates(issue: Issue, card: RateCard) -> list[int]:
    """The cents that the certificate may cost: the rate of its tier, else those of every tier on its day."""
    if issue.tier:
        return [] if issue.rate is None else [issue.rate]
    return [cents for tier in card.lines if (cents := card.on(tier, issue.day)) is not None]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_ORDERS])
    more = f" and {len(names) - _SHOWN_ORDERS:,} more" if len(names) > _SHOWN_ORDERS else ""
    return f"Order{'' if len(names) == 1 else 's'}: {shown}{more}."


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"
