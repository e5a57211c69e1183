"""What a mail server says and does, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail_addresses import is_address
from pipeline.mailing.server import Login, MailServer, NoAnswerError, NotTakenError, UnreachableError, on_the_wire
from pipeline.settings import Smtp
from tests.mailing.mail_server import Post, started

SENDER = "certificates@example.gov"
HELLO = b"From: certificates@example.gov\r\nTo: ada@x.gov\r\nMessage-ID: <1@x>\r\nSubject: One\r\n\r\nHello\r\n"


@contextmanager
def server(post: Post, sender: str = SENDER) -> Iterator[MailServer]:
    with MailServer(post.smtp, post.login, sender) as one:
        one.connect()
        yield one


def test_a_message_goes_out_byte_for_byte_over_an_encrypted_connection(post: Post) -> None:
    text = HELLO + b"\r\n.\r\n..two points\r\nQUIT\r\n"
    with server(post) as one:
        one.hand_over("ada@x.gov", text)
    (taken,) = post.taken()
    assert (SENDER, ["ada@x.gov"], text.decode()) == (taken.sender, taken.to, taken.data)


@pytest.mark.parametrize(
    ("address", "why", "is_lasting", "is_for_now"),
    [
        ("gone-1@x.gov", "the mail server refuses the address (550 5.1.1)", True, False),
        ("full-1@x.gov", "the mail server refuses the message (552 5.3.4)", False, False),
        ("bad-1@x.gov", "the mail server refuses the message (554)", False, False),
        ("unknown-1@x.gov", "the mail server refuses the address (550 5.1.1)", True, False),
        ("plain-1@x.gov", "the mail server refuses the address (550)", True, False),
        ("failing-1@x.gov", "the mail server refuses the message when told the address, and not for the address (554)", False, False),
        ("policy-1@x.gov", "the mail server refuses us, not the address, when told the address (554 5.7.1)", False, False),
        ("later-1@x.gov", "the mail server does not take the address now (451 4.7.1)", False, True),
        ("goodbye-1@x.gov", "the mail server does not take the address now (421 4.3.2)", False, True),
        ("cut-1@x.gov", "the connection was lost before the message was handed over", False, True),
        ("words-1@x.gov", "the mail server refuses the address (550 5.1.1)", True, False),
    ],
)
def test_what_is_not_taken_is_known_not_to_be_there(address: str, why: str, is_lasting: bool, is_for_now: bool, post: Post) -> None:
    with server(post) as one:
        with pytest.raises(NotTakenError) as refused:
            one.hand_over(address, HELLO)
        assert (why, is_lasting, is_for_now) == (str(refused.value), refused.value.is_lasting, refused.value.is_for_now)
        one.connect()
        one.hand_over("ada@x.gov", HELLO)
    assert [["ada@x.gov"]] == [taken.to for taken in post.taken()]


@pytest.mark.parametrize(("address", "came"), [("dropped-1@x.gov", 0), ("lost-1@x.gov", 1), ("nonsense-1@x.gov", 1)])
def test_without_an_answer_nobody_knows(address: str, came: int, post: Post) -> None:
    with server(post) as one, pytest.raises(NoAnswerError, match="lost before the mail server answered"):
        one.hand_over(address, HELLO)
    assert came == len(post.taken())


def test_a_sender_that_is_refused_says_nothing_about_the_address(post: Post) -> None:
    with server(post, "refused-sender@x.gov") as one, pytest.raises(NotTakenError, match="refuses us") as refused:
        one.hand_over("ada@x.gov", HELLO)
    assert not refused.value.is_lasting


def test_a_server_without_starttls_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = started(tmp_path, offers_tls=False)
    try:
        with pytest.raises(UnreachableError, match="offers no STARTTLS"), server(plain):
            pass
    finally:
        plain.stop()


def test_a_server_with_tls_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    implicit = started(tmp_path, security="tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(implicit.certificate))
    try:
        with server(implicit) as one:
            one.hand_over("ada@x.gov", HELLO)
        assert 1 == len(implicit.taken())
    finally:
        implicit.stop()


def test_why_there_is_no_connection(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def why(smtp: Smtp, login: Login = post.login) -> str:
        with pytest.raises(UnreachableError) as error:
            MailServer(smtp, login, SENDER).connect()
        assert "correct" not in f"{error.value!r} {error.value.__cause__!r} {login!r}"
        return str(error.value).partition(": ")[2]

    assert "the mail server does not accept the login" == why(post.smtp, Login("certledger", "incorrect horse"))
    assert "user or password hold characters that cannot be sent" == why(post.smtp, Login("certledger", "größe"))
    assert "nothing listens there" == why(post.smtp.model_copy(update={"port": 1}))
    assert "no encrypted connection could be made; is [smtp] security as the port needs it?" == why(
        post.smtp.model_copy(update={"security": "tls"})
    )
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    assert "the certificate of the mail server is not trusted on this machine, or is for another name" == why(post.smtp)


EVIL = st.text(st.sampled_from("a.@\r\n\t\0 <>,;:\"'=?é\u2028"), max_size=12)
ADDRESSES = EVIL | st.builds("ada@x.gov{}".format, EVIL) | st.builds("{}ada@x.gov".format, EVIL) | st.emails()


def only_one_address_reaches_the_envelope(post: Post, text: str, one: MailServer) -> None:
    """MAIL FROM and RCPT TO carry an address and nothing else, or are never said."""
    post.empty()
    if is_address(text):
        one.connect()
        one.hand_over(text, HELLO)
        assert [(SENDER, [text])] == [(taken.sender, taken.to) for taken in post.taken()]
    else:
        with pytest.raises(ValueError, match="not an e-mail address"):
            one.hand_over(text, HELLO)
        with pytest.raises(ValueError, match="not an e-mail address"):
            MailServer(post.smtp, post.login, text)
        assert [] == post.taken()


def test_only_one_address_reaches_the_envelope(post: Post) -> None:
    with server(post) as one:
        given(ADDRESSES)(lambda text: only_one_address_reaches_the_envelope(post, text, one))()


@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"MAIL FROM:<eve@x.gov>", b"DATA", b"a", b".."]), max_size=30).map(b"".join))
def test_no_text_of_a_message_ends_it_early(text: bytes) -> None:
    wire = on_the_wire(text)
    *lines, last, nothing = wire.split(b"\r\n")
    assert (b".", b"") == (last, nothing)
    assert b"." not in lines
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    undone = [line.removeprefix(b".") for line in lines]
    said = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert said.removesuffix(b"\n") == b"\n".join(undone)


def test_a_login_is_never_shown() -> None:
    assert "Login(...)" == repr(replace(Login("certledger", "secret"), user="other"))
