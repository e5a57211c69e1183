"""A map of hours and weekdays: the more, the darker the field; the hours of the desk are framed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.publish.charts.drawings import NARROW, WIDE, Bar, Chart, Drawing, Frame, Key, Letter, Tick
from pipeline.publish.charts.scales import LETTER
from pipeline.publish.parts import Grid

_SHADES = 5
_ROW = 26.0
_HOURS = 24


@dataclass(frozen=True, slots=True)
class Field:
    """A part of the map that a line runs around: its first and last row, counted from 0, and its hours, which may be broken."""

    first_row: int
    last_row: int
    begins: float
    ends: float


def heat(
    name: str,
    title: str,
    description: str,
    days: Sequence[str],
    counts: Sequence[Sequence[int]],
    framed: Sequence[Field],
    table: Grid,
) -> Chart:
    """`counts` by day (in the order of `days`) and hour 0 to 23; a line runs around each of `framed`."""
    most = max((number for row in counts for number in row), default=0)
    drawings = tuple(_map(frame, days, counts, most, framed) for frame in (WIDE, NARROW))
    step = max(math.ceil(most / _SHADES), 1)
    shown = range(1, math.ceil(most / step) + 1)
    legend = [Key(f"{(shade - 1) * step + 1:,} to {shade * step:,}" if step > 1 else f"{shade:,}", f"heat-{shade}") for shade in shown]
    return Chart(name, title, description, drawings, table, tuple(legend))


def _map(frame: Frame, days: Sequence[str], counts: Sequence[Sequence[int]], most: int, framed: Sequence[Field]) -> Drawing:
    said = days if frame.name == "wide" else [day[:3] for day in days]
    left = round(max(map(len, said)) * LETTER + 18, 1)
    frame = replace(frame, left=left, right=8.0, top=6.0, bottom=26.0, height=6.0 + 26.0 + _ROW * len(days))
    width = (frame.end - left) / _HOURS
    step = max(math.ceil(most / _SHADES), 1)
    fields = [
        Bar(
            round(left + width * hour + 1, 1), round(frame.top + _ROW * row + 1, 1), round(width - 2, 1), _ROW - 2,
            f"heat-{math.ceil(number / step)}", f"{days[row]} {hour:02d}:00 to {hour + 1:02d}:00: {number:,}",
        )
        for row, numbers in enumerate(counts) for hour, number in enumerate(numbers)
    ]  # fmt: skip
    outlines = [
        Bar(
            round(left + width * one.begins, 1), round(frame.top + _ROW * one.first_row, 1), round(width * (one.ends - one.begins), 1),
            _ROW * (one.last_row - one.first_row + 1), "outline", "",
        )
        for one in framed
    ]  # fmt: skip
    every = 2 if frame.name == "wide" else 6
    return Drawing(
        frame,
        scale=(),
        labels=tuple(Tick(round(left + width * hour, 1), f"{hour:02d}") for hour in range(0, _HOURS + 1, every)),
        bars=tuple(fields),
        outlines=tuple(outlines),
        names=tuple(Letter(round(left - 8, 1), round(frame.top + _ROW * (row + 0.5) + 4, 1), day, "end") for row, day in enumerate(said)),
    )
