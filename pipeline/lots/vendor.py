"""The vendor's own count of a lot beside ours on the same day, and what a difference tells to look for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from pipeline.findings import Finding
from pipeline.lots.stock import Lot


def left_here(lot: Lot, begin: dt.date, as_of: dt.date) -> int | None:
    """Units left of `lot` by these books, which begin on `begin`, at the end of the day of the vendor's count.

    None where there is no such count, where it cannot be compared, and once the units have expired: some vendors then count them, some
    do not.
    """
    if lot.counted is None or lot.counted_on is None or _obstacle(lot, begin, as_of):
        return None
    return None if lot.expired(lot.counted_on) else lot.left_on(lot.counted_on)


def counted_otherwise(lots: Sequence[Lot], begin: dt.date, as_of: dt.date) -> list[Finding]:
    """A finding for each lot of which the vendor counts more or fewer units, and for each count that cannot be compared."""
    findings = []
    differences: Counter[str] = Counter()
    for lot in lots:
        ours = left_here(lot, begin, as_of)
        if ours is not None and lot.counted is not None:
            differences[lot.tier] += lot.counted - ours
    for lot in lots:
        if obstacle := _obstacle(lot, begin, as_of):
            findings.append(_finding("lot-count-not-compared", obstacle, lot))
        elif (ours := left_here(lot, begin, as_of)) is not None and ours != lot.counted:
            findings.append(_finding("lot-count-differs", _difference(lot, ours, agrees_over_all=not differences[lot.tier]), lot))
    return findings


def _finding(code: str, reason: str, lot: Lot) -> Finding:
    return Finding(code, reason, value="" if lot.counted is None else str(lot.counted), column="vendor_remaining", source=lot.source)


def _obstacle(lot: Lot, begin: dt.date, as_of: dt.date) -> str:
    """Why the vendor's count cannot be compared with ours; '' where it can be, and where there is none."""
    day = lot.counted_on
    if lot.counted is None:
        return f"Lot {lot.lot_id} has a day of the vendor's count, {day}, and no count." if day else ""
    if day is None:
        return f"The vendor counts {_units(lot.counted)} left of lot {lot.lot_id}, and no day says when."
    if day > as_of:
        return f"The vendor's count of lot {lot.lot_id} is of {day}, after the as-of day {as_of}."
    if day < lot.purchased_on:
        return f"The vendor's count of lot {lot.lot_id} is of {day}, before the lot was bought on {lot.purchased_on}."
    if day < begin:
        return f"The vendor's count of lot {lot.lot_id} is of {day}, and these books begin on {begin}: they cannot tell what was left then."
    return ""


def _difference(lot: Lot, ours: int, *, agrees_over_all: bool) -> str:
    """How the two counts differ, and where to look first."""
    counted, day, drawn_that_day = lot.counted or 0, lot.counted_on or dt.date.min, lot.by_day[lot.counted_on or dt.date.min]
    told = f"The vendor counts {_units(counted)} left of lot {lot.lot_id} on {day}, these books {ours:,}:"
    if agrees_over_all:
        return f"{told} over all lots of tier {lot.tier} both count the same, so the vendor only draws from them in another order."
    if counted < ours:
        more = " a refunded unit that the vendor has not given back," if lot.returned else ""
        told += f" the vendor used {_units(ours - counted)} that no charge drew. Look for a certificate that no billing export tells of,"
        told += f" one that waits for its agency or tier,{more} or a reissue that took a unit."
    else:
        more = "" if lot.returns else " a refunded unit that the vendor gave back (then returns_on_refund is yes),"
        told += f" charges drew {_units(counted - ours)} that the vendor did not use. Look for a certificate charged twice,{more}"
        told += " or one of another lot or vendor."
    if min(0, drawn_that_day) <= counted - ours <= max(0, drawn_that_day):
        told += " A count taken earlier on that day would agree."
    return told


def _units(number: int) -> str:
    return "1 unit" if number == 1 else f"{number:,} units"
