"""What the books hold of each agency, as rows: tables are read and ordered once and dealt out, for there are hundreds of agencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.publish.pages import certificate_rows, expiry, notices, request_rows
from pipeline.publish.pages.edition import Edition, rows_of


@dataclass(slots=True)
class Share:
    """The rows of one agency, each table in the order of its pages; `lapsed`, `rule_breaks` and `notices` also what stands
    under the codes of agencies that became part of it. Certificates are those of servers, as `certificate_rows.dated` tells them: `current`
    are those in force, `to_renew` those of them that somebody has to renew; `inherited` are those of agencies that became part of this one,
    `looked_after` those in force of both, and `all_to_renew` those of them that somebody has to renew. `inherited_requests` were made under
    the old codes, too."""

    code: str
    notices: list[Any]
    current: list[Any] = field(init=False)
    to_renew: list[Any] = field(init=False)
    looked_after: list[Any] = field(init=False)
    all_to_renew: list[Any] = field(init=False)
    certificates: list[Any] = field(default_factory=list)
    lapsed: list[Any] = field(default_factory=list)
    rule_breaks: list[Any] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    invoices: list[Any] = field(default_factory=list)
    inherited: list[Any] = field(default_factory=list)
    inherited_requests: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.current = [row for row in self.certificates if row.status == "active"]
        self.to_renew = [row for row in self.current if row.needed]
        old = [row for row in self.inherited if row.status == "active"]
        self.looked_after = sorted([*self.current, *old], key=lambda row: row.urgency) if old else self.current
        self.all_to_renew = [row for row in self.looked_after if row.needed] if old else self.to_renew


def shares(edition: Edition) -> list[Share]:
    """The share of every agency that has a page, by code."""
    books = edition.books
    certificates = _dealt(edition.shared(certificate_rows.listed), "agency")
    lapsed = _dealt(certificate_rows.dated(edition, expiry.lapses(edition)), "agency")
    broken = edition.rule_breaks
    rule_breaks = _dealt(rows_of(broken.assign(ends=edition.local_days_told(broken["valid_to"]), place=range(len(broken)))), "agency")
    requests = _dealt(request_rows.dated(edition, request_rows.newest_first(books.requests)), "agency")
    invoices = _dealt(rows_of(books.invoices), "agency")
    told = _dealt(notices.latest_end_first(edition), "agency")
    found = []
    for code in edition.agency_codes:
        old = edition.merged_into(code)
        both = (code, *old)
        found.append(
            Share(
                code,
                sorted((row for one in both for row in told.get(one, [])), key=lambda row: row.place),
                certificates.get(code, []),
                sorted((row for one in both for row in lapsed.get(one, [])), key=lambda row: row.urgency),
                sorted((row for one in both for row in rule_breaks.get(one, [])), key=lambda row: row.place),
                requests.get(code, []),
                invoices.get(code, []),
                [row for one in old for row in certificates.get(one, [])],
                [row for one in old for row in requests.get(one, [])],
            )
        )
    return found


def ending(rows: Iterable[Any], days: int) -> list[Any]:
    """Those of `rows` whose last day is today or at most `days` away, as `in_force.ending`."""
    return [row for row in rows if row.days_left is not None and 0 <= row.days_left <= days]


def from_old_codes(rows: Iterable[Any], code: str) -> str:
    """`3 from OTR`: how many of `rows` stand under the codes of agencies that became part of `code`; "" where none does."""
    counts = Counter(row.agency for row in rows if row.agency != code)
    return ", ".join(f"{number:,} from {old}" for old, number in sorted(counts.items()))


def _dealt(rows: Iterable[Any], column: str) -> dict[str, list[Any]]:
    """`rows` by their value of `column`, in their order."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(row)
    return found
