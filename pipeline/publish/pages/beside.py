"""The files beside a page: each table that it shows as CSV, each chart as an SVG picture, made while its template is filled in; and how
much of each table the page itself can carry, the rest being in a script.

The macros of tables and charts ask for the address of a file and set the link to it, so no page can forget one. A file lies in a folder
named like its page, and is named by the caption of its table or the name of its chart, which stay the same from run to run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from markupsafe import Markup

from pipeline.publish import big_tables, words
from pipeline.publish.charts import Chart, Multiples
from pipeline.publish.late_rows import Late
from pipeline.publish.pages import table_rows
from pipeline.publish.parts import Grid, Page
from pipeline.publish.table_columns import Column, column, columns, said_once
from pipeline.publish.tables import FORMULA_STARTS, formula_safe

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_ASIDE = re.compile(r"[,;:(]")
_LONGEST_NAME = 60
_NUMBER = re.compile(r"−?[\d,]+(\.\d+)?")
_PERCENT = " %"
_FEWEST_ROWS = 10
_FEW_ROWS_AT_ONCE = 5  # more rows than this are put into the page when MkDocs has made it
_SHARE = 3  # a table that does not fit, and is not the main one, takes at most this part of the room left, for others follow


class Limits(NamedTuple):
    """How much the tables of a page may take of it: the part of the room of the page for their rows, one in so many, or nothing at 0; and
    how many rows the largest table has that stands whole, however full the page is."""

    one_in: int
    whole: int


LIMITS = (Limits(1, 25), Limits(1, 10), Limits(2, 10), Limits(0, 10))  # each of them only where the one before leaves the page too long

Draw = Callable[[Chart | Multiples], str]


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of a table that stand in its page, as HTML, and the way to the script that holds all of them, or ''."""

    html: Markup
    shown: int
    script: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the tables of a page tell, however many of their rows it carries: their columns and the texts of their files. Each stands by the
    number of its table, with the table, so that no other one gets the number."""

    columns: dict[int, tuple[Grid, list[Column]]] = field(default_factory=dict)
    csv: dict[int, str] = field(default_factory=dict)
    scripts: dict[int, str] = field(default_factory=dict)


class Beside:
    """What a page asks for while it is filled in: `files` holds their text by their paths in the docs folder, `late` what comes late.

    What the page carries of its tables keeps to `limits`; a page that is filled in again with others is given what it `told` before.
    """

    def __init__(self, page: Page, draw: Draw, limits: Limits = LIMITS[0], told: Told | None = None) -> None:
        self.files: dict[str, str] = {}
        self._folder = page.path.removesuffix(".md")
        self._draw = draw
        self._taken: Counter[str] = Counter()
        self._known: dict[int, tuple[Grid, str]] = {}
        self._bodies: dict[int, tuple[Grid, Body]] = {}
        self._told = Told() if told is None else told
        self._room = page.room // limits.one_in if limits.one_in else 0
        self._whole = min(limits.whole, page.whole)
        self.late = Late(found=page.found)
        # What the reference defines stands there whole, for the search to find.
        self.all_at_once = page.path.startswith("reference/")

    def csv(self, table: Grid | None) -> str:
        """The way from the page to `table` as CSV: all of its rows. Asked twice for the same table it is the same file.

        Raises `LookupError` for a chart that has no numbers to hand out: its page must name a table.
        """
        if table is None:
            raise LookupError(f"a chart of {self._folder} has no table behind it: name the one of the page that holds its numbers")
        if id(table) not in self._known:
            by_columns, texts = self._columns_of(table), self._told.csv
            text = texts[id(table)] = texts.get(id(table)) or csv_text(table, by_columns)
            self._known[id(table)] = table, self._add(table.name or table.caption, ".csv", text)
        return self._known[id(table)][1]

    def body(self, table: Grid) -> Body:
        """The rows of `table` that the page carries: all where there is room for them, else the first, and all in a script."""
        if id(table) not in self._bodies:
            self._bodies[id(table)] = table, self._body(table)
        return self._bodies[id(table)][1]

    def _body(self, table: Grid) -> Body:
        count = len(table.rows)
        most = None if self.all_at_once or count <= self._whole else self._room
        made = _whole(table, most) if count <= big_tables.MOST_WHOLE else None
        if made is None:
            made = _first(table_rows.rows(table), self._room // (1 if table.main else _SHARE))
        self._room = max(self._room - sum(map(len, made)), 0)
        alone = len(made) == count and not table.tools
        script = "" if alone else self._add(table.name or table.caption, ".rows.js", self._script(table))
        html = "".join(made)
        late = len(made) > _FEW_ROWS_AT_ONCE and not self.all_at_once
        return Body(Markup(self.late.keep(html) if late else html), len(made), script)  # noqa: S704 - made of escaped texts

    def _columns_of(self, table: Grid) -> list[Column]:
        """The columns of `table`, which its CSV and its script both tell."""
        if id(table) not in self._told.columns:
            self._told.columns[id(table)] = table, columns(table)
        return self._told.columns[id(table)][1]

    def _script(self, table: Grid) -> str:
        by_columns, texts = self._columns_of(table), self._told.scripts
        text = texts[id(table)] = texts.get(id(table)) or big_tables.script(table, by_columns)
        return text

    def picture(self, chart: Chart | Multiples) -> str:
        """The way from the page to `chart` as a picture with its title, its source and the day of its data."""
        return self._add(chart.name, ".svg", self._draw(chart))

    def _add(self, said: str, ending: str, text: str) -> str:
        name = _file_name(said)
        self._taken[name + ending] += 1
        number = self._taken[name + ending]
        name = f"{name}{ending}" if number == 1 else f"{name}.{number}{ending}"
        self.files[f"{self._folder}/{name}"] = text
        return f"{self._folder.rpartition('/')[2]}/{name}"


class OfThePage:
    """What macros ask for the files beside the page that is being filled in: so they know nothing of pages, and are made once for all."""

    def __init__(self) -> None:
        self._filled_in: Beside | None = None

    @contextmanager
    def filling_in(self, page: Beside) -> Iterator[None]:
        """While the template of this page is filled in."""
        self._filled_in = page
        try:
            yield
        finally:
            self._filled_in = None

    def csv(self, table: Grid | None) -> str:
        """As `Beside.csv`."""
        return self._page.csv(table)

    def body(self, table: Grid) -> Body:
        """As `Beside.body`."""
        return self._page.body(table)

    def picture(self, chart: Chart | Multiples) -> str:
        """As `Beside.picture`."""
        return self._page.picture(chart)

    @property
    def _page(self) -> Beside:
        if self._filled_in is None:
            raise LookupError("no page is being filled in, so there is nothing for a file to lie beside")
        return self._filled_in


def _whole(table: Grid, most: int | None) -> list[str] | None:
    """All rows of `table`, or nothing where they have more than `most` characters together."""
    if most is None:
        return list(table_rows.rows(table))
    if len(table.rows) * table_rows.least(table) > most:
        return None
    found = []
    for row in table_rows.rows(table):
        most -= len(row)
        if most < 0:
            return None
        found.append(row)
    return found


def _first(rows: Iterable[str], room: int) -> list[str]:
    """The first of `rows` that fit into `room` characters, but not fewer than a reader needs to see what they are."""
    found: list[str] = []
    for row in islice(rows, big_tables.FIRST_ROWS):
        room -= len(row)
        if room < 0 and len(found) >= _FEWEST_ROWS:
            break
        found.append(row)
    return found


def csv_text(table: Grid, by_columns: Sequence[Column] | None = None) -> str:
    """`table` as the page shows it, in CSV that a spreadsheet can open without running anything.

    Numbers are plain (`-1234.5`); where all figures of a column are shares its head says `%` and they stand alone. What stands beside a
    value, such as how far away a day is, has a column of its own. Links are told by their text. `by_columns` are the columns of the table
    where somebody has made them already.
    """
    every = columns(table) if by_columns is None else by_columns
    total = [column(head, [cell]) for head, cell in zip(table.columns, table.total, strict=True)] if table.total else [None] * len(every)
    told = [_quoted(shown) for one, of_all in zip(every, total, strict=True) for shown in _columns(one, of_all)]
    if len(told) == 1:  # a line without anything would be no row
        told = [[cell or '""' for cell in told[0]]]
    return "\n".join([*map(",".join, zip(*told, strict=True)), ""])


def _quoted(cells: list[str]) -> list[str]:
    """Cells in quotes where they must be, as the csv module writes them; none has an end of a line in it, for all are `neutral`."""
    whole = "".join(cells)
    if "," not in whole and '"' not in whole:  # so it is of nearly all columns
        return cells
    return ['"{}"'.format(cell.replace('"', '""')) if "," in cell or '"' in cell else cell for cell in cells]


def _columns(found: Column, total: Column | None) -> list[list[str]]:
    """A column of the page as one of the file, and a second where values have remarks; each begins with its head and ends in its total."""
    title, number = found.head.title, found.head.kind == "number"
    texts = [*found.text, *total.text] if total else found.text
    shares = number and any(texts) and all(text.endswith(_PERCENT) for text in texts if text)
    say = _shares if shares else _plain if number else _safe
    first = [formula_safe(words.neutral(f"{title}, %" if shares else title)), *say(texts)]
    if not found.remark and not (total and total.remark):
        return [first]
    none = [""] * len(found.text)
    remarks = [*(found.remark or none), *((total.remark or [""]) if total else [])]
    return [first, [f"{first[0]}: remark", *_safe(remarks)]]


def _safe(texts: Sequence[str]) -> Sequence[str]:
    return texts if FORMULA_STARTS.isdisjoint([text[:1] for text in texts]) else [formula_safe(text) for text in texts]


def _shares(texts: Sequence[str]) -> Sequence[str]:
    return _plain([text.removesuffix(_PERCENT) for text in texts])


def _plain(texts: Sequence[str]) -> Sequence[str]:
    """Figures as programs read them; what is none, such as why there is none, stays text."""
    whole = "".join(texts)
    if "," not in whole and "−" not in whole:  # then programs read them as they are
        return _safe(texts)
    return said_once(texts, lambda text: text.replace(",", "").replace("−", "-") if _NUMBER.fullmatch(text) else formula_safe(text))


def _file_name(said: str) -> str:
    """`said` up to its first comma or the like, in lower case, words joined by hyphens: letters and digits alone, so that no text leads to
    another folder. What stands behind a comma is order, unit or span, which may change without the table becoming another."""
    name = _NOT_IN_NAMES.sub("-", _ASIDE.split(said.casefold())[0]).strip("-")
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME].rpartition("-")[0] or name[:_LONGEST_NAME]
    return name or "table"
