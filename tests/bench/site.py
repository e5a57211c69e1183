"""The part of `make bench` about the site: 150 agencies, 24 months and 20,000 certificates, from books to pages in a browser.

Seconds are of the processor, MkDocs' too; what a browser shows is timed by its own clock.
"""

from __future__ import annotations

import dataclasses
import resource
import shutil
import tempfile
import time
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser

from pipeline import contracts
from pipeline.accounts import account
from pipeline.contracts import Books, Inbox
from pipeline.publish import big_tables, pages, site
from pipeline.publish.pages import inventory
from pipeline.publish.pages.edition import Edition
from pipeline.publish.stamp import RunStamp
from tests.bench import money_made, service
from tests.browser.conftest import CHROMIUM, launched, served
from tests.conftest import ROOT
from tests.massachusetts import closed_days

CERTIFICATES, REQUESTS, MANY = 20_000, 20_000, 100_000
MOST_SECONDS, MOST_SECONDS_OF_MKDOCS = 4.0, 15.0
MOST_BYTES, MOST_BYTES_A_PAGE = 60_000_000, 120_000
MOST_UNTIL_PAINTED, MOST_UNTIL_USABLE, MOST_UNTIL_MANY_USABLE = 1.0, 1.5, 4.0
_STAMP = RunStamp("5f1c9a07d2be4410", money_made.AS_OF, "0.1.0")
_FILES = {"export_rows": "certificates", "request_rows": "requests", "pause_rows": "pauses", "lot_rows": "lots", "adjustments": "entries"}
_PAINTED = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true}))"""
_USABLE = """() => new Promise(done => { const look = () => document.querySelector(".big .turn") ? done(performance.now())
    : requestAnimationFrame(look); look(); })"""


def books(certificates: int, requests: int) -> Books:
    """The books of an office of so many certificates and requests, as a run accounts for them."""
    office, log = money_made.office(certificates), service.made_up(requests)
    told = {"export_rows": office.export_rows, "request_rows": log.rows, "pause_rows": log.pauses}
    told |= {name: getattr(office, name) for name in ("lot_rows", "adjustments", "estimates", "costs", "agencies", "accounts")}
    names = {field.name for field in dataclasses.fields(Inbox)} - {"findings", "closed"}
    empty = {name: getattr(contracts, name.upper()).empty() for name in names}
    came_in = Inbox(**empty | _placed(told) | {"closed_days": closed_days()})
    return account(came_in, money_made.SETTINGS, money_made.AS_OF, None)


def _placed(told: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with a place for each of their rows, as if each were a file: with PLACES and INPUTS."""
    placed, places, inputs = dict(told), [], []
    for name, kind in _FILES.items():
        frame, path = told[name], f"{'entries' if kind == 'entries' else 'inbox'}/{name}.csv"
        first = len(places)
        placed[name] = frame.assign(source=range(first, first + len(frame)))
        places += [{"source": first + row, "file": path, "row": row + 2} for row in range(len(frame))]
        counts = {"rows_read": len(frame), "rows_accepted": len(frame), "rows_quarantined": 0}
        days = {"taken_on": money_made.AS_OF, "newest_on": money_made.AS_OF}
        inputs.append({"file": path, "kind": kind, "bytes": 1} | counts | days)
    return placed | {"places": contracts.PLACES.frame(places), "inputs": contracts.INPUTS.frame(inputs)}


def measure() -> bool:
    """Print every figure beside its limit; whether all are met. Without Chromium what a browser shows is not measured."""
    with tempfile.TemporaryDirectory() as folder:
        docs, out = Path(folder) / "docs", Path(folder) / "site"
        site.lay_out(ROOT / "site", docs, "internal")
        made = books(CERTIFICATES, REQUESTS)
        began = time.process_time()
        pages.render(made, money_made.SETTINGS, _STAMP, "internal", docs, ROOT / "templates")
        rendering = time.process_time() - began
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        site.build(docs, ROOT / "mkdocs.yml", out, _STAMP)
        building = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        print(f"The internal site of {CERTIFICATES:,} certificates, {REQUESTS:,} requests, {money_made.AGENCY_COUNT} agencies, 24 months")
        kept = [_line("rendering", rendering, MOST_SECONDS, "s"), _line("MkDocs", building, MOST_SECONDS_OF_MKDOCS, "s"), *_sizes(out)]
        return all([*kept, *(_in_a_browser(out, Path(folder)) if CHROMIUM.exists() else [])])


def _line(name: str, found: float, most: float, unit: str) -> bool:
    print(f"  {name}: {found:,.2f} {unit} (at most {most:,.1f}: {'met' if found <= most else 'MISSED'})")
    return found <= most


def _sizes(out: Path) -> list[bool]:
    """All files together without the downloads, the longest page, and every other page that is too long."""
    size = {path.relative_to(out): path.stat().st_size for path in sorted(out.rglob("*")) if path.is_file()}
    pages_of = sorted((path for path in size if path.suffix == ".html"), key=lambda path: -size[path])
    kept = [_line("output", sum(size.values()) / 1e6, MOST_BYTES / 1e6, "MB")]
    too_long = [path for path in pages_of if size[path] > MOST_BYTES_A_PAGE]
    return kept + [_line(f"page {path}", size[path] / 1e3, MOST_BYTES_A_PAGE / 1e3, "KB") for path in too_long or pages_of[:1]]


def _in_a_browser(out: Path, folder: Path) -> list[bool]:
    """Until a page is painted, until the inventory can be searched, and the same for an inventory of far more rows."""
    many = folder / "many"
    (page,) = inventory.pages(Edition(books(MANY, 10), money_made.SETTINGS, _STAMP, "internal"))
    shutil.copytree(out, many)
    (script,) = (many / "inventory").glob("certificates*.rows.js")
    script.write_text(big_tables.script(page.view["every"]), encoding="utf-8")
    with launched() as browser, served(out) as usual, served(many) as large:
        painted = max(_seconds(browser, usual + path, _PAINTED) for path in ("index.html", "performance.html", "inventory.html"))
        usable, many_usable = (_seconds(browser, f"{root}inventory.html", _USABLE) for root in (usual, large))
    return [
        _line("largest contentful paint, the slowest of home, performance, inventory", painted, MOST_UNTIL_PAINTED, "s"),
        _line("inventory usable", usable, MOST_UNTIL_USABLE, "s"),
        _line(f"inventory of {MANY:,} rows usable", many_usable, MOST_UNTIL_MANY_USABLE, "s"),
    ]


def _seconds(browser: Browser, address: str, asked: str) -> float:
    """What the page answers in ms of its own clock, in seconds: the fastest of three openings."""
    found = []
    for _ in range(3):
        page = browser.new_page(viewport={"width": 1280, "height": 844})
        page.goto(address)
        found.append(float(page.evaluate(asked)) / 1000)
        page.close()
    return min(found)
