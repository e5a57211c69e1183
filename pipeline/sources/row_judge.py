"""Rows that are none: what costs a row before any of its cells is read, judged row by row, or found among whole columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.findings import Finding
from pipeline.sources.layouts import Layout
from pipeline.sources.plain_text import PlainText
from pipeline.sources.raw_files import Refused
from pipeline.sources.recognition import label
from pipeline.sources.row_faults import Fault
from pipeline.sources.sheets import Sheet
from pipeline.sources.text_column import Flags, first_bytes, last_bytes

# Tab and line ends may stand in quoted cells. Marks that turn the direction of text make a name read as another one.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_FOOTER = re.compile(r"(?:grand |sub-?)?totals?:?|sum:?", re.IGNORECASE)
_FOOTER_BEGINS, _FOOTER_ENDS = "gst", "lsm:"
_HEAD = 256


@dataclass(slots=True)
class Judge:
    """Judges the rows of one sheet, in their order: `read` counts them, `findings` tells why some are none, `set_aside` keeps the
    cells of those."""

    file: str
    sheet: Sheet
    layout: Layout
    read: int = 0
    findings: list[Finding] = field(default_factory=list)
    set_aside: list[list[str]] = field(default_factory=list)
    _labels: list[str] = field(init=False)
    _nameless: list[int] = field(init=False)
    _trailers: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        self._labels = [label(cell) for cell in self.sheet.header]
        self._nameless = [place for place, cell in enumerate(self.sheet.header) if not cell]
        self._trailers = re.compile("|".join(self.layout.trailers)) if self.layout.trailers else None

    def keeps(self, row: int, cells: list[str]) -> bool:
        """Whether a row that is not blank is one of the table. Raises `Refused` where a column without a name holds a value."""
        if self._is_trailer(cells):
            return False
        self.read += 1
        fault = self._fault(row, cells)
        if fault is not None:
            code, reason, place, value = fault
            name = self.sheet.header[place] if 0 <= place < len(self.sheet.header) else ""
            self.findings.append(Finding(code, reason, value=value, column=name, file=self.file, sheet=self.sheet.name, row=row))
            self.set_aside.append(cells)
            return False
        if any(cells[place].strip() for place in self._nameless):
            raise Refused("blank-label", f"Column {self._nameless[0] + 1} holds values but has no name.", row=row, sheet=self.sheet.name)
        return True

    def looked_at(self, wanted: Sequence[int]) -> list[int]:
        """The columns that `doubtful` needs to see: those at `wanted`, the first one and those without a name."""
        return sorted({0, *wanted, *self._nameless})

    def doubtful(self, plain: PlainText, columns: Mapping[int, Any]) -> Flags:
        """Which even rows of `plain`, whose `columns` are those of `looked_at`, may be no rows: each must be put to `keeps`, unless
        it is blank. The others would all be kept."""
        count = np.sum([_surely_filled(texts) for texts in columns.values()], axis=0, dtype=np.int64)
        doubtful: Flags = self._may_be_header_or_footer(columns[0])
        doubtful |= count <= (1 if self._trailers else 0)
        for place in self._nameless:
            doubtful |= ~_blank(columns[place])
        rows = np.flatnonzero(plain.even)
        for number in np.flatnonzero(_blank(columns[0]) & ~doubtful).tolist():
            doubtful[number] = not self._labels[0] or _may_be_footer(plain.head(int(rows[number]), _HEAD), plain.delimiter)
        return doubtful

    def _is_trailer(self, cells: list[str]) -> bool:
        if self._trailers is None:
            return False
        filled = [cell.strip() for cell in cells if cell.strip()]
        return len(filled) == 1 and self._trailers.fullmatch(filled[0]) is not None

    def _fault(self, row: int, cells: list[str]) -> Fault | None:
        """What is wrong with a row as a row."""
        width = len(self._labels)
        if row in self.sheet.faults:
            return self.sheet.faults[row]
        control = _CONTROL.search("".join(cells))
        if control:
            place = next(number for number, cell in enumerate(cells) if _CONTROL.search(cell))
            return "control-character", f"The cell holds an invisible control character, U+{ord(control.group()):04X}.", place, cells[place]
        if cells[0].strip().casefold() == self._labels[0] and [label(cell) for cell in cells] == self._labels:
            return "repeated-header", "The header stands here again.", -1, ""
        first = next((cell.strip() for cell in cells if cell.strip()), "")
        if _FOOTER.fullmatch(first):
            return "footer", "The row adds up other rows.", -1, first
        if len(cells) < width:
            return "missing-cell", f"The row has {len(cells)} cells; the header has {width}.", -1, ""
        if len(cells) > width:
            return "extra-cell", f"The row has {len(cells)} cells; the header has {width}.", -1, cells[width]
        return None

    def _may_be_header_or_footer(self, texts: Any) -> Flags:
        """Which of the first cells of rows are the first label of the header or the word of a footer."""
        begins = _may_be(first_bytes(texts), _FOOTER_BEGINS + self._labels[0][:1])
        places = np.flatnonzero(begins & _may_be(last_bytes(texts), _FOOTER_ENDS + self._labels[0][-1:]))
        found = np.zeros(len(texts), dtype=bool)
        words = [text.strip() for text in texts.take(places).to_pylist()]
        found[places] = [word.casefold() == self._labels[0] or _FOOTER.fullmatch(word) is not None for word in words]
        return found


def _surely_filled(texts: Any) -> Flags:
    """Which texts begin with a letter, digit or sign of ASCII: they are filled without a closer look."""
    first = first_bytes(texts)
    return (first > 0x20) & (first < 0x7F)


def _blank(texts: Any) -> Flags:
    """Which texts hold nothing but blanks."""
    first = first_bytes(texts)
    blank: Flags = first == 0
    places = np.flatnonzero(~blank & ~_surely_filled(texts))
    blank[places] = [not text.strip() for text in texts.take(places).to_pylist()]
    return blank


def _may_be(edges: npt.NDArray[np.uint8], letters: str) -> Flags:
    """Which texts, by their first or last bytes, may have one of `letters` there in either case, once blanks are taken away."""
    is_letter = np.isin(edges, np.frombuffer((letters.lower() + letters.upper()).encode(), dtype=np.uint8))
    return is_letter | ((edges > 0) & (edges <= 0x20)) | (edges >= 0x7F)


def _may_be_footer(head: bytes, delimiter: str) -> bool:
    """Whether the first cell that is not blank may be the word of a footer, in a row that begins with a blank one."""
    first = head.lstrip(b' "\t\r\n' + delimiter.encode())[:1]
    return not first or first.lower() in _FOOTER_BEGINS.encode() or first >= b"\x7f"
