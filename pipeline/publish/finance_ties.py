"""Reading finance's CSV files back: what they add up to must be the ledger's, in the very cells that another program will read."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from pipeline.contracts import Books
from pipeline.publish.focus_file import focus_path
from pipeline.publish.journal_file import journal_path
from pipeline.reconcile import Check


def finance_ties(books: Books, folder: Path) -> tuple[Check, ...]:
    """The journal of each fiscal year below the run folder `folder`, and its FOCUS file where there is one, against the ledger."""
    years = books.ledger["period"].str.slice(2, 6).astype("int64")
    checks: list[Check] = []
    for fiscal_year in sorted(years.unique().tolist()):
        amounts = books.ledger.loc[years == fiscal_year, "amount_cents"]
        if (folder / journal_path(fiscal_year)).exists():
            checks.extend(_of_journal(folder, journal_path(fiscal_year), int(amounts.abs().sum())))
        if (folder / focus_path(fiscal_year)).exists():
            checks.extend(_of_focus(books, folder, fiscal_year, int(amounts.sum())))
    return tuple(checks)


def _of_journal(folder: Path, path: str, billed: int) -> Iterator[Check]:
    rows = list(_rows(folder / path))
    debits, credits = (sum(_cents(row[side]) for row in rows) for side in ("debit", "credit"))
    yield Check(f"cents debited in {path} = cents of the ledger without their signs", debits, billed)
    yield Check(f"cents credited in {path} = cents debited in it", credits, debits)


def _of_focus(books: Books, folder: Path, fiscal_year: int, billed: int) -> Iterator[Check]:
    path = focus_path(fiscal_year)
    shown: Counter[str] = Counter()
    for row in _rows(folder / path):
        shown[row["InvoiceId"]] += _cents(row["BilledCost"])
    issued = books.invoices[books.invoices["period"].str.startswith(f"FY{fiscal_year}-") & (books.invoices["invoice_no"] != "")]
    agree = sum(shown[number] == cents for number, cents in zip(issued["invoice_no"], issued["amount_cents"], strict=True))
    yield Check(f"cents billed in {path} = cents of the ledger", sum(shown.values()), billed)
    yield Check(f"invoices that add up in {path} = invoices issued for the year", agree, len(issued))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _cents(dollars: str) -> int:
    return int(Decimal(dollars or "0") * 100)
