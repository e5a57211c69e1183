"""Who is told beside the contact: with the second notice and once a certificate has ended, each once, and never in the contact's place."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipeline import notices
from pipeline.settings import Notices, Organization, Settings
from tests.unit.test_notices import CONTACT, OWNER, ROADS, SECURITY, cert, due, said, tried

WITH_COPIES = Settings(organization=Organization(service_owner=OWNER))
SECOND, ENDED = dt.date(2026, 12, 14), dt.date(2026, 12, 21)


def copied(*rows: dict[str, Any], as_of: dt.date = SECOND, settings: Settings = WITH_COPIES, **more: Any) -> list[tuple[Any, ...]]:
    table = due(*(rows or (cert(),)), as_of=as_of, settings=settings, **more).table
    return [one[1:] for one in said_of(table) if one[0] == "copy"]


def said_of(table: Any) -> list[tuple[Any, ...]]:
    columns = ["kind", "days_before", "state", "contact_email", "addressed_as"]
    return list(table[columns].itertuples(index=False, name=None))


def test_the_second_notice_is_copied_to_the_security_contact_and_the_owner() -> None:
    assert [] == copied(as_of=dt.date(2026, 11, 26))
    expected = [(7, "due", OWNER, "service-owner"), (7, "due", SECURITY, "security-contact")]
    assert expected == copied()
    assert [] == copied(settings=Settings(notices=Notices(copy_at=("expired",))))


def test_what_ended_is_told_once_more_and_serves_the_copy_of_the_second_notice() -> None:
    expected = [(0, "due", OWNER, "service-owner"), (0, "due", SECURITY, "security-contact")]
    assert expected == copied(as_of=ENDED)
    assert [] == copied(cert(), cert("C2", "a.x", "2026-12-15", "2027-12-15"), as_of=ENDED)
    assert [] == copied(as_of=ENDED, retired=("a.x",))


def test_whoever_gets_the_notice_itself_gets_no_copy_of_it_but_one_of_the_end() -> None:
    alone = cert(contact_email="")
    assert [OWNER] == [one[2] for one in copied(alone)]
    assert {OWNER, SECURITY} == {one[2] for one in copied(alone, as_of=ENDED)}


def test_one_message_tells_an_address_of_its_notices_and_of_its_copies() -> None:
    table = due(cert(), cert("C2", "b.x", contact_email=""), as_of=SECOND, settings=WITH_COPIES).table
    ids = table[table["contact_email"] == SECURITY].set_index("certificate")["message_id"]
    assert 1 == ids.nunique()
    assert ids["C1"] != due(cert("C2", "b.x", contact_email=""), as_of=SECOND, settings=WITH_COPIES).table["message_id"][0]


def test_a_copy_serves_no_notice_and_is_not_sent_again() -> None:
    log = (tried("sending", 7, to=SECURITY, kind="copy"), tried("sent", 7, to=SECURITY, kind="copy"))
    table = due(cert(), log=log, as_of=SECOND, settings=WITH_COPIES).table
    assert {("notice", 7, "due", CONTACT, "contact"), ("copy", 7, "sent", SECURITY, "security-contact")} < set(said_of(table))
    later = copied(log=log, as_of=ENDED)
    assert {(7, "sent", SECURITY, "security-contact"), (0, "due", SECURITY, "security-contact")} < set(later)


def test_a_copy_stands_beside_the_notice_that_the_same_address_got_later() -> None:
    log = (
        tried("failed", 7, "2026-12-13", message_id="<m0@x>", why="550 gone"),
        tried("sent", 7, "2026-12-13", to=SECURITY, kind="copy"),
        tried("sent", 7, "2026-12-14", to=SECURITY, message_id="<m2@x>"),
    )
    both = {("notice", 7, "sent", SECURITY), ("copy", 7, "sent", SECURITY), ("notice", 7, "failed", CONTACT)}
    while_it_is_told_of, when_it_is_history = (due(cert(), log=log, as_of=day) for day in (SECOND, dt.date(2027, 3, 1)))
    assert both < {one[:4] for one in said_of(while_it_is_told_of.table)}
    assert both == {one[:4] for one in said_of(when_it_is_history.table)}


def test_a_copy_that_the_server_put_off_is_not_sent_to_whom_the_notice_itself_goes() -> None:
    later = tried("failed", 7, "2026-12-13", to=SECURITY, kind="copy", is_lasting=False, why="451 try later")
    refused = tried("failed", 7, "2026-12-13", message_id="<m0@x>", why="550 gone")
    rows = said_of(due(cert(), log=(refused, later), as_of=SECOND, settings=WITH_COPIES).table)
    assert [("notice", "due")] == [(one[0], one[2]) for one in rows if one[1] == 7 and one[3] == SECURITY]


@pytest.mark.parametrize(
    "stood",
    [tried("failed", 7, "2026-12-13", to=SECURITY, kind="copy", is_lasting=False, why="451 try later"),
     tried("sending", 7, "2026-12-13", to=SECURITY, kind="copy")],
)  # fmt: skip
def test_a_copy_that_has_not_gone_out_rests_once_nothing_is_left_to_tell(stood: dict[str, Any]) -> None:
    renewed = cert("C2", "a.x", "2026-12-10", "2027-12-10", issued_on=dt.date(2026, 12, 10))
    assert [(7, "superseded", SECURITY, "security-contact")] == copied(cert(), renewed, log=(stood,))
    assert [(7, "retired", SECURITY, "security-contact")] == copied(log=(stood,), retired=("a.x",))


def test_a_copy_in_doubt_keeps_its_message_and_a_refused_one_is_not_tried_again() -> None:
    doubtful = due(cert(), log=(tried("sending", 7, to=SECURITY, kind="copy"),), as_of=SECOND, settings=WITH_COPIES)
    assert [("in-doubt", "<m1@x>", 1)] == [
        one[1:] for one in said(doubtful, "contact_email", "state", "message_id", "doubts") if one[0] == SECURITY
    ]
    refused = (tried("sending", 7, to=SECURITY, kind="copy"), tried("failed", 7, to=SECURITY, kind="copy", why="550 gone"))
    found = due(cert(), log=refused, as_of=SECOND, settings=WITH_COPIES)
    assert {("failed", SECURITY), ("due", CONTACT), ("due", OWNER)} <= set(said(found, "state", "contact_email"))
    assert [] == [one.code for one in found.findings]


def test_without_a_known_agency_the_owner_alone_is_copied() -> None:
    assert [OWNER] == [one[2] for one in copied(agencies=(ROADS | {"security_contact": "none"},))]


def test_a_digest_is_no_notice_of_a_certificate() -> None:
    assert [] == said(due(log=(tried("sent", 0, of="", kind="digest"),)), "state")


def test_the_list_for_a_terminal_names_copies_and_counts_them_apart() -> None:
    lines = notices.listed(due(cert(), as_of=SECOND, settings=WITH_COPIES).table.to_dict("records"))
    assert ["due", "due, copy", "due, copy"] == [line[17:32].strip() for line in lines[:-1]]
    assert "Notices      1 due, 2 copies open" == lines[-1]
