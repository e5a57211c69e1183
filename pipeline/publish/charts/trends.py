"""Lines over time: one share with its interval, limits and target, or several values that share an axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.publish.charts.drawings import NARROW, NOTED, WIDE, Chart, Dot, Drawing, Frame, Key, Letter, Line, Note, Point, Tick
from pipeline.publish.charts.lettering import APART, Drawn, Segment, beside
from pipeline.publish.charts.scales import LETTER, Plot, Say, count_scale, share_scale, spells, ticks, with_lane, with_room
from pipeline.publish.parts import Grid

SO_FAR = "so far"
BESIDE = "target"  # written to the right of the plot, above the value of the target


@dataclass(frozen=True, slots=True)
class Limits:
    """The range in which months usually lie: its ends, and what the two lines are called."""

    lower: float
    upper: float
    name: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One of several lines: its name, the class that gives it dashes, a value for each label (NaN is a gap), and whether it is firm."""

    name: str
    style: str
    values: Sequence[float]
    firm: Sequence[bool]


def trend(
    name: str,
    title: str,
    description: str,
    points: Sequence[Point],
    target: float,
    say: Say,
    table: Grid | None = None,
    *,
    limits: Limits | None = None,
    notes: Sequence[Note] = (),
    few: str = "",
    so_far: str = "",
) -> Chart:
    """A line of shares with its interval as a band and the target as a dashed, labelled line.

    `points` in order of time, values as shares of 1; `target` NaN draws none; `say` writes a value. An axis that does not begin at
    zero is marked as broken. `few` names the open dots, of which there need not be any, `so_far` that of a month that has not ended;
    `notes` stand as numbers above the plot.
    """
    drawings = tuple(one_trend(with_lane(frame, notes), points, target, say, limits=limits, notes=notes) for frame in (WIDE, NARROW))
    known = [point for point in points if not math.isnan(point.value)]
    legend = [Key(few, "small", "dot")] if few and any(not point.firm and not point.running for point in known) else []
    legend += [Key(so_far, "running", "dot")] if so_far and any(point.running for point in known) else []
    legend += [Key(limits.name, "", "limit")] if limits else []
    legend += [NOTED] if notes else []
    return Chart(name, title, description, drawings, table, tuple(legend))


def one_trend(
    frame: Frame,
    points: Sequence[Point],
    target: float,
    say: Say,
    *,
    limits: Limits | None = None,
    notes: Sequence[Note] = (),
    axis: tuple[float, float] | None = None,
) -> Drawing:
    """A trend at one size; `axis` is the lower end and the step of its scale, where it shares one with others."""
    known = [value for point in points if not math.isnan(point.value) for value in (point.value, point.low)]
    low, step = axis or share_scale([*known, target, *([limits.lower] if limits else [])])
    scale = ticks(low, 1.0, step)
    frame = with_room(frame, [say(value) for value in scale], [] if math.isnan(target) else [BESIDE, say(target)])
    plot = Plot(frame, low, 1.0, len(points))
    runs = spells([point.value if point.firm else math.nan for point in points])
    shown = [index for index, point in enumerate(points) if not math.isnan(point.value)]
    dots = {index: _dot(plot, index, points[index]) for index in shown}
    drawing = Drawing(
        frame,
        scale=plot.scale(step, say),
        labels=plot.labels([point.label for point in points]),
        broken=low > 0,
        lines=tuple(Line(" ".join(f"{plot.x(index)},{plot.y(points[index].value)}" for index in run)) for run in runs if len(run) > 1),
        bands=tuple(_band(plot, points, run) for run in runs if len(run) > 1),
        limits=_limit_lines(plot, limits),
        dots=tuple(dots.values()),
        flags=plot.flags(notes, lambda index: _height(plot, points[index].value)),
        target=None if math.isnan(target) else Tick(plot.y(target), say(target)),
    )
    drawn = _in_the_way(plot, drawing, runs, [point.value for point in points])
    return replace(drawing, letters=_newest(points, dots, target, say, drawn))


def _dot(plot: Plot, index: int, point: Point) -> Dot:
    return Dot(plot.x(index), plot.y(point.value), not point.firm and not point.running, point.tip, point.running)


def _height(plot: Plot, value: float) -> float:
    return plot.frame.floor if math.isnan(value) else plot.y(value)


def _band(plot: Plot, points: Sequence[Point], run: Sequence[int]) -> str:
    upper = [f"{plot.x(index)},{plot.y(points[index].high)}" for index in run]
    lower = [f"{plot.x(index)},{plot.y(points[index].low)}" for index in reversed(run)]
    return " ".join([*upper, *lower])


def _limit_lines(plot: Plot, limits: Limits | None) -> tuple[float, ...]:
    """Where the ends of the usual range stand, as far as they lie within the axis; the legend names them."""
    return tuple(plot.y(value) for value in (limits.lower, limits.upper) if plot.low <= value < plot.top) if limits else ()


def _in_the_way(plot: Plot, drawing: Drawing, runs: Sequence[Sequence[int]], values: Sequence[float]) -> Drawn:
    """What words must get out of the way of: the line, its dots, the ends of the usual range and the threads of remarks."""
    ends = [[(plot.x(index), plot.y(values[index])) for index in run] for run in runs]
    pieces = [Segment(*start, *end) for run in ends for start, end in pairwise(run)]
    pieces += [Segment(dot.x, dot.y, dot.x, dot.y) for dot in drawing.dots]
    pieces += [Segment(plot.frame.left, limit, plot.frame.end, limit) for limit in drawing.limits]
    pieces += [Segment(flag.x, flag.y, flag.x, flag.foot) for flag in drawing.flags]
    return Drawn(plot, drawing.target.at if drawing.target else math.nan, pieces)


def _newest(points: Sequence[Point], dots: Mapping[int, Dot], target: float, say: Say, drawn: Drawn) -> tuple[Letter, ...]:
    """The value of the newest month that has ended beside its dot, on the side away from the target line; and `so far` beside that of a
    month that has not ended, on the other side."""
    anchor = "end" if len(dots) > 1 else "middle"
    ended = [index for index in dots if not points[index].running]
    above, letters = False, list[Letter]()
    if ended:
        dot, value = dots[ended[-1]], points[ended[-1]].value
        above = math.isnan(target) or value >= target
        letters.append(beside(dot, say(value), anchor, drawn, letters, above=above))
    for dot in (dots[index] for index in dots if points[index].running):
        letters.append(beside(dot, SO_FAR, anchor, drawn, letters, above=not above))
    return tuple(letters)


def several(
    frame: Frame, labels: Sequence[str], lines: Sequence[Curve], say: Say, highest: float = 0.0, notes: Sequence[Note] = ()
) -> Drawing:
    """Several lines from zero at one size, each named at its end; `highest` is the value that the axis has to reach at least."""
    frame = with_lane(frame, notes)
    reached = [value for line in lines for value in line.values if not math.isnan(value)]
    low, top, step = count_scale(0.0, max([*reached, highest]))
    names = [line.name for line in lines]
    frame = with_room(frame, [say(value) for value in ticks(low, top, step)])
    frame = replace(frame, right=round(max(frame.right, max(map(len, names), default=0) * LETTER + 10), 1))
    plot = Plot(frame, low, top, len(labels))
    drawn, dots, ends = [], [], []
    for line in lines:
        runs = spells([value if firm else math.nan for value, firm in zip(line.values, line.firm, strict=True)])
        known = [at for at, value in enumerate(line.values) if not math.isnan(value)]
        drawn += [Line(" ".join(f"{plot.x(at)},{plot.y(line.values[at])}" for at in run), line.style) for run in runs if len(run) > 1]
        dots += [
            Dot(plot.x(at), plot.y(line.values[at]), not line.firm[at], f"{labels[at]}, {line.name}: {say(line.values[at])}")
            for at in known
        ]
        ends += [(plot.y(line.values[known[-1]]), line.name)] if known else []
    return Drawing(
        frame,
        scale=plot.scale(step, say),
        labels=plot.labels(labels),
        lines=tuple(drawn),
        dots=tuple(dots),
        names=tuple(Letter(round(frame.end + 4, 1), y, text, "start") for y, text in _apart(ends, frame)),
        flags=plot.flags(notes, lambda at: _height(plot, _highest(lines, at))),
    )


def _highest(lines: Sequence[Curve], at: int) -> float:
    """The highest value at a label; NaN where no line has one."""
    return max((line.values[at] for line in lines if not math.isnan(line.values[at])), default=math.nan)


def _apart(ends: Sequence[tuple[float, str]], frame: Frame) -> list[tuple[float, str]]:
    """The names at the ends of lines, moved up where two would stand on each other, the lowest staying where it is."""
    placed: list[tuple[float, str]] = []
    free = frame.floor + 4
    for y, text in sorted(ends, key=lambda end: (-end[0], end[1])):
        at = min(y + 4, free)
        placed.append((round(at, 1), text))
        free = at - APART
    return placed
