"""The part of `make bench` about service levels: business time against row-by-row libraries, pauses, and a log of 100,000 requests.

Time is that of the processor; of several rounds the fastest counts, and all ratios are of one run.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import businesstime
import numpy as np
import officehours
import pandas as pd

from pipeline.accounts import uncollected
from pipeline.calendar import BusinessTime, day_end, instants_of, utc_seconds
from pipeline.contracts import AGENCIES, ALIASES, PAUSE_ROWS, REQUEST_EVENTS, REQUEST_ROWS
from pipeline.requests import log
from pipeline.requests.doubts import doubts
from pipeline.requests.pauses import apply
from pipeline.requests.verdicts import judge, promises
from pipeline.settings import Settings, Target
from tests.massachusetts import ZONE, closed_days, desk_time

REQUESTS = 100_000
PAUSES, PAUSED_REQUESTS = 200_000, 50_000
MOST_SECONDS, MOST_SECONDS_OF_PAUSES = 0.100, 0.150
LEAST_A_SECOND = 2_000_000
LEAST_TIMES_A_LIBRARY = 25
_ROUNDS = 7
_ROWS_OF_LIBRARIES = 20_000
_AS_OF = dt.date(2026, 11, 23)
_KINDS = ("new", "renew", "issue", "reissue", "revoke")
_SETTINGS = Settings(
    target=(
        Target(measure="on-time-completion", kinds=_KINDS[:3], business_days=5, share=Decimal("0.95")),
        Target(measure="on-time-completion", kinds=_KINDS[3:], business_days=5, share=Decimal("0.95"), assumed=True),
    )
)
_DAY = 86_400


@dataclass(frozen=True, eq=False)
class Made:
    """Requests (REQUEST_ROWS) of three years before the as-of day, 3 % still open, and a pause (PAUSE_ROWS) for two in five."""

    rows: pd.DataFrame
    pauses: pd.DataFrame


def measure() -> bool:
    """Print every figure beside its limit; whether all are met."""
    desk, made = desk_time(), made_up(REQUESTS)
    return all([_elapsed(desk, made), _pauses(desk), _service_columns(desk, made)])


def _said(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _fastest(step: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """Seconds of the processor for the fastest of several rounds."""
    took = []
    with uncollected():
        for _ in range(rounds):
            began = time.process_time()
            step()
            took.append(time.process_time() - began)
    return min(took)


def made_up(count: int) -> Made:
    """Requests of so many rows and their pauses; the same ones every time."""
    chance = np.random.default_rng(20261123)
    now = int(day_end(_AS_OF, ZONE).timestamp())
    submitted = now - chance.integers(_DAY, 3 * 365 * _DAY, count)
    lasts = (np.exp(chance.normal(0.7, 0.9, count)) * _DAY).astype(np.int64)
    open_now = (submitted + lasts >= now) | (chance.random(count) < 0.03)
    completed = pd.Series(instants_of(submitted + lasts)).mask(open_now)
    number = np.arange(count)
    rows = {
        "source": number,
        "request_id": pd.Series(np.char.add("REQ", np.char.zfill(number.astype(str), 7)), dtype="str"),
        "kind": pd.Series(np.array(_KINDS)[chance.integers(0, len(_KINDS), count)], dtype="str"),
        "agency_text": pd.Series(np.char.add("A", chance.integers(100, 250, count).astype(str)), dtype="str"),
        "agency_match": pd.Series(["code"] * count, dtype="str"),
        "submitted_at": instants_of(submitted),
        "first_response_at": instants_of(submitted + lasts // 5).where(~open_now),
        "completed_at": completed,
        "reopened_at": pd.Series(pd.NaT, index=range(count), dtype="datetime64[us, UTC]"),
        "reopen_count": np.zeros(count, dtype=np.int64),
        "status": pd.Series(np.where(open_now, "open", "completed"), dtype="str"),
        "dates_only": np.zeros(count, dtype=bool),
        "completed_by_closing": np.zeros(count, dtype=bool),
        "has_agency_column": np.ones(count, dtype=bool),
    }
    frame = pd.DataFrame(rows | {name: pd.Series([""] * count, dtype="str") for name in REQUEST_ROWS.names if name not in rows})
    waited = np.flatnonzero(chance.random(count) < 0.4)
    began = submitted[waited] + lasts[waited] // 4
    spells = pd.DataFrame(
        {
            "source": count + np.arange(len(waited)),
            "request_id": frame["request_id"].iloc[waited].reset_index(drop=True),
            "paused_at": instants_of(np.minimum(began, now - 2)),
            "resumed_at": instants_of(np.minimum(began + lasts[waited] // 4, now - 1)),
        }
    )
    return Made(REQUEST_ROWS.check(frame), PAUSE_ROWS.check(spells))


def _elapsed(desk: BusinessTime, made: Made) -> bool:
    begins, ends = made.rows["submitted_at"], made.rows["completed_at"].fillna(day_end(_AS_OF, ZONE))
    desk.seconds(begins)  # the table of hours is made once
    took = _fastest(lambda: desk.seconds(ends) - desk.seconds(begins))
    speed = len(begins) / took
    few = slice(_ROWS_OF_LIBRARIES)
    ours = (desk.seconds(ends) - desk.seconds(begins))[few].tolist()
    naive = [pd.Series(one[few].dt.tz_convert(ZONE).dt.tz_localize(None)).dt.to_pydatetime().tolist() for one in (begins, ends)]
    print(f"Business time of {len(begins):,} requests, instants in, seconds out, on one core")
    theirs = {}
    for name, seconds_of in _libraries().items():
        said: list[float] = []
        theirs[name] = _ROWS_OF_LIBRARIES / _fastest(lambda ask=seconds_of, told=said: told.extend(map(ask, *naive)), 1)  # type: ignore[misc]
        equal = sum(one == other for one, other in zip(ours, said, strict=True)) / len(said)
        print(f"    {name}: {theirs[name]:,.0f} a second, {equal:.2%} of {len(said):,} rows as ours")
    ratio = speed / max(theirs.values())
    is_fast, is_ahead = speed >= LEAST_A_SECOND, ratio >= LEAST_TIMES_A_LIBRARY
    print(f"  {speed:,.0f} elapsed times a second (at least {LEAST_A_SECOND:,}: {_said(is_fast)}),", end=" ")
    print(f"{ratio:,.0f} times the fastest of these libraries (at least {LEAST_TIMES_A_LIBRARY}: {_said(is_ahead)})")
    return is_fast and is_ahead


def _libraries() -> dict[str, Callable[[dt.datetime, dt.datetime], float]]:
    """Row-by-row libraries with the same calendar: seconds of two local times without a zone."""
    closed = {day.date() for day in closed_days()["date"]}
    hours = businesstime.BusinessTime(business_hours=(dt.time(6), dt.time(17)), holidays=closed)
    office = officehours.Calculator("6:00", "17:00", sorted(closed))
    day_seconds = 11 * 3600

    def of_businesstime(begin: dt.datetime, end: dt.datetime) -> float:
        told = hours.businesstimedelta(begin, end)
        return float(told.days * day_seconds + told.seconds)

    return {"businesstime": of_businesstime, "officehours": office.working_seconds}


def _pauses(desk: BusinessTime) -> bool:
    chance = np.random.default_rng(20261124)
    begins = utc_seconds(made_up(PAUSED_REQUESTS).rows["submitted_at"])
    ends = begins + chance.integers(0, 40 * _DAY, PAUSED_REQUESTS)
    running = chance.random(PAUSED_REQUESTS) < 0.05
    due = desk.seconds(pd.Series(instants_of(begins))) + 5 * desk.day_seconds
    position = chance.integers(0, PAUSED_REQUESTS, PAUSES)
    paused = begins[position] + chance.integers(-_DAY, 30 * _DAY, PAUSES)
    resumed = pd.Series(instants_of(paused + chance.integers(0, 5 * _DAY, PAUSES))).mask(chance.random(PAUSES) < 0.02)
    spells = pd.DataFrame({"position": position, "paused_at": instants_of(paused), "resumed_at": resumed})
    took = _fastest(lambda: apply(spells, begins, ends, running, due, desk))
    is_fast = took <= MOST_SECONDS_OF_PAUSES
    print(f"Pauses: {PAUSES:,} intervals of {PAUSED_REQUESTS:,} requests, their union and what they push")
    print(f"  {1000 * took:.0f} ms (at most {1000 * MOST_SECONDS_OF_PAUSES:.0f}: {_said(is_fast)})")
    return is_fast


def _service_columns(desk: BusinessTime, made: Made) -> bool:
    now = day_end(_AS_OF, ZONE)
    position = pd.Index(made.rows["request_id"]).get_indexer(pd.Index(made.pauses["request_id"]))
    placed = made.pauses.assign(position=position)

    def columns() -> pd.DataFrame:
        promised = promises(made.rows["kind"], _SETTINGS.target)
        doubtful, _ = doubts(made.rows, promised["business_days"], desk, now)
        if doubtful.any():
            raise AssertionError("the requests that were made are sound")
        return judge(made.rows, placed, promised, desk, now)

    took = _fastest(columns)
    whole = _fastest(lambda: _logged(desk, made), 3)
    is_fast = took <= MOST_SECONDS
    print(f"{REQUESTS:,} requests and {len(placed):,} pauses, typed rows in, all service columns out")
    print(f"  {1000 * took:.0f} ms (at most {1000 * MOST_SECONDS:.0f}: {_said(is_fast)});", end=" ")
    print(f"the whole log with agencies, tiers, episodes and contracts {1000 * whole:.0f} ms")
    return is_fast


def _logged(desk: BusinessTime, made: Made) -> Any:
    agencies = AGENCIES.frame({"agency": f"A{number}", "name": f"Agency {number}"} for number in range(100, 250))
    return log(made.rows, REQUEST_EVENTS.empty(), made.pauses, agencies, ALIASES.empty(), _SETTINGS, desk, _AS_OF)
