"""How ready each agency is for short lives, for the page Forecast: what to do first, in order, and the table behind it."""

from __future__ import annotations

from collections.abc import Iterator
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
    return [*_repairs(rows), *_automations(rows, float(table["last_year_by_hand"].sum()))]


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
    for row in [row for row in rows if row.agency and row.last_year_by_hand > 0][:_AGENCIES_TO_AUTOMATE]:
        done += row.last_year_by_hand
        sites = words.count(row.sites - row.automated, "certificate")
        together = "" if done == row.last_year_by_hand else ", with those above"
        yield (
            f"Automate the renewal of {sites} of {row.agency}: in the last year of the forecast {row.last_year_by_hand:,.0f} fewer are "
            f"asked for ({words.percent(done / total, 0)} of all{together})."
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
