"""The messages that tell of ends of certificates: what they say, to whom, and that each is the same bytes every time."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from pipeline.contracts import AGENCIES, CERTIFICATES, HOSTS, MEASURES, NOTICE_LOG, Books
from pipeline.notices.ask_by import last_safe_days
from pipeline.notices.message import message_of
from pipeline.publish import key_guard, notice_mail
from pipeline.publish.lead_time import lead_time
from pipeline.publish.staging import PublishError
from pipeline.settings import NoticeAnswers, Notices, Organization, Publish, Settings
from tests.conftest import ROOT
from tests.massachusetts import closed_days, desk_time, local
from tests.publish import bookkeeping
from tests.unit.test_notices import AS_OF, CONTACT, OWNER, ROADS, SECURITY, cert, due, tried

TEMPLATES = ROOT / "templates"
WAYS = {"agency": "WAYS", "name": "Department of Ways", "security_contact": "security@ways.example"}
SETTINGS = Settings(
    organization=Organization(service_owner=OWNER),
    publish=Publish(site_address="https://certificates.example.gov"),
    notices=Notices(reply_to="desk@example.gov", list_id="notices.example.gov", answers=NoticeAnswers(retired="gone@example.gov")),
)
WITHOUT_DIGEST = SETTINGS.model_copy(update={"notices": SETTINGS.notices.model_copy(update={"digest_on": "never"})})
ROWS = (
    cert(
        "c1" * 32,
        "app.roads.example www.roads.example",
        last="2026-12-20",
        common_name="www.roads.example",
        order_id="88010001",
        tier="standard",
    ),
    cert("c2" * 32, "b.x", last="2026-12-01", order_id="88010002", tier="premium"),
    cert("c3" * 32, "d.x", last="2026-12-18") | {"agency": "WAYS"},
)


def office(
    *rows: dict[str, Any],
    log: tuple[dict[str, Any], ...] = (),
    settings: Settings = SETTINGS,
    as_of: dt.date = AS_OF,
    retired: tuple[str, ...] = (),
) -> Books:
    owed = due(*rows, log=log, agencies=(ROADS, WAYS), settings=settings, as_of=as_of, retired=retired).table
    gone = HOSTS.frame({"host": host, "state": "retired", "since": dt.date(2026, 11, 1), "by": "Ada", "source": 1} for host in retired)
    made: Books = bookkeeping.books([], certificates=CERTIFICATES.frame(rows), agencies=AGENCIES.frame([ROADS, WAYS]))
    return replace(made, hosts=gone, notices=owed, notice_log=NOTICE_LOG.frame(log), closed_days=closed_days())


def written(*rows: dict[str, Any], as_of: dt.date = AS_OF, settings: Settings = WITHOUT_DIGEST, **more: Any) -> dict[str, EmailMessage]:
    """The messages by address."""
    found = notice_mail.messages(office(*rows, as_of=as_of, settings=settings, **more), settings, as_of, TEMPLATES)
    return {one.address: email.message_from_bytes(one.data, _class=EmailMessage, policy=email.policy.default) for one in found}


def text(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture(scope="module")
def sent() -> dict[str, EmailMessage]:
    return written(*ROWS)


def test_a_message_has_its_head_from_the_settings_and_from_the_day(sent: dict[str, EmailMessage]) -> None:
    found = sent[CONTACT]
    expected = {
        "From": "certificates@example.gov",
        "To": CONTACT,
        "Reply-To": "desk@example.gov",
        "Subject": "3 certificates end, the first on 1 December 2026",
        "Date": "Thu, 26 Nov 2026 00:00:00 -0500",
        "Auto-Submitted": "auto-generated",
        "List-Id": "<notices.example.gov>",
    }
    assert expected == {name: found[name] for name in expected}
    plain = written(*ROWS, settings=Settings(organization=Organization(service_owner=OWNER)))[CONTACT]
    assert ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"] == plain.keys()


def test_it_lists_the_certificates_by_agency_soonest_first_with_what_to_know_of_each(sent: dict[str, EmailMessage]) -> None:
    expected = f"""These 3 certificates end soon, and nothing takes over from them yet.

ROADS Roads

  b.x
    Last day:             1 December 2026, in 5 days
    Last safe day to ask: 23 November 2026 has passed: ask today
    Order:                88010002, premium
    Reference:            {"c2" * 32}

  www.roads.example
  app.roads.example
    Last day:             20 December 2026, in 24 days
    Last safe day to ask: 11 December 2026, in 15 days
    Order:                88010001, standard
    Reference:            {"c1" * 32}

  All certificates of the agency: https://certificates.example.gov/agencies/ROADS.html

WAYS Department of Ways

  d.x
    Last day:             18 December 2026, in 22 days
"""
    assert text(sent[CONTACT]).startswith(expected)
    assert "Too few renewals were asked for lately" in text(sent[CONTACT])


def test_its_links_answer_with_the_reference_of_the_certificate(sent: dict[str, EmailMessage]) -> None:
    html = text(sent[CONTACT], "html")
    links = [part.split('"')[0].replace("&amp;", "&") for part in html.split('href="')[1:]]
    answers = [urlsplit(link) for link in links if link.startswith("mailto:") and "subject" in link]
    said = [(one.path, parse_qs(one.query)["subject"][0]) for one in answers[:3]]
    key = "c2" * 32
    assert [
        ("gone@example.gov", f"retired: {key}"),
        ("desk@example.gov", f"not mine: {key}"),
        ("desk@example.gov", f"new contact: {key}"),
    ] == said
    assert "Order 88010002, b.x, last day 2026-12-01." == parse_qs(answers[0].query)["body"][0]
    assert "https://certificates.example.gov/agencies/WAYS.html" in links


def test_without_the_address_of_the_site_nothing_leads_there() -> None:
    found = written(*ROWS, settings=Settings(organization=Organization(service_owner=OWNER)))[CONTACT]
    assert [] == [word for kind in ("plain", "html") for word in ("http", "All certificates") if word in text(found, kind)]


def test_a_copy_names_who_is_told_and_tells_of_its_own_agency_alone(sent: dict[str, EmailMessage]) -> None:
    assert {CONTACT, SECURITY, OWNER} == set(sent)
    found = sent[SECURITY]
    assert "For your information: certificate of b.x ends on 1 December 2026" == found["Subject"]
    assert "For your information\n\nOthers are told. This certificate ends soon" in text(found)
    assert "<h2>For your information</h2>" in text(found, "html")
    assert f"Who is told:          {CONTACT}" in text(found)
    assert [] == [word for word in ("d.x", "www.roads.example", "What to do") if word in text(found) + text(found, "html")]


def test_each_address_of_a_contact_gets_a_message_of_its_own_and_a_copy_names_all() -> None:
    ben = "ben@roads.example"
    found = written(cert(contact_email=f"{CONTACT}, {ben}", last="2026-12-01"))
    assert {CONTACT, ben, SECURITY, OWNER} == set(found)
    assert [[CONTACT], [ben]] == [[to.addr_spec for to in found[one]["To"].addresses] for one in (CONTACT, ben)]
    assert ben not in text(found[CONTACT])
    assert f"Who is told:          {CONTACT}, {ben}" in text(found[SECURITY])


def test_who_is_told_in_place_of_a_contact_reads_why_and_gets_no_copy_of_the_same() -> None:
    found = written(cert(contact_email="nobody", last="2026-11-24"))[SECURITY]
    assert "Certificate of a.x ended on 24 November 2026" == found["Subject"]
    assert "This certificate has ended, and nothing took over from it." in text(found)
    assert "It has no contact that can be told, so this goes to the security contact of the agency." in text(found)
    assert "For your information" not in text(found)


def test_no_answer_asks_for_a_key(sent: dict[str, EmailMessage]) -> None:
    words = re.sub(r"a\s+new\s+key|Never send the key", "", text(sent[CONTACT]) + text(sent[CONTACT], "html"))
    assert "retired: REFERENCE" in words
    assert [] == re.findall(r"(?i)\bkeys?\b", words)


EVE = "eve@evil.example"


@pytest.mark.parametrize(
    ("contact", "allowed", "refused", "to", "expected"),
    [
        (CONTACT, (), (CONTACT,), SECURITY, f"Its contact, {CONTACT}, cannot be told, so this goes to the security contact of the agency."),
        (EVE, ("roads.example",), (), SECURITY, f"Its contact, {EVE}, cannot be told, so this goes to the security contact of the agency."),
        (
            CONTACT,
            (),
            (CONTACT, SECURITY),
            OWNER,
            f"Its contact, {CONTACT}, cannot be told, nor has its agency a security contact that can be",
        ),
        (
            "",
            (),
            (SECURITY,),
            OWNER,
            "It has no contact that can be told, nor has its agency a security contact that can be, so this goes to",
        ),
    ],
    ids=["refused", "domain", "both refused", "no contact"],
)
def test_who_is_told_instead_reads_which_contact_was_passed_over(
    contact: str, allowed: tuple[str, ...], refused: tuple[str, ...], to: str, expected: str
) -> None:
    chosen = Settings(
        organization=Organization(service_owner=OWNER), notices=Notices(allowed_domains=allowed, copy_at=(), digest_on="never")
    )
    log = tuple(tried("failed", to=one, message_id=f"<{one}>") for one in refused)
    found = written(cert(contact_email=contact), log=log, settings=chosen)[to]
    assert expected in text(found)
    assert expected in text(found, "html")


@pytest.mark.parametrize(
    ("mine", "copied", "expected"),
    [
        (("2026-12-20",), "2026-11-24", "1 of 2 certificates has ended, on 24 November 2026"),
        (("2026-11-25", "2026-11-24"), "2026-12-01", "2 of 3 certificates have ended, the first on 24 November 2026"),
        ((), "2026-11-24", "For your information: certificate of z.x ended on 24 November 2026"),
        (("2026-11-25", "2026-11-24"), None, "2 certificates have ended, the first on 24 November 2026"),
    ],
)
def test_the_subject_tells_of_the_most_urgent_be_it_a_copy(mine: tuple[str, ...], copied: str | None, expected: str) -> None:
    rows = [cert(f"C{number}", f"{number}.x", last=last, contact_email=SECURITY) for number, last in enumerate(mine)]
    rows += [cert("C9", "z.x", last=copied)] if copied else []
    chosen = Settings(notices=Notices(copy_at=("second-notice", "expired"), digest_on="never"))
    assert expected == written(*rows, settings=chosen)[SECURITY]["Subject"]


def test_a_notice_in_doubt_is_written_again_with_its_message_id_and_after_a_second_doubt_no_more() -> None:
    log = (tried("sending", of="C1"),)
    assert "<m1@x>" == written(cert(), log=log)[CONTACT]["Message-ID"]
    assert {} == written(cert(), log=log * 2)


def test_files_are_the_same_bytes_every_time_and_named_by_their_message_id(tmp_path: Path) -> None:
    books = office(*ROWS)
    paths = notice_mail.write(books, SETTINGS, AS_OF, tmp_path / "a", TEMPLATES)
    again = notice_mail.write(office(*reversed(ROWS)), SETTINGS, AS_OF, tmp_path / "b", TEMPLATES)
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]
    assert [notice_mail.path_of(message_of(path.read_bytes()).message_id) for path in paths] == [f"notices/{path.name}" for path in paths]
    served = {one.address: len(one.served) for one in notice_mail.messages(books, SETTINGS, AS_OF, TEMPLATES) if one.served}
    assert {CONTACT: 3, SECURITY: 1, OWNER: 1} == served


def test_the_key_guard_reads_what_a_message_says(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ==\n" * 20 + "-----END PRIVATE KEY-----\n"
    message = EmailMessage()
    message.set_content(key, cte="base64")
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices" / "one.eml").write_bytes(message.as_bytes())
    with pytest.raises(key_guard.KeyFoundError, match=r"notices/one\.eml"):
        key_guard.no_private_key(tmp_path)


def test_a_template_that_is_spoilt_is_named(tmp_path: Path) -> None:
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices" / "message.txt.j2").write_text("{{ nothing_of_the_sort }}", encoding="utf-8")
    with pytest.raises(PublishError, match=r"notices/message\.txt\.j2"):
        notice_mail.messages(office(cert()), WITHOUT_DIGEST, AS_OF, tmp_path)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ("2026-12-03 23:59", "2026-11-25"),  # a Thursday; between them lies Thanksgiving
        ("2026-12-05 23:59", "2026-11-27"),  # a Saturday: five business days before the Friday
        ("2026-12-04 16:59", "2026-11-25"),  # ends before the desk closes
        ("2026-12-04 17:00", "2026-11-27"),
        ("2008-01-03 23:59", None),  # the calendar begins
        ("2044-01-03 23:59", None),  # and ends
    ],
)
def test_the_last_safe_day_to_ask_leaves_five_business_days_before_the_end(ends: str, expected: str | None) -> None:
    (found,) = last_safe_days(local(ends), desk_time(), 5)
    assert expected == (None if pd.isna(found) else f"{found:%Y-%m-%d}")


@pytest.mark.parametrize(
    ("period", "n", "value", "expected"),
    [
        (
            "FY2027-YTD",
            72,
            6.57,
            "Of 72 renewals asked for in FY2027 so far with the hours told, nine in ten were done within 6.6 business days; the promise",
        ),
        (
            "FY2026",
            10,
            4.0,
            "Of 10 renewals asked for in FY2026 with the hours told, nine in ten were done within 4.0 business days; the promise",
        ),
        ("FY2027-YTD", 9, 4.0, "Too few renewals were asked for lately to say how long the desk takes; the promise is 5 business days."),
        ("FY2027-YTD", 72, None, "Too few renewals were asked for lately to say how long the desk takes"),
    ],
)
def test_the_lead_time_is_what_was_measured_of_enough_renewals(period: str, n: int, value: float | None, expected: str) -> None:
    row = {"measure": "completion-time-p90", "period": period, "dimension": "kind", "member": "renew", "unit": "business days"}
    assert lead_time(MEASURES.frame([row | {"n": n, "value": value}]), SETTINGS, AS_OF).startswith(expected)
