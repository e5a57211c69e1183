"""How many units of a lot were left when these books began, and lines about that which read otherwise than closed months had them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import pandas as pd

from pipeline.contracts import Closed
from pipeline.findings import Finding
from pipeline.lots.stock import Lot

_CODE, _FILE = "closed-opening-changed", "entries/lot_openings.csv"


def open_lots(lots: Iterable[Lot], openings: pd.DataFrame, begin: dt.date, closed: Closed) -> list[Finding]:
    """Set each lot to what was left of it on `begin`: as `openings` (LOT_OPENINGS) say, but a lot that `closed` months drew from as they
    had it. A finding for each line that cannot be right, and for each lot of which the newest close had another number left."""
    known = {lot.lot_id: lot for lot in lots}
    stands = {row["lot_id"]: row["quantity"] - row["drawn_before"] for row in closed.lots_drawn_from.to_dict("records")}
    told: dict[str, tuple[int, int]] = {}
    findings = []
    for lot_id, left, source in zip(*(openings[name].tolist() for name in ("lot_id", "units_left", "source")), strict=True):
        lot = known.get(lot_id)
        reason, column = "", "lot_id"
        if lot is None:
            reason = f"No lot has the number {lot_id}; write it as data/inbox/lots does."
        elif lot.purchased_on >= begin:
            reason = f"Lot {lot_id} was bought on {lot.purchased_on}, and these books begin on {begin}: all its units are drawn in them."
        elif left > lot.quantity:
            reason, column = f"Lot {lot_id} has {lot.quantity:,} units, so {left:,} cannot be left of it.", "units_left"
        else:
            told[lot_id] = left, source
            continue
        findings.append(
            Finding("entry-not-counted", reason, value=str(left if column == "units_left" else lot_id), column=column, source=source)
        )
    for lot_id, left in ({lot_id: left for lot_id, (left, _) in told.items()} | stands).items():
        if lot_id in known:
            known[lot_id].open_with(left)
    return [*findings, *_changed(known, told, closed)]


def _changed(known: dict[str, Lot], told: dict[str, tuple[int, int]], closed: Closed) -> Iterator[Finding]:
    """`closed-opening-changed` for each lot of which the newest close had another number of units left than `told`, its line now."""
    drawn_from = set(closed.lots_drawn_from["lot_id"])
    for lot_id, quantity, before in closed.lots[["lot_id", "quantity", "drawn_before"]].itertuples(index=False, name=None):
        if lot_id not in known or (before == 0 if lot_id not in told else told[lot_id][0] == quantity - before):
            continue
        then = quantity - before
        stands = lot_id in drawn_from
        used = f"closed months drew from it with {then:,} left" if stands else f"the newest close has {then:,}"
        by = "these books go on with that" if stands else "no closed month drew from it, so these books go by the file"
        if lot_id in told:
            left, source = told[lot_id]
            units = "1 unit of lot {} was" if left == 1 else f"{left:,} units of lot {{}} were"
            reason = f"lot_openings.csv says that {units.format(lot_id)} left when these books began, but {used}; {by}."
            yield Finding(_CODE, reason, value=str(left), column="units_left", source=source, severity="error" if stands else None)
        else:
            reason = f"lot_openings.csv has no line of lot {lot_id} any more that counts, but {used}; {by}."
            yield Finding(_CODE, reason, value=lot_id, column="lot_id", file=_FILE, severity="error" if stands else None)
