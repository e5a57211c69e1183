"""The books as one SQLite file: what a BI tool sees when it opens it."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline import addresses, contracts
from pipeline.publish import sqlite_file, table_notes
from pipeline.publish.stamp import RunStamp
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")
REQUEST = {
    "request_id": "R-1",
    "kind": "new",
    "status": "open",
    "verdict": "on-track",
    "submitted_at": "2026-11-02T14:00:00Z",
    "due_on": dt.date(2026, 11, 9),
    "business_seconds": 5400,
    "assumed_target": True,
    "reopen_count": 0,
    "source": 0,
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sqlite")
    lines = [bookkeeping.entry(1), bookkeeping.entry(2, amount_cents=-22119, kind="credit", rate_cents=None, reason="=1+1 'größe'")]
    places = contracts.PLACES.frame([{"source": 0, "file": "inbox/requests/log.csv", "row": 2}, {"source": 1, "file": "a.csv", "row": 3}])
    books = bookkeeping.books(lines, requests=contracts.REQUESTS.frame([REQUEST]), places=places)
    sqlite_file.write(books, SETTINGS, STAMP, folder)
    return folder / addresses.SQLITE


def asked(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        return opened.execute(query).fetchall()


def test_each_published_table_is_there_with_its_key_and_its_rows(database: Path) -> None:
    expected = {table.name: ", ".join(table.key) for table in contracts.PUBLISHED}
    assert expected == dict(asked(database, "SELECT name, key FROM about_tables"))
    for table in contracts.PUBLISHED:
        columns = asked(database, f"SELECT name, pk FROM pragma_table_info('{table.name}')")
        assert table.names == [name for name, _ in columns]
        assert list(table.key) == [name for name, place in sorted(columns, key=lambda one: one[1]) if place]
    assert [(2,)] == asked(database, "SELECT rows FROM about_tables WHERE name = 'ledger'")


def test_money_adds_up_in_cents_and_stamps_are_what_sqlite_reads(database: Path) -> None:
    assert [(0, 2)] == asked(database, "SELECT sum(amount_cents), count(*) FROM ledger")
    assert [("2026-11-02T14:00:00Z", "2026-11-09", None, 1)] == asked(
        database, "SELECT submitted_at, due_on, completed_at, assumed_target FROM requests"
    )
    assert [("2026-11-02 14:00:00", "2026-11-10")] == asked(database, "SELECT datetime(submitted_at), date(due_on, '+1 day') FROM requests")


def test_what_people_look_up_has_an_index_but_for_the_longest_table(database: Path) -> None:
    indexes = {name for (name,) in asked(database, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}
    assert {"ledger_by_certificate", "requests_by_agency"} <= indexes
    assert not any(name.startswith("continuity") for name in indexes)
    assert (
        "SEARCH continuity USING PRIMARY KEY (host=?)"
        == asked(database, "EXPLAIN QUERY PLAN SELECT * FROM continuity WHERE host = ''")[0][3]
    )


def test_text_is_kept_as_it_is(database: Path) -> None:
    assert [("=1+1 'größe'",)] == asked(database, "SELECT reason FROM ledger WHERE kind = 'credit'")


def test_every_column_says_what_it_means(database: Path) -> None:
    meaning = "SELECT meaning FROM about_columns WHERE table_name = 'ledger' AND name = 'amount_cents'"
    assert [("What is billed; credits are negative; a reissue within a paid term is 0.",)] == asked(database, meaning)
    assert "-- Agency code on the day of service." in asked(database, "SELECT sql FROM sqlite_master WHERE name = 'ledger'")[0][0]
    assert [(0,)] == asked(database, "SELECT count(*) FROM about_columns WHERE meaning = ''")


def test_the_same_books_make_the_same_bytes(database: Path, tmp_path: Path) -> None:
    books = bookkeeping.books([bookkeeping.entry(1)])
    written = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        sqlite_file.write(books, SETTINGS, STAMP, tmp_path / name)
        written.append((tmp_path / name / addresses.SQLITE).read_bytes())
    assert written[0] == written[1]
    assert [("ok",)] == asked(database, "PRAGMA integrity_check")


def test_the_published_sample_keeps_every_link_and_ties_to_the_cent(published: Path) -> None:
    path = published / addresses.SQLITE
    assert [] == asked(path, "PRAGMA foreign_key_check")
    by_invoice = "SELECT sum(amount_cents) FROM ledger UNION ALL SELECT sum(amount_cents) FROM invoices"
    lines, invoices = (total for (total,) in asked(path, by_invoice))
    assert lines == invoices


def test_a_note_beside_each_table_says_what_its_columns_are(tmp_path: Path) -> None:
    table_notes.write(bookkeeping.books([bookkeeping.entry(1)]), SETTINGS, STAMP, tmp_path)
    note = json.loads((tmp_path / "ledger.json").read_text())
    assert ("ledger", 1, ["entry_id"], RUN_ID, AS_OF.isoformat()) == (note["table"], note["rows"], note["key"], note["run"], note["as_of"])
    assert contracts.LEDGER.names == [column["name"] for column in note["columns"]]
    assert {f"{table.name}.json" for table in contracts.PUBLISHED} == {path.name for path in tmp_path.iterdir()}
