"""The site as people meet it: no error, no request to another host, no barrier, no sideways scroll; search, toggle, print, no script."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.barriers import SIGHTS, WIDE, troubles
from tests.browser.conftest import Screen, screen
from tests.browser.kinds import PAGES

pytestmark = pytest.mark.browser

# Between them these hold every part that a page is made of: cards, both kinds of chart, every kind of table and cell, lists, text.
OF_EVERY_PART = ("index.html", "performance.html", "chargeback.html", "agencies/DLH.html", "service/tiers.html", "quality.html")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_error_barrier_foreign_request_or_sideways_scroll(turned: Screen, path: str) -> None:
    # `make screenshots` asks axe of every page in every sight.
    assert [] == troubles(turned, path, barriers_on=SIGHTS if path in OF_EVERY_PART else (WIDE,))


def test_the_source_of_an_invoice_line_is_seen_without_scrolling(wide: Screen) -> None:
    page = wide.open("trace/RLB.html").page
    room = "const t = document.querySelector('.scroll'); return t.getBoundingClientRect().right"
    for head in ("Amount, $", "Source file", "Row or line"):
        titled = f"e.textContent.replace(/\\s/g, ' ') == {json.dumps(head)}"
        cell = f"[...document.querySelectorAll('.scroll thead th')].find(e => {titled}).getBoundingClientRect()"
        assert page.evaluate(f"{cell}.right") <= page.evaluate(f"(() => {{{room}}})()"), head


def test_on_a_phone_a_list_of_things_needs_no_scrolling_and_names_its_values(browser: Browser, address: str) -> None:
    phone = screen(browser, address, "light", 390)
    for path in ("requests.html", "expiry.html", "lots.html", "trace/DLH.html", "trace/~file-pem.html"):
        page = phone.open(path).page
        assert [] == phone.visit.complaints, path
        tables = "[...document.querySelectorAll('table.things')].map(t => t.parentElement)"
        assert page.evaluate(f"{tables}.every(one => one.scrollWidth <= one.clientWidth)"), path
        assert page.evaluate("getComputedStyle(document.querySelector('table.things td'), '::before').content") not in {"none", '""'}, path
    phone.page.context.close()


def test_on_a_phone_every_amount_of_a_table_of_sums_is_on_the_screen(browser: Browser, address: str) -> None:
    phone = screen(browser, address, "light", 390)
    for path in ("chargeback.html", "charges/FY2027.html", "charge-rules.html", "estimates.html", "recovery.html", "agencies/DLH.html"):
        page = phone.open(path).page
        assert [] == phone.visit.complaints, path
        assert page.locator("table.sums").count() > 0, path
        beyond = "[...document.querySelectorAll('table.sums :is(th, td)')].filter(one => one.getBoundingClientRect().right > innerWidth)"
        assert 0 == page.evaluate(f"{beyond}.length"), path
        side = "const row = document.querySelector('table.sums tbody tr'); const at = one => row.querySelector(one).getBoundingClientRect()"
        assert page.evaluate(f"(() => {{{side}; return at('.counts').top < at('th').bottom && at('.counts').left > at('th').left}})()"), (
            path
        )
    phone.page.context.close()


def test_the_chart_changes_its_colours_with_the_toggle(wide: Screen) -> None:
    page = wide.open("performance.html").page
    line = "getComputedStyle(document.querySelector('.chart svg.wide .line')).stroke"
    assert "rgb(29, 95, 168)" == page.evaluate(line)
    page.locator("label[title='Switch to dark colours']:visible").click()
    assert "rgb(130, 182, 242)" == page.evaluate(line)
    assert [] == wide.visit.complaints


def test_a_phone_sees_the_chart_that_is_drawn_for_it(turned: Screen) -> None:
    page = turned.open("performance.html").page
    for scheme, width in SIGHTS:
        turned.show(scheme, width)
        drawn = page.locator("figure.chart").first.locator("svg[role=img]:visible")
        assert 1 == drawn.count()
        assert ("narrow" if width == 390 else "wide") == drawn.get_attribute("class")
        assert 11 <= page.evaluate(
            "Math.min(...[...document.querySelectorAll('.chart svg[role=img]')].filter(one => one.getBoundingClientRect().width)"
            ".map(one => 13 * one.getBoundingClientRect().width / one.viewBox.baseVal.width))"
        )


def test_print_from_a_dark_screen_is_ink_on_white_with_the_sample_label(browser: Browser, address: str) -> None:
    dark = screen(browser, address, "dark", 1280)
    page = dark.open("performance.html").page
    page.emulate_media(media="print", color_scheme="dark")
    assert "rgb(255, 255, 255)" == page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert "rgb(20, 35, 58)" == page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert page.locator(".md-banner").is_visible()
    page.context.close()


@pytest.mark.parametrize("reader_day", ["2026-11-23", "2026-12-24"])
def test_the_budget_hearing_is_printed_on_two_sides_also_where_it_says_that_it_is_old(wide: Screen, reader_day: str) -> None:
    wide.page.clock.set_fixed_time(dt.datetime.fromisoformat(f"{reader_day}T12:00:00"))
    page = wide.open("budget-hearing.html").page
    assert [2, 2] == [len(re.findall(rb"/Type /Page\b", page.pdf(format=paper))) for paper in ("Letter", "A4")]


def test_search_finds_a_definition_an_agency_a_host_name_and_a_request(wide: Screen, published: Path) -> None:
    page = wide.open("index.html").page
    known = [("Lighthouses", "agencies/DLH.html"), ("Responsibilities", "service/responsibilities.html")]
    for table, column in (("certificates", "common_name"), ("requests", "request_id")):
        with (published / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            known.append(([row[column] for row in csv.DictReader(stream) if row["agency"] == "DLH"][-1], "agencies/DLH.html"))
    for words, wanted in known:
        page.locator("[data-md-component=search-query]").fill("")
        page.locator("[data-md-component=search-query]").press_sequentially(words)
        page.locator(f".md-search-result__link[href*='{wanted}']").first.wait_for()
    assert [] == wide.visit.complaints


def test_the_site_can_be_used_from_the_keyboard(wide: Screen) -> None:
    page = wide.open("inventory.html").page
    page.keyboard.press("Tab")
    assert "Skip to content" == page.evaluate("document.activeElement.textContent.trim()")
    page.locator(".scroll:visible").first.focus()
    assert "region" == page.evaluate("document.activeElement.getAttribute('role')")


def test_on_a_phone_the_tab_key_reaches_no_link_of_the_drawer_that_is_not_seen(browser: Browser, address: str) -> None:
    """Of each link of the drawer that takes the focus, what lies at its middle once the drawer has come out is that link."""
    phone = screen(browser, address, "light", 390)
    page = phone.open("reference/findings.html").page
    seen = {}
    for _ in range(40):
        page.keyboard.press("Tab")
        if not page.evaluate("!!document.activeElement.closest('.md-sidebar--primary a')"):
            continue
        page.wait_for_timeout(400)  # the drawer and its panes move
        name, is_seen = page.evaluate(
            """() => {
                const link = document.activeElement, box = link.getBoundingClientRect();
                const pane = link.closest("nav");
                const top = [...document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2)]
                    .find(one => !one.closest("nav") || getComputedStyle(one.closest("nav")).opacity > 0.5);
                return [link.textContent.trim(), box.left >= 0 && getComputedStyle(pane).opacity > 0.5 && link.contains(top)];
            }"""
        )
        seen[name] = is_seen
    assert {"Charges", "Finding codes", "Settings"} <= set(seen)
    assert [] == [name for name, is_seen in seen.items() if not is_seen]
    page.context.close()


def test_without_javascript_figures_charts_and_tables_are_all_there(browser: Browser, address: str) -> None:
    plain = screen(browser, address, "light", 1280, scripts=False)
    page = plain.open("performance.html").page
    assert page.locator(".card .figure").first.is_visible()
    assert page.locator(".chart svg.wide").first.is_visible()
    assert page.locator("table.sheet tbody tr").count() > 10
    page.context.close()


@pytest.mark.parametrize(
    ("reader_day", "said"),
    [("2026-12-05", ["Not updated for 12 days."]), ("2026-11-27", ["Not updated for 4 days."]), ("2026-11-26", []), ("2026-11-20", [])],
)
def test_a_page_says_that_no_run_has_made_it_anew_for_longer_than_allowed(wide: Screen, reader_day: str, said: list[str]) -> None:
    wide.page.clock.set_fixed_time(dt.datetime.fromisoformat(f"{reader_day}T12:00:00"))
    for path in ("index.html", "agencies/DLH.html", "service/tiers.html"):
        assert said == wide.open(path).page.locator(".stale").all_inner_texts()
    assert [] == wide.visit.complaints


def test_the_site_opens_from_a_folder_too(wide: Screen, published: Path) -> None:
    visit = wide.open((published / "site" / "agencies" / "DLH.html").as_uri())
    search_needs_a_server = [said for said in visit.complaints if "search_index" in said or "ERR_FILE_NOT_FOUND" in said]
    assert search_needs_a_server == visit.complaints
    visit.page.get_by_role("link", name="All agencies").click()
    assert "Agencies" == visit.page.locator("h1").inner_text()
