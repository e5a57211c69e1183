"""Who breaks which rule among the certificates that are in use or yet to be, gravest first; for pages and the workbook of certificates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from pipeline import hosts
from pipeline.contracts import Books
from pipeline.lints import RULES, Rule
from pipeline.publish.parts import State

GRAVEST_FIRST = ("error", "warning", "note")
GRADES: dict[str, State] = {"error": "missed", "warning": "near", "note": "plain"}
NOT_YET_VALID = "not-yet-valid"
# What each grade asks of the owner of a certificate, and how soon.
BY_WHEN = {
    "error": "Now: do not wait for the renewal.",
    "warning": "At the next renewal.",
    "note": "No day is set: know it, and decide.",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule and who breaks it, in use or yet to be: rows of CERTIFICATES with the column `detail`, soonest expiry first."""

    rule: Rule
    rows: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Unjudged:
    """How many certificates of servers in force were judged in part only, and why."""

    private: int
    untold: int
    without_file: int


def in_use_or_to_come(books: Books, as_of: dt.date) -> pd.DataFrame:
    """Each rule that such a certificate breaks: LINTS with the columns of CERTIFICATES, gravest rule first, then soonest expiry.

    In use is what is valid, that no later one has taken over from, and that has a host that is not retired on `as_of`; of an authority
    too, for clients rely on it. What is not yet valid counts as well: a wrong one is best replaced before it is installed.
    """
    alive = books.certificates[books.certificates["status"].isin(("active", NOT_YET_VALID))]
    used = alive[hosts.still_matter(alive, books.hosts, as_of)]
    found = books.lints.merge(used, on="certificate", how="inner", validate="many_to_one")
    rank = found["severity"].map({severity: place for place, severity in enumerate(GRAVEST_FIRST)})
    often = -found.groupby("lint")["certificate"].transform("size")
    order = pd.DataFrame({"rank": rank, "often": often, "lint": found["lint"], "days": found["days_left"], "key": found["certificate"]})
    return found.loc[order.sort_values(["rank", "often", "lint", "days", "key"], kind="stable").index].reset_index(drop=True)


def by_rule(found: pd.DataFrame) -> list[Broken]:
    """The rows of `in_use_or_to_come` by rule, in their order."""
    return [Broken(RULES[str(lint)], rows) for lint, rows in found.groupby("lint", sort=False)]


def breaking(found: pd.DataFrame, severity: str) -> int:
    """How many certificates break a rule of this grade."""
    return int(found.loc[found["severity"] == severity, "certificate"].nunique())


def to_come(found: pd.DataFrame, severity: str) -> int:
    """How many of those that break a rule of this grade are not yet valid."""
    return breaking(found[found["status"] == NOT_YET_VALID], severity)


def by_when(severity: str, status: str) -> str:
    """By when a certificate of this status must be put right: a grave mistake of what is not yet valid before anybody relies on it."""
    return "Before it is installed." if severity == "error" and status == NOT_YET_VALID else BY_WHEN[severity]


def unjudged(current: pd.DataFrame) -> Unjudged:
    """Of the certificates in force: those that no public rule judges, and those that no file tells of in full."""
    return Unjudged(
        private=int((current["trust"] == "private").sum()),
        untold=int((current["trust"] == "").sum()),
        without_file=int((current["parse_status"] != "ok").sum()),
    )
