"""What lies ahead in money, for the page Forecast: each charge basis side by side, what it must cost, scenarios, lots to buy, agencies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.contracts import BASES
from pipeline.forecast import CHARGED_BY
from pipeline.publish import lots_left, words
from pipeline.publish.lots_left import Stock
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.forecast_years import Year, years_of
from pipeline.publish.parts import Cell, Chip, Grid, Head, Noted
from pipeline.rates import rate_card
from pipeline.settings import Scenario

EMPTY = "No certificate is in force, so nothing will have to be renewed."
_NOTHING_CHARGED = "Nothing is charged for the certificates in force: none is of a tier with a rate in a billing export."
_AS_IT_IS = "as it is"
_MANY = 100
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
        "What is charged at the rates of the rate card; per order is what is billed. Without a tier, or without a row in a billing export, "
        "nothing is",
        columns,
        rows,
        EMPTY,
        lead=1,
        name="charge-bases",
    )


def price_grid(edition: Edition) -> Grid:
    """The rate that would recover the cost, what a unit may cost, and whether the rate of the year pays, by year, tier and basis; only of
    tiers of which anything is charged."""
    charged = _charged_tiers(edition)
    rows: list[list[Cell]] = []
    for row in rows_of(edition.books.prices):
        if row.tier not in charged:
            continue
        rows.append(
            [
                Noted(f"FY{row.fiscal_year}", row.tier),
                f"per {_BASES[row.basis]}",
                _rates_of(edition, row.tier, row.fiscal_year),
                _told(row.rate_cents, "nothing sold" if not row.sold else "no lot"),
                _told(row.may_cost_cents, "no unit drawn"),
                _told(row.unit_cost_cents, "no lot"),
                _pays(row),
            ]
        )
    columns: tuple[Head, ...] = (
        Head("Year and tier", "stacked"), Head("Charged"), Head("Rate of the year, $", "number"), Head("Rate that pays, $", "number"),
        Head("A unit may cost, $", "number"), Head("A unit costs, $", "number"), Head("At the rates in force", "short"),
    )  # fmt: skip
    return Grid("The rate that would recover the cost, and what a unit may cost at most", columns, rows, _NOTHING_CHARGED, lead=1)


def not_priced(edition: Edition) -> str:
    """Of which tiers the table of prices has no rows, and why, in a sentence; "" where it has all of them."""
    charged, card = _charged_tiers(edition), rate_card(edition.settings)
    left_out = [tier for tier in edition.tier_names() if tier not in charged]
    if not charged or not left_out:
        return ""
    why = (f"{tier} ({'no certificate in force' if card.lines.get(tier) else 'no rate'})" for tier in left_out)
    return f"Nothing is charged of {', '.join(why)}."


def _charged_tiers(edition: Edition) -> set[str]:
    """The tiers of which anything is charged on some basis in some year of PRICES."""
    table = edition.books.prices
    return set(table.loc[table["charged_cents"] != 0, "tier"])


def _rates_of(edition: Edition, tier: str, year: int) -> Cell:
    """The rate of the rate card at the end of a fiscal year, and until when another one holds in it."""
    card = rate_card(edition.settings)
    first, following = (calendar.period_first_day(f"FY{of}-P01", edition.starts) for of in (year, year + 1))
    since, _ = card.lines.get(tier, ((), ()))
    days = [first, *(day for day in since if first < day < following)]
    rates = ["no rate" if cents is None else words.amount(cents) for cents in (card.on(tier, day) for day in days)]
    before = [
        f"{rate} until {words.long_day(until - dt.timedelta(days=1))}"
        for rate, then, until in zip(rates[:-1], rates[1:], days[1:], strict=True)
        if rate != then
    ]
    return Noted(rates[-1], ", ".join(before)) if before else rates[-1]


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
    table = edition.books.forecast[["month", "agency", *CHARGED_BY.values()]]
    of_year = table.assign(fiscal_year=years_of(edition, table["month"]))
    of_year = of_year[of_year["fiscal_year"].isin(shown)]
    sums = of_year.groupby(["agency", "fiscal_year"])[list(CHARGED_BY.values())].sum()
    cells = {key: [int(cents) for cents in amounts] for key, *amounts in sums.itertuples(name=None)}
    nothing = [0] * len(CHARGED_BY)
    cells = {key: cents for key, cents in cells.items() if any(cents)}
    agencies = sorted(
        {agency for agency, _ in cells}, key=lambda agency: (*(-cents for cents in cells.get((agency, shown[-1]), nothing)), agency)
    )
    of_each = edition.books.readiness.set_index("agency")["each_bought"]
    rows: list[list[Cell]] = [
        [
            edition.agency(agency),
            f"{of_each.get(agency, 0):,}",
            *(words.amount(cents) for year in shown for cents in cells.get((agency, year), nothing)),
        ]
        for agency in agencies
    ]
    columns = (
        Head("Agency"),
        Head("Each bought", "number"),
        *(Head(f"FY{year} per {name}, $", "number") for year in shown for name in _BASES.values()),
    )
    total = [
        "Total",
        f"{sum(of_each.get(agency, 0) for agency in agencies):,}",
        *(words.amount(sum(cells.get((agency, year), nothing)[place] for agency in agencies)) for year in shown for place in range(3)),
    ]
    caption = "What each agency would be charged on each basis, at the rates of the rate card"
    return Grid(caption, columns, rows, EMPTY, total=total if rows else (), lead=2)


def scenario_grid(edition: Edition, years: Sequence[Year]) -> Grid | None:
    """The scenarios of the settings beside the forecast as it is, each whole year; None without any."""
    if not edition.settings.scenario:
        return None
    whole = {year.year for year in years if year.whole}
    unbroken = "not by its end" if len(edition.books.workload) else "not known"
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.scenario or _AS_IT_IS),
            *(_about(number) for number in (row.issuances, row.by_hand, row.units)),
            _BASES[row.basis],
            Noted(words.amount(row.charged_cents), f"{words.amount(row.paid_cents)} paid before")
            if row.paid_cents
            else words.amount(row.charged_cents),
            words.month(row.breaks_in) if row.breaks_in else unbroken,
        ]
        for row in rows_of(edition.books.scenarios.sort_values("fiscal_year", kind="stable"))
        if row.fiscal_year in whole
    ]
    columns: tuple[Head, ...] = (Head("Year and scenario", "stacked"), Head("Certificates to issue", "number"))
    columns += (Head("Asked for by somebody", "number"), Head("Units drawn", "number"), Head("Charged per"), Head("Charged, $", "number"))
    columns += (Head("Promise breaks in", "date"),)
    return Grid("The scenarios beside the forecast as it is", columns, rows, EMPTY, lead=5)


def _about(number: float) -> str:
    """A number of certificates or units; with a tenth where a share of few is meant."""
    return f"{number:,.0f}" if number >= _MANY or f"{number:.1f}".endswith(".0") else f"{number:,.1f}"


def assumed(scenarios: Sequence[Scenario], last: dt.date) -> list[str]:
    """What each of the scenarios changes, and from which month on, in a sentence; `last` is the last day of the forecast."""
    return [f"{scenario.name}: {'; '.join(_changes(scenario))}.{_too_late(scenario, last)}" for scenario in scenarios]


def _too_late(scenario: Scenario, last: dt.date) -> str:
    """That a change comes after the forecast, so that nothing is seen of it."""
    days = {scenario.since, scenario.basis_since or scenario.since} if scenario.basis != BASES[0] else {scenario.since}
    if max(days) <= last:
        return ""
    what = "It" if min(days) > last else "The other basis"
    return f" {what} begins after the last month of this forecast, {words.month(f'{last:%Y-%m}')}, so nothing of it is seen here."


def _changes(scenario: Scenario) -> Iterator[str]:
    shares = (
        (scenario.automate, "of what somebody asks for renews itself"),
        (scenario.consolidate, "of the certificates are merged into others"),
    )
    if told := [f"{words.percent(float(share), 0)} {what}" for share, what in shares if share]:
        yield f"{_from(scenario.since)} {' and '.join(told)}"
    if scenario.basis != BASES[0]:
        yield f"charged per {_BASES[scenario.basis]} {_from(scenario.basis_since or scenario.since)}"
    elif not told:
        yield "nothing is changed"


def _from(day: dt.date) -> str:
    """The month from which a change is reckoned: it counts whole, also where its day is a later one."""
    whole = f" (all of it, though the scenario says {words.long_day(day)})" if day.day > 1 else ""
    return f"from {words.month(f'{day:%Y-%m}')} on{whole}"


def unit_grid(edition: Edition) -> Grid:
    """Units of lots to buy in each fiscal year, what they cost at the price of the newest lot, and by when the page Lots says to order."""
    price = {(row.fiscal_year, row.tier): row.unit_cost_cents for row in rows_of(edition.books.prices)}
    known = {tier: cents for (_, tier), cents in price.items() if not pd.isna(cents)}
    charged = _charged_tiers(edition)
    stocks = {stock.tier: stock for stock in lots_left.by_tier(edition.books.lots, edition.tier_names())}
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.tier),
            f"per {_BASES[row.basis]}",
            f"{row.needed:,}",
            f"{row.from_stock:,}",
            f"{row.to_buy:,}",
            words.amount(row.to_buy * int(known[row.tier])) if row.tier in known else "no lot",
            words.month(row.first_short) if row.first_short else "not in this year",
            _order(edition, row, stocks.get(row.tier)),
        ]
        for row in rows_of(edition.books.units_needed)
        if row.tier in charged
    ]
    columns = (
        Head("Year and tier", "stacked"), Head("Charged"), Head("Units needed", "number"), Head("From today's lots", "number"),
        Head("To buy", "number"), Head("They cost, $", "number"), Head("First needed in", "date"),
        Head("Order by", "stacked"),
    )  # fmt: skip
    return Grid("Units of bulk lots that will be drawn in each fiscal year of the forecast", columns, rows, _NOTHING_CHARGED, lead=1)


def _order(edition: Edition, row: Any, stock: Stock | None) -> Cell:
    """By when the units of a row of UNITS must be ordered."""
    verdict = stock.order_on if stock and row.fiscal_year == edition.fiscal_year else None
    order_on = lots_left.order_on(row.first_short, verdict, edition.settings.lots.lead_days)
    if order_on is None:
        return "not needed at this pace"
    return Noted(words.day(order_on), words.in_days((order_on - edition.today).days))
