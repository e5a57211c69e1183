"""The calendar of an agency: the day on which each of its certificates ends, as a feed that calendar programs subscribe to (RFC 5545).

The same books give the same bytes. An event keeps its UID as long as its certificate is the same, so a program that reads the feed anew
moves nothing twice, and drops what was renewed or is no longer there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.publish import words

_LONGEST_LINE = 73  # octets; the standard allows 75 before the line end
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True, slots=True)
class End:
    """A certificate that ends: its key, the host name that it is for, its last day, its order, and who is told."""

    certificate: str
    host: str
    on: dt.date
    order_id: str
    told: str


def feed(title: str, ends: Iterable[End], as_of: dt.date, days_before: Sequence[int]) -> str:
    """The feed with an all-day event for each of `ends`, as text with the line ends that the standard asks for.

    A calendar program reminds `days_before` the end. Text from the books is shown as pages show it, so no text can begin a line.
    """
    stamp = f"{as_of:%Y%m%d}T000000Z"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//certledger//certificates//EN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_text(title)}", "REFRESH-INTERVAL;VALUE=DURATION:P1D"]
    for end in sorted(ends, key=lambda one: (one.on, one.host, one.certificate)):
        lines += _event(end, stamp, days_before)
    short: list[str] = []
    for line in (*lines, "END:VCALENDAR"):
        if len(line) <= _LONGEST_LINE and line.isascii():  # nearly all are
            short.append(line)
        else:
            short += _folded(line)
    return "\r\n".join([*short, ""])


def _event(end: End, stamp: str, days_before: Sequence[int]) -> Iterator[str]:
    summary = f"Certificate of {end.host} ends"
    said = [f"Order {end.order_id}." if end.order_id else "No order is known.", f"Told before: {end.told}." if end.told else ""]
    said.append("Ask for its renewal in good time, or say that the host is retired.")
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(end.certificate.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}@certledger"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{end.on:%Y%m%d}"
    yield f"SUMMARY:{_text(summary)}"
    yield f"DESCRIPTION:{_text(' '.join(filter(None, said)))}"
    yield "TRANSP:TRANSPARENT"
    for days in sorted(days_before, reverse=True):
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(summary)}", f"TRIGGER:-P{days}D", "END:VALARM")
    yield "END:VEVENT"


def _text(value: str) -> str:
    return words.neutral(value).translate(_ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """The line in pieces that are short enough, each after the first behind a space; no letter is cut through."""
    piece, size = "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _LONGEST_LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + sign, size + width
    yield piece
