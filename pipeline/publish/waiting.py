"""Money that nobody is charged yet: for want of an agency or a tier (`charge-waiting`, whose reasons tell dollars), or of a rate.

Every function takes FINDINGS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from pipeline.contracts import ContractError
from pipeline.publish import words

CODE = "charge-waiting"
NO_RATE = "no-rate"
_DOLLARS = r"\$([\d,]+\.\d\d)"
_REASON = re.compile(rf"([\d,]+) orders?, (?:between )?{_DOLLARS}(?: and {_DOLLARS})?")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many orders wait, and for how many cents at least and at most; the two differ while a tier is not known."""

    orders: int = 0
    least: int = 0
    most: int = 0

    @property
    def dollars(self) -> str:
        """`$663.57`, or `$663.57 to $1,626.00`."""
        return words.dollars(self.least) + (f" to {words.dollars(self.most)}" if self.most != self.least else "")

    def and_also(self, other: Waiting) -> Waiting:
        """Both together."""
        return Waiting(self.orders + other.orders, self.least + other.least, self.most + other.most)


def for_an_agency(findings: pd.DataFrame) -> Waiting:
    """What is charged to nobody until an agency is known."""
    return _sum(_of(findings, "agency"))


def for_a_tier(findings: pd.DataFrame) -> Waiting:
    """What is charged to nobody until a product is known."""
    return _sum(_of(findings, "tier"))


def for_a_rate(findings: pd.DataFrame) -> int:
    """How many certificates wait until the rate card has a rate for their day; how many dollars nobody can say."""
    return int((findings["code"] == NO_RATE).sum())


def for_an_answer(findings: pd.DataFrame) -> Waiting:
    """What waits for either, agency or tier."""
    return for_an_agency(findings).and_also(for_a_tier(findings))


def sentences(findings: pd.DataFrame) -> list[str]:
    """What each word that nobody understands keeps waiting, and each tier without a rate; for internal eyes, it names orders."""
    unknown = pd.concat([_of(findings, "agency"), _of(findings, "tier")])
    words_unknown = zip(unknown["value"], unknown["column"], unknown["reason"], strict=True)
    return [
        *(f"{f'“{value}”' if value else f'No {column} named'}: {reason}" for value, column, reason in words_unknown),
        *(_without_rate(str(tier), of_tier) for tier, of_tier in findings[findings["code"] == NO_RATE].groupby("value")),
    ]


def _without_rate(tier: str, findings: pd.DataFrame) -> str:
    certificates = words.count(len(findings), "certificate")
    one = len(findings) == 1
    return (
        f"{certificates} of the tier {tier} {'has' if one else 'have'} no rate for {'its' if one else 'their'} day: what "
        f"{'it costs' if one else 'they cost'} is not known, and nobody is charged for {'it' if one else 'them'} until [[rate]] has a line."
    )


def _of(findings: pd.DataFrame, column: str) -> pd.DataFrame:
    of_it = findings[(findings["code"] == CODE) & (findings["column"] == column)]
    return of_it.sort_values(["value", "file", "sheet", "row"], kind="stable")


def _sum(findings: pd.DataFrame) -> Waiting:
    total = Waiting()
    for reason in findings["reason"]:
        told = _REASON.match(reason)
        if not told:
            raise ContractError(f"The finding {CODE} must begin with its orders and dollars, not with: {reason}")
        least = _cents(told[2])
        total = total.and_also(Waiting(int(told[1].replace(",", "")), least, _cents(told[3]) if told[3] else least))
    return total


def _cents(dollars: str) -> int:
    return int(dollars.replace(",", "").replace(".", ""))
