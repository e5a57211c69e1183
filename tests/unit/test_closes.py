"""Closing a month: the order of closes, the numbers of invoices, the register, and tables that come back from their text as they were."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import frozen_cells
from pipeline.closes import frozen, frozen_columns
from pipeline.closes.due import next_in_turn
from pipeline.closes.frozen_columns import FrozenColumns
from pipeline.closes.numbering import numbered, on_invoices
from pipeline.closes.register import month_before, register
from pipeline.contracts import DTYPES, INVOICES, LEDGER, Column, Table
from pipeline.settings import Settings

FIRST, AS_OF = "FY2026-P01", dt.date(2026, 11, 23)
YEAR = [f"FY2026-P{number:02d}" for number in range(1, 13)]
LATE = {"FY2026-P13"}


@pytest.mark.parametrize(
    ("closed", "late", "expected"),
    [
        ([], set(), "FY2026-P01"),
        (YEAR[:1], set(), "FY2026-P02"),
        (YEAR[:11], LATE, "FY2026-P12"),
        (YEAR, set(), "FY2027-P01"),
        (YEAR, LATE, "FY2027-P01"),
        ([*YEAR, "FY2027-P01"], LATE, "FY2027-P02"),
        ([*YEAR, "FY2027-P01", "FY2027-P02"], LATE, "FY2026-P13"),
        ([*YEAR, "FY2027-P01", "FY2027-P02"], set(), "FY2027-P03"),
        ([*YEAR, "FY2027-P01", "FY2027-P02", "FY2026-P13"], LATE, "FY2027-P03"),
        ([*YEAR, "FY2027-P01", "FY2027-P02", "FY2027-P03"], LATE, "FY2027-P04"),
    ],
)
def test_months_are_closed_in_order_and_late_items_before_september(closed: list[str], late: set[str], expected: str) -> None:
    assert expected == next_in_turn(closed, FIRST, late)


def test_the_first_month_is_where_the_charges_begin() -> None:
    assert "FY2026-P12" == next_in_turn([], "FY2026-P12", set())


@given(st.integers(0, 40), st.data())
def test_whatever_is_closed_in_turn_no_month_is_left_out_and_none_comes_twice(closes: int, data: st.DataObject) -> None:
    late = {f"FY{year}-P13" for year in data.draw(st.sets(st.integers(2026, 2030)))}
    closed: list[str] = []
    for _ in range(closes):
        closed.append(next_in_turn(closed, FIRST, late))
    months = [period for period in closed if not period.endswith("P13")]
    assert [f"FY{2026 + place // 12}-P{place % 12 + 1:02d}" for place in range(len(months))] == months
    assert len(closed) == len(set(closed))
    for year in range(2026, 2030):
        if f"FY{year + 1}-P03" in closed and f"FY{year}-P13" in late:
            assert closed.index(f"FY{year + 1}-P02") < closed.index(f"FY{year}-P13") < closed.index(f"FY{year + 1}-P03")


AGENCIES = st.text("ABC-", min_size=1, max_size=3)
ACCOUNTS = st.sets(st.tuples(AGENCIES, st.text("012", max_size=2)), max_size=12)


def invoices_of(accounts: set[tuple[str, str]], period: str = "FY2027-P04") -> pd.DataFrame:
    return INVOICES.frame({"agency": agency, "account_id": account, "period": period, "status": "draft", "lines": 1, "amount_cents": 1}
                          for agency, account in accounts)  # fmt: skip


@given(ACCOUNTS, st.randoms(use_true_random=False))
def test_numbers_have_no_gaps_and_do_not_depend_on_the_order_of_rows(accounts: set[tuple[str, str]], chance: Any) -> None:
    drafts = pd.concat([invoices_of(accounts), invoices_of(accounts, "FY2027-P05")], ignore_index=True)
    closed = numbered(drafts, "FY2027-P04", Settings(), AS_OF)
    order = list(range(len(drafts)))
    chance.shuffle(order)
    pd.testing.assert_frame_equal(closed, numbered(drafts.iloc[order], "FY2027-P04", Settings(), AS_OF))
    expected = sorted(
        f"CRT-FY2027-P04-{agency}-{number:03d}"
        for agency in {agency for agency, _ in accounts}
        for number in range(1, 1 + sum(one == agency for one, _ in accounts))
    )
    assert expected == sorted(closed["invoice_no"])
    assert {"closed"} >= set(closed["status"])
    assert {pd.Timestamp("2026-12-23")} >= set(closed["due_on"])


def lines_of(*rows: tuple[str, str, int], **more: str) -> pd.DataFrame:
    return LEDGER.frame(
        {"entry_id": f"{place}", "service_on": "2026-10-01", "source": 0, "kind": "charge",
         "tier": "standard", "period": period, "billed_to": agency,
         "account_id": "1", "agency": agency, "amount_cents": cents, **more}
        for place, (period, agency, cents) in enumerate(rows)
    )  # fmt: skip


def test_each_line_gets_the_number_of_its_invoice() -> None:
    ledger = lines_of(("FY2027-P04", "B", 100), ("FY2027-P04", "A", 0), ("FY2027-P04", "B", 200))
    invoices = numbered(invoices_of({("A", "1"), ("B", "1")}), "FY2027-P04", Settings(), AS_OF)
    closed = on_invoices(ledger, invoices)
    assert ["0", "1", "2"] == closed["entry_id"].tolist()
    assert ["CRT-FY2027-P04-B-001", "CRT-FY2027-P04-A-001", "CRT-FY2027-P04-B-001"] == closed["invoice_no"].tolist()


def test_the_register_says_why_an_amount_is_another_one_than_last_month() -> None:
    ledger = lines_of(("FY2027-P03", "A", 22119), ("FY2027-P04", "A", 22119), ("FY2027-P04", "A", 22119), ("FY2027-P03", "B", 54200))
    told = register(ledger, numbered(invoices_of({("A", "1")}), "FY2027-P04", Settings(), AS_OF), "FY2027-P04")
    assert [
        ("A", "CRT-FY2027-P04-A-001", 44238, 22119, 22119, "standard orders 2 instead of 1 (+$221.19)"),
        ("B", "", 0, 54200, -54200, "standard orders 0 instead of 1 (-$542.00)"),
    ] == list(told[["agency", "invoice_no", "amount_cents", "before_cents", "difference_cents", "why"]].itertuples(index=False, name=None))


LINE = st.tuples(
    st.sampled_from(["FY2027-P03", "FY2027-P04"]), st.sampled_from("AB"), st.integers(-30_000, 30_000),
    st.sampled_from(["standard", "premium"]),
    st.sampled_from(["", "late", "correction"]), st.sampled_from(["", "x"]), st.sampled_from(["", "y"]),
)  # fmt: skip


@given(st.lists(LINE, max_size=8))
def test_the_dollars_in_the_words_of_the_register_add_up_to_the_difference(lines: list[tuple[Any, ...]]) -> None:
    names = ["period", "billed_to", "amount_cents", "tier", "class", "reverses", "adjustment"]
    texts = {name: "str" for name in names if name != "amount_cents"}
    ledger = pd.DataFrame(lines, columns=names).astype({**texts, "amount_cents": "int64"})
    ledger = ledger.assign(account_id="1", amends="", agency=ledger["billed_to"])
    now = {(agency, "1") for period, agency, *_ in lines if period == "FY2027-P04"}
    told = register(ledger, numbered(invoices_of(now), "FY2027-P04", Settings(), AS_OF), "FY2027-P04")
    assert sorted({agency for _, agency, *_ in lines}) == told["agency"].tolist()
    for why, cents in zip(told["why"], told["difference_cents"], strict=True):
        dollars = sum(int(found.replace("$", "").replace(",", "").replace(".", "")) for found in re.findall(r"\(([+-]\$[\d,.]+)\)", why))
        assert cents == dollars


@pytest.mark.parametrize(("period", "before"), [("FY2027-P04", "FY2027-P03"), ("FY2027-P01", "FY2026-P12"), ("FY2026-P13", "FY2026-P12")])
def test_the_month_before_late_items_and_before_july_is_june(period: str, before: str) -> None:
    assert before == month_before(period)


TEXTS = st.text(st.one_of(st.sampled_from("=+-@\t\r\n'\"\\,; "), st.characters(exclude_categories=("Cs",))), max_size=12)
DAYS = st.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30))
INSTANTS = st.datetimes(timezones=st.just(dt.UTC)).filter(lambda moment: 1 < moment.year < dt.MAXYEAR)
WHOLES = st.integers(-(2**63), 2**63 - 1)
ANY: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "day": st.none() | DAYS, "instant": st.none() | INSTANTS, "whole": WHOLES, "count": st.none() | WHOLES, "cents": WHOLES,
    "cents?": st.none() | WHOLES, "number": st.none() | st.floats(allow_nan=False), "flag": st.booleans(),
}  # fmt: skip
EVERY_KIND = Table("every", "one of each kind", (), tuple(Column(kind.strip("?") + "_" * kind.count("?"), kind, "") for kind in DTYPES))  # type: ignore[arg-type]


def as_file(rows: list[list[str]]) -> FrozenColumns:
    return frozen_columns.of_file("".join(f"{frozen_cells.joined(row)}\n" for row in rows).encode(), "every.csv")


@given(st.lists(st.fixed_dictionaries({column.name: ANY[column.kind] for column in EVERY_KIND.columns}), max_size=4))
def test_every_kind_of_cell_comes_back_from_its_text_as_it_was(rows: list[dict[str, Any]]) -> None:
    frame = EVERY_KIND.frame(rows)
    read = as_file([EVERY_KIND.names, *frozen.as_cells(EVERY_KIND, frame)])
    assert len(frame) == read.rows
    pd.testing.assert_frame_equal(frame, frozen.from_files(EVERY_KIND, [read]), check_exact=True)


def test_a_column_that_is_younger_than_the_close_is_empty() -> None:
    told, older = {"text": "x", "whole": 3, "cents": 5}, {"text": "y", "whole": 0, "cents": 0}
    files = [as_file([["text"], ["y"]]), as_file([EVERY_KIND.names, *frozen.as_cells(EVERY_KIND, EVERY_KIND.frame([told]))])]
    pd.testing.assert_frame_equal(EVERY_KIND.frame([older, told]), frozen.from_files(EVERY_KIND, files))


@pytest.mark.parametrize(("labels", "row"), [(["flag"], ["yes"]), (["whole"], ["1.5"]), (["day"], ["soon"]), (["text"], ["\\x"])])
def test_cells_that_are_none_of_their_column_are_refused(labels: list[str], row: list[str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        frozen.from_files(EVERY_KIND, [as_file([labels, row])])
