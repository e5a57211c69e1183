"""A second bookkeeper comes to our balances: for any years of events, for decisions about them, and for the small office on disk.

For closed months with late items and corrections `test_close_laws` asks him, whose books are costly to draw up.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import chargeback, flow, journal, lots
from pipeline.contracts import ACCOUNTS, ENCUMBRANCES
from pipeline.settings import Settings
from pipeline.sources import settings_file
from tests import orders, second_bookkeeper
from tests.conftest import ROOT
from tests.laws.test_decision_laws import decisions
from tests.laws.years import AS_OF, OFFICE, books, events, purchases

law = settings(max_examples=settings.default.max_examples // 4, suppress_health_check=[HealthCheck.function_scoped_fixture])


def said(ledger: Any, bought: Any, by: Settings, folder: Path) -> list[str]:
    booked = journal.journal(ledger, ACCOUNTS.empty(), ENCUMBRANCES.empty(), by).table
    return second_bookkeeper.complaints(booked, ledger, bought, chargeback.invoices(ledger), folder / "books.beancount")


@law
@given(events(), purchases(), st.data())
def test_beancount_accepts_any_years_of_events_and_lots(tmp_path: Path, told: Any, rows: Any, data: st.DataObject) -> None:
    openings = [(row["lot_id"], data.draw(st.integers(0, row["quantity"]))) for row in rows]
    drawn = lots.draw(books(told), orders.lots(*rows), OFFICE, AS_OF, orders.lot_openings(*openings))
    assert [] == said(drawn.ledger, drawn.lots, OFFICE, tmp_path)


@law
@given(decisions())
def test_beancount_accepts_any_decisions(tmp_path: Path, told: Any) -> None:
    drawn = lots.draw(orders.adjusted(*told).table, orders.lots(), orders.settings(), orders.AS_OF)
    assert [] == said(drawn.ledger, drawn.lots, orders.settings(), tmp_path)


def test_bean_check_accepts_the_small_office_and_refuses_it_with_a_cent_too_much(tmp_path: Path) -> None:
    workspace = ROOT / "tests/flow/workspace"
    chosen = settings_file.read(workspace / "certledger.toml")
    assert chosen.run.as_of is not None
    found = flow.prepare(workspace, chosen, chosen.run.as_of, lambda text: None)
    text = second_bookkeeper.written(found.journal, found.ledger, found.lots, found.invoices)
    right, wrong = tmp_path / "right.beancount", tmp_path / "wrong.beancount"
    right.write_text(text, encoding="utf-8")
    wrong.write_text(text.replace(" 221.19 USD", " 221.20 USD", 1), encoding="utf-8")
    check = str(Path(sys.executable).with_name("bean-check"))
    assert (0, "") == _run(check, right)
    code, complaint = _run(check, wrong)
    assert (1, True) == (code, "Balance failed" in complaint or "does not balance" in complaint)


def _run(check: str, path: Path) -> tuple[int, str]:
    done = subprocess.run([check, str(path)], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("column", ["debit_cents", "credit_cents"])
def test_beancount_would_find_a_cent_that_is_lost(tmp_path: Path, column: str) -> None:
    ledger = orders.charged(*orders.CHARGES).table
    drawn = lots.draw(ledger, orders.lots(), orders.settings(), orders.AS_OF)
    booked = journal.journal(drawn.ledger, ACCOUNTS.empty(), ENCUMBRANCES.empty(), orders.settings()).table
    line = booked.index[booked[column] > 0][0]
    booked.loc[line, column] -= 1
    path = tmp_path / "books.beancount"
    assert second_bookkeeper.complaints(booked, drawn.ledger, drawn.lots, chargeback.invoices(drawn.ledger), path)
