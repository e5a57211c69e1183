"""The laws of the ledger that hold for any years of events: no cent lost, none billed twice, and no order of the rows that matters.

Their numbers are those of the list of fourteen laws of the money, each on a hundred examples or more. The months are open here; what
closing them must not change, `test_close_laws` has. Beancount comes to the same balances in both (`test_second_bookkeeper`).

1 invoices are the ledger, 2 the ledger is rates and credits, 12 recovery rolls forward, 14 mergers: `test_laws_01_...` below
3 one entry or one exception: `test_law_03_...` below; one invoice for each entry: `test_close_laws`
4 the order of rows: `test_laws_01_...`, their places: `test_charge_laws`, beside closed months: `test_close_laws`
5 a second run: no stage writes into what it is given, a later day adds: below; the close itself moves nothing: `test_close_laws`
6 closed months stand, 7 new postings in open ones: `test_close_laws`; 6 also when exports stop telling: `test_vanishing_laws`
8 units: `storekeeper`, below; what a lot of any price is split into: `test_lot_laws`; through corrections: `test_close_laws`
9 credits: below; what is taken back and billed anew: `test_close_laws`; decisions: `test_decision_laws`
10 one rate for a tier and day, one period for a day: below
11 the workbook: `test_invoice_book_laws`
13 split files: `test_import_laws`
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline import calendar, chargeback, encumbrances, journal, rates
from pipeline.contracts import ACCOUNTS, ESTIMATES
from pipeline.findings import Finding
from pipeline.settings import Settings
from tests import orders
from tests.laws.cost_keeper import (
    Spent,
    law_12_closing_is_the_next_opening_and_every_cent_is_in_one_row,
    law_12_the_order_of_entries_lots_and_lines_does_not_matter,
    recovered,
    spent,
)
from tests.laws.storekeeper import (
    law_08_every_charge_draws_one_unit_or_is_a_finding_and_every_unit_is_accounted_for,
    law_08_the_order_of_lots_and_entries_does_not_matter,
    law_08_units_go_first_in_first_out_as_a_storekeeper_counts_them_by_hand,
)
from tests.laws.years import (
    AGENCIES,
    AS_OF,
    BEGIN,
    OFFICE,
    Accounts,
    CameIn,
    Told,
    Years,
    account,
    books,
    came_in,
    cents_by,
    days,
    events,
    rate,
    settle,
    years,
)
from tests.orders import certificate, charged, day

EDGES = tuple(map(day, ("2026-06-30", "2026-07-01", "2028-02-28", "2028-02-29", "2028-03-01")))


def law_01_the_totals_of_the_invoices_are_the_ledger_by_month_agency_tier_and_year(
    given_: Years, found: Accounts, invoices: pd.DataFrame, recovery: pd.DataFrame
) -> None:
    ledger, invoices = found.ledger, invoices.rename(columns={"agency": "billed_to"})
    for keys in (["period"], ["billed_to", "fiscal_year"], ["period", "billed_to", "account_id"]):
        assert cents_by(ledger, *keys) == cents_by(invoices, *keys)
    assert len(ledger) == invoices["lines"].sum()
    # What has no column in an invoice is told by the tables that stand beside it.
    estimated = encumbrances.against_actual(ledger, ESTIMATES.empty(), orders.agencies(*given_.agencies), OFFICE, AS_OF).table
    booked = journal.journal(ledger, ACCOUNTS.empty(), estimated, OFFICE).table
    by_agency = estimated.set_index(["agency", "fiscal_year"])["billed_cents"]
    assert cents_by(ledger, "billed_to", "fiscal_year") == {key: cents for key, cents in by_agency.items() if cents}
    by_tier = (recovery["charged_cents"] + recovery["credited_cents"]).groupby([recovery["tier"], recovery["fiscal_year"]]).sum()
    assert cents_by(ledger, "tier", "fiscal_year") == {key: cents for key, cents in by_tier.items() if cents}
    owing = booked[booked["line"] % 2 == 1]
    by_account = (owing["debit_cents"] - owing["credit_cents"]).groupby([owing["account_id"], owing["tier"], owing["period"]]).sum()
    assert cents_by(ledger, "account_id", "tier", "period") == {key: cents for key, cents in by_account.items() if cents}


def law_02_the_ledger_is_the_rates_of_the_days_of_service_and_what_was_added_and_taken_off(found: Accounts) -> None:
    ledger = found.ledger
    paid = ledger[(ledger["kind"] == "charge") & (ledger["amount_cents"] != 0)]
    by_hand = [rate(tier, on) for tier, on in zip(paid["tier"], paid["service_on"].dt.date, strict=True)]
    assert by_hand == paid["amount_cents"].tolist() == paid["rate_cents"].tolist()
    assert [on.year + (on.month >= 7) for on in paid["service_on"]] == paid["rate_fiscal_year"].tolist()
    added = ledger.loc[ledger["kind"] == "adjustment", "amount_cents"].sum()
    credited = ledger.loc[ledger["kind"] == "credit", "amount_cents"].sum()
    assert sum(by_hand) + added + credited == ledger["amount_cents"].sum()
    assert not ledger.loc[ledger["kind"] == "memo", "amount_cents"].any()
    assert (ledger.loc[ledger["kind"] == "credit", "amount_cents"] <= 0).all()


def law_09_a_credit_takes_back_its_charge_exactly_once_and_within_the_days(found: Accounts) -> None:
    ledger = found.ledger.set_index("entry_id")
    credits = ledger[(ledger["kind"] == "credit") & (ledger["adjustment"] == "")]
    taken_back = ledger.loc[credits["reverses"]]
    assert credits["reverses"].is_unique
    assert (-taken_back["amount_cents"]).tolist() == credits["amount_cents"].tolist()
    for name in ("agency", "tier", "order_id"):
        assert taken_back[name].tolist() == credits[name].tolist()
    charges = taken_back["kind"].to_numpy() == "charge"
    waited = (credits["service_on"].to_numpy() - taken_back["service_on"].to_numpy())[charges].astype("timedelta64[D]").astype(int)
    assert all(0 <= gone <= OFFICE.charges.refund_days for gone in waited)


def law_09_no_decision_takes_off_more_than_was_charged(found: Accounts) -> None:
    ledger = found.ledger
    ordered = ledger[ledger["order_id"] != ""]
    assert all(cents >= 0 for cents in cents_by(ordered, "order_id").values())
    amounts = ledger.set_index("entry_id")["amount_cents"]
    off = ledger[ledger["decision"].isin(["waiver", "credit"]) & (ledger["takes_back"] == "")]
    assert not ((off["order_id"] == "") & (off["adjusts"] == "")).any()
    taken = Counter[str]()
    for entry, other, cents in zip(ledger["adjusts"], ledger["reverses"], ledger["amount_cents"], strict=True):
        if (entry or other) and cents < 0:
            taken[entry or other] -= cents
    assert all(cents <= amounts[entry] for entry, cents in taken.items())


anywhen = st.one_of(days, st.none(), st.dates(AS_OF, day("2029-03-01")))


@given(events(on=anywhen))
def test_law_03_every_certificate_has_one_entry_or_an_exception(told: Told) -> None:
    found = charged(*told, by=OFFICE, as_of=AS_OF)
    charges = found.table[found.table["kind"] == "charge"].set_index("source")["amount_cents"]
    assert charges.index.is_unique
    unanswered = found.waiting[found.waiting["kind"] != "rate"]["sources"]
    waiting = {int(source) for sources in unanswered for source in sources.split()}
    refused = [(finding.code, finding.source) for finding in found.findings if finding.column in ("issued_on", "tier")]
    assert len(set(refused)) == len(refused)
    without_rate = {source for code, source in refused if code == "no-rate"}
    exceptions = waiting | {source for code, source in refused if code in ("missing-value", "future-stamp")}
    for facts in told:
        source, on = facts["source"], facts["service_on"]
        if on is not None and on < BEGIN:
            assert source not in charges.index
        elif source in charges.index:
            assert source not in exceptions
            # A reissue is charged with nothing, and its upgrade may have no price.
            assert not (source in without_rate and charges[source])
        else:
            assert source in exceptions | without_rate


def law_04_the_order_of_rows_lots_and_lines_changes_nothing(given_: Years, seed: int, whole: Accounts, invoices: pd.DataFrame) -> None:
    mixed = [list(rows) for rows in given_]
    for rows in mixed:
        random.Random(seed).shuffle(rows)
    again = account(Years(*mixed))
    assert whole.ledger.equals(again.ledger)
    assert whole.drawn.lots.equals(again.drawn.lots)
    assert invoices.equals(chargeback.invoices(again.ledger))
    assert whole.charged.waiting.equals(again.charged.waiting)
    for one, other in ((whole.charged, again.charged), (whole.decided, again.decided), (whole.drawn, again.drawn)):
        assert Counter(map(_said, one.findings)) == Counter(map(_said, other.findings))


def _said(finding: Finding) -> Finding:
    """What is said, without the row it is said of: the lines of a list are numbered as they stand."""
    return replace(finding, source=0)


def law_05_no_stage_writes_into_what_it_was_given(came: CameIn, kept: CameIn) -> None:
    """So a second run of the same gives the same: law 4 makes one, of the same in another order."""
    assert all(one.equals(other) for one, other in zip(kept, came, strict=True))


@given(years, days)
def test_law_05_a_run_of_a_later_day_adds_to_the_books_of_an_earlier_one(given_: Years, as_of: dt.date) -> None:
    """What was charged or decided by a day stands on every later one, with its amount, month and unit.

    Apart from what a later certificate may change as long as the month is open: a reissue within the term may keep it from being given
    up as a whole, and a charge may show that an order is another agency's than a decision says. Neither is in these years.
    """
    told = [facts | {"revoked_on": None} for facts in given_.told]
    decided = [row | {"order_id": "", "entry_at": None} for row in given_.decided]
    given_ = given_._replace(told=told, decided=decided)
    columns = ["entry_id", "period", "amount_cents", "billed_to", "lot_id", "unit_cost_cents", "reason"]
    before, after = account(given_, as_of).ledger[columns], account(given_).ledger[columns]
    assert before.equals(after[after["entry_id"].isin(before["entry_id"])].reset_index(drop=True))


@given(days, st.sampled_from(("standard", "premium")), st.sampled_from((0, 1, 29, 30, 31, 90)))
def test_law_09_thirty_days_are_the_border_of_a_refund(on: dt.date, tier: str, life: int) -> None:
    ledger = books([certificate(1, on, tier=tier, revoked_on=on + dt.timedelta(days=life))])
    begun, known = on >= BEGIN, on + dt.timedelta(days=life) <= AS_OF
    assert (life <= 30 and known and begun) == (ledger["amount_cents"].sum() == 0 and len(ledger) == 2)


lines_of_the_card = st.tuples(st.sampled_from(("standard", "premium")), days, st.integers(1, 10**7))


@given(
    st.lists(lines_of_the_card, max_size=6, unique_by=lambda line: line[:2]),
    st.lists(days, min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_law_10_exactly_one_rate_holds_for_a_tier_on_a_day(lines: list[tuple[str, dt.date, int]], asked: Any, chance: Any) -> None:
    chance.shuffle(lines)
    told = [{"tier": tier, "amount": f"{cents // 100}.{cents % 100:02d}", "since": on} for tier, on, cents in lines]
    card = rates.rate_card(Settings.model_validate({"rate": told}, strict=False))
    asked = sorted({*asked, *(on for _, on, _ in lines), *(on - dt.timedelta(days=1) for _, on, _ in lines), *EDGES})
    for tier in ("standard", "premium", "gold"):
        in_force = [[line for line in lines if line[0] == tier and line[1] <= on] for on in asked]
        expected = [max(begun, key=lambda line: line[1])[2] if begun else None for begun in in_force]
        assert expected == [card.on(tier, on) for on in asked]
        column = card.cents(pd.Series([tier] * len(asked), dtype="str"), pd.Series(pd.to_datetime(asked)).astype("datetime64[us]"))
        assert expected == [None if pd.isna(cents) else int(cents) for cents in column]


@given(st.dates(), st.integers(1, 12))
def test_law_10_every_day_is_in_exactly_one_period(on: dt.date, starts: int) -> None:
    period = calendar.period_of(on, starts)
    first, last = calendar.period_first_day(period, starts), calendar.period_last_day(period, starts)
    assert first <= on <= last
    assert (first.year, first.month, first.day) == (on.year, on.month, 1)
    if last < dt.date.max:
        assert 1 == (last + dt.timedelta(days=1)).day
        assert period < calendar.period_of(last + dt.timedelta(days=1), starts)
    assert period == calendar.periods(pd.Series([on]).astype("datetime64[us]"), starts)[0]


def law_14_a_merger_moves_what_is_billed_and_loses_nothing(given_: Years, merged: Accounts) -> None:
    """Decisions apart: they name the agency that is to be billed, so a merger may make one wrong."""
    if not any("successor" in row for row in given_.agencies):
        return
    undecided = given_._replace(decided=())
    apart = account(undecided._replace(agencies=AGENCIES))
    together = settle(undecided, merged.charged, came_in(undecided)) if given_.decided else merged
    same = ["entry_id", "period", "agency", "amount_cents", "unit_cost_cents"]
    assert apart.ledger[same].equals(together.ledger[same])
    assert cents_by(chargeback.invoices(apart.ledger), "period") == cents_by(chargeback.invoices(together.ledger), "period")
    ends = {row["agency"]: (row["valid_to"], row["successor"]) for row in given_.agencies if "successor" in row}
    for agency, period, billed_to in together.ledger[["agency", "period", "billed_to"]].itertuples(index=False, name=None):
        payer, last_day = agency, calendar.period_last_day(period, 7)
        while payer in ends and ends[payer][0] < last_day:
            payer = ends[payer][1]
        assert payer == billed_to


def law_14_a_new_name_and_code_of_an_agency_change_its_name_only(given_: Years, before: Accounts) -> None:
    def renamed(rows: Told) -> Told:
        return [{name: "PARKS AND TRAILS" if value == "PARKS" else value for name, value in row.items()} for row in rows]

    after = account(given_._replace(told=renamed(given_.told), decided=renamed(given_.decided), agencies=renamed(given_.agencies)))
    same = ["entry_id", "period", "amount_cents", "lot_id", "unit_cost_cents"]
    assert before.ledger[same].equals(after.ledger[same])
    assert _codes(before) == [code.replace("PARKS AND TRAILS", "PARKS") for code in _codes(after)]


def _codes(found: Accounts) -> list[str]:
    return [*found.ledger["agency"], *found.ledger["billed_to"]]


@given(years, spent, st.integers(0, 10**6))
def test_laws_01_02_04_05_08_09_12_and_14_hold_for_any_years(given_: Years, by: Spent, seed: int) -> None:
    """All on the same books, which take longer to draw up than to be looked at."""
    came = came_in(given_)
    kept = CameIn(*(frame.copy(deep=True) for frame in came))
    found = account(given_, tables=came)
    law_05_no_stage_writes_into_what_it_was_given(came, kept)
    invoices = chargeback.invoices(found.ledger)
    stage = recovered(found, by)
    law_01_the_totals_of_the_invoices_are_the_ledger_by_month_agency_tier_and_year(given_, found, invoices, stage.table)
    law_02_the_ledger_is_the_rates_of_the_days_of_service_and_what_was_added_and_taken_off(found)
    law_04_the_order_of_rows_lots_and_lines_changes_nothing(given_, seed, found, invoices)
    law_08_units_go_first_in_first_out_as_a_storekeeper_counts_them_by_hand(given_, found)
    law_08_every_charge_draws_one_unit_or_is_a_finding_and_every_unit_is_accounted_for(found)
    law_08_the_order_of_lots_and_entries_does_not_matter(given_, seed, found)
    law_09_a_credit_takes_back_its_charge_exactly_once_and_within_the_days(found)
    law_09_no_decision_takes_off_more_than_was_charged(found)
    law_12_closing_is_the_next_opening_and_every_cent_is_in_one_row(found, by, stage)
    law_12_the_order_of_entries_lots_and_lines_does_not_matter(found, by, seed, stage)
    law_14_a_merger_moves_what_is_billed_and_loses_nothing(given_, found)
    law_14_a_new_name_and_code_of_an_agency_change_its_name_only(given_, found)
