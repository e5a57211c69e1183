"""`certledger count` killed at its writes, and on a full disk: its folder is not there or whole, and the next call counts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sources import estate
from pipeline.sources.estate import EstateError
from tests.chaos.injection import forked, killed, kinds_of_writes, on_a_full_disk, with_no_file_longer_than
from tests.sources.test_certificate_engines import FILES, LOOP

pytestmark = pytest.mark.chaos
NOT_KEPT = 5


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "pem"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def counting(inbox: Path, folder: Path) -> Callable[[], int]:
    """A count of three chunks by 16 prefixes, for a fork: its exit code."""

    def count() -> int:
        try:
            estate.count([inbox], LOOP, folder, 1, chunk_files=3)
        except EstateError as error:
            return error.exit_code
        return 0

    return count


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_killed_or_without_room_at_each_write_and_in_the_middle_of_a_file(inbox: Path, tmp_path: Path) -> None:
    def assert_harmless(ended: int, expected: int, folder: Path) -> None:
        shown = contents(folder)
        assert expected == ended
        assert shown in ({}, whole)
        shutil.rmtree(folder, ignore_errors=True)
        assert 0 == forked(counting(inbox, folder))
        assert (whole, [folder.name]) == (contents(folder), [path.name for path in folder.parent.iterdir()])
        shutil.rmtree(folder.parent)

    undisturbed = tmp_path / "undisturbed/parts"
    kinds = kinds_of_writes(counting(inbox, undisturbed), tmp_path, tmp_path / "kinds")
    whole = contents(undisturbed)
    room = kinds_of_writes(counting(inbox, tmp_path / "room/parts"), tmp_path, tmp_path / "kinds", that_needs_room=True)
    for point in range(len(kinds)):
        folder = tmp_path / f"killed-{point}/parts"
        assert_harmless(killed(counting(inbox, folder), folder.parent, point), -9, folder)
    for point in range(len(room)):
        folder = tmp_path / f"full-{point}/parts"
        assert_harmless(on_a_full_disk(counting(inbox, folder), folder.parent, point), NOT_KEPT, folder)
    for size in (1, 500, 1_000, 1_500):
        for is_killed, expected in ((True, -25), (False, NOT_KEPT)):
            folder = tmp_path / f"cut-{size}-{is_killed}/parts"
            assert_harmless(with_no_file_longer_than(size, counting(inbox, folder), killed=is_killed), expected, folder)
    print(f"a count: {len(kinds)} kill points, {len(room)} disk-full points")
