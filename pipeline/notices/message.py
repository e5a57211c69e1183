"""A message about the ends of certificates: what the run writes as a file, and what is handed to the mail server, byte for byte.

The run writes each as `notices/<name>.eml` below its folder. Sending reads those files and the published table `notices`: the rows whose
`message_id` a message has are the notices it serves. A message without such rows, a copy or a digest, is known by its Message-ID alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser

import pandas as pd

from pipeline.mail_addresses import is_address, is_message_id

FOLDER = "notices"
# Lines end as on the wire, and every byte is ASCII: any server takes such a message, and nobody on its way writes it anew.
POLICY = policy.SMTP.clone(cte_type="7bit")
REPETITION = "X-Certledger-May-Be-A-Repetition"
_MARK = "[May have come before] "


class NotAMessageError(ValueError):
    """A file that cannot be handed to a mail server as it is; the text says why, and shows nothing of it."""


@dataclass(frozen=True, slots=True, order=True)
class Served:
    """A notice that a message serves: a certificate at one threshold. `ends_at` is the last second of its validity, UTC.

    `kind` is that of NOTICES, and goes into the journal with it: a copy that was sent leaves the notice itself due. `beside` are the other
    addresses of the contact, which the run told, or tells, in messages of their own.
    """

    certificate: str
    days_before: int
    serial: str
    ends_at: pd.Timestamp
    due_on: pd.Timestamp | None = None
    kind: str = "notice"
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. `message_id` follows from what it tells and whom, so a run that is repeated makes the same.

    `served` are the notices that it serves, of each certificate the nearest; none of a copy or a digest. `data` are its bytes.
    """

    message_id: str
    address: str
    served: tuple[Served, ...]
    data: bytes


def message_of(data: bytes, served: tuple[Served, ...] = ()) -> Message:
    """The message in the bytes of an .eml file. Raises `NotAMessageError` unless it has one Message-ID and one recipient, each nothing
    else than that, no Cc and no Bcc, and is ASCII throughout."""
    if not data.isascii() or b"\0" in data:
        raise NotAMessageError("The message holds bytes that not every mail server takes.")
    try:
        parsed = _parsed(data)
        ids, to = parsed.get_all("Message-ID", []), parsed.get_all("To", [])
        others = [name for name in ("Cc", "Bcc", "Resent-To") if name in parsed]
    except (MessageError, ValueError, IndexError, TypeError, AttributeError) as error:  # what the parser raises for malformed headers
        raise NotAMessageError("The head of the message cannot be read.") from error
    if len(ids) != 1 or not is_message_id(message_id := str(ids[0]).strip()):
        raise NotAMessageError("The message has not exactly one Message-ID.")
    if len(to) != 1 or others or not is_address(address := str(to[0]).strip()):
        raise NotAMessageError("The message is not for exactly one address.")
    return Message(message_id, address, served, data)


def as_repetition(data: bytes) -> bytes:
    """The message, marked as one that may have come before: in its subject, for people, and in a header of its own. Marked once only."""
    parsed = _parsed(data)
    if REPETITION in parsed:
        return data
    subject = " ".join(str(parsed["Subject"] or "").split())  # in one line, whatever an encoded word of it stands for
    del parsed["Subject"]
    parsed["Subject"] = subject if subject.startswith(_MARK) else f"{_MARK}{subject}"
    parsed[REPETITION] = "the mail server did not answer the first time"
    return parsed.as_bytes()


def _parsed(data: bytes) -> EmailMessage:
    return BytesParser(_class=EmailMessage, policy=POLICY).parsebytes(data)
