"""Laws of what people decide: for any list of decisions no cent is taken off twice, and no decision gets lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import chargeback
from tests.orders import CHARGES, PREMIUM, adjusted, charged, close, day, decided, decision

kinds = st.sampled_from(("waiver", "credit", "charge", "memo"))
LEDGER = charged(*CHARGES).table
ENTRIES = LEDGER["entry_id"].tolist()


@st.composite
def decisions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to eight decisions about a few orders and entries, some of which cannot be posted."""
    return [
        decision(
            number,
            kind=draw(kinds),
            agency=draw(st.sampled_from(("PARKS", "PARKS", "ROADS", "TOLLS"))),
            order_id=draw(st.sampled_from(("A", "A", "B", "C", "OLD", "Z", ""))),
            ledger_entry=draw(st.sampled_from(("", "", *ENTRIES))),
            amount_cents=draw(st.integers(0, PREMIUM + 1)),
            approved_on=draw(st.sampled_from([None, *(day(text) for text in ("2026-08-01", "2026-09-30", "2026-10-01", "2026-12-01"))])),
        )
        for number in range(draw(st.integers(0, 8)))
    ]


@given(decisions())
def test_no_entry_and_no_order_is_ever_taken_off_more_than_it_charged(told: list[dict[str, Any]]) -> None:
    ledger = adjusted(*told).table
    named = ledger[(ledger["order_id"] != "")].groupby("order_id")["amount_cents"].sum()
    assert (named >= 0).all()
    taken = ledger[(ledger["adjusts"] != "") & (ledger["amount_cents"] < 0)].groupby("adjusts")["amount_cents"].sum()
    reversed_ = ledger[ledger["reverses"] != ""].groupby("reverses")["amount_cents"].sum()
    amounts = ledger.set_index("entry_id")["amount_cents"]
    assert all(amounts[entry] + cents + reversed_.get(entry, 0) >= 0 for entry, cents in taken.items())


@given(decisions())
def test_each_decision_is_posted_once_or_is_one_finding_and_the_rest_of_the_ledger_stands(told: list[dict[str, Any]]) -> None:
    stage = adjusted(*told)
    by_rule = stage.table[stage.table["adjustment"] == ""].reset_index(drop=True)
    assert LEDGER.equals(by_rule)
    decided = stage.table[stage.table["adjustment"] != ""]
    found = sorted([*decided["adjustment"], *(f"D-{finding.source - 900}" for finding in stage.findings)])
    assert sorted(row["id"] for row in told) == found
    moved = {row["id"]: row["amount_cents"] for row in told}
    columns = decided[["adjustment", "decision", "amount_cents", "memo_cents"]]
    for name, kind, cents, memo in columns.itertuples(index=False, name=None):
        sign = {"waiver": -1, "credit": -1, "charge": 1, "memo": 0}[kind]
        assert (sign * moved[name], moved[name] if kind == "memo" else None) == (cents, None if pd.isna(memo) else memo)


@given(decisions(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_and_a_second_reading_change_nothing(told: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)
    assert adjusted(*told).table.equals(adjusted(*shuffled).table)


@given(decisions())
def test_invoices_are_the_ledger_with_its_decisions(told: list[dict[str, Any]]) -> None:
    ledger = adjusted(*told).table
    invoices = chargeback.invoices(ledger)
    assert (ledger["amount_cents"].sum(), len(ledger)) == (invoices["amount_cents"].sum(), invoices["lines"].sum())
    key = ["billed_to", "account_id", "period"]
    by_invoice = invoices.rename(columns={"agency": "billed_to"}).set_index(key)["amount_cents"]
    assert ledger.groupby(key)["amount_cents"].sum().to_dict() == by_invoice.to_dict()


@settings(max_examples=settings.default.max_examples // 5)  # an example closes two months and takes five times as long as the others
@given(decisions(), decisions(), st.sets(st.integers(0, 7)))
def test_no_order_is_taken_off_more_than_it_charged_though_decisions_are_deleted_after_their_close_and_entered_again(
    told: list[dict[str, Any]], later: list[dict[str, Any]], kept: set[int]
) -> None:
    first = adjusted(*told).table
    closed = close(first, "FY2027-P04", close(first, "FY2027-P03"))
    again = [{**row, "id": f"E-{row['source']}"} for row in later]
    on_file = [row for number, row in enumerate(told) if number in kept] + again
    _, second = decided(CHARGES, on_file, closed)
    of_orders = second.table[second.table["order_id"] != ""].groupby("order_id")["amount_cents"].sum()
    assert (of_orders >= 0).all()
    taken_off = (second.table["adjusts"] != "") & second.table["decision"].isin(["waiver", "credit"])
    off = second.table[taken_off].groupby("adjusts")["amount_cents"].sum()
    amounts = second.table.set_index("entry_id")["amount_cents"]
    assert all(amounts[entry] + cents >= 0 for entry, cents in off.items() if cents)
