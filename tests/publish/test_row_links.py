"""From a row of the internal pages to the row of a file that it was read from; pages of agencies and the public edition lead to none."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.publish import big_tables, table_columns
from pipeline.publish.pages import agencies, beside, certificate_rows, expiry, home, inventory, requests, rule_breaks, table_rows
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.trace_rows import RowPages
from pipeline.publish.parts import Grid, Link, Links
from tests.publish import site_reader
from tests.publish.bookkeeping import SETTINGS, books, certificate, entry
from tests.publish.built import STAMP, build

EXPORT, LOG, BEFORE = "inbox/exports/2026-11.csv", "inbox/requests/log.csv", "ledger/2026-10/certificates.csv"
KINDS = {EXPORT: "certificates", LOG: "requests", BEFORE: "closed"}
ROWS = "trace/~file-exports~2f~2026-11~2e~csv.html#row-"
ASKED = "trace/~file-requests~2f~log~2e~csv.html#row-"
# Number of the place, file and row: three certificates of the export, one that only a closed month tells of, and two requests.
PLACES = ((1, EXPORT, 2), (2, EXPORT, 5), (3, EXPORT, 9), (4, BEFORE, 2), (5, LOG, 2), (6, LOG, 7))
LINKED = (Link, Links)


def known(number: int, **changes: Any) -> dict[str, Any]:
    """The certificate of place `number`, in force, less what `changes` say."""
    row = certificate(entry(number), days_left=300, contact_email="ann@dot.example.gov")
    return row | {"names": row["common_name"]} | changes


def asked(name: str, source: int, verdict: str, due: dt.date, **changes: Any) -> dict[str, Any]:
    """A request that was read from place `source`."""
    came = "2026-11-02T15:00:00Z"
    row = {"request_id": name, "source": source, "verdict": verdict, "due_on": due, "kind": "new", "agency": "DOT", "status": "open"}
    return row | {"submitted_at": came, "clock_starts_at": came, "received_on": dt.date(2026, 11, 2), "reopen_count": 0} | changes


def made() -> Books:
    inputs = [
        {"file": file, "kind": kind, "bytes": 1, "rows_read": 9, "rows_accepted": 9, "rows_quarantined": 0} for file, kind in KINDS.items()
    ]
    lints = [
        {"certificate": known(number)["certificate"], "lint": "dsa-key", "severity": "error", "applies": "any", "detail": "DSA."}
        for number in (1, 4)
    ]
    return books(
        [],
        places=contracts.PLACES.frame(
            {"source": number, "file": file, "row": row, "stands_for": number, "became": "order"} for number, file, row in PLACES
        ),
        inputs=contracts.INPUTS.frame(inputs),
        certificates=contracts.CERTIFICATES.frame(
            [
                known(1, days_left=3),
                known(2, days_left=9, order_id=""),
                known(3, days_left=-10, status="expired", valid_to="2026-11-13T12:00:00Z"),
                known(4, days_left=40),
            ]
        ),
        lints=contracts.LINTS.frame(lints),
        requests=contracts.REQUESTS.frame(
            [
                asked("R-1", 5, "overdue", dt.date(2026, 11, 9)),
                asked("R-2", 6, "missed", dt.date(2026, 11, 10), status="completed", completed_at="2026-11-12T15:00:00Z", business_days=7),
                asked("R-3", 4, "paused", dt.date(2026, 12, 1), status="paused"),
            ]
        ),
    )


def edition(profile: Any = "internal") -> Edition:
    return Edition(made(), SETTINGS, STAMP, profile)


def view(page: Any, of: Edition | None = None) -> dict[str, Any]:
    return next(page.pages(of or edition())).view


def cells(grid: Grid, title: str) -> list[Any]:
    """The cells of one column of a table."""
    place = [head.title for head in grid.columns].index(title)
    return [row[place] for row in grid.rows]


def test_a_place_leads_to_its_row_where_that_is_listed() -> None:
    rows = RowPages(edition())
    assert [f"{ROWS}5", f"../{ROWS}5", "", ""] == [
        rows.href_of(2, ""),
        rows.href_of(2, "../"),
        rows.href_of(4, ""),  # of a closed month, whose rows are on no page
        rows.href_of(99, ""),
    ]


def test_too_many_rows_are_not_listed_and_nothing_leads_to_them() -> None:
    rows = RowPages(edition(), most_rows=2)
    assert ["", f"{ASKED}7"] == [rows.href_of(2, ""), rows.href_of(6, "")]


def test_the_order_of_a_certificate_leads_to_its_row_on_inventory_expiry_and_home() -> None:
    first, second = Link("88010001", f"{ROWS}2"), Link("no order number", f"{ROWS}5")
    lapsed, closed = Link("88010003", f"{ROWS}9"), "88010004"
    assert [first, second, closed, lapsed] == cells(view(inventory)["every"], "Order")
    shown = view(expiry)
    assert [[first], [second], [closed], []] == [cells(group["grid"], "Order") for group in shown["groups"]]
    assert [lapsed] == cells(shown["lapsed"], "Order") == cells(view(home)["lapsed"]["grid"], "Order")


def test_the_order_of_a_certificate_that_breaks_a_rule_leads_to_its_row() -> None:
    (section,) = view(rule_breaks)["sections"]
    assert [Link("88010001", f"{ROWS}2"), "88010004"] == cells(section["grid"], "Order")


def test_what_ends_soon_and_which_request_is_late_leads_to_its_row_at_home() -> None:
    listed = [cell for cell in cells(view(home)["actions"], "What") if cell.text[0] in "aR"]
    names = [Link("app1.dot.example.gov", f"{ROWS}2"), Link("app2.dot.example.gov", f"{ROWS}5")]
    assert [Link("R-1", f"{ASKED}2"), *names] == listed


def test_the_number_of_a_request_leads_to_its_row_on_its_page() -> None:
    lists = [cells(one["grid"], "Request") for one in view(requests)["lists"]]
    overdue, late = Link("R-1", f"{ASKED}2"), Link("R-2", f"{ASKED}7")
    assert [[overdue], [], ["R-3"], [late, overdue]] == lists


def test_a_table_of_certificates_in_any_order_leads_to_their_rows() -> None:
    of = edition()
    grid = certificate_rows.grid(of, of.certificates.iloc[[1, 0]], "Certificates", "None.")
    assert [f"{ROWS}5", f"{ROWS}2"] == [cell.href for cell in cells(grid, "Order")]


@pytest.mark.parametrize("first", [inventory, agencies])
def test_the_pages_of_agencies_which_are_handed_over_lead_to_no_row(first: Any) -> None:
    """Whichever page is made first: they share rows with the inventory."""
    of = edition()
    list(first.pages(of))
    page = next(page.view for page in agencies.pages(of) if page.view.get("code") == "DOT")
    orders = [cell for name in ("certificates", "ending", "lapsed") for cell in cells(page[name], "Order")]
    assert ["88010001", "no order number", "88010004", "88010003"] == cells(page["certificates"], "Order")
    assert all(isinstance(cell, str) for cell in orders)
    assert ["R-1", "R-2", "R-3"] == sorted(cells(page["requests"], "Request"))
    assert Link("88010001", f"{ROWS}2") in cells(view(inventory, of)["every"], "Order")
    assert "trace/~file" not in str(page)


def grids(shown: Any) -> Iterator[Grid]:
    """Every table of what a page shows."""
    if isinstance(shown, Grid):
        yield shown
    elif isinstance(shown, dict | list | tuple):
        for one in shown.values() if isinstance(shown, dict) else shown:
            yield from grids(one)


def test_the_public_edition_has_no_way_to_a_row_and_no_pages_of_rows() -> None:
    of = edition("public")
    assert ["88010001", "no order number", "88010004"] == cells(
        certificate_rows.renewals(of, of.to_renew.sort_values("days_left"), "Certificates", "None."), "Order"
    )
    for page in (home, requests):
        told = [cell for grid in grids(view(page, of)) for row in grid.rows for cell in row if isinstance(cell, LINKED)]
        assert "trace/" not in str(told)
    assert RowPages not in of._made


def test_beside_the_page_an_order_stands_as_its_text() -> None:
    """In CSV, and where the script of a long table sorts, searches and filters."""
    every = view(inventory)["every"]
    assert ["Order", "88010001", "no order number", "88010004", "88010003"] == [
        line.rsplit(",", 1)[1] for line in beside.csv_text(every).splitlines()
    ]
    (of_orders,) = [one for one in table_columns.columns(every) if one.head.title == "Order"]
    assert ["88010001", "no order number", "88010004", "88010003"] == list(of_orders.text)
    assert ["link", "link", "", "link"] == list(of_orders.kind)
    script = big_tables.script(every).removeprefix("certledgerRows('").removesuffix("');\n")
    assert "Order" == json.loads(script.replace("\\'", "'").replace("\\\\", "\\"))["columns"][-1]["title"]


def test_the_built_pages_lead_to_rows_that_are_there(tmp_path: Path) -> None:
    site = build(made(), tmp_path)
    (site / "downloads").mkdir()
    assert [] == [link for link in site_reader.dead_links(site) if "downloads/" not in link]
    assert f'href="{ROWS}2"' in (site / "inventory.html").read_text(encoding="utf-8")
    assert "~file" not in (site / "agencies" / "DOT.html").read_text(encoding="utf-8")


def test_a_host_name_that_is_a_link_wraps_at_its_dots_as_other_names_do() -> None:
    html = "".join(table_rows.rows(view(home)["actions"]))
    assert f'<a href="{ROWS}2">app1.<wbr>dot.<wbr>example.<wbr>gov</a>' in html
