"""Which notices are due on a day, whom they are for, and what the journal says became of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline import notices
from pipeline.contracts import AGENCIES, CERTIFICATES, HOSTS, NOTICE_LOG, Stage
from pipeline.settings import Notices, Organization, Settings
from tests.massachusetts import local
from tests.measuring import certificate

AS_OF = dt.date(2026, 11, 26)
CONTACT, SECURITY, OWNER = "ada@roads.example", "security@roads.example", "owner@example.gov"
SETTINGS = Settings(organization=Organization(service_owner=OWNER), notices=Notices(copy_at=()))
ROADS = {"agency": "ROADS", "name": "Roads", "security_contact": SECURITY}


def cert(name: str = "C1", names: str = "a.x", first: str = "2026-01-01", last: str = "2026-12-20", **more: Any) -> dict[str, Any]:
    return certificate(name, "ROADS", names, first, last, **{"contact_email": CONTACT} | more)


def tried(state: str, days: int = 30, on: str = "2026-11-20", *, of: str = "C1", to: str = CONTACT, **more: Any) -> dict[str, Any]:
    """A line of the journal."""
    ends = local("2026-12-20 23:59")[0] + pd.Timedelta(seconds=59)
    usual = {"at": local(f"{on} 09:00")[0], "state": state, "message_id": "<m1@x>", "address": to, "certificate": of}
    return usual | {"ends_at": ends, "days_before": days, "is_lasting": state == "failed"} | more


def due(
    *rows: dict[str, Any],
    log: tuple[dict[str, Any], ...] = (),
    retired: tuple[str, ...] = (),
    agencies: tuple[dict[str, Any], ...] = (ROADS,),
    settings: Settings = SETTINGS,
    as_of: dt.date = AS_OF,
) -> Stage:
    hosts = [{"host": host, "state": "retired", "since": dt.date(2026, 11, 1), "by": "Ada", "source": 1} for host in retired]
    tables = CERTIFICATES.frame(rows), HOSTS.frame(hosts), AGENCIES.frame(agencies), NOTICE_LOG.frame(log)
    return notices.notices(*tables, settings, as_of)


def said(stage: Stage, *columns: str) -> list[tuple[Any, ...]]:
    return list(stage.table[[*columns]].itertuples(index=False, name=None))


def states(stage: Stage) -> list[tuple[Any, ...]]:
    return said(stage, "days_before", "state", "contact_email")


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-01", "2026-12-26", [(30, "2026-11-26")]),
        ("2026-01-01", "2026-12-27", []),
        ("2026-01-01", "2026-12-03", [(30, "2026-11-03"), (7, "2026-11-26")]),
        ("2026-11-01", "2026-12-17", []),  # 47 days: 15 and 7 days ahead, not 30
        ("2026-10-26", "2026-12-11", [(30, "2026-11-26")]),
        ("2026-11-21", "2026-11-28", [(30, "2026-11-26")]),  # 8 days: 2 ahead and 1
        ("2026-11-24", "2026-11-27", [(30, "2026-11-26"), (7, "2026-11-26")]),  # 4 days: 1 and 1, the least
        ("2026-01-01", "2026-11-19", [(30, "2026-10-20"), (7, "2026-11-12")]),  # told late, up to 7 days after the end
        ("2026-01-01", "2026-11-18", []),
    ],
)
def test_a_notice_falls_due_by_the_settings_and_later_for_short_lives(first: str, last: str, expected: list[tuple[int, str]]) -> None:
    found = due(cert(first=first, last=last))
    assert expected == [(days, f"{on:%Y-%m-%d}") for days, on in said(found, "days_before", "due_on")]


def test_the_nearest_of_several_serves_all_in_one_message() -> None:
    found = due(cert(last="2026-12-01"))
    assert [(30, "due", 7), (7, "due", 7)] == said(found, "days_before", "state", "served_by")
    assert 1 == found.table["message_id"].nunique()


def test_three_thresholds_shrink_to_a_third_and_then_to_sixths() -> None:
    found = due(cert(first="2026-09-01", last="2026-11-29"), settings=Settings(notices=Notices(days_before=(7, 60, 30), copy_at=())))
    # 90 days: 30, 15 and 7 days ahead
    on = [f"{day:%m-%d}" for day in found.table["due_on"]]
    assert [(60, "10-30"), (30, "11-14"), (7, "11-22")] == list(zip(found.table["days_before"], on, strict=True))


@pytest.mark.parametrize(
    ("later", "state", "names"),
    [
        (cert("C2", "a.x b.x", "2026-11-20", "2027-11-20"), "superseded", ""),
        (cert("C2", "a.x b.x c.x", "2026-11-20", "2027-11-20"), "superseded", ""),
        (cert("C2", "*.x", "2026-11-20", "2027-11-20"), "superseded", ""),
        (cert("C2", "a.x", "2026-11-20", "2027-11-20"), "due", "b.x"),
        (cert("C2", "a.x b.x", "2026-11-20", "2026-12-20"), "superseded", ""),  # a reissue keeps the end
        (cert("C2", "a.x b.x", "2025-11-20", "2026-12-19"), "due", "a.x b.x"),  # ends before
        (cert("C2", "a.x b.x", "2026-11-20", "2027-11-20", status="revoked"), "due", "a.x b.x"),
        (cert("C2", "a.x b.x", "2026-11-20", "2027-11-20", is_ca=True), "due", "a.x b.x"),
        (cert("C2", "a.x b.x", "2026-11-27", "2027-11-20"), "due", "a.x b.x"),  # nobody knows of it yet
        (cert("C2", "a.x b.x", "2026-12-10", "2027-11-20", issued_on=dt.date(2026, 11, 26)), "superseded", ""),
        (cert("C2", "a.x b.x", "2026-12-21", "2027-11-20", issued_on=dt.date(2026, 11, 26)), "superseded", ""),  # from the day after
        (cert("C2", "*.x", "2026-12-21", "2027-11-20", issued_on=dt.date(2026, 11, 26)), "superseded", ""),
        (cert("C2", "a.x b.x", "2026-12-21", "2027-11-20", issued_on=dt.date(2026, 11, 27)), "due", "a.x b.x"),  # nobody knows of it yet
        (cert("C2", "a.x b.x", "2026-12-23", "2027-11-20", issued_on=dt.date(2026, 11, 26)), "superseded", ""),  # after a weekend
        (cert("C2", "a.x b.x", "2026-12-24", "2027-11-20", issued_on=dt.date(2026, 11, 26)), "due", "a.x b.x"),  # leaves a gap
        (cert("C2", "*.y.x", "2026-11-20", "2027-11-20"), "due", "a.x b.x"),
    ],
    ids=[
        "same names",
        "names added",
        "wildcard",
        "name dropped",
        "reissue",
        "ends first",
        "revoked",
        "CA",
        "later",
        "issued",
        "seamless",
        "wildcard takes over",
        "seamless, not known",
        "weekend",
        "gap",
        "other",
    ],
)
def test_a_notice_is_owed_for_the_names_that_no_later_certificate_covers(later: dict[str, Any], state: str, names: str) -> None:
    found = due(cert(names="a.x b.x", last="2026-12-20"), later).table
    assert [(state, names)] == list(found[found["certificate"] == "C1"][["state", "names"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("as_of", "state"), [(dt.date(2026, 12, 26), "due"), (dt.date(2026, 12, 27), "superseded")])
def test_a_host_left_without_a_certificate_is_told_of_until_the_next_one_begins(as_of: dt.date, state: str) -> None:
    later = cert("C2", "a.x", "2026-12-27", "2027-11-20", issued_on=dt.date(2026, 11, 26))
    found = due(cert(names="a.x"), later, as_of=as_of).table
    assert {state} == set(found[found["certificate"] == "C1"]["state"])


def test_retired_hosts_and_revoked_certificates_are_owed_none() -> None:
    found = due(cert(names="a.x b.x"), cert("C2", "c.x a.x"), cert("C3", "d.x", status="revoked"), retired=("a.x", "b.x"))
    assert [("C1", "retired", ""), ("C2", "due", "c.x")] == said(found, "certificate", "state", "names")


def test_a_certificate_without_host_names_is_told_of_until_something_takes_over() -> None:
    found = due(cert(names=""), cert("C2", "", superseded_by="C3"))
    assert [("C1", "due"), ("C2", "superseded")] == said(found, "certificate", "state")


@pytest.mark.parametrize(
    ("contact", "agencies", "owner", "expected"),
    [
        (CONTACT, (ROADS,), OWNER, ("due", CONTACT, "contact")),
        ("", (ROADS,), OWNER, ("due", SECURITY, "security-contact")),
        ("a@x.gov, evil@y", (ROADS,), OWNER, ("due", SECURITY, "security-contact")),
        ("", (), OWNER, ("due", OWNER, "service-owner")),
        ("", (ROADS | {"security_contact": ""},), OWNER, ("due", OWNER, "service-owner")),
        ("", (), "nobody", ("no-contact", "", "")),
        (
            "",
            (
                ROADS | {"security_contact": "old@x.gov", "valid_to": dt.date(2026, 6, 30), "successor": "WAYS"},
                {"agency": "WAYS", "name": "Ways", "security_contact": "ways@x.gov", "valid_from": dt.date(2026, 7, 1)},
            ),
            OWNER,
            ("due", "ways@x.gov", "security-contact"),
        ),
        (
            "",
            (ROADS | {"valid_to": dt.date(2026, 12, 1)}, ROADS | {"security_contact": "next@x.gov", "valid_from": dt.date(2026, 12, 2)}),
            OWNER,
            ("due", SECURITY, "security-contact"),
        ),
    ],
    ids=["contact", "security", "no list", "no agency", "owner", "nobody", "successor", "not begun"],
)
def test_who_is_told(contact: str, agencies: tuple[dict[str, Any], ...], owner: str, expected: tuple[str, str, str]) -> None:
    settings = Settings(organization=Organization(service_owner=owner))
    found = due(cert(contact_email=contact), agencies=agencies, settings=settings)
    assert [expected] == said(found, "state", "contact_email", "addressed_as")


@pytest.mark.parametrize(
    ("allowed", "told"),
    [
        (("roads.example",), CONTACT),
        (("Example",), CONTACT),
        (("oads.example",), OWNER),
        (("example.gov",), OWNER),
    ],
)
def test_only_allowed_domains_and_those_below_them_are_told(allowed: tuple[str, ...], told: str) -> None:
    settings = SETTINGS.model_copy(update={"notices": Notices(allowed_domains=allowed, copy_at=())})
    found = due(cert(), settings=settings)
    assert [told] == list(found.table["contact_email"])
    expected = [] if told == CONTACT else ["no-security-contact", "contact-not-allowed"]
    assert expected == [one.code for one in found.findings]


def test_what_was_sent_is_served_with_all_larger_thresholds_and_the_next_comes_in_its_time() -> None:
    log = (tried("sending"), tried("sent"))
    assert [(30, "sent", CONTACT)] == states(due(cert(), log=log))
    later = due(cert(), log=log, as_of=dt.date(2026, 12, 14))
    assert [(30, "sent", CONTACT), (7, "due", CONTACT)] == states(later)
    both = due(cert(), log=(tried("sending", 7), tried("sent", 7)), as_of=dt.date(2026, 12, 14))
    assert [(30, "sent", 7), (7, "sent", 7)] == said(both, "days_before", "state", "served_by")


def test_what_was_begun_is_in_doubt_and_sent_once_more_with_the_same_message_id() -> None:
    found = due(cert(), log=(tried("sending"),))
    assert [("in-doubt", "<m1@x>", 1, "")] == said(found, "state", "message_id", "doubts", "detail")
    twice = due(cert(), log=(tried("sending"), tried("sending"), tried("in-doubt")))
    (after,) = said(twice, "state", "message_id", "doubts", "detail")
    assert ("in-doubt", "<m1@x>", 2) == after[:3]
    assert ["notice-unanswered"] == [one.code for one in twice.findings]
    assert "not sent again" in after[3]
    went = due(cert(), log=(tried("sending"), tried("sending"), tried("sent")))
    assert [("sent", "<m1@x>", 1)] == said(went, "state", "message_id", "doubts")


def test_a_server_that_may_take_it_later_leaves_it_due() -> None:
    found = due(cert(), log=(tried("sending"), tried("failed", is_lasting=False, why="451 try later")))
    assert [("due", CONTACT, "451 try later")] == said(found, "state", "contact_email", "detail")


def test_who_refuses_is_passed_over_and_told_of() -> None:
    refused = (tried("sending"), tried("failed", why="550 no such user"))
    found = due(cert(), log=refused)
    assert [(30, "failed", CONTACT), (30, "due", SECURITY)] == states(found)
    assert ["notice-refused"] == [one.code for one in found.findings]
    everybody = (*refused, *(tried("failed", to=one, message_id=f"<{one}>") for one in (SECURITY, OWNER)))
    nobody = due(cert(), log=everybody)
    assert {(30, "no-contact", ""), *((30, "failed", one) for one in (CONTACT, SECURITY, OWNER))} == set(states(nobody))
    assert ["nobody-to-tell", "notice-refused"] == [one.code for one in nobody.findings]
    assert "refused the address of everybody" in nobody.findings[0].reason
    served = due(cert(), log=(*refused, tried("sent", to=SECURITY, message_id="<m2@x>")))
    assert [(30, "failed", CONTACT), (30, "sent", SECURITY)] == states(served)


BEN, EVE = "ben@roads.example", "eve@evil.example"
BOTH = f"{CONTACT}, {BEN}"
WENT = (tried("sending"), tried("sent"))
BEN_REFUSED = tried("failed", to=BEN, message_id="<m2@x>", why="550 no such user")


def test_a_contact_of_two_addresses_is_two_notices_in_two_messages() -> None:
    found = due(cert(contact_email=BOTH, last="2026-12-01"))
    assert {(days, "due", one) for days in (30, 7) for one in (CONTACT, BEN)} == set(states(found))
    assert {"contact"} == set(found.table["addressed_as"])
    assert [1, 1] == found.table.groupby("contact_email")["message_id"].nunique().tolist()
    assert 2 == found.table["message_id"].nunique()
    alone = due(cert(last="2026-12-01")).table["message_id"][0]  # whoever stands beside changes nothing of a message
    assert alone in set(found.table["message_id"])


@pytest.mark.parametrize(
    ("contact", "log", "expected"),
    [
        (BOTH, WENT, [(30, "due", BEN), (30, "sent", CONTACT)]),
        (BOTH, (*WENT, tried("sent", to=BEN, message_id="<m2@x>")), [(30, "sent", CONTACT), (30, "sent", BEN)]),
        (BOTH, (tried("sending"),), [(30, "due", BEN), (30, "in-doubt", CONTACT)]),
        (BOTH, (BEN_REFUSED,), [(30, "due", CONTACT), (30, "failed", BEN)]),
        (BOTH, (*WENT, BEN_REFUSED), [(30, "failed", BEN), (30, "sent", CONTACT)]),
        (BOTH, (tried("failed"), BEN_REFUSED), [(30, "due", SECURITY), (30, "failed", CONTACT), (30, "failed", BEN)]),
        (BOTH, (tried("sent", to=EVE),), [(30, "sent", EVE)]),  # of a former contact, as where there is one address
        (CONTACT, (tried("sent", to=BEN),), [(30, "sent", BEN)]),
        (
            BOTH,
            (tried("failed"), BEN_REFUSED, tried("sent", to=SECURITY, message_id="<m3@x>")),
            [(30, "failed", CONTACT), (30, "failed", BEN), (30, "sent", SECURITY)],
        ),
    ],
    ids=["one sent", "both sent", "in doubt", "one refused", "one refused, one sent", "both refused", "former", "one left out", "instead"],
)
def test_what_one_address_of_a_contact_got_leaves_the_notice_of_the_others_due(
    contact: str, log: tuple[dict[str, Any], ...], expected: list[tuple[Any, ...]]
) -> None:
    assert expected == sorted(states(due(cert(contact_email=contact), log=log)), key=lambda one: one[1:])


def test_a_renewal_or_a_retirement_stops_all_addresses_of_a_contact() -> None:
    renewed = cert("C2", "a.x", "2026-11-20", "2027-11-20")
    assert [("superseded", "")] == said(due(cert(contact_email=BOTH), renewed), "state", "contact_email")
    assert [("sent", CONTACT)] == said(due(cert(contact_email=BOTH), renewed, log=WENT), "state", "contact_email")
    assert [("retired", "")] == said(due(cert(contact_email=BOTH), retired=("a.x",)), "state", "contact_email")


def test_each_address_of_a_contact_is_held_against_the_allowed_domains_by_itself() -> None:
    settings = SETTINGS.model_copy(update={"notices": Notices(allowed_domains=("roads.example",), copy_at=())})
    found = due(cert(contact_email=f"{EVE}, {BOTH}"), settings=settings)
    assert {CONTACT, BEN} == set(found.table["contact_email"])
    assert [("contact-not-allowed", "a.x")] == [(one.code, one.value) for one in found.findings]
    assert "of 1 of the contact's 3 addresses" in found.findings[0].reason
    assert "only the others are told" in found.findings[0].reason
    none = due(cert(contact_email=f"{EVE}, x{EVE}"), settings=settings)
    assert [("due", SECURITY)] == said(none, "state", "contact_email")
    assert "goes to the next in line" in none.findings[0].reason
    assert EVE not in found.findings[0].reason + none.findings[0].reason


def test_the_journal_is_known_by_serial_when_a_certificate_file_renames_the_certificate() -> None:
    log = (tried("sent", serial="0a11", of="Some CA 0a11"),)
    assert [("ff" * 32, "sent")] == said(due(cert("ff" * 32, serial="0a11"), log=log), "certificate", "state")
    for other in (cert("ff" * 32, serial="0a12"), cert("ff" * 32)):
        assert {("Some CA 0a11", "sent"), ("ff" * 32, "due")} == set(said(due(other, log=log), "certificate", "state"))


def test_what_was_sent_of_certificates_that_ended_stays_in_the_table() -> None:
    found = due(log=(tried("sending"), tried("sent", doubts=0)))
    assert [("C1", 30, "sent", CONTACT)] == said(found, "certificate", "days_before", "state", "contact_email")
    assert ["2026-12-20"] == [f"{day:%Y-%m-%d}" for day in found.table["ends_on"]]


def test_one_message_a_contact_whose_id_follows_from_what_it_tells() -> None:
    rows = (cert(), cert("C2", "b.x"), cert("C3", "c.x", contact_email="eve@roads.example"))
    found, again = due(*rows), due(*reversed(rows))
    ids = dict(zip(found.table["certificate"], found.table["message_id"], strict=True))
    assert ids["C1"] == ids["C2"] != ids["C3"]
    assert ids["C1"].endswith("@example.gov>")
    pd.testing.assert_frame_equal(found.table, again.table)
    assert ids["C1"] != due(cert()).table["message_id"][0]


def test_findings_name_what_to_mend_once() -> None:
    rows = [cert(f"C{number}", f"{number}.x", contact_email="", source=number) for number in range(3)]
    found = due(*rows, agencies=({"agency": "ROADS", "name": "Roads"},))
    assert [("no-security-contact", "ROADS")] == [(one.code, one.value) for one in found.findings]
    assert "3 certificates that end soon have" in found.findings[0].reason
    alone = due(*rows, agencies=(), settings=Settings(organization=Organization(service_owner="none")))
    assert [("nobody-to-tell", number) for number in range(3)] == [(one.code, one.source) for one in alone.findings]


def test_no_thresholds_no_notices() -> None:
    assert [] == said(due(cert(), settings=Settings(notices=Notices(days_before=()))), "state")


def test_the_list_tells_what_is_open_once_a_message_and_counts_the_rest() -> None:
    refused = (tried("sending", of="C2"), tried("failed", of="C2", why="550 no such user"))
    found = due(cert(last="2026-12-01"), cert("C2", "b.x"), cert("C3", "c.x"), log=refused, retired=("c.x",))
    lines = notices.listed(found.table.to_dict("records"))
    assert [
        f"ends 2026-12-01  due            {CONTACT:<32} ROADS    a.x",
        f"ends 2026-12-20  refused        {CONTACT:<32} ROADS    b.x (550 no such user)",
        f"ends 2026-12-20  due            {SECURITY:<32} ROADS    b.x",
        "Notices      2 due, 1 refused, 1 retired",
    ] == lines
    assert ["Notices      none has fallen due"] == notices.listed([])
