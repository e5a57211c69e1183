"""Parts of a run to be written side by side: some write a file, some fail, and some end the process that writes them."""

from __future__ import annotations

import os
import signal

from pipeline.publish.side_by_side import Run
from pipeline.reconcile import Check


def write_one(run: Run) -> tuple[Check, ...]:
    (run.folder / "one").write_text(str(os.getpid()), encoding="utf-8")
    return (Check("one", 1, 1),)


def write_two(run: Run) -> tuple[Check, ...]:
    (run.folder / "two").write_text(str(os.getpid()), encoding="utf-8")
    return (Check("two", 2, len(run.books.certificates)), Check("and", 2, 2))


def lose_the_first_process(run: Run) -> tuple[Check, ...]:
    if not (run.folder / "begun").exists():
        (run.folder / "begun").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return write_two(run)


def lose_every_process(run: Run) -> tuple[Check, ...]:
    os.kill(os.getpid(), signal.SIGKILL)
    return ()


def find_no_room(run: Run) -> tuple[Check, ...]:
    raise OSError(28, "No space left on device", str(run.folder / "three"))


def do_something_odd(run: Run) -> tuple[Check, ...]:
    raise ZeroDivisionError("odd")
