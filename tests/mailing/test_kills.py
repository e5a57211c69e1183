"""Killed at any point of a run of five messages and called again: 0 lost, twice only what was in doubt, marked. All points: make chaos."""

from __future__ import annotations

from pathlib import Path

from tests.mailing.kills import office, points, survives, survives_on_a_machine_that_forgets
from tests.mailing.mail_server import Post

STEP = 13  # no divisor of the points of a message, so that each kind of point has its turn


def test_killed_at_a_thirteenth_of_all_points_nothing_is_lost(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path)
    for point in range(1, points(root, post) + 1, STEP):
        survives(root, post, point)


def test_a_machine_that_forgets_loses_nothing_either(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path)
    for point in range(6, points(root, post, forgets=True) + 1, 4 * STEP):
        survives_on_a_machine_that_forgets(root, post, point)
