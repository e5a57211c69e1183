"""Handing messages over, one after the other, each with its lines in the journal before and after.

`sending` is on the disk before the server hears of the message, and what became of it before the next one. So whatever stops the program,
the journal says of each message that it was not sent, that it was, or that it may have been; never less.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.mailing.server import NoAnswerError, NotTakenError, UnreachableError
from pipeline.notices.journal_lines import as_line
from pipeline.notices.message import Message, as_repetition
from pipeline.notices.outbox import ToSend

NOT_TRIED = "it was not tried"
_ONCE_MORE = "the next call sends it once more, marked"
_AFTER_THE_LAST_TIME = "it was the second time, so it is not sent again: ask whom it is for, or look into the log of the mail server"
ALIKE = 10  # so many refused for one reason that is not their addresses', and none taken: the rest would be too
PAUSES = (0.0, 30.0, 120.0)  # seconds before each round: who was put off ("451, try later") is asked again, together


class Server(Protocol):
    """What takes messages: `pipeline.mailing.server.MailServer`."""

    def connect(self) -> None:
        """Be ready, or raise `UnreachableError`."""

    def hand_over(self, address: str, data: bytes) -> None:
        """Take the message, or raise `NotTakenError` or `NoAnswerError`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a delivery needs of the world: the clock, a pause in seconds, and a journal that keeps a line about a message.

    `keep(at, line)` returns when the line, of that instant, is on the disk.
    """

    now: Callable[[], dt.datetime]
    pause: Callable[[float], None]
    keep: Callable[[dt.datetime, str], None]

    def note(self, message: Message, state: str, why: str = "", *, is_lasting: bool = False, is_staged: bool = False) -> None:
        """Keep a line of this moment."""
        at = self.now()
        self.keep(at, as_line(message, state, at, why, is_lasting=is_lasting, is_staged=is_staged))


@dataclass(slots=True)
class Delivered:
    """What became of the messages: those that were sent, those sent that may have come before, and why each other was not."""

    sent: list[Message] = field(default_factory=list)
    repeated: list[Message] = field(default_factory=list)
    not_sent: dict[Message, str] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def is_in_vain(self) -> str:
        """Why trying more is in vain: the server took none, and refused several for one reason that is no address's; else ""."""
        return "" if self.sent or self.repeated else next((why for why, many in self.refusals.items() if many >= ALIKE), "")


def stage(to_send: Sequence[ToSend], around: Surroundings) -> None:
    """Say in the journal of all messages that they are about to be sent, for a machine whose memory is kept before it sends anything."""
    for one in to_send:
        around.note(one.message, "sending", is_staged=True)


def take_back(to_send: Sequence[ToSend], around: Surroundings, why: str = NOT_TRIED) -> None:
    """Say of staged messages that they were not sent after all, so that they are not in doubt."""
    for one in to_send:
        around.note(one.message, "failed", why)


def deliver(to_send: Sequence[ToSend], server: Server, around: Surroundings, *, is_staged: bool = False) -> Delivered:
    """Hand the messages over in their order; those that the server does not take now are tried again, after each of `PAUSES`.

    `is_staged`: the journal says of all that they are about to be sent. Where the server cannot be reached the rest is not tried.
    Raises what keeping a line raises; then nothing more is sent.
    """
    found = Delivered()
    staged = {one.message.message_id for one in to_send} if is_staged else set()
    waiting = list(to_send)
    for seconds in PAUSES:
        around.pause(seconds)
        waiting = _round(waiting, server, around, staged, found)
        if not waiting:
            break
    take_back([one for one in waiting if one.message.message_id in staged], around)
    return found


def _round(waiting: Sequence[ToSend], server: Server, around: Surroundings, staged: set[str], found: Delivered) -> list[ToSend]:
    """Try each once; those that may be taken in some minutes."""
    again: list[ToSend] = []
    for place, one in enumerate(waiting):
        if found.is_in_vain:
            found.not_sent.update({each.message: found.is_in_vain for each in waiting[place:]})
            take_back([each for each in waiting[place:] if each.message.message_id in staged], around)
            staged.clear()
            return []
        try:
            server.connect()
        except UnreachableError as error:
            rest = list(waiting[place:])
            found.not_sent.update({each.message: str(error) for each in rest})
            return again + rest
        data = as_repetition(one.message.data) if one.may_be_repetition else one.message.data
        staged.discard(one.message.message_id)
        around.note(one.message, "sending")
        if _is_put_off(one, data, server, around, found):
            again.append(one)
    return again


def _is_put_off(one: ToSend, data: bytes, server: Server, around: Surroundings, found: Delivered) -> bool:
    """Hand one message over and keep what became of it; whether it may be taken in some minutes."""
    message = one.message
    found.not_sent.pop(message, None)
    try:
        server.hand_over(message.address, data)
    except NotTakenError as error:
        around.note(message, "failed", str(error), is_lasting=error.is_lasting)
        found.not_sent[message] = str(error)
        if not error.is_lasting and not error.is_for_now:
            found.refusals[str(error)] += 1
        return error.is_for_now
    except NoAnswerError as error:
        around.note(message, "in-doubt", str(error))
        found.not_sent[message] = f"{error}: it may have come; {_AFTER_THE_LAST_TIME if one.is_last_time else _ONCE_MORE}"
    else:
        around.note(message, "sent")
        (found.repeated if one.may_be_repetition else found.sent).append(message)
    return False
