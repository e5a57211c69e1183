"""Further laws of the charges: places and names, terms and reissues, upgrades, late evidence, and what waits for an answer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.years import AS_OF, BEGIN, CODES, OFFICE, TERM, Told, books, events, rate
from tests.orders import charged

# Columns of the ledger that name certificates.
NAMES = ["certificate", "paid_before"]


def told_by_hand(told: Told) -> Counter[tuple[dt.date, int]]:
    """Day and cents of every charge of the numbered orders, free reissues included, by the plainest walk there is."""
    expected: Counter[tuple[dt.date, int]] = Counter()
    for order in {facts["order_id"] for facts in told} - {""}:
        of_order = sorted((facts for facts in told if facts["order_id"] == order), key=lambda facts: (facts["service_on"], facts["source"]))
        paid_until = dt.date.min
        for facts in of_order:
            on, payable = facts["service_on"], bool(facts["agency"] and facts["tier"])
            if on < BEGIN:
                paid_until = max(paid_until, on + dt.timedelta(days=TERM)) if on >= paid_until else paid_until
            elif on < paid_until:
                expected[on, 0] += payable
            elif payable and (cents := rate(facts["tier"], on)) is not None:
                expected[on, cents] += 1
                paid_until = on + dt.timedelta(days=TERM)
    return +expected


def law_every_certificate_of_an_order_is_charged_once_at_the_rate_of_its_day(told: Told, ledger: pd.DataFrame) -> None:
    charges = ledger[(ledger["kind"] == "charge") & (ledger["order_id"] != "")]
    assert told_by_hand(told) == Counter(zip(charges["service_on"].dt.date, charges["amount_cents"], strict=True))


def law_after_an_upgrade_exactly_the_dearer_rate_of_its_day_is_paid(ledger: pd.DataFrame) -> None:
    by_entry = ledger.set_index("entry_id")
    for charge, upgrades in by_entry[by_entry["kind"] == "adjustment"].groupby("amends"):
        last = upgrades.sort_values("service_on", kind="stable").iloc[-1]
        assert (upgrades["amount_cents"] >= 0).all()
        if by_entry.loc[charge, "amount_cents"] and last["amount_cents"]:
            paid = by_entry.loc[charge, "amount_cents"] + upgrades["amount_cents"].sum()
            assert rate(last["tier"], last["service_on"].date()) == last["rate_cents"] == paid


def law_certificate_files_that_arrive_later_bill_nothing_again(told: Told, ledger: pd.DataFrame, chance: Any) -> None:
    seen = [
        {**facts, "issuer_in_file": "CN=Other", "names_in_file": f"x{number}", "valid_from_in_file": pd.Timestamp("2025-01-01", tz="UTC")}
        if chance.random() < 0.5
        else facts
        for number, facts in enumerate(told)
    ]
    assert ledger.drop(columns=NAMES).equals(books(seen).drop(columns=NAMES))


def law_04_the_places_of_the_rows_and_the_names_of_certificates_name_no_entry(told: Told, ledger: pd.DataFrame, chance: Any) -> None:
    moved = [dict(facts) for facts in told]
    chance.shuffle(moved)
    for place, facts in enumerate(moved, start=500):
        facts["certificate"] = f"{facts['issuer']}/{facts['serial']}"
        facts["source"] = place
    assert ledger.drop(columns=["source", *NAMES]).equals(books(moved).drop(columns=["source", *NAMES]))


@given(events(), st.randoms(use_true_random=False))
def test_the_laws_of_charges_hold_for_any_years(told: Told, chance: Any) -> None:
    """All on the same ledger, which takes longer to draw up than to be looked at."""
    ledger = books(told)
    law_every_certificate_of_an_order_is_charged_once_at_the_rate_of_its_day(told, ledger)
    law_after_an_upgrade_exactly_the_dearer_rate_of_its_day_is_paid(ledger)
    law_certificate_files_that_arrive_later_bill_nothing_again(told, ledger, chance)
    law_04_the_places_of_the_rows_and_the_names_of_certificates_name_no_entry(told, ledger, chance)


@given(events(tiers=("standard", "standard", "premium")))
def test_what_waits_for_an_agency_is_what_its_answer_adds_to_the_books(told: Told) -> None:
    """Order by order; where the answer moves a charge to an earlier day with a lower rate, nothing waits."""
    numbered = [facts for facts in told if facts["order_id"]]
    now = charged(*numbered, by=OFFICE, as_of=AS_OF)
    answered = books([facts | {"agency": facts["agency"] or CODES[0]} for facts in numbered])
    sums = [table.groupby("order_id")["amount_cents"].sum().to_dict() for table in (now.table, answered)]
    more = sum(max(cents - sums[0].get(order, 0), 0) for order, cents in sums[1].items())
    assert (more, more) == (int(now.waiting["least_cents"].sum()), int(now.waiting["most_cents"].sum()))
