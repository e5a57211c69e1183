"""What may be charged twice: one certificate in two rows that became two, and one order whose number is written in two ways.

Neither is put right silently: two orders may well be called 001105 and 1105, and two authorities may draw one serial. What is charged
stands until somebody corrects one of the rows; each case is told with its rows and dollars.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from pipeline.chargeback.orders import Issue, Order
from pipeline.chargeback.terms import Entry, Rules, entries, terms
from pipeline.contracts import AT_STAKE, Stage
from pipeline.findings import Finding, counted, quoted
from pipeline.issuers import is_drawn_by_chance
from pipeline.money import dollars

ONE_CERTIFICATE, ONE_ORDER = "charged-twice", "order-spelled-twice"
_MOST_NAMED = 5
_WHOLE_NUMBER = re.compile(r"(\d+)\.0+", re.ASCII)


class Billed(NamedTuple):
    """An order and what is posted for it."""

    order: Order
    entries: list[Entry]

    @property
    def cents(self) -> int:
        """All that it is charged, less credits."""
        return sum(entry.amount for entry in self.entries)


class Part(NamedTuple):
    """One of the rows that are charged side by side, and the cents that its certificate, or its order, is charged."""

    issue: Issue
    cents: int


class Twice(NamedTuple):
    """What may be one and is charged as several: by which code it is told, the parts in order of their days, and what is charged too much
    if they are one, in cents."""

    code: str
    parts: list[Part]
    cents: int


def may_be_twice(billed: Sequence[Billed], rules: Rules) -> list[Twice]:
    """Certificates of one serial number that are charged apart, then orders whose numbers differ in form only, each in order of days.

    Two serials are one as `issuers.may_be_one_serial` says. Order numbers differ in form only where they are equal without case, leading
    zeros and a trailing ".0" of a spreadsheet; what would be charged if they were one order, the rules of one order say.
    """
    certificates = list(_certificates(billed))
    told = [{part.issue.order_id for part in one.parts} for one in certificates]
    orders = [one for one in _orders(billed, rules) if not any({part.issue.order_id for part in one.parts} <= names for names in told)]
    return [*certificates, *orders]


def plain_number(order_id: str) -> str:
    """`order_id` without what differs between exports of one order: case, leading zeros, and a ".0" behind a whole number."""
    folded = order_id.casefold()
    whole = _WHOLE_NUMBER.fullmatch(folded)
    return (whole[1] if whole else folded).lstrip("0") or "0"


def told(found: Iterable[Twice], places: pd.DataFrame) -> Stage:
    """AT_STAKE and an error for each of `found`, at its last row; a warning where nothing is charged too much yet. `places` is PLACES."""
    twice = list(found)
    sources = {part.issue.source for one in twice for part in one.parts}
    near = places[places["source"].isin(list(sources))][["source", "file", "sheet", "row"]]
    place_of = {source: _place(*place) for source, *place in near.itertuples(index=False, name=None)}
    stakes = [{"code": one.code, "less_cents": 0, "more_cents": one.cents, "source": one.parts[-1].issue.source} for one in twice]
    return Stage(AT_STAKE.frame(stakes), tuple(_finding(one, place_of) for one in twice))


def _certificates(billed: Sequence[Billed]) -> Iterator[Twice]:
    """One serial number of which several certificates begin a charged term; what was credited is not counted."""
    known = [issue for one in billed for issue in one.order.issues if issue.serial]
    repeated = _repeated([issue.serial.lstrip("0") or "0" for issue in known])
    if not repeated:
        return
    cents = _charged(billed)
    groups = [
        (sorted(known[place] for place in places if known[place].certificate in cents), serial) for serial, places in repeated.items()
    ]
    for issues, serial in sorted(groups):
        for group in alike(serial, issues):
            if len(group) > 1:
                parts = [Part(issue, cents[issue.certificate]) for issue in group]
                yield Twice(ONE_CERTIFICATE, parts, sum(part.cents for part in parts) - max(part.cents for part in parts))


def _charged(billed: Iterable[Billed]) -> dict[str, int]:
    """The cents of the charges that stand, by the certificate whose term each begins."""
    posted = [entry for one in billed for entry in one.entries]
    taken_back = {entry.reverses for entry in posted if entry.reverses}
    standing = (entry for entry in posted if entry.kind == "charge" and entry.amount and entry.entry_id not in taken_back)
    return {entry.about.certificate: entry.amount for entry in standing}


def _repeated(names: Sequence[str]) -> dict[str, list[int]]:
    """The places of each name that stands there several times; nearly all stand once, and are only counted."""
    if len(set(names)) == len(names):
        return {}
    often = {name for name, times in Counter(names).items() if times > 1}
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name in often:
            places.setdefault(name, []).append(place)
    return places


def alike(serial: str, issues: Sequence[Issue]) -> list[list[Issue]]:
    """Certificates of one serial number, in groups that may each be one certificate, as `issuers.may_be_one_serial` says of any two.

    Each goes to the first group that it fits: one of its issuer, or of which no issuer is known; without an issuer to the first of all.
    """
    if is_drawn_by_chance(serial):
        return [list(issues)] if issues else []
    groups: dict[str, list[Issue]] = {}
    for issue in issues:
        if issue.issuer not in groups and "" in groups:  # then it is the only group: whatever names no issuer joins the first
            groups = {issue.issuer: groups[""]}
        name = issue.issuer or next(iter(groups), "")
        groups.setdefault(name, []).append(issue)
    return list(groups.values())


def _orders(billed: Iterable[Billed], rules: Rules) -> Iterator[Twice]:
    """Order numbers that differ in form only, of which several are charged."""
    numbered = [one for one in billed if one.order.issues[0].order_id and one.entries]
    for places in _repeated([plain_number(one.order.issues[0].order_id) for one in numbered]).values():
        spelled = sorted((numbered[place] for place in places), key=lambda one: one.order.issues[0])
        together = spelled[0].order._replace(issues=sorted(issue for one in spelled for issue in one.order.issues))
        at_once = sum(entry.amount for term in terms(together, rules)[0] for entry in entries(together, term, rules).entries)
        parts = [Part(one.order.issues[0], one.cents) for one in spelled]
        yield Twice(ONE_ORDER, parts, max(sum(part.cents for part in parts) - at_once, 0))


def _finding(one: Twice, place_of: dict[int, str]) -> Finding:
    *others, here = one.parts
    also = [f"{_said(part)} in {place_of[part.issue.source]}" for part in others]
    more = f" and {len(also) - _MOST_NAMED:,} more" if len(also) > _MOST_NAMED else ""
    where = f"{_said(here)} here, {', '.join(also[:_MOST_NAMED])}{more}"
    if one.code == ONE_CERTIFICATE:
        reason = f"{dollars(one.cents)} is charged twice if these are one certificate: serial {here.issue.serial} is charged with {where}."
        return Finding(one.code, reason, value=here.issue.serial, column="serial_number", source=here.issue.source)
    too_much = f"{dollars(one.cents)} is charged twice if these are one order" if one.cents else "These may be one order"
    reason = f"{too_much}: {where}."
    found = Finding(one.code, reason, value=here.issue.order_id, column="order_id", source=here.issue.source)
    return found if one.cents else replace(found, severity="warning")


def _said(part: Part) -> str:
    order = f"order {quoted(part.issue.order_id)}" if part.issue.order_id else "no order number"
    return f"{dollars(part.cents)} ({order}, {part.issue.day})"


def _place(file: str, sheet: str, row: int) -> str:
    return f"data/{file}{f', sheet {sheet}' if sheet else ''}, {counted(file)} {row}"
