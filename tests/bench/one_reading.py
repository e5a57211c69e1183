"""One reading, alone in its process: how long it takes on one core and how much memory it ever held. Prints one line of JSON.

Time is that of the processor, of this process and the ones it starts, so that a machine with other work to do measures the same.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import openpyxl
import pyarrow as pa

from pipeline.settings import Settings
from pipeline.sources import raw_files, recognition, sheet_files
from pipeline.sources.raw_files import Listed
from pipeline.sources.typed_rows import TABLES

_LIMIT = 2**30
_PATH = "inbox/requests/{}"


def _to_table(path: Path) -> tuple[int, int]:
    """From the file to typed rows, as a run does it: opened, searched for private keys, recognised, cut into rows, typed."""
    raw = raw_files.read(Listed(path, _PATH.format(path.name)), _LIMIT)
    layouts = recognition.candidates("requests", recognition.NO_OVERRIDE)
    builders = {name: builder for name, (_, builder) in TABLES.items()}
    reading = sheet_files.read(raw, layouts, recognition.NO_OVERRIDE, Settings(), builders)
    return len(reading.frame), reading.rows_read - len(reading.frame)


def _by_openpyxl(path: Path) -> tuple[int, int]:
    """Every cell of the first sheet, and nothing done with it."""
    book = openpyxl.load_workbook(path, read_only=True)
    rows = sum(1 for _ in book.worksheets[0].iter_rows())
    book.close()
    return rows - 1, 0


_READINGS = {"to-table": _to_table, "openpyxl": _by_openpyxl}


def _processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _main(how: str, path: Path) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    began, began_by_clock = _processor_seconds(), time.monotonic()
    rows, set_aside = _READINGS[how](path)
    seconds, by_clock = _processor_seconds() - began, time.monotonic() - began_by_clock
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"rows": rows, "set_aside": set_aside, "seconds": seconds, "by_clock": by_clock, "peak_bytes": peak * 1024}))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
