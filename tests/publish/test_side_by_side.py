"""Parts of a run that are written side by side: told of in their order, stopped as in the loop, whatever ends their processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.contracts import CERTIFICATES, Compared, RunRecord
from pipeline.engine import Engine
from pipeline.engine.local import Local
from pipeline.publish import handed_over, side_by_side
from pipeline.publish.side_by_side import Part, Run
from pipeline.publish.stamp import RunStamp
from pipeline.reconcile import Check
from tests.publish import bookkeeping
from tests.publish.bookkeeping import AS_OF, SETTINGS
from tests.publish.parts_of_runs import do_something_odd, find_no_room, lose_every_process, lose_the_first_process, write_one, write_two

PROCESSES = Local(2, above=0)
ONE, TWO = (Check("one", 1, 1),), (Check("two", 2, 0), Check("and", 2, 2))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "reports").mkdir()
    (tmp_path / "run").mkdir()
    stamp, record = RunStamp.following(None, "0" * 64, AS_OF), RunRecord(run_id="0" * 12, as_of=AS_OF, version="0")
    return Run(tmp_path, bookkeeping.books([]), SETTINGS, stamp, Compared(record, None), tmp_path / "templates", tmp_path / "run")


def written(run: Run, parts: tuple[Part, ...], engine: Engine | None = None) -> tuple[list[tuple[Check, ...]], list[str]]:
    said: list[str] = []
    return list(side_by_side.written(parts, run, said.append, engine)), said


def writers(run: Run) -> set[int]:
    return {int(path.read_text(encoding="utf-8")) for path in run.folder.iterdir() if path.stat().st_size}


def test_few_books_are_written_here_one_part_after_the_other(run: Run) -> None:
    said: list[str] = []
    told: Iterator[tuple[Check, ...]] = side_by_side.written((Part(write_one, 1), Part(write_two, 9, "Two")), run, said.append)
    assert (ONE, [], {os.getpid()}) == (next(told), said, writers(run))
    assert ([TWO], ["Two"], {os.getpid()}) == (list(told), said, writers(run))


def test_processes_write_the_longest_first_and_are_told_of_in_order(run: Run) -> None:
    told, said = written(run, (Part(write_one, 1), Part(write_two, 9, "Two")), PROCESSES)
    assert ([ONE, TWO], ["Two"]) == (told, said)
    assert os.getpid() not in writers(run)
    assert [] == list((run.root / "reports").iterdir())


def test_many_books_are_written_in_processes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "ABOVE", -1)
    monkeypatch.setattr(side_by_side, "cores", lambda: 2)
    monkeypatch.setattr(side_by_side, "Local", lambda above: Local(2, above))
    written(run, (Part(write_one, 1), Part(write_two, 1)))
    assert os.getpid() not in writers(run)


@pytest.mark.parametrize("engine", [None, PROCESSES])
def test_the_first_part_that_fails_stops_the_run_at_its_stage(run: Run, engine: Engine | None) -> None:
    parts = (Part(write_one, 1, "One"), Part(find_no_room, 1, "Three"), Part(do_something_odd, 9, "Odd"))
    said: list[str] = []
    told = side_by_side.written(parts, run, said.append, engine)
    with pytest.raises(OSError, match=r"No space left on device: .*three") as stopped:
        list(told)
    assert (28, ["One", "Three"]) == (stopped.value.errno, said)


def test_a_part_whose_process_is_killed_is_written_again(run: Run) -> None:
    assert ([ONE, TWO], []) == written(run, (Part(write_one, 1), Part(lose_the_first_process, 9)), PROCESSES)


def test_a_part_that_ends_every_process_stops_the_run(run: Run) -> None:
    with pytest.raises(OSError, match="was ended"):
        written(run, (Part(write_one, 1), Part(lose_every_process, 9)), PROCESSES)


@pytest.mark.parametrize("value", [(1, "two", None), CERTIFICATES.empty()])
def test_values_without_large_parts_are_handed_over_too(tmp_path: Path, value: object) -> None:
    handed_over.put((value, "and"), tmp_path / "value")
    assert str((value, "and")) == str(handed_over.taken(tmp_path / "value"))
