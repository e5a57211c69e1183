"""The digest of the office: once a week what ends and is not renewed, who refused a notice, and of what nobody can be told."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.contracts import Books
from pipeline.mail_addresses import addresses_in, is_address
from pipeline.notices.addressees import may_be_told
from pipeline.notices.cases import Case
from pipeline.notices.letters import MOST_DOUBTS
from pipeline.notices.tried import Journal
from pipeline.publish import in_force, words
from pipeline.settings import Settings, Weekday

_WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MAIL_DOMAIN = "certledger.invalid"
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest before it is put into a message."""

    message_id: str
    address: str
    subject: str
    view: dict[str, Any]


def digest(books: Books, settings: Settings, as_of: dt.date) -> Digest | None:
    """The digest of the week that the day of `[notices] digest_on` on or before `as_of` begins, to the owner of the service.

    None where the settings want none, the owner has no address, the journal knows that it was sent or sent twice without an answer, or
    nothing is open.
    """
    day, owner = settings.notices.digest_on, settings.organization.service_owner
    if day == "never" or not is_address(owner):
        return None
    begins = as_of - dt.timedelta(days=(as_of.weekday() - _WEEKDAYS.index(day)) % 7)
    name = hashlib.sha256(f"digest|{owner}|{begins.isoformat()}".encode()).hexdigest()[:40]
    message_id = f"<{name}@{settings.notices.sender.rpartition('@')[2] or _MAIL_DOMAIN}>"
    cases, earlier = in_force.not_renewed(books, settings, as_of)
    refused = _refused(books)
    if _is_over(books.notice_log, message_id) or not (cases or earlier or refused):
        return None
    sections = [*_sections(cases, earlier), *_without_contact(cases, books, settings)]
    view = {
        "day": words.long_day(begins),
        "counts": [(title, words.count(len(found))) for title, _, found in sections]
        + [("Addresses that refused", words.count(len(refused)))],
        "sections": [
            {
                "title": title,
                "remedy": remedy,
                "rows": [_row(one, settings.organization.zone) for one in found[:_SHOWN]],
                "left_out": max(len(found) - _SHOWN, 0),
            }
            for title, remedy, found in sections
            if found
        ],
        "refused": refused[:_SHOWN],
        "refused_left_out": max(len(refused) - _SHOWN, 0),
    }
    sample = "SAMPLE: " if settings.organization.sample else ""
    number = words.count(len(cases) + len(earlier))
    about = f"{sample}Certificates, week of {words.long_day(begins)}: {number} end or have ended and are not renewed"
    return Digest(message_id, owner, about, view)


def _is_over(log: pd.DataFrame, message_id: str) -> bool:
    """Whether the journal says that the message was accepted, refused for good, or sent twice without an answer."""
    mine = Journal(log[log["message_id"] == message_id]).tries
    return any(one.sent_at is not None or one.is_refused or one.doubts >= MOST_DOUBTS for one in mine)


def _sections(cases: list[Case], earlier: list[Case]) -> list[tuple[str, str, list[Case]]]:
    """Each case once, the gravest first, and what to do about it."""
    nobody = [one for one in cases if one.standing in ("nobody", "refused")]
    rest = [one for one in cases if one not in nobody]
    return [
        ("Nobody can be told", "Add a contact at the authority, or a security contact in data/reference/agencies.csv.", nobody),
        (
            "Ended, nothing took over",
            "Ask whom was told; if a host is gone, say so in data/entries/hosts.csv.",
            [*(one for one in rest if one.days_left < 0), *earlier],
        ),
        ("End soon, not renewed", "The contact was or will be told; the soonest come first.", [one for one in rest if one.days_left >= 0]),
    ]


def _without_contact(cases: list[Case], books: Books, settings: Settings) -> Iterator[tuple[str, str, list[Case]]]:
    """The cases that somebody is told of in place of the contact, once more: the contact is to be mended, whatever is renewed."""
    failed = books.notices[books.notices["state"] == "failed"]
    refused = set(zip(failed["certificate"], failed["contact_email"], strict=True))
    contacts = dict(zip(books.certificates["certificate"], books.certificates["contact_email"], strict=True))

    def is_usable(one: Case, address: str) -> bool:
        return may_be_told(address, settings) and (one.certificate, address) not in refused

    told = (one for one in cases if one.standing not in ("nobody", "refused"))
    alone = [one for one in told if not any(is_usable(one, address) for address in addresses_in(contacts[one.certificate]))]
    remedy = "Somebody is told instead, as the line says. Enter a contact that takes mail at the authority."
    yield "No contact can be told", remedy, alone


def _row(one: Case, zone: ZoneInfo) -> dict[str, str]:
    host = words.neutral(one.names[0]) if one.names else "names no host"
    more = f" and {len(one.names) - 1} more" if len(one.names) > 1 else ""
    return {
        "host": f"{host}{more}",
        "ends_on": words.day(one.ends_on),
        "away": words.in_days(one.days_left),
        "agency": one.agency or "no agency known",
        "order": f"order {words.neutral(one.order_id)}" if one.order_id else "no order number",
        "whom": _whom(one, zone),
    }


def _whom(one: Case, zone: ZoneInfo) -> str:
    if one.standing == "nobody":
        return "no contact, no security contact, no owner of the service"
    if one.standing == "untold":
        return f"nobody was told of its end; {f'its contact is {words.neutral(one.address)}' if one.address else 'it has no contact'}"
    if one.standing == "refused":
        return f"{one.address} refused, and nobody else is known"
    if one.told_at is None:
        return f"{one.address}, to be told"
    return f"{one.address}, last told on {one.told_at.tz_convert(zone):%Y-%m-%d}"


def _refused(books: Books) -> list[dict[str, str]]:
    """Each address that the mail server will not take, and why, by address."""
    rows = books.notices[books.notices["state"] == "failed"]
    latest = dict(zip(rows["contact_email"], rows["detail"], strict=True))
    return [{"address": address, "why": why or "no reason given"} for address, why in sorted(latest.items())]
