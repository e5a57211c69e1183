"""Copies: whom else is told when a certificate comes near its end, or has ended, and nothing took over (`[notices] copy_at`).

A copy is a message of its own. In one message with the notice, whoever is copied would read what the contact is told of other agencies'
certificates, and one refused address would leave the whole message in doubt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from pipeline import thresholds
from pipeline.notices.addressees import Addressee
from pipeline.notices.tried import Try
from pipeline.settings import Notices

Due = tuple[int, pd.Timestamp]
ENDED = 0  # the `days_before` of a copy about a certificate that has ended
SENT_TWICE = "It was sent twice and the mail server answered neither time; it is not sent again."


def copies(
    due: Iterable[Due], ends_on: pd.Timestamp, told: Iterable[str], tries: list[Try], others: Iterable[Addressee], chosen: Notices,
    as_of: dt.date,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The cells of NOTICES that a copy to each of the `others` has, of one certificate that somebody still has to see to.

    `due` are its thresholds that have passed, `told` the addresses that its second notice goes to or went to: they need no copy of it,
    but of its end they do. `tries` are the copies that the journal knows. Of two that are due the later serves both, as with notices.
    """
    stage = _stage(list(due), ends_on, chosen, as_of)
    as_whom = {one.address: one.told_as for one in reversed(list(others))}
    for each in tries:
        yield {"due_on": None, "addressed_as": as_whom.get(each.address, "")} | _said(each)
    passed_over = set(told) if stage is not None and stage[0] != ENDED else set()
    for address, told_as in as_whom.items():
        if stage is not None and address not in passed_over:
            latest = next((each for each in reversed(tries) if (each.address, each.days_before) == (address, stage[0])), None)
            said = _said(latest) if latest else {"contact_email": address, "state": "due"}
            yield {"addressed_as": told_as, "days_before": stage[0], "served_by": stage[0], "due_on": stage[1]} | said


def _stage(due: list[Due], ends_on: pd.Timestamp, chosen: Notices, as_of: dt.date) -> Due | None:
    """Which copy is due, and since when: that of the end, else that of the second notice."""
    if "expired" in chosen.copy_at and pd.Timestamp(as_of) > ends_on:
        return ENDED, ends_on + pd.Timedelta(days=1)
    second = thresholds.in_order(chosen.days_before)[1:2]
    return next((one for one in due if "second-notice" in chosen.copy_at and [one[0]] == second), None)


def _said(one: Try) -> dict[str, Any]:
    """What became of a copy that was tried; one that the server may take later is due again."""
    state = "sent" if one.sent_at is not None else "failed" if one.is_refused else "in-doubt" if one.doubts else "due"
    why = SENT_TWICE if state == "in-doubt" and one.doubts > 1 else one.why
    cells = {"contact_email": one.address, "state": state, "days_before": one.days_before, "served_by": one.days_before, "detail": why}
    return cells if state == "due" else cells | {"message_id": one.message_id, "sent_at": one.sent_at, "doubts": one.doubts}
