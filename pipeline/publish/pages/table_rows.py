"""Rows of a table as HTML. Every text is escaped here, as the templates escape theirs; a big site has half a million cells, for which
Jinja would take six times as long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from markupsafe import Markup

from pipeline.publish import words
from pipeline.publish.parts import Cell, Chip, Grid, Head, Link, Noted, Serial

_BREAKABLE = ("code", "path")
# The search index knows no cells: without white space between them, the words of two would be one.
_BETWEEN = " "


def rows(table: Grid) -> Iterator[str]:
    """Each row of the body of `table` as a `<tr>` and a line end."""
    ends = _openings(table)
    for place, cells in enumerate(table.rows):
        anchor = f' id="{words.escaped(table.anchors[place])}"' if table.anchors else ""
        faint = ' class="faint"' if place in table.faint else ""
        yield f"<tr{anchor}{faint}>{_cells(table, ends, cells)}</tr>\n"


def least(table: Grid) -> int:
    """How many characters a row has at least, if all of its cells are empty."""
    return len("<tr></tr>\n") + sum(len(begin) + len(end) for begin, end, _ in _openings(table))


def heads(table: Grid) -> Markup:
    """The cells of the row of titles of `table`."""
    return _heads(tuple(table.columns))


@lru_cache(maxsize=1024)  # the tables of all agencies have the same
def _heads(columns: tuple[Head, ...]) -> Markup:
    return Markup("".join(map(_head, columns)))  # noqa: S704 - every text in it is escaped


def _head(head: Head) -> str:
    title = _titled(head.title)
    if head.means:
        title = f'<a href="{words.escaped(head.means.href)}" title="{words.escaped(head.means.tip)}">{title}</a>'
    return f'<th scope="col" class="{head.kind}">{title}</th>{_BETWEEN}'


def total(table: Grid, script: str = "") -> Markup:
    """The cells of the row of totals of `table`; of one whose rows a `script` searches it says that it stays the total of all rows."""
    first, *others = table.total
    opening = Noted(first, f"of all {words.count(len(table.rows))}") if script and isinstance(first, str) else first
    return Markup(_cells(table, _openings(table), [opening, *others]))  # noqa: S704 - every text in it is escaped


def chip(text: str, state: str) -> Markup:
    """A word for a state, with the sign of its grade beside it."""
    return Markup(_chip(text, state))  # noqa: S704 - escaped below


@lru_cache(maxsize=4096)
def _titled(title: str) -> str:
    """The title of a column; a unit keeps to the word before it."""
    return words.escaped(title).replace(", $", ",&nbsp;$")


def _openings(table: Grid) -> list[tuple[str, str, str]]:
    """The tags before and behind a cell of each column, and the kind of the column."""
    return _tags(tuple(table.columns), table.things or table.lead is not None, table.lead)


@lru_cache(maxsize=1024)
def _tags(columns: tuple[Head, ...], named: bool, lead: int | None) -> list[tuple[str, str, str]]:
    """The same of `columns`; on a phone each value that is `named` stands with the title of its column."""
    found: list[tuple[str, str, str]] = []
    if columns:
        found = [(f'<th scope="row" class="{columns[0].kind}">', f"</th>{_BETWEEN}", columns[0].kind)]
    for place, head in enumerate(columns[1:], 1):
        title = f' data-head="{_titled(head.title)}"' if named else ""
        found.append((f'<td class="{head.kind}{" counts" if place == lead else ""}"{title}>', f"</td>{_BETWEEN}", head.kind))
    return found


def _cells(table: Grid, openings: Sequence[tuple[str, str, str]], cells: Sequence[Cell]) -> str:
    return "".join([f"{begin}{_cell(cell, kind)}{end}" for (begin, end, kind), cell in zip(openings, cells, strict=True)])


def _cell(cell: Cell, kind: str) -> str:
    said = words.breakable_html if kind in _BREAKABLE else words.escaped
    if isinstance(cell, str):
        return said(cell)
    if isinstance(cell, Noted):
        state = "" if cell.state == "plain" else f" {cell.state}"
        return f'{said(cell.text)} <span class="remark{state}">{words.unbroken_html(cell.remark)}</span>'
    if isinstance(cell, Link):
        tip = f' title="{words.escaped(cell.tip)}"' if cell.tip else ""
        return f'<a href="{words.escaped(cell.href)}"{tip}>{said(cell.text)}</a>'
    if isinstance(cell, Chip):
        return _chip(cell.text, cell.state)
    if isinstance(cell, Serial):
        return f'<code class="serial">{_grouped(cell.text)}</code>'
    links = "<br>".join(f'<a href="{words.escaped(one.href)}">{words.escaped(one.text)}</a>' for one in cell.links)
    return f'{links} <span class="remark">{words.unbroken_html(cell.remark)}</span>' if cell.remark else links


def _grouped(serial: str) -> str:
    """The signs of a serial by fours."""
    groups = [serial[start : start + 4] for start in range(0, len(serial), 4)]
    if words.escaped(serial) != serial:  # it is no number at all
        groups = [words.escaped(group) for group in groups]
    return f"<span>{'</span><span>'.join(groups)}</span>" if groups else ""


def _chip(text: str, state: str) -> str:
    sign = words.SIGNS[state]
    before = f'<span aria-hidden="true">{sign}</span> ' if sign else ""
    return f'<span class="chip {state}">{before}{words.escaped(text)}</span>'
