"""The road walked by files that nobody here wrote."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from pathlib import Path

import certifi
import pytest

from tests.conftest import ROOT, certledger, without_site
from tests.massachusetts import desk_time, local

DEBIAN_ROOTS = Path("/usr/share/ca-certificates")
REQUESTS = ROOT.parent / "shared/data/requests"
SERVICENOW = REQUESTS / "servicenow_incident_event_log.csv"
EVENT_LOG = REQUESTS / "bpi2013_incidents.csv"


LAST_DAY_OF_THE_EVENT_LOG = "2012-05-22"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_every_root_of_certifi_and_debian_is_in_the_inventory(empty_workspace: Path) -> None:
    inbox = empty_workspace / "data/inbox/pem"
    shutil.copyfile(certifi.where(), inbox / "certifi.pem")
    if DEBIAN_ROOTS.is_dir():  # not on every machine; certifi always comes with the tests
        shutil.copytree(DEBIAN_ROOTS, inbox / "debian")
    blocks = {path: len(re.findall(rb"BEGIN CERTIFICATE", path.read_bytes())) for path in inbox.rglob("*.*") if path.is_file()}
    done = certledger("-C", without_site(empty_workspace), "run")
    assert done.returncode == 0, done.stdout + done.stderr
    tables = empty_workspace / "reports/latest/tables"
    read = {row["file"]: int(row["rows_read"]) for row in rows(tables / "inputs.csv") if row["kind"] == "pem"}
    assert {f"inbox/pem/{path.relative_to(inbox).as_posix()}": count for path, count in blocks.items()} == read
    certificates = rows(tables / "certificates.csv")
    distinct = {row["fingerprint_sha256"] for row in certificates}
    assert len(distinct) == len(certificates)
    assert blocks[inbox / "certifi.pem"] <= len(certificates) <= sum(blocks.values())
    assert [] == [row["certificate"] for row in certificates if row["parse_status"] not in ("ok", "partial")]


def _desk_seconds_from_first_to_last_event() -> int:
    """Of all cases of the event log, on the desk's clock: what its waiting is a share of."""
    stamps: dict[str, list[str]] = {}
    for row in rows(EVENT_LOG):
        stamps.setdefault(row["caseid"], []).append(row["end_timestamp"])
    time = desk_time()
    first, last = (time.seconds(local(*(choose(told) for told in stamps.values()))) for choose in (min, max))
    return int((last - first).sum())


@pytest.mark.slow
def test_the_servicenow_log_runs_through_as_890_requests(empty_workspace: Path) -> None:
    if not SERVICENOW.is_file():
        pytest.skip("the real ServiceNow log does not lie beside this checkout")
    shutil.copyfile(SERVICENOW, empty_workspace / "data/inbox/requests/servicenow.csv")
    done = certledger("-C", without_site(empty_workspace), "run")
    assert done.returncode == 0, done.stdout + done.stderr
    tables = empty_workspace / "reports/latest/tables"
    found = rows(tables / "requests.csv")
    assert 890 == len(found)
    assert ({"completed": 890}, 11) == (Counter(row["status"] for row in found), sum(row["reopen_count"] != "0" for row in found))
    assert {"met", "missed"} == {row["verdict"] for row in found}
    assert ["Requests without a time of resolution, for which the time of closing was taken: 29."] == [
        row["reason"] for row in rows(tables / "findings.csv") if row["code"] == "completed-by-closing"
    ]
    assert [("5998", "5998", "0")] == [
        (row["rows_read"], row["rows_accepted"], row["rows_quarantined"])
        for row in rows(tables / "inputs.csv")
        if row["file"] == "inbox/requests/servicenow.csv"
    ]


@pytest.mark.slow
def test_the_event_log_of_volvo_runs_through_as_7554_requests(empty_workspace: Path) -> None:
    if not EVENT_LOG.is_file():
        pytest.skip("the real event log does not lie beside this checkout")
    shutil.copyfile(EVENT_LOG, empty_workspace / "data/inbox/requests/bpi.csv")
    done = certledger("-C", without_site(empty_workspace), "run", "--as-of", LAST_DAY_OF_THE_EVENT_LOG)
    assert done.returncode == 0, done.stdout + done.stderr
    tables = empty_workspace / "reports/latest/tables"
    found = rows(tables / "requests.csv")
    assert 7554 == len(found)
    assert 514 == sum(row["reopen_count"] != "0" for row in found), "as many as are reopened by the definition (facts/service-levels §6)"
    assert {"completed": 7545, "cancelled": 1, "paused": 5, "open": 3} == Counter(row["status"] for row in found)
    spells = rows(tables / "episodes.csv")
    assert {row["request_id"] for row in found} == {row["request_id"] for row in spells}
    waited = sum(int(row["paused_seconds"]) for row in spells)
    assert 32.6 == round(100 * waited / _desk_seconds_from_first_to_last_event(), 1)
    assert [("65533", "65533", "0")] == [
        (row["rows_read"], row["rows_accepted"], row["rows_quarantined"])
        for row in rows(tables / "inputs.csv")
        if row["file"] == "inbox/requests/bpi.csv"
    ]
