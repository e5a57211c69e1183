"""The same certificate in several editions of one export: month after month its row may tell more, or spell its issuer otherwise.

Here a row replaces another one, so the rules are narrower than those of `fold`, where rows only add to one another: one layout, one role.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.calendar import day_keys
from pipeline.certificates import fold

_FACTS = [
    "fingerprint_sha256", "serial", "order_id", "issuer", "valid_to", "valid_from", "valid_from_on", "subject_alternative_names", "status",
]  # fmt: skip


def same_certificate(rows: pd.DataFrame) -> pd.Series[Any]:
    """A text for each of `rows` that is equal for one certificate, "" where nothing tells the row apart; index of `rows`.

    `rows` are those of all editions of one layout and role, in the columns of EXPORT_ROWS and in any order. Rows are one certificate if
    they share any of the names by which `fold` knows it (fingerprint; issuer and serial; serial and days), or, without an issuer, serial
    and last day. A row without fingerprint and serial is known by its order and first day, else by its names and end; if it is issued
    and exactly one certificate has these, it is that one. Otherwise it is one with the rows of its own kind.
    """
    numbers = rows.groupby(_FACTS, sort=True, dropna=False).ngroup().to_numpy()
    positions = pd.Series(range(len(rows))).groupby(numbers).first()
    names = _names(rows.iloc[positions].reset_index(drop=True))
    return pd.Series([names[number] for number in numbers], index=rows.index, dtype="str")


def _names(rows: pd.DataFrame) -> list[str]:
    """The text for each of `rows`, all of which differ."""
    fingerprints, by_issuer, by_dates = fold.keys(rows)
    loose = zip(rows["issuer"], rows["serial"], day_keys(rows["valid_to"]), strict=True)
    by_end = [f"{serial} to {end}" if serial and end and not issuer else "" for issuer, serial, end in loose]
    groups = fold.joined(fingerprints, [True] * len(rows), (fingerprints, by_issuer, by_dates, by_end))
    is_told = [bool(fingerprint or serial) for fingerprint, serial in zip(fingerprints, rows["serial"], strict=True)]
    by_order, by_span = _weak_names(rows)
    homes: dict[str, set[int]] = {}
    for row, group in enumerate(groups):
        if is_told[row]:
            for name in (by_order[row], by_span[row]):
                homes.setdefault(name, set()).add(group)
    is_issued = (~rows["status"].isin(fold.NOT_ISSUED)).tolist()
    found = []
    for row, group in enumerate(groups):
        weak = by_order[row] or by_span[row]
        fitting = homes.get(weak, set()) if is_issued[row] and _is_dated(weak) else set()
        if is_told[row] or len(fitting) == 1:
            found.append(f"certificate {group if is_told[row] else min(fitting):09d}")
        else:
            found.append(weak)
    return found


def _weak_names(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Order and first day, and names and end, of each row; "" where the order, or the names or the end, are not known."""
    begins, ends = day_keys(rows["valid_from_on"]), day_keys(rows["valid_to"])
    by_order = [f"order {order} from {begin}" if order else "" for order, begin in zip(rows["order_id"], begins, strict=True)]
    spans = zip(rows["subject_alternative_names"], ends, strict=True)
    return by_order, [f"names {names} to {end}" if names and end else "" for names, end in spans]


def _is_dated(weak: str) -> bool:
    """Whether a weak name holds a day: an order without one may be any of its certificates."""
    return weak != "" and not weak.endswith("from ")
