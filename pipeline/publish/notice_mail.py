"""The messages that tell of ends of certificates, as files that are sent as they are: plain text and HTML from templates/notices.

The same books give the same bytes: a message is of the as-of day, its boundary follows from its Message-ID. Every text of the books is
shown as pages show it, and only addresses that are one address and nothing else come near a header.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape
from markupsafe import Markup

from pipeline import calendar
from pipeline.addresses import address as file_name
from pipeline.contracts import Books
from pipeline.notices.letters import Ending, Letter, letters
from pipeline.notices.message import FOLDER, POLICY, Message
from pipeline.publish import notice_digest, words
from pipeline.publish.lead_time import lead_time
from pipeline.publish.staging import PublishError
from pipeline.settings import Notices, Settings

_NAMED = re.compile(r"<([0-9a-f]{40})@")
# Mail programs and servers take subjects of any length, people do not.
_LONGEST_NAME = 80
_SHOWN_NAMES = 20
_LINE = 78
# A head is one line each: folded behind its name, as a long subject would be, mail programs show it with a space before it.
_UNFOLDED = POLICY.clone(max_line_length=400)
Put = Callable[[str, dict[str, Any]], str]


class _Head(NamedTuple):
    message_id: str
    address: str
    subject: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class _Group:
    """The certificates of one agency in a message."""

    title: str
    link: str
    endings: list[dict[str, Any]]


def write(books: Books, settings: Settings, as_of: dt.date, folder: Path, templates: Path) -> list[Path]:
    """Write each message that the books ask for as `notices/<name>.eml` below the run folder `folder`; returns the paths.

    Contacts stand in them, as in the tables beside them: the folder is no part of the public site. Raises `PublishError` for a template
    that does not fit.
    """
    written = []
    for message in messages(books, settings, as_of, templates):
        path = folder / path_of(message.message_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(message.data)
        written.append(path)
    return written


def path_of(message_id: str) -> str:
    """Where the message with this Message-ID lies below the run folder."""
    found = _NAMED.match(message_id)
    name = found[1] if found else hashlib.sha256(message_id.encode("utf-8", "surrogateescape")).hexdigest()[:40]
    return f"{FOLDER}/{name}.eml"


def messages(books: Books, settings: Settings, as_of: dt.date, templates: Path) -> list[Message]:
    """The messages of the day, by Message-ID: those of the notices and copies that are due, and the digest of the office."""
    put = _environment(templates)
    organization = settings.organization
    begins = calendar.day_start(as_of, organization.zone).tz_convert(organization.zone).to_pydatetime()
    time = calendar.business_time(settings.desk, organization.zone, books.closed_days, books.extra_closures)
    common = {
        "organization": organization.name,
        "service_owner": organization.service_owner,
        "sample": organization.sample,
        "as_of": words.long_day(as_of),
        "site": _site(settings),
    }
    lead = f"{lead_time(books.measures, settings, as_of)} The last safe day leaves that promise before the end."
    names = _agency_names(books)
    found = []
    for letter in letters(books.notices, books.certificates, time, settings, as_of):
        view = common | _view(letter, names, settings) | {"lead_time": lead, "lead_time_lines": textwrap.wrap(lead, _LINE)}
        data = _data(_Head(letter.message_id, letter.address, subject(letter, settings), begins), put, "message", view, settings.notices)
        found.append(Message(letter.message_id, letter.address, letter.served, data))
    digest = notice_digest.digest(books, settings, as_of)
    if digest:
        view = common | digest.view
        data = _data(_Head(digest.message_id, digest.address, digest.subject, begins), put, "digest", view, settings.notices)
        found.append(Message(digest.message_id, digest.address, (), data))
    return sorted(found, key=lambda one: one.message_id)


def subject(letter: Letter, settings: Settings) -> str:
    """What the message is about: the host and its day, or how many and the first day, copies too: what has ended comes first.

    A message of copies alone says that it is for information.
    """
    told = letter.all
    first = min(told, key=lambda one: (one.ends_on, one.certificate))
    ended = sum(one.days_left < 0 for one in told)
    day = words.long_day(first.ends_on)
    if len(told) == 1:
        about = f"certificate of {_short(first)} {'ended' if ended else 'ends'} on {day}"
    elif ended:
        of_all = "" if ended == len(told) else f" of {len(told):,}"
        verb = "has" if ended == 1 else "have"
        about = f"{words.count(ended)}{of_all} certificates {verb} ended, {'on' if ended == 1 else 'the first on'} {day}"
    else:
        about = f"{words.count(len(told), 'certificate')} end, the first on {day}"
    head = f"{about[0].upper()}{about[1:]}" if letter.endings else f"For your information: {about}"
    return f"SAMPLE: {head}" if settings.organization.sample else head


def _short(ending: Ending) -> str:
    """Its first name, without what looks like an encoded word: mail programs, and the library that writes the header, would decode it."""
    name = words.neutral(ending.names[0] if ending.names else ending.certificate).replace("=?", "= ?")
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _data(head: _Head, put: Put, template: str, view: dict[str, Any], chosen: Notices) -> bytes:
    """The message as bytes of ASCII."""
    message_id, about = head.message_id, head.subject
    message = EmailMessage(policy=POLICY)
    message["From"] = chosen.sender
    message["To"] = head.address
    if chosen.reply_to:
        message["Reply-To"] = chosen.reply_to
    message["Subject"] = about
    message["Date"] = format_datetime(head.at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    if chosen.list_id:
        message["List-Id"] = f"<{chosen.list_id}>"
    message.set_content(put(f"{template}.txt.j2", view), cte="quoted-printable")
    message.add_alternative(put(f"{template}.html.j2", view | {"subject": about}), subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{hashlib.sha256(message_id.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}")
    return message.as_bytes(policy=_UNFOLDED)


def _view(letter: Letter, names: dict[str, str], settings: Settings) -> dict[str, Any]:
    """What the templates of a message show."""
    return {
        "groups": list(_groups(letter.endings, names, settings)),
        "copies": list(_groups(letter.copies, names, settings)),
        "opening": _opening(letter.endings),
        "copies_opening": f"Others are told. {_opening(letter.copies)}",
        "answers": _answer_addresses(settings),
    }


def _opening(endings: tuple[Ending, ...]) -> str:
    """What is the matter with these certificates, in a sentence; "" of none."""
    if not endings:
        return ""
    one, ended = len(endings) == 1, sum(ending.days_left < 0 for ending in endings)
    who, them = ("This certificate", "it") if one else (f"These {len(endings):,} certificates", "them")
    if ended == len(endings):
        return f"{who} {'has' if one else 'have'} ended, and nothing took over from {them}."
    rest = f" or {'has' if one else 'have'} ended" if ended else ""
    return f"{who} {'ends' if one else 'end'} soon{rest}, and nothing takes over from {them} yet."


def _groups(endings: tuple[Ending, ...], names: dict[str, str], settings: Settings) -> Iterator[_Group]:
    for code in dict.fromkeys(one.agency for one in endings):
        title = f"{code} {names.get(code, '')}".strip() if code else "No agency is known"
        site = _site(settings)
        link = f"{site}agencies/{quote(file_name(code), safe='~')}.html" if site and code else ""
        yield _Group(title, link, [_shown(one, settings) for one in endings if one.agency == code])


def _shown(one: Ending, settings: Settings) -> dict[str, Any]:
    """A certificate as a message shows it."""
    hosts = [words.neutral(name) for name in one.names[:_SHOWN_NAMES]]
    return {
        "hosts": hosts or ["a certificate that names no host"],
        "more_hosts": max(len(one.names) - _SHOWN_NAMES, 0),
        "ends_on": words.long_day(one.ends_on),
        "away": words.in_days(one.days_left),
        "ended": one.days_left < 0,
        "ask_by": _ask_by(one),
        "late": one.ask_by is not None and one.days_left < (one.ends_on - one.ask_by).days,
        "order": one.order_id or "no order number is known",
        "tier": one.tier,
        "reference": one.certificate,
        "instead": _instead(one),
        "contact": one.contact,
        "answers": {name: _mailto(address, phrase, one, hosts) for name, (phrase, address) in _answer_addresses(settings).items()},
    }


_INSTEAD = {
    "security-contact": "so this goes to the security contact of the agency.",
    "service-owner": "nor has its agency a security contact that can be, so this goes to the owner of the service.",
}


def _instead(one: Ending) -> str:
    """Why the reader is told in place of the contact, and whom that is, where one is known; "" for the contact."""
    if one.told_as not in _INSTEAD:
        return ""
    why = f"Its contact, {one.passed_over}, cannot be told" if one.passed_over else "It has no contact that can be told"
    return f"{why}, {_INSTEAD[one.told_as]}"


def _ask_by(one: Ending) -> str:
    """The last safe day to ask, and how far away it is; that it has passed, where it has."""
    if one.ask_by is None:
        return "not known: the calendar of the office does not reach so far"
    away = one.days_left - (one.ends_on - one.ask_by).days
    if away < 0:
        return f"{words.long_day(one.ask_by)} has passed: ask today"
    return f"{words.long_day(one.ask_by)}, {words.in_days(away)}"


def _answer_addresses(settings: Settings) -> dict[str, tuple[str, str]]:
    """Of each answer the words that begin its subject, and who takes it."""
    chosen = settings.notices.answers
    default = settings.notices.reply_to or settings.organization.service_owner
    return {
        "retired": ("retired", chosen.retired or default),
        "not_mine": ("not mine", chosen.not_mine or default),
        "new_contact": ("new contact", chosen.new_contact or default),
    }


def _mailto(address: str, phrase: str, one: Ending, hosts: list[str]) -> str:
    """A link that opens a message to `address` whose subject names the certificate; its text tells people what it is."""
    about = f"{phrase}: {words.neutral(one.certificate)}"
    text = f"Order {words.neutral(one.order_id) or 'not known'}, {', '.join(hosts) or 'no host name'}, last day {one.ends_on:%Y-%m-%d}."
    return f"mailto:{quote(address, safe='@')}?subject={quote(about, safe='')}&body={quote(text, safe='')}"


def _site(settings: Settings) -> str:
    address = settings.publish.site_address
    return address if not address or address.endswith("/") else f"{address}/"


def _agency_names(books: Books) -> dict[str, str]:
    spells = books.agencies.sort_values(["agency", "valid_from"], na_position="first", kind="stable")
    return dict(zip(spells["agency"], spells["name"], strict=True))


def _environment(templates: Path) -> Put:
    """What fills a template of templates/notices: HTML escaped, an unknown name an error, no text able to hide or turn round."""
    jinja = Environment(
        loader=FileSystemLoader(templates / "notices"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        finalize=lambda value: words.neutral(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def put(template: str, view: dict[str, Any]) -> str:
        try:
            return jinja.get_template(template).render(**view)
        except TemplateError as error:
            raise PublishError(f"The template notices/{template} cannot be filled in: {error}") from error

    return put
