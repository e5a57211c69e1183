"""Reconciliation as people read it: the page and the sheet, from books whose disagreements are known."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.findings import CODES
from pipeline.publish import workbooks
from pipeline.publish.pages import home, reconciliation
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.trace_rows import RowPages
from pipeline.publish.parts import Figure, Grid, Link, Links, Noted
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks.totals import QUALITY_PATH
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, certificate, entry

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")
LINES = [entry(number) for number in (1, 2, 3)]


def disagreement(name: str, line: dict[str, Any] | None = LINES[0], **changes: Any) -> dict[str, Any]:
    """A row of class `name` about the certificate of a ledger entry, or about a request alone."""
    row: dict[str, Any] = {"class": name, "detail": f"About {name}.", "source": 1, "agency": "DOT", "in_export": line is not None}
    if line is not None:
        row |= {"certificate": line["certificate"], "order_id": line["order_id"], "common_name": line["common_name"], "status": "active"}
        row |= {"valid_to": "2026-12-04T23:59:59Z", "days_left": 11, "source": line["source"]}
    return row | changes


def books(*disagreements: dict[str, Any]) -> Books:
    asked = {1: {"asked": "yes", "request_id": "R1", "pem_source": 1, "parse_status": "ok"}, 2: {"asked": "no"}}
    known = [certificate(line, **asked.get(line["source"], {})) for line in LINES]
    authority = certificate(entry(9), is_ca=True, role="file", pem_source=1)
    return bookkeeping.books(
        LINES,
        certificates=contracts.CERTIFICATES.frame([*known, authority]),
        reconciliation=contracts.RECONCILIATION.frame(disagreements),
    )


FOUND = books(
    disagreement("revocation-not-done", request_id="R7", asked="yes"),
    disagreement("not-in-file", LINES[1], valid_to="2027-01-03T12:00:00Z", days_left=41, asked="no"),
    disagreement("request-without-certificate", None, request_id="R9", order_id="777", asked="yes"),
    disagreement("dates-differ", LINES[2], valid_to="2026-09-01T12:00:00Z", days_left=-83, status="expired"),
)


def view(made: Books) -> dict[str, Any]:
    return next(reconciliation.pages(Edition(made, SETTINGS, STAMP, "internal"))).view


def cards(made: Books) -> dict[str, Figure]:
    return {figure.name: figure for figure in view(made)["figures"]}


def section(made: Books, name: str) -> dict[str, Any]:
    return next(one for one in view(made)["sections"] if one["anchor"] == name)


def test_the_sentence_says_how_many_stand_in_all_three_and_what_cannot_be_told() -> None:
    expected = (
        "Of 3 server certificates, 1 stands in an export, a certificate file and a request. For 1 the request logs name no order, "
        "so whether they were asked for cannot be told. 4 disagreements are listed below."
    )
    assert expected == view(FOUND)["sentence"]


def test_without_a_certificate_the_page_says_so() -> None:
    shown = view(bookkeeping.books([]))
    assert "No certificate is known yet, so there is nothing to compare." == shown["sentence"]
    assert ([], [], []) == (shown["sections"], shown["standings"].rows, shown["soonest"].rows)
    assert "No certificate is known yet." == shown["standings"].empty


def test_each_card_counts_its_kinds_and_leads_to_them() -> None:
    shown = cards(FOUND)
    assert {
        "In all three": ("1", "", ""),
        "To be revoked, still valid": ("1", "revoke today", "#revocation-not-done"),
        "Requests without a certificate": ("1", "look into each", "#request-without-certificate"),
        "Certificates without a request": ("0", "none", ""),
        "Facts that differ": ("1", "correct the source", "#dates-differ"),
        "Without an export row or a file": ("1", "proof or payer is missing", "#not-in-file"),
    } == {name: (figure.value, figure.word, figure.href) for name, figure in shown.items()}
    assert "met" == shown["Certificates without a request"].state


def test_each_certificate_and_each_request_without_one_is_counted_in_one_row() -> None:
    shown: Grid = view(FOUND)["standings"]
    counts = {tuple(row[1:4]): row[0] for row in shown.rows if row[0] != "0"}
    assert {
        ("yes", "yes", "yes"): "1",
        ("yes", "no", "no"): "1",
        ("yes", "no", "cannot be told"): "1",
        ("no", "no", "yes"): "1",
    } == counts
    assert ("4", 1) == (shown.total[0], view(FOUND)["authorities"])


def test_a_block_that_cannot_be_read_is_counted_as_no_certificate() -> None:
    block = certificate(entry(8), role="file", pem_source=2, parse_status="failed")
    made = dataclasses.replace(FOUND, certificates=contracts.CERTIFICATES.frame([*FOUND.certificates.to_dict("records"), block]))
    assert view(FOUND)["sentence"] == view(made)["sentence"]
    assert view(FOUND)["standings"].total == view(made)["standings"].total


def test_sections_stand_gravest_first_with_what_to_do() -> None:
    shown = view(FOUND)["sections"]
    assert ["revocation-not-done", "request-without-certificate", "dates-differ", "not-in-file"] == [one["anchor"] for one in shown]
    assert CODES["revocation-not-done"].remedy == shown[0]["remedy"]
    assert CODES["no-request"].title in view(FOUND)["absent"]


def test_a_row_says_until_when_whose_which_order_what_and_where_and_leads_to_the_ledger() -> None:
    (row,) = section(FOUND, "revocation-not-done")["grid"].rows
    assert [
        "app1.dot.example.gov",
        Noted("2026-12-04", "in 11 days", "near"),
        Link("DOT", "agencies/DOT.html"),
        Link(LINES[0]["order_id"], f"trace/DOT.html#entry-{LINES[0]['entry_id']}"),
        "About revocation-not-done.",
        Noted("inbox/exports/2026-11.csv", "line 2"),
    ] == row


def test_where_leads_to_the_row_among_those_of_its_file() -> None:
    export = {"file": "inbox/exports/2026-11.csv", "kind": "certificates", "bytes": 1, "taken_on": AS_OF, "layout": "certificates"}
    read = {"rows_read": 3, "rows_accepted": 3, "rows_quarantined": 0}
    made = dataclasses.replace(FOUND, inputs=contracts.INPUTS.frame([export | read]))
    (row,) = section(made, "revocation-not-done")["grid"].rows
    (pages,) = RowPages(Edition(made, SETTINGS, STAMP, "internal")).listed
    assert Links((Link("line 2", f"{pages.page}.html#row-2"),), "inbox/exports/2026-11.csv") == row[-1]


def test_a_request_without_a_certificate_and_what_is_over_have_no_days_left() -> None:
    (alone,) = section(FOUND, "request-without-certificate")["grid"].rows
    assert ("no certificate", "no certificate", "777") == (alone[0], alone[1], alone[3])
    (over,) = section(FOUND, "dates-differ")["grid"].rows
    assert Noted("2026-09-01", "expired") == over[1]


def test_only_what_has_to_be_settled_and_can_still_be_used_is_on_top() -> None:
    shown = view(FOUND)
    assert ["app1.dot.example.gov"] == [row[0] for row in shown["soonest"].rows]
    many = books(*(disagreement("tier-differs", source=number, request_id=f"R{number}") for number in range(1, 4) for _ in range(1)))
    assert (3, 0) == (len(view(many)["soonest"].rows), view(many)["more_to_settle"])


def test_of_very_many_rows_the_page_shows_a_hundred_and_says_where_the_rest_is() -> None:
    many = books(*(disagreement("no-request", request_id=f"R{number:03d}") for number in range(104)))
    shown = section(many, "no-request")
    assert ("104 rows", 100, 4) == (shown["count"], len(shown["grid"].rows), shown["left_out"])
    assert (10, 94) == (len(view(many)["soonest"].rows), view(many)["more_to_settle"])


def test_what_should_have_been_revoked_is_the_first_thing_on_the_home_page() -> None:
    view = next(home.pages(Edition(FOUND, SETTINGS, STAMP, "internal"))).view
    expected = [
        Link("1 certificate to be revoked", "reconciliation.html#revocation-not-done"),
        Link("DOT", "agencies/DOT.html"),
        Noted("today", "still valid", "missed"),
        "Have it revoked by the CA",
    ]
    assert expected == view["actions"].rows[0]


# The sheet


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reconciliation")
    workbooks.write_quality(FOUND, SETTINGS, STAMP, made)
    return made / QUALITY_PATH


def rows_of_sheet(path: Path) -> list[dict[str, Any]]:
    grid = list(openpyxl.load_workbook(path, data_only=True)["Reconciliation"].iter_rows(values_only=True))
    start = next(number for number, row in enumerate(grid) if row[0] == "Severity")
    return [dict(zip(grid[start], row, strict=True)) for row in grid[start + 1 :] if row[0]]


def test_the_sheet_has_every_disagreement_in_the_order_of_the_table(written: Path) -> None:
    rows = rows_of_sheet(written)
    assert FOUND.reconciliation["class"].tolist() == [row["Code"] for row in rows]
    first = rows[0]
    expected = {
        "Severity": "error",
        "Disagreement": CODES["revocation-not-done"].title,
        "Host name": "app1.dot.example.gov",
        "Valid to": dt.datetime(2026, 12, 4),  # noqa: DTZ001 - a day of Excel
        "Days\nleft": 11,
        "Agency": "DOT",
        "Order": LINES[0]["order_id"],
        "Request": "R7",
        "What to do": CODES["revocation-not-done"].remedy,
        "File": "inbox/exports/2026-11.csv",
        "Row or\nline": 2,
        "In an\nexport": "yes",
        "Asked for": "yes",
    }
    assert expected == {name: first[name] for name in expected}


def test_the_sheet_says_why_a_cell_is_empty(written: Path) -> None:
    request = next(row for row in rows_of_sheet(written) if row["Code"] == "request-without-certificate")
    assert {"no certificate"} == {request[name] for name in ("Host name", "Valid to", "State", "Certificate")}
    dates = next(row for row in rows_of_sheet(written) if row["Code"] == "dates-differ")
    assert "cannot be told" == dates["Request"]
    unasked = next(row for row in rows_of_sheet(written) if row["Code"] == "not-in-file")
    assert "none" == unasked["Request"]


def test_without_disagreements_the_sheet_says_so(tmp_path: Path) -> None:
    workbooks.write_quality(books(), SETTINGS, STAMP, tmp_path)
    shown = openpyxl.load_workbook(tmp_path / QUALITY_PATH)["Reconciliation"].iter_rows(values_only=True)
    said = "Exports, certificate files and requests disagree in nothing that could be compared."
    assert said in {cell for row in shown for cell in row}
