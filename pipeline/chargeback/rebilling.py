"""What the books of the day say otherwise than the closed months: which lines are taken back, which are billed anew, which are late.

Originals are matched by name first. A line whose name changed, because an order number came or went, is known by its certificate, so
that evidence that arrives later never bills again (DESIGN §6, "Charges" and "Close").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.chargeback.chains import Chains, Line
from pipeline.money import dollars

_NOT_POSTED = "the decision cannot stand any more; the finding adjustment-not-posted says why"


class TakenBack(NamedTuple):
    """A closed line that is taken back, and why."""

    line: Line
    why: str


class Billed(NamedTuple):
    """A line of the day that is not closed yet: the name it is posted under, and the closed line that it bills anew, if it does."""

    line: Line
    entry_id: str
    rebills: Line | None = None


@dataclass(slots=True)
class Rebilling:
    """What is to be posted beside the closed lines.

    `known_as` gives the name in these books of each line of the day that goes by another there; `standing` are closed lines that
    nothing of the day speaks of any more: they stand.
    """

    taken_back: list[TakenBack] = field(default_factory=list)
    billed: list[Billed] = field(default_factory=list)
    known_as: dict[str, str] = field(default_factory=dict)
    standing: list[Line] = field(default_factory=list)


def rebill(today: Sequence[Line], chains: Chains, adjustments: Collection[str] = (), from_closed: Collection[str] = ()) -> Rebilling:
    """Compare the lines that the books of the day hold, were nothing closed, with the `chains` of the closed lines.

    `adjustments` are the ids of the decisions that the day knows, posted today or not; `from_closed` names the certificates, and the
    decisions by their ids, that it knows from closed months only.
    """
    found = Rebilling()
    told_of: set[str] = set()
    fresh: list[Line] = []
    for line in today:
        first = chains.first(line.entry_id)
        if first is None:
            fresh.append(line)
        else:
            told_of.add(first)
            _compare(line, first, chains, found)
    left = [line for line in chains.standing() if chains.first(line.entry_id) not in told_of]
    fresh, left = _under_another_name(fresh, left, found) if left else (fresh, left)
    billed = {name for line in today if not line.decision for name in line.names} if left else set()
    found.taken_back.extend(TakenBack(line, _NOT_POSTED) for line in left if line.adjustment in adjustments and line.is_about_money)
    replaced = _billed_otherwise(fresh, left, billed, chains, found)
    found.billed.extend(Billed(line, line.entry_id, replaced.get(line.entry_id)) for line in fresh)
    gone = {taken.line.entry_id for taken in found.taken_back}
    untold = {found.known_as.get(line.entry_id) for line in today if line.certificate in from_closed or line.adjustment in from_closed}
    stands = untold | {line.entry_id for line in left if line.entry_id not in gone}
    found.standing = [line for line in chains.standing() if line.entry_id in stands]
    return found


def _compare(line: Line, first: str, chains: Chains, found: Rebilling) -> None:
    """A line of the day with the last line of its chain."""
    last = chains.last(first)
    if chains.stands(first) and line.bills_like(last):
        found.known_as[line.entry_id] = last.entry_id
        return
    if chains.stands(first):
        found.taken_back.append(TakenBack(last, _difference(last, line)))
    elif not line.is_about_money:
        found.known_as[line.entry_id] = last.entry_id
        return
    name = chains.next_name(first)
    found.known_as[line.entry_id] = name
    found.billed.append(Billed(line, name, last))


def _under_another_name(fresh: list[Line], left: list[Line], found: Rebilling) -> tuple[list[Line], list[Line]]:
    """Take out the pairs of a new and a closed line that bill the same for the same certificate: one line, whose name changed."""
    known: defaultdict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in fresh:
        for name in line.names:
            known[line.kind, *name].append(line)
    paired: set[str] = set()
    for line in left:
        candidates = (one for name in sorted(line.names) for one in known[line.kind, *name])
        by_rule = (one for one in candidates if not line.decision and not one.decision)
        twin = next((one for one in by_rule if one.entry_id not in paired and one.bills_like(line)), None)
        if twin is not None:
            paired |= {twin.entry_id, line.entry_id}
            found.known_as[twin.entry_id] = line.entry_id
    return [line for line in fresh if line.entry_id not in paired], [line for line in left if line.entry_id not in paired]


def _billed_otherwise(
    fresh: list[Line], left: list[Line], billed: set[tuple[str, ...]], chains: Chains, found: Rebilling
) -> dict[str, Line]:
    """Take back closed lines whose certificate the day bills otherwise, and what hangs on them; returns which new line bills which anew.

    `billed` names the certificates that the day bills. Decisions stand: only the line that made one can change it.
    """
    known: defaultdict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in fresh:
        for name in line.names if line.kind == "charge" else ():
            known[name].append(line)
    replaced: dict[str, Line] = {}
    for line in left:
        if line.decision or not line.is_about_money or not line.names & billed:
            continue
        instead = [one for name in sorted(line.names) for one in known[name]] if line.kind == "charge" else []
        found.taken_back.append(TakenBack(line, _difference(line, instead[0]) if instead else "the files bill its certificate otherwise"))
        if instead:
            replaced.setdefault(instead[0].entry_id, line)
    gone = {chains.first(taken.line.entry_id) for taken in found.taken_back}
    taken_back = {taken.line.entry_id for taken in found.taken_back}
    for line in left:
        hangs_on = {chains.first(line.reverses), chains.first(line.amends)} - {None}
        if line.entry_id not in taken_back and hangs_on & gone:
            found.taken_back.append(TakenBack(line, "what it changes was billed wrongly"))
    return replaced


def _difference(closed: Line, today: Line) -> str:
    """What is wrong with a closed line that the day bills otherwise, in words."""
    told: Mapping[str, tuple[str, str]] = {
        "agency": (closed.agency, today.agency),
        "billed to": (closed.billed_to, closed.payer),
        "tier": (closed.tier or "none", today.tier or "none"),
        "amount": (dollars(closed.cents), dollars(today.cents)),
        "memo": (dollars(closed.memo), dollars(today.memo)),
    }
    return ", ".join(f"{name} {new}, not {old}" for name, (old, new) in told.items() if old != new)
