"""The files beside a page: each table that it shows as CSV, each chart as an SVG picture, made while its template is filled in; and how
much of each table the page itself can carry, the rest being in a script.

The macros of tables and charts ask for the address of a file and set the link to it, so no page can forget one. A file lies in a folder
named like its page, and is named by the caption of its table or the name of its chart, which stay the same from run to run.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from pipeline.publish import big_tables, words
from pipeline.publish.charts import Chart, Multiples
from pipeline.publish.late_rows import Late
from pipeline.publish.pages import table_rows
from pipeline.publish.parts import Cell, Grid, Links, Page
from pipeline.publish.tables import csv_rows, formula_safe

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_ASIDE = re.compile(r"[,;:(]")
_LONGEST_NAME = 60
_NUMBER = re.compile(r"−?[\d,]+(\.\d+)?")
_PERCENT = " %"
# So many characters may the rows of all tables of a page have together: with charts, text and theme it then stays near 120,000.
_ROOM = 60_000
_FEW_ROWS = 25  # a table of no more stands whole, however full the page is
_FEWEST_ROWS = 10
_FEW_ROWS_AT_ONCE = 5  # more rows than this are put into the page when MkDocs has made it
_SHARE = 3  # a table that does not fit, and is not the main one, takes at most this part of the room left, for others follow

Draw = Callable[[Chart | Multiples], str]


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of a table that stand in its page, as HTML, and the way to the script that holds all of them, or ''."""

    html: Markup
    shown: int
    script: str


class Beside:
    """What a page asks for while it is filled in: `files` holds their text by their paths in the docs folder, `late` what comes late."""

    def __init__(self, page: Page, draw: Draw) -> None:
        self.files: dict[str, str] = {}
        self._folder = page.path.removesuffix(".md")
        self._draw = draw
        self._taken: Counter[str] = Counter()
        self._known: dict[int, tuple[Grid, str]] = {}
        self._bodies: dict[int, tuple[Grid, Body]] = {}
        self._room = _ROOM
        self.late = Late(found=page.found)
        # What the reference defines stands there whole, for the search to find.
        self._all_at_once = page.path.startswith("reference/")

    def csv(self, table: Grid | None) -> str:
        """The way from the page to `table` as CSV: all of its rows. Asked twice for the same table it is the same file.

        Raises `LookupError` for a chart that has no numbers to hand out: its page must name a table.
        """
        if table is None:
            raise LookupError(f"a chart of {self._folder} has no table behind it: name the one of the page that holds its numbers")
        if id(table) not in self._known:
            self._known[id(table)] = table, self._add(table.name or table.caption, ".csv", csv_text(table))
        return self._known[id(table)][1]

    def body(self, table: Grid) -> Body:
        """The rows of `table` that the page carries: all where there is room for them, else the first, and all in a script."""
        if id(table) not in self._bodies:
            self._bodies[id(table)] = table, self._body(table)
        return self._bodies[id(table)][1]

    def _body(self, table: Grid) -> Body:
        count = len(table.rows)
        made = list(islice(table_rows.rows(table), count if count <= big_tables.MOST_WHOLE else big_tables.FIRST_ROWS))
        if len(made) < count or (not self._all_at_once and count > _FEW_ROWS and sum(map(len, made)) > self._room):
            made = _first(made, self._room // (1 if table.main else _SHARE))
        self._room = max(self._room - sum(map(len, made)), 0)
        alone = len(made) == count and not table.tools
        script = "" if alone else self._add(table.name or table.caption, ".rows.js", big_tables.script(table))
        html = "".join(made)
        late = len(made) > _FEW_ROWS_AT_ONCE and not self._all_at_once
        return Body(Markup(self.late.keep(html) if late else html), len(made), script)  # noqa: S704 - made of escaped texts

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


def _first(rows: Sequence[str], room: int) -> list[str]:
    """The first of `rows` that fit into `room` characters, but not fewer than a reader needs to see what they are."""
    found: list[str] = []
    for row in rows[: big_tables.FIRST_ROWS]:
        room -= len(row)
        if room < 0 and len(found) >= _FEWEST_ROWS:
            break
        found.append(row)
    return found


def csv_text(table: Grid) -> str:
    """`table` as the page shows it, in CSV that a spreadsheet can open without running anything.

    Numbers are plain (`-1234.5`); where all figures of a column are shares its head says `%` and they stand alone. What stands beside a
    value, such as how far away a day is, has a column of its own. Links are told by their text.
    """
    stream = io.StringIO(newline="")
    rows = csv_rows(stream)
    every = [*table.rows, *([table.total] if table.total else [])]
    columns = [
        column
        for place, head in enumerate(table.columns)
        for column in _columns(head.title, [cells[place] for cells in every], number=head.kind == "number")
    ]
    rows.writerow(column[0] for column in columns)
    rows.writerows(zip(*(column[1:] for column in columns), strict=True))
    return stream.getvalue()


def _columns(title: str, cells: Sequence[Cell], *, number: bool) -> list[list[str]]:
    """A column of the page as one of the file, and a second where values have remarks; each begins with its head."""
    texts = [_text(cell) for cell in cells]
    remarks = ["" if isinstance(cell, str) else words.neutral(getattr(cell, "remark", "")) for cell in cells]
    shares = number and any(texts) and all(text.endswith(_PERCENT) for text in texts if text)
    shown = [_plain(text.removesuffix(_PERCENT)) if shares else _plain(text) if number else formula_safe(text) for text in texts]
    first = [formula_safe(words.neutral(f"{title}, %" if shares else title)), *shown]
    return [first, [f"{first[0]}: remark", *map(formula_safe, remarks)]] if any(remarks) else [first]


def _text(cell: Cell) -> str:
    if isinstance(cell, Links):
        return words.neutral("; ".join(link.text for link in cell.links))
    return words.neutral(cell if isinstance(cell, str) else cell.text)


def _plain(text: str) -> str:
    """A figure as programs read it; what is none, such as why there is none, stays text."""
    return text.replace(",", "").replace("−", "-") if _NUMBER.fullmatch(text) else formula_safe(text)


def _file_name(said: str) -> str:
    """`said` up to its first comma or the like, in lower case, words joined by hyphens: letters and digits alone, so that no text leads to
    another folder. What stands behind a comma is order, unit or span, which may change without the table becoming another."""
    name = _NOT_IN_NAMES.sub("-", _ASIDE.split(said.casefold())[0]).strip("-")
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME].rpartition("-")[0] or name[:_LONGEST_NAME]
    return name or "table"
