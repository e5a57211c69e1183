"""The part of `make bench` about size: what a certificate costs, from files to books, tables and workbooks without a site, in an office of
10,000 and in one of many more.

Seconds are of the processor. Both sizes run in turn, some rounds, and the medians are compared.
"""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

from tests.bench import estate_made
from tests.bench.night import Run, run_of

FEWER, MORE, MOST = 10_000, 100_000, 1_000_000
GROWS_BY = 0.15
ROUNDS = 3


def measure(folder: Path, more: int = MORE, rounds: int = ROUNDS) -> bool:
    """Print every figure beside its limit; whether all are met."""
    print(f"From {FEWER:,} to {more:,} certificates and as many requests, from files to books, tables and workbooks, without a site")
    found: dict[int, list[Run]] = {FEWER: [], more: []}
    for count in found:
        estate_made.write(folder / f"estate-{count}", count)
    for _ in range(rounds):
        for count, runs in found.items():
            runs.append(_anew(folder / f"estate-{count}"))
    few, many = (statistics.median(run.seconds / count for run in runs) for count, runs in found.items())
    for count in found:
        shutil.rmtree(folder / f"estate-{count}")
    ratio = many / few
    is_met = ratio < 1 + GROWS_BY
    print(f"  a certificate of {more:,} costs {ratio:.2f} times one of {FEWER:,} (below {1 + GROWS_BY:.2f}: {_said(is_met)}),", end=" ")
    print(f"{many * 1e6:,.0f} µs and {few * 1e6:,.0f} µs, medians of {rounds} rounds in turn")
    for count, runs in found.items():
        median = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in median.stages.items())
        print(f"    {count:,}: {median.seconds:.1f} s ({stages}), {median.peak_bytes / 1e9:.2f} GB")
    return is_met


def _anew(root: Path) -> Run:
    """A run that knows nothing of earlier ones."""
    for name in ("reports", ".store", "data/ledger/runs"):
        shutil.rmtree(root / name, ignore_errors=True)
    (root / "reports").mkdir()
    return run_of(root)


def _said(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
