"""Which tests a mutant meets, in which order, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.mutation import record
from tests.mutation.alone import Runner
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Test
from tests.mutation.switch import Switch
from tests.mutation.trial import tried


class Plan:
    """Lets the mutants of a function meet the `tests` that call it, until they are killed or have had `seconds` of computing. `killers` are
    the digests of tests that killed others of the function before."""

    def __init__(self, tests: Sequence[Test], killers: Iterable[str], runner: Runner, switch: Switch, seconds: float) -> None:
        self._tests = tests
        self._runner = runner
        self._switch = switch
        self._seconds = seconds
        self._kills = Counter(killers)
        self._meetings: Counter[str] = Counter()
        self._tests_with = Counter(word for test in tests for word in test.words)

    def carry_out(self, mutants: Sequence[Mutant], outcomes: dict[str, record.Outcome]) -> int:
        """Keep what became of each mutant, and return how many were killed."""
        met = {mutant: set(outcomes.get(record.key(mutant), record.Outcome()).met) for mutant in mutants}
        live = [mutant for mutant in mutants if not self._is_killed(mutant, self._tests, met[mutant])]
        # The first ones were tried before it was known which tests are about the function.
        killers = [test for test in self._tests if self._kills[test.digest]]
        live = [mutant for mutant in live if not self._is_killed(mutant, killers, met[mutant])]
        every = {test.digest for test in self._tests}
        for mutant in live:
            record.keep(mutant, record.Outcome("", frozenset(met[mutant]), every <= met[mutant]))
        return len(mutants) - len(live)

    def _is_killed(self, mutant: Mutant, tests: Sequence[Test], met: set[str]) -> bool:
        """Adds to `met` those that it outlives. A test that fails after others is tried once more alone, as it is known to pass."""
        spent = 0.0
        while chosen := self._chosen(tests, mutant, met, spent):
            trial = tried(mutant, chosen, self._runner, self._switch)
            spent += trial.seconds
            outlived = {test.digest for test in chosen[: trial.outlived]}
            self._meetings.update(outlived)
            met |= outlived
            if trial.is_killed:
                test = chosen[trial.outlived]
                if trial.outlived == 0 or tried(mutant, [test], self._runner, self._switch).is_killed:
                    self._kills[test.digest] += 1
                    record.keep(mutant, record.Outcome(killed_by=test.digest))
                    return True
                met.add(test.digest)
        return False

    def _chosen(self, tests: Sequence[Test], mutant: Mutant, met: set[str], spent: float) -> list[Test]:
        """Those not met yet for which there is time, the most promising first; one at least, where none was tried."""
        chosen: list[Test] = []
        words = mutant.words
        for test in sorted((one for one in tests if one.digest not in met), key=lambda one: self._promise(one, words), reverse=True):
            if spent and spent + test.seconds > self._seconds:
                break
            spent += test.seconds
            chosen.append(test)
        return chosen

    def _promise(self, test: Test, words: frozenset[str]) -> float:
        """How likely a second of this test kills a mutant that changes these words: it is about the function if it calls few others, and
        about the line if it says the same words as few other tests do."""
        about = 1 / len(test.functions) + sum(1 / self._tests_with[word] for word in words & test.words)
        return (self._kills[test.digest] + about) / (1 + self._meetings[test.digest]) / (test.seconds + 0.02)
