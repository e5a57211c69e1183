"""What is written in fewer steps than XlsxWriter takes is what XlsxWriter writes, byte for byte."""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile
from decimal import Decimal
from typing import Any

import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.publish.workbooks.cells import _UNSEEN
from pipeline.publish.workbooks.quick_xlsx import Blank, Number, QuickWorkbook, Text

LOOKS: tuple[dict[str, Any], ...] = ({"bold": True}, {"num_format": "0.00"}, {"bold": True}, {"font_color": "#14233a", "indent": 1})
Given = tuple[int, int, Any, int]  # row, column, value, number of the look

values = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.sampled_from(["_x0041_", " a", "a\n", "<b>", "a & b", '"', "\ufffe", "\x0b", "\u2003x", "=1+1"]),
    st.integers(-(10**17), 10**17),
    st.decimals(-(10**9), 10**9, places=2),
    st.floats(allow_nan=False, allow_infinity=False),
)
cells = st.lists(st.tuples(st.integers(0, 70), st.integers(0, 60), values, st.integers(0, 3)), max_size=30)
formulas = st.lists(st.tuples(st.integers(0, 70), st.sampled_from(["=SUM(A1:A9)", "=UNIQUE(A1:A9)", "=A1<B1"]), st.booleans()), max_size=3)
heights = st.dictionaries(st.integers(0, 75), st.sampled_from([10.5, 33.0]), max_size=4)


def written(book: Any, cells: list[Given], formulas: list[tuple[int, str, bool]], heights: dict[int, float]) -> None:
    """The same sheet in either kind of workbook; the cells column by column where the workbook can take a column."""
    sheet = book.add_worksheet("One")
    looks = [book.add_format(look) for look in LOOKS]
    for row, height in heights.items():
        sheet.set_row(row, height)
    for row, col, value, look in cells:
        if isinstance(book, QuickWorkbook):
            cell = Blank(looks[look]) if value is None else Number(value, looks[look])
            sheet.put_column(row, col, [Text(book.number_of_text(value), looks[look]) if isinstance(value, str) else cell])
        elif isinstance(value, str):
            sheet.write_string(row, col, value, looks[look])
        elif value is None:
            sheet.write_blank(row, col, None, looks[look])
        else:
            sheet.write_number(row, col, value, looks[look])
    for row, formula, is_true in formulas:
        sheet.write_formula(row, 3, formula, looks[1], is_true)
    book.add_worksheet("Empty")
    book.close()


@given(cells, formulas, heights)
@example([(15, 2, "a", 0), (16, 30, None, 2), (40, 0, Decimal("0.00"), 1)], [(15, "=SUM(A1:A9)", True)], {17: 33.0})
def test_a_workbook_written_in_fewer_steps_has_the_bytes_of_xlsxwriter(
    cells: list[Given], formulas: list[tuple[int, str, bool]], heights: dict[int, float]
) -> None:
    packed = []
    for kind in (xlsxwriter.Workbook, QuickWorkbook):
        stream = io.BytesIO()
        book = kind(stream, {"in_memory": True})
        book.set_properties({"created": dt.datetime.combine(dt.date(2026, 11, 2), dt.time())})
        written(book, cells, formulas, heights)
        packed.append(stream.getvalue())
    theirs, ours = packed
    assert theirs == ours


def test_a_cell_outside_of_what_a_sheet_can_hold_is_not_taken() -> None:
    book = QuickWorkbook(io.BytesIO(), {"in_memory": True})
    sheet, look = book.add_worksheet("One"), book.add_format({})
    outside = [sheet.put_column(row, col, [Blank(look)] * 2) for row, col in ((-1, 0), (0, -1), (1_048_575, 0), (0, 16_384))]
    assert [True] * 4 == [code != 0 for code in outside]
    assert 0 == sheet.put_column(1_048_574, 16_383, [Blank(look)] * 2)


def test_what_nobody_would_see_is_unprintable_to_python() -> None:
    """So a printable text is looked at by its first letter alone."""
    assert [] == [code for code in range(sys.maxunicode + 1) if chr(code).isprintable() and _UNSEEN.search(chr(code))]


def test_a_part_that_was_packed_before_is_packed_the_same() -> None:
    streams = [io.BytesIO(), io.BytesIO()]
    for stream in streams:
        book = QuickWorkbook(stream, {"in_memory": True})
        book.set_properties({"created": dt.datetime.combine(dt.date(2026, 11, 2), dt.time())})
        written(book, [(0, 0, "a", 3)], [], {})
    first, again = (stream.getvalue() for stream in streams)
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
