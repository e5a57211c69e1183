"""The workflow files of a night: they call the steps that the script has, with a timeout and a lock, and take nothing that may change."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mkdocs.utils.yaml import yaml_load

from tests.conftest import ROOT

FOLDER = ROOT / "site/reference/nightly"
SCRIPT = (FOLDER / "nightly.sh").read_text(encoding="utf-8")
STEPS = set(re.findall(r"^(\w+)\)", SCRIPT, re.MULTILINE))


def workflow(name: str) -> dict[Any, Any]:
    with (FOLDER / name).open(encoding="utf-8") as stream:
        read: dict[Any, Any] = yaml_load(stream)
        return read


@pytest.mark.parametrize("name", ["github.yml", "gitlab-ci.yml"])
def test_each_step_that_is_called_is_one_of_the_script(name: str) -> None:
    called = set(re.findall(r'sh "\$NIGHTLY" (\w+)', (FOLDER / name).read_text(encoding="utf-8")))
    assert {"run", "keep", "send", "close", "check"} <= called <= STEPS


def test_the_script_can_be_read_by_a_plain_shell(tmp_path: Path) -> None:
    (tmp_path / "certledger.toml").touch()
    assert 0 == subprocess.run(["sh", "-n", FOLDER / "nightly.sh"], check=False).returncode
    usage = subprocess.run(["sh", FOLDER / "nightly.sh"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (2, True) == (usage.returncode, "nightly.sh verdict" in usage.stderr)


def test_on_github_every_job_ends_and_every_action_is_pinned() -> None:
    jobs = workflow("github.yml")["jobs"]
    assert [] == [name for name, job in jobs.items() if not job["timeout-minutes"]]
    assert {"group": "certledger", "cancel-in-progress": False} == jobs["night"]["concurrency"]
    actions = re.findall(r"uses: (\S+)", (FOLDER / "github.yml").read_text(encoding="utf-8"))
    assert [] == [action for action in actions if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action)]


def test_on_gitlab_every_job_ends_and_those_that_write_take_turns() -> None:
    jobs = {name: job for name, job in workflow("gitlab-ci.yml").items() if isinstance(job, dict) and "script" in job}
    assert [] == [name for name, job in jobs.items() if not (job.get("timeout") or job.get("extends") == ".writes")]
    writing = workflow("gitlab-ci.yml")[".writes"]
    assert ("certledger", "1 hour") == (writing["resource_group"], writing["timeout"])
    assert {"exit_codes": [1, 6]} == jobs["warning"]["allow_failure"]
