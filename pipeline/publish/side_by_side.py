"""The parts of a run are written one after the other, or, where the books are many, beside each other in processes that share them.

Either way the same bytes are written, the parts are told of in the same order, and what one of them raises is raised here: the first that
fails in that order stops the run, at its stage.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple, cast

import pyarrow as pa

from pipeline.contracts import Books, Compared
from pipeline.engine import Chunk, ChunkError, Engine
from pipeline.engine.local import Local, cores
from pipeline.publish import handed_over, staging
from pipeline.publish.stamp import RunStamp
from pipeline.reconcile import Check
from pipeline.settings import Settings

ABOVE = 20_000  # certificates and requests
_TOLD = pa.schema([("told", pa.binary())])


@dataclass(frozen=True, slots=True)
class Run:
    """What the parts of a run are written from: the workspace `root`, its books and settings; and the run folder `folder` that they go
    into, where the invoices lie."""

    root: Path
    books: Books
    settings: Settings
    stamp: RunStamp
    compared: Compared
    notice_templates: Path
    folder: Path


class Part(NamedTuple):
    """A part of a run that needs no other: `write`, importable by its name, writes it, over what a process that was killed left of it, and
    returns what must agree there. `stage` is announced before it, if any; `weight` is about its share of the work of all parts."""

    write: Callable[[Run], tuple[Check, ...]]
    weight: int
    stage: str = ""


def written(parts: Sequence[Part], run: Run, say: Callable[[str], None], engine: Engine | None = None) -> Iterator[tuple[Check, ...]]:
    """Write each part; yields what must agree there, in the order of the parts.

    Lazily, one after the other, unless `engine` is there or this machine has cores for the many books. Raises what a part raises, and
    `OSError` where its process was ended twice.
    """
    if engine is None and cores() > 1 and len(run.books.certificates) + len(run.books.requests) > ABOVE:
        engine = Local(above=0)
    ready = _beside_each_other(parts, run, engine) if engine else {}
    for number, part in enumerate(parts):
        if part.stage:
            say(part.stage)
        if not ready:
            yield part.write(run)
        elif isinstance(found := ready[number], Exception):
            raise found
        else:
            yield found


def _beside_each_other(parts: Sequence[Part], run: Run, engine: Engine) -> dict[int, tuple[Check, ...] | Exception]:
    """What came of each part by its number. What takes longest is begun first, so that no process ends long before the others."""
    order = sorted(range(len(parts)), key=lambda number: -parts[number].weight)
    with staging.scratch(run.root) as folder:
        tables = [getattr(run.books, one.name) for one in fields(Books)]
        handed_over.put((replace(run, books=cast(Books, None)), *tables), folder / "run")
        chunks = [Chunk((parts[number],), parts[number].weight) for number in order]
        outcomes = engine.map_chunks(partial(_write_some, folder / "run"), chunks, _TOLD)
        return {number: _came_of(outcome) for number, outcome in zip(order, outcomes, strict=True)}


def _came_of(outcome: pa.Table | ChunkError) -> tuple[Check, ...] | Exception:
    if isinstance(outcome, ChunkError):
        return OSError("the process that wrote a part of it was ended")
    told: tuple[Check, ...] | Exception = pickle.loads(outcome["told"][0].as_py())  # noqa: S301 - of a process of ours
    return told


def _write_some(shared: Path, parts: tuple[Part, ...]) -> pa.Table:
    run = _taken(shared)
    return pa.table({"told": [pickle.dumps(_tried(part, run)) for part in parts]}, schema=_TOLD)


@lru_cache(maxsize=1)
def _taken(shared: Path) -> Run:
    run: Run
    run, *tables = handed_over.taken(shared)
    return replace(run, books=Books(*tables))


def _tried(part: Part, run: Run) -> tuple[Check, ...] | Exception:
    """What must agree in the part once it is written, or what stopped it: raised where the parts are told of in their order."""
    try:
        return part.write(run)
    except Exception as error:  # noqa: BLE001 - whatever it is: it is raised again
        return error
