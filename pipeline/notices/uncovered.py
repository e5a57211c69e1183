"""The host names of a certificate that somebody still has to see to: those that no later certificate covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.hosts import names_of, wildcard_of

# How long a host may be without a certificate before the next one takes over. Whoever asked for that one chose its begin: the second after
# the end, where exports give days alone, or the Monday after a weekend. A begin after that is a gap that somebody has to see to.
LONGEST_GAP = pd.Timedelta(days=3)


class _End(NamedTuple):
    """The end of a certificate; of two that end in the same second the one that began later is the later one."""

    at: pd.Timestamp
    began: pd.Timestamp
    certificate: str


def known(certificates: pd.DataFrame, now: pd.Timestamp, as_of: dt.date) -> pd.Series[Any]:
    """Which rows of CERTIFICATES are known before `now`, the end of `as_of`: begun, or issued, by then. Bool, index of `certificates`."""
    ahead = (certificates["valid_from"] >= now) & ~(certificates["issued_on"] <= pd.Timestamp(as_of))
    return ~ahead


def uncovered(certificates: pd.DataFrame, rows: Iterable[int], now: pd.Timestamp, as_of: dt.date) -> dict[int, list[str]]:
    """Of each of the `rows` (positions in CERTIFICATES) the host names that no later certificate covers, in their order.

    A later certificate names the host, or a wildcard that covers it, ends later, is known at `now` and is neither revoked nor a CA's: a
    certificate with more names covers all of them, one that dropped a name does not cover that one. It has begun before `now`, or begins
    less than LONGEST_GAP after this one has ended. A certificate that ends in the same second and began later, as a reissue does, is later
    too.
    """
    texts = certificates["names"].tolist()
    named = {row: names_of(texts[row]) for row in rows}
    concerned = {host for names in named.values() for host in names}
    concerned |= {wildcard_of(host) for host in concerned}
    usable = certificates["valid_to"].notna() & certificates["valid_from"].notna() & ~certificates["is_ca"]
    usable &= (certificates["status"] != "revoked") & known(certificates, now, as_of)
    usable &= certificates["valid_to"] >= certificates["valid_to"].iloc[list(named)].min()
    places = np.flatnonzero(usable.to_numpy()).tolist() if concerned else []
    hosts_of = {place: common for place in places if (common := concerned.intersection(names_of(texts[place])))}
    ends = _ends(certificates, sorted({*named, *hosts_of}))
    covers: dict[str, list[_End]] = {}
    for place, common in hosts_of.items():
        for host in common:
            covers.setdefault(host, []).append(ends[place])
    found = {}
    for row, hosts in named.items():
        end = ends[row]
        begun_by = max(end.at + LONGEST_GAP, now)
        found[row] = [
            host for host in hosts if not any(one > end and one.began < begun_by for name in _names(host) for one in covers.get(name, ()))
        ]
    return found


def _names(host: str) -> set[str]:
    return {host, wildcard_of(host)}


def _ends(certificates: pd.DataFrame, places: list[int]) -> dict[int, _End]:
    """The ends of the certificates at these positions of the table."""
    told = certificates[["valid_to", "valid_from", "certificate"]].iloc[places]
    begins = told["valid_from"].fillna(pd.Timestamp.min.tz_localize("UTC").as_unit("us"))
    columns = (told["valid_to"].tolist(), begins.tolist(), told["certificate"].tolist())
    return {place: _End(*cells) for place, cells in zip(places, zip(*columns, strict=True), strict=True)}
