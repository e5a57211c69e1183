"""Axes: where they begin, which lines they have, which labels fit, and where a value stands between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.publish.charts.drawings import Flag, Frame, Note, Tick

_STEPS = (1, 2, 3, 6, 12, 24, 52)
LETTER = 7.2  # width of an average letter at 13 px
BOLD_LETTER = 8.4
CAPITAL = 10.0  # height of a capital letter, or a figure
_LANE = 30.0  # height of the lane at the top of the sheet in which the numbers of remarks stand, and the middle of it
_IN_LANE = 24.0
_FLAG = 20.0  # from the middle of one number to that of the next

Say = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Plot:
    """The field of a drawing: its frame, the ends of its axis, and how many labels share its width."""

    frame: Frame
    low: float
    top: float
    slots: int

    @property
    def slot(self) -> float:
        """The width that belongs to one label."""
        return (self.frame.end - self.frame.left) / max(self.slots, 1)

    def x(self, index: float) -> float:
        """The middle of the label at `index`, counted from 0."""
        return round(self.frame.left + self.slot * (index + 0.5), 1)

    def y(self, value: float) -> float:
        """Where a value of the axis stands."""
        share = (value - self.low) / (self.top - self.low)
        return round(self.frame.floor - share * (self.frame.floor - self.frame.top), 1)

    def scale(self, step: float, say: Say) -> tuple[Tick, ...]:
        """The lines of the axis."""
        return tuple(Tick(self.y(value), say(value)) for value in ticks(self.low, self.top, step))

    def labels(self, labels: Sequence[str]) -> tuple[Tick, ...]:
        """As many labels as have room, counted back from the newest, which is always named."""
        needed = max((len(label) for label in labels), default=1) * LETTER + 10
        step = next((step for step in _STEPS if step * self.slot >= needed), len(labels) or 1)
        shown = range((len(labels) - 1) % step, len(labels), step) if labels else range(0)
        return tuple(Tick(self.x(index), labels[index]) for index in shown)

    def flags(self, notes: Sequence[Note], height: Callable[[int], float]) -> tuple[Flag, ...]:
        """The numbers of remarks in the lane above the plot, each above the first label that it is about, as far as they do not stand on
        each other; its thread ends above `height`, the top of what is drawn at that label."""
        ordered = sorted(notes, key=lambda one: (one.first, one.number))
        places = zip(ordered, _spread([self.x(note.first) for note in ordered], self.frame.width - _FLAG / 2), strict=True)
        return tuple(
            Flag(x, _IN_LANE, max(self.x(note.last), x), round(height(note.first) - 6, 1), note.number, note.tip) for note, x in places
        )


def _spread(wanted: Sequence[float], limit: float) -> list[float]:
    """The places wanted, moved to the right where two would meet, and back to the left where one would pass `limit`."""
    placed: list[float] = []
    for x in wanted:
        placed.append(max(x, placed[-1] + _FLAG) if placed else x)
    for index in reversed(range(len(placed))):
        placed[index] = round(min(placed[index], limit), 1)
        limit = placed[index] - _FLAG
    return placed


def with_lane(frame: Frame, notes: Sequence[Note]) -> Frame:
    """`frame` with a lane for the numbers of remarks, where there are any."""
    return replace(frame, top=frame.top + _LANE, height=frame.height + _LANE) if notes else frame


def with_room(frame: Frame, scale: Sequence[str], beside: Sequence[str] = ()) -> Frame:
    """`frame` with margins that the longest word of the scale, and the longest `beside` the plot, fit into."""
    left, right = (round(max(map(len, said), default=0) * LETTER + 14, 1) for said in (scale, beside))
    return replace(frame, left=max(frame.left, left), right=max(frame.right, right))


def ticks(low: float, top: float, step: float) -> list[float]:
    """The values from `low` to `top` at which an axis has a line."""
    return [round(low + step * index, 6) for index in range(round((top - low) / step) + 1)]


def share_scale(values: Iterable[float]) -> tuple[float, float]:
    """Lower end of an axis of shares up to 1, and the step of its lines: from zero, or from the decade or the whole percent below the
    lowest of `values`; NaN is no value."""
    lowest = min((value for value in values if not math.isnan(value)), default=0.0)
    for step in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25):
        low = min(math.floor(round(lowest / step, 9)) * step, 1 - step)  # where all is whole there still is an axis
        if (1 - low) / step <= 5:  # at most five lines, or the eye reads the grid
            return (max(round(low, 6), 0.0), step)
    return (0.0, 0.25)


def count_scale(lowest: float, highest: float) -> tuple[float, float, float]:
    """Lower end, upper end and step of an axis through zero with few lines, at whole numbers that people count in."""
    magnitude = 1.0
    while True:
        for factor in (1, 2, 5):
            step = factor * magnitude
            if (highest - lowest) / step <= 5:  # with zero, at most seven lines
                return math.floor(lowest / step) * step, max(math.ceil(highest / step + 0.1) * step, step), step
        magnitude *= 10


def spells(values: Sequence[float]) -> list[list[int]]:
    """Runs of neighbouring places that have a value: a gap in the data is a gap in the line."""
    found: list[list[int]] = []
    for index, value in enumerate(values):
        if math.isnan(value):
            continue
        if found and found[-1][-1] == index - 1:
            found[-1].append(index)
        else:
            found.append([index])
    return found
