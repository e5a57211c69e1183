"""Exports repeat and overlap (DESIGN §4)."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.sources.readings import day_in_name
from tests.sources.offices import Office, certificate, certificates, codes, counts

REQUESTS = "request_id,kind,agency,submitted_at,completed_at,status\n"


def test_each_file_says_what_of_the_one_before_it_it_tells_no_more(office: Office) -> None:
    """By what rows are about, not by how they are written: a pending order got its serial, an issuer is spelled otherwise."""
    rows = [certificate(order_id=f"{number}", serial_number=f"0a0{number}") for number in range(1, 6)]
    pending = certificate(order_id="5", serial_number="", status="pending", valid_from="", valid_to="", issued_on="")
    office.put("inbox/exports/orders-2026-09.csv", certificates(*rows[:4], pending))
    office.put(
        "inbox/exports/orders-2026-10.csv", certificates(certificate(order_id="1", serial_number="0a01", issuer="CN=Sample CA"), *rows[1:])
    )
    office.put("inbox/exports/orders-2026-11.csv", certificates(rows[0], certificate(order_id="9", serial_number="0f")))
    office.put("inbox/exports/other-2026-10.csv", certificates(certificate(order_id="77", serial_number="0e")))
    inputs = office.read().inputs.set_index("file")
    told = inputs.loc[inputs["follows"] != "", ["follows", "told_before", "told_no_more"]]
    assert {
        "inbox/exports/orders-2026-10.csv": ("inbox/exports/orders-2026-09.csv", 5, 0),
        "inbox/exports/orders-2026-11.csv": ("inbox/exports/orders-2026-10.csv", 5, 4),
    } == dict(zip(told.index, told.itertuples(index=False, name=None), strict=True))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"status": "expired"}, ["expired"]),
        ({"status": "issued"}, ["issued"]),
        ({"status": "revoked", "revoked_on": "2026-10-05"}, []),
        ({"status": "", "revoked_on": "2026-10-05"}, []),
    ],
)
def test_a_revocation_that_a_newer_export_takes_back_is_an_error(office: Office, cells: dict[str, str], expected: list[str]) -> None:
    office.put("inbox/exports/orders-2026-10.csv", certificates(certificate(status="revoked", revoked_on="2026-10-05")))
    office.put("inbox/exports/orders-2026-11.csv", certificates(certificate(**cells)))
    told = [(one.severity, one.reason) for one in office.read().findings if one.code == "revocation-taken-back"]
    said = "An older export gave this certificate as revoked on 2026-10-05, this one as {}; a credit for it is posted no more."
    assert [("error", said.format(word)) for word in expected] == told


def test_the_same_row_twice_is_counted_once_and_noted(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(), certificate(serial_number="02"), certificate()))
    read = office.read()
    assert [("duplicate-row", 4)] == codes(read)
    assert (3, 3, 0) == counts(read, "inbox/exports/x.csv")
    assert [0, 1] == read.export_rows["source"].tolist()
    assert [0, 1, 2] == read.places["source"].tolist()


def test_different_rows_with_one_key_are_both_set_aside(office: Office) -> None:
    rows = [certificate(), certificate(agency="OTR"), certificate(), certificate(serial_number="02")]
    office.put("inbox/exports/x.csv", certificates(*rows))
    read = office.read()
    assert [("conflicting-rows", 2), ("conflicting-rows", 3), ("conflicting-rows", 4)] == codes(read)
    assert (4, 1, 3) == counts(read, "inbox/exports/x.csv")
    assert ["02"] == read.export_rows["serial"].tolist()


def test_the_newer_file_is_in_force_and_the_older_row_keeps_its_place(office: Office) -> None:
    office.put("inbox/exports/a-2026-10.csv", certificates(certificate(status="revoked", revoked_on="2026-10-20")))
    office.put("inbox/exports/b-2026-09.csv", certificates(certificate()))
    read = office.read()
    assert ["revoked"] == read.export_rows["status"].tolist()
    assert ["inbox/exports/a-2026-10.csv", "inbox/exports/b-2026-09.csv"] == read.places["file"].tolist()
    assert [] == codes(read)


GROWN: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("a fingerprint is filled in", {}, {"sha256_fingerprint": "ab" * 32}),
    ("a fingerprint is no longer told", {"sha256_fingerprint": "ab" * 32}, {}),
    ("the issuer is spelled otherwise", {}, {"issuer": "Sample Issuing CA of 2020"}),
    ("the issuer is told as a subject", {}, {"issuer": "O=Sample, CN=Sample CA"}),
    ("the issuer is filled in", {"issuer": ""}, {}),
]


@pytest.mark.parametrize(("older", "newer"), [case[1:] for case in GROWN], ids=[case[0] for case in GROWN])
def test_a_certificate_is_the_same_whatever_a_newer_export_tells_more(office: Office, older: dict[str, str], newer: dict[str, str]) -> None:
    office.put("inbox/exports/2026-09.csv", certificates(certificate(**older)))
    office.put("inbox/exports/2026-10.csv", certificates(certificate(agency="OTR", status="revoked", revoked_on="2026-10-20", **newer)))
    read = office.read()
    assert [("OTR", "revoked")] == list(zip(read.export_rows["agency_text"], read.export_rows["status"], strict=True))
    assert [] == codes(read), "nothing is gone"


@pytest.mark.parametrize(
    ("newer", "told"),
    [
        ({"status": "canceled"}, [("no-longer-issued", "canceled")]),
        ({"status": "rejected"}, [("no-longer-issued", "rejected")]),
        ({"order_id": ""}, [("order-number-lost", "")]),
        ({"status": "expired"}, []),
        ({"order_id": "1106000"}, []),
    ],
)
def test_what_a_newer_export_takes_back_is_told(office: Office, newer: dict[str, str], told: list[tuple[str, str]]) -> None:
    given = {"order_id": "1105001", **newer}
    office.put("inbox/exports/2026-09.csv", certificates(certificate(order_id="1105001")))
    office.put("inbox/exports/2026-10.csv", certificates(certificate(**given)))
    read = office.read()
    assert told == [(one.code, one.value) for one in read.findings]
    assert [1 for _ in told] == [one.source for one in read.findings], "the place is the newer row"


WITHOUT_SERIAL = {
    "files": "exports/20*.csv",
    "kind": "certificates",
    "columns": {"order_id": "order_id"},
}


def listed(office: Office, older: list[list[str]], newer: list[list[str]]) -> tuple[list[str], list[tuple[str, int]]]:
    """The serials in force, and the codes of the findings, of two editions of a list that may leave out serials."""
    office.put("inbox/exports/2026-09.csv", certificates(*older))
    office.put("inbox/exports/2026-10.csv", certificates(*newer))
    read = office.read(source=[WITHOUT_SERIAL])
    return sorted(read.export_rows["serial"]), codes(read)


def test_a_serial_that_is_filled_in_later_makes_no_second_certificate(office: Office) -> None:
    assert (["0a1b"], []) == listed(office, [certificate(serial_number="")], [certificate()])


def test_a_list_of_names_whose_serial_is_filled_in_later_makes_no_second_certificate(office: Office) -> None:
    named = {"order_id": "", "subject_alternative_names": "www.example.gov"}
    assert (["0a1b"], []) == listed(office, [certificate(serial_number="", **named)], [certificate(**named)])


def test_where_two_certificates_of_an_order_fit_the_row_without_a_serial_stays(office: Office) -> None:
    newer = [certificate(), certificate(serial_number="02")]
    assert (["", "02", "0a1b"], []) == listed(office, [certificate(serial_number="")], newer)


def test_a_new_request_of_an_order_does_not_replace_its_issued_certificate(office: Office) -> None:
    pending = certificate(serial_number="", status="pending", issued_on="", valid_from="", valid_to="")
    office.put("inbox/exports/2026-09.csv", certificates(certificate(valid_from="", issued_on="2026-10-01")))
    office.put("inbox/exports/2026-10.csv", certificates(pending))
    read = office.read(source=[WITHOUT_SERIAL])
    assert ["issued", "pending"] == sorted(read.export_rows["status"])


def test_an_inventory_of_the_same_layout_replaces_no_row_that_is_billed(office: Office) -> None:
    for month in ("2026-08", "2026-09"):
        office.put(f"inbox/exports/{month}.csv", certificates(certificate(), certificate(serial_number="02")))
    office.put("inbox/exports/cloud-2026-10.csv", certificates(certificate(agency="", tier="", status="revoked", revoked_on="2026-10-20")))
    read = office.read(source=[{"files": "exports/cloud-*.csv", "role": "inventory"}])
    rows = list(zip(read.export_rows["role"], read.export_rows["serial"], read.export_rows["status"], strict=True))
    assert [("billing", "0a1b", "issued"), ("billing", "02", "issued"), ("inventory", "0a1b", "revoked")] == rows
    assert [] == codes(read), "the billed rows are not gone, they stand in the newest billing export"


def test_exports_without_a_row_are_read_and_drop_what_was_there(office: Office) -> None:
    office.put("inbox/exports/2026-08.csv", certificates())
    office.put("inbox/exports/2026-09.csv", certificates())
    empty = office.read()
    assert ([("no-rows", 0), ("no-rows", 0)], 0) == (codes(empty), len(empty.export_rows))
    office.put("inbox/exports/2026-09.csv", certificates(certificate()))
    office.put("inbox/exports/2026-10.csv", certificates())
    dropped = office.read()
    told = [code for code, _ in codes(dropped) if code != "no-rows"]
    assert (["gone-from-export"], 1) == (told, len(dropped.export_rows))


def test_without_a_date_in_the_name_the_newest_stamp_decides(office: Office) -> None:
    office.put("inbox/exports/a.csv", certificates(certificate(status="revoked", revoked_on="2026-10-20")))
    office.put("inbox/exports/b.csv", certificates(certificate()))
    assert ["revoked"] == office.read().export_rows["status"].tolist()


def test_keys_that_are_gone_are_one_note_and_stay_in_force(office: Office) -> None:
    office.put("inbox/exports/2026-09.csv", certificates(certificate(serial_number="01"), certificate(serial_number="02"), certificate()))
    office.put("inbox/exports/2026-10.csv", certificates(certificate()))
    read = office.read()
    (note,) = read.findings
    assert ("gone-from-export", "inbox/exports/2026-10.csv") == (note.code, note.file)
    assert (
        "2 rows of older exports are not in this one, the newest of its layout, and what was read there stays in force: "
        "order 1001, serial 01, www.example.gov (last in 2026-09.csv, line 2); "
        "order 1001, serial 02, www.example.gov (last in 2026-09.csv, line 3)."
    ) == note.reason
    assert "order 1001, serial 01, www.example.gov" == note.value
    assert 3 == len(read.export_rows)


def test_of_many_rows_that_are_gone_five_are_named_with_their_last_place(office: Office) -> None:
    rows = [certificate(serial_number=f"{number:02}", order_id=f"{number}") for number in range(1, 8)]
    office.put("inbox/exports/2026-08.csv", certificates(*rows))
    office.put("inbox/exports/2026-09.csv", certificates(*rows[:1]))
    office.put("inbox/exports/2026-10.csv", certificates(certificate()))
    (note,) = office.read().findings
    assert note.reason.startswith("7 rows")
    assert "order 1, serial 01, www.example.gov (last in 2026-09.csv, line 2); order 2, serial 02" in note.reason
    assert note.reason.endswith("(last in 2026-08.csv, line 6); and 2 more.")


def test_a_pending_order_that_was_issued_since_is_not_gone(office: Office) -> None:
    waits = certificate(serial_number="", valid_from="", valid_to="", status="pending")
    office.put("inbox/exports/2026-09.csv", certificates(waits, certificate(order_id="1002", serial_number="02")))
    office.put("inbox/exports/2026-10.csv", certificates(certificate(), certificate(order_id="1002", serial_number="02")))
    assert [] == codes(office.read())


@pytest.mark.parametrize(
    "quarantined",
    [
        [certificate(order_id="1002", serial_number="1.23E+35")],
        [certificate(order_id="1002", serial_number="0A:1C", valid_to="soon")],
        [certificate(order_id="", serial_number="0A:1C", common_name="www\x0b.example.gov")],
        [certificate(order_id="1002", serial_number="0a1c")[:-1]],
        [certificate(order_id="1002", serial_number="0a1c", agency="A"), certificate(order_id="1002", serial_number="0a1c", agency="B")],
    ],
)
def test_what_stands_in_a_quarantined_row_of_the_newest_file_is_not_gone(office: Office, quarantined: list[list[str]]) -> None:
    office.put("inbox/exports/2026-09.csv", certificates(certificate(), certificate(order_id="1002", serial_number="0A1C")))
    office.put("inbox/exports/2026-10.csv", certificates(certificate(), *quarantined))
    assert "gone-from-export" not in {code for code, _ in codes(office.read())}


def test_rows_that_may_be_quarantined_are_counted_beside_those_that_are_gone(office: Office) -> None:
    old = [certificate(order_id=str(number), serial_number=f"{number}") for number in (1002, 1003)]
    office.put("inbox/exports/2026-09.csv", certificates(certificate(), *old))
    office.put("inbox/exports/2026-10.csv", certificates(certificate(), certificate(order_id="1003", serial_number="1.23E+35")))
    (note,) = [finding for finding in office.read().findings if finding.code == "gone-from-export"]
    assert note.reason.startswith("1 row of an older export is not in this one")
    assert note.reason.endswith(" Not counted, as they may be among the quarantined rows of this file: 1.")


def test_requests_lots_and_pauses_that_are_gone_are_named_in_their_own_words(office: Office) -> None:
    office.put("inbox/requests/2026-09.csv", REQUESTS + "R1,new,DLH,2026-09-01T09:00,,open\nR2,new,DLH,2026-09-01T09:00,,open\n")
    office.put("inbox/requests/2026-10.csv", REQUESTS + "R1,new,DLH,2026-09-01T09:00,,open\n")
    pauses = "request_id,paused_at,resumed_at\n"
    office.put("inbox/requests/pauses-2026-09.csv", pauses + "R2,2026-09-01T09:00,\n")
    office.put("inbox/requests/pauses-2026-10.csv", pauses + "R1,2026-09-01T09:00,\n")
    assert ["request R2", "pause of request R2, from 2026-09-01T13:00Z"] == [finding.value for finding in office.read().findings]


def test_a_file_split_in_two_changes_nothing(office: Office) -> None:
    rows = [certificate(serial_number=f"{number:02}") for number in range(1, 7)]
    office.put("inbox/exports/2026-10.csv", certificates(*rows))
    whole = office.read()
    office.put("inbox/exports/2026-10.csv", certificates(*rows[:2]))
    office.put("inbox/exports/part 2026-10.csv", certificates(*reversed(rows[2:])))
    split = office.read()
    key = ["serial"]
    assert whole.export_rows.drop(columns="source").equals(split.export_rows.drop(columns="source").sort_values(key, ignore_index=True))
    assert codes(whole) == codes(split)


def test_a_request_has_one_row_whatever_lists_it(office: Office) -> None:
    office.put("inbox/requests/2026-09.csv", REQUESTS + "R1,new,DLH,2026-09-01T09:00,,open\n")
    office.put("inbox/requests/2026-10.csv", REQUESTS + "R1,new,DLH,2026-09-01T09:00,2026-10-01T09:00,completed\n")
    assert ["completed"] == office.read().request_rows["status"].tolist()


def test_a_pause_that_ended_is_no_longer_open(office: Office) -> None:
    office.put("inbox/requests/pauses-2026-09.csv", "request_id,paused_at,resumed_at\nR1,2026-09-01T09:00,\n")
    office.put("inbox/requests/pauses-2026-10.csv", "request_id,paused_at,resumed_at\nR1,2026-09-01T09:00,2026-09-03T09:00\n")
    assert [pd.Timestamp("2026-09-03T13:00:00Z")] == office.read().pause_rows["resumed_at"].tolist()


def test_events_fold_across_logs_but_not_within_a_minute(office: Office) -> None:
    header = "number,incident_state,opened_at,sys_updated_at,resolved_at,closed_at,sys_mod_count\n"
    first = "I1,New,2026-09-01 09:00,2026-09-01 09:00,{0},,0\nI1,New,2026-09-01 09:00,2026-09-01 09:00,{0},,1\n"
    office.put("inbox/requests/log-2026-09.csv", header + first.format(""))
    office.put(
        "inbox/requests/log-2026-10.csv",
        header + first.format("2026-10-01 09:00") + "I1,Resolved,2026-09-01 09:00,2026-10-01 09:00,2026-10-01 09:00,,2\n",
    )
    read = office.read()
    assert ["open", "open", "resolved"] == read.request_events["status"].tolist()
    assert read.request_events["resolved_at"].notna().all(), "the newer log knows when it was resolved"


def test_two_layouts_that_are_billed_may_tell_of_one_certificate(office: Office) -> None:
    """Which of the two is charged is for the inventory to say, with a finding; neither row is lost here."""
    office.put("inbox/exports/a-2026-09.csv", certificates(certificate()))
    office.put("inbox/exports/20-2026-10.csv", certificates(certificate(agency="OTR")))
    read = office.read(source=[WITHOUT_SERIAL])
    assert ["OTR", "DLH"] == read.export_rows["agency_text"].tolist()
    assert [] == codes(read)


def test_two_systems_may_tell_of_one_certificate(office: Office) -> None:
    told = certificate(issuer="", serial_number="61a1", valid_to="2026-12-31T09:00:00")  # the very key that the other list gives it
    office.put("inbox/exports/a-2026-09.csv", certificates(told))
    office.put(
        "inbox/exports/b-2026-10.csv",
        '"Issued Common Name","Serial Number","Certificate Expiration Date"\nw.example.gov,61a1,12/31/2026 9:00 AM\n',
    )
    assert ["billing", "inventory"] == office.read().export_rows["role"].tolist()


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("exports/2026-10.csv", "2026-10-31"),
        ("exports/orders-2026-02-17.csv", "2026-02-17"),
        ("exports/20260217_orders.xlsx", "2026-02-17"),
        ("exports/2025-07_2026-06.csv", "2026-06-30"),
        ("exports/2026-13.csv", None),
        ("2026-10/orders.csv", None),
        ("exports/fy2026.csv", None),
        ("exports/ticket-120261031.csv", None),
    ],
)
def test_the_day_of_an_export_in_its_name(name: str, day: str | None) -> None:
    assert (None if day is None else pd.Timestamp(day)) == day_in_name(name)
