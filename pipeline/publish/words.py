"""Dates, money, shares and counts as people read them, and the words and signs of a state (shared by all pages)."""

from __future__ import annotations

import calendar as month_names
import datetime as dt
import math
import re
from functools import lru_cache

import pandas as pd
from markupsafe import Markup, escape

from pipeline import money
from pipeline.publish.parts import State

# Control, direction and invisible characters and lone surrogates: shown as U+FFFD, so that no text can hide or turn round another.
_UNSAFE = re.compile(
    "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2069"
    "\\ufeff\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff\\U000e0000-\\U000e007f]"
)
_SPACES = re.compile(r"\s+")
_PIECES = re.compile(r"(?<=[./_-])(?=.)")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ]")
_MARKUP = re.compile(r"[&<>'\"]")
# Read once, for the calendar makes each name anew.
_MONTHS, _SHORT_MONTHS = tuple(month_names.month_name), tuple(month_names.month_abbr)

REQUEST_KINDS = {
    "new": "new certificate",
    "renew": "renewal",
    "reissue": "reissue",
    "revoke": "revocation",
    "change-challenge-phrase": "change of challenge phrase",
    "change-contact": "change of contact",
    "issue": "help with a certificate",
}
SIGNS = {"met": "✓", "near": "◐", "missed": "✕", "plain": ""}
VERDICTS: dict[str, tuple[State, str]] = {
    "met": ("met", "target met"),
    "missed": ("missed", "target missed"),
    "uncertain": ("near", "not enough evidence either way"),
    "too-few": ("plain", "too few to judge"),
    "": ("plain", ""),
}


def neutral(text: str) -> str:
    """`text` with line ends and tabs as spaces and every control, direction or invisible character as U+FFFD."""
    if text.isprintable():  # none of the characters looked for is, and nearly all texts are
        return text
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", _SPACES.sub(" ", text))


def markdown(text: str) -> Markup:
    """`text` for a place that Markdown reads: all but letters, digits and spaces as numeric entities, so that nothing in it is markup.

    Of the ways tried, only this leaves 19 hostile values both harmless and unchanged to the eye (facts/site.md §6).
    """
    return Markup(_NOT_PLAIN.sub(lambda found: f"&#{ord(found[0])};", neutral(text).strip()))  # noqa: S704 - only entities are left


@lru_cache(maxsize=1 << 16)  # most texts of a site stand on many of its pages
def escaped(text: str) -> str:
    """`neutral` text as HTML: no character of it is markup."""
    if text.isprintable() and not _MARKUP.search(text):  # so are nearly all texts
        return text
    return str(escape(neutral(text)))


def breakable(text: str) -> Markup:
    """`text`, escaped, with places where a long name may wrap: behind dots, slashes, hyphens and underscores."""
    return Markup(breakable_html(text))  # noqa: S704 - escaped


@lru_cache(maxsize=1 << 16)
def breakable_html(text: str) -> str:
    """`breakable` for whoever joins much HTML: a text and nothing more."""
    return _PIECES.sub("<wbr>", escaped(text))


def host_name(common_name: str, alternative_names: str) -> str:
    """What a certificate is for: its common name, else the first of its alternative names (separated by spaces), marked as such; or ''."""
    if common_name or not alternative_names:
        return common_name
    return f"{alternative_names.split(' ')[0]} (alternative name)"


def host_instead(common_name: str, names: list[str]) -> str:
    """The first of the host `names` of a certificate whose common name is none of them; "" where it is one, or there are none."""
    return "" if not names or not common_name or common_name.lower() in names else names[0]


@lru_cache(maxsize=1 << 14)  # rates and their sums: few amounts stand in many rows
def amount(cents: int) -> str:
    """USD cents as `1,234.56` for a column that says dollars; a negative amount with a true minus sign."""
    return money.plain(cents).replace("-", "−")


def dollars(cents: int) -> str:
    """USD cents as `$1,234.56`; a negative amount with a true minus sign."""
    return money.dollars(cents).replace("-", "−")


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 as `94.0 %`; '' where it is not known. Not rounded up to a full 100 %."""
    if math.isnan(share):
        return ""
    shown = f"{share * 100:.{digits}f}"
    if share < 1 and float(shown) >= 100:
        shown = f"{100 - 10**-digits:.{digits}f}"
    return f"{shown} %"


def unbroken(sentence: str) -> Markup:
    """The sentence, escaped, with each per cent sign kept on the line of its number."""
    return Markup(unbroken_html(sentence))  # noqa: S704 - escaped


def unbroken_html(sentence: str) -> str:
    """`unbroken` for whoever joins much HTML: a text and nothing more."""
    return escaped(sentence).replace(" %", "\N{NO-BREAK SPACE}%")


def count(number: int, one: str = "", many: str = "") -> str:
    """A number with thousands separators, followed by its noun in the right form: `1 request`, `12 requests`."""
    noun = one if number == 1 else many or (f"{one}s" if one else "")
    return f"{number:,} {noun}".strip()


def day(value: pd.Timestamp | dt.date, unknown: str = "") -> str:
    """A day as `2026-12-04`, or `unknown`."""
    return unknown if pd.isna(value) else f"{value:%Y-%m-%d}"


@lru_cache(maxsize=1 << 14)
def long_day(value: dt.date) -> str:
    """A day as `4 December 2026`."""
    return f"{value.day} {_MONTHS[value.month]} {value.year}"


def day_of_month(value: dt.date) -> str:
    """A day of a year that is told beside it, as `4 December`."""
    return f"{value.day} {_MONTHS[value.month]}"


def month(label: str) -> str:
    """`2026-10` as `October 2026`."""
    year, number = label.split("-")
    return f"{_MONTHS[int(number)]} {year}"


def short_month(label: str) -> str:
    """`2026-10` as `Oct 2026`."""
    year, number = label.split("-")
    return f"{_SHORT_MONTHS[int(number)]} {year}"


@lru_cache(maxsize=1 << 14)
def in_days(days: int) -> str:
    """How far away a day is: `in 11 days`, `today`, `11 days ago`."""
    if days == 0:
        return "today"
    return f"in {count(days, 'day')}" if days > 0 else f"{count(-days, 'day')} ago"


def hours(seconds: float) -> str:
    """A span as hours and minutes, `5 h 07 min`; under an hour as minutes."""
    minutes = math.floor(seconds / 60 + 0.5)
    return f"{minutes // 60:,} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
