"""What each message tells and whom: from the rows of NOTICES that are to be sent to letters, one an address and Message-ID. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from pipeline import hosts as host_names
from pipeline.calendar import BusinessTime
from pipeline.mail_addresses import addresses_in, as_contact
from pipeline.notices.ask_by import last_safe_days, promised_days
from pipeline.notices.message import Served
from pipeline.settings import Settings

TO_SEND = ("due", "in-doubt")
MOST_DOUBTS = 2
_NO_AGENCY = "~"  # behind every code


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate that a letter tells of.

    `names` are the hosts that nothing else covers, `ask_by` the last safe day to ask where it is known, `told_as` as whom the reader is
    told, `contact` who acts where the reader gets a copy, "" where nobody can be told. `passed_over` are the addresses of the contact, none
    of which can be told, where the reader is told instead; "" where it has none.
    """

    certificate: str
    names: tuple[str, ...]
    ends_on: dt.date
    days_left: int
    ask_by: dt.date | None
    agency: str
    order_id: str
    tier: str
    told_as: Literal["", "contact", "security-contact", "service-owner"]
    days_before: int
    contact: str = ""
    passed_over: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message before it is put into words: `endings` the reader is to act on, `copies` are for information; each soonest first within
    its agency, the agency with the soonest first."""

    message_id: str
    address: str
    endings: tuple[Ending, ...]
    copies: tuple[Ending, ...]
    served: tuple[Served, ...]

    @property
    def all(self) -> tuple[Ending, ...]:
        """Everything that it tells of."""
        return (*self.endings, *self.copies)


def letters(notices: pd.DataFrame, certificates: pd.DataFrame, time: BusinessTime, settings: Settings, as_of: dt.date) -> list[Letter]:
    """The letters that the rows of NOTICES which are due, or in doubt once, ask for, by Message-ID.

    Of several notices of a certificate that are due only the nearest is told. Facts of a certificate come from its row of CERTIFICATES.
    """
    rows = notices[notices["state"].isin(TO_SEND) & (notices["doubts"] < MOST_DOUBTS) & (notices["contact_email"] != "")]
    rows = rows[rows["days_before"] == rows["served_by"]].sort_values(["ends_on", "certificate"], kind="stable")
    if rows.empty:
        return []
    facts = _facts(certificates, set(rows["certificate"]), time, settings)
    contacts, together = _contacts(notices), told_together(notices)
    mine: dict[tuple[str, str], list[Any]] = {}
    for row in _each(rows):
        mine.setdefault((row.message_id, row.contact_email), []).append(row)
    return [_letter(*whom, found, facts, contacts, together, as_of) for whom, found in sorted(mine.items())]


def told_together(notices: pd.DataFrame) -> dict[tuple[str, int], tuple[str, ...]]:
    """Certificate and threshold -> the addresses that were or will be told of it, by NOTICES, other than by a copy: in alphabetical order.

    A contact that lists several addresses is told by as many messages.
    """
    rows = notices[(notices["kind"] == "notice") & notices["state"].isin([*TO_SEND, "sent"]) & (notices["contact_email"] != "")]
    found: dict[tuple[str, int], set[str]] = {}
    for certificate, days, address in zip(rows["certificate"], rows["served_by"], rows["contact_email"], strict=True):
        found.setdefault((certificate, int(days)), set()).add(address)
    return {key: tuple(sorted(addresses)) for key, addresses in found.items()}


def served(row: Any, fact: Any, together: Mapping[tuple[str, int], tuple[str, ...]]) -> Served:
    """What a message that tells of this row of NOTICES serves; `fact` has the `serial` and the end of its certificate."""
    beside = together.get((row.certificate, int(row.days_before)), ()) if row.kind == "notice" else ()
    others = tuple(one for one in beside if one != row.contact_email)
    return Served(row.certificate, int(row.days_before), fact.serial, fact.valid_to, getattr(row, "due_on", None), row.kind, others)


def _letter(
    message_id: str, address: str, rows: list[Any], facts: dict[str, Any], contacts: dict[str, str],
    together: Mapping[tuple[str, int], tuple[str, ...]], as_of: dt.date,
) -> Letter:  # fmt: skip
    """The letter of these rows of NOTICES. Whoever is told of a certificate needs no copy of it."""
    told = [(row.kind, _ending(row, facts[row.certificate], contacts, as_of)) for row in rows]
    endings = _grouped(one for kind, one in told if kind == "notice")
    known = {one.certificate for one in endings}
    copies = _grouped(one for kind, one in told if kind == "copy" and one.certificate not in known)
    return Letter(message_id, address, endings, copies, tuple(served(row, facts[row.certificate], together) for row in rows))


def _facts(certificates: pd.DataFrame, wanted: set[str], time: BusinessTime, settings: Settings) -> dict[str, Any]:
    mine = certificates[certificates["certificate"].isin(wanted)]
    columns = ["certificate", "serial", "common_name", "names", "valid_to", "order_id", "tier", "contact_email"]
    safe = last_safe_days(mine["valid_to"], time, promised_days(settings))
    return {row.certificate: row for row in _each(mine[columns].assign(ask_by=safe))}


def _each(rows: pd.DataFrame) -> Iterator[Any]:
    return iter(rows.itertuples(index=False))


def _contacts(notices: pd.DataFrame) -> dict[str, str]:
    """Who is told of each certificate, or was told last, other than by a copy: all addresses of its contact."""
    together = told_together(notices)
    return {certificate: as_contact(together[certificate, days]) for certificate, days in sorted(together, key=lambda key: -key[1])}


def _ending(row: Any, fact: Any, contacts: dict[str, str], as_of: dt.date) -> Ending:
    names = tuple(row.names.split()) or host_names.names_of(fact.names) or tuple(filter(None, [fact.common_name]))
    ends_on = row.ends_on.date()
    return Ending(
        certificate=row.certificate,
        names=tuple(sorted(names, key=lambda name: name != fact.common_name)),  # what people call it first
        ends_on=ends_on,
        days_left=(ends_on - as_of).days,
        ask_by=None if pd.isna(fact.ask_by) else fact.ask_by.date(),
        agency=row.agency,
        order_id=fact.order_id,
        tier=fact.tier,
        told_as=row.addressed_as,
        days_before=row.days_before,
        contact=contacts.get(row.certificate, "") if row.kind == "copy" else "",
        passed_over=as_contact(addresses_in(fact.contact_email)) if row.addressed_as in ("security-contact", "service-owner") else "",
    )


def _grouped(endings: Iterable[Ending]) -> tuple[Ending, ...]:
    every = list(endings)
    first = {code: min(one.ends_on for one in every if one.agency == code) for code in {one.agency for one in every}}
    return tuple(sorted(every, key=lambda one: (first[one.agency], one.agency or _NO_AGENCY, one.ends_on, one.certificate)))
