"""The catalogue of bad input, §2.2: workbooks that come in, and what may go wrong in those that go out."""

from __future__ import annotations

import datetime as dt
import io
import os
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from pipeline.publish.workbooks import cells
from pipeline.sources.limits import MIB
from tests.sources.offices import CERTIFICATES, Office, certificate, certificates, codes, counts
from tests.sources.test_workbooks import FILE, column, repacked, workbook, written

SHEET = "xl/worksheets/sheet1.xml"
Parts = dict[str, bytes]


def with_row(row: str) -> Callable[[Parts], None]:
    """The first sheet with one more row, as XML."""

    def change(parts: Parts) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", row.encode() + b"</sheetData>")

    return change


def declared(declaration: str, text: str) -> Callable[[Parts], None]:
    """The first sheet behind a DTD, with `text` in a cell."""

    def change(parts: Parts) -> None:
        with_row(f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>')(parts)
        parts[SHEET] = f"<!DOCTYPE x [{declaration}]>".encode() + parts[SHEET]

    return change


def refused(office: Office, data: bytes) -> tuple[str, str]:
    office.put(FILE, data)
    found = office.refusal()
    return found.code, found.reason


def test_c22_01_what_is_no_zip_container_is_called_what_it_is(office: Office) -> None:
    assert "empty-file" == refused(office, b"")[0]
    assert "not-a-spreadsheet" == refused(office, b"<html><table><tr><td>")[0]
    whole = workbook()
    assert "damaged-container" == refused(office, whole[: len(whole) // 2])[0]
    assert "not-a-spreadsheet" == refused(office, whole[2:])[0]
    office.put(FILE, certificates(certificate()))
    assert [("misnamed-file", 0)] == codes(office.read()), "a CSV is a CSV, whatever its name"
    assert 1 == len(office.read().export_rows)


@pytest.mark.parametrize("name", ["x.xls", "x.csv", "x.XLS"])
def test_c22_02_a_workbook_of_another_name_is_read_with_a_warning(office: Office, name: str) -> None:
    office.put(f"inbox/exports/{name}", workbook())
    read = office.read()
    assert [("misnamed-file", "warning", "kept")] == [(one.code, one.severity, one.action) for one in read.findings]
    assert ["0a1b"] == read.export_rows["serial"].tolist()


def test_c22_03_an_encrypted_workbook_is_called_that(office: Office) -> None:
    assert "password-protected" == refused(office, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))[0]


def test_c22_04_a_document_is_no_workbook(office: Office) -> None:
    def document(parts: Parts) -> None:
        parts.clear()
        parts["[Content_Types].xml"] = parts["word/document.xml"] = b"<x/>"

    assert ("not-a-spreadsheet", "This zip container is no Excel workbook.") == refused(office, repacked(workbook(), document))


def test_c22_05_a_flipped_bit_fails_its_checksum(office: Office) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as stored:
        for name in source.namelist():
            stored.writestr(name, source.read(name))
    code, reason = refused(office, buffer.getvalue().replace(b"www.example.gov", b"wwv.example.gov"))
    assert "damaged-container" == code
    assert "Bad CRC-32" in reason


BOMB = '<!ENTITY a "lol">' + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdef", "bcdefg", strict=True))


@pytest.mark.parametrize(
    ("declaration", "text"),
    [
        pytest.param(BOMB, "&g;", id="c22_06 a billion laughs"),
        pytest.param(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 300, id="c22_07 quadratic"),
        pytest.param('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;", id="c22_08 a file of this machine"),
    ],
)
def test_entities_are_refused_before_anything_expands(office: Office, declaration: str, text: str) -> None:
    said = ("damaged-container", f"{SHEET} declares entities; no workbook needs them.")
    assert said == refused(office, repacked(workbook(), declared(declaration, text)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_c22_06_entities_are_not_hidden_by_another_encoding(office: Office, encoding: str) -> None:
    def change(parts: Parts) -> None:
        declared(BOMB, "&g;")(parts)
        parts[SHEET] = parts[SHEET].decode().encode(encoding)

    assert ("damaged-container", f"{SHEET} is not UTF-8.") == refused(office, repacked(workbook(), change))


def test_c22_06_entities_are_refused_in_a_sheet_of_another_name(office: Office) -> None:
    def change(parts: Parts) -> None:
        declared(BOMB, "&g;")(parts)
        parts["xl/worksheets/sheet1.bin"] = parts.pop(SHEET)
        for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
            parts[name] = parts[name].replace(b"sheet1.xml", b"sheet1.bin")

    assert "A part of the workbook declares entities; no workbook needs them." == refused(office, repacked(workbook(), change))[1]


def test_c22_09_a_string_of_200_megabytes_is_not_unpacked(office: Office) -> None:
    def bomb(parts: Parts) -> None:
        parts["xl/sharedStrings.xml"] = b"<sst><si><t>" + b"x" * (200 * MIB) + b"</t></si></sst>"

    said = ("file-too-large", "Unpacked, the container is larger than any workbook that is read.")
    assert said == refused(office, repacked(workbook(), bomb))


def test_c22_10_a_million_tiny_rows_are_too_many(office: Office) -> None:
    data = repacked(workbook(), with_row("<row><c><v>1</v></c></row>" * 1_000_000))
    assert ("file-too-large", "The sheet 'Sheet1' has a row beyond 200,000.") == refused(office, data)


def test_c22_11_a_cell_at_the_far_end_makes_no_row_of_16384(office: Office) -> None:
    assert ("file-too-large", "A sheet has a cell beyond column 200.") == refused(
        office, repacked(workbook(), with_row('<row r="3"><c r="A3"><v>1</v></c><c r="XFD3"><v>1</v></c></row>'))
    )
    assert ("file-too-large", "The sheet 'Sheet1' has a row beyond 200,000.") == refused(
        office, repacked(workbook(), with_row('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'))
    )


@pytest.mark.parametrize("said", [b"A1", b"A1:XFD1048576", b"A1:ZZZZ9"])
def test_c22_12_the_size_that_a_sheet_says_it_has_is_not_asked(office: Office, said: bytes) -> None:
    def change(parts: Parts) -> None:
        assert b"<dimension ref=" in parts[SHEET]
        parts[SHEET] = parts[SHEET].replace(b'<dimension ref="A1:P2"', b'<dimension ref="' + said + b'"')

    office.put(FILE, repacked(workbook(), change))
    assert ([], (1, 1, 0)) == (codes(office.read()), counts(office.read(), FILE))


def test_c22_13_nothing_is_ever_unpacked_to_disk(office: Office) -> None:
    office.put(FILE, repacked(workbook(), lambda parts: parts.update({"../../evil.txt": b"evil", "/evil.txt": b"evil"})))
    assert 1 == len(office.read().export_rows)
    places = [office.root, *office.root.parents, office.root / "data/inbox/exports", Path.cwd().parents[0]]
    assert [] == [place for place in places if os.path.lexists(place / "evil.txt")]


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!", "#VALUE!"])
def test_c22_14_an_error_is_no_empty_cell(office: Office, error: str) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(1, 0, certificate())
        sheet.write_formula(1, column("tier"), "=NA()", None, error)

    office.put(FILE, written(write))
    (found,) = office.read().findings
    assert ("excel-error", 2, "tier", error) == (found.code, found.row, found.column, found.value)


def test_c22_15_a_formula_that_nobody_calculated_has_no_value(office: Office) -> None:
    office.put(FILE, workbook(("S", [list(CERTIFICATES), certificate(agency='="D"&"LH"')])))
    (found,) = office.read().findings
    assert ("formula-not-calculated", 2, "agency", '="D"&"LH"') == (found.code, found.row, found.column, found.value)


def test_c22_15_a_formula_may_well_be_calculated_to_nothing(office: Office) -> None:
    row = certificate(serial_number="0C")
    cells_of_row = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row[:-2])
    data = repacked(workbook(), with_row(f'<row>{cells_of_row}<c t="str"><f>IF(1=2,"x","")</f><v></v></c></row>'))
    office.put(FILE, data)
    assert ([], ["", ""]) == (codes(office.read()), office.read().export_rows["revocation_reason"].tolist())


def test_c22_16_of_a_formula_the_value_is_read_and_never_the_formula(office: Office) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(1, 0, certificate())
        sheet.write_formula(1, column("tier"), '="stan"&"dard"', None, "standard")

    office.put(FILE, written(write))
    assert ["standard"] == office.read().export_rows["product"].tolist()


@pytest.mark.parametrize("since_1904", [False, True])
def test_c22_17_a_day_is_one_by_its_format_only(office: Office, since_1904: bool) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"date_1904": since_1904})
    sheet = book.add_worksheet("S")
    for row, line in enumerate((CERTIFICATES, certificate(), certificate(serial_number="0C"))):
        sheet.write_row(row, 0, line)
    sheet.write_datetime(1, column("valid_from"), dt.datetime(2026, 10, 1), book.add_format({"num_format": "d mmm yyyy"}))  # noqa: DTZ001
    sheet.write_number(2, column("valid_from"), 46_296)
    book.close()
    office.put(FILE, buffer.getvalue())
    read = office.read()
    assert ["2026-10-01"] == [f"{stamp:%Y-%m-%d}" for stamp in read.export_rows["valid_from"]]
    assert [("bad-date", 3, "46296")] == [(one.code, one.row, one.value) for one in read.findings]


def test_c22_18_zeros_that_a_format_shows_are_read(office: Office) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(1, 0, certificate())
        sheet.write_number(1, column("order_id"), 123, book.add_format({"num_format": "00000"}))

    office.put(FILE, written(write))
    assert ["00123"] == office.read().export_rows["order_id"].tolist()


def merged(cell_range: str) -> bytes:
    book = openpyxl.Workbook()
    for line in (CERTIFICATES, certificate(), certificate(serial_number="0C")):
        book.active.append(list(line))
    book.active.merge_cells(cell_range)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_c22_19_only_the_first_of_merged_cells_has_a_value(office: Office) -> None:
    office.put(FILE, merged("H2:H3"))
    (found,) = office.read().findings
    assert ("missing-value", 3, "valid_to") == (found.code, found.row, found.column)
    assert ("blank-label", "Column 5 holds values but has no name.") == refused(office, merged("D1:E1"))


def test_c22_20_hidden_rows_are_read_and_told_and_a_hidden_sheet_is_not(office: Office) -> None:
    book = openpyxl.Workbook()
    for line in (CERTIFICATES, certificate(), certificate(serial_number="0C")):
        book.active.append(list(line))
    book.active.row_dimensions[3].hidden = True
    other = book.create_sheet("Old")
    other.append(list(CERTIFICATES))
    other.append(certificate(serial_number="0D"))
    other.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    office.put(FILE, buffer.getvalue())
    read = office.read()
    assert ["0a1b", "0c"] == read.export_rows["serial"].tolist()
    assert [("hidden-rows", "warning", "Rows that are hidden, and read like all others: 1; the first is row 3.")] == [
        (one.code, one.severity, one.reason) for one in read.findings
    ]


def shown(tmp_path: Path, write: Callable[[cells.Workbook, cells.Sheet], None]) -> Any:
    """The first cell of a workbook of ours, as it is read again."""
    path = tmp_path / "ours.xlsx"
    with cells.Workbook(path, cells.Imprint("Office", "Title", "run", dt.date(2026, 11, 23), sample=False)) as book:
        write(book, book.sheet("Lines"))
    return openpyxl.load_workbook(path)["Lines"]["A1"]


def text_shown(tmp_path: Path, text: str) -> Any:
    return shown(tmp_path, lambda book, sheet: sheet.text(0, 0, text, book.style("row"))).value


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param("\0", id="c22_21 NUL"),
        pytest.param("\v", id="c22_21 VT"),
        pytest.param("\ud800", id="c22_22 half a character"),
        pytest.param("\ufffe", id="c22_22 no character"),
    ],
)
def test_what_excel_cannot_hold_is_shown_as_a_mark(tmp_path: Path, mark: str) -> None:
    assert "a\N{REPLACEMENT CHARACTER}b" == text_shown(tmp_path, f"a{mark}b")


def test_c22_23_a_text_longer_than_a_cell_says_that_it_was_cut(tmp_path: Path) -> None:
    found = text_shown(tmp_path, "x" * 32_768)
    assert (32_767, True) == (len(found), found.endswith("x … (cut from 32,768 characters; whole in tables/)"))


@pytest.mark.parametrize("cents", [22_119, -1, 99_999_999_999, 8_525_660_468])
def test_c22_24_money_is_written_to_the_cent(tmp_path: Path, cents: int) -> None:
    cell = shown(tmp_path, lambda book, sheet: sheet.money(0, 0, cents, book.style("row", "money")))
    assert Decimal(cents) / 100 == Decimal(str(cell.value))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_c22_25_what_is_no_number_is_never_an_empty_cell(tmp_path: Path, number: float) -> None:
    with pytest.raises(TypeError):
        shown(tmp_path, lambda book, sheet: sheet.number(0, 0, number, book.style("row")))
    assert not (tmp_path / "ours.xlsx").exists()


def test_c22_26_a_long_number_that_is_a_name_is_written_as_text(tmp_path: Path) -> None:
    assert str(2**64 + 1) == text_shown(tmp_path, str(2**64 + 1))


def test_c22_27_an_instant_is_written_as_text_with_its_zone(tmp_path: Path) -> None:
    assert "2026-11-02T14:00:00Z" == text_shown(tmp_path, "2026-11-02T14:00:00Z")
    cell = shown(tmp_path, lambda book, sheet: sheet.day(0, 0, cells.day_number(dt.date(2026, 11, 2)), book.style("row", "day")))
    assert dt.datetime(2026, 11, 2) == cell.value  # noqa: DTZ001


@pytest.mark.parametrize("title", ["a/b", "[x]", "'x'", "x" * 32, "LINES"])
def test_c22_28_a_sheet_name_that_excel_refuses_is_never_written(tmp_path: Path, title: str) -> None:
    """The names of sheets are words of ours; one that Excel would not open stops the workbook instead of reaching a reader."""
    path = tmp_path / "ours.xlsx"
    imprint = cells.Imprint("Office", "Title", "run", dt.date(2026, 11, 23), sample=False)
    with cells.Workbook(path, imprint) as book:
        book.sheet("Lines")
        with pytest.raises(XlsxWriterException):
            book.sheet(title)
    assert ["Lines"] == openpyxl.load_workbook(path).sheetnames
