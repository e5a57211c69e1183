"""From a row of a file to what became of it, for people without a terminal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.publish.pages import trace
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.trace_rows import RowPages
from pipeline.publish.parts import Chip, Grid, Link, Links, Noted, Page
from tests.publish import site_reader
from tests.publish.bookkeeping import SETTINGS, books, certificate, entry
from tests.publish.built import STAMP, build

NEW, OLD, LOG = "inbox/exports/2026-11.csv", "inbox/exports/2026-10.xlsx", "inbox/requests/log.csv"
LINE = entry(1, agency="DOT", source=0, request_id="R-1")
CERTIFICATE = str(LINE["certificate"])
PLACES: list[dict[str, Any]] = [
    {"file": NEW, "row": 2, "stands_for": 0, "became": "certificate", "known_as": CERTIFICATE},
    {"file": NEW, "row": 4, "stands_for": 0, "became": "certificate", "known_as": CERTIFICATE},
    {"file": OLD, "sheet": "S", "row": 2, "stands_for": 0, "became": "certificate", "known_as": CERTIFICATE},
    {"file": NEW, "row": 5, "stands_for": 3, "became": "order", "known_as": "9009"},
    {"file": LOG, "row": 2, "stands_for": 4, "became": "request", "known_as": "R-1"},
    {"file": "inbox/pem/a.pem", "row": 1, "stands_for": 5, "became": "certificate", "known_as": CERTIFICATE},
    {"file": "inbox/pem/b.pem", "row": 2, "stands_for": 6, "became": "certificate", "known_as": "unbilled"},
    {"file": "entries/aliases.csv", "row": 2, "stands_for": 7, "became": "entry"},
]
FINDINGS = [
    {"code": "bad-date", "severity": "error", "action": "quarantined", "file": NEW, "row": 3, "reason": "No date."},
    {"code": "duplicate-row", "severity": "note", "action": "kept", "file": NEW, "row": 4, "reason": "It stands twice."},
    {"code": "gone-from-export", "severity": "note", "action": "kept", "file": NEW, "row": 0, "reason": "Of the file."},
]
KINDS = {
    NEW: "certificates",
    OLD: "certificates",
    LOG: "requests",
    "inbox/pem/a.pem": "pem",
    "inbox/pem/b.pem": "pem",
    "entries/aliases.csv": "entries",
}


def told(places: list[dict[str, Any]] = PLACES) -> Books:
    inputs = [
        {"file": file, "kind": KINDS.get(file, "certificates"), "bytes": 1, "rows_read": 9, "rows_accepted": 8, "rows_quarantined": 1,
         "taken_on": dt.date(2026, 11, 1)}
        for file in dict.fromkeys(place["file"] for place in places)
    ]  # fmt: skip
    return books(
        [LINE],
        places=contracts.PLACES.frame({"source": number, **place} for number, place in enumerate(places)),
        findings=contracts.FINDINGS.frame(FINDINGS),
        inputs=contracts.INPUTS.frame(inputs),
        certificates=contracts.CERTIFICATES.frame([certificate(LINE)]),
    )


def rows_of(made: Books) -> RowPages:
    return RowPages(Edition(made, SETTINGS, STAMP, "internal"))


def page(rows: RowPages, title: str) -> Page:
    return next(one for one in rows.pages() if one.title == title)


def row(rows: RowPages, title: str, place: int) -> list[Any]:
    grid: Grid = page(rows, title).view["grid_of_rows"]
    return list(grid.rows[place])


def test_a_row_leads_to_its_certificate_its_order_and_what_was_charged() -> None:
    where, became, order, charged, used, found = row(rows_of(told()), f"Rows of {NEW}", 0)
    expected = ("line 2", Noted("Certificate", str(LINE["common_name"])), LINE["order_id"], "yes", "nothing")
    assert expected == (where, became, order, used, found)
    assert Links((Link("$221.19 in FY2027-P05", f"../trace/DOT.html#entry-{LINE['entry_id']}"),)) == charged


def test_a_row_of_a_revoked_certificate_is_used_and_not_said_to_be_in_force() -> None:
    """In force are certificates that are valid; a row counts whatever became of its certificate."""
    made = replace(told(), certificates=contracts.CERTIFICATES.frame([certificate(LINE, status="revoked")]))
    grid = page(rows_of(made), f"Rows of {NEW}").view["grid_of_rows"]
    assert {"Row used": "yes"} == {head.title: cell for head, cell in zip(grid.columns, grid.rows[0], strict=True) if cell == "yes"}


def test_a_row_that_was_set_aside_says_why() -> None:
    assert ["line 3", Chip("set aside", "missed"), "", "", "no", "No date."] == row(rows_of(told()), f"Rows of {NEW}", 1)


def test_a_row_for_which_another_stands_leads_to_that_one() -> None:
    rows = rows_of(told())
    assert [Link("no, line 2 is", "../trace/~file-exports~2f~2026-11~2e~csv.html#row-2"), "It stands twice."] == row(
        rows, f"Rows of {NEW}", 2
    )[4:]
    older = row(rows, f"Rows of {OLD}", 0)
    assert ("row 2", Link("no, line 2 of 2026-11.csv is", "../trace/~file-exports~2f~2026-11~2e~csv.html#row-2")) == (older[0], older[4])


def test_an_order_without_a_certificate_and_a_request_have_their_number() -> None:
    rows = rows_of(told())
    assert ["Order without a certificate", "9009", "nothing"] == row(rows, f"Rows of {NEW}", 3)[1:4]
    kind, number, charged = row(rows, f"Rows of {LOG}", 0)[1:4]
    assert ("Request", "R-1", "$221.19 in FY2027-P05") == (kind, number, charged.links[0].text)


def test_a_pause_is_used_only_where_its_request_was_read() -> None:
    pauses = "inbox/requests/pauses.csv"
    request = {"request_id": "R-2", "kind": "new", "status": "open", "verdict": "on-track", "reopen_count": 0, "source": 0}
    found = [{"file": pauses, "row": row, "stands_for": row - 2, "became": "pause", "known_as": f"R-{row}"} for row in (2, 3)]
    made = replace(told(found), requests=contracts.REQUESTS.frame([request]))
    assert ["yes", "no: no row of its request could be read"] == [row(rows_of(made), f"Rows of {pauses}", place)[4] for place in (0, 1)]


def test_a_block_of_which_no_certificate_could_be_made_is_not_said_to_be_used() -> None:
    made = told()
    block = certificate(LINE) | {"certificate": "unbilled", "fingerprint_sha256": "unbilled", "parse_status": "failed", "common_name": ""}
    made = replace(made, certificates=contracts.CERTIFICATES.frame([certificate(LINE), block]))
    expected = ["Block that cannot be read", "", "nothing", "no: no certificate could be made of it"]
    assert expected == row(rows_of(made), "Rows of inbox/pem", 1)[1:5]


def test_certificate_files_stand_on_pages_together_and_entries_on_none() -> None:
    rows = rows_of(told())
    assert [Noted("a.pem", "block 1"), Noted("b.pem", "block 2")] == [row(rows, "Rows of inbox/pem", place)[0] for place in (0, 1)]
    assert [OLD, NEW, "inbox/pem", LOG] == [source.title for source in rows.listed]


def test_every_line_of_an_invoice_leads_to_its_row_and_back() -> None:
    made = told()
    pages = {one.path: one for one in trace.pages(Edition(made, SETTINGS, STAMP, "internal"))}
    lines, invoices = (pages["trace/DOT.md"].view[name] for name in ("lines", "invoices"))
    line = lines.rows[0]
    assert Link("2", "../trace/~file-exports~2f~2026-11~2e~csv.html#row-2") == line[7]
    assert "row-2" in pages["trace/~file-exports~2f~2026-11~2e~csv.md"].view["grid_of_rows"].anchors
    assert [f"entry-{LINE['entry_id']}"] == lines.anchors
    assert ([Link("1", "?find=FY2027-P05+DOT-4710#lines")], ["FY2027-P05"]) == ([invoices.rows[0][3]], invoices.anchors)
    assert Noted(str(LINE["common_name"]), "line 1 of FY2027-P05, account DOT-4710") == line[0]


def many(count: int, file: str = NEW) -> list[dict[str, Any]]:
    return [{"file": file, "row": number + 2, "stands_for": number, "became": "order", "known_as": str(number)} for number in range(count)]


def test_each_row_of_a_long_file_can_be_reached(tmp_path: Path) -> None:
    made = told(many(300))
    rows = rows_of(made)
    (one,) = rows.pages()
    assert [f"row-{number}" for number in sorted({*made.places["row"], 3})] == one.view["grid_of_rows"].anchors
    assert "../trace/~file-exports~2f~2026-11~2e~csv.html#row-301" == rows.href((NEW, "", 301), "../")
    site = build(made, tmp_path)
    (site / "downloads").mkdir()
    assert [] == [link for link in site_reader.dead_links(site) if "downloads/" not in link]


def test_of_too_many_rows_those_of_the_newest_files_are_listed() -> None:
    older = many(3, OLD)
    newer = [{**place, "file": NEW, "stands_for": place["stands_for"] + 3} for place in many(2)]
    made = told([*older, *newer])
    inputs = made.inputs.assign(taken_on=pd.to_datetime(["2026-10-01", "2026-11-01"]).astype("datetime64[us]"))
    rows = RowPages(Edition(replace(made, inputs=inputs), SETTINGS, STAMP, "internal"), most_rows=3)
    assert [NEW] == [source.title for source in rows.listed]
    assert [Noted(OLD, "more rows than are listed here"), Link(NEW, "trace/~file-exports~2f~2026-11~2e~csv.html")] == [
        cells[0] for cells in rows.index().rows
    ]
    assert "" == rows.href((OLD, "", 2), "../")


def test_the_built_pages_lead_there_and_back_and_the_public_ones_know_nothing_of_rows(tmp_path: Path) -> None:
    site = build(told(), tmp_path / "internal")
    (site / "downloads").mkdir()
    assert [] == [link for link in site_reader.dead_links(site) if "downloads/" not in link]
    rows = site_reader.BuiltPage(site / "trace" / "~file-exports~2f~2026-11~2e~csv.html")
    assert ["line 2", "line 3", "line 4", "line 5"] == rows.column("Rows and what became of them", "Line")
    assert "~file-exports~2f~2026-11~2e~csv.html" in (site / "trace.html").read_text(encoding="utf-8")
    public = build(told(), tmp_path / "public", "public")
    assert [] == [path.name for path in public.rglob("*") if "trace" in path.name]


def test_the_row_of_a_lot_says_as_many_units_drawn_as_the_page_of_lots() -> None:
    """Not as many as the ledger has lines: those of credits and renewed bills drew none, and those before these books have no line."""
    rows = [{"file": "inbox/lots/lots.csv", "row": number, "became": "lot", "known_as": f"L-{number}"} for number in (2, 3)]
    made = told([{**row, "stands_for": number} for number, row in enumerate(rows)])
    numbers = {column.name: 0 for column in contracts.LOTS.columns if column.kind in ("whole", "cents", "cost")}
    lots = contracts.LOTS.frame([{**numbers, "lot_id": "L-2", "drawn": 210, "drawn_before": 12}, {**numbers, "lot_id": "L-3"}])
    page_rows = rows_of(replace(made, lots=lots, ledger=made.ledger.assign(lot_id="L-2")))
    charged = [row(page_rows, "Rows of inbox/lots/lots.csv", place)[3] for place in (0, 1)]
    assert [Link("210 units drawn", "../lots.html"), "nothing"] == charged
