"""The charts of the year workbook: who was charged how much, and what each tier came to month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.publish import words
from pipeline.publish.workbooks import styles
from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.grid import Grid
from pipeline.publish.workbooks.lines import NO_TIER

_COLOURS = {"standard": styles.BLUE, "premium": styles.ORANGE}
_MORE_COLOURS = (styles.TEAL, styles.VIOLET, styles.GREY)
_WIDTH = 900
_A_BAR, _AROUND_BARS, _HIGHEST = 24, 80, 2_400
_NAMED_IN_WORDS = 5


@dataclass(frozen=True, slots=True)
class Bars:
    """Where the bars stand on a sheet: rows from `first` to `last`, the column with their names and the one with their amounts."""

    sheet: str
    first: int
    last: int
    names: int
    amounts: int


def agency_chart(book: Workbook, bars: Bars, fiscal_year: int, sums: Sequence[tuple[str, int]]) -> Any:
    """A lying bar for each agency, in the order of the table, with its amount; `sums` are names and cents. An agency has no colour."""
    chart = book.file.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "Total",
            "categories": [bars.sheet, bars.first, bars.names, bars.last, bars.names],
            "values": [bars.sheet, bars.first, bars.amounts, bars.last, bars.amounts],
            "fill": {"color": styles.GREY},
            "gap": 40,
            "data_labels": {"value": True, "num_format": "$#,##0", "font": {"color": styles.INK, "size": 10}},
        }
    )
    _entitle(chart, _most_charged(fiscal_year, sums))
    text = {"color": styles.INK, "size": 10}
    # of a bar chart XlsxWriter calls the axis of the names y: it stands upright
    chart.set_y_axis({"reverse": True, "num_font": text, "line": {"color": styles.LINE}, "label_position": "low"})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"none": True})
    chart.set_size({"width": _WIDTH, "height": min(_AROUND_BARS + _A_BAR * len(sums), _HIGHEST)})
    return chart


def agency_alt_text(fiscal_year: int, sums: Sequence[tuple[str, int]]) -> str:
    """What the bars of the agencies show, in words: the largest few."""
    largest = sorted(sums, key=lambda of: (-of[1], of[0]))[:_NAMED_IN_WORDS]
    said = ", ".join(f"{name} {words.dollars(cents)}" for name, cents in largest)
    return f"Bars, one an agency: net dollars of FY{fiscal_year}, after credits and adjustments. The largest: {said}. The table has all."


def tier_chart(book: Workbook, grid: Grid, first_net: int, fiscal_year: int, sums: Mapping[str, int], lowest: int) -> Any:
    """A stacked column a month, a series for each tier of `sums`: cents of the year, in the order of the net columns from `first_net`.

    `lowest` is the smallest amount of a tier and month in cents: only where none is negative does the axis begin at zero.
    """
    chart = book.file.add_chart({"type": "column", "subtype": "stacked"})
    more = iter(_MORE_COLOURS)
    for col, tier in enumerate(sums, first_net):
        colour = _COLOURS.get(tier) or next(more, styles.GREY)
        series: dict[str, Any] = {
            "name": f"net {tier or NO_TIER}",
            "categories": [grid.sheet, grid.first_row, 0, grid.last_row, 0],
            "values": [grid.sheet, grid.first_row, col, grid.last_row, col],
            "fill": {"color": colour},
            "border": {"color": colour},
            "gap": 60,
        }
        if tier == "premium":
            series["pattern"] = {"pattern": "dark_upward_diagonal", "fg_color": colour, "bg_color": "#ffffff"}
        chart.add_series(series)
    _entitle(chart, _most_of(fiscal_year, sums))
    text = {"color": styles.MUTED, "size": 10}
    chart.set_x_axis({"num_font": text, "line": {"color": styles.LINE}, "label_position": "low"})
    axis: dict[str, Any] = {
        "num_font": text,
        "num_format": "$#,##0",
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": styles.LINE}},
    }
    chart.set_y_axis(axis | ({"min": 0} if lowest >= 0 else {}))
    chart.set_legend({"position": "top", "font": {"color": styles.INK, "size": 10}})
    chart.set_size({"width": _WIDTH, "height": 360})
    return chart


def tier_alt_text(fiscal_year: int, sums: Mapping[str, int]) -> str:
    """What the columns of the tiers show, in words."""
    parts = ", ".join(f"{tier or NO_TIER} {words.dollars(cents)}" for tier, cents in sums.items())
    what = f"Stacked columns, one a month of FY{fiscal_year}: net dollars by tier, after credits and adjustments."
    return f"{what} The year so far: {parts}. The table has the figures."


def _entitle(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 14, "bold": True, "color": styles.INK}, "overlay": False})
    chart.set_chartarea({"border": {"color": styles.LINE}})


def _most_of(fiscal_year: int, sums: Mapping[str, int]) -> str:
    """What the chart shows: the tier that most of the money is of."""
    total = sum(sums.values())
    if total <= 0 or min(sums.values()) < 0:
        return f"FY{fiscal_year}: net charges by month and tier"
    most = max(sums, key=lambda tier: (sums[tier], tier))
    return f"FY{fiscal_year}: {_percent(sums[most], total)} % of the charges, after credits and adjustments, are {most or NO_TIER}"


def _most_charged(fiscal_year: int, sums: Sequence[tuple[str, int]]) -> str:
    """What the chart shows: who was charged most."""
    total = sum(cents for _, cents in sums)
    if total <= 0 or min(cents for _, cents in sums) < 0 or len(sums) < 2:
        return f"FY{fiscal_year}: net charges by agency"
    name, most = min(sums, key=lambda of: (-of[1], of[0]))
    return f"FY{fiscal_year}: {name} was charged most, {_percent(most, total)} % of all"


def _percent(part: int, total: int) -> int:
    """Rounded half up, in whole numbers."""
    return (200 * part + total) // (2 * total)
