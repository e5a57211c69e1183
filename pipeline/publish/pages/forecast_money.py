"""What lies ahead in money, for the page Forecast: each charge basis side by side, what it must cost, scenarios, lots to buy, agencies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from pipeline.contracts import BASES
from pipeline.forecast import CHARGED_BY
from pipeline.publish import lots_left, words
from pipeline.publish.lots_left import Stock
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.forecast_years import Year, of_month_year
from pipeline.publish.parts import Cell, Chip, Grid, Head, Noted
from pipeline.rates import rate_card
from pipeline.settings import Scenario

EMPTY = "No certificate is in force, so nothing will have to be renewed."
_AS_IT_IS = "as it is"
_BASES = dict(zip(BASES, ("order", "certificate", "certificate and day"), strict=True))


def basis_grid(years: Sequence[Year]) -> Grid:
    """What each basis brings in, year by year, side by side."""
    rows: list[list[Cell]] = [
        [
            f"FY{year.year}",
            words.amount(year.amount_cents),
            words.amount(year.per_certificate_cents),
            words.amount(year.per_day_cents),
        ]
        for year in years
        if year.whole
    ]
    columns = (Head("Fiscal year"), *(Head(f"Per {name}, $", "number") for name in _BASES.values()))
    return Grid(
        "What is charged at today's rates; per order is what is billed. Without a tier, or without a row in a billing export, nothing is",
        columns,
        rows,
        EMPTY,
        lead=1,
        name="charge-bases",
    )


def price_grid(edition: Edition) -> Grid:
    """The rate that would recover the cost, what a unit may cost, and whether today's rate pays, by year, tier and basis."""
    card = rate_card(edition.settings)
    rows: list[list[Cell]] = []
    for row in rows_of(edition.books.prices):
        today = card.on(row.tier, edition.today)
        rows.append(
            [
                Noted(f"FY{row.fiscal_year}", row.tier),
                _BASES[row.basis],
                "no rate" if today is None else words.amount(today),
                _told(row.rate_cents, "nothing sold" if not row.sold else "no lot"),
                _told(row.may_cost_cents, "no unit drawn"),
                _told(row.unit_cost_cents, "no lot"),
                _pays(row),
            ]
        )
    columns: tuple[Head, ...] = (
        Head("Year and tier", "stacked"), Head("Charged per"), Head("Rate today, $", "number"), Head("Rate that pays, $", "number"),
        Head("A unit may cost, $", "number"), Head("A unit costs, $", "number"), Head("At the rates in force", "short"),
    )  # fmt: skip
    return Grid("The rate that would recover the cost, and what a unit may cost at most", columns, rows, EMPTY, lead=5)


def _pays(price: Any) -> Cell:
    """Whether what is charged by the rate card recovers the cost of a row of PRICES."""
    if pd.isna(price.cost_cents) or not price.sold:
        return "not known"
    return Chip("pays", "met") if price.charged_cents >= price.cost_cents else Chip("does not pay", "missed")


def _told(cents: Any, missing: str) -> Cell:
    return missing if pd.isna(cents) else words.amount(int(cents))


def agency_grid(edition: Edition, years: Sequence[Year]) -> Grid:
    """What each agency would be charged on each basis, in the next whole year and in the last one; the largest first."""
    whole = [year.year for year in years if year.whole]
    shown = list(dict.fromkeys((*whole[:1], *whole[-1:])))
    table = edition.books.forecast
    of_year = table.assign(fiscal_year=table["month"].map({month: of_month_year(edition, month) for month in table["month"].unique()}))
    of_year = of_year[of_year["fiscal_year"].isin(shown)]
    sums = of_year.groupby(["agency", "fiscal_year"])[list(CHARGED_BY.values())].sum()
    cells = {key: [int(cents) for cents in amounts] for key, *amounts in sums.itertuples(name=None)}
    nothing = [0] * len(CHARGED_BY)
    cells = {key: cents for key, cents in cells.items() if any(cents)}
    agencies = sorted(
        {agency for agency, _ in cells}, key=lambda agency: (*(-cents for cents in cells.get((agency, shown[-1]), nothing)), agency)
    )
    rows: list[list[Cell]] = [
        [edition.agency(agency), *(words.amount(cents) for year in shown for cents in cells.get((agency, year), nothing))]
        for agency in agencies
    ]
    columns = (Head("Agency"), *(Head(f"FY{year} per {name}, $", "number") for year in shown for name in _BASES.values()))
    total = [
        "Total",
        *(words.amount(sum(cells.get((agency, year), nothing)[place] for agency in agencies)) for year in shown for place in range(3)),
    ]
    caption = "What each agency would be charged on each basis, at today's rates"
    return Grid(caption, columns, rows, EMPTY, total=total if rows else (), lead=1)


def scenario_grid(edition: Edition, years: Sequence[Year]) -> Grid | None:
    """The scenarios of the settings beside the forecast as it is, each whole year; None without any."""
    if not edition.settings.scenario:
        return None
    whole = {year.year for year in years if year.whole}
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.scenario or _AS_IT_IS),
            f"{row.issuances:,.0f}",
            f"{row.by_hand:,.0f}",
            f"{row.units:,.0f}",
            _BASES[row.basis],
            words.amount(row.charged_cents),
            words.month(row.breaks_in) if row.breaks_in else "not by its end",
        ]
        for row in rows_of(edition.books.scenarios.sort_values("fiscal_year", kind="stable"))
        if row.fiscal_year in whole
    ]
    columns: tuple[Head, ...] = (Head("Year and scenario", "stacked"), Head("Certificates to issue", "number"))
    columns += (Head("Asked for by somebody", "number"), Head("Units drawn", "number"), Head("Charged per"), Head("Charged, $", "number"))
    columns += (Head("Promise breaks in", "date"),)
    return Grid("The scenarios beside the forecast as it is", columns, rows, EMPTY, lead=5)


def assumed(scenarios: Sequence[Scenario]) -> list[str]:
    """What each of the scenarios changes, and from when on, in a sentence."""
    return [f"{scenario.name}: {'; '.join(_changes(scenario))}." for scenario in scenarios]


def _changes(scenario: Scenario) -> Iterator[str]:
    shares = (
        (scenario.automate, "of what somebody asks for renews itself"),
        (scenario.consolidate, "of the certificates are merged into others"),
    )
    if told := [f"{words.percent(float(share), 0)} {what}" for share, what in shares if share]:
        yield f"from {words.long_day(scenario.since)} on {' and '.join(told)}"
    if scenario.basis != BASES[0]:
        yield f"charged per {_BASES[scenario.basis]} from {words.long_day(scenario.basis_since or scenario.since)} on"
    elif not told:
        yield "nothing is changed"


def unit_grid(edition: Edition) -> Grid:
    """Units of lots to buy in each fiscal year, what they cost at the price of the newest lot, and by when the page Lots says to order."""
    price = {(row.fiscal_year, row.tier): row.unit_cost_cents for row in rows_of(edition.books.prices)}
    known = {tier: cents for (_, tier), cents in price.items() if not pd.isna(cents)}
    stocks = {stock.tier: stock for stock in lots_left.by_tier(edition.books.lots, edition.tier_names())}
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.tier),
            _BASES[row.basis],
            f"{row.needed:,}",
            f"{row.from_stock:,}",
            f"{row.to_buy:,}",
            words.amount(row.to_buy * int(known[row.tier])) if row.tier in known else "no lot",
            words.month(row.first_short) if row.first_short else "not in this year",
            _order(edition, row, stocks.get(row.tier)),
        ]
        for row in rows_of(edition.books.units_needed)
    ]
    columns = (
        Head("Year and tier", "stacked"), Head("Charged per"), Head("Units needed", "number"), Head("From today's lots", "number"),
        Head("To buy", "number"), Head("They cost, $", "number"), Head("First needed in", "date"),
        Head("Order by", "stacked"),
    )  # fmt: skip
    return Grid("Units of bulk lots that will be drawn in each fiscal year of the forecast", columns, rows, EMPTY, lead=4)


def _order(edition: Edition, row: Any, stock: Stock | None) -> Cell:
    """By when the units of a row of UNITS must be ordered."""
    verdict = stock.order_on if stock and row.fiscal_year == edition.fiscal_year else None
    order_on = lots_left.order_on(row.first_short, verdict, edition.settings.lots.lead_days)
    if order_on is None:
        return "not needed at this pace"
    return Noted(words.day(order_on), words.in_days((order_on - edition.today).days))
