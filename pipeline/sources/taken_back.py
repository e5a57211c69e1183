"""What a newer export takes back of a certificate that an older one told of: that it was issued, or the order that it belongs to.

The newer row is in force (DESIGN §4) and nobody is asked first, but a charge that goes or comes for it must be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.certificates.fold import NOT_ISSUED
from pipeline.findings import Finding


def findings(told: pd.DataFrame, is_newest: pd.Series[Any]) -> list[Finding]:
    """`no-longer-issued` and `order-number-lost` for each billing row in force, in order of their places.

    `told` is EXPORT_ROWS of several files with `key`, equal for one certificate, and `age`, greater for a newer file.
    """
    billing = told[(told["role"] == "billing") & (told["key"] != "")]
    newest = is_newest[billing.index]
    earlier = billing[~billing["status"].isin(NOT_ISSUED) & ~newest]
    before = earlier.sort_values(["age", "source"]).drop_duplicates("key", keep="last").set_index("key")
    now = billing[newest & billing["key"].isin(before.index)].sort_values("source")
    return list(_of(now, before))


def _of(now: pd.DataFrame, before: pd.DataFrame) -> Iterator[Finding]:
    orders = before.loc[now["key"], "order_id"]
    for status, order, source, then in zip(now["status"], now["order_id"], now["source"], orders, strict=True):
        if status in NOT_ISSUED:
            named = f" of order {then}" if then else ""
            reason = f"An older export gave this certificate{named} as issued, this one as {status}; it is charged to nobody any more."
            yield Finding("no-longer-issued", reason, value=status, column="status", source=int(source))
        elif then and not order:
            reason = f"An older export gave order {then}, this one gives none; the certificate counts as an order of its own."
            yield Finding("order-number-lost", reason, column="order_id", source=int(source))
