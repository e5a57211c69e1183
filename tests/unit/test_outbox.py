"""Which messages of a published run are still handed over, by what the journal says when they are to be."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from pipeline.contracts import NOTICE_LOG
from pipeline.notices.journal_lines import as_line, rows_of
from pipeline.notices.message import Message
from pipeline.notices.outbox import OUT_OF_DATE, REFUSED, SENT_TWICE, outbox
from tests.mailing.letters import ENDS, letter, served

AT = dt.datetime(2026, 11, 26, 14, tzinfo=dt.UTC)
ADA = letter("ada@x.gov", served("C1"), served("C2"))
DIGEST = letter("office@x.gov")
STAGED = ", staged"


def log(*lines: tuple[Message, str] | tuple[Message, str, bool]) -> pd.DataFrame:
    told = [
        as_line(line[0], line[1].removesuffix(STAGED), AT, is_lasting=len(line) > 2, is_staged=line[1].endswith(STAGED)) for line in lines
    ]
    return NOTICE_LOG.frame([row for line in told for row in rows_of(line[:-1])])


def judged(message: Message, *lines: tuple[Message, str] | tuple[Message, str, bool]) -> str:
    found = outbox([message], log(*lines))
    return found.held[0].why if found.held else ("marked" if found.to_send[0].may_be_repetition else "sent") if found.to_send else "not"


@pytest.mark.parametrize("message", [ADA, DIGEST])
def test_a_message_is_sent_once_and_once_more_where_it_is_in_doubt(message: Message) -> None:
    assert "sent" == judged(message)
    assert "not" == judged(message, (message, "sending"), (message, "sent"))
    assert "marked" == judged(message, (message, "sending"))
    assert "marked" == judged(message, (message, "sending"), (message, "in-doubt"))
    assert "sent" == judged(message, (message, "sending"), (message, "failed"))
    assert "marked" == judged(message, (message, "sending"), (message, "sending"), (message, "failed"))
    assert "not" == judged(message, (message, "sending"), (message, "sending"), (message, "sent"))
    assert SENT_TWICE == judged(message, (message, "sending"), (message, "sending"))
    assert REFUSED == judged(message, (message, "sending"), (message, "failed", True))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["sending, staged"], "marked"),
        (["sending, staged"] * 5, "marked"),  # five machines that were lost: never given up for that
        (["sending, staged", "failed"], "sent"),  # taken back
        (["sending, staged", "sending", "sent"], "not"),
        (["sending, staged", "sending", "failed"], "sent"),
        (["sending, staged", "sending, staged", "sending", "failed"], "marked"),  # the first may have gone
        (["sending, staged", "sending"], "marked"),
        (["sending, staged", "sending", "in-doubt", "sending, staged", "sending, staged"], "marked"),
        (["sending, staged", "sending", "sending, staged", "sending", "in-doubt"], SENT_TWICE),
    ],
)
def test_a_message_that_was_only_staged_was_not_handed_over_but_may_have_gone(states: list[str], expected: str) -> None:
    assert expected == judged(ADA, *((ADA, state) for state in states))


@pytest.mark.parametrize(
    ("other", "state", "expected"),
    [
        (letter("eve@x.gov", served("C1"), served("C2")), "sent", "not"),
        (letter("eve@x.gov", served("C1", 7), served("C2", 7)), "sent", "not"),
        (letter("eve@x.gov", served("C1")), "sent", OUT_OF_DATE),
        (letter("ada@x.gov", served("C1"), number="other"), "in-doubt", OUT_OF_DATE),
        (letter("ada@x.gov", served("C1"), number="other"), "sending", OUT_OF_DATE),
        (letter("eve@x.gov", served("C1")), "sending", "sent"),  # the contact is another one now
        (letter("eve@x.gov", served("C1")), "failed", "sent"),
        (letter("eve@x.gov", served("C1", 60)), "sent", "sent"),
        (letter("eve@x.gov", served("C1", 30, "copy")), "sent", "sent"),
        (letter("eve@x.gov", served("C3")), "sent", "sent"),
    ],
)
def test_what_another_message_told_since_is_not_told_again(other: Message, state: str, expected: str) -> None:
    assert expected == judged(ADA, (other, state))


def test_what_another_address_of_the_same_contact_got_is_not_what_this_one_is_to_get() -> None:
    """A call that is killed between the two messages of a contact owes the second one still."""
    ben, ada = letter("ben@x.gov", served("C1", beside=("ada@x.gov",))), letter("ada@x.gov", served("C1", beside=("ben@x.gov",)))
    found = outbox([ada, ben], log((ada, "sending"), (ada, "sent")))
    assert (["ben@x.gov"], 1) == ([one.message.address for one in found.to_send], found.sent_before)
    assert "not" == judged(ben, (letter("eve@x.gov", served("C1")), "sent"))  # who was the contact before
    assert "not" == judged(ben, (letter("ben@x.gov", served("C1"), number="other"), "sent"))


def test_a_copy_to_somebody_else_is_another_one() -> None:
    copy, other = letter("ada@x.gov", served("C1", 7, "copy")), letter("eve@x.gov", served("C1", 7, "copy"))
    assert "sent" == judged(copy, (other, "sent"))
    assert "not" == judged(copy, (letter("ada@x.gov", served("C1", 7, "copy"), number="again"), "sent"))


def test_the_soonest_end_goes_first_and_digests_go_last() -> None:
    later = letter("a@x.gov", served("C3", ends=ENDS + pd.Timedelta(days=1)))
    found = outbox([DIGEST, later, ADA], log())
    assert ["ada@x.gov", "a@x.gov", "office@x.gov"] == [one.message.address for one in found.to_send]
