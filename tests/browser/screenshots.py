"""Every kind of page, light and dark, wide and phone, of the shipped workspace: a picture, and what is wrong with it; `make screenshots`.

They land in reports/screenshots; the top of the home page is also the picture of the README, tests/browser/home.png.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.barriers import SIGHTS, Sight, troubles
from tests.browser.conftest import CHROMIUM, launched, screen, served
from tests.browser.kinds import PAGES
from tests.conftest import ROOT, copy_workspace, in_a_process

# The day after the as-of day of the sample: later, each page would say that it was not updated.
SEEN_ON = dt.datetime(2026, 11, 24, 12)  # noqa: DTZ001 - the clock of the browser has its own zone
PICTURES = ROOT / "reports" / "screenshots"
README_PICTURE = Path(__file__).parent / "home.png"
_LONGEST = 6000  # px of height: the rest of a long table shows nothing new


def main() -> int:
    """Publish a copy of the shipped workspace, photograph its pages, and say where the pictures are."""
    if not CHROMIUM.exists():
        print(f"{CHROMIUM} is missing: apt-get install chromium", file=sys.stderr)
        return 1
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace = copy_workspace(ROOT, Path(folder) / "workspace")
        done = in_a_process("-C", workspace, "run")
        if done.returncode:
            print(done.stdout + done.stderr, file=sys.stderr)
            return done.returncode
        with served(workspace / "reports" / "latest" / "site") as address, launched() as browser:
            found = _photograph(browser, address)
            _photograph_for_the_readme(browser, address)
    print(f"{len(PAGES) * len(SIGHTS)} pictures in {PICTURES.relative_to(ROOT)}, and {README_PICTURE.relative_to(ROOT)}")
    print(f"Errors, requests to other hosts, sideways scroll and barriers (axe, WCAG 2.1 AA) on them: {len(found)}", *found, sep="\n")
    return 1 if found else 0


def _photograph(browser: Browser, address: str) -> list[str]:
    """Every kind of page in every sight, as NAME-SCHEME-WIDTH.png; what is wrong with them."""
    shown = screen(browser, address, "light", 1280)
    shown.page.clock.set_fixed_time(SEEN_ON)
    found = []
    for path in PAGES:
        name = path.removesuffix(".html").replace("/", "-")
        found += [f"{path}: {line}" for line in troubles(shown, path, SIGHTS, partial(_picture, name))]
    shown.page.context.close()
    return found


def _picture(name: str, page: Page, sight: Sight) -> None:
    scheme, width = sight
    height = min(page.evaluate("document.documentElement.scrollHeight"), _LONGEST)
    picture = PICTURES / f"{name}-{scheme}-{width}.png"
    page.screenshot(path=picture, full_page=True, animations="disabled", clip={"x": 0, "y": 0, "width": width, "height": height})


def _photograph_for_the_readme(browser: Browser, address: str) -> None:
    shown = screen(browser, address, "light", 1280, height=860)
    shown.page.clock.set_fixed_time(SEEN_ON)
    shown.open("index.html").page.screenshot(path=README_PICTURE, animations="disabled")
    shown.page.context.close()


if __name__ == "__main__":
    sys.exit(main())
