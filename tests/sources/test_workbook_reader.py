"""The process that reads workbooks: it tells what openpyxl would, and whatever becomes of it, the run goes on with a finding."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import math
import os
import sys
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import workbooks, zip_parts
from pipeline.sources.limits import MIB
from pipeline.sources.raw_files import Refused
from pipeline.sources.workbook_cells import Opened
from pipeline.sources.workbooks import Worksheet
from tests.sources.bombs import lying
from tests.sources.offices import CERTIFICATES, Office, certificate
from tests.sources.test_workbooks import repacked, workbook

FORMATS = ("General", "0.00", "00000", "yyyy-mm-dd", "dd/mm/yyyy hh:mm", '"at" hh', "[h]:mm", '0 "days"')
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff_"), max_size=12)
NUMBERS = st.one_of(st.integers(-(10**17), 10**17), st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 60_000))
CELLS = st.one_of(st.none(), TEXTS, NUMBERS, st.booleans(), st.sampled_from(["1e5", "a\nb", "#N/A", "007", " ", "\u202e"]))


def book_of(rows: list[list[Any]], formats: list[str], *, shared: bool = True, since_1904: bool = False) -> bytes:
    """A workbook of one sheet: a header `h`, and `rows` below it, each cell with the format at its place."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "constant_memory": not shared, "date_1904": since_1904, "nan_inf_to_errors": True}
    )
    sheet = book.add_worksheet("S")
    sheet.write_string(0, 0, "h")
    made = {code: book.add_format({"num_format": code}) for code in formats}
    for number, row in enumerate(rows, start=1):
        for place, (value, code) in enumerate(zip(row, formats, strict=False)):
            if isinstance(value, bool):
                sheet.write_boolean(number, place, value, made[code])
            elif isinstance(value, str):
                sheet.write_string(number, place, value, made[code])
            elif value is not None:
                sheet.write_number(number, place, value, made[code])
    book.close()
    return buffer.getvalue()


def as_openpyxl_reads(data: bytes) -> list[tuple[int, list[str]]]:
    """The rows below the header by openpyxl's own, slow way."""
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about dates that no calendar has, which it reads as errors
        sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["S"]
    for row in sheet.iter_rows(min_row=2):
        texts = [plain(cell) for cell in row]
        while texts and (not texts[-1] or texts[-1].isspace()):
            texts.pop()
        if texts:
            rows.append((row[0].row, texts))
    return rows


def plain(cell: Any) -> str:
    """The text of a cell by the rules of the reference page."""
    value = cell.value
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time() and "h" not in cell.number_format.replace('"at"', "")
        return f"{value:%Y-%m-%d}".zfill(10) if is_day else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, int | float) and abs(value) >= 10**15:
        return f"{value:.15E}"
    if isinstance(value, float) and value != math.floor(value):
        return repr(value)
    if isinstance(value, int | float):
        return str(int(value)).zfill(5 if cell.number_format == "00000" else 1)
    return str(value)


ROWS = st.lists(st.lists(CELLS, max_size=6), max_size=8)
KINDS = st.lists(st.sampled_from(FORMATS), min_size=6, max_size=6)


@settings(max_examples=60, deadline=None)
@given(ROWS, KINDS, st.booleans(), st.booleans())
def test_every_cell_reads_as_openpyxl_reads_it(rows: list[list[Any]], formats: list[str], shared: bool, since_1904: bool) -> None:
    data = book_of(rows, formats, shared=shared, since_1904=since_1904)
    read, told = Opened(io.BytesIO(data)).rows("S", 2)
    assert as_openpyxl_reads(data) == list(read)
    assert [] == [fault for fault in told.faults.values() if fault[3] != "#VALUE!"]


def test_what_xml_cannot_write_is_read_as_it_was_meant() -> None:
    assert [(2, ["a\rb", "_x000D_", "c\x01d"])] == workbooks.read(book_of([["a\rb", "_x000D_", "c\x01d"]], ["General"] * 3), None)[0].rows


def test_phonetic_hints_are_not_part_of_a_text() -> None:
    def hints(parts: dict[str, bytes]) -> None:
        said = b'<is><r><t>Mai</t></r><r><t xml:space="preserve">ne </t></r><rPh sb="0" eb="1"><t>no</t></rPh></is>'
        sheet = b'<sheetData><row r="1"><c r="A1" t="inlineStr">' + said + b"</c></row></sheetData>"
        whole = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = whole[: whole.index(b"<sheetData")] + sheet + whole[whole.index(b"</sheetData>") + 12 :]

    assert [Worksheet("S", ["Maine"])] == workbooks.read(repacked(workbook(("S", [["x"]])), hints), None)


# What a reading process may do instead of reading: a command, and what is said of it.
MISBEHAVIOUR = {
    "it crashes": ("import os; os.abort()", "was ended by the signal SIGABRT"),
    "it is killed": ("import os; os.kill(os.getpid(), 9)", "was ended by the signal SIGKILL"),
    "it gives up": ("raise SystemExit(3)", "was ended with status 3"),
    "it stops amid a word": ('import os; os.write(1, b\'{"sheet": "S\'); os.abort()', "was ended by the signal SIGABRT"),
    "it ends without its last word": ("print('[]', end='')", "was ended with status 0"),
    "it hangs": ("import time; print(flush=True, end='x'); time.sleep(600)", "takes longer than 2 seconds"),
    "it closes its pipe and hangs": ("import os, time; os.close(1); time.sleep(600)", "takes longer than 2 seconds"),
}


def children() -> set[str]:
    """The processes that this one has started and not cleared away, also those that have ended."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it may be gone by now, and then it is none of ours
            if int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]) == os.getpid():
                found.add(path.parent.name)
    return found


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_whatever_becomes_of_the_reader_the_run_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    program, said = MISBEHAVIOUR[name]
    monkeypatch.setattr(workbooks, "_READER", (sys.executable, "-I", "-c", program))
    monkeypatch.setattr(workbooks, "READER_SECONDS", 2)
    office.put("inbox/exports/x.xlsx", workbook())
    before = children()
    refused = office.refusal()
    assert "reader-stopped" == refused.code
    assert said in refused.reason
    assert before == children(), "none is left behind"


def test_a_workbook_that_takes_too_much_memory_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def styles(parts: dict[str, bytes]) -> None:
        parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"</cellXfs>", b"<xf/>" * 400_000 + b"</cellXfs>")

    monkeypatch.setattr(workbooks, "READER_MEMORY", 100 * MIB)
    office.put("inbox/exports/x.xlsx", workbook())
    assert 1 == len(office.read().export_rows)
    office.put("inbox/exports/x.xlsx", repacked(workbook(), styles))
    assert "Reading the workbook takes more than 100 MiB of memory." == office.refusal().reason


def test_a_workbook_that_takes_too_long_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def blank_rows(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = parts[name].replace(b"</sheetData>", b"<row><c/></row>" * 1_000_000 + b"</sheetData>")

    data = repacked(workbook(), blank_rows)
    assert 1 == len(workbooks.read(data, None)[0].rows), "rows without a value are none"
    monkeypatch.setattr(workbooks, "READER_CPU_SECONDS", 1)
    office.put("inbox/exports/x.xlsx", data)
    assert "Reading the workbook takes more than 1 seconds of computing time." == office.refusal().reason


def test_reading_that_is_given_up_ends_the_reader() -> None:
    before = children()
    answers = workbooks._answers(
        book_of([["x"]] * 20_000, ["General"]), {"sheet": None, "header_row": 1, "memory": 2**30, "cpu_seconds": 60}
    )
    next(answers)
    assert 1 == len(children() - before)
    answers.close()
    assert before == children()


def test_a_part_is_unpacked_in_pieces_whatever_size_it_declares() -> None:
    """A bomb that says it has one byte."""
    container = lying(200)
    tracemalloc.start()
    try:
        with pytest.raises(zip_parts.Damaged, match="CRC"):
            list(zip_parts.parts(container))
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_named_sheet_may_be_hidden_and_an_unnamed_one_is_left_alone(office: Office) -> None:
    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.title = "About"
    book.active.append(["nothing"])
    hidden = book.create_sheet("Old")
    hidden.append(list(CERTIFICATES))
    hidden.append(certificate())
    hidden.sheet_state = "hidden"
    book.save(buffer)
    office.put("inbox/exports/x.xlsx", buffer.getvalue())
    assert ("no-header", "About") == (office.refusal().code, office.refusal().sheet)
    assert ["Old"] == office.read(source=[{"files": "exports/*", "sheet": "Old"}]).places["sheet"].tolist()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b'<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>', "damaged-container"),
        (b'<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>', "damaged-container"),
        (b'<row r="2"><c r="$A2"><v>1</v></c></row>', "damaged-container"),
        (b'<row r="2"><c r="GS2"><v>1</v></c></row>', "file-too-large"),
        (b'<row r="200001"><c><v>1</v></c></row>', "file-too-large"),
        (b'<row r="1048577"/>', "damaged-container"),
        (b'<row r="2"><c t="s"><v>999</v></c></row>', "not-a-spreadsheet"),
        (b'<row r="2"><c><v>1_0x</v></c></row>', "not-a-spreadsheet"),
        (b'<row r="2"><c t="str"><v>' + b"x" * 131_073 + b"</v></c></row>", "cell-too-long"),
    ],
    ids=[
        "cells out of order",
        "a cell twice",
        "no column",
        "column 201",
        "row 200,001",
        "row 1,048,577",
        "no such string",
        "no number",
        "long",
    ],
)
def test_a_sheet_that_no_program_writes_is_refused(row: bytes, code: str) -> None:
    def change(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = parts[name].replace(b"</sheetData>", row + b"</sheetData>")

    with pytest.raises(Refused) as refused:
        workbooks.read(repacked(workbook(("S", [["h"]])), change), None)
    assert code == refused.value.code


def test_a_string_stored_once_and_shown_everywhere_is_counted_everywhere() -> None:
    def bomb(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"<t>h</t>", b"<t>" + b"h" * 30_000 + b"</t>")
        name = "xl/worksheets/sheet1.xml"
        parts[name] = parts[name].replace(b"</sheetData>", b'<row><c t="s"><v>0</v></c></row>' * 10_000 + b"</sheetData>")

    with pytest.raises(Refused, match="hold more than 268,435,456 characters"):
        workbooks.read(repacked(book_of([], []), bomb), None)
