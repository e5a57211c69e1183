"""Where a word stands beside its dot: on the sheet, off the target line and other words, and off what is drawn as far as that can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.publish.charts.drawings import Dot, Letter
from pipeline.publish.charts.scales import BOLD_LETTER, CAPITAL, Plot

APART = 16.0  # at least, from one word of a chart to the next above it
_NEAR = 2.0  # around a word, nothing is drawn
_NAME_OF_TARGET = (-14.0, 16.0)  # from the target line, the two words to the right of the plot that name it


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight piece of what is drawn, from left to right; a dot is one of no length."""

    x: float
    y: float
    end_x: float
    end_y: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a word has to get out of the way of: the y of the target line (NaN is none), and the pieces of all else."""

    plot: Plot
    target: float
    segments: Sequence[Segment]


def beside(dot: Dot, text: str, anchor: str, drawn: Drawn, taken: Sequence[Letter], *, above: bool) -> Letter:
    """A word above or below its dot: next to it, a line of text farther, past the target line or past one of `taken`; else on the other
    side. Of the places that have room, the first of those where it stands on the fewest pieces of what is drawn."""
    line = drawn.target
    up, down = (dot.y - 10, dot.y - 10 - APART, line - 6), (dot.y + 20, dot.y + 20 + APART, line + CAPITAL + 6)
    past = [place for one in taken for place in (one.y - APART, one.y + APART)]
    feet = (*up, *down, *past) if above else (*down, *up, *past)
    places = [Letter(dot.x, round(foot, 1), text, where) for where in dict.fromkeys((anchor, "middle")) for foot in feet]
    return min((one for one in places if _has_room(one, drawn, taken)), key=lambda one: _crossed(one, drawn.segments), default=places[0])


def _sides(letter: Letter) -> tuple[float, float]:
    """The left and the right end of a word."""
    wide = BOLD_LETTER * len(letter.text)
    start = letter.x - (wide if letter.anchor == "end" else wide / 2)
    return start, start + wide


def _has_room(letter: Letter, drawn: Drawn, taken: Sequence[Letter]) -> bool:
    """Whether the word lies on the sheet and above the axis, off the target line with its name, and off the words that stand already."""
    frame, line = drawn.plot.frame, drawn.target
    top, foot = letter.y - CAPITAL, letter.y
    start, end = _sides(letter)
    on_the_line = top - _NEAR < line < foot + 4
    on_its_name = end > frame.end + 4 and top < line + _NAME_OF_TARGET[1] and line + _NAME_OF_TARGET[0] < foot
    inside = CAPITAL <= letter.y <= frame.floor - 4 and (letter.anchor == "end" or (start >= 0 and end <= frame.width))
    return inside and not on_the_line and not on_its_name and all(abs(letter.y - one.y) >= APART for one in taken)


def _crossed(letter: Letter, segments: Sequence[Segment]) -> int:
    """How many pieces of what is drawn run through the word."""
    start, end = _sides(letter)
    return sum(_runs_through(one, start - _NEAR, end + _NEAR, letter.y - CAPITAL - _NEAR, letter.y + _NEAR) for one in segments)


def _runs_through(one: Segment, start: float, end: float, top: float, foot: float) -> bool:
    left, right = max(one.x, start), min(one.end_x, end)
    if left > right:
        return False
    heights = (one.y, one.end_y) if one.x == one.end_x else (_height(one, left), _height(one, right))
    return min(heights) <= foot and max(heights) >= top


def _height(one: Segment, x: float) -> float:
    return one.y + (one.end_y - one.y) * (x - one.x) / (one.end_x - one.x)
