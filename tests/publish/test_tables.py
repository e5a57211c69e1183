"""The published tables as files: what a spreadsheet, a script and next year's auditor read."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts
from pipeline.contracts import Column, Table
from pipeline.publish import tables
from tests.publish import bookkeeping

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_published_table_is_written_as_csv_and_parquet(tmp_path: Path) -> None:
    tables.write(bookkeeping.books([bookkeeping.entry(1)]), tmp_path)
    expected = {f"{table.name}.{kind}" for table in contracts.PUBLISHED for kind in ("csv", "parquet")}
    assert expected == {path.name for path in tmp_path.iterdir()}


def test_the_csv_says_each_kind_of_value_in_its_one_way(tmp_path: Path) -> None:
    request = {
        "request_id": "R-1",
        "kind": "new",
        "status": "open",
        "verdict": "on-track",
        "submitted_at": "2026-11-02T14:00:00Z",
        "due_on": dt.date(2026, 11, 9),
        "business_seconds": 5400,
        "assumed_target": True,
        "reopen_count": 0,
        "source": 1,
    }
    measure = {"measure": "on-time-completion", "period": "2026-10", "dimension": "office", "value": 0.94, "low": 0.1 + 0.2, "n": 50}
    books = bookkeeping.books(
        [bookkeeping.entry(1, amount_cents=-22119, kind="credit", rate_cents=None)],
        requests=contracts.REQUESTS.frame([request]),
        measures=contracts.MEASURES.frame([measure]),
    )
    tables.write(books, tmp_path)
    credit, asked, share = (rows(tmp_path / f"{name}.csv")[0] for name in ("ledger", "requests", "measures"))
    assert ("-22119", "", "2026-11-02") == (credit["amount_cents"], credit["rate_cents"], credit["service_on"])
    assert ("2026-11-02T14:00:00Z", "", "2026-11-09") == (asked["submitted_at"], asked["completed_at"], asked["due_on"])
    assert ("5400", "", "true") == (asked["business_seconds"], asked["paused_seconds"], asked["assumed_target"])
    assert ("0.94", "0.30000000000000004", "", "50") == (share["value"], share["low"], share["high"], share["n"])


def test_the_csv_is_utf8_without_mark_and_ends_each_row_in_one_line_feed(tmp_path: Path) -> None:
    tables.write(bookkeeping.books([bookkeeping.entry(1, common_name="größe.example.gov")]), tmp_path)
    written = (tmp_path / "ledger.csv").read_bytes()
    assert written.startswith(b"entry_id,period,")
    assert "größe.example.gov".encode() in written
    assert 2 == written.count(b"\n")
    assert b"\r" not in written


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_could_start_a_formula_is_quoted_in_csv_and_raw_in_parquet(tmp_path: Path, text: str) -> None:
    tables.write(bookkeeping.books([bookkeeping.entry(1, order_id=text)]), tmp_path)
    assert f"'{text}" == rows(tmp_path / "ledger.csv")[0]["order_id"]
    assert [text] == pq.read_table(tmp_path / "ledger.parquet")["order_id"].to_pylist()


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=12), min_size=50, max_size=120))
def test_any_text_comes_back_from_the_csv_and_none_can_run(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("csv")
    tables.write(bookkeeping.books([bookkeeping.entry(number, reason=text) for number, text in enumerate(texts)]), folder)
    written = [row["reason"] for row in rows(folder / "ledger.csv")]
    assert not any(text[:1] in tables.FORMULA_STARTS for text in written)
    assert texts == [text[1:] if text != original else text for text, original in zip(written, texts, strict=True)]


@settings(max_examples=200)
@given(texts=st.lists(st.tuples(*[st.text(alphabet=st.sampled_from("a'=\"\r\n,;\t\0é+ "), max_size=5)] * 2), min_size=1))
def test_any_text_is_written_as_the_csv_module_writes_it(texts: list[tuple[str, str]]) -> None:
    for width in (1, 2):
        table = Table("notes", "one note", (), tuple(contracts.tables.text(f"t{number}", "A text.") for number in range(width)))
        frame = pd.DataFrame([row[:width] for row in texts], columns=table.names, dtype="str")
        expected = io.StringIO(newline="")
        tables.csv_rows(expected).writerows([table.names, *([tables.formula_safe(cell) for cell in row[:width]] for row in texts)])
        assert expected.getvalue() == tables.csv_text(table, frame)


def test_stamps_of_any_year_and_missing_cells_are_written_alike_in_every_row() -> None:
    days = pd.Series(np.array(["0001-01-01", "NaT", "9999-12-31", "1969-12-31", "0001-01-01"], dtype="datetime64[us]"))
    kinds = {"day": days, "instant": days.dt.tz_localize("UTC"), "count": pd.Series([1, None, -2, 0, 1], dtype="Int64")}
    table = Table("stamps", "one stamp", (), tuple(Column(name, name, "A value.") for name in kinds))
    expected = [
        "day,instant,count",
        "0001-01-01,0001-01-01T00:00:00Z,1",
        ",,",
        "9999-12-31,9999-12-31T00:00:00Z,-2",
        "1969-12-31,1969-12-31T00:00:00Z,0",
        "0001-01-01,0001-01-01T00:00:00Z,1",
    ]
    assert expected == tables.csv_text(table, pd.DataFrame(kinds)).splitlines()


def test_parquet_keeps_the_dtypes_of_the_contract_and_nothing_of_pandas(tmp_path: Path) -> None:
    books = bookkeeping.books([bookkeeping.entry(1), bookkeeping.entry(2)])
    tables.write(books, tmp_path)
    for table in contracts.PUBLISHED:
        stored = pq.read_table(tmp_path / f"{table.name}.parquet")
        assert table.names == stored.column_names
        assert not stored.schema.metadata
        frame = stored.to_pandas().astype({column.name: contracts.DTYPES[column.kind] for column in table.columns})
        pd.testing.assert_frame_equal(books.published()[table.name], frame, check_column_type=False)  # names are names, kept as they are


def test_the_same_books_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        tables.write(bookkeeping.books([bookkeeping.entry(1), bookkeeping.entry(2, tier="premium")]), tmp_path / folder)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
