"""data/entries/accepted.csv: a finding may stay as it is until a day, and is still seen; what is about money or keys may not."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import entries
from pipeline.findings import CODES, NO_SOURCE, Finding
from pipeline.sources import entry_cells
from tests.sources.offices import AS_OF, Office, certificate, certificates, codes, counts

HEADER = "code,file,key,until,by,reason\n"
LINE = "2026-12-31,R. Sample,the vendor mends it"
EXPORT = "inbox/exports/2026-11.csv"


def judged(office: Office, *lines: str, as_of: dt.date = AS_OF) -> list[Finding]:
    """What becomes of the findings of an office with one certificate of each kind, and with these lines of accepted.csv."""
    office.put("entries/accepted.csv", HEADER + "".join(f"{line}\n" for line in lines))
    office.put(EXPORT, certificates(certificate(order_id="A-1", serial_number="0A:01"), certificate(order_id="A-2", serial_number="0b02")))
    read = office.read()
    source = dict(zip(read.export_rows["order_id"], read.export_rows["source"].astype(int), strict=True))
    found = [
        *read.findings,
        Finding("names-differ", "Two names.", value="www.example.gov", source=source["A-1"]),
        Finding("names-differ", "Two names.", value="api.example.gov", source=source["A-2"]),
        Finding("bad-date", "No date.", value="31-02-2026", file="inbox/requests/log.csv", row=4, action="quarantined"),
    ]
    return list(entries.accept(found, read, as_of))


def accepted_values(findings: list[Finding]) -> list[str]:
    return [finding.value for finding in findings if finding.accepted]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"names-differ,,,{LINE}", ["www.example.gov", "api.example.gov"]),
        (f"names-differ,,WWW.example.gov ,{LINE}", ["www.example.gov"]),
        (f"names-differ,,a-2,{LINE}", ["api.example.gov"]),
        (f"names-differ,,0a01,{LINE}", ["www.example.gov"]),
        (f"names-differ,,B:02,{LINE}", ["api.example.gov"]),
        (f"names-differ,inbox/exports/*.csv,,{LINE}", ["www.example.gov", "api.example.gov"]),
        (f"names-differ,data/{EXPORT},A-1,{LINE}", ["www.example.gov"]),
        (f"bad-date,inbox/requests/log.csv,31-02-2026,{LINE}", ["31-02-2026"]),
        (f"names-differ,inbox/requests/*,,{LINE}", []),
        (f"names-differ,,A-3,{LINE}", []),
        (f"dates-differ,,,{LINE}", []),
    ],
)
def test_a_line_accepts_the_findings_that_it_names_and_no_other(office: Office, line: str, expected: list[str]) -> None:
    findings = judged(office, line)
    assert expected == accepted_values(findings)
    assert ([] if expected else [1]) == [1 for finding in findings if finding.code == "stale-acceptance"]


def test_an_accepted_finding_is_a_note_that_says_who_until_when_and_why(office: Office) -> None:
    found = next(finding for finding in judged(office, f"bad-date,,,{LINE}") if finding.code == "bad-date")
    assert ("note", "quarantined") == (found.severity, found.action)
    assert "Accepted until 2026-12-31 by R. Sample: the vendor mends it" == found.accepted


@pytest.mark.parametrize(("until", "expected"), [("2026-11-22", 0), ("2026-11-23", 1), ("2026-11-24", 1)])
def test_the_last_day_is_included(office: Office, until: str, expected: int) -> None:
    findings = judged(office, f"bad-date,,,{until},R. Sample,why")
    assert expected == len(accepted_values(findings))
    stale = [finding for finding in findings if finding.code == "stale-acceptance"]
    assert 1 - expected == len(stale)
    if stale:
        assert "which is over" in stale[0].reason
        assert stale[0].source != NO_SOURCE


def test_of_two_lines_the_longer_one_is_shown_and_both_are_in_use(office: Office) -> None:
    findings = judged(office, "bad-date,,,2026-12-01,A,short", "bad-date,,31-02-2026,2026-12-24,B,long")
    assert ["Accepted until 2026-12-24 by B: long"] == [finding.accepted for finding in findings if finding.accepted]
    assert "stale-acceptance" not in {finding.code for finding in findings}


def test_without_lines_nothing_changes(office: Office) -> None:
    office.put(EXPORT, certificates(certificate(agency="Nobody")))
    read = office.read()
    found = [Finding("names-differ", "Two names.", source=0), Finding("footer", "A sum.")]
    assert tuple(found) == entries.accept(found, read, AS_OF)


@pytest.mark.parametrize("code", sorted(entries.NEVER_ACCEPTED | {code for code in CODES if CODES[code].action == "stopped"}))
def test_what_is_about_money_or_keys_or_stops_a_run_is_never_accepted(office: Office, code: str) -> None:
    office.put("entries/accepted.csv", f"{HEADER}{code},,,{LINE}\nfooter,,,{LINE}\n")
    read = office.read()
    assert [("bad-value", 2)] == codes(read)
    assert ["footer"] == read.accepted["code"].tolist()


def test_dollars_that_wait_are_among_what_is_never_accepted() -> None:
    assert {"charge-waiting", "no-rate", "unknown-agency", "unknown-tier", "private-key"} <= entries.NEVER_ACCEPTED


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"no-such-code,,,{LINE}", "bad-value"),
        ("footer,,,,R. Sample,why", "missing-value"),
        ("footer,,,2026-12-31,,why", "missing-value"),
        ("footer,,,2026-12-31,R. Sample,", "missing-value"),
        ("footer,,,soon,R. Sample,why", "bad-date"),
    ],
)
def test_a_line_that_is_wrong_accepts_nothing_and_is_told(office: Office, line: str, code: str) -> None:
    office.put("entries/accepted.csv", f"{HEADER}{line}\nskipped-hour,,,{LINE}\n")
    read = office.read()
    assert [(code, 2)] == codes(read)
    assert (2, 1, 1) == counts(read, "entries/accepted.csv")


def test_a_line_knows_its_place(office: Office) -> None:
    office.put("entries/accepted.csv", f"{HEADER}footer,,,{LINE}\n")
    office.put(EXPORT, certificates(certificate()))
    read = office.read()
    place = read.places.set_index("source").loc[int(read.accepted["source"].iloc[0])]
    assert ("entries/accepted.csv", 2) == (place["file"], place["row"])


@given(st.text())
def test_a_cell_of_the_entries_is_no_formula_and_reads_back_exactly(text: str) -> None:
    cell = entry_cells.guarded(text)
    assert cell[:1] not in set("=+-@\t\r\n\0")
    assert text == entry_cells.exact(cell)


def test_no_finding_is_lost_and_only_its_grade_changes(office: Office) -> None:
    plain, accepted = judged(office), judged(office, f"names-differ,,,{LINE}", f"bad-date,,,{LINE}")
    assert plain == [dataclasses.replace(finding, severity=CODES[finding.code].severity, accepted="") for finding in accepted]
