"""The notices that the sample's office has sent: a journal by the rules of the program itself, as of each day, to a server that is made up.

Sending began when October was closed, so that no figure of a closed month rests on it. The office sends on weekdays, the last time on the
Friday before the sample's last day: what fell due since is still to be sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pipeline import calendar, flow
from pipeline.contracts import NOTICE_LOG, Books
from pipeline.mailing import delivery
from pipeline.mailing.server import NotTakenError
from pipeline.notices import journal_lines, notices
from pipeline.notices.letters import letters
from pipeline.notices.message import Message
from pipeline.notices.outbox import outbox
from pipeline.sample.desk_time import LAST_DAY
from pipeline.settings import Settings
from pipeline.sources import settings_file

FIRST, LAST = dt.date(2026, 11, 6), dt.date(2026, 11, 20)
_SENT_AT = dt.time(7, 15)  # local, before the desk opens
_APART = dt.timedelta(seconds=1.5)
_GONE = "the mail server refuses the address (550 5.1.1)"
_SATURDAY = 5


class _Server:
    """Takes everything, but for the first address it ever hears of: whoever it was has left."""

    def __init__(self) -> None:
        self._gone = ""

    def connect(self) -> None:
        pass

    def hand_over(self, address: str, data: bytes) -> None:
        self._gone = self._gone or address
        if address == self._gone:
            raise NotTakenError(_GONE, is_lasting=True)


def write(root: Path) -> None:
    """Write `data/ledger/notices/<day>.jsonl` of the sample workspace `root`, whose months up to October are closed.

    On each day a certificate is known if it had been issued by then; what was revoked later is told of by no notice.
    """
    settings = settings_file.read(root / settings_file.NAME)
    books = flow.prepare(root, settings, LAST_DAY, lambda _: None)
    server, lines = _Server(), list[str]()
    for day in _weekdays():
        sent = _sent_on(day, books, settings, server, lines)
        if sent:
            path = root / "data" / journal_lines.FOLDER / journal_lines.file_name(day)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(sent), encoding="ascii")
            lines += sent


def _weekdays() -> Iterator[dt.date]:
    every = (FIRST + dt.timedelta(days=number) for number in range((LAST - FIRST).days + 1))
    return (day for day in every if day.weekday() < _SATURDAY)


def _sent_on(day: dt.date, books: Books, settings: Settings, server: _Server, before: list[str]) -> list[str]:
    """The lines of a day, which follows on the lines `before` it."""
    log = NOTICE_LOG.frame([row for line in before for row in journal_lines.rows_of(line.rstrip())])
    issued = books.certificates["issued_on"]
    known = books.certificates[issued.isna() | (issued <= pd.Timestamp(day))].reset_index(drop=True)
    zone = settings.organization.zone
    time = calendar.business_time(settings.desk, zone, books.closed_days, books.extra_closures)
    owed = notices(known, books.hosts, books.agencies, log, settings, day).table
    found = [Message(one.message_id, one.address, one.served, b"") for one in letters(owed, known, time, settings, day)]
    lines: list[str] = []
    begins = dt.datetime.combine(day, _SENT_AT, zone)
    around = delivery.Surroundings(lambda: begins + _APART * len(lines), lambda _seconds: None, lambda _at, line: lines.append(line))
    delivery.deliver(outbox(found, log).to_send, server, around)
    return lines
