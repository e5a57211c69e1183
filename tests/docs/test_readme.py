"""The README is a promise: its commands are run here as they stand there, and what it lists is what there is."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from tests.conftest import ROOT, in_a_process

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMPTED = re.findall(r"^\s*\$ (.+?)(?:\s+#.*)?$", README, re.MULTILINE)
TOUR = [line for line in PROMPTED if ".venv/bin/certledger" in line or line.startswith("sed ")]


def test_the_two_commands_stand_on_the_first_screen_and_exist() -> None:
    first_screen = "\n".join(README.splitlines()[:30])
    targets = subprocess.run(["make", "-n", "run", "test"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert targets.returncode == 0, targets.stderr
    assert [] == [command for command in ("$ make run", "$ make test") if command not in first_screen]


def test_the_screenshot_is_there() -> None:
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert 1 == len(pictures)
    assert (ROOT / pictures[0]).stat().st_size < 400_000


def test_every_command_is_listed() -> None:
    assert [] == [name for name in main.commands if f"`certledger {name}" not in README]


def test_ci_calls_exactly_make_test() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert ["make test"] == [line for line in lines if line.startswith("make")]


@pytest.mark.slow
def test_the_tour_runs_as_written(shipped: Path, written: Path, tmp_path: Path) -> None:
    """Every step but the last ends well; the last one damages an input and is told where and why.

    What `certledger sample` writes is copied: it was written by that command, once for all tests.
    """
    workspace = tmp_path / "workspace"
    shutil.copytree(shipped, workspace, symlinks=True)
    ended = []
    for line in TOUR:
        words = shlex.split(line.replace("/tmp/tour", str(tmp_path / "tour")))
        if words[0] == "sed":
            subprocess.run(words, check=True)
        elif words[1] == "sample":
            shutil.copytree(written, *words[2:])
        else:
            assert words[0] == ".venv/bin/certledger"
            ended.append(in_a_process(*(["-C", workspace] if "-C" not in words else []), *words[1:]))
    assert [0] * (len(ended) - 1) == [done.returncode for done in ended[:-1]], "\n".join(done.stderr for done in ended)
    last = ended[-1]
    assert 3 == last.returncode
    assert "inbox/lots/lots.csv" in last.stderr
    assert "line 2" in last.stderr
    assert "Traceback" not in last.stderr


def test_module_call_and_command_are_the_same() -> None:
    done = subprocess.run([sys.executable, "-m", "pipeline", "--version"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith("certledger, version ")
