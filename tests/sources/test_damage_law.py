"""Laws: whatever a file holds, reading it ends in rows or findings, never in an exception, and no row is lost."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.settings import Settings
from pipeline.sources import overlap, recognition, sheet_files
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.sources.readings import Reading
from pipeline.sources.typed_rows import TABLES
from tests.sources.exports import BPI, CASES, REMEDY, RITM, TEMPLATE, of
from tests.sources.offices import AS_OF, CERTIFICATES, Office, certificate, table
from tests.sources.test_layouts import DIGICERT, JIRA, SERVICENOW, digicert, event, issue

NASTY = st.sampled_from(
    ["", "?", "EMPTY", "#N/A", "1.2E+35", "2026-02-30", "9999-12-31", "2026-11-01 01:30", "2026-03-08 02:30", "Total", "\x00", "\x1a", '"',
     "a\nb", "0x", "-1", "٣", "=1+1", "1" * 200, "issued", "pending", "2026-11-02T09:00:00+99:00", "12/31/2026 9:00 AM", "0001-01-01"]
)  # fmt: skip
CELL = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
LAYOUTS = {
    "exports/c-2026-10.csv": (CERTIFICATES, certificate()),
    "exports/d.csv": (DIGICERT, digicert()),
    "exports/e.csv": (("Issued Common Name", "Serial Number", "Certificate Expiration Date"), ["w.gov", "61a1", "12/31/2026 9:00 AM"]),
    "requests/s.csv": (SERVICENOW, event()),
    "requests/j.csv": (JIRA, issue()),
    "requests/r.csv": (("request_id", "kind", "agency", "submitted_at", "status"), ["R1", "new", "DLH", "2026-10-01", "open"]),
    "requests/p.csv": (("request_id", "paused_at", "resumed_at"), ["R1", "2026-10-01T09:00", ""]),
    "exports/t.csv": (TEMPLATE, of(TEMPLATE, subject_common_name="w.gov", serial_number="03 9A", valid_to="2027-05-01", state="issued")),
    "requests/i.csv": (RITM, of(RITM, number="RITM1", cat_item="Renewal", opened_at="2026-10-01 09:00:00", state="Open")),
    "requests/y.csv": (REMEDY, of(REMEDY, incident_id="INC1", reported_date="2026-10-01 09:00:00", status="New")),
    "requests/b.csv": (BPI, ["7", "Accepted+Wait", "Ada", "2026-10-01T09:00:00"]),
    "lots/l.csv": (("lot_id", "tier", "purchased_on", "quantity", "total_cost"), ["L1", "premium", "2026-07-01", "9", "1.00"]),
    "outages/o.csv": (("service", "began_at", "kind"), ["Portal", "2026-10-03T01:00", "full"]),
}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str, int]:
    """A path, CSV text whose rows have other cells, cells missing or too many, and how many rows there are."""
    path = draw(st.sampled_from(sorted(LAYOUTS)))
    header, row = LAYOUTS[path]
    rows = []
    for _ in range(draw(st.integers(0, 5))):
        cells = list(row)
        for place in draw(st.lists(st.integers(0, len(row) - 1), max_size=3)):
            cells[place] = draw(CELL)
        shape = draw(st.sampled_from(["right", "right", "right", "right", "short", "long"]))
        rows.append(cells[:-1] if shape == "short" else [*cells, "x"] if shape == "long" else cells)
    filled = [cells for cells in rows if any(cell and not cell.isspace() for cell in cells)]
    return path, table(header, rows, lineterminator="\r\n"), len(filled)


def read_one(path: str, content: bytes) -> Reading:
    """The reading of one file, folded; `inputs_row` checks that its rows add up."""
    layouts = recognition.candidates(path.partition("/")[0], recognition.NO_OVERRIDE)
    builders = {name: builder for name, (_, builder) in TABLES.items()}
    raw = RawFile(f"inbox/{path}", content, "")
    reading = sheet_files.read(raw, layouts, recognition.NO_OVERRIDE, Settings(), builders)
    overlap.within_file(reading)
    return reading


@settings(max_examples=120, deadline=None, derandomize=True)
@given(damaged())
def test_damaged_tables_never_raise_and_lose_no_row(made: tuple[str, str, int]) -> None:
    path, content, rows = made
    try:
        reading = read_one(path, content.encode())
    except Refused:
        return
    row = reading.inputs_row(AS_OF)
    assert rows == row["rows_read"] == row["rows_accepted"] + row["rows_quarantined"]
    frame, _ = overlap.across_files([reading], AS_OF)
    TABLES[reading.table][0].check(frame)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.xlsx"]), st.sampled_from(["", "request_id,paused_at\n", "PK\x03\x04"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str, begin: str) -> None:
    with contextlib.suppress(Refused):
        read_one(f"requests/{name}", begin.encode("latin-1") + content).inputs_row(AS_OF)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NASTY),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELL, inner, max_size=3)),
    max_leaves=8,
)
RECORDS = {name: json.loads(CASES[name].whole) for name in ("acm", "crtsh", "digicert-order-list")}


@settings(max_examples=150, deadline=None, derandomize=True)
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
    row = reading.inputs_row(AS_OF)
    assert len(records) == row["rows_read"] == row["rows_accepted"] + row["rows_quarantined"]
    TABLES[reading.table][0].check(overlap.across_files([reading], AS_OF)[0])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from([*CASES["certbot"].whole.splitlines(), "", "junk", "  Certificate Name: x", "    Serial Number: ?"]), max_size=20
    )
)
def test_certbot_lines_in_any_order_never_raise(lines: list[str]) -> None:
    with contextlib.suppress(Refused):
        read_one("exports/x.txt", "\n".join(["Found the following certs:", *lines]).encode()).inputs_row(AS_OF)


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
