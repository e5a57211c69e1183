"""The seconds of every host, agency and period: in service, covered, and without a certificate.

The time of each host is cut at every begin and end; of each piece it is then known what held in it, so that overlaps are never counted
twice and months and years are sums of pieces.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
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
    """CONTINUITY of these pieces for all `periods`; the lead times are those of RENEWALS.

    A host, its owner and a period are one whole number, in the order of the rows. An office of 100,000 certificates has four million of
    them, so columns are made one after the other, and nothing is held that they do not need.
    """
    rows = _Rows(len(owners.codes), periods)
    numbers, sums = _seconds(found, rows)
    numbers_of = {name: number for number, name in enumerate(names)}
    lead_times, bands_ = _last_ended(renewals[renewals["band"] != ""], numbers, rows, numbers_of, owners.codes)
    host, owner, period = rows.taken_apart(numbers)
    del numbers
    unknown = sums.pop("unknown_seconds")
    columns = {
        "host": _texts(names, host),
        "agency": _texts(owners.codes, owner),
        "period": _texts(rows.labels, period),
        **sums,
        "lead_time_days": lead_times,
        "band": bands_,
        "unknown_seconds": unknown,
    }
    return CONTINUITY.check(pd.DataFrame(columns, copy=False))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of CONTINUITY as whole numbers: of a host, of one of so many owners, and of a label of all `periods`, in text order."""

    owners: int
    periods: tuple[Periods, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(sorted(label for each in self.periods for label in each.labels))

    def of(self, host: Seconds, owner: Seconds, each: Periods, period: Seconds) -> Seconds:
        """The numbers of rows; `period` counts within the kind `each`."""
        place = {label: number for number, label in enumerate(self.labels)}
        places = np.array([place[label] for label in each.labels], dtype=np.int64)
        return (host * self.owners + owner) * len(place) + places[period]

    def taken_apart(self, numbers: Seconds) -> tuple[Seconds, Seconds, Seconds]:
        """Host, owner and place in `labels` of each number."""
        pairs, label = np.divmod(numbers, len(self.labels))
        host, owner = np.divmod(pairs, self.owners)
        return host, owner, label


def _seconds(found: Pieces, rows: _Rows) -> tuple[Seconds, dict[str, Seconds]]:
    """The numbers of the rows that these pieces make, sorted, and of each row its sums by column."""
    number, piece, length = _cut(found, rows)
    first = np.flatnonzero(np.append(True, number[1:] != number[:-1])[: len(number)])
    number = number[first]
    is_unknown, is_gap = found.is_unknown[piece], found.is_gap[piece]
    sums = {
        "in_service_seconds": np.add.reduceat(np.where(is_unknown, 0, length), first),
        "covered_seconds": np.add.reduceat(np.where(found.is_covered[piece], length, 0), first),
        "gaps": np.add.reduceat(is_gap, first, dtype=np.int64),
        "longest_gap_seconds": np.maximum.reduceat(np.where(is_gap, length, 0), first),
        "unknown_seconds": np.add.reduceat(np.where(is_unknown, length, 0), first),
    }
    return number, sums


def _cut(found: Pieces, rows: _Rows) -> tuple[Seconds, Seconds, Seconds]:
    """The pieces cut at the edges of all periods: the number of the row, that of the piece and the seconds of each part, sorted by row."""
    parts = []
    for each in rows.periods:
        piece, period = _parts(found, each.edges)
        length = np.minimum(found.end[piece], each.edges[period + 1]) - np.maximum(found.begin[piece], each.edges[period])
        parts.append((rows.of(found.host[piece], found.owner[piece], each, period), piece, length))
    number, piece, length = (np.concatenate(column) for column in zip(*parts, strict=True))
    parts.clear()
    order = np.argsort(number, kind="stable")
    return number[order], piece[order], length[order]


def _last_ended(
    judged: pd.DataFrame, numbers: Seconds, rows: _Rows, hosts: dict[str, int], codes: tuple[str, ...]
) -> tuple[npt.NDArray[np.float64], pd.Series[Any]]:
    """Lead time and band of the last of these RENEWALS that ended in each row of `numbers`, NaN and "" where none did."""
    judged = judged.iloc[np.argsort(seconds(judged["ended_at"]), kind="stable")]
    last_second = seconds(judged["ended_at"]) - 1
    host = np.asarray(judged["host"].map(hosts), dtype=np.int64)
    owner = np.asarray(judged["agency"].map({code: number for number, code in enumerate(codes)}), dtype=np.int64)
    lead_time, band_of = judged["lead_time_days"].to_numpy(), judged["band"].to_numpy(dtype=object)
    band, words = pd.factorize(band_of)
    lead_times, bands_of_rows = np.full(len(numbers), np.nan), np.full(len(numbers), -1)
    for each in rows.periods:
        inside = np.flatnonzero((last_second >= each.edges[0]) & (last_second < each.edges[-1]))
        period = np.searchsorted(each.edges, last_second[inside], side="right") - 1
        ended = rows.of(host[inside], owner[inside], each, period)
        place = np.searchsorted(numbers, ended)
        held = place < len(numbers)
        held[held] = numbers[place[held]] == ended[held]
        lead_times[place[held]], bands_of_rows[place[held]] = lead_time[inside[held]], band[inside[held]]  # of one row the last one stays
    return lead_times, _texts(tuple(words), bands_of_rows)


def _parts(found: Pieces, edges: Seconds) -> tuple[Seconds, Seconds]:
    """The pieces cut at the edges: the number of the piece and that of the period, one row a part. What lies outside is left out."""
    first = np.searchsorted(edges, found.begin, side="right") - 1
    counts = np.searchsorted(edges, found.end, side="left") - first
    place = np.repeat(np.arange(len(first)), counts)
    period = first[place] + np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    inside = (period >= 0) & (period < len(edges) - 1)
    return place[inside], period[inside]


def _texts(words: tuple[str, ...], numbers: Seconds) -> pd.Series[Any]:
    """The words at these places; "" at the one behind the last, and at -1."""
    return pd.Series(pd.array([*words, ""], dtype="str").take(numbers))
