"""Which tests reach a function: those that call it."""

from __future__ import annotations

import functools
import gc
import hashlib
import inspect
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutation.alone import Runner, Say, in_a_copy
from tests.mutation.mutants import FOLDER, words_of
from tests.mutation.switch import Switch

FILE = Path("build/mutation/reach.json")
# Whether a test passes, its seconds of computing, the functions that it calls.
Measured = tuple[bool, float, list[str]]


@dataclass(frozen=True)
class Test:
    """A test that passes: the digest of its name and text, the words of it, the seconds of computing it takes, the functions it calls."""

    __test__ = False

    item: pytest.Item
    digest: str
    words: frozenset[str]
    seconds: float
    functions: frozenset[str]

    @property
    def name(self) -> str:
        """As pytest names it."""
        return self.item.nodeid


def measured(items: Iterable[pytest.Item], runner: Runner, switch: Switch) -> list[Test]:
    """Each test that passes, tried alone; tells of those that fail. As measured before where neither its file nor a module with mutants
    that it calls has changed."""
    modules = {".".join(path.relative_to(FOLDER).with_suffix("").parts): _digest_of(path) for path in FOLDER.rglob("*.py")}
    known = _unchanged(modules)
    now: dict[str, Measured] = {}
    found = []
    for item in items:
        name = f"{item.nodeid} {_digest_of(item.path)}"
        now[name] = passes, seconds, functions = known.get(name) or _alone(item, runner, switch)
        if passes:
            text = inspect.getsource(item.function) if isinstance(item, pytest.Function) else ""
            digest = hashlib.sha1((item.nodeid + text).encode(), usedforsecurity=False).hexdigest()[:10]
            found.append(Test(item, digest, words_of(text), seconds, frozenset(functions)))
        else:
            print(f"fails without any mutant, and is left out: {item.nodeid}", flush=True)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps({"modules": modules, "tests": now}))
    return found


def _unchanged(modules: dict[str, str]) -> dict[str, Measured]:
    """By the name of a test and the digest of its file, what was measured before and holds for these modules and their digests."""
    if not FILE.exists():
        return {}
    then = json.loads(FILE.read_text())
    same = {module for module, digest in modules.items() if then["modules"].get(module) == digest}
    return {name: told for name, told in then["tests"].items() if same.issuperset(map(_module_of, told[2]))}


def _module_of(function: str) -> str:
    return function.rpartition(".")[0]


@functools.cache
def _digest_of(path: Path) -> str:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()


def _alone(item: pytest.Item, runner: Runner, switch: Switch) -> Measured:
    def work(say: Say) -> None:
        switch.called.clear()
        began = time.process_time()
        passes = runner.passes(item)
        say(json.dumps((passes, time.process_time() - began, sorted(switch.called))))

    ended = in_a_copy(work)
    return json.loads(ended.said) if ended.in_peace else (False, 0.0, [])


def by_function(tests: Iterable[Test]) -> dict[str, list[Test]]:
    """The tests that call each function."""
    found = defaultdict(list)
    for test in tests:
        for function in test.functions:
            found[function].append(test)
    return found


def warm_up(items: Sequence[pytest.Item], runner: Runner) -> None:
    """Run the first test of each file here, for what is imported late; then forget all that our own code remembers of earlier calls.

    A function that is not called again because its answer is known is not reached, and its mutants would live.
    """
    for item in {item.path: item for item in reversed(items)}.values():
        runner.passes(item)
    gc.unfreeze()
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and str(one.__module__).partition(".")[0] in ("pipeline", "tests"):
            one.cache_clear()
    gc.collect()
    gc.freeze()
