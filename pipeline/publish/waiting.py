"""Money that nobody is charged yet, for pages and workbooks: for want of an agency, a tier, a rate, or of a decision that can be posted.

Except where it says otherwise, every function takes WAITING, as `chargeback.ledger` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.money import dollars, span
from pipeline.publish import words

_CODE = "charge-waiting"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many orders wait, and for how many cents at least and at most; the two differ while a tier is not known."""

    orders: int
    least: int
    most: int

    @property
    def dollars(self) -> str:
        """`$663.57`, or `$663.57 to $1,626.00`."""
        return span(self.least, self.most)


def decisions_not_posted(told: pd.DataFrame) -> str:
    """How many decisions (NOT_POSTED) move no amount, and how many dollars they name, in words."""
    if told.empty:
        return "Every decision is posted"
    amount = dollars(int(told["amount_cents"].sum()))
    return f"{words.count(len(told), 'decision')} of {amount} {'is' if len(told) == 1 else 'are'} not posted"


def for_an_agency(waiting: pd.DataFrame) -> Waiting:
    """What is charged to nobody until an agency is known."""
    return _sum(_of(waiting, "agency"))


def for_a_tier(waiting: pd.DataFrame) -> Waiting:
    """What is charged to nobody until a product is known."""
    return _sum(_of(waiting, "tier"))


def for_a_rate(waiting: pd.DataFrame) -> int:
    """How many certificates wait until the rate card has a rate for their day; how many dollars nobody can say."""
    return int(_of(waiting, "rate")["certificates"].sum())


def for_an_answer(waiting: pd.DataFrame) -> Waiting:
    """What waits for either, agency or tier."""
    return _sum(waiting[waiting["kind"] != "rate"])


def sentences(findings: pd.DataFrame, waiting: pd.DataFrame) -> list[str]:
    """What each word that nobody understands keeps waiting, as FINDINGS say it, and each tier without a rate, of WAITING.

    For internal eyes: it names orders.
    """
    told = findings[findings["code"] == _CODE].sort_values(["column", "value", "file", "sheet", "row"], kind="stable")
    unknown = zip(told["value"], told["column"], told["reason"], strict=True)
    unpriced = _of(waiting, "rate")
    return [
        *(f"{f'“{value}”' if value else f'No {column} named'}: {reason}" for value, column, reason in unknown),
        *(_without_rate(tier, number) for tier, number in zip(unpriced["value"], unpriced["certificates"], strict=True)),
    ]


def _without_rate(tier: str, number: int) -> str:
    one = number == 1
    return (
        f"{words.count(number, 'certificate')} of the tier {tier} {'has' if one else 'have'} no rate for {'its' if one else 'their'} day: "
        f"what {'it costs' if one else 'they cost'} is not known, and nobody is charged for {'it' if one else 'them'} until [[rate]] has "
        "a line."
    )


def _of(waiting: pd.DataFrame, kind: str) -> pd.DataFrame:
    return waiting[waiting["kind"] == kind]


def _sum(waiting: pd.DataFrame) -> Waiting:
    orders, least, most = (int(waiting[name].sum()) for name in ("orders", "least_cents", "most_cents"))
    return Waiting(orders, least, most)
