"""One cell's text to one value: serials, fingerprints, money, counts, yes and no, names. What cannot be read is a `Fault`.

Patterns come before conversions: `Decimal` and `int` also take NaN, 1_000 and digits of other scripts (facts/bad-inputs §2.1).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_SERIAL_MARKS = re.compile(r"[\s:\u200e\u200f]+")
_HEX = re.compile(r"-?[0-9a-f]+", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]\d+|[+-]?\d*[.,]\d+(?:E[+-]?\d+)?", re.ASCII | re.IGNORECASE)
# What Excel leaves of a longer number in a cell that shows whole digits; of genuine serials fewer than one in a billion look like it.
_ROUNDED = re.compile(r"[1-9]\d{14}0{5,}", re.ASCII)
_MONEY = re.compile(r"(?P<whole>\d+|\d{1,3}(?:,\d{3})+)(?:\.(?P<part>\d{1,2}))?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_LARGEST_DIGITS = 9
_EXCEL_DAY = re.compile(r"[1-9]\d{4}(?:\.\d+)?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NAME_MARKS = re.compile(r"[\s,;]+")
_NAME_PREFIXES = re.compile(r"(?:^|(?<=[\s,;]))(?:dns(?: ?name)?|ip(?: ?address)?|email|rfc822 ?name)\s*[:=]\s*", re.IGNORECASE)
_COMMON_NAME = re.compile(r"(?:^|[,/] *)CN *= *(?:\"([^\"]+)\"|([^,/+]+))", re.IGNORECASE)
_FLAGS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}

_WORD_MARKS = re.compile(r"[\s_-]+")
_NUMBERED = re.compile(r"(?:0x[0-9a-f]+ \()?(\d+)\)? +-- .*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be read: a code of `pipeline.findings.CODES` and the reason."""

    code: str
    reason: str


TOO_MUCH = Fault("bad-number", "An amount is at most $999,999,999.99; look for a digit too many.")


def serial(text: str) -> str | Fault:
    """A serial in lower-case hexadecimal of even length without leading zeros beyond that.

    Accepts 0x, colons, spaces, upper case. Digits alone are read as hexadecimal: decimal is never guessed. What Excel made a number
    of is refused: 1.23457E+35, or 15 digits and only zeros behind them.
    """
    if _SCIENTIFIC.fullmatch(text) or _ROUNDED.fullmatch(text):
        return Fault("excel-serial", "Excel keeps 15 digits only: the serial number is lost. Format the column as text and export again.")
    bare = _SERIAL_MARKS.sub("", text).lower()
    bare = bare.removeprefix("0x")
    if not _HEX.fullmatch(bare):
        return Fault("bad-serial", "A serial number is written in hexadecimal digits.")
    sign = "-" if bare.startswith("-") else ""
    digits = bare.lstrip("-").lstrip("0") or "0"
    return sign + digits.zfill(len(digits) + len(digits) % 2)


def fingerprint(text: str) -> str | Fault:
    """A SHA-256 fingerprint in 64 lower-case hexadecimal digits."""
    bare = _SERIAL_MARKS.sub("", text).lower()
    if len(bare) == 64 and _HEX.fullmatch(bare):
        return bare
    return Fault("bad-value", f"A SHA-256 fingerprint has 64 hexadecimal digits, this has {len(bare)} characters.")


def units(text: str) -> int | Fault:
    """A count of at least one."""
    count = whole(text)
    return Fault("bad-number", "There must be at least one.") if count == 0 else count


def cents(text: str) -> int | Fault:
    """US dollars as whole cents: digits, well-placed thousands commas, a leading $, at most two decimal places; never negative.

    A thousand million and more is `TOO_MUCH`: no office buys or charges that, and sums of whole cents stay exact.
    """
    match = _MONEY.fullmatch(text.removeprefix("$").strip())
    if match is None:
        return Fault("bad-number", "An amount is written like 22119.00 or $22,119.00.")
    whole = match["whole"].replace(",", "")
    if len(whole.lstrip("0")) > _LARGEST_DIGITS:
        return TOO_MUCH
    return int(whole) * 100 + int((match["part"] or "").ljust(2, "0"))


def whole(text: str) -> int | Fault:
    """A count: plain digits, at most nine."""
    return int(text) if _WHOLE.fullmatch(text) else Fault("bad-number", "A count is written in plain digits, such as 100.")


def ordinal(text: str) -> str | Fault:
    """A whole number in nine digits, so that texts sort as their numbers do."""
    number = whole(text)
    return number if isinstance(number, Fault) else f"{number:09d}"


def flag(text: str) -> bool | Fault:
    """yes or no in its usual spellings."""
    known = _FLAGS.get(text.casefold())
    return Fault("bad-value", "Write yes or no.") if known is None else known


def names(text: str) -> str:
    """Host names in lower case, sorted, once each, separated by one space; commas, semicolons, line ends and `DNS:` are taken out."""
    bare = _NAME_PREFIXES.sub("", text) if ":" in text or "=" in text else text
    return " ".join(sorted({name for name in _NAME_MARKS.split(bare.lower()) if name}))


def common_name(text: str) -> str:
    """A common name as written; of a whole subject, such as `CN=www.example.gov,O=Example`, its common name."""
    match = _COMMON_NAME.search(text) if "=" in text else None
    return (match[1] or match[2]).strip() if match else text


def word(text: str) -> str:
    """A word as lists of words are searched: lower case, hyphens and underscores as spaces; `0x14 (20) -- Issued` is its number."""
    numbered = _NUMBERED.fullmatch(text.casefold())
    return numbered[1] if numbered else _WORD_MARKS.sub(" ", text.casefold()).strip()


def unreadable_date(text: str, expected: str) -> Fault:
    """The fault of a cell that holds no date; a bare number is what Excel stores instead of one."""
    if _EXCEL_DAY.fullmatch(text):
        return Fault("bad-date", "This is Excel's number of a day; format the column as a date or as text and export again.")
    if _ISO_DAY.fullmatch(text) and not _is_a_day(text):
        return Fault("bad-date", "There is no such day.")
    return Fault("bad-date", f"The date is not written like {expected}.")


def _is_a_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
