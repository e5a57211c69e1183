"""Law 11 of the money, for any lines and any texts: an invoice's workbook shows the ledger, computes what it shows, and runs no text."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from pipeline import contracts
from pipeline.publish import workbooks
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, entry

FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
STARTS = ("=", "+", "-", "@", "\t", "\r", "{=", "")
RATES = {"standard": 22_119, "premium": 54_200}
texts = st.builds("{}{}".format, st.sampled_from(STARTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.just("1+1"))
cents = st.integers(-(10**7), 10**7)


@st.composite
def lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What one invoice lists: charges, free reissues, credits and decisions, with texts that somebody would like to run."""
    told: list[dict[str, Any]] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        tier = draw(st.sampled_from(sorted(RATES)))
        facts: dict[str, Any] = {
            "tier": tier,
            "rate_cents": RATES[tier],
            "amount_cents": draw(st.sampled_from((0, RATES[tier]))),
            "service_on": draw(st.dates(FIRST, LAST)),
            **{name: draw(texts) for name in ("order_id", "common_name", "request_id", "reason")},
        }
        kind = draw(st.sampled_from(("charge", "charge", "credit", "decision")))
        if kind == "credit" and told:
            taken = told[-1]
            facts |= {"kind": "credit", "amount_cents": -abs(taken["amount_cents"]), "reverses": taken["entry_id"]}
        elif kind == "decision":
            decided = {
                "adjustment": f"D-{number}",
                "decision": "charge",
                "approved_by": draw(texts),
                "approved_on": LAST,
                "document": draw(texts),
            }
            facts |= {"kind": "adjustment", "amount_cents": draw(cents), "rate_cents": None, "rate_fiscal_year": None, **decided}
        told.append(entry(number, **facts))
    return told


@given(lines(), texts)
def test_law_11_the_workbook_shows_the_ledger_computes_what_it_shows_and_runs_no_text(told: list[dict[str, Any]], name: str) -> None:
    agency = dict(bookkeeping.AGENCIES[0], name=name, billing_contact=name)
    books = bookkeeping.books(told, agencies=contracts.AGENCIES.frame([agency]))
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        hashes = []
        for folder in (Path(first), Path(second)):
            workbooks.invoices(books, SETTINGS, RUN_ID, AS_OF, folder)
            (path,) = folder.rglob("*.xlsx")
            hashes.append(hashlib.sha256(path.read_bytes()).hexdigest())
        assert hashes[0] == hashes[1]
        total = sum(line["amount_cents"] for line in told)
        assert total == int(books.invoices["amount_cents"].sum()) == workbooks.total_cents(path)
        book = openpyxl.load_workbook(path)
        formulas = list(recalculation.formulas_of(book, path))
        assert [] == [(what, shown, right) for what, shown, right in formulas if shown != right]
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert len(formulas) == sum(cell.data_type == "f" for cell in cells)
    told_texts = {text for line in told for text in line.values() if isinstance(text, str) and text[:1] in STARTS[:-2]}
    assert not [cell.value for cell in cells if cell.data_type == "f" and cell.value in told_texts]
    assert all(cell.data_type == "s" for cell in cells if isinstance(cell.value, str) and cell.value[:1] in "+-@\t\r" and cell.value)
