"""What a newer list of lots says otherwise of a lot: the newer row is in force (DESIGN §4), but the cost of units drawn before changes with
it, so it must be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.findings import Finding
from pipeline.money import dollars
from pipeline.sources.standing import NO_KEY

_COLUMNS = {"tier": "tier", "purchased_on": "purchased_on", "quantity": "quantity", "total_cost_cents": "total_cost"}


def findings(told: pd.DataFrame, is_newest: pd.Series[Any]) -> list[Finding]:
    """A `lot-changed` for each lot in force that an older list had at another tier, day, quantity or price, in order of their places.

    `told` is LOT_ROWS of several files with `key`, a number equal for one lot, and `age`, greater for a newer file.
    """
    earlier = told[~is_newest & (told["key"] != NO_KEY)]
    before = earlier.sort_values(["age", "source"]).drop_duplicates("key", keep="last").set_index("key")
    now = told[is_newest & told["key"].isin(before.index)].sort_values("source")
    return list(_of(now.to_dict("records"), before.loc[now["key"]].to_dict("records")))


def _of(now: list[dict[Any, Any]], before: list[dict[Any, Any]]) -> Iterator[Finding]:
    for lot, then in zip(now, before, strict=True):
        for name, column in _COLUMNS.items():
            if lot[name] != then[name]:
                said = f"An older list gives lot {lot['lot_id']} with {column} {_said(name, then[name])}, this one with"
                reason = f"{said} {_said(name, lot[name])}, which is taken; what its units cost changes with it."
                yield Finding("lot-changed", reason, value=_said(name, lot[name]), column=column, source=int(lot["source"]))


def _said(name: str, value: Any) -> str:
    if name == "total_cost_cents":
        return dollars(int(value))
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
