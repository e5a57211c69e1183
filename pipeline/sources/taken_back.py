"""What a newer export takes back of a certificate that an older one told of: that it was issued, that it was
revoked, or the order that it belongs to.

The newer row is in force (DESIGN §4) and nobody is asked first, but a charge that goes or comes for it must be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.certificates.fold import NOT_ISSUED
from pipeline.findings import Finding
from pipeline.sources.standing import NO_KEY

_LOOKED_AT = ["status", "order_id", "revoked_on", "source", "key", "age"]


def findings(told: pd.DataFrame, is_newest: pd.Series[Any]) -> list[Finding]:
    """`no-longer-issued`, `order-number-lost` and `revocation-taken-back` for each billing row in force, in order of their places.

    `told` is EXPORT_ROWS of several files with `key`, a number equal for one certificate, and `age`, greater for a newer file.
    """
    billing = told.loc[(told["role"] == "billing") & (told["key"] != NO_KEY), _LOOKED_AT]
    newest = is_newest[billing.index]
    earlier = billing[~billing["status"].isin(NOT_ISSUED) & ~newest]
    before = earlier.sort_values(["age", "source"]).drop_duplicates("key", keep="last").set_index("key")
    now = billing[newest & billing["key"].isin(before.index)].sort_values("source")
    return list(_of(now, before))


def _of(now: pd.DataFrame, before: pd.DataFrame) -> Iterator[Finding]:
    then = before.loc[now["key"]]
    is_revoked, was_revoked = (_is_revoked(rows) for rows in (now, then))
    is_without, was_without = ((rows["order_id"] == "").to_numpy(dtype=bool) for rows in (now, then))
    changed = now["status"].isin(NOT_ISSUED).to_numpy(dtype=bool) | (is_without & ~was_without) | (was_revoked & ~is_revoked)
    now, then = now[changed], then[changed]
    days = then["revoked_on"].dt.strftime("%Y-%m-%d").fillna("").tolist()
    flags = was_revoked[changed].tolist(), is_revoked[changed].tolist()
    told = zip(now["status"], now["order_id"], now["source"], then["order_id"], *flags, days, strict=True)
    for status, order, source, order_then, revoked_then, revoked, day in told:
        if status in NOT_ISSUED:
            named = f" of order {order_then}" if order_then else ""
            reason = f"An older export gave this certificate{named} as issued, this one as {status}; it is charged to nobody any more."
            yield Finding("no-longer-issued", reason, value=status, column="status", source=int(source))
            continue
        if order_then and not order:
            reason = f"An older export gave order {order_then}, this one gives none; the certificate counts as an order of its own."
            yield Finding("order-number-lost", reason, column="order_id", source=int(source))
        if revoked_then and not revoked:
            revoked_on = f"revoked on {day}" if day else "revoked"
            said = f"An older export gave this certificate as {revoked_on}, this one as {status or 'issued'}"
            reason = f"{said}; a credit for it is posted no more."
            yield Finding("revocation-taken-back", reason, value=status, column="status", source=int(source))


def _is_revoked(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray((rows["status"] == "revoked") | rows["revoked_on"].notna(), dtype=bool)
