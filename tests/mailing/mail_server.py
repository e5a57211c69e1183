"""A real mail server on this machine, in a process of its own: STARTTLS, a login, and a mood that the name of each recipient asks for.

What it took stands in a file, a line a message, written before it answers. The process is forked while this one has no threads, so that
tests may fork theirs in turn.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
import logging
import os
import signal
import socket
import ssl
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.mailing.server import Login
from pipeline.notices.message import REPETITION
from pipeline.settings import Smtp

HOST, USER, PASSWORD = "127.0.0.1", "certledger", "correct horse"
NO_SUCH_USER, POLICY, FULL, BAD_SENDER = "550 5.1.1 no such user", "554 5.7.1 relay denied", "552 5.3.4 too big", "550 5.1.0 who are you"
AFTER_DATA = {"full": FULL, "bad": "554 transaction failed", "unknown": "550 5.1.1 no such user"}
LATER = "451 4.7.1 try later\r\n250 ok"
WORDS = "550 5.1.1 user\x1b[31m -----BEGIN PRIVATE KEY----- to: eve@x.gov"


@dataclass(frozen=True)
class Taken:
    """A message that the server took."""

    sender: str
    to: list[str]
    message_id: str
    subject: str
    is_marked: bool
    data: str


@dataclass(frozen=True)
class Post:
    """A running server, and where what it took is written."""

    smtp: Smtp
    box: Path
    certificate: Path
    process: int

    login = Login(USER, PASSWORD)

    def taken(self) -> list[Taken]:
        lines = self.box.read_text(encoding="ascii").splitlines() if self.box.exists() else []
        return [Taken(**json.loads(line)) for line in lines]

    def empty(self) -> None:
        """Forget what was taken so far."""
        self.box.unlink(missing_ok=True)

    def stop(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


class Moods:
    """What happens to a message, by the first word of its recipient's name. Counts are by address, so each test uses its own."""

    def __init__(self, box: Path) -> None:
        self.box = box
        self.times: Counter[str] = Counter()

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if address.startswith("refused-sender"):
            return BAD_SENDER
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        mood = address.partition("-")[0]
        self.times[address] += 1
        said = {"gone": NO_SUCH_USER, "policy": POLICY, "words": WORDS, "plain": "550 no", "failing": "554 no", "never": "451 4.2.2 full"}
        if mood == "later" and self.times[address] <= 2:
            return "451 4.7.1 try later"
        if mood == "cut" and self.times[address] == 1:
            server.transport.abort()
        if mood == "goodbye" and self.times[address] == 1:
            return "421 4.3.2 going down"
        envelope.rcpt_tos.append(address)
        return said.get(mood, "250 ok")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        mood, is_first = address.partition("-")[0], self.times[address] == 1
        if mood == "dropped" and is_first:  # before it is taken
            server.transport.abort()
            return ""
        if mood in AFTER_DATA:
            return AFTER_DATA[mood]
        self._keep(envelope)
        if mood == "mute" or (mood == "lost" and is_first):  # taken, and no answer
            server.transport.abort()
        return "nonsense" if mood == "nonsense" and is_first else "250 ok"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        head = message_from_bytes(content)
        taken = Taken(
            envelope.mail_from or "", envelope.rcpt_tos, head["Message-ID"], head["Subject"], REPETITION in head, content.decode("latin-1")
        )
        with self.box.open("a", encoding="ascii") as stream:
            stream.write(json.dumps(taken.__dict__) + "\n")


def started(folder: Path, *, offers_tls: bool = True, security: str = "starttls") -> Post:
    """A server with a certificate of its own below `folder`, listening when this returns."""
    certificate, box = folder / "certificate.pem", folder / "taken.jsonl"
    key = folder / "key.pem"
    _make_certificate(certificate, key)
    line = socket.create_server((HOST, 0))
    process = forked(lambda: _serve(line, Moods(box), certificate, key, offers_tls=offers_tls, security=security))
    port = line.getsockname()[1]
    line.close()
    return Post(Smtp.model_validate({"host": HOST, "port": port, "security": security}), box, certificate, process)


def forked(work: Callable[[], None]) -> int:
    """The id of a new process that does `work` and ends with 0, or with 1 and a word on stderr where it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest-xdist has a thread, which holds no lock that the child needs
        child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    finally:  # the child must never come back into the test
        os._exit(status)


def _serve(line: socket.socket, moods: Moods, certificate: Path, key: Path, *, offers_tls: bool, security: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    logging.disable()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    is_tls = security == "tls"
    chosen: dict[str, Any] = {"authenticator": _authenticated, "auth_required": True}
    if offers_tls and not is_tls:
        chosen |= {"tls_context": context, "require_starttls": True}
    else:
        chosen |= {"auth_require_tls": False}

    async def serve() -> None:
        def smtp() -> SMTP:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return SMTP(moods, **chosen)

        server = await asyncio.get_running_loop().create_server(smtp, sock=line, ssl=context if is_tls else None)
        await server.serve_forever()

    asyncio.run(serve())


def _authenticated(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def _make_certificate(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key.write_bytes(private.private_bytes(*kind))
