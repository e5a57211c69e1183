"""The lines of an invoice stand by day, order and kind, in words of `explain` as on the invoice itself."""

from __future__ import annotations

import pandas as pd

from pipeline import chargeback, line_order

LINES = (
    ("2026-09-02", "A", "charge", "9"),
    ("2026-09-03", "A", "charge", "8"),
    ("2026-09-03", "A", "adjustment", "1"),
    ("2026-09-03", "A", "credit", "0"),
    ("2026-09-03", "A", "memo", "0"),
    ("2026-09-03", "B", "charge", "3"),
    ("2026-09-03", "B", "charge", "4"),
)


def test_lines_stand_by_day_order_kind_and_name() -> None:
    names = ("service_on", "order_id", "kind", "entry_id")
    told = [dict(zip(names, line, strict=True)) for line in reversed(LINES)]
    assert list(LINES) == [tuple(line[name] for name in names) for line in sorted(told, key=line_order.place)]
    ledger = pd.DataFrame(told).assign(billed_to="PARKS", account_id="P-1", period="FY2027-P03")
    assert list(LINES) == list(chargeback.in_invoice_order(ledger)[list(names)].itertuples(index=False, name=None))
