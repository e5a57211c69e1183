"""Laws of notices, whatever the days on which runs happen: each threshold is served once, and what was renewed before it never.

A small office with its own plain reckoning of days; `send` is a mail server that takes everything, or loses the answer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import notices
from pipeline.contracts import AGENCIES, CERTIFICATES, HOSTS, NOTICE_LOG
from pipeline.settings import Notices, Settings
from tests.massachusetts import local
from tests.measuring import certificate

FIRST = dt.date(2026, 3, 1)
NO_HOSTS, NO_AGENCIES = HOSTS.empty(), AGENCIES.empty()


@dataclass(frozen=True)
class Site:
    """A host whose certificate begins on a day and lives so long; renewed on a day, or never."""

    begins: int
    life: int
    renewed: int | None

    @property
    def last(self) -> int:
        return self.begins + self.life - 1

    def falls(self, thresholds: tuple[int, ...]) -> dict[int, int]:
        """The day on which each threshold falls due."""
        parts = [3, *[6] * len(thresholds)]
        return {
            days: self.last - max(min(days, self.life // part), 1)
            for days, part in zip(sorted(thresholds, reverse=True), parts, strict=False)
        }


sites = st.builds(Site, st.integers(0, 40), st.integers(3, 120), st.none() | st.integers(0, 160))
some_thresholds = st.sampled_from([(30, 7), (60, 30, 7), (14,)])
run_days = st.lists(st.integers(0, 170), min_size=1, max_size=8, unique=True).map(sorted)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def inventory(estate: list[Site]) -> pd.DataFrame:
    """All certificates, also those that a run cannot know of yet: they begin after its day."""
    rows: list[dict[str, Any]] = []
    for number, site in enumerate(estate):
        spans = [(f"C{number}", site.begins, site.last)]
        if site.renewed is not None and site.begins < site.renewed <= site.last:
            spans.append((f"R{number}", site.renewed, site.renewed + 300))
        for name, begins, last in spans:
            row = certificate(name, "", f"h{number}.x", day(begins).isoformat(), day(last).isoformat())
            rows.append(row | {"contact_email": f"c{number % 2}@x.gov"})
    return CERTIFICATES.frame(rows)


def lines(found: pd.DataFrame, state: str, today: int, ends: dict[str, pd.Timestamp]) -> list[dict[str, Any]]:
    """Lines of the journal about the notices that these rows of NOTICES ask to send."""
    nearest = found[found["days_before"] == found["served_by"]]
    at = local(f"{day(today)} 12:00")[0]
    return [
        {"at": at, "state": state, "message_id": row.message_id, "address": row.contact_email, "certificate": row.certificate,
         "ends_at": ends[row.certificate], "days_before": row.days_before, "kind": row.kind}
        for row in nearest.itertuples()
    ]  # fmt: skip


def simulated(estate: list[Site], thresholds: tuple[int, ...], days: list[int], lost: set[int]) -> tuple[list[Any], pd.DataFrame]:
    """Run on each of the `days`, sending what is due; on the days `lost` no answer comes. (day, certificate, threshold, was in doubt)
    of each notice handed over, and the table of the day after the last. No copy is handed over twice."""
    chosen = Settings(notices=Notices(days_before=thresholds))
    log: list[dict[str, Any]] = []
    sent, copied = [], set()
    table = pd.DataFrame()
    certificates = inventory(estate)
    ends = dict(zip(certificates["certificate"], certificates["valid_to"], strict=True))
    for today in [*days, days[-1]]:
        stage = notices.notices(certificates, NO_HOSTS, NO_AGENCIES, NOTICE_LOG.frame(log), chosen, day(today))
        table = stage.table
        to_send = table[table["state"].isin(["due", "in-doubt"]) & (table["doubts"] < 2)]
        nearest = to_send[to_send["days_before"] == to_send["served_by"]]
        is_copy = nearest["kind"] == "copy"
        sent += [(today, *told) for told in nearest.loc[~is_copy, ["certificate", "days_before", "doubts"]].itertuples(index=False)]
        copies = list(nearest.loc[is_copy, ["certificate", "days_before", "contact_email", "doubts"]].itertuples(index=False, name=None))
        assert copied.isdisjoint(copies)
        copied.update(copies)
        log += lines(to_send, "sending", today, ends)
        if today not in lost:
            log += lines(to_send, "sent", today, ends)
    return sent, table


@settings(max_examples=15, deadline=None)
@given(st.lists(sites, min_size=1, max_size=3), some_thresholds, run_days)
def test_each_threshold_is_served_exactly_once_if_still_due_and_never_what_was_renewed(
    estate: list[Site], thresholds: tuple[int, ...], days: list[int]
) -> None:
    sent, table = simulated(estate, thresholds, days, set())
    expected = []
    for number, site in enumerate(estate):
        served: set[int] = set()
        falls = site.falls(thresholds)
        until = site.last + min(site.last - on for on in falls.values())
        for today in days:
            renewed = site.renewed is not None and site.begins < site.renewed <= min(site.last, today)
            passed = {threshold for threshold, on in falls.items() if on <= today}
            if site.begins <= today <= until and not renewed and passed - served:
                expected.append((today, f"C{number}", min(passed), 0))
                served |= passed
    assert expected == sorted((one for one in sent if one[1].startswith("C")), key=lambda one: (one[1], one[0]))
    assert set() == set(table["state"]) & {"due", "in-doubt"}


@settings(max_examples=12, deadline=None)
@given(st.lists(sites, min_size=1, max_size=3), run_days, st.sets(st.integers(0, 170), max_size=6))
def test_a_notice_goes_out_twice_only_after_a_lost_answer_and_never_three_times(
    estate: list[Site], days: list[int], lost: set[int]
) -> None:
    sent, _ = simulated(estate, (30, 7), days, lost)
    times: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for today, name, threshold, doubts in sent:
        times.setdefault((name, threshold), []).append((today, doubts))
    for found in times.values():
        assert list(range(len(found))) == [doubts for _, doubts in found]
        assert len(found) <= 2
        assert all(today in lost for today, _ in found[:-1])
