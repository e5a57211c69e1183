"""What is charged for each entry and order as the ledger stands, so that no decision takes off more than that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pandas as pd

from pipeline.calendar import dates


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is about: an order, one entry of it (`entry_id`), or nothing in particular.

    `agencies` are the codes that it was charged under, `billed_to` those that were invoiced.
    """

    order_id: str = ""
    entry_id: str = ""
    certificate: str = ""
    common_name: str = ""
    tier: str = ""
    agencies: frozenset[str] = frozenset()
    billed_to: frozenset[str] = frozenset()

    @property
    def said(self) -> str:
        """Its name in a sentence."""
        return f"entry {self.entry_id[:12]}" if self.entry_id else f"order {self.order_id}"


@dataclass(slots=True)
class _Entry:
    """An entry that charged something, or nothing: `left` is what of its amount was not taken back yet, in cents."""

    subject: Subject
    day: dt.date
    left: int


@dataclass(slots=True)
class _Order:
    """The entries of an order in posting order, and the cents that were taken off the order as a whole."""

    entries: list[_Entry] = field(default_factory=list)
    taken_off: int = 0

    def left(self, on: dt.date) -> int:
        return sum(entry.left for entry in self.entries if entry.day <= on) - self.taken_off


class InForce:
    """Which lines of the ledger (LEDGER) of closed and open months are in force: neither taken back, nor such that take one back.

    `ledger` holds them; decisions of `on_file` (ids) are left out, for they are about to be posted.
    """

    def __init__(self, ledger: pd.DataFrame, on_file: Collection[str] = ()) -> None:
        correcting = ledger[(ledger["takes_back"] != "") | (ledger["rebills"] != "")]
        named = correcting[["entry_id", "takes_back", "rebills"]].itertuples(index=False, name=None)
        self.taking_back: dict[str, str] = {}
        self.taken_back: set[str] = set()
        self._anew: dict[str, str] = {}
        for entry_id, takes_back, rebills in named:
            if takes_back:
                self.taking_back[entry_id] = takes_back
                self.taken_back.add(takes_back)
            else:
                self._anew[rebills] = entry_id
        stands = (ledger["takes_back"] == "") & ~ledger["entry_id"].isin(list(self.taken_back))
        stands &= ~((ledger["adjustment"] != "") & ledger["adjustment"].isin(list(on_file)))
        self.ledger = ledger[stands].assign(**{name: ledger.loc[stands, name].map(self.line) for name in ("reverses", "adjusts")})

    def line(self, entry_id: str) -> str:
        """The line that bills now what the line `entry_id` billed: where it was billed anew, the last that did."""
        name = entry_id.lower()
        while name in self._anew:
            name = self._anew[name]
        return name


class Standing:
    """A ledger (LEDGER), and the decisions that are posted to it one by one."""

    def __init__(self, ledger: pd.DataFrame) -> None:
        self._entries: dict[str, _Entry] = {}
        self._orders: dict[str, _Order] = {}
        names = ("entry_id", "order_id", "certificate", "common_name", "tier", "agency", "billed_to", "amount_cents", "reverses")
        more = ("decision", "adjusts")
        reversals, decided = [], []
        for day, *values in zip(dates(ledger["service_on"]), *(ledger[name].tolist() for name in (*names, *more)), strict=True):
            entry_id, order_id, certificate, common_name, tier, agency, billed_to, cents, reverses, decision, adjusts = values
            on = day or dt.date.max
            subject = Subject(order_id, entry_id, certificate, common_name, tier, frozenset({agency}), frozenset({billed_to}))
            if decision:
                decided.append((entry_id, replace(subject, entry_id=adjusts), agency, on, cents))
                continue
            self._add(subject, on, cents)
            if reverses:
                reversals.append((reverses, cents))
        for entry_id, cents in reversals:
            if entry_id in self._entries:  # a closed credit stands, though its charge was taken back
                self._entries[entry_id].left += cents
        for posted in decided:
            self.post(*posted)

    def _add(self, subject: Subject, day: dt.date, cents: int) -> None:
        """Note an entry; one that takes back or moves nothing leaves nothing to take off."""
        entry = _Entry(subject, day, max(cents, 0))
        self._entries[subject.entry_id] = entry
        if subject.order_id and cents >= 0:
            self._orders.setdefault(subject.order_id, _Order()).entries.append(entry)

    def entry(self, entry_id: str) -> Subject | None:
        """The entry with this name, None where there is none."""
        known = self._entries.get(entry_id.lower())
        return known.subject if known else None

    def order(self, order_id: str, on: dt.date) -> Subject | None:
        """The order with this number, None where it has no entry; tier, certificate and host are those of its last entry up to `on`."""
        known = self._orders.get(order_id)
        if known is None:
            return None
        by_then = [entry for entry in known.entries if entry.day <= on] or known.entries
        last = by_then[-1].subject
        agencies = frozenset().union(*(entry.subject.agencies for entry in known.entries))
        billed_to = frozenset().union(*(entry.subject.billed_to for entry in known.entries))
        return Subject(order_id, "", last.certificate, last.common_name, last.tier, agencies, billed_to)

    def left(self, subject: Subject, on: dt.date) -> int | None:
        """What can still be taken off, in cents: of the entry, and never more than of its order. None where nothing was charged by `on`."""
        order = self._orders.get(subject.order_id)
        entry = self._entries.get(subject.entry_id)
        concerned = [entry] if entry else order.entries if order else []
        if not any(one.day <= on for one in concerned):
            return None
        room = [entry.left] if entry else []
        room += [order.left(on)] if order else []
        return max(min(room), 0)

    def post(self, entry_id: str, subject: Subject, agency: str, on: dt.date, cents: int) -> None:
        """Post a decision: what it takes off is left no more, what it charges can be taken off later."""
        who = frozenset({agency})
        named = replace(subject, entry_id=entry_id, agencies=who, billed_to=who)
        if cents > 0:
            self._add(named, on, cents)
            return
        self._entries[entry_id] = _Entry(named, on, 0)
        if subject.entry_id in self._entries:
            self._entries[subject.entry_id].left += cents
        elif cents and subject.order_id in self._orders:
            self._orders[subject.order_id].taken_off -= cents
