"""A run whose parts are written in processes publishes the bytes of one that writes them itself, and stops as that one does."""

from __future__ import annotations

import datetime as dt
import filecmp
import shutil
from pathlib import Path

import pytest

from pipeline import changes, flow
from pipeline.contracts import Books, Compared
from pipeline.engine.local import Local
from pipeline.publish import side_by_side, staging
from pipeline.publish.stamp import RunStamp
from pipeline.settings import Settings
from pipeline.sources import settings_file, workspace
from tests.conftest import ROOT, copy_workspace

AS_OF = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings, Books]:
    root = copy_workspace(ROOT / "tests/flow/workspace", tmp_path_factory.mktemp("side-by-side"))
    (root / "reports").mkdir()
    for part in ("site", "templates"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    settings = settings_file.read(root / "certledger.toml")
    return root, settings, flow.prepare(root, settings, AS_OF, lambda text: None)


def published(root: Path, settings: Settings, books: Books, said: list[str]) -> Path:
    stamp = RunStamp.following(None, workspace.fingerprint(root), AS_OF)
    current = changes.record(books, stamp.run_id, AS_OF, stamp.version, stamp.previous)
    return flow.publish(root, books, settings, stamp, Compared(current, None), said.append)


def in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "ABOVE", 0)
    monkeypatch.setattr(side_by_side, "cores", lambda: 2)
    monkeypatch.setattr(side_by_side, "Local", lambda above: Local(2, above))


def test_the_same_bytes_and_stages(office: tuple[Path, Settings, Books], monkeypatch: pytest.MonkeyPatch) -> None:
    said: tuple[list[str], list[str]] = ([], [])
    plain = published(*office, said[0]).rename(office[0] / "plain")
    in_processes(monkeypatch)
    other = published(*office, said[1])
    files = sorted(path.relative_to(plain) for path in plain.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    assert [] == [str(path) for path in files if not filecmp.cmp(plain / path, other / path, shallow=False)]
    assert len(files) > 100
    assert said[0] == said[1]
    assert "Building the public site" in said[1]


def test_what_stops_a_part_stops_the_run_at_its_stage(
    office: tuple[Path, Settings, Books], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy_workspace(office[0], tmp_path)
    (root / "reports").mkdir(exist_ok=True)
    (root / "templates/pages/rates.md.j2").write_text("{{ nothing_of_that_name }}", encoding="utf-8")
    in_processes(monkeypatch)
    said: list[str] = []
    with pytest.raises(staging.PublishError, match=r"The template pages/rates\.md\.j2 cannot be filled in"):
        published(root, *office[1:], said)
    assert "Building the internal site" == said[-1]
    assert [] == [*(root / "reports").glob("runs/*"), *(root / "reports").glob(".docs-*")]
