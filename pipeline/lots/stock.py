"""A lot while units are drawn from it, and the shelf of all lots: which unit is free, and who holds which (DESIGN §6, "Lots")."""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple


class Unit(NamedTuple):
    """One unit of a lot, counted from 1. The units of a lot share its price to the cent, rounded half up: `cents` (DESIGN §6)."""

    lot: Lot
    number: int
    cents: int


@dataclass(slots=True, order=True)
class Lot:
    """A lot while units are drawn from it; lots sort by the order in which they are drawn."""

    purchased_on: dt.date
    lot_id: str
    tier: str = field(compare=False)
    quantity: int = field(compare=False)
    cost: int = field(compare=False)
    expires_on: dt.date | None = field(compare=False)
    returns: bool = field(compare=False)
    source: int = field(compare=False)
    counted: int | None = field(default=None, compare=False)
    counted_on: dt.date | None = field(default=None, compare=False)
    fresh: int = field(default=0, compare=False)
    given_back: list[int] = field(default_factory=list, compare=False)
    drawn: int = field(default=0, compare=False)
    returned: int = field(default=0, compare=False)
    drawn_cost: int = field(default=0, compare=False)
    before: int = field(default=0, compare=False)
    cost_before: int = field(default=0, compare=False)
    by_day: Counter[dt.date] = field(default_factory=Counter, compare=False)

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
        self.cost_before = self.drawn_cost = share(self, self.before)

    def expired(self, as_of: dt.date) -> int:
        """Units that nobody held when they expired, if that was by `as_of`."""
        return self.free if self.expires_on is not None and self.expires_on <= as_of else 0

    def left_on(self, day: dt.date) -> int:
        """Units that nobody held at the end of `day`, expired or not."""
        return self.quantity - self.before - sum(units for on, units in self.by_day.items() if on <= day)

    def take(self, day: dt.date) -> Unit:
        """Draw the free unit with the lowest number for `day`."""
        if self.given_back:
            number = heappop(self.given_back)
        else:
            self.fresh += 1
            number = self.fresh
        unit = Unit(self, number, share(self, number) - share(self, number - 1))
        self.drawn += 1
        self.by_day[day] += 1
        self.drawn_cost += unit.cents
        return unit

    def give_back(self, unit: Unit, day: dt.date) -> None:
        """Make `unit` free again at its own cost, from `day` on."""
        heappush(self.given_back, unit.number)
        self.by_day[day] -= 1
        self.returned += 1
        self.drawn_cost -= unit.cents


class Line(NamedTuple):
    """What a draw needs of a ledger entry. `pinned` is the lot that a line of a closed month drew from, '' for none; None while open."""

    entry_id: str
    kind: str
    tier: str
    service_on: dt.date
    amount: int
    reverses: str
    amends: str
    takes_back: str
    source: int
    pinned: str | None = None


@dataclass(slots=True)
class Shelf:
    """The lots of every tier that have a free unit, and who holds which unit.

    `held` is the unit of each charge, `root` the charge of each entry that asked for one, `costs` the lot and the cents of each entry,
    `paid_by` the entries of each charge whose costs add up to that of the unit it holds. `beneath` are the units that a swap left with
    the charge because their lot takes none back, each with the entries that paid for it. `credited` is the charge whose unit a credit
    gave back (`credits_of` counts them by charge), `redrawn` the line that drew a unit for a charge again because its credit was wrong,
    `undone` the charges that were taken back as wrong, `swapped` the unit that each swap in force gave back to its lot,
    `put_back` the swaps of a charge that were wrong and the lines that took them back,
    `drawn_since` the charges that a swap drew for after their credit, `credited_before` what each credit reversed that had not drawn yet.
    """

    open_lots: dict[str, list[Lot]]
    held: dict[str, Unit] = field(default_factory=dict)
    costs: dict[str, tuple[str, int]] = field(default_factory=dict)
    root: dict[str, str] = field(default_factory=dict)
    paid_by: dict[str, list[str]] = field(default_factory=dict)
    beneath: dict[str, list[tuple[Unit, list[str]]]] = field(default_factory=dict)
    credited: dict[str, str] = field(default_factory=dict)
    credits_of: Counter[str] = field(default_factory=Counter)
    redrawn: dict[str, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    swapped: dict[str, Unit] = field(default_factory=dict)
    put_back: dict[str, list[str]] = field(default_factory=dict)
    drawn_since: set[str] = field(default_factory=set)
    credited_before: dict[str, str] = field(default_factory=dict)

    def take(self, line: Line) -> Unit | None:
        """The next unit for `line`, None where no lot has one; a line of a closed month draws from the lot that it drew from then."""
        lots = self.open_lots.get(line.tier, [])
        for position, lot in enumerate(lots):
            if lot.serves(line.service_on) if line.pinned is None else lot.lot_id == line.pinned:
                unit = lot.take(line.service_on)
                if not lot.free:
                    del lots[position]
                return unit
        return None

    def give_back(self, unit: Unit, day: dt.date) -> None:
        """Put `unit` back on `day`; its lot can be drawn again."""
        if not unit.lot.free:
            insort(self.open_lots[unit.lot.tier], unit.lot)
        unit.lot.give_back(unit, day)

    def post(self, line: Line) -> bool:
        """Draw, swap or give back what `line` asks for; False where it asks for a unit and there is none."""
        if line.takes_back:
            return self._undo(line)
        if line.kind == "credit":
            self._credit(line)
            return True
        return self._draw(line) if draws(line) else True

    def _draw(self, line: Line) -> bool:
        charge = line.amends or line.entry_id
        self.root[line.entry_id] = charge
        unit = self.take(line)
        if unit is None:
            return False
        is_credited = self.credits_of[charge] > 0
        if is_credited:  # late items of June draw after August: the credit that this order has no more is taken back behind its upgrade
            self.drawn_since.add(charge)
        before = None if is_credited else self.held.get(charge)
        cents = unit.cents
        if before is not None and before.lot.returns:
            self.give_back(before, line.service_on)
            cents -= before.cents
            self.paid_by[charge].append(line.entry_id)
            self.swapped[line.entry_id] = before
        else:
            if before is not None:
                self.beneath.setdefault(charge, []).append((before, self.paid_by[charge]))
            self.paid_by[charge] = [line.entry_id]
        self.held[charge] = unit
        self.costs[line.entry_id] = (unit.lot.lot_id, cents)
        return True

    def _credit(self, line: Line) -> None:
        """Give back the unit of a charge that is credited, if its lot takes units back.

        A late item of June draws behind its own credit in July: what it paid for goes back with the credit of the charge.
        """
        charge = self.root.get(line.reverses, "")
        if not charge:
            self.credited_before[line.entry_id] = line.reverses
        unit = self.held.get(charge)
        if unit is None or not unit.lot.returns:
            return
        paid = [line.reverses] if line.reverses in self.paid_by[charge] else []
        if charge == line.reverses:
            before = set(self.credited_before.values())
            own = {charge, self.redrawn.get(charge, charge), *self.put_back.get(charge, ()), *before}
            paid = [entry_id for entry_id in self.paid_by[charge] if entry_id in own]
            self.paid_by[charge] = [entry_id for entry_id in self.paid_by[charge] if entry_id not in before]
        if paid:
            self.costs[line.entry_id] = (self.costs[paid[-1]][0], -sum(self.costs[entry_id][1] for entry_id in paid))
        if charge == line.reverses:
            self.give_back(unit, line.service_on)
            self.credited[line.entry_id] = charge
            self.credits_of[charge] += 1

    def _undo(self, line: Line) -> bool:
        """Take back what a closed line did that was wrong: its unit is free again, whatever the lot says of refunds, and that which a
        credit gave back is drawn again. False where none is left for that.
        """
        if line.takes_back in self.credited:
            return self._undo_credit(line)
        self.credited_before.pop(line.takes_back, None)
        charge = self.root.get(line.takes_back, "")
        unit = self.held.get(charge)
        is_held = unit is not None and charge not in self.undone and not self.credits_of[charge]
        if charge == line.takes_back:
            self.undone.add(charge)
        if unit is None or not is_held:
            return True
        units = [unit]
        if charge == line.takes_back:
            units += [one for one, _ in self.beneath.get(charge, ())]
        elif self.paid_by[charge][-1] != line.takes_back:
            return True
        elif line.takes_back in self.swapped:
            return self._swap_back(line, charge, unit)
        elif self.beneath.get(charge):
            self.held[charge], self.paid_by[charge] = self.beneath[charge].pop()
        else:
            del self.held[charge]
        for one in units:
            self.give_back(one, line.service_on)
        self.costs[line.entry_id] = (unit.lot.lot_id, -sum(one.cents for one in units))
        return True

    def _swap_back(self, line: Line, charge: str, unit: Unit) -> bool:
        """Give back the dearer unit of a swap that was wrong, and draw one of the tier that it had given back; False where none is left."""
        self.give_back(unit, line.service_on)
        again = self.take(line._replace(tier=self.swapped.pop(line.takes_back).lot.tier))
        if again is None:
            del self.held[charge]
            self.costs[line.entry_id] = (unit.lot.lot_id, -unit.cents)
            return False
        self.held[charge] = again
        self.paid_by[charge].append(line.entry_id)
        self.put_back.setdefault(charge, []).extend((line.takes_back, line.entry_id))
        self.costs[line.entry_id] = (again.lot.lot_id, again.cents - unit.cents)
        return True

    def _undo_credit(self, line: Line) -> bool:
        charge = self.credited.pop(line.takes_back)
        self.credits_of[charge] -= 1
        if charge in self.undone or charge in self.drawn_since:
            return True
        # Of an order that was upgraded, the credit of its charge gave back the dearer unit.
        unit = self.take(line._replace(tier=self.held[charge].lot.tier))
        if unit is None:
            del self.held[charge]
            return False
        self.held[charge], self.paid_by[charge], self.redrawn[charge] = unit, [line.entry_id], line.entry_id
        self.costs[line.entry_id] = (unit.lot.lot_id, unit.cents)
        return True


def draws(line: Line) -> bool:
    """Whether an entry draws a unit: a charge that is not free, or the swap into a dearer tier. A waiver or a memo does not."""
    return not line.takes_back and ((line.kind == "charge" and line.amount != 0) or (line.kind == "adjustment" and line.amends != ""))


def share(lot: Lot, units: int) -> int:
    """The price of the first `units` units of `lot` in cents, rounded half up."""
    return (2 * lot.cost * units + lot.quantity) // (2 * lot.quantity)
