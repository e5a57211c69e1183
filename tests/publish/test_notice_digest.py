"""The digest of the office: what is open of the week, once a week, and not where nothing is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline.publish import notice_digest, notice_mail
from pipeline.settings import Notices, Organization, Settings
from tests.publish.test_notice_mail import TEMPLATES, office
from tests.unit.test_notices import AS_OF, CONTACT, OWNER, SECURITY, cert, tried

SETTINGS = Settings(organization=Organization(service_owner=OWNER))
ROWS = (
    cert(last="2026-11-24"),
    cert("C2", "b.x c.x"),
    cert("C3", "d.x", contact_email=""),
    cert("C4", "e.x"),
    cert("R4", "e.x", "2026-11-20", "2027-11-20"),
)


def digest(*rows: dict[str, Any], settings: Settings = SETTINGS, as_of: dt.date = AS_OF, **more: Any) -> notice_digest.Digest | None:
    return notice_digest.digest(office(*rows, settings=settings, as_of=as_of, **more), settings, as_of)


def test_it_lists_what_ended_what_ends_and_who_refused_each_once_the_soonest_first() -> None:
    refused = (tried("sending", of="C2"), tried("failed", of="C2", why="550 no such user"))
    found = digest(*ROWS, log=(*refused, tried("sent", of="C3", to=SECURITY, message_id="<m2@x>")))
    assert found is not None
    listed = {one["title"]: [(row["host"], row["whom"]) for row in one["rows"]] for one in found.view["sections"]}
    expected = {
        "Ended, nothing took over": [("a.x", f"{CONTACT}, to be told")],
        "End soon, not renewed": [("b.x and 1 more", f"{SECURITY}, to be told"), ("d.x", f"{SECURITY}, last told on 2026-11-20")],
        "No contact can be told": [("b.x and 1 more", f"{SECURITY}, to be told"), ("d.x", f"{SECURITY}, last told on 2026-11-20")],
    }
    assert expected == listed
    assert [{"address": CONTACT, "why": "550 no such user"}] == found.view["refused"]
    assert "Certificates, week of 23 November 2026: 3 end or have ended and are not renewed" == found.subject
    assert OWNER == found.address


def test_what_nobody_can_be_told_of_comes_first() -> None:
    everybody = tuple(tried("failed", to=one, message_id=f"<{one}>") for one in (CONTACT, SECURITY, OWNER))
    found = digest(cert(), log=everybody)
    assert found is not None
    assert [("Nobody can be told", f"{CONTACT} refused, and nobody else is known")] == [
        (one["title"], one["rows"][0]["whom"]) for one in found.view["sections"]
    ]


def test_what_ended_weeks_ago_and_nothing_took_over_is_listed_though_nobody_is_told_any_more() -> None:
    ended = (("C5", "old.x", "2026-11-02", -24), ("C6", "older.x", "2026-10-02", -55), ("C7", "gone.x", "2026-10-20", -37))
    earlier = [cert(name, host, last=day, status="expired", days_left=left) for name, host, day, left in ended]
    told = tried("sent", 7, "2026-10-26", of="C5", ends_at=pd.Timestamp("2026-11-03 04:59:59", tz="UTC"))
    found = digest(*earlier, log=(told,), retired=("gone.x",))
    assert found is not None
    (section,) = found.view["sections"]
    listed = [(row["host"], row["ends_on"], row["whom"]) for row in section["rows"]]
    assert "Ended, nothing took over" == section["title"]
    nobody = f"nobody was told of its end; its contact is {CONTACT}"
    assert [("old.x", "2026-11-02", f"{CONTACT}, last told on 2026-10-26"), ("older.x", "2026-10-02", nobody)] == listed
    assert ("Ended, nothing took over", "2") in found.view["counts"]
    assert "Certificates, week of 23 November 2026: 2 end or have ended and are not renewed" == found.subject


def test_each_certificate_is_found_on_the_pages_by_its_order() -> None:
    found = digest(cert(order_id="DOT-26-0010"), cert("C2", "b.x"))
    assert found is not None
    assert [["order DOT-26-0010", "no order number"]] == [[row["order"] for row in one["rows"]] for one in found.view["sections"]]


@pytest.mark.parametrize(("as_of", "same"), [(dt.date(2026, 11, 29), True), (dt.date(2026, 11, 30), False), (dt.date(2026, 11, 23), True)])
def test_it_is_one_message_a_week(as_of: dt.date, same: bool) -> None:
    first, other = digest(cert()), digest(cert(), as_of=as_of)
    assert first is not None
    assert other is not None
    assert same == (first.message_id == other.message_id)


def test_what_was_sent_or_twice_in_doubt_is_not_made_again() -> None:
    first = digest(cert())
    assert first is not None
    line = {"of": "", "days": 0, "to": OWNER, "message_id": first.message_id, "kind": "digest"}
    begun = tried("sending", **line)
    assert None is digest(cert(), log=(begun, tried("sent", **line)))
    assert None is digest(cert(), log=(begun, tried("failed", **line)))
    assert None is digest(cert(), log=(begun, begun))
    assert None is not digest(cert(), log=(begun,))
    assert None is not digest(cert(), log=(begun, tried("failed", **line | {"is_lasting": False})))


def test_the_settings_may_want_none_and_of_nothing_there_is_none() -> None:
    never = Settings(organization=Organization(service_owner=OWNER), notices=Notices(digest_on="never"))
    assert [None, None, None] == [
        digest(cert(), settings=never),
        digest(),
        digest(cert(), settings=Settings(organization=Organization(service_owner="none"))),
    ]


def test_it_is_written_as_a_message_that_serves_no_notice() -> None:
    (found,) = [
        one
        for one in notice_mail.messages(office(*ROWS, settings=SETTINGS), SETTINGS, AS_OF, TEMPLATES)
        if one.address == OWNER and not one.served
    ]
    assert b"Subject: Certificates, week of 23 November 2026" in found.data
