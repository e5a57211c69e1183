"""How long `certledger explain` takes on a workspace of 100,000 certificates: `python -m tests.bench.explain [WORKSPACE]`.

Without a workspace one is made and run first, which takes ten minutes. Each name is asked for in a process of its own, as people do;
time is that of the processor, so that a machine with other work to do measures the same, beside the time by the clock.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

CERTIFICATES = 100_000
MOST_SECONDS = 1.0


def _made(root: Path) -> Path:
    """A published workspace of 100,000 certificates, without its sites, which `explain` does not read."""
    command = [sys.executable, "-m", "pipeline"]
    subprocess.run([*command, "sample", str(root), "--certificates", str(CERTIFICATES)], check=True)
    settings = root / "certledger.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('profiles = ["internal", "public"]', "profiles = []"), encoding="utf-8")
    subprocess.run([*command, "-C", str(root), "run"], check=True)
    return root


def _column(root: Path, table: str, *names: str) -> list[tuple[str, ...]]:
    found = pq.read_table(root / f"reports/latest/tables/{table}.parquet", columns=list(names))
    return list(zip(*(found.column(name).to_pylist() for name in names), strict=True))


def _names(root: Path) -> Iterator[tuple[str, str]]:
    """What is asked for and its name: of every kind one that stands far down in its file, so that nothing is found early by luck."""
    places = _column(root, "places", "file", "row", "became")
    _, period, agency = max(_column(root, "invoices", "lines", "period", "agency"))
    yield "invoice of most lines", f"{period}-{agency}"
    yield "ledger entry", _column(root, "ledger", "entry_id")[-1][0]
    yield "order", next(order for (order,) in reversed(_column(root, "certificates", "order_id")) if order)
    yield "certificate", _column(root, "certificates", "certificate")[-1][0]
    yield "serial", _column(root, "certificates", "serial")[CERTIFICATES // 2][0]
    yield "request", _column(root, "requests", "request_id")[-1][0]
    for name, ending in (("row of a workbook", ".xlsx"), ("row of a text file", ".csv"), ("block of a certificate file", ".pem")):
        file, row, _ = max(place for place in places if place[0].endswith(ending) and place[2] == "certificate")
        yield name, f"{file}:{row}"
    yield "a name that is not there", "no-such-name"


def _asked(root: Path, name: str) -> tuple[float, float, int]:
    """Seconds of the processor and by the clock, and lines of the answer."""
    command = [sys.executable, "-m", "pipeline", "-C", str(root), "explain", name]
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    after, ended = os.times(), time.perf_counter()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return used, ended - began, len(done.stdout.splitlines())


def _main() -> int:
    parser = argparse.ArgumentParser(description="Measure explain against the second that is promised.")
    parser.add_argument("workspace", nargs="?", type=Path, help="a workspace with a published run; default: one is made")
    chosen = parser.parse_args()
    all_met = True
    with tempfile.TemporaryDirectory() as folder:
        root = chosen.workspace or _made(Path(folder) / "workspace")
        print(f"explain on {len(_column(root, 'certificates', 'serial')):,} certificates")
        for what, name in _names(root):
            _asked(root, name)  # once before, so that the files lie in memory, as they do for whoever asks twice
            used, by_clock, lines = _asked(root, name)
            is_met = used < MOST_SECONDS
            all_met &= is_met
            verdict = f"below {MOST_SECONDS:.0f}: {'met' if is_met else 'MISSED'}"
            print(f"  {what}: {used:.2f} s of the core ({verdict}), {by_clock:.2f} s by the clock, {lines:,} lines")
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(_main())
