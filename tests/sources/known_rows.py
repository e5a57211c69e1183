"""Random exports of every layout that is a table, whose cells mean something known: what a reader must make of each, said without one.

A row is `good` where it must come in, `bad` where it may not, and doubtful otherwise. What is known of its cells holds wherever it
comes in at all.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from hypothesis import strategies as st

from pipeline.settings import Source
from pipeline.sources import recognition
from pipeline.sources.layouts import Layout
from tests.sources.exports import BPI, REMEDY, RITM, TEMPLATE, of
from tests.sources.offices import CERTIFICATES, certificate, labels
from tests.sources.test_layouts import DIGICERT, JIRA, SERVICENOW, digicert, event, issue

OFFICE = "America/New_York"
EDGES = " \t\r\n\v\f\u00a0\u202f\u200b\u200e\u200f\ufeff"
_UTC = dt.UTC
_REQUEST = labels("request_id,kind,agency,submitted_at,status,summary")
_LOT = labels("lot_id,tier,purchased_on,quantity,total_cost,units_expire_on,vendor,returns_on_refund")
_OUTAGE = labels("service,began_at,ended_at,kind,note")
# Layout -> the folder, the header and a good row.
EXPORTS: dict[str, tuple[str, Sequence[str], list[str]]] = {
    "certificates": ("exports", CERTIFICATES, certificate(revoked_on="")),
    "digicert-order-report": ("exports", DIGICERT, digicert(additional_emails="")),
    "servicenow-certificates": (
        "exports", TEMPLATE, of(TEMPLATE, subject_common_name="w.gov", serial_number="03 9A", valid_to="2027-05-01", state="issued"),
    ),
    "requests": ("requests", _REQUEST, ["R1", "new", "DLH", "2026-10-01", "open", ""]),
    "servicenow-incident": ("requests", [*SERVICENOW, "u_department"], [*event(), "DLH"]),
    "servicenow-ritm": (
        "requests", RITM, of(RITM, number="RITM1", cat_item="Renewal", opened_at="2026-10-01 09:00:00", state="Open", u_department="DLH"),
    ),
    "jira": ("requests", JIRA, issue()),
    "remedy-itsm": ("requests", REMEDY, of(REMEDY, incident_id="INC1", reported_date="2026-10-01 09:00:00", status="New")),
    "event-log": ("requests", labels("case,activity,timestamp,agency"), ["7", "open", "2026-10-01T09:00:00", "DLH"]),
    "event-log-bpi": ("requests", BPI, ["7", "Accepted+Wait", "Ada", "2026-10-01T09:00:00"]),
    "pauses": ("requests", labels("request_id,paused_at,resumed_at"), ["R1", "2026-10-01T09:00", ""]),
    "lots": ("lots", _LOT, ["L1", "premium", "2026-07-01", "9", "1.00", "", "", ""]),
    "outages": ("outages", _OUTAGE, ["Portal", "2026-10-03T01:00", "", "full", ""]),
}  # fmt: skip
# What stands in a text column comes in as it is; here under the name of the typed table.
_TEXTS = {
    "order_id": "order_id", "issuer": "issuer", "agency": "agency_text", "server_software": "server_software",
    "revocation_reason": "revocation_reason", "request_id": "request_id", "lot_id": "lot_id", "vendor": "vendor",
    "po_number": "po_number", "service": "service", "note": "note", "tier": "product",
}  # fmt: skip
# Begins and ends of anything: what is written, and the local time or the instant that it tells.
_BEGINS = {
    "2026-01-15": "2026-01-15", "2026-07-04 09:30": "2026-07-04T09:30", "2026-03-08 02:30": "2026-03-08T02:30",
    "2025-11-02T01:30:00": "2025-11-02T01:30", "2026-02-01 12:05 am": "2026-02-01T00:05",
    "2026-02-01T09:00:00-04:00": "2026-02-01T13:00Z", "2026-02-01T09:00:00.250Z": "2026-02-01T09:00:00.250Z",
}  # fmt: skip
_ENDS = {
    "2027-12-01": "2027-12-01", "2027-07-04T00:00+14:00": "2027-07-03T10:00Z", "2028-02-29 23:59:59": "2028-02-29T23:59:59",
    "9998-12-31 23:59:59Z": "9998-12-31T23:59:59Z",
}  # fmt: skip
_STAMPS = {
    "valid_from": _BEGINS, "valid_to": _ENDS, "submitted_at": _BEGINS, "completed_at": _ENDS, "paused_at": _BEGINS, "resumed_at": _ENDS,
    "began_at": _BEGINS, "ended_at": _ENDS, "opened_at": _BEGINS, "at": _BEGINS,
}  # fmt: skip
_DAYS = {"issued_on": _BEGINS, "purchased_on": {"2026-07-01": "2026-07-01"}, "units_expire_on": _ENDS}
_VALUES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "serial_number": ("serial", {"0A1B": "0a1b", "03:9A:ff": "039aff", "0x0A": "0a", "\u200e03 9a ": "039a", "0": "00"}),
    "common_name": ("common_name", {"www.example.gov": "www.example.gov", "Büro.example": "Büro.example", "CN=a.gov, O=x": "a.gov"}),
    "subject_alternative_names": ("subject_alternative_names", {"B.gov, a.gov": "a.gov b.gov", "DNS:x.gov\nDNS:y.gov": "x.gov y.gov"}),
    "quantity": ("quantity", {"9": 9, " 120 ": 120}),
    "total_cost": ("total_cost_cents", {"$22,119.00": 2_211_900, "500.5": 50_050, "0": 0}),
    "returns_on_refund": ("returns_on_refund", {"Yes": True, "0": False, "": False}),
}
_TIER_OF_LOT = ("lot_rows", "tier")
_TIERS = {"premium": "premium", "STANDARD": "standard"}
_GOOD_TEXT = st.text("ab\",;|\n\r\téß日=+-@'\u00a0\u200b\ufeff", max_size=7).map(lambda text: f" v{text}")
_NASTY = st.one_of(
    st.sampled_from(
        ["", "?", "EMPTY", "#N/A", "1.2E+35", "2026-02-30", "9999-12-31", "12/31/2026 9:00 AM", "46000", "Total", "\x00", "\x1a", '"', "0x",
         "a\nb", "-1", "٣", "=1+1", "1" * 200, "issued", "pending", "melted", "2026-11-02T09:00:00+99:00", "0001-01-01", "\u202ex", "\x85"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


@dataclass
class Row:
    """A row as it is written; `known` are values of its typed row. `number` is its physical row, once it is written."""

    cells: list[str]
    state: str = "good"
    known: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether it is no row at all."""
        return all(not cell or cell.isspace() for cell in self.cells)


@dataclass
class Export:
    """A file below the inbox, how it must be read, and its rows. `row_ends` are the bytes behind its header and each of its rows, where
    it is CSV."""

    path: str
    source: Source
    rows: list[Row]
    data: bytes = b""
    row_ends: list[int] = field(default_factory=list)

    @property
    def layout(self) -> str:
        """The layout that must be recognised."""
        return self.path.partition("/")[2].rpartition(".")[0]

    def rows_before(self, byte: int) -> list[Row]:
        """The rows that end before `byte`; of a file that is no CSV, none."""
        return [row for row, end in zip(self.rows, self.row_ends[1:], strict=False) if end < byte]


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """An export in CSV, JSON or, seldom, XLSX, with up to six rows, each with up to three cells changed."""
    name = draw(st.sampled_from(sorted(EXPORTS)))
    folder, header, base = EXPORTS[name]
    layout = next(layout for layout in recognition.LAYOUTS if layout.name == name)
    kind = draw(st.sampled_from(["csv"] * 70 + ["json"] * 20 + ["xlsx"]))
    if kind == "json" and len(set(header)) < len(header):
        kind = "csv"
    rows = [_row(draw, layout, header, base, shaped=kind == "csv") for _ in range(draw(st.integers(0, 6)))]
    export = Export(f"{folder}/{name}.{kind}", Source(files="*"), rows)
    {"csv": _write_csv, "json": _write_json, "xlsx": _write_workbook}[kind](draw, export, header)
    return export


def _row(draw: st.DrawFn, layout: Layout, header: Sequence[str], base: Sequence[str], *, shaped: bool) -> Row:
    row = Row(list(base))
    found = [label.strip().casefold() for label in header]
    places = {name: found.index(written[0].casefold()) for name, written in layout.columns.items() if written[0].casefold() in found}
    single = sorted(name for name in places if len(layout.columns[name]) == 1)
    texts = [
        name for name in single if name in _TEXTS and (layout.table, name) != _TIER_OF_LOT and base[places[name]] not in layout.missing
    ]
    row.known = {_TEXTS[name]: base[places[name]] for name in texts}
    for name in draw(st.lists(st.sampled_from(single), max_size=3, unique=True)):
        _change(draw, row, layout, name, places[name])
    if shaped:
        shape = draw(st.sampled_from(["right"] * 8 + ["short", "long"]))
        row.cells = {"short": row.cells[:-1], "long": [*row.cells, "more"]}.get(shape, row.cells)
        row.state = row.state if shape == "right" else "bad"
    if any(_CONTROL.search(cell) for cell in row.cells):
        row.state = "bad"
    return row


def _change(draw: st.DrawFn, row: Row, layout: Layout, name: str, place: int) -> None:
    """Put another cell there; what it means is known, or the row is doubtful."""
    nasty = draw(st.sampled_from([False, False, True]))
    pool = {**_STAMPS, **_DAYS}.get(name) or (_VALUES[name][1] if name in _VALUES else None)
    if (layout.table, name) == _TIER_OF_LOT:
        pool = _TIERS
    if nasty or (pool is None and name not in _TEXTS):
        row.cells[place] = draw(_NASTY)
        row.state = "doubtful"
        if pool is None and name in _TEXTS:
            clean = row.cells[place].strip(EDGES)
            row.known[_TEXTS[name]] = "" if clean.casefold() in layout.missing else clean
        return
    written = draw(_GOOD_TEXT if pool is None else st.sampled_from(sorted(pool)))
    row.cells[place] = written
    if pool is None:
        row.known[_TEXTS[name]] = written.strip(EDGES)
    elif name in _STAMPS:
        row.known[name] = _instant(dt.datetime.fromisoformat(pool[written]), layout, name, has_time=":" in written)
        if name == "valid_from":
            row.known["valid_from_on"] = _day(written)
    elif name in _DAYS:
        row.known[name] = _day(written)
    else:
        row.known["tier" if pool is _TIERS else _VALUES[name][0]] = pool[written]


def _instant(when: dt.datetime, layout: Layout, name: str, *, has_time: bool) -> dt.datetime:
    if layout.table == "export_rows" and not has_time:
        return when.replace(tzinfo=_UTC) + (dt.timedelta(seconds=86_399) if name == "valid_to" else dt.timedelta(0))
    return (when if when.tzinfo else when.replace(tzinfo=ZoneInfo(layout.zone or OFFICE))).astimezone(_UTC)


def _day(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written[:10])


def quoted(cell: str, delimiter: str, *, always: bool) -> str:
    """A cell as it is written between delimiters: in quotes where it must be, or `always`."""
    return '"' + cell.replace('"', '""') + '"' if always or any(mark in cell for mark in (delimiter, '"', "\r", "\n")) else cell


def _write_csv(draw: st.DrawFn, export: Export, header: Sequence[str]) -> None:
    delimiter, line_end = draw(st.sampled_from([",", ",", ";", "\t"])), draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    always = draw(st.booleans())
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    lines = [
        delimiter.join(quoted(cell, delimiter, always=always) for cell in cells) for cells in (header, *(row.cells for row in export.rows))
    ]
    number = 1
    for row, before in zip(export.rows, lines, strict=False):
        number += len(re.findall("\r\n|\r|\n", before)) + 1
        row.number = number
    text = line_end.join(lines) + draw(st.sampled_from(["", line_end]))
    try:
        export.data = text.encode(encoding)
    except UnicodeEncodeError:
        encoding = "utf-8"
        export.data = text.encode()
    export.row_ends = [len((line_end.join(lines[: count + 1]) + line_end).encode(encoding)) for count in range(len(lines))]
    export.source = Source(files="*", delimiter=delimiter, encoding="cp1252" if encoding == "cp1252" else None)


def _write_json(draw: st.DrawFn, export: Export, header: Sequence[str]) -> None:
    export.rows = [row for row in export.rows if not row.is_blank]
    for number, row in enumerate(export.rows, start=1):
        row.number = number
    records = [dict(zip(header, row.cells, strict=True)) for row in export.rows]
    key = next(layout.records for layout in recognition.LAYOUTS if layout.name == export.layout)
    document = {key: records} if key else records
    export.data = json.dumps(document, ensure_ascii=draw(st.booleans())).encode()
    export.source = Source(files="*", layout=export.layout)


def _write_workbook(draw: st.DrawFn, export: Export, header: Sequence[str]) -> None:
    # XML cannot hold control characters, and knows one line end only.
    export.rows = [row for row in export.rows if not row.is_blank and not any(_CONTROL.search(cell) or "\r" in cell for cell in row.cells)]
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("S")
        for place, cells in enumerate((header, *(row.cells for row in export.rows))):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell)
    for number, row in enumerate(export.rows, start=2):
        row.number = number
    export.data = stream.getvalue()
