"""A sheet cut down to the columns that a layout knows: rows of clean text, and findings about rows that are none.

Rows read = rows kept + rows quarantined. Lines that a layout itself appends (its trailers) and blank lines are no rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.findings import Finding
from pipeline.sources.cells import word as comparable
from pipeline.sources.layouts import Layout
from pipeline.sources.raw_files import Refused
from pipeline.sources.recognition import label
from pipeline.sources.row_faults import Fault
from pipeline.sources.sheets import Sheet

# Tab and line ends may stand in quoted cells. Marks that turn the direction of text make a name read as another one.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_FOOTER = re.compile(r"(?:grand |sub-?)?totals?:?|sum:?", re.IGNORECASE)
# Copying from Windows dialogs brings invisible marks along at the edges.
_EDGES = " \t\r\n\v\f\u00a0\u202f\u200b\u200e\u200f\ufeff"


@dataclass(slots=True)
class TextRows:
    """The rows of one sheet. `columns` holds one list of texts, "" for unknown, for each of the layout's columns that the sheet
    has; `labels` tells what a column is called there; `rows` are physical row numbers from 1; `set_aside` the cells of the rows that
    were quarantined here.
    """

    file: str
    sheet: str
    layout: Layout
    rows: list[int]
    columns: dict[str, list[str]]
    labels: dict[str, str]
    rows_read: int
    findings: list[Finding] = field(default_factory=list)
    set_aside: list[list[str]] = field(default_factory=list)


def take(file: str, sheet: Sheet, layout: Layout) -> TextRows:
    """The rows of `sheet` as `layout` names its columns. Raises `Refused` where a column without a name holds values."""
    places = _places(sheet.header, layout)
    wanted = sorted({place for alternatives in places.values() for place in alternatives})
    check = _row_check(sheet, layout)
    nameless = [place for place, cell in enumerate(sheet.header) if not cell]
    rows: list[int] = []
    picked: list[list[str]] = []
    findings: list[Finding] = []
    set_aside: list[list[str]] = []
    read = 0
    trailer = _trailer(layout)
    for row, cells in sheet.records:
        if trailer(cells):
            continue
        read += 1
        fault = check(row, cells)
        if fault is not None:
            code, reason, place, value = fault
            name = sheet.header[place] if 0 <= place < len(sheet.header) else ""
            findings.append(Finding(code, reason, value=value, column=name, file=file, sheet=sheet.name, row=row))
            set_aside.append(cells)
            continue
        if any(cells[place].strip() for place in nameless):
            raise Refused("blank-label", f"Column {nameless[0] + 1} holds values but has no name.", row=row, sheet=sheet.name)
        rows.append(row)
        picked.append([cells[place] for place in wanted])
    by_place = dict(zip(wanted, map(list, zip(*picked, strict=True)), strict=True)) if picked else {place: [] for place in wanted}
    columns = {
        name: _coalesced([by_place[place] for place in found], layout.missing, layout.values.get(name, {}))
        for name, found in places.items()
    }
    labels = {name: sheet.header[found[0]] for name, found in places.items()}
    return TextRows(file, sheet.name, layout, rows, columns, labels, read, findings, set_aside)


def _places(header: Sequence[str], layout: Layout) -> dict[str, list[int]]:
    """Column of the layout -> where its labels stand; of a repeated label the first."""
    first: dict[str, int] = {}
    for place, cell in enumerate(header):
        first.setdefault(label(cell), place)
    found = {name: [first[label(written)] for written in labels if label(written) in first] for name, labels in layout.columns.items()}
    return {name: places for name, places in found.items() if places}


def _trailer(layout: Layout) -> Callable[[list[str]], bool]:
    if not layout.trailers:
        return lambda cells: False
    pattern = re.compile("|".join(layout.trailers))

    def is_trailer(cells: list[str]) -> bool:
        filled = [cell.strip() for cell in cells if cell.strip()]
        return len(filled) == 1 and pattern.fullmatch(filled[0]) is not None

    return is_trailer


def _row_check(sheet: Sheet, layout: Layout) -> Callable[[int, list[str]], Fault | None]:
    """A function that tells what is wrong with a row as a row: (code, reason, column number or -1, value), or None."""
    width = len(sheet.header)
    header = [label(cell) for cell in sheet.header]

    def check(row: int, cells: list[str]) -> Fault | None:
        if row in sheet.faults:
            return sheet.faults[row]
        control = _CONTROL.search("".join(cells))
        if control:
            place = next(number for number, cell in enumerate(cells) if _CONTROL.search(cell))
            return "control-character", f"The cell holds an invisible control character, U+{ord(control.group()):04X}.", place, cells[place]
        if cells[0].strip().casefold() == header[0] and [label(cell) for cell in cells] == header:
            return "repeated-header", "The header stands here again.", -1, ""
        first = next((cell.strip() for cell in cells if cell.strip()), "")
        if _FOOTER.fullmatch(first):
            return "footer", "The row adds up other rows.", -1, first
        if len(cells) < width:
            return "missing-cell", f"The row has {len(cells)} cells; the header has {width}.", -1, ""
        if len(cells) > width:
            return "extra-cell", f"The row has {len(cells)} cells; the header has {width}.", -1, cells[width]
        return None

    return check


def _coalesced(alternatives: Sequence[list[str]], missing: frozenset[str], values: Mapping[str, str]) -> list[str]:
    """Clean texts of a column; where several columns may tell it, the first that is not empty in a row."""
    cleaned = [_clean(texts, missing, values) for texts in alternatives]
    if len(cleaned) == 1:
        return cleaned[0]
    return [next((text for text in texts if text), "") for texts in zip(*cleaned, strict=True)]


def _clean(texts: list[str], missing: frozenset[str], values: Mapping[str, str]) -> list[str]:
    """Without the marks at the edges; words for an empty cell are empty, words that the settings map are what they are read as."""
    known = {text: text.strip(_EDGES) for text in dict.fromkeys(texts)}
    if missing:
        known = {text: "" if clean.casefold() in missing else clean for text, clean in known.items()}
    if values:
        meant = {comparable(written): read_as for written, read_as in values.items()}
        known = {text: meant.get(comparable(clean), clean) if clean else "" for text, clean in known.items()}
    return [known[text] for text in texts]
