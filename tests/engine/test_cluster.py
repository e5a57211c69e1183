"""The engine on a cluster of Dask: a real scheduler and two workers on this machine, one of which is killed, and then the scheduler."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.engine import Chunk, Engine, EngineError, EngineLostError
from pipeline.engine.cluster import Cluster, at_work
from pipeline.engine.local import Local
from pipeline.sources import certificate_parts, estate
from pipeline.sources.certificate_parts import FILES, Item
from tests.conftest import certledger
from tests.engine.clusters import real_cluster
from tests.engine.work import SQUARES, once_deadly, squares, then_nobody
from tests.flow.test_cli import lay_out
from tests.issued import der, pem
from tests.unit.test_x509_facts import BUNDLE, FIRST, SECOND

CONTENTS = [pem(FIRST), BUNDLE, der(SECOND), b"no certificate", pem(SECOND)[:-30], BUNDLE * 2]


class Story(NamedTuple):
    """What became of a cluster: the facts of files as the loop tells them, as the cluster does while a worker is killed, their certificates
    counted by both, as the bytes of all parts, that worker's exit codes, and what is said once the scheduler is gone."""

    by_loop: list[dict[str, object]]
    by_cluster: list[dict[str, object]]
    counted_by_loop: list[bytes]
    counted_by_cluster: list[bytes]
    ended: list[int | None]
    lost: str


def parts(files: list[Path], engine: Engine, folder: Path) -> list[bytes]:
    """The bytes of all that a count by parts leaves, by name; a file a chunk, and 16 prefixes."""
    estate.count(files, engine, folder, 1, chunk_files=1)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("cluster")
    for number, content in enumerate(CONTENTS):
        (folder / f"{number}.pem").write_bytes(content)
    chunks = [Chunk((Item(folder / f"{number}.pem"),), 1) for number in range(len(CONTENTS))]
    facts = certificate_parts.facts
    by_loop = [row for table in Local(1).map_chunks(facts, chunks, FILES) for row in table.to_pylist()]
    files = [chunk.items[0].location for chunk in chunks]
    counted = parts(files, Local(1), folder / "by-loop")
    with real_cluster(folder) as cluster, Cluster(cluster.address) as engine:
        killing = once_deadly(facts, chunks[3].items[0], folder / "killed")
        by_cluster = [row for table in engine.map_chunks(killing, chunks, FILES) for row in table.to_pylist()]
        ended = [worker.poll() for worker in cluster.workers]
        counted_by_cluster = parts(files, engine, folder / "by-cluster")
        with pytest.raises(EngineLostError) as lost:
            list(engine.map_chunks(then_nobody(squares, cluster.scheduler.pid), chunks, SQUARES))
        return Story(by_loop, by_cluster, counted, counted_by_cluster, ended, str(lost.value).replace(cluster.address, "tcp://HOST:PORT"))


def test_a_cluster_that_loses_a_worker_tells_what_the_loop_tells(story: Story) -> None:
    assert story.by_loop == story.by_cluster
    assert len(story.counted_by_loop) > 1
    assert story.counted_by_loop == story.counted_by_cluster
    assert [-9, None] == sorted(story.ended, key=str)


def test_a_scheduler_that_goes_away_stops_the_run(story: Story) -> None:
    expected = "The scheduler tcp://HOST:PORT went away before all files were read. See that it and its workers run, or leave --engine out."
    assert expected == story.lost


def test_a_scheduler_that_is_not_there() -> None:
    with Cluster("tcp://127.0.0.1:1", answers_within=0.2) as engine, pytest.raises(EngineError) as stopped:
        list(engine.map_chunks(squares, [Chunk((1,), 1)], SQUARES))
    assert str(stopped.value).startswith("The scheduler tcp://127.0.0.1:1 cannot be reached")


def test_a_worker_of_another_version_does_nothing() -> None:
    with pytest.raises(EngineError, match="another version of certledger"):
        at_work("0" * 16, squares, (1,))


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = certledger("-C", lay_out(tmp_path / "small"), "run", "--engine", "dask")
    assert 2 == done.returncode
    assert "pip install 'certledger[distributed]'" in done.stderr


def test_a_scheduler_without_dask_is_a_mistake(tmp_path: Path) -> None:
    done = certledger("-C", lay_out(tmp_path / "small"), "run", "--scheduler", "tcp://127.0.0.1:1")
    assert (2, "--scheduler is for --engine dask: give both, or neither.\n") == (done.returncode, done.stderr)
