"""Recovery: what each tier recovered of its cost, year by year, and, where the full cost is known, whether too much is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Noted, Page
from pipeline.recovery import OLDEST_RATE_DAYS

_EMPTY = "Nothing has been charged yet, so there is nothing to recover."
_NO_TIER = "no tier"


def pages(edition: Edition) -> Iterator[Page]:
    """The page of the recovery."""
    table = edition.books.recovery
    newest = table.sort_values(["fiscal_year"], ascending=False, kind="stable")
    yield Page(
        "recovery.md",
        "pages/recovery.md.j2",
        "Recovery",
        {
            "sentence": _sentence(edition),
            "figures": [_figure(row) for row in rows_of(_standing(edition))],
            "years": _years(newest),
            "judged": _judged(newest),
            "unknown": int(table["without_cost"].sum()),
            "foot": foot(edition, ("lots", "entries"), "recovery", len(table)),
        },
    )


def _standing(edition: Edition) -> pd.DataFrame:
    """The row of each tier for the year of the as-of day."""
    table = edition.books.recovery
    return table[table["fiscal_year"] == edition.fiscal_year]


def _sentence(edition: Edition) -> str:
    standing = _standing(edition)
    if standing.empty:
        return _EMPTY
    told = [f"{row.tier or _NO_TIER} {words.dollars(abs(row.closing_cents))} {_side(row)}" for row in rows_of(standing)]
    as_of = f"As of {words.long_day(edition.today)}, with what the year opened with"
    return f"{as_of}: {', '.join(told)}. Tiers are never netted against each other."


def _side(row: Any) -> str:
    """Which way a closing goes, and of what cost it speaks."""
    cost = "its cost" if row.basis == "full cost" else "the cost of its certificates alone"
    return f"{'above' if row.closing_cents >= 0 else 'below'} {cost}"


def _figure(row: Any) -> Figure:
    return Figure(
        f"{(row.tier or _NO_TIER).capitalize()}, FY{row.fiscal_year} to date",
        words.dollars(row.closing_cents),
        basis=f"recovered less {'cost' if row.basis == 'full cost' else 'certificate cost'}, opening included",
    )


def _years(table: pd.DataFrame) -> Grid:
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.tier or _NO_TIER),
            words.amount(row.opening_cents),
            words.amount(row.charged_cents),
            words.amount(row.credited_cents),
            words.amount(row.cost_cents),
            words.amount(row.unused_cents),
            words.amount(row.office_cost_cents) if row.basis == "full cost" else "not known",
            words.amount(row.closing_cents),
        ]
        for row in rows_of(table)
    ]
    columns: tuple[Head, ...] = (
        Head("Year and tier", "stacked"),
        Head("Opening, $", "number"),
        Head("Charged, $", "number"),
        Head("Credited, $", "number"),
        Head("Units drawn, $", "number"),
    )
    columns += (Head("Units unused, $", "number"), Head("Other cost, $", "number"), Head("Closing, $", "number"))
    return Grid("Recovery by fiscal year and tier, newest first, in US dollars", columns, rows, _EMPTY, lead=7)


def _judged(table: pd.DataFrame) -> Grid | None:
    """The tests of each year whose full cost is known; None where no year's is."""
    known = table[table["basis"] == "full cost"]
    if known.empty:
        return None
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.tier),
            words.amount(row.closing_cents),
            words.amount(row.reserve_limit_cents),
            _verdict(row.reserve),
            words.amount(row.carry_limit_cents),
            _verdict(row.carry_forward),
            _age(row),
            "none" if pd.isna(row.proposed_rate_cents) else words.amount(row.proposed_rate_cents),
        ]
        for row in rows_of(known)
    ]
    columns: tuple[Head, ...] = (
        Head("Year and tier", "stacked"),
        Head("Closing, $", "number"),
        Head("60 days of cost, $", "number"),
        Head("Reserve", "short"),
        Head("5 % of charges, $", "number"),
        Head("Carry-forward", "short"),
    )
    columns += (Head("Age of the rate", "stacked"), Head("Proposal for the next rate, $", "number"))
    return Grid("Limits by fiscal year and tier, newest first, in US dollars", columns, rows, "", lead=1)


def _verdict(said: str) -> Cell:
    if not said:
        return "year not ended"
    return Chip("within", "met") if said == "within" else Chip("above", "missed")


def _age(row: Any) -> Cell:
    if pd.isna(row.rate_since):
        return "no rate"
    over = row.rate_age_days > OLDEST_RATE_DAYS
    age = f"{words.count(int(row.rate_age_days), 'day')} old"
    return Noted(f"of {words.day(row.rate_since)}", f"{age}, over two years" if over else age, "near" if over else "plain")
