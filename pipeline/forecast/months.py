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
    days = _Days(sites, months)
    place = days.places(sites.group[issued.site], issued.day)
    by_day = days.count(place)
    rates = _rates(sites, card, days)
    begun = np.where(rates > 0, days.count(place[issued.begins_term]), 0)
    is_automated = sites.is_automated[issued.site] if sites.is_automated.any() else np.zeros(len(place), dtype=bool)
    counted: dict[str, npt.NDArray[Any]] = {
        "expiring": days.by_month(days.ending(sites.group, sites.last_day) + days.ending(sites.group[issued.site], issued.last_day)),
        "renewals": days.by_month(begun),
        "issuances": days.by_month(by_day),
        "amount_cents": days.by_month(begun * rates),
        "validations": days.by_month(days.count(place[validations(sites, issued)])),
        "by_hand": days.by_month(by_day - days.count(place[is_automated])) * by_hand,
        "per_certificate_cents": days.by_month(by_day * rates),
        "per_day_cents": _per_day(sites, card, months, term_days),
    }
    factors = np.array([seen.factors((month + 0.5) / _MONTHS_A_YEAR) for month in range(len(months))], dtype=np.float64)
    counted["low"], counted["high"] = (counted["issuances"] * factors[:, [end]] for end in (0, 1))
    grown = np.array([seen.grown((month + 0.5) / _MONTHS_A_YEAR) for month in range(len(months))], dtype=np.float64)
    counted["growing"] = counted["issuances"] * grown[:, np.newaxis]
    return _framed(sites, months, counted)


def _rates(sites: Sites, card: RateCard, days: _Days) -> Cents:
    """The rate of each day and group, as `_Days` counts."""
    tiers = sorted({of.tier for of in sites.groups})
    by_day = rates_by_day(card, tiers, days.first, days.last)
    return by_day[[tiers.index(of.tier) for of in sites.groups]].T


class _Days:
    """Counts by day and group: there are a thousand times fewer of these than issuances, so whatever can be is worked out of them."""

    def __init__(self, sites: Sites, months: Sequence[Span]) -> None:
        self.first, self.last = number_of(months[0][0]), number_of(months[-1][1])
        self._shape = (self.last - self.first + 1, len(sites.groups))
        self._begins = np.array([number_of(first) for first, _ in months], dtype=np.int64) - self.first

    def places(self, group: npt.NDArray[np.int64], day: Days) -> npt.NDArray[np.int64]:
        """Where in the array a figure of each group and day counts; every day lies in the months."""
        return (day - self.first) * self._shape[1] + group

    def count(self, place: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.bincount(place, minlength=self._shape[0] * self._shape[1]).reshape(self._shape)

    def ending(self, group: npt.NDArray[np.int64], last_day: Days) -> npt.NDArray[np.int64]:
        """How many of these last days are each day, by group; of those that lie in the months."""
        days, groups = self._shape
        # days before the months and after them are counted as one each: to leave them out before takes longer than to count them
        place = (np.clip(last_day, self.first - 1, self.last + 1) - (self.first - 1)) * groups + group
        return np.bincount(place, minlength=(days + 2) * groups).reshape(days + 2, groups)[1:-1]

    def by_month(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Added up by month and group."""
        found: npt.NDArray[np.int64] = np.add.reduceat(counts, self._begins, axis=0)
        return found


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
