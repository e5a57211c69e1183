"""What a run records of itself, and what it says changed since the run before."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline import changes
from pipeline.contracts import INPUTS, FileCount, RunRecord

FIFTH = Decimal("0.2")

OCTOBER = RunRecord(
    run_id="aaaaaaaaaaaa",
    as_of=dt.date(2026, 10, 31),
    version="0.1.0",
    rows={"certificates": 100, "requests": 50},
    figures={"FY2027-P04 DOT 1": 22119},
    keys={"ledger": {"old": "1", "same": "2", "moved": "3"}},
)
NOVEMBER = RunRecord(
    run_id="bbbbbbbbbbbb",
    as_of=dt.date(2026, 11, 23),
    version="0.1.0",
    previous="aaaaaaaaaaaa",
    rows={"certificates": 79, "requests": 51},
    figures={"FY2027-P04 DOT 1": 0, "FY2027-P05 DOT 1": 54200},
    keys={"ledger": {"same": "2", "moved": "4", "new": "5"}},
    files={"inbox/exports/a.csv": FileCount("certificates", "digicert-order-report", 79)},
    accepted_drift=("certificates: 79 rows",),
)


def test_a_record_survives_the_file_it_is_kept_in() -> None:
    assert RunRecord.from_json(NOVEMBER.to_json()) == NOVEMBER


def test_new_gone_and_changed_rows_are_told_apart() -> None:
    ledger = next(change for change in changes.against(NOVEMBER, OCTOBER) if change.table == "ledger")
    assert (ledger.new, ledger.gone, ledger.changed) == (("new",), ("old",), ("moved",))


def test_dollars_are_told_by_invoice() -> None:
    assert changes.cents_by_invoice(NOVEMBER, OCTOBER) == {"FY2027-P04 DOT 1": -22119, "FY2027-P05 DOT 1": 54200}
    report = "\n".join(changes.report(NOVEMBER, OCTOBER))
    assert "FY2027-P05 DOT 1         +$542.00" in report
    assert "1 new, 1 changed, 0 gone, +$320.81 in all" in report


def test_without_an_earlier_run_everything_is_new() -> None:
    assert "everything is new" in changes.report(NOVEMBER, None)[0]
    assert () == changes.drift(NOVEMBER, None, FIFTH)


def test_missing_rows_are_told_by_kind() -> None:
    expected = "certificates: 79 rows, 100 in the run of 2026-10-31 (21% fewer, max_row_drop allows 20%)"
    assert [expected] == [one.sentence for one in changes.drift(NOVEMBER, OCTOBER, FIFTH)]
    assert () == changes.drift(NOVEMBER, OCTOBER, Decimal("0.21"))


def test_missing_rows_name_the_files_that_are_gone_or_shorter_the_largest_loss_first() -> None:
    a, b, c = (f"inbox/exports/{name}.csv" for name in "abc")
    then = replace(
        OCTOBER, files={a: FileCount("certificates", "x", 40), b: FileCount("certificates", "x", 55), c: FileCount("lots", "", 5)}
    )
    now = replace(NOVEMBER, files={a: FileCount("certificates", "x", 30)})
    expected = (f"data/{b} is not there now, had 55 rows", f"data/{a} has 30 rows, had 40")
    assert expected == changes.drift(now, then, FIFTH)[0].files


def test_a_layout_without_rows_is_told_though_its_kind_has_enough() -> None:
    gone, rest = "inbox/exports/adcs-2026-10.csv", "inbox/exports/orders.csv"
    rows = {"certificates": 100}
    then = replace(OCTOBER, rows=rows, files={gone: FileCount("certificates", "adcs", 9), rest: FileCount("certificates", "orders", 91)})
    now = replace(NOVEMBER, rows=rows, files={rest: FileCount("certificates", "orders", 100)})
    (one,) = changes.drift(now, then, FIFTH)
    assert "certificates, layout adcs: no rows, 9 in the run of 2026-10-31" == one.sentence
    assert (f"data/{gone} is not there now, had 9 rows",) == one.files
    renamed = replace(now, files={**now.files, "inbox/exports/ca.csv": FileCount("certificates", "adcs", 1)})
    assert () == changes.drift(renamed, then, FIFTH)


def test_a_record_of_a_time_before_files_were_counted_is_read() -> None:
    old = {key: value for key, value in json.loads(OCTOBER.to_json()).items() if key not in ("files", "accepted_drift")}
    assert OCTOBER == RunRecord.from_json(json.dumps(old))


def test_a_share_of_exactly_the_limit_is_no_drift() -> None:
    now, then = replace(NOVEMBER, rows={"certificates": 7}), replace(OCTOBER, rows={"certificates": 10})
    assert () == changes.drift(now, then, Decimal("0.30"))
    assert 1 == len(changes.drift(now, then, Decimal("0.29")))


def counted(**rows: int) -> dict[str, FileCount]:
    return {f"inbox/exports/{name.replace('__', '-')}.csv": FileCount("certificates", "orders", number) for name, number in rows.items()}


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ({"a": 100, "b": 900}, {"a": 79, "b": 950}, ["a.csv: 79 rows, 100"]),
        ({"a": 100, "b": 900}, {"a": 80, "b": 900}, []),
        ({"a": 100, "b": 900}, {"a": 50, "b": 900, "c": 50}, []),  # a list that was split in two
        ({"a": 100, "b": 900}, {"a": 50, "b": 900, "c": 20}, ["a.csv: 50 rows, 100"]),
        ({"a": 100, "b": 900}, {"b": 900}, []),  # told as source-gone
        ({"a__2026__09": 90, "a__2026__10": 10, "b": 900}, {"a__2026__09": 70, "b": 900}, ["a-*.csv: 70 rows, 100"]),
    ],
)
def test_a_source_that_lost_much_is_told_though_its_kind_has_enough(then: dict[str, int], now: dict[str, int], expected: list[str]) -> None:
    rows = {"certificates": 1_000}
    found = changes.drift(replace(NOVEMBER, rows=rows, files=counted(**now)), replace(OCTOBER, rows=rows, files=counted(**then)), FIFTH)
    assert [f"certificates, source inbox/exports/{one}" for one in expected] == [one.sentence.partition(" in the run")[0] for one in found]


@pytest.mark.parametrize(("then", "stops"), [({}, True), ({"b": 60}, True), ({"b": 50}, False), ({"b": 40}, False)])
def test_a_cut_export_stops_a_run_once_and_not_again_where_it_was_let_pass(then: dict[str, int], stops: bool) -> None:
    cut = {"follows": "inbox/exports/a.csv", "told_before": 100, "told_no_more": 55, "told_first": 5}
    inputs = INPUTS.frame(
        [
            {
                "file": "inbox/exports/b.csv",
                "kind": "certificates",
                "bytes": 1,
                "rows_read": 50,
                "rows_accepted": 50,
                "rows_quarantined": 0,
                **cut,
            }
        ]
    )
    found = changes.cut_exports(inputs, replace(OCTOBER, files=counted(**then)), FIFTH)
    said = "inbox/exports/b.csv: 55 of 100 rows of the file before it are not in it (55%, max_row_drop allows 20%)"
    assert ([said] if stops else []) == [one.sentence for one in found]
    assert () == changes.cut_exports(inputs, None, FIFTH)
