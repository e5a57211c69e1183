"""The house holds: imports go down, modules are short and named in ARCHITECTURE.md, and no room is called after nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
LONGEST_MODULE = 400
LONGEST_FLOW = 100


def test_imports_only_go_down_the_floors() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_can_be_read_in_one_sitting(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) < LONGEST_MODULE


def test_the_flow_is_one_page() -> None:
    assert len((ROOT / "pipeline/flow.py").read_text(encoding="utf-8").splitlines()) < LONGEST_FLOW + 1


def test_every_module_is_named_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    as_names = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)  # a word of a sentence names no module
    listed = {name for quoted in as_names for name in re.findall(r"\w+", quoted)}
    names = {path.stem for path in MODULES if not path.stem.startswith("__")} | {path.parent.name for path in MODULES}
    assert [] == sorted(names - listed)


def test_the_architecture_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) < 120


def test_no_room_is_named_after_nothing() -> None:
    vague = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}
    assert [path.as_posix() for path in MODULES if vague & {path.stem, *path.parts}] == []
