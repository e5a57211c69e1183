"""The sheets of the year workbook that compare scenarios: inputs to turn, what follows in each fiscal year, reckoned live by month, and
what orders have paid before another basis begins, looked up for whichever basis and month is put in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.contracts import BASES, Books
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute, day_number, dollars
from pipeline.publish.workbooks.forecast_years import BASIS_WORDS, year_labels
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.settings import Scenario, Settings

SHEET, PAID = "Scenarios", "Paid before"
SCENARIO_WORDS = (
    (
        "Scenario",
        "What would be if, from the whole month of its day on, a share of the certificates were merged into others (neither issued nor "
        "charged), a share renewed itself (issued and charged, asked for by nobody), or, from that of its own day on, another basis were "
        "charged.",
    ),
    (
        "Units drawn",
        "Units of lots: one for each order charged, or for each certificate where each one is charged.",
    ),
    (
        "Paid before",
        "What another basis would charge for the terms that orders paid before it began, until they end: it is not charged again. "
        "The sheet Paid before has it for each basis and month; Scenarios takes those put in, less the share merged into others.",
    ),
)
_NOTE = (
    "Turn the shaded figures: the years below follow. A month counts whole; another basis begins with its scenario at the soonest. US "
    "dollars. The page Forecast tells when the desk's promise breaks."
)
_PAID_NOTE = "Not charged again where another basis begins; Scenarios takes it off. US dollars; before merging."
_AS_IT_IS, _OWN = "as it is", "your own"
_WIDTHS = (30, 19, 15, 15, 24, 16, 17, 16, 16)
_INPUT_HEADS = (
    "Scenario", "From", "Renew\nthemselves", "Merged\ninto others", "Charged", "Charged so\nfrom", "Whole months\nfrom",
    "Charged so,\nwhole months\nfrom",
)  # fmt: skip
_YEAR_HEADS = (
    "Scenario",
    "Fiscal year",
    "Certificates\nto issue",
    "Asked for\nby somebody",
    "Units drawn",
    "Charged",
    "More than\nas it is",
    "Paid before,\nnot charged\nagain",
)
_MONTH_HEADS = (
    "Month until", "Fiscal year", "Certificates\nto issue", "Asked for\nby somebody", "Orders charged", "Certificates\ncharged",
    "Per order", "Per certificate", "Per certificate\nand day",
)  # fmt: skip
_PLACES = 6


class _Paid(NamedTuple):
    """The columns of the sheet Paid before, as formulas name them, and the first month that it can tell of."""

    basis: str
    since: str
    year: str
    amount: str
    units: str
    first: dt.date

    def sum_of(self, column: str, row: int, source: int) -> str:
        """What `column` has for the fiscal year of `row` and the basis and month of the inputs `source`, less what is merged."""
        merged, basis, since = (absolute(source, col) for col in (3, 4, 7))
        begins = f"MAX({since},DATE({self.first.year},{self.first.month},1))"
        looked_up = f"SUMIFS({column},{self.basis},{basis},{self.since},{begins},{self.year},{absolute(row, 1)})"
        return f"{looked_up}*(1-{merged})"


class _Ranges(NamedTuple):
    """The cells of each column of the months, as formulas name them."""

    end: str
    year: str
    issuances: str
    by_hand: str
    renewals: str
    drawn: str
    amount_cents: str
    per_certificate_cents: str
    per_day_cents: str


def write_scenarios(book: Workbook, books: Books, settings: Settings) -> None:
    """Write the sheets from FORECAST, SCENARIOS and PAID_BEFORE: the forecast as it is, the scenarios of the settings, one to turn as one
    likes, and what is paid before each basis and month that may be put in."""
    sheet, beside = book.sheet(SHEET), book.sheet(PAID)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    row = sheet.banner(_NOTE)
    if books.forecast.empty:
        for told, at in ((sheet, row), (beside, beside.banner(""))):
            told.text(at, 0, "No certificate in force, so nothing lies ahead.", book.style("muted"))
        return
    starts = settings.organization.fiscal_year_starts
    labels = year_labels(books.forecast, starts, book.imprint.as_of)
    months = _months(books.forecast, labels, starts)
    nothing = Scenario(name=_OWN, since=months[0]["end"].replace(day=1))
    changes = (nothing.model_copy(update={"name": _AS_IT_IS}), *settings.scenario, nothing)
    figures = _figures(books.scenarios, changes, labels)
    inputs = row + 1
    years = inputs + len(changes) + 2
    first = years + len(figures) * len(changes) + 2
    ranges = _Ranges(*(f"{absolute(first, col)}:{absolute(first + len(months) - 1, col)}" for col in range(len(_MONTH_HEADS))))
    _write_inputs(sheet, row, changes)
    paid = _write_paid(beside, books.paid_before, labels, changes[0].since)
    _write_years(sheet, years - 1, inputs, figures, ranges, paid)
    _write_months(sheet, first - 1, months)


def _months(forecast: pd.DataFrame, labels: Mapping[int, str], starts: int) -> list[dict[str, Any]]:
    """The sums of FORECAST by month, with its last day and its fiscal year."""
    of_month = {month: labels[calendar.fiscal_year_of_month(month, starts)] for month in forecast["month"].unique()}
    drawn = forecast["issuances"].where(forecast["per_certificate_cents"] > 0, 0)
    sums = forecast.assign(drawn=drawn).groupby("month")[list(_Ranges._fields[2:])].sum()
    return [
        {
            "end": pd.Period(month, "M").end_time.date(),
            "year": of_month[month],
            **{str(name): cell for name, cell in row.items()},
        }
        for month, row in zip(sums.index.tolist(), sums.to_dict("records"), strict=True)
    ]


def _figures(scenarios: pd.DataFrame, changes: Sequence[Scenario], labels: Mapping[int, str]) -> dict[str, list[Any]]:
    """Of each fiscal year the row of SCENARIOS of each of `changes`; the one to turn is as it is."""
    found: dict[tuple[str, int], Any] = {(row.scenario, row.fiscal_year): row for row in _rows(scenarios)}
    names = ["", *(change.name for change in changes[1:-1]), ""]
    return {labels[year]: [found[name, year] for name in names] for year in sorted({year for _, year in found})}


def _rows(table: pd.DataFrame) -> Iterator[Any]:
    yield from table.itertuples(index=False)


def _heads(sheet: Sheet, row: int, heads: Sequence[str]) -> None:
    sheet.fit_row(row, list(zip(heads, _WIDTHS, strict=False)), least=34)
    for col, head in enumerate(heads):
        sheet.text(row, col, head, sheet.book.style("head", "wrapped", *(("right",) if col > 1 else ())))


def _write_inputs(sheet: Sheet, head: int, changes: Sequence[Scenario]) -> None:
    book = sheet.book
    _heads(sheet, head, _INPUT_HEADS)
    for row, change in enumerate(changes, head + 1):
        turned = ("answer",) if row > head + 1 else ()
        sheet.text(row, 0, change.name, book.style("row", "text"))
        sheet.day(row, 1, day_number(change.since), book.style("row", *turned, "day"))
        sheet.number(row, 2, float(change.automate), book.style("row", *turned, "share"))
        sheet.number(row, 3, float(change.consolidate), book.style("row", *turned, "share"))
        sheet.text(row, 4, BASIS_WORDS[change.basis], book.style("row", *turned, "right"))
        sheet.day(row, 5, day_number(change.basis_since or change.since), book.style("row", *turned, "day", "right"))
        # another basis never begins before the rest of the scenario, as the settings have it
        for col, (of, day) in enumerate(
            ((absolute(row, 1), change.since), (f"MAX({absolute(row, 1)},{absolute(row, 5)})", change.basis_since or change.since)), 6
        ):
            sheet.formula(row, col, f"=DATE(YEAR({of}),MONTH({of}),1)", day_number(day.replace(day=1)), book.style("row", "day", "right"))
    first, last = head + 2, head + len(changes)
    for col in (2, 3):
        sheet.bound(first, last, col, "decimal", (0, 1), "A share between 0 and 100 %.")
    for col in (1, 5):
        sheet.bound(first, last, col, "date", (changes[0].since, dt.date(9999, 12, 31)), "A day of the forecast, such as 2028-07-01.")
    shown = tuple(BASIS_WORDS.values())
    sheet.offer(first, last, 4, shown, f"Choose {', '.join(shown[:-1])} or {shown[-1]}.")


def _write_paid(sheet: Sheet, paid_before: pd.DataFrame, labels: Mapping[int, str], first: dt.date) -> _Paid:
    """Write PAID_BEFORE: a line for each basis and month that may be put in, and fiscal year in which it tells of anything."""
    days = [day_number(dt.date.fromisoformat(f"{month}-01")) for month in paid_before["since"].tolist()]
    fields = [
        Field("Charged", "text", [BASIS_WORDS[basis] for basis in paid_before["basis"].tolist()]),
        Field("Charged so from", "day", days),
        Field("Fiscal year", "text", [labels[year] for year in paid_before["fiscal_year"].tolist()]),
        Field("Paid before", "money", paid_before["paid_cents"].tolist()),
        Field("Units", "whole", paid_before["paid_units"].tolist()),
    ]
    grid = write_grid(
        sheet,
        "PaidBefore",
        fields,
        about="What orders have paid before another basis begins, by basis, the month in which it begins, and fiscal year.",
        note=_PAID_NOTE,
        empty="No order has paid beyond any month of the forecast.",
    )
    basis, since, year, amount, units = (grid.reference(field.title) for field in fields)
    return _Paid(basis, since, year, amount, units, first)


def _write_years(sheet: Sheet, head: int, inputs: int, figures: Mapping[str, Sequence[Any]], ranges: _Ranges, paid_before: _Paid) -> None:
    book = sheet.book
    _heads(sheet, head, _YEAR_HEADS)
    row = head
    for year, of_year in figures.items():
        as_it_is = row + 1
        for place, told in enumerate(of_year):
            row += 1
            source = inputs + place
            sheet.formula(row, 0, f"={absolute(source, 0)}", _name(told, place), book.style("row", "text"))
            sheet.text(row, 1, year, book.style("row", "text"))
            shown = (told.issuances, told.by_hand, told.units)
            units = f"-{paid_before.sum_of(paid_before.units, row, source)}"
            for col, (formula, value) in enumerate(zip(_counts(row, source, ranges), shown, strict=True), 2):
                value_of = f"{formula}{units}" if col == 4 else formula
                sheet.formula(row, col, value_of, round(float(value), _PLACES), book.style("row", "number"))
            charged = f"{_charged(row, source, ranges)}-{absolute(row, 7)}"
            sheet.formula(row, 5, charged, dollars(int(told.charged_cents)), book.style("row", "money"))
            more = dollars(int(told.charged_cents) - int(of_year[0].charged_cents))
            sheet.formula(row, 6, f"=ROUND({absolute(row, 5)}-{absolute(as_it_is, 5)},2)", more, book.style("row", "money"))
            beyond = f"=ROUND({paid_before.sum_of(paid_before.amount, row, source)},2)"
            sheet.formula(row, 7, beyond, dollars(int(told.paid_cents)), book.style("row", "money"))


def _name(told: Any, place: int) -> Any:
    return told.scenario or (_OWN if place else _AS_IT_IS)


def _counts(row: int, source: int, ranges: _Ranges) -> Iterator[str]:
    """Certificates to issue, those asked for, and units drawn in the fiscal year of `row`, under the inputs of the row `source`."""
    since, automated, merged, basis, basis_since = (absolute(source, col) for col in (1, 2, 3, 4, 7))
    of_year = f"({ranges.year}={absolute(row, 1)})"
    kept = f"(1-{merged}*({ranges.end}>={since}))"
    yield f"=SUMPRODUCT({of_year}*{ranges.issuances}*{kept})"
    yield f"=SUMPRODUCT({of_year}*{ranges.by_hand}*{kept}*(1-{automated}*({ranges.end}>={since})))"
    each = f'({ranges.drawn}-{ranges.renewals})*({ranges.end}>={basis_since})*({basis}="{BASIS_WORDS[BASES[1]]}")'
    yield f"=SUMPRODUCT({of_year}*{kept}*({ranges.renewals}+{each}))"


def _charged(row: int, source: int, ranges: _Ranges) -> str:
    """What is charged in the fiscal year of `row`, on the basis in force in each month, rounded once a month as SCENARIOS is."""
    since, merged, basis, basis_since = (absolute(source, col) for col in (1, 3, 4, 7))
    order = ranges.amount_cents
    otherwise = "+".join(
        f'({amounts}-{order})*({basis}="{BASIS_WORDS[name]}")'
        for name, amounts in zip(BASES[1:], (ranges.per_certificate_cents, ranges.per_day_cents), strict=True)
    )
    amount = f"({order}+({otherwise})*({ranges.end}>={basis_since}))"
    return f"=SUMPRODUCT(({ranges.year}={absolute(row, 1)})*ROUND((1-{merged}*({ranges.end}>={since}))*{amount},2))"


def _write_months(sheet: Sheet, head: int, months: Sequence[Mapping[str, Any]]) -> None:
    book = sheet.book
    _heads(sheet, head, _MONTH_HEADS)
    # the only table that goes on for pages
    sheet.raw.repeat_rows(head)
    for row, month in enumerate(months, head + 1):
        sheet.day(row, 0, day_number(month["end"]), book.style("row", "day"))
        sheet.text(row, 1, month["year"], book.style("row", "text"))
        for col, name in enumerate(_Ranges._fields[2:], 2):
            if name.endswith("_cents"):
                sheet.money(row, col, int(month[name]), book.style("row", "money"))
            else:
                sheet.number(row, col, round(float(month[name]), _PLACES), book.style("row", "whole"))
