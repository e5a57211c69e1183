"""The sheet of the year workbook about what lies ahead: certificates and charges by fiscal year and tier, with inputs to turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.contracts import Books
from pipeline.publish import words
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute, dollars
from pipeline.publish.workbooks.forecast_years import year_labels
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.rates import RateCard, rate_card
from pipeline.settings import Settings

SHEET, BY_AGENCY = "Forecast", "Forecast by agency"
FORECAST_WORDS = (
    (
        "Forecast",
        "What the certificates in force ask for if each goes on, public ones for ever fewer days; see the page Forecast.",
    ),
    ("Per order", "The rate for each plan of a year that an order begins: what is billed."),
    ("Per certificate; per certificate and day", "What it would be if each certificate, or each covered day, cost its rate."),
)
_HIGHEST_RATE = 1_000_000
_SUMS = ("issuances", "by_hand", "renewals", "amount_cents", "per_certificate_cents", "per_day_cents")
_HEADS = (
    "Fiscal year", "Tier", "Certificates\nto issue", "Asked for\nby somebody", "Orders\ncharged", "Per order", "Per certificate",
    "Per certificate\nand day",
    "Certificates\nto issue,\nby inputs", "Asked for\nby somebody,\nby inputs", "Per order,\nby inputs", "Per certificate,\nby inputs",
    "Per certificate\nand day,\nby inputs",
)  # fmt: skip
_WIDTHS = (19, 12, 13, 13, 12, 14, 15, 14, 13, 13, 14, 15, 14)
_NOTE = "Turn the shaded figures: the columns by inputs follow. The year of this workbook counts from the day after the data on."
_SCALED = (
    "Amounts are US dollars. Another rate moves what every year is charged in proportion to the last rate of the card, also while an "
    "earlier rate still holds."
)


def write_forecast(book: Workbook, books: Books, settings: Settings) -> None:
    """Write the sheet from FORECAST: a row a fiscal year and tier that is charged; the columns by inputs are live, as are the totals."""
    sheet, starts = book.sheet(SHEET), settings.organization.fiscal_year_starts
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    card = rate_card(settings)
    tiers = [tier for tier in settings.tiers if card.lines.get(tier)]
    row = sheet.banner(_NOTE)
    sheet.text(row, 0, _SCALED, book.style("muted"))
    row = _write_left_out(sheet, row + 1, books.forecast, tiers)
    inputs, row = _write_inputs(sheet, row, tiers, card)
    rows = _rows(books.forecast, tiers, starts)
    labels = year_labels(books.forecast, starts, book.imprint.as_of)
    sheet.fit_row(row, list(zip(_HEADS, _WIDTHS, strict=True)), least=50)
    for col, head in enumerate(_HEADS):
        sheet.text(row, col, head, book.style("head", "wrapped", *(("right",) if col > 1 else ())))
    for at, figures in enumerate(rows, row + 1):
        _write_row(sheet, at, labels[figures["fiscal_year"]], figures, inputs)
    if not rows:
        sheet.text(row + 1, 0, "No certificate in force is charged, so nothing lies ahead.", book.style("muted"))
    else:
        _write_total(sheet, row + 1, rows)
    sheet.raw.freeze_panes(row + 1, 2)
    sheet.raw.repeat_rows(row)


def _write_left_out(sheet: Sheet, row: int, forecast: pd.DataFrame, tiers: Sequence[str]) -> int:
    """Say what stands in no row, if anything does: certificates that nobody is charged for. The first free row."""
    left_out = int(forecast.loc[~forecast["tier"].isin(list(tiers)), "issuances"].sum())
    if not left_out:
        return row
    who = "without a tier or a rate, or known from an inventory or a certificate file only: they are charged to nobody."
    told = f"Not in these rows: {words.count(left_out, 'certificate')} to issue {who}"
    sheet.text(row, 0, told, sheet.book.style("muted"))
    return row + 1


def _write_inputs(sheet: Sheet, row: int, tiers: Sequence[str], card: RateCard) -> tuple[Mapping[str, tuple[str, int]], int]:
    """The figures to turn; where each stands with its present value in cents, and the row below them and a blank one."""
    book, found = sheet.book, {}
    for name, label in (("merged", "Share merged into others"), ("automated", "Share renewing itself")):
        sheet.text(row, 0, label, book.style("row", "text"))
        sheet.blank(row, 1, book.style("row"))
        sheet.number(row, 2, 0.0, book.style("row", "answer", "share"))
        sheet.bound(row, row, 2, "decimal", (0, 1), "A share between 0 and 100 %.")
        found[name] = (absolute(row, 2), 0)
        row += 1
    for tier in tiers:
        cents = card.lines[tier][1][-1]
        sheet.text(row, 0, f"Rate, {tier}", book.style("row", "text"))
        sheet.blank(row, 1, book.style("row"))
        sheet.money(row, 2, cents, book.style("row", "answer", "money"))
        sheet.bound(row, row, 2, "decimal", (0, _HIGHEST_RATE), "A rate in US dollars, such as 221.19.")
        found[tier] = (absolute(row, 2), cents)
        row += 1
    return found, row + 1


def _rows(forecast: pd.DataFrame, tiers: Sequence[str], starts: int) -> list[dict[str, Any]]:
    """The sums of FORECAST by fiscal year and tier, in their order."""
    years = forecast["month"].map(lambda month: calendar.fiscal_year_of_month(month, starts))
    table = forecast.assign(fiscal_year=years.astype("int64"))
    sums = table[table["tier"].isin(list(tiers))].groupby(["fiscal_year", "tier"])[list(_SUMS)].sum().reset_index()
    found = [{str(name): cell for name, cell in row.items()} for row in sums.to_dict("records")]
    return sorted(found, key=lambda row: (row["fiscal_year"], tiers.index(row["tier"])))


def _write_row(sheet: Sheet, row: int, label: str, figures: Mapping[str, Any], inputs: Mapping[str, tuple[str, int]]) -> None:
    book = sheet.book
    sheet.text(row, 0, label, book.style("row", "text"))
    sheet.text(row, 1, figures["tier"], book.style("row", "text"))
    kept, (rate, cents) = f"(1-{inputs['merged'][0]})", inputs[figures["tier"]]
    turned = f"*{kept}*{rate}/{dollars(cents)}"
    for col, name in enumerate(_SUMS, 2):
        amount = name.endswith("_cents")
        if amount:
            sheet.money(row, col, int(figures[name]), book.style("row", "money"))
        else:
            sheet.number(row, col, figures[name], book.style("row", "whole"))
    sheet.formula(row, 8, f"={absolute(row, 2)}*{kept}", figures["issuances"], book.style("row", "whole"))
    by_hand = f"={absolute(row, 3)}*{kept}*(1-{inputs['automated'][0]})"
    sheet.formula(row, 9, by_hand, figures["by_hand"], book.style("row", "whole"))
    for col, name in enumerate(("amount_cents", "per_certificate_cents", "per_day_cents"), 10):
        shown = dollars(int(figures[name]))
        sheet.formula(row, col, f"=ROUND({absolute(row, col - 5)}{turned},2)", shown, book.style("row", "money"))


def _write_total(sheet: Sheet, first: int, rows: Sequence[Mapping[str, Any]]) -> None:
    book, row = sheet.book, first + len(rows)
    sheet.text(row, 0, "Total", book.style("total", "text"))
    sheet.blank(row, 1, book.style("total"))
    columns = (*_SUMS, "issuances", "by_hand", "amount_cents", "per_certificate_cents", "per_day_cents")
    for col, name in enumerate(columns, 2):
        total = sum(figures[name] for figures in rows)
        down = f"=SUM({absolute(first, col)}:{absolute(row - 1, col)})"
        amount = name.endswith("_cents")
        sheet.formula(row, col, down, dollars(int(total)) if amount else total, book.style("total", "money" if amount else "whole"))


def write_forecast_by_agency(book: Workbook, books: Books, settings: Settings) -> None:
    """Write the sheet of what each agency would be charged on each basis, by fiscal year, from FORECAST."""
    starts = settings.organization.fiscal_year_starts
    years = {month: calendar.fiscal_year_of_month(month, starts) for month in books.forecast["month"].unique()}
    table = books.forecast.assign(fiscal_year=books.forecast["month"].map(years).astype("int64"))
    sums = table.groupby(["agency", "fiscal_year"])[list(_SUMS)].sum().reset_index()
    labels = year_labels(books.forecast, starts, book.imprint.as_of)
    fields = [
        Field("Agency", "text", sums["agency"].tolist(), absent="no agency known"),
        Field("Fiscal year", "text", [labels[year] for year in sums["fiscal_year"].tolist()]),
        Field("Certificates to issue", "whole", sums["issuances"].tolist(), total=True),
        Field("Asked for by somebody", "whole", sums["by_hand"].tolist(), total=True),
        Field("Orders charged", "whole", sums["renewals"].tolist(), total=True),
        Field("Per order", "money", sums["amount_cents"].tolist(), total=True),
        Field("Per certificate", "money", sums["per_certificate_cents"].tolist(), total=True),
        Field("Per certificate and day", "money", sums["per_day_cents"].tolist(), total=True),
    ]
    write_grid(
        book.sheet(BY_AGENCY),
        "ForecastByAgency",
        fields,
        about="What each agency would be charged in each fiscal year on each charge basis, if each certificate in force goes on.",
        note="US dollars, at the rates of the rate card, if each certificate goes on; per order is what is billed. A merged agency counts "
        "with its successor.",
        empty="No certificate is in force, so nothing lies ahead.",
    )
