"""Money that nobody is charged yet: the findings `charge-waiting`, whose reasons tell how many orders and dollars wait for an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from pipeline.contracts import ContractError
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of

CODE = "charge-waiting"
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


def for_an_agency(edition: Edition) -> Waiting:
    """What is charged to nobody until an agency is known."""
    return _sum(_findings(edition, "agency"))


def for_a_tier(edition: Edition) -> Waiting:
    """What is charged to nobody until a product is known."""
    return _sum(_findings(edition, "tier"))


def orders(edition: Edition) -> int:
    """How many orders wait for either."""
    return for_an_agency(edition).and_also(for_a_tier(edition)).orders


def reasons(edition: Edition) -> list[str]:
    """What each word that nobody understands keeps waiting, most gravely first; for internal eyes, it names orders."""
    found = pd.concat([_findings(edition, "agency"), _findings(edition, "tier")])
    return [f"“{row.value}”: {row.reason}" for row in rows_of(found)]


def _findings(edition: Edition, column: str) -> pd.DataFrame:
    findings = edition.books.findings
    return findings[(findings["code"] == CODE) & (findings["column"] == column)].sort_values("value", kind="stable")


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
