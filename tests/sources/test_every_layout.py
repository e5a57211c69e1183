"""Every layout on an export written from its literal header, and on a damaged copy of it; and the same records as JSON."""

from __future__ import annotations

import contextlib
import csv
import io
import json

import pytest

from pipeline.contracts import Inbox
from pipeline.sources import inbox, recognition
from tests.sources.exports import CASES, Case
from tests.sources.offices import Office, counts

TABLES = ("export_rows", "request_rows", "request_events", "pause_rows", "lot_rows", "outage_rows")
EVERY = pytest.mark.parametrize("name", sorted(CASES))


def rows_of(read: Inbox) -> list[dict[str, object]]:
    return [row for name in TABLES for row in getattr(read, name).to_dict("records")]


def quarantined(read: Inbox) -> list[str]:
    return [finding.code for finding in read.findings if finding.action == "quarantined"]


def put(office: Office, case: Case, text: str) -> str:
    office.put(f"inbox/{case.path}", text)
    return f"inbox/{case.path}"


def test_no_layout_is_without_an_export() -> None:
    assert sorted(layout.name for layout in recognition.LAYOUTS) == sorted(CASES)


@EVERY
def test_an_export_is_recognised_and_comes_in_whole(office: Office, name: str) -> None:
    case = CASES[name]
    file = put(office, case, case.whole)
    read = office.read()
    assert name == read.inputs.set_index("file").loc[file, "layout"]
    assert (case.rows, case.rows, 0) == counts(read, file)
    column, value = case.holds
    assert value in [row[column] for row in rows_of(read)]


@EVERY
def test_of_a_damaged_export_every_row_is_read_or_set_aside(office: Office, name: str) -> None:
    case = CASES[name]
    file = put(office, case, case.damaged)
    read = office.read()
    all_rows, accepted, set_aside = counts(read, file)
    assert all_rows == accepted + set_aside
    assert 0 < accepted
    assert sorted(case.codes) == sorted(quarantined(read))


@EVERY
def test_every_row_can_be_shown_as_it_stands(office: Office, name: str) -> None:
    case = CASES[name]
    put(office, case, case.whole)
    shown = office.shown(office.look_back())
    assert case.rows == len(shown)
    assert all(any(cells.values()) for cells in shown)


@EVERY
def test_an_export_that_is_cut_off_loses_nothing_silently(office: Office, name: str) -> None:
    case = CASES[name]
    file = put(office, case, case.whole.rstrip()[:-1])
    with contextlib.suppress(inbox.InputRefused):
        all_rows, accepted, set_aside = counts(office.read(), file)
        assert all_rows == accepted + set_aside == case.rows


TABULAR = sorted(name for name, case in CASES.items() if case.path.endswith(".csv") and name not in ("adcs-certutil", "jira"))


@pytest.mark.parametrize("name", TABULAR)
def test_the_same_rows_as_json_mean_the_same(office: Office, name: str) -> None:
    case = CASES[name]
    file = put(office, case, case.whole)
    as_table = office.read()
    (office.root / "data" / file).unlink()
    records = list(csv.DictReader(io.StringIO(case.whole, newline="")))
    office.put(f"inbox/{case.path.replace('.csv', '.json')}", json.dumps(records))
    as_json = office.read()
    assert list(map(str, rows_of(as_table))) == list(map(str, rows_of(as_json)))


def test_inventories_are_never_billing_and_name_no_missing_tier(office: Office) -> None:
    for name in ("acm", "crtsh", "certbot", "adcs-certutil", "servicenow-certificates"):
        case = CASES[name]
        office.put(f"inbox/exports/{name}{case.path[-5:].lstrip('a')}", case.whole)
    assert {"inventory"} == set(office.read().export_rows["role"])
