"""The walk-through "Add an export layout", followed step by step in a copy of the checkout."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "site/reference/exports/add-a-layout.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^## \d+\. (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
PARTS = ("pipeline", "tests", "site", "templates", "data", "mkdocs.yml", "pyproject.toml")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class Developer:
    """Somebody who follows the page: has a copy of the checkout and an empty workspace, and does what a step says."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.workspace = folder / "checkout", folder / "workspace"
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, self.checkout / part, ignore=shutil.ignore_patterns("__pycache__", "runs"))
            else:
                shutil.copyfile(ROOT / part, self.checkout / part)
        assert 0 == self.run("-m", "pipeline", "init", str(self.workspace)).returncode

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # else each of them compiles all modules anew
        return subprocess.run(command, cwd=self.checkout, capture_output=True, text=True, check=False, env=environment)

    def types(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line of a console block."""
        words = shlex.split(line.removeprefix("$ "))
        return self.run("-m", "pipeline", "-C", str(self.workspace), *words[1:]) if words[0] == "certledger" else self.run(*words[1:])


@pytest.mark.slow  # four processes, one of them a run of tests
def test_the_walk_through_works_as_written(tmp_path: Path) -> None:
    developer = Developer(tmp_path)
    put, ask, declare, example, run, again, tell = (text for _, text in STEPS)

    (path,) = re.findall(r"`(data/inbox/[^`]+)`", put)
    (developer.workspace / path).write_text(blocks(put, "csv")[0], encoding="utf-8")

    done = developer.types(blocks(ask, "console")[0].strip())
    assert 3 == done.returncode, done.stdout + done.stderr
    assert blocks(ask, "text")[0].strip() in done.stderr

    module = developer.checkout / "pipeline/sources/layouts_inventory.py"
    declaration, listed = blocks(declare, "python")
    above, _, old = module.read_text(encoding="utf-8").rpartition("LAYOUTS = ")
    assert listed.strip().replace(", HARBOR_CA)", ")") == f"LAYOUTS = {old}".strip(), "the page quotes the layouts that there are"
    module.write_text(f"{above}{declaration}\n{listed}", encoding="utf-8")

    exports = developer.checkout / "tests/sources/exports.py"
    exports.write_text(exports.read_text(encoding="utf-8") + "\n" + blocks(example, "python")[0], encoding="utf-8")

    done = developer.types(f"{blocks(run, 'console')[0].strip()} -k harbor-ca")
    assert 0 == done.returncode, done.stdout
    assert re.search(r"\b5 passed", done.stdout), done.stdout

    done = developer.types(blocks(again, "console")[0].strip())
    assert 0 == done.returncode, done.stdout + done.stderr
    assert blocks(again, "text")[0].strip() in done.stdout

    assert "(index.md)" in tell
