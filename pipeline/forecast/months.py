"""The issuances to come, added up by month, tier, agency and kind of issuer: the table FORECAST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import FORECAST
from pipeline.contracts.tables import DTYPES
from pipeline.forecast.bases import Cents, of_days, rates_by_day
from pipeline.forecast.limits import Days, number_of
from pipeline.forecast.observed import Observed
from pipeline.forecast.plan import Issuances, validations
from pipeline.forecast.sites import Sites
from pipeline.rates import RateCard

WHOLE_MONTHS = 60
Span = tuple[dt.date, dt.date]
_MONTHS_A_YEAR = 12


def spans(as_of: dt.date, months: int = WHOLE_MONTHS) -> list[Span]:
    """First and last day of what is left of the month after `as_of`, where anything is, and of the whole months after it."""
    first = as_of + dt.timedelta(days=1)
    found: list[Span] = []
    while len(found) < months + (found[0][0].day != 1 if found else 0):
        following = (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        found.append((first, following - dt.timedelta(days=1)))
        first = following
    return found


def table(
    sites: Sites, issued: Issuances, seen: Observed, card: RateCard, months: Sequence[Span], term_days: int, by_hand: float
) -> pd.DataFrame:
    """FORECAST of `issued`, of which the share `by_hand` is asked for by somebody where hosts.csv does not call the site automated.

    Rows of which every figure is nought are left out.
    """
    sums = _Sums(sites, months)
    group = sites.group[issued.site]
    rate = _rates(sites, issued, group, card, months)
    begins = issued.begins_term & (rate > 0)
    expiring = sums.expiring(sites.group, sites.last_day) + sums.expiring(group, issued.last_day)
    place = sums.places(group, issued.day)
    del group  # millions of figures, as each of the others is
    counted: dict[str, npt.NDArray[Any]] = {
        "expiring": expiring,
        "renewals": sums.count(place[begins]),
        "issuances": sums.count(place),
        "amount_cents": sums.add(place[begins], rate[begins]),
        "validations": sums.count(place[validations(sites, issued)]),
        "by_hand": sums.count(place[~sites.is_automated[issued.site]]) * by_hand,
        "per_certificate_cents": sums.add(place, rate),
        "per_day_cents": _per_day(sites, card, months, term_days),
    }
    factors = np.array([seen.factors((month + 0.5) / _MONTHS_A_YEAR) for month in range(len(months))], dtype=np.float64)
    counted["low"], counted["high"] = (counted["issuances"] * factors[:, [end]] for end in (0, 1))
    grown = np.array([seen.grown((month + 0.5) / _MONTHS_A_YEAR) for month in range(len(months))], dtype=np.float64)
    counted["growing"] = counted["issuances"] * grown[:, np.newaxis]
    return _framed(sites, months, counted)


def _rates(sites: Sites, issued: Issuances, group: npt.NDArray[np.int64], card: RateCard, months: Sequence[Span]) -> Cents:
    """The rate of each issuance, by the `group` of its site; all are of days of the months."""
    tiers = sorted({of.tier for of in sites.groups})
    first = number_of(months[0][0])
    by_day = rates_by_day(card, tiers, first, number_of(months[-1][1]))
    # one index into all tiers' days: two take twice the time
    begins = np.array([tiers.index(of.tier) for of in sites.groups], dtype=np.int64) * by_day.shape[1] - first
    rates: Cents = by_day.ravel()[begins[group] + issued.day]
    return rates


class _Sums:
    """Adds up figures into an array of months and groups."""

    def __init__(self, sites: Sites, months: Sequence[Span]) -> None:
        self._shape = (len(months), len(sites.groups))
        self._first, self._last = number_of(months[0][0]), number_of(months[-1][1])
        lengths = [(last - first).days + 1 for first, last in months]
        self._begins_row = np.repeat(np.arange(len(months), dtype=np.int64) * self._shape[1], lengths)

    def expiring(self, group: npt.NDArray[np.int64], last_day: Days) -> npt.NDArray[np.int64]:
        """How many of these last days lie in each month, by group."""
        inside = (last_day >= self._first) & (last_day <= self._last)
        return self.count(self.places(group[inside], last_day[inside]))

    def places(self, group: npt.NDArray[np.int64], day: Days) -> npt.NDArray[np.int64]:
        """Where in the array a figure of each group and day counts; every day lies in the months."""
        return self._begins_row[day - self._first] + group

    def count(self, place: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.bincount(place, minlength=self._shape[0] * self._shape[1]).reshape(self._shape)

    def add(self, place: npt.NDArray[np.int64], cents: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        # a float64 holds whole cents exactly up to 90 trillion dollars
        summed = np.bincount(place, weights=cents, minlength=self._shape[0] * self._shape[1])
        return summed.astype(np.int64).reshape(self._shape)


def _per_day(sites: Sites, card: RateCard, months: Sequence[Span], term_days: int) -> npt.NDArray[np.int64]:
    counts = np.bincount(sites.group, minlength=len(sites.groups))
    one = {tier: of_days(card, tier, months, term_days) for tier in {group.tier for group in sites.groups}}
    columns = [np.array(one[group.tier], dtype=np.int64) * count for group, count in zip(sites.groups, counts.tolist(), strict=True)]
    return np.column_stack(columns) if columns else np.zeros((len(months), 0), dtype=np.int64)


def _framed(sites: Sites, months: Sequence[Span], counted: dict[str, npt.NDArray[Any]]) -> pd.DataFrame:
    stays = np.logical_or.reduce([figures != 0 for name, figures in counted.items() if name not in ("low", "high", "growing")])
    month, group = np.nonzero(stays)
    names = [f"{first:%Y-%m}" for first, _ in months]
    columns: dict[str, Any] = {
        "month": [names[place] for place in month.tolist()],
        **{field: [getattr(sites.groups[place], field) for place in group.tolist()] for field in ("tier", "agency", "trust")},
        **{name: figures[month, group] for name, figures in counted.items()},
    }
    frame = pd.DataFrame({column.name: pd.array(columns[column.name], dtype=DTYPES[column.kind]) for column in FORECAST.columns})
    return FORECAST.check(frame)
