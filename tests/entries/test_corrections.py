"""data/entries/corrections.csv: what somebody corrects is read so, shown with its name and day, and never touches money."""

from __future__ import annotations

import dataclasses
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from pipeline import entries
from pipeline.contracts import Inbox
from pipeline.findings import Finding
from tests.sources.offices import Office, certificate, certificates

ZONE = ZoneInfo("America/New_York")
HEADER = "key,column,value,reason,by,on\n"
WHO = "a typo,R. Sample,2026-11-20"
REQUESTS = (
    "request_id,kind,agency,submitted_at,completed_at,status\n"
    "R-1,Password reset,DLH,2026-10-01T10:00:00,2026-10-05T10:00:00,completed\n"
    "R-2,renew,DLH,2026-10-02T10:00:00,,open\n"
    "4001,password-RESET,DLH,2026-10-02T10:00:00,,open\n"
)
EVENTS = (
    "case,activity,timestamp,kind,agency\n"
    "E-1,opened,2026-10-01T10:00:00,Password reset,DLH\n"
    "E-1,closed,2026-10-02T10:00:00,Password reset,DLH\n"
)


def read(office: Office, *lines: str) -> Inbox:
    """An office with three orders and four requests, with these lines of corrections.csv."""
    rows = (
        certificate(order_id="4001", serial_number="0a01", agency="Lighthouse"),
        certificate(order_id="4002", serial_number="0b02", tier="gold"),
        certificate(order_id="4003", serial_number="0c03", valid_from="2026-10-01", valid_to="2027-04-18"),
    )
    office.put("inbox/exports/2026-11.csv", certificates(*rows))
    office.put("inbox/requests/log.csv", REQUESTS)
    office.put("inbox/requests/events.csv", EVENTS)
    office.put("entries/corrections.csv", HEADER + "".join(f"{line}\n" for line in lines))
    return office.read()


def corrected(office: Office, *lines: str) -> Inbox:
    return entries.correct(read(office, *lines), ZONE)


def told(inbox: Inbox, code: str) -> list[Finding]:
    return [finding for finding in inbox.findings if finding.code == code]


def cell(inbox: Inbox, table: str, name: str, column: str) -> object:
    rows = getattr(inbox, table)
    return rows.set_index("order_id" if table == "export_rows" else "request_id").loc[name, column]


@pytest.mark.parametrize(
    ("line", "table", "name", "column", "expected"),
    [
        ("4002,tier,premium", "export_rows", "4002", "product", "premium"),
        ("0B:02,tier,premium", "export_rows", "4002", "product", "premium"),
        ("4002,contact_email,ada@example.gov", "export_rows", "4002", "contact_email", "ada@example.gov"),
        ("4002,contact_email,b@x.gov;a@x.gov;", "export_rows", "4002", "contact_email", "b@x.gov, a@x.gov"),
        ("4003,status,revoked", "export_rows", "4003", "status", "revoked"),
        ("4003,revoked_on,2026-11-02", "export_rows", "4003", "revoked_on", pd.Timestamp("2026-11-02")),
        ("4003,valid_to,2026-12-24", "export_rows", "4003", "valid_to", pd.Timestamp("2026-12-24T23:59:59Z")),
        ("4003,valid_from,2026-09-30", "export_rows", "4003", "valid_from_on", pd.Timestamp("2026-09-30")),
        ("4003,valid_to,2026-12-24T12:00:00", "export_rows", "4003", "valid_to", pd.Timestamp("2026-12-24T17:00:00Z")),
        ("4003,order_id,4009", "export_rows", "4009", "serial", "0c03"),
        ("R-1,kind,reissue", "request_rows", "R-1", "kind", "reissue"),
        ("r-2,completed_at,2026-10-05", "request_rows", "R-2", "completed_at", pd.Timestamp("2026-10-05T04:00:00Z")),
        ("R-2,completed_at,2026-10-05", "request_rows", "R-2", "dates_only", True),
        ("R-2,completed_at,2026-10-05T09:00:00Z", "request_rows", "R-2", "dates_only", False),
        ("4001,kind,revoke", "request_rows", "4001", "kind", "revoke"),
        ("kind:Password Reset,kind,change-contact", "request_rows", "4001", "kind", "change-contact"),
    ],
)
def test_a_row_is_read_as_the_correction_says(office: Office, line: str, table: str, name: str, column: str, expected: object) -> None:
    inbox = corrected(office, f"{line},{WHO}")
    assert expected == cell(inbox, table, name, column)
    assert [] == told(inbox, "stale-correction")


def test_a_corrected_agency_is_a_code(office: Office) -> None:
    inbox = corrected(office, f"0a01,agency,DLH,{WHO}")
    assert ("DLH", "code") == (cell(inbox, "export_rows", "4001", "agency_text"), cell(inbox, "export_rows", "4001", "agency_match"))


def test_a_note_at_the_row_says_who_when_what_it_was_and_is_and_why(office: Office) -> None:
    inbox = corrected(office, f"4002,tier,premium,{WHO}")
    (note,) = told(inbox, "corrected")
    assert "Corrected by R. Sample on 2026-11-20: tier: gold -> premium (a typo)" == note.reason
    assert cell(inbox, "export_rows", "4002", "source") == note.source
    assert ("note", "kept", "tier") == (note.severity, note.action, note.column)


def test_the_later_line_wins_and_the_note_tells_the_first_value(office: Office) -> None:
    inbox = corrected(office, "4002,tier,premium,second,B,2026-11-21", "4002,tier,standard,first,A,2026-11-20")
    assert "premium" == cell(inbox, "export_rows", "4002", "product")
    assert ["Corrected by B on 2026-11-21: tier: gold -> premium (second)"] == [note.reason for note in told(inbox, "corrected")]


def test_a_line_about_a_request_wins_over_one_about_its_word(office: Office) -> None:
    inbox = corrected(office, "R-1,kind,reissue,one,A,2026-11-01", "kind:password reset,kind,revoke,all,B,2026-11-20")
    assert ["reissue", "revoke"] == [cell(inbox, "request_rows", name, "kind") for name in ("R-1", "4001")]


def test_a_word_for_a_kind_that_is_explained_is_unknown_no_more(office: Office) -> None:
    assert 2 == len([finding for finding in told(read(office), "unknown-kind") if finding.file == "inbox/requests/log.csv"])
    inbox = corrected(office, f"kind:Password reset,kind,change-contact,{WHO}")
    assert [] == told(inbox, "unknown-kind")
    assert {"change-contact"} == set(inbox.request_events["kind"])
    (note,) = told(inbox, "corrected")
    assert "Corrected by R. Sample on 2026-11-20, in 4 rows: kind: Password reset -> change-contact (a typo)" == note.reason


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("9999,tier,premium", "The key names no row that came in."),
        ("kind:Unheard,kind,renew", "No request has this word for its kind any more."),
        ("4001,agency,DLH", "The key names both an order and a request"),
        ("4003,kind,renew", "An order has no kind."),
        ("E-1,completed_at,2026-10-05", "The times of E-1 are those of the events of its log."),
        ("4002,status,paused", "cannot be 'paused'"),
        ("4003,tier,standard", "Every row that it names says so already"),
        ("4003,valid_to,2026-09-01", "would end before it begins"),
    ],
)
def test_a_line_that_changes_nothing_is_told(office: Office, line: str, why: str) -> None:
    before, inbox = read(office, f"{line},{WHO}"), corrected(office, f"{line},{WHO}")
    (stale,) = told(inbox, "stale-correction")
    assert why in stale.reason
    assert "entries/corrections.csv" == inbox.places.set_index("source").loc[stale.source, "file"]
    for table in ("export_rows", "request_rows", "request_events"):
        pd.testing.assert_frame_equal(getattr(before, table), getattr(inbox, table))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("4001,amount_cents,1", "Money is never corrected here"),
        ("4001,rate,1.00", "Money is never corrected here"),
        ("4001,unit_cost,1.00", "Money is never corrected here"),
        ("4001,serial_number,0a", "'serial_number' cannot be corrected"),
        ("4001,agency,XYZ", "'XYZ' is no agency"),
        ("4001,tier,gold", "'gold' is no tier; it must be standard, premium"),
        ("R-1,kind,help", "'help' is no kind"),
        ("R-1,status,finished", "'finished' is no status"),
        ("4001,contact_email,ada", "'ada' is no e-mail address and no list of them."),
        ('4001,contact_email,"ada@example.gov, eve@y"', "'ada@example.gov, eve@y' is no e-mail address and no list of them."),
        ("4001,issued_on,2026-02-31", "'2026-02-31' is no date"),
        ("4001,issued_on,2026-02-01T10:00", "is no date; write 2026-11-02."),
        ("4001,valid_to,1.2.2026", "or 2026-11-02T09:30:00-05:00."),
        ("kind:Help,tier,premium", "names a kind of request"),
        ("4001,tier,", "The cell may not be empty."),
    ],
)
def test_what_cannot_be_corrected_stops_the_run_and_names_the_line(office: Office, line: str, said: str) -> None:
    office.put("entries/corrections.csv", f"{HEADER}0a01,tier,premium,{WHO}\n{line},{WHO}\n")
    refused = office.refusal()
    assert ("bad-reference", "entries/corrections.csv", 3) == (refused.code, refused.file, refused.row)
    assert said in refused.reason


def test_two_lines_of_one_day_about_one_cell_contradict(office: Office) -> None:
    office.put("entries/corrections.csv", f"{HEADER}4001,tier,premium,{WHO}\n4001,tier,standard,{WHO}\n")
    assert "Another row has the same key, column, on and says otherwise." == office.refusal().reason


def test_without_lines_the_inbox_is_what_it_was(office: Office) -> None:
    inbox = read(office)
    assert inbox is entries.correct(inbox, ZONE)


def test_the_order_of_the_lines_does_not_matter(office: Office) -> None:
    lines = [f"4002,tier,premium,{WHO}", "4002,agency,DLH,x,B,2026-11-19", "0c03,order_id,4010,y,C,2026-11-18"]
    one, other = corrected(office, *lines), corrected(office, *reversed(lines))
    pd.testing.assert_frame_equal(one.export_rows, other.export_rows)
    assert [dataclasses.replace(note, source=0) for note in told(one, "corrected")] == [
        dataclasses.replace(note, source=0) for note in told(other, "corrected")
    ]
