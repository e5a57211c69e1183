"""Tables with more rows than a page should carry: the first rows stand in the page, all of them in a file beside it.

`site/assets/table.js` reads the file and then sorts, searches and filters. The file is a script that hands over plain JSON, so that it also
loads where the site is opened from a folder, from which a browser fetches no JSON. Its values are only ever shown as text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pipeline.publish.parts import Cell, Chip, Grid, Link, Links, Noted, Serial
from pipeline.publish.words import SIGNS, neutral

# So many rows stand in the page itself at most: enough to see the most urgent without a script, and in print.
FIRST_ROWS = 50
# A table of no more rows stands in the page whole, where it has room.
MOST_WHOLE = 200
_FEW = 1000  # a column of no more different cells is written as numbers of them


def script(table: Grid) -> str:
    """The file of all rows of `table`, in order, by columns; each text as pages show it, each row with its anchor."""
    columns = [
        {"title": neutral(head.title), "kind": head.kind, "choose": head.title in table.choose}
        | _column([row[place] for row in table.rows])
        for place, head in enumerate(table.columns)
    ]
    told = {"things": table.things, "lead": table.lead, "faint": sorted(table.faint), "anchors": list(table.anchors)}
    text = json.dumps({**told, "signs": SIGNS, "columns": columns}, ensure_ascii=True, separators=(",", ":"))
    # A browser parses JSON twice as fast as the same values written as a script.
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"certledgerRows('{quoted}');\n"


def _column(cells: Sequence[Cell]) -> dict[str, Any]:
    """The cells of a column in order; where few differ, each once (`cells`) and their numbers in order (`at`)."""
    number: dict[Any, int] = {}
    at = [number.setdefault(neutral(cell) if isinstance(cell, str) else _plain(cell), len(number)) for cell in cells]
    different = list(number)
    return {"cells": different, "at": at} if len(number) <= _FEW else {"cells": [different[place] for place in at]}


def _plain(cell: Link | Links | Chip | Noted | Serial) -> tuple[Any, ...]:
    """A cell that is more than text as text, kind, remark, state and address; of several links a text and an address each at the end."""
    if isinstance(cell, Links):
        links = tuple((neutral(one.text), one.href) for one in cell.links)
        return ("; ".join(text for text, _ in links), cell.kind, neutral(cell.remark), "", "", links)
    return (neutral(cell.text), cell.kind, neutral(getattr(cell, "remark", "")), getattr(cell, "state", ""), getattr(cell, "href", ""))
