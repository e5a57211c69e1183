"""What a drawing is made of: the sheet with its margins, and the marks on it. Plain numbers in px; a template turns them into SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.publish.parts import Grid

HATCHED = ("series-2", "age-4")  # styles that a hatch tells apart where colour does not


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


# Above the plot there is room for the value of a dot that stands on its upper edge.
WIDE = Frame("wide", 960, 328, 60, 28, 24)
NARROW = Frame("narrow", 350, 248, 40, 28, 24)


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a trend: its value with the interval; NaN is a gap, and a value that is not firm an open dot that no line runs through.
    One that is `running` has not ended: an open dot too, with `so far` beside it."""

    label: str
    value: float
    low: float
    high: float
    firm: bool
    tip: str
    running: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A numbered remark: over which labels of the chart it reaches, by their places counted from 0, and what it says."""

    number: int
    first: int
    last: int
    tip: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A thin line of the scale, or a label below the axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, and the class that gives it colour and dashes."""

    points: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a trend; one of few is small, one of a month that has not ended running."""

    x: float
    y: float
    small: bool
    tip: str
    running: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar, or a field of a map."""

    x: float
    y: float
    width: float
    height: float
    style: str
    tip: str

    @property
    def hatched(self) -> bool:
        """Whether a hatch lies over it."""
        return self.style.startswith(HATCHED)

    @property
    def path(self) -> str:
        """Its edge as a path, which takes less of a page than a `rect`: some pages have hundreds."""
        return f"M{self.x:g} {self.y:g}h{self.width:g}v{self.height:g}h-{self.width:g}z"


@dataclass(frozen=True, slots=True)
class Area:
    """Several bars of one style as one path, and whether a hatch lies over them."""

    path: str
    style: str
    hatched: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A word in the plot; one that is `turned` runs upwards."""

    x: float
    y: float
    text: str
    anchor: str
    inside: bool = False
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """The number of a remark above the plot, the line that it reaches along, and the foot of its thread down into the plot."""

    x: float
    y: float
    end: float
    foot: float
    number: int
    tip: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart at one size."""

    frame: Frame
    scale: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    broken: bool = False
    cut: bool = False
    lines: tuple[Line, ...] = ()
    bands: tuple[str, ...] = ()
    limits: tuple[float, ...] = ()
    dots: tuple[Dot, ...] = ()
    bars: tuple[Bar, ...] = ()
    outlines: tuple[Bar, ...] = ()
    letters: tuple[Letter, ...] = ()
    names: tuple[Letter, ...] = ()
    flags: tuple[Flag, ...] = ()
    target: Tick | None = None
    mark: Tick | None = None

    @property
    def areas(self) -> list[Area]:
        """The bars of each style as one mark, where nobody can point at a single one: half of the length of a page went into them."""
        found: dict[str, list[Bar]] = {}
        for bar in self.bars:
            found.setdefault(bar.style, []).append(bar)
        return [Area("".join(bar.path for bar in bars), style, bars[0].hatched) for style, bars in found.items()]


@dataclass(frozen=True, slots=True)
class Key:
    """A line of a legend: the name of a mark, its class, and what is drawn beside it."""

    name: str
    style: str
    kind: Literal["field", "dot", "limit", "target", "flag"] = "field"

    @property
    def hatched(self) -> bool:
        """Whether a hatch lies over it."""
        return self.style.startswith(HATCHED)


NOTED = Key("a remark explains it, further down", "", "flag")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its finding as title, what it shows, both drawings, its legend, and the table behind it unless the page shows it anyway."""

    name: str
    title: str
    description: str
    drawings: tuple[Drawing, ...]
    table: Grid | None = None
    legend: tuple[Key, ...] = ()

    @property
    def hatched(self) -> bool:
        """Whether any of its marks needs the hatch."""
        return any(key.hatched for key in self.legend)


@dataclass(frozen=True, slots=True)
class Panel:
    """One of several small charts: whose it is, what it rests on, both drawings; `faint` where there are too few to judge."""

    name: str
    title: str
    basis: str
    description: str
    drawings: tuple[Drawing, ...]
    href: str = ""
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Multiples:
    """Several charts side by side on the same axis: the finding as title, and the table behind them all."""

    name: str
    title: str
    description: str
    panels: Sequence[Panel]
    size: Literal["half", "small"]
    table: Grid | None = None
    legend: tuple[Key, ...] = ()
