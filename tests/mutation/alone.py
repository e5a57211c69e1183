"""Work in a copy of this process, so that nothing it does stays; and pytest's way of running one test."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

Say = Callable[[str], object]


@dataclass(frozen=True)
class Ended:
    """What a copy said before it ended, whether it ended by itself and in peace, and its seconds of computing."""

    said: str
    in_peace: bool
    seconds: float


def in_a_copy(work: Callable[[Say], object]) -> Ended:
    """Let a copy of this process do the work; nothing it prints is shown."""
    reader, writer = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(reader)
        _silence()
        code = 1
        try:
            work(lambda text: os.write(writer, text.encode()))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    _, status, used = os.wait4(copy, 0)
    return Ended(said, status == 0, used.ru_utime + used.ru_stime)


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


class Runner:
    """Runs tests for us. A pytest plugin, because only pytest sees whether a test fails."""

    def __init__(self) -> None:
        self.ends_at_failure = False
        self._has_failed = False

    def passes(self, item: pytest.Item) -> bool:
        """Run the test with fixtures of its own, built and taken down; skipped is passed."""
        self._has_failed = False
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return not self._has_failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """A copy that is only asked whether a test fails ends there: nothing has to be taken down or told."""
        if self.ends_at_failure and call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            os._exit(1)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember that the test failed."""
        self._has_failed |= report.failed
