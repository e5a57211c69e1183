"""Export rows that give neither serial nor fingerprint, such as those of a cloud inventory or of an order list: of which certificate they
are, by names and dates (DESIGN §6, "Join": the weakest evidence)."""

from __future__ import annotations

import pandas as pd

from pipeline.calendar import day_keys


class _Told:
    """What is known of a certificate that rows with a serial or a fingerprint tell of: its first days, its order numbers, and whether
    a billing row is among them."""

    def __init__(self) -> None:
        self.first_days: set[str] = set()
        self.orders: set[str] = set()
        self.is_billed = False


def homes(rows: pd.DataFrame, groups: list[int]) -> dict[int, int]:
    """Position of a row -> the group of the one certificate that it is of. `groups` numbers the certificate of each of `rows`.

    Concerned are rows without serial and fingerprint that cannot be charged by themselves: rows of an inventory, and billing rows
    without a first day. The certificate must have the same names and last day, the same first day where both are known, and, of two
    billing rows, the same order number; where several fit, the row stays by itself. To a billing row a certificate that only
    inventories tell of is none of the several, unless no billed one fits: an inventory must not keep two billing rows apart. Nor must it
    bring two together: of a certificate with a billing row only the names and days that a billing row gives count for another one.
    """
    told = ((rows["serial"] != "") | (rows["fingerprint_sha256"] != "")).tolist()
    is_billing = (rows["role"] == "billing").tolist()
    free = ((rows["role"] == "inventory") | (rows["valid_from"].isna() & rows["issued_on"].isna())).tolist()
    if not any(is_free and not is_told for is_free, is_told in zip(free, told, strict=True)):
        return {}
    begins, orders, keys = day_keys(rows["valid_from"]), rows["order_id"].tolist(), _keys(rows)
    known: dict[tuple[str, str], dict[int, _Told]] = {}
    for row, group in enumerate(groups):
        if told[row] and all(keys[row]):
            certificate = known.setdefault(keys[row], {}).setdefault(group, _Told())
            certificate.first_days |= {begins[row]} - {""}
            if is_billing[row]:
                certificate.orders |= {orders[row]} - {""}
                certificate.is_billed = True
    billed = {group for row, group in enumerate(groups) if told[row] and is_billing[row]}
    found: dict[int, int] = {}
    for row, is_told in enumerate(told):
        if is_told or not free[row]:
            continue
        order = orders[row] if is_billing[row] else ""
        fitting = {group: one for group, one in known.get(keys[row], {}).items() if _fits(one, begins[row], order)}
        if is_billing[row]:
            fitting = {group: one for group, one in fitting.items() if one.is_billed or group not in billed}
            if any(one.is_billed for one in fitting.values()):
                fitting = {group: one for group, one in fitting.items() if one.is_billed}
        if len(fitting) == 1:
            found[row] = next(iter(fitting))
    return found


def _fits(told: _Told, first_day: str, order: str) -> bool:
    same_begin = not first_day or not told.first_days or first_day in told.first_days
    return same_begin and (not order or not told.orders or order in told.orders)


def _keys(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Names, the common name among them, and last day; "" for what is not known."""
    names = [
        " ".join(sorted({*alternatives.split(), *common.lower().split()}))
        for alternatives, common in zip(rows["subject_alternative_names"], rows["common_name"], strict=True)
    ]
    return list(zip(names, day_keys(rows["valid_to"]), strict=True))
