"""A test on its own in a copy of this process, so that nothing it does stays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

Answer = Callable[[Any], NoReturn]


def answered(work: Callable[[Answer], object]) -> Any:
    """What `work` answers in a copy of this process that says nothing; None if the copy ends without an answer."""
    reader, writer = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(reader)
        _silence()
        try:
            work(lambda found: _answer(writer, found))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(copy, 0)
    return json.loads(text) if text else None


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def _answer(writer: int, found: Any) -> NoReturn:
    with os.fdopen(writer, "w") as pipe:
        json.dump(found, pipe)
    os._exit(0)


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
        """A copy that is only asked whether the test fails ends there: nothing has to be taken down or told."""
        if self.ends_at_failure and call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            os._exit(1)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember that the test failed."""
        self._has_failed |= report.failed
