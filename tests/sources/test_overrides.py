"""What a [[source]] may say about an export that is not recognised: columns, values, words for empty, where header and records are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.sources.exports import REMEDY, TEMPLATE, of
from tests.sources.offices import Office, codes, counts, table
from tests.sources.test_workbooks import workbook

FILE = "inbox/exports/x.csv"
COLUMNS = {"serial_number": "Serial", "valid_to": "Ends", "status": "State", "agency": "Dept", "tier": "Product", "common_name": "Name"}
HEADER = ("Serial", "Ends", "State", "Dept", "Product", "Name")


def mapped(**more: Any) -> list[dict[str, Any]]:
    return [{"files": "exports/*", "columns": COLUMNS, **more}]


def test_values_are_read_as_the_settings_say(office: Office) -> None:
    office.put(FILE, table(HEADER, [("0A", "2027-04-18", "Revoked (2)", "Dept. of Light", "SSL 1yr", "w.gov")]))
    values = {"status": {"revoked (2)": "revoked"}, "agency": {"Dept. of Light": "DLH"}, "tier": {"ssl 1YR": "standard"}}
    (row,) = office.read(source=mapped(values=values)).export_rows.to_dict("records")
    assert ("revoked", "DLH", "standard") == (row["status"], row["agency_text"], row["product"])


def test_words_for_empty_are_empty(office: Office) -> None:
    office.put(FILE, table(HEADER, [("0A", "2027-04-18", "n/a", "-", "N/A", "w.gov"), ("-", "2027-04-18", "issued", "", "", "v.gov")]))
    read = office.read(source=mapped(missing=["N/A", "-"]))
    assert [("", "", "")] == list(read.export_rows[["status", "agency_text", "product"]].itertuples(index=False, name=None))
    assert [("missing-value", 3)] == codes(read)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"values": {"colour": {"a": "b"}}}, "maps values of 'colour', a column that certificates (mapped) does not have"),
        ({"values": {"status": {"Active": "alive"}}}, "maps a value of 'status' to 'alive'; known there are issued, revoked"),
        ({"date_format": "%d.%m"}, "names no year"),
    ],
)
def test_what_cannot_be_is_refused(office: Office, more: dict[str, Any], said: str) -> None:
    office.put(FILE, table(HEADER, [("0A", "2027-04-18", "issued", "DLH", "standard", "w.gov")]))
    refused = office.refusal(source=mapped(**more))
    assert ("bad-source", True) == (refused.code, said in refused.reason), refused.reason


def test_values_may_be_given_for_a_folder_of_several_layouts(office: Office) -> None:
    office.put("inbox/requests/p.csv", "request_id,paused_at\nR1,2026-10-01T09:00\n")
    office.put("inbox/requests/r.csv", "request_id,kind,agency,submitted_at,status\nR1,new,Light,2026-10-01,open\n")
    refused = office.refusal(source=[{"files": "requests/*", "values": {"agency": {"Light": "DLH"}}}])
    assert ("inbox/requests/p.csv", "bad-source") == (refused.file, refused.code)
    read = office.read(source=[{"files": "requests/r.csv", "values": {"agency": {"Light": "DLH"}}}])
    assert ["DLH"] == read.request_rows["agency_text"].tolist()


@pytest.mark.parametrize("title", ["Certificates of October\n\n", "Report,of,October\nby,Ada,\n", '"two\nlines"\n'])
def test_the_header_may_stand_below_a_title(office: Office, title: str) -> None:
    office.put(FILE, title + table(HEADER, [("0A", "2027-04-18", "issued", "DLH", "standard", "w.gov")]))
    read = office.read(source=mapped(header_row=title.count("\n") + 1))
    assert ["0a"] == read.export_rows["serial"].tolist()
    assert [title.count("\n") + 2] == read.places["row"].tolist()


def test_the_header_of_a_sheet_may_stand_below_a_title(office: Office) -> None:
    rows = [["October"], ["", "=1+"], list(HEADER), ["0A", "2027-04-18", "issued", "DLH", "standard", "w.gov"]]
    office.put("inbox/exports/x.xlsx", workbook(("S", rows)))
    read = office.read(source=mapped(header_row=3))
    assert [4] == read.places["row"].tolist()
    assert [] == codes(read)


def test_an_export_without_serials_is_told_apart_by_its_order(office: Office) -> None:
    vault = [
        {"id": "https://v.example/certificates/www", "subject": "CN=www.example.gov", "x5t": "q80", "attributes":
         {"enabled": True, "nbf": 1767139200, "exp": 1801267199}},
        {"id": "https://v.example/certificates/mail", "subject": "CN=mail.example.gov", "x5t": "q81", "attributes":
         {"enabled": True, "nbf": 1767139200, "exp": "later"}},
    ]  # fmt: skip
    office.put("inbox/exports/vault.json", json.dumps({"value": vault}))
    columns = {"order_id": "id", "common_name": "subject", "valid_from": "attributes.nbf", "valid_to": "attributes.exp"}
    read = office.read(source=[{"files": "exports/vault.json", "columns": columns, "date_format": "epoch", "timezone": "UTC"}])
    (row,) = read.export_rows.to_dict("records")
    assert ("inventory", pd.Timestamp("2025-12-31T00:00:00Z"), "") == (row["role"], row["valid_from"], row["serial"])
    assert [("bad-date", 2)] == codes(read)


def test_a_mapped_event_log_takes_the_form_of_the_plain_one(office: Office) -> None:
    office.put("inbox/requests/log.csv", "Ticket;What;When\n7;Reopened;01.10.2026 09:00\n7;Geschlossen;02.10.2026 09:00\n")
    source = {
        "files": "requests/log.csv", "layout": "event-log", "delimiter": ";", "date_format": "%d.%m.%Y %H:%M",
        "columns": {"request_id": "Ticket", "status": "What", "at": "When"}, "values": {"status": {"Geschlossen": "closed"}},
    }  # fmt: skip
    assert ["open", "completed"] == office.read(source=[source]).request_events["status"].tolist()


def remedy(office: Office, *rows: dict[str, str], **source: Any) -> Any:
    usual = {"incident_id": "INC1", "status": "Resolved", "reported_date": "2026-10-01 09:00:00"}
    office.put("inbox/requests/r.csv", table(REMEDY, [of(REMEDY, **{**usual, **row}) for row in rows]))
    return office.read(source=[{"files": "requests/r.csv", **source}] if source else [])


@pytest.mark.parametrize("written", ["1970-01-01 10:00:00", "1969-12-31 19:00:00", "1970-01-01 00:00:00"])
def test_remedy_writes_an_empty_date_as_the_beginning_of_1970(office: Office, written: str) -> None:
    read = remedy(office, {"last_resolved_date": written, "status": "Pending"}, {"incident_id": "INC2", "last_resolved_date": "1970-01-02"})
    assert [True, False] == read.request_rows["completed_at"].isna().tolist()
    assert "paused" == read.request_rows["status"][0]


def test_remedy_dates_with_look_alike_hyphens_are_dates(office: Office) -> None:
    read = remedy(office, {"reported_date": "2026\u201010\u201101 09:00:00"})
    assert pd.Timestamp("2026-10-01T13:00:00Z") == read.request_rows["submitted_at"][0]


def test_remedy_dates_that_can_be_read_in_two_ways_are_asked_about(office: Office) -> None:
    row = {"reported_date": "10/1/2026 9:14:05 AM"}
    office.put("inbox/requests/r.csv", table(REMEDY, [of(REMEDY, incident_id="INC1", status="New", **row)]))
    assert "ambiguous-dates" == office.refusal().code
    read = remedy(office, row, date_format="%m/%d/%Y %I:%M:%S %p")
    assert pd.Timestamp("2026-10-01T13:14:05Z") == read.request_rows["submitted_at"][0]


def test_only_a_sha_256_fingerprint_is_one(office: Office) -> None:
    usual = {"valid_to": "2027-05-01", "valid_from": "2026-05-01", "subject_common_name": "w.gov", "state": "retired"}
    rows = [
        of(TEMPLATE, **usual, serial_number="01", fingerprint=" ".join(["AB"] * 32), fingerprint_algorithm="sha256"),
        of(TEMPLATE, **usual, serial_number="02", fingerprint=" ".join(["AB"] * 20), fingerprint_algorithm="SHA-1"),
        of(TEMPLATE, **usual, serial_number="03", fingerprint=" ".join(["AB"] * 20), fingerprint_algorithm="SHA-256"),
    ]
    office.put(FILE, table(TEMPLATE, rows))
    read = office.read()
    assert ["ab" * 32, ""] == read.export_rows["fingerprint_sha256"].tolist()
    assert [("bad-value", 4)] == codes(read)


@pytest.mark.parametrize(("day", "taken"), [("14.03.2027 09:00", "2027-03-14"), ("14-03-2027 09:00", "2027-03-14")])
def test_certutil_of_other_locales(office: Office, day: str, taken: str) -> None:
    office.put(FILE, f'"Issued Common Name","Serial Number","Certificate Expiration Date"\n"w.gov","61a1","{day}"\n')
    assert taken == str(office.read().export_rows["valid_to"][0].date())


BPI = Path(__file__).resolve().parents[3] / "shared/data/requests/bpi2013_incidents.csv"


def test_the_shared_event_log_comes_in_whole(office: Office) -> None:
    if not BPI.exists():
        pytest.skip("shared/data is not beside this checkout")
    office.put("inbox/requests/bpi.csv", BPI.read_bytes())
    read = office.read()
    assert (65_533, 65_533, 0) == counts(read, "inbox/requests/bpi.csv")
    assert (65_533, 7_554) == (len(read.request_events), read.request_events["request_id"].nunique())
    words = {"open": 45_009, "paused": 6_657, "resolved": 8_150, "completed": 5_716, "cancelled": 1}
    assert words == read.request_events["status"].value_counts().to_dict()
    assert [("unassigned-requests", 0)] == codes(read)
