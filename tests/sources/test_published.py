"""Looking back at a published run: what is shown first leads to a page that is there, and what is lacking is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import contracts
from pipeline.publish.pages import trace
from pipeline.publish.pages.edition import Edition
from pipeline.publish.tables import write_parquet
from pipeline.sources import published
from tests.publish.bookkeeping import SETTINGS, books, entry
from tests.publish.built import STAMP


@pytest.mark.parametrize("agency", ["DOT", "D.O.T", "index", "A&B", "Zoë"])
def test_the_trace_of_the_first_invoice_is_a_page_that_is_there(agency: str, tmp_path: Path) -> None:
    made = books([entry(1, agency=agency, billed_to=agency), entry(2, period="FY2027-P04"), entry(3, amount_cents=1)])
    (tmp_path / "tables").mkdir()
    write_parquet(contracts.INVOICES, made.invoices, tmp_path / "tables/invoices.parquet")
    example = published.example(tmp_path)
    assert example is not None
    page, _, anchor = example.trace.partition("#")
    pages = {f"site/{Path(one.path).with_suffix('.html')}": one for one in trace.pages(Edition(made, SETTINGS, STAMP, "internal"))}
    assert anchor in pages[page].view["invoices"].anchors
    assert f"invoices/FY2027-P05/{agency}.xlsx" == example.workbook


def test_without_an_invoice_there_is_nothing_to_show_first(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    write_parquet(contracts.INVOICES, contracts.INVOICES.empty(), tmp_path / "tables/invoices.parquet")
    assert published.example(tmp_path) is None


def test_what_is_not_published_or_damaged_is_said(tmp_path: Path) -> None:
    with pytest.raises(published.NothingPublishedError, match="Nothing is published yet"):
        published.latest(tmp_path).column("ledger", "entry_id")
    run = tmp_path / "reports/latest"
    (run / "tables").mkdir(parents=True)
    (run / "tables/ledger.parquet").write_bytes(b"no table")
    for damaged in ("ledger", "invoices"):
        with pytest.raises(published.NothingPublishedError, match="damaged"):
            published.latest(tmp_path).column(damaged, "entry_id")


def test_rows_come_in_the_order_asked_for_from_whatever_group(tmp_path: Path) -> None:
    count = 20_000
    made = contracts.SOURCE_ROWS.frame({"file": "a.xlsx", "row": number, "cells": "[]"} for number in range(count))
    (tmp_path / "explain").mkdir()
    write_parquet(contracts.SOURCE_ROWS, made, tmp_path / "explain/rows.parquet")
    run = published.PublishedRun(tmp_path)
    wanted = [19_999, 0, 8_192, 8_191, 0]
    assert wanted == [row["row"] for row in run.rows("source_rows", wanted)]
    assert {5: [], 19_999: []} == run.kept("a.xlsx", {5, 19_999, 30_000})
