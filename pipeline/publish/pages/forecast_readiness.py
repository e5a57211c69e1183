"""How ready each agency is for short lives, for the page Forecast: what to do first, in order, and the table behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.forecast_money import EMPTY
from pipeline.publish.parts import Cell, Grid, Head, Noted

_AGENCIES_TO_AUTOMATE = 5
_NAMED = 3
_SHARED_KEY = "key-of-two-agencies"


def first_steps(edition: Edition) -> list[str]:
    """What to do first, in sentences, most urgent first: what is broken, whom nobody can tell, what will stop working, what saves most."""
    table = edition.books.readiness
    rows = list(rows_of(table))
    return [
        *_repairs(rows, list(_held_by_two(edition))),
        *_automations(rows, float(table["last_year_by_hand"].sum())),
        *_enough(edition, rows),
    ]


def _held_by_two(edition: Edition) -> Iterator[tuple[int, str]]:
    """How many certificates hold a key that another agency holds too, as on the page of rule breaks, and whose they are; those of a merged
    agency are its successor's, as in READINESS."""
    broken = edition.rule_breaks
    shared = broken[broken["lint"] == _SHARED_KEY]
    codes = Counter(edition.mergers[code][0] if code in edition.mergers else code for code in shared["agency"].tolist())
    return ((number, code) for code, number in codes.items())


def _repairs(rows: list[Any], held_by_two: list[tuple[int, str]]) -> Iterator[str]:
    for column, said in (
        ("weak_keys", "Have {} reissued with another key, for the key or the signature is weak: {}."),
        (_SHARED_KEY, "Have {} reissued, each with a key of its agency alone, for two agencies hold one key: {}."),
        ("without_contact", "Find somebody to tell of {} without a contact address: {}."),
        ("for_clients", "Find out whether anybody uses {} for a client too (clientAuth), for public authorities give that up: {}."),
    ):
        of_rows = held_by_two if column == _SHARED_KEY else ((getattr(row, column), row.agency) for row in rows if getattr(row, column))
        counts = sorted(of_rows, key=lambda pair: (-pair[0], pair[1]))
        if counts:
            total = words.count(sum(count for count, _ in counts), "certificate")
            shown = [f"{_named(code)} ({count:,})" for count, code in counts[:_NAMED]]
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
            f"asked for ({words.percent(done / total, 0)} of all that are{together})."
        )


def _first(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row.last_year_by_hand > 0][:_AGENCIES_TO_AUTOMATE]


def _enough(edition: Edition, rows: list[Any]) -> Iterator[str]:
    """Until when the desk keeps its promise with the automations told, and how many agencies more it takes; nothing where no pace is
    known. By `breaks_in` of READINESS, as the table of agencies tells it."""
    work = edition.books.workload
    total = sum(row.last_year_by_hand for row in rows)
    if work.empty or not total:
        return
    broken = work.loc[~work["promise_holds"], "month"]
    if broken.empty:
        yield "The desk keeps its promise throughout the forecast at last year's pace even without this; with it, it has time for more."
        return
    first = _first(rows)
    these = f"With these ({words.percent(sum(row.last_year_by_hand for row in first) / total, 0)} of all that are)"
    if not first[-1].breaks_in:
        yield f"{these} the desk keeps its promise throughout the forecast at last year's pace."
        return
    instead = f" instead of {words.month(broken.iloc[0])}" if first[-1].breaks_in != broken.iloc[0] else ""
    then = f"{these} the desk's promise breaks in {words.month(first[-1].breaks_in)}{instead} at last year's pace"
    enough = next((place for place, row in enumerate(rows, 1) if not row.breaks_in), None)
    if enough is None:
        yield f"{then}. It breaks even if every certificate renews itself: the desk needs more hands as well."
    else:
        more, last = words.count(enough - len(first), "row"), _named(rows[enough - 1].agency)
        yield f"{then}. It is kept if the next {more} of the table of agencies, up to {last}, renew themselves too."


def _named(code: str) -> str:
    return code or "no agency known"


def readiness_grid(edition: Edition) -> Grid:
    """The table of agencies, in the order in which they will ask for certificates; when the promise breaks only where a pace is known."""
    paced = len(edition.books.workload) > 0
    rows: list[list[Cell]] = [
        [
            f"{row.place}",
            edition.agency(row.agency),
            f"{row.sites:,}",
            f"{row.next_year:,}",
            _asked_for(row),
            f"{row.automated:,}",
            f"{row.short:,}",
            f"{row.for_clients:,}",
            f"{row.weak_keys:,}",
            f"{row.quantum_exposed:,} of {row.known_keys:,}" if row.known_keys else "no key known",
            f"{row.without_contact:,}",
            *([words.short_month(row.breaks_in) if row.breaks_in else "never"] if paced else []),
        ]
        for row in rows_of(edition.books.readiness)
    ]
    columns: tuple[Head, ...] = (
        Head("Place", "number"), Head("Agency"), Head("Certificates that go on", "number"),
        Head("To issue in the next 12 months", "number"), Head("In the last 12 of the forecast", "number"), Head("Automated", "number"),
        Head("Live 100 days or less", "number"), Head("For clients too", "number"), Head("Weak key", "number"),
        Head("Quantum-exposed, of known keys", "number"), Head("Without contact", "number"),
    )  # fmt: skip
    columns += (Head("Promise breaks, if automated down to here", "number"),) if paced else ()
    return Grid("Agencies, those first that will ask for the most certificates", columns, rows, EMPTY, lead=4)


def _asked_for(row: Any) -> Cell:
    """Certificates of the last year; how many of them somebody asks for, where some renew themselves."""
    shown = f"{row.last_year:,}"
    return shown if row.last_year_by_hand == row.last_year else Noted(shown, f"{row.last_year_by_hand:,.0f} asked for")


def counted_with(edition: Edition) -> str:
    """Which merged agencies are counted with their successor, and so make its figures larger than on its page; "" without any."""
    theirs = set(edition.books.certificates["agency"].unique())
    told = [f"{code} with {then}" for code, (then, _) in sorted(edition.mergers.items()) if code in theirs]
    return f"A merged agency is counted with its successor here: {', '.join(told)}." if told else ""
