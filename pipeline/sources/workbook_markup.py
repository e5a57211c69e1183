"""The XML of a workbook's cells and strings, read by expat as it streams by: no tree is built, so that no sheet is too long for memory.

openpyxl builds each cell as an element in Python, which takes five times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple
from xml.parsers import expat

from pipeline.sources.limits import MIB, MOST_COLUMNS

_CHUNK = MIB // 16
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROW, _CELL, _VALUE, _FORMULA, _STRING, _TEXT, _SPOKEN, _DATA = (
    f"{_NAMESPACE}}}{name}" for name in ("row", "c", "v", "f", "si", "t", "rPh", "sheetData")
)
_WITH_TEXT = {_VALUE, _FORMULA, _TEXT}


class Unusable(Exception):  # noqa: N818 - a verdict on a workbook, not a failure of the program
    """The workbook cannot be used: a code of `pipeline.findings.CODES`, and the reason as a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Cell(NamedTuple):
    """A cell as it is written: None for what is not."""

    reference: str | None
    kind: str | None
    style: str | None
    value: str | None
    formula: str | None
    inline: str


Row = tuple[dict[str, str], list[Cell]]


def rows(stream: IO[bytes]) -> Iterator[Row]:
    """(attributes, cells) of each row of a worksheet. Raises `Unusable`, or `expat.ExpatError` where the XML is none."""
    found: list[Row] = []
    attributes: dict[str, str] = {}
    cells: list[Cell] = []
    cell: dict[str, str] = {}
    value: str | None = None
    formula: str | None = None
    inline = ""
    spoken = False
    pieces: list[str] = []

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal attributes, cells, cell, value, formula, inline, spoken
        if name == _CELL:
            cell, value, formula, inline = given, None, None, ""
        elif name in _WITH_TEXT:
            pieces.clear()
        elif name == _ROW:
            attributes, cells = given, []
        elif name == _SPOKEN:
            spoken = True

    def end(name: str) -> None:
        nonlocal value, formula, inline, spoken
        if name == _VALUE:
            value = "".join(pieces)
        elif name == _CELL:
            if len(cells) == MOST_COLUMNS:
                raise Unusable("file-too-large", f"A row of the workbook has more than {MOST_COLUMNS} cells.")
            cells.append(Cell(cell.get("r"), cell.get("t"), cell.get("s"), value, formula, inline))
        elif name == _ROW:
            found.append((attributes, cells))
        elif name == _FORMULA:
            formula = "".join(pieces)
        elif name == _TEXT and not spoken:
            inline += "".join(pieces)
        elif name == _SPOKEN:
            spoken = False

    for _ in _parsed(stream, start, end, pieces.append):
        yield from found
        found.clear()


def strings(stream: IO[bytes]) -> Iterator[str]:
    """Each shared string, without its formats and without what only says how it is spoken."""
    found: list[str] = []
    pieces: list[str] = []
    texts: list[str] = []
    spoken = False

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal spoken
        pieces.clear()
        if name == _STRING:
            texts.clear()
        elif name == _SPOKEN:
            spoken = True

    def end(name: str) -> None:
        nonlocal spoken
        if name == _TEXT and not spoken:
            texts.extend(pieces)
        elif name == _STRING:
            found.append(decoded("".join(texts)))
        elif name == _SPOKEN:
            spoken = False

    for _ in _parsed(stream, start, end, pieces.append):
        yield from found
        found.clear()


def decoded(text: str) -> str:
    """Characters that XML does not allow, or changes, are written `_x000D_`, and such a text itself `_x005F_x000D_`."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _parsed(
    stream: IO[bytes], start: Callable[[str, dict[str, str]], None], end: Callable[[str], None], text: Callable[[str], None]
) -> Iterator[None]:
    """Feed `stream` to the handlers and yield after each chunk. Names are `namespace}name`."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = _refuse_declarations
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
        yield
    parser.Parse(b"", True)
    yield


def _refuse_declarations(*_: object) -> None:
    raise Unusable("damaged-container", "A part of the workbook declares entities; no workbook needs them.")
