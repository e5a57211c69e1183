"""What is left of each lot, how long it lasts, when to order the next one: the table LOTS (facts/chargeback-and-excel.md §5.5)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt

import pandas as pd

from pipeline import settings as declared
from pipeline.contracts import LOTS
from pipeline.lots.stock import Line, Lot
from pipeline.lots.vendor import left_here
from pipeline.rates import first_day

PACE_DAYS = 90
EXPIRING_DAYS = 60
_MONTH_DAYS, _MONTHS = 30, 12


@dataclass(frozen=True, slots=True)
class _Demand:
    """Units of a tier: asked for in the last `PACE_DAYS` days, and to keep in reserve."""

    units: int = 0
    reserve: int = 0

    def days(self, units: int) -> int:
        """How many days `units` last at that pace, rounded up; there must be one."""
        return -(-units * PACE_DAYS // self.units)


def table(lots: Sequence[Lot], asked: Iterable[Line], settings: declared.Settings, as_of: dt.date) -> pd.DataFrame:
    """The table LOTS of `lots`, in their order, as of `as_of`; `asked` are the entries that asked for a unit, in vain or not."""
    demands = _demands(asked, settings.lots, as_of)
    run_outs = _run_outs(lots, demands, as_of)
    reorders = _reorders(lots, run_outs, demands, settings.lots.lead_days, as_of)
    soon, begin = as_of + dt.timedelta(days=EXPIRING_DAYS), first_day(settings)
    rows = []
    for lot in lots:
        remaining = lot.free - lot.expired(as_of)
        demand, ours = demands[lot.tier], left_here(lot, begin, as_of)
        rows.append(
            {
                "lot_id": lot.lot_id,
                "tier": lot.tier,
                "purchased_on": lot.purchased_on,
                "quantity": lot.quantity,
                "drawn": lot.drawn,
                "returned": lot.returned,
                "expired_unused": lot.expired(as_of),
                "remaining": remaining,
                "total_cost_cents": lot.cost,
                "drawn_cost_cents": lot.drawn_cost,
                "units_expire_on": lot.expires_on,
                "run_out_on": run_outs.get(lot.lot_id),
                "reorder_on": reorders.get(lot.lot_id),
                "drawn_before": lot.before,
                "cost_before_cents": lot.cost_before,
                "expiring_units": remaining if lot.expires_on is not None and lot.expires_on <= soon else 0,
                "pace_units": demand.units,
                "reserve_units": demand.reserve,
                "vendor_remaining": lot.counted,
                "vendor_remaining_on": lot.counted_on,
                "remaining_that_day": ours,
                "vendor_difference": None if ours is None or lot.counted is None else lot.counted - ours,
            }
        )
    return LOTS.frame(rows)


def _demands(asked: Iterable[Line], limits: declared.Lots, as_of: dt.date) -> Mapping[str, _Demand]:
    """What is asked of each tier; nothing of one that no entry up to the as-of day names."""
    ages: dict[str, list[int]] = defaultdict(list)
    for line in asked:
        if line.service_on <= as_of:
            ages[line.tier].append((as_of - line.service_on).days)
    demands: dict[str, _Demand] = defaultdict(_Demand)
    for tier, days in ages.items():
        demands[tier] = _Demand(sum(age < PACE_DAYS for age in days), _reserve(days, limits))
    return demands


def _reserve(ages: Sequence[int], limits: declared.Lots) -> int:
    """Units to keep for months that ask for more than usual: `safety` · σ · √(lead months), rounded up to whole units (facts §5.5).

    `ages` says how many days ago each unit was asked for. A month is 30 days, back from the as-of day; the last twelve count, as far as
    something was asked for that long ago. Of fewer than two nothing can be said. Whole numbers and fractions only, so that every
    machine finds the same.
    """
    months = min(_MONTHS, (max(ages) + 1) // _MONTH_DAYS)
    if months < 2:
        return 0
    by_month = Counter(age // _MONTH_DAYS for age in ages)
    drawn = [by_month[month] for month in range(months)]
    variance = Fraction(months * sum(units * units for units in drawn) - sum(drawn) ** 2, months * (months - 1))
    squared = ceil(Fraction(limits.safety) ** 2 * variance * Fraction(limits.lead_days, _MONTH_DAYS))
    return isqrt(squared - 1) + 1 if squared else 0


def _run_outs(lots: Iterable[Lot], demands: Mapping[str, _Demand], as_of: dt.date) -> dict[str, dt.date]:
    """The day on which the last unit of each lot goes, one lot of a tier after the other; units that expire before are gone on that day.

    None stands for a lot that is empty, and for a tier of which nothing was asked.
    """
    run_outs: dict[str, dt.date] = {}
    emptied: dict[str, dt.date] = {}
    for lot in lots:
        remaining, demand = lot.free - lot.expired(as_of), demands[lot.tier]
        if remaining <= 0 or not demand.units:
            continue
        begin = emptied.get(lot.tier, as_of)
        days = min(demand.days(remaining), (dt.date.max - begin).days)
        run_outs[lot.lot_id] = min(lot.expires_on or dt.date.max, begin + dt.timedelta(days=days))
        emptied[lot.tier] = max(begin, run_outs[lot.lot_id])
    return run_outs


def _reorders(
    lots: Iterable[Lot], run_outs: Mapping[str, dt.date], demands: Mapping[str, _Demand], lead_days: int, as_of: dt.date
) -> dict[str, dt.date]:
    """The day to order more of its tier, for each lot with units left; where a tier has none it is the as-of day, at its last lot.

    That is the day on which the units left come down to the reorder point, the units asked for in `lead_days` and the reserve.
    """
    reorders: dict[str, dt.date] = {}
    for tier, of_tier in _by_tier(lots).items():
        demand = demands[tier]
        if not demand.units:
            continue
        open_lots = [lot.lot_id for lot in of_tier if lot.lot_id in run_outs]
        if open_lots:
            ahead = dt.timedelta(days=lead_days + demand.days(demand.reserve))
            day = max(run_outs[lot_id] for lot_id in open_lots) - ahead
        else:
            open_lots, day = [of_tier[-1].lot_id], as_of
        reorders.update(dict.fromkeys(open_lots, day))
    return reorders


def _by_tier(lots: Iterable[Lot]) -> dict[str, list[Lot]]:
    by_tier: dict[str, list[Lot]] = defaultdict(list)
    for lot in lots:
        by_tier[lot.tier].append(lot)
    return by_tier
