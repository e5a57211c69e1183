"""Publishing is all or nothing: readers of `reports/latest` see one whole run, and a failed run changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.publish import staging


def published(root: Path, run_id: str, text: str) -> Path:
    with staging.staged(root, run_id) as folder:
        (folder / "page.html").write_text(text, encoding="utf-8")
    return staging.put_in_place(root, run_id)


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
    half_a_run, docs, config = (root / "reports" / name for name in ("runs/.staging-dead", ".docs-dead", ".docs-dead-mkdocs.yml"))
    for folder in (half_a_run, docs):
        folder.mkdir(parents=True)
        (folder / "page.md").write_text("half", encoding="utf-8")
    config.write_text("{}", encoding="utf-8")
    published(root, "one", "first")
    with staging.lock(root):
        assert [] == [path.name for path in (half_a_run, docs, config) if path.exists()]
    assert "first" == (staging.latest(root) / "page.html").read_text(encoding="utf-8")


def test_what_a_run_under_way_has_written_is_left_alone(root: Path) -> None:
    with staging.lock(root), staging.scratch(root) as docs:
        (docs / "page.md").write_text("half", encoding="utf-8")
        with pytest.raises(staging.LockedError), staging.lock(root):
            pass
        assert (docs / "page.md").exists()


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
