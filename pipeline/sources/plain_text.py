"""Delimited text by the column: where its rows are told by a scan of the bytes, and the cells of even rows are read all at once.

A row is even where it has one line end, as many cells as the header and nothing in it that the strict reader would stop at; every
other row is left to the strict reader, row by row. A text whose quotes do not all stand where quotes of cells stand has no such rows
at all, for then only the strict reader can tell where one ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from pipeline.sources import delimited
from pipeline.sources.delimited import DelimitedText
from pipeline.sources.limits import LONGEST_CELL, MOST_TEXT_ROWS
from pipeline.sources.text_column import TEXT

Places = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
_CHUNK = 2**22
_LF, _CR, _QUOTE, _TAB, _DELETE = 0x0A, 0x0D, 0x22, 0x09, 0x7F
_BLOCK = 2**22


@dataclass(frozen=True, slots=True)
class PlainText:
    """The rows below the header: the byte where each begins and ends, the line it begins on, and which are even.

    `data` is the text in UTF-8; `has_line_ends` tells whether a cell of an even row holds one.
    """

    data: bytes
    delimiter: str
    begins: Places
    ends: Places
    lines: Places
    even: npt.NDArray[np.bool_]
    width: int
    has_line_ends: bool

    def row(self, number: int) -> tuple[int, list[str]] | None:
        """(line, cells) of a row by the strict reader, which may raise `Refused`; None of a blank one."""
        text = self.data[self.begins[number] : self.ends[number]].decode()
        return next(delimited.rows(text, self.delimiter, int(self.lines[number])), None)

    def head(self, number: int, size: int) -> bytes:
        """The first bytes of a row."""
        return self.data[self.begins[number] : min(self.begins[number] + size, self.ends[number])]

    def columns(self, places: Sequence[int]) -> dict[int, Any]:
        """The texts of the even rows, as Arrow arrays of large strings, for each of the columns at `places`."""
        if not self.even.any():
            return {place: pa.array([], type=TEXT) for place in places}
        names = {place: f"f{place}" for place in places}
        table = pyarrow.csv.read_csv(
            pa.BufferReader(self._even_bytes()),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK, autogenerate_column_names=True),
            parse_options=pyarrow.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=self.has_line_ends),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(names.values()), column_types=dict.fromkeys(names.values(), TEXT), strings_can_be_null=False
            ),
        )
        return {place: table.column(name).combine_chunks() for place, name in names.items()}

    def _even_bytes(self) -> Any:
        """The bytes of the even rows, one after another."""
        edges = np.flatnonzero(np.diff(self.even, prepend=False, append=False)).reshape(-1, 2)
        view = memoryview(self.data)
        stretches = [view[self.begins[first] : self.ends[last - 1]] for first, last in edges]
        if stretches[-1][-1] != _LF:
            stretches.append(memoryview(b"\n"))
        return pa.py_buffer(stretches[0] if len(stretches) == 1 else b"".join(stretches))


class _Scan:
    """What is known of a text up to some byte: its rows that are not empty lines, and the state that the next byte is read in."""

    def __init__(self, data: bytes, delimiter: int) -> None:
        self.data = np.frombuffer(data, np.uint8)
        self.delimiter = delimiter
        self.rows: list[tuple[Places, ...]] = []  # begins, ends, first lines, line ends, delimiters, whether a byte makes it uneven
        self.count = 0
        self.begin = 0  # of the row that is not ended yet, with its line, its delimiters and whether it is uneven
        self.line = 1
        self.lines_so_far = 0
        self.delimiters = 0
        self.is_uneven = False
        self.is_quoted = False

    def add(self, begin: int, end: int) -> bool:
        """Go on from `begin` to `end`; False where a quote stands where no cell's can."""
        chunk = self.data[begin:end]
        quotes, separators = chunk == _QUOTE, chunk == self.delimiter
        line_ends, bare = _line_ends(self.data, begin, end)
        row_ends = line_ends
        if self.is_quoted or quotes.any():
            if not self._quotes_in_place(np.flatnonzero(quotes) + begin):
                return False
            inside = ((np.cumsum(quotes, dtype=np.uint8) & 1) ^ np.uint8(self.is_quoted)).view(bool)
            self.is_quoted = bool(inside[-1])
            row_ends = line_ends & ~inside
            separators &= ~inside
        if end == len(self.data) and not self.is_quoted and not row_ends[-1]:
            row_ends = row_ends.copy()
            row_ends[-1] = True  # the last row may lack its line end
        odd = np.concatenate([bare, _control_characters(self.data, begin, end)])
        self._end_rows(np.flatnonzero(row_ends) + begin + 1, np.flatnonzero(line_ends) + begin + 1, np.flatnonzero(separators) + begin, odd)
        return True

    def _quotes_in_place(self, quotes: Places) -> bool:
        """Whether each quote opens a cell behind a delimiter or line end, closes one before such, or is doubled.

        Quotes that open and close take turns; a doubled quote closes the cell and opens it again at once. Where this holds for all, a
        quote opens a cell for the strict reader, too, where it does so here.
        """
        edges = np.array([self.delimiter, _LF, _CR, _QUOTE], dtype=np.uint8)
        opening, closing = quotes[self.is_quoted :: 2], quotes[not self.is_quoted :: 2]
        before = self.data[opening[opening > 0] - 1]
        after = self.data[closing[closing + 1 < len(self.data)] + 1]
        return bool(np.isin(before, edges).all() and np.isin(after, edges).all())

    def _end_rows(self, ends: Places, line_ends: Places, separators: Places, odd: Places) -> None:
        """Keep the rows that end at `ends`, but for empty lines, and take along what belongs to the row behind them."""
        lines = self.lines_so_far + np.searchsorted(line_ends, ends, side="right")
        delimiters = self.delimiters + np.searchsorted(separators, ends)
        uneven = np.zeros(len(ends) + 1, dtype=bool)
        uneven[np.searchsorted(ends, odd, side="right")] = True
        uneven[0] |= self.is_uneven
        begins = np.concatenate([[self.begin], ends])
        first_lines = np.concatenate([[self.line], lines + 1])
        so_far = np.concatenate([[0], delimiters])
        lengths, first = np.diff(begins), self.data[begins[:-1]]
        filled = (lengths > 2) | ((first != _LF) & (first != _CR))
        found = (begins[:-1], ends, first_lines[:-1], np.diff(first_lines), np.diff(so_far), uneven[:-1])
        self.rows.append(tuple(values[filled] for values in found))
        self.count += int(filled.sum())
        self.begin, self.line, self.is_uneven = int(begins[-1]), int(first_lines[-1]), bool(uneven[-1])
        self.delimiters += len(separators) - int(so_far[-1])
        self.lines_so_far += len(line_ends)


def scanned(source: DelimitedText, width: int, chunk: int = _CHUNK) -> PlainText | None:
    """The rows of a text whose header has `width` cells; None where the scan cannot tell where they are. So many bytes are scanned at
    once as `chunk` says. Raises `Refused` where there are more than `MOST_TEXT_ROWS`.
    """
    delimiter = source.delimiter.encode()
    if len(delimiter) != 1 or delimiter.isalnum() or delimiter in b'"\r\n\x7f' or (delimiter < b" " and delimiter != b"\t"):
        return None
    try:
        data = source.text.encode()
    except UnicodeEncodeError:  # halves of surrogate pairs, which some encodings can spell
        return None
    scan = _Scan(data, delimiter[0])
    for begin in range(0, len(data), chunk):
        if not scan.add(begin, min(begin + chunk, len(data))):
            return None
        if scan.count > MOST_TEXT_ROWS:
            raise delimited.too_many_rows()
    return None if scan.is_quoted else _below_header(source, data, scan, width)


def _line_ends(data: Bytes, begin: int, end: int) -> tuple[npt.NDArray[np.bool_], Places]:
    """The last byte of each line end from `begin` to `end`, and the places of those that are a carriage return alone."""
    line_ends = data[begin:end] == _LF
    returns = np.flatnonzero(data[begin:end] == _CR) + begin
    if not len(returns):
        return line_ends, returns
    last = len(data) - 1
    bare = returns[(returns == last) | (data[np.minimum(returns + 1, last)] != _LF)]
    line_ends[bare - begin] = True
    return line_ends, bare


def _control_characters(data: Bytes, begin: int, end: int) -> Places:
    """The places of the characters that `row_judge` sets rows aside for, by their first byte in UTF-8."""
    chunk = data[begin:end]
    low = np.flatnonzero(((chunk < 0x20) & (chunk != _TAB) & (chunk != _LF) & (chunk != _CR)) | (chunk == _DELETE)) + begin
    if not (chunk >= 0x80).any():
        return low
    high = np.flatnonzero((chunk == 0xC2) | (chunk == 0xE2) | (chunk == 0xEF)) + begin
    last = len(data) - 1
    lead, second, third = data[high], data[np.minimum(high + 1, last)], data[np.minimum(high + 2, last)]
    is_control = (lead == 0xC2) & (second < 0xA0)  # U+0080 to U+009F
    is_control |= (lead == 0xE2) & (second == 0x80) & (third >= 0xAA) & (third <= 0xAE)  # U+202A to U+202E
    is_control |= (lead == 0xE2) & (second == 0x81) & (third >= 0xA6) & (third <= 0xA9)  # U+2066 to U+2069
    is_control |= (lead == 0xEF) & (second == 0xBF) & (third >= 0xBE)  # U+FFFE and U+FFFF
    return np.concatenate([low, high[is_control]])


def _below_header(source: DelimitedText, data: bytes, scan: _Scan, width: int) -> PlainText:
    """The rows of `scan` that lie below the header."""
    begins, ends, lines, line_ends, delimiters, uneven = (np.concatenate(values) for values in zip(*scan.rows, strict=True))
    even = (delimiters == width - 1) & (ends - begins <= LONGEST_CELL) & ~uneven
    found = PlainText(data, source.delimiter, begins, ends, lines, even, width, False)
    candidates = np.flatnonzero(lines >= source.header_row).tolist()
    first = 1 + next(number for number in candidates if found.row(number) is not None)
    has_line_ends = bool((line_ends[first:] > 1)[even[first:]].any())
    return PlainText(data, source.delimiter, begins[first:], ends[first:], lines[first:], even[first:], width, has_line_ends)
