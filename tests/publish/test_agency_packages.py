"""What is handed over to an agency: a ZIP that holds all that is its own and nothing of another."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import pytest

from pipeline import contracts
from pipeline.publish.agency_packages import page_alone
from pipeline.publish.pages import Edition
from tests.publish.bookkeeping import SETTINGS, books, entry
from tests.publish.built import STAMP

# The sample's merger, and its order that was charged to one agency and belonged to another: pages, or invoices, of each name the other.
MERGED = {"DLH": {"OTR"}, "OTR": {"DLH"}}
CORRECTED = {"MAP": {"RLB"}, "RLB": {"MAP"}}


def table(published: Path, name: str) -> list[dict[str, str]]:
    with (published / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def texts(package: zipfile.ZipFile) -> dict[str, str]:
    """All that a person can read in the ZIP, what stands in its workbooks too, file by file."""
    read = {}
    for name in package.namelist():
        content = package.read(name)
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as workbook:
                parts = [part for part in workbook.namelist() if part.startswith(("xl/shared", "xl/worksheets/sheet", "docProps/"))]
                read[name] = "\n".join(workbook.read(part).decode() for part in parts)
        else:
            read[name] = content.decode()
    return read


@pytest.mark.slow
def test_a_package_holds_all_of_its_agency_and_nothing_of_another(published: Path) -> None:
    names = {row["agency"]: row["name"] for row in agencies(published)}
    certificates, invoices, ledger = (table(published, name) for name in ("certificates", "invoices", "ledger"))
    paid: dict[str, set[str]] = {}
    for line in ledger:
        paid.setdefault(line["billed_to"], set()).add(line["certificate"])
    packed = sorted((published / "site/downloads/agencies").glob("*.zip"))
    assert {path.stem for path in packed} >= set(names) > {"DLH", "OTR", "WBO"}
    for path in packed:
        code = path.stem
        own = {code, *MERGED.get(code, ())}
        with zipfile.ZipFile(path) as package:
            read = texts(package)
        wanted = {f"{code}.html", f"{code}.ics", "certificates.csv", "requests.csv"}
        assert wanted | {row["workbook"] for row in invoices if row["agency"] == code} == set(read)
        listed = {row["certificate"] for row in csv.DictReader(io.StringIO(read["certificates.csv"]))}
        of_agencies = {one: {row["certificate"] for row in certificates if row["agency"] == one} for one in own}
        assert of_agencies[code] <= listed <= set().union(*of_agencies.values())
        known = [row for row in certificates if row["agency"]]  # not those of certificate authorities
        mine = {host for row in known if row["agency"] in own for host in hosts(row)}
        for name, text in read.items():
            is_invoice = name.endswith(".xlsx")
            on_lines = {host for row in known if is_invoice and row["certificate"] in paid.get(code, ()) for host in hosts(row)}
            foreign = {host for row in known for host in hosts(row)} - mine - on_lines
            assert [] == sorted(host for host in foreign if host in text), name
            others = set(names) - own - (CORRECTED.get(code, set()) if is_invoice else set())
            assert [] == sorted(other for other in others if names[other] in text), name
            assert [] == sorted(other for other in others if re.search(rf"(?<![\w/.-]){other}(?![\w/.-])", text)), name
        assert "@" in read[f"{code}.html"]


def hosts(row: dict[str, str]) -> set[str]:
    return {row["common_name"], *row["subject_alternative_names"].split()} - {""}


def agencies(published: Path) -> list[dict[str, str]]:
    with (published.parents[2] / "data/reference/agencies.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.slow
def test_the_public_site_hands_over_nothing_of_an_agency(published: Path) -> None:
    assert [] == [path for path in (published / "site-public").rglob("*") if path.suffix in (".zip", ".ics")]


def test_a_page_alone_has_headings_and_styles_and_no_way_into_the_site() -> None:
    markdown = '---\ntitle: "DOT &#60;b&#62;"\nhide: [toc]\n---\n\n# DOT &#60;b&#62;\n\n'
    markdown += '<p class="crumb"><a href="../agencies.html">All</a></p>\n'
    markdown += '## Ends soon { #ending }\n\n<p>See <a href="../expiry.html">expiry</a> and <a href="#ending">above</a>.</p>\n## Plain\n'
    markdown += '<p class="get" data-search-exclude>\n<a href="x.csv">CSV</a></p>\n'
    html = page_alone(markdown, ".md-typeset { color: red }", "<p>the stamp</p>")
    assert "<title>DOT &#60;b&#62;</title>" in html
    assert "<h1>DOT &#60;b&#62;</h1>" in html
    assert '<h2 id="ending">Ends soon</h2>' in html
    assert "<h2>Plain</h2>" in html
    assert '<p>See expiry and <a href="#ending">above</a>.</p>' in html
    assert ".md-typeset { color: red }" in html
    assert html.endswith("<p>the stamp</p>\n</body></html>\n")
    assert [] == [part for part in ("CSV", "All", "---") if part in html]
    assert "default-src 'none'" in html


def test_who_became_part_of_an_agency() -> None:
    agencies_table = [
        {"agency": "OLD", "name": "Old", "valid_to": dt.date(2026, 10, 1), "successor": "DOT"},
        {"agency": "DOT", "name": "Transportation"},
    ]
    edition = Edition(books([entry(1)], agencies=contracts.AGENCIES.frame(agencies_table)), SETTINGS, STAMP, "internal")
    assert (["OLD"], []) == (edition.merged_into("DOT"), edition.merged_into("OLD"))
