"""What was found out about each mutant, kept from run to run, and the table of it in tests/mutation.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

from tests.mutation import alike
from tests.mutation.mutants import Mutant

FILE = Path("build/mutation/tried.jsonl")
PAGE = Path("tests/mutation.md")
LEFT = Path("build/mutation/left.md")
_BEGIN, _END = "<!-- make mutate writes from here -->", "<!-- to here -->"
_HEAD = (
    "| module | mutants | tried | killed | left | of a kind that mostly changes nothing | no test reaches | met only some tests |"
    " killed of tried |\n|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Outcome:
    """Digests of tests: of the one that killed the mutant, or "", and of those it outlived; whether these are all that reach it."""

    killed_by: str = ""
    met: frozenset[str] = frozenset()
    met_all: bool = False


def read() -> dict[str, Outcome]:
    """By mutant name and digest, as `key` writes them. What was tried again counts as last said, and no test met is forgotten."""
    found: dict[str, Outcome] = {}
    for line in FILE.read_text().splitlines() if FILE.exists() else ():
        said = json.loads(line)
        earlier = found.get(said["mutant"], Outcome())
        found[said["mutant"]] = Outcome(said["killed_by"], earlier.met | frozenset(said["met"]), said["met_all"])
    return found


def key(mutant: Mutant) -> str:
    """Another text of the function is another mutant, and what was found out about this one says nothing about it."""
    return f"{mutant.name} {mutant.digest}"


def keep(mutant: Mutant, outcome: Outcome) -> None:
    """Add a line: several processes write to the file at a time, and each may be stopped at any."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    line = {"mutant": key(mutant), "killed_by": outcome.killed_by, "met": sorted(outcome.met), "met_all": outcome.met_all}
    with FILE.open("a") as file:
        file.write(json.dumps(line) + "\n")


@dataclass
class Count:
    """The mutants of a module, or of all."""

    mutants: int = 0
    tried: int = 0
    killed: int = 0
    left: int = 0
    mostly_nothing: int = 0
    not_reached: int = 0
    met_some: int = 0

    @property
    def share(self) -> float:
        """Killed of tried, all kinds alike; 0 where nothing was tried."""
        return self.killed / self.tried if self.tried else 0.0

    def add(self, other: Count) -> None:
        """Count those of another module too."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def row(self, name: str) -> str:
        """Of the table in Markdown."""
        return f"| {name} | " + " | ".join(f"{number:,}" for number in astuple(self)) + f" | {100 * self.share:.1f} % |"


@dataclass
class Told:
    """The figures of all mutants, the table of them, and those that are left in words."""

    together: Count = field(default_factory=Count)
    rows: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def told(modules: dict[str, list[Mutant]], outcomes: dict[str, Outcome]) -> Told:
    """Count what was found out about the mutants as they are now."""
    found = Told()
    for module, mutants in modules.items():
        count = Count(mutants=len(mutants))
        for mutant in mutants:
            if outcome := outcomes.get(key(mutant)):
                _count(count, mutant, outcome)
                found.left += [] if outcome.killed_by else _in_words(mutant, outcome)
        found.rows.append(count.row(f"`{module}`"))
        found.together.add(count)
    found.rows.append(found.together.row("together"))
    return found


def _count(count: Count, mutant: Mutant, outcome: Outcome) -> None:
    count.tried += 1
    if outcome.killed_by:
        count.killed += 1
        return
    count.left += 1
    if alike.why(mutant.change):
        count.mostly_nothing += 1
    elif not outcome.met:
        count.not_reached += 1
    elif not outcome.met_all:
        count.met_some += 1


def _in_words(mutant: Mutant, outcome: Outcome) -> Iterator[str]:
    if reason := alike.why(mutant.change):
        said = f"mostly changes nothing: {reason}"
    elif not outcome.met:
        said = "no test reaches"
    else:
        said = "outlived its tests" if outcome.met_all else "met only some tests"
    yield f"{key(mutant)} {said}"
    yield from (f"    {line}" for line in mutant.change)


def write(found: Told) -> None:
    """The table into tests/mutation.md, between its two marks, and those that are left into a file of their own."""
    LEFT.parent.mkdir(parents=True, exist_ok=True)
    LEFT.write_text("\n".join(found.left) + "\n")
    page = PAGE.read_text() if PAGE.exists() else ""
    before, begins, rest = page.partition(_BEGIN)
    if begins:
        PAGE.write_text("\n".join((before + begins, "", _table(found.rows), "", _END + rest.partition(_END)[2])))


def _table(rows: Iterable[str]) -> str:
    return "\n".join((_HEAD, *rows))
