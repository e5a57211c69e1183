"""Sending, killed at every point of a run of five messages (`make chaos`; a thirteenth of the points is part of `make test`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mailing.kills import office, points, survives, survives_on_a_machine_that_forgets
from tests.mailing.mail_server import Post, started

pytestmark = pytest.mark.chaos


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    running = started(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    yield running
    running.stop()


def test_killed_at_every_point_nothing_is_lost_and_what_comes_twice_is_marked(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path / "office")
    many = points(root, post)
    assert many > 100
    for point in range(1, many + 1):
        survives(root, post, point)


def test_a_machine_that_forgets_killed_at_every_point_loses_nothing_either(tmp_path: Path, post: Post) -> None:
    root = office(tmp_path / "office")
    for point in range(1, points(root, post, forgets=True) + 1):
        survives_on_a_machine_that_forgets(root, post, point)
