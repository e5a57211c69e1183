"""Standing bars: amounts from zero, stacked where there are several, and shares of time on an axis that is drawn as broken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.publish.charts.drawings import NARROW, NOTED, WIDE, Bar, Chart, Drawing, Frame, Key, Letter, Note, Tick
from pipeline.publish.charts.scales import BOLD_LETTER, Plot, Say, count_scale, share_scale, ticks, with_lane, with_room
from pipeline.publish.charts.trends import BESIDE
from pipeline.publish.parts import Grid

_UNFINISHED = "unfinished"
_WIDEST = 48.0


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of bar: its name, the class that gives it colour and hatch, and a value for each label."""

    name: str
    style: str
    values: Sequence[float]


def bars(
    name: str,
    title: str,
    description: str,
    labels: Sequence[str],
    series: Sequence[Series],
    say: Say,
    table: Grid | None = None,
    unfinished: str = "",
    *,
    beside: bool = False,
    notes: Sequence[Note] = (),
) -> Chart:
    """Bars from zero, stacked where there are several series, what is negative below zero; `say` writes a value.

    Where the last label's time has not ended, `unfinished` says so: its bar is drawn pale with a broken edge, and the legend names it.
    `beside` puts the series of a label side by side instead of on top of each other.
    """
    drawings = tuple(
        _bars(with_lane(frame, notes), labels, series, say, unfinished=bool(unfinished), beside=beside, notes=notes)
        for frame in (WIDE, NARROW)
    )
    legend = [Key(one.name, one.style) for one in series] if len(series) > 1 or unfinished else []
    legend += [Key(unfinished, _UNFINISHED)] if unfinished else []
    legend += [NOTED] if notes else []
    return Chart(name, title, description, drawings, table, tuple(legend))


def _bars(
    frame: Frame,
    labels: Sequence[str],
    series: Sequence[Series],
    say: Say,
    *,
    unfinished: bool,
    beside: bool,
    notes: Sequence[Note],
) -> Drawing:
    totals = [sum(one.values[index] for one in series) for index in range(len(labels))]
    heights, depths = (_reach(series, len(labels), beside=beside, sign=sign) for sign in (1, -1))
    low, top, step = count_scale(min(depths, default=0.0), max(heights, default=0.0))
    frame = with_room(frame, [say(value) for value in ticks(low, top, step)])
    plot = Plot(frame, low, top, len(labels))
    marks: list[Bar] = []
    for index, label in enumerate(labels):
        pale = f" {_UNFINISHED}" if unfinished and index == len(labels) - 1 else ""
        marks += _of_label(plot, index, label, series, say, pale, beside=beside)
    longest = max((len(say(total)) for total in totals), default=0)
    named = plot.slot >= longest * BOLD_LETTER + 4 and not beside
    letters = [
        Letter(plot.x(index), round(plot.y(heights[index]) - 6, 1), say(total), "middle")
        for index, total in enumerate(totals)
        if named and total
    ]
    return Drawing(
        frame,
        scale=plot.scale(step, say),
        labels=plot.labels(labels),
        bars=tuple(marks),
        letters=tuple(letters),
        flags=plot.flags(notes, lambda index: plot.y(heights[index]) - (14 if named else 0)),
    )


def _reach(series: Sequence[Series], labels: int, *, beside: bool, sign: int) -> list[float]:
    """How far the bars of each label go up (`sign` 1) or down (-1) from zero."""
    parts = [[max(one.values[index] * sign, 0.0) for one in series] for index in range(labels)]
    return [sign * (max(values, default=0.0) if beside else sum(values)) for values in parts]


def _of_label(plot: Plot, index: int, label: str, series: Sequence[Series], say: Say, pale: str, *, beside: bool) -> list[Bar]:
    whole = round(min(plot.slot * 0.72, _WIDEST), 1)
    width = round(whole / len(series), 1) if beside else whole
    reached = {True: 0.0, False: 0.0}  # above zero and below
    marks = []
    for place, one in enumerate(series):
        value = one.values[index]
        if not value:
            continue
        tip = f"{label}: {say(value)}" if len(series) == 1 else f"{label}, {one.name}: {say(value)}"
        base = 0.0 if beside else reached[value > 0]
        upper, lower = plot.y(max(base, base + value)), plot.y(min(base, base + value))
        left = plot.x(index) - whole / 2 + (place * width if beside else 0)
        marks.append(Bar(round(left, 1), upper, width, round(lower - upper, 1), one.style + pale, tip))
        reached[value > 0] = base + value
    return marks


def shares(
    frame: Frame, labels: Sequence[str], values: Sequence[float], target: float, say: Say, *, axis: tuple[float, float],
    style: str = "series-1", notes: Sequence[Note] = (),
) -> Drawing:  # fmt: skip
    """Bars of shares on the `axis` (its lower end and the step of its lines), cut visibly where that is not zero; NaN has no bar.

    What lies below the target has its value written above it, for that is what the eye looks for.
    """
    low, step = axis
    frame = with_lane(frame, notes)
    beside = [] if math.isnan(target) else [BESIDE, say(target)]
    frame = with_room(frame, [say(value) for value in ticks(low, 1.0, step)], beside)
    plot = Plot(frame, low, 1.0, len(labels))
    width = round(min(plot.slot * 0.72, _WIDEST), 1)
    known = [index for index, value in enumerate(values) if not math.isnan(value)]
    heads = {index: plot.y(values[index]) for index in known}
    marks = []
    for at in known:
        left, tip = round(plot.x(at) - width / 2, 1), f"{labels[at]}: {say(values[at])}"
        marks.append(Bar(left, heads[at], width, round(frame.floor - heads[at], 1), style, tip))
    letters = {at: _exception(plot, at, heads[at], say(values[at])) for at in known if values[at] < target}
    return Drawing(
        frame,
        scale=plot.scale(step, say),
        labels=plot.labels(labels),
        broken=low > 0,
        cut=low > 0,
        bars=tuple(marks),
        letters=tuple(letters.values()),
        flags=plot.flags(notes, lambda at: _free(heads.get(at, frame.floor), letters.get(at))),
        target=None if math.isnan(target) else Tick(plot.y(target), say(target)),
    )


def _exception(plot: Plot, index: int, head: float, said: str) -> Letter:
    """The value of a bar, running upwards: above it where there is room for it, else within."""
    x, length = round(plot.x(index) + 4.5, 1), len(said) * BOLD_LETTER
    if head - plot.frame.top >= length + 8:
        return Letter(x, round(head - 6, 1), said, "start", turned=True)
    return Letter(x, round(head + 6, 1), said, "end", inside=True, turned=True)


def _free(head: float, letter: Letter | None) -> float:
    """The top of what stands at a label: of its bar, or of the value above it."""
    return head if letter is None or letter.inside else letter.y - len(letter.text) * BOLD_LETTER


def share_axis(values: Sequence[float], lowest: float) -> tuple[float, float]:
    """Lower end and step of an axis for bars of shares: from `lowest`, or lower where a value lies below it, so that each has a bar."""
    return share_scale([lowest, *(value - 1e-6 for value in values)])
