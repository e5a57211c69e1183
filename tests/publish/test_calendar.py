"""The calendars: what they tell, how a change is told, and that two readers of other people's make take them for what they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import icalendar
import pytest
import vobject

from pipeline import contracts
from pipeline.contracts import Books, Compared, RunRecord
from pipeline.publish import calendar_events, calendar_feed
from pipeline.publish.calendar_events import Event
from pipeline.publish.pages import agencies
from pipeline.publish.pages.edition import Edition
from pipeline.publish.stamp import RunStamp
from tests.massachusetts import closed_days
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, certificate, entry

END = Event("ab:cd", "app.dot.example.gov", "DOT", dt.date(2026, 12, 4), "A-1", "ann@dot.example.gov", dt.date(2026, 11, 25), (30, 7), "")


def known(number: int, **changes: Any) -> dict[str, Any]:
    row = certificate(entry(number), contact_email="ann@dot.example.gov")
    row |= {"valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-12-05T04:59:59Z", "days_left": 11, "names": row["common_name"]}
    return row | changes


def books(*rows: dict[str, Any], retired: tuple[str, ...] = ()) -> Books:
    hosts = [{"host": host, "state": "retired", "since": dt.date(2026, 11, 1), "source": 1} for host in retired]
    made: Books = bookkeeping.books([], certificates=contracts.CERTIFICATES.frame(rows), hosts=contracts.HOSTS.frame(hosts))
    return replace(made, closed_days=closed_days())


def events(made: Books, before: list[Event] | None = None) -> list[Event]:
    return calendar_events.events(made, SETTINGS, AS_OF, None if before is None else calendar_events.remembered(before))


def text(*found: Event, title: str = "Certificates of DOT", as_of: dt.date = AS_OF) -> str:
    return calendar_feed.feed(title, [calendar_feed.event(one, as_of).whole for one in found])


def read(feed: str) -> list[Any]:
    """The events of a feed as `icalendar` reads them; `vobject` must find as many, with the same words."""
    assert max(len(line.encode()) for line in feed.split("\r\n")) <= 75
    assert "\n" not in feed.replace("\r\n", "")
    found = list(icalendar.Calendar.from_ical(feed).walk("VEVENT"))
    others = vobject.readOne(feed).contents.get("vevent", [])
    assert [(one["UID"], one["SUMMARY"], one["DESCRIPTION"]) for one in found] == [
        (one.uid.value, one.summary.value, one.description.value) for one in others
    ]
    return found


def test_a_certificate_is_one_event_on_its_last_day_with_a_reminder_at_each_threshold() -> None:
    (found,) = read(text(END))
    assert ("Certificate of app.dot.example.gov ends", "CONFIRMED", 0) == (found["SUMMARY"], found["STATUS"], found["SEQUENCE"])
    assert dt.date(2026, 12, 4) == found["DTSTART"].dt
    assert [dt.timedelta(days=-30), dt.timedelta(days=-7)] == [one["TRIGGER"].dt for one in found.walk("VALARM")]
    assert found["DESCRIPTION"].startswith("Last safe day to ask for its renewal: 25 November 2026.")
    (later,) = read(text(END, as_of=dt.date(2026, 11, 24)))
    assert found["UID"] == later["UID"]


def test_a_day_to_ask_that_has_passed_is_told_as_passed() -> None:
    (found,) = read(text(END, as_of=dt.date(2026, 11, 26)))
    expected = "The last safe day to ask for its renewal, 25 November 2026, has passed: ask today. If the host is retired, tell the office."
    assert found["DESCRIPTION"].startswith(expected)


def test_an_event_says_how_many_more_hosts_it_is_of_and_names_one_where_the_common_name_is_none() -> None:
    many = known(1, names="alt.dot.example.gov app1.dot.example.gov www.dot.example.gov")
    odd = known(2, common_name='=HYPERLINK("x")', names="menu.dot.example.gov")
    found = sorted(one.host for one in events(books(many, odd)))
    assert ['=HYPERLINK("x") for menu.dot.example.gov', "app1.dot.example.gov and 2 more"] == found


def test_text_of_the_books_begins_no_line_of_a_feed_and_no_letter_is_cut() -> None:
    host = "ü" * 80 + "\r\nATTACH:https://evil.example.com;x,y\\z\u202e"
    feed = text(END._replace(host=host, told="a;b\nBEGIN:VALARM"), title="T\nBEGIN:VEVENT")
    (found,) = read(feed)
    assert f"Certificate of {'ü' * 80} ATTACH:https://evil.example.com;x,y\\z\ufffd ends" == found["SUMMARY"]
    assert "Notices go to: a;b BEGIN:VALARM." in found["DESCRIPTION"]
    assert 2 == len(found.walk("VALARM"))
    assert [] == [line for line in feed.split("\r\n") if line.startswith("ATTACH")]


def test_an_agency_without_certificates_has_an_empty_calendar() -> None:
    assert [] == read(text())


def test_the_events_are_those_in_force_soonest_first_with_thresholds_by_their_lives() -> None:
    short = {"valid_from": "2026-11-01T05:00:00Z", "valid_to": "2026-12-18T04:59:59Z", "days_left": 24}
    found = events(books(known(2, **short), known(1), known(3, status="expired", days_left=-1), known(4, is_ca=True)))
    assert [("app1.dot.example.gov", (30, 7)), ("app2.dot.example.gov", (15, 7))] == [(one.host, one.days_before) for one in found]
    assert (dt.date(2026, 12, 4), dt.date(2026, 11, 27), "ann@dot.example.gov") == (found[0].on, found[0].ask_by, found[0].told)


@pytest.mark.parametrize(
    ("changes", "retired", "off"),
    [
        ({"status": "superseded", "superseded_by": "C9"}, (), "A later certificate has taken over."),
        ({"status": "revoked"}, (), "It was revoked."),
        ({}, ("app1.dot.example.gov",), "Its hosts are retired."),
    ],
)
def test_what_nobody_has_to_renew_any_more_is_told_as_off_with_a_higher_number(
    changes: dict[str, Any], retired: tuple[str, ...], off: str
) -> None:
    before = events(books(known(1)))
    (after,) = events(books(known(1, **changes), retired=retired), before)
    assert (off, 1) == (after.off, after.sequence)
    (found,) = read(text(after))
    assert ("CANCELLED", 1, []) == (found["STATUS"], found["SEQUENCE"], found.walk("VALARM"))
    assert off in found["DESCRIPTION"]
    assert (1, 1) == (
        events(books(known(1, **changes), retired=retired))[0].sequence,
        events(books(known(1, **changes), retired=retired), [after])[0].sequence,
    )


def test_each_change_raises_the_number_and_nothing_else_does() -> None:
    first = events(books(known(1), known(2)))
    assert [0, 0] == [one.sequence for one in events(books(known(1), known(2)), first)]
    second = events(books(known(1, contact_email="eve@dot.example.gov"), known(2)), first)
    assert [1, 0] == [one.sequence for one in second]
    assert [2, 0] == [one.sequence for one in events(books(known(1), known(2)), second)]


def test_what_was_never_told_is_not_called_off() -> None:
    assert ["app1.dot.example.gov"] == [one.host for one in events(books(known(1), known(2, status="superseded")), events(books(known(1))))]


def test_each_agency_has_a_feed_of_its_own_and_all_have_one_together() -> None:
    made = books(known(1), known(2, agency="DEP"))
    record = RunRecord("r", dt.date(2026, 11, 22), "0.1.0", events={known(1)["certificate"]: "4 other"})
    edition = Edition(made, SETTINGS, RunStamp(RUN_ID, AS_OF, "0.1.0"), "internal", Compared(record, record))
    files = {name: read(content) for page in agencies.pages(edition) for name, content in page.files.items() if name.endswith(".ics")}
    hosts = {name: [(one["SUMMARY"].split(" ")[2], one["SEQUENCE"]) for one in found] for name, found in files.items()}
    one, two = ("app1.dot.example.gov", 5), ("app2.dot.example.gov", 0)
    assert [0, 2] == [len(found.walk("VALARM")) for found in (files["certificates.ics"][0], files["agencies/DOT.ics"][0])]
    assert files["agencies/DOT.ics"][0]["UID"] == files["certificates.ics"][0]["UID"]
    assert "Ask by 27 November 2026. Order 88010001." == files["certificates.ics"][0]["DESCRIPTION"]
    assert {"certificates.ics": [one, two], "agencies/DOT.ics": [one], "agencies/DEP.ics": [two], "agencies/RMV.ics": []} == hosts


def test_the_feed_of_an_agency_has_what_ends_under_the_code_of_one_that_became_part_of_it() -> None:
    edition = Edition(books(known(1), known(2, agency="RMV")), SETTINGS, RunStamp(RUN_ID, AS_OF, "0.1.0"), "internal")
    files = {name: read(content) for page in agencies.pages(edition) for name, content in page.files.items() if name.endswith(".ics")}
    told = {name: [(one["SUMMARY"].split(" ")[2], "old code RMV" in one["DESCRIPTION"]) for one in found] for name, found in files.items()}
    one, two = ("app1.dot.example.gov", False), ("app2.dot.example.gov", False)
    expected = {
        "certificates.ics": [one, two],
        "agencies/DOT.ics": [one, (two[0], True)],
        "agencies/DEP.ics": [],
        "agencies/RMV.ics": [two],
    }
    assert expected == told
    assert files["agencies/DOT.ics"][1]["UID"] == files["agencies/RMV.ics"][0]["UID"]
