"""Workbooks (XLSX): bytes to rows of text, read by a process of its own behind the guard of `containers`.

A workbook of two kilobytes can bring its reader down, or keep it busy for minutes (facts/bad-inputs §0.1, §2.2); the reading process
has limits of memory and time, and whatever becomes of it, the run goes on with a finding.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from pipeline.sources.containers import guard
from pipeline.sources.limits import MIB, READER_CPU_SECONDS, READER_MEMORY, READER_SECONDS
from pipeline.sources.raw_files import Refused
from pipeline.sources.row_faults import Fault
from pipeline.sources.workbook_child import END, OUT_OF_MEMORY

_READER = (sys.executable, "-I", "-m", "pipeline.sources.workbook_child")


@dataclass(slots=True)
class Worksheet:
    """A sheet of a workbook: its header, and (physical row number from 1, texts) of the rows below it that hold something, as wide as the
    header, or wider where a cell beyond it holds something.

    `faults` tells of rows that are none, `days` are the texts of the cells that hold dates, `hidden` the rows that Excel does not show,
    `formulas` the columns of a row, from 0, in which formulas stand.
    """

    name: str
    header: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    hidden: list[int] = field(default_factory=list)
    formulas: dict[int, list[int]] = field(default_factory=dict)


def read(data: bytes, sheet: str | None, header_row: int = 1) -> list[Worksheet]:
    """The sheet named `sheet`, else each visible sheet that is not empty. The header is the first row that is not empty, from `header_row`
    on. Raises `Refused`.
    """
    guard(data)
    found: list[Worksheet] = []
    request = {"sheet": sheet, "header_row": header_row, "memory": READER_MEMORY, "cpu_seconds": READER_CPU_SECONDS}
    with contextlib.closing(_answers(data, request)) as answers:
        for answer in answers:
            if isinstance(answer, list):
                width = len(found[-1].header)
                found[-1].rows.extend((row, texts + [""] * (width - len(texts))) for row, texts in answer)
            elif "refused" in answer:
                raise Refused(*answer["refused"])
            elif "sheet" in answer:
                found.append(Worksheet(answer["sheet"], answer["header"]))
            else:
                found[-1].faults = {row: (code, reason, column, value) for row, (code, reason, column, value) in answer["faults"]}
                found[-1].days, found[-1].hidden = set(answer["days"]), answer["hidden"]
                found[-1].formulas = dict(answer["formulas"])
    return found


def _answers(data: bytes, request: dict[str, Any]) -> Generator[Any]:
    """What the reading process says of the workbook `data`, without its last word. Refused where it stops before that."""
    with _as_file(data) as handed_over, _started(request, handed_over) as reader:
        try:
            for line in _lines(reader, time.monotonic() + READER_SECONDS):
                answer = json.loads(line.decode("utf-8", "surrogatepass"))
                if answer == END:
                    return
                yield answer
            reader.wait(READER_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Refused("reader-stopped", f"Reading the workbook takes longer than {READER_SECONDS} seconds.") from error
        finally:
            reader.kill()
    raise Refused("reader-stopped", _why_stopped(reader.returncode))


def _as_file(data: bytes) -> IO[bytes]:
    """`data` as a file that a process can be handed; in memory where the system has such files."""
    stream = os.fdopen(os.memfd_create("workbook"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile()  # noqa: SIM115
    stream.write(data)
    stream.seek(0)
    return stream


def _started(request: dict[str, Any], handed_over: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own module, run by this interpreter
            [*_READER, json.dumps(request)], stdin=handed_over, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=MIB
        )
    except OSError as error:
        raise Refused("reader-stopped", f"The process that reads workbooks cannot be started: {error.strerror}.") from error


def _lines(reader: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    """The lines that the process writes. Raises `subprocess.TimeoutExpired` when the clock passes `deadline`."""
    assert reader.stdout is not None
    pipe = reader.stdout.fileno()
    unfinished: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            piece = os.read(pipe, MIB)
            if not piece:
                return
            first, *others = piece.split(b"\n")
            unfinished.append(first)
            for other in others:
                yield b"".join(unfinished)
                unfinished = [other]
    raise subprocess.TimeoutExpired(_READER, READER_SECONDS)


def _why_stopped(status: int) -> str:
    if status == OUT_OF_MEMORY:
        return f"Reading the workbook takes more than {READER_MEMORY // MIB:,} MiB of memory."
    if status == -signal.SIGXCPU:
        return f"Reading the workbook takes more than {READER_CPU_SECONDS} seconds of computing time."
    how = f"by the signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
    return f"The process that read the workbook was ended {how} before it was done."
