"""What may be closed: months go in order from `begin`, each once it has ended and every billing source tells of all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline import calendar
from pipeline.arrivals import series
from pipeline.calendar.fiscal import LATE_ITEMS
from pipeline.contracts import Books, Closed
from pipeline.entries.acceptance import accepted_by
from pipeline.findings import Finding, sentence
from pipeline.rates import first_day
from pipeline.settings import Settings

_LAST, _LATE_UNTIL = 12, 2  # the last month of a year; the month of the next one in which its late items may still arrive


class CloseMisusedError(Exception):
    """The close that was asked for cannot be: no period, closed already, out of order, nobody named (exit 2)."""


class CloseRefusedError(Exception):
    """The inputs do not allow the close: the month has not ended, or a source ends before it does (exit 3)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What stands in the way of a close, and the line of data/entries/accepted.csv that lets it pass."""

    code: str
    file: str
    key: str
    until: dt.date
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands in the way of a close, a sentence each, and what would if nobody had accepted it."""

    reasons: tuple[str, ...]
    accepted: tuple[Accepted, ...]


def first_period(settings: Settings) -> str:
    """The period that is closed first: that of `begin`. Raises `CloseMisusedError` where the settings name neither it nor a rate."""
    if not settings.charges.begin and not settings.rate:
        raise CloseMisusedError("There is nothing to close: certledger.toml has no [[rate]] and no begin in [charges].")
    return calendar.period_of(first_day(settings), settings.organization.fiscal_year_starts)


def next_in_turn(closed: Sequence[str], first: str, late: Collection[str]) -> tuple[str, ...]:
    """The periods that may be closed next, by their order alone: one month, and P13 beside it while late items may be closed.

    `closed` are the closed periods, `first` is the one to begin with, `late` are the periods P13 that have entries. P13 follows P12; it
    goes before P03 of the next year where it has entries, and is left out where it has none.
    """
    months = [period for period in closed if _parts(period)[1] != LATE_ITEMS]
    following = _following(max(months)) if months else first
    year, number = _parts(following)
    items = f"FY{year - 1:04d}-P{LATE_ITEMS}"
    is_open = number <= _LATE_UNTIL + 1 and f"FY{year - 1:04d}-P{_LAST}" in closed and items not in closed and items in late
    if not is_open:
        return (following,)
    return (items,) if number > _LATE_UNTIL else (following, items)


def must_be_open(period: str, closed: Closed, settings: Settings) -> None:
    """Raise `CloseMisusedError` unless `period` is one, and not closed yet."""
    try:
        calendar.period_first_day(period, settings.organization.fiscal_year_starts)
    except ValueError as error:
        raise CloseMisusedError(f"{error}. Nothing was closed.") from None
    already = closed.periods[closed.periods["period"] == period]
    for by, on in zip(already["closed_by"], already["closed_on"], strict=True):
        raise CloseMisusedError(f"{period} is closed already, by {by} as of {on:%Y-%m-%d}. A closed month stays as it is.")


def must_be_in_turn(period: str, closed: Closed, books: Books, settings: Settings, as_of: dt.date) -> None:
    """Raise `CloseMisusedError` unless `period`, which is open, is the next to close, and `as_of` not before the newest close."""
    turn = next_in_turn(closed.periods["period"].tolist(), first_period(settings), with_late_items(books))
    if period not in turn:
        shown = " or ".join(calendar.period_title(one, settings.organization.fiscal_year_starts) for one in turn)
        nothing = " There are no late items to close." if _parts(period)[1] == LATE_ITEMS and period not in with_late_items(books) else ""
        raise CloseMisusedError(f"{period} is not the next month to close.{nothing} Months are closed in order: next is {shown}.")
    newest = closed.periods["closed_on"].max() if len(closed.periods) else None
    if newest is not None and as_of < newest.date():
        raise CloseMisusedError(f"The close before was made as of {newest:%Y-%m-%d}: close {period} as of that day or a later one.")


def what_stands_in_the_way(period: str, books: Books, settings: Settings, as_of: dt.date) -> Judged:
    """Why the inputs do not allow to close `period` as of `as_of`; nothing where they do."""
    reasons = list(_has_not_ended(period, settings, as_of))
    accepted = []
    for finding in _end_too_early(period, books, settings):
        line = accepted_by(finding, books.accepted, as_of)
        if line is None:
            reasons.append(sentence(finding.code, finding.file, "", 0, "", finding.reason))
        else:
            accepted.append(Accepted(finding.code, finding.file, finding.value, line.until, line.by, line.reason))
    return Judged(tuple(reasons), tuple(accepted))


def with_late_items(books: Books) -> set[str]:
    """The periods P13 that have entries."""
    return {period for period in books.ledger["period"].unique() if _parts(period)[1] == LATE_ITEMS}


def _has_not_ended(period: str, settings: Settings, as_of: dt.date) -> Iterator[str]:
    starts = settings.organization.fiscal_year_starts
    year, number = _parts(period)
    if number == LATE_ITEMS:
        until = calendar.period_last_day(f"FY{year + 1:04d}-P{_LATE_UNTIL:02d}", starts)
        if as_of < until:
            yield f"{period} takes late items until {until}; close it as of that day or a later one, not of {as_of}."
    elif as_of < (ends := calendar.period_last_day(period, starts)):
        yield f"{calendar.period_title(period, starts)} has not ended as of {as_of}; close it as of {ends} or a later day."


def _end_too_early(period: str, books: Books, settings: Settings) -> Iterator[Finding]:
    """`source-ends-before-close` for each billing source that tells of no day as late as the last one of `period`."""
    ends = calendar.period_last_day(period, settings.organization.fiscal_year_starts)
    billing = books.inputs[books.inputs["role"] == "billing"]
    for _, files in billing.groupby(billing["file"].map(lambda path: series("certificates", path)), sort=True):
        last = _tells_until(files)
        if last is None or last < ends:
            newest = str(files.sort_values(["taken_on", "file"], na_position="first")["file"].iloc[-1])
            told = "tells of no day at all" if last is None else f"tells of nothing after {last}"
            reason = f"This source {told}, but {period} lasts until {ends}: what it has not told yet would be billed late."
            yield Finding("source-ends-before-close", reason, value=period, column="key", file=newest)


def _tells_until(files: pd.DataFrame) -> dt.date | None:
    """The last day that the files of a source (INPUTS) tell of: the newest in any row, or the day that a name gives in full.

    Nothing may have happened on the last days of a month: an export that was taken later tells of them by having no row. A name that
    gives a month only does not say on which day of it the export was taken.
    """
    known = [day.date() for day in files["newest_on"].dropna()]
    for file, taken in zip(files["file"], files["taken_on"], strict=True):
        if not pd.isna(taken) and (f"{taken:%Y-%m-%d}" in file or f"{taken:%Y%m%d}" in file):
            known.append(taken.date())
    return max(known, default=None)


def _following(period: str) -> str:
    year, number = _parts(period)
    return f"FY{year + 1:04d}-P01" if number == _LAST else f"FY{year:04d}-P{number + 1:02d}"


def _parts(period: str) -> tuple[int, int]:
    return int(period[2:6]), int(period[8:10])
