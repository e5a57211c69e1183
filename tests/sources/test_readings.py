"""A reading answers for every row of its file: what does not add up is our own fault and publishes nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from pipeline.contracts import ContractError
from pipeline.findings import Finding
from pipeline.sources import raw_files
from pipeline.sources.readings import Reading

AS_OF = dt.date(2026, 11, 23)


def lost(row: int, code: str = "bad-date") -> Finding:
    return Finding(code, "It is bad.", file="inbox/exports/x.csv", row=row)


def reading(read: int, accepted: list[int], *findings: Finding) -> Reading:
    rows = np.array(accepted, dtype="int64")
    return Reading("inbox/exports/x.csv", "certificates", rows_read=read, rows=rows, findings=list(findings))


def test_rows_read_are_those_accepted_and_those_set_aside_each_once() -> None:
    several = reading(4, [2, 3], lost(4), lost(4, "bad-number"), lost(5), lost(2, "duplicate-row"), lost(0))
    row = several.inputs_row(AS_OF)
    assert (4, 2, 2) == (row["rows_read"], row["rows_accepted"], row["rows_quarantined"])


@pytest.mark.parametrize(
    "wrong",
    [
        reading(3, [2, 3]),
        reading(1, [2, 3]),
        reading(2, [2, 3], lost(4)),
        reading(3, [2, 3], lost(3)),
        reading(1, [2, 2]),
        reading(2, [2, 3], lost(3)),
        reading(3, [2, 2], lost(4)),
    ],
    ids=["a row is lost", "a row too many", "set aside too many", "lost behind one told twice", "one row twice", "accepted and set aside",
         "one row twice, another set aside"],
)  # fmt: skip
def test_rows_that_do_not_add_up_are_our_own_fault(wrong: Reading) -> None:
    with pytest.raises(ContractError, match=r"rows of inbox/exports/x\.csv do not add up"):
        wrong.inputs_row(AS_OF)


def test_a_file_that_is_not_as_long_as_it_says_is_no_steady_file() -> None:
    """/proc/self/status is a regular file of no size that has bytes all the same, as a file has that grows while it is read."""
    with pytest.raises(raw_files.Refused) as refused:
        raw_files.read(raw_files.Listed(Path("/proc/self/status"), "inbox/pem/status"), 10_000)
    assert ("unreadable-file", "The file changed while it was read; run again when it is complete.") == (
        refused.value.code,
        refused.value.reason,
    )
