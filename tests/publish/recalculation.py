"""A second opinion on our own formulas: works each one out from the cells that it names, in exact decimals.

It knows only the few shapes that the workbooks use and refuses any other, so a formula that came from data is found here too.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook

_REFERENCE = r"(?:'[^']+'!)?\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?|[A-Za-z]+\[[A-Za-z0-9 ]+\]|LedgerTotal"
_WORD = r'"[a-z ]+"'
_KEPT = rf"\(1-({_REFERENCE})\*\(({_REFERENCE})>=({_REFERENCE})\)\)"
_OF_YEAR = rf"\(({_REFERENCE})=({_REFERENCE})\)"
_BASIS = r'"Per [a-z ]+"'
_BY_THE_DAY = r"(\d+)\*\(ROUND\(RATE\*(\d+)/(\d+),2\)-ROUND\(RATE\*(\d+)/(\d+),2\)\)"
_LEAST = rf"INT\(ROUND\(\(-INT\(-ROUND\(({_REFERENCE})\*100/(\d+),6\)\)-1\)\*(\d+)/(\d+),6\)\)"
_LOOKED_UP = (
    rf"SUMIFS\(({_REFERENCE}),({_REFERENCE}),({_REFERENCE}),({_REFERENCE}),MAX\(({_REFERENCE}),DATE\((\d+),(\d+),1\)\),"
    rf"({_REFERENCE}),({_REFERENCE})\)\*\(1-({_REFERENCE})\)"
)
_LATER = rf"MAX\(({_REFERENCE}),({_REFERENCE})\)"
_SHAPES = {
    "sum": re.compile(rf"=(?:SUM|SUBTOTAL)\((?:109,)?({_REFERENCE})\)"),
    "count": re.compile(rf"=COUNT\(({_REFERENCE})\)"),
    "tier": re.compile(rf"=SUMPRODUCT\(\(({_REFERENCE})=({_REFERENCE})\)\*({_REFERENCE})\)"),
    "month": re.compile(rf'=SUMIFS\(({_REFERENCE}),({_REFERENCE}),"(FY\d{{4}}-P\d\d)"\)'),
    "agencies": re.compile(rf'=SUMIFS\(({_REFERENCE}),({_REFERENCE}),"agency"\)-SUMIFS\(({_REFERENCE}),({_REFERENCE}),"agency"\)'),
    "counted": re.compile(rf"=COUNTIFS\(({_REFERENCE}),({_REFERENCE}),({_REFERENCE}),({_WORD}),({_REFERENCE}),({_WORD})\)"),
    "counted so": re.compile(
        rf"=COUNTIFS\(({_REFERENCE}),({_REFERENCE}),({_REFERENCE}),({_WORD}),({_REFERENCE}),({_WORD}),({_REFERENCE}),({_WORD})\)"
    ),
    "kept": re.compile(rf"=({_REFERENCE})\*\(1-({_REFERENCE})\)(?:\*\(1-({_REFERENCE})\))?"),
    "at another rate": re.compile(rf"=ROUND\(({_REFERENCE})\*\(1-({_REFERENCE})\)\*({_REFERENCE})/(\d+(?:\.\d+)?),2\)"),
    "scenario": re.compile(rf"=SUMPRODUCT\({_OF_YEAR}\*({_REFERENCE})\*{_KEPT}(?:\*{_KEPT})?\)"),
    "paid before": re.compile(rf"=ROUND\({_LOOKED_UP},2\)"),
    "first of the month": re.compile(rf"=DATE\(YEAR\(({_REFERENCE})\),MONTH\(({_REFERENCE})\),1\)"),
    "first of the later month": re.compile(rf"=DATE\(YEAR\({_LATER}\),MONTH\({_LATER}\),1\)"),
    "scenario units": re.compile(
        rf"=SUMPRODUCT\({_OF_YEAR}\*{_KEPT}\*\(({_REFERENCE})\+\(({_REFERENCE})-({_REFERENCE})\)\*\(({_REFERENCE})>=({_REFERENCE})\)"
        rf"\*\(({_REFERENCE})=({_BASIS})\)\)\)-{_LOOKED_UP}"
    ),
    "scenario charges": re.compile(
        rf"=SUMPRODUCT\({_OF_YEAR}\*ROUND\({_KEPT}\*\(({_REFERENCE})"
        rf"\+\(\(({_REFERENCE})-({_REFERENCE})\)\*\(({_REFERENCE})=({_BASIS})\)"
        rf"\+\(({_REFERENCE})-({_REFERENCE})\)\*\(({_REFERENCE})=({_BASIS})\)\)\*\(({_REFERENCE})>=({_REFERENCE})\)\),2\)\)-({_REFERENCE})"
    ),
    "charged at another rate": re.compile(rf"=ROUND\(({_REFERENCE})\*({_REFERENCE})/(\d+(?:\.\d+)?),2\)"),
    "cost": re.compile(rf"=ROUND\(({_REFERENCE})\*({_REFERENCE})\+({_REFERENCE}),2\)"),
    "rate that pays": re.compile(rf"=-INT\(-ROUND\(({_REFERENCE})\*100/\(({_REFERENCE})(?:/(\d+))?\),6\)\)/100"),
    "charged by the day": re.compile(rf"=ROUND\({_BY_THE_DAY},2\)".replace("RATE", rf"({_REFERENCE})")),
    "rate that pays by the day": re.compile(
        rf"=\({_LEAST}\+SUMPRODUCT\(--\(ROUND\({_BY_THE_DAY},2\)<({_REFERENCE})\)\)\)/100".replace(
            "RATE", rf"\({_LEAST}\+\{{([\d;]+)\}}\)/100"
        )
    ),
    "may cost": re.compile(rf"=INT\(ROUND\(\(({_REFERENCE})-({_REFERENCE})\)\*100/({_REFERENCE}),6\)\)/100"),
    "verdict": re.compile(rf'=IF\(({_REFERENCE})>=0,"pays","does not pay"\)'),
    "less": re.compile(rf"=ROUND\(({_REFERENCE})-({_REFERENCE}),2\)"),
    "share": re.compile(rf"=({_REFERENCE})/({_REFERENCE})"),
    "equal": re.compile(rf"=ROUND\(({_REFERENCE})-({_REFERENCE}),2\)=0"),
    "all": re.compile(rf"=AND\(({_REFERENCE})\)"),
    "same": re.compile(rf"=({_REFERENCE})"),
}


def formulas(path: Path) -> Iterator[tuple[str, Any, Any]]:
    """For each formula of a workbook its place and text, the value it shows, and the value it must have."""
    yield from formulas_of(openpyxl.load_workbook(path), path)


def formulas_of(live: Workbook, path: Path) -> Iterator[tuple[str, Any, Any]]:
    """`formulas` of a workbook that is loaded already, with its formulas: loading takes longer than all the rest."""
    shown = openpyxl.load_workbook(path, data_only=True)
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    value = shown[sheet.title][cell.coordinate].value
                    yield (
                        f"{sheet.title}!{cell.coordinate} {cell.value}",
                        _as_shown(value),
                        _worked_out(str(cell.value), shown, sheet.title),
                    )


def _worked_out(formula: str, book: Workbook, sheet: str) -> Any:
    for shape, pattern in _SHAPES.items():
        match = pattern.fullmatch(formula)
        if match:
            return _value(shape, [_part(book, sheet, part) for part in match.groups()])
    raise AssertionError(f"no formula of ours: {formula}")


def _part(book: Workbook, sheet: str, part: str | None) -> list[Any]:
    """What a part of a formula stands for: a word, a number, cells; [None] where it is left out."""
    if part is None or part[0].isdigit():
        return [part]
    return [part.strip('"')] if part.startswith(("FY", '"')) else _cells(book, sheet, part)


def _value(shape: str, parts: list[list[Any]]) -> Any:
    numbers = [_exact(value) for value in parts[0] if isinstance(value, int | float)]
    if shape == "sum":
        return sum(numbers, Decimal(0))
    if shape == "count":
        return Decimal(sum(isinstance(value, int | float | dt.date) for value in parts[0]))
    if shape.startswith("counted"):
        wanted = [part[0] for part in parts[1::2]]
        return Decimal(sum(list(row) == wanted for row in zip(*parts[::2], strict=True)))
    if shape == "kept":
        return _exact(parts[0][0]) * (1 - _exact(parts[1][0])) * (1 - _exact(parts[2][0] or 0))
    if shape == "at another rate":
        amount, merged, rate, today = (_exact(part[0]) for part in parts)
        return round(amount * (1 - merged) * rate / today, 2)
    if shape in {"charged at another rate", "cost", "may cost"}:
        return _of_price(shape, *(_exact(part[0]) for part in parts))
    if shape == "rate that pays":
        cost, sold, term = (_exact(part[0]) for part in parts)
        return (cost * (term or 1) / sold).quantize(Decimal("0.01"), ROUND_CEILING)
    if shape == "charged by the day":
        sites, rate, by, term, _, before, _ = (_exact(part[0]) for part in parts)
        return sites * _by_the_day(rate, by, before, term)
    if shape == "rate that pays by the day":
        sites, by, term, before, cost = (_exact(parts[place][0]) for place in (4, 10, 11, 17, 19))
        return next(rate for rate in map(_cents, range(10_000_000)) if sites * _by_the_day(rate, by, before, term) >= cost)
    if shape == "verdict":
        return "pays" if _exact(parts[0][0]) >= 0 else "does not pay"
    if shape == "paid before":
        return round(_paid_before(parts), 2)
    if shape.startswith("first of the"):
        return _as_shown(max(part[0] for part in parts).replace(day=1))
    if shape.startswith("scenario"):
        return _of_scenario(shape, parts)
    if shape == "less":
        return _exact(parts[0][0]) - _exact(parts[1][0])
    if shape == "share":
        return _exact(float(parts[0][0]) / float(parts[1][0]))
    if shape == "tier":
        return sum((_exact(amount) for tier, amount in zip(parts[0], parts[2], strict=True) if tier == parts[1][0]), Decimal(0))
    if shape == "month":
        return sum((_exact(amount) for amount, period in zip(parts[0], parts[1], strict=True) if [period] == parts[2]), Decimal(0))
    if shape == "agencies":
        debits, of_debits, credits, of_credits = parts
        return _of_agencies(debits, of_debits) - _of_agencies(credits, of_credits)
    if shape == "equal":
        return round(_exact(parts[0][0]) - _exact(parts[1][0]), 2) == 0
    return all(parts[0]) if shape == "all" else _as_shown(parts[0][0])


def _cents(number: int) -> Decimal:
    return Decimal(number) / 100


def _by_the_day(rate: Decimal, by: Decimal, before: Decimal, term: Decimal) -> Decimal:
    """What a site is charged from the end of so many days before on, by the share of the rate of all days so far."""
    return round(rate * by / term, 2) - round(rate * before / term, 2)


def _of_price(shape: str, one: Decimal, other: Decimal, last: Decimal) -> Decimal:
    """An amount of the sheet of prices, to the cent: half a cent up, or what a unit may cost down."""
    if shape == "may cost":
        return ((one - other) / last).quantize(Decimal("0.01"), ROUND_FLOOR)
    return (one * other + last if shape == "cost" else one * other / last).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _of_scenario(shape: str, parts: list[list[Any]]) -> Decimal:
    """A figure of a scenario, month by month: of its fiscal year, less what is merged, on the basis in force."""
    years, year, *rest = parts
    places = [place for place, of in enumerate(years) if [of] == year]
    if shape == "scenario":
        values, *changes = rest
        return sum((_exact(values[place]) * _left(changes[:3], place) * _left(changes[3:], place) for place in places), Decimal(0))
    if shape == "scenario units":
        renewals, issued, _, ends, since, basis, named = rest[3:10]
        paid = _paid_before(rest[10:])
        switched = {place: ends[place] >= since[0] and basis == named for place in places}
        return sum((_exact((issued if switched[at] else renewals)[at]) * _left(rest[:3], at) for at in places), Decimal(0)) - paid
    order, each, _, basis, by_each, daily, _, _, by_day, ends, since, beyond = rest[3:]
    of_basis = {by_each[0]: each, by_day[0]: daily}
    total = Decimal(0)
    for place in places:
        amounts = of_basis.get(basis[0], order) if ends[place] >= since[0] else order
        total += (_exact(amounts[place]) * _left(rest[:3], place)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return total - _exact(beyond[0])


def _paid_before(parts: list[list[Any]]) -> Decimal:
    """What is paid beyond the switch of a scenario, by its basis and month, in a fiscal year, less what is merged."""
    amounts, bases, (basis,), begins, (since,), (year,), (month,), years, (of_year,), (merged,) = parts
    wanted = (basis, max(since, since.replace(year=int(year), month=int(month), day=1)), of_year)
    found = (amount for *key, amount in zip(bases, begins, years, amounts, strict=True) if tuple(key) == wanted)
    return sum(map(_exact, found), Decimal(0)) * (1 - _exact(merged))


def _left(change: list[list[Any]], place: int) -> Decimal:
    """What share is left in a month: all of it where no change is named, or its day has not come."""
    if not change or change[0] == [None]:
        return Decimal(1)
    share, ends, since = change
    return 1 - _exact(share[0]) if ends[place] >= since[0] else Decimal(1)


def _of_agencies(amounts: list[Any], sides: list[Any]) -> Decimal:
    return sum((_exact(amount) for amount, side in zip(amounts, sides, strict=True) if side == "agency" and amount is not None), Decimal(0))


def _cells(book: Workbook, sheet: str, reference: str) -> list[Any]:
    if reference == "LedgerTotal":
        reference = str(book.defined_names["LedgerTotal"].attr_text)
    if "[" in reference:
        return _table_column(book, *reference.rstrip("]").split("["))
    if "!" in reference:
        sheet, reference = reference.split("!")
    found = book[sheet.strip("'")][reference.replace("$", "")]
    return [cell.value for row in found for cell in row] if isinstance(found, tuple) else [found.value]


def _table_column(book: Workbook, name: str, column: str) -> list[Any]:
    for sheet in book:
        if name in sheet.tables:
            table = sheet.tables[name]
            data = list(sheet[table.ref])[1 : -1 if table.totalsRowCount else None]
            position = [found.name for found in table.tableColumns].index(column)
            return [row[position].value for row in data]
    raise AssertionError(f"no table {name}")


def _exact(value: Any) -> Any:
    return value if isinstance(value, bool) or value is None else Decimal(str(value))


def _as_shown(value: Any) -> Any:
    """What a cell holds: its text, or its number exactly."""
    return value if isinstance(value, str | dt.date) else _exact(value)
