"""Stretches of time of many hosts at once, half-open, in whole seconds since 1970.

Host and second make one sortable number, so that one sort and one running maximum serve all hosts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_ROOM = 1 << 38  # more than the seconds from 1970 to the end of the year 9999
LATEST = _ROOM - 1


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches [begin, end) of hosts, which are numbers from 0; three arrays of one length."""

    host: Seconds
    begin: Seconds
    end: Seconds

    def __len__(self) -> int:
        return len(self.host)

    def only(self, where: Flags) -> Spans:
        """The stretches at which `where` is true."""
        return Spans(self.host[where], self.begin[where], self.end[where])


def seconds(instants: pd.Series[Any]) -> Seconds:
    """Instants (datetime64[us, UTC], none missing) as whole seconds, not before 1970."""
    whole = instants.dt.tz_localize(None).to_numpy(dtype="datetime64[us]").astype(np.int64) // 1_000_000
    return np.asarray(np.clip(whole, 0, LATEST), dtype=np.int64)


def instants(whole: Seconds) -> pd.Series[Any]:
    """Seconds since 1970 as instants (datetime64[us, UTC])."""
    return pd.Series(pd.DatetimeIndex((whole * 1_000_000).astype("datetime64[us]"), tz="UTC"))


def keys(host: Seconds, second: Seconds) -> Seconds:
    """One number a host and second: in the order of the hosts, then of time."""
    return host * _ROOM + second


def host_of(key: Seconds) -> Seconds:
    """The host in a number that `keys` made."""
    return key // _ROOM


def second_of(key: Seconds) -> Seconds:
    """The second in a number that `keys` made."""
    return key % _ROOM


def union(spans: Spans) -> Spans:
    """The same time without overlaps: stretches that overlap or touch become one. Sorted by host and begin; empty ones are left out."""
    spans = spans.only(spans.begin < spans.end)
    order = np.argsort(keys(spans.host, spans.begin), kind="stable")
    host, begin = spans.host[order], keys(spans.host, spans.begin)[order]
    reach = np.maximum.accumulate(keys(host, spans.end[order]))
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = begin[1:] > reach[:-1]
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(order))[: len(first)] - 1
    return Spans(host[first], second_of(begin[first]), second_of(reach[last]))


def together(one: Spans, other: Spans) -> Spans:
    """The time that is in one or the other, as `union` makes it."""
    pairs = ((one.host, other.host), (one.begin, other.begin), (one.end, other.end))
    return union(Spans(*(np.concatenate(pair) for pair in pairs)))


def end_around(united: Spans, host: Seconds, second: Seconds) -> Seconds:
    """The end of the stretch of `united` (from `union`) that holds each second of a host, or ends at it; -1 where none does."""
    if not len(united):
        return np.full(len(host), -1, dtype=np.int64)
    place = np.searchsorted(keys(united.host, united.begin), keys(host, second), side="right") - 1
    found = np.maximum(place, 0)
    holds = (place >= 0) & (united.host[found] == host) & (second <= united.end[found])
    return np.where(holds, united.end[found], -1)
