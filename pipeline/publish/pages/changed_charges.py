"""What is charged otherwise than in the previous run: invoice by invoice, and line by line with the way to its trace."""

from __future__ import annotations

import pandas as pd

from pipeline import changes
from pipeline.contracts import RunRecord
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, address, rows_of
from pipeline.publish.parts import Cell, Grid, Head, Link

SHOWN = 200  # rows of a table


def invoices(edition: Edition, current: RunRecord, before: RunRecord) -> Grid:
    """The invoices that come to another sum, the largest difference first."""
    moved = changes.cents_by_invoice(current, before)
    cells: list[list[Cell]] = []
    for name, cents in sorted(moved.items(), key=lambda one: (-abs(one[1]), one[0]))[:SHOWN]:
        period, agency, account = (*name.split(" ", 2), "")[:3]
        month = _trace(edition, period, agency) if name in current.figures else edition.period_title(period)
        then, now = (words.amount(record.figures[name]) if name in record.figures else "no invoice" for record in (before, current))
        cells.append([month, edition.agency(agency), account, then, now, words.amount(cents)])
    columns: tuple[Head, ...] = (Head("Month", "date"), Head("Agency"), Head("Account", "short"), Head("Then, $", "number"))
    columns += (Head("Now, $", "number"), Head("Difference, $", "number"))
    total: list[Cell] = ["Total", "", "", "", "", words.amount(sum(moved.values()))]
    caption = "Invoices that come to another sum, largest difference first, in US dollars"
    return Grid(caption, columns, cells, "", total if cells else (), captioned=False, lead=5)


def lines(edition: Edition, current: RunRecord, before: RunRecord) -> Grid:
    """The lines of the ledger that are new, charge otherwise, or are there no more; newest month first, what is gone last."""
    change = ledger_change(current, before)
    ledger = edition.books.ledger
    touched = ledger[ledger["entry_id"].isin({*change.new, *change.changed})]
    new = set(change.new)
    cells: list[list[Cell]] = []
    for row in rows_of(touched.sort_values(["period", "billed_to", "entry_id"], ascending=[False, True, True]).iloc[:SHOWN]):
        told = changes.told(before, "ledger", row.entry_id)
        then = "new" if row.entry_id in new else words.amount(int(told["amount_cents"])) if told else "not recorded"
        month = _trace(edition, row.period, row.billed_to)
        cells.append([month, edition.agency(row.billed_to), _order(row.order_id), row.tier, then, words.amount(int(row.amount_cents))])
    cells += _gone(edition, change.gone, before)
    columns: tuple[Head, ...] = (Head("Month", "date"), Head("Agency"), Head("Order"), Head("Tier", "short"))
    columns += (Head("Then, $", "number"), Head("Now, $", "number"))
    return Grid(
        "Lines that are new, charge otherwise or are there no more, in US dollars", columns, cells[:SHOWN], "", captioned=False, lead=5
    )


def ledger_change(current: RunRecord, before: RunRecord) -> changes.Change:
    """Which lines of the ledger are new, gone or changed."""
    return next(one for one in changes.against(current, before) if one.table == "ledger")


def _gone(edition: Edition, keys: tuple[str, ...], before: RunRecord) -> list[list[Cell]]:
    """Lines that were charged in the previous run only; it recorded no order numbers."""
    cells: list[list[Cell]] = []
    for key in keys:
        told = changes.told(before, "ledger", key)
        if told is None:
            cells.append(["not recorded", "not recorded", "not recorded", "not recorded", "not recorded", "not charged any more"])
        else:
            month, then = edition.period_title(told["period"]), words.amount(int(told["amount_cents"]))
            cells.append([month, edition.agency(told["billed_to"]), "not recorded", told["tier"], then, "not charged any more"])
    return cells


def _trace(edition: Edition, period: str, agency: str) -> Link:
    return Link(edition.period_title(period), f"trace/{address(agency)}.html#{period}")


def _order(order_id: str) -> str:
    return order_id if not pd.isna(order_id) and order_id else "no order number"
