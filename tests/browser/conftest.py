"""The built site in Debian's Chromium: a server on this machine, and pages that note every error and every foreign request."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]

SCHEMES = {"light": "default", "dark": "slate"}  # what Material calls them


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Visit:
    """A page that was opened, and what it said and asked for on the way."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `folder` while it is served on this machine."""
    handler = functools.partial(_Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def address(published: Path) -> Iterator[str]:
    """The internal site of the shipped workspace, served on this machine."""
    with served(published / "site") as root:
        yield root


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; where it is missing, CI fails and a laptop skips."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is missing: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with launched() as chromium:
        yield chromium


@dataclass
class Screen:
    """A screen on which pages are opened one after another."""

    page: Page
    address: str
    height: int
    visit: Visit

    def open(self, path: str) -> Visit:
        """Open a page of the site, or a file, and wait until it is loaded."""
        self.visit.complaints.clear()
        self.visit.foreign.clear()
        self.page.goto(path if "://" in path else self.address + path)
        return self.visit

    def show(self, scheme: str, width: int) -> None:
        """Turn the page that is open to another scheme, with no colour still on its way there, and to another width."""
        self.page.set_viewport_size({"width": width, "height": self.height})
        self.page.evaluate(f"document.querySelector('input[name=__palette][data-md-color-scheme={SCHEMES[scheme]}]').click()")
        assert SCHEMES[scheme] == self.page.evaluate("document.body.dataset.mdColorScheme")
        self.page.evaluate("document.getAnimations().forEach(one => one.finish())")


def screen(browser: Browser, address: str, scheme: str, width: int, *, height: int = 844, scripts: bool = True) -> Screen:
    """A fresh screen; the caller closes `page.context`."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
    )
    page = context.new_page()
    visit = Visit(page)
    page.on("console", lambda said: visit.complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("response", lambda answer: visit.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:", "file:")) else visit.foreign.append(asked.url))
    return Screen(page, address, height, visit)


@pytest.fixture(scope="session")
def turned(browser: Browser, address: str) -> Iterator[Screen]:
    """One screen for many pages and tests, each of which turns it to the scheme and width that it looks at."""
    made = screen(browser, address, "light", 1280)
    yield made
    made.page.context.close()


@pytest.fixture
def wide(browser: Browser, address: str) -> Iterator[Screen]:
    """A light, wide screen for a single test."""
    made = screen(browser, address, "light", 1280)
    yield made
    made.page.context.close()
