"""The lists of data/entries about accounts, estimates, costs and openings: how their lines are read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.publish import journal_file
from tests.sources.offices import Office, certificate, certificates, codes, counts

LISTS = {
    "accounts": "account_id,fund,sub_fund,department,unit,appropriation,object,valid_from,valid_to\n",
    "estimates": "agency,fiscal_year,amount,document\n",
    "costs": "fiscal_year,tier,kind,amount,note\n",
    "recovery_openings": "tier,fiscal_year,amount\n",
    "lot_openings": "lot_id,units_left\n",
}


def put(office: Office, name: str, *lines: str) -> None:
    office.put(f"entries/{name}.csv", LISTS[name] + "".join(f"{line}\n" for line in lines))


def test_the_lists_are_read_as_their_contracts_say(office: Office) -> None:
    put(office, "accounts", "DLH-1,0010,0000,DLH,1000,1790-0200,U12,2026-07-01,2027-06-30")
    put(office, "estimates", 'DLH,2027,"$12,000.00",IE-1')
    put(office, "costs", "FY2027,standard,staff,40000,half a person")
    put(office, "recovery_openings", "standard,2026,-125.50", "premium,2026,'-0.01")
    put(office, "lot_openings", "L-1,0", "L-2,17")
    read = office.read()
    assert [] == codes(read)
    assert ["0010", "0000", "DLH", "1000", "1790-0200", "U12"] == read.accounts.iloc[0].tolist()[1:7]
    assert [("DLH", 2027, 1_200_000, "IE-1")] == list(read.estimates.iloc[:, :4].itertuples(index=False, name=None))
    assert [(2027, "standard", "staff", 4_000_000, "half a person")] == list(read.costs.iloc[:, :5].itertuples(index=False, name=None))
    assert [("standard", 2026, -12_550), ("premium", 2026, -1)] == list(
        read.recovery_openings.iloc[:, :3].itertuples(index=False, name=None)
    )
    assert [("L-1", 0), ("L-2", 17)] == list(read.lot_openings.iloc[:, :2].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("name", "good", "bad", "code"),
    [
        ("accounts", "A,1,1,1,1,1,1,2026-07-01,", "B,1,1,1,1,,1,2026-07-01,", "missing-value"),
        ("accounts", "A,1,1,1,1,1,1,2026-07-01,", "B,1,1,1,1,1,1,2026-07-01,2026-06-30", "ends-before-it-begins"),
        ("estimates", "DLH,2027,1,", "OTR,2027,-1,", "bad-number"),
        ("estimates", "DLH,2027,1,", "OTR,27,1,", "bad-number"),
        ("costs", "2027,standard,staff,1,", "2027,standard,rent,(1),", "bad-number"),
        ("costs", "2027,standard,staff,1,", "1999,standard,rent,1,", "bad-number"),
        ("recovery_openings", "standard,2027,1", "premium,2027,--1", "bad-number"),
        ("costs", "2027,standard,staff,1,", "2027,standard,rent,99999999999.00,", "bad-number"),
        ("lot_openings", "A,1", "B,-1", "bad-number"),
        ("lot_openings", "A,1", "B,1.5", "bad-number"),
    ],
)
def test_a_line_that_cannot_be_meant_is_set_aside_alone(office: Office, name: str, good: str, bad: str, code: str) -> None:
    put(office, name, bad, good)
    read = office.read()
    assert [(code, 2)] == codes(read)
    assert (2, 1, 1) == counts(read, f"entries/{name}.csv")


@pytest.mark.parametrize(
    ("name", "line", "other"),
    [
        ("accounts", "A,1,1,1,1,1,1,2026-07-01,", "A,2,2,2,2,2,2,2026-07-01,"),
        ("estimates", "DLH,2027,1,", "DLH,2027,2,"),
        ("costs", "2027,standard,staff,1,", "2027,standard,staff,2,"),
        ("recovery_openings", "standard,2026,1", "standard,2027,1"),
        ("lot_openings", "A,1", "A,2"),
    ],
)
def test_two_lines_about_one_thing_are_both_set_aside(office: Office, name: str, line: str, other: str) -> None:
    put(office, name, line, other)
    assert [("conflicting-rows", 2), ("conflicting-rows", 3)] == codes(office.read())


def test_the_journal_is_a_file_of_dollars_that_a_spreadsheet_takes_for_text(office: Office, tmp_path: Path) -> None:
    office.put("reference/agencies.csv", "agency,name,account_id\nDLH,Lighthouses,DLH-1\n")
    office.put("inbox/exports/2026-10.csv", certificates(certificate(order_id="=1+1"), certificate(order_id="2", serial_number="0B")))
    put(office, "accounts", "DLH-1,0010,0000,DLH,1000,1790-0300,U12,2026-07-01,", "OWN,0010,0000,ITD,2200,1790-0200,R01,2026-07-01,")
    put(office, "estimates", "DLH,2027,500,IE-1")
    rates = [{"tier": "standard", "amount": Decimal("221.19"), "since": dt.date(2026, 7, 1)}]
    books = office.books(rate=rates, charges={"revenue_account": "OWN"})
    (path,) = journal_file.write(books, tmp_path)
    assert "finance/journal-2027.csv" == path.relative_to(tmp_path).as_posix()
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    assert header.startswith(
        "line,document_id,period,posted_on,account_id,fund,sub_fund,department,unit,appropriation,object,debit,credit,"
    )
    assert [
        "DRAFT-FY2027-P04-DLH,FY2027-P04,2026-10-01,DLH-1,0010,0000,DLH,1000,1790-0300,U12,221.19,,DLH,IE-1",
        "DRAFT-FY2027-P04-DLH,FY2027-P04,2026-10-01,OWN,0010,0000,ITD,2200,1790-0200,R01,,221.19,DLH,IE-1",
    ] * 2 == [",".join(line.split(",")[1:15]) for line in lines]
    assert ["1", "2", "3", "4"] == [line.split(",")[0] for line in lines]
    assert {"'=1+1", "2"} == {line.split(",")[15] for line in lines}
    assert [("DLH", 2027, 50_000, 44_238, 5_762)] == list(books.encumbrances.iloc[:, :5].itertuples(index=False, name=None))
