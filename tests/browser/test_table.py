"""Long tables in a browser: sorted, searched, filtered, sent on as an address, saved; a row that a link leads to; without scripts, from a
folder."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from pipeline.publish.big_tables import FIRST_ROWS
from tests.browser.conftest import Screen, screen


def rows_of(published: Path) -> list[dict[str, str]]:
    with (published / "tables" / "certificates.csv").open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["is_ca"] == "false"]


def opened(shown: Screen, query: str = "") -> Page:
    page = shown.open(f"inventory.html{query}").page
    page.locator(".big .turn").wait_for()
    return page


def column(page: Page, place: int) -> list[str]:
    return page.locator(f".big tbody tr > :nth-child({place})").all_inner_texts()


def said(page: Page) -> str:
    return page.locator(".big [role=status]").inner_text()


def test_every_certificate_can_be_reached_page_by_page(wide: Screen, published: Path) -> None:
    total = len(rows_of(published))
    page = opened(wide)
    seen = 0
    while True:
        seen += page.locator(".big tbody tr").count()
        if page.locator("text=Next").is_disabled():
            break
        page.locator("text=Next").click()
    assert total == seen
    assert said(page).endswith(f"to {total} of {total}")
    assert [] == wide.visit.complaints


def test_search_and_lists_find_what_the_table_of_the_run_holds_and_the_address_brings_it_back(
    browser: Browser, wide: Screen, address: str, published: Path
) -> None:
    expected = [row for row in rows_of(published) if row["agency"] == "DLH" and "www" in row["common_name"]]
    page = opened(wide)
    page.get_by_label("Search this table").fill("WWW")
    page.get_by_label("Agency", exact=True).select_option("DLH")
    page.locator(f"text={len(expected)} found").wait_for()
    found = column(page, 1)
    assert sorted(row["common_name"] for row in expected) == sorted(found)

    other = screen(browser, address, "light", 1280)
    page.wait_for_function("location.search.includes('find=WWW') && location.search.includes('Agency=DLH')")
    assert found == column(opened(other, page.url.removeprefix(f"{address}inventory.html")), 1)
    other.page.context.close()


def test_a_head_sorts_up_then_down_and_says_so_also_from_the_keyboard(wide: Screen) -> None:
    page = opened(wide)
    head = page.locator(".big thead th").nth(1)
    head.locator("button").click()
    up = [text[:10] for text in column(page, 2)]
    assert (sorted(up), "ascending") == (up, head.get_attribute("aria-sort"))
    head.locator("button").focus()
    page.keyboard.press("Enter")
    down = [text[:10] for text in column(page, 2)]
    assert (sorted(down, reverse=True), "descending") == (down, head.get_attribute("aria-sort"))
    assert down[0] >= up[-1]


def all_of(page: Page, rows: str, title: str) -> list[str]:
    """The column `title` of the table with these rows, page by page."""
    box = page.locator(f"[data-rows='{rows}']")
    place = box.locator("thead th").evaluate_all("heads => heads.map(one => one.dataset.title)").index(title) + 1
    found: list[str] = []
    while True:
        found += box.locator(f"tbody tr > :nth-child({place})").all_inner_texts()
        if box.locator("text=Next").is_disabled():
            return found
        box.locator("text=Next").click()


def amount(text: str) -> float:
    return float(text.replace(",", "").replace("\u2212", "-"))


def month(text: str) -> dt.datetime:
    return dt.datetime.strptime(" ".join(text.split()[:2]), "%B %Y")  # noqa: DTZ007 - a month has no zone


SORTED = [
    ("agencies/DLH.html", "DLH/charges-of-dlh-by-month-and-tier.rows.js", "Total, $", amount),
    ("agencies/DLH.html", "DLH/charges-of-dlh-by-month-and-tier.rows.js", "Month", month),
    ("agencies/DLH.html", "DLH/invoices.rows.js", "Month", month),
    ("trace/DLH.html", "DLH/lines-of-dlh.rows.js", "Row or line", amount),
    ("trace/DLH.html", "DLH/lines-of-dlh.rows.js", "Amount, $", amount),
    ("quality.html", "quality/input-files.rows.js", "Rows read", amount),
    ("forecast.html", "forecast/month-by-month.rows.js", "Month", month),
]


@pytest.mark.parametrize(("path", "rows", "title", "worth"), SORTED)
def test_amounts_counts_and_months_sort_by_what_they_are_and_back(
    turned: Screen, path: str, rows: str, title: str, worth: Callable[[str], Any]
) -> None:
    page = turned.open(path).page
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    box = page.locator(f"[data-rows='{rows}']")
    box.locator(".turn").wait_for()
    listed = all_of(page, rows, title)
    assert len(set(listed)) > 2
    found = []
    for choice in (title, f"-{title}", ""):
        # the list of a phone; on a wide screen it is not shown
        box.locator(".sorts select").evaluate("(list, choice) => { list.value = choice; list.dispatchEvent(new Event('change')) }", choice)
        found.append(all_of(page, rows, title))
    assert [sorted(listed, key=worth), sorted(listed, key=worth, reverse=True), listed] == found


def test_words_with_numbers_in_them_sort_by_these(wide: Screen) -> None:
    page = wide.open("trace/~file-exports~2f~certcentral-orders-2026-11~2e~csv.html?sort=Line").page
    page.locator(".big .turn").wait_for()
    lines = [int(text.removeprefix("line ").replace(",", "")) for text in column(page, 1)]
    assert sorted(lines) == lines
    assert lines[-1] < 1_000


def test_what_was_found_is_saved_as_csv(wide: Screen, tmp_path: Path) -> None:
    page = opened(wide, "?Tier=premium&sort=Host+name")
    with page.expect_download() as saving:
        page.locator("text=Save as CSV").click()
    saving.value.save_as(tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(encoding="utf-8", newline="") as stream:
        saved = list(csv.DictReader(stream))
    assert f"of {len(saved)} found" in said(page)
    assert {"premium"} == {row["Tier"] for row in saved}
    assert column(page, 1) == [row["Host name"] for row in saved[:FIRST_ROWS]]


def test_nothing_found_says_so(wide: Screen, published: Path) -> None:
    page = opened(wide, "?find=no-such-host-anywhere")
    assert f"Nothing found, of {len(rows_of(published))}" == said(page)


def test_on_a_phone_a_list_sorts_what_has_no_heads_there(browser: Browser, address: str) -> None:
    phone = screen(browser, address, "light", 390)
    page = opened(phone)
    page.get_by_label("Sort", exact=True).select_option("-Valid to")
    down = [text[:10] for text in column(page, 2)]
    assert sorted(down, reverse=True) == down
    assert 390 == page.evaluate("document.documentElement.scrollWidth")
    phone.page.context.close()


def test_without_a_script_the_most_urgent_rows_and_the_csv_are_there(browser: Browser, address: str, published: Path) -> None:
    plain = screen(browser, address, "light", 1280, scripts=False)
    page = plain.open("inventory.html").page
    assert FIRST_ROWS == page.locator(".big tbody tr").count()
    assert f"{FIRST_ROWS} of {len(rows_of(published))} shown here. The others stand in the file CSV." == said(page)
    assert (published / "site" / str(page.locator("text=certificates.csv").first.get_attribute("href"))).is_file()
    plain.open("trace/DLH.html")
    assert "shown here. The others, also one that a link led to, stand in the file CSV." in said(page)
    plain.page.context.close()


def test_a_link_to_a_row_shows_it_below_the_header_with_a_bar_and_bold_and_so_does_the_way_back(browser: Browser, address: str) -> None:
    place = "(() => { const at = one => one.getBoundingClientRect(); return [at(document.querySelector('.md-header')), at(%s)] })()"
    target = "document.getElementById(decodeURIComponent(location.hash.slice(1)))"
    for scheme, width in (("light", 1280), ("dark", 390)):
        shown = screen(browser, address, scheme, width)
        page = shown.open("trace/DLH.html").page
        ways = page.locator("article a[href*='#row-']")
        for way in (ways.first, page.locator(".asked a[href*='#entry-']")):  # a row of the file; from there, back to the line
            way.click()
            page.locator(".big .asked").wait_for()
            assert page.url.endswith(f"#{page.locator('.big .asked').get_attribute('id')}")
            header, row = page.evaluate(place % target)
            assert header["bottom"] <= row["top"] < row["bottom"] <= shown.height, (width, page.url)
            bars = page.evaluate(f"[{target}, {target}.cells[0]].filter(one => getComputedStyle(one).boxShadow != 'none').length")
            weight = page.evaluate(f"getComputedStyle({target}.cells[1]).fontWeight")
            assert (1, "650") == (bars, weight), (width, page.url)
        assert [] == shown.visit.complaints
        page.context.close()


def test_from_a_folder_the_whole_table_works_too(wide: Screen, published: Path) -> None:
    page = wide.open((published / "site" / "inventory.html").as_uri()).page
    page.locator(".big .turn").wait_for()
    page.get_by_label("Search this table").fill("www")
    page.locator("text=found").wait_for()
    assert all("www" in text for text in page.locator(".big tbody tr").all_inner_texts())
