"""What is not read is said: an export that lies wrong stops the run, a [[source]] without a file and an unknown list are warnings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.sources import inbox
from tests.sources.offices import Office, certificate, certificates

EXPORT = certificates(certificate())


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("inbox/exports/november.csv.bak", "Only .csv, .tsv, .xlsx, .json and .txt files are read here; its name ends in .bak."),
        ("inbox/exports/november.xml", "its name ends in .xml."),
        ("inbox/requests/notes.docx", "its name ends in .docx."),
        ("inbox/lots/lots", "its name has no ending."),
        ("inbox/exprots/november.csv", "from a folder 'exprots'; there are exports, requests, lots, outages, pem; did you mean exports?"),
        ("inbox/Exports/november.csv", "did you mean exports?"),
        ("inbox/zzz/november.csv", "there are exports, requests, lots, outages, pem."),
        ("inbox/november.csv", "Nothing is read from data/inbox itself"),
    ],
)
def test_an_export_that_is_not_read_stops_the_run(office: Office, path: str, said: str) -> None:
    office.put(path, EXPORT)
    refused = office.refusal()
    assert ("unread-file", path, "error") == (refused.code, refused.file, refused.severity)
    assert said in refused.reason


@pytest.mark.parametrize("name", ["november.csv.txt", "november.json", "november.jsonl"])
def test_an_export_under_another_ending_is_read_by_its_content(office: Office, name: str) -> None:
    office.put(f"inbox/exports/{name}", EXPORT)
    assert 1 == len(office.read().export_rows)


def test_an_old_workbook_stops_the_run(office: Office) -> None:
    office.put("inbox/exports/november.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "password-protected" == office.refusal().code


def test_what_people_and_programs_leave_behind_is_left_alone(office: Office) -> None:
    for name in ("README.md", "readme.txt", "README", ".gitkeep", ".hidden.csv", "~$open.xlsx", ".old/x.csv", "Thumbs.db", "desktop.ini"):
        office.put(f"inbox/exports/{name}", "not a table")
        office.put(f"inbox/unknown/{name}", "not a table")
    read = office.read()
    assert () == read.findings
    assert not read.inputs["file"].str.startswith("inbox/").any()


@pytest.mark.parametrize("path", ["exports/november.pdf", "exprots/november.csv"])
def test_a_file_that_is_not_required_is_only_told_of(office: Office, path: str) -> None:
    office.put(f"inbox/{path}", "x")
    read = office.read(source=[{"files": path, "required": False}])
    assert ["quarantined"] == [finding.action for finding in read.findings]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "entries/alias.csv",
            "known in data/entries are aliases, corrections, accepted, hosts, adjustments, accounts, estimates, ",
        ),
        ("reference/holidays.csv", "known in data/reference are agencies, closed_days, extra_closures, server_software"),
        ("reference/closed_days.txt", "Another file of the name closed_days is read"),
        ("reference/old/agencies.csv", "known in data/reference are agencies"),
    ],
)
def test_a_list_of_an_unknown_name_is_a_warning(office: Office, path: str, said: str) -> None:
    office.put(path, "id,agency\n")
    (finding,) = office.read().findings
    assert ("skipped-file", "warning", path) == (finding.code, finding.severity, finding.file)
    assert said in finding.reason


def test_a_source_that_matches_nothing_is_a_warning(office: Office) -> None:
    office.put("inbox/exports/a.csv", EXPORT)
    patterns = ["exports/*.csv", "exports/a.csv", "lots/*.csv", "data/inbox/exports/a.csv"]
    read = office.read(source=[{"files": pattern} for pattern in patterns])
    assert [("unmatched-source", "warning", "certledger.toml", pattern) for pattern in patterns[1:]] == [
        (finding.code, finding.severity, finding.file, finding.value) for finding in read.findings
    ]
    earlier, nothing, above = (finding.reason for finding in read.findings)
    assert "fits an earlier [[source]]" in earlier
    assert "No file below data/inbox fits files = 'lots/*.csv'." == nothing
    assert "patterns begin below data/inbox, e.g. 'exports/a.csv'" in above


# Reads twice: once with all rights, so that nothing has to be imported afterwards (the interpreter may lie where only root reads),
# and then as nobody, with one place locked.
_READ = """
import datetime, os, sys; from pathlib import Path
from pipeline.settings import Settings; from pipeline.sources import closed_months, inbox
def read(): return inbox.read(Path(), Settings(), datetime.date(2026, 11, 23))
os.chdir(sys.argv[1])  # from here on no folder above has to be readable
read()
Path("data", sys.argv[2]).chmod(0)
os.setuid(65534)
try: print(*(f"{one.code} {one.file} {one.action}" for one in read().findings))
except (inbox.InputRefused, closed_months.ClosedBooksError) as refused: print(refused)
"""


@pytest.mark.slow  # a process of its own, without rights, each time
@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="needs root to read as somebody without rights")
@pytest.mark.parametrize(
    ("locked", "said"),
    [
        ("inbox/exports/a.csv", "data/inbox/exports/a.csv [unreadable-file]: The file cannot be opened: Permission denied. Give the run"),
        ("inbox/exports", "data/inbox/exports/ [unreadable-file]: The folder cannot be opened: Permission denied. Give the run"),
        ("inbox", "data/inbox/ [unreadable-file]: The folder cannot be opened: Permission denied."),
        ("reference/agencies.csv", "data/reference/agencies.csv [unreadable-file]: The file cannot be opened: Permission denied."),
        ("reference", "data/reference/ [unreadable-file]: The folder cannot be opened: Permission denied."),
        ("inbox/pem/a.pem", "unreadable-file inbox/pem/a.pem quarantined"),
        ("inbox/pem", "unreadable-file inbox/pem/ quarantined"),
        ("README.md", "unreadable-file README.md kept"),
        ("ledger", "data/ledger cannot be read: Permission denied. Give the run the right to read it."),
    ],
)
def test_what_may_not_be_read_is_said_and_nothing_breaks(office: Office, tmp_path: Path, locked: str, said: str) -> None:
    for path in ("inbox/exports/a.csv", "inbox/pem/a.pem", "README.md", "ledger/x"):
        office.put(path, EXPORT if path.endswith("csv") else "")
    tmp_path.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", _READ, str(tmp_path), locked], capture_output=True, text=True, check=False)
    (tmp_path / "data" / locked).chmod(0o755)
    assert "" == done.stderr
    assert said in done.stdout


def test_a_refusal_names_file_row_column_code_and_remedy(office: Office) -> None:
    office.put("inbox/exports/a.csv", "")
    office.put("reference/closed_days.csv", "date,name\n25.12.2027,Christmas\n")
    office.put("entries/aliases.csv", "kind,match\n")
    with pytest.raises(inbox.InputRefused) as refused:
        office.read()
    assert [
        "data/entries/aliases.csv [bad-reference]: The nearest layout is aliases; it lacks value, means. The header is: kind, match. "
        "Correct the file; every run depends on it.",
        "data/reference/closed_days.csv, line 2, column date [bad-reference]: The date is not written like 2026-11-02. "
        "Correct the file; every run depends on it.",
        "data/inbox/exports/a.csv [empty-file]: The file holds nothing. Export again, or remove the file.",
    ] == sorted(str(refused.value).splitlines(), key=lambda line: line.partition(" ")[0].replace("inbox", "z"))


def test_a_name_with_a_line_separator_is_shown_in_ascii(office: Office) -> None:
    office.put("inbox/exports/a\u2028b\u2029c\u202e.csv", EXPORT)
    assert ["inbox/exports/a\\u2028b\\u2029c\\u202e.csv"] == office.read().places["file"].tolist()
