"""Tables with more rows than a page should carry: the first rows stand in the page, all of them in a file beside it.

`site/assets/table.js` reads the file and then sorts, searches and filters. The file is a script that hands over plain JSON, so that it also
loads where the site is opened from a folder, from which a browser fetches no JSON. Its values are only ever shown as text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.publish.parts import BigGrid, Cell, Grid, Links
from pipeline.publish.words import SIGNS

# So many rows stand in the page itself: enough to see the most urgent without a script, and in print.
FIRST_ROWS = 50
_FEW = 1000  # a column of no more different cells is written as numbers of them


def big_grid(table: Grid, path: str, filters: Sequence[str]) -> tuple[BigGrid, dict[str, str]]:
    """`table` with its first rows, and the file that holds all of them: its text by its path below the docs folder.

    `path` is the path of the page without its ending; `filters` are the titles of the columns that get a list to choose from. A table
    that has no more rows than the page shows gets the file all the same: it can be sorted and searched too.
    """
    file = f"{path}.rows.js"
    columns = [
        {"title": head.title, "kind": head.kind, "choose": head.title in filters} | _column([row[place] for row in table.rows])
        for place, head in enumerate(table.columns)
    ]
    text = json.dumps({"things": table.things, "signs": SIGNS, "columns": columns}, ensure_ascii=True, separators=(",", ":"))
    # A browser parses JSON twice as fast as the same values written as a script.
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    first = replace(table, rows=table.rows[:FIRST_ROWS])
    return BigGrid(first, table, file.rpartition("/")[2]), {file: f"certledgerRows('{quoted}');\n"}


def _column(cells: Sequence[Cell]) -> dict[str, Any]:
    """The cells of a column in order; where few differ, each once (`cells`) and their numbers in order (`at`)."""
    plain = [_plain(cell) for cell in cells]
    number: dict[Any, int] = {}
    at = [number.setdefault(cell if isinstance(cell, str) else tuple(cell), len(number)) for cell in plain]
    return {"cells": list(number), "at": at} if len(number) <= _FEW else {"cells": plain}


def _plain(cell: Cell) -> str | list[str]:
    """A cell as text, or as text, kind, remark, state and address where it is more than text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Links):
        raise TypeError("a cell with several links has no place in a table that is sorted by its cells")
    return [cell.text, cell.kind, *(str(getattr(cell, name, "")) for name in ("remark", "state", "href"))]
