"""The page of notices: what is to be sent, what was, whether telling helps, and nothing of it by name in the public edition."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline.contracts import CERTIFICATES, HOSTS
from pipeline.notices import effect
from pipeline.publish import notice_digest, notice_mail
from pipeline.publish.pages import agencies, beside, notices
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.environment import environment, page_text
from pipeline.publish.public_books import public_books
from pipeline.publish.stamp import RunStamp
from tests.massachusetts import local
from tests.publish.bookkeeping import RUN_ID
from tests.publish.test_notice_mail import SETTINGS, TEMPLATES, office
from tests.unit.test_notices import AS_OF, CONTACT, SECURITY, cert, due, tried

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")
ROWS = (
    cert(last="2026-12-20"),
    cert("C2", "b.x c.x", last="2026-12-01"),
    cert("C3", "d.x", contact_email="", last="2026-12-24"),
    cert("C4", "e.x", last="2026-12-31"),
    cert("C5", "f.x"),
    cert("R5", "f.x", "2026-11-20", "2027-11-20"),
)
LOG = (
    tried("sending"),
    tried("sent"),
    tried("sending", of="C3", message_id="<m2@x>"),
    tried("failed", of="C3", message_id="<m2@x>", why="550 gone"),
)


def edition(profile: Any = "internal", rows: tuple[dict[str, Any], ...] = ROWS, log: tuple[dict[str, Any], ...] = LOG) -> Edition:
    made = office(*rows, log=log)
    return Edition(made if profile == "internal" else public_books(made), SETTINGS, STAMP, profile)


def view(made: Edition) -> dict[str, Any]:
    (page,) = notices.pages(made)
    return page.view


def listed(shown: dict[str, Any]) -> dict[str, list[Any]]:
    return {one["anchor"]: [getattr(row[0], "text", row[0]) for row in one["grid"].rows] for one in (*shown["lists"], shown["sent"])}


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    return view(edition())


def test_the_digest_of_the_week_is_named_where_one_is_sent() -> None:
    told = SETTINGS.model_copy(update={"notices": SETTINGS.notices.model_copy(update={"digest_on": "mon"})})
    (page,) = notices.pages(Edition(office(*ROWS, log=LOG), told, STAMP, "internal"))
    name = notice_digest.digest(office(*ROWS, log=LOG), told, AS_OF)
    assert name is not None
    assert f"downloads/{notice_mail.path_of(name.message_id)}" == page.view["digest"].href
    never = SETTINGS.model_copy(update={"notices": SETTINGS.notices.model_copy(update={"digest_on": "never"})})
    (page,) = notices.pages(Edition(office(*ROWS, log=LOG), never, STAMP, "internal"))
    assert None is page.view["digest"]


def test_it_says_what_is_to_be_sent_what_was_and_who_refused(shown: dict[str, Any]) -> None:
    assert "2 notices are to be sent now. 1 notice was sent, the last on 20 November 2026." == shown["sentence"]
    expected = {"To be sent now": "2", "Sent": "1", "Late": "2", "Refused": "1", "Nobody can be told": "0", "Spared": "1"}
    assert expected == {one.name: one.value for one in shown["figures"]}


def test_its_lists_lead_to_the_messages_soonest_end_first(shown: dict[str, Any]) -> None:
    assert {"due": ["b.x", "b.x", "b.x", "d.x"], "refused": ["d.x"], "sent": ["a.x"]} == listed(shown)
    rows = shown["lists"][0]["grid"].rows
    # owed for more than a day and not sent yet
    assert {("7 days before, late", "notice"), ("7 days before, late", "copy")} == {
        (getattr(row[4], "text", row[4]), getattr(row[4], "remark", "notice")) for row in rows[:3]
    }
    assert all(row[5].href.startswith("downloads/notices/") for row in rows)


def test_what_falls_due_next_week_is_told_by_its_day(shown: dict[str, Any]) -> None:
    assert [("2026-12-01", "e.x", CONTACT)] == [(row[0], row[1], row[4]) for row in shown["next_week"].rows]


def test_an_agency_reads_which_notices_it_got() -> None:
    page = next(page for page in agencies.pages(edition()) if page.view.get("code") == "ROADS")
    told = [(getattr(row[0], "text", row[0]), getattr(row[4], "text", "")) for row in page.view["notices"].rows]
    assert ("a.x", "2026-11-20") in told
    assert ("d.x", "refused") in told
    assert "../downloads/notices/" in {getattr(row[4], "href", "")[:21] for row in page.view["notices"].rows}


def test_the_public_edition_counts_and_names_nobody() -> None:
    shown = view(edition("public"))
    assert "2 notices are to be sent now. 1 notice was sent, the last on 20 November 2026." == shown["sentence"]
    assert ([], None) == (shown["lists"], shown["next_week"])
    assert [] == [word for word in (CONTACT, SECURITY, "a.x", "ROADS", "550") if word in str(shown)]


def test_without_a_journal_and_without_certificates_the_page_says_so() -> None:
    shown = view(edition(rows=(), log=()))
    assert "Nothing has to be sent now. The journal of sending knows of none that was sent." == shown["sentence"]
    assert "No certificate was told of yet, so whether telling helps cannot be said." == shown["effect"]["sentence"]


@pytest.mark.parametrize(
    ("later", "retired", "last", "expected"),
    [
        (cert("R", "a.x", "2026-11-20", "2027-11-20"), (), "2026-12-20", "after-first"),
        (cert("R", "a.x", "2026-12-15", "2027-11-20"), (), "2026-12-20", "after-second"),
        (cert("R", "a.x", "2026-11-01", "2027-11-20"), (), "2026-12-20", "known-late"),
        (cert("R", "a.x", "2026-12-21", "2027-11-20"), (), "2026-12-20", "after-second"),
        (cert("R", "a.x", "2026-12-24", "2027-11-20"), (), "2026-12-20", "expired"),
        (None, (), "2026-12-20", "expired"),
        (None, ("a.x",), "2026-12-20", "over"),
        (None, (), "2027-01-20", "open"),
    ],
)
def test_what_a_notice_brought_about(later: dict[str, Any] | None, retired: tuple[str, ...], last: str, expected: str) -> None:
    first = cert(last=last) | ({"superseded_by": "R", "status": "superseded"} if later else {})
    log = (tried("sent", on="2026-11-15"), tried("sent", 7, on="2026-12-14", message_id="<m2@x>"))
    certificates = CERTIFICATES.frame([one for one in (first, later) if one])
    hosts = HOSTS.frame([{"host": host, "state": "retired", "since": dt.date(2026, 11, 1), "by": "Ada", "source": 1} for host in retired])
    as_of = dt.date(2026, 12, 23)
    table = due(first, log=log, as_of=as_of).table
    assert {expected: 1} == dict(effect.outcomes(table, certificates, hosts, SETTINGS, as_of))


def test_two_addresses_of_a_contact_are_one_notice_that_brought_something_about() -> None:
    ben = tried("sent", to="ben@roads.example", message_id="<m2@x>", at=local("2026-11-15 09:01")[0])
    told = cert(contact_email=f"{CONTACT}, ben@roads.example", superseded_by="R", status="superseded")
    certificates = CERTIFICATES.frame([told, cert("R", "a.x", "2026-11-20", "2027-11-20")])
    table = due(told, log=(tried("sent", on="2026-11-15"), ben)).table
    assert {"after-first": 1} == dict(effect.outcomes(table, certificates, HOSTS.empty(), SETTINGS, AS_OF))


def test_spared_tells_apart_who_was_told_earlier_from_of_what_nobody_was() -> None:
    told = view(edition(rows=(cert(last="2026-12-01"), cert("R", "a.x", "2026-11-20", "2027-11-20"), *ROWS[-2:]), log=LOG[:2]))
    spared = next(one for one in told["figures"] if one.name == "Spared")
    assert ("2", "certificates renewed in time or retired: of 1 nobody was told, 1 was spared a later notice only") == (
        spared.value, spared.basis)  # fmt: skip
    alone = next(one for one in view(edition())["figures"] if one.name == "Spared")
    assert ("1", "certificates renewed in time or retired: of 1 nobody was told") == (alone.value, alone.basis)


def test_who_was_told_only_after_the_end_is_counted_apart() -> None:
    certificates = (cert(last="2026-11-19"),)
    made = edition(
        rows=certificates, log=(tried("sent", 7, on="2026-11-21", ends_at=local("2026-11-19 23:59")[0] + pd.Timedelta(seconds=59)),)
    )
    shown = view(made)["effect"]
    assert ["Its notice went out only after its end", "1", "not counted"] in shown["grid"].rows
    assert "The notice of 1 certificate went out only after its end, when it could not help." == shown["sentence"]


def test_what_was_sent_says_whether_it_was_renewed() -> None:
    renewed = cert(last="2026-12-01", status="superseded"), cert("R", "a.x", "2026-11-20", "2027-11-20")
    states = [view(edition(rows=rows, log=LOG[:2]))["sent"]["grid"].rows[0][5] for rows in (renewed, (cert(),))]
    assert ["sent; renewed", "sent"] == [one.remark for one in states]


def test_one_count_for_each_word_whatever_is_in_doubt() -> None:
    twice = (tried("sending"), tried("sending"), tried("in-doubt"))
    shown = view(edition(rows=(cert(),), log=twice))
    assert "Nothing has to be sent now. The journal of sending knows of none that was sent." == shown["sentence"]
    assert ("0", "0") == tuple(one.value for one in shown["figures"] if one.name in ("To be sent now", "Late"))
    assert {"due": [], "in-doubt": ["a.x"], "sent": []} == listed(shown)
    once = view(edition(rows=(cert(),), log=twice[:1]))
    assert "1 notice is to be sent now. The journal of sending knows of none that was sent." == once["sentence"]
    assert {"due": ["a.x"], "sent": []} == listed(once)
    waiting = view(edition(rows=(cert(last="2026-12-01"),), log=()))
    counts = {one.name: (one.value, one.basis) for one in waiting["figures"]}
    assert (("1", "2 copies beside them"), "1") == (counts["To be sent now"], counts["Late"][0])


def test_late_is_more_than_a_day_after_the_day_it_fell_due() -> None:
    table = due(cert(last="2026-12-20"), log=(tried("sent"),)).table  # due on 20 November
    sent_on = [table.assign(sent_at=pd.Series(local(f"2026-11-{day} 23:00"), dtype=table["sent_at"].dtype)) for day in (20, 21, 22)]
    assert [False, False, True] == [bool(effect.late(one, CERTIFICATES.empty(), SETTINGS, AS_OF).iloc[0]) for one in sent_on]
    waiting = [due(cert(last=last)).table for last in ("2026-12-26", "2026-12-25", "2026-12-24")]
    assert [False, False, True] == [bool(effect.late(one, CERTIFICATES.empty(), SETTINGS, AS_OF).any()) for one in waiting]


def test_what_the_journal_alone_tells_of_is_late_by_the_threshold_of_its_life() -> None:
    as_of = dt.date(2027, 3, 1)
    for first, went, expected in (
        ("2026-01-01", "2026-12-14", False),  # due on 13 December
        ("2026-01-01", "2026-12-15", True),
        ("2026-12-03", "2026-12-18", False),  # lived 18 days: 3 days before the end, on 17 December
        ("2026-12-03", "2026-12-19", True),
    ):
        known = cert(first=first)
        table = due(known, log=(tried("sent", 7, went, message_id="<m2@x>"),), as_of=as_of).table
        assert [True] == table["due_on"].isna().tolist()
        assert [expected] == effect.late(table, CERTIFICATES.frame([known]), SETTINGS, as_of).tolist(), (first, went)
        assert [went >= "2026-12-15"] == effect.late(table, CERTIFICATES.empty(), SETTINGS, as_of).tolist()


def test_a_copy_of_the_end_known_from_the_journal_fell_due_with_the_end() -> None:
    log = (tried("sent", 0, "2026-12-21", kind="copy"),)
    table = due(log=log, as_of=dt.date(2027, 3, 1)).table.assign(kind="notice")
    assert [False] == effect.late(table, CERTIFICATES.empty(), SETTINGS, AS_OF).tolist()


def test_the_page_as_written_tells_it_to_the_office_and_only_counts_to_the_public() -> None:
    written = {}
    for profile in ("internal", "public"):
        (page,) = notices.pages(edition(profile))
        files = beside.Beside(page, lambda _: "")
        written[profile] = page_text(environment(TEMPLATES), page, files)
    told = ["ada@roads.<wbr>example", "550 gone", "Falls due within a week", "Does telling help?"]
    assert told == [word for word in told if word in written["internal"]]
    assert [False, True] == ["roads" in written["public"], "2 notices are to be sent now" in written["public"]]
