"""The office's own lists: data/reference and data/entries."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.sources.offices import Office, codes, counts


def test_lists_are_read_as_their_contracts_say(office: Office) -> None:
    office.put(
        "reference/agencies.csv", "agency,name,valid_from,valid_to,successor\nDLH,Lighthouses,,2026-06-30,OTR\nOTR,Tides,2026-07-01,,\n"
    )
    office.put("reference/extra_closures.csv", "date,opens,closes,reason\n2026-12-24,,12:00,Christmas Eve\n")
    office.put("reference/server_software.csv", "name,vendor,note,match\nZeus,Ivanti,,zeus|zxtm\n")
    office.put("entries/aliases.csv", "kind,match,value,means\nAgency,division,Lighthouse Svcs,DLH\n")
    office.put("entries/notes.csv", "on,until,measure,agency,text,by\n2026-08-01,,on-time-completion,,Two people were ill,Ada\n")
    read = office.read()
    assert [] == codes(read)
    assert ["", "OTR"] == sorted(read.agencies["successor"])
    assert pd.Timestamp("2026-06-30") == read.agencies["valid_to"][0]
    assert ["12:00"] == read.extra_closures["closes"].tolist()
    assert ["zeus|zxtm"] == read.server_software["match"].tolist()
    assert [("agency", "division", "Lighthouse Svcs", "DLH")] == list(
        read.aliases[["kind", "match", "value", "means"]].itertuples(index=False, name=None)
    )
    assert ["Two people were ill"] == read.notes["text"].tolist()
    assert (1, 1, 0) == counts(read, "entries/notes.csv")


@pytest.mark.parametrize(
    ("file", "content", "code", "row", "said"),
    [
        ("agencies.csv", "agency,name\nDLH,One\nDLH,Two\n", "bad-reference", 2, "Another row has the same agency, valid_from and says"),
        ("agencies.csv", "agency,name\n,Nobody\n", "bad-reference", 2, "The cell may not be empty."),
        ("agencies.csv", "agency,name,valid_from,valid_to\nD,N,2026-07-01,2026-06-30\n", "bad-reference", 2, "This lies before"),
        ("agencies.csv", "code,title\nD,N\n", "bad-reference", 0, "No column of agencies is in the header: code, title."),
        ("closed_days.csv", "date,name\n2026-12-25,C\n25.12.2027,C\n", "bad-reference", 3, "The date is not written like"),
        ("closed_days.csv", "date,name\n2026-12-25,C\n9999-12-31,X\n", "bad-reference", 3, "this day lies in 9999."),
        ("closed_days.csv", "date,name\n1950-12-25,C\n", "bad-reference", 2, "this day lies in 1950."),
        ("extra_closures.csv", "date,opens,closes,reason\n2026-12-24,,noon,Eve\n", "bad-reference", 2, "A time of day is written like"),
    ],
)
def test_a_reference_file_with_a_mistake_stops_the_run(office: Office, file: str, content: str, code: str, row: int, said: str) -> None:
    office.put(f"reference/{file}", content)
    refused = office.refusal()
    assert (f"reference/{file}", code, row) == (refused.file, refused.code, refused.row)
    assert said in refused.reason


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("reference/agencies.csv", "agency;name\nDLH;One\n"),
        ("entries/notes.csv", "on;until;measure;agency;text;by\n2026-10-01;;;;a, b;me\n"),
    ],
)
def test_a_list_with_semicolons_is_to_be_saved_with_commas(office: Office, path: str, content: str) -> None:
    """No [[source]] can name the delimiter of a list."""
    office.put(path, content)
    refused = office.refusal()
    assert ("bad-reference", path) == (refused.code, refused.file)
    assert "The columns look separated by ';'; save the list as CSV UTF-8, separated by commas." == refused.reason


@pytest.mark.parametrize(
    ("rows", "column", "row", "said"),
    [
        ("../x,N,,,", "agency", 2, "at most 32 letters"),
        ("A/B,N,,,", "agency", 2, "at most 32 letters"),
        ("A..B,N,,,", "agency", 2, "at most 32 letters"),
        (".,N,,,", "agency", 2, "at most 32 letters"),
        ("=1+1,N,,,", "agency", 2, "at most 32 letters"),
        ("\u0391,N,,,", "agency", 2, "at most 32 letters"),
        ("A" * 33 + ",N,,,", "agency", 2, "at most 32 letters"),
        ("DLH,N,,,\ndlh,N,,,", "agency", 3, "differs from DLH by capital letters only"),
        ("A,N,2020-01-01,2026-06-30,\nA,N,2026-06-30,,", "valid_from", 3, "overlap with those of row 2"),
        ("A,N,2026-01-01,,\nA,N,,,", "valid_from", 2, "overlap with those of row 3"),
        ("A,N,,2026-06-30,B", "successor", 2, "No row has the code B."),
        ("A,N,,2026-06-30,A", "successor", 2, "in a circle: A to A."),
        ("A,N,,2026-06-30,B\nB,N,,2026-06-30,A", "successor", 2, "in a circle: A to B to A."),
        ("A,N,,2025-06-30,B\nB,N,,2026-06-30,C\nC,N,,2026-06-30,B", "successor", 2, "in a circle: B to C to B."),
    ],
)
def test_agencies_must_fit_together(office: Office, rows: str, column: str, row: int, said: str) -> None:
    office.put("reference/agencies.csv", "agency,name,valid_from,valid_to,successor\n" + rows + "\n")
    refused = office.refusal()
    assert ("bad-reference", column, row) == (refused.code, refused.column, refused.row)
    assert said in refused.reason


def test_an_agency_may_come_back_and_be_merged_into_another(office: Office) -> None:
    rows = "A,N,,2020-06-30,B-1.x_y\nB-1.x_y,N,,2024-06-30,A\nA,N,2024-07-01,2026-06-30,C\nC,N,,,\n"
    office.put("reference/agencies.csv", "agency,name,valid_from,valid_to,successor\n" + rows)
    assert 4 == len(office.read().agencies)


def test_without_agencies_nobody_can_be_charged(office: Office) -> None:
    (office.root / "data/reference/agencies.csv").unlink()
    assert ("bad-reference", "reference/agencies.csv") == (office.refusal().code, office.refusal().file)


def test_without_closed_days_no_holiday_is_counted_and_that_is_said(office: Office) -> None:
    (office.root / "data/reference/closed_days.csv").unlink()
    assert 0 == len(office.read().closed_days)
    missing = office.read().findings
    office.put("reference/closed_days.csv", "date,name,rule,source\n")
    empty = office.read().findings
    for finding in (*missing, *empty):
        assert ("bad-reference", "warning", "assumed") == (finding.code, finding.severity, finding.action)
        assert "no holiday is counted, and desk time reaches from 2008 to 2035." in finding.reason
    assert (1, 1) == (len(missing), len(empty))


def test_of_entries_each_row_is_checked_for_itself(office: Office) -> None:
    rows = "agency,division,A,DLH\nagency,smell,B,DLH\nagency,division,A,OTR\nagency,division,C,\ntier,product,P,premium\n"
    office.put("entries/aliases.csv", "kind,match,value,means\n" + rows)
    read = office.read()
    assert {("conflicting-rows", 2), ("bad-value", 3), ("conflicting-rows", 4), ("missing-value", 5)} == set(codes(read))
    assert ["P"] == read.aliases["value"].tolist()
    assert (5, 1, 4) == counts(read, "entries/aliases.csv")
