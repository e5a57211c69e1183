"""Worked examples of the charge rules: real orders of the published books that show between them every kind of line there is.

The choice depends on the ledger alone: again and again the order that shows most of what no chosen one shows yet; of several the one
with the fewest lines, then the earliest. Books without some kind of line have no example of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.addresses import trace_page
from pipeline.calendar import dates
from pipeline.findings import counted
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, address, rows_of
from pipeline.publish.pages.trace_rows import RowPages
from pipeline.publish.parts import Cell, Grid, Head, Link, Links, Noted
from pipeline.rates import rate_card

_MOST = 8
_MOST_LINES = 12  # an order with more teaches nothing new

# What a line may show, in the order in which a title names it.
_TITLES = {
    "order": "a new order",
    "renewal": "a new term",
    "reissue": "a free reissue",
    "upgrade": "a dearer tier",
    "credit": "a credit",
    "decision": "a decision",
    "late": "a late item",
    "correction": "a correction",
    "successor": "an agency that became part of another",
}
# What the choice rests on, the last two also the order of posting.
_READ = ("order_id", "kind", "amount_cents", "amends", "decision", "class", "billed_to", "agency", "reason", "period", "service_on")
_ABOUT_PEOPLE = ("decision", "correction", "successor")


@dataclass(frozen=True, slots=True)
class Example:
    """One order: what it is the example of, its anchor, and its lines with their total."""

    title: str
    anchor: str
    shows: tuple[str, ...]
    grid: Grid


def examples(edition: Edition) -> list[Example]:
    """The chosen orders; in the public edition without names, numbers and places, and none that shows what people decided or mended."""
    rows = edition.shared(RowPages) if edition.internal else None
    chosen = enumerate(_chosen(edition, edition.noted_entries), 1)
    return [_example(edition, number, lines, shows, rows) for number, (lines, shows) in chosen]


@dataclass(slots=True)
class _Order:
    """What an order shows, and the places of its lines, in the order of posting."""

    order_id: str
    shows: set[str]
    places: list[int]
    begins_on: dt.date
    begins_here: bool


def _chosen(edition: Edition, lines: pd.DataFrame) -> Iterator[tuple[list[Any], tuple[str, ...]]]:
    """The lines of each chosen order, in the order of posting, and what they show that no order before them does."""
    read = lines.loc[lines["order_id"] != "", list(_READ)].sort_values(["period", "service_on"], kind="stable")
    plainest: dict[frozenset[str], _Order] = {}  # of those that show the same, for no other of them is ever chosen
    for order in _orders(read):
        if order.begins_here and len(order.places) <= _MOST_LINES and (edition.internal or not order.shows.intersection(_ABOUT_PEOPLE)):
            shows = frozenset(order.shows)
            plainest[shows] = min(plainest.get(shows, order), order, key=_plainness)
    seen: set[str] = set()
    for _ in range(_MOST):
        best = min(plainest.values(), key=lambda one: (-len(one.shows - seen), *_plainness(one)), default=None)
        if best is None or best.shows <= seen:
            return
        chosen = lines.loc[read.index[best.places]].rename(columns={"class": "group"})
        yield list(rows_of(chosen)), tuple(name for name in _TITLES if name in best.shows - seen)
        seen |= best.shows


def _plainness(order: _Order) -> tuple[int, dt.date, str]:
    return len(order.places), order.begins_on, order.order_id


def _orders(read: pd.DataFrame) -> list[_Order]:
    """Every order among these lines, which have the columns `_READ`; its places are counted from 0."""
    found: dict[str, _Order] = {}
    columns = [*(read[name].tolist() for name in _READ[:-1]), dates(read["service_on"])]
    for place, values in enumerate(zip(*columns, strict=True)):
        order_id, kind, cents, amends, decision, group, billed_to, agency, reason, _, on = values
        first = order_id not in found
        if first:
            found[order_id] = _Order(order_id, set(), [], on, kind == "charge" and cents > 0 and reason != "new term")
        order = found[order_id]
        order.places.append(place)
        order.shows.update((_kind(kind, cents, amends, decision, group, first=first), group, "successor" if billed_to != agency else ""))
    for order in found.values():
        order.shows.discard("")
    return list(found.values())


def _kind(kind: str, cents: int, amends: str, decision: str, group: str, *, first: bool) -> str:
    """What a line of an order shows; '' for what the rules of this page do not speak of."""
    if decision or group == "correction":
        return "decision" if decision else "correction"
    if kind == "charge":
        return "reissue" if not cents else "order" if first else "renewal"
    return "credit" if kind == "credit" else "upgrade" if amends else ""


def _example(edition: Edition, number: int, lines: Sequence[Any], shows: tuple[str, ...], rows: RowPages | None) -> Example:
    named = [_TITLES[name] for name in shows]
    title = ", ".join(named[:-1]) + (" and " if len(named) > 1 else "") + named[-1]
    first = lines[0]
    whose = f": order {first.order_id} of {first.agency}" if edition.internal else ""
    heads: tuple[Head, ...] = (
        Head("Day", "date"),
        Head("What", "stacked"),
        Head("How it is computed", "name"),
        Head("Amount, $", "number"),
    )
    heads += (Head("Posted to", "name"),)
    if edition.internal:
        heads += (Head("Where it comes from", "name"),)
    cells: list[list[Cell]] = []
    begun: dt.date | None = None
    for place, line in enumerate(lines):
        kind = _kind(line.kind, line.amount_cents, line.amends, line.decision, line.group, first=place == 0)
        begun = line.service_on.date() if kind in ("order", "renewal") else begun
        row: list[Cell] = [
            words.day(line.service_on),
            _what(line, kind),
            _computed(edition, line, kind, begun) + _invoiced_to(edition, line, first),
            words.amount(line.amount_cents),
            edition.period_title(line.period),
        ]
        cells.append([*row, _from(line, rows)] if rows else row)
    paid = sum(line.amount_cents for line in lines)
    total: list[Cell] = ["In all", "", "what the order has paid", words.amount(paid), "", *([""] if rows else [])]
    caption = f"Example {number}: {title}{whose}, in US dollars"
    grid = Grid(caption, heads, cells, "", total, captioned=False, lead=3)
    return Example(f"{title[0].upper()}{title[1:]}{whose}", f"example-{number}", shows, grid)


def _what(line: Any, kind: str) -> Cell:
    """What the line is called on the invoice, its tier, and whether it is late or a correction."""
    said = {"order": "charge", "renewal": "charge, new term", "reissue": "free reissue", "upgrade": "adjustment"}.get(kind, line.kind)
    groups = {"late": "late item", "correction": "correction"}
    return Noted(said, ", ".join(part for part in (line.tier, groups.get(line.group, "")) if part))


def _computed(edition: Edition, line: Any, kind: str, begun: dt.date | None) -> str:
    """The calculation in words; what a note of the invoice says only where it is the internal edition, for it names people."""
    term = edition.settings.charges.term_days
    day = line.service_on.date()
    if kind in ("order", "renewal"):
        last = day + dt.timedelta(days=term - 1)
        return f"{_rate(edition, line)}. Paid for {words.count(term, 'day')}, until {words.day(last)}."
    if kind == "reissue" and begun is not None:
        return f"Issued {words.count((day - begun).days, 'day')} after {words.day(begun)}, within the {term:,} days that are paid: nothing."
    if kind == "credit" and begun is not None and not edition.internal:
        return f"Revoked {words.count((day - begun).days, 'day')} after {words.day(begun)}: the exact amount is taken back."
    if kind == "upgrade" and not edition.internal:
        return f"The rate of {line.tier} on this day, less what was paid for the term before."
    return f"{line.note[:1].upper()}{line.note[1:]}." if edition.internal and line.note else "As the invoice says."


def _invoiced_to(edition: Edition, line: Any, first: Any) -> str:
    """Who is invoiced, where that is not the agency of the day of service, or not who was before; named in the internal edition only."""
    if not edition.internal:
        return " Invoiced to another agency." if line.billed_to != first.billed_to else ""
    if line.billed_to != line.agency:
        return f" Invoiced to {line.billed_to}, which stands in the place of {line.agency}."
    return f" Invoiced to {line.billed_to}." if line.billed_to != first.billed_to else ""


def _rate(edition: Edition, line: Any) -> str:
    """The line of the rate card that was applied, if the card still has it."""
    days, cents = rate_card(edition.settings).lines.get(line.tier, ((), ()))
    held = [since for since, rate in zip(days, cents, strict=True) if since <= line.service_on.date()]
    rate = "" if pd.isna(line.rate_cents) else f" of {words.dollars(int(line.rate_cents))}"
    return f"The rate of {line.tier}{rate}" + (f", in force since {words.day(held[-1])}" if held else "")


def _from(line: Any, rows: RowPages) -> Cell:
    """The line of the invoice in its trace, and the row of the file behind it."""
    links = [Link("line of the invoice", f"{trace_page(line.billed_to)}#entry-{address(line.entry_id)}")] if line.billed_to else []
    if pd.isna(line.row):
        return Links(tuple(links), "made by a rule")
    name = f"{counted(line.file)} {int(line.row):,} of {line.file.rpartition('/')[2]}"
    href = rows.href((line.file, line.sheet, int(line.row)), "") if line.stands else ""
    return Links((*links, Link(name, href))) if href else Links(tuple(links), name)
