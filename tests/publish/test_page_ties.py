"""The totals that people see on the pages are the ledger's: pages of a built site are read back, and one that says otherwise is named."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from pipeline.publish.page_ties import page_ties
from pipeline.reconcile import Check

LEDGER = pd.DataFrame(
    {
        "period": ["FY2026-P12", "FY2027-P01", "FY2027-P01"],
        "billed_to": ["AGA", "AGA", "AGB"],
        "account_id": ["1", "1", ""],
        "amount_cents": [100_000, -22_119, 50],
    }
)


def table(caption: str, amount: str, head: str = "Total") -> str:
    foot = f'<tfoot><tr><th>Total</th><td class="number" data-head="{head},&nbsp;$">{amount}</td></tr></tfoot>' if amount else ""
    return f'<table><caption class="heard"><span>{caption}</span></caption><td data-head="Total,&nbsp;$">7.00</td>{foot}</table>'


def broken(site: Path, pages: dict[str, str]) -> list[Check]:
    for path, text in pages.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text, encoding="utf-8")
    books: Any = SimpleNamespace(ledger=LEDGER)
    return [check for check in page_ties(books, site) if not check.holds]


def test_totals_of_all_pages_that_are_the_ledgers_hold(tmp_path: Path) -> None:
    pages = {
        "chargeback.html": table("By year", "779.31") + table("No total", ""),
        "charges/FY2026.html": table("By month", "1,000.00"),
        "charges/FY2027.html": table("By month", "\N{MINUS SIGN}220.69") + table("By tier", "\N{MINUS SIGN}220.69"),
        "agencies/AGA.html": table("Charges", "778.81"),
        "trace/AGA.html": table("Lines of June 2026 (FY2026-P12), account 1", "1,000.00", "Amount")
        + table("Lines of July 2026 (FY2027-P01), account 1", "\N{MINUS SIGN}221.19", "Amount"),
        "trace/AGB.html": table("Lines of July 2026 (FY2027-P01)", "0.50", "Amount"),
    }
    assert [] == broken(tmp_path, pages)


def test_a_total_that_is_another_is_named_with_its_page_and_table(tmp_path: Path) -> None:
    pages = {
        "chargeback.html": table("By &amp; year", "779.32"),
        "agencies/AGB.html": table("Charges", "5.00"),
        "trace/AGA.html": table("Lines of July 2026 (FY2027-P01), account 2", "1.00", "Amount"),
    }
    wanted = [
        (f"cents shown in {tmp_path.name}/chargeback.html, By & year = cents of the ledger", 77_932, 77_931),
        (f"cents shown in {tmp_path.name}/trace/AGA.html, Lines of July 2026 (FY2027-P01), account 2 = cents of the ledger", 100, 0),
        (f"cents shown in {tmp_path.name}/agencies/AGB.html, Charges = cents of the ledger", 500, 50),
    ]
    assert wanted == [(check.name, check.left, check.right) for check in broken(tmp_path, pages)]


def test_an_edition_without_these_pages_is_asked_for_nothing(tmp_path: Path) -> None:
    books: Any = SimpleNamespace(ledger=LEDGER)
    assert () == page_ties(books, tmp_path)
