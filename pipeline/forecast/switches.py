"""What orders have paid beyond the day on which another basis is charged: it is not charged again.

Under a switch to per-certificate-day the days are free that a paid term covers, under one to per-certificate the certificates that are
issued in it, until it ends. Of an order that has a single certificate the term covers that one alone. A switch back, from another basis to
per-order, is none that a scenario has: an order would begin with the next certificate of each site.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.forecast.bases import charged_by_day, rates_by_day
from pipeline.forecast.limits import Days, number_of
from pipeline.forecast.months import Span
from pipeline.forecast.paid_terms import NO_TERM
from pipeline.forecast.plan import Issuances
from pipeline.forecast.sites import NO_ORDER, Sites
from pipeline.rates import RateCard


@dataclass(frozen=True, eq=False, slots=True)
class Switches:
    """Tells of any switch what is paid beyond it, from the plan in which each order is charged."""

    sites: Sites
    issued: Issuances
    card: RateCard
    months: Sequence[Span]
    term_days: int

    def paid(self, basis: str, place: int) -> Mapping[str, tuple[int, int]]:
        """Of each month from that at `place` on, the USD cents that `basis` would charge for what is paid, and the units it would draw."""
        switch = number_of(self.months[place][0])
        until = self._paid_until(switch)
        cents, units = self._certificates(switch, until) if basis == "per-certificate" else self._days(place, until)
        names = [f"{first:%Y-%m}" for first, _ in self.months]
        return {name: (cents[at], units[at]) for at, name in enumerate(names) if at >= place and (cents[at] or units[at])}

    def _is_single(self) -> npt.NDArray[np.bool_]:
        """The sites of which each certificate is an order of its own."""
        single: npt.NDArray[np.bool_] = self.sites.free_days == 0
        return single

    def _paid_until(self, switch: int) -> Days:
        """The first day that each site has not paid, by the terms that began before the day `switch`."""
        sites, single = self.sites, self._is_single()
        orders = int(sites.order.max(initial=NO_ORDER)) + 1
        key = np.where(single, orders + np.arange(len(sites)), sites.order)
        began = np.full(orders + len(sites), NO_TERM, dtype=np.int64)
        present = np.where(sites.last_day - sites.life >= sites.charged_from, sites.last_day - sites.life, NO_TERM)
        began[key] = np.where(single, present, sites.term_start)
        ends = sites.last_day.copy()
        past = np.flatnonzero(self.issued.begins_term & (self.issued.day < switch))
        site = self.issued.site[past]
        np.maximum.at(began, key[site], self.issued.day[past])
        np.maximum.at(ends, site, self.issued.last_day[past])
        until: Days = began[key] + self.term_days
        return np.where(single, np.minimum(until, ends), until)

    def _days(self, place: int, until: Days) -> tuple[list[int], list[int]]:
        """What the paid days of each month would be charged; they draw no units, for those are drawn by the paid terms that follow."""
        first, last = number_of(self.months[0][0]), number_of(self.months[-1][1])
        ends = np.array([number_of(end) - first + 1 for _, end in self.months], dtype=np.int64)
        begins = np.append(0, ends[:-1])
        cents = np.zeros(len(self.months), dtype=np.int64)
        tiers = np.array([group.tier for group in self.sites.groups], dtype=object)[self.sites.group]
        for tier in sorted(set(tiers)):
            so_far = charged_by_day(self.card, tier, first, last, self.term_days)
            paid, count = np.unique(np.clip(until[tiers == tier] - first, 0, len(so_far) - 1), return_counts=True)
            of_month = so_far[np.minimum(paid[:, np.newaxis], ends)] - so_far[np.minimum(paid[:, np.newaxis], begins)]
            cents += count @ of_month
        cents[:place] = 0
        return cents.tolist(), [0] * len(self.months)

    def _certificates(self, switch: int, until: Days) -> tuple[list[int], list[int]]:
        """What the certificates that are issued in a paid term would be charged, and how many they are."""
        issued, first = self.issued, number_of(self.months[0][0])
        free = np.flatnonzero((issued.day >= switch) & (issued.day < until[issued.site]) & ~self._is_single()[issued.site])
        tiers = sorted({group.tier for group in self.sites.groups})
        group_tier = np.array([tiers.index(group.tier) for group in self.sites.groups], dtype=np.int64)
        rates = rates_by_day(self.card, tiers, first, number_of(self.months[-1][1]))
        rate = rates[group_tier[self.sites.group[issued.site[free]]], issued.day[free] - first]
        begins = np.array([number_of(day) for day, _ in self.months], dtype=np.int64)
        month = np.searchsorted(begins, issued.day[free], side="right") - 1
        cents: list[Any] = np.bincount(month, weights=rate, minlength=len(begins)).astype(np.int64).tolist()
        return cents, np.bincount(month[rate > 0], minlength=len(begins)).tolist()
