"""What pages are made of: tables, figure cards, links, chips. Plain values; templates/macros turn them into HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from pipeline.publish.late_rows import Found

State = Literal["met", "near", "missed", "plain"]


# Cells are tuples with names, for a site has hundreds of thousands, and frozen data classes are made a third as fast.
class Link(NamedTuple):
    """A link within the site; `href` is made by us from codes and periods, never taken from data. A pointer on it shows `tip`."""

    text: str
    href: str
    tip: str = ""


class Chip(NamedTuple):
    """A word for a state, with the sign of its grade beside it."""

    text: str
    state: State = "plain"


class Noted(NamedTuple):
    """A value with a quieter remark beside it, such as a day and how far away it is."""

    text: str
    remark: str
    state: State = "plain"


class Serial(NamedTuple):
    """A serial in hexadecimal, shown in groups of four; the gaps are only for the eye and are not copied."""

    text: str


class Links(NamedTuple):
    """Several links, one a line, and a remark about those left out."""

    links: tuple[Link, ...]
    remark: str = ""


Cell = str | Link | Chip | Noted | Serial | Links


class Head(NamedTuple):
    """The head of a column. `kind` sets alignment and type face; the unit stands here, not in the cells. One that names a measure leads to
    its definition, `means`."""

    title: str
    kind: Literal["text", "number", "date", "short", "name", "code", "path", "serial", "stacked"] = "text"
    means: Link | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a page. `caption` says what a row is; `empty` is the sentence shown instead of a table without rows.

    A table of `things` (certificates, requests, findings) stands as a list of cards on a phone; one of figures scrolls sideways, unless it
    has a `lead`: the column, counted from 0, whose figure then stands beside the name of its row, with all others below them. A caption
    that is not `captioned` is only heard, for the heading above the table says it. The rows in `faint`, counted from 0, are grey. The files
    beside the page are called by `name`, where the caption tells what changes from run to run. A table with `tools` can be sorted and
    searched however few rows it has, and narrowed by the columns whose titles `choose` names; one of each page is its `main` table, whose
    search the address of the page tells without naming the table.
    """

    caption: str
    columns: tuple[Head, ...]
    rows: Sequence[Sequence[Cell]]
    empty: str
    total: Sequence[Cell] = ()
    anchors: Sequence[str] = ()
    things: bool = False
    captioned: bool = True
    lead: int | None = None
    faint: frozenset[int] = frozenset()
    name: str = ""
    tools: bool = False
    choose: tuple[str, ...] = ()
    main: bool = False

    def without(self, place: int) -> Grid:
        """The same table less the column at `place`, counted from 0."""
        rows = [[*cells[:place], *cells[place + 1 :]] for cells in self.rows]
        lead = self.lead if self.lead is None or self.lead < place else self.lead - 1
        return replace(self, columns=(*self.columns[:place], *self.columns[place + 1 :]), rows=rows, lead=lead)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure card: name, figure with unit, what it rests on, its change, the sign and word of its state, and the definition of its
    measure as the `tip` of a link to the reference."""

    name: str
    value: str
    unit: str = ""
    basis: str = ""
    change: str = ""
    state: State = "plain"
    word: str = ""
    href: str = ""
    means: Link | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page to be written: its path in the docs folder, its template, its title, what the template shows, the text of `files` that the
    page loads, by their paths in the docs folder, what the search finds on it beside its words, how many characters the rows of its
    tables may have together (with charts, text and theme it then stays below 120,000), and how many rows a table has at most that stands
    whole in any case."""

    path: str
    template: str
    title: str
    view: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    room: int = 60_000
    whole: int = 25

    @property
    def root(self) -> str:
        """The way from this page up to the site's root: '' or '../'."""
        return "../" * self.path.count("/")
