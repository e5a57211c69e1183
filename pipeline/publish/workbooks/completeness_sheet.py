"""The sheet `Completeness` of an invoice: every order of its month, and what became of it, so that nothing can be missing unseen."""

from __future__ import annotations

import pandas as pd

from pipeline.contracts import OUTCOMES
from pipeline.publish import words
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute, day_number, dollars
from pipeline.publish.workbooks.evidence import Tie
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.invoice import Invoice
from pipeline.publish.workbooks.lines import NO_TIER, worksheet
from pipeline.publish.workbooks.totals import TOTAL_NAME

_MEANINGS = {
    "billed": "a charge, or an upgrade",
    "reissued": "$0.00, same order",
    "refunded": "its charge was taken back",
    "adjusted": "only decisions and corrections",
    "not billable": "no certificate came of it, or none that is charged",
    "unanswered": "charged once somebody answers",
    "no order": "a decision about the agency as a whole; counts as no order",
}
OUTCOME_WORDS = (
    ("Billed order", "An order that was charged, or upgraded, in the month."),
    ("Reissued order", "An order that only got further certificates within its paid term: $0.00."),
    ("Refunded order", "An order whose charge was taken back in the month, or in whole within it."),
    ("Adjusted order", "An order that only decisions or corrections of an earlier invoice are about."),
    ("Not billable", "An order that is not charged, with the reason: no certificate was issued, or only an inventory names it."),
    ("Unanswered", "An order that is charged once somebody says what its words mean, or what its tier costs."),
)


def write_completeness(book: Workbook, invoice: Invoice) -> Grid:
    """Orders by what became of them, live, and below each order with the row that tells of it."""
    sheet = book.sheet("Completeness")
    top = sheet.banner(_note(invoice))
    found = [outcome for outcome in OUTCOMES if any(order["outcome"] == outcome for order in invoice.orders)]
    grid = write_grid(
        sheet,
        "Orders",
        _fields(invoice),
        not_printed=_place_fields(invoice),
        about="Each order of the account and month, what became of it, and what its lines come to.",
        top=top + len(found) + 3,
        empty="No order of this month is known.",
    )
    _write_summary(sheet, top, found, invoice, grid)
    return grid


def completeness_ties(invoice: Invoice, complete: Grid, lines: Grid) -> list[Tie]:
    """What must agree between this sheet, the lines and the ledger."""
    if not invoice.orders:
        return []
    cents = sum(order["amount_cents"] for order in invoice.orders)
    told = sum(order["lines"] for order in invoice.orders)
    names = {order["order_key"] for order in invoice.orders if order["outcome"] != "no order"}
    counted, amounts = (f"=SUM({complete.reference(name)})" for name in ("Orders", "Amount"))
    return [
        Tie("Each order of the month counts once on Completeness", counted, _orders(invoice), len(names), money=False),
        Tie("The amounts on Completeness add up to the total", amounts, cents, invoice.amount_cents, f"={TOTAL_NAME}"),
        Tie(
            "The lines counted on Completeness are the lines of this invoice",
            f"=SUM({complete.reference('Lines')})",
            told,
            len(invoice.lines),
            f"=COUNT({lines.reference('Amount')})",
            money=False,
        ),
    ]


def _note(invoice: Invoice) -> str:
    said = "Every order of this account and month that the files tell of, each once."
    if invoice.without_agency:
        nobody = words.count(invoice.without_agency, "order")
        stands = "stands on no invoice, because nobody knows" if invoice.is_draft else "stood on no invoice, because nobody knew"
        said += f" {nobody} of the month {stands} yet who pays."
    return said


def _orders(invoice: Invoice) -> int:
    return sum(order["outcome"] != "no order" for order in invoice.orders)


def _fields(invoice: Invoice) -> list[Field]:
    orders = invoice.orders
    return [
        Field("Order", "wrapped", [order["order_id"] for order in orders], absent="no order number", widest=24),
        Field("Common name", "wrapped", [order["host"] for order in orders], absent="no certificate", widest=36),
        Field("Tier", "text", [order["tier"] or NO_TIER for order in orders]),
        Field("First day", "day", [day_number(order["first_on"].date()) for order in orders], absent="no day"),
        Field("Outcome", "text", [order["outcome"] for order in orders]),
        Field("Why", "wrapped", [order["why"] for order in orders], absent="see its lines", widest=44),
        Field("Orders", "whole", [int(order["outcome"] != "no order") for order in orders], total=True),
        Field("Lines", "whole", [order["lines"] for order in orders], total=True),
        Field("Amount", "money", [order["amount_cents"] for order in orders], total=True),
    ]


def _place_fields(invoice: Invoice) -> list[Field]:
    orders = invoice.orders
    return [
        Field("Certificates", "whole", [order["certificates"] for order in orders]),
        Field("File", "text", [order["file"] for order in orders], absent="no input row"),
        Field("Worksheet", "text", [worksheet(order["file"], order["sheet"]) for order in orders]),
        Field("Row or line", "whole", [None if pd.isna(order["row"]) else int(order["row"]) for order in orders], absent="none"),
    ]


def _write_summary(sheet: Sheet, top: int, found: list[str], invoice: Invoice, grid: Grid) -> None:
    """The block above the table: orders and amount by outcome; the name in the first cell is what the formulas look for."""
    book = sheet.book
    figures = [grid.columns[name] for name in ("Orders", "Lines", "Amount")]
    last = grid.columns["Amount"]
    for col in range(last + 1):
        sheet.text(top, col, "", book.style("head"))
    sheet.text(top, 0, "What became of them", book.style("head"))
    for name, col in zip(("Orders", "Lines", "Amount"), figures, strict=True):
        sheet.text(top, col, name, book.style("head", "right"))
    first = top + 1
    for row, outcome in enumerate(found, first):
        of_it = [order for order in invoice.orders if order["outcome"] == outcome]
        for col in range(last + 1):
            sheet.blank(row, col, book.style("row"))
        sheet.text(row, 0, outcome, book.style("row", "text"))
        sheet.text(row, 1, _MEANINGS[outcome], book.style("row", "text", "muted"))
        shown = (sum(order["outcome"] != "no order" for order in of_it), sum(order["lines"] for order in of_it))
        cents = sum(order["amount_cents"] for order in of_it)
        for name, col, value in zip(("Orders", "Lines", "Amount"), figures, (*shown, dollars(cents)), strict=True):
            formula = f"=SUMPRODUCT(({grid.reference('Outcome')}={absolute(row, 0)})*{grid.reference(name)})"
            sheet.formula(row, col, formula, value, book.style("row", "money" if name == "Amount" else "whole"))
    if found:
        _write_total(sheet, first, first + len(found) - 1, invoice, figures)


def _write_total(sheet: Sheet, first: int, last: int, invoice: Invoice, figures: list[int]) -> None:
    book = sheet.book
    row = last + 1
    for col in range(figures[-1] + 1):
        sheet.blank(row, col, book.style("total"))
    sheet.text(row, 0, "Total", book.style("total", "text"))
    lines, cents = (sum(order[name] for order in invoice.orders) for name in ("lines", "amount_cents"))
    for col, value in zip(figures, (_orders(invoice), lines, dollars(cents)), strict=True):
        look = book.style("total", "money" if col == figures[-1] else "whole")
        sheet.formula(row, col, f"=SUM({absolute(first, col)}:{absolute(last, col)})", value, look)
