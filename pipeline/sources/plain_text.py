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
from pipeline.sources.limits import LONGEST_CELL
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


@dataclass(slots=True)
class _Scan:
    """What is known after a chunk: where rows end, how many lines and delimiters there were up to there, and bytes that make a row
    uneven."""

    ends: list[Places]
    lines: list[Places]
    delimiters: list[Places]
    odd: list[Places]
    lines_so_far: int = 0
    delimiters_so_far: int = 0
    is_quoted: bool = False


def scanned(source: DelimitedText, width: int, chunk: int = _CHUNK) -> PlainText | None:
    """The rows of a text whose header has `width` cells; None where the scan cannot tell where they are. So many bytes are scanned at
    once as `chunk` and the rest of a line make."""
    delimiter = source.delimiter.encode()
    if len(delimiter) != 1 or delimiter.isalnum() or delimiter in b'"\r\n\x7f' or (delimiter < b" " and delimiter != b"\t"):
        return None
    try:
        data = source.text.encode()
    except UnicodeEncodeError:  # halves of surrogate pairs, which some encodings can spell
        return None
    scan = _Scan([], [], [], [])
    begin = 0
    while begin < len(data):
        end = data.find(b"\n", min(begin + chunk, len(data)) - 1) + 1 or len(data)
        if not _scan_chunk(scan, data, begin, end, delimiter[0]):
            return None
        begin = end
    if scan.is_quoted:
        return None
    return _below_header(source, data, scan, width)


def _scan_chunk(scan: _Scan, data: bytes, begin: int, end: int, delimiter: int) -> bool:
    """Add the bytes from `begin` to `end`, which follow a line end, to `scan`; False where a quote stands where no cell's can."""
    chunk = np.frombuffer(data, np.uint8, end - begin, begin)
    quotes = chunk == _QUOTE
    line_ends, bare = _line_ends(chunk)
    separators = chunk == delimiter
    row_ends = line_ends
    if scan.is_quoted or quotes.any():
        if not _quotes_in_place(np.flatnonzero(quotes) + begin, data, delimiter, scan.is_quoted):
            return False
        inside = ((np.cumsum(quotes, dtype=np.uint8) & 1) ^ np.uint8(scan.is_quoted)).view(bool)
        scan.is_quoted = bool(inside[-1])
        row_ends = line_ends & ~inside
        separators &= ~inside
    if end == len(data) and not scan.is_quoted and not row_ends[-1]:
        row_ends = row_ends.copy()
        row_ends[-1] = True  # the last row may lack its line end
    ends = np.flatnonzero(row_ends)
    all_line_ends, all_separators = np.flatnonzero(line_ends), np.flatnonzero(separators)
    scan.ends.append(ends + begin + 1)
    scan.lines.append(np.searchsorted(all_line_ends, ends, side="right") + scan.lines_so_far)
    scan.delimiters.append(np.searchsorted(all_separators, ends, side="right") + scan.delimiters_so_far)
    scan.odd.append(np.concatenate([bare, _control_characters(chunk)]) + begin)
    scan.lines_so_far += len(all_line_ends)
    scan.delimiters_so_far += len(all_separators)
    return True


def _line_ends(chunk: Bytes) -> tuple[npt.NDArray[np.bool_], Places]:
    """The last byte of each line end, and the places of those that are a carriage return alone."""
    line_ends = chunk == _LF
    returns = np.flatnonzero(chunk == _CR)
    if not len(returns):
        return line_ends, returns
    is_last = returns + 1 == len(chunk)
    bare = returns[is_last | (chunk[np.minimum(returns + 1, len(chunk) - 1)] != _LF)]
    line_ends[bare] = True
    return line_ends, bare


def _quotes_in_place(quotes: Places, data: bytes, delimiter: int, is_quoted: bool) -> bool:
    """Whether each quote opens a cell behind a delimiter or line end, closes one before such, or is doubled.

    Quotes that open and close take turns; a doubled quote closes the cell and opens it again at once. Where this holds for all, a
    quote opens a cell for the strict reader, too, where it does so here.
    """
    everything = np.frombuffer(data, np.uint8)
    edges = np.array([delimiter, _LF, _CR, _QUOTE], dtype=np.uint8)
    opening, closing = quotes[is_quoted::2], quotes[not is_quoted :: 2]
    before = everything[opening[opening > 0] - 1]
    after = everything[closing[closing + 1 < len(data)] + 1]
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def _control_characters(chunk: Bytes) -> Places:
    """The places of the characters that `row_judge` sets rows aside for, by their first byte in UTF-8."""
    low = np.flatnonzero(((chunk < 0x20) & (chunk != _TAB) & (chunk != _LF) & (chunk != _CR)) | (chunk == _DELETE))
    if not (chunk >= 0x80).any():
        return low
    high = np.flatnonzero((chunk == 0xC2) | (chunk == 0xE2) | (chunk == 0xEF))
    last = len(chunk) - 1
    lead, second, third = chunk[high], chunk[np.minimum(high + 1, last)], chunk[np.minimum(high + 2, last)]
    is_control = (lead == 0xC2) & (second < 0xA0)  # U+0080 to U+009F
    is_control |= (lead == 0xE2) & (second == 0x80) & (third >= 0xAA) & (third <= 0xAE)  # U+202A to U+202E
    is_control |= (lead == 0xE2) & (second == 0x81) & (third >= 0xA6) & (third <= 0xA9)  # U+2066 to U+2069
    is_control |= (lead == 0xEF) & (second == 0xBF) & (third >= 0xBE)  # U+FFFE and U+FFFF
    return np.concatenate([low, high[is_control]])


def _below_header(source: DelimitedText, data: bytes, scan: _Scan, width: int) -> PlainText:
    """The rows of `scan` that lie below the header; lines with nothing in them are none."""
    ends = np.concatenate(scan.ends)
    begins = np.concatenate([[0], ends[:-1]])
    lines_before = np.concatenate([[0], np.concatenate(scan.lines)])
    delimiters = np.diff(np.concatenate(scan.delimiters), prepend=0)
    even = (delimiters == width - 1) & (ends - begins <= LONGEST_CELL)
    even[np.searchsorted(ends, np.concatenate(scan.odd), side="right")] = False
    everything = np.frombuffer(data, np.uint8)
    filled = (ends - begins > 2) | ((everything[begins] != _LF) & (everything[begins] != _CR))
    found = PlainText(data, source.delimiter, begins, ends, lines_before[:-1] + 1, even, width, False)
    candidates = np.flatnonzero(filled & (found.lines >= source.header_row)).tolist()
    header = next(number for number in candidates if found.row(number) is not None)
    below = np.flatnonzero(filled)
    below = below[below > header]
    has_line_ends = bool((even & (np.diff(lines_before) > 1))[below].any())
    return PlainText(data, source.delimiter, begins[below], ends[below], found.lines[below], even[below], width, has_line_ends)
