"""XlsxWriter, with what it does for every cell and every text done in fewer steps; the bytes of a workbook are the same.

It goes through nine calls a cell and escapes each number and address as if it were text. Here the cells that `cells` writes (texts,
numbers, empty ones) are put together a row at a time. Whatever else stands in a sheet XlsxWriter writes itself. Of the parts of a workbook
many are those of the workbook before: each is packed once. What is taken over of its inside is that of the pinned version; a test holds
both against each other.
"""

from __future__ import annotations

import io
import itertools
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.worksheet import CellBlankTuple as Blank
from xlsxwriter.worksheet import CellNumberTuple as Number
from xlsxwriter.worksheet import CellStringTuple as Text
from xlsxwriter.worksheet import Worksheet

__all__ = ["Blank", "Cell", "Number", "QuickWorkbook", "QuickWorksheet", "Text"]

Cell: TypeAlias = Blank | Number | Text

_SPAN = 16  # rows that tell their first and last column together
# What a shared text may not hold as it is, or only with a word about its white space.
_NOT_PLAIN = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|\A\s|\s\Z")


class QuickWorksheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose cells are addressed by whole numbers only, in a workbook that is held in memory."""

    def put_column(self, row: int, col: int, cells: Sequence[Cell]) -> int:
        """Put cells below each other, the first one in `row`; other than 0 where one would lie outside of what a sheet can hold."""
        last = row + len(cells) - 1
        outside: int = self._check_dimensions(row, col) or (last != row and self._check_dimensions(last, col))
        if not outside:
            for place, cell in enumerate(cells, row):
                self.table[place][col] = cell
        return outside

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return _prepared(formula, bool(self.use_future_functions or expand_future_functions))

    def _write_rows(self) -> None:
        if self.comments:
            super()._write_rows()
            return
        self._calculate_spans()
        letters = _letters(self.dim_colmin, self.dim_colmax)
        looks: dict[int, int] = {}
        for row in range(self.dim_rowmin, self.dim_rowmax + 1):
            cells, info = self.table.get(row), self.row_info.get(row)
            if cells:
                self._write_row(row, self.row_spans.get(row // _SPAN), info)
                self._write_cells(row, sorted(cells.items(), key=_column), letters, looks)
                self.fh.write("</row>")
            elif info is not None:
                self._write_empty_row(row, self.row_spans.get(row // _SPAN), info)

    def _write_cells(self, row: int, cells: list[tuple[int, Any]], letters: dict[int, str], looks: dict[int, int]) -> None:
        """The cells of a row, in the order of their columns; `looks` are the numbers of the formats met so far, by their identity."""
        told: list[str] = []
        number = row + 1
        for col, cell in cells:
            kind, look = type(cell), cell.format
            if look is None or kind not in _PLAIN:
                self.fh.write("".join(told))
                told.clear()
                self._write_cell(row, col, cell)
                continue
            index = looks.get(id(look))
            if index is None:
                index = looks[id(look)] = look._get_xf_index()
            if kind is Text:
                told.append(f'<c r="{letters[col]}{number}" s="{index}" t="s"><v>{cell.string}</v></c>')
            elif kind is Number:
                told.append(f'<c r="{letters[col]}{number}" s="{index}"><v>{cell.number:.16G}</v></c>')
            else:
                told.append(f'<c r="{letters[col]}{number}" s="{index}"/>')
        self.fh.write("".join(told))

    def _calculate_spans(self) -> None:
        if self.comments:
            super()._calculate_spans()
            return
        found: dict[int, tuple[int, int]] = {}
        for row, cells in self.table.items():
            if cells:
                first, last = found.get(row // _SPAN, (self.xls_colmax, 0))
                found[row // _SPAN] = min(first, min(cells)), max(last, max(cells))
        self.row_spans = {block: f"{first + 1}:{last + 1}" for block, (first, last) in found.items()}


_PLAIN = frozenset((Blank, Number, Text))
_column = itemgetter(0)


class QuickWorkbook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook of such sheets, to be written into a stream."""

    worksheet_class = QuickWorksheet

    def __init__(self, stream: io.BytesIO, options: dict[str, Any]) -> None:
        super().__init__(stream, options)
        self.filename: io.BytesIO
        # The number under which the workbook holds a text; each call counts as one cell of it.
        self.number_of_text: Callable[[str], int] = self.str_table._get_shared_string_index

    def add_format(self, properties: dict[str, Any] | None = None) -> Format:
        """A format as XlsxWriter makes it; what it is of the same properties in each workbook is worked out once."""
        made = Format.__new__(Format)
        made.__dict__ |= vars(_format_of(tuple({**self.default_format_properties, **(properties or {})}.items())))
        made.xf_format_indices, made.dxf_format_indices = self.xf_format_indices, self.dxf_format_indices
        self.formats.append(made)
        return made

    def let_go(self) -> None:
        """Forget all cells and texts once the workbook is written: its parts refer to each other, so that they would stay a while."""
        for sheet in self.worksheets():
            sheet.table.clear()
        self.str_table.string_table.clear()
        self.str_table.string_array.clear()

    def _store_workbook(self) -> None:
        """Pack the parts here: XlsxWriter, told of none, packs nothing."""
        stream: io.BytesIO = self.filename
        self.filename = io.BytesIO()
        super()._store_workbook()
        with ZipFile(stream, "w", ZIP_DEFLATED, self.allow_zip64) as archive:
            _pack(archive, self._packager.parts, self.allow_zip64)

    def _get_packager(self) -> Packager:
        self._packager = _QuickPackager()
        return self._packager


class _QuickPackager(Packager):  # type: ignore[misc]
    def _create_package(self) -> list[Any]:
        self.parts = [
            (name, file.getvalue() if is_binary else file.getvalue().encode()) for file, name, is_binary in super()._create_package()
        ]
        return []

    def _write_styles_file(self) -> None:
        """The looks of a workbook: those of the same formats in the same order are put together once, for most workbooks of a kind have
        the same."""
        looks = _looks(self.workbook)
        told = _STYLES.get(looks)
        if told is not None:
            self._filename("xl/styles.xml").write(told)
            return
        super()._write_styles_file()
        if len(_STYLES) < _MOST_STYLES:
            _STYLES[looks] = self.filenames[-1][0].getvalue()

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            texts = _QuickSharedStrings()
            texts.string_table = self.workbook.str_table
            texts._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            texts._assemble_xml_file()


def _pack(archive: ZipFile, parts: Iterable[tuple[str, bytes]], allow_zip64: bool) -> None:
    """Add the parts by their names, as `archive.writestr` would."""
    assert archive.fp is not None
    for name, content in parts:
        info = ZipInfo(name, _PACKED_AT)
        info.compress_type, info.external_attr, info.header_offset = ZIP_DEFLATED, _MODE, archive.fp.tell()
        info.CRC, packed = (_deflated_once if len(content) < _SMALL else _deflated)(content)
        info.file_size, info.compress_size = len(content), len(packed)
        archive.fp.write(info.FileHeader(zip64=allow_zip64 and len(content) * 1.05 > ZIP64_LIMIT))
        archive.fp.write(packed)
        archive.filelist.append(info)
        archive.NameToInfo[info.filename] = info
        archive.start_dir = archive.fp.tell()


def _deflated(content: bytes) -> tuple[int, bytes]:
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return zlib.crc32(content), packer.compress(content) + packer.flush()


_deflated_once = lru_cache(maxsize=256)(_deflated)
_SMALL = 2**15  # bytes of a part that may be that of the workbook before: its theme, looks, list of parts
_PACKED_AT = (1980, 1, 1, 0, 0, 0)
_MODE = 0o600 << 16


class _QuickSharedStrings(SharedStrings):  # type: ignore[misc]
    def _write_sst_strings(self) -> None:
        told: list[str] = []
        for text in self.string_table.string_array:
            if _NOT_PLAIN.search(text):
                self.fh.write("".join(told))
                told.clear()
                self._write_si(text)
            else:
                told.append(f"<si><t>{text}</t></si>")
        self.fh.write("".join(told))


_STYLES: dict[tuple[Any, ...], str] = {}
_MOST_STYLES = 256


def _looks(book: xlsxwriter.Workbook) -> tuple[Any, ...]:
    """All that the styles of a workbook are written from: its formats in their order, all else follows from them."""
    formats = tuple(one.of_properties for one in book.xf_formats), tuple(one.of_properties for one in book.dxf_formats)
    return (*formats, book.has_comments, tuple(book.custom_colors))


@lru_cache(maxsize=1024)
def _format_of(properties: tuple[tuple[str, Any], ...]) -> Format:
    """A format of no workbook; it remembers what formats are told apart by, and which properties it is of, by a number that no other
    format has."""
    made = Format(dict(properties))
    made._get_format_key()
    made.of_properties = next(_NUMBERS)
    return made


_NUMBERS = itertools.count()


@lru_cache(maxsize=1024)
def _prepared(formula: str, expands: bool) -> str:
    """A formula as a sheet holds it: the same few stand in every workbook, and each is looked through thirty times."""
    sheet = Worksheet()
    return sheet._prepare_formula(formula, expands)  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _letters(first: int, last: int) -> dict[int, str]:
    return {col: xlsxwriter.utility.xl_col_to_name(col) for col in range(first, last + 1)}
