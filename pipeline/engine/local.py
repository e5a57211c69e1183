"""The work of files on this machine: in a plain loop, or in processes where there is enough of it to pay for starting them."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.engine import Chunk, ChunkError, Function, Outcome, checked, in_halves, in_order

# Two processes are done sooner than the loop once all that they take of the processor, their start included, is less than twice what the
# loop takes. Measured so, for other work on the machine hardly moves it (`make bench --only engines`, 2026-11-26, two cores): their start
# takes 1.5 s, nearly all of it for importing, and then a MiB of certificates 22 ms, in the loop 17 ms, for here nothing is sent from one
# process to another. That is even at 118 MiB, in both of two rounds; at 155 MiB they take 1.84 times as much as the loop.
PROCESSES_ABOVE = 128 * 2**20
MOST_PROCESSES = 8
_PR_SET_PDEATHSIG = 1  # of prctl(2), which Linux alone has
_AHEAD = 2  # chunks handed out for each process: one at work, one waiting


class Local:
    """The engine `local`: processes where the chunks have more than `above` bytes in all and there is more than one, else a loop.

    In the loop nothing stands between a chunk and the run: one that ends its process ends the run.
    """

    def __init__(self, processes: int | None = None, above: int = PROCESSES_ABOVE) -> None:
        self.processes = min(cores(), MOST_PROCESSES) if processes is None else processes
        self.above = above

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        """See `Engine`."""
        processes = min(self.processes, len(chunks))
        if processes > 1 and sum(chunk.size for chunk in chunks) > self.above:
            yield from in_order(_in_processes(_Work(function, chunks, schema), processes))
        else:
            yield from (checked(function(chunk.items), chunk.items, schema) for chunk in chunks)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Work:
    function: Function
    chunks: Sequence[Chunk]
    schema: pa.Schema


def _in_processes(work: _Work, processes: int) -> Iterator[tuple[int, list[Outcome]]]:
    """The outcomes as they are done, each with the number of its chunk.

    When a process ends, the pool is lost with all chunks that it held. Which of them was to blame is not known: each of these few is
    worked on alone, and a new pool goes on with the others.
    """
    waiting = deque(range(len(work.chunks)))
    while waiting:
        held: dict[Future[pa.Table], int] = {}
        try:
            with _pool(processes) as pool:
                while waiting or held:
                    while waiting and len(held) < processes * _AHEAD:
                        held[pool.submit(work.function, work.chunks[waiting[0]].items)] = waiting[0]
                        waiting.popleft()
                    for future in wait(held, return_when=FIRST_COMPLETED).done:
                        table = future.result()
                        number = held.pop(future)
                        yield number, [checked(table, work.chunks[number].items, work.schema)]
        except BrokenProcessPool:
            yield from ((number, list(_alone(work, work.chunks[number].items))) for number in sorted(held.values()))


def _alone(work: _Work, items: tuple[Any, ...]) -> Iterator[Outcome]:
    """The outcomes of one chunk that nothing else shares a process with; one that ends it again is taken apart."""
    try:
        with _pool(1) as pool:
            yield checked(pool.submit(work.function, items).result(), items, work.schema)
    except BrokenProcessPool:
        if len(items) == 1:
            yield ChunkError()
        else:
            for half in in_halves(items):
                yield from _alone(work, half)


def _pool(processes: int) -> ProcessPoolExecutor:
    """Processes that start empty: a copy of this one would hold all its memory, and the locks of its threads."""
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _end_with_the_run)


def _end_with_the_run() -> None:
    """Have this process killed when the one that started it is: nobody is left behind who still writes, or waits for work for ever."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:  # it was killed before that was asked for
        os._exit(1)
