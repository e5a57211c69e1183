"""Which certificate covers which host name, from when to when (facts/service-levels §4.3)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import day_end
from pipeline.continuity.spans import Flags, Seconds, Spans, keys, seconds, union
from pipeline.hosts import names_of, wildcard_of

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Covers:
    """What covers each host, one row a certificate and host name in it; sorted by host and begin, of equal begins the longest first.

    `names` are the hosts by number; `host`, `begin`, `end` as in `Spans`; `issued` the second of issue; `row` the position of the
    certificate in its table; `is_revoked` tells an end by revocation. `wildcards` is the number of the wildcard that covers each host,
    -1 where the books have none.
    """

    names: tuple[str, ...]
    wildcards: Seconds
    host: Seconds
    begin: Seconds
    end: Seconds
    issued: Seconds
    row: Seconds
    is_revoked: Flags

    @property
    def spans(self) -> Spans:
        """What certificates cover by the host's own name."""
        return Spans(self.host, self.begin, self.end)

    def at(self, places: npt.NDArray[np.intp]) -> Covers:
        """The rows at these places, in their order."""
        return replace(
            self,
            host=self.host[places],
            begin=self.begin[places],
            end=self.end[places],
            issued=self.issued[places],
            row=self.row[places],
            is_revoked=self.is_revoked[places],
        )

    def by_wildcards(self) -> Spans:
        """What wildcards cover of hosts that have a number of their own, without overlaps; as `union` makes it."""
        own = union(self.spans)
        first = np.searchsorted(own.host, self.wildcards, side="left")
        counts = np.searchsorted(own.host, self.wildcards, side="right") - first
        host = np.repeat(np.arange(len(self.names), dtype=np.int64), counts)
        place = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
        return Spans(host, own.begin[place], own.end[place])


def covers(certificates: pd.DataFrame, also: frozenset[str], now: pd.Timestamp, as_of: dt.date, zone: ZoneInfo) -> Covers:
    """The covers of CERTIFICATES as they are known at the instant `now`, the end of `as_of`; `also` are further hosts to number.

    A certificate covers from notBefore up to and with notAfter, or to the end of the day of its revocation, of which no hour is known;
    one that was revoked nobody knows when covers nothing. A CA's certificate, one without dates or host names, and one that is neither
    issued nor begun yet take no part. A certificate that covers nothing is kept only where it is the first and only news of its host.
    """
    rows = _taking_part(certificates, now, as_of)
    lists, names, hosts = _hosts_of(certificates["names"].iloc[rows], also)
    part = np.repeat(np.arange(len(rows)), [len(found) for found in lists])
    host = np.fromiter((number for found in lists for number in found), dtype=np.int64, count=len(part))
    begin, end, issued, is_revoked = _times(certificates.iloc[rows], as_of, zone)
    every = Covers(names, _wildcards(names, hosts), host, begin[part], end[part], issued[part], rows[part], is_revoked[part])
    return _that_say_something(every.at(np.lexsort((part, -every.end, keys(host, every.begin)))))


def _taking_part(certificates: pd.DataFrame, now: pd.Timestamp, as_of: dt.date) -> Seconds:
    """The rows that take part, by the certificate's name: where two begin and end as one, the order of the rows decides nothing."""
    known = (certificates["valid_from"] <= now) | (certificates["issued_on"] <= pd.Timestamp(as_of))
    dated = certificates["valid_from"].notna() & certificates["valid_to"].notna()
    rows = np.flatnonzero((known & dated & ~certificates["is_ca"] & (certificates["names"] != "")).to_numpy()).astype(np.int64)
    return rows[np.argsort(certificates["certificate"].iloc[rows].to_numpy(), kind="stable")]


def _hosts_of(names: pd.Series[Any], also: frozenset[str]) -> tuple[list[list[int]], tuple[str, ...], dict[str, int]]:
    """The numbers of the hosts of each row, the hosts by number, sorted, and their numbers."""
    texts = names.tolist()
    of_text = {text: names_of(text) for text in sorted(set(texts))}
    hosts = tuple(sorted(also.union(*of_text.values())))
    numbers = {host: number for number, host in enumerate(hosts)}
    by_text = {text: [numbers[host] for host in found] for text, found in of_text.items()}
    return [by_text[text] for text in texts], hosts, numbers


def _wildcards(names: tuple[str, ...], numbers: dict[str, int]) -> Seconds:
    found = (-1 if name.startswith("*.") or "." not in name else numbers.get(wildcard_of(name), -1) for name in names)
    return np.fromiter(found, dtype=np.int64, count=len(names))


def _times(certificates: pd.DataFrame, as_of: dt.date, zone: ZoneInfo) -> tuple[Seconds, Seconds, Seconds, Flags]:
    """Begin, end and issue of each certificate, and whether the end is that of a revocation."""
    begin, runs_out = seconds(certificates["valid_from"]), seconds(certificates["valid_to"]) + 1
    revoked_on = certificates["revoked_on"]
    was_revoked = (certificates["revoked_by"] != "") & ~(revoked_on > pd.Timestamp(as_of))
    revoked = np.where(revoked_on.isna(), 0, _day_ends(revoked_on, as_of, zone))
    end = np.where(was_revoked, np.minimum(runs_out, revoked), runs_out)
    issued = np.minimum(begin, _day_ends(certificates["issued_on"], as_of, zone))
    return begin, np.maximum(begin, end), issued, was_revoked.to_numpy() & (end < runs_out)


def _day_ends(days: pd.Series[Any], as_of: dt.date, zone: ZoneInfo) -> Seconds:
    """The second at which each day ends in `zone`; never, where it is not known. Days outside 1970 to `as_of` decide nothing."""
    earliest, latest = np.datetime64("1970-01-02"), np.datetime64(as_of + dt.timedelta(days=1))
    distinct, place = np.unique(np.clip(days.to_numpy(dtype="datetime64[D]"), earliest, latest), return_inverse=True)
    ends = [_NEVER if np.isnat(day) else int(day_end(day.astype(dt.date), zone).timestamp()) for day in distinct]
    return np.array(ends, dtype=np.int64)[place]


def _that_say_something(found: Covers) -> Covers:
    """Without the covers of no length; where a host has no other, the first of them stays."""
    has_time = found.begin < found.end
    hosts = np.zeros(len(found.names), dtype=bool)
    hosts[found.host[has_time]] = True
    first = np.ones(len(found.host), dtype=bool)
    first[1:] = found.host[1:] != found.host[:-1]
    return found.at(np.flatnonzero(has_time | (first & ~hosts[found.host])))
