"""Continuity against a walk through the time of every host, six hours at a step, which knows nothing of sorting and running maxima."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.continuity import continuity
from pipeline.contracts import CERTIFICATES, HOSTS
from pipeline.settings import Organization

STEP = 6 * 3600
PER_DAY = 4
DAYS = 75
FIRST = dt.date(2026, 5, 1)
AS_OF = dt.date(2026, 7, 4)
NOW = ((AS_OF - FIRST).days + 1) * PER_DAY
NAMES = ("a.x", "b.x", "*.x", "c.y")
AGENCIES = ("", "DOT", "DOR")


@dataclass(frozen=True)
class Issued:
    """A certificate in steps: covers [begin, end), issued at the end of a day or at its begin, revoked at the end of a day."""

    names: tuple[str, ...]
    agency: str
    begin: int
    length: int
    issued_day: int | None
    revoked_day: int | None

    @property
    def end(self) -> int:
        until = self.begin + self.length
        if self.revoked_day is not None and (self.revoked_day + 1) * PER_DAY <= NOW:
            until = min(until, (self.revoked_day + 1) * PER_DAY)
        return max(self.begin, until)

    @property
    def is_cut(self) -> bool:
        return self.end < self.begin + self.length

    @property
    def issued(self) -> int:
        return self.begin if self.issued_day is None else min(self.begin, (min(self.issued_day, NOW // PER_DAY) + 1) * PER_DAY)

    @property
    def is_known(self) -> bool:
        return self.begin <= NOW or (self.issued_day is not None and (self.issued_day + 1) * PER_DAY <= NOW)


certificates = st.builds(
    Issued,
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple),
    agency=st.sampled_from(AGENCIES),
    begin=st.integers(0, DAYS * PER_DAY),
    length=st.integers(1, 40 * PER_DAY),
    issued_day=st.none() | st.integers(0, DAYS),
    revoked_day=st.none() | st.none() | st.integers(0, DAYS),
)
lines = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["retired", "renewing", "automated"]), st.integers(0, DAYS)),
    max_size=4,
    unique_by=lambda line: (line[0], line[2]),
)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def tables(issued: list[Issued], said: list[tuple[str, str, int]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    start = pd.Timestamp(FIRST, tz="UTC")
    rows = [
        {
            "certificate": f"c{number:02d}", "names": " ".join(one.names), "agency": one.agency,
            "valid_from": start + pd.Timedelta(seconds=one.begin * STEP),
            "valid_to": start + pd.Timedelta(seconds=(one.begin + one.length) * STEP - 1),
            "issued_on": None if one.issued_day is None else day(one.issued_day),
            "revoked_on": None if one.revoked_day is None else day(one.revoked_day),
            "revoked_by": "" if one.revoked_day is None else "billing",
            "parse_status": "none", "matched": "none", "role": "billing", "source": number,
        }
        for number, one in enumerate(issued)
    ]  # fmt: skip
    entries = [
        {"host": host, "state": state, "since": day(since), "by": "Ada", "source": number}
        for number, (host, state, since) in enumerate(said)
    ]
    return CERTIFICATES.frame(rows), HOSTS.frame(entries)


class Walk:
    """The same by walking: for each host its certificates, what is said of it, and a state at every step."""

    def __init__(self, issued: list[Issued], said: list[tuple[str, str, int]]) -> None:
        self.issued = [(number, one) for number, one in enumerate(issued) if one.is_known]
        self.said: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for host, state, since in said:
            if since * PER_DAY < NOW:
                self.said[host].append((since * PER_DAY, state))
        self.hosts = sorted({name for _, one in self.issued for name in one.names} | set(self.said))

    def own(self, host: str) -> list[tuple[int, Issued]]:
        found = sorted(
            ((number, one) for number, one in self.issued if host in one.names), key=lambda pair: (pair[1].begin, -pair[1].end, pair[0])
        )
        serving = [pair for pair in found if pair[1].begin < pair[1].end]
        return serving or found[:1]

    def is_covered(self, host: str, step: int) -> bool:
        wildcard = f"*.{host.partition('.')[2]}"
        return any(one.begin <= step < one.end for name in {host, wildcard} for _, one in self.own(name))

    def by_wildcard(self, host: str, step: int) -> bool:
        return not host.startswith("*.") and any(one.begin <= step < one.end for _, one in self.own(f"*.{host.partition('.')[2]}"))

    def state(self, host: str, step: int) -> str:
        """`served`, `unknown` or "" at a step."""
        own, said = self.own(host), sorted(self.said[host])
        begins = [one.begin for _, one in own]
        if said:
            begins = [one.begin for _, one in own if one.begin < one.end] + [since for since, state in said if state != "retired"]
            now = [state for since, state in said if since <= step]
            gone = bool(now) and now[-1] == "retired"
            return "served" if begins and step >= min(begins) and not gone else ""
        last = max(one.end for _, one in own)
        if step < min(begins):
            return ""
        reached = last
        # up to the last end, and on while a wildcard takes over without a break
        while reached <= step and self.by_wildcard(host, reached):
            reached += 1
        return "served" if step < reached else "unknown"

    def owner(self, host: str, step: int) -> str:
        named = [(one.begin, one.agency) for _, one in self.own(host) if one.agency]
        if not named:
            wildcard = f"*.{host.partition('.')[2]}"
            return "" if host.startswith("*.") or wildcard == host else self._latest(wildcard)
        return ([agency for begin, agency in named if begin <= step] or [named[0][1]])[-1]

    def _latest(self, host: str) -> str:
        named = [one.agency for _, one in self.own(host) if one.agency]
        return named[-1] if named else ""

    def sums(self) -> dict[tuple[str, str, str], list[int]]:
        """Seconds in service, covered, number and longest of the gaps, seconds unknown, by host, agency and period."""
        found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
        for host in self.hosts:
            runs: dict[str, tuple[str, int]] = {}
            for step in range(NOW):
                state, owner = self.state(host, step), self.owner(host, step)
                today = day(step // PER_DAY)
                gap = state == "served" and not self.is_covered(host, step)
                for period in (f"{today:%Y-%m}", "FY2026" if today < dt.date(2026, 7, 1) else "FY2027-YTD"):
                    kind = "month" if "FY" not in period else "year"
                    key = f"{owner} {period}"
                    length = runs.get(kind, ("", 0))[1] + 1 if gap and runs.get(kind, ("", 0))[0] == key else 1
                    if gap:
                        runs[kind] = (key, length)
                    else:
                        runs.pop(kind, None)
                    if state:
                        row = found[host, owner, period]
                        row[0] += STEP * (state == "served")
                        row[1] += STEP * (state == "served" and not gap)
                        row[2] += gap and length == 1
                        row[3] = max(row[3], length * STEP * gap)
                        row[4] += STEP * (state == "unknown")
        return dict(found)

    def ends(self) -> list[tuple[Any, ...]]:
        """Host, the certificate that ended, the step of its end, what replaced it, the outcome and the lead in steps."""
        found: list[tuple[Any, ...]] = []
        for host in self.hosts:
            own = self.own(host)
            holder = own[0] if own else None
            for follower in own[1:]:
                assert holder is not None
                if follower[1].end > holder[1].end:
                    found += self._end(host, holder, follower)
                    holder = follower
            if holder is not None and holder[1].end <= NOW:
                found += self._end(host, holder, None)
        return sorted(found)

    def _end(self, host: str, holder: tuple[int, Issued], follower: tuple[int, Issued] | None) -> list[tuple[Any, ...]]:
        end = holder[1].end
        if self.by_wildcard(host, end) or (follower and holder[1].is_cut and follower[1].begin <= end):
            return []
        said = sorted(self.said[host])
        if said and holder[1].begin == end:
            return []
        states = [state for since, state in said if since <= end]
        name = (host, f"c{holder[0]:02d}", end, f"c{follower[0]:02d}" if follower else "")
        if states and states[-1] == "retired":
            return [(*name, "retired", None)]
        if follower:
            return [(*name, "renewed", end - follower[1].issued)]
        if not said:
            return [(*name, "unknown", None)]
        later = [since for since, state in said if state == "retired" and since > end]
        return [(*name, "not-renewed", end - min([NOW, *later]))]


def told_sums(table: pd.DataFrame) -> dict[tuple[str, str, str], list[int]]:
    figures = ["in_service_seconds", "covered_seconds", "gaps", "longest_gap_seconds", "unknown_seconds"]
    names = table[["host", "agency", "period"]].itertuples(index=False, name=None)
    return {name: list(row) for name, row in zip(names, table[figures].itertuples(index=False, name=None), strict=True)}


def told_ends(renewals: pd.DataFrame) -> list[tuple[Any, ...]]:
    start = pd.Timestamp(FIRST, tz="UTC")
    return sorted(
        (
            row.host, row.certificate, round((row.ended_at - start).total_seconds() / STEP), row.replaced_by, row.outcome,
            None if pd.isna(row.lead_time_days) else round(row.lead_time_days * PER_DAY),
        )
        for row in renewals.itertuples()
    )  # fmt: skip


@settings(deadline=None, max_examples=120)
@given(st.lists(certificates, max_size=6), lines, st.randoms(use_true_random=False))
def test_the_fast_way_and_the_walk_agree(issued: list[Issued], said: list[tuple[str, str, int]], chance: Any) -> None:
    inventory, hosts = tables(issued, said)
    walk = Walk(issued, said)
    result = continuity(inventory, hosts, Organization(timezone="UTC"), AS_OF)
    assert walk.sums() == told_sums(result.table)
    assert walk.ends() == told_ends(result.renewals)
    order = list(range(len(inventory)))
    chance.shuffle(order)
    shuffled = continuity(inventory.iloc[order], hosts.iloc[::-1], Organization(timezone="UTC"), AS_OF)
    pd.testing.assert_frame_equal(result.table, shuffled.table)
    pd.testing.assert_frame_equal(result.renewals, shuffled.renewals)
    pd.testing.assert_frame_equal(result.gaps, shuffled.gaps)


@settings(deadline=None, max_examples=60)
@given(st.lists(certificates, max_size=6), lines)
def test_gaps_add_up_to_what_is_not_covered(issued: list[Issued], said: list[tuple[str, str, int]]) -> None:
    result = continuity(*tables(issued, said), Organization(timezone="UTC"), AS_OF)
    months = result.table[~result.table["period"].str.startswith("FY")]
    years = result.table[result.table["period"].str.startswith("FY")]
    uncovered = months["in_service_seconds"].sum() - months["covered_seconds"].sum()
    assert uncovered == result.gaps["seconds"].sum()
    for column in ("in_service_seconds", "covered_seconds", "unknown_seconds"):
        assert months[column].sum() == years[column].sum()
