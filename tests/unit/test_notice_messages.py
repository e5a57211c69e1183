"""Messages of notices: what is one, and how one that may have come before is marked."""

from __future__ import annotations

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest

from pipeline.mail_addresses import is_address
from pipeline.notices.message import POLICY, REPETITION, NotAMessageError, as_repetition, message_of
from pipeline.settings import NoticeAnswers, Notices, Publish, Section

HEAD = b"From: certificates@example.gov\r\nTo: ada@roads.example\r\nSubject: One\r\nMessage-ID: <a1@example.gov>\r\n\r\n"


def written(**more: str) -> bytes:
    message = EmailMessage(policy=POLICY)
    heads = {
        "From": "certificates@example.gov",
        "To": "ada@roads.example",
        "Subject": "Two certificates end",
        "Message-ID": "<a1@example.gov>",
    }
    for name, text in (heads | more).items():
        message[name] = text
    message.set_content("Größe: 2048\n.\nFrom here\n")
    message.add_alternative("<p>Größe</p>", subtype="html")
    message.set_boundary("=_a1")
    return message.as_bytes()


def test_a_file_tells_its_message_id_and_whom_it_is_for() -> None:
    found = message_of(written())
    assert ("<a1@example.gov>", "ada@roads.example", (), written()) == (found.message_id, found.address, found.served, found.data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (HEAD.replace(b"To: ada@roads.example", b"To: ada@roads.example, eve@x.gov"), "exactly one address"),
        (HEAD.replace(b"To: ada@roads.example", b"To: Ada <ada@roads.example>"), "exactly one address"),
        (HEAD.replace(b"To: ada@roads.example\r\n", b""), "exactly one address"),
        (HEAD.replace(b"Subject", b"To: eve@x.gov\r\nSubject"), "exactly one address"),
        (HEAD.replace(b"Subject", b"Cc: eve@x.gov\r\nSubject"), "exactly one address"),
        (HEAD.replace(b"Subject", b"Bcc: eve@x.gov\r\nSubject"), "exactly one address"),
        (HEAD.replace(b"<a1@example.gov>", b"a1"), "exactly one Message-ID"),
        (HEAD.replace(b"Message-ID: <a1@example.gov>\r\n", b""), "exactly one Message-ID"),
        (HEAD + "Größe".encode(), "bytes that not every"),
        (HEAD + b"a\0b", "bytes that not every"),
        (b"", "exactly one Message-ID"),
    ],
)
def test_what_is_not_one_message_to_one_address_is_none(data: bytes, why: str) -> None:
    with pytest.raises(NotAMessageError, match=why):
        message_of(data)


def test_a_repetition_has_one_subject_whatever_an_encoded_word_stands_for() -> None:
    marked = as_repetition(HEAD.replace(b"Subject: One", b"Subject: =?utf-8?q?One=0D=0ABcc:_eve@x.gov?="))
    assert b"\r\nBcc" not in marked
    assert "ada@roads.example" == message_of(marked).address


@pytest.mark.parametrize(
    "text", ["=?utf-8?q?eve?=@x.gov", "a@x.gov, eve@x.gov", "Ada <a@x.gov>", "a@x.gov\n", "a@x.gov\r\nBcc: eve@x.gov", "ä@x.gov", ""]
)
def test_what_is_not_one_address_is_none_for_messages_and_settings(text: str) -> None:
    assert not is_address(text)
    with pytest.raises(ValueError, match="not one e-mail address"):
        Notices(sender=text)


def test_settings_of_messages_are_one_address_or_none_a_name_of_a_list_and_an_address_of_a_site() -> None:
    assert ("", "") == (Notices(reply_to="").reply_to, NoticeAnswers(retired="").retired)
    wrong: list[tuple[type[Section], dict[str, str]]] = [
        (Notices, {"reply_to": "a@x.gov, b@x.gov"}),
        (Notices, {"list_id": "a.b>\r\nBcc: eve@x.gov"}),
        (Notices, {"list_id": "notices.x.gov\n"}),
        (NoticeAnswers, {"new_contact": "nobody"}),
        (Publish, {"site_address": "javascript:alert(1)"}),
        (Publish, {"site_address": 'https://x.gov/"onclick='}),
    ]
    for section, values in wrong:
        with pytest.raises(ValueError, match=next(iter(values))):
            section(**values)


def test_a_repetition_says_so_in_its_subject_and_keeps_all_else() -> None:
    marked = as_repetition(written())
    first, again = (BytesParser(policy=default).parsebytes(data) for data in (written(), marked))
    assert "[May have come before] Two certificates end" == again["Subject"]
    assert again[REPETITION]
    assert [first[name] for name in ("From", "To", "Message-ID")] == [again[name] for name in ("From", "To", "Message-ID")]
    assert [part.get_content() for part in first.iter_parts()] == [part.get_content() for part in again.iter_parts()]
    assert message_of(written()).address == message_of(marked).address
    assert marked == as_repetition(marked)
