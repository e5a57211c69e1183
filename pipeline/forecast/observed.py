"""What the last year shows: how early certificates are renewed, how many host names are given up, and how many come new."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.intervals import wilson
from pipeline.settings import Settings

FOR_CERTIFICATES = ("new", "renew", "reissue")
"""Requests of these kinds end in a certificate."""
CALLED_OFF = ("cancelled", "duplicate")
"""Requests of these states ask the desk for nothing."""
FEWEST = 10
"""Fewer cases than this are not taken for a habit."""


class Observed(NamedTuple):
    """`lead_days`: the middle of the times between renewal and end, in whole days rounded down, of `renewals` of the last year; with fewer
    than `FEWEST` of them the first notice's threshold; `[forecast] lead_days` comes before both. Of the `names_before` that were covered a
    year ago `names_kept` are covered now, and `names_new` are covered now that were not then. `asked` requests for certificates that were
    not called off came for `issued` certificates; `asked_share` is their ratio, 1 where one of them is nought."""

    lead_days: int
    renewals: int
    names_before: int
    names_kept: int
    names_new: int
    asked: int
    issued: int
    asked_share: float

    def factors(self, years: float) -> tuple[float, float]:
        """Which share of the issuances is left after so many years if names are given up as in the last year: the least and the most.

        Both ends of the Wilson interval of `names_kept`, compounded; NaN where fewer than `FEWEST` were observed. New names are told
        beside it and are in neither end: a year of many says little of the next five.
        """
        if self.names_before < FEWEST:
            return float("nan"), float("nan")
        low, high = wilson(np.array([self.names_kept]), np.array([self.names_before]))
        return float(low[0]) ** years, float(high[0]) ** years

    def grown(self, years: float) -> float:
        """Which multiple of the issuances it is after so many years if in each as many names come new, and of all the share is given up, as
        in the last year; NaN where fewer than `FEWEST` were observed."""
        if self.names_before < FEWEST:
            return float("nan")
        kept, new = self.names_kept / self.names_before, self.names_new / self.names_before
        left = float(kept**years)
        return left + new * (years if kept == 1 else (1 - left) / (1 - kept))


def observed(certificates: pd.DataFrame, renewals: pd.DataFrame, requests: pd.DataFrame, settings: Settings, as_of: dt.date) -> Observed:
    """What CERTIFICATES, RENEWALS and REQUESTS show of the year that ends with `as_of`."""
    zone = settings.organization.zone
    now, then = calendar.day_end(as_of, zone), calendar.day_end(calendar.year_before(as_of), zone)
    recent = renewals[(renewals["outcome"] == "renewed") & (renewals["ended_at"] > then) & (renewals["ended_at"] <= now)]
    leads = recent["lead_time_days"].to_numpy(dtype=np.float64)
    usual = int(np.median(leads)) if len(leads) >= FEWEST else max(settings.notices.days_before, default=0)
    usual = usual if settings.forecast.lead_days is None else settings.forecast.lead_days
    before, after = _covered(certificates, then), _covered(certificates, now)
    asked, issued = _asked(requests, then, now), _issued(certificates, then, now)
    share = asked / issued if asked and issued else 1.0
    names = (len(before), len(before & after), len(after - before))
    return Observed(max(usual, 0), len(leads), *names, asked, issued, share)


def _asked(requests: pd.DataFrame, then: pd.Timestamp, now: pd.Timestamp) -> int:
    of_year = (requests["submitted_at"] > then) & (requests["submitted_at"] <= now)
    return int((of_year & requests["kind"].isin(FOR_CERTIFICATES) & ~requests["status"].isin(CALLED_OFF)).sum())


def _issued(certificates: pd.DataFrame, then: pd.Timestamp, now: pd.Timestamp) -> int:
    first, last = then.tz_localize(None).normalize(), now.tz_localize(None).normalize()
    return int(((certificates["service_on"] >= first) & (certificates["service_on"] < last) & ~certificates["is_ca"]).sum())


def _covered(certificates: pd.DataFrame, instant: pd.Timestamp) -> frozenset[str]:
    """The host names that a certificate named at `instant`, valid then and not revoked by then."""
    valid = (certificates["valid_from"] <= instant) & (certificates["valid_to"] >= instant) & ~certificates["is_ca"]
    revoked = (certificates["status"] == "revoked") & ~(certificates["revoked_on"] > instant.tz_localize(None))
    told = " ".join(certificates.loc[valid & ~revoked, "names"].tolist())
    named = frozenset(told.split())
    return named.difference([name for name in named if "@" in name]) if "@" in told else named
