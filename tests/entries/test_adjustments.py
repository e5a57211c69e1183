"""data/entries/adjustments.csv: how its lines are read, and the way of a decision from its line to the books and back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipeline import explain
from pipeline.publish import tables
from pipeline.sources.published import PublishedRun
from tests.sources.offices import Office, certificate, certificates, codes, counts

HEADER = "id,agency,order_id,ledger_entry,kind,amount,reason,approved_by,approved_on,document\n"
FILE = "entries/adjustments.csv"
RATES: dict[str, Any] = {"rate": [{"tier": "standard", "amount": 221, "since": dt.date(2026, 7, 1)}]}


def line(**cells: str) -> str:
    """A line that waives $50.00 of order 1001."""
    usual = {"id": "D-1", "agency": "DLH", "order_id": "1001", "kind": "waiver", "amount": "50.00", "reason": "agreed"}
    usual |= {"approved_by": "R. Roe", "approved_on": "2026-10-12"}
    return ",".join({**usual, **cells}.get(name, "") for name in HEADER.strip().split(",")) + "\n"


@pytest.mark.parametrize(("written", "cents"), [("50", 5_000), ("$50.5", 5_050), ("0.01", 1), ('"1,000,000.00"', 100_000_000)])
def test_amounts_are_read_as_dollars_to_the_cent(office: Office, written: str, cents: int) -> None:
    office.put(FILE, HEADER + line(amount=written))
    read = office.read()
    assert ([], [cents]) == (codes(read), read.adjustments["amount_cents"].tolist())


@pytest.mark.parametrize(
    ("cells", "code", "said"),
    [
        ({"amount": "-50.00"}, "bad-number", "An amount is written without a sign; the kind of the row says"),
        ({"amount": "'-50.00"}, "bad-number", "An amount is written without a sign"),
        ({"amount": "(50.00)"}, "bad-number", "An amount is written without a sign"),
        ({"amount": "1000000.01"}, "bad-value", "One decision moves at most $1,000,000.00; look for a digit too many."),
        ({"amount": "99999999999.00"}, "bad-value", "One decision moves at most $1,000,000.00; look for a digit too many."),
        ({"amount": "NaN"}, "bad-number", "An amount is written like 22119.00"),
        ({"amount": "1e3"}, "bad-number", "An amount is written like 22119.00"),
        ({"amount": "50.001"}, "bad-number", "An amount is written like 22119.00"),
        ({"amount": "0.00"}, "bad-number", "An amount of $0.00 changes nothing."),
        ({"amount": ""}, "missing-value", "The cell may not be empty."),
        ({"id": ""}, "missing-value", "The cell may not be empty."),
        ({"agency": ""}, "missing-value", "The cell may not be empty."),
        ({"reason": ""}, "missing-value", "The cell may not be empty."),
        ({"kind": "gift"}, "bad-value", "The words known here are waiver, credit, charge, memo."),
        ({"approved_on": "31.12.2026"}, "bad-date", "The date is not written like"),
    ],
)
def test_a_line_that_cannot_be_meant_is_set_aside_and_the_others_stand(office: Office, cells: dict[str, str], code: str, said: str) -> None:
    office.put(FILE, HEADER + line(**cells) + line(id="D-2"))
    read = office.read()
    assert (["D-2"], (2, 1, 1)) == (read.adjustments["id"].tolist(), counts(read, FILE))
    assert [(code, 2)] == codes(read)
    assert read.findings[0].reason.startswith(said)


def test_two_lines_of_one_id_are_both_set_aside(office: Office) -> None:
    office.put(FILE, HEADER + line() + line(amount="60.00") + line(id="D-2"))
    read = office.read()
    assert ["D-2"] == read.adjustments["id"].tolist()
    assert [("conflicting-rows", 2), ("conflicting-rows", 3)] == codes(read)


def test_a_line_that_was_pasted_twice_counts_once(office: Office) -> None:
    office.put(FILE, HEADER + line() + line(id="D-2") + line())
    read = office.read()
    assert (["D-1", "D-2"], (3, 2, 1)) == (read.adjustments["id"].tolist(), counts(read, FILE))
    assert [("duplicate-row", 4)] == codes(read)


def test_a_decision_is_billed_and_leads_back_to_its_line(office: Office, tmp_path: Path) -> None:
    office.put("inbox/exports/2026-10.csv", certificates(certificate()))
    office.put(FILE, HEADER + line(document="L-7") + line(id="D-2", agency="TOLLS"))
    books = office.books(**RATES)
    assert [5_000 * -1 + 22_100] == books.invoices["amount_cents"].tolist()
    (finding,) = books.findings[books.findings["code"] == "adjustment-not-posted"].itertuples()
    assert (FILE, 3, "agency", "TOLLS") == (finding.file, finding.row, finding.column, finding.value)
    tables.write(books, tmp_path / "tables")
    tables.write_source_rows(books, tmp_path)
    run = PublishedRun(tmp_path)
    for asked in ("D-1", f"data/{FILE}:2"):
        told = explain.find(asked, run)[-1]
        assert ("-$50.00", "waiver", "agreed", "R. Roe", "2026-10-12", "L-7") == tuple(
            told.facts[name] for name in ("amount_cents", "decision", "reason", "approved_by", "approved_on", "document")
        )
        assert [(FILE, "", 2)] == [place.at for place in told.places]
    shown = office.shown(run, (FILE, "", 2))
    assert [("D-1", "50.00")] == [(cells["id"], cells["amount"]) for cells in shown]


def test_two_runs_over_the_same_files_post_the_same_entries(office: Office) -> None:
    office.put("inbox/exports/2026-10.csv", certificates(certificate()))
    office.put(FILE, HEADER + line() + line(id="D-2", kind="memo"))
    once = office.books(**RATES).ledger
    office.put(FILE, HEADER + line(id="D-2", kind="memo") + line())
    again = office.books(**RATES).ledger
    assert once.drop(columns="source").equals(again.drop(columns="source"))
