"""`make bench`: are the readers, the money, the forecast, the service levels and the site as fast as promised? Prints each figure
beside its limit; exit code 1 if one is missed.

`--rows N` makes the request logs smaller, for a quick look; the limits are promised for a million.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench import certificates, exports_made, forecast, money, service, site

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


def _main() -> int:
    parser = argparse.ArgumentParser(description="Measure the readers and the figures against what is promised of them.")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the request logs")
    parser.add_argument("--certificates", type=int, default=certificates.CERTIFICATES, help="certificates of a bundle")
    parser.add_argument(
        "--only",
        choices=("csv", "xlsx", "pem", "money", "service", "forecast", "site"),
        help="only one part: request logs, workbook, ...",
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logs = chosen.only not in (None, "csv") or _request_logs(Path(folder), chosen.rows)
        workbook = chosen.only not in (None, "xlsx") or _workbook(Path(folder))
        files = chosen.only not in (None, "pem") or certificates.measure(Path(folder), chosen.certificates)
        charges = chosen.only not in (None, "money") or money.measure(Path(folder))
        ahead = chosen.only not in (None, "forecast") or forecast.measure()
        levels = chosen.only not in (None, "service") or service.measure()
        pages = chosen.only not in (None, "site") or site.measure()
    return 0 if logs and workbook and files and charges and ahead and levels and pages else 1


if __name__ == "__main__":
    sys.exit(_main())
