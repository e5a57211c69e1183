"""Which messages of a published run are still to be handed over, by what the journal of sending says now: it may know more than the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.notices.message import Message, Served
from pipeline.notices.tried import Journal, Try

REFUSED = "the mail server refused the address; the next run tells whoever is next in line"
SENT_TWICE = "it was handed over twice without an answer, so it may have come; it is not sent again"
_NOTICE = "notice"
OUT_OF_DATE = "the journal tells of its certificates since the run was published; publish a new one with `certledger run`"


@dataclass(frozen=True, slots=True)
class ToSend:
    """A message that is to be handed over; `may_be_repetition` where it may have come before. `is_last_time`: it was handed over before
    without an answer, so that without one now it is not sent again."""

    message: Message
    may_be_repetition: bool = False
    is_last_time: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A message that is not to be handed over although nobody is known to have got it, and why."""

    message: Message
    why: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """What is to be sent, soonest end first; what is held back; and how many messages the journal says were sent already."""

    to_send: tuple[ToSend, ...]
    held: tuple[Held, ...]
    sent_before: int


def outbox(messages: Iterable[Message], log: pd.DataFrame) -> Outbox:
    """What is to become of `messages` after NOTICE_LOG `log`: each is sent once, once more where it is in doubt, and never after that.

    A message whose certificates another message has told of since, or may have told the same address of, is held: the run that wrote it
    did not know. The messages to the other addresses of a contact are no such ones.
    """
    journal = Journal(log)
    by_id: dict[str, list[Try]] = {}
    for one in journal.tries:
        by_id.setdefault(one.message_id, []).append(one)
    to_send: list[ToSend] = []
    held: list[Held] = []
    before = 0
    for message in sorted(messages, key=_soonest_first):
        found = _judged(message, by_id.get(message.message_id, ()), journal)
        if isinstance(found, ToSend):
            to_send.append(found)
        elif isinstance(found, Held):
            held.append(found)
        else:
            before += 1
    return Outbox(tuple(to_send), tuple(held), before)


def _judged(message: Message, tries: Sequence[Try], journal: Journal) -> ToSend | Held | None:
    """None: it was sent."""
    if any(one.sent_at is not None for one in tries):
        return None
    if any(one.is_refused for one in tries):
        return Held(message, REFUSED)
    doubts = max((one.doubts for one in tries), default=0)
    unanswered = max((one.unanswered for one in tries), default=0)
    if unanswered > 1:
        return Held(message, SENT_TWICE)
    told = [_told_by_another(one, message, journal) for one in message.served]
    if told and all(one == "sent" for one in told):
        return None
    return Held(message, OUT_OF_DATE) if any(told) else ToSend(message, doubts == 1, is_last_time=unanswered == 1)


def _told_by_another(served: Served, message: Message, journal: Journal) -> str:
    """What the journal says of a notice in other messages: "sent", "in doubt" or "". A copy to somebody else is another one."""
    tries = [
        one
        for one in journal.of(served.certificate, served.serial, served.ends_at)
        if one.message_id != message.message_id
        and one.kind == served.kind
        and one.days_before <= served.days_before
        and (one.address not in served.beside if one.kind == _NOTICE else one.address == message.address)
    ]
    if any(one.sent_at is not None for one in tries):
        return "sent"
    doubts = (one.doubts and (one.days_before, one.address) == (served.days_before, message.address) for one in tries)
    return "in doubt" if any(doubts) else ""


def _soonest_first(message: Message) -> tuple[bool, pd.Timestamp, str, str]:
    """Digests, which no certificate waits for, come last."""
    ends = [one.ends_at for one in message.served]
    return not ends, min(ends, default=pd.Timestamp(0, tz="UTC")), message.address, message.message_id
