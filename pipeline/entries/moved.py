"""What corrections move in the books: the ledger with them against the ledger without them, and who entered what moved it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.contracts import AT_STAKE, ByHand, Stage
from pipeline.entries.corrections import Change
from pipeline.findings import Finding
from pipeline.money import dollars

_CODE = "charge-corrected"
_MOVE_NO_MONEY = ("contact_email", "server_software")
_MOST_NAMED = 5

Node = tuple[str, str]
Amounts = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The books as one reading makes them: LEDGER; EXPORT_ROWS; and the `certificate` that each of these (`source`) tells of."""

    ledger: pd.DataFrame
    export_rows: pd.DataFrame
    told_by: pd.DataFrame


@dataclass(slots=True)
class _Moved:
    """What belongs together: the corrections of some rows, and by how much, by who is billed and in which month, their orders differ."""

    changes: list[Change] = field(default_factory=list)
    amounts: Amounts = field(default_factory=Counter)
    names: set[tuple[bool, str]] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class MoneyMoved(Stage):
    """What corrections move: AT_STAKE and its findings, and of each ledger entry that would bill otherwise without them how, and why."""

    by_hand: Mapping[str, ByHand] = field(default_factory=dict)


def money_moved(changes: Sequence[Change], as_read: Reading, corrected: Reading, starts: int) -> MoneyMoved:
    """AT_STAKE and a `charge-corrected` for each order, or orders that a correction joins or parts, of which another amount is charged
    because of `changes` than without them; a warning where somebody is charged less. `starts` is the first month of a fiscal year.

    Which correction moved what the orders tell that the corrected rows are of, before and after. What moves in an order that nobody
    corrected (without numbers orders are told apart by agency and tier) is told with all corrections together.
    """
    changes = [change for change in changes if change.line.column not in _MOVE_NO_MONEY]
    found = [one for one in _together(changes, as_read, corrected) if any(one.amounts.values())]
    found.sort(key=lambda one: min(change.source for change in one.changes))
    return MoneyMoved(AT_STAKE.frame(map(_at_stake, found)), tuple(_finding(one, starts) for one in found), _by_hand(found, as_read.ledger))


def _by_hand(found: Iterable[_Moved], ledger: pd.DataFrame) -> dict[str, ByHand]:
    """Of the entries of `ledger`, as it is without corrections, those that these moved."""
    of_entry = {entry_id: one for one in found for entry_id in one.entries}
    rows = ledger.loc[ledger["entry_id"].isin(list(of_entry)), ["entry_id", "agency", "tier", "amount_cents"]]
    told = {}
    for entry_id, agency, tier, cents in rows.itertuples(index=False, name=None):
        lines = sorted({change.line for change in of_entry[entry_id].changes})
        reasons, names = ([*dict.fromkeys(texts)] for texts in ([one.reason for one in lines], [one.by for one in lines]))
        told[entry_id] = ByHand(agency, tier, cents, "; ".join(reasons), ", ".join(names), lines[-1].on.date())
    return told


def _together(changes: Sequence[Change], as_read: Reading, corrected: Reading) -> list[_Moved]:
    """What the corrections moved, by the orders that they are about."""
    entries = list(_differing(as_read, corrected))
    links = _Links()
    for reading in (as_read, corrected):
        for nodes in _nodes_of_rows(reading, {change.source for change in changes}):
            links.join(nodes)
    for nodes, *_ in entries:
        links.join(nodes)
    by_leader: dict[Node, _Moved] = {}
    for change in changes:
        by_leader.setdefault(links.leader(("row", str(change.source))), _Moved()).changes.append(change)
    beside = _Moved(list(changes))
    for nodes, amounts, name, entry_id in entries:
        one = by_leader.get(links.leader(nodes[0]), beside)
        one.amounts.update(amounts)
        one.names.add(name)
        one.entries.add(entry_id)
    return [*by_leader.values(), beside]


def _nodes_of_rows(reading: Reading, sources: set[int]) -> Iterator[list[Node]]:
    """Of each corrected row: itself, its order and its certificate."""
    rows = reading.export_rows[reading.export_rows["source"].isin(list(sources))][["source", "order_id"]]
    for source, order, certificate in rows.merge(reading.told_by, on="source", how="left").itertuples(index=False, name=None):
        yield _nodes(source, order, "" if pd.isna(certificate) else certificate)


def _differing(as_read: Reading, corrected: Reading) -> Iterator[tuple[list[Node], Amounts, tuple[bool, str], str]]:
    """Each ledger entry that only one of the two has: what it belongs to, what it adds to whose bill of which month, what is charged (the
    order, or where it has no number, False, the name of the certificate), and its own name."""
    before, after = _entries(as_read.ledger), _entries(corrected.ledger)
    for sign, own, other in ((-1, before, after), (1, after, before)):
        for key in sorted(own.keys() - other.keys()):
            entry_id, billed_to, period, cents = key
            source, order, certificate, common_name = own[key]
            name = (True, order) if order else (False, common_name or certificate)
            yield _nodes(source, order, certificate), Counter({(billed_to, period): sign * cents}), name, entry_id


def _entries(ledger: pd.DataFrame) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    keys = zip(*(ledger[name].tolist() for name in ("entry_id", "billed_to", "period", "amount_cents")), strict=True)
    about = zip(*(ledger[name].tolist() for name in ("source", "order_id", "certificate", "common_name")), strict=True)
    return dict(zip(keys, about, strict=True))


def _nodes(source: int, order: str, certificate: str) -> list[Node]:
    nodes = (("row", str(source)), ("order", order), ("certificate", certificate))
    return [(kind, name) for kind, name in nodes if name]


class _Links:
    """Rows, orders and certificates that belong together."""

    def __init__(self) -> None:
        self._above: dict[Node, Node] = {}

    def leader(self, node: Node) -> Node:
        while (above := self._above.get(node, node)) != node:
            node = above
        return node

    def join(self, nodes: Sequence[Node]) -> None:
        leaders = sorted({self.leader(node) for node in nodes})
        for one in leaders[1:]:
            self._above[one] = leaders[0]


def _sums(one: _Moved) -> Mapping[str, int]:
    """By how many cents the bills of each agency differ, all months together."""
    sums: Counter[str] = Counter()
    for (billed_to, _), cents in one.amounts.items():
        sums[billed_to] += cents
    return sums


def _at_stake(one: _Moved) -> dict[str, Any]:
    sums = _sums(one).values()
    return {
        "code": _CODE,
        "less_cents": -sum(cents for cents in sums if cents < 0),
        "more_cents": sum(cents for cents in sums if cents > 0),
        "by": ", ".join(sorted({change.line.by for change in one.changes})),
        "source": min(change.source for change in one.changes),
    }


def _finding(one: _Moved, starts: int) -> Finding:
    less = [_amount(*place, cents, starts) for place, cents in sorted(one.amounts.items()) if cents < 0]
    more = [_amount(*place, cents, starts) for place, cents in sorted(one.amounts.items()) if cents > 0]
    moves = [f"{said}: {_listed(amounts)}" for said, amounts in (("charged less", less), ("charged more", more)) if amounts]
    sentence = "; ".join(moves)
    first = min(one.changes, key=lambda change: (change.source, change.line))
    told = dict.fromkeys(change.told for change in one.changes)
    reason = f"{sentence[:1].upper()}{sentence[1:]}, for {_named(one.names)}. Corrected {_listed(list(told), '; ')}."
    falls = any(cents < 0 for cents in _sums(one).values())
    return Finding(_CODE, reason, value=first.was, column=first.line.column, source=first.source, severity="warning" if falls else "note")


def _amount(billed_to: str, period: str, cents: int, starts: int) -> str:
    return f"{dollars(abs(cents))} to {billed_to} in {calendar.period_title(period, starts)}"


def _named(names: Iterable[tuple[bool, str]]) -> str:
    numbers, others = ([name for is_order, name in sorted(names) if is_order is wanted] for wanted in (True, False))
    orders = [f"order{'' if len(numbers) == 1 else 's'} {_listed(numbers)}"] if numbers else []
    return " and ".join([*orders, *([_listed(others)] if others else [])])


def _listed(texts: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(texts) - _MOST_NAMED:,} more" if len(texts) > _MOST_NAMED else ""
    return f"{between.join(texts[:_MOST_NAMED])}{more}"
