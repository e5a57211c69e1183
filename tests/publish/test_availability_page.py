"""The page of availability: both shares side by side, what the outages amount to, and what the year still allows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline import contracts
from pipeline.publish.pages import availability
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Chip
from pipeline.service import Records, measures
from tests.massachusetts import desk_time
from tests.publish.bookkeeping import AS_OF, SETTINGS, books
from tests.publish.built import STAMP

# October 2026 has 744 hours: 6 of them, on a Saturday, are 0.81 % of the time and none of the desk's.
STORAGE = {"source": 1, "service": "Portal", "began_at": "2026-10-03T10:00:00Z", "ended_at": "2026-10-03T16:00:00Z", "kind": "full"}
SLOW = {"source": 2, "service": "Portal", "began_at": "2026-09-15T14:00:00Z", "ended_at": "2026-09-15T16:00:00Z", "kind": "partial"}


def edition(*rows: dict[str, Any], notes: tuple[dict[str, Any], ...] = (), profile: Any = "internal") -> Edition:
    down = contracts.OUTAGE_ROWS.frame(rows)
    table = measures(Records(outages=down), desk_time(), SETTINGS, AS_OF).table
    return Edition(books([], outages=down, measures=table, notes=contracts.NOTES.frame(notes)), SETTINGS, STAMP, profile)


def view(made: Edition) -> dict[str, Any]:
    return next(availability.pages(made)).view


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    return view(edition(STORAGE, SLOW))


def test_the_first_sentence_says_both_shares_and_their_verdicts(shown: dict[str, Any]) -> None:
    assert (
        "In October 2026, Portal was available 99.19 % around the clock (target missed) and 100.00 % in service hours (target met). "
        "The target is 99.5 %."
    ) == shown["sentence"]
    assert "No service was measured in October 2026: no outage log has come in." == view(edition())["sentence"]


def test_months_tell_both_shares_and_what_the_outages_amount_to(shown: dict[str, Any]) -> None:
    october, september = shown["services"][0]["table"].rows
    assert [
        "October 2026",
        "99.194 %",
        Chip("missed", "missed"),
        "100.000 %",
        Chip("met", "met"),
        "1",
        "6 h 00 min",
        "6 h 00 min",
    ] == october
    assert ["1", "36 min", "2 h 00 min"] == september[5:]  # a partial outage counts at 0.3, and lasts as long as it lasts


def test_the_year_stands_beside_the_same_span_of_last_year(shown: dict[str, Any]) -> None:
    (row,) = shown["years"].rows
    assert ["FY2027 to date", "2", "6 h 36 min", "6 h 00 min", "4 h 00 min"] == [row[0], *row[3:7]]
    archive = {**STORAGE, "source": 3, "service": "Archive"}
    assert ["Archive", "Portal"] == [row[0] for row in view(edition(STORAGE, archive))["years"].rows]


@pytest.mark.parametrize(
    ("hours", "name", "value", "state"),
    [
        # from 1 September to 23 November are 2,017 hours, for the clock goes back in between; 0.5 % of them are 10 h 05 min
        (6, "Downtime left, FY2027 to date", "4 h 05 min", "met"),
        (16, "Downtime over the limit, FY2027 to date", "5 h 55 min", "missed"),
    ],
)
def test_what_the_target_still_allows_is_told_in_hours(hours: int, name: str, value: str, state: str) -> None:
    ended = pd.Timestamp("2026-10-03T10:00:00Z") + pd.Timedelta(hours=hours)
    first = {**SLOW, "began_at": "2026-09-01T04:00:00Z", "ended_at": "2026-09-01T04:00:00Z", "kind": "full"}
    (card,) = [figure for figure in view(edition({**STORAGE, "ended_at": ended}, first))["figures"] if figure.name == name]
    assert (value, state) == (card.value, card.state)


def test_the_bars_of_both_panels_stand_on_one_cut_axis_and_what_is_below_target_has_its_value(shown: dict[str, Any]) -> None:
    chart = shown["services"][0]["chart"]
    assert "Portal: below target in 1 month of 2, last in October 2026" == chart.title
    clock, desk = (panel.drawings[0] for panel in chart.panels)
    assert clock.scale == desk.scale
    assert ("95.0 %", True) == (clock.scale[0].text, clock.cut)
    assert chart.description.endswith("The axes are cut: they begin at 95.0 %, not at zero.")
    assert (["99.2 %"], []) == ([letter.text for letter in clock.letters], [letter.text for letter in desk.letters])
    september, october = clock.bars
    assert september.height > october.height > 0
    assert clock.target is not None
    assert october.y > clock.target.at > september.y


def test_what_is_left_of_the_year_burns_down_month_by_month(shown: dict[str, Any]) -> None:
    """From 1 September to 30 June are 7,273 hours, for the year is measured from the first outage on: 0.5 % of them are 36 h 22 min."""
    left = shown["services"][0]["left"]
    assert "Portal has 29 h 46 min left of the 36 h 22 min of downtime that FY2027 allows" == left.title
    assert [
        ["November 2026", "0 min", "29 h 46 min"],
        ["October 2026", "6 h 00 min", "29 h 46 min"],
        ["September 2026", "36 min", "35 h 46 min"],
    ] == left.table.rows
    assert "so far: November 2026 until 23 November" == left.legend[-1].name
    long = view(edition({**STORAGE, "ended_at": "2026-10-06T10:00:00Z"}, SLOW))["services"][0]["left"]
    assert long.title.startswith("In October 2026 Portal used up the 36 h 22 min of downtime that FY2027 allows; it is 36 h")


def test_a_month_far_below_the_axis_moves_its_foot_so_that_it_still_has_a_bar() -> None:
    long = {**STORAGE, "ended_at": "2026-10-06T10:00:00Z"}
    (drawing, _) = view(edition(long, SLOW))["services"][0]["chart"].panels[0].drawings
    assert drawing.scale[0].text == "90.0 %"
    assert all(bar.height > 0 for bar in drawing.bars)


def test_a_missed_month_without_a_remark_asks_for_one_and_a_remark_is_a_number_above_its_bar() -> None:
    assert (
        "No remark explains the missed target of October 2026: add a line to data/entries/notes.csv, "
        "with portal-availability as its measure."
    ) == view(edition(STORAGE, SLOW))["unexplained"]
    note = {"on": dt.date(2026, 10, 3), "measure": "availability", "text": "Storage failed", "by": "Ada"}
    told = view(edition(STORAGE, SLOW, notes=(note,)))
    assert "" == told["unexplained"]
    for panel in told["services"][0]["chart"].panels:
        (flag,) = panel.drawings[0].flags
        assert (1, panel.drawings[0].bars[-1].x) == (flag.number, pytest.approx(flag.x - panel.drawings[0].bars[-1].width / 2, abs=0.2))


def test_the_public_page_says_when_but_not_what_happened() -> None:
    note = {"on": dt.date(2026, 10, 3), "measure": "availability", "text": "Ada broke it", "by": "Ada"}
    public = view(edition({**STORAGE, "note": "Ada broke it"}, SLOW, notes=(note,), profile="public"))
    assert "Ada" not in str(public)
    assert (None, "") == (public["notes"], public["unexplained"])
    assert "2026-10-03 06:00" == public["outages"].rows[0][0]
