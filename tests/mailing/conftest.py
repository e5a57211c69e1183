"""A mail server for the tests of sending, and a moment at which they happen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mailing.mail_server import Post, started


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """A server with STARTTLS and a login."""
    post = started(tmp_path_factory.mktemp("post"))
    yield post
    post.stop()


@pytest.fixture
def post(running: Post, monkeypatch: pytest.MonkeyPatch) -> Post:
    """The same, its box empty, trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
    running.empty()
    return running
