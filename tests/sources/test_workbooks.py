"""Workbooks: cells keep their meaning, damaged and hostile containers are refused (facts/bad-inputs §2.2, §2.3)."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from pipeline.sources import workbooks
from pipeline.sources.raw_files import Refused
from tests.sources.offices import CERTIFICATES, Office, certificate, certificates, codes, counts

FILE = "inbox/exports/x.xlsx"


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """A workbook as openpyxl writes it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets or (("Sheet1", [list(CERTIFICATES), certificate()]),):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def written(write: Callable[[Any, Any], None]) -> bytes:
    """A workbook with the canonical header, and what `write(book, sheet)` puts below it."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Registry")
    sheet.write_row(0, 0, CERTIFICATES)
    write(book, sheet)
    book.close()
    return buffer.getvalue()


def repacked(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def column(name: str) -> int:
    return CERTIFICATES.index(name)


def test_cells_keep_their_meaning(office: Office) -> None:
    def write(book: Any, sheet: Any) -> None:
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for place, text in enumerate(certificate()):
            if text:
                sheet.write_string(1, place, text)
        sheet.write_number(1, column("order_id"), 42, book.add_format({"num_format": "00000"}))
        sheet.write_number(1, column("serial_number"), 123456789)
        sheet.write_datetime(1, column("valid_from"), dt.datetime(2026, 10, 1, 14, 30), moment)  # noqa: DTZ001
        sheet.write_datetime(1, column("valid_to"), dt.datetime(2027, 4, 18), day)  # noqa: DTZ001
        sheet.write_boolean(1, column("server_software"), True)

    office.put(FILE, written(write))
    read = office.read()
    (row,) = read.export_rows.to_dict("records")
    assert ("00042", "0123456789", "TRUE") == (row["order_id"], row["serial"], row["server_software"])
    assert pd.Timestamp("2026-10-01T18:30:00Z") == row["valid_from"]
    assert pd.Timestamp("2027-04-18T23:59:59Z") == row["valid_to"]
    assert [("inbox/exports/x.xlsx", "Registry", 2)] == list(read.places[["file", "sheet", "row"]].itertuples(index=False, name=None))


def test_cells_that_hold_no_value_cost_their_row(office: Office) -> None:
    def write(book: Any, sheet: Any) -> None:
        for row in range(1, 6):
            for place, text in enumerate(certificate(serial_number=f"0{row}")):
                sheet.write_string(row, place, text)
        sheet.write_formula(1, column("agency"), "=NA()", None, "#N/A")
        sheet.write_number(2, column("serial_number"), 1.23456789012345e35)
        sheet.write_formula(4, column("tier"), '="stan"&"dard"', None, "standard")
        sheet.write_string(5, len(CERTIFICATES), "beyond the header")
        sheet.write_string(8, 0, "Total")

    office.put(FILE, written(write))
    read = office.read()
    assert [("excel-error", 2), ("extra-cell", 6), ("footer", 9), ("excel-serial", 3)] == codes(read)
    assert ("agency", "#N/A") == (read.findings[0].column, read.findings[0].value)
    assert ["03", "04"] == read.export_rows["serial"].tolist(), "a formula with a stored value is read"
    assert (6, 2, 4) == counts(read, FILE)


def test_a_formula_that_nobody_calculated_costs_its_row(office: Office) -> None:
    office.put(FILE, workbook(("S", [list(CERTIFICATES), certificate(agency='="D"&"LH"'), certificate(serial_number="02")])))
    assert [("formula-not-calculated", 2)] == codes(office.read())


def test_the_header_may_stand_lower_and_rows_may_be_missing(office: Office) -> None:
    office.put(FILE, workbook(("S", [[], [], list(CERTIFICATES), [], certificate()])))
    assert [5] == office.read().places["row"].tolist()


def test_of_several_sheets_the_one_that_is_recognised(office: Office) -> None:
    rows = [list(CERTIFICATES), certificate()]
    office.put(FILE, workbook(("About", [["This is a list", "of things"]]), ("List", rows)))
    assert ["List"] == office.read().places["sheet"].tolist()


def test_a_sheet_can_be_named_and_must_be_where_two_fit(office: Office) -> None:
    rows = [list(CERTIFICATES), certificate()]
    office.put(FILE, workbook(("One", rows), ("Two", rows)))
    assert "Several sheets can be read (One, Two)" in office.refusal().reason
    assert ["Two"] == office.read(source=[{"files": "exports/*", "sheet": "Two"}]).places["sheet"].tolist()
    assert "There is no sheet 'Three'" in office.refusal(source=[{"files": "exports/*", "sheet": "Three"}]).reason


def test_content_counts_not_the_name(office: Office) -> None:
    office.put("inbox/exports/book.csv", workbook())
    office.put("inbox/exports/book.xls", workbook(("S", [list(CERTIFICATES), certificate(serial_number="02")])))
    office.put("inbox/exports/text.xlsx", certificates(certificate(serial_number="03")))
    assert ["0a1b", "02", "03"] == office.read().export_rows["serial"].tolist()


def _doctype(parts: dict[str, bytes]) -> None:
    part = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + part


def _far_column(parts: dict[str, bytes]) -> None:
    part = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = part.replace(b'r="P2"', b'r="XFD2"')


def _far_row(parts: dict[str, bytes]) -> None:
    part = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = part.replace(b'<row r="2"', b'<row r="1048576"')


def _repeated_row(parts: dict[str, bytes]) -> None:
    part = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = part.replace(b'<row r="2"', b'<row r="1"')


def _bomb(parts: dict[str, bytes]) -> None:
    parts["xl/bomb.xml"] = b" " * (80 * 2**20)


def _no_workbook(parts: dict[str, bytes]) -> None:
    parts["xl/workbook.xml"] = b"<nothing/>"


def _document(parts: dict[str, bytes]) -> None:
    parts.clear()
    parts["[Content_Types].xml"] = parts["word/document.xml"] = b"<x/>"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_doctype, "damaged-container"),
        (_far_column, "file-too-large"),
        (_far_row, "file-too-large"),
        (_repeated_row, "damaged-container"),
        (_bomb, "file-too-large"),
        (_no_workbook, "not-a-spreadsheet"),
        (_document, "not-a-spreadsheet"),
    ],
)
def test_hostile_workbooks_are_refused(office: Office, change: Callable[[dict[str, bytes]], None], code: str) -> None:
    office.put(FILE, repacked(workbook(("S", [list(CERTIFICATES), certificate(sha256_fingerprint="ab" * 32)])), change))
    assert code == office.refusal().code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password-protected"),
        (b"PK\x03\x04 cut off", "damaged-container"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not-a-spreadsheet"),
        (b"<html><table><tr><td>", "not-a-spreadsheet"),
    ],
)
def test_what_is_no_workbook_is_called_by_its_name(office: Office, content: bytes, code: str) -> None:
    office.put(FILE, content)
    assert code == office.refusal().code


def test_money_that_was_altered_in_its_container_is_not_read(office: Office) -> None:
    header = ("lot_id", "tier", "purchased_on", "quantity", "total_cost")
    plain = workbook(("S", [list(header), ["L1", "standard", "2026-07-01", 1, 221.19]]))
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    office.put("inbox/lots/lots.xlsx", buffer.getvalue())
    assert [22_119] == office.read().lot_rows["total_cost_cents"].tolist()
    office.put("inbox/lots/lots.xlsx", buffer.getvalue().replace(b"221.19", b"921.19"))
    assert "damaged-container" == office.refusal().code


def test_one_flipped_bit_is_refused_or_changes_nothing() -> None:
    good = workbook()
    expected = workbooks.read(good, None)
    dice = random.Random(20261123)
    for _ in range(250):
        place = dice.randrange(len(good))
        bad = bytearray(good)
        bad[place] ^= 1 << dice.randrange(8)
        with contextlib.suppress(Refused):
            assert expected == workbooks.read(bytes(bad), None)


def test_the_reader_prints_nothing_of_its_own(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    def no_formats(parts: dict[str, bytes]) -> None:
        parts["xl/styles.xml"] = re.sub(rb"(?s)<cellStyleXfs.*</cellStyleXfs>", b"<cellStyleXfs/>", parts["xl/styles.xml"])

    office.put(FILE, repacked(workbook(), no_formats))
    assert "not-a-spreadsheet" == office.refusal().code
    assert ("", "") == capfd.readouterr()


def test_a_long_sheet_comes_in_whole(office: Office) -> None:
    def write(book: Any, sheet: Any) -> None:
        for row in range(1, 3_001):
            sheet.write_row(row, 0, certificate(serial_number=f"{row:08x}"))

    office.put(FILE, written(write))
    assert (3_000, 3_000, 0) == counts(office.read(), FILE)
