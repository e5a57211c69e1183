"""The pages as they come out of MkDocs: hostile text stays text, figures are the tables', nothing internal is public, no link is dead."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.publish import pages, site
from pipeline.publish.pages import agencies
from pipeline.publish.pages.edition import Edition
from pipeline.settings import Organization
from tests.conftest import ROOT
from tests.publish import site_reader
from tests.publish.bookkeeping import SETTINGS, books, certificate, entry
from tests.publish.built import STAMP, build

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "a|b|c",
    "[click](javascript:alert(3))",
    "![pixel](https://tracker.example.com/p.png)",
    "{{ 7*7 }}{% raw %}",
    "{{ config.docs_dir }}",
    "text { .cls onclick=alert(4) }",
    "first line\n# second line",
    "[ref]: https://evil.example.com",
    "[link][ref]",
    '--8<-- "/etc/passwd"',
    "{++critic++} {--gone--}",
    ":smile: *bold* _em_ `code`",
    "</td></table><h1>broken out</h1>",
    '" onmouseover="alert(5)',
    "&lt;b&gt; &#60; &amp;",
    "<!-- comment --> <![CDATA[x]]>",
    "=HYPERLINK('https://evil.example.com')",
    "<svg/onload=alert(6)>",
    "$$x^2$$ ~~~ ``` ***",
)
DISGUISED = {
    "turned \u202egpj.exe": "turned \ufffdgpj.exe",
    "bell\x07\x1b[31m": "bell\ufffd\ufffd[31m",
    "zero\u200bwidth": "zero\ufffdwidth",
}


def shown(value: str) -> str:
    """The value as a page shows it: white space as one space."""
    return " ".join(value.split())


def hostile_books() -> Books:
    """Books in which every text that a person could have typed is hostile."""
    values = [*HOSTILE, *DISGUISED]
    lines = [
        entry(number, common_name=value, order_id=value, reason=value, agency="DOT", source=number) for number, value in enumerate(values)
    ]
    lines.append(entry(900, agency='B"><script>', billed_to='B"><script>', account_id="<i>", source=900))
    certificates = [
        certificate(
            line,
            contact_email=line["common_name"],
            server_software=line["common_name"],
            days_left=5,
            key_type=line["common_name"],
            issuer=line["common_name"],
        )
        for line in lines
    ]
    requests = [
        {
            "request_id": value,
            "kind": "new",
            "agency": "DOT",
            "status": "open",
            "verdict": "overdue",
            "due_on": dt.date(2026, 11, 20),
            "submitted_at": "2026-11-10T15:00:00Z",
            "received_on": dt.date(2026, 11, 10),
            "source": number,
            "reopen_count": 0,
        }
        for number, value in enumerate(values)
    ]
    said = [{"on": dt.date(2026, 10, 1), "measure": "on-time-completion", "text": value, "by": value} for value in values]
    down = [
        {"source": number, "service": value, "began_at": "2026-10-01T10:00:00Z", "kind": "full", "note": value}
        for number, value in enumerate(values)
    ]
    found = [
        {"code": "bad-value", "severity": "error", "file": value, "row": 1, "value": value, "reason": value, "action": "quarantined"}
        for value in values
    ]
    measures = [
        {
            "measure": "portal-availability",
            "period": "2026-10",
            "dimension": "service",
            "member": value,
            "value": 0.5,
            "n": 1,
            "target": 0.9,
        }
        for value in values
    ]
    return books(
        lines,
        certificates=contracts.CERTIFICATES.frame(certificates),
        requests=contracts.REQUESTS.frame(requests),
        notes=contracts.NOTES.frame(said),
        outages=contracts.OUTAGE_ROWS.frame(down),
        findings=contracts.FINDINGS.frame(found),
        lints=contracts.LINTS.frame(
            {"certificate": line["certificate"], "lint": "rsa-under-2048", "severity": "error", "applies": "any", "detail": line["reason"]}
            for line in lines
        ),
        reconciliation=contracts.RECONCILIATION.frame(
            {
                "class": "no-request",
                "source": 1,
                "certificate": value,
                "common_name": value,
                "order_id": value,
                "agency": value,
                "detail": value,
            }
            for value in values
        ),
        measures=contracts.MEASURES.frame(measures),
        renewals=contracts.RENEWALS.frame(
            {
                "host": value,
                "agency": value,
                "certificate": value,
                "ended_at": ended,
                "outcome": outcome,
                "lead_time_days": lead,
                "band": band,
            }
            for value in values
            for ended, outcome, lead, band in (
                ("2026-11-01T00:00:00Z", "not-renewed", -1.0, "lapse"),
                ("2026-11-02T00:00:00Z", "unknown", None, ""),
            )
        ),
        gaps=contracts.GAPS.frame({"host": value, "agency": value, "began_at": "2026-11-01T00:00:00Z", "seconds": 60} for value in values),
        server_software=contracts.SERVER_SOFTWARE.frame(
            {"name": value, "vendor": value, "note": value, "match": value} for value in values
        ),
        agencies=contracts.AGENCIES.frame({"agency": f"A{number}", "name": value} for number, value in enumerate(values)),
    )


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, site_reader.BuiltPage]:
    organization = Organization(
        name="Office {{ 7*7 }} <b>of</b> Certificates", service_owner="{{ config.docs_dir }}@example.gov", sample=True
    )
    folder = tmp_path_factory.mktemp("hostile")
    out = build(hostile_books(), folder, settings=SETTINGS.model_copy(update={"organization": organization}))
    return site_reader.pages(out)


@pytest.fixture(scope="module")
def small_books() -> Books:
    """Three orders of two agencies, one certificate soon to end, and an agency that has nothing."""
    lines = [
        entry(1),
        entry(2, tier="premium", rate_cents=54200, amount_cents=54200, period="FY2027-P04", service_on=dt.date(2026, 10, 5)),
        entry(3, agency="DEP", billed_to="DEP", account_id="DEP-1200"),
        entry(4, kind="credit", amount_cents=-22119, reason="revoked within the refund days"),
    ]
    certificates = [certificate(line, days_left=11 if line["source"] == 1 else 300, contact_email="ann@dot.example.gov") for line in lines]
    inputs = [
        {
            "file": "inbox/exports/2026-11.csv",
            "kind": "certificates",
            "rows_read": 5,
            "rows_accepted": 4,
            "rows_quarantined": 1,
            "bytes": 10,
            "newest_on": dt.date(2026, 11, 20),
        }
    ]
    requests = [
        {
            "request_id": "INC0012345",
            "kind": "renew",
            "agency": "DOT",
            "status": "open",
            "verdict": "overdue",
            "due_on": dt.date(2026, 11, 20),
            "submitted_at": "2026-11-12T15:00:00Z",
            "received_on": dt.date(2026, 11, 12),
            "source": 1,
            "reopen_count": 0,
        }
    ]
    return books(
        lines,
        certificates=contracts.CERTIFICATES.frame(certificates),
        inputs=contracts.INPUTS.frame(inputs),
        requests=contracts.REQUESTS.frame(requests),
        notes=contracts.NOTES.frame([{"on": dt.date(2026, 11, 2), "text": "Nora Vale was ill", "by": "Nora Vale"}]),
    )


@pytest.fixture(scope="module")
def small_site(small_books: Books, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(small_books, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def public_site(small_books: Books, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(small_books, tmp_path_factory.mktemp("public"), "public")


def test_no_hostile_value_becomes_a_script_a_handler_or_a_link(hostile_site: dict[str, site_reader.BuiltPage]) -> None:
    theme = {script.split("location)")[-1] for script in hostile_site["404.html"].scripts if script.strip()}
    for name, page in hostile_site.items():
        assert set() == {script.split("location)")[-1] for script in page.scripts if script.strip() and '"base"' not in script} - theme, (
            name
        )
        assert [] == [attribute for _, attrs in page.tags for attribute in attrs if attribute.startswith("on")], name
        links = [*page.attributes("href"), *page.attributes("src"), *page.attributes("action")]
        assert [] == [link for link in links if "://" in link or link.casefold().startswith(("javascript:", "data:"))], name
        assert 1 == sum(tag == "h1" for tag, _ in page.tags), name


@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "inventory.html",
        "expiry.html",
        "rule-breaks.html",
        "requests.html",
        "trace/DOT.html",
        "agencies/DOT.html",
        "service/server-software.html",
    ],
)
def test_hostile_values_are_shown_as_they_were_typed(hostile_site: dict[str, site_reader.BuiltPage], path: str) -> None:
    text = hostile_site[path].text.replace("\N{SOFT HYPHEN}", "")
    some_rows_only = path == "index.html"
    wanted = [shown(value) for value in HOSTILE] + list(DISGUISED.values())
    missing = [value for value in wanted if value not in text]
    assert missing == [] or (some_rows_only and len(missing) < len(wanted) - 10), missing


@pytest.mark.parametrize("path", ["performance.html", "availability.html", "quality.html", "agencies.html", "reconciliation.html"])
def test_hostile_remarks_services_findings_and_names_are_shown_as_typed(hostile_site: dict[str, site_reader.BuiltPage], path: str) -> None:
    text = hostile_site[path].text
    assert [] == [value for value in [shown(value) for value in HOSTILE] + list(DISGUISED.values()) if value not in text]


def test_an_agency_s_hostile_name_is_its_title_and_runs_nothing(hostile_site: dict[str, site_reader.BuiltPage]) -> None:
    assert "A0 <script>alert(1)</script>" in hostile_site["agencies/A0.html"].text
    assert "Office {{ 7*7 }} <b>of</b> Certificates" in hostile_site["service/tiers.html"].text
    assert "{{ config.docs_dir }}@example.gov" in hostile_site["index.html"].text


def test_an_agency_s_hostile_code_cannot_leave_its_folder(hostile_site: dict[str, site_reader.BuiltPage]) -> None:
    assert "agencies/B~22~~3e~~3c~script~3e~.html" in hostile_site
    assert 'B"><script>' in hostile_site["trace.html"].text


@pytest.mark.parametrize("profile", ["internal", "public"])
def test_empty_books_make_a_whole_site_that_says_so(tmp_path: Path, profile: str) -> None:
    empty = books([])
    out = build(empty, tmp_path, profile)
    (out / "downloads").mkdir(exist_ok=True)
    assert [] == [link for link in site_reader.dead_links(out) if "downloads/" not in link or profile == "public"]
    read = site_reader.pages(out)
    assert "Nothing has been charged yet." in read["chargeback.html"].text
    assert "no request was due" in read["index.html"].text
    assert "No request is open." in read["requests.html"].text
    unsaid = re.compile(r"\b0 of 0\b|\bnan\b|\bNaT\b", re.IGNORECASE)
    assert [] == [name for name, page in read.items() if unsaid.search(page.text) and not name.startswith("reference/")]


def test_every_table_and_chart_of_hostile_books_has_its_files_and_no_file_is_active(
    hostile_site: dict[str, site_reader.BuiltPage],
) -> None:
    assert [] == site_reader.without_files(hostile_site)
    out = hostile_site["index.html"].path.parent
    pictures = [path for path in out.rglob("*.svg") if path.name != "mark.svg"]
    assert len(pictures) >= 5
    for path in pictures:
        for element in ElementTree.parse(path).iter():
            assert element.tag.rpartition("}")[2] in {"svg", "title", "desc", "rect", "text", "tspan", "g", "path", "circle", "polyline",
                                                      "polygon", "defs", "pattern"}, path.name  # fmt: skip
            assert [] == [name for name in element.attrib if name.startswith("on") or "href" in name or name in ("class", "style")]
    texts = [path.read_text(encoding="utf-8") for path in out.rglob("*.csv")]
    cells = [cell for text in texts for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [] == [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r")) or any(one in cell for one in "\x07\x1b\u202e")]
    assert "'=HYPERLINK('https://evil.example.com')" in cells


def test_where_no_page_is_ways_on_lead_from_the_root_to_pages_of_this_edition(small_site: Path, public_site: Path) -> None:
    found = {}
    for built in (small_site, public_site):
        article = (built / "404.html").read_text(encoding="utf-8").partition("<article")[2].partition("</article>")[0]
        assert "There is no page at this address" in article
        found[built] = re.findall('href="([^"]*)"', article)
    assert {small_site: ["/index.html", "/data.html"], public_site: ["/index.html"]} == found
    assert [] == [way for built, ways in found.items() for way in ways if not (built / way.removeprefix("/")).is_file()]


def test_no_link_is_dead(small_site: Path, public_site: Path) -> None:
    (small_site / "downloads").mkdir()
    of_the_run = [link for link in site_reader.dead_links(small_site) if "downloads/" not in link]
    assert [] == of_the_run
    assert [] == site_reader.dead_links(public_site)


def test_the_page_of_settings_says_what_each_table_is_for_and_its_values_as_people_write_them(small_site: Path) -> None:
    text = site_reader.BuiltPage(small_site / "reference" / "settings.html").text
    assert "always encrypted: starttls (mostly port 587) or tls (mostly port 465)." in text
    assert "The target of a measure, by its name, where nothing else sets it." in text
    assert "How to read files whose header is not enough to recognise them." in text
    assert "sample true" in text
    assert "answers not set" in text
    assert [] == re.findall(r"\b(?:True|False)\b|[{}`]", text)


def test_an_agency_without_certificates_has_a_page_that_says_so(small_site: Path) -> None:
    page = site_reader.BuiltPage(small_site / "agencies" / "RMV.html")
    assert "Registry of Motor Vehicles has no certificate in force." in page.text
    assert "This agency has no certificate." in page.text
    assert "This agency has made no request." in page.text
    assert "0 of 0" not in page.text


def test_the_charges_shown_are_the_ledger_s(small_books: Books, small_site: Path) -> None:
    page = site_reader.BuiltPage(small_site / "chargeback.html")
    totals = page.column("Charges by month, newest first, in US dollars", "Total, $")
    by_period = small_books.ledger.groupby("period")["amount_cents"].sum().sort_index(ascending=False)
    assert [*by_period, by_period.sum()] == [cents(text) for text in totals]
    by_agency = dict(zip(page.column(BY_AGENCY, "Agency"), page.column(BY_AGENCY, "FY2027 to date, $"), strict=True))
    assert {"DOT": 54200, "DEP": 22119, "Total": 76319} == {code: cents(text) for code, text in by_agency.items()}


BY_AGENCY = "Charges by agency, largest first, in US dollars"


def cents(text: str) -> int:
    """`1,234.56` or `−221.19` as cents."""
    return int(text.replace("−", "-").replace(",", "").replace(".", ""))


def test_a_trace_leads_from_each_line_to_its_source_row(small_books: Books, small_site: Path) -> None:
    page = site_reader.BuiltPage(small_site / "trace" / "DOT.html")
    caption = "Lines of DOT, newest month first"
    assert "FY2027-P05" in page.attributes("id")
    newest = [place for place, host in enumerate(page.column(caption, "Host name")) if "of FY2027-P05, account DOT-4710" in host]
    rows, files, amounts = ([page.column(caption, head)[place] for place in newest] for head in ("Row or line", "Source file", "Amount, $"))
    assert ["2", "5"] == rows
    assert ["inbox/exports/2026-11.csv"] * 2 == files
    assert [22119, -22119] == [cents(text) for text in amounts]
    assert newest == [0, 1]
    links = page.attributes("href")
    assert [
        f"../downloads/{path}" for path in small_books.invoices.query("agency == 'DOT'").sort_values("period", ascending=False)["workbook"]
    ] == [link for link in links if link.startswith("../downloads/")]


def test_home_counts_what_the_tables_hold_and_lists_the_most_urgent_first(small_site: Path) -> None:
    page = site_reader.BuiltPage(small_site / "index.html")
    assert "1 certificate in force expires within 30 days; each has a contact." in page.text
    caption = "What is to be revoked, replaced, charged, ordered or finished, and certificates that end within 30 days, most urgent first"
    assert ["INC0012345", "app1.dot.example.gov"] == page.column(caption, "What")
    assert "4 accepted, 1 quarantined" in site_reader.BuiltPage(small_site / "chargeback.html").text


def test_the_public_site_names_no_host_no_agency_no_request_and_no_file(public_site: Path, small_books: Books) -> None:
    secrets = ["dot.example.gov", "Department of Transportation", "DOT", "INC0012345", "Nora Vale", "inbox/", "88010001", "downloads/"]
    for path in sorted(path for path in public_site.rglob("*") if path.suffix in {".html", ".json"} and "assets" not in path.parts):
        text = path.read_text(encoding="utf-8")
        assert [] == [secret for secret in secrets if secret in text], path.name
    assert not (public_site / "reference" / "decisions").exists()
    assert not (public_site / "agencies").exists()


def test_every_page_says_sample_and_carries_the_stamp(small_site: Path) -> None:
    for name, page in site_reader.pages(small_site).items():
        if name != "404.html":
            assert page.text.count("SAMPLE DATA") == 2, name
            assert "data as of 23 November 2026 · run 5f1c9a07d2be4410 · certledger 0.1.0" in page.text, name


def test_real_data_carry_no_sample_label(tmp_path: Path) -> None:
    out = build(books([]), tmp_path, "public", SETTINGS.model_copy(update={"organization": Organization(sample=False)}))
    assert [] == [name for name, page in site_reader.pages(out).items() if "SAMPLE" in page.text]


def test_the_same_books_give_the_same_bytes(small_books: Books, small_site: Path, tmp_path: Path) -> None:
    again = build(small_books, tmp_path)
    first = {path.relative_to(small_site): path.read_bytes() for path in small_site.rglob("*") if path.is_file()}
    second = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
    assert first.keys() == second.keys()
    assert [] == [str(path) for path in sorted(first) if first[path] != second[path]]


def test_a_dead_link_in_a_hand_written_page_stops_the_build_with_mkdocs_words(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "site", docs)
    pages.render(books([]), SETTINGS, STAMP, "public", docs, ROOT / "templates")
    (docs / "service" / "new-page.md").write_text("# New page\n\n[gone](nowhere.md)\n", encoding="utf-8")
    with pytest.raises(site.SiteBuildError, match=r"new-page\.md.*nowhere\.md"):
        site.build(docs, ROOT / "mkdocs.yml", tmp_path / "out", STAMP)


def test_a_new_hand_written_page_takes_its_place_in_the_navigation(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "site", docs)
    pages.render(books([]), SETTINGS, STAMP, "public", docs, ROOT / "templates")
    (docs / "service" / "training.md").write_text("# Training for administrators\n", encoding="utf-8")
    site.build(docs, ROOT / "mkdocs.yml", tmp_path / "out", STAMP)
    assert "Training for administrators" in site_reader.BuiltPage(tmp_path / "out" / "service" / "tiers.html").text


def test_the_contacts_of_an_agency_are_those_of_the_spell_that_began_last() -> None:
    """Whatever the order of the lines in agencies.csv; a spell without a first day is the earliest."""
    spells = [
        {
            "agency": "DOT",
            "name": "Transportation",
            "billing_contact": f"{who}@dot.example.gov",
            "security_contact": "",
            "valid_from": since,
        }
        for who, since in (("new", dt.date(2026, 1, 1)), ("first", None), ("older", dt.date(2025, 1, 1)))
    ]
    for order in (spells, spells[::-1]):
        made = Edition(books([entry(1)], agencies=contracts.AGENCIES.frame(order)), SETTINGS, STAMP, "internal")
        page = next(page for page in agencies.pages(made) if page.view.get("code") == "DOT")
        assert ["Invoices", "new@dot.example.gov"] == page.view["contacts"].rows[0]
