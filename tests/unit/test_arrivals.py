"""Which sources there are, how fresh each is, and what is told of them against the run before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import arrivals
from pipeline.contracts import INPUTS, FileCount, RunRecord
from pipeline.findings import Finding
from pipeline.settings import Quality, Settings, Source

AS_OF = dt.date(2026, 11, 23)


def file(path: str, rows: int = 100, taken: str | None = None, **changes: Any) -> dict[str, Any]:
    """A row of INPUTS: an export of orders with `rows` rows, taken on `taken`."""
    row = {"file": f"inbox/exports/{path}", "kind": "certificates", "layout": "orders", "bytes": 1, "taken_on": taken}
    return row | {"rows_read": rows, "rows_accepted": rows, "rows_quarantined": 0} | changes


def record(*files: dict[str, Any]) -> RunRecord:
    counted = {one["file"]: FileCount(one["kind"], one["layout"], one["rows_read"]) for one in files}
    return RunRecord(run_id="a" * 12, as_of=dt.date(2026, 10, 31), version="0.1.0", files=counted)


def told(
    *files: dict[str, Any], before: RunRecord | None = None, settings: Settings | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    stage = arrivals.sources(INPUTS.frame(files), before, settings or Settings(), AS_OF)
    return stage.table, stage.findings


def freshness(*files: dict[str, Any], settings: Settings | None = None) -> list[str]:
    return list(told(*files, settings=settings)[0]["freshness"])


def drift(*files: dict[str, Any], before: RunRecord | None) -> list[str]:
    return list(told(*files, before=before)[0]["drift"])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("inbox/exports/orders-2026-10.csv", "inbox/exports/orders-*.csv"),
        ("inbox/exports/orders-2026-10-31.csv", "inbox/exports/orders-*.csv"),
        ("inbox/exports/orders_20261031.csv", "inbox/exports/orders_*.csv"),
        ("inbox/exports/orders-20261031-061500.csv", "inbox/exports/orders-*.csv"),
        ("inbox/exports/31.10.2026 orders.csv", "inbox/exports/* orders.csv"),
        ("inbox/exports/2026-10/orders.csv", "inbox/exports/*/orders.csv"),
        ("inbox/requests/incidents-fy2026.csv", "inbox/requests/incidents-fy*.csv"),
        ("inbox/requests/log-2026-W47.csv", "inbox/requests/log-*.csv"),
        ("inbox/requests/log-2026Q3.csv", "inbox/requests/log-*.csv"),
        ("inbox/requests/requests.csv", "inbox/requests/requests.csv"),
        ("inbox/exports/server-10.csv", "inbox/exports/server-10.csv"),
    ],
)
def test_files_that_differ_in_dates_only_are_one_source(path: str, name: str) -> None:
    assert name == arrivals.series("certificates", path)


def test_a_folder_of_certificate_files_is_one_source() -> None:
    assert "inbox/pem/servers/*" == arrivals.series("pem", "inbox/pem/servers/dot/www.dot.example.gov-2026-01-02.pem")
    assert "inbox/pem/*" == arrivals.series("pem", "inbox/pem/bundle.pem")


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%Y-%m", "%d-%m-%Y", "%Y_%m_%d"]))
def test_law_whatever_the_day_in_its_name_an_export_is_of_one_source(day: dt.date, style: str) -> None:
    assert "inbox/exports/orders-*.csv" == arrivals.series("certificates", f"inbox/exports/orders-{day:{style}}.csv")


@pytest.mark.parametrize(("taken", "said"), [("2026-10-14", "fresh"), ("2026-10-13", "stale"), ("2026-11-30", "fresh"), (None, "unknown")])
def test_a_source_is_stale_when_its_newest_file_is_older_than_the_limit(taken: str | None, said: str) -> None:
    assert [said] == freshness(file("orders.csv", taken=taken))


def test_the_newest_file_decides_and_an_old_one_beside_it_does_not() -> None:
    table, findings = told(file("orders-2026-01.csv", taken="2026-01-31"), file("orders-2026-10.csv", 120, taken="2026-10-31"))
    assert [("inbox/exports/orders-*.csv", 2, "inbox/exports/orders-2026-10.csv", 220, 23, "fresh")] == list(
        table[["series", "files", "newest_file", "rows_read", "age_days", "freshness"]].itertuples(index=False, name=None)
    )
    assert () == findings


def test_a_file_named_for_a_month_that_has_not_ended_is_of_today() -> None:
    table, _ = told(file("orders-2026-11.csv", taken="2026-11-30"))
    assert (AS_OF, 0) == (table["taken_on"][0].date(), table["age_days"][0])


def test_a_weekly_source_is_late_after_its_usual_week_and_three_days() -> None:
    weekly = [file(f"log-{day}.csv", taken=day) for day in ("2026-10-30", "2026-11-06", "2026-11-13")]
    assert ["fresh"] == freshness(*weekly)
    assert ["late"] == freshness(
        *(one | {"taken_on": day} for one, day in zip(weekly, ("2026-10-29", "2026-11-05", "2026-11-12"), strict=True))
    )


def test_two_files_make_no_usual_interval() -> None:
    table, _ = told(file("log-2026-11-01.csv", taken="2026-11-01"), file("log-2026-11-02.csv", taken="2026-11-02"))
    assert (True, "fresh") == (pd.isna(table["usual_days"][0]), table["freshness"][0])


def test_a_stale_source_is_a_warning_that_names_the_day_the_age_and_the_limit() -> None:
    _, (finding,) = told(file("orders.csv", taken="2026-10-01"))
    assert ("stale-source", "warning", "inbox/exports/orders.csv") == (finding.code, finding.severity, finding.file)
    assert "The newest file of this source was taken on 2026-10-01, 53 days ago; the limit is 40." == finding.reason


@pytest.mark.parametrize(("days", "said"), [(0, "unlimited"), (53, "fresh"), (52, "stale"), (None, "stale")])
def test_a_source_of_the_settings_has_its_own_limit_and_0_is_none(days: int | None, said: str) -> None:
    named = Settings(source=(Source(files="exports/orders*", stale_after_days=days),))
    assert [said] == freshness(file("orders.csv", taken="2026-10-01"), settings=named)


def test_0_in_quality_switches_the_limit_off_for_all_but_a_source_that_has_one() -> None:
    quiet = Settings(quality=Quality(stale_after_days=0), source=(Source(files="exports/b*", stale_after_days=10),))
    files = (file("a.csv", taken="2020-01-01"), file("b.csv", taken="2020-01-01"))
    assert ["unlimited", "stale"] == freshness(*files, settings=quiet)


@pytest.mark.parametrize("kind", ["lots", "outages", "pauses", "pem", "reference", "entries"])
def test_what_comes_only_when_there_is_some_is_never_stale(kind: str) -> None:
    assert ["unlimited"] == freshness(file("a.csv", taken="2020-01-01", kind=kind))


def test_an_export_whose_columns_changed_goes_on_under_its_name() -> None:
    old = file("orders-2026-08.csv", taken="2026-08-31", layout="order-list")
    new = file("orders-2026-11.csv", taken="2026-11-30", layout="orders")
    assert ["followed", "fresh"] == freshness(old, new)
    assert ["stale", "fresh"] == freshness(old, new | {"file": "inbox/exports/other-2026-11.csv"})


def test_without_a_run_before_there_is_no_drift() -> None:
    assert [""] == drift(file("a.csv"), before=None)


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (100, 100, "same"),
        (100, 101, "more"),
        (100, 81, "fewer"),
        (100, 79, "jumped"),
        (100, 80, "fewer"),
        (100, 199, "more"),
        (100, 200, "jumped"),
        (3, 9, "more"),
    ],
)
def test_rows_are_compared_with_the_run_before(then: int, now: int, said: str) -> None:
    assert [said] == drift(file("a.csv", now), before=record(file("a.csv", then)))


def test_a_share_of_exactly_the_limit_is_no_jump() -> None:
    limited = Settings(quality=Quality(max_row_drop=Decimal("0.30")))
    _, found = told(file("a.csv", 7), before=record(file("a.csv", 10)), settings=limited)
    assert [] == [finding.code for finding in found if finding.code == "row-jump"]


def test_a_new_source_is_new() -> None:
    assert ["same", "new"] == drift(file("a.csv"), file("b.csv"), before=record(file("a.csv")))


def test_a_jump_names_both_counts() -> None:
    _, (finding,) = told(file("a.csv", 300, taken="2026-10-30"), before=record(file("a.csv", 100)))
    assert ("row-jump", "It has 300 rows; in the run of 2026-10-31 it had 100.") == (finding.code, finding.reason)


def test_the_newest_of_several_files_is_compared_with_the_one_before_it_not_with_all() -> None:
    october, november = file("a-2026-10.csv", 100, taken="2026-10-31"), file("a-2026-11.csv", 110, taken="2026-11-22")
    assert ["more"] == drift(october, november, before=record(october))
    _, (finding,) = told(october, november | {"rows_read": 240, "rows_accepted": 240}, before=record(october))
    assert "It has 240 rows; inbox/exports/a-2026-10.csv before it has 100." == finding.reason


def test_a_log_of_a_month_may_grow_while_the_month_goes_on() -> None:
    november = file("log-2026-11.csv", 400, taken="2026-11-30")
    assert ["more"] == drift(november, before=record(november | {"rows_read": 100}))


def test_certificate_files_come_one_by_one_and_do_not_jump() -> None:
    one, bundle = ({"kind": "pem", "file": f"inbox/pem/new/{name}.pem"} for name in ("a", "b"))
    assert () == told(file("", 1, taken="2026-01-01", **one), file("", 500, taken="2026-10-01", **bundle))[1]


def test_a_source_without_files_is_told_by_name() -> None:
    gone = file("adcs-2026-10.csv", 9)
    table, (finding,) = told(file("a.csv", taken="2026-11-20"), before=record(file("a.csv"), gone))
    assert [("inbox/exports/adcs-*.csv", 0, 9, "gone", "gone")] == list(
        table.loc[table["files"] == 0, ["series", "files", "rows_before", "freshness", "drift"]].itertuples(index=False, name=None)
    )
    assert ("source-gone", "inbox/exports/adcs-2026-10.csv") == (finding.code, finding.file)
    assert "inbox/exports/adcs-*.csv had 9 rows in the run of 2026-10-31 and has none now." == finding.reason


def test_a_record_that_did_not_count_files_says_nothing_about_sources() -> None:
    old = RunRecord(run_id="a" * 12, as_of=dt.date(2026, 10, 31), version="0.1.0", rows={"certificates": 100})
    assert [""] == drift(file("a.csv"), before=old)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(1, 12), st.integers(0, 500)), unique_by=lambda one: one[:2]))
def test_law_every_file_is_in_one_source_and_no_row_is_lost_or_counted_twice(files: list[tuple[str, int, int]]) -> None:
    inputs = [file(f"{name}-2026-{month:02d}.csv", rows, taken=f"2026-{month:02d}-01") for name, month, rows in files]
    table, _ = told(*inputs)
    assert (len(files), sum(rows for *_, rows in files)) == (table["files"].sum(), table["rows_read"].sum())


def chain(*told: tuple[int, int, int]) -> list[dict[str, Any]]:
    """Monthly files, each against the one before it: how much that told, how much of it is told no more, and how much is told first."""
    names = [f"orders-2026-{month:02}.csv" for month in range(1, len(told) + 2)]
    return [file(names[0])] + [
        file(name, follows=f"inbox/exports/{before}", told_before=then, told_no_more=no_more, told_first=first)
        for before, name, (then, no_more, first) in zip(names, names[1:], told, strict=False)
    ]


@pytest.mark.parametrize(
    ("told_by_each", "is_cut"),
    [
        ([(100, 21, 5)], True),
        ([(100, 20, 5)], False),
        ([(100, 98, 0)], True),  # a whole export that is cut to its last rows tells nothing new
        ([(100, 98, 60)], False),  # a month's rows after those of another month
        ([(100, 100, 0)], False),  # an empty month
        ([(100, 2, 10), (108, 100, 60)], True),  # it told all of it until now
        ([(100, 2, 10), (108, 108, 0)], True),
        ([(100, 95, 80), (85, 80, 90)], False),  # it tells of a month as a rule
        ([(100, 30, 30), (100, 40, 30)], False),  # it tells of the last weeks as a rule
        ([(100, 60, 0), (40, 0, 65)], False),  # the one before was cut, and this one is whole again
    ],
)
def test_a_newest_file_that_lacks_much_of_what_its_source_tells_each_time_is_cut(
    told_by_each: list[tuple[int, int, int]], is_cut: bool
) -> None:
    files = chain(*told_by_each)
    found = arrivals.cuts(INPUTS.frame(files), Decimal("0.2"))
    assert ([files[-1]["file"]] if is_cut else []) == [one.path for one in found]


def test_a_cut_export_is_told_with_the_dollars_that_rest_on_older_files() -> None:
    charged = {"inbox/exports/orders-2026-01.csv": 22_119, "inbox/exports/orders-2026-02.csv": 54_200}
    stage = arrivals.sources(INPUTS.frame(chain((100, 50, 5))), None, Settings(), dt.date(2026, 2, 28), charged)
    (finding,) = [one for one in stage.findings if one.code == "export-cut"]
    assert (
        "It lacks 50 of the 100 certificates that inbox/exports/orders-2026-01.csv tells of. Charges of $221.19 rest on rows of older "
        "files alone; what only the missing part tells of is not charged."
    ) == finding.reason
    assert ("warning", "inbox/exports/orders-2026-02.csv") == (finding.severity, finding.file)
