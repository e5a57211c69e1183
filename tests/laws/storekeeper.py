"""Law 8 of the money as a storekeeper knows it: each charge draws one unit, units go first in first out, and each is accounted for."""

from __future__ import annotations

import random
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from tests.laws.years import BEGIN, Accounts, Told, Years, drawn

Unit = tuple[str, int]
TURN = {"charge": 0, "adjustment": 1, "credit": 2, "memo": 3}


def price(lot: dict[str, Any], number: int) -> int:
    """The cents of unit `number` of a lot, by decimal fractions: the price of the first so many units less that of one fewer."""
    shares = [Decimal(lot["total_cost_cents"] * units) / lot["quantity"] for units in (number, number - 1)]
    first, before = (int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP)) for share in shares)
    return first - before


class Shelf:
    """The units of all lots, each by its lot and number: a storekeeper who only knows the words of the rule."""

    def __init__(self, lots: Told, openings: Any) -> None:
        self.lots = {row["lot_id"]: row for row in lots}
        left = {lot_id: units for lot_id, units in openings if lot_id in self.lots and self.lots[lot_id]["purchased_on"] < BEGIN}
        self.before = {lot_id: row["quantity"] - left.get(lot_id, row["quantity"]) for lot_id, row in self.lots.items()}
        self.free = {
            (lot_id, number) for lot_id, row in self.lots.items() for number in range(self.before[lot_id] + 1, row["quantity"] + 1)
        }
        self.held: dict[str, Unit] = {}
        self.drawn: Counter[str] = Counter(self.before)
        self.returned: Counter[str] = Counter()
        self.cents = Counter({lot_id: sum(price(row, n) for n in range(1, self.before[lot_id] + 1)) for lot_id, row in self.lots.items()})

    def take(self, tier: str, on: Any) -> Unit | None:
        fit = [
            (self.lots[lot_id]["purchased_on"], lot_id, number)
            for lot_id, number in self.free
            if self.lots[lot_id]["tier"] == tier
            and self.lots[lot_id]["purchased_on"] <= on
            and (self.lots[lot_id]["units_expire_on"] is None or on <= self.lots[lot_id]["units_expire_on"])
        ]
        if not fit:
            return None
        _, lot_id, number = min(fit)
        self.free.remove((lot_id, number))
        self.drawn[lot_id] += 1
        self.cents[lot_id] += price(self.lots[lot_id], number)
        return lot_id, number

    def give_back(self, unit: Unit) -> None:
        if self.lots[unit[0]]["returns_on_refund"]:
            self.free.add(unit)
            self.returned[unit[0]] += 1
            self.cents[unit[0]] -= price(self.lots[unit[0]], unit[1])

    def post(self, ledger: pd.DataFrame) -> dict[str, str]:
        """Draw what the ledger asks for; the lot of each entry that asked, "" where there was no unit."""
        lines = sorted(
            ledger.to_dict("records"), key=lambda line: (line["period"], line["service_on"], TURN[line["kind"]], line["entry_id"])
        )
        found = {}
        for line in lines:
            name = line["amends"] or line["entry_id"]
            if (line["kind"] == "charge" and line["amount_cents"]) or line["amends"]:
                unit = self.take(line["tier"], line["service_on"].date())
                found[line["entry_id"]] = unit[0] if unit else ""
                if unit:
                    if name in self.held:
                        self.give_back(self.held[name])
                    self.held[name] = unit
            elif line["kind"] == "credit" and line["reverses"] in self.held:
                self.give_back(self.held[line["reverses"]])
        return found


def law_08_units_go_first_in_first_out_as_a_storekeeper_counts_them_by_hand(given_: Years, found: Accounts) -> None:
    shelf = Shelf(given_.lots, given_.openings)
    lot_of = shelf.post(found.ledger)
    asked = found.ledger[found.ledger["entry_id"].isin(list(lot_of))]
    assert lot_of == dict(zip(asked["entry_id"], asked["lot_id"], strict=True))
    table = found.drawn.lots.set_index("lot_id")
    for lot_id in shelf.lots:
        expected = (shelf.before[lot_id], shelf.drawn[lot_id], shelf.returned[lot_id], shelf.cents[lot_id])
        assert expected == tuple(table.loc[lot_id, ["drawn_before", "drawn", "returned", "drawn_cost_cents"]])


def law_08_every_charge_draws_one_unit_or_is_a_finding_and_every_unit_is_accounted_for(found: Accounts) -> None:
    ledger, table = found.ledger, found.drawn.lots
    asks = ledger[((ledger["kind"] == "charge") & (ledger["amount_cents"] > 0)) | (ledger["amends"] != "")]
    with_unit = asks[asks["lot_id"] != ""]
    drew = with_unit["lot_id"].value_counts().to_dict()
    assert (table["drawn"] - table["drawn_before"]).tolist() == [drew.get(lot_id, 0) for lot_id in table["lot_id"]]
    assert (len(with_unit) < len(asks)) == any(finding.code == "lot-exhausted" for finding in found.drawn.findings)
    assert (table["remaining"] >= 0).all()
    assert (table["quantity"] - table["drawn"] + table["returned"] - table["expired_unused"]).equals(table["remaining"])
    assert ledger["unit_cost_cents"].sum() == (table["drawn_cost_cents"] - table["cost_before_cents"]).sum()
    assert (table["drawn_cost_cents"] <= table["total_cost_cents"]).all()
    no_unit_left = table["drawn"] - table["returned"] == table["quantity"]
    assert table.loc[no_unit_left, "drawn_cost_cents"].equals(table.loc[no_unit_left, "total_cost_cents"])
    money = ["entry_id", "amount_cents", "billed_to", "period"]
    assert found.decided.table[money].equals(ledger[money])


def law_08_the_order_of_lots_and_entries_does_not_matter(given_: Years, seed: int, found: Accounts) -> None:
    bought = random.Random(seed).sample(list(given_.lots), len(given_.lots))
    again = drawn(found.decided.table.sample(frac=1, random_state=seed), bought, given_.openings)
    assert found.ledger.sort_values("entry_id", ignore_index=True).equals(again.ledger.sort_values("entry_id", ignore_index=True))
    assert found.drawn.lots.equals(again.lots)
