"""Whole runs by different engines publish the same bytes, also when a worker of a real cluster is killed in the middle of the reading."""

from __future__ import annotations

import filecmp
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import flow
from pipeline.engine import Chunk, Engine, Function, Outcome
from pipeline.engine.cluster import Cluster
from pipeline.engine.local import Local
from pipeline.sources import settings_file
from pipeline.sources.fact_store import FactStore
from pipeline.sources.inbox import Means
from tests.bench import certificates_made
from tests.conftest import without_site
from tests.engine.clusters import RealCluster, real_cluster
from tests.flow.test_cli import lay_out

pytestmark = pytest.mark.chaos
FILES = 6_500  # of one certificate each: four chunks


class LosesAWorker:
    """A cluster, one of whose workers is killed when the first chunk is done."""

    def __init__(self, engine: Engine, cluster: RealCluster) -> None:
        self.engine, self.cluster = engine, cluster
        self.chunks = 0

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        self.chunks = len(chunks)
        for outcome in self.engine.map_chunks(function, chunks, schema):
            if self.cluster.workers[0].poll() is None:
                self.cluster.workers[0].send_signal(signal.SIGKILL)
                self.cluster.workers[0].wait()
            yield outcome


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small office with many certificate files."""
    office = without_site(lay_out(tmp_path / "office"))
    folder = office / "data/inbox/pem/many"
    folder.mkdir(parents=True)
    for number, data in enumerate(certificates_made.certificates(FILES, certificates_made.few_keys())):
        (folder / f"{number:05}.pem").write_bytes(certificates_made.as_pem(data))
    return office


def published(root: Path, engine: Engine, name: str) -> Path:
    """What a run publishes that remembers nothing; moved away, so that the next one publishes anew."""
    settings = settings_file.read(root / "certledger.toml")
    assert settings.run.as_of is not None
    outcome = flow.run(root, settings, settings.run.as_of, lambda text: None, Means(engine, FactStore(None)))
    kept = root.with_name(name)
    (root / outcome.folder).rename(kept)
    (root / "reports/latest").unlink()
    for record in (root / "data/ledger/runs").iterdir():
        record.unlink()
    return kept


def differing(one: Path, other: Path) -> list[str]:
    files = {path.relative_to(folder) for folder in (one, other) for path in folder.rglob("*") if path.is_file()}
    assert len(files) > 50
    return sorted(str(path) for path in files if not filecmp.cmp(one / path, other / path, shallow=False))


def test_a_loop_processes_and_a_cluster_that_loses_a_worker_publish_the_same_bytes(root: Path, tmp_path: Path) -> None:
    by_loop, by_processes = published(root, Local(1), "loop"), published(root, Local(2, above=0), "processes")
    with real_cluster(tmp_path) as cluster, Cluster(cluster.address) as engine:
        losing = LosesAWorker(engine, cluster)
        by_cluster = published(root, losing, "cluster")
        assert 4 <= losing.chunks
        assert [-9, None] == [worker.poll() for worker in cluster.workers]
    assert ([], []) == (differing(by_loop, by_processes), differing(by_loop, by_cluster))
