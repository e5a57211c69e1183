"""How ready each agency is for short lives, for the page Forecast: what to do first, in order, and the table behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.forecast_money import EMPTY
from pipeline.publish.parts import Cell, Grid, Head

_AGENCIES_TO_AUTOMATE = 5
_NAMED = 3


def first_steps(edition: Edition) -> list[str]:
    """What to do first, in sentences, most urgent first: what is broken, whom nobody can tell, what will stop working, what saves most."""
    table = edition.books.readiness
    rows = list(rows_of(table))
    return [*_repairs(rows), *_automations(rows, float(table["last_year_by_hand"].sum())), *_enough(edition, rows)]


def _repairs(rows: list[Any]) -> Iterator[str]:
    for column, said in (
        ("weak_keys", "Have {} reissued with another key, for the key or the signature breaks a rule: {}."),
        ("without_contact", "Find somebody to tell of {} without a contact address: {}."),
        ("for_clients", "Find out whether anybody uses {} for a client too (clientAuth), for public authorities give that up: {}."),
    ):
        counts = sorted(((getattr(row, column), row.agency) for row in rows if getattr(row, column)), key=lambda pair: (-pair[0], pair[1]))
        if counts:
            total = words.count(sum(count for count, _ in counts), "certificate")
            shown = [f"{code or 'no agency known'} ({count:,})" for count, code in counts[:_NAMED]]
            left = f" and {words.count(len(counts) - _NAMED, 'more agency', 'more agencies')}" if len(counts) > _NAMED else ""
            yield said.format(total, ", ".join(shown) + left)


def _automations(rows: list[Any], total: float) -> Iterator[str]:
    """The agencies that will ask for the most certificates by hand; how much of the `total` is theirs together with those before them."""
    done = 0.0
    for row in _first(rows):
        done += row.last_year_by_hand
        sites = words.count(row.sites - row.automated, "certificate")
        together = "" if done == row.last_year_by_hand else ", with those above"
        whose = f"of {row.agency}" if row.agency else "of no agency known, once it is found out whose they are"
        yield (
            f"Automate the renewal of {sites} {whose}: in the last year of the forecast {row.last_year_by_hand:,.0f} fewer are "
            f"asked for ({words.percent(done / total, 0)} of all{together})."
        )


def _first(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row.last_year_by_hand > 0][:_AGENCIES_TO_AUTOMATE]


def _enough(edition: Edition, rows: list[Any]) -> Iterator[str]:
    """How far the automations told bring the desk, and how many agencies more it takes for the promise; nothing where no pace is known."""
    work = edition.books.workload
    total = sum(row.last_year_by_hand for row in rows)
    if work.empty or not total:
        return
    needed, done = float(work["automated_needed"].iloc[-1]), sum(row.last_year_by_hand for row in _first(rows)) / total
    if math.isnan(needed):
        yield "Even if every certificate renewed itself, the desk would break its promise at last year's pace: it needs more hands as well."
    elif done >= needed:
        yield f"That is enough: {words.percent(needed, 0)} must renew themselves for the promise to be kept at last year's pace."
    else:
        shares = list(accumulate(row.last_year_by_hand / total for row in rows))
        places = next((place for place, share in enumerate(shares, 1) if share >= needed), len(rows)) - len(_first(rows))
        yield (
            f"That is {words.percent(done, 0)}, but {words.percent(needed, 0)} must renew themselves for the promise to be kept at last "
            f"year's pace: go on with the next {words.count(places, 'row')} of the table of agencies."
        )


def readiness_grid(edition: Edition) -> Grid:
    """The table of agencies, in the order in which they will ask for certificates."""
    rows: list[list[Cell]] = [
        [
            f"{row.place}",
            edition.agency(row.agency),
            f"{row.sites:,}",
            f"{row.next_year:,}",
            f"{row.last_year:,}",
            f"{row.automated:,}",
            f"{row.short:,}",
            f"{row.for_clients:,}",
            f"{row.weak_keys:,}",
            f"{row.quantum_exposed:,} of {row.known_keys:,}",
            f"{row.without_contact:,}",
        ]
        for row in rows_of(edition.books.readiness)
    ]
    columns = (
        Head("Place", "number"), Head("Agency"), Head("Certificates that go on", "number"),
        Head("To issue in the next 12 months", "number"), Head("In the last 12 of the forecast", "number"), Head("Automated", "number"),
        Head("Live 100 days or less", "number"), Head("For clients too", "number"), Head("Weak key", "number"),
        Head("Quantum-exposed, of known keys", "number"), Head("Without contact", "number"),
    )  # fmt: skip
    return Grid("Agencies, those first that will ask for the most certificates", columns, rows, EMPTY, lead=4)


def counted_with(edition: Edition) -> str:
    """Which merged agencies are counted with their successor, and so make its figures larger than on its page; "" without any."""
    theirs = set(edition.books.certificates["agency"])
    told = [f"{code} with {then}" for code, (then, _) in sorted(edition.mergers.items()) if code in theirs]
    return f"A merged agency is counted with its successor here: {', '.join(told)}." if told else ""
