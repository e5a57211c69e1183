"""`make bench`: are the readers, the money, the forecast, the service levels, the site and whole runs as fast as promised?

Prints each figure beside its limit and writes them to tests/benchmarks/report.md; exit code 1 if one is missed. `--rows N` and the like
make what is measured smaller, for a quick look; the limits are promised for what is made without them. `--only scale --largest 1000000
--rounds 1` is the way to the largest office: nine minutes of a core and some 30 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench import certificates, engines, estate, exports_made, forecast, money, night, report, scale, service, site

ROWS = 1_000_000
WORKBOOK_ROWS = 100_000
ROWS_A_SECOND = 100_000
ROWS_A_SECOND_OF_LINES = 80_000
MOST_BYTES = 2_500_000_000
MOST_TIMES_OPENPYXL = 1.3
_GB = 1_000_000_000
_LOGS = (
    ("plain", exports_made.plain, ROWS_A_SECOND),
    ("commas in cells", exports_made.with_commas, ROWS_A_SECOND),
    ("line ends in cells", exports_made.with_line_ends, ROWS_A_SECOND_OF_LINES),
    ("damaged rows", exports_made.with_damage, ROWS_A_SECOND),
)


@dataclass(frozen=True)
class Measured:
    """One reading: rows accepted and set aside, seconds of one core, seconds by the clock, and the most memory it held, in bytes."""

    rows: int
    set_aside: int
    seconds: float
    by_clock: float
    peak_bytes: int


def _measured(how: str, path: Path) -> Measured:
    command = [sys.executable, "-m", "tests.bench.one_reading", how, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout))


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _request_logs(folder: Path, rows: int) -> bool:
    print(f"Request logs of {rows:,} rows and {len(exports_made.HEADER)} columns, CSV to typed table, on one core")
    all_met = True
    for name, change, limit in _LOGS:
        path = folder / f"{name.replace(' ', '-')}.csv"
        exports_made.write_csv(path, rows, change)
        found = _measured("to-table", path)
        path.unlink()
        speed = rows / found.seconds
        is_fast, is_lean, is_whole = speed >= limit, found.peak_bytes < MOST_BYTES, found.rows + found.set_aside == rows
        all_met &= is_fast and is_lean and is_whole
        print(f"  {name}: {speed:,.0f} rows/s (at least {limit:,}: {_verdict(is_fast)}),", end=" ")
        print(f"{found.peak_bytes / _GB:.2f} GB (below {MOST_BYTES / _GB}: {_verdict(is_lean)}),", end=" ")
        print(f"{found.rows:,} rows accepted and {found.set_aside:,} set aside (all there: {_verdict(is_whole)});", end=" ")
        print(f"{found.seconds:.1f} s of the core, {found.by_clock:.1f} s by the clock")
    return all_met


def _workbook(folder: Path) -> bool:
    path = folder / "requests.xlsx"
    exports_made.write_workbook(path, WORKBOOK_ROWS)
    print(f"A workbook of {WORKBOOK_ROWS:,} rows and {len(exports_made.HEADER)} columns, XLSX to typed table, against openpyxl alone")
    alone = _measured("openpyxl", path)
    ours = _measured("to-table", path)
    ratio = ours.seconds / alone.seconds
    is_fast, is_whole = ratio <= MOST_TIMES_OPENPYXL, ours.rows + ours.set_aside == alone.rows
    print(f"  {ratio:.2f} times openpyxl's time (at most {MOST_TIMES_OPENPYXL}: {_verdict(is_fast)});", end=" ")
    print(f"{ours.seconds:.1f} s against {alone.seconds:.1f} s, {ours.peak_bytes / _GB:.2f} GB,", end=" ")
    print(f"{ours.rows:,} rows accepted and {ours.set_aside:,} set aside (all there: {_verdict(is_whole)})")
    return is_fast and is_whole


def _parts(chosen: argparse.Namespace, folder: Path) -> dict[str, Callable[[], bool]]:
    """What there is to measure, in the order of the report."""
    return {
        "csv": lambda: _request_logs(folder, chosen.rows),
        "xlsx": lambda: _workbook(folder),
        "pem": lambda: certificates.measure(folder, chosen.certificates),
        "engines": lambda: engines.measure(folder),
        "estate": lambda: estate.measure(folder),
        "money": lambda: money.measure(folder),
        "forecast": forecast.measure,
        "service": service.measure,
        "site": site.measure,
        "night": lambda: night.measure(folder, chosen.office),
        "scale": lambda: scale.measure(folder, chosen.largest, chosen.rounds),
    }


def _main() -> int:
    parser = argparse.ArgumentParser(description="Measure the readers and the figures against what is promised of them.")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the request logs")
    parser.add_argument("--certificates", type=int, default=certificates.CERTIFICATES, help="certificates of a bundle")
    parser.add_argument("--office", type=int, default=night.CERTIFICATES, help="certificates of the office whose nights are measured")
    parser.add_argument("--largest", type=int, default=scale.MORE, help=f"certificates of the larger office of scale, up to {scale.MOST:,}")
    parser.add_argument("--rounds", type=int, default=scale.ROUNDS, help="rounds of scale")
    parser.add_argument("--only", metavar="PART", help="only one part: csv, xlsx, pem, ...")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parts = _parts(chosen, Path(folder))
        if chosen.only and chosen.only not in parts:
            parser.error(f"--only is one of {', '.join(parts)}")
        met = [report.measured(name, measure, list(parts)) for name, measure in parts.items() if chosen.only in (None, name)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(_main())
