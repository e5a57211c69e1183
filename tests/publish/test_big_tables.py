"""Tables with more rows than a page shows: the file of all rows, whatever is written in them."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest

from pipeline.publish.big_tables import FIRST_ROWS, script
from pipeline.publish.pages import table_rows
from pipeline.publish.pages.beside import LIMITS, Beside
from pipeline.publish.parts import Chip, Grid, Head, Link, Links, Noted, Page, Serial

HEADS = (Head("Host name", "code"), Head("Valid to", "date"), Head("Agency"), Head("State", "short"), Head("Serial", "serial"))


def told(rows: list[list[Any]]) -> dict[str, Any]:
    return handed_over(script(Grid("Certificates", HEADS, rows, "None.", things=True, choose=("Agency",))))


def handed_over(script: str) -> dict[str, Any]:
    """What the script hands over: one JSON text in quotes, and nothing else that could run."""
    begin, end = "certledgerRows('", "');\n"
    assert script.startswith(begin)
    assert script.endswith(end)
    text = script.removeprefix(begin).removesuffix(end)
    assert "'" not in text.replace("\\'", "")
    handed: dict[str, Any] = json.loads(text.replace("\\'", "'").replace("\\\\", "\\"))
    return handed


PARTS = ("text", "kind", "remark", "state", "href", "links")


def cells(handed: dict[str, Any], place: int) -> list[Any]:
    """The cells of a column as `table.js` reads them: a text, or a list of its parts where it is more than a text."""
    parts = handed["columns"][place]["cells"]
    read = {name: part(parts.get(name), parts["text"], handed["rows"]) for name in PARTS}
    return [
        list(one) if one[1] else one[0] for one in zip(*(read[name] for name in (PARTS if "links" in parts else PARTS[:-1])), strict=True)
    ]


def part(told: dict[str, Any] | None, texts: dict[str, Any], rows: int) -> list[Any]:
    if told is None or "all" in told:
        return [told["all"] if told else ""] * rows
    if "of" in told:
        return [told["of"][place] for place in told.get("at", texts.get("at"))]
    return [told["begins"] + one + told["ends"] if isinstance(one, str) else one for one in told["rest"]]


def row(number: int) -> list[Any]:
    return [
        f"host-{number}.example.gov",
        Noted("2026-12-04", "in 11 days", "near"),
        Link("DLH", "agencies/DLH.html"),
        Chip("active", "met"),
        Serial("0a1b"),
    ]


def test_each_cell_comes_with_what_it_needs_to_be_shown() -> None:
    handed = told([row(1), row(2)])
    columns = handed["columns"]
    assert ["host-1.example.gov", "host-2.example.gov"] == cells(handed, 0)
    assert ["2026-12-04", "noted", "in 11 days", "near", ""] == cells(handed, 1)[1]
    assert ["DLH", "link", "", "", "agencies/DLH.html"] == cells(handed, 2)[0]
    assert ["active", "chip", "", "met", ""] == cells(handed, 3)[0]
    assert ["0a1b", "serial", "", "", ""] == cells(handed, 4)[0]
    assert [False, False, True, False, False] == [column["choose"] for column in columns]
    assert [head.kind for head in HEADS] == [column["kind"] for column in columns]


def table(count: int, **more: Any) -> Grid:
    return Grid("Certificates, soonest first", HEADS, [row(number) for number in range(count)], "None.", **more)


def beside() -> Beside:
    return Beside(Page("deep/inventory.md", "", ""), lambda chart: "")


def test_a_page_shows_the_first_rows_of_a_long_table_and_a_script_holds_all() -> None:
    page, long = beside(), table(1_200)
    body = page.body(long)
    assert (FIRST_ROWS, "inventory/certificates.rows.js") == (body.shown, body.script)
    assert FIRST_ROWS == page.late.rows[0].count("<tr")
    assert body is page.body(long)
    handed = handed_over(page.files["deep/inventory/certificates.rows.js"])
    assert {"all": "DLH"} == handed["columns"][2]["cells"]["text"]
    assert [f"host-{number}.example.gov" for number in range(1_200)] == cells(handed, 0)


def test_a_short_table_stands_whole_and_one_that_is_searched_has_its_script_too() -> None:
    page = beside()
    assert [(100, ""), (3, "inventory/certificates.rows.js")] == [
        (body.shown, body.script) for body in (page.body(table(100)), page.body(table(3, tools=True)))
    ]


def test_tables_of_a_full_page_show_fewer_rows_the_further_down_they_stand_but_short_ones_all() -> None:
    page = beside()
    bodies = [page.body(table(150)) for _ in range(6)]
    shown = [body.shown for body in bodies]
    assert (sorted(shown, reverse=True), 150, 10) == (shown, shown[0], shown[-1])
    assert sum(map(len, page.late.rows)) < 90_000
    assert 25 == page.body(table(25)).shown


def test_a_page_that_is_too_long_all_the_same_cuts_its_short_tables_too() -> None:
    page = Beside(Page("quality.md", "", ""), lambda chart: "", LIMITS[-1])
    assert [10, 10, 10] == [page.body(table(rows)).shown for rows in (25, 11, 10)]


def test_what_the_reference_defines_stands_whole_and_at_once() -> None:
    page = Beside(Page("reference/findings.md", "", ""), lambda chart: "")
    assert [150] * 3 == [page.body(table(150)).shown for _ in range(3)]
    assert [] == page.late.rows


def test_a_name_of_4096_characters_stands_in_its_cell_as_it_is_and_can_wrap() -> None:
    name = "a<b." * 1024
    html = "".join(table_rows.rows(Grid("Certificates", HEADS[:1], [[name]], "None.")))
    assert name == unescape(html.split(">", 2)[2].split("</th>")[0].replace("<wbr>", ""))
    assert 1023 == html.count("<wbr>")


def test_hostile_text_stays_text_in_the_script_and_nothing_in_it_hides() -> None:
    hostile = ["</script><script>alert(1)</script>", "\u2029);alert(1)//", "\\", "\\'", "'", '"', "a" * 4096]
    handed = told([[text, "", "", "", ""] for text in [*hostile, "\x00\x1b\u202e"]])
    assert [*(text.replace("\u2029", " ") for text in hostile), "\ufffd" * 3] == cells(handed, 0)


@pytest.mark.parametrize(
    ("texts", "begins", "rest", "ends"),
    [
        (["w1.example.gov", "w22.example.gov"], "w", ["1", "22"], ".example.gov"),
        (["aa", "aaa"], "aa", ["", "a"], ""),
        (["ab", "aab"], "a", ["", "a"], "b"),
        (["", "x"], "", ["", "x"], ""),
    ],
)
def test_what_begins_and_ends_all_texts_of_a_column_is_told_once(texts: list[str], begins: str, rest: list[str], ends: str) -> None:
    handed = told([[text, "", "", "", ""] for text in texts])
    assert {"begins": begins, "rest": rest, "ends": ends} == handed["columns"][0]["cells"]["text"]
    assert texts == cells(handed, 0)


def test_several_links_of_a_cell_and_the_anchors_of_rows_are_handed_over() -> None:
    links = Links((Link("a", "x.html"), Link("b", "y.html")), "and 2 more")
    handed = handed_over(script(Grid("x", HEADS[:1], [[links]], "", anchors=["entry-1"], faint=frozenset({0}), lead=1)))
    assert [["a; b", "links", "and 2 more", "", "", [["a", "x.html"], ["b", "y.html"]]]] == cells(handed, 0)
    assert ({"all": "entry-1"}, [0], 1) == (handed["anchors"], handed["faint"], handed["lead"])


def test_the_total_of_a_table_whose_rows_can_be_searched_says_that_it_is_of_all_rows() -> None:
    grid = Grid("Lines", HEADS[:2], [["a", "1"], ["b", "2"]], "None.", ["Total", "3"])
    assert "Total" in table_rows.total(grid)
    assert "of all 2" not in table_rows.total(grid)
    assert "of all 2" in table_rows.total(grid, "lines.rows.js")
