"""`make mutate`: does a test notice when the code of the money and of the dates is changed a little?

mutmut changes the code in some 9,000 places, one at a time (`[tool.mutmut]` in pyproject.toml says in which files, and which tests must
notice). Each change meets the tests that call the changed function until one fails. What became of each is kept in build/mutation, so
that a run that was stopped goes on where it was; the table goes to tests/mutation.md, the changes that no test noticed to
build/mutation/left.md. Exit code 1 if fewer than 90 % of those tried were noticed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import sys
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutation import alike, mutants, reach, record
from tests.mutation.alone import Runner
from tests.mutation.plan import Plan
from tests.mutation.switch import Switch

LEAST_SHARE = 0.9


class Mutation:
    """A pytest plugin: in place of the tests one after the other, mutants and the tests that call what they change."""

    def __init__(self, asked: argparse.Namespace, switch: Switch) -> None:
        self._asked = asked
        self._switch = switch
        self._runner = Runner()

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let the runner see the reports."""
        config.pluginmanager.register(self._runner)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Find out which tests reach what, then share the functions out among processes."""
        reach.warm_up(session.items, self._runner)
        tests = reach.measured(session.items, self._runner, self._switch)
        print(f"{len(tests)} tests", flush=True)
        outcomes = record.read()
        by_function, killers = reach.by_function(tests), _killers(outcomes)
        work = list(_open(self._asked, outcomes, {test.digest for test in tests}).items())
        random.Random(0).shuffle(work)  # a run that is stopped has tried some of every module
        workers = []
        for number in range(self._asked.processes):
            worker = os.fork()
            if worker == 0:
                for function, some in work[number :: self._asked.processes]:
                    plan = Plan(by_function.get(function, []), killers[function], self._runner, self._switch, self._asked.seconds)
                    killed = plan.carry_out(some, outcomes)
                    print(f"{function}: {killed} of {len(some)} killed", flush=True)
                os._exit(0)
            workers.append(worker)
        for worker in workers:
            os.waitpid(worker, 0)
        return True


def _open(asked: argparse.Namespace, outcomes: dict[str, record.Outcome], tests: set[str]) -> dict[str, list[mutants.Mutant]]:
    """By function, the mutants that are asked for and not known to be killed by a test as it is now."""
    found = defaultdict(list)
    for module, all_of_it in mutants.of_modules().items():
        if not asked.modules or module.partition(".")[2] in asked.modules:
            for mutant in all_of_it[:: asked.every]:
                outcome = outcomes.get(record.key(mutant), record.Outcome())
                state = "untried" if outcome == record.Outcome() else "" if alike.why(mutant.change) else "left"
                if outcome.killed_by not in tests and asked.only in ("", state):
                    found[mutant.function].append(mutant)
    return found


def _killers(outcomes: dict[str, record.Outcome]) -> dict[str, list[str]]:
    """By function, the tests that killed mutants of it."""
    found = defaultdict(list)
    for name, outcome in outcomes.items():
        found[name.rpartition("__mutmut_")[0]].append(outcome.killed_by)
    return found


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("modules", nargs="*", help="such as chargeback.posting; without any: all")
    asked.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth mutant of each module")
    asked.add_argument("--seconds", type=float, default=2.0, help="of computing that a mutant gets in this run before it is left (2)")
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="at a time; otherwise one a core")
    asked.add_argument("--only", choices=("untried", "left"), default="", help="those never tried, or those left that change something")
    asked.add_argument("--only-tell", action="store_true", help="try nothing: count what earlier runs found out")
    return asked.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """0: at least 90 % of those tried were killed; 1: fewer; 2: the tests could not be collected."""
    asked = _arguments(words)
    mutants.write()
    if not asked.only_tell and not _try(asked):
        print("The tests could not be collected: see above.")
        print(f"Were mutants half written, by a run that was stopped? Then: rm -r {mutants.FOLDER}")
        return 2
    found = record.told(mutants.of_modules(), record.read())
    record.write(found)
    count = found.together
    print("\n".join(found.rows))
    said = f"{count.killed:,} of {count.tried:,} tried were killed, {100 * count.share:.1f} %"
    print(f"{said}; {count.mutants - count.tried:,} were not tried.")
    print(f"Those that no test noticed: {record.LEFT}")
    return 0 if count.share >= LEAST_SHARE else 1


def _try(asked: argparse.Namespace) -> bool:
    """Collect the tests once, over the code with the mutants, and try these; whether the tests could be collected."""
    sys.path.insert(0, str(mutants.FOLDER.absolute()))
    switch = Switch()
    switch.install()
    settings = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]
    for package in settings["source_paths"]:
        # Before pytest, which puts the checkout itself first.
        importlib.import_module(package)
    words = [*settings["pytest_add_cli_args_test_selection"], *settings["pytest_add_cli_args"]]
    plain = ["-q", "-s", "--tb=line", "--assert=plain", "-p", "no:xdist", "-p", "no:faulthandler"]
    return pytest.main([*plain, *words], plugins=[Mutation(asked, switch)]) == pytest.ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
