"""The sheets of figures in the workbook of measures: one a measure, all measures, those of agencies, and what each means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.publish import measure_words, words
from pipeline.publish.workbooks import metrics_charts
from pipeline.publish.workbooks.cells import Sheet, absolute
from pipeline.publish.workbooks.grid import Field, FieldKind, Grid, write_grid
from pipeline.publish.workbooks.lines import optional
from pipeline.publish.workbooks.metrics_charts import MOST_SERIES, Drawn
from pipeline.publish.workbooks.metrics_figures import SHEETS, Figures, Row, any_known, kind, month_number, number
from pipeline.publish.workbooks.metrics_rows import ASSUMED, COUNTS, GIVEN, MONTH_DUE, ON_TIME, PROMISE, VERDICT, YES, Requests
from pipeline.service import MEASURES_DECLARED, Measure

# Counted live from the sheet Requests: the promise by which each counts.
PROMISES = {"on-time-completion": GIVEN, "on-time-completion-assumed": ASSUMED}
DUE, KEPT = "Due", "On time"
AGENCY_MONTHS = 12
_NOTHING, _NO_RANGE, _NO_TARGET = "no figure", "no range", "no target"
_CHART_COLUMNS, _CHART_ROWS = 8, 22  # of the usual size, beside the table, for the chart to print whole


@dataclass(frozen=True, slots=True)
class Months:
    """The figures of one measure by member and month, None where there is none, in the order of the sheet: `each` rows a member."""

    names: list[str]
    months: list[str]
    rows: list[Row | None]
    each: int

    def cells(self, name: str) -> list[float | None]:
        """A column of numbers."""
        return [None if row is None else number(row[name]) for row in self.rows]

    def told(self) -> list[float | None]:
        """The column of figures, without what nine in ten of fewer than ten waited."""
        few = [row is not None and measure_words.is_nine_in_ten_of_few(row) for row in self.rows]
        return [None if is_few else value for is_few, value in zip(few, self.cells("value"), strict=True)]


def write_measure(sheet: Sheet, figures: Figures, measure: Measure, requests: Requests) -> Grid:
    """Title and sentence of the last month, the table of 24 months, and beside it the chart."""
    members = figures.members[measure.id]
    top = _write_opening(sheet, figures, measure, members)
    shown = _months(figures, measure, members)
    value = _value_title(measure)
    fields = _fields(figures, measure, shown, value, several=len(members) > 1)
    about = f"{measure.title}: a row a month, the last 24 that have ended, oldest first."
    grid = write_grid(sheet, _table_name(measure.id), fields, about=about, top=top)
    if measure.id in PROMISES:
        _count_live(sheet, grid, shown, requests, PROMISES[measure.id], value)
    at = len(fields) + 1
    reach = _write_reach(sheet, shown, top, at + _CHART_COLUMNS + 2, "share" if measure.unit == "share" else "number")
    drawn = [
        Drawn(member or measure.title, shown.rows[first : first + shown.each], grid.first_row + first, reach)
        for first, (_, member) in zip(range(0, len(shown.rows), shown.each), members[:MOST_SERIES], strict=False)
    ]
    chart = metrics_charts.trend(sheet.book, measure, grid, value, drawn)
    sheet.chart(top, at, chart, metrics_charts.alt_text(measure, drawn))
    sheet.raw.print_area(0, 0, max(grid.last_row, top + _CHART_ROWS), at + _CHART_COLUMNS)
    return grid


def _months(figures: Figures, measure: Measure, members: Sequence[tuple[str, str]]) -> Months:
    """The last 24 months, from the first in which anything was measured."""
    known = (row["period"] for member in members for row in figures.known(measure.id, *member))
    months = figures.months[figures.months.index(min(known)) :]
    rows = [figures.row(measure.id, *member, month) for member in members for month in months]
    names = [member or dimension for dimension, member in members for _ in months]
    return Months(names, months * len(members), rows, len(months))


def _write_reach(sheet: Sheet, shown: Months, top: int, col: int, of_value: FieldKind) -> int | None:
    """How far the likely range reaches below and above each figure, for the chart, right of it and off the paper; the first column, None
    where no figure has a range."""
    if not any_known(shown.cells("low")):
        return None
    book = sheet.book
    for offset, (title, end, sign) in enumerate((("Below", "low", -1), ("Above", "high", 1))):
        sheet.text(top, col + offset, title, book.style("head", "wrapped", "right"))
        for row, (value, other) in enumerate(zip(shown.cells("value"), shown.cells(end), strict=True), top + 1):
            known = value is not None and other is not None
            sheet.number(row, col + offset, sign * (other - value) if known else 0, book.style("row", of_value, "muted"))  # type: ignore[operator]
    return col


def _write_opening(sheet: Sheet, figures: Figures, measure: Measure, members: Sequence[tuple[str, str]]) -> int:
    row, book = sheet.banner(), sheet.book
    sheet.raw.hide_gridlines(2)
    sheet.raw.set_row(row, 24)
    sheet.text(row, 0, measure.title, book.style("heading"))
    for member in members:
        found = figures.row(measure.id, *member, figures.last_month)
        row += 1
        said = (
            measure_words.sentence(measure, found)
            if found is not None
            else f"In {words.month(figures.last_month)}, there was nothing to measure."
        )
        sheet.text(row, 0, said, book.style("muted"))
    return row + 2


def _value_title(measure: Measure) -> str:
    return "Share" if measure.unit == "share" else measure.unit.capitalize()


def _table_name(measure: str) -> str:
    return "".join(part.capitalize() for part in measure.split("-"))


def _fields(figures: Figures, measure: Measure, shown: Months, value: str, *, several: bool) -> list[Field]:
    """Month, what the figure rests on, the figure, its likely range, target and verdict, and what was published first of it."""
    rows = shown.rows
    known = [kind(row) for row in rows if row is not None and number(row["value"]) is not None]
    of_value: FieldKind = next((one for one in known if one != "whole"), "whole")
    rests, kept, low = shown.cells("n"), shown.cells("met"), shown.cells("low")
    fields = [Field("Month", "month", [month_number(month) for month in shown.months])]
    if several:
        fields.append(Field("Service", "text", shown.names))
    if rests != shown.cells("value"):
        fields.append(Field(DUE if measure.id in PROMISES else "Cases", "whole", rests, absent=_NOTHING))
    if any_known(kept) and measure.unit == "share":
        fields.append(Field(KEPT if measure.id in PROMISES else "Of these", "whole", kept, absent=_NOTHING))
    fields.append(Field(value, of_value, shown.told()))  # a chart would draw a word as zero
    if any_known(low):
        fields.append(Field("Likely\nfrom", of_value, low, absent=_NO_RANGE))
        fields.append(Field("Likely\nto", of_value, shown.cells("high"), absent=_NO_RANGE))
    if any_known(target := shown.cells("target")):
        fields.append(Field("Target", of_value, target))
        said = ["" if row is None else measure_words.verdict(row) for row in rows]
        fields.append(Field("Verdict", "text", said, absent=_NOTHING))
    fields.append(Field("First\npublished", of_value, shown.cells("first_value"), absent=[_not_first(figures, row) for row in rows]))
    fields.append(Field("By the\nclose of", "text", ["" if row is None else row["first_published"] for row in rows], absent="none"))
    return fields


def _not_first(figures: Figures, row: Row | None) -> str:
    """Why there is no figure that was published first."""
    if row is None or row["first_published"]:
        return _NOTHING
    return figures.first_published(row)


def _count_live(sheet: Sheet, grid: Grid, shown: Months, requests: Requests, promise: str, value: str) -> None:
    """Formulas that count the months of which the sheet Requests has every request: what they show is what the table of measures says."""
    sums = (
        f'{requests.grid.reference(MONTH_DUE)},{{month}},{requests.grid.reference(PROMISE)},"{promise}",'
        f'{requests.grid.reference(COUNTS)},"{YES}"'
    )
    due, kept, share = (grid.columns[title] for title in (DUE, KEPT, value))
    for row, (month, figure) in enumerate(zip(shown.months, shown.rows, strict=True), grid.first_row):
        if figure is None or month < requests.first_month:
            continue
        of_month = sums.format(month=absolute(row, 0))
        whole = sheet.book.style("row", "whole")
        sheet.formula(row, due, f"=COUNTIFS({of_month})", int(figure["n"]), whole)
        sheet.formula(row, kept, f'=COUNTIFS({of_month},{requests.grid.reference(VERDICT)},"{ON_TIME}")', int(figure["met"]), whole)
        if figure["n"]:
            divided = f"={absolute(row, kept)}/{absolute(row, due)}"
            sheet.formula(row, share, divided, float(figure["value"]), sheet.book.style("row", "share"))


def write_all(sheet: Sheet, figures: Figures) -> Grid:
    """Every figure of the office and its services, of every period: the table of measures, by measure, months newest first."""
    return _write_figures(
        sheet,
        "AllMeasures",
        figures,
        figures.own,
        about="Every figure of the office and its services, by measure and period.",
        note="Every figure of the office and its services; tables/measures.csv has those of kinds and tiers too.",
        first=[Field("Whose", "text", [member or "office" for member in figures.own["member"]])],
    )


def write_agencies(sheet: Sheet, figures: Figures) -> Grid:
    """The figures of each agency: of the last 12 months that have ended, and of the fiscal years."""
    table = figures.books.measures
    periods = table["period"].isin(figures.months[-AGENCY_MONTHS:]) | table["period"].str.fullmatch(r"FY\d{4}(-YTD)?")
    found = table[(table["dimension"] == "agency") & periods & table["measure"].isin(list(figures.turn))]
    turned = found.assign(turn=found["measure"].map(figures.turn), is_month=~found["period"].map(measure_words.is_month))
    rows = turned.sort_values(["member", "turn", "is_month", "period"], ascending=[True, True, True, False], kind="stable")
    return _write_figures(
        sheet,
        "AgencyMeasures",
        figures,
        rows,
        about="The figures of each agency, by measure and period.",
        note="The last 12 months that have ended, and fiscal years; tables/measures.csv has all periods. Filter by agency or measure.",
        first=[Field("Agency", "text", rows["member"].tolist())],
    )


def _write_figures(sheet: Sheet, name: str, figures: Figures, rows: pd.DataFrame, *, about: str, note: str, first: list[Field]) -> Grid:
    titles = {measure.id: measure.title for measure in MEASURES_DECLARED}
    records: Sequence[Row] = rows.to_dict("records")
    kinds = [kind(row) for row in records]
    shares = any(row["unit"] == "share" for row in records)

    def figure(title: str, column: str, absent: str) -> Field:
        return Field(title, "share" if shares else "number", [number(row[column]) for row in records], absent=absent, kinds=kinds)

    return write_grid(
        sheet,
        name,
        [
            Field("Measure", "wrapped", [titles[row["measure"]] for row in records], widest=34),
            *first,
            Field("Period", "text", [measure_words.period(row["period"]) for row in records]),
            figure("Figure", "value", _NOTHING),
            Field("Unit", "text", [row["unit"] for row in records]),
            Field("Cases", "whole", rows["n"].tolist()),
            Field("Of these", "whole", optional(rows["met"]), absent="not counted"),
            figure("Likely\nfrom", "low", _NO_RANGE),
            figure("Likely\nto", "high", _NO_RANGE),
            figure("Target", "target", _NO_TARGET),
            Field("Verdict", "text", [measure_words.verdict(row) for row in records]),
            Field(
                "First\npublished",
                "share" if shares else "number",
                [number(row["first_value"]) for row in records],
                absent=[_not_first(figures, row) for row in records],
                kinds=kinds,
            ),
            Field("By the\nclose of", "text", rows["first_published"].tolist(), absent="none"),
        ],
        not_printed=[
            Field("Measure's name", "text", [row["measure"] for row in records]),
            Field("Period's name", "text", [row["period"] for row in records]),
        ],
        about=about,
        note=note,
        empty="Nothing was measured yet.",
    )


def write_definitions(sheet: Sheet, figures: Figures) -> Grid:
    """Each measure as it is declared: what it means, how it is computed, what counts and what does not."""

    def said(of: Sequence[str], title: str, widest: int, absent: str = "") -> Field:
        return Field(title, "wrapped", list(of), absent=absent, widest=widest)

    every: Sequence[Any] = MEASURES_DECLARED
    return write_grid(
        sheet,
        "Definitions",
        [
            said([one.title for one in every], "Measure", 24),
            said([one.formula for one in every], "Formula", 34),
            Field("Unit", "text", [one.unit for one in every]),
            said([one.direction for one in every], "Better", 16),
            said([_target(one) for one in every], "Target", 26),
            said([one.cohort for one in every], "What counts", 44),
            said([one.exclusions for one in every], "What does not", 40),
        ],
        not_printed=[
            said([one.sentence for one in every], "Sentence", 70),
            said([", ".join(one.columns) for one in every], "Computed from", 60),
            Field("Sheet", "text", [SHEETS.get(one.id, "") for one in every], absent="All measures"),
            Field("Name", "text", [one.id for one in every]),
        ],
        about="What each measure means, how it is computed, what counts in it and what does not.",
        note="A target that nobody set is judged by nobody; what is proposed is told beside it.",
    )


def _target(measure: Measure) -> str:
    if measure.proposed is None:
        return measure.target or "none"
    proposed = measure_words.quantity(float(measure.proposed), measure.unit)
    return f"{measure.target}; proposed: {proposed}" if measure.target else f"proposed: {proposed}"
