"""Figures beside what closed months published of them: what stood there first, and what reads otherwise now.

A close freezes the figures of its month, and of the quarter and the fiscal year that end with it (DESIGN §6, "Close"). A figure is
compared with one of the same measure, period, member and unit only: what a close did not hold has no first value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.contracts import MEASURES, RESTATED, Closed
from pipeline.findings import Finding
from pipeline.service.arrived_later import CameIn, Later
from pipeline.service.declared import MEASURES_DECLARED

_KEY = ["measure", "period", "dimension", "member"]
_FIGURE = [*_KEY, "unit", "value", "n", "met"]
_OF_THE_OFFICE = ("office", "service")  # of these dimensions a note tells each figure; those of its parts it counts
_SAME = 1e-9  # relative: the same seconds summed in another order
_MOST_TOLD = 4
_MOST_DIGITS = 4
_DECLARED = {measure.id: measure for measure in MEASURES_DECLARED}
_TURN = {measure.id: turn for turn, measure in enumerate(MEASURES_DECLARED)}
_MOVES = [measure.id for measure in MEASURES_DECLARED if not measure.keeps]
OTHERWISE = "the inbox tells of it otherwise than at the close"
HAS_ENDED = "what was open at the close has ended since"


@dataclass(frozen=True, slots=True)
class Restated:
    """MEASURES with what was published first of each figure; the figures that read otherwise now (RESTATED); a note a close of them."""

    measures: pd.DataFrame
    table: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def beside_closed(measures: pd.DataFrame, closed: Closed, came_in: CameIn, starts: int) -> Restated:
    """`measures` (MEASURES) beside the figures of the closed months; `starts` is the month in which the fiscal year begins."""
    closes = {label: period for period in closed.periods["period"].tolist() for label in calendar.ends_with(period, starts)}
    frozen = closed.measures.loc[closed.measures["measure"].isin(_DECLARED) & closed.measures["period"].isin(closes), _FIGURE]
    first = frozen.rename(columns={"value": "first_value", "n": "first_n", "met": "first_met"})
    first = first.assign(first_published=first["period"].map(closes).astype("str"))
    held = measures[[*_KEY, "unit"]].merge(first, on=[*_KEY, "unit"], how="left")
    beside = measures.assign(
        first_value=held["first_value"].to_numpy("float64"),
        first_published=held["first_published"].fillna("").astype("str").to_numpy(),
    )
    other = _read_otherwise(first, measures, closed, starts)
    table = RESTATED.check(other.assign(why=_why(other, closed, came_in, starts)))
    amiss = table[~table["measure"].isin(_MOVES)]
    return Restated(MEASURES.check(beside.astype({"first_published": "str"})), table, tuple(_notes(amiss, closed, starts)))


def _read_otherwise(first: pd.DataFrame, measures: pd.DataFrame, closed: Closed, starts: int) -> pd.DataFrame:
    """The frozen figures that have another value, n or number met now, or no row any more, sorted by period and key: all of measures that
    keep them, and those of the office and its services of measures that move as what was open ends."""
    both = first.merge(measures[_FIGURE], on=_KEY, how="left", suffixes=("", "_now")).astype({"n": "Int64"})
    gone = both["n"].isna()
    same_value = np.isclose(both["first_value"], both["value"], rtol=_SAME, atol=0.0, equal_nan=True)
    same_met = (both["met"] == both["first_met"]).fillna(True)  # missing where a measure counts none
    same = same_value & same_met & (both["n"] == both["first_n"]).fillna(False)
    missed = gone & both["first_published"].isin(_closed_after_the_end(closed, starts))
    told = ~both["measure"].isin(_MOVES) | both["dimension"].isin(_OF_THE_OFFICE)
    return both[told & (missed | (~gone & (both["unit"] == both["unit_now"]) & ~same))].sort_values(["period", *_KEY], kind="stable")


def _closed_after_the_end(closed: Closed, starts: int) -> list[str]:
    """The closes that were made after the last day of their month. What one of that very day froze may be a figure of the day, as open
    requests are: no later run gives such figures for it, and nothing is amiss."""
    pairs = zip(closed.periods["period"], closed.periods["closed_on"], strict=True)
    return [period for period, on in pairs if on.date() > calendar.period_last_day(period, starts)]


def _why(other: pd.DataFrame, closed: Closed, came_in: CameIn, starts: int) -> pd.Series[Any]:
    """Of each figure which of the rows that it counts came in after the close; else that what there was is told otherwise, or, of a
    measure that moves and still counts as many, that what was open has ended."""
    since: dict[str, Later] = {}
    said = []
    as_many = (other["first_n"] == other["n"]).fillna(False)
    known = (*(other[name] for name in (*_KEY, "first_published")), as_many)
    for measure, label, dimension, member, close, counts_as_many in zip(*known, strict=True):
        if close not in since:
            since[close] = came_in.since(closed.files[closed.files["period"] == close])
        later = since[close].counted(_DECLARED[measure].columns, *_days(label, starts), dimension, member)
        moved = HAS_ENDED if measure in _MOVES and counts_as_many else OTHERWISE
        said.append(f"{later} of it came in after the close" if later else moved)
    return pd.Series(said, index=other.index, dtype="str")


def _days(label: str, starts: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month, quarter or fiscal year of figures."""
    year, _, quarter = label.partition("-Q")
    if not label.startswith("FY"):
        begins = ends = calendar.period_of(dt.date.fromisoformat(f"{label}-01"), starts)
    elif quarter:
        begins, ends = f"{year}-P{3 * int(quarter) - 2:02d}", f"{year}-P{3 * int(quarter):02d}"
    else:
        begins, ends = f"{year}-P01", f"{year}-P12"
    return calendar.period_first_day(begins, starts), calendar.period_last_day(ends, starts)


def _notes(table: pd.DataFrame, closed: Closed, starts: int) -> Iterator[Finding]:
    """A note for each close of which something reads otherwise: figures of the office with both values and why, and how many more."""
    on = dict(zip(closed.periods["period"], closed.periods["closed_on"], strict=True))
    for period, rows in table.groupby("first_published", sort=True):
        office = rows[rows["dimension"].isin(_OF_THE_OFFICE)]
        office = office.iloc[np.argsort(office["measure"].map(_TURN).to_numpy("int64"), kind="stable")]
        title = calendar.period_title(str(period), starts)
        said = [_told(row, str(period), starts) for row in office.iloc[:_MOST_TOLD].to_dict("records")]
        more = len(rows) - len(said)
        if more:
            reads, rests = ("figure reads", "rests") if more == 1 else ("figures read", "rest")
            said.append(f"{'Besides, ' if said else ''}{more:,} {reads} otherwise or {rests} on other rows.")
        reason = f"{title} was closed on {on[period]:%Y-%m-%d}. {' '.join(said)} The table restated lists each."
        yield Finding("measure-restated", reason, value=str(period), file=f"ledger/{period}/measures.csv")


def _told(row: Mapping[Any, Any], closed: str, starts: int) -> str:
    """`Completed on time, first published as 94.0 % (47 of 50), is now 93.1 % (54 of 58): 8 requests of it came in after the close.`"""
    label, member = row["period"], f", {row['member']}" if row["member"] else ""
    of_its_month = label == calendar.ends_with(closed, starts)[0]
    name = f"{_DECLARED[row['measure']].title}{member}{'' if of_its_month else f' of {label}'}"
    then, now = _said(row, "first_"), _said(row, "")
    if then == now:
        then, now = _said(row, "first_", _MOST_DIGITS), _said(row, "", _MOST_DIGITS)
    return f"{name}, first published as {then}, is now {now}: {row['why']}."


def _said(row: Mapping[Any, Any], when: str, digits: int = 1) -> str:
    """A figure with its unit and what it rests on: `94.0 % (47 of 50)`, `12 requests`, `3.5 hours (n = 4)`."""
    value, unit, n, met = row[f"{when}value"], row["unit"], row[f"{when}n"], row[f"{when}met"]
    if pd.isna(value):
        return "not measured"
    if unit == "share":
        return f"{value * 100:.{digits}f} % ({f'{met:,} of {n:,}' if not pd.isna(met) else f'n = {n:,}'})"
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.{digits}f}"
    counted = f"{number} {unit.removesuffix('s') if value == 1 else unit}"
    return counted if value == n else f"{counted} (n = {n:,})"
