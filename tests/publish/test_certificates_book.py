"""The workbook of certificates, re-opened with openpyxl as its reader sees it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.publish import workbooks
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks import certificates_sheets
from pipeline.publish.workbooks.totals import CERTIFICATES_PATH
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, certificate, entry
from tests.publish.test_workbooks import HOSTILE, SMALLEST_PRINT, printed_points

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")
SHEETS = ["Summary", "Ending and expired", "Rule breaks", "Agencies", "Keys and algorithms", "Inventory", "About"]


def known(number: int, **changes: Any) -> dict[str, Any]:
    """Certificate `number`: of app<number>, in force for 300 more days, known from an export alone, less what `changes` says."""
    row = certificate(entry(number), days_left=300, contact_email="ann@dot.example.gov", issuer="Larkspur")
    return row | {"names": row["common_name"]} | changes


FILE = {"parse_status": "ok", "key_type": "RSA", "key_bits": 2048, "signature_algorithm": "sha256WithRSAEncryption"}
KNOWN = [
    known(1, days_left=5, valid_to="2026-11-29T04:30:00Z", serial="00" * 8, **FILE),
    known(2, days_left=40, contact_email="", agency="DEP"),
    known(3, status="expired", days_left=-10, valid_to="2026-11-13T12:00:00Z"),
    known(4, status="revoked"),
    known(5, status="", valid_to=None, days_left=None, common_name="", subject_alternative_names="", names="", agency=""),
    known(6, days_left=3),
    known(7, is_ca=True, **FILE),
    known(8, key_type="ML-DSA-65", parse_status="ok", signature_algorithm="ML-DSA-65"),
]
HOSTS = [{"host": "app6.dot.example.gov", "state": "retired", "since": dt.date(2026, 11, 1), "source": 1}]


def books(certificates: list[dict[str, Any]], **tables: pd.DataFrame) -> Books:
    places = contracts.PLACES.frame({"source": number, "file": "inbox/exports/2026-11.csv", "row": number + 1} for number in range(1, 60))
    return bookkeeping.books([], **{"certificates": contracts.CERTIFICATES.frame(certificates), "places": places} | tables)


# One of what is in force, one more of the same, one of a retired host, one of what is over, and one of an authority.
BROKEN = [(8, "key-type-not-accepted", "error"), (8, "wildcard", "note"), (6, "dsa-key", "error"), (3, "dsa-key", "error"),
          (7, "signature-sha1", "error")]  # fmt: skip
LINTS = contracts.LINTS.frame(
    {"certificate": known(number)["certificate"], "lint": lint, "severity": grade, "applies": "any", "detail": f"About {lint}."}
    for number, lint, grade in BROKEN
)
MADE = books(KNOWN, hosts=contracts.HOSTS.frame(HOSTS), lints=LINTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates")
    workbooks.write_certificates(MADE, SETTINGS, STAMP, made)
    return made


@functools.cache
def shown(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))


def table(folder: Path, sheet: str, head: str) -> list[dict[str, Any]]:
    """The rows below the header that begins with `head`, up to the total or an empty row."""
    grid = shown(folder / CERTIFICATES_PATH, sheet)
    start = next(number for number, row in enumerate(grid) if row[0] == head)
    rows = itertools.takewhile(lambda row: any(row) and row[0] != "Total", grid[start + 1 :])
    return [dict(zip(grid[start], row, strict=True)) for row in rows]


def day(row: dict[str, Any]) -> str:
    """The cell Valid to, which must be a day of Excel's."""
    assert isinstance(row["Valid to"], dt.datetime)
    return f"{row['Valid to']:%Y-%m-%d}"


def test_its_sheets_stand_in_the_order_of_a_reader(folder: Path) -> None:
    assert SHEETS == openpyxl.load_workbook(folder / CERTIFICATES_PATH).sheetnames


def test_the_summary_counts_states_what_ends_and_what_lapsed(folder: Path) -> None:
    states = {row["State"]: row["Certificates"] for row in table(folder, "Summary", "State")}
    expected = {"In force": 4, "Not yet valid": 0, "Superseded": 0, "Expired": 1, "Revoked": 1, "Dates cannot be read": 1}
    assert expected == states
    retired = {row["State"]: row["Of these, host retired"] for row in table(folder, "Summary", "State")}
    assert {"In force": 1, "Not yet valid": 0, "Superseded": 0, "Expired": 0, "Revoked": 0, "Dates cannot be read": 0} == retired
    ends = [(row["Certificates"], row["Without a contact"]) for row in table(folder, "Summary", "In force, and ends")]
    assert [(1, 0), (0, 0), (1, 1), (0, 0)] == ends
    assert [1] == [row["Certificates"] for row in table(folder, "Summary", "Over, and nothing took over")]
    grades = {row["Rules broken, by grade"]: row["Rule breaks"] for row in table(folder, "Summary", "Rules broken, by grade")}
    assert {"error": 2, "warning": 0, "note": 1} == grades


def test_the_summary_less_retired_hosts_is_what_the_filter_of_the_inventory_gives(tmp_path: Path) -> None:
    statuses = ("active", "not-yet-valid", "superseded", "expired", "revoked", "")
    made = [known(number, status=status, names="app6.dot.example.gov") for number, status in enumerate(statuses, 1)]
    made += [known(number, status=status, days_left=0) for number, status in enumerate(statuses, 11)]
    workbooks.write_certificates(books(made, hosts=contracts.HOSTS.frame(HOSTS)), SETTINGS, STAMP, tmp_path)
    filtered = Counter(row["State"] for row in table(tmp_path, "Inventory", "Host name"))
    rows = table(tmp_path, "Summary", "State")
    left = {row["State"].lower(): row["Certificates"] - row["Of these, host retired"] for row in rows}
    left["dates not known"] = left.pop("dates cannot be read")
    assert filtered == Counter({"host retired": sum(row["Of these, host retired"] for row in rows)} | left)
    assert 4 == filtered["host retired"]
    ended = [(row["When"], row["Host name"]) for row in table(tmp_path, "Ending and expired", "When")]
    assert [("expired", "app14.dot.example.gov"), ("within 7 days", "app11.dot.example.gov")] == ended


def test_rule_breaks_of_what_is_in_use_stand_gravest_first_with_what_to_do(folder: Path) -> None:
    columns = ("Grade", "Host name", "What was found", "By when", "Rule's name")
    expected = [
        ("error", "app8.dot.example.gov", "About key-type-not-accepted.", "Now: do not wait for the renewal.", "key-type-not-accepted"),
        ("error", "app7.dot.example.gov", "About signature-sha1.", "Now: do not wait for the renewal.", "signature-sha1"),
        ("note", "app8.dot.example.gov", "About wildcard.", "No day is set: know it, and decide.", "wildcard"),
    ]
    rows = table(folder, "Rule breaks", "Grade")
    assert expected == [tuple(row[column] for column in columns) for row in rows]
    assert rows[0]["What to do"].startswith("Make a new key")


def test_a_rule_break_of_what_is_not_yet_valid_is_listed_and_counted(tmp_path: Path) -> None:
    made = books([known(1), known(8, status="not-yet-valid")], lints=LINTS[LINTS["certificate"] == known(8)["certificate"]])
    workbooks.write_certificates(made, SETTINGS, STAMP, tmp_path)
    rows = table(tmp_path, "Rule breaks", "Grade")
    expected = [("error", "not yet valid", "Before it is installed."), ("note", "not yet valid", "No day is set: know it, and decide.")]
    assert expected == [(row["Grade"], row["State"], row["By when"]) for row in rows]
    assert all(check.holds for check in workbooks.certificate_ties(made, AS_OF, tmp_path))


def test_what_lapsed_comes_first_and_a_retired_host_is_not_listed(folder: Path) -> None:
    columns = ("When", "Host name", "Valid to", "Days\nleft", "Agency", "Who is told", "Whose address")
    expected = [
        ("expired", "app3.dot.example.gov", "2026-11-13", -10, "DOT", "ann@dot.example.gov", "was not told of its end"),
        ("within 7 days", "app1.dot.example.gov", "2026-11-28", 5, "DOT", "ann@dot.example.gov", "its own contact"),
        ("31 to 60 days", "app2.dot.example.gov", "2027-11-02", 40, "DEP", "certificates@example.gov",
         "no contact; the service owner"),
    ]  # fmt: skip
    found = table(folder, "Ending and expired", "When")
    assert expected == [tuple(row[column] for column in columns) for row in ({**row, "Valid to": day(row)} for row in found)]


def test_the_inventory_holds_every_server_once_with_typed_cells_and_serials_as_text(folder: Path) -> None:
    rows = table(folder, "Inventory", "Host name")
    columns = ("Host name", "State", "Agency", "Key", "Serial", "Row or\nline")
    expected = [
        ("app1.dot.example.gov", "in force", "DOT", "RSA 2048", "00" * 8, 2),
        ("app2.dot.example.gov", "in force", "DEP", "no certificate file", f"0a{2:030x}", 3),
        ("app8.dot.example.gov", "in force", "DOT", "ML-DSA-65", f"0a{8:030x}", 9),
        ("no name in the certificate", "dates not known", "not known", "no certificate file", f"0a{5:030x}", 6),
        ("app3.dot.example.gov", "expired", "DOT", "no certificate file", f"0a{3:030x}", 4),
        ("app4.dot.example.gov", "revoked", "DOT", "no certificate file", f"0a{4:030x}", 5),
        ("app6.dot.example.gov", "host retired", "DOT", "no certificate file", f"0a{6:030x}", 7),
    ]
    assert expected == [tuple(row[column] for column in columns) for row in rows]
    assert ["2026-11-28", 5] == [day(rows[0]), rows[0]["Days\nleft"]]
    assert ["cannot be read", "cannot be read"] == [rows[3]["Valid to"], rows[3]["Days\nleft"]]


def test_a_day_before_year_one_is_shown_and_no_date_of_excel_s(tmp_path: Path) -> None:
    """notBefore of year 0 stands in certificates, and midnight of year 1 in UTC is a day of year 0 in America."""
    instants = pd.Series(np.array(["0000-01-01T00:00:00", "0001-01-01T00:00:00"], dtype="datetime64[us]")).dt.tz_localize("UTC")
    ancient = contracts.CERTIFICATES.frame([known(1), known(2)]).assign(valid_from=instants)
    made = dataclasses.replace(books([]), certificates=contracts.CERTIFICATES.check(ancient))
    workbooks.write_certificates(made, SETTINGS, STAMP, tmp_path)
    assert ["-001-12-31", "0000-12-31"] == [row["Valid from"] for row in table(tmp_path, "Inventory", "Host name")]


def test_agencies_add_up_to_the_summary(folder: Path) -> None:
    rows = table(folder, "Agencies", "Agency")
    assert ["DEP", "DOT", "not known"] == [row["Agency"] for row in rows]
    columns = ("Known", "In force", "Within 7 days", "Within 90 days", "Expired", "To replace now", "Without a contact")
    assert [7, 4, 1, 2, 1, 2, 1] == [sum(row[column] for row in rows) for column in columns]


def test_keys_are_those_of_what_is_in_force_and_proven(folder: Path) -> None:
    rows = [tuple(row.values()) for row in table(folder, "Keys and algorithms", "What")]
    expected = [
        ("Key", "ML-DSA-65", 1, 0.5, "yes"),
        ("Key", "RSA 2048", 1, 0.5, "no"),
        ("Signature algorithm", "ML-DSA-65", 1, 0.5, "does not apply"),
        ("Signature algorithm", "sha256WithRSAEncryption", 1, 0.5, "does not apply"),
        ("Trust", "issuer not told", 4, 1, "does not apply"),
        ("Issuer", "Larkspur", 4, 1, "does not apply"),
    ]
    assert expected == rows


def test_every_formula_is_ours_and_shows_what_it_works_out_to(tmp_path: Path) -> None:
    """A formula that came from data would be none that `recalculation` knows."""
    typed = [known(number, common_name=text, issuer=text, contact_email=text, order_id=text, server_software=text, days_left=number, **FILE)
             for number, text in enumerate(HOSTILE, 1)]  # fmt: skip
    path = workbooks.write_certificates(books(typed), SETTINGS, STAMP, tmp_path)
    found = list(recalculation.formulas(path))
    assert 14 == len(found)
    assert [] == [what for what, value, right in found if value != right]
    names = {row["Host name"] for row in table(tmp_path, "Inventory", "Host name")}
    assert {"=1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://evil.example","x")'} <= names


def test_every_sheet_stays_large_enough_to_read_on_letter_paper(tmp_path: Path) -> None:
    long = "a-very-long-name-of-a-server.of.some.agency.example.gov"
    wide = {"common_name": long, "issuer": long, "contact_email": f"x@{long}", "order_id": "ORDER-2026-0000-0001-7", "serial": "0a" * 20}
    broken = LINTS.iloc[:1].assign(certificate=known(1)["certificate"], detail=long)
    made = books([known(1, **wide), known(2, **wide, status="expired", days_left=-9, names=long)], lints=broken)
    path = workbooks.write_certificates(made, SETTINGS, STAMP, tmp_path)
    assert [] == [sheet.title for sheet in openpyxl.load_workbook(path) if printed_points(sheet) < SMALLEST_PRINT]


def test_the_workbook_counts_what_the_table_holds_and_is_not_published_otherwise(folder: Path) -> None:
    assert [(7, 7), (4, 4), (3, 3)] == [(check.left, check.right) for check in workbooks.certificate_ties(MADE, AS_OF, folder)]
    more = books([*KNOWN, known(9, status="expired", days_left=-300)], hosts=contracts.HOSTS.frame(HOSTS), lints=LINTS)
    assert ["certificates counted in certificates.xlsx = certificates of servers"] == [
        check.name for check in workbooks.certificate_ties(more, AS_OF, folder) if not check.holds
    ]


def test_the_same_books_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = workbooks.write_certificates(MADE, SETTINGS, STAMP, tmp_path)
    assert (folder / CERTIFICATES_PATH).read_bytes() == again.read_bytes()


def test_without_a_certificate_every_sheet_says_so(tmp_path: Path) -> None:
    workbooks.write_certificates(books([]), SETTINGS, STAMP, tmp_path)
    said = {sheet: [row[0] for row in shown(tmp_path / CERTIFICATES_PATH, sheet)] for sheet in SHEETS}
    assert "No certificate in force expires within 30 days." in said["Summary"]
    assert "Nothing expired without a successor, and nothing in force ends within 90 days." in said["Ending and expired"]
    assert "No certificate in use or not yet valid breaks a rule." in said["Rule breaks"]
    assert "No certificate is known yet." in said["Agencies"]
    assert "No certificate is known yet." in said["Inventory"]


def test_of_too_many_certificates_the_most_urgent_are_listed_all_are_counted_and_the_sheet_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 30
    monkeypatch.setattr(certificates_sheets, "MOST_ROWS", most)
    urgent = known(2**30, source=1)
    table = contracts.CERTIFICATES.frame([known(1, status="expired", days_left=-400), urgent])
    many = table.iloc[[0] * most + [1]].reset_index(drop=True)
    many["certificate"] = [f"{number:064x}" for number in range(len(many))]
    made = dataclasses.replace(books([]), certificates=contracts.CERTIFICATES.check(many))
    path = workbooks.write_certificates(made, SETTINGS, STAMP, tmp_path)
    with zipfile.ZipFile(path) as package:
        sheet = package.read("xl/worksheets/sheet6.xml").decode()
        words = package.read("xl/sharedStrings.xml").decode()
    beside_them = 3  # the sample label, the note, the header
    assert most + beside_them == sheet.count("<row ")
    assert f"The first {most:,} of {most + 1:,}, most urgent first" in words
    assert f"app{2**30}.dot.example.gov" in words
    assert all(check.holds for check in workbooks.certificate_ties(made, AS_OF, tmp_path))
