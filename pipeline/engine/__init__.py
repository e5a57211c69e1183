"""Where the work of files is done: one function over many chunks of files, here, in processes of this machine, or on a cluster.

Whatever the engine, and however the files are cut into chunks, the results come in the order of the chunks, so that what is published is
the same byte for byte. `local` is the plain loop and, above a size, processes; `cluster` is Dask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import pyarrow as pa

Function: TypeAlias = Callable[[tuple[Any, ...]], pa.Table]


class EngineError(Exception):
    """The engine that was asked for is not there: not installed, or nobody answers. The text says what to do."""


class EngineLostError(Exception):
    """The engine went away before the work was done; nothing was published."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some pieces of work that are done together: what the function needs of each, and how many bytes they have in all."""

    items: tuple[Any, ...]
    size: int


@dataclass(frozen=True, slots=True)
class ChunkError:
    """One item that ended the process that worked on it, with others and then alone."""


Outcome: TypeAlias = pa.Table | ChunkError


class Engine(Protocol):
    """What `map_chunks` asks of whoever does the work."""

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        """`function(chunk.items)` of each chunk: tables of `schema` with one row an item, in the order of the items.

        `function` must be importable by its name, pure but for the files that it reads, and tell the same of an item wherever it stands.
        What it raises is raised here. A chunk whose process is killed is worked on once more, alone, and killed again in halves; the one
        item that is to blame becomes a `ChunkError` in its place. Raises `EngineError`, `EngineLostError`; `ContractError` for a table
        that is not as promised.
        """
        ...


def checked(table: pa.Table, items: Sequence[Any], schema: pa.Schema) -> pa.Table:
    """`table`, which a function made of `items`. Raises `ContractError` where it is not as `Engine` says."""
    if table.schema != schema or len(table) != len(items):
        from pipeline.contracts import ContractError  # noqa: PLC0415 - pandas with it, which a process that starts can do without

        raise ContractError(f"engine: {len(table)} rows of {table.schema.names} came back for {len(items)} items")
    return table


def in_halves(items: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """What is tried of a chunk that ended its process: both halves."""
    middle = len(items) // 2
    return [items[:middle], items[middle:]]


def in_order(outcomes: Iterator[tuple[int, list[Outcome]]]) -> Iterator[Outcome]:
    """Outcomes that come as they are done, each with the number of its chunk from 0, in the order of the chunks."""
    early: dict[int, list[Outcome]] = {}
    following = 0
    for number, found in outcomes:
        early[number] = found
        while following in early:
            yield from early.pop(following)
            following += 1
