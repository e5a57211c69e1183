"""When a host was in service, when nobody knows, and whose it was.

Service begins with the first certificate that is known of a host, or with a line of hosts.csv that calls it in service. It ends where a
line retires it. Of a host that no line names, whose last certificate has run out, nobody knows whether it is still in service: that
time is counted apart, neither as an outage that never ends nor as none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import day_start
from pipeline.continuity.covers import Covers
from pipeline.continuity.spans import LATEST, Flags, Seconds, Spans, end_around, keys
from pipeline.hosts import RETIRED, Spell


@dataclass(frozen=True, slots=True)
class Said:
    """What hosts.csv says of one host: whether it is retired from each second of `since` on; both in order of time."""

    since: tuple[int, ...]
    is_retired: tuple[bool, ...]

    def retired_at(self, second: int) -> bool:
        """Whether the host is out of service at a second."""
        place = int(np.searchsorted(self.since, second, side="right")) - 1
        return place >= 0 and self.is_retired[place]

    def retired_after(self, second: int) -> int | None:
        """The first second after this one at which the host is retired, None if it is not."""
        later = (since for since, gone in zip(self.since, self.is_retired, strict=True) if gone and since > second)
        return next(later, None)

    def in_service(self, first: int | None, now: int) -> Iterator[tuple[int, int]]:
        """The stretches in service up to `now`, of a host whose first certificate begins at `first`, None if it has none."""
        begins = [since for since, gone in zip(self.since, self.is_retired, strict=True) if not gone]
        begin = min([*begins, *([] if first is None else [first])], default=now)
        changes = [
            (begin, self.retired_at(begin)),
            *(change for change in zip(self.since, self.is_retired, strict=True) if change[0] > begin),
        ]
        for (since, gone), (until, _) in pairwise([*changes, (now, True)]):
            if not gone and since < min(until, now):
                yield since, min(until, now)


def said_of(spells: Mapping[str, tuple[Spell, ...]], names: tuple[str, ...], zone: ZoneInfo) -> dict[int, Said]:
    """What the lines of hosts.csv in force say, by the number of the host in `names`."""
    numbers = {name: number for number, name in enumerate(names) if name in spells}
    return {
        numbers[host]: Said(
            tuple(int(day_start(spell.since.date(), zone).timestamp()) for spell in found),
            tuple(spell.state == RETIRED for spell in found),
        )
        for host, found in spells.items()
    }


def in_service(covers: Covers, by_wildcards: Spans, said: Mapping[int, Said], now: int) -> tuple[Spans, Spans]:
    """The stretches in which each host was in service up to `now`, and those of which nobody knows.

    A certificate that covers nothing, as one that was revoked nobody knows when, begins no service: else the days on which it may have
    covered its host would count as a gap.
    """
    first = np.flatnonzero(np.diff(covers.host, prepend=-1))
    begin, last = covers.begin[first], np.maximum.reduceat(covers.end, first) if len(first) else covers.end
    host = covers.host[first]
    reach = np.minimum(np.maximum(last, end_around(by_wildcards, host, last)), now)
    unsaid: Flags = ~np.isin(host, list(said))
    served_once = begin < last
    begins = dict(zip(host[served_once].tolist(), begin[served_once].tolist(), strict=True))
    told = [(number, *span) for number, one in sorted(said.items()) for span in one.in_service(begins.get(number), now)]
    lines = np.array(told, dtype=np.int64).reshape(-1, 3)
    served = Spans(
        np.concatenate([host[unsaid], lines[:, 0]]),
        np.concatenate([begin[unsaid], lines[:, 1]]),
        np.concatenate([reach[unsaid], lines[:, 2]]),
    )
    unknown = Spans(host, reach, np.full(len(host), now, dtype=np.int64)).only(unsaid)
    return served.only(served.begin < served.end), unknown.only(unknown.begin < unknown.end)


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose a host is: the agency of the certificate that names it and began last; before the first one, that of the first.

    Certificates of no known agency change nothing. A host without certificates of its own is its wildcard's agency's.
    `host` and `since` are the changes in order, `agency` the number of the agency in `codes`; number 0 is nobody.
    """

    codes: tuple[str, ...]
    wildcards: Seconds
    host: Seconds
    since: Seconds
    agency: Seconds

    def at(self, host: Seconds, second: Seconds) -> Seconds:
        """The number of the agency that each host belongs to at a second."""
        found = self._at(host, second)
        wildcard = self.wildcards[host]
        orphan = (found == 0) & (wildcard >= 0)
        found[orphan] = self._at(wildcard[orphan], np.full(int(orphan.sum()), LATEST, dtype=np.int64))
        return found

    def _at(self, host: Seconds, second: Seconds) -> Seconds:
        if not len(self.host):
            return np.zeros(len(host), dtype=np.int64)
        place = np.searchsorted(keys(self.host, self.since), keys(host, second), side="right") - 1
        own = (place >= 0) & (self.host[np.maximum(place, 0)] == host)
        place = np.minimum(np.where(own, place, place + 1), len(self.host) - 1)
        return np.where(self.host[place] == host, self.agency[place], 0)


def owners(covers: Covers, agencies: pd.Series[str]) -> Owners:
    """The owners of the hosts of `covers`; `agencies` is the column of CERTIFICATES."""
    of_rows = agencies.tolist()
    codes = ("", *sorted(set(of_rows) - {""}))
    numbers = {code: number for number, code in enumerate(codes)}
    agency: npt.NDArray[np.int64] = np.array([numbers[code] for code in of_rows], dtype=np.int64)[covers.row]
    known = agency > 0
    return Owners(codes, covers.wildcards, covers.host[known], covers.begin[known], agency[known])
