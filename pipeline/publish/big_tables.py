"""Tables with more rows than a page should carry: the first rows stand in the page, all of them in a file beside it.

`site/assets/table.js` reads the file and then sorts, searches and filters. The file is a script that hands over plain JSON, so that it also
loads where the site is opened from a folder, from which a browser fetches no JSON. Its values are only ever shown as text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pipeline.publish.parts import Grid
from pipeline.publish.table_columns import Column, columns
from pipeline.publish.words import SIGNS, neutral

# So many rows stand in the page itself at most: enough to see the most urgent without a script, and in print.
FIRST_ROWS = 50
# A table of no more rows stands in the page whole, where it has room.
MOST_WHOLE = 200
_FEW = 2  # where each text of a column stands so often in it, each is told once and then by its number
_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False)
_PARTS = ("text", "kind", "remark", "state", "href", "links")


def script(table: Grid, by_columns: Sequence[Column] | None = None) -> str:
    """The file of all rows of `table`, in order, by columns; each text as pages show it, each row with its anchor. `by_columns` are its
    columns where somebody has made them already."""
    told = {
        "rows": len(table.rows),
        "things": table.things,
        "lead": table.lead,
        "faint": sorted(table.faint),
        "anchors": _told(table.anchors) if table.anchors else None,
        "signs": SIGNS,
        "columns": [_column(one, table) for one in (columns(table) if by_columns is None else by_columns)],
    }
    text = _JSON.encode(told)
    # A browser parses JSON twice as fast as the same values written as a script.
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"certledgerRows('{quoted}');\n"


def _column(column: Column, table: Grid) -> dict[str, Any]:
    """A column with each part that any of its cells has."""
    head = {"title": neutral(column.head.title), "kind": column.head.kind, "choose": column.head.title in table.choose}
    cells = {name: _told(part) for name in _PARTS if (part := getattr(column, name))}
    for part in [cells[name] for name in cells if name != "text"]:
        if "at" in part and part["at"] == cells["text"].get("at"):
            del part["at"]
    return head | {"cells": cells}


def _told(part: Sequence[Any]) -> dict[str, Any]:
    """One part of all cells of a column: `all` where every cell has the same; where few differ, each once (`of`) with their numbers in
    order (`at`, left out where they are those of the texts); else each, `rest` between what `begins` and what `ends` them all."""
    if part and part[0] == part[-1] and part.count(part[0]) == len(part):
        return {"all": part[0]}
    distinct = dict.fromkeys(part)
    if len(distinct) * _FEW <= len(part):
        number = dict(zip(distinct, range(len(distinct)), strict=True))
        return {"of": list(distinct), "at": [number[one] for one in part]}
    if not distinct or not isinstance(part[0], str):
        return {"begins": "", "rest": part, "ends": ""}
    begins = len(_shared(min(distinct), max(distinct)))
    ends = _shared_end(part, begins)
    first = part[0]
    rest = [one[begins : len(one) - ends] for one in part] if ends else [one[begins:] for one in part] if begins else part
    return {"begins": first[:begins], "rest": rest, "ends": first[len(first) - ends :]}


def _shared_end(part: Sequence[str], begins: int) -> int:
    """How many letters all of `part` end with, behind those that they begin with."""
    last = part[0][-1:]
    if any(not one.endswith(last) for one in part):  # so it is of nearly all columns
        return 0
    backwards = [one[: begins - 1 if begins else None : -1] for one in part]
    return len(_shared(min(backwards), max(backwards)))


def _shared(first: str, last: str) -> str:
    """What both begin with: of the first and the last of texts in their order, what all begin with."""
    place = next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), min(len(first), len(last)))
    return first[:place]
