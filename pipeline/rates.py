"""The rate card and the tiers: what an order of a tier costs on a day, and which products mean which tier (DESIGN §6, §8)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class RateCard:
    """Per tier, the days from which a rate holds, ascending, and the rates in cents.

    A rate holds from its day to the day before the tier's next line. Before the first line there is none, and none is ever assumed:
    an order without a rate is a finding, never a free one.
    """

    lines: Mapping[str, tuple[tuple[dt.date, ...], tuple[int, ...]]]

    def on(self, tier: str, day: dt.date) -> int | None:
        """Cents for an order of `tier` on `day`; None where no rate is in force."""
        line = self.line(tier, day)
        return line and line[1]

    def line(self, tier: str, day: dt.date) -> tuple[dt.date, int] | None:
        """First day and cents of the line of `tier` that is in force on `day`; None where none is."""
        since, cents = self.lines.get(tier, ((), ()))
        line = bisect_right(since, day)
        return (since[line - 1], cents[line - 1]) if line else None

    def cents(self, tiers: pd.Series[Any], days: pd.Series[Any]) -> pd.Series[Any]:
        """Cents (Int64, on the index of `tiers`) for orders of `tiers` on `days` (datetime64, no zone); NA where none is in force."""
        on = days.to_numpy().astype("datetime64[D]")
        known = np.zeros(len(tiers), dtype=bool)
        result = np.zeros(len(tiers), dtype="int64")
        for tier, (since, cents) in self.lines.items():
            line = np.searchsorted(np.array(since, dtype="datetime64[D]"), on, side="right") - 1
            in_force = (tiers == tier).to_numpy(dtype=bool) & ~np.isnat(on) & (line >= 0)
            result[in_force] = np.array(cents, dtype="int64")[line[in_force]]
            known |= in_force
        return pd.Series(pd.array(result, dtype="Int64"), index=tiers.index).mask(~known)


def rate_card(settings: Settings) -> RateCard:
    """The rate card of the settings; the order of its lines in the file does not matter."""
    return card_of((rate.tier, rate.since, rate.cents) for rate in settings.rate)


def card_of(told: Iterable[tuple[str, dt.date, int]]) -> RateCard:
    """The rate card of lines in any order: tier, first day and cents."""
    lines: dict[str, tuple[tuple[dt.date, ...], tuple[int, ...]]] = {}
    for tier, since, cents in sorted(told):
        days, amounts = lines.get(tier, ((), ()))
        lines[tier] = ((*days, since), (*amounts, cents))
    return RateCard(lines)


class RateChanged(NamedTuple):
    """A day on which a rate card says otherwise than an earlier one for a tier: the line (first day, cents) that was in force then and the
    one that is in force now, each None where there is none; and whether the line of then is gone, or only hidden by that of now."""

    tier: str
    day: dt.date
    then: tuple[dt.date, int] | None
    now: tuple[dt.date, int] | None
    is_gone: bool


def told_otherwise(then: RateCard, now: RateCard, first: dt.date, last: dt.date) -> list[RateChanged]:
    """Where `now` says otherwise than `then` for service from `first` to `last`: of each tier the first day, in the order of tiers.

    A tier of which `then` had no line by `last` was charged to nobody, so whatever `now` says of it bills nothing again.
    """
    found = []
    for tier, (since, _) in sorted(then.lines.items()):
        if since[0] > last:
            continue
        begins = {first, *since, *now.lines.get(tier, ((), ()))[0]}
        for day in sorted(on for on in begins if first <= on <= last):
            before, after = then.line(tier, day), now.line(tier, day)
            if (before and before[1]) != (after and after[1]):
                found.append(RateChanged(tier, day, before, after, before is not None and before != now.line(tier, before[0])))
                break
    return found


def first_day(settings: Settings) -> dt.date:
    """The first day whose service is charged: `begin` of the settings, else that of the first fiscal year with a rate.

    Without any rate it is the first of all days: every certificate is then asked for a rate.
    """
    if settings.charges.begin:
        return settings.charges.begin
    if not settings.rate:
        return dt.date.min
    starts = settings.organization.fiscal_year_starts
    fiscal_year, _ = calendar.period_of(min(rate.since for rate in settings.rate), starts).split("-")
    return calendar.period_first_day(f"{fiscal_year}-P01", starts)


def tier_of(
    products: pd.Series[Any], tiers: Mapping[str, tuple[str, ...]], aliases: pd.DataFrame, days: pd.Series[Any] | None = None
) -> pd.Series[Any]:
    """The tier that each of `products` (text) means, '' where none does.

    The names of `[tiers]` come first, then the aliases of kind tier; case and runs of spaces do not count. With `days`
    (datetime64, no zone) an alias holds only from its `valid_from` to its `valid_to`; where two hold, the later begun one does.
    """
    numbers, spellings = pd.factorize(products)
    folded = [_folded(str(spelling)) for spelling in spellings]
    known = {_folded(name): tier for tier, names in tiers.items() for name in (tier, *names)}
    settled = np.array([known.get(name, "") for name in folded], dtype=object)
    result = settled[numbers]
    answers = aliases[aliases["kind"] == "tier"].sort_values(["valid_from", "value"], na_position="first", kind="stable")
    declared = {_folded(tier): tier for tier in tiers}
    for value, means, since, until in zip(*(answers[name] for name in ("value", "means", "valid_from", "valid_to")), strict=True):
        meant = [number for number, name in enumerate(folded) if name == _folded(value) and name not in known]
        rows = np.isin(numbers, meant)
        if days is not None:
            rows &= ((days >= since) | pd.isna(since)).to_numpy(dtype=bool) & ((days <= until) | pd.isna(until)).to_numpy(dtype=bool)
        result[rows] = declared.get(_folded(means), "")
    return pd.Series(result, index=products.index, dtype="str")


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
