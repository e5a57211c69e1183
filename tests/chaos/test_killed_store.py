"""The store of facts killed at its writes, and on a full disk: a run reads the same, and the next one leaves one whole store."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.sources.fact_store import FactStore
from tests.chaos.injection import forked, killed, kinds_of_writes, on_a_full_disk, with_no_file_longer_than
from tests.issued import pem
from tests.sources.test_certificate_engines import FILES, Told, assert_same, stored, told
from tests.unit.test_x509_facts import FIRST, SECOND

pytestmark = pytest.mark.chaos
SILENT, REMARKED = 0, 8
KILLED = {-9}


@dataclass(frozen=True)
class Night:
    """Certificate files as they are now, what they tell, and the store as the night before left it: `whole` is what it should become."""

    data: Path
    before: Path
    expected: Told
    whole: dict[str, bytes]

    def copy(self, target: Path) -> Path:
        return Path(shutil.copytree(self.before, target))

    def reading(self, folder: Path) -> Callable[[], int]:
        """A run's reading with the store in `folder`, for a fork; it must tell the same, and may say that it cannot remember."""

        def read() -> int:
            store = FactStore(folder)
            assert_same(self.expected, told(self.data, store=store))
            assert all(remark.startswith("What certificate files hold could not be remembered") for remark in store.remarks)
            return REMARKED if store.remarks else SILENT

        return read

    def has_recovered(self, folder: Path) -> bool:
        return forked(self.reading(folder)) == SILENT and contents(folder) == self.whole


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


@pytest.fixture(params=["first", "changed"])
def night(request: pytest.FixtureRequest, tmp_path: Path) -> Night:
    """A night that remembers nothing yet, and one on which a file is new, another gone, and a store of older readers lies about."""
    inbox, before, whole = tmp_path / "data/inbox/pem", tmp_path / "before/.store", tmp_path / "whole/.store"
    inbox.mkdir(parents=True)
    before.parent.mkdir()
    for name, content in FILES.items():
        (inbox / name).write_bytes(content)
    if request.param == "changed":
        told(tmp_path / "data", store=FactStore(before))
        (before / f"certificates-{'0' * 16}-{'0' * 64}.parquet").write_bytes(b"of an older version")
        (inbox / "0-new.pem").write_bytes(pem(FIRST) + pem(SECOND))
        (inbox / "g-cut.pem").unlink()
    shutil.copytree(before.parent, whole.parent)
    expected = told(tmp_path / "data", store=FactStore(whole))
    assert [".gitignore", stored(whole)[0].name] == sorted(contents(whole))
    return Night(tmp_path / "data", before.parent, expected, contents(whole))


def assert_harmless(
    night: Night, folder: Path, points: Iterable[int], harmed: Callable[[Callable[[], int], Path, int], int], ends: set[int]
) -> None:
    for point in points:
        store = night.copy(folder / f"{point}") / ".store"
        assert harmed(night.reading(store), store, point) in ends, point
        assert night.has_recovered(store), (point, sorted(contents(store)))


def test_killed_at_each_write_and_on_a_full_disk_from_each_on(night: Night, tmp_path: Path) -> None:
    kinds = kinds_of_writes(night.reading(night.copy(tmp_path / "all") / ".store"), tmp_path / "all", tmp_path / "kinds")
    # Nothing waits for the disk: the name of a store holds the hash of its bytes, so one that a machine tore is known and dropped.
    assert {"open", "os.rename"} <= set(kinds)
    assert_harmless(night, tmp_path / "killed", range(len(kinds)), killed, KILLED)
    need_room = night.reading(night.copy(tmp_path / "room") / ".store")
    room = kinds_of_writes(need_room, tmp_path / "room", tmp_path / "kinds", that_needs_room=True)
    assert_harmless(night, tmp_path / "full", range(len(room)), on_a_full_disk, {REMARKED})
    print(f"the store: {len(kinds)} kill points, {len(room)} disk-full points")


@pytest.mark.parametrize("is_killed", [True, False])
def test_stopped_in_the_middle_of_a_file(night: Night, tmp_path: Path, is_killed: bool) -> None:
    whole = max(len(content) for content in night.whole.values())
    sizes = [1, 3, 5, 1_000, whole // 2, whole - 1]

    def stopped(work: Callable[[], int], store: Path, size: int) -> int:
        return with_no_file_longer_than(size, work, killed=is_killed)

    assert_harmless(night, tmp_path / "cut", sizes, stopped, {-25} if is_killed else {REMARKED})


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
def test_on_a_disk_that_is_really_full(night: Night, tmp_path: Path) -> None:
    def on_a_small_disk(work: Callable[[], int], store: Path, room: int) -> int:
        kept = store.with_name("kept")
        if store.exists():
            store.rename(kept)
        store.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "chaos", store], check=True)
        try:
            if kept.exists():
                shutil.copytree(kept, store, dirs_exist_ok=True)
                shutil.rmtree(kept)
            used = os.statvfs(store)
            subprocess.run(["mount", "-o", f"remount,size={(used.f_blocks - used.f_bfree + room) * used.f_frsize}", store], check=True)
            ended = forked(work)
            shutil.copytree(store, kept)
        finally:
            subprocess.run(["umount", store], check=True)
        store.rmdir()
        kept.rename(store)
        return ended

    assert_harmless(night, tmp_path / "small", range(1, 3), on_a_small_disk, {REMARKED})
