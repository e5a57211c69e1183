"""The steps of the workflow files as plain commands in clones of a repository: what is pushed and deployed, by exit code, and what is left
of a machine that is lost between two steps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mkdocs.utils.yaml import yaml_load

from pipeline.publish import staging
from tests.chaos.scenes import CERTIFICATES, NEW, OLD, PERIOD, came_in, lay_out
from tests.conftest import ROOT
from tests.mailing.mail_server import Post, started
from tests.mailing.office import LOGIN

pytestmark = pytest.mark.chaos

NIGHTLY = ROOT / "site/reference/nightly"
WORKFLOW = (NIGHTLY / "github.yml").read_text(encoding="utf-8")
# The very words of the workflow for a night, in order.
CALLED = re.findall(r'run: (sh "\$NIGHTLY" \w+)\n', WORKFLOW)
STEPS = [step for step in CALLED if step.split()[-1] in ("run", "keep", "deploy")]
WITH_NOTICES = [step for step in CALLED if step.split()[-1] in ("run", "keep", "deploy", "send")]
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

    def night(
        self, day: str, steps: Sequence[str] = STEPS, root: Path | None = None, world: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """The steps on a new machine, until one fails: its exit code, and what was said. The machine is lost afterwards."""
        machine = root or self.clone()
        code, said = done_in(machine, day, steps, world)
        said += "".join(path.read_text(encoding="utf-8") for path in sorted((machine / "reports/night").glob("*.md")))
        shutil.rmtree(machine)
        return code, said

    def records(self) -> list[str]:
        return [Path(path).name[:10] for path in git(self.origin, "ls-tree", "-r", "--name-only", "main", "data/ledger/runs").split()]

    def site(self) -> str:
        """The tree of the site that is served; '' for none."""
        found = git(self.origin, "branch", "--list", "gh-pages")
        return git(self.origin, "rev-parse", "gh-pages^{tree}") if found else ""


def done_in(machine: Path, day: str, steps: Sequence[str], world: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The steps in the clone `machine`, until one fails: its exit code, and what was said."""
    environment = {**os.environ, **IDENTITY, "NIGHTLY": "site/reference/nightly/nightly.sh", "AS_OF": day, **(world or {})}
    environment |= {"CERTLEDGER": f"{sys.executable} -m pipeline", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    said = ""
    for step in steps:
        done = subprocess.run(step, shell=True, cwd=machine, env=environment, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, said
    return 0, said


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


def misspelt(root: Path) -> None:
    with (root / "certledger.toml").open("a", encoding="utf-8") as stream:
        stream.write("keep_run = 3\n")


def spelt_right(root: Path) -> None:
    path = root / "certledger.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("keep_run = 3\n", ""), encoding="utf-8")


def with_a_dead_link(root: Path) -> None:
    (root / "site/service/hours.md").write_text("# Hours\n\nSee [the desk](desk.md).\n", encoding="utf-8")


def without_it(root: Path) -> None:
    (root / "site/service/hours.md").unlink()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    (tmp_path / "post").mkdir()
    running = started(tmp_path / "post")
    yield running
    running.stop()


def with_mail(root: Path, post: Post) -> None:
    """Two certificates that end in twenty days, whose contacts are told by the server of this machine, which knows one of them."""
    today = pd.Timestamp(time.time(), unit="s").normalize()
    issued, ends = (f"{today + pd.Timedelta(days=days):%Y-%m-%d}" for days in (-200, 20))
    rows = (
        f"{at},0{at},h{at}.example.gov,{issued},{issued},{ends},standard,AGA,{who}@x.gov\n" for at, who in ((1, "ann"), (2, "gone-bob"))
    )
    header = CERTIFICATES.replace("agency\n", "agency,contact_email\n")
    (root / "data/inbox/exports/registry-2026-11-20.csv").write_text(header + "".join(rows), encoding="utf-8")
    path = root / "certledger.toml"
    text = path.read_text(encoding="utf-8").replace("sample = true", 'sample = false\nservice_owner = "desk@x.gov"')
    mail = f'[notices]\nsender = "desk@x.gov"\nallowed_domains = ["x.gov"]\n[smtp]\nhost = "{post.smtp.host}"\nport = {post.smtp.port}\n'
    path.write_text(text + mail, encoding="utf-8")


def job(name: str) -> list[str]:
    """The commands of a job of the GitLab file."""
    with (NIGHTLY / "gitlab-ci.yml").open(encoding="utf-8") as stream:
        jobs: dict[str, Any] = yaml_load(stream)
    return list(jobs[name]["script"])


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


def test_a_night_that_stops_keeps_the_old_site_whatever_stopped_it(office: Office) -> None:
    assert 0 == office.night(OLD)[0]
    old = office.site()
    for change, mend, expected, words in ((misspelt, spelt_right, 2, "keep_run"), (with_a_dead_link, without_it, 5, "desk.md")):
        office.changed(change)
        code, said = office.night(NEW)
        assert (expected, old, [OLD]) == (code, office.site(), office.records()), said
        assert words in said
        office.changed(mend)
    machine = office.clone()
    with staging.lock(machine):
        code, said = office.night(NEW, root=machine)
    assert (75, old, [OLD]) == (code, office.site(), office.records()), said
    assert "Another run is under way. Wait for it to end" in said
    assert 0 == office.night(NEW)[0]
    assert (True, [OLD, NEW]) == (office.site() != old, office.records())


def test_notices_that_cannot_be_sent_leave_the_new_site_and_a_warning(office: Office, post: Post) -> None:
    office.changed(lambda root: with_mail(root, post))
    world = {**LOGIN, "SSL_CERT_FILE": str(post.certificate)}
    assert 4 == len(WITH_NOTICES)
    code, said = office.night("", [*WITH_NOTICES, 'sh "$NIGHTLY" verdict'], world=world)
    assert (6, ["ann@x.gov", "desk@x.gov"]) == (code, [taken.to[0] for taken in post.taken()]), said
    assert "Not sent to gone-bob@x.gov" in said
    assert "**What to do.** Published. Some notices are unsent" in said
    assert office.site()
    journal = git(office.origin, "ls-tree", "-r", "--name-only", "main", "data/ledger/notices").split()
    assert 1 == len(journal)
    told = git(office.origin, "show", f"main:{journal[0]}")
    assert ["sending", "sent", "failed"] == [state for state in ("sending", "sent", "failed") if f'"{state}"' in told], told

    office.night("", WITH_NOTICES, world=world)
    assert ["ann@x.gov"] == [taken.to[0] for taken in post.taken() if taken.to[0] == "ann@x.gov"]
    code, said = office.night("", [*WITH_NOTICES[:3], "rm -r reports/latest", WITH_NOTICES[3]], world=world)
    assert 2 == code, said
    machine = office.clone()
    assert 0 == done_in(machine, "", STEPS)[0]
    with staging.lock(machine):
        assert 75 == office.night("", WITH_NOTICES[3:], root=machine, world=world)[0]


def test_on_gitlab_the_same_script_deploys_the_same_site(office: Office) -> None:
    assert 0 == office.night(OLD)[0]
    whole = shutil.copytree(office.origin, office.folder / "copy.git")
    office.changed(lambda root: another_export(root, first="soon"))
    on_github = office.night(NEW)[0], office.records(), office.site()
    shutil.rmtree(office.origin)
    shutil.copytree(whole, office.origin)
    office.changed(lambda root: another_export(root, first="soon"))
    machine = office.clone()
    code, said = done_in(machine, NEW, job("night"))
    assert (0, [OLD, NEW]) == (code, office.records()), said
    following = office.clone()  # only what a job hands on is there in the next one
    shutil.copytree(machine / "reports/night", following / "reports/night")
    assert 0 == done_in(following, NEW, job("pages"))[0]
    (following / "public/.nojekyll").touch()
    git(following, "--work-tree=public", "add", "--all", "--force", ".")
    assert on_github == (0, office.records(), git(following, "write-tree"))
    assert 0 == done_in(machine, NEW, job("pages"))[0]
    code, said = done_in(machine, NEW, job("warning"))
    assert (1, True) == (code, "Run: exit code 1" in said)
    office.changed(damaged)
    stopped = office.clone()
    assert 3 == done_in(stopped, "2026-11-24", job("night"))[0]
    assert 0 != done_in(stopped, "2026-11-24", job("pages"))[0]
    world = {"PERIOD": PERIOD, "GITLAB_USER_NAME": "Ann"}
    office.changed(another_export)
    code, said = done_in(office.clone(), "2026-11-24", job("close"), world)
    assert 0 == code, said
    assert f"data/ledger/{PERIOD}/SHA256SUMS" in git(office.origin, "ls-tree", "-r", "--name-only", "main").split()


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
