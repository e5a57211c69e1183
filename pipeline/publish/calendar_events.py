"""What the calendars tell: the end of each certificate that somebody has to renew, and that one is off where nobody has to any more.

A run remembers what it told in its record, so that the next one can say that an event has changed: calendar programs that keep events
themselves take a change only with a higher number.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from pipeline import calendar, hosts, notices
from pipeline.contracts import Books, RunRecord
from pipeline.publish import in_force, words
from pipeline.settings import Settings

_READ = ["certificate", "common_name", "subject_alternative_names", "names", "agency", "order_id", "contact_email", "status", "is_ca",
         "valid_from", "valid_to", "days_left"]  # fmt: skip
_HASH_LENGTH = 10
_OFF = {"superseded": "A later certificate has taken over.", "revoked": "It was revoked."}
_RETIRED = "Its hosts are retired."


class Event(NamedTuple):
    """The end of a certificate: its key, what it is for, whose it is, its last day, its order, who is told, the last safe day to ask where
    it is known, how many days before people are reminded, why the event is off ("" where it is not), and how often it has changed."""

    certificate: str
    host: str
    agency: str
    on: dt.date
    order_id: str
    told: str
    ask_by: dt.date | None
    days_before: tuple[int, ...]
    off: str
    sequence: int = 0

    @property
    def said(self) -> str:
        """A hash of what it tells."""
        told = (self.host, self.on, self.order_id, self.told, self.ask_by, self.days_before, self.off)
        return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()[:_HASH_LENGTH]


def events(books: Books, settings: Settings, as_of: dt.date, before: Mapping[str, str] | None) -> list[Event]:
    """The events as of `as_of`, by day, host and certificate; `before` is what the run before `remembered`, None where it is not known.

    What is off is told until its last day, and only to those whom it was told to before, if that is known.
    """
    rows = _concerned(books, as_of)
    told = in_force.who_is_told(books, settings, as_of)
    time = calendar.business_time(settings.desk, settings.organization.zone, books.closed_days, books.extra_closures)
    columns = (
        calendar.local_days(rows["valid_to"], settings.organization.zone).tolist(),
        notices.last_safe_days(rows["valid_to"], time, notices.promised_days(settings)).tolist(),
        notices.ahead(rows, settings.notices.days_before).tolist(),
        _off(rows, books, as_of),
    )
    names = ["certificate", "common_name", "subject_alternative_names", "names", "agency", "order_id", "contact_email"]
    cells = zip(*(rows[name].tolist() for name in names), *columns, strict=True)
    found = []
    for name, common, alternative, covered, agency, order, contact, on, ask_by, ahead, off in cells:
        if off and before and name not in before:
            continue
        whom = told(name, contact, agency).address
        host = _host(common, alternative, covered.split())
        safe = None if pd.isna(ask_by) else ask_by.date()
        event = Event(name, host, agency, on.date(), order, whom, safe, tuple(dict.fromkeys(ahead)), off)
        found.append(_numbered(event, (before or {}).get(name, "")))
    return sorted(found, key=lambda one: (one.on, one.host, one.certificate))


def _host(common_name: str, alternative_names: str, names: list[str]) -> str:
    """What a certificate is for: its common name, or with it the first of its host `names` where it is none of them; how many more."""
    name = words.host_name(common_name, alternative_names) or "no host name"
    instead = words.host_instead(common_name, names)
    name = f"{name} for {instead}" if instead else name
    return f"{name} and {len(names) - 1:,} more" if len(names) > 1 else name


def remember(record: RunRecord, books: Books, settings: Settings, before: RunRecord | None) -> RunRecord:
    """The record of a run with what its calendars tell, after the run `before`."""
    return replace(record, events=remembered(events(books, settings, record.as_of, before.events if before else None)))


def remembered(found: list[Event]) -> dict[str, str]:
    """What a run keeps of its events: `number hash` of each, by certificate."""
    return {one.certificate: f"{one.sequence} {one.said}" for one in found}


def _concerned(books: Books, as_of: dt.date) -> pd.DataFrame:
    """The certificates in force, and those that nobody has to renew although their end is ahead."""
    table = books.certificates[_READ]
    ours = ~table["is_ca"] & table["valid_to"].notna() & table["status"].isin(["active", *_OFF])
    ahead = (table["days_left"] >= 0).fillna(False).astype(bool)
    return table[ours & ahead]


def _off(rows: pd.DataFrame, books: Books, as_of: dt.date) -> list[str]:
    matters = hosts.still_matter(rows, books.hosts, as_of).tolist()
    return [_OFF.get(status, "" if needed else _RETIRED) for status, needed in zip(rows["status"].tolist(), matters, strict=True)]


def _numbered(event: Event, before: str) -> Event:
    number, _, said = before.partition(" ")
    sequence = int(number) + (said != event.said) if number.isdecimal() else int(bool(event.off))
    return event._replace(sequence=sequence) if sequence else event
