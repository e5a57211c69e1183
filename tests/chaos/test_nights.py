"""The steps of the workflow files as plain commands in clones of a repository: what is pushed and deployed, by exit code, and what is left
of a machine that is lost between two steps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.chaos.scenes import CERTIFICATES, NEW, OLD, PERIOD, came_in, lay_out
from tests.conftest import ROOT

pytestmark = pytest.mark.chaos

WORKFLOW = (ROOT / "site/reference/nightly/github.yml").read_text(encoding="utf-8")
# The very words of the workflow for a night, in order.
STEPS = [step for step in re.findall(r'run: (sh "\$NIGHTLY" \w+)\n', WORKFLOW) if step.split()[-1] in ("run", "keep", "deploy")]
IDENTITY = {f"GIT_{who}_{what}": f"night{at}" for who in ("AUTHOR", "COMMITTER") for what, at in (("NAME", ""), ("EMAIL", "@example.gov"))}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True, env={**os.environ, **IDENTITY})
    return done.stdout.strip()


class Office:
    """A repository, and machines that clone it, work, and are lost."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.machines = folder, 0
        self.origin = folder / "origin.git"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        root = lay_out(folder / "first", '["public"]')
        git(root, "init", "--quiet", "--initial-branch=main")
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "-m", "The workspace")
        git(root, "push", "--quiet", str(self.origin), "main")
        shutil.rmtree(root)

    def clone(self) -> Path:
        self.machines += 1
        git(self.folder, "clone", "--quiet", str(self.origin), f"machine{self.machines}")
        return self.folder / f"machine{self.machines}"

    def changed(self, change: Callable[[Path], None]) -> None:
        """Somebody changes data/ and pushes it."""
        root = self.clone()
        change(root)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "-m", "Data")
        git(root, "push", "--quiet", "origin", "main")
        shutil.rmtree(root)

    def night(self, day: str, steps: Sequence[str] = STEPS, root: Path | None = None) -> tuple[int, str]:
        """The steps on a new machine, until one fails: its exit code, and what was said. The machine is lost afterwards."""
        machine = root or self.clone()
        command = f"{sys.executable} -m pipeline"
        environment = {**os.environ, **IDENTITY, "CERTLEDGER": command, "NIGHTLY": "site/reference/nightly/nightly.sh", "AS_OF": day}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
        code, said = 0, ""
        for step in steps:
            done = subprocess.run(step, shell=True, cwd=machine, env=environment, capture_output=True, text=True, check=False)
            said += done.stdout + done.stderr
            code = done.returncode
            if code:
                break
        said += "".join(path.read_text(encoding="utf-8") for path in sorted((machine / "reports/night").glob("*.md")))
        shutil.rmtree(machine)
        return code, said

    def records(self) -> list[str]:
        return [Path(path).name[:10] for path in git(self.origin, "ls-tree", "-r", "--name-only", "main", "data/ledger/runs").split()]

    def site(self) -> str:
        """The tree of the site that is served; '' for none."""
        found = git(self.origin, "branch", "--list", "gh-pages")
        return git(self.origin, "rev-parse", "gh-pages^{tree}") if found else ""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def another_export(root: Path, first: str = "2026-10-05") -> None:
    rows = "".join(
        f"{number},{number},h{number}.example.gov,{first if number == 30 else '2026-10-05'},2026-10-05,2027-05-20,standard,AGA\n"
        for number in range(30, 50)
    )
    (root / "data/inbox/exports/registry-2026-11-22.csv").write_text(CERTIFICATES + rows, encoding="utf-8")


def damaged(root: Path) -> None:
    (root / "data/inbox/exports/registry-2026-11-22.csv").write_text("no,header,of,ours\n", encoding="utf-8")


def tampered(root: Path) -> None:
    path = root / "data/ledger" / PERIOD / "ledger.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("22119", "22118"), encoding="utf-8")


def test_nights_by_exit_code(office: Office) -> None:
    assert 3 == len(STEPS)
    assert 0 == office.night(OLD)[0]
    first = office.site()
    assert [OLD] == office.records()
    assert "index.html" in git(office.origin, "ls-tree", "--name-only", "gh-pages").split()

    office.changed(lambda root: another_export(root, first="soon"))
    code, said = office.night(NEW)
    assert (0, [OLD, NEW]) == (code, office.records())
    assert "Run: exit code 1" in said
    second = office.site()
    assert first != second

    office.changed(damaged)
    code, said = office.night("2026-11-24")
    assert (3, [OLD, NEW], second) == (code, office.records(), office.site())
    assert "registry-2026-11-22.csv" in said
    assert "**What to do.** Not published, the old site stays." in said

    office.changed(another_export)
    code, said = office.night("2026-11-24", [f'sh "$NIGHTLY" close {PERIOD} Ann', *STEPS[1:]])
    assert 0 == code, said
    third = office.site()
    office.changed(tampered)
    code, said = office.night("2026-11-25")
    assert (4, third) == (code, office.site())
    assert "git checkout" in said


def test_a_machine_lost_between_any_two_steps_leaves_the_old_site_or_the_new_one(office: Office) -> None:
    assert 0 == office.night(OLD)[0]
    old = office.site()
    office.changed(came_in)
    whole = shutil.copytree(office.origin, office.folder / "copy.git")
    assert 0 == office.night(NEW)[0]
    new = office.site()
    assert new != old
    for lost_after in range(len(STEPS)):
        shutil.rmtree(office.origin)
        shutil.copytree(whole, office.origin)
        office.night(NEW, STEPS[:lost_after])
        assert office.site() == old
        assert 0 == office.night(NEW)[0]
        assert (new, [OLD, NEW]) == (office.site(), office.records())


def test_what_was_pushed_meanwhile_is_kept_and_a_refused_push_deploys_nothing(office: Office) -> None:
    machine = office.clone()
    office.changed(came_in)
    assert 0 == office.night(OLD, root=machine)[0]
    assert "data/inbox/exports/registry-2026-11-22.csv" in git(office.origin, "ls-tree", "-r", "--name-only", "main").split()
    assert [OLD] == office.records()
    site = office.site()
    hook = office.origin / "hooks/update"
    hook.write_text("#!/bin/sh\ncase $1 in refs/heads/main) exit 1 ;; esac\n")
    hook.chmod(0o755)
    code, said = office.night(NEW)
    assert (5, [OLD], site) == (code, office.records(), office.site())
    assert "nothing is deployed and nothing is sent" in said


def test_a_pull_request_is_told_what_it_would_change(office: Office) -> None:
    assert 0 == office.night(OLD)[0]
    machine = office.clone()
    came_in(machine)
    code, said = office.night(NEW, ['sh "$NIGHTLY" check'], root=machine)
    assert 0 == code, said
    assert "# What publishing this would change" in said
    assert "certificates new           1: h2.example.gov" in said
    assert [OLD] == office.records()
