"""A real scheduler of Dask and workers, as processes of their own on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client

from tests.conftest import ROOT

_READY_WITHIN = 60


class RealCluster:
    """A scheduler and its workers; each can be killed."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{_free_port()}"
        port = self.address.rpartition(":")[2]
        self.scheduler = self._started("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show")
        self.workers = [self._worker(f"worker-{number}") for number in range(workers)]

    def _worker(self, name: str) -> subprocess.Popen[bytes]:
        options = (
            "--host",
            "127.0.0.1",
            "--nthreads",
            "1",
            "--no-dashboard",
            "--no-nanny",
            "--name",
            name,
            "--local-directory",
            str(self.folder),
        )
        return self._started("worker", self.address, *options)

    def _started(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{words[0]}.log").open("ab")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60"}
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]], env=environment, stdout=log, stderr=log
            )

    def wait_for_workers(self) -> None:
        """Until every worker has introduced itself."""
        deadline = time.monotonic() + _READY_WITHIN
        while True:
            try:
                with Client(self.address, timeout=5, set_as_default=False) as client:
                    client.wait_for_workers(len(self.workers), timeout=_READY_WITHIN)
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise

    def end(self) -> None:
        """Kill what is left."""
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


@contextmanager
def real_cluster(folder: Path, workers: int = 2) -> Iterator[RealCluster]:
    """A cluster that is ready."""
    cluster = RealCluster(folder, workers)
    try:
        cluster.wait_for_workers()
        yield cluster
    finally:
        cluster.end()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
