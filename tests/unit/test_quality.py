"""Whether a run may publish: the budget for bad rows, and rows that are missing against the run before."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from pipeline import quality
from pipeline.contracts import FINDINGS, INPUTS, INVOICES, LEDGER, Books, RunRecord
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
    return Books(**{**fields, "inputs": inputs, "ledger": LEDGER.empty(), "invoices": INVOICES.empty(), "findings": findings})


def record(rows: int) -> RunRecord:
    return RunRecord(run_id="a" * 12, as_of=dt.date(2026, 11, 23), version="0.1.0", rows={"certificates": rows})


def judged(read: int, quarantined: int, before: RunRecord | None = None, *, strict: bool = False, accept: bool = False) -> int:
    outcome = quality.judge(books(read, quarantined), record(read), before, LIMITS, strict=strict, accept_drift=accept)
    return outcome.exit_code


@pytest.mark.parametrize(("quarantined", "code"), [(0, 0), (20, 0), (21, 1), (100, 1)])
def test_up_to_the_warning_share_a_run_is_clean_and_up_to_the_stop_share_it_warns(quarantined: int, code: int) -> None:
    assert code == judged(1000, quarantined)


def test_above_the_stop_share_nothing_is_published() -> None:
    with pytest.raises(quality.RefusedError, match=r"certificates 10\.1% \(limit 10%\)"):
        judged(1000, 101)


def test_strict_bears_no_quarantined_row() -> None:
    assert 0 == judged(1000, 0, strict=True)
    with pytest.raises(quality.RefusedError, match="--strict"):
        judged(1000, 1, strict=True)


def test_rows_that_were_never_to_be_read_are_no_reason_to_stop() -> None:
    totals = books(10, 10, "footer")
    outcome = quality.judge(totals, record(10), None, LIMITS, strict=True, accept_drift=False)
    assert (0, ()) == (outcome.exit_code, outcome.lines[3:])


def test_the_rows_shown_are_those_that_are_lost() -> None:
    told = books(10, 10)
    notes = told.findings.assign(code="footer", severity="note", row=1)
    mixed = dataclasses.replace(told, findings=pd.concat([notes, told.findings], ignore_index=True))
    with pytest.raises(quality.RefusedError) as refused:
        quality.judge(mixed, record(10), None, LIMITS, strict=False, accept_drift=False)
    assert "[bad-date]" in str(refused.value)
    assert "[footer]" not in str(refused.value)


def test_a_fifth_of_the_rows_may_be_gone_and_no_more() -> None:
    assert 0 == judged(800, 0, record(1000))
    with pytest.raises(quality.RefusedError, match="--accept-drift"):
        judged(799, 0, record(1000))
    assert 0 == judged(799, 0, record(1000), accept=True)


def test_a_kind_without_rows_is_no_reason_to_stop() -> None:
    assert 0 == judged(0, 0)
