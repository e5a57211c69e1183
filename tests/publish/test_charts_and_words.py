"""Where the marks of a chart stand, and how figures are said."""

from __future__ import annotations

import base64
import hashlib
import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.publish import charts, content_policy, words
from pipeline.publish.charts.drawings import Letter
from pipeline.publish.pages.environment import environment
from tests.conftest import ROOT


def point(value: float, label: str = "Oct 2026") -> charts.Point:
    return charts.Point(label, value, value, value, True, "")


def bars(values: list[float], labels: list[str] | None = None) -> charts.Drawing:
    names = labels or [f"month {number}" for number in range(len(values))]
    return charts.bars("name", "title", "what", names, [charts.Series("one", "series-1", values)], lambda value: f"{value:g}").drawings[0]


def test_bars_begin_at_zero_and_the_longest_fits_below_the_top_line() -> None:
    drawing = bars([0, 50, 97])
    assert drawing.frame.floor == drawing.scale[0].at
    assert "0" == drawing.scale[0].text
    assert drawing.frame.top == drawing.scale[-1].at
    fifty, ninety_seven = (bar.height for bar in drawing.bars)
    assert 97 / 50 == pytest.approx(ninety_seven / fifty, rel=0.01)
    assert max(bar.height for bar in drawing.bars) < drawing.frame.floor - drawing.frame.top


def test_what_is_negative_hangs_below_zero() -> None:
    drawing = bars([50, -20])
    zero = next(tick.at for tick in drawing.scale if tick.text == "0")
    above, below = drawing.bars
    assert zero == above.y + above.height == below.y
    assert drawing.scale[0].at == drawing.frame.floor > zero


def test_the_words_beside_the_plot_fit_into_a_phone() -> None:
    for drawing in charts.trend("n", "t", "d", [point(0.999), point(0.94)], 0.995, lambda share: f"{share * 100:.1f} %").drawings:
        room = drawing.frame.width - drawing.frame.end
        assert room >= 6 + 7.2 * len("99.5 %")
        assert drawing.frame.left >= 8 + 7 * len("100.0 %")


def test_an_empty_month_has_no_bar_and_no_months_make_no_chart_fail() -> None:
    assert 1 == len(bars([0, 3]).bars)
    assert () == bars([]).bars


def test_labels_are_thinned_to_what_fits_and_the_newest_is_always_named() -> None:
    labels = [f"Mon {2000 + number}" for number in range(24)]
    wide, narrow = charts.bars("n", "t", "d", labels, [charts.Series("one", "series-1", [1.0] * 24)], lambda value: f"{value:g}").drawings
    for drawing in (wide, narrow):
        shown = drawing.labels
        assert labels[-1] == shown[-1].text
        assert all(right.at - left.at >= 8 * 7 for left, right in itertools.pairwise(shown))
    assert len(narrow.labels) < len(wide.labels) < 24


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    drawing = charts.trend(
        "n", "t", "d", [point(0.9), point(0.95), point(math.nan), point(1.0)], 0.95, lambda value: f"{value:.0%}"
    ).drawings[0]
    assert 1 == len(drawing.lines)
    assert 2 == len(drawing.lines[0].points.split())
    assert 3 == len(drawing.dots)


@pytest.mark.parametrize(("value", "broken"), [(0.02, False), (0.97, True)])
def test_an_axis_of_shares_that_does_not_begin_at_zero_is_marked_as_broken(value: float, broken: bool) -> None:
    drawing = charts.trend("n", "t", "d", [point(value)], math.nan, lambda share: f"{share:.0%}").drawings[0]
    assert broken is drawing.broken
    assert ("0%" == drawing.scale[0].text) is not broken


def test_a_line_of_whole_shares_alone_has_an_axis_below_it() -> None:
    drawing = charts.trend("n", "t", "d", [point(1.0), point(1.0)], math.nan, lambda share: f"{share:.1%}").drawings[0]
    assert [drawing.frame.top, drawing.frame.top] == [dot.y for dot in drawing.dots]
    assert ["99.9%", "100.0%"] == [tick.text for tick in drawing.scale]


def test_the_newest_value_is_written_on_the_side_away_from_the_target() -> None:
    above = charts.trend("n", "t", "d", [point(0.9), point(0.99)], 0.95, lambda share: f"{share:.0%}").drawings[0]
    below = charts.trend("n", "t", "d", [point(0.99), point(0.9), point(0.93)], 0.95, lambda share: f"{share:.0%}").drawings[0]
    assert above.letters[0].y < above.dots[-1].y
    assert below.letters[0].y > below.dots[-1].y


class Box(NamedTuple):
    """Where a word stands."""

    start: float
    end: float
    top: float
    foot: float


def box(letter: Letter) -> Box:
    wide = 8 * len(letter.text)
    start = letter.x - (wide if letter.anchor == "end" else wide / 2)
    return Box(start, start + wide, letter.y - 10, letter.y + 2)


SHARES = st.sampled_from([0.0, 0.01, 0.1, 0.5, 0.8, 0.85, 0.9, 0.94, 0.95, 0.96, 0.99, 1.0])


@given(shares=st.lists(SHARES, min_size=1, max_size=24), running=st.booleans(), target=st.sampled_from([0.95, 0.995, 0.5, math.nan]))
@example(shares=[1.0, 0.9, 0.88, 0.86, 0.82, 1.0], running=True, target=0.95)
def test_the_words_of_a_trend_lie_on_the_sheet_and_neither_on_each_other_nor_on_the_target(
    shares: list[float], running: bool, target: float
) -> None:
    points = [point(share) for share in shares[:-1]] + [replace(point(shares[-1]), running=running, firm=not running)]
    for drawing in charts.trend("n", "t", "d", points, target, lambda share: f"{share:.0%}").drawings:
        boxes = [box(letter) for letter in drawing.letters]
        assert all(0 <= one.top and one.foot <= drawing.frame.floor + 6 for one in boxes)  # below are the names of the months
        assert drawing.target is None or not any(one.top < drawing.target.at < one.foot for one in boxes)
        for one, other in itertools.combinations(boxes, 2):
            assert one.end <= other.start or other.end <= one.start or one.foot <= other.top or other.foot <= one.top


def test_the_word_of_the_running_month_stands_off_the_line_after_a_deep_month() -> None:
    shares = [0.95, 0.96, 0.97, 0.95, 0.96, 0.97, 0.96, 0.96, 0.95, 0.97, 0.97, 0.96, 0.95, 0.64, 0.96, 0.97, 0.87]
    points = [point(share) for share in shares[:-1]] + [replace(point(shares[-1]), running=True, firm=False)]
    for drawing in charts.trend("n", "t", "d", points, 0.95, lambda share: f"{share:.0%}").drawings:
        (word,) = (box(letter) for letter in drawing.letters if letter.text == "so far")
        ends = [(dot.x, dot.y) for dot in drawing.dots[:-1]]
        for (x, y), (then_x, then_y) in itertools.pairwise(ends):
            walked = [(x + (then_x - x) * part / 100, y + (then_y - y) * part / 100) for part in range(101)]
            assert not any(word.start <= at <= word.end and word.top <= height <= word.foot for at, height in walked)


def test_a_page_keeps_the_per_cent_sign_on_the_line_of_its_number() -> None:
    page = environment(ROOT / "templates").from_string("{{ sentence | unbroken }}")
    assert "94 &lt; 95\N{NO-BREAK SPACE}%" == page.render(sentence="94 < 95 %")


@pytest.mark.parametrize(
    ("share", "said"), [(0.94, "94.0 %"), (1.0, "100.0 %"), (0.99999, "99.9 %"), (0.0, "0.0 %"), (math.nan, ""), (0.9285, "92.8 %")]
)
def test_a_share_is_never_rounded_up_to_the_whole(share: float, said: str) -> None:
    assert said == words.percent(share)


@pytest.mark.parametrize(
    ("cents", "said"), [(0, "$0.00"), (22119, "$221.19"), (-22119, "−$221.19"), (123456789, "$1,234,567.89"), (5, "$0.05")]
)
def test_money_is_said_in_whole_cents(cents: int, said: str) -> None:
    assert said == words.dollars(cents)


@pytest.mark.parametrize(("days", "said"), [(0, "today"), (1, "in 1 day"), (11, "in 11 days"), (-1, "1 day ago"), (-30, "30 days ago")])
def test_how_far_away_a_day_is(days: int, said: str) -> None:
    assert said == words.in_days(days)


def test_text_for_markdown_has_nothing_left_that_markdown_or_html_or_a_template_would_read() -> None:
    assert "&#60;b&#62; &#42;x&#42; &#123;&#123; 7&#42;7 &#125;&#125;" == words.markdown("<b> *x* {{ 7*7 }}")
    assert "one two" == words.markdown("one\n\ttwo")


def test_a_script_that_the_theme_does_not_have_gets_no_hash(tmp_path: Path) -> None:
    theme = '__md_scope=new URL(".",location),__md_get=1'
    page = '<html><head><meta charset="utf-8"></head><body><script>{}</script>{}</body></html>'
    (tmp_path / "deep").mkdir()
    (tmp_path / "404.html").write_text(page.format(theme.replace('"."', '"/"'), ""), encoding="utf-8")
    deep = tmp_path / "deep" / "page.html"
    deep.write_text(page.format(theme.replace('"."', '".."'), "<script>alert(1)</script>"), encoding="utf-8")
    content_policy.write(tmp_path)
    html = deep.read_text(encoding="utf-8")
    assert hashed(theme.replace('"."', '".."')) in html
    assert hashed("alert(1)") not in html
    assert html.index("Content-Security-Policy") < html.index("<script")


def test_a_page_without_a_head_does_not_go_out_unguarded(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("<html>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"404\.html"):
        content_policy.write(tmp_path)


def hashed(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
