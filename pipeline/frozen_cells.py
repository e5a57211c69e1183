"""Cells and lines of a closed month, and back: a row is one physical line, UTF-8, no cell is a formula, and no character is lost.

The CSV files of data/ledger must read the same in many years, on any system, and must be safe to open in a spreadsheet. A line end, a
NUL, a lone surrogate and a backslash are written with a backslash (`\\n`, `\\r`, `\\0`, `\\udc80`, `\\\\`); a text that a spreadsheet
might take for a formula, or that begins with `'`, gets a `'` in front, which reading takes off again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# The label columns of the copies of source rows, in their order: `sources` writes and reads them, `explain` shows what they hold.
ROW_COLUMNS = ("entry_id", "file", "sheet", "row", "labels", "cells")

_ESCAPED = re.compile(r"[\\\n\r\0\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|[\s\S]?)")
_NAMES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
_MEANS = {written[1]: character for character, written in _NAMES.items()}
_CELL = re.compile(r'"((?:[^"]|"")*)"|([^",]*)')
_GUARDED = ("=", "+", "-", "@", "\t", "'")


def written(text: str) -> str:
    """`text` as a cell; the same text is always the same cell."""
    cell = _ESCAPED.sub(lambda found: _NAMES.get(found[0]) or f"\\u{ord(found[0]):04x}", text)
    return f"'{cell}" if cell.startswith(_GUARDED) else cell


def read(cell: str) -> str:
    """The text that `cell` holds. Raises `ValueError` for a backslash that means nothing."""
    return _ESCAPE.sub(_meant, cell.removeprefix("'"))


def _meant(found: re.Match[str]) -> str:
    name = found[1]
    if len(name) > 1:
        return chr(int(name[1:], 16))
    if name not in _MEANS:
        raise ValueError(f"\\{name} means nothing in a cell of a closed month")
    return _MEANS[name]


def joined(cells: Sequence[str]) -> str:
    """A row of written cells as a line of CSV, without its end."""
    return ",".join('"' + cell.replace('"', '""') + '"' if '"' in cell or "," in cell else cell for cell in cells)


def split(line: str) -> list[str]:
    """The cells of a line of CSV, as long as they may be. Raises `ValueError` for a line that `joined` does not make."""
    cells, at = [], 0
    while True:
        found = _CELL.match(line, at)
        if found is None or (found.end() < len(line) and line[found.end()] != ","):
            raise ValueError("a quote is not closed, or stands within a cell")
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        if found.end() == len(line):
            return cells
        at = found.end() + 1
