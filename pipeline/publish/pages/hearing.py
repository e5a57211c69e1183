"""Budget hearing: ten measures and the money on two printed sides, with the workbook of the same figures."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pipeline.publish import charts, measure_words, words
from pipeline.publish.hearing import DOLLARS, Hearing, Line
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.pages.foot import foot
from pipeline.publish.pages.forecast_years import of_years
from pipeline.publish.parts import Cell, Grid, Head, Noted, Page
from pipeline.publish.workbooks import HEARING_PATH

_TO_DATE = 2
_LEAD = 3  # the projection, which may be the figure to date going on; a phone shows it beside the name
_ABSENT = ("no figure", "no figure", "no figure", "no figure", "none set", "not foreseen")


def pages(edition: Edition) -> Iterator[Page]:
    """The page of the hearing; internal, for it tells what is recovered."""
    hearing = Hearing(edition.books, edition.settings, edition.today)
    measures, money = hearing.measures(), hearing.money()
    yield Page(
        "budget-hearing.md",
        "pages/budget-hearing.md.j2",
        "Budget hearing",
        {
            "sentence": _sentence(hearing, measures, money),
            "measures": _grid(hearing, "How the service did, and what lies ahead", measures),
            "chart_view": _chart(edition),
            "money": _grid(hearing, "What it charged and cost, in US dollars", money),
            "workbook": download("", HEARING_PATH, HEARING_PATH),
            "foot": foot(edition, ("certificates", "requests"), "measures", len(edition.books.measures), also=("tables/forecast.csv",)),
        },
    )


def _sentence(hearing: Hearing, measures: list[Line], money: list[Line]) -> str:
    """The two that a hearing begins with: was the promise kept, and what will be charged."""
    charged = money[0]
    kept = f"{measures[0].said} " if measures[0].unit == "share" else ""
    return (
        f"{kept}Agencies are charged {words.dollars(int(charged.projected))} by the end of fiscal year {hearing.year}, "
        f"if the certificates in force go on, and {words.dollars(int(charged.next_year))} in the next."
    )


def _chart(edition: Edition) -> charts.Chart | None:
    """What shorter lives cost: each whole year ahead as it is billed, and if each certificate cost the rate; None without one."""
    years = [year for year in of_years(edition) if year.whole]
    if not years:
        return None
    last = years[-1]
    billed, each = (words.dollars(cents) for cents in (last.amount_cents, last.per_certificate_cents))
    labels = [f"FY{year.year}" for year in years]
    series = [
        charts.Series("per order, as billed", "series-1", [year.amount_cents / 100 for year in years]),
        charts.Series("if each certificate cost the rate", "series-2", [year.per_certificate_cents / 100 for year in years]),
    ]
    rows: list[list[Cell]] = [
        [label, words.amount(year.amount_cents), words.amount(year.per_certificate_cents)]
        for label, year in zip(labels, years, strict=True)
    ]
    heads = (Head("Fiscal year"), Head("Per order, as billed, $", "number"), Head("If each certificate cost the rate, $", "number"))
    return charts.bars(
        "hearing",
        f"FY{last.year}: {billed} as billed, {each} if each certificate cost the rate",
        f"US dollars by fiscal year, {labels[0]} to {labels[-1]}, if each certificate in force goes on.",
        labels,
        series,
        lambda value: f"${value:,.0f}",
        Grid("Charges of the years ahead", heads, rows, ""),
        beside=True,
    )


def _grid(hearing: Hearing, caption: str, lines: list[Line]) -> Grid:
    unit = ", $" if lines and lines[0].unit == DOLLARS else ""
    heads = (Head("What", "stacked"), *(Head(f"{title}{unit}", "number") for title in hearing.heads(lines)))
    rows = [[Noted(line.named, line.told), *_cells(line)] for line in lines]
    return Grid(caption, heads, rows, "Nothing was measured yet.", lead=_LEAD)


def _cells(line: Line) -> list[Cell]:
    values = (*line.past, line.to_date, line.projected, line.target, line.next_year)
    cells: list[Cell] = [_shown(value, line, absent) for value, absent in zip(values, _ABSENT, strict=True)]
    if line.goes_on and not math.isnan(line.projected):
        cells[_LEAD] = "as to date"
    state, said = words.VERDICTS[line.verdict]
    if said and not math.isnan(line.target):
        cells[_TO_DATE] = Noted(str(cells[_TO_DATE]), "undecided" if line.verdict == "uncertain" else said, state)
    return cells


def _shown(value: float, line: Line, absent: str) -> str:
    if math.isnan(value):
        return absent
    if line.unit == DOLLARS:
        return words.amount(int(value))
    said = measure_words.quantity(value, line.unit, line.places)
    return said if line.unit == "share" else said.partition(" ")[0]  # the unit stands with the title
