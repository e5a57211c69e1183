"""What the sites ask for: every certificate that is to be issued, day by day, until the forecast ends.

Each certificate is followed by one that lives as long as its kind usually does, and no longer than the limit of its day of issue; it is
asked for `lead` days before the other ends. A free reissue is cut to the end of its plan, and what follows it begins the next one
(facts/certificate-systems-and-exports §4). All sites take one step at a time: as many steps as the site with the shortest lives needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.forecast.limits import DAY, REUSE_DAYS, REUSE_SINCE, Days, lead, longest
from pipeline.forecast.paid_terms import NO_ORDER, NO_TERM
from pipeline.forecast.sites import Sites

# More days than any day of a forecast is counted from 1970-01-01: domain and day make one number.
_SPAN = 100_000
_PRIVATE = -1
_LARGEST_TABLE = 4


@dataclass(frozen=True, eq=False, slots=True)
class Issuances:
    """Arrays of one length, a place a certificate to come: its site, its day of issue, its last day, whether it begins a paid term, and the
    first day of the newest term of its order before it; `NO_TERM` where there is none, or each certificate is an order of its own."""

    site: npt.NDArray[np.int64]
    day: Days
    last_day: Days
    begins_term: npt.NDArray[np.bool_]
    term_start: Days


def issuances(sites: Sites, first: int, last: int, lead_days: int, term_days: int) -> Issuances:
    """What is to be issued from the day `first` to the day `last`. What should have been renewed before `first` is renewed on that day.

    A paid term begins with the first certificate that can be charged and comes `free_days` or more after the begin of the term before it,
    whichever of an order's sites asks for it; without an order number each begins one. Where a plan tells when it is bought anew, a free
    certificate ends `term_days` after the term began at the latest, and is followed by another one `plan_days` after it at the latest.
    """
    # a place a day: how long public certificates live at most, then the same of private ones, which have no limit
    limits = np.append(longest(np.arange(first, last + 1, dtype=DAY)), np.full(last + 1 - first, _SPAN, dtype=DAY))
    walk = _Walk.of(sites, np.maximum(sites.last_day - lead(sites.life, lead_days), first), first, last)
    steps: list[Issuances] = []
    while (due := walk.day <= last).any():
        walk = walk if due.all() else walk.only(due)
        steps.append(walk.step(limits, lead_days, term_days))
    return _together(steps)


@dataclass(eq=False, slots=True)
class _Walk:
    """The sites on their way, those of one order next to each other: the day on which each asks next, and how its order stands then.

    `site` to `number` have a place a site: `limit` is what a day lacks to its place in the limits, `number` the place of its order in the
    last three, which are `term_start`, `free_days` and `plan_days` of `Sites`. `heads` are the places of the first site of each order,
    `others` those of the rest.
    """

    site: npt.NDArray[np.int64]
    day: Days
    charged_from: Days
    usual: Days
    limit: Days
    number: npt.NDArray[np.int64]
    heads: npt.NDArray[np.int64]
    others: npt.NDArray[np.int64]
    start: Days
    free: Days
    plan: Days

    @classmethod
    def of(cls, sites: Sites, day: Days, first: int, last: int) -> _Walk:
        is_shared = (sites.order != NO_ORDER) & (sites.free_days > 0)
        keys = np.where(is_shared, sites.order, sites.order.max(initial=NO_ORDER) + 1 + np.arange(len(sites)))
        site = np.argsort(keys, kind="stable")
        number, heads, others = _numbered(keys[site])
        limit = np.where(sites.is_public, -first, last + 1 - 2 * first)
        day_of, charged_from, usual, limit = (column[site].astype(DAY) for column in (day, sites.charged_from, sites.usual, limit))
        free, plan, term_start = (column[site[heads]].astype(DAY) for column in (sites.free_days, sites.plan_days, sites.term_start))
        start = np.where(free > 0, term_start, DAY(NO_TERM))
        return cls(site, day_of, charged_from, usual, limit, number, heads, others, start, free, plan)

    def only(self, stays: npt.NDArray[np.bool_]) -> _Walk:
        """The sites that stay."""
        kept = np.flatnonzero(stays)
        of = self.number[kept]
        number, heads, others = _numbered(of)
        day, charged_from, usual, limit = (column[kept] for column in (self.day, self.charged_from, self.usual, self.limit))
        start, free, plan = (column[of[heads]] for column in (self.start, self.free, self.plan))
        return _Walk(self.site[kept], day, charged_from, usual, limit, number, heads, others, start, free, plan)

    def step(self, limits: Days, lead_days: int, term_days: int) -> Issuances:
        """The certificates that the sites ask for next, and each of these sites goes on to the day on which it asks again."""
        day, start, free_until = self.day, self.start[self.number], (self.start + self.free)[self.number]
        goes, begins = self._next(free_until)
        plan_start = np.where(day < free_until, np.where(self.plan > 0, self.start, DAY(_SPAN))[self.number], DAY(_SPAN))
        ends = np.minimum(day + np.minimum(self.usual, limits[day + self.limit]), plan_start + term_days)
        asks = np.minimum(ends - lead(ends - day, lead_days), plan_start + self.plan[self.number])
        issued = Issuances(self.site[goes], day[goes], ends[goes], begins[goes], start[goes])
        self.day = np.where(goes, asks, day)
        # single certificates have no term
        of = self.number[begins]
        self.start[of] = np.where(self.free[of] > 0, day[begins], self.start[of])
        return issued

    def _next(self, free_until: Days) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Which sites ask next, and which of them begin a paid term, if renewals are free until these days.

        No term of an order begins before the soonest day on which one of its sites may: whoever asks before it goes on in the present one;
        on that day the first that may begins the next, and all others wait for what it makes of the order.
        """
        may_begin = np.maximum(np.maximum(self.day, self.charged_from), free_until)
        soonest_of_order = may_begin[self.heads]
        # most orders have one site, and `reduceat` takes as long for each of them as for many
        np.minimum.at(soonest_of_order, self.number[self.others], may_begin[self.others])
        soonest = soonest_of_order[self.number]
        places = np.flatnonzero((self.day == soonest) & (may_begin == soonest))
        begins = np.zeros(len(self.day), dtype=bool)
        begins[places[_is_head(self.number[places])]] = True
        return (self.day < soonest) | begins, begins


def _numbered(keys: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The number, from 0, of each stretch of equal `keys`, the places where one begins, and the other places."""
    is_head = _is_head(keys)
    return np.cumsum(is_head) - 1, np.flatnonzero(is_head), np.flatnonzero(~is_head)


def _is_head(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether a stretch of equal `keys` begins at each place."""
    return np.append(True, keys[1:] != keys[:-1])[: len(keys)]


def _together(steps: list[Issuances]) -> Issuances:
    no_days = np.array([], dtype=DAY)
    none = Issuances(np.array([], dtype=np.int64), no_days, no_days, no_days.astype(np.bool_), no_days)
    columns = (np.concatenate([getattr(step, name) for step in [none, *steps]]) for name in Issuances.__slots__)
    return Issuances(*columns)


def validations(sites: Sites, issued: Issuances) -> npt.NDArray[np.int64]:
    """Which of the issuances (their places, ascending) need a new proof of control over the domain of their site.

    One is due at the first public issuance at which the last proof is as old as may be used again on that day, or older. Only the
    domain of a certificate's first name is looked at.
    """
    domain = np.where(sites.is_public, sites.domain, _PRIVATE)
    keys, place = _first_of_each_day(domain[issued.site], issued.day)
    is_asking = np.zeros(int(domain.max(initial=_PRIVATE)) + 1, dtype=bool)
    is_asking[keys // _SPAN] = True
    asking = np.flatnonzero(is_asking)
    proven = sites.validated[asking]
    found = []
    while len(asking):
        nexts = _next_proof(keys, asking, proven)
        is_due = nexts < len(keys)
        asking, nexts = asking[is_due], nexts[is_due]
        proven = keys[nexts] - asking * _SPAN
        found.append(nexts)
    return np.sort(place[np.concatenate([np.array([], dtype=np.int64), *found])])


def _first_of_each_day(domain: npt.NDArray[np.int64], day: Days) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Each domain and day once, as one ascending number, and the place of its first issuance; without those of `_PRIVATE`.

    A table of all domains and days, where it is not far larger than the issuances, is filled in a tenth of the time that sorting takes.
    """
    begins, ends = int(day.min(initial=_SPAN)), int(day.max(initial=0))
    domains, days = int(domain.max(initial=_PRIVATE)) + 1, ends + 1 - begins
    if not 0 < domains * days <= _LARGEST_TABLE * len(day):
        keys, place = np.unique(domain * _SPAN + day, return_index=True)
        return keys[keys >= 0], place[keys >= 0]
    first = np.full((domains + 1) * days, -1, dtype=np.int32)
    # of several numbers that are put in one place the last stays there
    first[((domain - _PRIVATE) * days + day - begins)[::-1]] = np.arange(len(day), dtype=np.int32)[::-1]
    cells = np.flatnonzero(first[days:] >= 0)
    return cells // days * _SPAN + cells % days + begins, first[days:][cells].astype(np.intp)


def _next_proof(keys: npt.NDArray[np.int64], domain: npt.NDArray[np.int64], proven: Days) -> npt.NDArray[np.int64]:
    """The place in `keys` of the first issuance of each domain that needs a new proof; the length of `keys` where none does."""
    nexts = np.full(len(domain), len(keys), dtype=np.int64)
    for since, until, days in zip(REUSE_SINCE, np.append(REUSE_SINCE[1:], _SPAN), REUSE_DAYS, strict=True):
        earliest = np.maximum(proven + days, since)
        asked = np.flatnonzero(earliest < until)
        place = np.searchsorted(keys, domain[asked] * _SPAN + earliest[asked])
        is_its = keys[np.minimum(place, len(keys) - 1)] < domain[asked] * _SPAN + until
        is_its &= place < len(keys)
        nexts[asked[is_its]] = np.minimum(nexts[asked[is_its]], place[is_its])
    return nexts
