"""What orders have paid beyond the day on which another basis is charged: it is not charged again. The table PAID_BEFORE.

Under a switch to per-certificate-day the days are free that a paid term covers, under one to per-certificate the certificates that are
issued in it, until it ends. Of an order that has a single certificate the term covers that one alone. A switch back, from another basis to
per-order, is none that a scenario has: an order would begin with the next certificate of each site.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import calendar
from pipeline.contracts import PAID_BEFORE
from pipeline.forecast.bases import Cents, charged_by_day, rates_by_day
from pipeline.forecast.limits import DAY, Days, number_of
from pipeline.forecast.months import Span
from pipeline.forecast.paid_terms import NO_ORDER, NO_TERM
from pipeline.forecast.plan import Issuances
from pipeline.forecast.sites import Sites
from pipeline.rates import RateCard

_SPAN = 100_000  # as in `plan`: a number of an order and a day make one


def paid_before(sites: Sites, issued: Issuances, card: RateCard, months: Sequence[Span], term_days: int, starts: int) -> pd.DataFrame:
    """PAID_BEFORE of a switch in any of the `months`, from the plan in which each order is charged: of each fiscal year the USD cents that
    the other basis would charge for what is paid, and the units it would draw. Rows of which both are nought are left out.
    """
    if not len(sites):
        return PAID_BEFORE.empty()
    calendar_ = _Months(months, starts, term_days)
    terms = _Terms(sites, issued, term_days)
    tiers = sorted({group.tier for group in sites.groups})
    rates = rates_by_day(card, tiers, calendar_.first, calendar_.last)
    tier = np.array([tiers.index(group.tier) for group in sites.groups], dtype=np.int64)[sites.group]
    by_day = np.array([charged_by_day(card, name, calendar_.first, calendar_.last, term_days) for name in tiers], dtype=np.int64)
    free = _free_certificates(terms, tier, calendar_, len(tiers))
    found = {
        "per-certificate": (_by_year(free, rates, calendar_), _by_year(free, np.sign(rates), calendar_)),
        "per-certificate-day": (_paid_days(terms, tier, calendar_, by_day), np.zeros((len(months), len(calendar_.years)), dtype=np.int64)),
    }
    return PAID_BEFORE.frame(
        [
            {"basis": basis, "since": f"{months[place][0]:%Y-%m}", "fiscal_year": year, "paid_cents": cents, "paid_units": units}
            for basis, (of_cents, of_units) in found.items()
            for place in range(len(months))
            for year, cents, units in zip(calendar_.years, of_cents[place].tolist(), of_units[place].tolist(), strict=True)
            if cents or units
        ]
    )


class _Months:
    """The months of the forecast in days: a switch comes on the first day of one of them."""

    def __init__(self, months: Sequence[Span], starts: int, term_days: int) -> None:
        self.begins = np.array([number_of(first) for first, _ in months], dtype=DAY)
        self.first, self.last = number_of(months[0][0]), number_of(months[-1][1])
        self._oldest = self.first - term_days
        self._after = np.searchsorted(self.begins, np.arange(self._oldest, self.last + 1), side="right").astype(DAY)
        of_month = [calendar.fiscal_year_of(first, starts) for first, _ in months]
        self.years = sorted(set(of_month))
        year_begins = [place for place, year in enumerate(of_month) if place == 0 or year != of_month[place - 1]]
        self.year_begins = self.begins[year_begins] - self.first
        """The first day of each fiscal year, counted from the first one of the months."""

    @property
    def days(self) -> int:
        return self.last - self.first + 1

    def after(self, day: Days) -> npt.NDArray[np.int32]:
        """The place of the first month that begins after each day, which lies at most a term before them; how many there are, where none
        does."""
        found: Days = self._after[day - self._oldest]
        return found


class _Terms:
    """The paid terms of the orders, those of today and those to come.

    `number` is the order of each site, where each site of single certificates is one of its own; `is_single` says which those are.
    """

    def __init__(self, sites: Sites, issued: Issuances, term_days: int) -> None:
        self.sites, self.issued, self.term_days = sites, issued, term_days
        self.is_single: npt.NDArray[np.bool_] = sites.free_days == 0
        orders = int(sites.order.max(initial=NO_ORDER)) + 1
        self.number = np.where(self.is_single, orders + np.arange(len(sites)), sites.order)
        self.numbers = orders + len(sites)
        present = np.where(sites.last_day - sites.life >= sites.charged_from, sites.last_day - sites.life, NO_TERM)
        self.present = np.where(self.is_single, present, sites.term_start)

    def paid_until(self, days: Days) -> Iterator[tuple[npt.NDArray[np.int64], Days]]:
        """Of each of the ascending `days`: the sites for which a term began since the one before, and the first day that each has not paid
        by the terms that began before; on the first day all sites."""
        begun = np.flatnonzero(self.issued.begins_term)
        begun = begun[np.argsort(self.issued.day[begun], kind="stable")]
        site, day, last_day = self.issued.site[begun], self.issued.day[begun], self.issued.last_day[begun]
        began = np.full(self.numbers, NO_TERM, dtype=DAY)
        began[self.number] = self.present
        ends = self.sites.last_day.copy()
        is_changed = np.ones(self.numbers, dtype=bool)
        bounds = np.searchsorted(day, np.append(-_SPAN, days))
        for since, until in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            newest = self.number[site[since:until]]
            np.maximum.at(began, newest, day[since:until])
            np.maximum.at(ends, site[since:until], last_day[since:until])
            is_changed[newest] = True
            changed = np.flatnonzero(is_changed[self.number])
            is_changed[:] = False
            paid: Days = began[self.number[changed]] + self.term_days
            yield changed, np.where(self.is_single[changed], np.minimum(paid, ends[changed]), paid)

    def before(self, site: npt.NDArray[np.int64], term_start: Days) -> Days:
        """The first day of the term before the one that began on each day in the order of each site; `NO_TERM` where none is known."""
        begun = self.issued.begins_term
        number = np.append(self.number, self.number[self.issued.site[begun]])
        day = np.append(self.present, self.issued.day[begun])
        keys = np.unique((number * _SPAN + day)[(day > NO_TERM) & ~np.append(self.is_single, self.is_single[self.issued.site[begun]])])
        place = np.searchsorted(keys, self.number[site] * _SPAN + term_start) - 1
        found = keys[np.maximum(place, 0)]
        return np.where((place >= 0) & (found // _SPAN == self.number[site]), found % _SPAN, NO_TERM)


def _paid_days(terms: _Terms, tier: npt.NDArray[np.int64], months: _Months, by_day: Cents) -> Cents:
    """What the paid days would be charged, by month of the switch and fiscal year; `by_day` is `charged_by_day` of each tier.

    They draw no units, for those are drawn by the paid terms that follow.
    """
    found = np.zeros((len(months.begins), len(months.years)), dtype=np.int64)
    year_begins, year_ends = months.year_begins, np.append(months.year_begins[1:], months.days)
    until_day = np.arange(months.days + 1)

    @functools.cache
    def charged(begin: int, end: int) -> Cents:
        """What the days from `begin` to each day are charged, by tier; those from `end` on not."""
        found: Cents = by_day[:, np.clip(until_day, begin, end)] - by_day[:, [begin]]
        return found

    of_tier = tier * len(until_day) - months.first
    # how many sites are paid until each day, by tier; until the first one before anything is known
    of_site = of_tier + months.first
    counts = np.bincount(of_site, minlength=by_day.size)
    for place, (changed, until) in enumerate(terms.paid_until(months.begins)):
        switch = int(months.begins[place]) - months.first
        counts -= np.bincount(of_site[changed], minlength=by_day.size)
        of_site[changed] = np.clip(until, months.first, months.last + 1) + of_tier[changed]
        counts += np.bincount(of_site[changed], minlength=by_day.size)
        for year, (begin, end) in enumerate(zip(np.maximum(year_begins, switch).tolist(), year_ends.tolist(), strict=True)):
            if begin < end:
                found[place, year] = (counts.reshape(by_day.shape) * charged(begin, end)).sum()
    return found


def _free_certificates(terms: _Terms, tier: npt.NDArray[np.int64], months: _Months, tiers: int) -> npt.NDArray[np.int64]:
    """How many certificates are issued in a paid term, by tier, month of the switch and day: those whose day is neither before the switch
    nor after the term that was the newest one then.

    Of a certificate in the term that began on b, each switch after b and until its day leaves it free; if it lies in the term before, too,
    which began on c, each switch after c and until b does as well; and so on. Counted is where such a stretch of months begins and where it
    ends, and both are added up in the end.
    """
    issued = terms.issued
    shape = (tiers, len(months.begins) + 1, months.days)
    of_tier = tier * (shape[1] * shape[2]) - months.first

    def counted(places: npt.NDArray[np.int64] | slice, month: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        key = of_tier[issued.site[places]] + month * shape[2] + issued.day[places]
        return np.bincount(key, minlength=shape[0] * shape[1] * shape[2]).reshape(shape)

    age = issued.day - issued.term_start
    # what lies in no term is taken for a term that begins with it: no month lies between the two
    found = counted(slice(None), months.after(np.where(age < terms.term_days, issued.term_start, issued.day)))
    days = np.arange(months.days, dtype=DAY)
    found[:, months.after(months.first + days), days] -= found.sum(axis=1)
    # a term that overlaps the one before it began `free_days` after it at least
    overlaps = terms.term_days - terms.sites.free_days
    places = np.flatnonzero(age < overlaps.max(where=~terms.is_single, initial=0))
    began = issued.term_start[places]
    while len(places):
        again = np.flatnonzero(issued.day[places] - began < overlaps[issued.site[places]])
        places, ends = places[again], began[again]
        began = terms.before(issued.site[places], ends)
        inside = issued.day[places] - began < terms.term_days
        places, ends, began = places[inside], ends[inside], began[inside]
        found += counted(places, months.after(began))
        found -= counted(places, months.after(ends))
    return np.cumsum(found, axis=1)[:, :-1]


def _by_year(counts: npt.NDArray[np.int64], rates: Any, months: _Months) -> Cents:
    """What certificates counted by tier, month of the switch and day come to at the `rates` of tiers and days: by month and fiscal year."""
    of_days = (counts * rates[:, np.newaxis]).sum(axis=0)
    found: Cents = np.add.reduceat(of_days, months.year_begins, axis=1)
    return found
