"""What the office would charge: the same issuances under each charge basis, by the rate card (DESIGN §6; facts §4, last part).

`per-order`: the rate for each issuance that begins a paid term; this is what is billed. `per-certificate`: the rate for each issuance.
`per-certificate-day`: each covered day its share of the rate, rounded half up over all days so far, so that no cent is lost between months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from math import floor

import numpy as np
import numpy.typing as npt

from pipeline.contracts import BASES
from pipeline.forecast.limits import number_of
from pipeline.rates import RateCard

Cents = npt.NDArray[np.int64]

CHARGED_BY = dict(zip(BASES, ("amount_cents", "per_certificate_cents", "per_day_cents"), strict=True))
"""The column of FORECAST that tells what each basis brings in."""

DRAWN_BY = dict(zip(BASES, ("renewals", "issuances", "renewals"), strict=True))
"""The column of FORECAST that tells for what each basis draws a unit: for each certificate where the vendor sells certificates, and so each
one is charged; else for each paid term, in which its other certificates are free."""


def rates_by_day(card: RateCard, tiers: Sequence[str], first: int, last: int) -> Cents:
    """The rate, in cents, of each of `tiers` on each day from `first` to `last`: an array of tiers and days. 0 where none is in force: what
    is issued then is charged to nobody."""
    days = np.arange(first, last + 1, dtype=np.int64)
    rates = np.zeros((len(tiers), len(days)), dtype=np.int64)
    for place, tier in enumerate(tiers):
        since, amounts = card.lines.get(tier, ((), ()))
        begins = np.array([number_of(day) for day in since], dtype=np.int64)
        rates[place] = np.array([0, *amounts], dtype=np.int64)[np.searchsorted(begins, days, side="right")]
    return rates


def charged_by_day(card: RateCard, tier: str, first: int, last: int, term_days: int) -> Cents:
    """What one site of `tier` is charged per-certificate-day for no day, for `first`, for it and the day after, and so on up to `last`: an
    array that is one longer than the days. Of each rate its days so far are rounded together, half a cent up, as in `of_days`."""
    rates = rates_by_day(card, [tier], first, last)[0]
    place = np.arange(len(rates), dtype=np.int64)
    is_new = np.append(True, rates[1:] != rates[:-1])
    begins = np.maximum.accumulate(np.where(is_new, place, 0))
    so_far = (2 * rates * (place - begins + 1) + term_days) // (2 * term_days)
    before = np.cumsum(np.where(is_new, np.append(0, so_far[:-1]), 0))
    return np.append(0, so_far + before)


def of_days(card: RateCard, tier: str, months: Sequence[tuple[dt.date, dt.date]], term_days: int) -> list[int]:
    """What one site of `tier` that is covered on every day is charged for each of the `months` (first and last day), in cents.

    Of a rate r and D covered days so far in which it held, r·D/`term_days`, rounded half up; a month is the difference to the month before.
    """
    charged = []
    rate, covered, before = 0, 0, 0
    for first, last in months:
        cents = 0
        for day, days in _stretches(card, tier, first, last):
            now = card.on(tier, day) or 0
            if now != rate:
                rate, covered, before = now, 0, 0
            covered += days
            so_far = of_so_many_days(rate, covered, term_days)
            cents += so_far - before
            before = so_far
        charged.append(cents)
    return charged


def of_so_many_days(rate: int, days: int, term_days: int) -> int:
    """What so many covered days are charged, in whole cents, half a cent up, where `term_days` of them cost `rate`."""
    return (2 * rate * days + term_days) // (2 * term_days)


def _stretches(card: RateCard, tier: str, first: dt.date, last: dt.date) -> list[tuple[dt.date, int]]:
    """The stretches of a month with one rate: their first day, and how many days they have."""
    since, _ = card.lines.get(tier, ((), ()))
    begins = [first, *(day for day in since if first < day <= last)]
    ends = [*(day - dt.timedelta(days=1) for day in begins[1:]), last]
    return [(day, (end - day).days + 1) for day, end in zip(begins, ends, strict=True)]


def half_up(cents: Fraction) -> int:
    """The whole cents nearest to an amount; of two equally near the upper ones."""
    return floor(cents + Fraction(1, 2))


def each(cents: int, pieces: int) -> int:
    """The least whole cents of which so many `pieces` come to `cents` at least."""
    return -(-cents // pieces)


def rate_a_term(cents: int, days: int, before: int, term_days: int) -> int:
    """The smallest rate at which one site is charged `cents` at least for so many covered `days`, after others charged at it `before`.

    What it is charged does not fall as the rate rises, and is less than a cent away from its exact share, which is a cent short at the rate
    that is tried first.
    """
    rate = max((cents - 1) * term_days // days, 0)
    while of_so_many_days(rate, before + days, term_days) - of_so_many_days(rate, before, term_days) < cents:
        rate += 1
    return rate
