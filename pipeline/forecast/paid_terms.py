"""What follows a paid term: an order goes on under its number, is bought anew when its term ends, or is bought anew with each certificate.

Certificates are sold as plans of a year: while one lasts its certificates keep its number and are free, and each is cut to its end; then
another order takes over, as long before that end as certificates are renewed (facts/certificate-systems-and-exports §4). How early one site
was bought anew says little of the next time, for that varies by weeks; how the last year's were bought says more. So a site's own last
order says which of the three ways it goes, and all orders of the last year after how many days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import calendar
from pipeline.contracts import WAYS
from pipeline.forecast.limits import SHORTEST, Days, days_of, lead, number_of
from pipeline.forecast.observed import FEWEST
from pipeline.rates import first_day, rate_card
from pipeline.settings import Settings

NO_TERM = -100_000
"""Longer ago than any term lasts: the first day of the paid term of an order that was charged nothing so far."""

_UNUSED = 4
_LOOKED_AT = ["certificate", "days_left", "order_id", "replaces", "service_on", "tier"]


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


@dataclass(frozen=True, slots=True)
class PaidTerms:
    """Of the billed orders, by number: the first day of the newest paid term, counted from 1970-01-01, and the way of each that has shown
    one; `usual` is the way of the others, by what was `seen`."""

    starts: Mapping[str, int]
    ways: Mapping[str, Way]
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
    billed = _billed(certificates, as_of)
    starts, own_starts, kept = _terms(billed, settings, as_of)
    replaced = _replaced(billed)
    taken = _taken_over(billed, replaced, own_starts, as_of, term_days)
    since = number_of(calendar.year_before(as_of))
    recent = taken[taken["day"] > since]
    gaps = recent.loc[~recent["is_each"], "gap"].to_numpy(dtype=np.int64)
    plan = min(int(np.median(gaps)) if len(gaps) >= FEWEST else term_days, term_days - lead_days)
    plan = max(plan, 1)
    anew, keeps = Way(max(plan - int(lead(np.array(SHORTEST), lead_days)), 1), plan), Way(term_days, 0)
    ways = {order: EACH if is_each else anew for order, is_each in zip(taken["order_id"].tolist(), taken["is_each"].tolist(), strict=True)}
    ways |= dict.fromkeys(kept, keeps)
    each, again = int(recent["is_each"].sum()), sum(day > since for day in kept.values())
    usual, named = anew, WAYS[0]
    if len(recent) + again >= FEWEST and max(each, again) > len(recent) - each:
        usual, named = (EACH, WAYS[1]) if each >= again else (keeps, WAYS[2])
    return PaidTerms(starts, ways, usual, Seen(*_renewed(billed, replaced, since), float(recent["gap"].median()), anew.plan_days, named))


def _billed(certificates: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    is_billed = (certificates["role"] == "billing") & (certificates["order_id"] != "")
    billed = certificates.loc[is_billed & (certificates["service_on"] <= pd.Timestamp(as_of)), _LOOKED_AT]
    return billed.sort_values("service_on", kind="stable")


def _terms(billed: pd.DataFrame, settings: Settings, as_of: dt.date) -> tuple[dict[str, int], Days, dict[str, int]]:
    """The newest term's first day of each order; the first day of the term that each certificate lies in, or `NO_TERM`; and of each order
    that keeps its number the day that shows it (DESIGN §6).

    As billing counts (`chargeback.terms`): all certificates of the order that a billing export tells of, also those that are no site; the
    first that can be charged, or lies before the books begin, begins a term, and so does the first one after its end.
    """
    term_days = settings.charges.term_days
    days = days_of(billed["service_on"])
    card = rate_card(settings)
    may_begin = (days < number_of(first_day(settings))) | card.cents(billed["tier"], billed["service_on"]).notna()
    ends = number_of(as_of) + billed["days_left"].fillna(NO_TERM).to_numpy(dtype=np.int64)
    starts: dict[str, int] = {}
    first_ends: dict[str, int] = {}
    kept: dict[str, int] = {}
    of_each = []
    for order, day, begins, end in zip(billed["order_id"].tolist(), days.tolist(), may_begin.tolist(), ends.tolist(), strict=True):
        start = starts.get(order, NO_TERM)
        if begins and day - start >= term_days:
            if order in starts:
                kept[order] = day
            starts[order], first_ends[order] = day, end
            start = day
        elif end - start >= term_days and end > first_ends.get(order, end):
            kept[order] = day
        of_each.append(start)
    return starts, np.array(of_each, dtype=np.int64), kept


def _replaced(billed: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The place in `billed` of the certificate that each one replaces; -1 where that is none of them."""
    renews = np.flatnonzero((billed["replaces"] != "").to_numpy(dtype=bool))
    places = np.full(len(billed), -1, dtype=np.int64)
    if len(renews):
        places[renews] = pd.Index(billed["certificate"]).get_indexer(billed["replaces"].iloc[renews])
    return places


def _taken_over(billed: pd.DataFrame, replaced: npt.NDArray[np.int64], own_starts: Days, as_of: dt.date, term_days: int) -> pd.DataFrame:
    """The orders that took over from another one: `order_id`, the `day` of their first certificate, its `gap` to the term of the one
    before it, in days, and whether each certificate is an order (`is_each`)."""
    orders = billed["order_id"].to_numpy(dtype=object)
    is_first = ~billed["order_id"].duplicated().to_numpy()
    firsts = np.flatnonzero(is_first & (replaced >= 0))
    firsts = firsts[(own_starts[replaced[firsts]] > NO_TERM) & (orders[replaced[firsts]] != orders[firsts])]
    before = replaced[firsts]
    day = days_of(billed["service_on"].iloc[firsts])
    unused = own_starts[before] + term_days - number_of(as_of) - billed["days_left"].iloc[before].fillna(0).to_numpy(dtype=np.int64)
    is_alone = ~billed["order_id"].duplicated(keep=False).to_numpy()[before]
    is_each = is_alone & (unused > term_days // _UNUSED)
    return pd.DataFrame({"order_id": orders[firsts], "day": day, "gap": day - own_starts[before], "is_each": is_each})


def _renewed(billed: pd.DataFrame, replaced: npt.NDArray[np.int64], since: int) -> tuple[int, int]:
    """The certificates after the day `since` that replaced a billed one with a number, and how many of them are of another number."""
    of_year = np.flatnonzero((days_of(billed["service_on"]) > since) & (replaced >= 0))
    orders = billed["order_id"].to_numpy(dtype=object)
    return len(of_year), int((orders[of_year] != orders[replaced[of_year]]).sum())
