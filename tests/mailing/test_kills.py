"""Killed at any point of a run of five messages and called again: 0 lost, twice only what was in doubt, marked. All points: make chaos."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from pipeline.notices.journal_lines import as_line
from pipeline.publish.notice_lines import JournalNotWrittenError
from tests.mailing.kills import JOURNAL, LETTERS, office, points, survives, survives_on_a_machine_that_forgets
from tests.mailing.mail_server import Post, forked
from tests.mailing.office import NOW, sent, states

STEP = 13  # no divisor of the points of a message, so that each kind of point has its turn


def test_killed_at_a_thirteenth_of_all_points_nothing_is_lost(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path)
    for point in range(1, points(root, post) + 1, STEP):
        survives(root, post, point)


def test_a_machine_that_forgets_loses_nothing_either(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path)
    for point in range(6, points(root, post, forgets=True) + 1, 4 * STEP):
        survives_on_a_machine_that_forgets(root, post, point)


def test_a_disk_that_fills_up_in_the_middle_of_a_line_stops_the_call_and_loses_nothing(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path)
    begun = len(as_line(LETTERS[0], "sending", NOW))

    def fills_up() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (begun + 40, begun + 40))
        with pytest.raises(JournalNotWrittenError, match="cannot be written"):
            sent(root, post.smtp)

    assert 0 == os.waitstatus_to_exitcode(os.waitpid(forked(fills_up), 0)[1])
    assert begun + 40 == sum(path.stat().st_size for path in (root / JOURNAL).iterdir())
    assert [("m0@x.gov", "sending")] == states(root)
    again = sent(root, post.smtp)
    assert (0, 1) == (again.exit_code, len(again.warnings))
    assert [("m0@x.gov", False), ("m0@x.gov", True)] == [(taken.to[0], taken.is_marked) for taken in post.taken()][:2]
    assert [False] * 4 == [taken.is_marked for taken in post.taken()][2:]
