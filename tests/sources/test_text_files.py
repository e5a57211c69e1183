"""Delimited text: what is accepted, what costs a row, what costs the file (facts/bad-inputs §2.1)."""

from __future__ import annotations

import codecs

import pytest

from tests.sources.offices import CERTIFICATES, Office, certificate, certificates, codes, counts, table

PLAIN = certificates(certificate(common_name="Büro.example.gov"), certificate(serial_number="0C"))
FILE = "inbox/exports/x.csv"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        codecs.BOM_UTF8 + PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        ("\n" + PLAIN.replace("\n", "\n\n") + ",,,\n").encode(),
        PLAIN.replace("order_id,serial_number", " ORDER_ID , Serial_Number ").encode(),
        table(CERTIFICATES, [certificate(common_name="Büro.example.gov"), certificate(serial_number="0C")], quoting=1).encode(),
    ],
    ids=["utf-8", "bom", "two boms", "utf-16", "utf-16 be", "crlf", "cr", "blank lines", "spaces and case", "quoted header"],
)
def test_what_programs_write_is_accepted(office: Office, content: bytes) -> None:
    office.put(FILE, content)
    read = office.read()
    assert ["Büro.example.gov", "www.example.gov"] == read.export_rows["common_name"].tolist()
    assert [] == codes(read)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "empty-file", "nothing"),
        (codecs.BOM_UTF8, "empty-file", "nothing"),
        (b"\n\r\n\n", "empty-file", "nothing"),
        (b" , ,\n", "empty-file", "no line with text"),
        (PLAIN.encode("utf-16-le"), "nul-byte", "UTF-16"),
        (PLAIN.encode("cp1252"), "encoding", "Byte 206 in line 2 is not utf-8"),
        (PLAIN.replace("tier,", "agency,").encode(), "unknown-layout", "lacks tier"),
        (PLAIN.replace("issuer,", "status,", 1).encode(), "duplicate-label", "'status'"),
        ((PLAIN + '"1001,never closed\n').encode(), "unterminated-quote", "begins in line 4"),
        ((PLAIN + '"10"01,x\n').encode(), "unterminated-quote", "line 4"),
        ((PLAIN + "x" * 131_073 + "\n").encode(), "cell-too-long", "line 4"),
        (PLAIN.replace("issuer,", ",", 1).encode(), "blank-label", "Column 5"),
        (b"sep=,\n" + PLAIN.encode(), "no-header", "sep="),
        (PLAIN.partition("\n")[2].encode(), "no-header", "holds no column names but: 1001, 0A1B"),
        (b"certificate report\n" + PLAIN.encode(), "no-header", "certificate report"),
        (b"tag,colour\nx,y\n", "unknown-layout", "in the header: tag, colour"),
        (b"<!DOCTYPE html><table>", "not-a-spreadsheet", "web page"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_reason(office: Office, content: bytes, code: str, said: str) -> None:
    office.put(FILE, content)
    refused = office.refusal()
    assert (code, FILE) == (refused.code, refused.file)
    assert said in refused.reason


@pytest.mark.parametrize(
    ("begin", "piece", "times", "said"),
    [
        (PLAIN, "x\n", 2_000_000, "more than 2,000,000 rows"),
        (PLAIN, ",", 200_001, "more than 200,000 delimiters"),
        ("[{}", " ", 64 * 2**20, "has 67,108,867 bytes; the limit is 67,108,864"),
    ],
)
def test_a_file_that_is_too_large_to_be_meant_is_refused(office: Office, begin: str, piece: str, times: int, said: str) -> None:
    office.put(FILE, begin + piece * times)
    refused = office.refusal()
    assert "file-too-large" == refused.code
    assert said in refused.reason


def test_a_table_may_be_larger_than_a_workbook(office: Office) -> None:
    rows = [[*certificate(serial_number=f"{number:04}"), "x" * 131_000] for number in range(1, 520)]
    office.put(FILE, table((*CERTIFICATES, "remarks"), rows))
    assert (519, 519, 0) == counts(office.read(), FILE)


def test_a_refused_file_that_is_not_required_is_only_told_of(office: Office) -> None:
    office.put(FILE, "")
    office.put("inbox/exports/y.csv", PLAIN)
    read = office.read(source=[{"files": "exports/x.csv", "required": False}])
    assert [("empty-file", 0)] == codes(read)
    assert "quarantined" == read.findings[0].action
    assert (0, 0, 0) == counts(read, FILE)
    assert 2 == len(read.export_rows)


def test_a_header_alone_is_an_empty_export(office: Office) -> None:
    office.put(FILE, certificates())
    assert (0, 0, 0) == counts(office.read(), FILE)


def test_rows_that_are_no_rows_are_set_aside_with_their_line(office: Office) -> None:
    many_lines = certificate(serial_number="0D", revocation_reason="one\ntwo\tthree")
    rows = [
        certificate(),
        many_lines,
        [*certificate(serial_number="02"), "more"],
        certificate(serial_number="03")[:-1],
        list(CERTIFICATES),
        ["Total", "5"],
        certificate(serial_number="04", common_name="a\x00b"),
        certificate(serial_number="05", common_name="a\u202eb"),
        certificate(serial_number="06"),
    ]
    office.put(FILE, certificates(*rows) + "\x1a\n")
    read = office.read()
    expected = [
        ("extra-cell", 5), ("missing-cell", 6), ("repeated-header", 7), ("footer", 8), ("control-character", 9),
        ("control-character", 10), ("control-character", 12),
    ]  # fmt: skip
    assert expected == codes(read)
    assert (10, 3, 7) == counts(read, FILE)
    assert [2, 3, 11] == read.places["row"].tolist()


def test_words_that_other_readers_take_for_nothing_stay_words(office: Office) -> None:
    office.put(
        FILE,
        certificates(*[certificate(serial_number=f"0{place}", agency=word) for place, word in enumerate(("NA", "None", "null", "nan"))]),
    )
    assert ["NA", "None", "null", "nan"] == office.read().export_rows["agency_text"].tolist()


def test_formulas_and_markup_stay_what_was_written(office: Office) -> None:
    office.put(FILE, certificates(certificate(common_name='=HYPERLINK("x")', revocation_reason="<b>a@b</b>")))
    (row,) = office.read().export_rows.to_dict("records")
    assert ('=HYPERLINK("x")', "<b>a@b</b>") == (row["common_name"], row["revocation_reason"])


@pytest.mark.parametrize(
    ("written", "serial"),
    [
        ("0123456789", "0123456789"),
        ("12e45678", "12e45678"),
        ("5e15", "5e15"),
        ("0x0A", "0a"),
        ("03:9A:FF", "039aff"),
        ("03 9a ff", "039aff"),
        ("\u200e039aff", "039aff"),
        ("00000F", "0f"),
        ("ABC", "0abc"),
        ("0", "00"),
    ],
)
def test_one_serial_has_one_spelling(office: Office, written: str, serial: str) -> None:
    office.put(FILE, certificates(certificate(serial_number=written)))
    assert [serial] == office.read().export_rows["serial"].tolist()


@pytest.mark.parametrize("written", ["1.23457E+35", "1,23457E+35", "1E+35", "123.0"])
def test_a_serial_that_excel_destroyed_is_never_read(office: Office, written: str) -> None:
    office.put(FILE, certificates(certificate(serial_number=written)))
    assert [("excel-serial", 2)] == codes(office.read())


def test_a_cell_may_be_as_long_as_names_get(office: Office) -> None:
    names = " ".join(f"host-{number:06}.example.gov" for number in range(5_400))[:131_000]
    office.put(FILE, certificates(certificate(subject_alternative_names=names)))
    assert 129_000 < len(office.read().export_rows["subject_alternative_names"][0])


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("www.example.gov", "www.example.gov"),
        ("CN=www.example.gov", "www.example.gov"),
        ("O=Example, CN = www.example.gov , C=US", "www.example.gov"),
        ("/C=US/CN=www.example.gov", "www.example.gov"),
        ('cn="Example, Inc.",o=Example', "Example, Inc."),
        ("O=Example", "O=Example"),
        ("a=b", "a=b"),
    ],
)
def test_of_a_whole_subject_the_common_name_is_taken(office: Office, written: str, name: str) -> None:
    office.put(FILE, certificates(certificate(common_name=written)))
    assert [name] == office.read().export_rows["common_name"].tolist()
