"""Work for engines to do in processes of their own: squares, and some that end the process they are done in."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.engine import Function

SQUARES = pa.schema([("square", pa.int64()), ("process", pa.int64())])


def squares(items: tuple[Any, ...]) -> pa.Table:
    """The squares, and the process that worked them out."""
    return pa.table({"square": [item * item for item in items], "process": [os.getpid()] * len(items)}, schema=SQUARES)


def deadly(function: Function, ends: Any) -> Function:
    """`function`, but that the item `ends` ends the process each time."""
    return partial(_deadly, function, ends)


def once_deadly(function: Function, ends: Any, mark: Path) -> Function:
    """`function`, but that the item `ends` ends the process the first time; that it did is kept in the file `mark`."""
    return partial(_once_deadly, function, ends, mark)


def _deadly(function: Function, ends: Any, items: tuple[Any, ...]) -> pa.Table:
    if ends in items:
        os.kill(os.getpid(), signal.SIGKILL)
    return function(items)


def _once_deadly(function: Function, ends: Any, mark: Path, items: tuple[Any, ...]) -> pa.Table:
    if ends in items and not mark.exists():
        mark.write_text(str(os.getpid()), encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return function(items)


def then_nobody(function: Function, process: int) -> Function:
    """`function`, but that the process `process` is ended first, as if its machine had gone down."""
    return partial(_then_nobody, function, process)


def _then_nobody(function: Function, process: int, items: tuple[Any, ...]) -> pa.Table:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    time.sleep(1)
    return function(items)
