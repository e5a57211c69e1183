"""Laws of notices, whatever the days on which runs happen: each threshold is served once, and what was renewed before it never.

A small office with its own plain reckoning of days, and the real journal, written and read; only the mail server is one of words.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import notices
from pipeline.contracts import AGENCIES, CERTIFICATES, HOSTS
from pipeline.mailing.delivery import Surroundings, deliver
from pipeline.mailing.server import NoAnswerError, NotTakenError, UnreachableError
from pipeline.notices.journal_lines import FOLDER, file_name
from pipeline.notices.message import REPETITION, Message, Served, message_of
from pipeline.notices.outbox import outbox
from pipeline.publish import notice_lines
from pipeline.settings import Notices, Settings
from pipeline.sources import notice_journal
from tests.massachusetts import local
from tests.measuring import certificate

FIRST = dt.date(2026, 3, 1)
MASSACHUSETTS = ZoneInfo("America/New_York")
NO_HOSTS, NO_AGENCIES = HOSTS.empty(), AGENCIES.empty()


@dataclass(frozen=True)
class Site:
    """A host whose certificate begins on a day and lives so long; the next one begins on the day `renewed`, or never, and was issued so
    many days before. Its contact is one address, or two."""

    begins: int
    life: int
    renewed: int | None
    ahead: int
    has_two: bool = False

    @property
    def last(self) -> int:
        return self.begins + self.life - 1

    def is_covered(self, today: int) -> bool:
        """Whether the next certificate is known by then and leaves the host without one for three days at most, or no longer does."""
        if self.renewed is None or self.renewed <= self.begins or self.renewed - self.ahead > today:
            return False
        return self.renewed <= today or midnight(self.renewed) - midnight(self.last + 1) < dt.timedelta(days=3)

    def falls(self, thresholds: tuple[int, ...]) -> dict[int, int]:
        """The day on which each threshold falls due."""
        parts = [3, *[6] * len(thresholds)]
        return {
            days: self.last - max(min(days, self.life // part), 1)
            for days, part in zip(sorted(thresholds, reverse=True), parts, strict=False)
        }


def seamless(site: Site, gap: int) -> Site:
    """The site whose next certificate begins about when this one ends."""
    return replace(site, renewed=site.last + gap)


spread_out = st.builds(Site, st.integers(0, 40), st.integers(3, 120), st.none() | st.integers(0, 160), st.integers(0, 60), st.booleans())
sites = spread_out | st.builds(seamless, spread_out, st.integers(0, 6))
some_thresholds = st.sampled_from([(30, 7), (60, 30, 7), (14,)])
run_days = st.lists(st.integers(0, 170), min_size=1, max_size=8, unique=True).map(sorted)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def contacts(number: int, site: Site) -> list[str]:
    """Who is told of it: sites share addresses, so that a message tells of several."""
    return ["c0@x.gov", "c1@x.gov"] if site.has_two else [f"c{number % 2}@x.gov"]


def midnight(number: int) -> dt.datetime:
    """The instant at which a day begins."""
    return dt.datetime.combine(day(number), dt.time(), MASSACHUSETTS).astimezone(dt.UTC)


def inventory(estate: list[Site]) -> pd.DataFrame:
    """All certificates, also those that a run cannot know of yet: they are issued after its day."""
    rows: list[dict[str, Any]] = []
    for number, site in enumerate(estate):
        spans = [(f"C{number}", site.begins, site.last, site.begins)]
        if site.renewed is not None and site.begins < site.renewed:
            spans.append((f"R{number}", site.renewed, site.renewed + 300, site.renewed - site.ahead))
        for name, begins, last, issued in spans:
            row = certificate(name, "", f"h{number}.x", day(begins).isoformat(), day(last).isoformat())
            rows.append(row | {"contact_email": ", ".join(contacts(number, site)), "issued_on": day(issued)})
    return CERTIFICATES.frame(rows)


@dataclass
class Desk:
    """A mail server in a mood: "" takes everything; "lost" takes it and does not answer; "down" cannot be reached; "later" puts everybody
    off; "killed" and "killed-late" end the program before or after it took the first message."""

    mood: str = ""
    taken: list[tuple[Message, bool]] = field(default_factory=list)

    def connect(self) -> None:
        if self.mood == "down":
            raise UnreachableError("down")

    def hand_over(self, address: str, data: bytes) -> None:
        if self.mood == "killed":
            raise KeyboardInterrupt
        if self.mood == "later":
            raise NotTakenError("later", is_for_now=True)
        self.taken.append((message_of(data), REPETITION.encode() in data))
        if self.mood == "lost":
            raise NoAnswerError("lost")
        if self.mood == "killed-late":
            raise KeyboardInterrupt


def written(table: pd.DataFrame, certificates: pd.DataFrame) -> list[Message]:
    """The messages of a run that found what NOTICES `table` says."""
    facts = certificates.set_index("certificate")["valid_to"]
    nearest = table[table["state"].isin(["due", "in-doubt"]) & (table["days_before"] == table["served_by"])]
    messages = []
    for (address, message_id), rows in nearest.groupby(["contact_email", "message_id"]):
        served = tuple(
            Served(row.certificate, row.days_before, "", facts[row.certificate], kind=row.kind, beside=beside(table, row))
            for row in rows.itertuples()
        )
        data = f"To: {address}\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\n".encode()
        messages.append(message_of(data, served))
    return messages


def beside(table: pd.DataFrame, row: Any) -> tuple[str, ...]:
    """The other address of its contact, as far as it was or is told."""
    same = (table["certificate"] == row.certificate) & (table["served_by"] == row.days_before) & (table["kind"] == "notice")
    return tuple(sorted(set(table.loc[same, "contact_email"]) - {row.contact_email, ""}))


def simulated(estate: list[Site], thresholds: tuple[int, ...], days: list[int], moods: list[str]) -> tuple[list[Any], pd.DataFrame]:
    """Run on each of the `days`, sending what is due through a journal on the disk, the mail server each day in its mood, on the last day
    once more in a good one. (day, mood, kind, certificate, threshold, address, was marked) of each notice that the server took, and the
    table after that."""
    chosen = Settings(notices=Notices(days_before=thresholds))
    certificates = inventory(estate)
    taken: list[Any] = []
    with TemporaryDirectory() as folder:
        data = Path(folder)

        def table_of(today: int, log: pd.DataFrame) -> pd.DataFrame:
            return notices.notices(certificates, NO_HOSTS, NO_AGENCIES, log, chosen, day(today)).table

        for today, mood in [*zip(days, moods, strict=True), (days[-1], "")]:
            log = notice_journal.read(data, (day(today), MASSACHUSETTS)).log
            messages = written(table_of(today, log), certificates)
            served = {message.message_id: message for message in messages}
            desk, around = Desk(mood), surroundings(data, today)
            with suppress(KeyboardInterrupt):
                deliver(outbox(messages, log).to_send, desk, around)
            taken += [
                (today, mood, one.kind, one.certificate, one.days_before, message.address, is_marked)
                for message, is_marked in desk.taken
                for one in served[message.message_id].served
            ]
        return taken, table_of(days[-1], notice_journal.read(data).log)


def surroundings(data: Path, today: int) -> Surroundings:
    """Noon of a day, and a journal below `data`."""
    noon = local(f"{day(today)} 12:00")[0].to_pydatetime()

    def keep(at: dt.datetime, line: str) -> None:
        notice_lines.append(data / FOLDER / file_name(day(today)), line)

    return Surroundings(lambda: noon, lambda seconds: None, keep)


@settings(max_examples=12, deadline=None)
@given(st.lists(sites, min_size=1, max_size=3), some_thresholds, run_days)
def test_each_threshold_is_served_exactly_once_if_still_due_and_never_what_was_renewed(
    estate: list[Site], thresholds: tuple[int, ...], days: list[int]
) -> None:
    taken, table = simulated(estate, thresholds, days, [""] * len(days))
    expected = []
    for number, site in enumerate(estate):
        served: set[int] = set()
        falls = site.falls(thresholds)
        until = site.last + min(site.last - on for on in falls.values())
        for today in days:
            passed = {threshold for threshold, on in falls.items() if on <= today}
            if site.begins <= today <= until and not site.is_covered(today) and passed - served:
                expected.extend((today, f"C{number}", min(passed), address) for address in contacts(number, site))
                served |= passed
    found = [(today, name, days, to) for today, _, kind, name, days, to, _ in taken if kind == "notice" and name.startswith("C")]
    assert expected == sorted(found, key=lambda one: (one[1], one[0], one[3]))
    assert len(taken) == len({(kind, name, days, address) for _, _, kind, name, days, address, _ in taken})
    assert not any(is_marked for *_, is_marked in taken)
    assert set() == set(table["state"]) & {"due", "in-doubt"}


MOODS = ["", "lost", "down", "later", "killed", "killed-late"]


@settings(max_examples=10, deadline=None)
@given(st.lists(sites, min_size=1, max_size=3), run_days, st.data())
def test_a_notice_comes_twice_only_after_a_lost_answer_and_marked_and_is_never_lost(
    estate: list[Site], days: list[int], data: st.DataObject
) -> None:
    moods = data.draw(st.lists(st.sampled_from(MOODS), min_size=len(days), max_size=len(days)))
    taken, table = simulated(estate, (30, 7), days, moods)
    times: dict[tuple[str, str, int, str], list[tuple[str, bool]]] = {}
    for _, mood, kind, name, threshold, address, is_marked in taken:
        times.setdefault((kind, name, threshold, address), []).append((mood, is_marked))
    for found in times.values():
        assert len(found) <= 2
        assert all(mood in ("lost", "killed-late") for mood, _ in found[:-1])
        assert all(is_marked for _, is_marked in found[1:])
    left = table[table["state"].isin(["due", "in-doubt"])]
    assert [2] * len(left) == list(left["doubts"])  # handed over twice without an answer: told of, and not a third time
