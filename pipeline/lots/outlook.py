"""What is left of each lot and how long it lasts: the table LOTS (DESIGN §5, §6 "Lots")."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

import pandas as pd

from pipeline.contracts import LOTS
from pipeline.lots.stock import Line, Lot

PACE_DAYS = 90


def table(lots: Iterable[Lot], took: Iterable[Line], as_of: dt.date) -> pd.DataFrame:
    """The table LOTS of `lots`, in their order, as of `as_of`; `took` are the entries that drew a unit, which give the pace."""
    rows = []
    pace = _pace(took, as_of)
    emptied: dict[str, dt.date] = {}
    for lot in lots:
        expired = lot.free if lot.expires_on is not None and lot.expires_on <= as_of else 0
        remaining = lot.free - expired
        run_out = _run_out(lot, remaining, emptied.get(lot.tier, as_of), pace[lot.tier])
        if run_out is not None:
            emptied[lot.tier] = run_out
        rows.append(
            {
                "lot_id": lot.lot_id,
                "tier": lot.tier,
                "purchased_on": lot.purchased_on,
                "quantity": lot.quantity,
                "drawn": lot.drawn,
                "returned": lot.returned,
                "expired_unused": expired,
                "remaining": remaining,
                "total_cost_cents": lot.cost,
                "drawn_cost_cents": lot.drawn_cost,
                "units_expire_on": lot.expires_on,
                "run_out_on": run_out,
                "reorder_on": None,
                "drawn_before": lot.before,
                "cost_before_cents": lot.cost_before,
            }
        )
    return LOTS.frame(rows)


def _pace(took: Iterable[Line], as_of: dt.date) -> Counter[str]:
    """Units drawn per tier for the last `PACE_DAYS` days, the as-of day included."""
    return Counter(line.tier for line in took if 0 <= (as_of - line.service_on).days < PACE_DAYS)


def _run_out(lot: Lot, remaining: int, begin: dt.date, units: int) -> dt.date | None:
    """The day on which the last of `remaining` units goes when drawing begins after `begin`, `units` in `PACE_DAYS` days.

    None for a lot that is empty and for a tier that nobody drew from. Units that expire before are gone on that day.
    """
    if remaining <= 0 or units == 0:
        return None
    last_day = lot.expires_on or dt.date.max
    days = -(-remaining * PACE_DAYS // units)
    return min(last_day, begin + dt.timedelta(days=min(days, (dt.date.max - begin).days)))
