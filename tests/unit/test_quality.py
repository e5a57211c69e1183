"""Whether a run may publish: the budget for bad rows, and rows that are missing against the run before."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from pipeline import quality
from pipeline.contracts import AT_STAKE, FINDINGS, INPUTS, INVOICES, LEDGER, WAITING, Books, Closed, EarlierRuns, RunRecord
from pipeline.findings import CODES
from pipeline.settings import Quality

LIMITS = Quality()


def books(read: int, quarantined: int, code: str = "bad-date") -> Books:
    empty = FINDINGS.empty()
    fields = {field.name: empty for field in dataclasses.fields(Books)}
    inputs = INPUTS.frame([{
        "file": "inbox/exports/a.csv", "kind": "certificates", "bytes": 1, "rows_read": read, "rows_accepted": read - quarantined,
        "rows_quarantined": quarantined,
    }])  # fmt: skip
    told = {"code": code, "severity": CODES[code].severity, "action": "quarantined", "file": "inbox/exports/a.csv", "reason": "It is bad."}
    findings = FINDINGS.frame({**told, "row": row} for row in range(2, 2 + quarantined))
    return Books(
        **{
            **fields,
            "inputs": inputs,
            "ledger": LEDGER.empty(),
            "invoices": INVOICES.empty(),
            "findings": findings,
            "waiting": WAITING.empty(),
            "at_stake": AT_STAKE.empty(),
            "closed": Closed(),
        }
    )


def record(rows: int) -> RunRecord:
    return RunRecord(run_id="a" * 12, as_of=dt.date(2026, 11, 23), version="0.1.0", rows={"certificates": rows})


def judged(read: int, quarantined: int, before: RunRecord | None = None, *, strict: bool = False, accept: bool = False) -> int:
    outcome = quality.judge(books(read, quarantined), record(read), EarlierRuns(before), LIMITS, strict=strict, accept_drift=accept)
    return outcome.exit_code


@pytest.mark.parametrize(("quarantined", "code"), [(0, 0), (20, 0), (21, 1), (100, 1)])
def test_up_to_the_warning_share_a_run_is_clean_and_up_to_the_stop_share_it_warns(quarantined: int, code: int) -> None:
    assert code == judged(1000, quarantined)


@pytest.mark.parametrize("code", ["adjustment-not-posted", "closed-line-corrected"])
def test_money_that_is_not_posted_or_moves_a_closed_month_is_told_to_be_looked_at(code: str) -> None:
    told = quality.money_to_look_at(books(1000, 1, code))
    assert [f"Look at      data/inbox/exports/a.csv, line 2 [{code}]: It is bad."] == told


def test_lines_that_people_wrote_to_move_money_and_count_for_nothing_are_told_first() -> None:
    told = books(10, 3, "charged-twice")
    rows = told.findings.assign(file=["inbox/exports/a.csv", "entries/adjustments.csv", "entries/adjustments.csv"])
    rows = rows.assign(code=["charged-twice", "bad-number", "duplicate-row"], severity=["error", "error", "note"])
    assert [
        "Look at      data/entries/adjustments.csv, line 3 [bad-number]: It is bad.",
        "Look at      data/inbox/exports/a.csv, line 2 [charged-twice]: It is bad.",
    ] == quality.money_to_look_at(dataclasses.replace(told, findings=rows))


def test_above_the_stop_share_nothing_is_published() -> None:
    with pytest.raises(quality.RefusedError, match=r"certificates 10\.1% \(limit 10%\)"):
        judged(1000, 101)


def test_strict_bears_no_quarantined_row() -> None:
    assert 0 == judged(1000, 0, strict=True)
    with pytest.raises(quality.RefusedError, match="--strict"):
        judged(1000, 1, strict=True)


def test_rows_that_were_never_to_be_read_are_no_reason_to_stop() -> None:
    totals = books(10, 10, "footer")
    outcome = quality.judge(totals, record(10), EarlierRuns(), LIMITS, strict=True, accept_drift=False)
    assert (0, ()) == (outcome.exit_code, outcome.lines[3:])


def test_the_rows_shown_are_those_that_are_lost() -> None:
    told = books(10, 10)
    notes = told.findings.assign(code="footer", severity="note", row=1)
    mixed = dataclasses.replace(told, findings=pd.concat([notes, told.findings], ignore_index=True))
    with pytest.raises(quality.RefusedError) as refused:
        quality.judge(mixed, record(10), EarlierRuns(), LIMITS, strict=False, accept_drift=False)
    assert "[bad-date]" in str(refused.value)
    assert "[footer]" not in str(refused.value)


def test_a_fifth_of_the_rows_may_be_gone_and_no_more() -> None:
    assert 0 == judged(800, 0, record(1000))
    with pytest.raises(quality.RefusedError, match="--accept-drift"):
        judged(799, 0, record(1000))
    assert 0 == judged(799, 0, record(1000), accept=True)


def test_a_kind_without_rows_is_no_reason_to_stop() -> None:
    assert 0 == judged(0, 0)


def test_a_day_run_again_is_held_against_what_is_shown() -> None:
    shown = EarlierRuns(None, record(1000))
    with pytest.raises(quality.RefusedError, match=r"certificates: 799 rows, 1,000 in the run of 2026-11-23"):
        quality.judge(books(799, 0), record(799), shown, LIMITS, strict=False, accept_drift=False)
    outcome = quality.judge(books(799, 0), record(799), shown, LIMITS, strict=False, accept_drift=True)
    assert () == outcome.accepted_drift  # what is shown now must not change the bytes of a run
    assert 1 == sum(line.startswith("Accepted") for line in outcome.lines)


def test_lost_rows_are_told_by_file_and_rule_most_first() -> None:
    told = books(100, 30)
    other = told.findings.head(4).assign(code="missing-cell", file="inbox/exports/b.csv")
    inputs = pd.concat([told.inputs, told.inputs.assign(file="inbox/exports/b.csv")], ignore_index=True)
    mixed = dataclasses.replace(told, inputs=inputs, findings=pd.concat([other, told.findings], ignore_index=True))
    with pytest.raises(quality.RefusedError) as refused:
        quality.judge(mixed, record(200), EarlierRuns(), LIMITS, strict=False, accept_drift=False)
    lines = [line.partition(", the first")[0] for line in str(refused.value).splitlines()[1:]]
    assert ["  30 of 100 rows of data/inbox/exports/a.csv", "  4 of 100 rows of data/inbox/exports/b.csv"] == lines


def test_lines_that_people_enter_stop_no_run() -> None:
    told = books(10, 2)
    entered = dataclasses.replace(told, inputs=told.inputs.assign(kind="entries"))
    assert 1 == quality.judge(entered, record(10), EarlierRuns(), LIMITS, strict=False, accept_drift=False).exit_code


def test_what_moved_since_the_run_that_is_shown_is_said_in_a_line() -> None:
    before = dataclasses.replace(record(10), figures={"FY2027-P05 DLH": 22_119}, keys={"ledger": {"a": "1", "b": "2"}})
    now = dataclasses.replace(record(10), figures={"FY2027-P05 DLH": 10_000}, keys={"ledger": {"b": "3", "c": "4"}})
    lines = quality.judge(books(10, 0), now, EarlierRuns(before), LIMITS, strict=False, accept_drift=False).lines
    moved = "Moved        -$121.19 on 1 invoice since run aaaaaaaaaaaa: 1 ledger line new, 1 changed, 1 gone"
    assert [moved] == [line for line in lines if line.startswith("Moved")]
