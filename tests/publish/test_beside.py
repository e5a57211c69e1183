"""The files beside a page: tables as CSV that programs and spreadsheets read alike, charts as pictures that stand alone."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publish import charts, words
from pipeline.publish.charts import pictures
from pipeline.publish.pages.beside import Beside, csv_text
from pipeline.publish.pages.environment import environment
from pipeline.publish.parts import Chip, Grid, Head, Link, Links, Noted, Page, Serial
from pipeline.publish.tables import FORMULA_STARTS
from tests.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def rows(table: Grid) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_text(table))))


def grid(caption: str, *lines: list[str], name: str = "") -> Grid:
    return Grid(caption, (Head("What"), Head("How many", "number")), lines, "None.", name=name)


def test_numbers_are_plain_and_shares_say_their_unit_once_in_the_head() -> None:
    heads = (Head("Month", "date"), Head("Total, $", "number"), Head("Share", "number"), Head("Mixed", "number"))
    table = Grid(
        "x", heads, [["May 2026", "−1,234.50", "94.0 %", "5 %"], ["June 2026", "7", "", "none"]], "", ["Total", "1,234,567", "", ""]
    )
    assert [
        ["Month", "Total, $", "Share, %", "Mixed"],
        ["May 2026", "-1234.50", "94.0", "5 %"],
        ["June 2026", "7", "", "none"],
        ["Total", "1234567", "", ""],
    ] == rows(table)


def test_every_kind_of_cell_is_its_text_and_remarks_stand_in_a_column_of_their_own() -> None:
    heads = (Head("Day", "date"), Head("Agency"), Head("State"), Head("Serial", "serial"), Head("Files"))
    files = Links((Link("a.csv", "x"), Link("b.csv", "y")), "and 2 more")
    table = Grid("x", heads, [[Noted("2026-12-04", "in 11 days"), Link("DOT", "z"), Chip("late", "missed"), Serial("0a1b"), files]], "")
    assert [
        ["Day", "Day: remark", "Agency", "State", "Serial", "Files", "Files: remark"],
        ["2026-12-04", "in 11 days", "DOT", "late", "0a1b", "a.csv; b.csv", "and 2 more"],
    ] == rows(table)


@pytest.mark.parametrize("text", ["=1+1", "+1", "@x", "-x", "\tx"])
def test_no_cell_is_a_formula_and_no_character_hides(text: str) -> None:
    assert [["What", "How many"], [f"'{text}".replace("'\t", ""), f"'{text}".replace("'\t", "")]] == [
        [cell.strip() for cell in row] for row in rows(grid("x", [text, text]))
    ]
    assert "\ufffd" == rows(grid("x", ["\u202e", "1"]))[1][0]


def test_files_are_named_by_what_stays_the_same_and_never_lie_outside_the_folder_of_their_page() -> None:
    beside = Beside(Page("agencies/DOT.md", "", ""), lambda chart: "<svg/>")
    one, other = grid("Certificates of DOT, soonest first"), grid("Certificates of DOT: 3 of 5")
    assert "DOT/certificates-of-dot.csv" == beside.csv(one) == beside.csv(one)
    assert "DOT/certificates-of-dot.2.csv" == beside.csv(other)
    assert "DOT/late-requests.csv" == beside.csv(grid("Late in May 2026", name="late-requests"))
    assert "DOT/etc-passwd.csv" == beside.csv(grid("../../etc/passwd\0"))
    assert "DOT/table.csv" == beside.csv(grid("\u202e"))
    assert len("DOT/.csv") + 60 >= len(beside.csv(grid("word " * 900)))
    assert {"agencies/DOT"} == {path.rpartition("/")[0] for path in beside.files}


def test_a_chart_without_numbers_to_hand_out_is_refused() -> None:
    with pytest.raises(LookupError, match=r"a chart of performance has no table behind it"):
        Beside(Page("performance.md", "", ""), lambda chart: "").csv(None)


def picture(chart: charts.Chart | charts.Multiples) -> ElementTree.Element:
    text = (
        environment(ROOT / "templates").get_template("pictures/chart.svg.j2").render(p=pictures.picture(chart, "Source: <us>, 1 May 2026"))
    )
    return ElementTree.fromstring(text)


def said(svg: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in svg.iter() if one.tag in (f"{SVG}text", f"{SVG}tspan")]


def test_a_picture_stands_alone_with_its_title_source_remarks_and_colours() -> None:
    points = [charts.Point(f"{month} 2026", 0.9, 0.8, 0.95, True, "tip") for month in ("May", "Jun")]
    note = charts.Note(1, 1, 1, "1. 2026-06-01: two of three were ill")
    title = "A finding that is long enough to need a second line on the sheet, because it says <what> happened in which month, and to whom"
    shows = (
        "Share of requests due that were finished in time, by month, with the 95 % interval as a pale band, the target as a dashed line "
    )
    shows += "and the usual range between dotted lines."
    chart = charts.trend("on-time", title, shows, points, 0.95, lambda share: f"{share:.0%}", notes=[note])
    svg = picture(chart)
    texts = said(svg)
    head, below = [" ".join(part.text or "" for part in one) for one in list(svg.iter(f"{SVG}text"))[:2]]
    assert (title, shows) == (head, below)
    assert title == svg.findtext(f"{SVG}title")
    assert {"target", "95%", "1. 2026-06-01: two of three were ill", "Source: <us>, 1 May 2026"} <= set(texts)
    assert [] == [text for text in texts if "further down" in text]
    assert "#ffffff" == next(svg.iter(f"{SVG}rect")).get("fill")
    assert "#1d5fa8" == next(svg.iter(f"{SVG}polyline")).get("stroke")
    assert [] == [one.tag for one in svg.iter() if "class" in one.attrib or one.tag in (f"{SVG}style", f"{SVG}script")]


def test_panels_stand_beside_each_other_and_none_leaves_the_sheet() -> None:
    points = [charts.Point("Q1", 0.9, 0.8, 0.95, True, ""), charts.Point("Q2", 0.7, 0.6, 0.8, True, "")]
    members = [
        charts.Small(f"Agency {number} of a long name that takes two lines", "9 of 10", points, faint=number == 5) for number in range(6)
    ]
    chart = charts.multiples("by", "title", "what", members, 0.95, lambda share: f"{share:.0%}", few="few")
    sheet = pictures.picture(chart, "source")
    places = [(one.x, one.y) for one in sheet.panels]
    assert 6 == len(set(places))
    assert 4 == sum(y == places[0][1] for _, y in places)
    assert all(one.x + one.drawing.frame.width <= sheet.width and one.y + one.drawing.frame.height < sheet.height for one in sheet.panels)
    svg = picture(chart)
    assert ["#1d5fa8"] * 5 + ["#66707d"] == [one.get("stroke") for one in svg.iter(f"{SVG}polyline")]
    assert {"what", "few", "target: 95%", "9 of 10", "9 of 10: too few to judge"} <= set(said(svg))


def test_every_class_that_the_stylesheet_gives_a_mark_has_its_colours_in_a_picture_too() -> None:
    """What LOOK.md says is written once for pages and once for pictures: neither may know a mark that the other does not."""
    styles = (ROOT / "site/assets/site.css").read_text(encoding="utf-8")
    classes = set(re.findall(r"\.chart \.((?:bar\.)?[a-z-]+[0-9]?)(?=[ .:{])", styles)) - {"legend", "bar", "table"}
    known = {name.replace(" ", ".") if name.startswith("bar ") else name.split()[0] for name in pictures.PAINTS}
    assert set() == {one for one in classes if one not in known and one.removeprefix("bar.") not in known}
    assert classes > {"line", "target", "bar.series-2", "bar.age-4", "flag"}
    with pytest.raises(LookupError):
        pictures.paint('<path class="unheard-of"/>')  # type: ignore[arg-type]


CELLS = st.text(st.sampled_from("a,\"'=-+@ −1.5%;\n\u202e"), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5), st.lists(CELLS, min_size=3, max_size=3) | st.just([]))
def test_a_csv_is_what_the_csv_module_writes_of_its_cells(lines: list[list[str]], total: list[str]) -> None:
    """Whole columns are quoted and made safe at once: no text may slip through because of what stands beside it."""
    for heads in ((Head("A, b"), Head("N", "number"), Head('"C"', "code")), (Head("One"),)):
        cut = [line[: len(heads)] for line in lines]
        text = csv_text(Grid("x", heads, cut, "", total[: len(heads)]))
        read = list(csv.reader(io.StringIO(text)))
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\n").writerows(read)
        assert stream.getvalue() == text
        assert len(cut) + 1 + bool(total) == len(read)
        assert [] == [cell for row in read[1:] for cell in row if cell[:1] in FORMULA_STARTS and not re.fullmatch(r"-[\d.]+", cell)]
        assert [words.neutral(line[0]).removeprefix("'") for line in cut] == [row[0].removeprefix("'") for row in read[1 : len(cut) + 1]]
