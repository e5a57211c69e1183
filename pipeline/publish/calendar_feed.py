"""A calendar as a feed that programs subscribe to (RFC 5545): the day on which each certificate ends, with reminders.

The same books give the same bytes. An event keeps its UID as long as its certificate is the same, and its SEQUENCE rises with each change.
`icalendar` folds what is not ASCII and makes what many events share; whole events made by it took ten times as long, of which a site of
20,000 certificates has as many.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from icalendar import Alarm, Calendar, vDuration
from icalendar.parser import Contentline

from pipeline.publish import words
from pipeline.publish.calendar_events import Event

_END = "END:VCALENDAR\r\n"
_END_OF_EVENT = "END:VEVENT\r\n"
_SHORT = 74  # octets that a line may have and need not be folded; the standard says 75
_LINE: Any = Contentline  # which has no types


def feed(title: str, events: Iterable[str]) -> str:
    """The feed of `events`, as `event` tells them, as text with the line ends that the standard asks for."""
    before, behind = _head()
    return "".join([before, _line("X-WR-CALNAME", title), behind, *events, _END])


@cache
def _head() -> tuple[str, str]:
    """What all feeds begin with, before their name and behind it."""
    head = Calendar()
    head.add("version", "2.0")
    head.add("prodid", "-//certledger//certificates//EN")
    head.add("method", "PUBLISH")
    head.add("refresh-interval", vDuration(dt.timedelta(days=1)), {"value": "DURATION"})
    before, line, rest = _text_of(head.to_ical()).removesuffix(_END).partition("REFRESH-INTERVAL")
    return before, line + rest


class Told(NamedTuple):
    """An event as text: in the calendar of its agency, and in that of all agencies."""

    whole: str
    brief: str


def event(end: Event, as_of: dt.date, old_code: str = "") -> Told:
    """The all-day event of an end; in the calendar of an agency that took over from another it names the `old_code`.

    Text from the books is shown as pages show it, so no text can begin a line. In the calendar of all agencies it says only what is this
    certificate's own, and reminds nobody: whoever sees to all of them would be reminded of thousands.
    """
    number = hashlib.sha256(end.certificate.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    before = (
        f"BEGIN:VEVENT\r\nUID:{number}@certledger\r\nDTSTAMP:{_digits(as_of)}T000000Z\r\nDTSTART;VALUE=DATE:{_digits(end.on)}\r\n"
        f"{_line('SUMMARY', f'Certificate of {end.host} ends')}"
    )
    under = f" It stands under the old code {old_code}." if old_code else ""
    after = f"SEQUENCE:{end.sequence}\r\nSTATUS:{'CANCELLED' if end.off else 'CONFIRMED'}\r\nTRANSP:TRANSPARENT\r\n"
    whole, brief = (_line("DESCRIPTION", said) for said in (_said(end, as_of) + under, _said_briefly(end)))
    return Told(f"{before}{whole}{after}{_alarms(end)}{_END_OF_EVENT}", f"{before}{brief}{after}{_END_OF_EVENT}")


@cache  # many certificates end on the same days
def _digits(day: dt.date) -> str:
    return day.isoformat().replace("-", "")


def _said(end: Event, as_of: dt.date) -> str:
    if end.off:
        return f"{end.off} Nothing has to be done. {_order(end)}"
    ask = f"Last safe day to ask for its renewal: {words.long_day(end.ask_by)}." if end.ask_by else "Ask for its renewal in good time."
    if end.ask_by and end.ask_by < as_of:
        ask = f"The last safe day to ask for its renewal, {words.long_day(end.ask_by)}, has passed: ask today."
    return f"{ask} If the host is retired, tell the office. {_order(end)} Notices go to: {end.told}."


def _said_briefly(end: Event) -> str:
    if end.off:
        return f"{end.off} {_order(end)}"
    return f"Ask by {words.long_day(end.ask_by)}. {_order(end)}" if end.ask_by else _order(end)


def _order(end: Event) -> str:
    return f"Order {end.order_id}." if end.order_id else "No order is known."


def _line(name: str, value: str) -> str:
    """A line of text with its end, folded where it is too long. No end of a line stands in a `neutral` text, to be escaped too."""
    text = words.neutral(value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    line = f"{name}:{text}"
    if not line.isascii():
        return f"{_text_of(_LINE(line).to_ical())}\r\n"
    if len(line) <= _SHORT:
        return f"{line}\r\n"
    pieces = [line[:_SHORT], *[line[begin : begin + _SHORT - 1] for begin in range(_SHORT, len(line), _SHORT - 1)]]
    return "\r\n ".join(pieces) + "\r\n"


def _alarms(end: Event) -> str:
    return "" if end.off else _alarms_of(end.days_before)


@cache
def _alarms_of(days_before: tuple[int, ...]) -> str:
    return "".join(map(_alarm, days_before))


@cache
def _alarm(days: int) -> str:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"A certificate ends in {words.count(days, 'day')}")
    alarm.add("trigger", dt.timedelta(days=-days))
    return _text_of(alarm.to_ical())


def _text_of(made: bytes) -> str:
    return made.decode("utf-8")
