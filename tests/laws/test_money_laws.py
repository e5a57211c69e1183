"""Laws of the money that hold for any year of events: no cent lost, none billed twice, and no order of the rows that matters."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import chargeback, lots, rates
from pipeline.lots import Drawn
from pipeline.settings import Settings
from tests import orders
from tests.orders import certificate, charged, day, lot

law = settings(max_examples=10, deadline=None, derandomize=True)

AS_OF = day("2028-12-31")
TERM = 365
RATES = (("2025-07-01", 20_000, 54_200), ("2026-07-01", 22_119, 54_200), ("2027-07-01", 25_050, 60_001))
OFFICE = Settings.model_validate(
    {
        "rate": [
            {"tier": tier, "amount": f"{cents / 100:.2f}", "since": day(since)}
            for since, *both in RATES
            for tier, cents in zip(("standard", "premium"), both, strict=True)
        ],
        "charges": {"begin": day("2025-07-01")},
    },
    strict=False,
)
# Edges: the fiscal years, a leap day, the days around `begin`, the last day of a term and the first of the next.
EDGES = ("2025-06-30", "2025-07-01", "2026-06-30", "2026-07-01", "2027-06-30", "2027-07-01", "2028-02-28", "2028-02-29", "2028-03-01")
days = st.sampled_from([day(text) for text in EDGES]) | st.dates(day("2025-05-01"), AS_OF)
lives = st.sampled_from([None, None, 0, 1, 29, 30, 31, 90])


@st.composite
def events(draw: st.DrawFn, agencies: tuple[str, ...] = ("PARKS", "ROADS", "WATER", "")) -> list[dict[str, Any]]:
    """A few years of certificates: some of one order, some alike without a number, some revoked, a few that nobody can be charged for."""
    told = []
    for number in range(1, draw(st.integers(1, 24)) + 1):
        on, life, order = draw(days), draw(lives), draw(st.sampled_from(("A", "B", "C", "D", "", "")))
        names = draw(st.sampled_from(("a.example.gov", f"host{number}.example.gov")))
        facts: dict[str, Any] = {
            "order_id": order,
            "tier": draw(st.sampled_from(("standard", "standard", "premium", ""))),
            "agency": draw(st.sampled_from(agencies)),
            "subject_alternative_names": names,
            "valid_to": pd.Timestamp("2029-06-30T23:59:59Z"),
            "revoked_on": None if life is None else on + dt.timedelta(days=life),
        }
        told.append(certificate(number, on, **facts))
    return told


def books(told: list[dict[str, Any]], as_of: dt.date = AS_OF) -> pd.DataFrame:
    return charged(*told, by=OFFICE, as_of=as_of).table


def rate(tier: str, on: dt.date) -> int:
    """The rate by reading the list from the top: written apart from the rate card."""
    cents = [both[("standard", "premium").index(tier)] for since, *both in RATES if day(since) <= on]
    return cents[-1]


def told_by_hand(told: list[dict[str, Any]]) -> Counter[tuple[dt.date, int]]:
    """Day and cents of every charge of the numbered orders, free reissues included, by the plainest walk there is."""
    expected: Counter[tuple[dt.date, int]] = Counter()
    for order in {facts["order_id"] for facts in told} - {""}:
        of_order = sorted((facts for facts in told if facts["order_id"] == order), key=lambda facts: (facts["service_on"], facts["source"]))
        paid_until = dt.date.min
        for facts in of_order:
            on, payable = facts["service_on"], bool(facts["agency"] and facts["tier"])
            if on < day("2025-07-01"):
                paid_until = max(paid_until, on + dt.timedelta(days=TERM)) if on >= paid_until else paid_until
            elif on < paid_until:
                expected[on, 0] += payable
            elif payable:
                expected[on, rate(facts["tier"], on)] += 1
                paid_until = on + dt.timedelta(days=TERM)
    return +expected


@law
@given(events())
def test_every_certificate_of_an_order_is_charged_once_at_the_rate_of_its_day(told: list[dict[str, Any]]) -> None:
    ledger = books(told)
    charges = ledger[(ledger["kind"] == "charge") & (ledger["order_id"] != "")]
    assert told_by_hand(told) == Counter(zip(charges["service_on"].dt.date, charges["amount_cents"], strict=True))


@law
@given(events())
def test_the_ledger_is_its_rates_differences_and_credits_and_the_invoices_are_the_ledger(told: list[dict[str, Any]]) -> None:
    ledger = books(told)
    paid = ledger[(ledger["kind"] == "charge") & (ledger["amount_cents"] != 0)]
    by_rate = sum(rate(tier, on) for tier, on in zip(paid["tier"], paid["service_on"].dt.date, strict=True))
    others = ledger.loc[ledger["kind"] != "charge", "amount_cents"].sum()
    invoices = chargeback.invoices(ledger)
    assert by_rate + others == ledger["amount_cents"].sum() == invoices["amount_cents"].sum()
    assert len(ledger) == invoices["lines"].sum()
    per_invoice = ledger.groupby(["billed_to", "account_id", "period"])["amount_cents"].sum()
    assert per_invoice.to_dict() == invoices.set_index(["agency", "account_id", "period"])["amount_cents"].to_dict()


@law
@given(events(), st.randoms(use_true_random=False))
def test_neither_a_second_run_nor_the_order_of_rows_and_files_changes_anything(told: list[dict[str, Any]], random: Any) -> None:
    shuffled = [dict(facts) for facts in told]
    random.shuffle(shuffled)
    for place, facts in enumerate(shuffled, start=500):
        facts["certificate"] = f"{facts['issuer']}/{facts['serial']}"
        facts["source"] = place
    again = books(shuffled).drop(columns=["source", "certificate"])
    assert books(told).drop(columns=["source", "certificate"]).equals(again)


@law
@given(events(), st.data())
def test_certificate_files_that_arrive_later_bill_nothing_again(told: list[dict[str, Any]], data: st.DataObject) -> None:
    seen = [
        {**facts, "issuer_in_file": "CN=Other", "names_in_file": f"x{number}", "valid_from_in_file": pd.Timestamp("2025-01-01", tz="UTC")}
        if data.draw(st.booleans())
        else facts
        for number, facts in enumerate(told)
    ]
    assert books(told).drop(columns="certificate").equals(books(seen).drop(columns="certificate"))


@law
@given(events(), days)
def test_what_was_charged_by_a_day_stands_on_every_later_day(told: list[dict[str, Any]], as_of: dt.date) -> None:
    before, after = books(told, as_of), books(told)
    charges = before[before["kind"] != "credit"].set_index("entry_id")["amount_cents"].to_dict()
    assert charges.items() <= after.set_index("entry_id")["amount_cents"].to_dict().items()


@law
@given(events())
def test_a_credit_takes_back_one_amount_exactly_once_and_within_the_days(told: list[dict[str, Any]]) -> None:
    ledger = books(told).set_index("entry_id")
    credits = ledger[ledger["kind"] == "credit"]
    taken_back = ledger.loc[credits["reverses"]]
    assert credits["reverses"].is_unique
    assert (-taken_back["amount_cents"]).tolist() == credits["amount_cents"].tolist()
    assert (taken_back["agency"].tolist(), taken_back["tier"].tolist()) == (credits["agency"].tolist(), credits["tier"].tolist())
    charges = taken_back["kind"].to_numpy() == "charge"
    waited = (credits["service_on"].to_numpy() - taken_back["service_on"].to_numpy())[charges].astype("timedelta64[D]").astype(int)
    assert all(0 <= gone <= 30 for gone in waited)


@law
@given(days, st.sampled_from(("standard", "premium")), lives.filter(lambda life: life is not None))
def test_thirty_days_are_the_border_of_a_refund(on: dt.date, tier: str, life: int) -> None:
    ledger = books([certificate(1, on, tier=tier, revoked_on=on + dt.timedelta(days=life))])
    begun, known = on >= day("2025-07-01"), on + dt.timedelta(days=life) <= AS_OF
    assert (life <= 30 and known and begun) == (ledger["amount_cents"].sum() == 0 and len(ledger) == 2)


@law
@given(days, st.sampled_from(("standard", "premium")))
def test_exactly_one_rate_holds_on_every_day(on: dt.date, tier: str) -> None:
    card = rates.rate_card(OFFICE)
    in_force = [line for line in OFFICE.rate if line.tier == tier and line.since <= on]
    assert (max(in_force, key=lambda line: line.since).cents if in_force else None) == card.on(tier, on)


@law
@given(events())
def test_after_an_upgrade_exactly_the_dearer_rate_of_its_day_is_paid(told: list[dict[str, Any]]) -> None:
    ledger = books(told).set_index("entry_id")
    for charge, upgrades in ledger[ledger["kind"] == "adjustment"].groupby("amends"):
        last = upgrades.sort_values("service_on").iloc[-1]
        if ledger.loc[charge, "amount_cents"]:
            paid = ledger.loc[charge, "amount_cents"] + upgrades["amount_cents"].sum()
            assert rate(last["tier"], last["service_on"].date()) == last["rate_cents"] == paid


@law
@given(events())
def test_what_waits_for_an_agency_is_what_its_answer_adds_to_the_books(told: list[dict[str, Any]]) -> None:
    """Order by order; where the answer moves a charge to an earlier day with a lower rate, nothing waits."""
    numbered = [facts | {"tier": facts["tier"] or "standard"} for facts in told if facts["order_id"]]
    now = charged(*numbered, by=OFFICE, as_of=AS_OF)
    answered = books([facts | {"agency": facts["agency"] or "PARKS"} for facts in numbered])
    sums = [table.groupby("order_id")["amount_cents"].sum().to_dict() for table in (now.table, answered)]
    more = sum(max(cents - sums[0].get(order, 0), 0) for order, cents in sums[1].items())
    assert (more, more) == (int(now.waiting["least_cents"].sum()), int(now.waiting["most_cents"].sum()))


@law
@given(events(agencies=("PARKS", "ROADS", "WATER")), days)
def test_a_merger_moves_what_is_billed_and_loses_nothing(told: list[dict[str, Any]], last_day: dt.date) -> None:
    apart = books(told)
    merged_away = {"agency": "WATER", "account_id": "W", "valid_to": last_day, "successor": "ROADS"}
    to = orders.agencies(merged_away, {"agency": "ROADS", "account_id": "R"}, {"agency": "PARKS", "account_id": "P"})
    merged = charged(*told, by=OFFICE, to=to, as_of=AS_OF).table
    assert apart.set_index("entry_id")["amount_cents"].to_dict() == merged.set_index("entry_id")["amount_cents"].to_dict()
    totals = [frame.groupby("period")["amount_cents"].sum().to_dict() for frame in (apart, merged, chargeback.invoices(merged))]
    assert totals[0] == totals[1] == totals[2]
    assert apart["agency"].equals(merged["agency"])
    moved = merged["billed_to"] != merged["agency"]
    assert {("WATER", "ROADS")} >= set(zip(merged.loc[moved, "agency"], merged.loc[moved, "billed_to"], strict=True))


# lots


@st.composite
def purchases(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lots of both tiers, bought over the years, some of which expire and some of which the vendor takes units back for."""
    rows = []
    for number in range(draw(st.integers(0, 5))):
        bought = draw(days)
        expires = draw(st.sampled_from((None, 0, 200, 900)))
        rows.append(
            lot(
                f"L{number}",
                bought.isoformat(),
                draw(st.integers(1, 4)),
                draw(st.integers(0, 100_001)),
                tier=draw(st.sampled_from(("standard", "premium"))),
                units_expire_on=None if expires is None else bought + dt.timedelta(days=expires),
                returns_on_refund=draw(st.booleans()),
            )
        )
    return rows


def drawn(ledger: pd.DataFrame, rows: list[dict[str, Any]]) -> Drawn:
    return lots.draw(ledger, orders.lots(*rows), OFFICE, AS_OF)


@law
@given(events(), purchases())
def test_every_charge_draws_one_unit_or_is_a_finding_and_every_unit_is_accounted_for(
    told: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    result = drawn(books(told), rows)
    asks = result.ledger[(result.ledger["amount_cents"] > 0)]
    with_unit = asks[asks["lot_id"] != ""]
    assert with_unit["lot_id"].value_counts().to_dict() == result.lots.set_index("lot_id")["drawn"].loc[lambda units: units > 0].to_dict()
    assert (len(with_unit) < len(asks)) == any(finding.code == "lot-exhausted" for finding in result.findings)
    table = result.lots
    assert (table["remaining"] >= 0).all()
    assert (table["quantity"] - table["drawn"] + table["returned"] - table["expired_unused"]).equals(table["remaining"])
    assert result.ledger["unit_cost_cents"].sum() == table["drawn_cost_cents"].sum()
    assert (table["drawn_cost_cents"] <= table["total_cost_cents"]).all()


@law
@given(st.lists(days, min_size=1, max_size=10), purchases())
def test_units_go_first_in_first_out_and_a_whole_lot_costs_its_price(charges: list[dt.date], rows: list[dict[str, Any]]) -> None:
    told = [certificate(number, on) for number, on in enumerate(charges, start=1) if on >= day("2025-07-01")]
    result = drawn(books(told), rows)
    supply = {row["lot_id"]: row for row in rows if row["tier"] == "standard"}
    free = {name: row["quantity"] for name, row in supply.items()}
    ledger = result.ledger
    for on, lot_id in zip(ledger["service_on"].dt.date, ledger["lot_id"], strict=True):
        fit = [
            (row["purchased_on"], name)
            for name, row in supply.items()
            if free[name] and row["purchased_on"] <= on <= (row["units_expire_on"] or dt.date.max)
        ]
        assert (min(fit)[1] if fit else "") == lot_id
        if lot_id:
            free[lot_id] -= 1
    for name, row in supply.items():
        costs = ledger.loc[ledger["lot_id"] == name, "unit_cost_cents"]
        assert set(costs) <= {row["total_cost_cents"] // row["quantity"], -(-row["total_cost_cents"] // row["quantity"])}
        if free[name] == 0:
            assert row["total_cost_cents"] == costs.sum()


@law
@given(events(), purchases(), st.randoms(use_true_random=False))
def test_the_order_of_lots_and_entries_does_not_matter(told: list[dict[str, Any]], rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    ledger = books(told)
    one, other = drawn(ledger, rows), drawn(ledger.sample(frac=1, random_state=1), shuffled)
    assert one.ledger.equals(other.ledger.sort_values(["period", "service_on", "entry_id"], ignore_index=True))
    assert one.lots.equals(other.lots)


@law
@given(events(), purchases(), st.data())
def test_a_lot_that_is_opened_in_mid_life_has_the_same_units_at_the_same_price(
    told: list[dict[str, Any]], rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    openings = [(row["lot_id"], data.draw(st.integers(0, row["quantity"]))) for row in rows]
    result = lots.draw(books(told), orders.lots(*rows), OFFICE, AS_OF, orders.lot_openings(*openings))
    table = result.lots.set_index("lot_id")
    bought_before = {row["lot_id"] for row in rows if row["purchased_on"] < day("2025-07-01")}
    before = {name: table.loc[name, "quantity"] - left if name in bought_before else 0 for name, left in openings}
    assert before == table["drawn_before"].to_dict()
    asks = result.ledger[(result.ledger["lot_id"] != "") & (result.ledger["kind"] != "credit")]
    assert all(table.loc[name, "drawn"] == before[name] + int((asks["lot_id"] == name).sum()) for name in before)
    assert (table["remaining"] >= 0).all()
    assert result.ledger["unit_cost_cents"].sum() + table["cost_before_cents"].sum() == table["drawn_cost_cents"].sum()
    used_up = table[table["drawn"] - table["returned"] == table["quantity"]]
    assert (used_up["drawn_cost_cents"] == used_up["total_cost_cents"]).all()
