"""Publishing is all or nothing: readers of `reports/latest` see one whole run, and a failed run changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.publish import manifest, staging


def published(root: Path, run_id: str, text: str) -> Path:
    with staging.staged(root, run_id) as folder:
        (folder / "page.html").write_text(text, encoding="utf-8")
        said = {"run": run_id, "outputs": manifest.outputs(folder)}
        (folder / manifest.NAME).write_text(json.dumps(said), encoding="utf-8")
        staging.put_in_place(root, run_id, folder)
    return staging.show(root, run_id)


def fails_half_way(root: Path) -> None:
    with staging.staged(root, "two") as folder:
        (folder / "page.html").write_text("half", encoding="utf-8")
        (folder / "page.html" / "impossible").write_text("", encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    return tmp_path


def test_latest_shows_the_newest_run(root: Path) -> None:
    published(root, "one", "first")
    published(root, "two", "second")
    assert "second" == (staging.latest(root) / "page.html").read_text(encoding="utf-8")
    assert Path("runs/two") == staging.latest(root).readlink()


def test_a_run_that_fails_half_way_leaves_the_old_one(root: Path) -> None:
    published(root, "one", "first")
    with pytest.raises(staging.PublishError, match=r"could not be written to .*reports/runs"):
        fails_half_way(root)
    assert "first" == (staging.latest(root) / "page.html").read_text(encoding="utf-8")
    assert ["one"] == [path.name for path in (root / "reports/runs").iterdir()]


def test_what_a_killed_run_left_is_cleared_by_the_next(root: Path) -> None:
    folders = [
        root / name
        for name in ("reports/runs/.staging-dead-1", "reports/runs/.removing-old", "reports/.docs-dead", "data/ledger/.closing-FY2027-P04")
    ]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "page.md").write_text("half", encoding="utf-8")
    files = [root / name for name in ("reports/.docs-dead-mkdocs.yml", "data/entries/.aliases.csv.new", "data/ledger/runs/a.new")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}", encoding="utf-8")
    link = root / "reports/.latest-new"
    link.symlink_to("nowhere")
    published(root, "one", "first")
    with staging.lock(root):
        assert [] == [path.name for path in (*folders, *files, link) if path.exists() or path.is_symlink()]
    assert "first" == (staging.latest(root) / "page.html").read_text(encoding="utf-8")


def test_what_a_run_under_way_has_written_is_left_alone(root: Path) -> None:
    with staging.lock(root), staging.scratch(root) as docs:
        (docs / "page.md").write_text("half", encoding="utf-8")
        with pytest.raises(staging.LockedError), staging.lock(root):
            pass
        assert (docs / "page.md").exists()


def is_not_as_its_manifest_says(root: Path) -> None:
    with staging.staged(root, "two") as folder:
        (folder / manifest.NAME).write_text(json.dumps({"run": "two", "outputs": {"page.html": "0" * 64}}), encoding="utf-8")
        (folder / "page.html").write_text("second", encoding="utf-8")
        staging.put_in_place(root, "two", folder)


def test_a_run_that_is_not_as_its_manifest_says_is_not_put_in_place(root: Path) -> None:
    published(root, "one", "first")
    with pytest.raises(staging.PublishError, match=r"not written as it should be: page\.html was changed"):
        is_not_as_its_manifest_says(root)
    assert ["one"] == [path.name for path in (root / "reports/runs").iterdir()]


def test_a_run_that_no_longer_verifies_is_replaced_while_it_is_shown(root: Path) -> None:
    published(root, "one", "first")
    (staging.latest(root) / "page.html").write_text("changed", encoding="utf-8")
    assert not staging.is_published(root, "one")
    published(root, "one", "first")
    assert staging.is_published(root, "one")
    assert "first" == (staging.latest(root) / "page.html").read_text(encoding="utf-8")
    assert ["one"] == [path.name for path in (root / "reports/runs").iterdir()]


def test_a_second_run_is_refused_while_one_is_under_way(root: Path) -> None:
    with staging.lock(root), pytest.raises(staging.LockedError, match="Another run"), staging.lock(root):
        pass
    with staging.lock(root):
        pass  # free again as soon as the first has ended


def test_old_runs_go_but_never_the_shown_one(root: Path) -> None:
    for name in ("one", "two", "three", "four"):
        published(root, name, name)
    staging.show(root, "one")
    staging.drop_old_runs(root, keep=2)
    assert {"one", "four"} == {path.name for path in (root / "reports/runs").iterdir()}
