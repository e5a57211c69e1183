"""Whether tests notice a mutant."""

from __future__ import annotations

import math
import resource
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.mutation.alone import Runner, Say, in_a_copy
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Test
from tests.mutation.switch import Switch


@dataclass(frozen=True)
class Trial:
    """How many of the tests the mutant outlived, one after the other, whether the next one killed it, and the seconds of computing."""

    outlived: int
    is_killed: bool
    seconds: float


def tried(mutant: Mutant, tests: Sequence[Test], runner: Runner, switch: Switch) -> Trial:
    """Run `tests` with the mutant in a copy of this process, until one fails or does not end."""

    def work(say: Say) -> None:
        switch.active = mutant.name
        runner.ends_at_failure = True
        for test in tests:
            _give(math.ceil(10 * test.seconds) + 5)
            runner.passes(test.item)
            say(".")

    ended = in_a_copy(work)
    return Trial(len(ended.said), not ended.in_peace, ended.seconds)


def _give(seconds: int) -> None:
    """End this process if it computes for so much longer, or waits for twenty times as long."""
    most = math.ceil(time.process_time()) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(20 * seconds)
