"""Dates as exports write them: the styles that are known, which one a file uses, and text to a moment. Nothing is guessed.

`pandas` and `dateutil` read 03/04 one way and 13/04 the other within one column (facts/certificate-systems §3.15); here one style
must hold for a whole file, and where two hold and give different days the file is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from pipeline.sources import iso_dates
from pipeline.sources.iso_dates import Moments
from pipeline.sources.raw_files import Refused

EARLIEST_YEAR = 1900
EPOCH_WORD = "epoch"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = (
    r"(?:[T ] *(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?: *(?P<p>[AaPp])\.?[Mm]\.?)?(?: *(?P<z>Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?)?"
)
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_PARTS = {
    "year": "Yy", "month": "mbB", "day": "d", "hour": "HI", "minute": "M", "second": "S", "fraction": "f", "half of the day": "p",
    "zone": "z", "weekday": "aA",
}  # fmt: skip
_DIRECTIVES = (*"".join(_PARTS.values()), "%")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
# Report designers write hyphens that only look like one.
_HYPHENS = re.compile(r"[\u00ad\u2010-\u2015\u2212\ufe63\uff0d]")
_EPOCH_SECONDS = re.compile(r"-?\d{1,11}(?:\.\d{1,9})?", re.ASCII)
_BEGIN_OF_1970 = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a moment is written without its zone


class Moment(NamedTuple):
    """A date as written: without its zone, the zone's offset from UTC if one was written, and whether a time was written."""

    when: dt.datetime
    offset: dt.timedelta | None
    has_time: bool


class DateStyle(Protocol):
    """One way to write dates."""

    @property
    def name(self) -> str:
        """How the style is called in a finding."""

    @property
    def alone(self) -> bool:
        """Whether it holds for every date of a file; otherwise ISO dates may stand beside it."""

    def read(self, text: str) -> Moment | None:
        """The moment, or None where `text` is not of this style."""


@dataclass(frozen=True, slots=True)
class PatternStyle:
    """A style given by a pattern for the day (groups y, m, d; or b for a month's name); `clock` where only one clock goes with it."""

    name: str
    pattern: re.Pattern[str]
    clock: Literal["12", "24", "any"] = "any"
    alone: bool = False

    def read(self, text: str) -> Moment | None:
        """The moment, or None where `text` is not of this style or names no day that exists."""
        match = self.pattern.fullmatch(text) or self.pattern.fullmatch(_HYPHENS.sub("-", _SPACES.sub(" ", text)))
        if match is None:
            return None
        parts = match.groupdict()
        hour = _hour(parts["H"], parts["p"], self.clock)
        if hour is None:
            return None
        year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
        month = _MONTHS.index(parts["b"].lower()) + 1 if parts.get("b") else int(parts["m"])
        if year < EARLIEST_YEAR:
            return None
        micro = int((parts["f"] or "").ljust(6, "0")[:6])
        try:
            when = dt.datetime(year, month, int(parts["d"]), hour, int(parts["M"] or 0), int(parts["S"] or 0), micro)  # noqa: DTZ001
            return Moment(when, _offset(parts["z"]), parts["H"] is not None)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class FormatStyle:
    """A style that the settings give as a `strptime` format, e.g. %m/%d/%Y; see `format_problem`."""

    name: str
    alone: bool = True

    def read(self, text: str) -> Moment | None:
        """The moment, or None where `text` does not fit the format."""
        if not text.isascii():
            return None
        try:
            parsed = dt.datetime.strptime(text, self.name)  # noqa: DTZ007 - the zone is the source's, applied later
        except ValueError:
            return None
        if parsed.year < EARLIEST_YEAR:
            return None
        return Moment(parsed.replace(tzinfo=None), parsed.utcoffset(), "%H" in self.name or "%I" in self.name)


@dataclass(frozen=True, slots=True)
class EpochStyle:
    """Seconds since the beginning of 1970 in UTC, with or without a fraction, as AWS and Azure write moments in JSON."""

    name: str = "1762092000, seconds since 1970"
    alone: bool = False

    def read(self, text: str) -> Moment | None:
        """The moment, or None where `text` is no such number, or lies outside the years 1900 to 9999."""
        if not _EPOCH_SECONDS.fullmatch(text):
            return None
        whole, _, part = text.partition(".")
        micro = int(part.ljust(6, "0")[:6]) * (-1 if text.startswith("-") else 1)
        try:
            when = _BEGIN_OF_1970 + dt.timedelta(seconds=int(whole), microseconds=micro)
        except OverflowError:
            return None
        return Moment(when, dt.timedelta(0), has_time=True) if when.year >= EARLIEST_YEAR else None


def style_of_setting(text: str) -> DateStyle:
    """The style that `date_format` of a [[source]] names: `epoch`, or a `strptime` format that `format_problem` has nothing against."""
    return EpochStyle() if text == EPOCH_WORD else FormatStyle(text)


def format_problem(text: str) -> str | None:
    """Why `text` cannot be a `date_format`, as a sentence, or None: it must be `epoch`, or name year, month and day, each once, in
    directives that mean the same on every machine.
    """
    if text == EPOCH_WORD:
        return None
    marks = _DIRECTIVE.findall(text)
    unknown = [mark for mark in marks if mark not in _DIRECTIVES]
    if unknown:
        shown = f"%{unknown[0]}" if unknown[0] else "a % at its end"
        return f"it holds {shown}; known are {', '.join(f'%{mark}' for mark in _DIRECTIVES if mark != '%')}"
    written = {what: [f"%{mark}" for mark in marks if mark in alternatives] for what, alternatives in _PARTS.items()}
    for what, found in written.items():
        if len(found) > 1:
            return f"it names the {what} more than once ({', '.join(found)})"
    for what in ("year", "month", "day"):
        if not written[what]:
            return f"it names no {what} (%{' or %'.join(_PARTS[what])})"
    if ("I" in marks) != ("p" in marks):
        return "%I, the hour of a 12-hour clock, and %p, AM or PM, go together"
    return None


def _style(name: str, day: str, clock: Literal["12", "24", "any"] = "any") -> PatternStyle:
    return PatternStyle(name, re.compile(day + _TIME, re.ASCII), clock)


EPOCH = EpochStyle()
ISO = _style("2026-11-02", r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)")
MONTH_DAY_SLASH = _style("11/02/2026, month first", r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})")
MONTH_DAY_SLASH_12H = _style("11/02/2026 2:00 PM, month first", r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})", "12")
DAY_MONTH_SLASH = _style("02/11/2026, day first", r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})")
DAY_MONTH_SLASH_24H = _style("02/11/2026 14:00, day first", r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", "24")
DAY_MONTH_DASH = _style("02-11-2026, day first", r"(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})")
MONTH_DAY_DASH = _style("11-02-2026, month first", r"(?P<m>\d{1,2})-(?P<d>\d{1,2})-(?P<y>\d{4})")
DAY_MONTH_DOT = _style("02.11.2026", r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})")
DAY_NAME_YEAR = _style("02/Nov/26 2:00 PM", rf"(?P<d>\d{{1,2}})/(?P<b>(?i:{'|'.join(_MONTHS)}))/(?P<y>\d\d|\d{{4}})")


def chosen(styles: Sequence[DateStyle], texts: Iterable[str]) -> DateStyle:
    """The style of a file whose date cells are `texts`: the one that fits most of them; ISO dates fit with every style.

    Raises `Refused` where two styles fit equally many and give different days.
    """
    if len(styles) == 1:
        return styles[0]
    doubtful = [text for text in _one_a_day(texts) if ISO.read(text) is None]
    readings = [(style, [style.read(text) for text in doubtful]) for style in styles]
    most = max(sum(moment is not None for moment in moments) for _, moments in readings)
    best = [(style, moments) for style, moments in readings if sum(moment is not None for moment in moments) == most]
    first, first_moments = best[0]
    for other, moments in best[1:]:
        for text, one, two in zip(doubtful, first_moments, moments, strict=True):
            if (one is None) != (two is None) or (one and two and one.when != two.when):
                reason = f"The dates can be read as {first.name} or as {other.name}; name date_format in a [[source]]."
                raise Refused("ambiguous-dates", reason, value=text)
    return first


def _one_a_day(texts: Iterable[str]) -> list[str]:
    """For each day, as it is written, one of the texts of each shape: the others cannot fit other styles than it does."""
    found: dict[tuple[str, str, int], str] = {}
    for text in dict.fromkeys(texts):
        found.setdefault((text.partition(" ")[0].partition("T")[0], text[-2:].upper() if text[-1:] in "Mm" else "", len(text)), text)
    return [text for text in found.values() if text]


def read(style: DateStyle, texts: Any, calendar_days: Collection[str] = ()) -> Moments:
    """The moment of each of `texts`, an Arrow array of large strings, in `style`; unknown where it cannot be read.

    ISO dates, which no known style can be mistaken for, may stand beside a known one, never beside a format that the settings name:
    it holds for the whole file. `calendar_days` are texts, in ISO, that a workbook held as dates: no style applies to them.
    """
    moments = Moments.none(len(texts)) if style.alone else iso_dates.read(texts)
    left = np.flatnonzero(np.isnat(moments.when))
    days = set(calendar_days)
    for place, text in zip(left.tolist(), texts.take(pa.array(left)).to_pylist(), strict=True):
        moment = ISO.read(text) if text in days else style.read(text) or (None if style.alone else ISO.read(text))
        if moment is not None:
            moments.when[place], moments.has_time[place] = np.datetime64(moment.when, "us"), moment.has_time
            if moment.offset is not None:
                moments.offset[place] = np.timedelta64(moment.offset, "us")
    return moments


def _hour(hour: str | None, half: str | None, clock: str) -> int | None:
    if hour is None:
        return 0
    number = int(hour)
    if half is None:
        return number if clock != "12" and number < 24 else None
    if clock == "24" or not 1 <= number <= 12:
        return None
    return number % 12 + (12 if half.lower() == "p" else 0)


def _offset(zone: str | None) -> dt.timedelta | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return dt.timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    if int(digits[:2]) > 14 or int(digits[2:]) > 59:
        raise ValueError(f"no zone has the offset {zone}")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone[0] == "-" else offset
