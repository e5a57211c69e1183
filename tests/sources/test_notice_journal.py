"""The journal of sending: what is written is what is read, and what was cut off or changed is told, never guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import NOTICE_LOG
from pipeline.findings import CODES
from pipeline.notices.journal_lines import NotALineError, as_line, rows_of
from pipeline.notices.message import Message, Served
from pipeline.publish.notice_lines import JournalNotWrittenError, append
from pipeline.sources import notice_journal
from tests.mailing.letters import ENDS, letter, served

AT = dt.datetime(2026, 11, 26, 14, 3, 22, 123456, tzinfo=dt.UTC)
BOSTON = ZoneInfo("America/New_York")
MESSAGE = letter("ada@x.gov", served(), served("C2", 7, "copy"))


def file(root: Path, name: str = "2026-11-26.jsonl") -> Path:
    return root / "ledger/notices" / name


def states(root: Path) -> list[tuple[str, str]]:
    return list(notice_journal.read(root).log[["certificate", "state"]].itertuples(index=False, name=None))


def codes(root: Path) -> list[tuple[str, int]]:
    return [(one.code, one.row) for one in notice_journal.read(root).findings]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    append(file(tmp_path), as_line(MESSAGE, "sending", AT, is_staged=True))
    append(file(tmp_path), as_line(MESSAGE, "failed", AT, "550 5.1.1", is_lasting=True) + as_line(letter("eve@x.gov"), "sent", AT))
    common = {"at": AT, "message_id": "<ada@example.gov>", "address": "ada@x.gov", "ends_at": ENDS}
    notices = [
        common | {"certificate": "C1", "serial": "0ac1", "days_before": 30, "kind": "notice"},
        common | {"certificate": "C2", "serial": "0ac2", "days_before": 7, "kind": "copy"},
    ]
    digest = {"at": AT, "message_id": "<eve@example.gov>", "address": "eve@x.gov", "kind": "digest", "state": "sent", "days_before": 0}
    expected = [
        *(one | {"state": "sending", "why": "", "is_staged": True} for one in notices),
        *(one | {"state": "failed", "is_lasting": True, "why": "550 5.1.1"} for one in notices),
        digest,
    ]
    found = notice_journal.read(tmp_path)
    pd.testing.assert_frame_equal(NOTICE_LOG.frame(expected), found.log)
    assert [("ledger/notices/2026-11-26.jsonl", "notices", 0)] == [(one.path, one.kind, one.rows_read) for one in found.readings]
    assert AT == found.newest
    assert () == found.findings


def test_no_journal_tells_nothing(tmp_path: Path) -> None:
    found = notice_journal.read(tmp_path)
    assert (0, None, ()) == (len(found.log), found.newest, found.findings)


def test_files_are_read_by_day_and_as_known_at_the_end_of_a_day(tmp_path: Path) -> None:
    append(file(tmp_path, "2026-11-27.jsonl"), as_line(MESSAGE, "sent", AT + dt.timedelta(days=1)))
    append(file(tmp_path), as_line(MESSAGE, "sending", AT))
    assert ["sending", "sending", "sent", "sent"] == [state for _, state in states(tmp_path)]
    known = notice_journal.read(tmp_path, (dt.date(2026, 11, 26), BOSTON)).log
    assert ["sending", "sending"] == list(known["state"])
    late = notice_journal.read(tmp_path, (dt.date(2026, 11, 25), BOSTON)).log
    assert 0 == len(late)


def test_a_line_cut_anywhere_leaves_what_was_said_before_and_is_told(tmp_path: Path) -> None:
    begun, whole = as_line(MESSAGE, "sending", AT), as_line(MESSAGE, "sent", AT)
    file(tmp_path).parent.mkdir(parents=True, exist_ok=True)
    for length in range(1, len(whole) - 1):
        with pytest.raises(NotALineError) as cut:
            rows_of(whole[:length])
        assert cut.value.is_cut, length
    for length in (1, 14, 15, len(whole) // 2, len(whole) - 2):
        file(tmp_path).write_text(begun + whole[:length])
        assert [("C1", "sending"), ("C2", "sending")] == states(tmp_path), length
        assert [("notice-line-cut", 2)] == codes(tmp_path), length
    file(tmp_path).write_text(begun + whole[:-1])
    assert "sent" == states(tmp_path)[-1][1]
    file(tmp_path).write_bytes(begun.encode() + b"\0" * 40)
    assert [("notice-line-cut", 2)] == codes(tmp_path)


def test_what_follows_a_line_that_was_cut_is_not_spoiled(tmp_path: Path) -> None:
    append(file(tmp_path), as_line(MESSAGE, "sending", AT))
    file(tmp_path).write_text(file(tmp_path).read_text() + as_line(MESSAGE, "sent", AT)[:50])
    append(file(tmp_path), as_line(MESSAGE, "in-doubt", AT))
    assert ["sending", "sending", "in-doubt", "in-doubt"] == [state for _, state in states(tmp_path)]
    assert [("notice-line-cut", 2)] == codes(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"state":"sent"', '"state":"lost"'),
        ('"address":"ada@x.gov"', '"address":"ada@x.gov, eve@x.gov"'),
        ("<ada@example.gov>", "ada"),
        ('"days_before":30', '"days_before":true'),
        ('"days_before":30', '"days_before":-1'),
        ('"certificate":"C1"', '"certificate":""'),
        ('"kind":"copy"', '"kind":"letter"'),
        ('"ends_at":"2026-12-20T04:59:59.000000Z"', '"ends_at":"2026-13-20"'),
        ('"why":""', '"who":""'),
        ('"is_lasting":false', '"is_lasting":0'),
        ('"why":""', '"why":"","staged":1'),
        ('"notices":[', '"notices":[7,'),
        ('"notices":', '"notes":'),
        ('{"message_id"', '[{"message_id"'),
        ('{"message_id"', "<<<<<<< HEAD"),
        ("C1", "Ü"),
    ],
)
def test_a_line_that_sending_does_not_write_is_told_and_counts_for_nothing(old: str, new: str, tmp_path: Path) -> None:
    append(file(tmp_path), as_line(MESSAGE, "sending", AT))
    file(tmp_path).write_text(as_line(MESSAGE, "sent", AT).replace(old, new) + file(tmp_path).read_text())
    assert [("notice-journal-damaged", 1)] == codes(tmp_path)
    assert [("C1", "sending"), ("C2", "sending")] == states(tmp_path)


def test_a_file_of_another_name_and_a_link_are_told(tmp_path: Path) -> None:
    append(file(tmp_path, "2026-11-26 (1).jsonl"), as_line(MESSAGE, "sent", AT))
    assert [("notice-journal-damaged", 0)] == codes(tmp_path)
    file(tmp_path, "2026-11-27.jsonl").symlink_to("2026-11-26 (1).jsonl")
    found = notice_journal.read(tmp_path).findings
    assert [("notice-journal-damaged", "kept"), ("not-a-regular-file", "stopped")] == [(one.code, one.action) for one in found]
    assert {one.code for one in found} <= set(CODES)


def test_a_journal_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    file(tmp_path).parent.mkdir(parents=True)
    file(tmp_path).symlink_to("elsewhere")
    with pytest.raises(JournalNotWrittenError, match="cannot be written"):
        append(file(tmp_path), "x\n")
    assert [] == [path.name for path in file(tmp_path).parent.iterdir() if path.name == "elsewhere"]


TEXT = st.text(max_size=30)
NAMED = st.builds(
    Served, st.text(min_size=1, max_size=30), st.integers(0, 366), TEXT,
    st.integers(0, 2**41).map(lambda milliseconds: pd.Timestamp(milliseconds, unit="ms", tz="UTC")),
    kind=st.sampled_from(["notice", "copy"]),
)  # fmt: skip


@settings(max_examples=settings.default.max_examples // 2)
@given(st.lists(NAMED, max_size=3), TEXT, st.booleans())
def test_a_line_is_one_line_of_ascii_whatever_it_tells(notices: list[Served], why: str, is_lasting: bool) -> None:
    line = as_line(Message("<1@x.gov>", "ada@x.gov", tuple(notices), b""), "failed", AT, why, is_lasting=is_lasting)
    assert line.isascii()
    assert (1, True) == (len(line.splitlines()), line.endswith("\n"))
    rows = rows_of(line[:-1])
    assert {(why, is_lasting, "failed")} == {(row["why"], row["is_lasting"], row["state"]) for row in rows}
    told = [Served(row["certificate"], row["days_before"], row["serial"], row["ends_at"], kind=row["kind"]) for row in rows]
    assert notices == (told if notices else [])


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1")), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["message_id", "notices", "at", "x"]), inner, max_size=3),
).map(repr)))  # fmt: skip
def test_any_text_is_a_line_or_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotALineError):
        rows_of(text)
