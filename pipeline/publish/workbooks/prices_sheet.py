"""The sheets of the year workbook that say what the years ahead must cost: rates that pay, with inputs to turn, and lots to buy."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.contracts import BASES, Books
from pipeline.forecast import each, rate_a_term
from pipeline.publish import lots_left, words
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute, dollars
from pipeline.publish.workbooks.forecast_years import BASIS_WORDS, year_labels
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.rates import rate_card
from pipeline.settings import Settings

SHEET, LOTS_TO_BUY = "Prices", "Lots to buy"
PRICE_WORDS = (
    (
        "Rate that pays",
        "What the units drawn and the further cost of the tier come to, divided by what is sold and rounded up to the cent; per "
        "certificate and day, that of a term. The further cost is held as it is while the work rises.",
    ),
    ("A unit may cost", "What is charged, less the further cost, divided by the units drawn: if a unit costs more, the rate does not pay."),
)
_NOTE = "Turn the shaded figures: the columns from Charged, by inputs, on follow. Whole fiscal years only; amounts are US dollars."
_SCALED = (
    "Another rate moves what every year is charged: by certificate and day it is reckoned anew where the card has one rate for all days, "
    "else in proportion to the last rate of the card, also while an earlier rate still holds."
)
_INPUT_HEADS = ("Tier", "Last rate\nof the card", "A unit costs", "Further cost\na year")
_HEADS = (
    "Fiscal year", "Tier", "Charged", "Charged at\nthe rate card", "Terms,\ncertificates\nor days sold", "Units drawn",
    "Charged,\nby inputs",
    "Cost,\nby inputs", "Rate that\npays", "A unit\nmay cost", "Over or\nunder cost", "By inputs",
)  # fmt: skip
_WIDTHS = (12, 14, 24, 15, 14, 12, 15, 15, 13, 13, 15, 14)
_HIGHEST = 10_000_000
_CENT, _FINE = Decimal("0.01"), Decimal("0.000001")


class _Inputs(NamedTuple):
    """What may be turned of a tier, US dollars, and the row it stands in; whether its card has one rate for all days of the forecast."""

    row: int
    rate: Decimal
    unit: Decimal
    further: Decimal
    one_rate: bool


class _Days(NamedTuple):
    """Days that cost a rate, those of a fiscal year, and those of the forecast before it."""

    of_term: int
    of_year: int
    before: int

    def charged(self, rate: str) -> str:
        """What one site is charged for the days of the year, each month rounded with all days before it, as a formula."""
        by, before = (f"ROUND({rate}*{days}/{self.of_term},2)" for days in (self.before + self.of_year, self.before))
        return f"({by}-{before})"


def write_prices(book: Workbook, books: Books, settings: Settings) -> None:
    """Write the sheet from PRICES: a row a fiscal year, tier and basis; charges, cost, rate and verdict follow the inputs."""
    sheet = book.sheet(SHEET)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    row = sheet.banner(_NOTE)
    sheet.text(row, 0, _SCALED, book.style("muted"))
    row += 1
    lines = rate_card(settings).lines
    charged = {tier for tier in books.prices.loc[books.prices["charged_cents"] != 0, "tier"] if lines.get(tier)}
    prices: list[Any] = list(books.prices[books.prices["tier"].isin(charged)].itertuples(index=False))
    if not prices:
        sheet.text(row, 0, "No certificate in force is charged, so nothing lies ahead.", book.style("muted"))
        return
    _write_heads(sheet, row, _INPUT_HEADS)
    inputs: dict[str, _Inputs] = {}
    for tier in dict.fromkeys(price.tier for price in prices):
        row += 1
        is_one_rate = lines[tier][0][-1] <= book.imprint.as_of
        inputs[tier] = _write_inputs(sheet, row, tier, (lines[tier][1][-1], is_one_rate), [one for one in prices if one.tier == tier])
    row += 2
    _write_heads(sheet, row, _HEADS)
    for at, price in enumerate(prices, row + 1):
        _write_row(sheet, at, price, inputs[price.tier], _days(price.fiscal_year, book.imprint.as_of, settings))


def _days(year: int, as_of: dt.date, settings: Settings) -> _Days:
    starts = settings.organization.fiscal_year_starts
    first, following = (calendar.period_first_day(f"FY{of}-P01", starts) for of in (year, year + 1))
    return _Days(settings.charges.term_days, (following - first).days, (first - as_of).days - 1)


def _write_heads(sheet: Sheet, row: int, heads: Sequence[str]) -> None:
    sheet.fit_row(row, list(zip(heads, _WIDTHS, strict=False)), least=34)
    for col, head in enumerate(heads):
        right = ("right",) if head not in {"Fiscal year", "Tier", "Charged", "By inputs"} else ()
        sheet.text(row, col, head, sheet.book.style("head", "wrapped", *right))


def _write_inputs(sheet: Sheet, row: int, tier: str, last_rate: tuple[int, bool], prices: Sequence[Any]) -> _Inputs:
    """A row to turn, from the last rate of the card in cents and whether it is the only one ahead.

    A unit's price is worked back from the most units, so that it is as exact as the cost it gave.
    """
    most = max(prices, key=lambda price: price.units)
    known = most.units and not pd.isna(most.cost_cents)
    unit = ((Decimal(int(most.cost_cents) - int(most.office_cost_cents)) / int(most.units) / 100) if known else Decimal(0)).quantize(_FINE)
    found = _Inputs(row, dollars(last_rate[0]), unit, dollars(int(most.office_cost_cents)), last_rate[1])
    sheet.text(row, 0, tier, sheet.book.style("row", "text"))
    for col, value in enumerate(found[1:4], 1):
        sheet.number(row, col, float(value), sheet.book.style("row", "answer", "money"))
        sheet.bound(row, row, col, "decimal", (0, _HIGHEST), "An amount in US dollars, such as 221.19.")
    if not known:
        sheet.text(row, 4, "No lot tells what a unit costs: put it in. Until then it counts as nothing.", sheet.book.style("muted"))
    return found


def _write_row(sheet: Sheet, row: int, price: Any, of: _Inputs, days: _Days) -> None:
    style = sheet.book.style
    for col, text in enumerate((f"FY{price.fiscal_year}", price.tier, BASIS_WORDS[price.basis])):
        sheet.text(row, col, text, style("row", "text"))
    sheet.money(row, 3, int(price.charged_cents), style("row", "money"))
    for col, number in ((4, price.sold), (5, price.units)):
        sheet.number(row, col, int(number), style("row", "whole"))
    rate, unit, further = (absolute(of.row, col) for col in (1, 2, 3))
    at = [absolute(row, col) for col in range(len(_HEADS))]
    charged = dollars(int(price.charged_cents))
    cost = (int(price.units) * of.unit + of.further).quantize(_CENT, ROUND_HALF_UP)
    sites = int(price.sold) // days.of_year if price.basis == BASES[-1] and days.of_year != days.of_term else 0
    by_rate = f"=ROUND({sites}*{days.charged(rate)},2)" if sites and of.one_rate else f"=ROUND({at[3]}*{rate}/{of.rate},2)"
    sheet.formula(row, 6, by_rate, charged, style("row", "money"))
    sheet.formula(row, 7, f"=ROUND({at[5]}*{unit}+{further},2)", cost, style("row", "money"))
    if price.sold and price.units:
        sheet.formula(row, 8, *_pays(at, price, cost, days), style("row", "money"))
        may_cost = ((charged - of.further) / int(price.units)).quantize(_CENT, ROUND_FLOOR)
        sheet.formula(row, 9, f"=INT(ROUND(({at[6]}-{further})*100/{at[5]},6))/100", may_cost, style("row", "money"))
    else:
        for col in (8, 9):
            sheet.text(row, col, "none sold", style("row", "text"))
    sheet.formula(row, 10, f"=ROUND({at[6]}-{at[7]},2)", charged - cost, style("row", "money"))
    verdict: Any = "pays" if charged >= cost else "does not pay"
    sheet.formula(row, 11, f'=IF({at[10]}>=0,"pays","does not pay")', verdict, style("row", "text"))


def _pays(at: Sequence[str], price: Any, cost: Decimal, days: _Days) -> tuple[str, Decimal]:
    """The smallest rate in whole cents that recovers the `cost` in the cells `at` of a row, as a formula and worked out."""
    cents = int(cost * 100)
    if price.basis != BASES[-1] or days.of_year == days.of_term:
        sold = f"{at[4]}/{days.of_term}" if price.basis == BASES[-1] else at[4]
        pieces = int(price.sold) // (days.of_term if price.basis == BASES[-1] else 1)
        return f"=-INT(-ROUND({at[7]}*100/({sold}),6))/100", dollars(each(cents, pieces))
    sites = int(price.sold) // days.of_year
    # a cent a site short of the cost, and from there as many cents up as do not recover it yet
    least = f"INT(ROUND((-INT(-ROUND({at[7]}*100/{sites},6))-1)*{days.of_term}/{days.of_year},6))"
    tried = f"({least}+{{{';'.join(map(str, range(math.ceil(days.of_term / days.of_year) + 1)))}}})/100"
    missed = f"SUMPRODUCT(--(ROUND({sites}*{days.charged(tried)},2)<{at[7]}))"
    rate = rate_a_term(each(cents, sites), days.of_year, days.before, days.of_term)
    return f"=({least}+{missed})/100", dollars(rate)


def write_lots_to_buy(book: Workbook, books: Books, settings: Settings) -> None:
    """Write the sheet of UNITS: what must be bought for each fiscal year, tier and basis, and by when the page Lots says to order."""
    table = books.units_needed
    table = table[table.groupby("tier")["needed"].transform("sum") > 0]
    labels: Mapping[int, str] = year_labels(books.forecast, settings.organization.fiscal_year_starts, book.imprint.as_of)
    order = {stock.tier: stock.order_on for stock in lots_left.by_tier(books.lots, table["tier"].unique())}
    running = calendar.fiscal_year_of(book.imprint.as_of, settings.organization.fiscal_year_starts)
    keys = list(zip(table["fiscal_year"].tolist(), table["tier"].tolist(), table["first_short"].tolist(), strict=True))
    days = [lots_left.order_on(month, order.get(tier) if year == running else None, settings.lots.lead_days) for year, tier, month in keys]
    by = [words.day(day) if day else "" for day in days]
    known = books.prices.dropna(subset="unit_cost_cents").set_index("tier")["unit_cost_cents"].to_dict()
    cost = [int(units) * known[tier] if tier in known else None for tier, units in zip(table["tier"], table["to_buy"], strict=True)]
    fields = [
        Field("Fiscal year", "text", [labels.get(year, f"FY{year}") for year in table["fiscal_year"].tolist()]),
        Field("Tier", "text", table["tier"].tolist()),
        Field("Charged", "text", [BASIS_WORDS[basis] for basis in table["basis"].tolist()]),
        Field("Units needed", "whole", table["needed"].tolist()),
        Field("From today's lots", "whole", table["from_stock"].tolist()),
        Field("To buy", "whole", table["to_buy"].tolist()),
        Field("They cost", "money", cost, absent="no lot"),
        Field(
            "First needed in", "text", [words.month(month) if month else "" for month in table["first_short"]], absent="not in this year"
        ),
        Field("Order by", "text", by, absent="not needed at this pace"),
    ]
    write_grid(
        book.sheet(LOTS_TO_BUY),
        "LotsToBuy",
        fields,
        about="Units of bulk lots that the certificates of today will draw, and what must be bought for them.",
        note="Order by: as early as an order takes; in the running year the verdict of the sheet Lots where that is earlier. US dollars.",
        empty="No certificate in force draws a unit.",
    )
