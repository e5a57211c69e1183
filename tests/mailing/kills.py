"""A call of `certledger notices --send` that is killed at a point, and what the call after it must have made of that.

Points lie before and after each write and sync of the journal, in the middle of each line, and before and after each command, message
and answer of SMTP.
"""

from __future__ import annotations

import os
import shutil
import smtplib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.mailing.letters import letter, served
from tests.mailing.mail_server import Post, forked
from tests.mailing.office import published, sent, states

LETTERS = [letter(f"m{number}@x.gov", served(f"C{number}"), served(f"D{number}")) for number in range(5)]
KILLED = 137
JOURNAL = "data/ledger/notices"


def office(root: Path) -> Path:
    """A workspace with five messages to send, for `survives`."""
    published(root, LETTERS)
    return root


def points(root: Path, post: Post, *, forgets: bool = False) -> int:
    """How many points a call has that is not killed; `forgets`: one that keeps the journal elsewhere before it sends."""
    keep = (lambda: _kept(root)) if forgets else None

    def count() -> None:
        (root / "points").write_text(str(_counted(0, lambda: sent(root, post.smtp, before_send=keep))))

    assert 0 == os.waitstatus_to_exitcode(os.waitpid(forked(count), 0)[1])
    _forget(root, post)
    return int((root / "points").read_text())


def survives(root: Path, post: Post, point: int) -> None:
    """Kill a call at `point`, call again, and look: nothing is lost, and nothing comes twice but what was in doubt, and that is marked."""
    child = forked(lambda: _counted(point, lambda: sent(root, post.smtp)) and None)
    assert KILLED == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), point
    known = {address for address, state in states(root) if state == "sent"}
    begun = {address for address, state in states(root) if state == "sending"}
    again = sent(root, post.smtp)
    assert 0 == again.exit_code, point
    copies: dict[str, list[bool]] = {one.address: [] for one in LETTERS}
    for taken in post.taken():
        copies[taken.to[0]].append(taken.is_marked)
    for address, marks in copies.items():
        if address in known or address not in begun:
            assert [False] == marks, (point, address)
        else:
            assert marks in ([True], [False, True]), (point, address)
    assert len(begun - known) <= 1, point
    assert [] == [address for address, times in Counter(states(root)).items() if address[1] == "sent" and times != 1], point
    before = len(post.taken())
    assert (0, before) == (sent(root, post.smtp).exit_code, len(post.taken())), point
    _forget(root, post)


def survives_on_a_machine_that_forgets(root: Path, post: Post, point: int) -> None:
    """Kill a call at `point` and call again with what it kept elsewhere: where it had kept nothing it has sent nothing; else nobody knows
    what went, so all goes out once more, marked."""
    child = forked(lambda: _counted(point, lambda: sent(root, post.smtp, before_send=lambda: _kept(root))) and None)
    assert KILLED == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), point
    is_kept = (root / "kept").exists()
    assert is_kept or [] == post.taken(), point
    shutil.rmtree(root / JOURNAL, ignore_errors=True)
    if is_kept:
        shutil.move(root / "kept", root / JOURNAL)
    assert 0 == sent(root, post.smtp, before_send=lambda: _kept(root)).exit_code, point
    copies: dict[str, list[bool]] = {one.address: [] for one in LETTERS}
    for taken in post.taken():
        copies[taken.to[0]].append(taken.is_marked)
    allowed = ([True], [False, True]) if is_kept else ([False],)
    assert [] == [marks for marks in copies.values() if marks not in allowed], point
    _forget(root, post)


def _kept(root: Path) -> bool:
    shutil.rmtree(root / "kept", ignore_errors=True)
    shutil.copytree(root / JOURNAL, root / "kept.part", dirs_exist_ok=True)
    (root / "kept.part").rename(root / "kept")
    return True


def _forget(root: Path, post: Post) -> None:
    """As it was before the first call."""
    post.empty()
    for folder in (JOURNAL, "kept", "kept.part"):
        shutil.rmtree(root / folder, ignore_errors=True)


def _counted(fatal: int, work: Callable[[], object]) -> int:
    """How many points `work` comes by, unless it is killed at the one whose number is `fatal`. For a process that ends soon."""
    passed = 0

    def point() -> None:
        nonlocal passed
        passed += 1
        if passed == fatal:
            os._exit(KILLED)

    def between(real: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any, **named: Any) -> Any:
            point()
            result = real(*given, **named)
            point()
            return result

        return done

    write = os.write

    def in_halves(descriptor: int, content: bytes) -> int:
        point()
        half = write(descriptor, content[: len(content) // 2])
        point()
        whole = half + write(descriptor, content[half:])
        point()
        return whole

    os.write, os.fsync = in_halves, between(os.fsync)
    for name in ("send", "getreply", "connect"):
        setattr(smtplib.SMTP, name, between(getattr(smtplib.SMTP, name)))
    work()
    return passed
