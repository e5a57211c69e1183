"""A figure of the table of measures in words: its value with its unit, its sentence, what it was before and what was published first."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.publish import words
from pipeline.service import MEASURES_DECLARED, Measure
from pipeline.service.intervals import FEW

_IN_TABLES = {"uncertain": "undecided"}
_MONTH = re.compile(r"\d{4}-\d{2}")
# The sentences are written for many.
_ONE = re.compile(r"(?<![\d.,])1 ((?:open |business )?(?:requests|certificates|outages|host names|hosts|notices|hours|days))\b( [a-z]+)?")
_VERBS = {" were": " was", " are": " is", " have": " has", " wait": " waits"}
# Of these shares a month without any case has no interval either.
_SAMPLED = frozenset(measure.id for measure in MEASURES_DECLARED if measure.judged == "by its interval")
_NINE_IN_TEN = ("completion-time-p90", "customer-time-p90", "first-response-p90")
_HOURS = "hours"
_TIMES = (_HOURS, "business days")
_DIGITS_OF_TIME = 3  # a share of time has no interval, and rests on every second


def is_month(period: str) -> bool:
    """Whether a period of the table is a month: `2026-10`."""
    return _MONTH.fullmatch(period) is not None


def period(label: str, *, runs: bool = False) -> str:
    """`October 2026`, `so far` where it `runs`; `FY2027 to date`; a quarter or a year as it is called."""
    said = words.month(label) if is_month(label) else label.replace("-YTD", " to date")
    return f"{said} so far" if runs else said


def quantity(value: float, unit: str, places: int = 1) -> str:
    """`94.0 %`, `12 requests`, `1 h 30 min`, `3.5 business days`; "" where the value is missing. `places` hold for what is no whole
    number."""
    if math.isnan(value):
        return ""
    if unit == "share":
        return words.percent(value, 1 if math.isclose(value * 1000, round(value * 1000), abs_tol=1e-9) else places)
    if unit == _HOURS:
        return _hours(value)
    number = _number(value, places)
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


def sentence(measure: Measure, row: Mapping[Any, Any], *, runs: bool = False) -> str:
    """The sentence of `measure` filled from a row of MEASURES, of which the period still `runs`; where nothing was measured, or too little,
    that."""
    when = period(row["period"], runs=runs)
    if math.isnan(row["value"]):
        nothing = f"there was nothing to measure{': ' if measure.untold else ''}{measure.untold}"
        return f"In {when}, {_untold(measure, row['n'])}." if row["n"] else f"In {when}, {nothing}."
    if is_nine_in_ten_of_few(row):
        return f"In {when}, {words.count(row['n'], 'request')} {'is' if row['n'] == 1 else 'are'} too few to tell what nine in ten wait."
    value = quantity(row["value"], measure.unit, digits(row)) if measure.unit in ("share", _HOURS) else _number(row["value"], 1)
    said = measure.sentence.replace("{value} hours", "{value}") if measure.unit == _HOURS else measure.sentence
    filled = said.format(
        period=when,
        value=value,
        n=f"{row['n']:,}",
        met="none" if pd.isna(row["met"]) else f"{row['met']:,}",
        low=quantity(row["low"], measure.unit),
        high=quantity(row["high"], measure.unit),
        target=quantity(row["target"], measure.unit, digits(row)) or "not set",
        member=row["member"],
    )
    return _agreeing(filled)


def _untold(measure: Measure, n: int) -> str:
    """Why `n` cases tell no figure: a time is not known before enough of them have ended."""
    if measure.unit in _TIMES:
        return f"too many of the {words.count(n, 'request')} have not ended yet to tell"
    return f"{n:,} are not enough to tell"


def change(now: float, before: float, unit: str) -> str:
    """What changed: `+1.2 points`, `−3 requests`, `the same`; "" where either is missing."""
    if math.isnan(now) or math.isnan(before):
        return ""
    is_share = unit == "share"
    if unit == _HOURS:
        span = _hours(abs(now - before))
        return "the same" if span == "0 min" else f"{'+' if now > before else '−'}{span}"
    size = abs(now - before) * (100 if is_share else 1)
    shown = f"{size:.1f}" if is_share else _number(round(size, 6), 1)
    if float(shown.replace(",", "")) == 0:
        return "the same"
    noun = "points" if is_share else unit.removesuffix("s") if shown == "1" else unit
    return f"{'+' if now > before else '−'}{shown} {noun}"


def first_published(row: Mapping[Any, Any], *, closed: bool) -> str:
    """`first published as 94.0 % (FY2027-P04)`; that it is as published; why no close has frozen it: is its period `closed`?"""
    if not row["first_published"]:
        return "not in its close" if closed else "not closed yet"
    first, value = row["first_value"], row["value"]
    if first == value or (math.isnan(first) and math.isnan(value)):
        return f"as first published ({row['first_published']})"
    then = quantity(first, row["unit"], digits(row))
    return f"first published as {then or 'not measured'} ({row['first_published']})"


def digits(row: Mapping[Any, Any]) -> int:
    """The digits behind the point that a figure is told with."""
    of_time = row["unit"] == "share" and math.isnan(row["low"]) and row["measure"] not in _SAMPLED
    return _DIGITS_OF_TIME if of_time else 1


def is_of_few(row: Mapping[Any, Any]) -> bool:
    """Whether a figure that has a likely range rests on too few to be judged."""
    return bool(row["n"] < FEW and not math.isnan(row["low"]))


def is_nine_in_ten_of_few(row: Mapping[Any, Any]) -> bool:
    """Whether a time that nine in ten keep within would be told of fewer than ten."""
    return row["measure"] in _NINE_IN_TEN and 0 < row["n"] < FEW


def verdict(row: Mapping[Any, Any]) -> str:
    """The verdict with its sign, short enough for a table; why there is none."""
    if math.isnan(row["target"]):
        return "no target"
    state, in_words = words.VERDICTS[row["verdict"]]
    return f"{words.SIGNS[state]} {_IN_TABLES.get(row['verdict'], in_words)}".strip() if in_words else "not judged"


def _number(value: float, places: int) -> str:
    return (f"{value:,.0f}" if value == round(value) else f"{value:,.{places}f}").replace("-", "−")


def _hours(value: float) -> str:
    return f"{'−' if value < 0 else ''}{words.hours(abs(value) * 3600)}"


def _agreeing(text: str) -> str:
    """`1 request was` for `1 requests were`."""
    return _ONE.sub(lambda found: f"1 {found[1].removesuffix('s')}{_VERBS.get(found[2] or '', found[2] or '')}", text)
