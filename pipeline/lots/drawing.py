"""Drawing: which unit of which bulk purchase each charge drew, and what it cost the office (DESIGN §6, "Lots")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.among import among
from pipeline.contracts import DTYPES, LEDGER, LOT_OPENINGS, Closed
from pipeline.findings import Finding
from pipeline.handovers import drawer, handovers
from pipeline.lots.as_closed import as_closed
from pipeline.lots.doubts import bought_later, closed_without, exhausted, priced_oddly
from pipeline.lots.openings import open_lots
from pipeline.lots.outlook import table
from pipeline.lots.stock import Line, Lot, Shelf, draws
from pipeline.lots.vendor import counted_otherwise
from pipeline.rates import first_day, rate_card
from pipeline.settings import Settings

_NO_OPENINGS = LOT_OPENINGS.empty()
_NOTHING_CLOSED = Closed()
# Originals before reversals: of one day the charges draw first, then the swaps for a dearer tier, then credits give units back.
_TURN = {"charge": 0, "adjustment": 1, "credit": 2, "memo": 3}


@dataclass(frozen=True, slots=True)
class Drawn:
    """The ledger with `lot_id` and `unit_cost_cents`, the LOTS table, and what could not be drawn."""

    ledger: pd.DataFrame
    lots: pd.DataFrame
    findings: tuple[Finding, ...]


def draw(
    ledger: pd.DataFrame,
    lot_rows: pd.DataFrame,
    settings: Settings,
    as_of: dt.date,
    openings: pd.DataFrame = _NO_OPENINGS,
    closed: Closed = _NOTHING_CLOSED,
) -> Drawn:
    """Draw one unit of a lot for each charge of `ledger` (LEDGER) that is not $0.00, and account for `lot_rows` (LOT_ROWS) as of `as_of`.

    In posting order (period, as `calendar.posting_turn` has it, and service_on; of one day charges, swaps, credits; then entry_id), what
    takes closed lines back before the rest of its month, from the lot that was bought first and has not expired on the day of service.
    A swap draws a dearer unit; the cheaper one was used up at the vendor when its certificate was issued, so it is free again only if
    its lot has `returns_on_refund`, as with a refund, else it stays drawn and the order has cost two units. What the agency is charged
    does not depend on that. `unit_cost_cents` (Int64 USD cents) is the unit's cost; on an adjustment it is that of the dearer unit less
    that of one given back for it, and on a credit whose vendor takes the unit back it is negative, so that the column sums to what the
    units drawn and not given back cost. Where no unit is left the charge stands without lot and cost, with a finding, and once
    its month is closed with a warning: a lot that is entered then changes no closed month.
    `openings` (LOT_OPENINGS) says of lots bought before the first day that is charged how many units were left on that day; the units
    before these are drawn from the beginning, and their cost is in no entry; of a lot that closed months drew from it stays as they had it.
    What `closed` months drew stands: each of their lines draws from the lot that it drew from then, and a lot that they drew from is as
    it was then, whatever its file says now. A line that takes a closed one back gives its unit back, unless another line bills it anew in
    the same tier: then that line goes on with the unit, at no further cost.
    """
    rows, changed = as_closed(lot_rows, closed.lots_drawn_from)
    lots, begin = sorted(_lots(rows)), first_day(settings)
    about_openings = open_lots(lots, openings, begin, closed)
    with_free: dict[str, list[Lot]] = {tier: [] for tier in settings.tiers}
    for lot in lots:
        if lot.free > 0:
            with_free.setdefault(lot.tier, []).append(lot)
    shelf = Shelf(with_free)
    is_closed = among(ledger["entry_id"], closed.ledger["entry_id"])
    goes_on = handovers(ledger)
    lines = list(_lines(ledger.assign(is_closed=is_closed), goes_on))
    without = [line for line in lines if not shelf.post(line)]
    taken_back = {line.takes_back for line in lines}
    for entry_id in goes_on:
        lot_id, _ = shelf.costs.get(drawer(entry_id, goes_on), ("", None))
        shelf.costs |= {entry_id: (lot_id, 0)} if lot_id else {}
    costs = [shelf.costs.get(entry_id, ("", None)) for entry_id in ledger["entry_id"].tolist()]
    lot_ids = pd.Series([lot_id for lot_id, _ in costs], index=ledger.index, dtype="str")
    cents = pd.Series([cents for _, cents in costs], index=ledger.index, dtype=DTYPES["cents?"])
    drawn = ledger.assign(
        lot_id=lot_ids.where(~is_closed, ledger["lot_id"]), unit_cost_cents=cents.where(~is_closed, ledger["unit_cost_cents"])
    )
    findings = (
        *changed,
        *about_openings,
        *bought_later(lots, as_of),
        *priced_oddly(lots, rate_card(settings)),
        *counted_otherwise(lots, begin, as_of),
        *exhausted((line for line in without if line.pinned is None), {lot.tier for lot in lots}),
        *closed_without(line for line in without if line.pinned is not None and line.entry_id not in taken_back),
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


def _lines(ledger: pd.DataFrame, goes_on: Mapping[str, str]) -> Iterator[Line]:
    """The entries in the order in which `draw` takes them, `ledger` with the column `is_closed`; without those that hand a unit over, and
    without free reissues, which ask for none."""
    names = ("entry_id", "kind", "tier", "amount_cents", "reverses", "amends", "takes_back", "source", "lot_id", "is_closed")
    asks_for_none = (ledger["kind"] == "charge") & (ledger["amount_cents"] == 0) & (ledger["takes_back"] == "")
    order = ledger.loc[~asks_for_none, ["period", "service_on", *names]]
    turns = {period: turn for turn, period in enumerate(sorted(order["period"].unique(), key=calendar.posting_turn))}
    turn = order["kind"].map(_TURN)
    # What was wrong is undone before a month draws: charges, then what changed them.
    undone = turn.where(order["takes_back"] != "", len(_TURN))
    order = order.assign(month=order["period"].map(turns), undone=undone, turn=turn)
    order = order.sort_values(["month", "undone", "service_on", "turn", "entry_id"], kind="stable")
    days = _days(order["service_on"])
    columns = [order[name].tolist() for name in names]
    handed_over = set(goes_on.values())
    for day, entry_id, kind, tier, amount, reverses, amends, taken, source, lot_id, is_closed in zip(days, *columns, strict=True):
        if entry_id not in goes_on and taken not in handed_over:
            told = drawer(reverses, goes_on), drawer(amends, goes_on), drawer(taken, goes_on)
            yield Line(entry_id, kind, tier, day, amount, *told, source, lot_id if is_closed else None)
