"""All or nothing: a run is written beside the published one and becomes visible by a single swap of one link.

Order: lock, staging folder, all outputs, manifest, fsync, the manifest checked, rename to `runs/<id>`; then the run records itself in
data/ledger, and only then `latest` is replaced. Whoever reads `latest` sees the old run or the new one, never a mix, and what is shown is
recorded (facts/bad-inputs-and-crash-safety.md §3.1; `make chaos` kills a run at each of its writes).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pipeline.on_disk import bring_to_disk
from pipeline.publish import manifest
from pipeline.publish.hashed import Hashed

_SCRATCH, _STAGING, _REMOVING, _NEW_LINK = ".docs-", ".staging-", ".removing-", ".latest-new"
# What a killed run, close or answer may leave, below the workspace. All of them begin anew, so all of it goes.
_LEFT_BEHIND = (
    f"reports/{_SCRATCH}*", f"reports/{_NEW_LINK}", f"reports/runs/{_STAGING}*", f"reports/runs/{_REMOVING}*", "reports/close/.closing-*",
    "data/ledger/.closing-*", "data/ledger/runs/*.new", "data/entries/.*.new",
)  # fmt: skip
_AT_CWD, _EXCHANGE = -100, 2  # of renameat2(2)
_AT_ONCE = 8  # files brought onto the disk at once: it writes what they wait for together; one after the other takes twenty times as long


class LockedError(Exception):
    """Another run of this workspace is under way."""


class PublishError(Exception):
    """The outputs could not be put in place; what was published before still stands."""


@contextmanager
def lock(workspace: Path) -> Iterator[None]:
    """Hold the workspace for one run. The lock dies with the process; whoever takes it next clears up what a killed run left.

    Raises `LockedError` at once when another run holds it, `PublishError` when nothing can be written there.
    """
    reports = workspace / "reports"
    try:
        reports.mkdir(exist_ok=True)
        handle = (reports / ".lock").open("w")
    except OSError as error:
        raise PublishError(f"Nothing can be written to {reports}: {error}.") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"Another run holds {reports / '.lock'}. Wait for it to end; nothing was changed.") from None
        _clear_up(workspace)
        yield


def _clear_up(workspace: Path) -> None:
    """Remove what whoever was killed left behind: half a run, half a removal, docs folders. Only for the holder of the lock."""
    try:
        for leftover in [path for pattern in _LEFT_BEHIND for path in workspace.glob(pattern)]:
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()
    except OSError as error:
        raise PublishError(f"What a stopped run left behind cannot be removed: {error}.") from error


def run_folder(workspace: Path, run_id: str) -> Path:
    """Where the outputs of a run lie once it is published."""
    return workspace / "reports" / "runs" / run_id


def latest(workspace: Path) -> Path:
    """The link that always shows a whole run."""
    return workspace / "reports" / "latest"


def shown_id(workspace: Path) -> str:
    """The id of the run that the link shows; where nothing is published, a word that is none."""
    return latest(workspace).resolve().name


def is_published(workspace: Path, run_id: str) -> bool:
    """Whether the run lies there whole: every output as its manifest says."""
    folder = run_folder(workspace, run_id)
    return folder.is_dir() and not manifest.differences(folder)


@contextmanager
def staged(workspace: Path, run_id: str) -> Iterator[Path]:
    """An empty folder to write the run into.

    Raises `PublishError` when a file cannot be written (disk full, no permission); the half-written folder is removed.
    """
    runs = workspace / "reports" / "runs"
    folder = runs / f"{_STAGING}{run_id}-{os.getpid()}"  # a process of its own: what one that was killed still writes goes elsewhere
    try:
        runs.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        yield folder
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise PublishError(f"The run could not be written to {runs}: {error}.") from error
    except BaseException:  # whatever stopped the run: half of one is left to nobody
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def scratch(workspace: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, on the same disk as the reports."""
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=workspace / "reports") as folder:
        yield Path(folder)


def put_in_place(workspace: Path, run_id: str, staged_folder: Path, hashed: Hashed | None = None) -> Path:
    """Make the staged folder that of the run: sync, check it against its manifest, rename. Returns the run's folder; `show` shows it.

    What was `hashed` for the manifest is read again only where it may have changed since. A run of this id that no longer verifies is
    replaced whole. Raises `PublishError`, also where what lies on the disk is not what the
    manifest says.
    """
    target = run_folder(workspace, run_id)
    try:
        _sync(staged_folder)
        if wrong := manifest.differences(staged_folder, run_id, hashed):
            raise PublishError(f"The run was not written as it should be: {'; '.join(wrong)}.")
        if target.exists():
            _exchange(staged_folder, target)
            _remove(staged_folder)
        else:
            staged_folder.rename(target)
        bring_to_disk(target.parent)
    except OSError as error:
        raise PublishError(f"The run could not be put in place in {target.parent}: {error}.") from error
    return target


def show(workspace: Path, run_id: str) -> Path:
    """Point `reports/latest` at the run, in one step. Returns the run's folder. Raises `PublishError`."""
    link, wanted = latest(workspace), Path("runs") / run_id
    try:
        if not link.is_symlink() or link.readlink() != wanted:
            fresh = link.with_name(_NEW_LINK)
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(wanted)
            fresh.replace(link)
            bring_to_disk(link.parent)
    except OSError as error:
        raise PublishError(f"{link} could not be made to show run {run_id}: {error}.") from error
    return run_folder(workspace, run_id)


def _exchange(one: Path, other: Path) -> None:
    """Swap two folders in one step, for `latest` may show one of them; where the disk cannot, in two."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2") or libc.renameat2(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE):
        aside = other.with_name(f"{_REMOVING}{other.name}")
        other.rename(aside)
        one.rename(other)
        aside.rename(one)


def _remove(folder: Path) -> None:
    """Remove a run's folder; half of one never stands under the name of a run."""
    aside = folder.with_name(f"{_REMOVING}{folder.name}")
    folder.rename(aside)
    shutil.rmtree(aside)


def drop_old_runs(workspace: Path, keep: int) -> None:
    """Remove all but the `keep` newest run folders; the one that `latest` shows always stays. Raises `PublishError`."""
    shown = shown_id(workspace)
    try:
        folders = [path for path in (workspace / "reports" / "runs").iterdir() if path.is_dir() and path.name != shown]
        newest_first = sorted(folders, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        for old in newest_first[keep - 1 :]:
            _remove(old)
    except OSError as error:
        raise PublishError(f"The run is published, but an old one could not be removed: {error}.") from error


def replace(path: Path, content: bytes) -> None:
    """Put a file in the place of `path`, in one step and on the disk."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    bring_to_disk(path.parent)


def _sync(folder: Path) -> None:
    """Bring everything below `folder` onto the disk: the files, then the folders that name them."""
    found = list(folder.rglob("*"))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for kind in (Path.is_file, Path.is_dir):
            list(threads.map(bring_to_disk, filter(kind, found)))
    bring_to_disk(folder)
