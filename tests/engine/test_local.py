"""The engine of this machine: results in order, whatever ends the processes that work on them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.contracts import ContractError
from pipeline.engine import Chunk, ChunkError, Outcome
from pipeline.engine.local import Local
from tests.engine.work import SQUARES, deadly, once_deadly, squares

CHUNKS = [Chunk((number, number + 10), 100) for number in range(6)]
EXPECTED = [[number**2, (number + 10) ** 2] for number in range(6)]
LOOP, PROCESSES = Local(2, above=600), Local(2, above=599)


def one_row_less(items: tuple[Any, ...]) -> pa.Table:
    return squares(items[1:])


def told(outcomes: Sequence[Outcome]) -> list[list[int] | None]:
    return [None if isinstance(outcome, ChunkError) else outcome["square"].to_pylist() for outcome in outcomes]


def processes(outcomes: Sequence[Outcome]) -> set[int]:
    return {process for outcome in outcomes if not isinstance(outcome, ChunkError) for process in outcome["process"].to_pylist()}


@pytest.mark.parametrize("engine", [LOOP, Local(1, above=0)])
def test_little_work_or_a_single_core_is_a_loop(engine: Local) -> None:
    found = list(engine.map_chunks(squares, CHUNKS, SQUARES))
    assert (EXPECTED, {os.getpid()}) == (told(found), processes(found))


def test_nothing_to_do() -> None:
    assert [] == list(PROCESSES.map_chunks(squares, [], SQUARES))


def test_much_work_is_done_elsewhere_and_a_killed_process_costs_no_chunk(tmp_path: Path) -> None:
    mark = tmp_path / "killed"
    found = list(PROCESSES.map_chunks(once_deadly(squares, 12, mark), CHUNKS, SQUARES))
    assert EXPECTED == told(found)
    assert mark.exists()
    assert os.getpid() not in processes(found)


def test_a_poison_item_loses_itself_alone() -> None:
    found = list(PROCESSES.map_chunks(deadly(squares, 12), CHUNKS, SQUARES))
    assert [*EXPECTED[:2], [4], None, *EXPECTED[3:]] == told(found)


@pytest.mark.parametrize("schema", [pa.schema([("square", pa.int64())]), SQUARES])
def test_what_is_not_as_promised_breaks_the_contract(schema: pa.Schema) -> None:
    with pytest.raises(ContractError):
        list(LOOP.map_chunks(one_row_less, CHUNKS, schema))
