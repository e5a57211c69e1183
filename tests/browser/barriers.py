"""What is wrong with a page on some screens: errors, requests to other hosts, sideways scroll, barriers that axe finds (WCAG 2.1 AA)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

from tests.browser.conftest import Screen

Sight = tuple[str, int]  # light or dark, and a width in pixels
WIDE, DARK = ("light", 1280), ("dark", 1280)
PHONE, DARK_PHONE = ("light", 390), ("dark", 390)
SIGHTS: tuple[Sight, ...] = (WIDE, PHONE, DARK_PHONE, DARK)

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# Of what passes axe may keep an example, and in a fifth of the time: it reads each colour's text once, not at each element.
_QUESTION = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
_COLOURS_ONCE = """{
  const colour = axe.commons.color.Color.prototype, read = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    if (!known.has(text)) { read.call(this, text); known.set(text, [this.r, this.g, this.b, this.alpha]) }
    [this.r, this.g, this.b, this.alpha] = known.get(text);
    return this;
  };
}"""
# Two rows of each make: what is wrong with one is wrong with all, and what two have in common (an id) shows on two.
_FEW_ROWS = """document.querySelectorAll('tbody').forEach(body => {
  const told = new Set(['class', 'role', 'scope', 'style', 'type', 'hidden', 'tabindex', 'colspan', 'rowspan']), seen = new Map();
  const make = one => one.localName + [...one.attributes].map(a => a.name + (told.has(a.name) ? '=' + a.value : '')).sort() +
    '(' + [...one.children].map(make) + (one.textContent.trim() ? ' text' : '') + ')';
  [...body.rows].map(row => [row, make(row)]).forEach(([row, made]) => {
    seen.set(made, (seen.get(made) ?? 0) + 1);
    if (seen.get(made) > 2) row.remove();
  });
})"""
_ALL_OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


def _nothing_more(_page: Page, _sight: Sight) -> None:
    pass


def troubles(on: Screen, path: str, barriers_on: Iterable[Sight], look: Callable[[Page, Sight], None] = _nothing_more) -> list[str]:
    """Open a page once and say all that is wrong with it in each of `SIGHTS`; axe, which takes most of the time, is asked in `barriers_on`.

    `look` is called in each sight while the page is whole; for axe all that is closed is opened, and of rows alike two are left.
    """
    visit = on.open(path)
    found = []
    for scheme, width in SIGHTS:
        on.show(scheme, width)
        needed = visit.page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            found.append(f"{scheme}, {width} pixels: scrolls sideways to {needed}")
        look(visit.page, (scheme, width))
    visit.page.evaluate(_ALL_OPEN)
    visit.page.evaluate(_FEW_ROWS)
    for scheme, width in barriers_on:
        on.show(scheme, width)
        found += [f"{scheme}, {width} pixels: {one}" for one in _barriers(visit.page)]
    on.show(*WIDE)
    return [*visit.complaints, *(f"asks another host: {one}" for one in visit.foreign), *found]


def _barriers(page: Page) -> list[str]:
    """What axe finds on the page. It is injected below the content policy, which would stop it otherwise."""
    session = page.context.new_cdp_session(page)
    if page.evaluate("typeof axe") == "undefined":
        session.send("Runtime.evaluate", {"expression": f"{_AXE};{_COLOURS_ONCE}"})
    question = f"axe.run({json.dumps(_QUESTION)}).then(r => JSON.stringify(r.violations))"
    answer = session.send("Runtime.evaluate", {"expression": question, "awaitPromise": True, "returnByValue": True})
    session.detach()
    found: list[dict[str, Any]] = json.loads(answer["result"]["value"])
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
