"""The measures of services: availability, outages, and the time that nobody watched."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.settings import Availability, Settings
from tests.measuring import AS_OF, END_OF_NOVEMBER, figure, measured, outages

A_CASE = (
    ("full", "2026-11-10 09:00", "2026-11-10 11:00", None),
    ("full", "2026-11-10 10:00", "2026-11-10 12:30", None),
    ("full", "2026-10-31 23:00", "2026-11-01 02:30", None),
    ("partial", "2026-11-10 12:00", "2026-11-10 14:00", None),
    ("planned", "2026-11-15 00:00", "2026-11-15 04:00", "2026-11-10 09:00"),
    ("planned", "2026-11-10 09:00", "2026-11-10 09:30", "2026-11-09 09:00"),
)


def available(*rows: tuple[str, str, str | None, str | None], period: str = "2026-11", as_of: dt.date = END_OF_NOVEMBER) -> dict[str, Any]:
    stage = measured(outages=outages(*rows), as_of=as_of)
    clock, desk, hours = (
        figure(stage, measure, period, "service", "portal")
        for measure in ("portal-availability", "portal-availability-service-hours", "portal-downtime")
    )
    return {"clock": clock, "desk": desk, "hours": hours["value"], "findings": [finding.code for finding in stage.findings]}


def test_a_case_of_november_2026():
    """Overlaps merged, the repeated hour counted, maintenance out: 6.5 h full and 1.5 h partial of 716.5 h; 3.0 and 1.5 of 208.5 h."""
    found = available(*A_CASE)
    assert (99.0300, 98.3453) == (round(found["clock"]["value"] * 100, 4), round(found["desk"]["value"] * 100, 4))
    assert (2, 1) == (found["clock"]["n"], found["desk"]["n"])
    assert ("missed", 0.995) == (found["clock"]["verdict"], found["clock"]["target"])
    assert (6.95, []) == (found["hours"], found["findings"])


def test_the_order_and_the_splitting_of_outages_change_nothing():
    halves = [(kind, "2026-11-10 10:00", "2026-11-10 11:15", told) for kind, begin, _, told in A_CASE[1:2]]
    halves += [(kind, "2026-11-10 11:15", "2026-11-10 12:30", told) for kind, begin, _, told in A_CASE[1:2]]
    whole, split = available(*A_CASE), available(*reversed((*A_CASE[:1], *halves, *A_CASE[2:])))
    for hours in ("clock", "desk"):
        assert (whole[hours]["value"], whole[hours]["n"]) == (split[hours]["value"], split[hours]["n"])


def test_maintenance_announced_late_or_not_at_all_is_an_outage():
    late = available(("planned", "2026-11-15 00:00", "2026-11-15 04:00", "2026-11-14 00:01"))
    assert (4.0, ["late-maintenance"]) == (late["hours"], late["findings"])
    stage = measured(outages=outages(("planned", "2026-11-15 00:00", "2026-11-15 04:00", None)), as_of=END_OF_NOVEMBER)
    assert [("began_at", "2026-11-15T00:00:00")] == [(one.column, one.value) for one in stage.findings], "the begin, as it is written"
    never = available(("planned", "2026-11-15 00:00", "2026-11-15 04:00", None))
    assert (4.0, ["late-maintenance"]) == (never["hours"], never["findings"])
    in_time = available(("planned", "2026-11-15 00:00", "2026-11-15 04:00", "2026-11-14 00:00"))
    assert (0.0, 1.0, []) == (in_time["hours"], in_time["clock"]["value"], in_time["findings"])


def test_unmonitored_time_is_taken_out_of_both_sides():
    found = available(("unmonitored", "2026-11-01 00:00", "2026-11-16 00:00", None), ("full", "2026-11-16 00:00", "2026-11-17 12:00", None))
    assert 0.9 == round(found["clock"]["value"], 12)
    hidden = available(
        ("unmonitored", "2026-11-02 00:00", "2026-11-04 00:00", None), ("full", "2026-11-03 00:00", "2026-11-04 00:00", None)
    )
    assert (1.0, 0) == (hidden["clock"]["value"], hidden["clock"]["n"])


def test_a_month_without_any_monitored_time_has_no_value():
    found = available(("unmonitored", "2026-11-01 00:00", "2026-12-01 00:00", None))
    assert (True, "") == (np.isnan(found["clock"]["value"]), found["clock"]["verdict"])


def test_an_outage_without_an_end_goes_on_until_now():
    found = available(("full", "2026-11-23 14:00", None, None), as_of=AS_OF)
    assert (10.0, 1) == (found["hours"], found["clock"]["n"])
    assert 1 - 3 / (15 * 11) == found["desk"]["value"]


def test_an_outage_across_months_counts_in_each_and_once_in_the_quarter():
    rows = [("full", "2026-10-31 12:00", "2026-11-01 12:00", None)]
    assert [12.0, 13.0, 25.0] == [available(*rows, period=period)["hours"] for period in ("2026-10", "2026-11", "FY2027-Q2")]
    assert [1, 1, 1] == [available(*rows, period=period)["clock"]["n"] for period in ("2026-10", "2026-11", "FY2027-Q2")]


def test_months_have_the_hours_that_the_clocks_give_them():
    march = available(("full", "2026-03-01 00:00", "2026-03-31 23:59:59", None), period="2026-03")
    assert 743 == round(march["hours"])
    november = available(("full", "2026-11-01 00:00", "2026-11-30 23:59:59", None))
    assert 721 == round(november["hours"])


def test_the_weight_of_a_partial_outage_is_a_setting():
    settings = Settings(availability=Availability(partial_weight=Decimal(1)))
    stage = measured(outages=outages(("partial", "2026-11-10 12:00", "2026-11-10 14:00", None)), settings=settings)
    assert 2.0 == figure(stage, "portal-downtime", "2026-11", "service", "portal")["value"]


def test_an_outage_in_the_future_or_before_the_calendar_is_said_and_cut():
    future = available(
        ("full", "2026-12-01 00:00", "2026-12-01 02:00", None), ("planned", "2026-12-05 00:00", "2026-12-05 02:00", "2026-11-01 00:00")
    )
    assert (0.0, ["future-stamp"]) == (future["hours"], future["findings"])
    early = available(
        ("full", "2007-12-31 00:00", "2008-01-01 02:00", None), ("partial", "2008-01-05 00:00", "2008-01-05 10:00", None), period="2008-01"
    )
    assert (5.0, ["outside-calendar"]) == (early["hours"], early["findings"])


def test_past_the_calendar_there_is_no_figure_in_service_hours():
    rows = outages(("full", "2035-12-31 12:00", "2035-12-31 14:00", None))
    stage = measured(outages=rows, as_of=dt.date(2036, 1, 2))
    assert 2.0 == figure(stage, "portal-downtime", "2035-12", "service", "portal")["value"]
    assert "portal-availability-service-hours" not in set(stage.table["measure"])


def spells(*rows: tuple[str, str, str | None, str | None], period: str = "2026-11", as_of: dt.date = END_OF_NOVEMBER) -> dict[str, Any]:
    stage = measured(outages=outages(*rows), as_of=as_of)
    names = ("outages", "longest-outage", "time-to-restore", "downtime-budget-left", "unmonitored-time")
    return {name: figure(stage, name, period, "service", "portal") for name in names}


def test_the_outages_of_the_a_case():
    """Two outages: 3.5 h of November's first, which began in October and lasted 4.5 h, and 10 November 09:30 to 14:00."""
    found = spells(*A_CASE)
    assert (2, 4.5) == (found["outages"]["value"], found["longest-outage"]["value"])
    assert (2, 4.5) == (found["time-to-restore"]["n"], found["time-to-restore"]["value"])
    # half a percent of 716.5 h is 3.5825 h; 6.5 h and 0.3 of 1.5 h were lost
    left = found["downtime-budget-left"]
    assert (-3.3675, 0.0, "missed") == (round(left["value"], 9), left["target"], left["verdict"])
    october = spells(*A_CASE, period="2026-10")
    assert (1, 1.0, 0) == (october["outages"]["n"], october["longest-outage"]["value"], october["time-to-restore"]["n"])
    assert np.isnan(october["time-to-restore"]["value"])


TEN = "2026-11-10 10:00"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # outages, longest, mean of those that ended
        ((("full", "2026-11-10 09:00", TEN, None), ("partial", TEN, "2026-11-10 12:00", None)), (1, 3.0, 3.0)),
        ((("full", TEN, TEN, None),), (1, 0.0, 0.0)),
        ((("full", "2026-11-10 09:00", TEN, None), ("full", TEN, TEN, None)), (1, 1.0, 1.0)),
        ((("unmonitored", "2026-11-10 09:00", "2026-11-10 11:00", None), ("full", TEN, TEN, None)), (0, None, None)),
        ((("full", "2026-11-30 22:00", None, None),), (1, 2.0, None)),
        ((("full", TEN, TEN, None), ("full", "2026-11-12 09:00", "2026-11-12 13:00", None)), (2, 4.0, 2.0)),
    ],
    ids=["they touch", "without length", "without length at the end of one", "nobody looked", "goes on", "two"],
)
def test_how_outages_are_merged(rows: tuple[Any, ...], expected: tuple[int, float | None, float | None]):
    found = spells(*rows)
    values = (found[name]["value"] for name in ("longest-outage", "time-to-restore"))
    assert expected == (found["outages"]["n"], *(None if np.isnan(value) else value for value in values))


def test_an_outage_that_ends_with_its_month_ended_in_it():
    rows = (("full", "2026-10-31 22:00", "2026-11-01 00:00", None),)
    assert (1, 2.0) == (spells(*rows, period="2026-10")["time-to-restore"]["n"], spells(*rows, period="2026-10")["longest-outage"]["value"])
    assert (0, 0) == (spells(*rows)["time-to-restore"]["n"], spells(*rows)["outages"]["n"])


def test_time_that_nobody_monitored_is_a_share_of_all_time():
    row = spells(("unmonitored", "2026-11-02 00:00", "2026-11-03 00:00", None))["unmonitored-time"]
    assert (24 / 721, 1, "") == (row["value"], row["n"], row["verdict"])
    dark = spells(("unmonitored", "2026-11-01 00:00", "2026-12-01 00:00", None))
    assert (1.0, True, "") == (
        dark["unmonitored-time"]["value"], np.isnan(dark["downtime-budget-left"]["value"]), dark["downtime-budget-left"]["verdict"],
    )  # fmt: skip


def test_a_target_that_somebody_set_is_judged_and_one_that_nobody_set_is_not():
    rows = outages(("unmonitored", "2026-11-02 00:00", "2026-11-03 00:00", None))
    settings = Settings(measure_targets={"unmonitored-time": Decimal("0.01")})
    found = figure(measured(outages=rows, settings=settings), "unmonitored-time", "2026-11", "service", "portal")
    assert (0.01, "missed") == (found["target"], found["verdict"])
    assert np.isnan(figure(measured(outages=rows), "unmonitored-time", "2026-11", "service", "portal")["target"])


def test_services_are_measured_apart():
    rows = pd.concat([outages(A_CASE[0]), outages(A_CASE[3], service="ticket system").assign(source=9)], ignore_index=True)
    stage = measured(outages=rows)
    hours = [figure(stage, "portal-downtime", "2026-11", "service", service)["value"] for service in ("portal", "ticket system")]
    assert [2.0, 0.6] == hours


@pytest.mark.parametrize(("target", "verdict"), [("0.5", "met"), ("0.5000001", "missed")])
def test_a_share_that_is_just_the_target_meets_it(target: str, verdict: str):
    half = outages(("full", "2026-11-10 00:00", "2026-11-11 00:00", None), ("unmonitored", "2026-11-01 00:00", "2026-11-10 00:00", None),
                   ("unmonitored", "2026-11-12 00:00", "2026-12-01 00:00", None))  # fmt: skip
    stage = measured(outages=half, as_of=END_OF_NOVEMBER, settings=Settings(availability=Availability(target=Decimal(target))))
    found = figure(stage, "portal-availability", "2026-11", "service", "portal")
    assert (0.5, verdict) == (found["value"], found["verdict"])
