"""What the sites ask for: every certificate that is to be issued, day by day, until the forecast ends.

Each certificate is followed by one that lives as long as its kind usually does, and no longer than the limit of its day of issue; it is
asked for `lead` days before the other ends. All sites take one step at a time: as many steps as the site with the shortest lives needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.forecast.limits import REUSE_DAYS, REUSE_SINCE, Days, lead, longest
from pipeline.forecast.paid_terms import NO_TERM
from pipeline.forecast.sites import NO_ORDER, Sites

# More days than any day of a forecast is counted from 1970-01-01: domain and day make one number.
_SPAN = 100_000


@dataclass(frozen=True, eq=False, slots=True)
class Issuances:
    """Arrays of one length, a place a certificate to come: its site, its day of issue, its last day, and whether it begins a paid term."""

    site: npt.NDArray[np.int64]
    day: Days
    last_day: Days
    begins_term: npt.NDArray[np.bool_]


def issuances(sites: Sites, first: int, last: int, lead_days: int) -> Issuances:
    """What is to be issued from the day `first` to the day `last`. What should have been renewed before `first` is renewed on that day.

    A paid term begins with the first certificate that can be charged and comes `free_days` or more after the begin of the term before it,
    whichever of an order's sites asks for it; without an order number each begins one.
    """
    site = np.arange(len(sites), dtype=np.int64)
    day = np.maximum(sites.last_day - lead(sites.life, lead_days), first)
    start = sites.term_start.copy()
    before = np.full(len(sites), NO_TERM, dtype=np.int64)
    steps: list[Issuances] = []
    while (due := day <= last).any():
        if not due.all():
            site, day, start, before = site[due], day[due], start[due], before[due]
        lives = np.where(sites.is_public[site], np.minimum(sites.usual[site], longest(day)), sites.usual[site])
        begins = (day >= sites.charged_from[site]) & (day - start >= sites.free_days[site])
        steps.append(Issuances(site, day, day + lives, begins))
        begun = np.flatnonzero(begins)
        start[begun] = _term_start(day[begun], before[begun], start[begun], sites.plan_days[site[begun]])
        before, day = day, day + lives - lead(lives, lead_days)
    issued = _together(steps)
    _share_terms(issued, sites)
    return issued


def _term_start(day: Days, before: Days, start: Days, plan_days: Days) -> Days:
    """From which day on the terms count that certificates of each `day` begin; `before` is the day of the one before, `start` of its term.

    After a free reissue the day on which the plan is bought anew, for a reissue is cut to the end of its plan. The forecast does not cut
    it, and would else buy every plan later than it ends, by up to the life of a certificate. Else the `day` itself.
    """
    bought = start + plan_days
    return np.where((start < before) & (before < bought), bought, day)


def _share_terms(issued: Issuances, sites: Sites) -> None:
    """Let the sites of one order begin its terms together, in place: above, each site began them as if it were the only one."""
    is_numbered = (sites.order != NO_ORDER) & (sites.free_days > 0)
    is_shared = is_numbered & (np.bincount(np.maximum(sites.order, 0), is_numbered)[sites.order] > 1)
    if not is_shared.any():
        return
    places = np.flatnonzero(is_shared[issued.site])
    issued.begins_term[places] = False
    all_keys = sites.order[issued.site[places]] * _SPAN + issued.day[places]
    ordered = np.argsort(all_keys, kind="stable")
    all_keys, places = all_keys[ordered], places[ordered]
    may_begin = issued.day[places] >= sites.charged_from[issued.site[places]]
    keys, places = (all_keys, places) if may_begin.all() else (all_keys[may_begin], places[may_begin])
    asking, first = np.unique(sites.order[is_shared], return_index=True)
    start, free, plan = (of[is_shared][first] for of in (sites.term_start, sites.free_days, sites.plan_days))
    while len(asking):
        nexts = np.searchsorted(keys, asking * _SPAN + np.maximum(start + free, 0))
        found = nexts < len(keys)
        found[found] = keys[nexts[found]] // _SPAN == asking[found]
        asking, start, free, plan, nexts = asking[found], start[found], free[found], plan[found], nexts[found]
        issued.begins_term[places[nexts]] = True
        place_before = np.searchsorted(all_keys, keys[nexts]) - 1
        # negative where the one before is of another order
        before = np.where(place_before >= 0, all_keys[place_before] - asking * _SPAN, NO_TERM)
        start = _term_start(keys[nexts] - asking * _SPAN, before, start, plan)


def _together(steps: list[Issuances]) -> Issuances:
    nothing = np.array([], dtype=np.int64)
    none = Issuances(nothing, nothing, nothing, nothing.astype(np.bool_))
    columns = (np.concatenate([getattr(step, name) for step in [none, *steps]]) for name in Issuances.__slots__)
    return Issuances(*columns)


def validations(sites: Sites, issued: Issuances) -> npt.NDArray[np.int64]:
    """Which of the issuances (their places, ascending) need a new proof of control over the domain of their site.

    One is due at the first public issuance at which the last proof is as old as may be used again on that day, or older. Only the
    domain of a certificate's first name is looked at.
    """
    public = np.flatnonzero(sites.is_public[issued.site])
    if not len(public):
        return public
    keys, place = _first_of_each_day(sites.domain[issued.site[public]], issued.day[public])
    asking = np.unique(keys // _SPAN)
    proven = sites.validated[asking]
    found = []
    while len(asking):
        nexts = _next_proof(keys, asking, proven)
        is_due = nexts < len(keys)
        asking, nexts = asking[is_due], nexts[is_due]
        proven = keys[nexts] - asking * _SPAN
        found.append(nexts)
    return np.sort(public[place[np.concatenate(found)]])


def _first_of_each_day(domain: npt.NDArray[np.int64], day: Days) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Each domain and day once, as one ascending number, and the place of its first issuance.

    The place is sorted as the last digits of the number: sorting plain numbers takes a fourth of the time of a stable sort of places.
    """
    count = np.int64(len(day))
    ordered = np.sort((domain * _SPAN + day) * count + np.arange(count))
    keys = ordered // count
    is_first = np.append(True, keys[1:] != keys[:-1])
    return keys[is_first], (ordered - keys * count)[is_first]


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
