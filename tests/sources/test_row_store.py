"""Exports read the same whether they are read or remembered, and are read anew when anything changes that decides how their rows read."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline.contracts import Inbox
from pipeline.engine.local import Local
from pipeline.settings import Settings
from pipeline.sources import inbox, workspace
from pipeline.sources.fact_store import FactStore
from pipeline.sources.inbox import InputRefused, Means
from tests.sources.offices import AS_OF, CERTIFICATES, Office, certificate, certificates

LOTS = "lot_id,tier,purchased_on,quantity,total_cost\n"
ALIASES = "kind,match,value,means,valid_from\n"
GOLD = "tier,product,Gold,premium,2025-07-01\n"
REQUESTS = """\
request_id,kind,agency,submitted_at,completed_at,status
R-1,new,DLH,2026-03-08T02:30:00,,open
R-2,odd,DLH,2026-09-01,2026-09-02T09:00:00,completed
R-3,new,DLH,never,,open
"""
RECORDS = '[{"request_id": "R-9", "kind": "new", "agency": "DLH", "submitted_at": "2026-09-01T09:00:00", "status": "open"}]'
FIRST, AGAIN = certificate(), certificate()
OTHER, CONFLICTING = certificate(serial_number="03", tier="premium"), certificate(serial_number="03")
# Each decides how rows read, or looks as if it did.
SETTINGS = (
    {"organization": {"timezone": "America/Chicago"}},
    {"tiers": {"standard": ["standard", "Gold"]}},
    {"source": [{"files": "exports/2026-09.csv", "date_format": "%d/%m/%Y"}]},
)
LISTS = (
    ("entries/aliases.csv", ALIASES + GOLD),
    ("reference/agencies.csv", "agency,name\nDLH,Lighthouses\nOSM,Office of Small Matters\n"),
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Text files of rows, with rows that are set aside, folded, in conflict, overridden and gone."""
    made = Office(tmp_path / "office")
    made.put("inbox/exports/2026-09.csv", certificates(FIRST, certificate(serial_number="02"), OTHER))
    made.put("inbox/exports/2026-10.csv", certificates(FIRST, AGAIN, OTHER, CONFLICTING, certificate(serial_number="zz")))
    made.put("inbox/requests/log.csv", REQUESTS)
    made.put("inbox/requests/log.json", RECORDS)
    made.put("inbox/lots/lots.csv", LOTS + "L-1,standard,2026-01-01,10,2211.90\nL-2,Gold,2026-01-01,5,500.00\n")
    made.put("entries/aliases.csv", ALIASES)
    return made


def workbook() -> bytes:
    """It takes a process to read, as long as all the other files together: one test has one."""
    book = openpyxl.Workbook()
    for row in (list(CERTIFICATES), certificate(serial_number="07"), certificate(serial_number="08", valid_to="soon")):
        book.active.append(row)
    book.save(content := io.BytesIO())
    return content.getvalue()


def read(office: Office, store: Path | None, contents: dict[str, str] | None = None, **settings: object) -> tuple[Inbox, list[str]]:
    """What was read, and the remarks of the store."""
    means = Means(Local(1), FactStore(store), workspace.contents(office.root) if contents is None else contents)
    tiers = {"tiers": {"standard": ["standard"], "premium": ["premium"]}}
    return inbox.read(office.root, Settings.model_validate(tiers | settings), AS_OF, means), means.store.remarks


def assert_same(expected: Inbox, actual: Inbox) -> None:
    for field in fields(Inbox):
        one, other = getattr(expected, field.name), getattr(actual, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other, obj=field.name)
        elif field.name != "closed":  # the closed months, of which there are none, are a value of many tables
            assert one == other, field.name


def stored(store: Path) -> set[str]:
    return {path.name for path in store.glob("rows-*")}


def test_what_is_remembered_is_what_would_be_read(office: Office, tmp_path: Path) -> None:
    office.put("inbox/exports/2026-08.xlsx", workbook())
    store, (expected, _) = tmp_path / "store", read(office, None)
    assert {"duplicate-row", "conflicting-rows", "bad-serial", "bad-date", "unknown-kind", "unknown-tier"} <= {
        finding.code for finding in expected.findings
    }
    first, known = read(office, store)[0], stored(store)
    assert 6 == len(known)
    assert_same(expected, first)
    assert_same(expected, read(office, store)[0])
    assert_same(expected, read(office, store, contents={})[0])  # the hashes are not known yet, as in a check
    assert known == stored(store)


def test_a_file_that_is_remembered_is_not_opened(office: Office, tmp_path: Path) -> None:
    expected, contents = read(office, tmp_path / "store")[0], workspace.contents(office.root)
    office.put("inbox/exports/2026-09.csv", "nothing that could be read")
    assert_same(expected, read(office, tmp_path / "store", contents)[0])


def test_whatever_decides_how_rows_read_has_them_read_anew(office: Office, tmp_path: Path) -> None:
    read(office, store := tmp_path / "store")
    for settings in SETTINGS:
        before = stored(store)
        assert_same(read(office, None, **settings)[0], read(office, store, **settings)[0])
        assert before.isdisjoint(stored(store))
    read(office, store)
    for path, text in LISTS:
        office.put(path, text)
        assert_same(read(office, None)[0], read(office, store)[0])
    office.put("inbox/exports/2026-11.csv", certificates(certificate(serial_number="04")))
    (office.root / "data/inbox/exports/2026-10.csv").rename(office.root / "data/inbox/exports/2026-12.csv")
    (office.root / "data/inbox/requests/log.json").unlink()
    before = stored(store)
    assert_same(read(office, None)[0], read(office, store)[0])
    assert (3, 2) == (len(before & stored(store)), len(stored(store) - before))


def test_what_is_damaged_is_dropped_with_a_remark_and_costs_only_time(office: Office, tmp_path: Path) -> None:
    expected, _ = read(office, store := tmp_path / "store")
    known = stored(store)
    damaged = store / min(known)
    sound = damaged.read_bytes()
    for at in (0, len(sound) // 2, len(sound) - 1):
        damaged.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        found, remarks = read(office, store)
        assert_same(expected, found)
        assert [f"{damaged} was dropped, for it is not as it was written: its export was read anew, which only took time."] == remarks
        assert (known, sound) == (stored(store), damaged.read_bytes())


def test_nothing_is_kept_of_a_file_that_is_refused(office: Office, tmp_path: Path) -> None:
    read(office, store := tmp_path / "store")
    before = stored(store)
    office.put("inbox/exports/2026-11.csv", "no,header,of,any,layout\n1,2,3,4,5\n")
    with pytest.raises(InputRefused):
        read(office, store)
    assert before == stored(store)
