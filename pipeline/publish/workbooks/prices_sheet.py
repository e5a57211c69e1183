"""The sheets of the year workbook that say what the years ahead must cost: rates that pay, with inputs to turn, and lots to buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.contracts import BASES, Books
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
        "What the units drawn and the further cost of the tier come to, divided by what is sold; per certificate and day, that of a term. "
        "The further cost is held as it is while the work rises.",
    ),
    ("A unit may cost", "What is charged, less the further cost, divided by the units drawn: if a unit costs more, the rate does not pay."),
)
_NOTE = "Turn the shaded figures: the columns from Charged, by inputs, on follow. Whole fiscal years only; amounts are US dollars."
_SCALED = (
    "Another rate moves what every year is charged in proportion to the last rate of the card, also while an earlier rate still holds."
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
    """What may be turned of a tier, US dollars, and the row it stands in."""

    row: int
    rate: Decimal
    unit: Decimal
    further: Decimal


def write_prices(book: Workbook, books: Books, settings: Settings) -> None:
    """Write the sheet from PRICES: a row a fiscal year, tier and basis; charges, cost, rate and verdict follow the inputs."""
    sheet = book.sheet(SHEET)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    row = sheet.banner(_NOTE)
    sheet.text(row, 0, _SCALED, book.style("muted"))
    row += 1
    lines = rate_card(settings).lines
    rated = books.prices["tier"].map(lambda tier: bool(lines.get(tier))).astype(bool)
    prices: list[Any] = list(books.prices[rated].itertuples(index=False))
    if not prices:
        sheet.text(row, 0, "No certificate in force is charged, so nothing lies ahead.", book.style("muted"))
        return
    _write_heads(sheet, row, _INPUT_HEADS)
    inputs: dict[str, _Inputs] = {}
    for tier in dict.fromkeys(price.tier for price in prices):
        row += 1
        inputs[tier] = _write_inputs(sheet, row, tier, lines[tier][1][-1], [price for price in prices if price.tier == tier])
    row += 2
    _write_heads(sheet, row, _HEADS)
    for at, price in enumerate(prices, row + 1):
        _write_row(sheet, at, price, inputs[price.tier], settings.charges.term_days)


def _write_heads(sheet: Sheet, row: int, heads: Sequence[str]) -> None:
    sheet.fit_row(row, list(zip(heads, _WIDTHS, strict=False)), least=34)
    for col, head in enumerate(heads):
        right = ("right",) if head not in {"Fiscal year", "Tier", "Charged", "By inputs"} else ()
        sheet.text(row, col, head, sheet.book.style("head", "wrapped", *right))


def _write_inputs(sheet: Sheet, row: int, tier: str, cents: int, prices: Sequence[Any]) -> _Inputs:
    """A row to turn. A unit's price is worked back from the most units, so that it is as exact as the cost it gave."""
    most = max(prices, key=lambda price: price.units)
    known = most.units and not pd.isna(most.cost_cents)
    unit = ((Decimal(int(most.cost_cents) - int(most.office_cost_cents)) / int(most.units) / 100) if known else Decimal(0)).quantize(_FINE)
    found = _Inputs(row, dollars(cents), unit, dollars(int(most.office_cost_cents)))
    sheet.text(row, 0, tier, sheet.book.style("row", "text"))
    for col, value in enumerate(found[1:], 1):
        sheet.number(row, col, float(value), sheet.book.style("row", "answer", "money"))
        sheet.bound(row, row, col, "decimal", (0, _HIGHEST), "An amount in US dollars, such as 221.19.")
    if not known:
        sheet.text(row, 4, "No lot tells what a unit costs: put it in. Until then it counts as nothing.", sheet.book.style("muted"))
    return found


def _write_row(sheet: Sheet, row: int, price: Any, of: _Inputs, term_days: int) -> None:
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
    sheet.formula(row, 6, f"=ROUND({at[3]}*{rate}/{of.rate},2)", charged, style("row", "money"))
    sheet.formula(row, 7, f"=ROUND({at[5]}*{unit}+{further},2)", cost, style("row", "money"))
    if price.sold and price.units:
        days = term_days if price.basis == BASES[-1] else 1
        pays = (cost * days / int(price.sold)).quantize(_CENT, ROUND_HALF_UP)
        sheet.formula(row, 8, f"=ROUND({at[7]}*{days}/{at[4]},2)", pays, style("row", "money"))
        may_cost = ((charged - of.further) / int(price.units)).quantize(_CENT, ROUND_FLOOR)
        sheet.formula(row, 9, f"=INT(ROUND(({at[6]}-{further})*100/{at[5]},6))/100", may_cost, style("row", "money"))
    else:
        for col in (8, 9):
            sheet.text(row, col, "none sold", style("row", "text"))
    sheet.formula(row, 10, f"=ROUND({at[6]}-{at[7]},2)", charged - cost, style("row", "money"))
    verdict: Any = "pays" if charged >= cost else "does not pay"
    sheet.formula(row, 11, f'=IF({at[10]}>=0,"pays","does not pay")', verdict, style("row", "text"))


def write_lots_to_buy(book: Workbook, books: Books, settings: Settings) -> None:
    """Write the sheet of UNITS: what must be bought for each fiscal year, tier and basis, and by when the page Lots says to order."""
    table = books.units_needed
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
