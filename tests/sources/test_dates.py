"""Dates: one style a file, never guessed; hours that clocks skip or repeat; dates without a time."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from pipeline.sources import dates
from tests.sources.offices import CERTIFICATES, Office, certificate, certificates, codes
from tests.sources.test_workbooks import workbook

HEADER = "number,incident_state,opened_at,sys_updated_at,resolved_at,closed_at,u_department\n"
LOG = "inbox/requests/log.csv"


def log(*stamps: str) -> str:
    return HEADER + "".join(f"INC{number},New,{stamp},{stamp},,,DLH\n" for number, stamp in enumerate(stamps))


def opened(office: Office, *stamps: str) -> list[str]:
    office.put(LOG, log(*stamps))
    return office.read().request_events["opened_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist()


@pytest.mark.parametrize(
    "stamps",
    [
        ("2026-11-02 09:30:00", "2026-11-13 09:30:00"),
        ("02-11-2026 09:30", "13-11-2026 09:30"),
        ("11-02-2026 09:30", "11-13-2026 09:30"),
        ("02/11/2026 09:30", "13/11/2026 09:30"),
        ("11/02/2026 9:30 AM", "11/13/2026 9:30 AM"),
        ("02.11.2026 09:30", "13.11.2026 09:30"),
        ("11/02/2026 9:30\u202fAM", "11/13/2026 9:30\u202fam"),
        ("2026-11-02T09:30:00-05:00", "2026-11-13T14:30:00.000+00:00"),
    ],
)
def test_a_file_tells_its_own_style(office: Office, stamps: tuple[str, str]) -> None:
    assert ["2026-11-02T14:30:00Z", "2026-11-13T14:30:00Z"] == opened(office, *stamps)


def test_dates_that_can_be_read_in_two_ways_are_refused(office: Office) -> None:
    office.put(LOG, log("02-11-2026 09:30", "03-11-2026 09:30"))
    refused = office.refusal()
    assert ("ambiguous-dates", "02-11-2026 09:30") == (refused.code, refused.value)
    assert "day first or as 11-02-2026, month first; name date_format" in refused.reason


def test_one_bad_date_does_not_settle_the_question(office: Office) -> None:
    office.put(LOG, log("02-11-2026 09:30", "03-11-2026 09:30", "99-99-2026 09:30"))
    assert "ambiguous-dates" == office.refusal().code


def test_a_format_in_the_settings_settles_it(office: Office) -> None:
    office.put(LOG, log("02-11-2026 09:30"))
    read = office.read(source=[{"files": "requests/*", "date_format": "%d-%m-%Y %H:%M", "timezone": "UTC"}])
    assert [pd.Timestamp("2026-11-02T09:30:00Z")] == read.request_events["opened_at"].tolist()


def test_a_format_in_the_settings_holds_for_the_whole_file(office: Office) -> None:
    rows = [certificate(serial_number=f"0{number}", valid_from=written) for number, written in enumerate(("2026-13-01", "2026-01-13"), 1)]
    office.put("inbox/exports/x.csv", certificates(*rows).replace("2026-10-01", "").replace("2027-04-18", "2027-18-04"))
    read = office.read(source=[{"files": "exports/*", "date_format": "%Y-%d-%m"}])
    assert [("bad-date", 3)] == codes(read)
    assert [pd.Timestamp("2026-01-13")] == read.export_rows["valid_from_on"].tolist()


def test_what_a_workbook_holds_as_a_date_needs_no_format(office: Office) -> None:
    written = certificate(valid_from="2026-13-01", valid_to="2027-18-04", issued_on="")
    held = [dt.date(2026, 1, 2) if cell == "2026-13-01" else cell for cell in written]
    held[CERTIFICATES.index("serial_number")] = "0C"
    office.put("inbox/exports/x.xlsx", workbook(("S", [list(CERTIFICATES), written, held])))
    read = office.read(source=[{"files": "exports/*", "date_format": "%Y-%d-%m"}])
    assert [] == codes(read)
    assert [pd.Timestamp("2026-01-13"), pd.Timestamp("2026-01-02")] == read.export_rows["valid_from_on"].tolist()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("%d/%d/%Y", "it names the day more than once (%d, %d)"),
        ("%Y-%m", "it names no day (%d)"),
        ("%m/%d", "it names no year (%Y or %y)"),
        ("%Q", "it holds %Q; known are %Y, %y"),
        ("%", "it holds a % at its end"),
        ("", "it names no year"),
        ("MM/DD/YYYY", "it names no year"),
        ("%x", "it holds %x"),
        ("%Y-%m-%d %Z", "it holds %Z"),
        ("%Y-%m-%d %I:%M", "%I, the hour of a 12-hour clock, and %p"),
        ("%Y-%m-%d %H %I %p", "it names the hour more than once"),
    ],
)
def test_a_format_that_cannot_be_is_refused(office: Office, written: str, said: str) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate()))
    refused = office.refusal(source=[{"files": "exports/*", "date_format": written}])
    assert "bad-source" == refused.code
    assert f"certledger.toml gives the date_format '{written}', which cannot be used: {said}" in refused.reason


@pytest.mark.parametrize("written", ["%m/%d/%Y", "%d %B %y", "%Y%m%d", "%a %d %b %Y %I:%M:%S.%f %p %z", "100%% %Y-%m-%d %H:%M"])
def test_formats_that_can_be(written: str) -> None:
    assert dates.format_problem(written) is None


def test_both_readings_may_mean_the_same_days(office: Office) -> None:
    assert ["2026-11-11T14:30:00Z"] == opened(office, "11-11-2026 09:30")


def test_dates_of_another_style_cost_their_rows_only(office: Office) -> None:
    office.put(LOG, log("13-11-2026 09:30", "14-11-2026 09:30", "11-15-2026 09:30"))
    read = office.read()
    assert [("bad-date", 4), ("bad-date", 4)] == codes(read)
    assert 2 == len(read.request_events)


@pytest.mark.parametrize(
    "written",
    ["20260102", "2026-W01-5", "2026-02-30", "2026-1-2", "26-01-02", "2026-11-02 25:00", "2026-11-02 09:61", "1899-12-31", "2026/11/02"],
)
def test_only_iso_dates_in_our_own_layouts(office: Office, written: str) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(valid_from=written)))
    assert [("bad-date", 2)] == codes(office.read())


def test_excels_number_of_a_day_is_called_by_its_name(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(valid_from="46000")))
    (finding,) = office.read().findings
    assert "This is Excel's number of a day; format the column as a date or as text and export again." == finding.reason


def test_a_day_that_no_calendar_has_is_told_as_such(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(valid_from="2026-02-31")))
    (finding,) = office.read().findings
    assert ("bad-date", "There is no such day.") == (finding.code, finding.reason)


def test_the_hour_that_clocks_skip_is_read_an_hour_later(office: Office) -> None:
    office.put(LOG, log("2026-03-08 02:30:00"))
    read = office.read()
    assert [pd.Timestamp("2026-03-08T03:30:00", tz="America/New_York")] == read.request_events["opened_at"].tolist()
    assert ("skipped-hour", "opened_at") in {(finding.code, finding.column) for finding in read.findings}
    assert {"assumed"} == {finding.action for finding in read.findings}


def test_of_the_hour_that_clocks_repeat_the_first_is_taken(office: Office) -> None:
    office.put(LOG, log("2026-11-01 01:30:00"))
    read = office.read()
    assert [pd.Timestamp("2026-11-01T05:30:00Z")] == read.request_events["opened_at"].tolist()
    assert {"repeated-hour"} == {finding.code for finding in read.findings}


def test_a_certificate_without_end_stays_readable(office: Office) -> None:
    office.put(
        "inbox/exports/x.csv",
        certificates(certificate(valid_to="9999-12-31"), certificate(serial_number="02", valid_to="9999-12-31 23:59:59")),
    )
    assert [pd.Timestamp("9999-12-31T23:59:59Z")] * 2 == office.read().export_rows["valid_to"].tolist()
