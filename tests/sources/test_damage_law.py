"""Laws: whatever a file holds, reading it ends in rows or findings, never in an exception, and no row is lost."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.publish.tables import write_parquet
from pipeline.settings import Settings, Source
from pipeline.sources import overlap, recognition, sheet_files
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.sources.readings import Reading
from pipeline.sources.typed_rows import TABLES
from tests.sources.exports import CASES
from tests.sources.known_rows import Export, exports
from tests.sources.offices import AS_OF, CERTIFICATES, Office, certificate, table

NASTY = st.sampled_from(
    ["", "?", "EMPTY", "#N/A", "1.2E+35", "2026-02-30", "9999-12-31", "2026-11-01 01:30", "2026-03-08 02:30", "Total", "\x00", "\x1a", '"',
     "a\nb", "0x", "-1", "٣", "=1+1", "1" * 200, "issued", "pending", "2026-11-02T09:00:00+99:00", "12/31/2026 9:00 AM", "0001-01-01"]
)  # fmt: skip
CELL = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
# The bytes of a file that went wrong on their way, from a byte on; nothing: they did not.
SPOILT: dict[str, Callable[[bytes, int], bytes]] = {
    "not at all": lambda data, at: data,
    "cut off": lambda data, at: data[:at],
    "two swapped": lambda data, at: data[:at] + data[at : at + 2][::-1] + data[at + 2 :],
    "one changed": lambda data, at: data[:at] + b"\x80" + data[at + 1 :],
    "some lost": lambda data, at: data[:at] + data[at + 7 :],
    "some twice": lambda data, at: data[: at + 40] + data[at:],
    "a quote more": lambda data, at: data[:at] + b'"' + data[at:],
    "a delimiter more": lambda data, at: data[:at] + b"," + data[at:],
}


def read_one(path: str, content: bytes, source: Source = recognition.NO_OVERRIDE) -> Reading:
    """The reading of one file, before its rows are compared with each other."""
    layouts = recognition.candidates(path.partition("/")[0], source)
    builders = {name: builder for name, (_, builder) in TABLES.items()}
    return sheet_files.read(RawFile(f"inbox/{path}", content, ""), layouts, source, Settings(), builders)


def accounted_for(reading: Reading) -> int:
    """How many rows were read, once they are folded and each is found to be accepted or quarantined."""
    overlap.within_file(reading)
    row = reading.inputs_row(AS_OF)
    assert row["rows_read"] == row["rows_accepted"] + row["rows_quarantined"]
    return int(row["rows_read"])


def keeps_its_contract(reading: Reading) -> None:
    table, _ = TABLES[reading.table]
    table.check(overlap.across_files([reading], AS_OF)[0])


def in_parquet(reading: Reading, folder: Path) -> dict[int, dict[str, Any]]:
    """The accepted rows by their physical numbers, as they stand in a Parquet file that was written of them."""
    table, _ = TABLES[reading.table]
    write_parquet(table, reading.frame.assign(source=reading.sources), folder / "rows.parquet")
    return dict(zip(reading.rows.tolist(), pq.read_table(folder / "rows.parquet").to_pylist(), strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parquet")


@settings(max_examples=10 * settings.default.max_examples)
@given(
    exports(), st.sampled_from(["not at all"] * 8 + sorted(SPOILT)), st.floats(0, 1), st.sampled_from([False, False, False, False, True])
)
def test_no_row_is_lost_and_no_cell_changed_on_the_way_to_parquet(
    folder: Path, export: Export, how: str, where: float, checks: bool
) -> None:
    at = int(where * len(export.data))
    data = SPOILT[how](export.data, at)
    try:
        reading = read_one(export.path, data, export.source)
    except Refused:
        assert data != export.data or any(row.state != "good" for row in export.rows), "a good file is refused"
        return
    rows = in_parquet(reading, folder)
    if data == export.data:
        assert export.layout == reading.layout
        assert sum(not row.is_blank for row in export.rows) == reading.rows_read
        assert set(rows) <= {row.number for row in export.rows if row.state != "bad"}
        if {row.state for row in export.rows} <= {"good", "bad"}:
            assert {row.number for row in export.rows if row.state == "good"} == set(rows)
    # What lies behind the damage may mean anything; what lies before it does not, unless the header was hit.
    whole = export.rows if data == export.data else export.rows_before(at)
    for row in whole:
        found = rows.get(row.number, row.known)
        assert row.known == {name: found[name] for name in row.known}
    accounted_for(reading)
    if checks:  # which takes most of the time
        keeps_its_contract(reading)


@settings(max_examples=3 * settings.default.max_examples)
@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.xlsx"]), st.sampled_from(["", "request_id,paused_at\n", "PK\x03\x04"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str, begin: str) -> None:
    with contextlib.suppress(Refused):
        accounted_for(read_one(f"requests/{name}", begin.encode("latin-1") + content))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NASTY),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELL, inner, max_size=3)),
    max_leaves=8,
)
RECORDS = {name: json.loads(CASES[name].whole) for name in ("acm", "crtsh", "digicert-order-list")}


@settings(max_examples=2 * settings.default.max_examples)
@given(st.data(), st.sampled_from(sorted(RECORDS)))
def test_damaged_json_never_raises_and_loses_no_record(data: st.DataObject, name: str) -> None:
    document = copy.deepcopy(RECORDS[name])
    records = document if isinstance(document, list) else next(iter(document.values()))
    for record in records:
        for field in data.draw(st.lists(st.sampled_from(sorted(record)), max_size=3)):
            record[field] = data.draw(JSON)
    records.extend(data.draw(st.lists(JSON, max_size=2)))
    try:
        reading = read_one("exports/x.json", json.dumps(document).encode())
    except Refused:
        return
    assert len(records) == accounted_for(reading)
    keeps_its_contract(reading)


@settings(max_examples=settings.default.max_examples)
@given(
    st.lists(
        st.sampled_from([*CASES["certbot"].whole.splitlines(), "", "junk", "  Certificate Name: x", "    Serial Number: ?"]), max_size=20
    )
)
def test_certbot_lines_in_any_order_never_raise(lines: list[str]) -> None:
    with contextlib.suppress(Refused):
        accounted_for(read_one("exports/x.txt", "\n".join(["Found the following certs:", *lines]).encode()))


ROWS = [certificate(serial_number=f"{number:02}", agency="A" if number % 3 else "B") for number in range(1, 9)]


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.permutations(ROWS), st.integers(1, 7))
def test_rows_shuffled_or_a_file_split_change_no_row(rows: list[list[str]], cut: int) -> None:
    def in_force(files: dict[str, list[list[str]]]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            office = Office(Path(folder))
            for path, content in files.items():
                office.put(f"inbox/exports/{path}", table(CERTIFICATES, content))
            frame = office.read().export_rows.drop(columns="source")
        return sorted(map(str, frame.itertuples(index=False, name=None)))

    assert in_force({"2026-10.csv": ROWS}) == in_force({"a-2026-10.csv": rows[:cut], "b-2026-10.csv": rows[cut:]})
