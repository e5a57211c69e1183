"""The page of on-time completion: what directors read first, what is too little to judge, and which misses nobody has explained."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from pipeline import contracts
from pipeline.publish import charts
from pipeline.publish.pages import measured, performance
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Chip, Noted
from pipeline.service.intervals import wilson
from pipeline.service.targets import verdicts
from pipeline.settings import Target
from tests.publish.bookkeeping import SETTINGS, books
from tests.publish.built import STAMP

PROMISED = SETTINGS.model_copy(
    update={"target": (Target(measure="on-time-completion", kinds=("new",), business_days=5, share=Decimal("0.95")),)}
)


def share(period: str, met: int, n: int, dimension: str = "office", member: str = "", measure: str = performance.ON_TIME) -> dict[str, Any]:
    """A row of MEASURES with the interval and the verdict that these counts have against 95 %."""
    low, high = wilson(np.array([met]), np.array([n]))
    (judged,) = verdicts(low, high, np.array([0.95]), np.array([True]))
    verdict = "too-few" if 0 < n < 10 else judged
    value = met / n if n else np.nan
    figures = {"value": value, "n": n, "met": met, "low": low[0], "high": high[0], "target": 0.95, "verdict": verdict}
    return {"measure": measure, "period": period, "dimension": dimension, "member": member, "unit": "share", **figures}


def note(text: str, on: dt.date, until: dt.date | None = None, measure: str = performance.ON_TIME) -> dict[str, Any]:
    return {"on": on, "until": until, "measure": measure, "text": text, "by": "Ada"}


def edition(*rows: dict[str, Any], notes: tuple[dict[str, Any], ...] = (), profile: Any = "internal") -> Edition:
    made = books([], measures=contracts.MEASURES.frame(rows), notes=contracts.NOTES.frame(notes))
    return Edition(made, PROMISED, STAMP, profile)


def view(made: Edition) -> dict[str, Any]:
    return next(performance.pages(made)).view


def test_the_first_sentence_says_share_range_promise_target_and_what_the_evidence_allows() -> None:
    assert (
        "In October 2026, 47 of 50 requests due (94.0 %, likely range 83.8 to 97.9 %) were finished within 5 business days; target 95 %: "
        "not enough evidence either way."
    ) == view(edition(share("2026-10", 47, 50)))["sentence"]
    assert (
        "In October 2026, 1 of 1 request due (100.0 %, likely range 20.7 to 100.0 %) was finished within 5 business days; target 95 %: "
        "too few to judge."
    ) == view(edition(share("2026-10", 1, 1)))["sentence"]


def test_months_of_fewer_than_ten_are_grey_open_and_not_judged() -> None:
    shown = view(edition(share("2026-08", 3, 9), share("2026-09", 4, 10), share("2026-10", 0, 0)))
    assert [Chip("nothing to judge"), Chip("missed", "missed"), Chip("too few to judge")] == [row[2] for row in shown["table"].rows]
    assert frozenset({2}) == shown["table"].faint
    assert [True, False] == [dot.small for dot in shown["chart_view"].drawings[0].dots]
    assert ["open and grey: fewer than 10, too few to judge"] == [key.name for key in shown["chart_view"].legend]
    assert "The target was missed in September 2026; in no other of 2 months does the evidence show a miss" == shown["chart_view"].title


def test_the_month_that_has_not_ended_is_shown_so_far_and_not_judged() -> None:
    shown = view(edition(share("2026-09", 20, 40), share("2026-10", 47, 50), share("2026-11", 5, 20)))
    assert ["November 2026", "October 2026", "September 2026"] == [row[0] for row in shown["table"].rows]
    assert Chip("so far") == shown["table"].rows[0][2]
    drawing = shown["chart_view"].drawings[0]
    assert [False, False, True] == [dot.running for dot in drawing.dots]
    assert ["94 %", "so far"] == [letter.text for letter in drawing.letters]
    assert 2 == len(drawing.lines[0].points.split())  # the line ends with October
    assert ["so far: November 2026 until 23 November"] == [key.name for key in shown["chart_view"].legend]
    assert "The target was missed in September 2026" in shown["chart_view"].title
    assert shown["unexplained"].startswith("No remark explains the missed target of September 2026:")


def test_remarks_are_numbers_on_the_chart_above_the_months_that_they_are_about() -> None:
    months = [share(f"2026-{month:02d}", 20, 40) for month in range(5, 11)]
    said = (
        note("illness", dt.date(2026, 8, 3), dt.date(2026, 9, 2)),
        note("move", dt.date(2026, 6, 9)),
        note("before the chart", dt.date(2025, 1, 1)),
        note("on availability", dt.date(2026, 10, 1), measure="availability"),
    )
    shown = view(edition(*months, notes=said))
    drawing = shown["chart_view"].drawings[0]
    june, august, september = (drawing.dots[place].x for place in (1, 3, 4))
    assert [(2, june, june), (3, august, september)] == [(flag.number, flag.x, flag.end) for flag in drawing.flags]
    assert all(flag.y + 8 <= drawing.frame.top for flag in drawing.flags)
    assert [("3", "illness"), ("2", "move"), ("1", "before the chart")] == [(row[0], row[3]) for row in shown["notes"].rows]


def test_two_remarks_on_one_month_do_not_stand_on_each_other() -> None:
    said = (note("one", dt.date(2026, 10, 1)), note("other", dt.date(2026, 10, 9)))
    for drawing in view(edition(share("2026-10", 20, 40), notes=said))["chart_view"].drawings:
        first, second = (flag.x for flag in drawing.flags)
        assert second - first >= 16


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ((), "August 2026 and October 2026"),
        ((note("illness", dt.date(2026, 7, 20), dt.date(2026, 8, 2)),), "October 2026"),
        ((note("all year", dt.date(2026, 1, 1), dt.date(2026, 12, 31), measure=""),), ""),
    ],
)
def test_a_miss_that_no_remark_explains_is_named_with_what_to_do(notes: tuple[dict[str, Any], ...], expected: str) -> None:
    rows = (share("2026-08", 20, 40), share("2026-09", 40, 40), share("2026-10", 20, 40))
    said = (
        f"No remark explains the missed target of {expected}: add a line to data/entries/notes.csv, with on-time-completion as its measure."
    )
    assert (said if expected else "") == view(edition(*rows, notes=notes))["unexplained"]
    assert "" == view(edition(*rows, notes=notes, profile="public"))["unexplained"]


def test_agencies_stand_side_by_side_on_one_axis_the_largest_first_and_those_of_too_few_grey() -> None:
    quarters = [
        share("FY2027-Q1", 30, 40, "agency", "DOT"),
        share("FY2027-Q1", 4, 8, "agency", "DEP"),
        share("FY2026-Q4", 9, 9, "agency", "DEP"),
    ]
    years = [share("FY2027-YTD", 4, 8, "agency", "DEP"), share("FY2027-YTD", 30, 40, "agency", "DOT")]
    shown = view(edition(*quarters, *years))
    multiples = shown["agency_charts"]
    assert "1 of 1 agency missed the target in FY2027 to date; 1 agency had too few requests to judge" == multiples.title
    assert [("DOT", "30 of 40 in FY2027", False), ("DEP", "4 of 8 in FY2027", True)] == [
        (panel.title, panel.basis, panel.faint) for panel in multiples.panels
    ]
    dot, dep = (panel.drawings[0] for panel in multiples.panels)
    assert dot.scale == dep.scale
    assert dot.target == dep.target
    (of_dot,), (_, of_dep) = dot.dots, dep.dots
    assert (of_dot.x, False, True) == (of_dep.x, of_dot.small, of_dep.small)  # the same quarter stands at the same place
    assert (frozenset({1}), ["DOT", "DEP"]) == (shown["agencies"].faint, [row[0].text for row in shown["agencies"].rows])
    public = view(edition(*quarters, *years, profile="public"))
    assert (None, None) == (public["agencies"], public["agency_charts"])


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ((9, 8), "2 more with no more requests than these, too few to judge, are not drawn and stand in the table only."),
        ((20, 8), "2 more with no more requests than these, 1 of them too few to judge, are not drawn and stand in the table only."),
        ((20,), "1 more with no more requests than these is not drawn and stands in the table only."),
    ],
)
def test_of_more_than_twelve_agencies_it_is_told_how_many_are_not_drawn_and_how_many_of_these_are_too_few(
    due: tuple[int, ...], expected: str
) -> None:
    years = [share("FY2027-YTD", n, n, "agency", f"A{place:02}") for place, n in enumerate((*[30] * 12, *due))]
    shown = view(edition(*years))["agency_charts"]
    assert (12, expected) == (len(shown.panels), shown.description.partition("the target dashed. ")[2])


def test_remarks_are_in_no_public_page() -> None:
    shown = view(edition(share("2026-10", 20, 40), notes=(note("Ada was ill", dt.date(2026, 10, 1)),), profile="public"))
    assert (None, ()) == (shown["notes"], shown["chart_view"].drawings[0].flags)
    assert "Ada" not in str(shown)


def test_the_numbers_of_remarks_stay_within_the_page() -> None:
    """The newest month stands at the right edge of a phone; three remarks on it are moved left rather than beyond."""
    notes = [charts.Note(number, 23, 23, "") for number in (1, 2, 3)]
    points = [charts.Point("Oct 2026", 0.9, 0.8, 1.0, True, "")] * 24
    for drawing in charts.trend("n", "t", "d", points, math.nan, lambda value: f"{value:.0%}", notes=notes).drawings:
        assert all(flag.x + 8 <= drawing.frame.width for flag in drawing.flags)


def test_the_usual_range_is_drawn_named_and_told_where_a_month_lies_outside() -> None:
    months = [share("2026-08", 60, 100), share("2026-09", 95, 100), share("2026-10", 1, 5)]
    limits = {"measure": performance.ON_TIME, "dimension": "office", "months": 12, "mean": 0.95, "lower": 0.9, "upper": 0.98}
    baseline = {"baseline_from": "2025-07", "baseline_to": "2026-06"}
    made = edition(*months)
    shown = view(replace_books(made, limits=contracts.LIMITS.frame([limits | baseline])))
    assert ["20.0 %", "95.0 %", Noted("60.0 %", "below usual")] == [row[1] for row in shown["table"].rows]  # of five nothing is judged
    drawing = shown["chart_view"].drawings[0]
    lower, upper = drawing.limits
    assert lower > drawing.dots[1].y > upper
    assert "usual range: 90.0 to 98.0 %" in [key.name for key in shown["chart_view"].legend]
    assert "July 2025 to June 2026" == shown["baseline"]
    assert ((), "") == (view(made)["chart_view"].drawings[0].limits, view(made)["baseline"])


def test_a_figure_that_reads_otherwise_than_when_it_was_closed_says_so_and_why() -> None:
    october, september = share("2026-10", 49, 53) | {"first_value": 0.94}, share("2026-09", 95, 100) | {"first_value": 0.95}
    told = {"measure": performance.ON_TIME, "period": "2026-10", "unit": "share", "first_published": "FY2027-P04", "first_n": 50, "n": 53}
    values = {"first_value": 0.94, "value": 49 / 53, "dimension": "office", "why": "3 requests of it came in after the close"}
    elsewhere = [told | values | {"measure": "outages"}, told | values | {"dimension": "agency", "member": "DOT"}]
    made = replace_books(edition(october, september), restated=contracts.RESTATED.frame([told | values, *elsewhere]))
    shown = view(made)
    assert [Noted("92.5 %", "first published 94.0 %"), "95.0 %"] == [row[1] for row in shown["table"].rows]
    assert [
        [
            measured.meaning(performance.ON_TIME), "October 2026", "94.0 % of 50", "92.5 % of 53", "FY2027-P04",
            "3 requests of it came in after the close",
        ]
    ] == shown["restated"].grid.rows  # fmt: skip
    assert "" == shown["restated"].meant
    as_rounded = told | values | {"value": 0.9404, "why": "the inbox tells of it otherwise than at the close"}
    rounded = view(replace_books(made, restated=contracts.RESTATED.frame([as_rounded])))["restated"]
    assert ([], "1 more figure rests on other rows but reads the same, rounded: the table restated has all.") == (
        rounded.grid.rows,
        rounded.meant,
    )
    assert view(edition(october))["restated"] is None


@pytest.mark.parametrize(
    ("met", "n", "late", "allowed", "word"),
    [
        (167, 187, "20", 9, "11 more than the target allows"),
        (99, 100, "1", 5, "4 more may be late"),
        (95, 100, "5", 5, "0 more may be late"),
    ],
)
def test_the_error_budget_is_told_in_requests(met: int, n: int, late: str, allowed: int, word: str) -> None:
    budget = share("FY2027-YTD", met, n, measure="error-budget") | {"value": 0.05 * n - (n - met), "target": 0.0, "verdict": ""}
    (card,) = [figure for figure in view(edition(budget))["figures"] if figure.name == "Late in FY2027 to date"]
    assert (late, f"of {n} requests due", f"the target allows {allowed}", word) == (card.value, card.basis, card.change, card.word)


def replace_books(made: Edition, **tables: Any) -> Edition:
    return Edition(dataclasses.replace(made.books, **tables), made.settings, made.stamp, made.profile)


def test_a_card_of_a_measure_carries_its_definition() -> None:
    cards = view(edition(share("2026-10", 47, 50)))["figures"]
    means = cards[0].means
    assert means is not None
    assert "reference/measures.html#on-time-completion" == means.href
    assert means.tip.startswith("Completed on time: Met / (met + missed + overdue). Requests whose due day lies in the period")
    assert all(card.means for card in cards)


def test_the_public_edition_says_that_remarks_are_left_out_and_only_where_there_are_some() -> None:
    months = [share("2026-10", 10, 40)]
    told = edition(*months, notes=(note("illness", dt.date(2026, 10, 3)),), profile="public")
    assert "Remarks of the office are left out of this edition." == view(told)["remarks_left_out"]
    assert "" == view(edition(*months, profile="public"))["remarks_left_out"]
    assert "" == view(edition(*months, notes=(note("illness", dt.date(2026, 10, 3)),)))["remarks_left_out"]
