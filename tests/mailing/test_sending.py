"""`certledger notices --send`, to a real mail server on this machine: what goes out, what the journal says, and when nothing goes."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.mailing import JournalDamagedError, NotSentError
from pipeline.notices.journal_lines import as_line
from pipeline.notices.message import Message
from pipeline.notices.outbox import outbox
from pipeline.publish import notice_lines, record, staging
from pipeline.settings import Smtp
from pipeline.sources import notice_journal
from pipeline.sources.published import NothingPublishedError
from pipeline.sources.workspace import SettingsError
from tests.conftest import certledger
from tests.mailing.letters import letter, served
from tests.mailing.mail_server import HOST, PASSWORD, Post
from tests.mailing.office import LOGIN, NOW, published, sent, states

ADA = letter("ada@x.gov", served("C1"), served("C2"))
JOURNAL = "data/ledger/notices/2026-11-26.jsonl"


def test_what_is_due_goes_out_once_and_the_journal_knows(tmp_path: Path, post: Post) -> None:
    digest = letter("office@x.gov")
    published(tmp_path, [ADA, digest])
    done = sent(tmp_path, post.smtp)
    assert (0, ["Messages     2 sent"], []) == (done.exit_code, done.lines, done.warnings)
    assert [(ADA.data.decode(), False), (digest.data.decode(), False)] == [(taken.data, taken.is_marked) for taken in post.taken()]
    log = notice_journal.read(tmp_path / "data").log
    expected = [("C1", 30, "0ac1", "sending"), ("C2", 30, "0ac2", "sending"), ("C1", 30, "0ac1", "sent"), ("C2", 30, "0ac2", "sent")]
    told = list(log[["certificate", "days_before", "serial", "state"]].itertuples(index=False, name=None))
    assert [*expected, ("", 0, "", "sending"), ("", 0, "", "sent")] == told
    assert [ADA.served[0].ends_at] * 2 == list(log[log["certificate"] == "C1"]["ends_at"])
    again = sent(tmp_path, post.smtp)
    assert (0, ["Messages     2 sent before"]) == (again.exit_code, again.lines)
    assert 2 == len(post.taken())


@pytest.mark.parametrize(
    ("address", "expected", "code", "said"),
    [
        ("gone-2@x.gov", ["sending", "failed"], 6, "refuses the address (550 5.1.1)"),
        ("full-2@x.gov", ["sending", "failed"], 6, "refuses the message (552 5.3.4)"),
        ("policy-2@x.gov", ["sending", "failed"], 6, "refuses us"),
        ("later-2@x.gov", ["sending", "failed", "sending", "failed", "sending", "sent"], 0, ""),
        ("never-2@x.gov", ["sending", "failed"] * 3, 6, "does not take the address now (451 4.2.2)"),
        ("cut-2@x.gov", ["sending", "failed", "sending", "sent"], 0, ""),
        ("dropped-2@x.gov", ["sending", "in-doubt"], 6, "sends it once more, marked"),
        ("lost-2@x.gov", ["sending", "in-doubt"], 6, "sends it once more, marked"),
    ],
)
def test_what_the_server_does_is_what_the_journal_says(
    address: str, expected: list[str], code: int, said: str, tmp_path: Path, post: Post
) -> None:
    published(tmp_path, [letter(address, served("C0", ends=ADA.served[0].ends_at.floor("D"))), ADA])
    pauses: list[float] = []
    done = sent(tmp_path, post.smtp, paused=pauses)
    assert [(address, state) for state in expected] == [line for line in states(tmp_path) if line[0] == address]
    assert [("ada@x.gov", "sending"), ("ada@x.gov", "sent")] == [line for line in states(tmp_path) if line[0] == "ada@x.gov"]
    assert code == done.exit_code
    assert said in "".join(done.warnings)
    assert [0.0, 30.0, 120.0][: expected.count("sending")] == pauses
    before = len(post.taken())
    again = sent(tmp_path, post.smtp)
    if "in-doubt" in expected:
        assert [True] == [taken.is_marked for taken in post.taken()[before:]]
        assert ["Messages     1 sent once more, marked, 1 sent before"] == again.lines
        assert 0 == again.exit_code
    elif address != "never-2@x.gov":
        assert (before, code) == (len(post.taken()), again.exit_code)


def test_what_is_in_doubt_is_sent_once_more_and_never_a_third_time(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA])
    journal = tmp_path / JOURNAL
    notice_lines.append(journal, as_line(ADA, "sending", NOW))
    assert 0 == sent(tmp_path, post.smtp).exit_code
    (taken,) = post.taken()
    assert ("[May have come before] Certificates end", True, ADA.message_id) == (taken.subject, taken.is_marked, taken.message_id)
    journal.write_text("".join(as_line(ADA, "sending", NOW) for _ in range(2)))
    done = sent(tmp_path, post.smtp)
    assert (6, 1) == (done.exit_code, len(post.taken()))
    assert "handed over twice without an answer" in done.warnings[0]


def test_a_refused_address_is_not_asked_again_by_the_same_run(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [letter("gone-3@x.gov", served())])
    assert 6 == sent(tmp_path, post.smtp).exit_code
    again = sent(tmp_path, post.smtp)
    assert (6, 2) == (again.exit_code, len(states(tmp_path)))
    assert "the next run tells whoever is next in line" in again.warnings[0]


def test_a_relay_in_a_bad_hour_is_asked_ten_times_and_marks_nobody(tmp_path: Path, post: Post) -> None:
    letters = [letter(f"bad-{number}@x.gov", served(f"C{number}")) for number in range(12)]
    published(tmp_path, letters)
    for keep in (None, lambda: True):
        done = sent(tmp_path, post.smtp, before_send=keep)
        assert (6, ["Messages     12 not sent"]) == (done.exit_code, done.lines)
        (said,) = done.warnings
        assert said.startswith("12 messages were not sent (bad-0")
        assert said.endswith("): the mail server refuses the message (554).")
    log = notice_journal.read(tmp_path / "data").log
    assert 10 + 10 == ((log["state"] == "sending") & ~log["is_staged"]).sum()
    assert not log["is_lasting"].any()
    assert {(False, 0)} == {(one.may_be_repetition, len(found.held)) for found in [outbox(letters, log)] for one in found.to_send}


def test_what_nobody_takes_stays_an_alarm(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [], unheard=["C1", "C2"])
    done = sent(tmp_path, post.smtp)
    assert (6, ["Messages     2 due that nobody can be told"]) == (done.exit_code, done.lines)
    assert done.warnings[0].startswith("Nobody was told of 2 certificates (C1, C2): the mail server refused")


def test_nothing_that_a_server_says_gets_into_the_journal(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [letter("words-2@x.gov", served())])
    done = sent(tmp_path, post.smtp)
    assert ["Not sent to words-2@x.gov: the mail server refuses the address (550 5.1.1)."] == done.warnings
    assert "eve" not in (tmp_path / JOURNAL).read_text()
    assert PASSWORD not in (tmp_path / JOURNAL).read_text()


def test_a_server_that_is_down_leaves_everything_due(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA])
    done = sent(tmp_path, post.smtp.model_copy(update={"port": 1}))
    assert (6, [f"Not sent to ada@x.gov: {HOST}, port 1: nothing listens there."]) == (done.exit_code, done.warnings)
    assert [] == states(tmp_path)
    assert 0 == sent(tmp_path, post.smtp).exit_code


def test_more_than_the_limit_wait_and_raise_an_alarm(tmp_path: Path, post: Post) -> None:
    late = letter("late@x.gov", served("C9", ends=ADA.served[0].ends_at.ceil("D")))
    published(tmp_path, [late, ADA])
    only_one = post.smtp.model_copy(update={"most_messages": 1})
    done = sent(tmp_path, only_one)
    assert (6, ["Messages     1 sent, 1 over the limit"]) == (done.exit_code, done.lines)
    assert "1 more messages are due than [smtp] most_messages = 1" in done.warnings[0]
    assert [["ada@x.gov"]] == [taken.to for taken in post.taken()]
    assert 0 == sent(tmp_path, only_one).exit_code


@pytest.mark.parametrize(
    ("sections", "environment", "said"),
    [
        ({"organization": {"sample": True}}, LOGIN, "made-up data is never sent"),
        ({"run": {"as_of": dt.date(2026, 11, 26)}}, LOGIN, "pins runs to 2026-11-26"),
        ({"notices": {"allowed_domains": ["x.gov"]}}, LOGIN, r"\[notices\] sender is not set"),
        ({"notices": {"sender": "desk@office.gov"}}, LOGIN, r"\[notices\] allowed_domains is not set"),
        ({}, {"CERTLEDGER_SMTP_USER": "x"}, "CERTLEDGER_SMTP_PASSWORD is not set"),
        ({}, {"CERTLEDGER_SMTP_PASSWORD": "x"}, "CERTLEDGER_SMTP_USER is not set"),
    ],
)
def test_settings_that_forbid_or_cannot_do_it(
    sections: dict[str, Any], environment: dict[str, str], said: str, tmp_path: Path, post: Post
) -> None:
    published(tmp_path, [ADA])
    with pytest.raises(SettingsError, match=said):
        sent(tmp_path, post.smtp, environment=environment, **sections)
    with pytest.raises(SettingsError, match=r"\[smtp\] host is not set"):
        sent(tmp_path, Smtp())
    assert [] == post.taken()


def test_who_may_not_be_told_any_more_is_not(tmp_path: Path, post: Post) -> None:
    owner = letter("office@other.gov")
    published(tmp_path, [ADA, letter("eve@x.gov.evil.org", served("C3")), owner])
    done = sent(tmp_path, post.smtp, organization={"service_owner": "office@other.gov"})
    assert [["ada@x.gov"], ["office@other.gov"]] == [taken.to for taken in post.taken()]
    assert (6, 1) == (done.exit_code, len(done.warnings))
    assert "allowed_domains" in done.warnings[0]


def test_a_run_of_made_up_data_is_not_sent(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA], is_sample=True)
    with pytest.raises(SettingsError, match="made-up data"):
        sent(tmp_path, post.smtp)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOW + dt.timedelta(days=1), "the published run is as of 2026-11-26, today is 2026-11-27"),
        (NOW - dt.timedelta(hours=1), "the journal of notices has a line of 2026-11-26 13:30. Set the clock right"),
        (dt.datetime(2026, 11, 27, 4, 59, tzinfo=dt.UTC), ""),  # 23:59 in Boston
    ],
)
def test_only_the_run_of_today_is_sent_and_by_a_clock_that_goes_forward(now: dt.datetime, said: str, tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA])
    notice_lines.append(tmp_path / JOURNAL, as_line(letter("eve@x.gov"), "sent", NOW - dt.timedelta(minutes=30)))
    if said:
        with pytest.raises(NotSentError, match=said):
            sent(tmp_path, post.smtp, now)
    else:
        sent(tmp_path, post.smtp, now)
    assert len(post.taken()) == (not said)


def test_a_clock_before_the_last_run_is_not_believed(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA])
    with pytest.raises(NotSentError, match="a run was published as of 2026-11-26"):
        sent(tmp_path, post.smtp, NOW - dt.timedelta(days=1))
    published(tmp_path, [ADA], as_of=dt.date(2026, 11, 25), run="20261125-0001")
    with pytest.raises(NotSentError, match="a run was published as of 2026-11-26"):
        sent(tmp_path, post.smtp, NOW - dt.timedelta(days=1))


def test_nothing_published_or_not_as_it_was_published(tmp_path: Path, post: Post) -> None:
    with pytest.raises(NothingPublishedError, match="Nothing is published yet"):
        sent(tmp_path, post.smtp)
    folder = published(tmp_path, [ADA])
    message = folder / "notices/0.eml"
    for content in (ADA.data.replace(b"To: ada", b"To: eve"), None):
        message.unlink() if content is None else message.write_bytes(content)
        with pytest.raises(NothingPublishedError, match="damaged"):
            sent(tmp_path, post.smtp)
        message.write_bytes(ADA.data)
    (folder / "notices/1.eml").write_bytes(letter("eve@x.gov").data)
    with pytest.raises(NothingPublishedError, match="not as it was published"):
        sent(tmp_path, post.smtp)
    (folder / "notices/1.eml").unlink()
    (folder / "manifest.json").write_text((folder / "manifest.json").read_text() + " ")
    with pytest.raises(NothingPublishedError, match="cannot be used"):
        sent(tmp_path, post.smtp)
    assert [] == post.taken()


@pytest.mark.parametrize(
    ("told", "written", "said"),
    [
        ([ADA], [Message(ADA.message_id, "eve@x.gov", ADA.served, ADA.data)], "not for the address"),
        ([ADA, letter("eve@x.gov", served("C3"))], [ADA], "1 messages of notices are missing"),
        ([ADA], [Message(ADA.message_id, "ada@x.gov", ADA.served, ADA.data + "é".encode())], "bytes that not every mail server takes"),
    ],
)
def test_messages_that_do_not_fit_the_table_are_not_sent(
    told: list[Message], written: list[Message], said: str, tmp_path: Path, post: Post
) -> None:
    published(tmp_path, written if len(told) == 1 else told)
    if len(told) > 1:  # a run that lost one of its messages, and knows
        folder = tmp_path / "reports/runs/20261126-0001"
        (folder / "notices/1.eml").unlink()
        said_by = json.loads((folder / "manifest.json").read_text())
        del said_by["outputs"]["notices/1.eml"]
        (folder / "manifest.json").write_text(json.dumps(said_by))
        record.keep(folder, tmp_path / "data/ledger/runs")
    with pytest.raises(NothingPublishedError, match=said):
        sent(tmp_path, post.smtp)


def test_a_damaged_journal_stops_sending_and_a_cut_line_does_not(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA])
    whole = as_line(letter("eve@x.gov"), "sent", NOW)
    notice_lines.append(tmp_path / JOURNAL, f"<<<<<<< HEAD\n{whole}")
    with pytest.raises(JournalDamagedError, match=r"line 1 .*Take out that line, .* keep all other lines"):
        sent(tmp_path, post.smtp)
    (tmp_path / JOURNAL).write_text(whole + whole[:30])
    done = sent(tmp_path, post.smtp)
    assert (0, 1) == (done.exit_code, len(done.warnings))
    assert "half-written" in done.warnings[0]
    again = sent(tmp_path, post.smtp)
    assert (0, []) == (again.exit_code, again.warnings)
    (tmp_path / JOURNAL).write_text((tmp_path / JOURNAL).read_text() + whole[:30])
    assert [1, 0] == [len(sent(tmp_path, post.smtp).warnings) for _ in range(2)]  # nothing was due, so nothing was written behind it


def test_two_calls_do_not_send_at_once(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA])
    with staging.lock(tmp_path), pytest.raises(staging.LockedError):
        sent(tmp_path, post.smtp)


def test_no_journal_no_mail(tmp_path: Path, post: Post) -> None:
    """A folder that cannot be written: root may write everywhere, so a file stands where the folder should."""
    published(tmp_path, [ADA])
    (tmp_path / "data/ledger/notices").write_text("")
    with pytest.raises(JournalDamagedError):
        sent(tmp_path, post.smtp)
    assert [] == post.taken()


def test_the_journal_is_kept_elsewhere_before_anything_is_sent(tmp_path: Path, post: Post) -> None:
    eve = letter("eve@x.gov", served("C5"))
    published(tmp_path, [ADA, eve])
    seen: list[tuple[list[tuple[str, str]], int]] = []

    def kept() -> bool:
        seen.append((states(tmp_path), len(post.taken())))
        return True

    assert 0 == sent(tmp_path, post.smtp, before_send=kept).exit_code
    assert [([("ada@x.gov", "sending"), ("eve@x.gov", "sending")], 0)] == seen
    begun_and_sent = [(one, state) for one in ("ada@x.gov", "eve@x.gov") for state in ("sending", "sent")]
    assert begun_and_sent == states(tmp_path)[2:]


def test_kills_while_the_journal_is_kept_elsewhere_cost_no_notice(tmp_path: Path, post: Post) -> None:
    """Nothing was handed over then, however often it happens; only what a machine that forgets may have sent since comes marked."""
    eve = letter("eve@x.gov", served("C5"))
    published(tmp_path, [ADA, eve])

    def killed() -> bool:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            sent(tmp_path, post.smtp, before_send=killed)
    assert [] == post.taken()
    done = sent(tmp_path, post.smtp, before_send=lambda: True)
    assert (0, ["Messages     2 sent once more, marked"], []) == (done.exit_code, done.lines, done.warnings)
    assert [("ada@x.gov", True), ("eve@x.gov", True)] == [(taken.to[0], taken.is_marked) for taken in post.taken()]
    assert ["Messages     2 sent before"] == sent(tmp_path, post.smtp, before_send=lambda: True).lines


def test_a_second_lost_answer_is_the_last_and_says_so(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [letter("mute-1@x.gov", served())])
    said = [sent(tmp_path, post.smtp).warnings for _ in range(3)]
    assert ["once more, marked" in said[0][0], "is not sent again: ask whom it is for" in said[1][0]] == [True, True]
    assert "handed over twice without an answer" in said[2][0]
    assert 2 == len(post.taken())


def test_where_the_journal_cannot_be_kept_nothing_is_sent_and_nothing_is_in_doubt(tmp_path: Path, post: Post) -> None:
    published(tmp_path, [ADA])
    done = sent(tmp_path, post.smtp, before_send=lambda: False)
    assert (6, []) == (done.exit_code, post.taken())
    assert [("ada@x.gov", "sending"), ("ada@x.gov", "failed")] == states(tmp_path)
    assert 0 == sent(tmp_path, post.smtp, before_send=lambda: True).exit_code
    assert [False] == [taken.is_marked for taken in post.taken()]


def test_the_command(tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    today = dt.datetime.fromtimestamp(time.time(), dt.UTC).date()
    published(tmp_path, [ADA], as_of=today)
    smtp = f'[smtp]\nhost = "{HOST}"\nport = {post.smtp.port}\n'
    (tmp_path / "certledger.toml").write_text(
        f'[organization]\ntimezone = "UTC"\n[notices]\nsender = "desk@office.gov"\nallowed_domains = ["x.gov"]\n{smtp}'
    )
    for name, text in LOGIN.items():
        monkeypatch.setenv(name, text)
    keep = shlex.join(["sh", "-c", "env > kept; test ! -e no"])
    (tmp_path / "no").write_text("")
    refused = certledger("-C", tmp_path, "notices", "--send", "--before-send", keep)
    assert (6, "Messages     1 not sent\n") == (refused.returncode, refused.stdout)
    assert "the journal could not be kept before sending" in refused.stderr
    assert "CERTLEDGER" not in (tmp_path / "kept").read_text()
    (tmp_path / "no").unlink()
    assert "2 due" in certledger("-C", tmp_path, "notices").stdout
    assert 6 == certledger("-C", tmp_path, "notices", "--send", "--before-send", "no-such-command").returncode
    done = certledger("-C", tmp_path, "notices", "--send", "--before-send", keep)
    assert (0, "Messages     1 sent\n", "") == (done.returncode, done.stdout, done.stderr)
    listed = certledger("-C", tmp_path, "notices").stdout
    assert (False, True) == (" due" in listed, "2 sent" in listed), listed
    assert 2 == certledger("-C", tmp_path, "notices", "--before-send", keep).returncode
    assert 2 == certledger("-C", tmp_path, "notices", "--send", "--before-send", "'").returncode
    assert 1 == len(post.taken())
