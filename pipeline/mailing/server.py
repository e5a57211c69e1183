"""The mail server of `[smtp]`: one connection, always encrypted, over which one message at a time is handed over.

What matters is when the server may have the message: from the moment on at which the first byte of it is on its way until an answer comes.
A connection that is lost before leaves it unsent for certain; one that is lost within leaves it in doubt. Nothing that the server says is
kept but its codes: its words could hold anything.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Self

from pipeline.mail_addresses import is_address
from pipeline.settings import Smtp

# RFC 5321 §4.5.3.2: a server may take five minutes to answer a command, and ten to answer the end of a message.
_CONNECT_SECONDS, _COMMAND_SECONDS, _ANSWER_SECONDS = 60, 300, 600
_LINE_END, _LEADING_POINT = re.compile(rb"\r\n|\r|\n"), re.compile(rb"(?m)^\.")
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\d)")
# Refusals that are about us, not about an address: a command not understood, not logged in, a policy (RFC 5321 §4.2.3, RFC 3463 §3.8).
_ABOUT_US, _POLICY = (*range(500, 505), 530, 534, 535, 538), "5.7."
# Refusals of an address: its mailbox is none, or takes nothing (RFC 3463 §3.2, §3.3), but for the codes that speak of the sender and of a
# message's length; and, of a server that says no such code, those of RFC 5321 §4.2.3 that answer the address itself.
_OF_ADDRESS, _NOT_OF_IT, _PLAINLY_OF_ADDRESS = ("5.1.", "5.2."), ("5.1.7", "5.1.8", "5.2.3"), (550, 551, 553)
_TAKEN, _GO_ON, _GOODBYE = range(200, 300), 354, 421

# Why there is no connection, in our words: the server's could hold anything, and the library's show what was sent. The first that fits.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "the mail server does not accept the login"),
    (smtplib.SMTPNotSupportedError, "the mail server offers no STARTTLS, or no way to log in; nothing is sent unencrypted"),
    (smtplib.SMTPException, "the mail server closed the connection, or does not speak SMTP"),
    (ssl.SSLCertVerificationError, "the certificate of the mail server is not trusted on this machine, or is for another name"),
    (ssl.SSLError, "no encrypted connection could be made; is [smtp] security as the port needs it?"),
    (socket.gaierror, "no machine of this name is known"),
    (TimeoutError, "no answer in time"),
    (ConnectionRefusedError, "nothing listens there"),
    (UnicodeError, "user or password hold characters that cannot be sent"),
    (Exception, "no connection could be made"),
)


class UnreachableError(Exception):
    """No message can be handed over at all; the text says why, in our words."""


class NotTakenError(Exception):
    """The server certainly does not have the message. `is_lasting`: it will never take it for this address. `is_for_now`: it may take it
    in some minutes. Neither: something has to be mended first."""

    def __init__(self, why: str, *, is_lasting: bool = False, is_for_now: bool = False) -> None:
        super().__init__(why)
        self.is_lasting, self.is_for_now = is_lasting, is_for_now


class NoAnswerError(Exception):
    """The message was on its way when the connection was lost: the server may have it."""


@dataclass(frozen=True, slots=True)
class Login:
    """User and password, never shown; both empty where the server asks for none."""

    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "Login(...)"


class MailServer:
    """A connection that is made when it is first needed, and again when it was lost; it ends with the `with` block."""

    def __init__(self, chosen: Smtp, login: Login, sender: str) -> None:
        """For messages from `sender`. Certificates are checked against the authorities that this machine trusts."""
        self._chosen, self._login, self._sender = chosen, login, _checked(sender)
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.goodbye()
        else:  # whatever it was may have come in the middle of a message
            self.drop()

    def connect(self) -> None:
        """Connect, encrypt and log in, unless there is a connection. Raises `UnreachableError`."""
        if self._connection is not None:
            return
        try:
            self._connection = self._connected()
        except (OSError, UnicodeError) as error:  # smtplib's own faults are OSErrors too
            why = next(words for kind, words in _REASONS if isinstance(error, kind))
            raise UnreachableError(f"{self._chosen.host}, port {self._chosen.port}: {why}") from None

    def drop(self) -> None:
        """Close the connection without a word."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def goodbye(self) -> None:
        """End the connection as is the custom."""
        if self._connection is not None:
            try:
                self._connection.quit()
            except OSError:
                self.drop()
            self._connection = None

    def hand_over(self, address: str, data: bytes) -> None:
        """Give the server the message `data` for the one `address`; when this returns, the server has taken it.

        Connect first. Raises `NotTakenError` or `NoAnswerError`; the connection may be gone then.
        """
        address, connection = _checked(address), self._connection
        if connection is None:
            raise NotTakenError("there was no connection to the mail server", is_for_now=True)
        try:
            for command, part in ((f"MAIL FROM:<{self._sender}>", "sender"), (f"RCPT TO:<{address}>", "address"), ("DATA", "message")):
                code, reply = connection.docmd(command)
                if code != _GO_ON if command == "DATA" else code not in _TAKEN:
                    raise self._refused(connection, code, reply, part)
        except OSError:
            self.drop()
            raise NotTakenError("the connection was lost before the message was handed over", is_for_now=True) from None
        try:
            code, reply = self._given(connection, on_the_wire(data))
        except OSError:
            self.drop()
            raise NoAnswerError("the connection was lost before the mail server answered") from None
        if code not in _TAKEN:
            raise self._refused(connection, code, reply, "message")

    def _given(self, connection: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        """The answer to a message. Raises `OSError`, also where what came is no answer to it."""
        line = connection.sock
        if line is None:
            raise NotTakenError("there was no connection to the mail server", is_for_now=True)
        line.settimeout(_ANSWER_SECONDS)
        connection.send(content)
        code, reply = connection.getreply()
        if code < 400 and code not in _TAKEN:
            raise OSError("no answer to a message")
        line.settimeout(_COMMAND_SECONDS)
        return code, reply

    def _refused(self, connection: smtplib.SMTP, code: int, reply: bytes, part: str) -> NotTakenError:
        """What it means that the server did not take `part`; the connection is made ready for the next message, or given up."""
        try:
            if code == _GOODBYE or connection.rset()[0] not in _TAKEN:
                self.drop()
        except OSError:
            self.drop()
        enhanced = _ENHANCED.match(reply)
        status = enhanced[0].decode("ascii") if enhanced else ""
        said = f"{code} {status}".strip() if code > 0 else "no answer that is one"
        if code < 500:
            return NotTakenError(f"the mail server does not take the {part} now ({said})", is_for_now=True)
        if part == "sender" or code in _ABOUT_US or status.startswith(_POLICY):
            return NotTakenError(f"the mail server refuses us, not the address, when told the {part} ({said})")
        if _is_of_address(part, code, status):
            return NotTakenError(f"the mail server refuses the address ({said})", is_lasting=True)
        what = "the message" if part == "message" else "the message when told the address, and not for the address"
        return NotTakenError(f"the mail server refuses {what} ({said})")

    def _connected(self) -> smtplib.SMTP:
        host, port, timeout = self._chosen.host, self._chosen.port, _CONNECT_SECONDS
        context = ssl.create_default_context()
        if self._chosen.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        else:
            connection = smtplib.SMTP(host, port, timeout=timeout)
        try:
            if self._chosen.security == "starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if self._login.user:
                connection.login(self._login.user, self._login.password)
            if connection.sock is not None:
                connection.sock.settimeout(_COMMAND_SECONDS)
        except BaseException:  # raised again: whatever it was, no half-made connection is left open
            connection.close()
            raise
        return connection


def _is_of_address(part: str, code: int, status: str) -> bool:
    """Whether this refusal of `part` will last for the address: a relay in a bad hour may refuse any message, and nobody's address is bad
    for that."""
    if status:
        return status.startswith(_OF_ADDRESS) and status not in _NOT_OF_IT
    return part == "address" and code in _PLAINLY_OF_ADDRESS


def on_the_wire(data: bytes) -> bytes:
    """The message as SMTP carries it: lines end in CRLF and nothing else, a leading point is doubled, a lone point ends it.

    So no text of a message can end it early and begin another.
    """
    lines = _LINE_END.sub(b"\r\n", data)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _LEADING_POINT.sub(b"..", lines) + b".\r\n"


def _checked(address: str) -> str:
    if not is_address(address):
        raise ValueError("not an e-mail address")
    return address
