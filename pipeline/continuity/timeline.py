"""The seconds of every host, agency and period: in service, covered, and without a certificate.

The time of each host is cut at every begin and end; of each piece it is then known what held in it, so that overlaps are never counted
twice and months and years are sums of pieces.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.continuity.service_time import Owners
from pipeline.continuity.spans import Flags, Seconds, Spans, host_of, instants, keys, second_of, seconds
from pipeline.contracts import CONTINUITY, GAPS
from pipeline.settings import Organization

_YEARS_BACK = 2


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods that are reported, one after another: `labels[i]` reaches from `edges[i]` to `edges[i + 1]`, seconds since 1970."""

    labels: tuple[str, ...]
    edges: Seconds


def reported(organization: Organization, as_of: dt.date) -> tuple[Periods, ...]:
    """The months from the first of the fiscal year two years back to that of `as_of`; the fiscal years; and beside the year to date the
    same span of the year before."""
    starts = organization.fiscal_year_starts
    this_year = calendar.fiscal_year_of(as_of, starts)
    years = range(this_year - _YEARS_BACK, this_year + 1)
    begins = [calendar.period_first_day(f"FY{year:04d}-P01", starts) for year in (*years, this_year + 1)]
    months = [day.date() for day in pd.date_range(begins[0], as_of, freq="MS")]
    after = (as_of.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    titles = tuple(calendar.year_title(year, as_of, starts) for year in years)
    span = [begins[-3], calendar.year_before(as_of) + dt.timedelta(days=1)]
    same_span = Periods((f"FY{this_year - 1:04d}-YTD",), _edges(span, organization))
    return (
        Periods(tuple(f"{month:%Y-%m}" for month in months), _edges([*months, after], organization)),
        Periods(titles, _edges(begins, organization)),
        *((same_span,) if titles[-1].endswith("-YTD") else ()),
    )


def _edges(days: list[dt.date], organization: Organization) -> Seconds:
    return np.array([int(calendar.day_start(day, organization.zone).timestamp()) for day in days], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Stretches in which nothing changes: host and owner by number, the seconds, and whether a certificate covers it or nobody knows."""

    host: Seconds
    owner: Seconds
    begin: Seconds
    end: Seconds
    is_covered: Flags
    is_unknown: Flags

    @property
    def is_gap(self) -> Flags:
        """In service, and no certificate."""
        return ~self.is_covered & ~self.is_unknown


def pieces(covered: Spans, served: Spans, unknown: Spans, owners: Owners, first: int, now: int) -> Pieces:
    """The pieces from `first` to `now` of all time in service or unknown, as long as they can be."""
    groups = [_within(spans, first, now) for spans in (covered, served, unknown)]
    changes = Spans(owners.host, owners.since, owners.since)
    changes = changes.only((changes.begin > first) & (changes.begin < now))
    points = np.concatenate([part for spans in groups for part in (keys(spans.host, spans.begin), keys(spans.host, spans.end))])
    deltas = np.zeros((3, len(points) + len(changes)), dtype=np.int64)
    place = 0
    for kind, spans in enumerate(groups):
        deltas[kind, place : place + len(spans)] = 1
        deltas[kind, place + len(spans) : place + 2 * len(spans)] = -1
        place += 2 * len(spans)
    points = np.concatenate([points, keys(changes.host, changes.begin)])
    order = np.argsort(points, kind="stable")
    points, states = points[order], np.cumsum(deltas[:, order], axis=1) > 0
    is_last = np.append(points[1:] != points[:-1], True)[: len(points)]
    points, (is_covered, is_served, is_unknown) = points[is_last], states[:, is_last]
    kept = np.flatnonzero(is_served[:-1] | is_unknown[:-1])  # the last point of a host opens nothing: all its stretches have ended
    host, begin, end = host_of(points[kept]), second_of(points[kept]), second_of(points[kept + 1])
    return _joined(Pieces(host, owners.at(host, begin), begin, end, is_covered[kept] & ~is_unknown[kept], is_unknown[kept]))


def _within(spans: Spans, first: int, now: int) -> Spans:
    clipped = Spans(spans.host, np.clip(spans.begin, first, now), np.clip(spans.end, first, now))
    return clipped.only(clipped.begin < clipped.end)


def _joined(cut: Pieces) -> Pieces:
    """Neighbours that touch and are alike as one piece."""
    if not len(cut.host):
        return cut
    alike = cut.begin[1:] == cut.end[:-1]
    for values in (cut.host, cut.owner, cut.is_covered, cut.is_unknown):
        alike = alike & (values[1:] == values[:-1])
    first = np.flatnonzero(np.append(True, ~alike))
    last = np.append(first[1:], len(cut.host)) - 1
    return Pieces(cut.host[first], cut.owner[first], cut.begin[first], cut.end[last], cut.is_covered[first], cut.is_unknown[first])


def gaps(found: Pieces, names: tuple[str, ...], owners: Owners, now: int) -> pd.DataFrame:
    """GAPS of these pieces, the longest first."""
    gap = found.is_gap
    begin, end = found.begin[gap], found.end[gap]
    frame = pd.DataFrame(
        {
            "host": _texts(names, found.host[gap]),
            "agency": _texts(owners.codes, found.owner[gap]),
            "began_at": instants(begin),
            "ended_at": instants(end).where(end < now),
            "seconds": end - begin,
        }
    )
    return GAPS.check(frame.sort_values(["seconds", "host", "began_at"], ascending=[False, True, True], kind="stable"))


def added_up(found: Pieces, renewals: pd.DataFrame, names: tuple[str, ...], owners: Owners, periods: tuple[Periods, ...]) -> pd.DataFrame:
    """CONTINUITY of these pieces for all `periods`; the lead times are those of RENEWALS."""
    numbers = {name: number for number, name in enumerate(names)}
    judged = renewals[renewals["band"] != ""]
    ended = pd.DataFrame(
        {
            "host": judged["host"].map(numbers).to_numpy(dtype=np.int64),
            "owner": judged["agency"].map({code: number for number, code in enumerate(owners.codes)}).to_numpy(dtype=np.int64),
            "last_second": seconds(judged["ended_at"]) - 1,
            "lead_time_days": judged["lead_time_days"].to_numpy(),
            "band": judged["band"].to_numpy(dtype=object),
        }
    )
    frame = _of_periods(found, ended, periods)
    frame = frame.assign(host=_texts(names, frame["host"].to_numpy()), agency=_texts(owners.codes, frame["owner"].to_numpy()))
    texts = dict.fromkeys(("host", "agency", "period", "band"), "str")
    return CONTINUITY.check(frame.astype(texts).sort_values(["host", "agency", "period"], kind="stable"))


def _of_periods(found: Pieces, ended: pd.DataFrame, periods: tuple[Periods, ...]) -> pd.DataFrame:
    """The seconds of each host, owner and period, and the last that ended in it; periods of all kinds are numbered in one row."""
    places = np.cumsum([0, *(len(each.labels) for each in periods)])
    cut = pd.concat([_cut(found, each.edges, place) for each, place in zip(periods, places[:-1], strict=True)], ignore_index=True)
    sums = dict.fromkeys(("in_service_seconds", "covered_seconds", "gaps", "unknown_seconds"), "sum")
    totals = cut.groupby(["host", "owner", "number"], as_index=False).agg({**sums, "longest_gap_seconds": "max"})
    ends = pd.concat([_ended_in(ended, each.edges, place) for each, place in zip(periods, places[:-1], strict=True)], ignore_index=True)
    last = ends.sort_values("last_second", kind="stable").drop_duplicates(["host", "owner", "number"], keep="last")
    told = totals.merge(last.drop(columns="last_second"), on=["host", "owner", "number"], how="left")
    labels = np.array([label for each in periods for label in each.labels], dtype=object)
    return told.assign(period=labels[told["number"]], band=told["band"].fillna(""))


def _cut(found: Pieces, edges: Seconds, first: int) -> pd.DataFrame:
    """The seconds of the pieces, cut at the edges of periods that are numbered from `first`."""
    place, period = _parts(found, edges)
    begin = np.maximum(found.begin[place], edges[period])
    length = np.minimum(found.end[place], edges[period + 1]) - begin
    gap, unknown = found.is_gap[place], found.is_unknown[place]
    return pd.DataFrame(
        {
            "host": found.host[place],
            "owner": found.owner[place],
            "number": period + first,
            "in_service_seconds": np.where(unknown, 0, length),
            "covered_seconds": np.where(found.is_covered[place], length, 0),
            "gaps": gap.astype(np.int64),
            "longest_gap_seconds": np.where(gap, length, 0),
            "unknown_seconds": np.where(unknown, length, 0),
        }
    )


def _ended_in(ended: pd.DataFrame, edges: Seconds, first: int) -> pd.DataFrame:
    """What ended in periods that are numbered from `first`."""
    inside = ended[ended["last_second"].between(edges[0], edges[-1] - 1)]
    return inside.assign(number=np.searchsorted(edges, inside["last_second"], side="right") - 1 + first)


def _parts(found: Pieces, edges: Seconds) -> tuple[Seconds, Seconds]:
    """The pieces cut at the edges: the number of the piece and that of the period, one row a part. What lies outside is left out."""
    first = np.searchsorted(edges, found.begin, side="right") - 1
    counts = np.searchsorted(edges, found.end, side="left") - first
    place = np.repeat(np.arange(len(first)), counts)
    period = first[place] + np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    inside = (period >= 0) & (period < len(edges) - 1)
    return place[inside], period[inside]


def _texts(words: tuple[str, ...], numbers: Seconds) -> pd.Series[Any]:
    return pd.Series(np.array([*words, ""], dtype=object)[numbers], dtype="str")
