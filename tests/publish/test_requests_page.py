"""The page of requests: what is late now and was late lately, what came and went each month, and when requests come in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipeline import contracts
from pipeline.publish.pages import backlog, demand, home, requests
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Chip, Noted
from pipeline.service import Records, measures
from pipeline.settings import Desk
from tests.massachusetts import desk_time
from tests.publish.bookkeeping import AS_OF, SETTINGS, books
from tests.publish.built import STAMP


def request(number: str, verdict: str, came: str, due: dt.date | None = None, **changes: Any) -> dict[str, Any]:
    """A request that came in at `came` (UTC) within the desk's hours, less what `changes` say."""
    received = dt.date.fromisoformat(came[:10])
    row = {
        "request_id": number, "kind": "new", "agency": "DOT", "status": "completed", "verdict": verdict, "due_on": due, "source": 1,
        "submitted_at": came, "clock_starts_at": came, "received_on": received, "reopen_count": 0, "business_days": 6,
    }  # fmt: skip
    return row | changes


ASKED = (
    request("EARLY", "missed", "2026-09-01T15:00:00Z", dt.date(2026, 9, 30), completed_at="2026-10-02T15:00:00Z"),
    request("FIRST", "missed", "2026-09-20T15:00:00Z", dt.date(2026, 10, 1), completed_at="2026-10-05T15:00:00Z"),
    request("KEPT", "met", "2026-10-06T15:00:00Z", dt.date(2026, 10, 14), completed_at="2026-10-07T15:00:00Z", kind="renew"),
    request("LATE", "missed", "2026-11-02T15:00:00Z", dt.date(2026, 11, 9), completed_at="2026-11-10T15:00:00Z", late_seconds=5400),
    request("OPEN", "overdue", "2026-11-09T15:00:00Z", dt.date(2026, 11, 20), status="open"),
    # Saturday night in New York, and counted on the Monday
    request("NIGHT", "on-track", "2026-11-22T03:30:00Z", dt.date(2026, 12, 1), status="open",
            clock_starts_at="2026-11-23T11:00:00Z", received_on=dt.date(2026, 11, 23)),
    request("GONE", "excluded", "2026-11-10T15:00:00Z", None, status="cancelled", completed_at="2026-11-12T15:00:00Z"),
    request("TWICE", "excluded", "2026-11-10T15:00:00Z", None, status="duplicate"),
)  # fmt: skip


def edition(profile: Any = "internal") -> Edition:
    table = contracts.REQUESTS.frame(ASKED)
    found = measures(Records(requests=table), desk_time(), SETTINGS, AS_OF).table
    return Edition(books([], requests=table, measures=found), SETTINGS, STAMP, profile)


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    return next(requests.pages(edition())).view


def test_what_missed_its_target_last_month_or_since_is_listed_the_latest_first(shown: dict[str, Any]) -> None:
    late = next(one for one in shown["lists"] if one["title"] == "Missed since 1 October 2026")
    assert ["6", Noted("6", "late by 1 h 30 min of desk time"), "6"] == [row[-1] for row in late["grid"].rows]
    assert [("OPEN", Chip("overdue", "missed")), ("LATE", Chip("late", "missed")), ("FIRST", Chip("late", "missed"))] == [
        (row[0], row[1]) for row in late["grid"].rows
    ]


def test_home_tells_how_many_were_overdue_on_the_same_day_last_year() -> None:
    made = [
        ("missed", dt.date(2025, 11, 20), "2025-11-24T15:00:00Z"),
        ("missed", dt.date(2025, 11, 20), "2025-11-23T15:00:00Z"),  # done on that very day
        ("missed", dt.date(2025, 11, 23), "2025-11-25T15:00:00Z"),  # due on it
        ("overdue", dt.date(2025, 11, 3), None),
        ("met", dt.date(2025, 12, 1), "2025-11-26T15:00:00Z"),
    ]
    asked = [
        request(f"R{number}", verdict, "2025-10-20T15:00:00Z", due, completed_at=done) for number, (verdict, due, done) in enumerate(made)
    ]
    table = contracts.REQUESTS.frame(asked)
    kept = Edition(books([], requests=table), SETTINGS, STAMP, "internal")
    begun = Edition(books([], requests=contracts.REQUESTS.frame(ASKED)), SETTINGS, STAMP, "internal")
    changes = [{one.name: one.change for one in next(home.pages(of)).view["figures"]}["Requests overdue"] for of in (kept, begun)]
    assert ["2 on the same day last year", ""] == changes


def test_what_is_due_today_is_told_apart_for_the_desk_has_closed() -> None:
    risky = [
        request(f"R{number}", "at-risk", "2026-11-16T15:00:00Z", dt.date(2026, 11, day), status="open")
        for number, day in enumerate((23, 23, 24))
    ]
    view = next(requests.pages(Edition(books([], requests=contracts.REQUESTS.frame(risky)), SETTINGS, STAMP, "internal"))).view
    card = next(figure for figure in view["figures"] if figure.name == "At risk now")
    assert "2 due today, and the desk has closed; 1 with at most 11 desk hours left" == card.basis
    listed = next(one for one in view["lists"] if one["title"].startswith("At risk"))
    assert [
        Noted("2026-11-23", "today, desk closed", "near"),
        Noted("2026-11-23", "today, desk closed", "near"),
        Noted("2026-11-24", "in 1 day", "near"),
    ] == [row[5] for row in listed["grid"].rows]


def test_months_say_what_came_and_went_and_how_much_came_after_hours(shown: dict[str, Any]) -> None:
    assert [
        ["November 2026", "4", "1", "1", "+2", "25.0 %"],
        ["October 2026", "1", "3", "0", "−2", "0.0 %"],
        ["September 2026", "2", "0", "0", "+2", "0.0 %"],
    ] == shown["table"].rows
    assert ["Total", "7", "4", "1", "+2", ""] == shown["table"].total


def test_rates_and_the_flow_of_each_month_stand_in_a_table(shown: dict[str, Any]) -> None:
    november, october = shown["rates"].rows[:2]
    assert ["November 2026", "25.0 % of 4", "4.6 to 69.9 %", "0.0 % of 4"] == november[:4]
    assert ("0.0 % of 1", "+1") == (october[1], shown["rates"].rows[-1][-1])
    assert frozenset({0, 1, 2}) == shown["rates"].faint  # of fewer than ten, and November so far


def test_what_was_asked_by_software_and_tier_adds_up_to_all_that_was_received(shown: dict[str, Any]) -> None:
    software, tier = shown["mixes"]
    assert "Of no request of FY2027 the server software is told." == software.empty
    assert ([], []) == (software.rows, tier.rows)
    table = contracts.REQUESTS.frame(
        [
            request(f"R{place}", "met", "2026-10-06T15:00:00Z", tier=tier)
            for place, tier in enumerate(("premium", "standard", "standard", ""))
        ]
    )
    found = measures(Records(requests=table), desk_time(), SETTINGS, AS_OF).table
    _, tiers = next(requests.pages(Edition(books([], requests=table, measures=found), SETTINGS, STAMP, "internal"))).view["mixes"]
    assert [["standard", "2", "50.0 %"], ["premium", "1", "25.0 %"], ["not told", "1", "25.0 %"]] == tiers.rows
    assert ["Total", "4", "100.0 %"] == tiers.total


def test_the_three_kinds_of_bars_stand_beside_each_other_and_the_month_that_goes_on_is_pale(shown: dict[str, Any]) -> None:
    chart = shown["chart_view"]
    assert "November 2026 brought the most requests: 4, and 1 were completed" == chart.title
    of_november = [bar for bar in chart.drawings[0].bars if bar.tip.startswith("Nov")]
    assert ["series-1 unfinished", "series-3 unfinished", "series-5 unfinished"] == [bar.style for bar in of_november]
    first, second, third = of_november
    assert (first.x + first.width, second.x + second.width) == pytest.approx((second.x, third.x), abs=0.11)
    assert first.height == pytest.approx(4 * second.height, rel=0.05)


def test_the_map_of_hours_counts_the_requests_that_the_measure_counts(shown: dict[str, Any]) -> None:
    assert "1 of 7 requests (14 %) came in while the desk was closed; the busiest hour is Monday 10:00 to 11:00" == shown["hours"].title
    counts = demand.by_hour(edition())
    # in New York it is 11:00 in summer, and after the clocks went back 10:00; NIGHT came on Saturday at 22:30
    assert {(1, 11): 2, (6, 11): 1, (0, 10): 2, (1, 10): 1, (5, 22): 1} == {
        (int(day), int(hour)): int(counts[day, hour]) for day, hour in zip(*counts.nonzero(), strict=True)
    }


@pytest.mark.parametrize(("days", "rows"), [(("mon", "tue", "wed", "thu", "fri"), [(0, 4)]), (("mon", "wed", "thu"), [(0, 0), (2, 3)])])
def test_the_hours_of_the_desk_are_framed_on_each_run_of_open_days(days: Any, rows: list[tuple[int, int]]) -> None:
    made = edition()
    desk = Desk(opens=dt.time(8, 30), closes=dt.time(17), days=days)
    drawn = demand.hours(Edition(made.books, SETTINGS.model_copy(update={"desk": desk}), STAMP, "internal"))
    assert drawn is not None
    drawing = drawn.drawings[0]
    hour = (drawing.frame.end - drawing.frame.left) / 24
    assert len(rows) == len(drawing.outlines)
    for outline, (first, last) in zip(drawing.outlines, rows, strict=True):
        assert (8.5, 8.5) == pytest.approx(((outline.x - drawing.frame.left) / hour, outline.width / hour), abs=0.01)
        assert (first, last + 1) == ((outline.y - drawing.frame.top) / 26, (outline.y + outline.height - drawing.frame.top) / 26)


def test_what_stood_open_at_the_end_of_each_month_is_stacked_by_age(shown: dict[str, Any]) -> None:
    chart = shown["backlog"]
    counted = {row[0]: row[1:] for row in chart.table.rows}
    # OPEN came in ten business days before 23 November, for the eleventh was Veterans Day; NIGHT that very day
    assert ["1", "0", "1", "0", "2"] == counted["November 2026"]
    assert chart.title.startswith("2 requests are open")
    november = [bar for bar in chart.drawings[0].bars if bar.tip.startswith("Nov")]
    assert ["age-1 unfinished", "age-3 unfinished"] == [bar.style for bar in november]
    assert november[0].y == pytest.approx(november[1].y + november[1].height, abs=0.11)


def test_where_several_months_ended_with_the_most_open_requests_it_says_so() -> None:
    title = backlog._finding(edition(), ["2026-03", "2026-08", "2026-10", "2026-11"], [9, 9, 3, 1], [0, 0, 0, 0])
    assert "1 request is open today; at the end of a month the most was 9, in 2 months; never one for more" in title


def test_what_is_asked_most_stands_first(shown: dict[str, Any]) -> None:
    assert "Most asked for in FY2027 to date: new certificate, 86 % of 7 requests" == shown["mix"].title
    assert [["new certificate", "6"], ["renewal", "1"]] == shown["mix"].table.rows


def test_the_public_page_has_the_counts_and_no_request() -> None:
    public = next(requests.pages(edition("public"))).view
    assert [] == public["lists"]
    assert [row["request_id"] for row in ASKED if str(row["request_id"]) in str(public)] == []
    assert "4" == public["table"].rows[0][1]
