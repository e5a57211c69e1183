"""A small office with a published run, about to be run again; what anybody sees of it, and whether it has recovered."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline import flow
from pipeline.contracts import Books, RunRecord
from pipeline.publish import manifest, staging
from pipeline.settings import Settings
from pipeline.sources import workspace
from pipeline.sources.inbox import PLAIN, Means
from tests.chaos.injection import command
from tests.conftest import certledger

OLD, NEW = "2026-11-22", "2026-11-23"
PERIOD = "FY2027-P04"
CERTIFICATES = "order_id,serial_number,common_name,issued_on,valid_from,valid_to,tier,agency\n"
ROW = "{0},0{0},h{0}.example.gov,{1},{1},2027-05-20,standard,AGA\n"
SETTINGS = """
[organization]
name = "Office"
sample = true
[[rate]]
tier = "standard"
amount = 221.19
since = 2026-07-01
[charges]
begin = 2026-10-01
[publish]
keep_runs = 2
profiles = {profiles}
"""
NOTHING_LEFT = {"latest", "runs", ".lock"}


@dataclass(frozen=True)
class Scene:
    """A workspace whose run of OLD is published, with an input that came in since; `old` and `new` are the hashes of the two manifests,
    `new` as an undisturbed run made it."""

    root: Path
    old: str
    new: str

    def copy(self, target: Path) -> Path:
        shutil.copytree(self.root, target, symlinks=True)
        return target

    def shown(self, root: Path) -> str:
        """What whoever looks at reports/latest sees: the old run, the new one, or what is wrong."""
        folder = staging.latest(root)
        if wrong := manifest.differences(folder):
            return f"MIX: {wrong}"
        kept = hashlib.sha256((folder / manifest.NAME).read_bytes()).hexdigest()
        return {self.old: "old", self.new: "new"}.get(kept, f"MIX: another manifest, of {folder.resolve().name}")

    def books_kept(self, root: Path) -> str:
        """'' if data/ledger holds whole records, and that of the run that is shown; else what is wrong."""
        records = {
            path.name: json.loads(path.read_text(encoding="utf-8"))["run_id"] for path in sorted((root / "data/ledger/runs").glob("*.json"))
        }
        shown = staging.shown_id(root)
        return "" if shown in records.values() else f"run {shown} is shown and not recorded"

    def recovered(self, root: Path) -> str:
        """'' if the run of NEW is published, recorded, and nothing else is left; else what is wrong."""
        if (shown := self.shown(root)) != "new":
            return shown
        found = {path.name for path in (root / "reports").iterdir()}
        runs = sorted(path.name for path in (root / "reports/runs").iterdir())
        left = sorted(found - NOTHING_LEFT) + [name for name in runs if name.startswith(".")]
        left += [path.name for path in (root / "data/ledger").rglob("*") if path.name.startswith(".") or path.suffix == ".new"]
        return f"left behind: {left}" if left else self.books_kept(root)


def lay_out(root: Path, profiles: str = "[]") -> Path:
    workspace.lay_out(root)
    (root / "data/reference/agencies.csv").write_text("agency,name\nAGA,Agency A\n", encoding="utf-8")
    (root / "data/inbox/exports/registry-2026-11-20.csv").write_text(CERTIFICATES + ROW.format(1, "2026-10-05"), encoding="utf-8")
    (root / "certledger.toml").write_text(SETTINGS.format(profiles=profiles), encoding="utf-8")
    return root


def came_in(root: Path) -> None:
    """Another export comes in."""
    rows = ROW.format(1, "2026-10-05") + ROW.format(2, "2026-11-20")
    (root / "data/inbox/exports/registry-2026-11-22.csv").write_text(CERTIFICATES + rows, encoding="utf-8")


def run(root: Path, day: str, said: Path) -> Callable[[], int]:
    return lambda: command("-C", root, "run", "--as-of", day, said=said)


def warmed_up() -> None:
    """Load what a run loads, and from now on draw up the books of each state of a workspace once: nothing is written there, so there is no
    point to test. A fork begins where this process stands.
    """
    draw_up, known = flow.prepare, {}

    def prepare(
        root: Path, settings: Settings, as_of: dt.date, say: flow.Say, before: RunRecord | None = None, means: Means = PLAIN
    ) -> Books:
        state = (workspace.fingerprint(root), as_of, before.run_id if before else "")
        if state not in known:
            known[state] = draw_up(root, settings, as_of, say, before, means)
        return known[state]

    flow.prepare = prepare


def manifest_hash(root: Path) -> str:
    return hashlib.sha256((staging.latest(root) / manifest.NAME).read_bytes()).hexdigest()


def scene(folder: Path, profiles: str = "[]") -> Scene:
    """Make the scene below `folder`, and the run that should come of it beside it."""
    warmed_up()
    root = lay_out(folder / "office", profiles)
    assert certledger("-C", root, "run", "--as-of", OLD).returncode == 0
    came_in(root)
    after = folder / "after"
    shutil.copytree(root, after, symlinks=True)
    assert certledger("-C", after, "run", "--as-of", NEW).returncode == 0
    return Scene(root, manifest_hash(root), manifest_hash(after))
