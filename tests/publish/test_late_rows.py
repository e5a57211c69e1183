"""What is put into pages after MkDocs: the rows of tables, and what the search finds of them."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline import contracts
from pipeline.publish import late_rows
from pipeline.publish.late_rows import Found, Late
from tests.publish import site_reader
from tests.publish.bookkeeping import books, certificate, entry
from tests.publish.built import build


def test_rows_come_back_in_their_places_and_text_that_looks_like_a_place_stays(tmp_path: Path) -> None:
    late = Late()
    page = f"<b>{late.keep('<tr>one &lt;!--rows-1--&gt;</tr>')}</b>{late.keep('<tr>two</tr>')}"
    late_rows.write(tmp_path, {"a.md": late, "empty.md": Late()})
    told = late_rows.read(tmp_path)
    assert ["a.md"] == list(told)
    assert "<b><tr>one &lt;!--rows-1--&gt;</tr></b><tr>two</tr>" == late_rows.filled(page, told["a.md"].rows)


def test_a_site_has_all_rows_and_its_search_finds_every_host_of_an_agency_as_text(tmp_path: Path) -> None:
    lines = [entry(number, agency="DOT", source=0) for number in range(1, 9)]
    known = [certificate(line) | {"common_name": f"host-{number}.dot.example.gov"} for number, line in enumerate(lines)]
    known[0]["common_name"] = "<img src=x onerror=alert(1)>"
    site = build(books(lines, certificates=contracts.CERTIFICATES.frame(known)), tmp_path)
    page = site_reader.BuiltPage(site / "agencies" / "DOT.html")
    shown = page.column("Certificates of DOT, most urgent first", "Host name")
    assert sorted(one["common_name"] for one in known) == sorted(shown)
    assert "<!--rows-" not in page.path.read_text(encoding="utf-8")
    found = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    (text,) = [one["text"] for one in found if one["location"] == "agencies/DOT.html#certificates" and "host-1." in one["text"]]
    assert {f"host-{number}.dot.example.gov" for number in range(1, 8)} <= set(text.split())
    assert "<" not in text


def test_found_is_kept(tmp_path: Path) -> None:
    late_rows.write(tmp_path, {"a.md": Late(found=[Found("x", "t", "w")])})
    assert [Found("x", "t", "w")] == late_rows.read(tmp_path)["a.md"].found
