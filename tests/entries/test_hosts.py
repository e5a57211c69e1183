"""data/entries/hosts.csv: what is read, what a retired host means for its certificates, and which lines somebody should look at."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from pipeline import hosts
from pipeline.contracts import CERTIFICATES, HOSTS
from tests.sources.offices import Office, codes, counts

AS_OF = dt.date(2026, 11, 23)
HEADER = "host,state,since,by,note\n"


def lines(*rows: tuple[str, str, str]) -> pd.DataFrame:
    told = ((host, state, dt.date.fromisoformat(since)) for host, state, since in rows)
    return HOSTS.frame(
        {"host": host, "state": state, "since": since, "by": "Ada", "source": number} for number, (host, state, since) in enumerate(told, 1)
    )


def certificates(*rows: tuple[str, str]) -> pd.DataFrame:
    """Certificates by names and day of issue."""
    return CERTIFICATES.frame(
        {
            "certificate": f"c{number}", "names": names, "service_on": dt.date.fromisoformat(day),
            "parse_status": "ok", "matched": "none", "role": "billing", "source": number,
        }
        for number, (names, day) in enumerate(rows)
    )  # fmt: skip


def found(told: pd.DataFrame, inventory: pd.DataFrame, as_of: dt.date = AS_OF) -> list[tuple[str, str]]:
    return [(finding.code, finding.value) for finding in hosts.judged(told, inventory, as_of).findings]


def test_a_line_is_read_and_its_host_spelled_as_certificates_spell_it(office: Office) -> None:
    office.put("entries/hosts.csv", f"{HEADER}WWW.Example.gov.,Retired,2026-10-31,Ada,gone\n*.example.gov,automated,2027-01-01,Ada,\n")
    read = office.read()
    assert [] == codes(read)
    assert [
        ("www.example.gov", "retired", dt.date(2026, 10, 31), "Ada", "gone"),
        ("*.example.gov", "automated", dt.date(2027, 1, 1), "Ada", ""),
    ] == [
        (host, state, since.date(), by, note)
        for host, state, since, by, note in read.hosts[["host", "state", "since", "by", "note"]].itertuples(index=False, name=None)
    ]
    assert (2, 2, 0) == counts(read, "entries/hosts.csv")
    assert ["entries/hosts.csv"] * 2 == read.places.set_index("source").loc[read.hosts["source"], "file"].tolist()


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("www.example.gov,gone,2026-10-31,Ada,", "bad-value", "state"),
        ("www.example.gov,retired,soon,Ada,", "bad-date", "since"),
        ("www.example.gov,retired,,Ada,", "missing-value", "since"),
        ("www.example.gov,retired,2026-10-31,,", "missing-value", "by"),
        (",retired,2026-10-31,Ada,", "missing-value", "host"),
        ("https://www.example.gov/,retired,2026-10-31,Ada,", "bad-value", "host"),
        ("web@example.gov,retired,2026-10-31,Ada,", "bad-value", "host"),
        ("www.example.gov;api.example.gov,retired,2026-10-31,Ada,", "bad-value", "host"),
    ],
)
def test_a_line_that_cannot_stand_is_set_aside_and_the_others_hold(office: Office, line: str, code: str, column: str) -> None:
    office.put("entries/hosts.csv", f"{HEADER}{line}\nok.example.gov,retired,2026-10-31,Ada,\n")
    read = office.read()
    aside = [finding for finding in read.findings if finding.file == "entries/hosts.csv"]
    assert [(code, column, 2, "quarantined")] == [(one.code, one.column, one.row, one.action) for one in aside]
    assert ["ok.example.gov"] == read.hosts["host"].tolist()
    assert (2, 1, 1) == counts(read, "entries/hosts.csv")


def test_two_lines_of_one_day_about_one_host_contradict_each_other(office: Office) -> None:
    office.put("entries/hosts.csv", f"{HEADER}a.example.gov,retired,2026-10-31,Ada,\nA.example.gov,renewing,2026-10-31,Bob,\n")
    read = office.read()
    assert ["conflicting-rows"] * 2 == [finding.code for finding in read.findings if finding.file == "entries/hosts.csv"]
    assert 0 == len(read.hosts)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("a", "retired", "2026-11-23")], {"a"}),
        ([("a", "retired", "2026-11-24")], set()),
        ([("a", "retired", "2026-10-01"), ("a", "renewing", "2026-11-01")], set()),
        ([("a", "renewing", "2026-11-01"), ("a", "retired", "2026-10-01")], set()),
        ([("a", "retired", "2026-10-01"), ("a", "renewing", "2026-11-24")], {"a"}),
        ([("a", "automated", "2026-10-01"), ("b", "retired", "2026-10-01")], {"b"}),
        ([], set()),
    ],
)
def test_the_last_line_up_to_the_day_says_which_hosts_are_retired(rows: list[tuple[str, str, str]], expected: set[str]) -> None:
    assert expected == hosts.retired(lines(*rows), AS_OF)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("a.example.gov", False),
        ("a.example.gov b.example.gov", False),
        ("a.example.gov c.example.gov", True),
        ("a.example.gov web@example.gov", False),
        ("*.example.gov", True),
        ("", True),
        ("web@example.gov", True),
    ],
)
def test_a_certificate_matters_until_all_its_hosts_are_retired(names: str, expected: bool) -> None:
    told = lines(("a.example.gov", "retired", "2026-10-01"), ("b.example.gov", "retired", "2026-11-23"))
    inventory = certificates((names, "2026-01-01"))
    inventory.index = pd.Index([7])
    matters = hosts.still_matter(inventory, told, AS_OF)
    assert [(7, expected)] == list(matters.items())
    assert hosts.still_matter(inventory, HOSTS.empty(), AS_OF).all()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.example.gov", []),
        ("sub.wild.example.gov", []),
        ("*.wild.example.gov", []),
        ("a.sub.wild.example.gov", [("unknown-host", "a.sub.wild.example.gov")]),
        ("wild.example.gov", [("unknown-host", "wild.example.gov")]),
        ("wwww.example.gov", [("unknown-host", "wwww.example.gov")]),
    ],
)
def test_a_host_that_no_certificate_covers_is_told(host: str, expected: list[tuple[str, str]]) -> None:
    inventory = certificates(("www.example.gov", "2025-01-01"), ("*.wild.example.gov", "2025-01-01"))
    assert expected == found(lines((host, "renewing", "2026-10-01")), inventory)
    assert [] == found(lines((host, "renewing", "2026-11-24")), inventory)


@pytest.mark.parametrize(
    ("issued", "rows", "expected"),
    [
        ("2026-10-31", [("a", "retired", "2026-10-31")], []),
        ("2026-11-01", [("a", "retired", "2026-10-31")], [("retired-host-renewed", "a")]),
        ("2026-11-01", [("a", "retired", "2026-10-31"), ("a", "renewing", "2026-11-01")], []),
        ("2026-11-01", [("a", "renewing", "2026-10-31")], []),
    ],
)
def test_a_certificate_for_a_retired_host_is_told(issued: str, rows: list[tuple[str, str, str]], expected: list[tuple[str, str]]) -> None:
    assert expected == found(lines(*rows), certificates(("a b", issued), ("a", "2025-10-31")))


def test_what_is_told_names_the_line() -> None:
    told = lines(("b.example.gov", "retired", "2026-10-01"), ("a.example.gov", "retired", "2026-10-01"))
    assert [1, 2] == [finding.source for finding in hosts.judged(told, certificates(), AS_OF).findings]
