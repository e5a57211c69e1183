"""A calendar as a feed that programs subscribe to (RFC 5545): the day on which each certificate ends, with reminders.

The same books give the same bytes. An event keeps its UID as long as its certificate is the same, and its SEQUENCE rises with each change.
`icalendar` escapes text, folds what is not ASCII and makes what many events share; whole events made by it took ten times as long, of which
a site of 20,000 certificates has as many.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from icalendar import Alarm, Calendar, vDuration, vText
from icalendar.parser import Contentline

from pipeline.publish import words
from pipeline.publish.calendar_events import Event

_END = "END:VCALENDAR\r\n"
_SHORT = 74  # octets that a line may have and need not be folded; the standard says 75
_LINE: Any = Contentline  # which has no types


def feed(title: str, events: Iterable[str]) -> str:
    """The feed of `events`, each made by `event`, as text with the line ends that the standard asks for."""
    head = Calendar()
    head.add("version", "2.0")
    head.add("prodid", "-//certledger//certificates//EN")
    head.add("method", "PUBLISH")
    head.add("x-wr-calname", words.neutral(title))
    head.add("refresh-interval", vDuration(dt.timedelta(days=1)), {"value": "DURATION"})
    return "".join([_text_of(head.to_ical()).removesuffix(_END), *events, _END])


def event(end: Event, as_of: dt.date) -> str:
    """The all-day event of an end. Text from the books is shown as pages show it, so no text can begin a line."""
    return "".join(f"{line}\r\n" for line in _lines(end, as_of)).replace("\r\nEND:VEVENT", f"\r\n{_alarms(end)}END:VEVENT")


def _lines(end: Event, as_of: dt.date) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(end.certificate.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}@certledger"
    yield f"DTSTAMP:{as_of:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{end.on:%Y%m%d}"
    yield from _folded("SUMMARY", f"Certificate of {end.host} ends")
    yield from _folded("DESCRIPTION", _said(end))
    yield f"SEQUENCE:{end.sequence}"
    yield f"STATUS:{'CANCELLED' if end.off else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _said(end: Event) -> str:
    order = f"Order {end.order_id}." if end.order_id else "No order is known."
    if end.off:
        return f"{end.off} Nothing has to be done. {order}"
    ask = f"Last safe day to ask for its renewal: {words.long_day(end.ask_by)}." if end.ask_by else "Ask for its renewal in good time."
    return f"{ask} If the host is retired, say so. {order} Told before: {end.told}."


def _folded(name: str, value: str) -> Iterator[str]:
    line = f"{name}:{_text_of(vText(words.neutral(value)).to_ical())}"
    yield "\r\n ".join(_pieces(line)) if line.isascii() else _text_of(_LINE(line).to_ical())


def _pieces(line: str) -> Iterator[str]:
    """A line of ASCII in pieces that are short enough, the later ones by the space that stands before them."""
    yield line[:_SHORT]
    for begin in range(_SHORT, len(line), _SHORT - 1):
        yield line[begin : begin + _SHORT - 1]


def _alarms(end: Event) -> str:
    return "" if end.off else "".join(map(_alarm, end.days_before))


@cache
def _alarm(days: int) -> str:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"A certificate ends in {words.count(days, 'day')}")
    alarm.add("trigger", dt.timedelta(days=-days))
    return _text_of(alarm.to_ical())


def _text_of(made: bytes) -> str:
    return made.decode("utf-8")
