"""Where the row of each ledger line was read from: of a row of a closed month the place that its frozen copy names."""

from __future__ import annotations

import pandas as pd

from pipeline.contracts import Books

_PLACE = ["file", "sheet", "row"]


def first_places(books: Books) -> pd.DataFrame:
    """`source file sheet row` of every place; of a frozen copy the place that the row had when it was read."""
    closed = books.closed
    copies = closed.ledger[["source", "entry_id"]].merge(closed.rows[["entry_id", *_PLACE]], on="entry_id")
    others = books.places.loc[~books.places["source"].isin(copies["source"]), ["source", *_PLACE]]
    return pd.concat([others, copies[["source", *_PLACE]]], ignore_index=True)


def placed(ledger: pd.DataFrame, books: Books) -> pd.DataFrame:
    """`ledger` (LEDGER, more columns allowed), in its order, with `file`, `sheet` and `row`, and with `stands`.

    `stands` says whether that row is in the inbox today: of a row of a closed month, whether the one there is of its certificate still.
    """
    found = ledger.merge(first_places(books), on="source", how="left", validate="many_to_one")
    today = books.places[[*_PLACE, "known_as"]].drop_duplicates(_PLACE)
    known_as = found[_PLACE].merge(today, on=_PLACE, how="left")["known_as"]
    found["stands"] = ~found["source"].isin(books.closed.ledger["source"]) | (known_as == found["certificate"])
    return found
