"""Scenarios put into the sheet of the year workbook by hand, and the same ones as scenario.toml would have them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from pipeline import forecast
from pipeline.contracts import BASES, LINTS, LOTS, RENEWALS, REQUESTS
from pipeline.publish import workbooks
from pipeline.settings import Scenario
from tests import orders
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS

BASIS_WORDS = dict(zip(BASES, ("Per order", "Per certificate", "Per certificate and day"), strict=True))
SHEET = "Scenarios"
FIRST_INPUT, OWN = 4, "your own"
_DAY, _EACH, _MONTH = BASES[2], BASES[1], dt.date(2026, 11, 1)
CASES = (
    Scenario(name="by the day at once", since=_MONTH, basis=_DAY),
    Scenario(name="by the day in 2028", since=_MONTH, basis=_DAY, basis_since=dt.date(2028, 7, 1)),
    Scenario(name="by the day in a new year", since=dt.date(2028, 3, 9), basis=_DAY, basis_since=dt.date(2029, 1, 17)),
    Scenario(name="each at once, merged", since=_MONTH, basis=_EACH, consolidate=Decimal("0.3")),
    Scenario(name="each in 2027", since=dt.date(2027, 4, 1), basis=_EACH, automate=Decimal("0.5"), basis_since=dt.date(2027, 10, 1)),
    Scenario(
        name="each in 2030, merged", since=dt.date(2027, 5, 1), basis=_EACH, consolidate=Decimal("0.07"), basis_since=dt.date(2030, 2, 28)
    ),
    Scenario(name="each at the end", since=dt.date(2031, 11, 30), basis=_EACH),
    Scenario(name="per order after all", since=dt.date(2027, 7, 1), automate=Decimal("0.9")),
)
"""Some months and both other bases; the last row of the sheet is turned to one more of them."""
_ELSE = Scenario(name="something else", since=dt.date(2028, 2, 1), basis=_EACH, basis_since=dt.date(2028, 9, 1), consolidate=Decimal("0.5"))


def _foreseen(changes: Sequence[Scenario]) -> forecast.Forecast:
    """Of fifty certificates: most with an order of their own, some share one, some have none; renewed sixteen days before they end."""
    told = [
        orders.certificate(
            number,
            f"{day:%Y-%m-%d}",
            order_id="" if number % 13 == 5 else f"O{number // 2 if number < 8 else number}",
            tier="premium" if number % 7 == 3 else "standard",
            status="active",
            trust="public",
            valid_to=(day + pd.Timedelta(days=199)).tz_localize("UTC") - pd.Timedelta(seconds=1),
            days_left=(day.date() + dt.timedelta(days=199) - AS_OF).days,
        )
        for number, day in enumerate(pd.date_range("2026-05-20", periods=50, freq="89h").normalize())
    ]
    certificates, rows = orders.tables(told)
    by = SETTINGS.model_copy(update={"scenario": tuple(changes), "forecast": SETTINGS.forecast.model_copy(update={"lead_days": 16})})
    no_others = (RENEWALS.empty(), LINTS.empty(), REQUESTS.empty(), LOTS.empty())
    return forecast.forecast(certificates, *no_others, orders.came_in(rows), by, AS_OF)


def turned(folder: Path) -> Path:
    """The workbook of a year whose settings hold other scenarios of the same names, with `CASES` put in instead of them."""
    changes = [_ELSE.model_copy(update={"name": change.name}) for change in CASES]
    found = _foreseen(changes)
    tables = {"forecast": found.table, "scenarios": found.scenarios, "paid_before": found.paid_before, "prices": found.prices}
    by = SETTINGS.model_copy(update={"scenario": tuple(changes)})
    *_, path = workbooks.years(bookkeeping.books([bookkeeping.entry(1)], **tables), by, RUN_ID, AS_OF, folder)
    book = openpyxl.load_workbook(path)
    rows = {row[0].value: row for row in book[SHEET].iter_rows(max_row=FIRST_INPUT + len(CASES) + 2)}
    for change in (*CASES, CASES[1].model_copy(update={"name": OWN})):
        put_in = (change.since, change.automate, change.consolidate, BASIS_WORDS[change.basis], change.basis_since or change.since)
        for cell, value in zip(rows[change.name][1:6], put_in, strict=True):
            cell.value = value
    book.save(folder / "turned.xlsx")
    return folder / "turned.xlsx"


def reckoned(path: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What the sheet of a workbook shows by scenario and fiscal year: issued, asked for, units, charged, paid before."""
    rows = openpyxl.load_workbook(path, data_only=True)[SHEET].iter_rows(max_col=8, values_only=True)
    return {(row[0], row[1][:6]): (*row[2:6], row[7]) for row in rows if isinstance(row[0], str) and str(row[1]).startswith("FY2")}


def as_settings_have_them() -> Iterator[tuple[tuple[str, str], tuple[float, ...]]]:
    """The same of SCENARIOS, where the settings hold `CASES`."""
    for row in _foreseen((*CASES, CASES[1].model_copy(update={"name": OWN}))).scenarios.itertuples():
        figures = (row.issuances, row.by_hand, row.units, row.charged_cents / 100, row.paid_cents / 100)
        yield (row.scenario or "as it is", f"FY{row.fiscal_year}"), figures
