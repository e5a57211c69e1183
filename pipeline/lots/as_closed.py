"""What closed months drew from the lots, which stands (DESIGN §6, "Close")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.contracts import LOT_ROWS
from pipeline.findings import Finding
from pipeline.money import dollars

# What a lot may not say otherwise once a closed month has drawn from it: what a unit is, and costs.
_SETTLED = ("tier", "purchased_on", "quantity", "total_cost_cents", "returns_on_refund")
_WORDS = {"purchased_on": "day of purchase", "total_cost_cents": "total cost"}
# The column of a lots file, where it is called otherwise there.
_COLUMNS = {"total_cost_cents": "total_cost"}


def as_closed(lot_rows: pd.DataFrame, drawn_from: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """`lot_rows` (LOT_ROWS) with each lot that closed months drew from as it was then (`drawn_from`, CLOSED_LOTS), and what to say of it.

    A lot whose file is gone stands. One that reads otherwise is a finding; the day its units expire, and the vendor's count, may change.
    """
    if drawn_from.empty:
        return lot_rows, []
    rows: dict[str, dict[Any, Any]] = {row["lot_id"]: row for row in lot_rows.to_dict("records")}
    findings: list[Finding] = []
    for then in drawn_from.to_dict("records"):
        now = rows.get(then["lot_id"])
        if now is None:
            rows[then["lot_id"]] = {name: then.get(name) for name in LOT_ROWS.names}
            continue
        findings.extend(_changed(now, then))
        rows[then["lot_id"]] = now | {name: then[name] for name in _SETTLED}
    return LOT_ROWS.frame(rows.values()), findings


def _changed(now: Mapping[Any, Any], then: Mapping[Any, Any]) -> Iterator[Finding]:
    for name in _SETTLED:
        if now[name] != then[name]:
            told = f"{_said(name, now[name])}, but closed months drew from it at {_said(name, then[name])}"
            reason = f"Lot {now['lot_id']} has a {_WORDS.get(name, name)} of {told}; these books go on with that."
            yield Finding("closed-lot-changed", reason, value=_said(name, now[name]), column=_COLUMNS.get(name, name), source=now["source"])


def _said(name: str, value: Any) -> str:
    if name == "total_cost_cents":
        return dollars(value)
    if name == "returns_on_refund":
        return "yes" if value else "no"
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
