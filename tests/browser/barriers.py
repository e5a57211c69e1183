"""What is wrong with a page on a screen: errors, requests to other hosts, sideways scroll, barriers that axe finds (WCAG 2.1 AA)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

from tests.browser.conftest import Screen

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# Rows of a table are all made alike; a table of 500 takes half a minute.
_FEW_ROWS = "document.querySelectorAll('tbody tr:nth-child(n+6)').forEach(row => row.remove())"
_ALL_OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


def troubles(on: Screen, path: str, *, barriers_too: bool) -> list[str]:
    """Open a page and say all that is wrong with it; what axe finds is asked last, for it takes most of the time."""
    visit = on.open(path)
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    found = [*visit.complaints, *(f"asks another host: {one}" for one in visit.foreign)]
    if wide > on.width:
        found.append(f"scrolls sideways: {wide} pixels on a screen of {on.width}")
    return found + (_barriers(visit.page) if barriers_too else [])


def _barriers(page: Page) -> list[str]:
    """What axe finds on the page. It is injected below the content policy, which would stop it otherwise."""
    page.evaluate(_ALL_OPEN)
    page.evaluate(_FEW_ROWS)
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": _AXE})
    question = f"axe.run({{runOnly: {json.dumps(_RULES)}}}).then(r => JSON.stringify(r.violations))"
    answer = session.send("Runtime.evaluate", {"expression": question, "awaitPromise": True, "returnByValue": True})
    session.detach()
    found: list[dict[str, Any]] = json.loads(answer["result"]["value"])
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
