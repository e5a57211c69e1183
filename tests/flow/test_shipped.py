"""The shipped sample as published: what finance opens equals what the ledger says, and nothing was lost on the way."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import ROOT
from tests.publish import site_reader

pytestmark = pytest.mark.slow  # publishes the shipped workspace


def rows(published: Path, table: str) -> list[dict[str, str]]:
    with (published / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total_in_excel(path: Path) -> int:
    """The total that a person sees on the first sheet, in cents."""
    book = openpyxl.load_workbook(path, data_only=True)
    sheet, cell = next(iter(book.defined_names["LedgerTotal"].destinations))
    return int((Decimal(str(book[sheet][cell.replace("$", "")].value)) * 100).to_integral_exact())


def test_every_invoice_in_excel_equals_the_ledger(published: Path) -> None:
    billed: Counter[tuple[str, str, str]] = Counter()
    for line in rows(published, "ledger"):
        billed[line["period"], line["billed_to"], line["account_id"]] += int(line["amount_cents"])
    invoices = rows(published, "invoices")
    in_excel = {
        (invoice["period"], invoice["agency"], invoice["account_id"]): total_in_excel(published / invoice["workbook"])
        for invoice in invoices
    }
    assert billed == Counter(in_excel)
    assert len(list(published.glob("invoices/*/*.xlsx"))) == len(invoices) > 100


def test_the_year_workbooks_hold_the_same_money(published: Path) -> None:
    years: Counter[str] = Counter()
    for line in rows(published, "ledger"):
        years[line["period"].split("-")[0]] += int(line["amount_cents"])
    assert years == Counter({path.stem: total_in_excel(path) for path in (published / "finance").glob("*.xlsx")})


def test_no_row_is_lost(published: Path) -> None:
    inputs = rows(published, "inputs")
    assert [] == [row["file"] for row in inputs if int(row["rows_read"]) != int(row["rows_accepted"]) + int(row["rows_quarantined"])]
    on_disk = {path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data/inbox").rglob("*.*") if path.name != "README.md"}
    assert on_disk <= {row["file"] for row in inputs}


def test_the_sample_is_dirty_but_within_the_budget(published: Path) -> None:
    found = Counter(row["code"] for row in rows(published, "findings"))
    assert len(found) >= 20
    assert found["private-key"] == 0
    manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
    assert {"error", "warning", "note"} == set(manifest["findings"])


def test_every_sheet_and_page_says_that_it_is_a_sample(published: Path) -> None:
    pages = [path for path in (*published.glob("site/**/*.html"), *published.glob("site-public/**/*.html")) if path.name != "404.html"]
    assert [] == [path.name for path in pages if "SAMPLE DATA" not in path.read_text(encoding="utf-8")]
    for path in (next(iter(sorted(published.glob("invoices/*/*.xlsx")))), *published.glob("finance/*.xlsx")):
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert "SAMPLE DATA" in str(sheet["A1"].value), (path.name, sheet.title)


@pytest.mark.parametrize("profile", ["site", "site-public"])
def test_no_link_is_dead_downloads_included_and_no_chart_or_table_lacks_its_files(published: Path, profile: str) -> None:
    read = site_reader.pages(published / profile)
    assert [] == site_reader.dead_links(published / profile, read)
    assert [] == site_reader.without_files(read)


@pytest.mark.parametrize("profile", ["site", "site-public"])
def test_no_page_leads_to_another_host(published: Path, profile: str) -> None:
    foreign = ('src="http', "src='http", '<link rel="stylesheet" href="http', "url(http")
    pages = published.glob(f"{profile}/**/*.html")
    assert [] == [path.name for path in pages if any(mark in path.read_text(encoding="utf-8") for mark in foreign)]


def test_the_public_site_holds_no_contact_no_key_and_no_decision(published: Path) -> None:
    """What the inbox says about people stays inside: contacts, invoices, certificates, decisions."""
    contacts = {row["contact_email"] for row in rows(published, "certificates") if row["contact_email"]}
    assert len(contacts) > 20
    readable = (".html", ".json", ".xml", ".csv", ".svg")
    text = "\n".join(path.read_text(encoding="utf-8") for path in (published / "site-public").rglob("*") if path.suffix in readable)
    assert [] == sorted(contact for contact in contacts if contact in text)
    hosts = {row["common_name"] for row in rows(published, "certificates") if row["common_name"]}
    assert [] == sorted(host for host in hosts if host in text)
    assert not (published / "site-public/reference/decisions").exists()
    assert not (published / "site-public/reference/exports").exists()
    assert not (published / "site-public/downloads").exists()


def test_the_figures_that_pages_show_are_those_of_the_tables(published: Path) -> None:
    """Read back from the built HTML: requests due by month, charges by month, certificates by state of the whole inventory."""
    site = published / "site"
    of_office = [row for row in rows(published, "measures") if row["dimension"] == "office"]
    months = {row["period"]: row for row in of_office if row["measure"] == "on-time-completion"}
    shown = site_reader.BuiltPage(site / "performance.html").tables["Requests due by month, newest first"]
    kept, due = shown[0].index("Kept"), shown[0].index("Due")
    said = {f"{dt.datetime.strptime(row[0], '%B %Y'):%Y-%m}": (row[kept], row[due]) for row in shown[1:]}  # noqa: DTZ007 - a month
    assert {period: (months[period]["met"], months[period]["n"]) for period in said} == said
    assert len(said) >= 12

    charged: Counter[str] = Counter()
    for line in rows(published, "ledger"):
        charged[line["period"]] += int(line["amount_cents"])
    page = site_reader.BuiltPage(site / "chargeback.html")
    totals = page.column("Charges by month, newest first, in US dollars", "Total, $")[:-1]
    cents = [int(re.sub(r"[,.]", "", text).replace("−", "-")) for text in totals]
    assert [charged[period] for period in sorted(charged, reverse=True)] == cents

    with (site / "inventory/certificates.csv").open(encoding="utf-8", newline="") as stream:
        listed = Counter(row["Order"] for row in csv.DictReader(stream))
    servers = [row for row in rows(published, "certificates") if row["is_ca"] == "false"]
    known = Counter("cannot be read" if row["parse_status"] == "failed" else row["order_id"] or "no order number" for row in servers)
    assert known == listed
