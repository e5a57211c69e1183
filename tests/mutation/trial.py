"""Whether a test fails with a mutant.

A test runs as it is until it first calls the changed function. There the process forks once for each mutant, and each copy goes on with
its own: what the test builds before that is built once.
"""

from __future__ import annotations

import gc
import math
import os
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from tests.mutation.alone import Answer, Runner, answered
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Test
from tests.mutation.switch import Switch


@dataclass(frozen=True)
class Verdict:
    """Whether the test failed with the mutant or did not end, and the seconds of computing until then."""

    is_killed: bool
    seconds: float


class BrokenTrialError(Exception):
    """A test that passes fails without any mutant when copies go on with it: it can tell nothing."""


def verdicts(test: Test, mutants: Sequence[Mutant], runner: Runner, switch: Switch, *, with_control: bool) -> list[Verdict]:
    """Of each of the mutants, all of one function that the test calls.

    With a control also a copy without a mutant goes on; raises BrokenTrialError if it fails, or if the test does not call the function.
    """
    names = [""] * with_control + [mutant.name for mutant in mutants]

    def work(answer: Answer) -> None:
        switch.at_first_call = lambda: _part(names, test.seconds, answer, runner, switch)
        switch.armed = mutants[0].function
        runner.passes(test.item)

    told = answered(work)
    if told is None:
        raise BrokenTrialError(test.name)
    found = [Verdict(*one) for one in told]
    if with_control and found.pop(0).is_killed:
        raise BrokenTrialError(test.name)
    return found


def _part(names: list[str], usual_seconds: float, answer: Answer, runner: Runner, switch: Switch) -> None:
    """Return once for each name, each time in a copy of this process; this process tells what became of them and ends."""
    limit = math.ceil(10 * usual_seconds) + 5
    gc.disable()
    found = []
    for name in names:
        copy = os.fork()
        if copy == 0:
            gc.enable()
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(20 * limit)
            switch.active = name
            runner.ends_at_failure = True
            return
        _, status, used = os.wait4(copy, 0)
        found.append((status != 0, round(used.ru_utime + used.ru_stime, 3)))
    answer(found)
