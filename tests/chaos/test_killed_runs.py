"""A run and a close killed at their writes, and on a full disk: people see the old run or the new one, and the next call recovers."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.chaos import scenes
from tests.chaos.injection import forked, killed, kinds_of_writes, on_a_full_disk, with_no_file_longer_than
from tests.chaos.scenes import NEW, PERIOD, Scene, command, run

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scenes.scene(tmp_path_factory.mktemp("chaos"))


@pytest.fixture(scope="module")
def with_site(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scenes.scene(tmp_path_factory.mktemp("site"), '["public"]')


def tried(
    scene: Scene, folder: Path, points: Iterable[int], harmed: Callable[[Callable[[], int], Path, int], int], code: int
) -> Counter[str]:
    """Of each point what was seen after the harm, and 'recovered' or what is wrong after the next run; a copy of the scene for each."""
    seen: Counter[str] = Counter()
    for point in points:
        root, said = scene.copy(folder / f"{point}"), folder / f"{point}.said"
        ended = harmed(run(root, NEW, said), root, point)
        seen[scene.shown(root) if ended == code else f"point {point} ended with {ended}: {said.read_text()}"] += 1
        again = forked(run(root, NEW, said))
        seen["recovered" if (again, scene.recovered(root)) == (0, "") else f"point {point}: {again}, {scene.recovered(root)}"] += 1
        shutil.rmtree(root)
    return seen


def spread(kinds: list[str], most_of: dict[str, int]) -> list[int]:
    """Every write but those of a kind of which only so many are to be tried; the last ones always, for there the run is put in place."""
    chosen = {place for place, kind in enumerate(kinds) if kind not in most_of} | set(range(len(kinds) - 30, len(kinds)))
    for kind, most in most_of.items():
        places = [place for place, one in enumerate(kinds) if one == kind]
        chosen |= set(places[:: -(-len(places) // most)])
    return sorted(place for place in chosen if place >= 0)


def test_a_run_killed_at_its_writes(scene: Scene, tmp_path: Path) -> None:
    kinds = kinds_of_writes(run(scene.copy(tmp_path / "whole"), NEW, tmp_path / "said"), tmp_path / "whole", tmp_path / "kinds")
    points = spread(kinds, {"fsync": 60})
    seen = tried(scene, tmp_path, points, killed, -9)
    print(f"kill points: {len(points)} of {len(kinds)} writes; {dict(seen)}")
    assert len(points) >= 150
    assert {"old", "new", "recovered"} == set(seen)
    assert len(points) == seen["recovered"]


def test_a_run_on_a_full_disk(scene: Scene, tmp_path: Path) -> None:
    whole = run(scene.copy(tmp_path / "whole"), NEW, tmp_path / "said")
    kinds = kinds_of_writes(whole, tmp_path / "whole", tmp_path / "kinds", that_needs_room=True)
    points = spread(kinds, {"fsync": 10, "open": 45})
    seen = tried(scene, tmp_path, points, on_a_full_disk, 5)
    print(f"disk-full points: {len(points)} of {len(kinds)} writes; {dict(seen)}")
    assert len(points) >= 70
    assert {"old", "new", "recovered"} >= set(seen)
    assert len(points) == seen["recovered"]


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_run_stopped_in_the_middle_of_a_file(scene: Scene, tmp_path: Path, is_killed: bool) -> None:
    sizes = [2_000, 3_000, 4_000, 6_000, 9_000, 12_000, 20_000, 40_000]
    code = -25 if is_killed else 5

    def stopped(work: Callable[[], int], root: Path, size: int) -> int:
        return with_no_file_longer_than(size, work, killed=is_killed)

    assert {"old": len(sizes), "recovered": len(sizes)} == tried(scene, tmp_path, sizes, stopped, code)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
def test_a_run_on_a_disk_that_is_really_full(scene: Scene, tmp_path: Path) -> None:
    def on_a_small_disk(work: Callable[[], int], root: Path, room: int) -> int:
        reports, kept = root / "reports", root / "kept"
        reports.rename(kept)
        reports.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "chaos", reports], check=True)
        try:
            shutil.copytree(kept, reports, symlinks=True, dirs_exist_ok=True)
            used = os.statvfs(reports)
            size = (used.f_blocks - used.f_bfree) * used.f_frsize + room * 4096
            subprocess.run(["mount", "-o", f"remount,size={size}", reports], check=True)
            ended = forked(work)
            shutil.rmtree(kept)
            shutil.copytree(reports, kept, symlinks=True)
        finally:
            subprocess.run(["umount", reports], check=True)
        reports.rmdir()
        kept.rename(reports)
        return ended

    pages = list(range(1, 200, 8))
    seen = tried(scene, tmp_path, pages, on_a_small_disk, 5)
    print(f"sizes of a full disk: {len(pages)}; {dict(seen)}")
    assert {"old": len(pages), "recovered": len(pages)} == seen


def test_a_run_killed_while_it_builds_the_site(with_site: Scene, tmp_path: Path) -> None:
    kinds = kinds_of_writes(run(with_site.copy(tmp_path / "whole"), NEW, tmp_path / "said"), tmp_path / "whole", tmp_path / "kinds")
    mkdocs = kinds.index("subprocess.Popen")
    points = [mkdocs - 200, mkdocs - 1, mkdocs, mkdocs + 1, mkdocs + 20, len(kinds) - 200, len(kinds) - 8]
    assert {"old": len(points), "recovered": len(points)} == tried(with_site, tmp_path, points, killed, -9)


def test_a_close_killed_at_its_writes(scene: Scene, tmp_path: Path) -> None:
    def close(root: Path, said: Path) -> Callable[[], int]:
        return lambda: command("-C", root, "close", PERIOD, "--by", "Ann", "--as-of", NEW, said=said)

    whole = scene.copy(tmp_path / "whole")
    kinds = kinds_of_writes(close(whole, tmp_path / "said"), whole, tmp_path / "kinds")
    sums = (whole / "data/ledger" / PERIOD / "SHA256SUMS").read_bytes()
    seen: Counter[str] = Counter()
    for point in [*range(45), *range(45, len(kinds), 30)]:
        root, said = scene.copy(tmp_path / f"{point}"), tmp_path / f"{point}.said"
        assert killed(close(root, said), root, point) == -9
        folder = root / "data/ledger" / PERIOD
        closed = folder.exists()
        seen["closed" if closed else "open"] += 1
        if closed:
            assert sums == (folder / "SHA256SUMS").read_bytes()
            subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
        assert scene.shown(root) == "old" or closed
        assert forked(close(root, said)) == (2 if closed else 0), said.read_text()
        assert forked(run(root, NEW, said)) == 0, said.read_text()
        assert sums == (folder / "SHA256SUMS").read_bytes()
        assert [] == [path.name for path in (root / "data/ledger").rglob(".*")]
        shutil.rmtree(root)
    print(f"kill points of a close: {seen.total()} of {len(kinds)}; {dict(seen)}")
    assert {"open", "closed"} == set(seen)
