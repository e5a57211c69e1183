"""A file is read once as long as nobody writes to it, and again as soon as somebody may have."""

from __future__ import annotations

import errno
import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.publish import downloads, hashed
from pipeline.publish.hashed import Hashed


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from here on."""
    names: list[str] = []

    def told(path: Path, plainly: object = hashed._sha256) -> str:
        names.append(path.name)
        return str(plainly(path))  # type: ignore[operator]

    monkeypatch.setattr(hashed, "_sha256", told)
    return names


def settled(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    time.sleep(hashed._SETTLED / 1e9 * 2)
    return path


def of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_a_file_under_two_names_is_read_once_and_never_again(tmp_path: Path, read: list[str]) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    os.link(settled(one, "text"), other)
    time.sleep(hashed._SETTLED / 1e9 * 2)  # another name is a change too
    known = Hashed()
    assert [of("text"), of("text")] == known.of([one, other])
    assert [of("text")] == known.of([one])
    assert ["one"] == read or ["other"] == read


def test_a_file_that_was_written_to_is_read_again_though_size_and_time_are_as_before(tmp_path: Path, read: list[str]) -> None:
    path, known = settled(tmp_path / "one", "text"), Hashed()
    assert [of("text")] == known.of([path])
    before = path.stat()
    path.write_text("tent", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [of("tent")] == known.of([path])
    assert ["one", "one"] == read


def test_a_file_that_was_only_just_written_is_read_again(tmp_path: Path, read: list[str]) -> None:
    path, known = tmp_path / "one", Hashed()
    path.write_text("text", encoding="utf-8")
    assert [of("text")] * 2 == known.of([path]) + known.of([path])
    assert ["one", "one"] == read


def test_another_file_in_its_place_is_read(tmp_path: Path) -> None:
    path, known = settled(tmp_path / "one", "text"), Hashed()
    known.of([path])
    path.unlink()
    settled(path, "tent")
    assert [of("tent")] == known.of([path])


def test_a_link_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(settled(tmp_path / "one", "text"))
    assert ["not a file"] == Hashed().of([tmp_path / "link"])


@pytest.mark.parametrize("refusal", [0, errno.EXDEV, errno.EPERM])
def test_downloads_are_the_same_bytes_whether_or_not_the_disk_gives_second_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    run, site = tmp_path / "run", tmp_path / "run/site"
    (run / "tables").mkdir(parents=True)
    site.mkdir()
    (run / "tables/ledger.csv").write_text("entry_id\n", encoding="utf-8")
    if refusal:

        def refused(*_: object) -> None:
            raise OSError(refusal, os.strerror(refusal))

        monkeypatch.setattr(os, "link", refused)
    downloads.copy(run, site)
    assert "entry_id\n" == (site / "downloads/tables/ledger.csv").read_text(encoding="utf-8")
    assert (site / "downloads/tables/ledger.csv").samefile(run / "tables/ledger.csv") != bool(refusal)


def test_a_full_disk_is_not_taken_for_one_without_second_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, site = tmp_path / "run", tmp_path / "run/site"
    (run / "tables").mkdir(parents=True)
    site.mkdir()
    (run / "tables/ledger.csv").write_text("entry_id\n", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space"):
        downloads.copy(run, site)
