"""The catalogue of bad input, §2.1: delimited text. A test is named after the line that it proves, and asserts exactly what comes of it."""

from __future__ import annotations

import codecs
import datetime as dt
import json
from decimal import Decimal

import pandas as pd
import pytest

from pipeline import changes, quality
from pipeline.contracts import Books, EarlierRuns, Inbox, RunRecord
from pipeline.findings import Finding
from pipeline.publish import tables
from pipeline.settings import Settings
from tests.sources.offices import AS_OF, CERTIFICATES, Office, certificate, certificates, codes, counts, labels, table

FILE = "inbox/exports/x.csv"
LOG = "inbox/requests/log.csv"
LOTS = "inbox/lots/lots.csv"
OUTAGES = "inbox/outages/outages.csv"
REQUEST = labels("request_id,kind,agency,tier,order_id,submitted_at,first_response_at,completed_at,status,contact_email,summary")
LOT = labels("lot_id,tier,purchased_on,quantity,total_cost")
ONE = certificates(certificate())
TWO = certificates(certificate(), certificate(serial_number="0C"))


def request(**cells: str) -> list[str]:
    usual = {"request_id": "R1", "kind": "new", "agency": "DLH", "submitted_at": "2026-10-01 09:00", "status": "open"}
    return [{**usual, **cells}.get(name, "") for name in REQUEST]


def serials(read: Inbox) -> list[str]:
    return read.export_rows["serial"].tolist()


def told(refused: Finding) -> tuple[str, int, str]:
    return refused.code, refused.row, refused.reason


def test_c21_01_utf_16_with_its_mark_is_decoded_by_it(office: Office) -> None:
    office.put(FILE, TWO.encode("utf-16"))
    assert (["0a1b", "0c"], []) == (serials(office.read()), codes(office.read()))


def test_c21_02_utf_16_without_a_mark_is_refused(office: Office) -> None:
    office.put(FILE, TWO.encode("utf-16-le"))
    assert ("nul-byte", 1, "The first line holds NUL bytes; this looks like UTF-16 without its mark.") == told(office.refusal())


@pytest.mark.parametrize("text", [TWO, TWO.replace("order_id", '"order_id"')], ids=["plain", "before a quote"])
def test_c21_03_a_mark_of_utf_8_is_no_part_of_the_header(office: Office, text: str) -> None:
    office.put(FILE, codecs.BOM_UTF8 + text.encode())
    assert ["1001", "1001"] == office.read().export_rows["order_id"].tolist()


def test_c21_04_two_marks_are_taken_off_like_one(office: Office) -> None:
    office.put(FILE, codecs.BOM_UTF8 * 2 + TWO.encode())
    assert ["1001", "1001"] == office.read().export_rows["order_id"].tolist()


def test_c21_05_bytes_of_another_encoding_are_refused_with_byte_and_line(office: Office) -> None:
    text = certificates(certificate(common_name="Büro.example.gov"))
    office.put(FILE, text.encode("cp1252"))
    place = text.index("ü")
    assert ("encoding", 2, f"Byte {place} in line 2 is not utf-8.") == told(office.refusal())
    named = office.read(source=[{"files": "exports/*", "encoding": "cp1252"}])
    assert ["Büro.example.gov"] == named.export_rows["common_name"].tolist()


def test_c21_06_a_nul_byte_in_a_cell_costs_its_row(office: Office) -> None:
    office.put(FILE, certificates(certificate(common_name="a\0b"), certificate(serial_number="0C")))
    assert ([("control-character", 2)], ["0c"]) == (codes(office.read()), serials(office.read()))


@pytest.mark.parametrize(("mark", "shown"), [(";", "';'"), ("\t", "a tab"), ("|", "'|'")])
def test_c21_07_another_delimiter_is_told_and_can_be_named(office: Office, mark: str, shown: str) -> None:
    office.put(FILE, table(CERTIFICATES, [certificate()], delimiter=mark))
    refused = office.refusal()
    assert "unknown-layout" == refused.code
    assert f"The columns look separated by {shown}; name delimiter in a [[source]] of certledger.toml." == refused.reason
    assert ["0a1b"] == serials(office.read(source=[{"files": "exports/*", "delimiter": mark}]))


def test_c21_08_a_first_row_that_is_too_long_shifts_nothing(office: Office) -> None:
    office.put(FILE, certificates([*certificate(), "more"], certificate(serial_number="0C")))
    read = office.read()
    assert ([("extra-cell", 2)], ["0c"], (2, 1, 1)) == (codes(read), serials(read), counts(read, FILE))


def test_c21_09_a_later_row_that_is_too_long_costs_only_itself(office: Office) -> None:
    office.put(FILE, certificates(certificate(), [*certificate(serial_number="0C"), "more"], certificate(serial_number="0D")))
    assert ([("extra-cell", 3)], ["0a1b", "0d"]) == (codes(office.read()), serials(office.read()))


def test_c21_10_a_row_that_is_too_short_is_not_padded(office: Office) -> None:
    office.put(FILE, certificates(certificate()[:-1], certificate(serial_number="0C")))
    assert ([("missing-cell", 2)], ["0c"]) == (codes(office.read()), serials(office.read()))


def test_c21_11_a_file_whose_rows_are_all_too_long_is_refused(office: Office) -> None:
    office.put(FILE, certificates([*certificate(), ""], [*certificate(serial_number="0C"), ""]))
    said = "Every row, 2 in all, has more cells than the header: their cells do not stand below their labels."
    assert ("extra-cell", 2, said) == told(office.refusal())


def test_c21_12_two_columns_of_one_name_are_refused(office: Office) -> None:
    office.put(FILE, ONE.replace("issuer,", "Status,", 1))
    assert ("duplicate-label", 0, "The column name 'status' stands more than once.") == told(office.refusal())


def test_c21_13_a_column_without_a_name_may_hold_nothing(office: Office) -> None:
    office.put(FILE, ONE.replace("issuer,", ",", 1))
    assert ("blank-label", 2, "Column 5 holds values but has no name.") == told(office.refusal())
    office.put(FILE, certificates(certificate(issuer="")).replace("issuer,", ",", 1))
    assert ["0a1b"] == serials(office.read())


def test_c21_14_labels_are_compared_without_case_and_spaces(office: Office) -> None:
    office.put(FILE, ONE.replace("order_id,serial_number", " ORDER_ID ,Serial_Number"))
    assert ["0a1b"] == serials(office.read())


def test_c21_15_a_renamed_column_is_named_with_the_closest_one(office: Office) -> None:
    office.put(FILE, ONE.replace("serial_number", "serial_numbr"))
    refused = office.refusal()
    assert "unknown-layout" == refused.code
    assert refused.reason.startswith("The nearest layout is certificates; it lacks serial_number (is it 'serial_numbr'?). The header is: ")


@pytest.mark.parametrize("line", ["sep=,", "# exported 2026-11-02"])
def test_c21_16_a_line_before_the_header_is_skipped_only_if_the_settings_say_so(office: Office, line: str) -> None:
    office.put(FILE, f"{line}\n{ONE}")
    assert "no-header" == office.refusal().code
    read = office.read(source=[{"files": "exports/*", "header_row": 2}])
    assert (["0a1b"], [3]) == (serials(read), read.places["row"].tolist())


@pytest.mark.parametrize("content", [b"", codecs.BOM_UTF8, b"\n\r\n\r", b" \t\n"], ids=["nothing", "a mark", "line ends", "blanks"])
def test_c21_17_a_file_that_holds_nothing_is_refused(office: Office, content: bytes) -> None:
    office.put(FILE, content)
    assert ("empty-file", 0, "The file holds nothing.") == told(office.refusal())


def test_c21_18_a_header_alone_is_an_empty_export_with_a_warning(office: Office) -> None:
    office.put(FILE, certificates())
    read = office.read()
    assert (0, 0, 0) == counts(read, FILE)
    assert [("no-rows", "warning", "kept")] == [(one.code, one.severity, one.action) for one in read.findings]


def judged(books: Books, before: RunRecord | None) -> RunRecord:
    """The record of a run with these books, after the run `before`; raises where it would not be published."""
    record = changes.record(books, "run", AS_OF, "0.1.0", "")
    quality.judge(books, record, EarlierRuns(before), Settings().quality, strict=False, accept_drift=False)
    return record


def test_c21_18_a_header_alone_stops_the_run_where_there_were_rows(office: Office) -> None:
    office.put(FILE, TWO)
    before = judged(office.books(), None)
    office.put(FILE, certificates())
    with pytest.raises(quality.RefusedError, match="Rows are missing"):
        judged(office.books(), before)


def test_c21_19_a_cell_beyond_the_limit_is_refused_with_its_line(office: Office) -> None:
    office.put(FILE, certificates(certificate(revocation_reason="x" * 131_072), certificate(serial_number="0C")))
    assert ["0a1b", "0c"] == serials(office.read())
    office.put(FILE, certificates(certificate(), certificate(revocation_reason="x" * 1_000_000)))
    assert ("cell-too-long", 3, "A cell in line 3 is longer than 131,072 characters.") == told(office.refusal())


def test_c21_20_a_quote_that_never_ends_is_refused_with_the_line_where_it_begins(office: Office) -> None:
    office.put(FILE, TWO + '"1003,never closed\nand on\n')
    code, row, said = told(office.refusal())
    assert ("unterminated-quote", 4) == (code, row)
    assert said.startswith("A quoted cell that begins in line 4 is not closed")


def test_c21_21_any_line_end_is_one_and_lines_are_counted_through_cells(office: Office) -> None:
    rows = [certificate(revocation_reason="one\ntwo"), certificate(serial_number="0C")]
    for end in ("\n", "\r\n", "\r"):
        office.put(FILE, certificates(*rows).replace("\n", end))
        assert [2, 4] == office.read().places["row"].tolist()
    head, first, second = certificates(certificate(), certificate(serial_number="0C")).splitlines()
    office.put(FILE, f"{head}\r{first}\r\n{second}\n")
    assert [2, 3] == office.read().places["row"].tolist()


def test_c21_22_the_mark_that_ended_files_of_dos_is_no_row(office: Office) -> None:
    office.put(FILE, ONE + "\x1a")
    assert ([("control-character", 3)], ["0a1b"]) == (codes(office.read()), serials(office.read()))


def test_c21_23_leading_zeros_stay(office: Office) -> None:
    office.put(FILE, certificates(certificate(order_id="02108", serial_number="00123")))
    row = office.read().export_rows.iloc[0]
    assert ("02108", "0123") == (row["order_id"], row["serial"])


def test_c21_24_words_that_mean_nothing_elsewhere_are_agencies_here(office: Office) -> None:
    words = ("NA", "None", "null", "NaN", "N/A")
    office.put(FILE, certificates(*(certificate(serial_number=f"0{place}", agency=word) for place, word in enumerate(words))))
    assert list(words) == office.read().export_rows["agency_text"].tolist()


def test_c21_25_a_number_of_any_length_is_text(office: Office) -> None:
    office.put(FILE, certificates(certificate(order_id=str(2**64)), certificate(serial_number="0C", order_id="-1")))
    assert [str(2**64), "-1"] == office.read().export_rows["order_id"].tolist()


def lot_cents(office: Office, amount: str) -> list[int] | list[tuple[str, int]]:
    """The cents of a lot that costs `amount`, or what is told of its row."""
    office.put(LOTS, table(LOT, [["L1", "standard", "2026-07-01", "1", amount]]))
    read = office.read()
    return codes(read) or read.lot_rows["total_cost_cents"].tolist()


@pytest.mark.parametrize(
    ("amount", "read"),
    [
        ("$1,221.19", [122_119]), ("1221.19", [122_119]), ("1221", [122_100]), ("(5.00)", [("bad-number", 2)]),
        ("-5", [("bad-number", 2)]), ("1.221,19", [("bad-number", 2)]), ("12,21", [("bad-number", 2)]), ("5.001", [("bad-number", 2)]),
    ],
)  # fmt: skip
def test_c21_26_money_is_written_in_one_way(office: Office, amount: str, read: list[object]) -> None:
    assert read == lot_cents(office, amount)


@pytest.mark.parametrize("amount", ["inf", "nan", "Infinity", "1e400", "1_000", "٣", "0x10", "5e2"])
def test_c21_27_what_only_a_program_takes_for_a_number_is_none(office: Office, amount: str) -> None:
    assert [("bad-number", 2)] == lot_cents(office, amount)


def test_c21_28_a_repeated_header_and_a_total_are_no_rows(office: Office) -> None:
    office.put(FILE, certificates(certificate(), list(CERTIFICATES), ["Total", "1"]))
    read = office.read()
    assert ([("repeated-header", 3), ("footer", 4)], ["0a1b"]) == (codes(read), serials(read))
    assert ["warning", "note"] == [one.severity for one in read.findings]


@pytest.mark.parametrize("written", ["01/02/2026", "13/02/2026", "20260102", "2026-W01-5", "2026-1-2", "2026-02-30", "2 Jan 2026"])
def test_c21_29_a_date_is_read_in_the_format_of_its_layout_only(office: Office, written: str) -> None:
    office.put(FILE, certificates(certificate(valid_from=written), certificate(serial_number="0C")))
    read = office.read()
    assert ([("bad-date", 2)], ["0c"]) == (codes(read), serials(read))
    if "/" in written:
        named = office.read(source=[{"files": "exports/*", "date_format": "%d/%m/%Y"}])
        assert ("bad-date", 3) in codes(named), "one format for the whole file"


def test_c21_30_the_number_of_a_day_is_not_taken_for_one(office: Office) -> None:
    office.put(FILE, certificates(certificate(valid_from="46000")))
    (found,) = office.read().findings
    assert ("bad-date", "46000") == (found.code, found.value)
    assert "This is Excel's number of a day; format the column as a date or as text and export again." == found.reason


def test_c21_31_the_last_day_there_is_can_be_an_expiry(office: Office) -> None:
    office.put(FILE, certificates(certificate(valid_to="9999-12-31")))
    (row,) = office.books().certificates.to_dict("records")
    assert pd.Timestamp("9999-12-31T23:59:59Z") == row["valid_to"]
    assert ("active", (dt.date(9999, 12, 31) - AS_OF).days) == (row["status"], row["days_left"])


def test_c21_32_each_time_is_read_in_its_own_zone_and_without_one_in_the_offices(office: Office) -> None:
    stamps = ("2026-10-01T09:00:00Z", "2026-10-01T09:00:00+02:00", "2026-10-01T09:00:00", "2026-10-01 09:00 Mars")
    office.put(LOG, table(REQUEST, [request(request_id=f"R{place}", submitted_at=stamp) for place, stamp in enumerate(stamps)]))
    read = office.read()
    assert [("bad-date", 5)] == codes(read)
    assert [9, 7, 13] == [stamp.hour for stamp in read.request_rows["submitted_at"]]


def test_c21_33_hours_that_the_clocks_skip_or_repeat_are_read_and_told(office: Office) -> None:
    stamps = ("2026-03-08 02:30", "2026-11-01 01:30")
    office.put(LOG, table(REQUEST, [request(request_id=stamp, submitted_at=stamp) for stamp in stamps]))
    read = office.read()
    assert [("skipped-hour", 2, "assumed"), ("repeated-hour", 3, "assumed")] == [(one.code, one.row, one.action) for one in read.findings]
    assert ["2026-03-08T07:30Z", "2026-11-01T05:30Z"] == [f"{stamp:%Y-%m-%dT%H:%MZ}" for stamp in read.request_rows["submitted_at"]]


RATES = [
    {"tier": tier, "amount": Decimal(amount), "since": dt.date(2026, 7, 1)}
    for tier, amount in (("standard", "221.19"), ("premium", "542.00"))
]


def test_c21_34_an_unknown_agency_or_tier_stays_in_the_inventory_and_nobody_pays(office: Office) -> None:
    rows = (
        certificate(),
        certificate(order_id="2", serial_number="02", agency="XYZ"),
        certificate(order_id="3", serial_number="03", tier="gold"),
    )
    office.put(FILE, certificates(*rows))
    books = office.books(rate=RATES)
    assert ["02", "03", "0a1b"] == sorted(books.certificates["serial"])
    assert (["1001"], [22_119]) == (books.ledger["order_id"].tolist(), books.ledger["amount_cents"].tolist())
    found = books.findings.set_index("code")["action"].to_dict()
    assert ("kept", "kept") == (found["unknown-agency"], found["unknown-tier"])


def test_c21_34_too_many_quarantined_rows_stop_the_run(office: Office) -> None:
    office.put(FILE, certificates(certificate(), certificate(serial_number="0C", valid_from="soon")))
    with pytest.raises(quality.RefusedError, match=r"Too many rows are quarantined: certificates 50\.0% \(limit 10%\)"):
        judged(office.books(), None)


def test_c21_35_one_row_twice_counts_once_and_two_rows_of_one_name_not_at_all(office: Office) -> None:
    office.put(LOG, table(REQUEST, [request(), request(), request(request_id="R2"), request(request_id="R2", status="completed")]))
    read = office.read()
    assert [("duplicate-row", 3, "kept"), ("conflicting-rows", 4, "quarantined"), ("conflicting-rows", 5, "quarantined")] == [
        (one.code, one.row, one.action) for one in read.findings
    ]
    assert ["R1"] == read.request_rows["request_id"].tolist()


def test_c21_36_times_that_cannot_be_are_told_and_not_counted(office: Office) -> None:
    backwards = request(request_id="R1", submitted_at="2026-10-05 09:00", completed_at="2026-10-01 09:00", status="completed")
    office.put(LOG, table(REQUEST, [backwards, request(request_id="R2", submitted_at="2027-01-04 09:00"), request(request_id="R3")]))
    books = office.books()
    assert [("closed-before-opened", 2, "kept"), ("future-stamp", 3, "kept")] == [
        row for row in books.findings[["code", "row", "action"]].itertuples(index=False, name=None) if row[1]
    ]
    assert {"R1": "invalid", "R2": "invalid", "R3": "excluded"} == books.requests.set_index("request_id")["verdict"].to_dict()


HOSTILE = ("=1+1", "@SUM(A1)", "<script>alert(1)</script>", "**bold** [x](javascript:y)", "{{ 7*7 }}{% raw %}", "+1", "-1")


def test_c21_37_text_that_is_a_program_elsewhere_stays_text(office: Office) -> None:
    office.put(FILE, certificates(*(certificate(serial_number=f"0{place}", common_name=text) for place, text in enumerate(HOSTILE, 1))))
    assert list(HOSTILE) == office.read().export_rows["common_name"].tolist()
    assert ["'", "'", "<", "*", "{", "'", "'"] == [tables.formula_safe(text)[0] for text in HOSTILE]


@pytest.mark.parametrize("mark", ["\x07", "\x7f", "\x85", "\x9b", "\u202e", "\u2066"])
def test_c21_38_characters_that_nobody_sees_cost_their_row(office: Office, mark: str) -> None:
    office.put(FILE, certificates(certificate(common_name=f"www{mark}.example.gov"), certificate(serial_number="0C")))
    assert ([("control-character", 2)], ["0c"]) == (codes(office.read()), serials(office.read()))


def test_c21_38_half_a_character_is_no_text(office: Office) -> None:
    office.put(FILE, TWO.encode().replace(b"www", b"\xed\xa0\x80"))
    assert "encoding" == office.refusal().code
    office.put(FILE, json.dumps([dict(zip(CERTIFICATES, certificate(common_name="\ud800"), strict=True))]))
    assert [("control-character", 1)] == codes(office.read(source=[{"files": "exports/*", "layout": "certificates"}]))
