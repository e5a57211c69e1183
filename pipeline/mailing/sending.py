"""`certledger notices --send`: the messages of today's published run, to the mail server, and what became of them into the journal."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.contracts import RunRecord
from pipeline.findings import Finding, sentence
from pipeline.mailing import delivery
from pipeline.mailing.delivery import Delivered, Surroundings
from pipeline.mailing.server import Login, MailServer, UnreachableError
from pipeline.notices import journal_lines, may_be_told
from pipeline.notices.message import Message
from pipeline.notices.outbox import ToSend, outbox
from pipeline.publish import manifest, notice_lines, record, staging
from pipeline.settings import Notices, Settings
from pipeline.sources import messages, notice_journal, run_records
from pipeline.sources.published import NothingPublishedError
from pipeline.sources.workspace import SettingsError

LOGIN = USER, PASSWORD = "CERTLEDGER_SMTP_USER", "CERTLEDGER_SMTP_PASSWORD"
_UNSENT, _SENT = 6, 0
_NAMED = 5  # so many are named in one sentence
_BARRED = "its domain is not one of [notices] allowed_domains; publish a new run with `certledger run`"
_SLACK = dt.timedelta(minutes=5)  # what a clock may be set back by without being wrong


class NotSentError(Exception):
    """Nothing was sent although something may be due; the text says why, and what to do."""


class JournalDamagedError(Exception):
    """The journal cannot say what was sent."""


@dataclass(frozen=True, slots=True)
class World:
    """What sending needs of the world: the clock, a pause in seconds, the environment, and what keeps the journal elsewhere.

    `before_send` is called when the journal says what is about to be sent, before anything is; False: it was not kept, and no mail goes.
    """

    now: Callable[[], dt.datetime]
    pause: Callable[[float], None]
    environment: Mapping[str, str]
    before_send: Callable[[], bool] | None = None


@dataclass(slots=True)
class Sent:
    """Lines for people, what must not be overlooked apart, and the exit code: 0, or 6 where some notices could not be sent."""

    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    exit_code: int = _SENT


def send(root: Path, settings: Settings, world: World) -> Sent:
    """Hand over what the published run found due and the journal does not know as sent. Nothing else runs meanwhile.

    Raises, before anything is sent: `SettingsError` for settings that forbid or cannot do it, `NothingPublishedError`,
    `JournalDamagedError`, `NotSentError` for a run or a clock that is of another day, `LockedError`; and `JournalNotWrittenError`, after
    which nothing more is sent.
    """
    server = MailServer(settings.smtp, _login(settings, world.environment), settings.notices.sender)
    with staging.lock(root), server:
        now = world.now()
        journal = notice_journal.read(root / "data")
        _must_be_readable(journal)
        shown = _published(root)
        _must_be_of_today(root, shown, settings, now, journal.newest)
        found = messages.read(staging.latest(root), manifest.hashes(staging.latest(root)))
        unheard = messages.unheard(staging.latest(root))
        barred = [one for one in found if not _may_be_told(one.address, settings)]
        out = outbox([one for one in found if _may_be_told(one.address, settings)], journal.log)
        chosen, over = out.to_send[: settings.smtp.most_messages], out.to_send[settings.smtp.most_messages :]
        around = _around(root / "data" / journal_lines.FOLDER, settings, world)
        delivered = _delivered(chosen, server, around, world.before_send)
        told = list(_told_once(root / "data", journal.just_cut))
    unsent = dict.fromkeys(barred, _BARRED) | {held.message: held.why for held in out.held} | delivered.not_sent
    return _summed_up(out.sent_before, over, delivered, unsent, unheard, settings.smtp.most_messages, told)


def _told_once(data: Path, just_cut: tuple[Finding, ...]) -> Iterator[str]:
    """A sentence about each half-written line, which gets its end, so that the next call does not tell of it again."""
    for one in just_cut:
        notice_lines.append(data / one.file, "")
        yield sentence(one.code, one.file, one.sheet, one.row, one.column, one.reason)


def _login(settings: Settings, environment: Mapping[str, str]) -> Login:
    """User and password of the environment. Raises `SettingsError` where the settings forbid sending or lack what it needs."""
    if settings.organization.sample:
        raise SettingsError("[organization] sample = true: made-up data is never sent to anybody.")
    if settings.run.as_of is not None:
        raise SettingsError(f"[run] as_of pins runs to {settings.run.as_of}: notices are sent of today only. Take as_of out.")
    if not settings.smtp.host:
        raise SettingsError("[smtp] host is not set: name the mail server that notices are handed to.")
    if settings.notices.sender == Notices().sender:
        raise SettingsError("[notices] sender is not set: name the address of your office that notices come from.")
    if not settings.notices.allowed_domains:
        raise SettingsError('[notices] allowed_domains is not set: name the domains that notices may go to, such as ["example.gov"].')
    user, password = environment.get(USER, ""), environment.get(PASSWORD, "")
    if bool(user) != bool(password):
        missing = PASSWORD if user else USER
        raise SettingsError(f"{missing} is not set in the environment, the other of the two is: a login needs both.")
    return Login(user, password)


def _must_be_readable(journal: notice_journal.NoticeJournal) -> None:
    wrong = [one for one in journal.findings if one.code != notice_journal.CUT]
    if wrong:
        told = "\n".join(sentence(one.code, one.file, one.sheet, one.row, one.column, one.reason) for one in wrong)
        raise JournalDamagedError(f"{told}\nNothing was sent.")


def _published(root: Path) -> RunRecord:
    """What the run that is shown recorded of itself, its manifest being the one that it recorded; never one of made-up data."""
    folder = staging.latest(root)
    if not folder.exists():
        raise NothingPublishedError("Nothing is published yet: run `certledger run` first.")
    shown = run_records.of_run(root, folder.resolve().name)
    wrong = record.differences(folder, shown)
    if shown is None or wrong:
        raise NothingPublishedError(f"The published run cannot be used: {wrong[0]}. `certledger run` publishes it anew. Nothing was sent.")
    if manifest.is_sample(folder):
        raise SettingsError("The published run shows made-up data, which is never sent to anybody. Publish your own with `certledger run`.")
    return shown


def _must_be_of_today(root: Path, shown: RunRecord, settings: Settings, now: dt.datetime, newest: pd.Timestamp | None) -> None:
    today = now.astimezone(settings.organization.zone).date()
    latest = max(run_records.latest_day(root) or shown.as_of, shown.as_of)
    behind = f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, but"
    if newest is not None and now < newest - _SLACK:
        raise NotSentError(f"Nothing was sent: {behind} the journal of notices has a line of {newest:%Y-%m-%d %H:%M}. Set the clock right.")
    if today < latest:
        on_purpose = "If that run was of a later day on purpose, take its record out of data/ledger/runs."
        raise NotSentError(f"Nothing was sent: {behind} a run was published as of {latest}. Set the clock right. {on_purpose}")
    if shown.as_of != today:
        raise NotSentError(f"Nothing was sent: the published run is as of {shown.as_of}, today is {today}. `certledger run` first.")


def _may_be_told(address: str, settings: Settings) -> bool:
    """By the settings of now: the run was published with those of then."""
    return address == settings.organization.service_owner or may_be_told(address, settings)


def _around(folder: Path, settings: Settings, world: World) -> Surroundings:
    zone = settings.organization.zone

    def keep(at: dt.datetime, line: str) -> None:
        notice_lines.append(folder / journal_lines.file_name(at.astimezone(zone).date()), line)

    return Surroundings(world.now, world.pause, keep)


def _delivered(chosen: tuple[ToSend, ...], server: MailServer, around: Surroundings, before_send: Callable[[], bool] | None) -> Delivered:
    if not chosen:
        return Delivered()
    try:
        server.connect()
    except UnreachableError as error:
        return Delivered(not_sent={one.message: str(error) for one in chosen})
    if before_send is not None:
        server.goodbye()  # It would not wait for long.
        delivery.stage(chosen, around)
        if not before_send():
            why = "the journal could not be kept before sending"
            delivery.take_back(chosen, around, why)
            return Delivered(not_sent={one.message: why for one in chosen})
    return delivery.deliver(chosen, server, around, is_staged=before_send is not None)


def _causes(unsent: Mapping[Message, str]) -> Iterator[str]:
    """A sentence for each cause, however many messages it keeps back."""
    by_cause: dict[str, list[str]] = {}
    for message, why in unsent.items():
        by_cause.setdefault(why, []).append(message.address)
    for why, whom in by_cause.items():
        yield f"Not sent to {whom[0]}: {why}." if len(whom) == 1 else f"{len(whom):,} messages were not sent ({_some(whom)}): {why}."


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more, see `certledger notices`" if more > 0 else "")


def _summed_up(
    before: int, over: tuple[ToSend, ...], delivered: Delivered, unsent: dict[Message, str], unheard: list[str], most: int, told: list[str]
) -> Sent:
    warnings = [*told, *_causes(unsent)]
    if unheard:
        what = "certificate" if len(unheard) == 1 else "certificates"
        warnings.append(
            f"Nobody was told of {len(unheard):,} {what} ({_some(unheard)}): the mail server "
            "refused the address of everybody who could be. Correct the contact at the source or the security contact in "
            "data/reference/agencies.csv, then `certledger run`."
        )
    if over:
        warnings.append(
            f"{len(over):,} more messages are due than [smtp] most_messages = {most} lets one call send: look whether so many can be "
            "right; if so, call again or raise it."
        )
    counts = Counter(
        {
            "sent": len(delivered.sent),
            "sent once more, marked": len(delivered.repeated),
            "not sent": len(unsent),
            "over the limit": len(over),
            "sent before": before,
            "due that nobody can be told": len(unheard),
        }
    )
    lines = [f"Messages     {', '.join(f'{count:,} {word}' for word, count in counts.items() if count) or 'none is due'}"]
    return Sent(lines, warnings, _UNSENT if unsent or over or unheard else _SENT)
