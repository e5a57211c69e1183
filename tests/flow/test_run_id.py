"""The run id is a hash of all that decides what is published: whatever changes, the id does, and nothing else changes it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.contracts import RunRecord
from pipeline.publish.stamp import RunStamp
from pipeline.sources import workspace

AS_OF = dt.date(2026, 11, 23)
BEFORE = RunRecord(run_id="a" * 12, as_of=dt.date(2026, 10, 31), version="0.1.0")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    workspace.lay_out(tmp_path / "office")
    return tmp_path / "office"


def run_id(fingerprint: str = "f", before: RunRecord | None = BEFORE, as_of: dt.date = AS_OF) -> str:
    return RunStamp.following(before, fingerprint, as_of).run_id


def test_the_files_the_day_and_the_run_before_each_change_the_id() -> None:
    ids = [run_id(), run_id("g"), run_id(before=None), run_id(before=replace(BEFORE, run_id="b" * 12)), run_id(as_of=dt.date(2026, 11, 24))]
    assert 5 == len(set(ids))
    assert run_id() == run_id()


def test_of_the_run_before_nothing_else_counts() -> None:
    assert run_id() == run_id(before=replace(BEFORE, as_of=dt.date(2026, 9, 30), rows={"certificates": 9}))


@pytest.mark.parametrize(
    "path",
    [
        "data/inbox/exports/x.csv", "data/inbox/pem/a/b.pem", "data/reference/agencies.csv", "data/entries/aliases.csv",
        "data/ledger/closed.csv", "site/index.md", "templates/pages/index.md.j2", "templates/new.j2", "mkdocs.yml", "certledger.toml",
    ],
)  # fmt: skip
def test_every_deciding_file_changes_the_fingerprint_by_its_content_and_by_being_there(path: str, root: Path) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"one")
    one = workspace.fingerprint(root)
    file.write_bytes(b"two")
    two = workspace.fingerprint(root)
    file.unlink()
    assert 3 == len({one, two, workspace.fingerprint(root)})


def test_a_file_of_another_name_is_another_workspace(root: Path) -> None:
    (root / "data/inbox/exports/a.csv").write_bytes(b"one")
    before = workspace.fingerprint(root)
    (root / "data/inbox/exports/a.csv").rename(root / "data/inbox/exports/b.csv")
    assert before != workspace.fingerprint(root)


@pytest.mark.parametrize("path", ["reports/runs/x/page.html", "data/ledger/runs/2026-10-31-aaaaaaaaaaaa.json", "notes.txt", ".git/HEAD"])
def test_what_decides_nothing_changes_nothing(path: str, root: Path) -> None:
    before = workspace.fingerprint(root)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(b"one")
    assert before == workspace.fingerprint(root)
