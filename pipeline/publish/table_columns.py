"""A table of a page by columns: what its cells say, each text once, for the files beside the page that tell all of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipeline.publish.parts import Cell, Chip, Grid, Head, Link, Links, Noted, Serial
from pipeline.publish.words import neutral

# What a cell is called where a script reads it, and the parts that all cells of a column of its kind have: its first fields, in order.
_KINDS: dict[type, str] = {str: "", Link: "link", Chip: "chip", Noted: "noted", Serial: "serial", Links: "links"}
_PARTS_OF: dict[type, tuple[str, ...]] = {
    Link: ("text", "href"),
    Chip: ("text", "state"),
    Noted: ("text", "remark", "state"),
    Serial: ("text",),
}  # fmt: skip


@dataclass(slots=True)
class Column:
    """The cells of a column in order, part by part, texts and remarks `neutral`: each part is empty where no cell has it, else as long as
    the table. `kind` is "" for a cell that is just text; `links` holds text and address of each link of a cell with several."""

    head: Head
    text: Sequence[str]
    kind: Sequence[str] = ()
    remark: Sequence[str] = ()
    state: Sequence[str] = ()
    href: Sequence[str] = ()
    links: Sequence[tuple[tuple[str, str], ...]] = ()


def columns(table: Grid) -> list[Column]:
    """The columns of `table`, its row of totals left out."""
    cells: Iterable[Sequence[Cell]] = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
    return [column(head, found) for head, found in zip(table.columns, cells, strict=True)]


def column(head: Head, cells: Sequence[Cell]) -> Column:
    """The parts of `cells`, which stand below `head`."""
    kinds = set(map(type, cells))
    if kinds <= {str}:
        return Column(head, _neutral(cells))  # type: ignore[arg-type] # all are texts
    if len(kinds) == 1 and (names := _PARTS_OF.get(next(iter(kinds)))):
        fields: Iterable[Sequence[str]] = zip(*cells, strict=True)  # cells of one kind are tuples of the same fields
        parts: dict[str, Sequence[str]] = dict(zip(names, fields, strict=False))
    else:
        parts = _mixed(cells)
    if "remark" in parts:
        parts["remark"] = _neutral(parts["remark"])
    links = _links(cells) if Links in kinds else []
    named = [_KINDS[kind] for kind in kinds] * len(cells) if len(kinds) == 1 else [_KINDS[type(cell)] for cell in cells]
    return Column(head, _neutral(parts.pop("text")), named, **parts, links=links)


def _mixed(cells: Sequence[Cell]) -> dict[str, Sequence[str]]:
    """The parts of cells of several kinds; a part that no cell has is left out."""
    parts = {name: [getattr(cell, name, "") for cell in cells] for name in ("remark", "state", "href")}
    texts = [cell if isinstance(cell, str) else _links_told(cell) if isinstance(cell, Links) else cell.text for cell in cells]
    return {"text": texts} | {name: part for name, part in parts.items() if any(part)}


def _links(cells: Sequence[Cell]) -> list[tuple[tuple[str, str], ...]]:
    """Text and address of each link of each cell; nothing where no cell has one."""
    links = [tuple((neutral(one.text), one.href) for one in cell.links) if isinstance(cell, Links) else () for cell in cells]
    return links if any(links) else []


def _links_told(cell: Links) -> str:
    return "; ".join(neutral(one.text) for one in cell.links)


def _neutral(texts: Sequence[str]) -> Sequence[str]:
    return texts if "".join(texts).isprintable() else said_once(texts, neutral)


def said_once(texts: Sequence[str], say: Callable[[str], str]) -> list[str]:
    """What `say` makes of each of `texts`, each different one said once."""
    said = {text: say(text) for text in dict.fromkeys(texts)}
    return [said[text] for text in texts]
