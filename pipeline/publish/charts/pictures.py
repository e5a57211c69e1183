"""A chart as a file of its own, to put into slides: where title, words, legend, drawings and source stand on its sheet; its fixed colours.

A page's drawing takes its colours from the stylesheet and follows light, dark and print. A file has no stylesheet, and programs that show
slides know few of its rules, so each mark gets its colours as plain attributes: those of light pages (LOOK.md).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from pipeline.publish.charts.drawings import Chart, Drawing, Key, Letter, Multiples, Panel
from pipeline.publish.charts.scales import BOLD_LETTER, LETTER

_MARGIN, _WIDTH = 24.0, 1008.0
_TITLE, _TITLE_LINE, _TITLE_LETTER = 20.0, 28.0, 10.4  # size, line and width of a letter of the title, in px
_SAID_LINE, _SAID_LETTER = 20.0, 7.8  # line and width of a letter of what the chart shows, 14 px
_SMALL_LINE, _LEGEND_LINE, _SIGN = 18.0, 24.0, 24.0  # lines of small text and of the legend, room for the sign of an entry
_ROW_GAP, _NARROWEST_GAP = 24.0, 20.0

_INK, _MUTED, _GROUND, _CARD, _RULE = "#14233a", "#566273", "#ffffff", "#f5f7fa", "#d8dee6"
_BLUE, _ORANGE, _TEAL, _VIOLET, _REST = "#1d5fa8", "#a85300", "#0c7566", "#6a4c9c", "#66707d"
_NEAR, _MISSED = "#8a5a00", "#b0281c"


def _paler(colour: str, share: float) -> str:
    """`colour` with so much of it on white: what the stylesheet's `color-mix` makes."""
    mixed = (round(255 - (255 - int(colour[at : at + 2], 16)) * share) for at in (1, 3, 5))
    return "#" + "".join(f"{one:02x}" for one in mixed)


_FILLS = {
    "series-1": _BLUE, "series-2": _ORANGE, "series-3": _TEAL, "series-4": _VIOLET, "series-5": _REST,
    "age-1": _paler(_BLUE, 0.3), "age-2": _paler(_BLUE, 0.6), "age-3": _BLUE, "age-4": _MISSED, "near": _NEAR,
    "heat-0": _CARD, "heat-1": _paler(_BLUE, 0.22), "heat-2": _paler(_BLUE, 0.42), "heat-3": _paler(_BLUE, 0.62),
    "heat-4": _paler(_BLUE, 0.81), "heat-5": _BLUE,
}  # fmt: skip
_BROKEN_EDGE = f'fill-opacity="0.3" stroke="{_INK}" stroke-dasharray="4 3" stroke-width="1.25"'
# What the stylesheet says of each class of templates/macros/charts.html.j2, as attributes; a test compares the classes.
PAINTS: dict[str, str] = {
    "rule": f'stroke="{_RULE}" stroke-width="1"',
    "tick": f'fill="{_MUTED}"',
    "break": f'fill="none" stroke="{_MUTED}" stroke-width="1.5"',
    "band": f'fill="{_BLUE}" fill-opacity="0.14"',
    "bar": "",
    "over": "",
    "cut": f'fill="none" stroke="{_GROUND}" stroke-width="4"',
    "outline": f'fill="none" stroke="{_INK}" stroke-width="2"',
    "limit": f'fill="none" stroke="{_REST}" stroke-dasharray="1 4" stroke-linecap="round" stroke-width="1.75"',
    "target": f'fill="none" stroke="{_INK}" stroke-dasharray="6 4" stroke-width="1.25"',
    "target-name": f'fill="{_INK}"',
    "thread": f'fill="none" stroke="{_MUTED}" stroke-dasharray="1 3" stroke-width="1.25"',
    "reach": f'fill="none" stroke="{_INK}" stroke-width="1.25"',
    "line": f'fill="none" stroke="{_BLUE}" stroke-width="2" stroke-linejoin="round"',
    "line faint": f'fill="none" stroke="{_REST}" stroke-width="1.25" stroke-linejoin="round"',
    "second": 'stroke-dasharray="8 3"',
    "third": 'stroke-dasharray="2 3"',
    "dot": f'fill="{_BLUE}" stroke="{_GROUND}" stroke-width="1"',
    "dot faint": f'fill="{_GROUND}" stroke="{_REST}" stroke-width="1"',
    "dot small": f'fill="{_GROUND}" stroke="{_REST}" stroke-width="1.5"',
    "dot running": f'fill="{_GROUND}" stroke="{_BLUE}" stroke-width="1.5"',
    "value": f'fill="{_INK}" font-weight="600"',
    "value inside": f'fill="{_GROUND}" font-weight="600"',
    "name": f'fill="{_INK}"',
    "flag": f'fill="{_GROUND}" stroke="{_INK}" stroke-width="1.25"',
    "flag-number": f'fill="{_INK}" font-size="11" font-weight="600"',
    "hatch-ground": 'fill="none"',
    "hatch-line": f'fill="{_GROUND}" fill-opacity="0.55"',
    "stroke-hatch": f'fill="none" stroke="{_GROUND}" stroke-width="1.5" stroke-opacity="0.7"',
    "unfinished": _BROKEN_EDGE,
    **{f"bar {name}": f'fill="{colour}"' for name, colour in _FILLS.items()},
}
_CLASS = re.compile(r' class="([^"]*)"')
_VALUE = re.compile(r'<text class="value"(.*?</text>)')
# Letters over a bar stand out by a light edge; few programs know `paint-order`, so the edge is drawn first, as letters of its own.
_EDGED = rf'<text fill="none" stroke="{_GROUND}" stroke-width="3" font-weight="600"\1<text class="value"\1'


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the legend and where it stands."""

    x: float
    y: float
    key: Key


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawing and where it stands, with the lines of its name, and of what it rests on, above it."""

    id: str
    x: float
    y: float
    drawing: Drawing
    faint: bool = False
    name: tuple[Letter, ...] = ()
    basis: tuple[Letter, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart on a sheet of its own, in px: its size, then everything on it from the top."""

    width: float
    height: float
    title: str
    description: str
    head: tuple[Letter, ...]
    said: tuple[Letter, ...]
    legend: tuple[Entry, ...]
    panels: tuple[Placed, ...]
    foot: tuple[Letter, ...]
    hatched: bool = False


def picture(chart: Chart | Multiples, source: str) -> Picture:
    """`chart` in its wide drawing on a sheet 1,008 px wide: its title and what it shows above, below it the remarks that it numbers, and
    `source`, where the figures come from."""
    y = _MARGIN + _TITLE
    head = _lines(chart.title, _MARGIN, y, _TITLE_LINE, _letters(_TITLE_LETTER))
    y += _TITLE_LINE * len(head)
    said = _lines(chart.description, _MARGIN, y, _SAID_LINE, _letters(_SAID_LETTER))
    legend, y = _legend([key for key in chart.legend if key.kind != "flag"], y + _SAID_LINE * (len(said) - 1) + 12)
    panels, y = _panels(chart, y + 8) if isinstance(chart, Multiples) else _one(chart, y + 8)
    foot: tuple[Letter, ...] = ()
    for text in (*_remarks(panels), source):
        foot += _lines(text, _MARGIN, y + _ROW_GAP + _SMALL_LINE * len(foot), _SMALL_LINE, _letters(LETTER))
    height = y + _ROW_GAP + _SMALL_LINE * (len(foot) - 1) + _MARGIN
    hatched = isinstance(chart, Chart) and chart.hatched
    return Picture(_WIDTH, round(height, 1), chart.title, chart.description, head, said, legend, panels, foot, hatched)


def paint(svg: Markup, faint: bool = False) -> Markup:
    """`svg` with plain attributes in place of its classes; `faint` as the stylesheet draws a panel of too few cases.

    Raises `LookupError` for a class that `PAINTS` does not know.
    """
    edged = _VALUE.sub(_EDGED, str(svg))
    return Markup(_CLASS.sub(lambda found: _painted(found[1].split(), faint=faint), edged))  # noqa: S704 - Markup in, attributes of ours put in


def _painted(names: Sequence[str], *, faint: bool) -> str:
    """The attributes of an element by its classes: where two of them stand together in PAINTS, those of the pair alone."""
    base, *others = names
    if faint and f"{base} faint" in PAINTS:
        others = ["faint"]
    pair = next((f"{base} {one}" for one in others if f"{base} {one}" in PAINTS), base)
    rest = [one for one in others if f"{base} {one}" != pair]
    said = [PAINTS[name] for name in (pair, *rest)]
    return "".join(f" {one}" for one in said if one)


def _remarks(panels: Sequence[Placed]) -> list[str]:
    """What the numbers above the plots say, for the page with their table is not there."""
    return [text for _, text in sorted({(flag.number, flag.tip) for panel in panels for flag in panel.drawing.flags})]


def _letters(width: float) -> int:
    return int((_WIDTH - 2 * _MARGIN) / width)


def _lines(text: str, x: float, y: float, line: float, letters: int) -> tuple[Letter, ...]:
    """`text` as lines of so many letters at most, the first at `y`."""
    wrapped = textwrap.wrap(text, letters) or [""]
    return tuple(Letter(x, round(y + line * at, 1), part, "start") for at, part in enumerate(wrapped))


def _legend(keys: Sequence[Key], y: float) -> tuple[tuple[Entry, ...], float]:
    """The entries of the legend in lines, the first below `y`, and where the last ends."""
    if not keys:
        return (), y
    entries, x = [], _MARGIN
    y += _LEGEND_LINE - 6
    for key in keys:
        width = _SIGN + LETTER * 1.1 * len(key.name) + _ROW_GAP
        if x > _MARGIN and x + width > _WIDTH - _MARGIN:
            x, y = _MARGIN, y + _LEGEND_LINE
        entries.append(Entry(round(x, 1), round(y, 1), key))
        x += width
    return tuple(entries), y + 6


def _one(chart: Chart, y: float) -> tuple[tuple[Placed, ...], float]:
    drawing = chart.drawings[0]
    return (Placed(chart.name, _MARGIN, round(y, 1), drawing),), y + drawing.frame.height


def _panels(chart: Multiples, y: float) -> tuple[tuple[Placed, ...], float]:
    """The panels in rows, as many beside each other as have room, each below its name and what it rests on."""
    widest = max((panel.drawings[0].frame.width for panel in chart.panels), default=_WIDTH)
    columns = max(int((_WIDTH - 2 * _MARGIN + _NARROWEST_GAP) // (widest + _NARROWEST_GAP)), 1)
    gap = (_WIDTH - 2 * _MARGIN - columns * widest) / max(columns - 1, 1)
    placed: list[Placed] = []
    for first in range(0, len(chart.panels), columns):
        row = [
            _placed(panel, _MARGIN + at * (widest + gap), y, int(widest / BOLD_LETTER))
            for at, panel in enumerate(chart.panels[first : first + columns])
        ]
        top = max(one.y for one in row)
        placed += [replace(one, y=top) for one in row]
        y = top + max(one.drawing.frame.height for one in row) + _ROW_GAP / 2
    return tuple(placed), y - _ROW_GAP / 2


def _placed(panel: Panel, x: float, y: float, letters: int) -> Placed:
    """A panel below the lines of its name and its basis, the first of which stands below `y`; one of too few cases says so, for few see
    that its marks are fainter."""
    rests_on = f"{panel.basis}: too few to judge" if panel.faint else panel.basis
    x, first = round(x, 1), y + _SMALL_LINE * 0.75
    name = _lines(panel.title, x, first, _SMALL_LINE, letters)
    basis = _lines(rests_on, x, first + _SMALL_LINE * len(name), _SMALL_LINE, letters) if rests_on else ()
    top = round(y + _SMALL_LINE * (len(name) + len(basis)), 1)
    return Placed(panel.name, x, top, panel.drawings[0], panel.faint, name, basis)
