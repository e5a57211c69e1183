"""Delimited text (CSV): bytes to text, text to a header and rows, never shifting, padding or guessing.

pandas shifts columns and pads rows silently (facts/bad-inputs §0.4), so the strict reader of the standard library is used.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.sources.limits import LONGEST_CELL, MOST_DELIMITERS, MOST_TEXT_ROWS
from pipeline.sources.raw_files import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python knows them as encodings; they spell names and program text, not files.
_NO_ENCODINGS = ("undefined", "punycode", "idna", "unicode-escape", "raw-unicode-escape")
_OTHER_DELIMITERS = (";", "\t", "|", ",")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """Text of cells between `delimiter`s; the header is the first row from line `header_row` on."""

    text: str
    delimiter: str
    header_row: int = 1


def decoded(data: bytes, encoding: str | None) -> str:
    """The text of `data`: in `encoding` where the settings name one, else by its byte order mark, else UTF-8; never guessed.

    Refuses what is not text in that encoding, with the byte and line, and text whose first line holds NUL bytes.
    """
    marked = marked_encoding(data)
    if encoding is None and marked.startswith("utf-8") and b"\x00" in data.partition(b"\n")[0]:
        raise Refused("nul-byte", "The first line holds NUL bytes; this looks like UTF-16 without its mark.", row=1)
    try:
        if encoding is not None and codecs.lookup(encoding).name in _NO_ENCODINGS:
            raise LookupError(encoding)
        text = data.decode(marked if encoding is None else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused("encoding", f"Byte {error.start} in line {line} is not {error.encoding}.", row=line) from error
    except (LookupError, ValueError) as error:
        raise Refused(
            "bad-source", f"certledger.toml names the encoding '{encoding}', which does not exist or is not one of text."
        ) from error
    return text.lstrip("\ufeff")


def marked_encoding(data: bytes) -> str:
    """The encoding that the byte order mark of `data` says; UTF-8 without one."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")


def table(source: DelimitedText) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The header, its labels without outer spaces, and an iterator over (line on which the row begins, cells) of what is below it.

    Blank lines, and lines of delimiters only, are no rows. The iterator raises `Refused` where a quote never ends.
    """
    found = rows(source.text, source.delimiter)
    first = next((row for row in found if row[0] >= source.header_row), None)
    if first is None:
        raise Refused("empty-file", "The file holds no line with text.")
    return [cell.strip() for cell in first[1]], found


def likely_delimiter(header: list[str]) -> str:
    """The character that seems to separate the columns where `header` came out as a single cell, else an empty string."""
    if len(header) != 1:
        return ""
    counts = [(header[0].count(mark), mark) for mark in _OTHER_DELIMITERS]
    most, mark = max(counts, key=lambda pair: pair[0])
    return mark if most else ""


def rows(text: str, delimiter: str, line: int = 1) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row begins, cells) of each row of `text`, whose first line is number `line`, that is not blank.

    Raises `Refused` where a quote never ends, and where there is more than `limits` allow.
    """
    reader = csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True)
    before = line
    count = 0
    try:
        for cells in reader:
            count += bool(cells)
            if count > MOST_TEXT_ROWS:
                raise too_many_rows()
            if any(cell and not cell.isspace() for cell in cells):
                yield line, cells
            line = before + reader.line_num
    except csv.Error as error:
        if "field limit" in str(error):
            raise Refused("cell-too-long", f"A cell in line {line} is longer than {LONGEST_CELL:,} characters.", row=line) from error
        raise Refused("unterminated-quote", f"A quoted cell that begins in line {line} is not closed: {error}.", row=line) from error


def too_many_rows() -> Refused:
    """Why a text of too many rows is refused."""
    return Refused("file-too-large", f"The file holds more than {MOST_TEXT_ROWS:,} rows.")


def _lines(text: str, delimiter: str) -> Iterator[str]:
    """The lines of `text` with their ends. Refused where one would make more cells than can be held."""
    for found in _LINE.finditer(text):
        line = found.group()
        if len(line) > MOST_DELIMITERS and line.count(delimiter) > MOST_DELIMITERS:
            raise Refused("file-too-large", f"A line of the file holds more than {MOST_DELIMITERS:,} delimiters.")
        yield line
