"""The same certificate in several editions of one export: month after month its row may tell more, or spell its issuer otherwise.

Here a row replaces another one, so the rules are narrower than those of `fold`, where rows only add to one another: one layout, one role.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
    return pd.Series(pd.array(names, dtype="str").take(numbers), index=rows.index)


def _names(rows: pd.DataFrame) -> list[str]:
    """The text for each of `rows`, all of which differ."""
    groups = _groups(rows)
    is_told = ((rows["fingerprint_sha256"] != "") | (rows["serial"] != "")).to_numpy(dtype=bool)
    found = [f"certificate {group:09d}" for group in groups]
    untold = np.flatnonzero(~is_told).tolist()
    weak = dict(zip(untold, _weak_names(rows.iloc[untold]), strict=True))
    homes = _homes(rows, groups, is_told, {by_order or by_span for by_order, by_span in weak.values()} - {""})
    is_issued = ~rows["status"].isin(fold.NOT_ISSUED)
    for row, (by_order, by_span) in weak.items():
        name = by_order or by_span
        fitting = homes.get(name, set()) if is_issued[row] and _is_dated(name) else set()
        found[row] = f"certificate {min(fitting):09d}" if len(fitting) == 1 else name
    return found


def _groups(rows: pd.DataFrame) -> list[int]:
    """For each row the number of the first row of its certificate. All names by which `fold` knows one hold its fingerprint or its serial,
    so only rows that share either with another are compared."""
    serials = pd.Series(fold.serial_keys(rows["serial"]), index=rows.index, dtype="str")
    shared = [(names != "") & names.duplicated(keep=False) for names in (rows["fingerprint_sha256"], serials)]
    places = np.flatnonzero(shared[0] | shared[1])
    some = rows.iloc[places]
    fingerprints, by_issuer, by_dates = fold.keys(some)
    loose = zip(some["issuer"].tolist(), some["serial"].tolist(), day_keys(some["valid_to"]), strict=True)
    by_end = [f"{serial} to {end}" if serial and end and not issuer else "" for issuer, serial, end in loose]
    groups = np.arange(len(rows))
    groups[places] = places[fold.joined(fingerprints, [True] * len(some), (fingerprints, by_issuer, by_dates, by_end))]
    return [int(group) for group in groups]


def _homes(rows: pd.DataFrame, groups: list[int], is_told: npt.NDArray[np.bool_], weak: set[str]) -> dict[str, set[int]]:
    """For each of the names `weak` the certificates that rows with a fingerprint or a serial have under it."""
    homes: dict[str, set[int]] = {}
    told = np.flatnonzero(is_told & _may_share(rows, ~is_told))
    for row, names in zip(told.tolist(), _weak_names(rows.iloc[told]), strict=True):
        for name in weak.intersection(names):
            homes.setdefault(name, set()).add(groups[row])
    return homes


def _may_share(rows: pd.DataFrame, untold: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which rows have the order or the names of one of those `untold`: no other one can have its weak name."""
    may = np.zeros(len(rows), dtype=bool)
    for name in ("order_id", "subject_alternative_names"):
        texts = pa.array(rows[name])
        wanted = pc.unique(texts.filter(pa.array(untold)))
        is_in = pc.and_(pc.is_in(texts, wanted), pc.not_equal(texts, ""))
        may |= np.asarray(is_in.to_numpy(zero_copy_only=False), dtype=bool)
    return may


def _weak_names(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Order and first day, and names and end, of each row; "" where the order, or the names or the end, are not known."""
    begins, ends = day_keys(rows["valid_from_on"]), day_keys(rows["valid_to"])
    told = zip(rows["order_id"].tolist(), begins, rows["subject_alternative_names"].tolist(), ends, strict=True)
    return [
        (f"order {order} from {begin}" if order else "", f"names {names} to {end}" if names and end else "")
        for order, begin, names, end in told
    ]


def _is_dated(weak: str) -> bool:
    """Whether a weak name holds a day: an order without one may be any of its certificates."""
    return weak != "" and not weak.endswith("from ")
