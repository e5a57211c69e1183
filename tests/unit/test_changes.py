"""What a run records of itself, and what it says changed since the run before."""

from __future__ import annotations

import datetime as dt

from pipeline import changes
from pipeline.contracts import RunRecord

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
    assert "2 change, +$320.81 in all" in report


def test_without_an_earlier_run_everything_is_new() -> None:
    assert "everything is new" in changes.report(NOVEMBER, None)[0]
    assert changes.dropped_kinds(NOVEMBER, None, 0.2) == ()


def test_missing_rows_are_told_by_kind() -> None:
    expected = ("certificates: 79 rows, the run of 2026-10-31 read 100",)
    assert expected == changes.dropped_kinds(NOVEMBER, OCTOBER, 0.2)
    assert changes.dropped_kinds(NOVEMBER, OCTOBER, 0.21) == ()
