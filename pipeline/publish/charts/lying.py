"""Lying bars, one a row, so that long names can be read: a ranking, or the parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.publish.charts.drawings import NARROW, WIDE, Bar, Chart, Drawing, Frame, Key, Letter, Tick
from pipeline.publish.charts.scales import BOLD_LETTER, Say
from pipeline.publish.parts import Grid

_NAME_LETTER, _CAPITAL = 8.0, 10.5  # names are cut where they do not fit, so their letters are counted as wide ones
_PITCH, _BAR, _LINE = 26.0, 18.0, 20.0  # from one bar to the next, how thick, and the line of a name above it


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


def ranking(
    name: str,
    title: str,
    description: str,
    rows: Sequence[Ranked],
    say: Say,
    table: Grid | None = None,
    mark: Mark | None = None,
) -> Chart:
    """Lying bars from zero in the given order, one a row; `say` writes a value.

    `mark` is a dashed line across all bars, named above them.
    """
    drawings = (_lying(WIDE, rows, say, mark, beside=True), _lying(NARROW, rows, say, mark, beside=False))
    return Chart(name, title, description, drawings, table)


def _lying(frame: Frame, rows: Sequence[Ranked], say: Say, mark: Mark | None, *, beside: bool) -> Drawing:
    """Names stand left of the bars on a wide page, above them on a phone; each value stands at the end of its bar."""
    right = max((len(say(row.value)) for row in rows), default=0) * BOLD_LETTER + 12
    frame, room = _sheet(frame, [row.name for row in rows], right, 4.0 if mark is None else 4.0 + _LINE, beside=beside)
    unit = (frame.end - frame.left) / max([row.value for row in rows] + ([mark.value] if mark else []), default=1.0)
    line = None if mark is None else round(frame.left + unit * mark.value, 1)
    bars, letters, names = [], [], []
    for place, row in enumerate(rows):
        top = _top(frame, place, beside=beside)
        bars.append(Bar(frame.left, top, max(round(unit * row.value, 1), 1.0), _BAR, row.style, f"{row.name}: {say(row.value)}"))
        letters.append(_value(frame.left + unit * row.value, round(top + _BAR - 4, 1), say(row.value), line))
        names.append(_name(frame, top, row.name, room, beside=beside))
    across = None if line is None or mark is None else Tick(line, mark.name)
    return Drawing(frame, scale=(), labels=(), bars=tuple(bars), letters=tuple(letters), names=tuple(names), mark=across)


def _sheet(frame: Frame, names: Sequence[str], right: float, top: float, *, beside: bool) -> tuple[Frame, int]:
    """The frame for so many rows, and how many letters a name may have."""
    longest = max((sum(_CAPITAL if sign.isupper() else _NAME_LETTER for sign in name) for name in names), default=0.0)
    left = round(min(longest + 14, frame.width * 0.45), 1) if beside else 0.0
    height = top + 4.0 + (_PITCH if beside else _PITCH + _LINE) * len(names)
    room = int((left - 10 if beside else frame.width) / _NAME_LETTER)
    return replace(frame, left=left, right=round(right, 1), top=top, bottom=4.0, height=height), room


def _top(frame: Frame, place: int, *, beside: bool) -> float:
    return round(frame.top + (_PITCH if beside else _PITCH + _LINE) * place + (0 if beside else _LINE) + 3, 1)


def _name(frame: Frame, top: float, name: str, room: int, *, beside: bool) -> Letter:
    shown = name if len(name) <= room else f"{name[: room - 1]}…"
    return (
        Letter(round(frame.left - 10, 1), round(top + _BAR - 4, 1), shown, "end")
        if beside
        else Letter(0, round(top - 5, 1), shown, "start")
    )


def _value(end: float, y: float, said: str, mark: float | None) -> Letter:
    """The value behind the end of its bar; within the bar where it would stand on the mark."""
    if mark is not None and end - 4 < mark < end + 12 + len(said) * BOLD_LETTER:
        return Letter(round(end - 8, 1), y, said, "end", inside=True)
    return Letter(round(end + 8, 1), y, said, "start")


def parts(
    name: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[float]]],
    keys: Sequence[Key],
    say: Say,
    table: Grid | None = None,
) -> Chart:
    """Lying bars of equal length, each a whole cut into the parts that `keys` name; a part says its share where it has room."""
    drawings = (_cut(WIDE, rows, keys, say, beside=True), _cut(NARROW, rows, keys, say, beside=False))
    return Chart(name, title, description, drawings, table, tuple(keys))


def _cut(frame: Frame, rows: Sequence[tuple[str, Sequence[float]]], keys: Sequence[Key], say: Say, *, beside: bool) -> Drawing:
    frame, room = _sheet(frame, [name for name, _ in rows], 4.0, 4.0, beside=beside)
    bars, letters, names = [], [], []
    for place, (name, values) in enumerate(rows):
        top = _top(frame, place, beside=beside)
        unit = (frame.end - frame.left) / (sum(values) or 1.0)
        x = frame.left
        for value, key in zip(values, keys, strict=True):
            said, width = say(value), unit * value
            if width > 0:
                bars.append(Bar(round(x, 1), top, round(width, 1), _BAR, key.style, f"{name}, {key.name}: {said}"))
            if width >= len(said) * BOLD_LETTER + 8:
                letters.append(Letter(round(x + width / 2, 1), round(top + _BAR - 4, 1), said, "middle"))
            x += width
        names.append(_name(frame, top, name, room, beside=beside))
    return Drawing(frame, scale=(), labels=(), bars=tuple(bars), letters=tuple(letters), names=tuple(names))
