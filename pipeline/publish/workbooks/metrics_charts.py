"""The chart of a measure in its workbook: 24 months, with the target as a dashed line and the likely range of each month as a pale bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.publish import measure_words, words
from pipeline.publish.workbooks import styles
from pipeline.publish.workbooks.cells import Workbook, absolute
from pipeline.publish.workbooks.grid import Grid
from pipeline.publish.workbooks.metrics_figures import Row, kind, number
from pipeline.service import Measure

SIZE = {"width": 570, "height": 450}
_FORMATS = {"share": "0 %", "time-share": "0.0 %", "number": "#,##0.0", "whole": "#,##0"}
_COLOURS = (styles.BLUE, styles.TEAL, styles.VIOLET, styles.ORANGE, styles.GREY)
MOST_SERIES = len(_COLOURS)
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line of the chart: the rows of MEASURES by month (None where there is none), its first row on the sheet, and the column that
    says how far the likely range reaches below each figure, beside the one that says how far above."""

    name: str
    rows: Sequence[Row | None]
    first: int
    reach: int | None


def trend(book: Workbook, measure: Measure, grid: Grid, value: str, drawn: Sequence[Drawn]) -> Any:
    """The chart of the column `value` of `grid`, a series for each of `drawn`: counts as columns, all else as lines."""
    known = [row for one in drawn for row in one.rows if row is not None]
    of_counts = measure.unit not in ("share", "hours", "days", "business days") and len(drawn) == 1
    chart = book.file.add_chart({"type": "column" if of_counts else "line"})
    for one, colour in zip(drawn, _COLOURS, strict=False):
        chart.add_series(_series(one, grid, grid.columns[value], colour, of_counts=of_counts, alone=len(drawn) == 1))
    target = grid.columns.get("Target")
    if target is not None:
        line = _target(drawn[0], grid, target)
        if of_counts:
            over = book.file.add_chart({"type": "line"})
            over.add_series(line)
            chart.combine(over)
        else:
            chart.add_series(line)
    title = {"name": finding(measure, drawn), "name_font": {"size": 13, "bold": True, "color": styles.INK}, "overlay": False}
    chart.set_title(title)
    chart.set_chartarea({"border": {"color": styles.LINE}})
    text = {"color": styles.MUTED, "size": 10}
    chart.set_x_axis(
        {
            "num_font": text | {"rotation": -45},
            "num_format": "mmm yyyy",
            "text_axis": True,
            "line": {"color": styles.LINE},
            "label_position": "low",
        }
    )
    shown = {kind(row) for row in known}
    axis: dict[str, Any] = {
        "num_font": text,
        "num_format": next((_FORMATS[one] for one in ("time-share", "share", "number") if one in shown), _FORMATS["whole"]),
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": styles.LINE}},
    }
    chart.set_y_axis(axis | _ends(measure, known))
    legend: dict[str, Any] = {"position": "top", "font": {"color": styles.INK, "size": 10}}
    chart.set_legend(legend if len(drawn) > 1 or target is not None else {"none": True})
    chart.show_blanks_as("gap")
    chart.set_size(SIZE)
    return chart


def _series(one: Drawn, grid: Grid, value: int, colour: str, *, of_counts: bool, alone: bool) -> dict[str, Any]:
    last = one.first + len(one.rows) - 1
    series: dict[str, Any] = {
        "name": one.name,
        "categories": [grid.sheet, one.first, 0, last, 0],
        "values": [grid.sheet, one.first, value, last, value],
    }
    if of_counts:
        return series | {"fill": {"color": colour}, "gap": 50}
    series |= {
        "line": {"color": colour, "width": 2.25},
        "marker": {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}},
    }
    if alone and one.reach is not None:
        below, above = (f"='{grid.sheet}'!{absolute(one.first, col)}:{absolute(last, col)}" for col in (one.reach, one.reach + 1))
        series["y_error_bars"] = {
            "type": "custom",
            "minus_values": below,
            "plus_values": above,
            "end_style": 0,
            "line": {"color": styles.LINE, "width": 7},
        }
    return series


def _target(one: Drawn, grid: Grid, col: int) -> dict[str, Any]:
    last = one.first + len(one.rows) - 1
    targets = {measure_words.quantity(row["target"], row["unit"]) for row in one.rows if row is not None}
    return {
        "name": f"Target {targets.pop()}" if len(targets) == 1 else "Target",
        "categories": [grid.sheet, one.first, 0, last, 0],
        "values": [grid.sheet, one.first, col, last, col],
        "line": {"color": styles.ORANGE, "width": 1.5, "dash_type": "dash"},
        "marker": {"type": "none"},
    }


def _ends(measure: Measure, known: Sequence[Row]) -> dict[str, Any]:
    """Where the axis begins and ends: at zero, except where a share of time lies near the whole, or something is below zero."""
    values = [row["value"] for row in known if number(row["value"]) is not None]
    if not values or min(values) < 0:
        return {}
    if measure.unit != "share":
        return {"min": 0}
    if all(kind(row) == "time-share" for row in known) and min(values) > _HALF:
        return {"max": 1, "name": "The axis does not begin at zero", "name_font": {"size": 9, "bold": False, "color": styles.MUTED}}
    highest = max(max(row["value"], number(row["high"]) or 0) for row in known if number(row["value"]) is not None)
    return {"min": 0, "max": 1 if highest > _HALF else max(math.ceil(highest * 10), 1) / 10}


def finding(measure: Measure, drawn: Sequence[Drawn]) -> str:
    """What the chart shows, in a line: how often the target was missed, or what the last month came to beside a year before."""
    known = [row for one in drawn for row in one.rows if row is not None and number(row["value"]) is not None]
    judged = [row for row in known if row["verdict"] and not measure_words.is_of_few(row)]
    missed = [row for row in judged if row["verdict"] == "missed"]
    if missed:
        last = words.month(max(row["period"] for row in missed))
        return f"{measure.title}: the target was missed in {len(missed)} of {words.count(len(judged), 'month')}, last in {last}"
    if judged:
        return f"{measure.title}: in none of {words.count(len(judged), 'month')} does the evidence show a missed target"
    return f"{measure.title}: {_latest(drawn[0])}" if known else measure.title


def _latest(one: Drawn) -> str:
    """`62 requests in October 2026, 55 requests a year before`"""
    known = [row for row in one.rows if row is not None and number(row["value"]) is not None]
    if not known:
        return "nothing was measured"
    last = known[-1]
    year_before = f"{int(last['period'][:4]) - 1}{last['period'][4:]}"
    before = next((row for row in known if row["period"] == year_before), None)
    said = f"{_value(last)} in {words.month(last['period'])}"
    return f"{said}, {_value(before)} a year before" if before is not None else said


def alt_text(measure: Measure, drawn: Sequence[Drawn]) -> str:
    """What the chart shows, for somebody who does not see it."""
    months = [row["period"] for one in drawn for row in one.rows if row is not None]
    if not months:
        return f"{measure.title}: no figures yet."
    lasts = "; ".join(f"{f'{one.name}: ' if len(drawn) > 1 else ''}{_latest(one)}" for one in drawn)
    span = f"{words.month(min(months))} to {words.month(max(months))}"
    return f"{measure.title} by month, {span}. {lasts}. The table beside it has the figures."


def _value(row: Row) -> str:
    return measure_words.quantity(row["value"], row["unit"], measure_words.digits(row))
