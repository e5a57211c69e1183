"""Drawing: which unit of which bulk purchase each charge drew, and what it cost the office (DESIGN §6, "Lots")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.contracts import DTYPES, LEDGER, LOT_OPENINGS
from pipeline.findings import Finding
from pipeline.lots.doubts import bought_later, exhausted, priced_oddly
from pipeline.lots.outlook import table
from pipeline.lots.stock import Line, Lot, Shelf, draws
from pipeline.lots.vendor import counted_otherwise
from pipeline.rates import first_day, rate_card
from pipeline.settings import Settings

_NO_OPENINGS = LOT_OPENINGS.empty()
# Originals before reversals: of one day the charges draw first, then the swaps for a dearer tier, then credits give units back.
_TURN = {"charge": 0, "adjustment": 1, "credit": 2, "memo": 3}


@dataclass(frozen=True, slots=True)
class Drawn:
    """The ledger with `lot_id` and `unit_cost_cents`, the LOTS table, and what could not be drawn."""

    ledger: pd.DataFrame
    lots: pd.DataFrame
    findings: tuple[Finding, ...]


def draw(ledger: pd.DataFrame, lot_rows: pd.DataFrame, settings: Settings, as_of: dt.date, openings: pd.DataFrame = _NO_OPENINGS) -> Drawn:
    """Draw one unit of a lot for each charge of `ledger` (LEDGER) that is not $0.00, and account for `lot_rows` (LOT_ROWS) as of `as_of`.

    In posting order (period and service_on; of one day charges, swaps, credits; then entry_id), from the lot that was bought first and
    has not expired on the day of service.
    A swap draws a dearer unit; the cheaper one was used up at the vendor when its certificate was issued, so it is free again only if
    its lot has `returns_on_refund`, as with a refund, else it stays drawn and the order has cost two units. What the agency is charged
    does not depend on that. `unit_cost_cents` (Int64 USD cents) is the unit's cost; on an adjustment it is that of the dearer unit less
    that of one given back for it, and on a credit whose vendor takes the unit back it is negative, so that the column sums to what the
    units drawn and not given back cost. Where no unit is left the charge stands without lot and cost, with a finding.
    `openings` (LOT_OPENINGS) says of lots bought before the first day that is charged how many units were left on that day; the units
    before these are drawn from the beginning, and their cost is in no entry.
    """
    lots, begin = sorted(_lots(lot_rows)), first_day(settings)
    unopened = _open(lots, openings, begin)
    open_lots: dict[str, list[Lot]] = {tier: [] for tier in settings.tiers}
    for lot in lots:
        if lot.free > 0:
            open_lots.setdefault(lot.tier, []).append(lot)
    shelf = Shelf(open_lots)
    lines = list(_lines(ledger))
    without = [line for line in lines if not shelf.post(line)]
    costs = [shelf.costs.get(entry_id, ("", None)) for entry_id in ledger["entry_id"].tolist()]
    drawn = ledger.assign(
        lot_id=pd.Series([lot_id for lot_id, _ in costs], index=ledger.index, dtype="str"),
        unit_cost_cents=pd.Series([cents for _, cents in costs], index=ledger.index, dtype=DTYPES["cents?"]),
    )
    findings = (
        *unopened,
        *bought_later(lots, as_of),
        *priced_oddly(lots, rate_card(settings)),
        *counted_otherwise(lots, begin, as_of),
        *exhausted(without, {lot.tier for lot in lots}),
    )
    return Drawn(LEDGER.check(drawn), table(lots, filter(draws, lines), settings, as_of), findings)


def _lots(lot_rows: pd.DataFrame) -> Iterator[Lot]:
    days = [_days(lot_rows[name]) for name in ("purchased_on", "units_expire_on", "vendor_remaining_on")]
    names = ("lot_id", "tier", "quantity", "total_cost_cents", "returns_on_refund", "vendor_remaining", "source")
    rows = zip(*days, *(lot_rows[name].tolist() for name in names), strict=True)
    for purchased_on, expires_on, counted_on, lot_id, tier, quantity, cost, returns, counted, source in rows:
        count = None if pd.isna(counted) else int(counted)
        yield Lot(purchased_on, lot_id, tier, quantity, cost, expires_on, returns, source, count, counted_on)


def _days(column: pd.Series[Any]) -> list[Any]:
    """A column of days as `datetime.date`, None where there is none."""
    days: list[Any] = column.to_numpy().astype("datetime64[D]").tolist()
    return days


def _open(lots: Iterable[Lot], openings: pd.DataFrame, begin: dt.date) -> list[Finding]:
    """Set each lot to what was left of it on `begin`; a finding for each line of `openings` that cannot be right."""
    known = {lot.lot_id: lot for lot in lots}
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
            lot.open_with(left)
            continue
        findings.append(
            Finding("entry-not-counted", reason, value=str(left if column == "units_left" else lot_id), column=column, source=source)
        )
    return findings


def _lines(ledger: pd.DataFrame) -> Iterator[Line]:
    """The entries in the order in which `draw` takes them."""
    order = ledger.assign(turn=ledger["kind"].map(_TURN)).sort_values(["period", "service_on", "turn", "entry_id"], kind="stable")
    days = _days(order["service_on"])
    names = ("entry_id", "kind", "tier", "amount_cents", "reverses", "amends", "source")
    columns = [order[name].tolist() for name in names]
    for day, entry_id, kind, tier, amount, reverses, amends, source in zip(days, *columns, strict=True):
        yield Line(entry_id, kind, tier, day, amount, reverses, amends, source)
