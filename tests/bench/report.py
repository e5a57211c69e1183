"""What `make bench` leaves behind: tests/benchmarks/report.md, a section a part, each with the machine on which it was measured and how
busy that was. A part that is measured again replaces its section only."""

from __future__ import annotations

import contextlib
import io
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import TextIO

REPORT = Path(__file__).parents[1] / "benchmarks" / "report.md"
_HEAD = """\
# What certledger takes

Written by `make bench`; each section by `python -m tests.bench --only PART` too. Each line tells what was found, the limit that is promised
for it, and whether that is met; ratios are against what was measured in the same minutes. Seconds are of the processor where not said
otherwise, because other work on a machine holds up its clock; it slows the processor too, by a third and more where all cores are wanted.
"""
_LIBRARIES = ("cryptography", "numpy", "pandas", "pyarrow")
_SECTION = re.compile(r"^## (\S+)\n", re.MULTILINE)


class _Both(io.TextIOBase):
    """What is printed, to the terminal as it comes, and kept."""

    def __init__(self, terminal: TextIO) -> None:
        self.kept: list[str] = []
        self._terminal = terminal

    def write(self, text: str) -> int:
        self.kept.append(text)
        self._terminal.write(text)
        self._terminal.flush()
        return len(text)


def measured(part: str, measure: Callable[[], bool], order: Sequence[str]) -> bool:
    """Measure a part; what it prints becomes its section of the report, the sections being in `order`. Whether all limits are met."""
    before = os.getloadavg()[0]
    with _printed() as printed:
        is_met = measure()
    busy = f"{before:.1f} processes wanted a core at the begin, {os.getloadavg()[0]:.1f} at the end"
    text = f"{_machine()}; {time.strftime('%Y-%m-%d')}; {busy}.\n\n```\n{''.join(printed.kept)}```\n"
    sections = _sections() | {part: text}
    told = "\n".join(f"## {name}\n\n{sections[name]}" for name in order if name in sections)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(f"{_HEAD}\n{told}", encoding="utf-8")
    return is_met


@contextlib.contextmanager
def _printed() -> Iterator[_Both]:
    both = _Both(sys.stdout)
    with contextlib.redirect_stdout(both):
        yield both


def _sections() -> dict[str, str]:
    """The sections of the report as it stands, by name."""
    if not REPORT.exists():
        return {}
    _, *found = _SECTION.split(REPORT.read_text(encoding="utf-8"))
    return {name: text.strip() + "\n" for name, text in zip(found[::2], found[1::2], strict=True)}


def _machine() -> str:
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", told)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES)
    cores = len(os.sched_getaffinity(0))
    return f"{model[1] if model else platform.machine()}, {cores} cores, {memory:.0f} GiB; Python {platform.python_version()}, {libraries}"
