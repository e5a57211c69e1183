"""Reading a built site back, as a browser would see it: elements, attributes, the text of the page, and what is inside a table."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_BY_HAND = "service/responsibilities.html"  # who does what: a table of words, written by hand
_SILENT = {"script", "style", "title", "desc"}


class BuiltPage(HTMLParser):
    """One HTML page: every start tag with its attributes, the visible text, and the rows of its tables by caption."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._text: list[str] = []
        self._open: list[str] = []
        self._caption = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.text = _spaced("".join(self._text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag in {"script", "style", "svg", "title", "desc", "caption", "th", "td"}:
            self._open.append(tag)
        if tag == "script":
            self.scripts.append("")
        if tag == "caption":
            self._caption = ""
        if tag == "tr":
            self.tables.setdefault(_spaced(self._caption), []).append([])
        if tag in {"th", "td"}:
            self.tables[_spaced(self._caption)][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        if tag == "table":
            self._caption = ""

    def handle_data(self, data: str) -> None:
        where = self._open[-1] if self._open else ""
        if where == "script":
            self.scripts[-1] += data
        elif where == "caption":
            self._caption += data
        elif where in {"th", "td"}:
            row = self.tables[_spaced(self._caption)][-1]
            row[-1] = _spaced(row[-1] + data)
        if where not in _SILENT:
            self._text.append(data)

    def attributes(self, name: str) -> list[str]:
        """Every value of the attribute on the page."""
        return [attrs[name] for _, attrs in self.tags if name in attrs]

    def column(self, caption: str, head: str) -> list[str]:
        """The cells of a column, without its head, of the table with this caption."""
        rows = self.tables[caption]
        place = rows[0].index(head)
        return [row[place] for row in rows[1:]]


def pages(site: Path) -> dict[str, BuiltPage]:
    """Every page of a built site by its path."""
    root = site.resolve()
    return {path.relative_to(root).as_posix(): BuiltPage(path) for path in sorted(root.rglob("*.html"))}


def without_files(read: dict[str, BuiltPage]) -> list[str]:
    """Each chart without a link to its picture and its numbers, and each table without one to its CSV, as `page: the number of which`.

    The links of a chart stand within its figure, before the table that opens behind it; those of a table behind the table.
    """
    return [f"{name}: {what}" for name, page in read.items() if name != _BY_HAND for what in _lacking(page)]


def _lacking(page: BuiltPage) -> list[str]:
    lacking: list[str] = []
    needed: set[str] = set()
    what, behind = "", False
    for number, (tag, attrs) in enumerate(page.tags):
        is_chart, is_table = "chart" in attrs.get("class", "").split(), "sheet" in attrs.get("class", "").split()
        if is_table and behind:
            behind = False
        elif is_chart or is_table:
            lacking += [f"{what} has no {ending}" for ending in sorted(needed)]
            needed, what = {".svg", ".csv"} if is_chart else {".csv"}, f"{tag} at tag {number}"
        behind = behind or (tag == "details" and "behind" in attrs.get("class", ""))
        needed.discard(Path(attrs.get("href", "")).suffix)
    return lacking + [f"{what} has no {ending}" for ending in sorted(needed)]


def dead_links(site: Path, read: dict[str, BuiltPage] | None = None) -> list[str]:
    """Each link, image, script or anchor within the site that leads nowhere, as `page -> target`; `read` are its pages, read already."""
    read = pages(site) if read is None else read
    anchors = {page.path: {*page.attributes("id"), *_anchors_of_scripts(page)} for page in read.values()}
    dead = []
    for name, page in read.items():
        for target in () if name == "404.html" else [*page.attributes("href"), *page.attributes("src")]:
            parts = urlsplit(target)
            path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            lost_anchor = parts.fragment and path in anchors and unquote(parts.fragment) not in anchors[path]
            if lost_anchor or not (path.is_file() or (path / "index.html").is_file()):
                dead.append(f"{name} -> {target}")
    return dead


def _anchors_of_scripts(page: BuiltPage) -> set[str]:
    """The rows that tables of the page fetch from the scripts beside it, by their anchors."""
    told = [(page.path.parent / file).read_text(encoding="utf-8") for file in page.attributes("data-rows")]
    return {anchor for text in told for found in re.findall(r'"anchors":(\{.*?\}),', text) for anchor in _each(json.loads(found))}


def _each(anchors: dict[str, Any]) -> list[str]:
    """The anchors of the rows of a table, as its script tells them."""
    return [anchors["all"]] if "all" in anchors else [anchors["begins"] + rest + anchors["ends"] for rest in anchors["rest"]]


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
