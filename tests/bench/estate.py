"""The part of `make bench` about estates beyond memory: what a certificate costs from bytes to columns, from bytes to parts and in folding,
and how much memory the largest prefix takes.

Each figure is of a process of its own: `python -m tests.bench.estate HOW FOLDER`. Seconds are of the processor.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.sources import certificate_parts, estate_parts
from pipeline.sources.certificate_parts import Item
from pipeline.sources.estate_parts import PART, Numbered, Prefix
from tests.bench import certificates_made

_A_FILE, _FILES = 10_000, 5
_DIGITS = 1
_ROWS = (250_000, 1_000_000, 4_000_000)  # of one prefix, each fingerprint twice
_ROUNDS = 3
_MOST_BYTES_A_ROW = 200
_STORED = 48  # bytes of a row of a part


def measure(folder: Path) -> bool:
    """Print every figure beside its limit; whether all are met."""
    root = folder / "estate"
    (root / "pem").mkdir(parents=True)
    for number in range(_FILES):
        certificates_made.write_bundle(root / f"pem/{number}.pem", _A_FILE, certificates_made.few_keys())
    count = _FILES * _A_FILE
    size = sum(path.stat().st_size for path in (root / "pem").iterdir())
    print(f"An estate beyond memory, on one core; certificates of {size / count:,.0f} bytes")
    for how, what in (("columns", "from bytes to columns"), ("parts", f"from bytes to parts of {16**_DIGITS} prefixes")):
        seconds = min(_told(how, root)[0] for _ in range(_ROUNDS))
        print(f"  {what}: {seconds / count * 1e6:,.1f} µs a certificate, {size / seconds / 2**20:,.0f} MiB a second")
    base = _told("nothing", root)[1]
    is_met = True
    for rows in _ROWS:
        path = root / f"{rows}.parquet"
        _write_part(path, rows)
        seconds, peak = min(_told(f"fold:{path}", root) for _ in range(_ROUNDS))
        path.unlink()
        held = (peak - base) / rows
        is_met &= held < _MOST_BYTES_A_ROW or rows < max(_ROWS)
        print(f"  a prefix of {rows:,} blocks folded: {seconds / rows * 1e6:,.2f} µs and {held:,.0f} bytes of memory a block,", end=" ")
        print(f"{rows * _STORED / seconds / 2**20:,.0f} MiB a second")
    print(f"  the largest prefix takes less than {_MOST_BYTES_A_ROW} bytes a block: {'met' if is_met else 'MISSED'}")
    return is_met


def _told(how: str, root: Path) -> tuple[float, int]:
    """Seconds, and the most memory held in bytes."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.estate", how, str(root)], check=True, stdout=subprocess.PIPE, text=True)
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


def _write_part(path: Path, rows: int) -> None:
    """A part in which each of half as many fingerprints stands twice, in no order."""
    chance = np.random.default_rng(rows)
    half = chance.integers(0, 256, (rows // 2, 32), dtype="u1")
    digests = np.concatenate([half, half])[chance.permutation(rows)]
    fingerprints = pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), rows, [None, pa.py_buffer(digests.tobytes())])
    numbers = pa.array(np.arange(rows))
    pq.write_table(pa.table([fingerprints, numbers, numbers], schema=PART), path, compression="none", use_dictionary=False)


def _work(how: str, root: Path) -> Callable[[], object]:
    files = sorted((root / "pem").iterdir())
    if how == "columns":
        return partial(certificate_parts.facts, tuple(map(Item, files)))
    kept = root / f"kept-{os.getpid()}"
    kept.mkdir()
    if how == "parts":
        return partial(estate_parts.write, kept, _DIGITS, tuple(Numbered(number, path) for number, path in enumerate(files)))
    if how.startswith("fold:"):
        return partial(estate_parts.fold, kept, (Prefix("", (how.removeprefix("fold:"),)),))
    return lambda: None


def _main(how: str, root: Path) -> None:
    work = _work(how, root)
    began = time.process_time()
    work()
    seconds = time.process_time() - began
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
