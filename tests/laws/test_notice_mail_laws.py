"""Laws of the messages: whatever stands in the books, a message has the headers that we wrote, goes to one address, and says what it says.

Each example is forty addresses and names; `make fuzz` tries ten thousand.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline import notices
from pipeline.contracts import AGENCIES, CERTIFICATES, HOSTS, NOTICE_LOG, Books
from pipeline.mail_addresses import addresses_in, is_address
from pipeline.notices.letters import letters
from pipeline.notices.message import message_of
from pipeline.publish import notice_mail
from pipeline.settings import Notices, Organization, Settings
from tests.conftest import ROOT
from tests.massachusetts import closed_days, desk_time
from tests.measuring import certificate
from tests.publish import bookkeeping

AS_OF = dt.date(2026, 11, 26)
OWNER = "owner@example.gov"
SETTINGS = Settings(
    organization=Organization(service_owner=OWNER), notices=Notices(reply_to="desk@example.gov", list_id="notices.example.gov")
)
HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id", "MIME-Version", "Content-Type"]
A_MESSAGE = 40
SIGNS = "abz019.-_+@@@,;:\"'<>()[]\\ \t\r\n\0\x0b\x85\u2028\u202e\u2066\u200b\ufeffé漢😀=?&%"
hostile = st.text(st.sampled_from(SIGNS), max_size=24)
addresses = st.one_of(
    hostile,
    st.builds("{}@{}".format, hostile, st.sampled_from(["x.gov", "x.gov\r\nBcc: eve@evil.example", "x.gov, eve@evil.example"])),
    st.builds("{}@x.gov".format, st.text(st.sampled_from("abz09.!#$%&'*+/=?^_`{|}~-"), min_size=1, max_size=64)),
)
names = st.one_of(hostile, st.text(max_size=200), st.builds("{}\r\nBcc: eve@evil.example\r\n\r\n{}".format, hostile, hostile))
rows = st.lists(st.tuples(addresses, names), min_size=A_MESSAGE, max_size=A_MESSAGE)


def messages(pairs: list[tuple[str, str]]) -> tuple[list[EmailMessage], list[bytes], dict[str, str]]:
    """The messages about a certificate for each (contact, name): the name is its common name, order, tier and its agency's name.

    Their bytes too, and the subject of each of a notice as it was written, by Message-ID.
    """
    certificates, agencies = [], []
    for number, (contact, name) in enumerate(pairs):
        row: dict[str, Any] = certificate(f"C{number}", f"A{number}", "", "2026-01-01", f"2026-12-{1 + number % 20:02d}")
        certificates.append(row | {"contact_email": contact, "common_name": name, "order_id": name, "tier": name})
        agencies.append({"agency": f"A{number}", "name": name, "security_contact": contact})
    tables = CERTIFICATES.frame(certificates), HOSTS.empty(), AGENCIES.frame(agencies), NOTICE_LOG.empty()
    owed = notices.notices(*tables, SETTINGS, AS_OF)
    books: Books = bookkeeping.books([], certificates=tables[0], agencies=tables[2], notices=owed.table, closed_days=closed_days())
    made = [message.data for message in notice_mail.messages(books, SETTINGS, AS_OF, Path(ROOT / "templates"))]
    written = {one.message_id: notice_mail.subject(one, SETTINGS) for one in letters(owed.table, tables[0], desk_time(), SETTINGS, AS_OF)}
    return [email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.default) for data in made], made, written


@settings(max_examples=settings.default.max_examples // 12)
@given(rows)
@example(
    [
        ("=?utf-8?q?eve?=@x.gov", "=?utf-8?q?=0d=0aBcc:_eve=40evil.example?="),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.gov", "x" * 4096),
    ]
)
def test_a_message_has_the_headers_that_we_wrote_and_one_address(pairs: list[tuple[str, str]]) -> None:
    allowed = {address for contact, _ in pairs for address in addresses_in(contact)} | {OWNER}
    parsed, made, written = messages(pairs)
    for message, data in zip(parsed, made, strict=True):
        assert HEADERS == message.keys()
        assert [] == [defect for part in message.walk() for defect in part.defects]
        assert [] == [defect for value in message.values() for defect in value.defects]
        assert message["To"] in allowed
        assert is_address(message["To"])
        assert 1 == len(message["To"].addresses)
        subject = message["Subject"]
        assert written.get(message["Message-ID"], subject).split() == subject.split()
        assert subject == subject.strip()
        assert message_of(data).address == message["To"]
        assert max(map(len, data.split(b"\r\n"))) <= 998
        assert ["text/plain", "text/html"] == [part.get_content_type() for part in message.iter_parts()]
        for part in message.iter_parts():
            assert {"Content-Type", "Content-Transfer-Encoding"} == {*part.keys()} - {"MIME-Version"}
            text = part.get_content()
            assert [] == [sign for sign in text if sign not in "\r\n" and notice_mail.words.neutral(sign) != sign]
            assert "<script" not in text
    assert allowed == {message["To"] for message in parsed}
