"""Laws of pauses: the vectorised way gives, to the second, what a loop over the pauses one by one gives."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.requests.pauses import apply
from pipeline.settings import Desk
from tests.massachusetts import ZONE, desk_time

TIME = desk_time()
# A desk that closes at 16:40 lies on no quarter of an hour, so its windows are searched for and not looked up.
ODD = desk_time(desk=Desk(closes=dt.time(16, 40)))
HOUR = 3600
MONDAY = int(dt.datetime(2026, 10, 26, 9, tzinfo=ZONE).timestamp())
Pause = tuple[int, int, int | None]


def instants(seconds: list[int | None]) -> pd.Series[Any]:
    return pd.Series(pd.to_datetime(pd.Series(seconds, dtype="Int64"), unit="s", utc=True)).astype("datetime64[us, UTC]")


def one_by_one(
    pauses: list[Pause], begins: list[int], ends: list[int], running: list[bool], due: list[int], time: Any
) -> list[tuple[int, int, bool, bool]]:
    """Desk seconds paused, B of the due instant, waiting and unresumed of each request, pause after pause in the order of their start."""

    def passed(second: int) -> int:
        return int(time.seconds(instants([second]))[0])

    answers = []
    for request, (begin, end, runs, promised) in enumerate(zip(begins, ends, running, due, strict=True)):
        counted_to = seconds = 0
        pushed, waiting, unresumed = promised, False, False
        for _, started, resumed in sorted((one for one in pauses if one[0] == request), key=lambda one: max(one[1], begin)):
            start = max(started, begin)
            ended = resumed is not None and resumed < end
            stop = resumed if resumed is not None and ended else end
            if start >= stop:
                continue
            counted_to = max(counted_to, passed(start))
            fresh = max(0, passed(stop) - counted_to)
            counted_to += fresh
            seconds += fresh
            unresumed |= runs and not ended
            if passed(max(start - 1, begin)) < pushed:
                pushed += fresh
                waiting |= runs and not ended
        answers.append((seconds, pushed, waiting, unresumed))
    return answers


moments = st.integers(-60 * HOUR, 300 * HOUR).map(lambda second: second - second % 1800)
lengths = st.none() | st.integers(0, 90 * HOUR)
spells = st.lists(st.tuples(moments, lengths), max_size=6)
requests = st.lists(st.tuples(st.integers(0, 400 * HOUR), st.booleans(), st.integers(-1, 60 * HOUR), spells), min_size=1, max_size=5)


@pytest.mark.parametrize("time", [TIME, ODD], ids=["looked up", "searched for"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(drawn=requests)
def test_pauses_all_at_once_equal_pauses_one_by_one(time: Any, drawn: list[tuple[int, bool, int, list[tuple[int, int | None]]]]) -> None:
    begins = [MONDAY + 7 * number * HOUR for number in range(len(drawn))]
    ends = [begin + lasts for begin, (lasts, *_) in zip(begins, drawn, strict=True)]
    running = [runs for _, runs, *_ in drawn]
    start = time.seconds(instants(list(begins)))
    due = [-1 if allowed < 0 else int(start[number]) + allowed for number, (*_, allowed, _) in enumerate(drawn)]
    pauses: list[Pause] = [
        (number, begins[number] + first, None if length is None else begins[number] + first + length)
        for number, (*_, told) in enumerate(drawn)
        for first, length in told
    ]
    table = pd.DataFrame(
        {
            "position": np.array([number for number, *_ in pauses], dtype=np.int64),
            "paused_at": instants([first for _, first, _ in pauses]),
            "resumed_at": instants([last for *_, last in pauses]),
        }
    )
    found = apply(table, np.array(begins), np.array(ends), np.array(running), np.array(due), time)
    assert one_by_one(pauses, begins, ends, running, due, time) == list(
        zip(found.seconds.tolist(), found.due.tolist(), found.waiting.tolist(), found.unresumed.tolist(), strict=True)
    )
