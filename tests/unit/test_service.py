"""The measures: cohorts by due day, intervals and verdicts, counts, and the evidence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import CERTIFICATES, INPUTS, MEASURES, OUTAGE_ROWS, PUBLISHED, SERVER_SOFTWARE, SOURCES
from pipeline.service import MEASURES_DECLARED
from pipeline.service.intervals import wilson
from pipeline.service.limits import limits, xmr
from pipeline.service.measure import SET_BY_HAND
from pipeline.service.targets import verdicts
from pipeline.settings import MEASURES_WITH_TARGET, SHARES_WITH_TARGET, Settings, Target
from tests.massachusetts import local
from tests.measuring import END_OF_NOVEMBER, asked, certificate, covered, figure, measured, outages


@pytest.mark.parametrize(
    ("met", "n", "low", "high"),
    [
        (0, 10, 0.0, 27.75),
        (9, 10, 59.58, 98.21),
        (10, 10, 72.25, 100.0),
        (47, 50, 83.78, 97.94),
        (95, 100, 88.82, 97.85),
        (190, 200, 91.04, 97.26),
    ],
)
def test_wilson_intervals(met: int, n: int, low: float, high: float):
    found = wilson(np.array([met]), np.array([n]))
    assert (low, high) == (round(found[0][0] * 100, 2), round(found[1][0] * 100, 2))


def test_the_ends_of_a_wilson_interval_are_those_shares_that_would_just_give_the_observed_one():
    met, n = np.array([1, 9, 47, 190]), np.array([10, 10, 50, 200])
    for end in wilson(met, n):
        np.testing.assert_allclose(1.959963984540054, np.abs(met / n - end) / np.sqrt(end * (1 - end) / n), rtol=1e-9)


def test_the_verdict_is_said_only_where_the_interval_allows_it():
    low, high = np.array([0.96, 0.80, 0.90, np.nan, 0.95, 0.5]), np.array([0.99, 0.94, 0.98, np.nan, 0.99, 0.6])
    target = np.array([0.95, 0.95, 0.95, 0.95, 0.95, np.nan])
    assert ["met", "missed", "uncertain", "", "met", ""] == verdicts(low, high, target, np.ones(6, dtype=bool)).tolist()
    at_most = np.array([0.95, 0.95, 0.95, 0.95, 0.99, np.nan])
    assert ["missed", "met", "uncertain", "", "met", ""] == verdicts(low, high, at_most, np.zeros(6, dtype=bool)).tolist()


def test_on_time_completion_of_a_month():
    """47 of 50: 94.0 %, likely range 83.8 to 97.9, which neither keeps nor breaks a target of 95 %."""
    rows = (asked("met", "2026-11-09", times=47), asked("missed", "2026-11-10", times=3))
    row = figure(measured(*rows, as_of=END_OF_NOVEMBER), "on-time-completion", "2026-11")
    assert (0.94, 50, 47, 0.95, "uncertain") == (row["value"], row["n"], row["met"], row["target"], row["verdict"])
    assert (0.838, 0.979) == (round(row["low"], 3), round(row["high"], 3))
    so_far = figure(measured(*rows), "on-time-completion", "2026-11")  # the month has not ended: not judged
    assert (0.94, 0.95, "") == (so_far["value"], so_far["target"], so_far["verdict"])


def test_a_share_of_fewer_than_ten_is_too_few_to_judge():
    stages = (measured(asked("missed", "2026-11-09", times=n), as_of=END_OF_NOVEMBER) for n in (9, 10))
    nine, ten = (figure(stage, "on-time-completion", "2026-11") for stage in stages)
    assert ("too-few", "missed") == (nine["verdict"], ten["verdict"])


def test_overdue_counts_as_missed_and_what_is_not_due_yet_does_not_count():
    stage = measured(
        asked("met", "2026-11-09"),
        asked("overdue", "2026-11-20"),
        asked("met", "2026-11-24", completed="2026-11-20 09:00"),
        asked("at-risk", "2026-11-23"),
        asked("on-track", "2026-11-30"),
        asked("paused", None),
        asked("excluded", None, status="cancelled"),
        asked("invalid", None),
    )
    row = figure(stage, "on-time-completion", "2026-11")
    assert (2, 1, 0.5) == (row["n"], row["met"], row["value"])


def test_longer_periods_are_computed_from_their_rows_not_from_their_months():
    stage = measured(
        asked("met", "2026-06-10", "2026-06-01 09:00"),
        asked("met", "2026-10-09", "2026-10-01 09:00", times=9),
        asked("missed", "2026-10-09", "2026-10-01 09:00"),
        asked("missed", "2026-11-09"),
        asked("met", "2026-07-09", "2026-07-01 09:00"),
    )
    expected = {"2026-10": (10, 9), "2026-11": (1, 0), "FY2027-Q1": (1, 1), "FY2027-Q2": (11, 9), "FY2026": (1, 1), "FY2027-YTD": (12, 10)}
    found = {period: figure(stage, "on-time-completion", period) for period in expected}
    assert expected == {period: (row["n"], row["met"]) for period, row in found.items()}
    assert 9 / 11 == found["FY2027-Q2"]["value"]


def test_a_fiscal_year_that_ends_on_the_as_of_day_is_whole():
    stage = measured(asked("met", "2026-06-10", "2026-06-01 09:00"), as_of=dt.date(2026, 6, 30))
    assert 1 == figure(stage, "on-time-completion", "FY2026")["n"]
    stage = measured(asked("met", "2026-06-10", "2026-06-01 09:00"), as_of=dt.date(2026, 6, 29))
    assert 1 == figure(stage, "on-time-completion", "FY2026-YTD")["n"]


def test_beside_the_year_to_date_stands_the_same_span_of_the_year_before():
    """1 July to 23 November 2025, each request by its own day, whatever its quarter or month has besides."""
    stage = measured(
        asked("met", "2025-07-01", "2025-06-24 09:00"),
        asked("missed", "2025-11-23", "2025-11-14 09:00", times=2),
        asked("met", "2025-11-24", "2025-11-14 09:00", times=4),
        asked("met", "2026-11-09", times=8),
    )
    expected = {"FY2026-YTD": (3, 1), "FY2026": (7, 5), "FY2027-YTD": (8, 8), "2025-11": (6, 4)}
    assert expected == {period: (row["n"], row["met"]) for period in expected for row in [figure(stage, "on-time-completion", period)]}
    assert 1 / 3 == figure(stage, "on-time-completion", "FY2026-YTD", "agency", "DOT")["value"]


def test_the_span_of_the_year_before_stands_only_where_figures_reach_back_to_its_first_day():
    assert "FY2026-YTD" not in set(measured(asked("met", "2025-08-08", "2025-08-01 09:00")).table["period"])
    assert "FY2026-YTD" in set(measured(asked("met", "2025-07-08", "2025-07-01 09:00")).table["period"])
    whole = measured(asked("met", "2025-07-08", "2024-07-01 09:00"), as_of=dt.date(2026, 6, 30))
    assert {"FY2025", "FY2026"} == {period for period in whole.table["period"] if period.startswith("FY") and "-" not in period}
    assert not [period for period in whole.table["period"] if period.endswith("YTD")]
    leap = measured(asked("met", "2022-08-08", "2022-07-01 09:00"), as_of=dt.date(2024, 2, 29))
    assert "FY2023-YTD" in set(leap.table["period"])


def test_the_error_budget_is_what_the_target_allows_less_what_was_late():
    """5 % of 50 are 2.5 requests, 3 of which were late; without a common target there is no budget."""
    stage = measured(asked("met", "2026-11-09", times=47), asked("missed", "2026-11-10", times=2), asked("overdue", "2026-11-20"))
    row = figure(stage, "error-budget", "2026-11")
    assert (-0.5, 50, 47, 0.0, "") == (round(row["value"], 9), row["n"], row["met"], row["target"], row["verdict"])
    assert np.isnan(
        figure(stage, "error-budget", "2026-10" if "2026-10" in set(stage.table["period"]) else "2026-11", "kind", "new")["low"]
    )
    unset = figure(measured(asked("met", "2026-11-09"), settings=Settings()), "error-budget", "2026-11")
    assert (True, True) == (np.isnan(unset["value"]), np.isnan(unset["target"]))


def test_what_was_cancelled_rejected_or_came_after_hours_is_a_share_of_what_was_received():
    stage = measured(
        asked("met", "2026-11-09", "2026-11-02 09:00", clock_starts_at=local("2026-11-02 09:00")[0], times=5),
        asked("met", "2026-11-09", "2026-11-01 20:00", clock_starts_at=local("2026-11-02 06:00")[0], status="rejected"),
        asked("excluded", None, "2026-11-02 10:00", clock_starts_at=local("2026-11-02 10:00")[0], status="cancelled"),
        asked("excluded", None, "2026-10-29 10:00", completed="2026-11-04 09:00", status="cancelled"),  # its log tells days only
        asked("excluded", None, "2026-11-02 10:00", status="duplicate"),
    )
    shares = {name: figure(stage, name, "2026-11") for name in ("cancel-rate", "reject-rate", "after-hours-share")}
    assert {"cancel-rate": (7, 1), "reject-rate": (7, 1), "after-hours-share": (7, 1)} == {
        name: (row["n"], row["met"]) for name, row in shares.items()
    }
    assert wilson(np.array([1]), np.array([7]))[1][0] == shares["cancel-rate"]["high"]
    assert (1, 0) == (figure(stage, "cancel-rate", "2026-10")["met"], figure(stage, "after-hours-share", "2026-10")["n"])
    # by the day of cancelling where the log tells it, else by receipt
    assert [0, 2] == [figure(stage, "requests-cancelled", month)["n"] for month in ("2026-10", "2026-11")]


def test_the_office_has_every_month_from_the_first_with_data():
    stage = measured(asked("met", "2026-09-09", "2026-08-31 09:00"), asked("met", "2026-11-09"))
    office = stage.table[(stage.table["measure"] == "on-time-completion") & (stage.table["dimension"] == "office")]
    assert ["2026-08", "2026-09", "2026-10", "2026-11"] == [period for period in office["period"] if not period.startswith("FY")]
    empty = figure(stage, "on-time-completion", "2026-10")
    assert (0, True, "") == (empty["n"], np.isnan(empty["value"]), empty["verdict"])


def test_assumed_promises_are_measured_apart():
    stage = measured(asked("met", "2026-11-09"), asked("missed", "2026-11-09", kind="revoke", assumed_target=True, times=3))
    assert 1 == figure(stage, "on-time-completion", "2026-11")["n"]
    assert (3, 0) == tuple(figure(stage, "on-time-completion-assumed", "2026-11")[name] for name in ("n", "met"))
    assert 3 == figure(stage, "on-time-completion-assumed", "2026-11", "kind", "revoke")["n"]


def test_parts_of_the_office():
    stage = measured(
        asked("met", "2026-11-09"),
        asked("missed", "2026-11-09", agency="REV", tier="premium"),
        asked("met", "2026-11-09", agency="", tier=""),
    )
    assert 3 == figure(stage, "on-time-completion", "2026-11")["n"]
    assert 0.0 == figure(stage, "on-time-completion", "2026-11", "agency", "REV")["value"]
    assert 1.0 == figure(stage, "on-time-completion", "2026-11", "tier", "standard")["value"]
    assert {"DOT", "REV"} == set(stage.table.loc[stage.table["dimension"] == "agency", "member"])


def test_kinds_with_different_targets_have_no_common_one():
    settings = Settings(
        target=(
            Target(measure="on-time-completion", kinds=("new",), business_days=5, share=Decimal("0.95")),
            Target(measure="on-time-completion", kinds=("renew",), business_days=5, share=Decimal("0.90")),
        )
    )
    stage = measured(asked("met", "2026-11-09", kind="renew"), settings=settings)
    assert np.isnan(figure(stage, "on-time-completion", "2026-11")["target"])
    assert 0.9 == figure(stage, "on-time-completion", "2026-11", "kind", "renew")["target"]


def test_demand_and_completions_are_counted_in_their_own_months():
    stage = measured(
        asked("met", "2026-11-06", "2026-10-30 18:00", completed="2026-11-03 09:00"),
        asked("missed", "2026-10-20", "2026-10-09 09:00", completed="2026-10-31 23:30"),
        asked("excluded", None, "2026-10-09 09:00", completed="2026-10-12 09:00", status="cancelled"),
        asked("excluded", None, "2026-10-09 09:00", completed="2026-10-12 09:00", status="duplicate"),
        asked("invalid", None, "2026-10-09 09:00", completed="2026-10-01 09:00"),
    )
    assert [2, 1] == [figure(stage, "requests-received", month)["n"] for month in ("2026-10", "2026-11")]
    assert [1, 1] == [figure(stage, "requests-completed", month)["n"] for month in ("2026-10", "2026-11")]


def test_a_request_of_a_closed_evening_is_demand_when_the_desk_next_opens():
    saturday = asked("on-track", "2026-11-09", "2026-10-31 20:00")
    stage = measured(saturday, as_of=dt.date(2026, 10, 31))
    assert (0, 1) == (figure(stage, "requests-received", "2026-10")["n"], figure(stage, "open-requests", "2026-10")["n"])
    assert 1 == figure(measured(saturday, as_of=dt.date(2026, 11, 2)), "requests-received", "2026-11")["n"]


def test_what_stands_open_today():
    stage = measured(
        asked("overdue", "2026-11-20", times=2),
        asked("at-risk", "2026-11-23"),
        asked("on-track", "2026-11-30", times=3),
        asked("paused", None, agency="REV"),
        asked("met", "2026-11-09", completed="2026-11-05 09:00"),
        asked("met", "2026-11-09", completed="2026-11-05 09:00", status="open", reopen_count=1),
    )
    standing = ("open-requests", "overdue-requests", "at-risk-requests", "waiting-for-customer")
    assert [8, 2, 1, 1] == [figure(stage, measure, "2026-11")["n"] for measure in standing]
    assert 1 == figure(stage, "waiting-for-customer", "2026-11", "agency", "REV")["value"]
    assert {"2026-11"} == set(stage.table.loc[stage.table["measure"].isin(standing), "period"])


@pytest.mark.parametrize("n", [7, 9, 10, 12, 13, 14])
def test_a_share_lies_in_its_interval_to_the_last_digit(n: int):
    low, high = wilson(np.array([0, n]), np.array([n, n]))
    assert [(True, True)] * 2 == [
        (at_least <= share, share <= at_most) for at_least, share, at_most in zip(low, (0.0, 1.0), high, strict=True)
    ]


def test_an_empty_workspace_has_measures_without_values():
    stage = measured()
    assert {"office"} == set(stage.table["dimension"])
    assert 0 == stage.table["n"].sum()
    assert np.isnan(figure(stage, "on-time-completion", "2026-11")["value"])


def test_each_declared_measure_is_computed_and_each_computed_one_is_declared():
    down = outages(("full", "2026-11-10 09:00", "2026-11-10 11:00", None))
    stage = measured(asked("met", "2026-11-09"), outages=down, **covered(("A", "DOT", "a", "2026-01-01", "2026-12-31")))
    declared = {measure.id: measure.unit for measure in MEASURES_DECLARED}
    assert declared == dict(zip(stage.table["measure"], stage.table["unit"], strict=True))
    assert len(declared) == len(MEASURES_DECLARED)


@pytest.mark.parametrize("measure", MEASURES_DECLARED, ids=lambda measure: measure.id)
def test_a_declaration_names_real_columns_and_values(measure: Any):
    tables = {"outages": OUTAGE_ROWS.names} | {table.name: table.names for table in PUBLISHED}
    for column in measure.columns:
        table, name = column.split(".")
        assert name in tables[table]
    places = {name for _, name, _, _ in Formatter().parse(measure.sentence) if name}
    assert places <= {"period", "value", "n", "met", "low", "high", "target", "member"}
    assert measure.sentence.format(**dict.fromkeys(places, "3")).endswith(".")


def test_every_target_that_can_be_set_is_declared_and_every_declared_one_can_be_set():
    by_hand = [measure for measure in MEASURES_DECLARED if measure.target.startswith(SET_BY_HAND)]
    declared = {measure.id for measure in by_hand}
    assert {measure.id for measure in by_hand if measure.unit == "share"} == set(SHARES_WITH_TARGET)
    assert declared == set(MEASURES_WITH_TARGET)
    assert declared >= {measure.id for measure in MEASURES_DECLARED if measure.proposed is not None}


# What is usual for a share


def test_the_limits_of_the_twelve_months_of_the_facts():
    """Mean 95.25, limits 86.3 and 104.2, which is cut at 100; the next month's 88 is no signal, although below a target of 95."""
    months = (94, 97, 91, 96, 98, 95, 93, 97, 96, 92, 95, 99)
    mean, lower, upper = (round(float(limit[0]), 2) for limit in xmr(np.array([months], dtype=float)))
    assert (95.25, 86.3, 104.2) == (mean, round(lower, 1), round(upper, 1))
    shares = {f"{2025 + (number + 6) // 12}-{(number + 6) % 12 + 1:02d}": share for number, share in enumerate((*months, 88, 40, 2))}
    table = published(shares, n=100)
    (row,) = limits(table, dt.date(2026, 11, 23)).to_dict("records")
    assert (12, "2025-07", "2026-06") == (row["months"], row["baseline_from"], row["baseline_to"])
    assert (0.9525, 0.863, 1.0) == (round(row["mean"], 4), round(row["lower"], 3), row["upper"])
    assert row["lower"] < 0.88


def published(shares: dict[str, int], n: int) -> pd.DataFrame:
    """MEASURES of the office's on-time completion by month, in percent."""
    rows = ({"period": month, "value": share / 100, "n": n} for month, share in shares.items())
    usual = {"measure": "on-time-completion", "dimension": "office", "unit": "share", "met": 1, "low": 0.5, "high": 1.0}
    return MEASURES.frame(usual | row for row in rows)


@pytest.mark.parametrize(
    ("n", "as_of", "months"),
    [(10, dt.date(2026, 6, 30), 1), (10, dt.date(2026, 6, 29), 0), (9, dt.date(2026, 6, 30), 0)],
    ids=["the twelfth month is over", "it is not", "too few requests"],
)
def test_limits_rest_on_twelve_whole_months_of_ten_or_more(n: int, as_of: dt.date, months: int):
    shares = {f"{2025 + (number + 6) // 12}-{(number + 6) % 12 + 1:02d}": 90 + number % 3 for number in range(12)}
    assert months == len(limits(published(shares, n), as_of))


def test_limits_are_published_of_every_member_with_enough_months():
    months = pd.period_range("2025-07", "2026-10", freq="M")
    rows = [asked("met", f"{month}-15", f"{month}-08 09:00", times=11) for month in months]
    stage = measured(*rows, asked("missed", f"{months[3]}-15", f"{months[3]}-08 09:00"))
    found = stage.limits[stage.limits["measure"] == "on-time-completion"]
    assert {("office", ""), ("agency", "DOT"), ("kind", "new"), ("tier", "standard")} == set(
        zip(found["dimension"], found["member"], strict=True)
    )
    assert {round((11 + 11 / 12) / 12, 12)} == set(found["mean"].round(12))
    # twelve months that are all alike do not say what is usual
    assert measured(*rows).limits.empty


def test_the_mix_is_of_all_requests_received_also_those_of_which_nobody_tells():
    software = SERVER_SOFTWARE.frame([{"name": "Apache", "match": "apache|httpd"}, {"name": "IIS", "match": "iis"}])
    table = CERTIFICATES.frame([
        certificate("A", "DOT", "a", "2026-01-01", "2027-01-01", order_id="1", server_software="IIS 10"),
        certificate("A2", "DOT", "a", "2026-11-01", "2027-11-01", order_id="1", server_software="Apache HTTPD 2.4"),
        certificate("B", "DOT", "b", "2026-01-01", "2027-01-01", order_id="2", server_software="something else"),
    ])  # fmt: skip
    stage = measured(
        asked("met", "2026-11-09", order_id="1"),
        asked("met", "2026-11-09", order_id="2", tier="premium"),
        asked("met", "2026-11-09", kind="renew", times=2, tier=""),
        certificates=table,
        server_software=software,
    )
    found = {key: figure(stage, "request-mix", "2026-11", *key) for key in (("software", "Apache"), ("tier", "premium"), ("kind", "renew"))}
    assert [(4, 1, 0.25), (4, 1, 0.25), (4, 2, 0.5)] == [(row["n"], row["met"], row["value"]) for row in found.values()]
    mixed = stage.table[stage.table["measure"] == "request-mix"]
    assert ({"kind", "tier", "software"}, {"Apache"}) == (
        set(mixed["dimension"]),
        set(mixed.loc[mixed["dimension"] == "software", "member"]),
    )


def source(series: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "requests",
        "layout": "log",
        "series": series,
        "files": 2,
        "rows_read": 50,
        "rows_accepted": 40,
        "rows_quarantined": 0,
        "freshness": "fresh",
    } | more


def test_accepted_rows_and_the_age_of_each_source():
    usual = {"bytes": 1, "rows_quarantined": 0}
    files = INPUTS.frame([
        {"file": "a", "kind": "requests", "rows_read": 99, "rows_accepted": 97} | usual,
        {"file": "b", "kind": "pem", "rows_read": 1, "rows_accepted": 1} | usual,
        {"file": "c", "kind": "closed", "rows_read": 900, "rows_accepted": 900} | usual,
    ])  # fmt: skip
    told = SOURCES.frame([
        source("a/*.csv", age_days=50, limit_days=40, freshness="stale"),
        source("b/*.csv", age_days=3, limit_days=40),
        source("c", age_days=400, freshness="unlimited"),
        source("d", age_days=500, limit_days=40, freshness="followed"),
        source("e", files=0, rows_read=0, rows_accepted=0, freshness="gone"),
    ])  # fmt: skip
    stage = measured(inputs=files, sources=told)
    accepted = figure(stage, "rows-accepted", "2026-11")
    assert (0.98, 100, 98, 0.98, "met") == tuple(accepted[name] for name in ("value", "n", "met", "target", "verdict"))
    assert (0.8, "missed") == tuple(figure(stage, "rows-accepted", "2026-11", "source", "a/*.csv")[name] for name in ("value", "verdict"))
    office = figure(stage, "data-age", "2026-11")
    assert (50.0, 2, 1, "") == tuple(office[name] for name in ("value", "n", "met", "verdict"))
    verdicts_of = {name: figure(stage, "data-age", "2026-11", "source", name)["verdict"] for name in ("a/*.csv", "b/*.csv", "c")}
    assert {"a/*.csv": "missed", "b/*.csv": "met", "c": ""} == verdicts_of
    assert not {"d", "e"} & set(stage.table.loc[stage.table["measure"] == "data-age", "member"])
