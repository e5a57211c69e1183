"""A law of event logs: neither the order of their rows nor the file they stand in decides about a request."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.requests import log
from pipeline.settings import Settings, Target
from pipeline.sources import inbox
from tests.massachusetts import desk_time

AS_OF = dt.date(2026, 11, 23)
TIME = desk_time()
HEADER = "number,incident_state,opened_at,sys_updated_at,resolved_at,closed_at,sys_mod_count\n"
STATES = ("New", "Active", "Awaiting User Info", "Resolved", "Closed")
SETTINGS = Settings(target=(Target(measure="on-time-completion", kinds=("issue",), business_days=5, share=Decimal("0.95")),))
# A few minutes only, so that many events fall into one.
EVENTS = st.lists(st.tuples(st.integers(1, 2), st.sampled_from(STATES), st.integers(0, 3)), min_size=8, max_size=14)


def rows(events: list[tuple[int, str, int]]) -> list[str]:
    return [
        f"I{number},{state},2026-11-02 09:00,2026-11-0{3 + minute // 2} 10:0{minute},,,{count}\n"
        for count, (number, state, minute) in enumerate(events)
    ]


def requests_of(*logs: list[str]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        (data / "inbox/requests").mkdir(parents=True)
        (data / "reference").mkdir()
        (data / "reference/agencies.csv").write_text("agency,name\nDLH,Lighthouses\n")
        for number, lines in enumerate(logs):
            (data / f"inbox/requests/log-{number}.csv").write_text(HEADER + "".join(lines))
        read = inbox.read(Path(folder), SETTINGS, AS_OF)
    stage = log(read.request_rows, read.request_events, read.pause_rows, read.agencies, read.aliases, SETTINGS, TIME, AS_OF)
    table = stage.table.drop(columns="source")
    return table.astype(object).where(table.notna(), None).to_dict("records")


@settings(max_examples=8, deadline=None, derandomize=True)
@given(EVENTS, st.randoms(use_true_random=False), st.integers(0, 14))
def test_a_log_shuffled_or_split_tells_the_same_requests(events: list[tuple[int, str, int]], dice: Any, cut: int):
    written = rows(events)
    shuffled = dice.sample(written, len(written))
    assert requests_of(written) == requests_of(*(part for part in (shuffled[:cut], shuffled[cut:]) if part))


def test_events_of_one_minute_are_in_the_order_of_the_logs_own_numbers():
    waited = rows([(1, "New", 0), (1, "Awaiting User Info", 1), (1, "Active", 1), (1, "Closed", 3)])
    (request,) = requests_of(waited[::-1])
    assert (0, "completed") == (request["paused_seconds"], request["status"])
    ten_and_nine = [*rows([(1, "Active", 0)] * 9), "I1,Awaiting User Info,2026-11-02 09:00,2026-11-03 10:01,,,9\n"]
    ten_and_nine += ["I1,Resolved,2026-11-02 09:00,2026-11-03 10:01,,,10\n"]
    (request,) = requests_of(ten_and_nine[::-1])
    assert "completed" == request["status"]
    assert isinstance(request["completed_at"], pd.Timestamp)
