"""What follows a paid term: an order goes on under its number, is bought anew when its term ends, or is bought anew with each certificate.

Certificates are sold as plans of a year: while one lasts its certificates keep its number and are free, and each is cut to its end; then
another order takes over, as long before that end as certificates are renewed (facts/certificate-systems-and-exports §4). How early one site
was bought anew says little of the next time, for that varies by weeks; how the last year's were bought says more. So a site's own last
order says which of the three ways it goes, and all orders of the last year after how many days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import calendar
from pipeline.contracts import WAYS
from pipeline.forecast.limits import DAY, SHORTEST, Days, days_of, lead, number_of
from pipeline.forecast.observed import FEWEST
from pipeline.rates import first_day, rate_card
from pipeline.settings import Settings

NO_TERM = -100_000
"""Longer ago than any term lasts: the first day of the paid term of an order that was charged nothing so far."""
NO_ORDER = -1
"""The number of the order where each certificate is an order of its own, or none is billed."""

_UNUSED = 4
_LOOKED_AT = ["certificate", "days_left", "order_id", "replaces", "service_on", "tier"]
_NEVER_KEPT = NO_TERM


class Way(NamedTuple):
    """How an order goes on: fewer than `free_days` days after its term began a renewal is free; `plan_days` after that day it is bought
    anew at the latest, 0 where no plan tells when. Between the two who has to renew buys: a reissue would be of use for days only."""

    free_days: int
    plan_days: int


EACH = Way(0, 0)
"""Each certificate is bought as an order of its own."""


class Seen(NamedTuple):
    """Of the year up to the as-of day: `billed_renewals`, billed certificates that replaced one with an order number; those of another
    number than that one's, `new_numbers`; and the middle of the days from that one's paid term to them, NaN where none is known. And what
    is made of it: after how many days an order is bought anew, and which way those go that have shown none."""

    billed_renewals: int
    new_numbers: int
    new_number_days: float
    bought_anew_days: int
    usual_way: str


@dataclass(frozen=True, eq=False, slots=True)
class PaidTerms:
    """How the billed orders stand. `number` has a place a row of CERTIFICATES: which order it is of, or `NO_ORDER`.

    The others have a place an order: `orders` are their numbers as written, `starts` the first day of the newest paid term, counted from
    1970-01-01, or `NO_TERM`; `free_days` and `plan_days` its way (`Way`), which is `usual`, by what was `seen`, where it has shown none.
    """

    number: npt.NDArray[np.int64]
    orders: pd.Index[Any]
    starts: Days
    free_days: Days
    plan_days: Days
    usual: Way
    seen: Seen


def paid_terms(certificates: pd.DataFrame, settings: Settings, as_of: dt.date, lead_days: int) -> PaidTerms:
    """The paid terms of the billed orders of CERTIFICATES up to `as_of`, of which certificates are renewed `lead_days` before their end.

    An order that began a second term, or of which a reissue outlives its term and the certificate that it was charged for, keeps its
    number. One that took over from another order is bought anew: with each certificate if that one had a single certificate, which left
    more than a quarter of its term unused, else when the plan ends. That is the middle of what the last year shows, at most a lead before
    the end of the term; and simply that, where it shows fewer than `FEWEST` of them. Who has to renew before that buys it then, as many
    days sooner as the shortest certificates are renewed before their end. An order that has shown neither goes the way that
    most did in the last year, and is bought anew where fewer than `FEWEST` went any.
    """
    term_days = settings.charges.term_days
    rows, billed = _billed(certificates, as_of)
    order, orders = pd.factorize(billed["order_id"])
    terms = _terms(billed, order, settings, as_of)
    replaced = _replaced(billed)
    taken = _taken_over(billed, order, replaced, terms.of_each, as_of, term_days)
    since = number_of(calendar.year_before(as_of))
    recent = taken[taken["day"] > since]
    gaps = recent.loc[~recent["is_each"], "gap"].to_numpy(dtype=np.int64)
    plan = min(int(np.median(gaps)) if len(gaps) >= FEWEST else term_days, term_days - lead_days)
    plan = max(plan, 1)
    anew, keeps = Way(max(plan - int(lead(np.array(SHORTEST), lead_days)), 1), plan), Way(term_days, 0)
    each, again = int(recent["is_each"].sum()), int((terms.kept > since).sum())
    usual, named = anew, WAYS[0]
    if len(recent) + again >= FEWEST and max(each, again) > len(recent) - each:
        usual, named = (EACH, WAYS[1]) if each >= again else (keeps, WAYS[2])
    ways = np.array([usual, anew, EACH, keeps], dtype=DAY)
    way = np.zeros(len(orders), dtype=np.int64)
    way[taken["order"]] = np.where(taken["is_each"], 2, 1)
    way[terms.kept > _NEVER_KEPT] = 3
    number = np.full(len(certificates), NO_ORDER, dtype=np.int64)
    number[rows] = order
    free_days, plan_days = ways[way].T
    seen = Seen(*_renewed(billed, order, replaced, since), float(recent["gap"].median()), anew.plan_days, named)
    return PaidTerms(number, pd.Index(orders), terms.starts, free_days, plan_days, usual, seen)


def _billed(certificates: pd.DataFrame, as_of: dt.date) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
    """The places in CERTIFICATES of those that a billing export tells of under an order number, by their day, and these rows."""
    is_billed = (certificates["role"] == "billing") & (certificates["order_id"] != "") & (certificates["service_on"] <= pd.Timestamp(as_of))
    rows = np.flatnonzero(is_billed.to_numpy(dtype=bool))
    rows = rows[np.argsort(days_of(certificates["service_on"].iloc[rows]), kind="stable")]
    return rows, certificates[_LOOKED_AT].iloc[rows]


class _Terms(NamedTuple):
    """`starts`: the first day of each order's newest term. `of_each`: the first day of the term that each certificate lies in; `NO_TERM`
    where there is none. `kept`: the last day that shows that an order keeps its number (DESIGN §6), or `_NEVER_KEPT`."""

    starts: Days
    of_each: Days
    kept: Days


def _terms(billed: pd.DataFrame, order: npt.NDArray[np.int64], settings: Settings, as_of: dt.date) -> _Terms:
    """The terms of the orders, where `order` is the one of each row of `billed`, which are in the order of their days.

    As billing counts (`chargeback.terms`): all certificates of the order that a billing export tells of, also those that are no site; the
    first that can be charged, or lies before the books begin, begins a term, and so does the first one after its end. All orders take a
    certificate at a time: as many steps as the longest has certificates.
    """
    term_days = settings.charges.term_days
    days = days_of(billed["service_on"])
    may_begin = (days < number_of(first_day(settings))) | rate_card(settings).cents(billed["tier"], billed["service_on"]).notna().to_numpy()
    ends = number_of(as_of) + billed["days_left"].fillna(NO_TERM).to_numpy(dtype=DAY)
    counts = np.bincount(order)
    ordered = np.argsort(order, kind="stable")
    heads = np.cumsum(counts) - counts
    starts, first_ends, kept = (np.full(len(counts), nothing, dtype=DAY) for nothing in (NO_TERM, NO_TERM, _NEVER_KEPT))
    of_each = np.empty(len(order), dtype=DAY)
    for step in range(int(counts.max(initial=0))):
        of = np.flatnonzero(counts > step)
        row = ordered[heads[of] + step]
        day, end, start = days[row], ends[row], starts[of]
        begins = may_begin[row] & (day - start >= term_days)
        outlives = ~begins & (end - start >= term_days) & (end > first_ends[of])
        shows = (begins | outlives) & (start > NO_TERM)
        kept[of[shows]] = day[shows]
        starts[of[begins]], first_ends[of[begins]] = day[begins], end[begins]
        of_each[row] = np.where(begins, day, start)
    return _Terms(starts, of_each, kept)


def _replaced(billed: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The place in `billed` of the certificate that each one replaces; -1 where that is none of them."""
    renews = np.flatnonzero((billed["replaces"] != "").to_numpy(dtype=bool))
    places = np.full(len(billed), -1, dtype=np.int64)
    if len(renews):
        places[renews] = pd.Index(billed["certificate"]).get_indexer(billed["replaces"].iloc[renews])
    return places


def _taken_over(
    billed: pd.DataFrame, order: npt.NDArray[np.int64], replaced: npt.NDArray[np.int64], own_starts: Days, as_of: dt.date, term_days: int
) -> pd.DataFrame:
    """The orders that took over from another one: `order`, the `day` of their first certificate, its `gap` to the term of the one
    before it, in days, and whether each certificate is an order (`is_each`)."""
    # orders are numbered as they come, so that the first certificate of one has a higher number than any before it
    is_first = np.diff(np.maximum.accumulate(order), prepend=NO_ORDER) > 0
    firsts = np.flatnonzero(is_first & (replaced >= 0))
    firsts = firsts[(own_starts[replaced[firsts]] > NO_TERM) & (order[replaced[firsts]] != order[firsts])]
    before = replaced[firsts]
    day = days_of(billed["service_on"].iloc[firsts])
    unused = own_starts[before] + term_days - number_of(as_of) - billed["days_left"].iloc[before].fillna(0).to_numpy(dtype=np.int64)
    is_alone = np.bincount(order)[order[before]] == 1
    is_each = is_alone & (unused > term_days // _UNUSED)
    return pd.DataFrame({"order": order[firsts], "day": day, "gap": day - own_starts[before], "is_each": is_each})


def _renewed(billed: pd.DataFrame, order: npt.NDArray[np.int64], replaced: npt.NDArray[np.int64], since: int) -> tuple[int, int]:
    """The certificates after the day `since` that replaced a billed one with a number, and how many of them are of another number."""
    of_year = np.flatnonzero((days_of(billed["service_on"]) > since) & (replaced >= 0))
    return len(of_year), int((order[of_year] != order[replaced[of_year]]).sum())
