"""Where the marks of a chart stand: two drawings of each, for a wide page and for a phone; templates/macros/charts.svg.j2 draws them.

A chart of one size would have letters of 5 px on a phone. Both drawings are plain numbers, rounded to a tenth, so that the same
books give the same bytes. Colours, hatches and letters are the stylesheet's, so the drawing follows light, dark and print.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.publish.parts import Grid

_STEPS = (1, 2, 3, 6, 12, 24, 52)
_LETTER = 7.2  # width of an average letter at 13 px
_BOLD_LETTER = 8.4
_NAME_LETTER, _CAPITAL = 8.0, 10.5  # names are cut where they do not fit, so their letters are counted as wide ones
_PITCH, _BAR, _LINE = 26.0, 18.0, 20.0  # of lying bars: from one to the next, how thick, and the line of a name above it


@dataclass(frozen=True, slots=True)
class Frame:
    """The sheet of a drawing, in px: its size and the margins around the plot."""

    name: str
    width: float
    height: float
    left: float
    right: float
    top: float = 16.0
    bottom: float = 32.0

    @property
    def floor(self) -> float:
        """y of the lower edge of the plot."""
        return self.height - self.bottom

    @property
    def end(self) -> float:
        """x of the right edge of the plot."""
        return self.width - self.right


WIDE = Frame("wide", 960, 320, 60, 28)
NARROW = Frame("narrow", 350, 240, 40, 28)
_UNFINISHED = "unfinished"
_BESIDE = "target"  # written to the right of the plot, above the value of the target


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a trend: its value with the interval; NaN is a gap, and a value that is not firm an open dot."""

    label: str
    value: float
    low: float
    high: float
    firm: bool
    tip: str


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of bar: its name, the class that gives it colour and hatch, and a value for each label."""

    name: str
    style: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One bar of a ranking: its name, its value, and the class that gives it colour."""

    name: str
    value: float
    style: str = "series-1"


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that the bars of a ranking are held against: where it is, and what it is called."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A thin line of the scale, or a label below the axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a trend."""

    x: float
    y: float
    small: bool
    tip: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar."""

    x: float
    y: float
    width: float
    height: float
    style: str
    tip: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A word in the plot."""

    x: float
    y: float
    text: str
    anchor: str
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart at one size."""

    frame: Frame
    scale: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    broken: bool = False
    lines: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    dots: tuple[Dot, ...] = ()
    bars: tuple[Bar, ...] = ()
    letters: tuple[Letter, ...] = ()
    names: tuple[Letter, ...] = ()
    target: Tick | None = None
    mark: Tick | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its finding as title, what it shows, both drawings, its legend, and the table behind it unless the page shows it anyway."""

    name: str
    title: str
    description: str
    drawings: tuple[Drawing, ...]
    table: Grid | None = None
    legend: tuple[tuple[str, str], ...] = ()


def trend(
    name: str,
    title: str,
    description: str,
    points: Sequence[Point],
    target: float,
    say: Callable[[float], str],
    table: Grid | None = None,
) -> Chart:
    """A line of shares with its interval as a band and the target as a dashed, labelled line.

    `points` in order of time, values as shares of 1; `target` NaN draws none; `say` writes a value. An axis that does not begin at
    zero is marked as broken.
    """
    drawings = tuple(_trend(frame, points, target, say) for frame in (WIDE, NARROW))
    return Chart(name, title, description, drawings, table)


def bars(
    name: str,
    title: str,
    description: str,
    labels: Sequence[str],
    series: Sequence[Series],
    say: Callable[[float], str],
    table: Grid | None = None,
    unfinished: str = "",
) -> Chart:
    """Bars from zero, one a label, stacked where there are several series, what is negative below zero; `say` writes a value.

    Where the last label's time has not ended, `unfinished` says so: its bar is drawn pale with a broken edge, and the legend names it.
    """
    drawings = tuple(_bars(frame, labels, series, say, unfinished=bool(unfinished)) for frame in (WIDE, NARROW))
    legend = tuple((one.name, one.style) for one in series) if len(series) > 1 or unfinished else ()
    if unfinished:
        legend = (*legend, (unfinished, _UNFINISHED))
    return Chart(name, title, description, drawings, table, legend)


def ranking(
    name: str,
    title: str,
    description: str,
    rows: Sequence[Ranked],
    say: Callable[[float], str],
    table: Grid | None = None,
    mark: Mark | None = None,
) -> Chart:
    """Lying bars from zero in the given order, one a row, so that long names can be read; `say` writes a value.

    `mark` is a dashed line across all bars, named above them.
    """
    drawings = (_lying(WIDE, rows, say, mark, beside=True), _lying(NARROW, rows, say, mark, beside=False))
    return Chart(name, title, description, drawings, table)


def _lying(frame: Frame, rows: Sequence[Ranked], say: Callable[[float], str], mark: Mark | None, *, beside: bool) -> Drawing:
    """Names stand left of the bars on a wide page, above them on a phone; each value stands at the end of its bar."""
    pitch, thick = (_PITCH if beside else _PITCH + _LINE), _BAR
    longest = max((sum(_CAPITAL if sign.isupper() else _NAME_LETTER for sign in row.name) for row in rows), default=0.0)
    left = round(min(longest + 14, frame.width * 0.45), 1) if beside else 0.0
    right = max((len(say(row.value)) for row in rows), default=0) * _BOLD_LETTER + 12
    top_edge = 4.0 if mark is None else 4.0 + _LINE
    frame = replace(frame, left=left, right=round(right, 1), top=top_edge, bottom=4.0, height=top_edge + 4.0 + pitch * len(rows))
    unit = (frame.end - left) / max([row.value for row in rows] + ([mark.value] if mark else []), default=1.0)
    room = int((left - 10 if beside else frame.width) / _NAME_LETTER)
    bars, letters, names = [], [], []
    for place, row in enumerate(rows):
        top = round(frame.top + pitch * place + (0 if beside else _LINE) + 3, 1)
        written, shown = round(top + thick - 4, 1), row.name if len(row.name) <= room else f"{row.name[: room - 1]}…"
        bars.append(Bar(left, top, max(round(unit * row.value, 1), 1.0), thick, row.style, f"{row.name}: {say(row.value)}"))
        letters.append(_value(left + unit * row.value, written, say(row.value), None if mark is None else left + unit * mark.value))
        names.append(Letter(round(left - 10, 1), written, shown, "end") if beside else Letter(0, round(top - 5, 1), shown, "start"))
    line = None if mark is None else Tick(round(left + unit * mark.value, 1), mark.name)
    return Drawing(frame, scale=(), labels=(), bars=tuple(bars), letters=tuple(letters), names=tuple(names), mark=line)


def _value(end: float, y: float, said: str, mark: float | None) -> Letter:
    """The value behind the end of its bar; within the bar where it would stand on the mark."""
    if mark is not None and end - 4 < mark < end + 12 + len(said) * _BOLD_LETTER:
        return Letter(round(end - 8, 1), y, said, "end", inside=True)
    return Letter(round(end + 8, 1), y, said, "start")


def _trend(frame: Frame, points: Sequence[Point], target: float, say: Callable[[float], str]) -> Drawing:
    low, step = _share_scale(points, target)
    top = 1.0
    scale = _ticks(low, top, step)
    frame = _with_room(frame, [say(value) for value in scale], [] if math.isnan(target) else [_BESIDE, say(target)])
    slot = (frame.end - frame.left) / max(len(points), 1)

    def x_of(index: int) -> float:
        return round(frame.left + slot * (index + 0.5), 1)

    def y_of(value: float) -> float:
        return round(frame.floor - (value - low) / (top - low) * (frame.floor - frame.top), 1)

    spells = _spells(points)
    dots = tuple(
        Dot(x_of(index), y_of(points[index].value), not points[index].firm, points[index].tip) for spell in spells for index in spell
    )
    return Drawing(
        frame,
        scale=tuple(Tick(y_of(value), say(value)) for value in scale),
        labels=_labels([point.label for point in points], x_of, slot),
        broken=low > 0,
        lines=tuple(" ".join(f"{x_of(index)},{y_of(points[index].value)}" for index in spell) for spell in spells if len(spell) > 1),
        bands=tuple(_band(points, spell, x_of, y_of) for spell in spells if len(spell) > 1),
        dots=dots,
        letters=_last_value(frame, points[spells[-1][-1]].value, dots, target, say) if spells else (),
        target=None if math.isnan(target) else Tick(y_of(target), say(target)),
    )


def _band(points: Sequence[Point], spell: Sequence[int], x_of: Callable[[int], float], y_of: Callable[[float], float]) -> str:
    upper = [f"{x_of(index)},{y_of(points[index].high)}" for index in spell]
    lower = [f"{x_of(index)},{y_of(points[index].low)}" for index in reversed(spell)]
    return " ".join([*upper, *lower])


def _last_value(frame: Frame, value: float, dots: Sequence[Dot], target: float, say: Callable[[float], str]) -> tuple[Letter, ...]:
    """The newest value beside its dot, on the side away from the target line unless that is the axis, or the upper edge."""
    dot = dots[-1]
    above = (math.isnan(target) or value >= target or dot.y + 24 > frame.floor) and dot.y >= frame.top + 8
    return (Letter(dot.x, round(dot.y + (-10 if above else 20), 1), say(value), "end" if len(dots) > 1 else "middle"),)


def _spells(points: Sequence[Point]) -> list[list[int]]:
    """Runs of neighbouring points that have a value: a gap in the data is a gap in the line."""
    spells: list[list[int]] = []
    for index, point in enumerate(points):
        if math.isnan(point.value):
            continue
        if spells and spells[-1][-1] == index - 1:
            spells[-1].append(index)
        else:
            spells.append([index])
    return spells


def _share_scale(points: Sequence[Point], target: float) -> tuple[float, float]:
    """Lower end of the axis and step of its lines: from zero, or from the decade or the whole percent below the lowest value."""
    known = [value for point in points if not math.isnan(point.value) for value in (point.value, point.low) if not math.isnan(value)]
    lowest = min([*known, target] if not math.isnan(target) else known, default=0.0)
    for step in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25):
        low = min(math.floor(round(lowest / step, 9)) * step, 1 - step)  # where all is whole there still is an axis
        if (1 - low) / step <= 5:  # at most five lines, or the eye reads the grid
            return (max(round(low, 6), 0.0), step)
    return (0.0, 0.25)


def _bars(
    frame: Frame, labels: Sequence[str], series: Sequence[Series], say: Callable[[float], str], *, unfinished: bool = False
) -> Drawing:
    totals = [sum(one.values[index] for one in series) for index in range(len(labels))]
    heights = [sum(max(one.values[index], 0.0) for one in series) for index in range(len(labels))]
    depths = [sum(min(one.values[index], 0.0) for one in series) for index in range(len(labels))]
    low, top, step = _count_scale(min(depths, default=0.0), max(heights, default=0.0))
    scale = _ticks(low, top, step)
    frame = _with_room(frame, [say(value) for value in scale])
    slot = (frame.end - frame.left) / max(len(labels), 1)
    width = round(min(slot * 0.72, 48.0), 1)

    def x_of(index: int) -> float:
        return round(frame.left + slot * (index + 0.5), 1)

    def y_of(value: float) -> float:
        return round(frame.floor - (value - low) / (top - low) * (frame.floor - frame.top), 1)

    marks = []
    for index, label in enumerate(labels):
        reached = {True: 0.0, False: 0.0}  # above zero and below
        pale = f" {_UNFINISHED}" if unfinished and index == len(labels) - 1 else ""
        for one in series:
            value = one.values[index]
            if value:
                tip = f"{label}: {say(value)}" if len(series) == 1 else f"{label}, {one.name}: {say(value)}"
                base = reached[value > 0]
                upper, lower = y_of(max(base, base + value)), y_of(min(base, base + value))
                marks.append(Bar(round(x_of(index) - width / 2, 1), upper, width, round(lower - upper, 1), one.style + pale, tip))
                reached[value > 0] = base + value
    longest = max((len(say(total)) for total in totals), default=0)
    named = slot >= longest * _BOLD_LETTER + 4
    letters = [
        Letter(x_of(index), round(y_of(heights[index]) - 6, 1), say(total), "middle")
        for index, total in enumerate(totals)
        if named and total
    ]
    return Drawing(
        frame,
        scale=tuple(Tick(y_of(value), say(value)) for value in scale),
        labels=_labels(labels, x_of, slot),
        bars=tuple(marks),
        letters=tuple(letters),
    )


def _count_scale(lowest: float, highest: float) -> tuple[float, float, float]:
    """Lower end, upper end and step of an axis through zero with few lines, at whole numbers that people count in."""
    magnitude = 1.0
    while True:
        for factor in (1, 2, 5):
            step = factor * magnitude
            if (highest - lowest) / step <= 5:  # with zero, at most seven lines
                return math.floor(lowest / step) * step, max(math.ceil(highest / step + 0.1) * step, step), step
        magnitude *= 10


def _with_room(frame: Frame, scale: Sequence[str], beside: Sequence[str] = ()) -> Frame:
    """`frame` with margins that the longest word of the scale, and the longest `beside` the plot, fit into."""
    left, right = (round(max(map(len, said), default=0) * _LETTER + 14, 1) for said in (scale, beside))
    return replace(frame, left=max(frame.left, left), right=max(frame.right, right))


def _ticks(low: float, top: float, step: float) -> list[float]:
    return [round(low + step * index, 6) for index in range(round((top - low) / step) + 1)]


def _labels(labels: Sequence[str], x_of: Callable[[int], float], slot: float) -> tuple[Tick, ...]:
    """As many labels as have room, counted back from the newest, which is always named."""
    needed = max((len(label) for label in labels), default=1) * _LETTER + 10
    step = next((step for step in _STEPS if step * slot >= needed), len(labels) or 1)
    shown = range((len(labels) - 1) % step, len(labels), step) if labels else range(0)
    return tuple(Tick(x_of(index), labels[index]) for index in shown)
