"""The part of `make bench` about size: what a certificate costs, from files to books and tables, in an office of 10,000 and in one of many
more.

Seconds are of the processor. Both sizes run in turn, some rounds, each in a process of its own (`one_estate`), and the medians are
compared. Workbooks are left out with the site: the part `night` measures whole runs.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench import estate_made

FEWER, MORE, MOST = 10_000, 100_000, 1_000_000
GROWS_BY = 0.15
ROUNDS = 3


@dataclass(frozen=True)
class Run:
    """Seconds of the processor by stage, and the most memory held in bytes."""

    stages: Mapping[str, float]
    peak_bytes: int

    @property
    def seconds(self) -> float:
        return sum(self.stages.values())


def measure(folder: Path, more: int = MORE, rounds: int = ROUNDS) -> bool:
    """Print every figure beside its limit; whether all are met."""
    print(f"From {FEWER:,} to {more:,} certificates and as many requests, from files to books and tables")
    found: dict[int, list[Run]] = {FEWER: [], more: []}
    for count in found:
        estate_made.write(folder / f"estate-{count}", count)
    for _ in range(rounds):
        for count, runs in found.items():
            runs.append(_run(folder / f"estate-{count}"))
    few, many = (statistics.median(run.seconds / count for run in runs) for count, runs in found.items())
    for count in found:
        shutil.rmtree(folder / f"estate-{count}")
    ratio = many / few
    is_met = ratio < 1 + GROWS_BY
    stages = {stage: _median(found[more], stage) * FEWER / (_median(found[FEWER], stage) * more) for stage in found[more][0].stages}
    print(f"  a certificate of {more:,} costs {ratio:.2f} times one of {FEWER:,} (below {1 + GROWS_BY:.2f}: {_said(is_met)}),", end=" ")
    print(f"{many * 1e6:,.0f} µs and {few * 1e6:,.0f} µs, medians of {rounds} rounds in turn")
    print(f"    by stage: {', '.join(f'{stage} {times:.2f}' for stage, times in stages.items())}")
    for count, runs in found.items():
        median = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in median.stages.items())
        print(f"    {count:,}: {median.seconds:.1f} s ({stages}), {median.peak_bytes / 1e9:.2f} GB")
    return is_met


def _run(root: Path) -> Run:
    command = [sys.executable, "-m", "tests.bench.one_estate", str(root)]
    return Run(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _median(runs: list[Run], stage: str) -> float:
    return statistics.median(run.stages[stage] for run in runs)


def _said(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
