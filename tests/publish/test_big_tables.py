"""Tables with more rows than a page shows: the file of all rows, whatever is written in them."""

from __future__ import annotations

import json
from typing import Any

from pipeline.publish.big_tables import FIRST_ROWS, big_grid
from pipeline.publish.parts import Chip, Grid, Head, Link, Noted, Serial

HEADS = (Head("Host name", "code"), Head("Valid to", "date"), Head("Agency"), Head("State", "short"), Head("Serial", "serial"))


def told(rows: list[list[Any]]) -> dict[str, Any]:
    _, files = big_grid(Grid("Certificates", HEADS, rows, "None.", things=True), "deep/inventory", ("Agency",))
    return handed_over(files["deep/inventory.rows.js"])


def handed_over(script: str) -> dict[str, Any]:
    """What the script hands over: one JSON text in quotes, and nothing else that could run."""
    begin, end = "certledgerRows('", "');\n"
    assert script.startswith(begin)
    assert script.endswith(end)
    text = script.removeprefix(begin).removesuffix(end)
    assert "'" not in text.replace("\\'", "")
    handed: dict[str, Any] = json.loads(text.replace("\\'", "'").replace("\\\\", "\\"))
    return handed


def cells(column: dict[str, Any]) -> list[Any]:
    return [column["cells"][place] for place in column["at"]] if "at" in column else column["cells"]


def row(number: int) -> list[Any]:
    return [
        f"host-{number}.example.gov",
        Noted("2026-12-04", "in 11 days", "near"),
        Link("DLH", "agencies/DLH.html"),
        Chip("active", "met"),
        Serial("0a1b"),
    ]


def test_each_cell_comes_with_what_it_needs_to_be_shown() -> None:
    columns = told([row(1), row(2)])["columns"]
    assert ["host-1.example.gov", "host-2.example.gov"] == cells(columns[0])
    assert ["2026-12-04", "noted", "in 11 days", "near", ""] == cells(columns[1])[1]
    assert ["DLH", "link", "", "", "agencies/DLH.html"] == cells(columns[2])[0]
    assert ["active", "chip", "", "met", ""] == cells(columns[3])[0]
    assert ["0a1b", "serial", "", "", ""] == cells(columns[4])[0]
    assert [False, False, True, False, False] == [column["choose"] for column in columns]
    assert [head.kind for head in HEADS] == [column["kind"] for column in columns]


def test_the_page_shows_the_first_rows_and_says_of_how_many() -> None:
    big, files = big_grid(Grid("Certificates", HEADS, [row(number) for number in range(1_200)], "None."), "inventory", ())
    assert (FIRST_ROWS, 1_200, "inventory.rows.js") == (len(big.first.rows), big.total, big.file)
    columns = handed_over(files["inventory.rows.js"])["columns"]
    assert "at" not in columns[0]  # each host differs
    assert 1 == len(columns[2]["cells"])
    assert [f"host-{number}.example.gov" for number in range(1_200)] == cells(columns[0])


def test_hostile_text_stays_text_in_the_script() -> None:
    hostile = ["</script><script>alert(1)</script>", "\u2028);alert(1)//", "\\", "\\'", "'", '"', "\x00\x1b", "a" * 4096]
    column = told([[text, "", "", "", ""] for text in hostile])["columns"][0]
    assert hostile == cells(column)
