"""Lots: which unit of which bulk purchase each charge drew, what it cost the office, and what is left (DESIGN §6, "Lots")."""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

import pandas as pd

from pipeline.contracts import DTYPES, LEDGER, LOT_OPENINGS, LOTS
from pipeline.findings import Finding
from pipeline.rates import first_day
from pipeline.settings import Settings

PACE_DAYS = 90
_NO_OPENINGS = LOT_OPENINGS.empty()
# Originals before reversals: of one day the charges draw first, then the swaps for a dearer tier, then credits give units back.
_TURN = {"charge": 0, "adjustment": 1, "credit": 2, "memo": 3}


@dataclass(frozen=True, slots=True)
class Drawn:
    """The ledger with `lot_id` and `unit_cost_cents`, the LOTS table, and what could not be drawn."""

    ledger: pd.DataFrame
    lots: pd.DataFrame
    findings: tuple[Finding, ...]


class _Unit(NamedTuple):
    lot: _Lot
    number: int

    @property
    def cents(self) -> int:
        """What this unit costs: the units of a lot share its price to the cent, rounded half up (DESIGN §6)."""
        return _share(self.lot, self.number) - _share(self.lot, self.number - 1)


class _Line(NamedTuple):
    """What a draw needs of a ledger entry."""

    entry_id: str
    kind: str
    tier: str
    service_on: dt.date
    amount: int
    reverses: str
    amends: str
    source: int


@dataclass(slots=True, order=True)
class _Lot:
    """A lot while units are drawn from it; lots sort by the order in which they are drawn."""

    purchased_on: dt.date
    lot_id: str
    tier: str = field(compare=False)
    quantity: int = field(compare=False)
    cost: int = field(compare=False)
    expires_on: dt.date | None = field(compare=False)
    returns: bool = field(compare=False)
    source: int = field(compare=False)
    fresh: int = field(default=0, compare=False)
    given_back: list[int] = field(default_factory=list, compare=False)
    drawn: int = field(default=0, compare=False)
    returned: int = field(default=0, compare=False)
    drawn_cost: int = field(default=0, compare=False)
    before: int = field(default=0, compare=False)
    cost_before: int = field(default=0, compare=False)

    @property
    def free(self) -> int:
        """Units that nobody holds."""
        return self.quantity - self.drawn + self.returned

    def serves(self, day: dt.date) -> bool:
        """Whether a unit can be drawn for `day`: bought by then and not expired."""
        return self.purchased_on <= day and (self.expires_on is None or day <= self.expires_on)

    def open_with(self, left: int) -> None:
        """Begin with `left` units: the first ones were drawn before these books begin, at their own cost."""
        self.before = self.fresh = self.drawn = self.quantity - left
        self.cost_before = self.drawn_cost = _share(self, self.before)

    def take(self) -> _Unit:
        """Draw the free unit with the lowest number."""
        if self.given_back:
            number = heappop(self.given_back)
        else:
            self.fresh += 1
            number = self.fresh
        unit = _Unit(self, number)
        self.drawn += 1
        self.drawn_cost += unit.cents
        return unit

    def give_back(self, unit: _Unit) -> None:
        """Make `unit` free again at its own cost."""
        heappush(self.given_back, unit.number)
        self.returned += 1
        self.drawn_cost -= unit.cents


@dataclass(slots=True)
class _Shelf:
    """The lots of every tier that have a free unit, and who holds which unit.

    `held` is the unit of each charge, `root` the charge of each entry that asked for one, `costs` the lot and the cents of each entry,
    `paid_by` the entries of each charge whose costs add up to that of the unit it holds.
    """

    open_lots: dict[str, list[_Lot]]
    held: dict[str, _Unit] = field(default_factory=dict)
    costs: dict[str, tuple[str, int]] = field(default_factory=dict)
    root: dict[str, str] = field(default_factory=dict)
    paid_by: dict[str, list[str]] = field(default_factory=dict)

    def take(self, tier: str, day: dt.date) -> _Unit | None:
        """The next unit of `tier` for `day`, None where no lot has one."""
        lots = self.open_lots.get(tier, [])
        for position, lot in enumerate(lots):
            if lot.serves(day):
                unit = lot.take()
                if not lot.free:
                    del lots[position]
                return unit
        return None

    def give_back(self, unit: _Unit) -> None:
        """Put `unit` back; its lot can be drawn again."""
        if not unit.lot.free:
            insort(self.open_lots[unit.lot.tier], unit.lot)
        unit.lot.give_back(unit)

    def post(self, line: _Line) -> bool:
        """Draw, swap or give back what `line` asks for; False where it asks for a unit and there is none."""
        if line.kind == "credit":
            self._credit(line)
            return True
        if not _draws(line):
            return True
        charge = line.amends or line.entry_id
        self.root[line.entry_id] = charge
        unit = self.take(line.tier, line.service_on)
        if unit is None:
            return False
        before = self.held.get(charge)
        cents = unit.cents
        if before is not None and before.lot.returns:
            self.give_back(before)
            cents -= before.cents
            self.paid_by[charge].append(line.entry_id)
        else:
            self.paid_by[charge] = [line.entry_id]
        self.held[charge] = unit
        self.costs[line.entry_id] = (unit.lot.lot_id, cents)
        return True

    def _credit(self, line: _Line) -> None:
        charge = self.root.get(line.reverses, "")
        unit = self.held.get(charge)
        if unit is None or not unit.lot.returns:
            return
        if line.reverses in self.paid_by[charge]:
            lot_id, cents = self.costs[line.reverses]
            self.costs[line.entry_id] = (lot_id, -cents)
        if charge == line.reverses:
            self.give_back(unit)


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
    lots = sorted(_lots(lot_rows))
    unopened = _open(lots, openings, first_day(settings))
    open_lots: dict[str, list[_Lot]] = {tier: [] for tier in settings.tiers}
    for lot in lots:
        if lot.free > 0:
            open_lots.setdefault(lot.tier, []).append(lot)
    shelf = _Shelf(open_lots)
    lines = list(_lines(ledger))
    without = [line for line in lines if not shelf.post(line)]
    costs = [shelf.costs.get(entry_id, ("", None)) for entry_id in ledger["entry_id"].tolist()]
    drawn = ledger.assign(
        lot_id=pd.Series([lot_id for lot_id, _ in costs], index=ledger.index, dtype="str"),
        unit_cost_cents=pd.Series([cents for _, cents in costs], index=ledger.index, dtype=DTYPES["cents?"]),
    )
    pace = _pace((line for line in lines if line.entry_id in shelf.costs and _draws(line)), as_of)
    findings = (*unopened, *_bought_later(lots, as_of), *_exhausted(without, {lot.tier for lot in lots}))
    return Drawn(LEDGER.check(drawn), _table(lots, pace, as_of), findings)


def _draws(line: _Line) -> bool:
    """Whether an entry draws a unit: a charge that is not free, or the swap into a dearer tier. A waiver or a memo does not."""
    return (line.kind == "charge" and line.amount != 0) or (line.kind == "adjustment" and line.amends != "")


def _lots(lot_rows: pd.DataFrame) -> Iterator[_Lot]:
    names = ["purchased_on", "lot_id", "tier", "quantity", "total_cost_cents", "units_expire_on", "returns_on_refund", "source"]
    for row in lot_rows[names].itertuples(index=False, name=None):
        purchased_on, lot_id, tier, quantity, cost, expires_on, returns, source = row
        expires = None if pd.isna(expires_on) else expires_on.date()
        yield _Lot(purchased_on.date(), lot_id, tier, int(quantity), int(cost), expires, bool(returns), int(source))


def _open(lots: Iterable[_Lot], openings: pd.DataFrame, begin: dt.date) -> list[Finding]:
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


def _lines(ledger: pd.DataFrame) -> Iterator[_Line]:
    """The entries in the order in which `draw` takes them."""
    order = ledger.assign(turn=ledger["kind"].map(_TURN)).sort_values(["period", "service_on", "turn", "entry_id"], kind="stable")
    days = order["service_on"].to_numpy().astype("datetime64[D]").tolist()
    names = ("entry_id", "kind", "tier", "amount_cents", "reverses", "amends", "source")
    columns = [order[name].tolist() for name in names]
    for day, entry_id, kind, tier, amount, reverses, amends, source in zip(days, *columns, strict=True):
        yield _Line(entry_id, kind, tier, day, amount, reverses, amends, source)


def _share(lot: _Lot, units: int) -> int:
    """The price of the first `units` units of `lot` in cents, rounded half up."""
    return (2 * lot.cost * units + lot.quantity) // (2 * lot.quantity)


def _pace(draws: Iterable[_Line], as_of: dt.date) -> Counter[str]:
    """Units drawn per tier for the last `PACE_DAYS` days, the as-of day included."""
    return Counter(line.tier for line in draws if 0 <= (as_of - line.service_on).days < PACE_DAYS)


def _table(lots: Iterable[_Lot], pace: Counter[str], as_of: dt.date) -> pd.DataFrame:
    rows = []
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


def _run_out(lot: _Lot, remaining: int, begin: dt.date, units: int) -> dt.date | None:
    """The day on which the last of `remaining` units goes when drawing begins after `begin`, `units` in `PACE_DAYS` days.

    None for a lot that is empty and for a tier that nobody drew from. Units that expire before are gone on that day.
    """
    if remaining <= 0 or units == 0:
        return None
    last_day = lot.expires_on or dt.date.max
    days = -(-remaining * PACE_DAYS // units)
    return min(last_day, begin + dt.timedelta(days=min(days, (dt.date.max - begin).days)))


def _bought_later(lots: Iterable[_Lot], as_of: dt.date) -> list[Finding]:
    return [
        Finding(
            "future-stamp",
            f"The lot was purchased on {lot.purchased_on}, after the as-of day {as_of}; nothing is drawn from it.",
            value=str(lot.purchased_on),
            column="purchased_on",
            source=lot.source,
        )
        for lot in lots
        if lot.purchased_on > as_of
    ]


def _exhausted(without: Iterable[_Line], tiers_with_lots: set[str]) -> list[Finding]:
    """A finding for each charge that found its lots empty; a single one for a tier of which no lot was ever entered."""
    findings = []
    never_bought: dict[str, list[_Line]] = {}
    for line in without:
        if line.tier not in tiers_with_lots:
            never_bought.setdefault(line.tier, []).append(line)
            continue
        reason = f"No lot of tier {line.tier} had a unit on {line.service_on}; the charge stands, its unit cost is not known."
        findings.append(Finding("lot-exhausted", reason, value=line.tier, column="tier", source=line.source))
    for tier, lines in sorted(never_bought.items()):
        charges = "1 charge" if len(lines) == 1 else f"{len(lines):,} charges"
        reason = f"No lot of tier {tier} is entered, so the unit cost of {charges} is not known, from {lines[0].service_on} on."
        findings.append(Finding("lot-exhausted", reason, value=tier, column="tier", source=lines[0].source))
    return findings
