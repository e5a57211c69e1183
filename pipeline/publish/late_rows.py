"""Rows of tables that are put into the pages after MkDocs has made them, and what the search finds beside the words of pages.

MkDocs, its Markdown and its search each read every tag of a page once more; the rows of an office's tables hold most tags of a site, and
nothing that any of the three needs: rows are HTML already, and what the search is to find of them is told it here. Both lie in a hidden
file of the docs folder, which MkDocs leaves out of the site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

_FILE = ".rows.json"
_INDEX = Path("search") / "search_index.json"
_PLACE = re.compile(r"<!--rows-(\d+)-->")  # no text of a page can look so, for `<` is escaped everywhere


@dataclass(frozen=True, slots=True)
class Found:
    """What the search shows for a page: below this title and anchor these words, both HTML, as the theme shows them."""

    anchor: str
    title: str
    text: str


@dataclass(slots=True)
class Late:
    """What comes to a page late: the rows of its tables in their order, as HTML, and what the search finds there."""

    rows: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many characters come late."""
        return sum(map(len, self.rows))

    def keep(self, rows: str) -> str:
        """Keep `rows` for later; what stands in the page until then."""
        self.rows.append(rows)
        return f"<!--rows-{len(self.rows) - 1}-->"


def write(docs: Path, late: dict[str, Late]) -> None:
    """Put what comes late, by the path of its page, into the docs folder."""
    told = {path: asdict(one) for path, one in late.items() if one.rows or one.found}
    (docs / _FILE).write_text(json.dumps(told), encoding="utf-8")


def read(docs: Path) -> dict[str, Late]:
    """What `write` put there; nothing where it was not called."""
    if not (docs / _FILE).is_file():
        return {}
    told = json.loads((docs / _FILE).read_text(encoding="utf-8"))
    return {path: Late(one["rows"], [Found(**found) for found in one["found"]]) for path, one in told.items()}


def filled(page: str, rows: Sequence[str]) -> str:
    """The text of a page with its rows in their places."""
    return _PLACE.sub(lambda place: rows[int(place[1])], page)


def put_in(docs: Path, site: Path) -> None:
    """Put the rows into the pages of a built `site`, and what is found there into its search index."""
    late = read(docs)
    entries = []
    for path, one in late.items():
        name = f"{path.removesuffix('.md')}.html"
        page = site / name
        if one.rows:
            page.write_text(filled(page.read_text(encoding="utf-8"), one.rows), encoding="utf-8", newline="\n")
        entries += [{"location": f"{name}#{found.anchor}", "title": found.title, "text": found.text} for found in one.found]
    index = site / _INDEX
    if entries and index.is_file():
        told = json.loads(index.read_text(encoding="utf-8"))
        told["docs"] += entries
        index.write_text(json.dumps(told, sort_keys=True, separators=(",", ":")), encoding="utf-8")
