"""The books once more, as Beancount keeps them: a bookkeeper whom nobody here wrote, and who refuses what does not balance.

Each line of the journal is a posting, each unit drawn moves its cost from its lot to the cost of its tier. Balance assertions say what
our tables come to: what each account owes, what each tier brought in and cost, what each lot is still worth.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from beancount import loader
from beancount.ops import validation

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9-]")
_BEFORE = dt.date(1970, 1, 1)


def complaints(journal: pd.DataFrame, ledger: pd.DataFrame, lots: pd.DataFrame, invoices: pd.DataFrame, path: Path) -> list[str]:
    """What Beancount says against these books (JOURNAL, LEDGER, LOTS, INVOICES), written to `path`; nothing where it accepts them.

    These are the checks that its command `bean-check` makes.
    """
    path.write_text(written(journal, ledger, lots, invoices), encoding="utf-8")
    _, errors, _ = loader.load_file(str(path), extra_validations=validation.HARDCORE_VALIDATIONS)
    return [error.message for error in errors]


def written(journal: pd.DataFrame, ledger: pd.DataFrame, lots: pd.DataFrame, invoices: pd.DataFrame) -> str:
    """The books as the text of a Beancount file, its entries in the order of their days."""
    body = [*_bills(journal), *_purchases(lots), *_units(ledger)]
    after = max((day for day, _, _ in body), default=_BEFORE) + dt.timedelta(days=1)
    balances = list(_balances(ledger, lots, invoices))
    accounts = sorted({account for _, _, postings in body for account, _ in postings} | {account for account, _ in balances})
    lines = ['option "operating_currency" "USD"', *(f"{_BEFORE} open {account} USD" for account in accounts)]
    for day, what, postings in sorted(body):
        lines += [f'{day} * "{what}"', *(f"  {account}  {_dollars(cents)} USD" for account, cents in postings)]
    lines += [f"{after} balance {account}  {_dollars(cents)} USD" for account, cents in balances]
    return "\n".join(lines) + "\n"


_Entry = tuple[dt.date, str, list[tuple[str, int]]]


def _bills(journal: pd.DataFrame) -> Iterator[_Entry]:
    """Two lines of the journal are one transaction: what an account owes, and what the tier brings in."""
    for (entry_id, day, tier), sides in journal.groupby(["entry_id", "posted_on", "tier"], sort=False):
        owing, own = sides.sort_values("line").to_dict("records")
        postings = [
            (_owed(owing["account_id"]), owing["debit_cents"] - owing["credit_cents"]),
            (_income(tier), own["debit_cents"] - own["credit_cents"]),
        ]
        yield day.date(), f"bill {entry_id}", postings


def _purchases(lots: pd.DataFrame) -> Iterator[_Entry]:
    """A lot is bought for its price; what was drawn of it before these books, and what expired, is no longer worth anything."""
    for lot in lots.to_dict("records"):
        yield lot["purchased_on"].date(), f"buy {lot['lot_id']}", _moved(_stock(lot["lot_id"]), "Equity:Bought", lot["total_cost_cents"])
        if lot["drawn_before"]:
            taken = _moved("Equity:Drawn-before", _stock(lot["lot_id"]), lot["cost_before_cents"])
            yield lot["purchased_on"].date(), f"before {lot['lot_id']}", taken
        if lot["expired_unused"]:
            lost = lot["total_cost_cents"] - lot["drawn_cost_cents"]
            yield lot["units_expire_on"].date(), f"expired {lot['lot_id']}", _moved("Expenses:Unused", _stock(lot["lot_id"]), lost)


def _units(ledger: pd.DataFrame) -> Iterator[_Entry]:
    """Each unit drawn or given back moves its cost between its lot and its tier; an upgrade may move the difference of two lots."""
    for entry in ledger[ledger["lot_id"] != ""].to_dict("records"):
        moved = _moved(_cost(entry["tier"]), "Equity:Units", entry["unit_cost_cents"])
        yield entry["service_on"].date(), f"unit {entry['entry_id']}", moved


def _balances(ledger: pd.DataFrame, lots: pd.DataFrame, invoices: pd.DataFrame) -> Iterator[tuple[str, int]]:
    """What our own tables say that every account holds in the end."""
    for account, cents in invoices.groupby("account_id")["amount_cents"].sum().items():
        yield _owed(str(account)), int(cents)
    for tier, of_tier in ledger.groupby("tier"):
        yield _income(str(tier)), -int(of_tier["amount_cents"].sum())
        yield _cost(str(tier)), int(of_tier["unit_cost_cents"].sum())
    yield "Equity:Units", -int(lots["drawn_cost_cents"].sum() - lots["cost_before_cents"].sum())
    worth = Counter[str]()
    for lot in lots.to_dict("records"):
        lost = lot["total_cost_cents"] - lot["drawn_cost_cents"] if lot["expired_unused"] else 0
        worth[_stock(lot["lot_id"])] += lot["total_cost_cents"] - lot["cost_before_cents"] - lost
    yield from sorted(worth.items())


def _moved(to: str, off: str, cents: int) -> list[tuple[str, int]]:
    return [(to, int(cents)), (off, -int(cents))]


def _owed(account: str) -> str:
    return f"Assets:Owed:X{_NOT_A_NAME.sub('-', account)}"


def _income(tier: str) -> str:
    return f"Income:X{_NOT_A_NAME.sub('-', tier)}"


def _cost(tier: str) -> str:
    return f"Expenses:Units:X{_NOT_A_NAME.sub('-', tier)}"


def _stock(lot_id: str) -> str:
    return f"Assets:Lots:X{_NOT_A_NAME.sub('-', lot_id)}"


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
