"""The steps of publishing, on a run of few files: killed before each of their writes, and on a full disk. `make chaos` does so to whole
runs."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.contracts import RunRecord
from pipeline.publish import manifest, record, staging
from tests.chaos.injection import forked, killed, kinds_of_writes, on_a_full_disk

DAYS = {"a" * 12: dt.date(2026, 11, 22), "b" * 12: dt.date(2026, 11, 23), "c" * 12: dt.date(2026, 11, 24)}
FULL = 5


def publish(root: Path, run_id: str) -> Callable[[], int]:
    """What `flow.run` does around the writing of a run: 0, or 5 where it could not."""

    def work() -> int:
        try:
            with staging.lock(root):
                if not staging.is_published(root, run_id):
                    with staging.staged(root, run_id) as folder:
                        (folder / "site").mkdir()
                        (folder / "site/index.html").write_text(run_id, encoding="utf-8")
                        record.stage(RunRecord(run_id=run_id, as_of=DAYS[run_id], version="0"), folder)
                        said = {"run": run_id, "outputs": manifest.outputs(folder)}
                        (folder / manifest.NAME).write_text(json.dumps(said), encoding="utf-8")
                        staging.put_in_place(root, run_id, folder)
                record.keep(staging.run_folder(root, run_id), root / "data/ledger/runs")
                staging.show(root, run_id)
                staging.drop_old_runs(root, 2)
        except staging.PublishError:
            return FULL
        return 0

    return work


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Two runs are published, so that a third drops one; and what is shown was damaged, so that it is replaced while it is shown."""
    root = tmp_path / "office"
    root.mkdir()
    assert [0, 0] == [publish(root, run_id)() for run_id in list(DAYS)[:2]]
    return root


def seen(root: Path) -> str:
    """The run that is shown, whole and recorded; else what is wrong."""
    folder = staging.latest(root)
    wrong = manifest.differences(folder)
    recorded = [path.name for path in (root / "data/ledger/runs").glob("*.json") if folder.resolve().name in path.name]
    return f"wrong: {wrong} {recorded}" if wrong or not recorded else folder.resolve().name


def left_over(root: Path) -> list[str]:
    hidden = (".staging-", ".removing-", ".latest-new")
    return sorted(path.name for path in root.rglob("*") if path.name.startswith(hidden) or path.suffix == ".new")


@pytest.mark.parametrize(("harm", "full"), [(killed, False), (on_a_full_disk, True)], ids=["killed", "full disk"])
@pytest.mark.parametrize("run_id", ["b" * 12, "c" * 12], ids=["that is shown, damaged", "that is new"])
def test_at_every_write_people_see_one_run_whole_and_the_next_try_recovers(
    office: Path, tmp_path: Path, run_id: str, harm: Callable[[Callable[[], int], Path, int], int], full: bool
) -> None:
    page = office / "reports/latest/site/index.html"
    damaged = run_id == office.joinpath("reports/latest").resolve().name
    if damaged:
        page.write_text("damaged", encoding="utf-8")
    whole = shutil.copytree(office, tmp_path / "whole", symlinks=True)
    kinds = kinds_of_writes(publish(whole, run_id), whole, tmp_path / "kinds", that_needs_room=full)
    assert len(kinds) > 10
    for point in range(len(kinds)):
        root = shutil.copytree(office, tmp_path / f"{point}", symlinks=True)
        ended = harm(publish(root, run_id), root, point)
        assert ended == (FULL if full else -9), point
        shown = seen(root)
        assert (
            shown == run_id
            or (shown == "b" * 12 and not damaged)
            or (damaged and shown.startswith("wrong: ['site/index.html was changed']"))
        )
        assert (0, run_id, []) == (forked(publish(root, run_id)), seen(root), left_over(root)), point
