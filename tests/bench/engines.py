"""The part of `make bench` about engines: from how many bytes on two processes read certificate files sooner than the loop, and what a
cluster of Dask takes beside it.

Both by the clock, which other work on the machine holds up, and by the processor, of this process and those that it starts.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.engine import Chunk, Engine
from pipeline.engine.cluster import Cluster
from pipeline.engine.local import PROCESSES_ABOVE, Local
from pipeline.sources import certificate_parts
from pipeline.sources.certificate_parts import FILES, Item
from tests.bench import certificates_made

_A_FILE = 5_000  # certificates, some 8 MB
_SIZES = (5, 20, 40)  # files
_ROUNDS = 3


def measure(folder: Path) -> bool:
    """Print what each engine takes; whether all tell the same. In a process of its own, for each that an engine starts loads what its
    parent was started with."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.engines", str(folder / "engines")], check=False, stdout=subprocess.PIPE, text=True
    )
    print(done.stdout, end="")
    return done.returncode == 0


def _measure(root: Path) -> bool:
    root.mkdir()
    for number in range(max(_SIZES)):
        certificates_made.write_bundle(root / f"{number:03}.pem", _A_FILE, certificates_made.few_keys())
    print(f"Engines, on files of {_A_FILE:,} certificates; processes are used above {PROCESSES_ABOVE / 2**20:.0f} MiB")
    is_same = True
    by_processor: dict[str, list[tuple[float, float]]] = {"loop": [], "two processes": []}
    for size in _SIZES:
        paths = sorted(root.iterdir())[:size]
        chunks = [Chunk((Item(path),), path.stat().st_size) for path in paths]
        engines: dict[str, Engine] = {"loop": Local(1), "two processes": Local(2, above=0)}
        found = {name: [_taken(engine, chunks) for _ in range(_ROUNDS)] for name, engine in engines.items()}
        with Cluster() as cluster:
            found["dask, its start included"] = [_taken(cluster, chunks)]
            found["dask"] = [_taken(cluster, chunks) for _ in range(_ROUNDS)]
        is_same &= len({hashes for runs in found.values() for _, _, hashes in runs}) == 1
        loop = min(clock for clock, _, _ in found["loop"])
        mib = sum(chunk.size for chunk in chunks) / 2**20
        for name, points in by_processor.items():
            points.append((mib, min(seconds for _, seconds, _ in found[name])))
        print(f"  {mib:,.0f} MiB, {size * _A_FILE:,} certificates, in times of the loop:", end=" ")
        print("; ".join(f"{name} {min(run[0] for run in runs) / loop:.2f} by the clock" for name, runs in found.items()))
        print(f"    loop {loop:.1f} s by the clock; the fastest of {_ROUNDS} rounds; {os.getloadavg()[0]:.1f} processes wanted a core")
    even = _even(*by_processor.values())
    print(f"  two processes take less than twice the processor's time of the loop from {even:,.0f} MiB on: then they are done sooner")
    print(f"  all tell the same: {'met' if is_same else 'MISSED'}")
    return is_same


def _even(loop: list[tuple[float, float]], processes: list[tuple[float, float]]) -> float:
    """From how many MiB on the second takes less than twice the seconds of the first, both being (MiB, seconds) on straight lines."""
    (start_of_loop, a_mib_of_loop), (start, a_mib) = map(_line, (loop, processes))
    gained = 2 * a_mib_of_loop - a_mib
    return (start - 2 * start_of_loop) / gained if gained > 0 else math.inf


def _line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Seconds at nothing, and a MiB, by the smallest and the largest size."""
    (first, of_first), *_, (last, of_last) = points
    a_mib = (of_last - of_first) / (last - first)
    return of_first - first * a_mib, a_mib


def _taken(engine: Engine, chunks: list[Chunk]) -> tuple[float, float, tuple[str, ...]]:
    """Seconds by the clock and of the processor, and the hashes of the files and how many blocks they have."""
    began, clock = _processor_seconds(), time.monotonic()
    tables = list(engine.map_chunks(certificate_parts.facts, chunks, FILES))
    taken = time.monotonic() - clock, _processor_seconds() - began
    told = tuple(f"{sha256} {count}" for table in tables for sha256, count in zip(*_of(table), strict=True))
    return *taken, told


def _of(table: pa.Table) -> tuple[list[str], list[int]]:
    return table["sha256"].to_pylist(), pc.list_value_length(table["blocks"]).to_pylist()


def _processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    sys.exit(0 if _measure(Path(sys.argv[1])) else 1)
