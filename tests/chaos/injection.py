"""Faults at the writes of a command: the process is killed, or the disk is full, at the n-th of them; in a fork of this process, with real
files and real signals.

What counts as a write: a file opened for writing, a folder made, anything renamed, removed, linked or synced, a database connected, a
process started. Python tells of each before it happens (audit events), so a point is the state of the disk between two writes; that a file
is cut off in the middle of one comes from `with_no_file_longer_than` and from a disk that is really full.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pipeline.cli import main

_NEED_ROOM = {"os.rename", "os.mkdir", "os.symlink", "os.link", "sqlite3.connect"}
_OTHERS = {"os.remove", "os.rmdir", "os.truncate", "os.chmod", "subprocess.Popen"}
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
CRASHED = 99

Act = Callable[[int, str], None]


def forked(work: Callable[[], int]) -> int:
    """What a fork of this process ends with: the exit code of `work`, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = CRASHED
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def command(*arguments: str | Path, said: Path) -> int:
    """Run the command in this process and return its exit code; what it says goes to the file `said`."""
    with said.open("w", encoding="utf-8") as stream:
        for descriptor in (1, 2):
            os.dup2(stream.fileno(), descriptor)
        sys.stdout = sys.stderr = stream
        try:
            main([str(argument) for argument in arguments], prog_name="certledger", standalone_mode=False)
        except SystemExit as ended:
            return int(ended.code or 0)
        except click.ClickException:
            return 2
        finally:
            stream.flush()
    return 0


def at_each_write(act: Act, below: Path, *, that_needs_room: bool = False) -> None:
    """From now on call `act` with 0, 1, 2, ... and the kind of write before each write of this process below `below`; of those that need
    room on the disk only, if so. Cannot be undone.
    """
    place, root = 0, f"{below}/"
    events = _NEED_ROOM if that_needs_room else _NEED_ROOM | _OTHERS

    def reached(kind: str) -> None:
        nonlocal place
        now, place = place, place + 1
        act(now, kind)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, (str, os.PathLike)) and str(path).startswith(root) and flags & _FOR_WRITING:
                reached(event)
        elif event in events:
            reached(event)

    def synced(descriptor: int, sync: Callable[[int], None] = os.fsync) -> None:
        reached("fsync")
        sync(descriptor)

    sys.addaudithook(hook)
    os.fsync = synced


def kinds_of_writes(work: Callable[[], int], below: Path, listed: Path, *, that_needs_room: bool = False) -> list[str]:
    """The kind of each write of `work`, in order, told by way of the file `listed`, which lies elsewhere."""

    def counted() -> int:
        with listed.open("w", encoding="utf-8") as stream:
            at_each_write(lambda now, kind: print(kind, file=stream, flush=True), below, that_needs_room=that_needs_room)
            return work()

    assert forked(counted) == 0
    return listed.read_text(encoding="utf-8").split()


def killed(work: Callable[[], int], below: Path, point: int) -> int:
    """What `work` ends with when SIGKILL comes before the write of this number."""

    def act(now: int, kind: str) -> None:
        if now == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def doomed() -> int:
        at_each_write(act, below)
        return work()

    return forked(doomed)


def on_a_full_disk(work: Callable[[], int], below: Path, point: int) -> int:
    """What `work` ends with when from the write of this number on there is no room; what frees some still works."""

    def act(now: int, kind: str) -> None:
        if now >= point:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def cramped() -> int:
        at_each_write(act, below, that_needs_room=True)
        return work()

    return forked(cramped)


def with_no_file_longer_than(size: int, work: Callable[[], int], *, killed: bool) -> int:
    """What `work` ends with when a write beyond `size` bytes of any file kills its process, or fails, in the middle of the file."""

    def limited() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if killed else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        return work()

    return forked(limited)
