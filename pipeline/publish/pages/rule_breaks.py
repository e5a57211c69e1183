"""Rule breaks: which rules are broken, gravest first, what the owners must do and by when, and who was not judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from pipeline.lints import RULES
from pipeline.publish import in_force, rule_breaks, words
from pipeline.publish.pages.certificate_rows import expiry, order
from pipeline.publish.pages.edition import Edition, download, named, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Noted, Page
from pipeline.publish.rule_breaks import BY_WHEN, GRADES, NOT_YET_VALID, Broken, by_when

PATH = "rule-breaks.html"
# Thirty rules may be broken at once; more rows of each would make a page that no browser likes, and the workbook has them all.
_SHOWN = 25
_NONE = "No certificate in use or not yet valid breaks a rule."
_COLUMNS = (Head("Host name", "code"), Head("Agency"), Head("Valid to", "date"), Head("What was found"), Head("Issuer"), Head("Order"))
_OF_AGENCY = (Head("Host name", "code"), Head("Grade", "short"), Head("Valid to", "date"), Head("What was found"), Head("What to do"))


def pages(edition: Edition) -> Iterator[Page]:
    """The page of rule breaks."""
    found = edition.rule_breaks
    current = in_force.certificates(edition.books.certificates[["status", "is_ca", "trust", "parse_status"]])
    broken = rule_breaks.by_rule(found)
    yield Page(
        "rule-breaks.md",
        "pages/rule-breaks.md.j2",
        "Rule breaks",
        {
            "sentence": sentence(found),
            "figures": _figures(found, current),
            "rules": _rules(broken),
            "sections": [_section(edition, one) for one in broken],
            "unjudged": rule_breaks.unjudged(current),
            "current": len(current),
            "workbook": download("", "certificates.xlsx", "certificates.xlsx"),
            "all_rows": download("", "tables/lints.csv", "lints.csv"),
            "foot": foot(edition, ("certificates", "pem"), "lints", len(edition.books.lints)),
        },
    )


def sentence(found: pd.DataFrame) -> str:
    """How many certificates must be replaced now, how many of them before they are installed, and how many put right at renewal."""
    if found.empty:
        return _NONE
    now, later = (rule_breaks.breaking(found, severity) for severity in ("error", "warning"))
    if not now and not later:
        return "No certificate has to be replaced or put right; of some their owners should know something."
    then = f"{words.count(later, 'certificate')} must be put right at the next renewal"
    if not now:
        return f"{then}."
    coming = rule_breaks.to_come(found, "error")
    before = f", {coming:,} of them before {'it is' if coming == 1 else 'they are'} installed" if coming else ""
    return f"{words.count(now, 'certificate')} must be replaced now{before}{f'; {then}' if later else ''}."


def anchor(severity: str) -> str:
    """Where the rules of this grade begin on the page."""
    return f"grade-{severity}"


def grid_of_agency(found: Iterable[Any], caption: str, root: str) -> Grid:
    """What must be done about certificates of one agency, gravest first: rows of `agency_shares`; `root` leads to the site's root."""
    rows: list[list[Cell]] = [
        [
            _named(row),
            Chip(row.severity, GRADES[row.severity]),
            expiry(row.ends, row.days_left),
            Link(row.detail, f"{root}{PATH}#{row.lint}"),
            f"{by_when(row.severity, row.status)} {RULES[row.lint].remedy}",
        ]
        for row in found
    ]
    return Grid(caption, _OF_AGENCY, rows, "Nothing has to be replaced or put right.", things=True, captioned=False)


def _named(row: Any) -> Cell:
    """What people call the certificate, and that it is not yet valid where that is so."""
    return Noted(named(row), "not yet valid") if row.status == NOT_YET_VALID else named(row)


def _figures(found: pd.DataFrame, current: pd.DataFrame) -> list[Figure]:
    unjudged = rule_breaks.unjudged(current)
    cards = []
    for severity, name, word in (
        ("error", "To be replaced now", "act today"),
        ("warning", "To be put right at renewal", "order otherwise next time"),
        ("note", "To know of", ""),
    ):
        number = rule_breaks.breaking(found, severity)
        cards.append(
            Figure(
                name,
                words.count(number),
                basis=f"break a rule of the grade {severity}",
                state=GRADES[severity] if number else "met",
                word=word if number else "none",
                href=f"#{anchor(severity)}" if number else "",
            )
        )
    concerned = found.loc[found["severity"] == "error", "agency"]
    cards.append(Figure("Agencies concerned", words.count(concerned[concerned != ""].nunique()), basis="have certificates to replace now"))
    cards.append(
        Figure("Internal or self-signed", words.count(unjudged.private), basis="rules of the Web do not judge them", href="#not-judged")
    )
    partly = "only dates, names and serial were judged"
    cards.append(Figure("Without a whole file", words.count(unjudged.without_file), basis=partly, href="#not-judged"))
    return cards


def _rules(broken: list[Broken]) -> Grid:
    rows: list[list[Cell]] = [
        [
            Link(one.rule.title, f"#{one.rule.id}"),
            Chip(one.rule.severity, GRADES[one.rule.severity]),
            words.count(len(one.rows)),
            _agencies(one.rows),
            BY_WHEN[one.rule.severity],
        ]
        for one in broken
    ]
    heads = (Head("Rule", "name"), Head("Grade", "short"), Head("Certificates", "number"), Head("Agencies", "number"), Head("By when"))
    return Grid("Rules that are broken, gravest first", heads, rows, _NONE, things=True, captioned=False)


def _agencies(rows: pd.DataFrame) -> str:
    number = rows.loc[rows["agency"] != "", "agency"].nunique()
    return words.count(number) if number else "not known"


def _count(rows: pd.DataFrame) -> str:
    breaks = words.count(len(rows), "certificate breaks it", "certificates break it")
    coming = int((rows["status"] == NOT_YET_VALID).sum())
    if not coming:
        return breaks
    return f"{breaks}, not yet valid" if len(rows) == 1 else f"{breaks}, {coming:,} of them not yet valid"


def _section(edition: Edition, one: Broken) -> dict[str, Any]:
    rule, shown = one.rule, one.rows.iloc[:_SHOWN]
    days = edition.local_days_told(shown["valid_to"])
    rows: list[list[Cell]] = [
        [
            _named(row),
            edition.agency(row.agency),
            expiry(day, row.days_left),
            row.detail,
            row.issuer or in_force.NO_NAMED_ISSUER,
            order(edition, row),
        ]
        for row, day in zip(rows_of(shown), days, strict=True)
    ]
    return {
        "rule": rule,
        "grade": Chip(rule.severity, GRADES[rule.severity]),
        "count": _count(one.rows),
        "by_when": BY_WHEN[rule.severity],
        "reference": f"reference/rules.html#rule-{rule.id}",
        "grid": Grid(f"{rule.title} Who breaks it, soonest expiry first", _COLUMNS, rows, "", things=True, captioned=False, name=rule.id),
        "left_out": max(len(one.rows) - _SHOWN, 0),
    }
