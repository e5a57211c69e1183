"""Which tests a mutant meets, in which order, and for how long."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.mutation import record, trial
from tests.mutation.alone import Runner
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Test
from tests.mutation.switch import Switch

# A test that has killed none yet meets so many at a time: which test is about the function shows soon, and the others cost little.
_FIRST = 3


class Plan:
    """Lets mutants meet tests until they are killed, have met all that reach them, or have had `seconds` of computing."""

    def __init__(self, runner: Runner, switch: Switch, seconds: float) -> None:
        self._runner = runner
        self._switch = switch
        self._seconds = seconds
        self._can_tell: set[str] = set()
        self._cannot_tell: set[str] = set()

    def carry_out(self, mutants: Sequence[Mutant], tests: Sequence[Test], outcomes: dict[str, record.Outcome]) -> int:
        """Try mutants of one function with the tests that call it, keep what became of each, and return how many were killed."""
        met = {mutant: set(outcomes.get(record.key(mutant), record.Outcome()).met) for mutant in mutants}
        spent: dict[Mutant, float] = defaultdict(float)
        kills: Counter[str] = Counter()
        meetings: Counter[str] = Counter()
        live, open_tests = list(mutants), [test for test in tests if test.digest not in self._cannot_tell]
        while live and open_tests:
            test = max(open_tests, key=lambda one: _promise(one, kills, meetings))
            now = [one for one in live if test.digest not in met[one] and self._has_time(spent[one], test)]
            if not now:
                open_tests.remove(test)
                continue
            if not kills[test.digest]:
                now = sorted(now, key=lambda one: spent[one])[:_FIRST]
            verdicts = self._verdicts(test, now)
            if not verdicts:
                open_tests.remove(test)
                continue
            meetings[test.digest] += len(now)
            for mutant, verdict in zip(now, verdicts, strict=True):
                spent[mutant] += verdict.seconds
                if verdict.is_killed:
                    kills[test.digest] += 1
                    live.remove(mutant)
                    record.keep(mutant, record.Outcome(killed_by=test.digest))
                else:
                    met[mutant].add(test.digest)
        every = {test.digest for test in tests}
        for mutant in live:
            record.keep(mutant, record.Outcome("", frozenset(met[mutant]), every <= met[mutant]))
        return len(mutants) - len(live)

    def _verdicts(self, test: Test, mutants: Sequence[Mutant]) -> list[trial.Verdict]:
        """None at all where the test cannot tell, which is said once."""
        try:
            found = trial.verdicts(test, mutants, self._runner, self._switch, with_control=test.digest not in self._can_tell)
            self._can_tell.add(test.digest)
            return found
        except trial.BrokenTrialError:
            print(f"cannot be cut in two, and is left out: {test.name}", flush=True)
            self._cannot_tell.add(test.digest)
            return []

    def _has_time(self, spent: float, test: Test) -> bool:
        return not spent or spent + test.seconds <= self._seconds


def _promise(test: Test, kills: Counter[str], meetings: Counter[str]) -> float:
    """How likely a second of this test kills a mutant: one that calls few functions is about this one."""
    return (kills[test.digest] + 1 / len(test.functions)) / (1 + meetings[test.digest]) / (test.seconds + 0.02)
