"""Same inputs, same bytes: two runs in two folders, one of them on another day, in another zone, locale and hash seed."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, copy_workspace, in_a_process

OTHER_WORLD = {"TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONHASHSEED": "12345"}
OTHER_DAY = "2031-02-03 04:05:06"


@pytest.mark.slow
def test_another_day_zone_locale_and_hash_seed_give_the_same_bytes(published: Path, tmp_path: Path) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        assert "CI" not in os.environ, "faketime is missing: `make test` installs it"
        pytest.skip("faketime is not installed, so the clock cannot be moved")
    root = copy_workspace(ROOT, tmp_path / "elsewhere")
    done = in_a_process("-C", root, "run", env=OTHER_WORLD, prefix=(faketime, "-f", OTHER_DAY))
    assert done.returncode == 0, done.stdout + done.stderr
    other = (root / "reports/latest").resolve()
    assert published.name == other.name
    files = sorted(path.relative_to(published) for path in published.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    assert len(files) > 100
    assert [] == [str(path) for path in files if not filecmp.cmp(published / path, other / path, shallow=False)]
