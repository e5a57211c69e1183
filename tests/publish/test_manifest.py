"""Every way in which a published run may differ from its manifest has a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.publish import manifest


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder of two files whose manifest lists both."""
    folder = tmp_path / "abc123"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables/ledger.csv").write_text("entry_id\n", encoding="utf-8")
    (folder / "record.json").write_text("{}", encoding="utf-8")
    listed = {"run": "abc123", "outputs": manifest.outputs(folder), "quarantined": {}}
    (folder / manifest.NAME).write_text(json.dumps(listed), encoding="utf-8")
    return folder


def test_a_run_as_its_manifest_says_has_no_difference(run: Path) -> None:
    assert [] == manifest.differences(run)
    assert 2 == manifest.listed(run)


def test_a_changed_a_lost_and_an_added_file_are_named(run: Path) -> None:
    (run / "tables/ledger.csv").write_text("entry_id,x\n", encoding="utf-8")
    (run / "record.json").unlink()
    (run / "tables/more.csv").write_text("", encoding="utf-8")
    assert ["record.json is missing", "tables/ledger.csv was changed", "tables/more.csv was added"] == manifest.differences(run)


def test_a_file_that_became_a_link_was_changed(run: Path) -> None:
    (run / "record.json").rename(run.parent / "elsewhere.json")
    (run / "record.json").symlink_to(run.parent / "elsewhere.json")
    assert ["record.json was changed"] == manifest.differences(run)


def test_a_manifest_of_another_run_is_told(run: Path) -> None:
    other = run.rename(run.with_name("def456"))
    assert [f"{manifest.NAME} speaks of run abc123"] == manifest.differences(other)


def test_a_manifest_that_cannot_be_read_is_told(run: Path) -> None:
    (run / manifest.NAME).write_text("{}", encoding="utf-8")
    (said,) = manifest.differences(run)
    assert said.startswith(f"{manifest.NAME} cannot be read")
