"""What each accepted row of the inbox became: the way back, from a file and a row to certificate, order, request and lot."""

from __future__ import annotations

import pandas as pd

from pipeline.contracts import PLACES, Inbox

_NAMED_BY = (
    ("request", "request_rows", "request_id"),
    ("event", "request_events", "request_id"),
    ("pause", "pause_rows", "request_id"),
    ("lot", "lot_rows", "lot_id"),
    ("outage", "outage_rows", "service"),
)


def named(came_in: Inbox, told_by: pd.DataFrame) -> pd.DataFrame:
    """The places of the inbox (PLACES) with what became of each row and its name in the books.

    `told_by` is the certificate of each export row in force (`source`, `certificate`). An export row without one is an order that is
    pending, rejected or canceled; a row of data/entries is an entry, known as the decision that it is, if it is one; a frozen copy is
    one of a line of a closed month. A row for which another one stands is of the same thing as that one.
    """
    blocks, exports = came_in.certificate_blocks, came_in.export_rows
    orders = exports[~exports["source"].isin(told_by["source"])]
    parts = [
        _part("certificate", blocks["source"], blocks["fingerprint_sha256"]),
        _part("certificate", told_by["source"], told_by["certificate"]),
        _part("order", orders["source"], orders["order_id"]),
    ]
    for became, name, column in _NAMED_BY:
        table: pd.DataFrame = getattr(came_in, name)
        parts.append(_part(became, table["source"], table[column]))
    parts.append(_part("entry", came_in.adjustments["source"].astype("int64"), came_in.adjustments["id"]))
    parts.append(_part("line", came_in.closed.ledger["source"], came_in.closed.ledger["entry_id"]))
    parts.append(_part("lot", came_in.closed.lots["source"], came_in.closed.lots["lot_id"]))
    known = pd.concat(parts, ignore_index=True).set_index("source")
    found = known.reindex(came_in.places["stands_for"].fillna(-1).astype("int64")).fillna("").astype("str")
    found.loc[came_in.places["file"].str.startswith("entries/").to_numpy(), "became"] = "entry"
    return PLACES.check(came_in.places.assign(became=found["became"].to_numpy(), known_as=found["known_as"].to_numpy()).astype(_TEXTS))


_TEXTS = {"became": "str", "known_as": "str"}


def _part(became: str, sources: pd.Series[int], names: pd.Series[str]) -> pd.DataFrame:
    return pd.DataFrame({"source": sources.to_numpy(), "became": became, "known_as": names.to_numpy()})
