"""What may be closed: months go in order from `begin`, each once it has ended and every billing source is there and tells of all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline import calendar
from pipeline.arrivals import series
from pipeline.contracts import Books, Closed
from pipeline.entries.acceptance import Entry, accepted_by
from pipeline.findings import Finding, sentence
from pipeline.rates import first_day
from pipeline.settings import Settings

_IN_FORCE = dt.timedelta(days=30)  # how long the line that a refusal proposes is in force


class CloseMisusedError(Exception):
    """The close that was asked for cannot be: no period, closed already, out of order, nobody named (exit 2)."""


class CloseRefusedError(Exception):
    """The inputs do not allow the close: the month has not ended, or a source ends before it does (exit 3)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands in the way of a close, a sentence each, and what would if nobody had accepted it: the line of accepted.csv that lets it
    pass, with the file and the key that it was found at."""

    reasons: tuple[str, ...]
    accepted: tuple[Entry, ...]


def first_period(settings: Settings) -> str:
    """The period that is closed first: that of `begin`. Raises `CloseMisusedError` where the settings name neither it nor a rate."""
    if not settings.charges.begin and not settings.rate:
        raise CloseMisusedError("There is nothing to close: certledger.toml has no [[rate]] and no begin in [charges].")
    return calendar.period_of(first_day(settings), settings.organization.fiscal_year_starts)


def next_in_turn(closed: Sequence[str], first: str, late: Collection[str]) -> str:
    """The period that is closed next: the one after the last, or P13 of a year before September of the next, where it has entries.

    `closed` are the closed periods, `first` is the one to begin with, `late` are the periods P13 that have entries. So the order of
    closing is that of posting (`calendar.posting_turn`), by which lots are drawn.
    """
    months = [period for period in closed if not calendar.is_late_items(period)]
    following = calendar.following(max(months)) if months else first
    items, september = calendar.late_items_of(int(following[2:6]) - 1)
    return items if following == september and items in late and items not in closed else following


def must_be_open(period: str, closed: Closed, settings: Settings) -> None:
    """Raise `CloseMisusedError` unless `period` is one, the calendar goes on after it, and it is not closed yet."""
    starts = settings.organization.fiscal_year_starts
    try:
        calendar.period_first_day(period, starts)
    except ValueError as error:
        raise CloseMisusedError(f"{error}. Nothing was closed.") from None
    _, september = calendar.late_items_of(int(period[2:6]))
    if len(september) > len(period):
        raise CloseMisusedError(f"{period} is of the last year that can be written in four digits and is never due. Nothing was closed.")
    already = closed.periods[closed.periods["period"] == period]
    for by, on in zip(already["closed_by"], already["closed_on"], strict=True):
        raise CloseMisusedError(f"{period} is closed already, by {by} as of {on:%Y-%m-%d}. A closed month stays as it is.")


def must_be_in_turn(period: str, closed: Closed, books: Books, settings: Settings, as_of: dt.date) -> None:
    """Raise `CloseMisusedError` unless `period`, which is open, is the next to close, and `as_of` not before the newest close.

    A P13 is closed as of its last day, also when August was closed as of a later one.
    """
    turn = next_in_turn(closed.periods["period"].tolist(), first_period(settings), with_late_items(books))
    if period != turn:
        shown = calendar.period_title(turn, settings.organization.fiscal_year_starts)
        nothing = _no_late_items(period, books, settings, as_of) if calendar.is_late_items(period) else ""
        raise CloseMisusedError(f"{period} is not the next month to close.{nothing} Months are closed in order: next is {shown}.")
    newest = closed.periods["closed_on"].max().date() if len(closed.periods) else as_of
    if as_of < (min(newest, _late_until(period, settings)) if calendar.is_late_items(period) else newest):
        raise CloseMisusedError(f"The close before was made as of {newest:%Y-%m-%d}: close {period} as of that day or a later one.")


def _no_late_items(period: str, books: Books, settings: Settings, as_of: dt.date) -> str:
    """That a P13 which is not next has no entries, and how to close those that arrived in time; '' where it has some."""
    if period in with_late_items(books):
        return ""
    until = _late_until(period, settings)
    _, september = calendar.late_items_of(int(period[2:6]))
    still = as_of > until and september not in set(books.closed.periods["period"])
    late = f" It holds what arrived by {until}: close it with --as-of {until}." if still else ""
    return f" There are no late items to close as of {as_of}.{late}"


def _late_until(period: str, settings: Settings) -> dt.date:
    return calendar.late_items_until(int(period[2:6]), settings.organization.fiscal_year_starts)


def what_stands_in_the_way(period: str, books: Books, settings: Settings, as_of: dt.date) -> Judged:
    """Why the inputs do not allow to close `period` as of `as_of`; nothing where they do."""
    reasons = list(_has_not_ended(period, settings, as_of))
    accepted = []
    for finding in (*_end_too_early(period, books, settings), *_gone(period, books)):
        line = accepted_by(finding, books.accepted, as_of)
        if line is None:
            told = sentence(finding.code, finding.file, "", 0, "", finding.reason)
            reasons.append(f"{told}\n{_to_accept(finding, as_of)}")
        else:
            accepted.append(line._replace(file=finding.file, key=finding.value))
    return Judged(tuple(reasons), tuple(accepted))


def _to_accept(finding: Finding, as_of: dt.date) -> str:
    """The line of data/entries/accepted.csv that lets `finding` pass, in force for 30 days: who and why are left to be filled in."""
    until = as_of + _IN_FORCE
    file = '"{}"'.format(finding.file.replace('"', '""')) if set(finding.file) & set(',"') else finding.file
    line = f"{finding.code},{file},{finding.value},{until},NAME,REASON"
    return (
        f"    If nothing more will come, put this line below code,file,key,until,by,reason in data/entries/accepted.csv, with your "
        f"name and reason (its key is the month that is closed, as {finding.value}):\n    {line}"
    )


def with_late_items(books: Books) -> set[str]:
    """The periods P13 that have entries."""
    return {period for period in books.ledger["period"].unique() if calendar.is_late_items(period)}


def _has_not_ended(period: str, settings: Settings, as_of: dt.date) -> Iterator[str]:
    starts = settings.organization.fiscal_year_starts
    if calendar.is_late_items(period):
        until = _late_until(period, settings)
        if as_of < until:
            yield f"{period} takes late items until {until}; close it as of that day or a later one, not of {as_of}."
    elif as_of < (ends := calendar.period_last_day(period, starts)):
        yield f"{calendar.period_title(period, starts)} has not ended as of {as_of}; close it as of {ends} or a later day."


def _end_too_early(period: str, books: Books, settings: Settings) -> Iterator[Finding]:
    """`source-ends-before-close` for each billing source that tells of no day as late as the last one of `period`."""
    ends = calendar.period_last_day(period, settings.organization.fiscal_year_starts)
    for _, files in _billing(books.inputs):
        last = _tells_until(files)
        if last is None or last < ends:
            newest = str(files.sort_values(["taken_on", "file"], na_position="first")["file"].iloc[-1])
            told = "tells of no day at all" if last is None else f"tells of nothing after {last}"
            reason = f"This source {told}, but {period} lasts until {ends}: what it has not told yet would be billed late."
            yield Finding("source-ends-before-close", reason, value=period, column="key", file=newest)


def _gone(period: str, books: Books) -> Iterator[Finding]:
    """`source-ends-before-close` for each billing source of the close before that is none any more; closes that kept no role are not asked.

    Once a month was closed without it, the next close does not ask for it again.
    """
    if books.closed.periods.empty:
        return
    newest = str(books.closed.periods["period"].iloc[-1])
    there = {name for name, _ in _billing(books.inputs)}
    for name, files in _billing(books.closed.files[books.closed.files["period"] == newest]):
        if name not in there:
            reason = (
                f"{newest} was billed from this source, and no file of it is billed from any more: what it has not told yet of {period} "
                "would be billed late."
            )
            yield Finding("source-ends-before-close", reason, value=period, column="key", file=str(files["file"].max()))


def _billing(files: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The sources that are billed from among `files` (INPUTS or CLOSED_FILES), by name, each with its files."""
    billing = files[files["role"] == "billing"]
    sources = billing.groupby(billing["file"].map(lambda path: series("certificates", path)), sort=True)
    return ((str(name), told) for name, told in sources)


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
