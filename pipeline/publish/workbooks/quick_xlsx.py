"""XlsxWriter, with what it does for every cell and every text done in fewer steps; the bytes of a workbook are the same.

It goes through nine calls a cell and escapes each number and address as if it were text. Here the cells that `cells` writes (texts,
numbers, empty ones) are put together a row at a time. Whatever else stands in a sheet XlsxWriter writes itself. What is taken over of its
inside is that of the pinned version; a test holds both against each other.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

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
        outside: int = self._check_dimensions(row, col) or self._check_dimensions(row + len(cells) - 1, col)
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
                self._write_cells(row, sorted(cells.items()), letters, looks)
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
                found[row // _SPAN] = min(first, *cells), max(last, *cells)
        self.row_spans = {block: f"{first + 1}:{last + 1}" for block, (first, last) in found.items()}


_PLAIN = frozenset((Blank, Number, Text))


class QuickWorkbook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook of such sheets."""

    worksheet_class = QuickWorksheet

    def number_of_text(self, text: str) -> int:
        """The number under which the workbook holds a text; each call counts as one cell of it."""
        return self.str_table._get_shared_string_index(text)  # type: ignore[no-any-return]

    def add_format(self, properties: dict[str, Any] | None = None) -> Format:
        """A format as XlsxWriter makes it; what it is of the same properties in each workbook is worked out once."""
        made = copy.copy(_format_of(tuple({**self.default_format_properties, **(properties or {})}.items())))
        made.xf_format_indices, made.dxf_format_indices = self.xf_format_indices, self.dxf_format_indices
        self.formats.append(made)
        return made

    def let_go(self) -> None:
        """Forget all cells and texts once the workbook is written: its parts refer to each other, so that they would stay a while."""
        for sheet in self.worksheets():
            sheet.table.clear()
        self.str_table.string_table.clear()
        self.str_table.string_array.clear()

    def _get_packager(self) -> Packager:
        return _QuickPackager()


class _QuickPackager(Packager):  # type: ignore[misc]
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
_OF_A_WORKBOOK = ("xf_format_indices", "dxf_format_indices")  # of a format, and nothing that is written of it


def _looks(book: xlsxwriter.Workbook) -> tuple[Any, ...]:
    """All that the styles of a workbook are written from. Colors count as themselves: formats of the same properties share theirs."""
    formats = tuple(
        tuple(value for name, value in vars(one).items() if name not in _OF_A_WORKBOOK) for one in (*book.xf_formats, *book.dxf_formats)
    )
    counts = (len(book.xf_formats), book.font_count, book.border_count, book.fill_count, book.has_comments)
    return (formats, counts, tuple(book.num_formats), tuple(book.custom_colors))


@lru_cache(maxsize=1024)
def _format_of(properties: tuple[tuple[str, Any], ...]) -> Format:
    """A format of no workbook; it remembers what formats are told apart by."""
    made = Format(dict(properties))
    made._get_format_key()
    return made


@lru_cache(maxsize=1024)
def _prepared(formula: str, expands: bool) -> str:
    """A formula as a sheet holds it: the same few stand in every workbook, and each is looked through thirty times."""
    sheet = Worksheet()
    return sheet._prepare_formula(formula, expands)  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _letters(first: int, last: int) -> dict[int, str]:
    return {col: xlsxwriter.utility.xl_col_to_name(col) for col in range(first, last + 1)}
