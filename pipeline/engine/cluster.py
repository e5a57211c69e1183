"""The work of files on a cluster of Dask: the scheduler that was named, or one of this machine that lasts as long as the call.

The workers need the same version of certledger and must see the workspace under the same path. Dask gives the chunks of a worker that is
killed to another one; after some kills it gives a chunk up, and blames all that the worker held, so each of these is tried again alone.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from pipeline.engine import Chunk, ChunkError, EngineError, EngineLostError, Function, Outcome, checked, in_halves, in_order
from pipeline.engine.local import MOST_PROCESSES, cores
from pipeline.engine.reader_version import reader_version

if TYPE_CHECKING:
    from distributed import Client, Future

ANSWERS_WITHIN = 10  # seconds until a scheduler that does not answer is taken to be absent
WORKERS_WITHIN = 60  # seconds that are waited for a worker, or for one to come back
_LOOKS_EVERY = 1  # seconds
_AHEAD = 2  # chunks handed out for each thread of a worker: one at work, one waiting
# A worker that is killed again and again must be started again and again; a chunk that killed two is tried alone.
_OF_OUR_OWN = {"distributed.deploy.lost-worker-timeout": "1 day", "distributed.scheduler.allowed-failures": 1}
_LOGGERS = ("distributed", "distributed.client", "distributed.comm", "tornado.application", "asyncio")
_MISSING = "--engine dask needs the package distributed: pip install 'certledger[distributed]', or leave --engine out."


class Cluster:
    """The engine `dask`. Nothing is started and nobody is called before there is work; `with` ends what was started.

    Raises `EngineError` where `distributed` is not installed.
    """

    def __init__(self, scheduler: str = "", answers_within: float = ANSWERS_WITHIN) -> None:
        try:
            import distributed  # noqa: F401, PLC0415 - an extra, and slow to load
        except ImportError:
            raise EngineError(_MISSING) from None
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is said by us
        self._scheduler, self._answers_within = scheduler, answers_within
        self._client: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._client is not None:
            cluster = self._client.cluster
            self._client.close(timeout=_LOOKS_EVERY)
            if cluster is not None:
                cluster.close()

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        """See `Engine`."""
        if chunks:
            if self._client is None:
                self._client = _called(self._scheduler, self._answers_within)
            yield from in_order(_Work(self._client, self._scheduler, function, schema).outcomes(chunks))


def _called(scheduler: str, answers_within: float) -> Client:
    """A client of the scheduler, or of one of our own, that has a worker."""
    import dask  # noqa: PLC0415 - as above
    from distributed import Client, LocalCluster  # noqa: PLC0415 - as above

    try:
        if not scheduler:
            dask.config.set(_OF_OUR_OWN)
            workers = min(cores(), MOST_PROCESSES)
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=logging.CRITICAL
            )
            return Client(cluster)
        client = Client(scheduler, timeout=answers_within)
    except (OSError, ValueError, RuntimeError) as error:
        named = f"The scheduler {scheduler}" if scheduler else "A scheduler on this machine"
        why = f"{named} cannot be reached ({type(error).__name__})."
        raise EngineError(f"{why} See that it runs and that --scheduler names it, or leave --engine out.") from error
    try:
        client.wait_for_workers(1, timeout=WORKERS_WITHIN)
    except TimeoutError:
        client.close()
        raise EngineError(f"The scheduler {scheduler} has no worker. Start one, e.g. dask worker {scheduler}, and run again.") from None
    return client


def at_work(version: str, function: Function, items: tuple[Any, ...]) -> pa.Table:
    """What a worker does: `function`, if its readers are of that version."""
    if reader_version() != version:
        raise EngineError("A worker has another version of certledger or of its libraries. Install the same on all machines.")
    return function(items)


@dataclass(frozen=True, slots=True)
class _Work:
    client: Client
    scheduler: str
    function: Function
    schema: pa.Schema

    def outcomes(self, chunks: Sequence[Chunk]) -> Iterator[tuple[int, list[Outcome]]]:
        """The outcomes as they are done, each with the number of its chunk."""
        from distributed import KilledWorker  # noqa: PLC0415 - as above

        waiting = deque(range(len(chunks)))
        most = _AHEAD * max(1, sum(self.client.nthreads().values()))
        held: dict[Future, int] = {}
        blamed: list[int] = []
        while waiting or held:
            while waiting and len(held) < most:
                number = waiting.popleft()
                held[self._submitted(chunks[number].items)] = number
            for future in self._done(list(held)):
                number = held.pop(future)
                try:
                    yield number, [checked(self._result(future), chunks[number].items, self.schema)]
                except KilledWorker:
                    blamed.append(number)
        for number in sorted(blamed):
            yield number, list(self._alone(chunks[number].items))

    def _alone(self, items: tuple[Any, ...]) -> Iterator[Outcome]:
        """The outcomes of one chunk while no other one is at work; one that ends its worker again is taken apart."""
        from distributed import KilledWorker  # noqa: PLC0415 - as above

        (future,) = self._done([self._submitted(items)])
        try:
            yield checked(self._result(future), items, self.schema)
        except KilledWorker:
            if len(items) == 1:
                yield ChunkError()
            else:
                for half in in_halves(items):
                    yield from self._alone(half)

    def _submitted(self, items: tuple[Any, ...]) -> Future:
        return self.client.submit(at_work, reader_version(), self.function, items, pure=False)

    def _result(self, future: Future) -> pa.Table:
        from distributed import CancelledError  # noqa: PLC0415 - as above

        try:
            return future.result()
        except CancelledError as error:
            raise self._lost("went away") from error

    def _done(self, futures: list[Future]) -> set[Future]:
        """Those that are done, at least one. Raises `EngineLostError` when there is nobody left to do any."""
        from distributed import CancelledError, wait  # noqa: PLC0415 - as above

        last_seen = time.monotonic()
        while True:
            try:
                done: set[Future] = wait(futures, timeout=_LOOKS_EVERY, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                done = set()
            except (CancelledError, OSError) as error:
                raise self._lost("went away") from error
            # One that is "lost" was done by a worker that has gone since: another one does it again.
            if any(future.status == "cancelled" for future in futures) or self.client.status != "running":
                raise self._lost("went away")
            if done:
                return done
            if self.client.scheduler_info()["workers"]:
                last_seen = time.monotonic()
            elif time.monotonic() - last_seen > WORKERS_WITHIN:
                raise self._lost(f"has had no worker for {WORKERS_WITHIN} seconds")

    def _lost(self, why: str) -> EngineLostError:
        named = f"The scheduler {self.scheduler}" if self.scheduler else "The scheduler of this call"
        return EngineLostError(f"{named} {why} before all files were read. See that it and its workers run, or leave --engine out.")
