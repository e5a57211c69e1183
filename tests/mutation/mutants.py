"""The mutants that mutmut writes below `mutants/`: which function each changes, and what it changes there."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import io
import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from mutmut.__main__ import create_mutants
from mutmut.utils.file_utils import copy_src_dir

FOLDER = Path("mutants")


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    `name` and `function` are mutmut's (`pipeline.money.x_plain__mutmut_1`, `pipeline.money.x_plain`), `digest` is of the text of the
    function before and after: where the text is as it was, what was found out about the mutant holds. `change` are the lines it
    replaces (`-`) and puts there (`+`).
    """

    name: str
    function: str
    digest: str
    change: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        """Of the lines that it changes."""
        return words_of("\n".join(self.change))


def words_of(text: str) -> frozenset[str]:
    """Names and words of four letters or more, and numbers of two digits or more."""
    return frozenset(re.findall(r"[A-Za-z]{4,}|\d{2,}", text))


def write() -> None:
    """Copy the code below `mutants/` and let mutmut write the mutants of what changed since; `[tool.mutmut]` says of which files."""
    FOLDER.mkdir(exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        copy_src_dir()
        create_mutants(max_children=1)


def of_modules() -> dict[str, list[Mutant]]:
    """All mutants, of each module in the order in which mutmut wrote them."""
    found = {}
    for listed in sorted(FOLDER.rglob("*.py.meta")):
        file = listed.with_suffix("")
        if file.relative_to(FOLDER).exists():
            module = ".".join(file.relative_to(FOLDER).with_suffix("").parts)
            found[module] = list(_of_file(file, json.loads(listed.read_text())["exit_code_by_key"]))
    return found


def _of_file(file: Path, names: dict[str, None]) -> list[Mutant]:
    lines = file.read_text().splitlines()
    spans = json.loads(file.with_name(f"{file.name}.spans").read_text())["spans"]

    def text(name: str) -> str:
        first, last = spans[name]
        return "\n".join(lines[first - 1 : last]).replace(name, "F")

    found = []
    for name in names:
        function = name.rpartition("__mutmut_")[0]
        before = text(f"{function.rpartition('.')[2]}__mutmut_orig")
        after = text(name.rpartition(".")[2])
        digest = hashlib.sha1((after + before).encode(), usedforsecurity=False).hexdigest()[:12]
        found.append(Mutant(name, function, digest, tuple(_changed(before, after))))
    return found


def _changed(before: str, after: str) -> list[str]:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return [line for line in lines if not line.startswith("@@")]
