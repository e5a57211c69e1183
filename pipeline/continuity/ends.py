"""What followed each end of what covered a host: renewed how early, or what became of the host (facts/service-levels §4.3).

A host's certificates are walked through by their begin. The latest end reached so far is what has to be renewed; a certificate that
reaches further renews it, one that does not is a reissue. The lead time runs from the issue of that certificate to the end it renews.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.continuity.covers import Covers
from pipeline.continuity.service_time import Owners, Said
from pipeline.continuity.spans import Flags, Seconds, Spans, end_around, instants, keys, second_of
from pipeline.contracts import RENEWALS

_DAY = 86_400
EARLY, IN_TIME = 30 * _DAY, 7 * _DAY
_NONE = -1


def ends(
    covers: Covers, by_wildcards: Spans, owners: Owners, said: Mapping[int, Said], certificates: pd.Series[str], now: int
) -> pd.DataFrame:
    """RENEWALS: every end up to `now`, and those later ones that are renewed already. `certificates` is the column of CERTIFICATES.

    No end is one that comes while a wildcard covers the host, and a revocation of a certificate that another one had replaced by then; nor
    that of a certificate that covered nothing, where it is said what became of the host.
    """
    ended, follower, end = _walked(covers, now)
    host = covers.host[ended]
    replaced = follower != _NONE
    begins = np.where(replaced, covers.begin[follower], now)
    only_reissued = covers.is_revoked[ended] & replaced & (begins <= end)
    covered_nothing = (covers.begin[ended] == covers.end[ended]) & np.isin(host, list(said))
    kept = ~only_reissued & ~covered_nothing & ~(end_around(by_wildcards, host, end) > end)
    ended, follower, end, host, replaced = (values[kept] for values in (ended, follower, end, host, replaced))
    issued = np.where(replaced, covers.issued[follower], now)
    outcome, until = _outcomes(host, end, replaced, issued, said)
    is_judged = np.isin(outcome, ("renewed", "not-renewed"))
    lead = end - until
    names = certificates.to_numpy(dtype=object)
    frame = pd.DataFrame(
        {
            "host": np.array(covers.names, dtype=object)[host],
            "agency": np.array(owners.codes, dtype=object)[owners.at(host, end - 1)],
            "certificate": names[covers.row[ended]],
            "ended_at": instants(end),
            "replaced_by": np.where(replaced, names[covers.row[follower]], ""),
            "issued_at": instants(issued).where(replaced),
            "outcome": outcome,
            "lead_time_days": np.where(is_judged, lead / _DAY, np.nan),
            "band": np.where(is_judged, bands(lead), ""),
        }
    )
    texts = dict.fromkeys(("host", "agency", "certificate", "replaced_by", "outcome", "band"), "str")
    return RENEWALS.check(frame.astype(texts).sort_values(["host", "ended_at"], kind="stable"))


def bands(lead: Seconds) -> np.ndarray[Any, Any]:
    """The band of each lead time in seconds."""
    return np.select([lead >= EARLY, lead >= IN_TIME, lead >= 0], ["early", "after-first-notice", "near-miss"], default="lapse")


def _walked(covers: Covers, now: int) -> tuple[Seconds, Seconds, Seconds]:
    """Of each end the row of `covers` that reached it, the row that reaches further (-1: none), and the second of the end.

    Without a follower only ends up to `now` are given.
    """
    count = len(covers.host)
    rows = np.arange(count)
    key, reach = keys(covers.host, covers.end), np.maximum.accumulate(keys(covers.host, covers.end))
    before = np.concatenate([[_NONE], reach[:-1]])[:count]
    is_first: Flags = np.diff(covers.host, prepend=-1) != 0
    furthest = np.maximum.accumulate(np.where(is_first | (key > before), rows, 0))
    followers = np.flatnonzero(~is_first & (key > before))
    last = np.flatnonzero(np.diff(covers.host, append=-1))
    last = last[second_of(reach[last]) <= now]
    ended = np.concatenate([furthest[followers - 1], furthest[last]])
    end = np.concatenate([second_of(before[followers]), second_of(reach[last])])
    return ended, np.concatenate([followers, np.full(len(last), _NONE)]).astype(np.int64), end


def _outcomes(
    host: Seconds, end: Seconds, replaced: Flags, issued: Seconds, said: Mapping[int, Said]
) -> tuple[np.ndarray[Any, Any], Seconds]:
    """What followed each end, and up to when it is reckoned: the issue of what replaced it, now, or the day the host was retired."""
    outcome = np.where(replaced, "renewed", "unknown").astype(object)
    until = issued.copy()
    for place in np.flatnonzero(np.isin(host, list(said))):
        lines, second = said[int(host[place])], int(end[place])
        if lines.retired_at(second):
            outcome[place] = "retired"
        elif not replaced[place]:
            outcome[place] = "not-renewed"
            until[place] = min(int(until[place]), lines.retired_after(second) or int(until[place]))
    return outcome, until
