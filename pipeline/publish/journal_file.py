"""The journal as a file a fiscal year, for the import into the state's accounting: CSV with dollars, safe to open in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.contracts import JOURNAL, Books
from pipeline.publish.tables import csv_rows, formula_safe

_MONEY = {"debit_cents": "debit", "credit_cents": "credit"}
_COLUMNS = [column for column in JOURNAL.columns if column.name != "fiscal_year"]


def journal_path(fiscal_year: int) -> str:
    """Where the journal of a fiscal year lies below the run folder."""
    return f"finance/journal-{fiscal_year}.csv"


def write(books: Books, folder: Path) -> list[Path]:
    """Write the journal of each fiscal year that has entries below the run folder; returns the paths, oldest first.

    UTF-8, a header, two lines for each entry: the agency's account, then the office's own. Amounts are dollars with two decimals; the
    side that a line is not on is empty. The same books give the same bytes.
    """
    paths = []
    for fiscal_year, lines in books.journal.groupby("fiscal_year", sort=True):
        path = folder / journal_path(int(str(fiscal_year)))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = csv_rows(stream)
            rows.writerow([_MONEY.get(column.name, column.name) for column in _COLUMNS])
            rows.writerows(zip(*(_cells(column.name, column.kind, lines[column.name]) for column in _COLUMNS), strict=True))
        paths.append(path)
    return paths


def _cells(name: str, kind: str, values: pd.Series[Any]) -> list[str]:
    if name in _MONEY:
        return [f"{cents // 100}.{cents % 100:02d}" if cents else "" for cents in values.tolist()]
    if kind == "day":
        return [f"{day:%Y-%m-%d}" for day in values.tolist()]
    return [formula_safe(text) for text in values.tolist()] if kind == "text" else [str(number) for number in values.tolist()]
