"""What is still open about certificates that end: one case each, with who was told and what stands in the way. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from pipeline import hosts as host_names
from pipeline.among import among
from pipeline.mail_addresses import as_contact

Standing = Literal["told", "to-be-told", "in-doubt", "refused", "nobody", "untold"]
# Of several rows of a certificate the one that says most of whether somebody knows.
_RANK = {"sent": 0, "due": 1, "in-doubt": 2, "failed": 3, "no-contact": 4}
_STANDING: dict[str, Standing] = {"sent": "told", "due": "to-be-told", "in-doubt": "in-doubt", "failed": "refused", "no-contact": "nobody"}


@dataclass(frozen=True, slots=True)
class Case:
    """A certificate that ends soon, or ended lately, and that nothing takes over from.

    `address` is who was or will be told, several joined by a comma, "" where nobody can be; of an `untold` one its contact, who was not.
    `told_at` is when the last one was told.
    """

    certificate: str
    names: tuple[str, ...]
    agency: str
    order_id: str
    ends_on: dt.date
    days_left: int
    standing: Standing
    address: str
    told_as: str
    told_at: pd.Timestamp | None


def open_cases(notices: pd.DataFrame, certificates: pd.DataFrame, as_of: dt.date) -> list[Case]:
    """The open cases of NOTICES as of `as_of`, soonest end first. What was told of and has been renewed since is none."""
    rows = notices[(notices["kind"] == "notice") & notices["due_on"].notna() & notices["state"].isin(list(_RANK))]
    if rows.empty:
        return []
    mine = certificates[among(certificates["certificate"], rows["certificate"])]
    facts = {row.certificate: row for row in _each(mine[["certificate", "names", "common_name", "order_id", "superseded_by"]])}
    of_it: dict[str, list[Any]] = {}
    for row in _each(rows):
        of_it.setdefault(row.certificate, []).append(row)
    found = []
    for certificate, told in of_it.items():
        fact, best = facts.get(certificate), min(told, key=lambda row: (_RANK[row.state], row.days_before))
        if fact is not None and _is_open(best, fact):
            found.append(_case(best, fact, told, as_of))
    return sorted(found, key=lambda one: (one.ends_on, one.certificate))


def ended_earlier(lapses: pd.DataFrame, notices: pd.DataFrame, ends_on: Iterable[pd.Timestamp], known: Iterable[Case]) -> list[Case]:
    """The `lapses` (CERTIFICATES) that none of the `known` cases is about, for nobody is told of them any more: the latest end first.

    `ends_on` are their last days. Each says by NOTICES who was told in its time; `untold` is one that nobody was.
    """
    seen, sent = {one.certificate for one in known}, notices[(notices["kind"] == "notice") & notices["sent_at"].notna()]
    last = {row.certificate: row for row in _each(sent.sort_values("sent_at", kind="stable"))}
    found = []
    for row, day in zip(_each(lapses), ends_on, strict=True):
        if row.certificate in seen:
            continue
        told = last.get(row.certificate)
        names = _names(row.names, row.common_name)
        whom = ("told", told.contact_email, told.addressed_as, told.sent_at) if told else ("untold", row.contact_email, "", None)
        found.append(Case(row.certificate, names, row.agency, row.order_id, day.date(), int(row.days_left), *whom))
    return sorted(found, key=lambda one: (-one.days_left, one.certificate))


def _each(rows: pd.DataFrame) -> Iterator[Any]:
    return iter(rows.itertuples(index=False))


def _is_open(row: Any, fact: Any) -> bool:
    return bool(row.names) or not (host_names.names_of(fact.names) or fact.superseded_by)


def _case(row: Any, fact: Any, rows: list[Any], as_of: dt.date) -> Case:
    ends_on, told_at = row.ends_on.date(), max((one.sent_at for one in rows if pd.notna(one.sent_at)), default=None)
    return Case(
        certificate=row.certificate,
        names=_names(row.names, fact.common_name),
        agency=row.agency,
        order_id=fact.order_id,
        ends_on=ends_on,
        days_left=(ends_on - as_of).days,
        standing=_STANDING[row.state],
        address=row.contact_email if row.state == "failed" else _together(row, rows),
        told_as=row.addressed_as,
        told_at=told_at,
    )


def _names(names: str, common_name: str) -> tuple[str, ...]:
    """The host names, the common name first where it is one of them; where there are none, the common name."""
    return tuple(sorted(names.split(), key=lambda name: name != common_name)) or tuple(filter(None, [common_name]))


def _together(row: Any, rows: list[Any]) -> str:
    """The addresses that the notice of `row` went or goes to: a contact may list several."""
    return as_contact(sorted({one.contact_email for one in rows if (one.state, one.days_before) == (row.state, row.days_before)}))
