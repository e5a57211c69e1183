"""The forecast: the figures of the facts (certificate-systems-and-exports §4), and the laws of any projection."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.chargeback import orders as chargeback_orders
from pipeline.chargeback import terms
from pipeline.contracts import CLOSED_DAYS, COSTS, LINTS, LOTS, RENEWALS, REQUESTS, Inbox
from pipeline.forecast import Forecast, forecast, plan
from pipeline.forecast.bases import CHARGED_BY, charged_by_day, of_days
from pipeline.forecast.limits import longest, number_of
from pipeline.forecast.months import spans
from pipeline.forecast.observed import Observed, observed
from pipeline.forecast.paid_terms import paid_terms
from pipeline.forecast.sites import NO_ORDER, Group, Sites, sites
from pipeline.forecast.switches import paid_before
from pipeline.rates import RateCard, first_day, rate_card
from pipeline.settings import Settings
from tests import orders
from tests.orders import PREMIUM, STANDARD, certificate, day

END_OF_FY2025 = dt.date(2025, 6, 30)
HOSTS = orders.came_in(orders.tables([])[1]).hosts


def site(number: int, on: str, days: int, as_of: dt.date, **facts: Any) -> dict[str, Any]:
    """One certificate that lives `days` whole days from 00:00 of `on`."""
    begins = pd.Timestamp(on, tz="UTC")
    ends = begins + pd.Timedelta(days=days) - pd.Timedelta(seconds=1)
    told = {"valid_from": begins, "valid_to": ends, "days_left": (begins.date() + dt.timedelta(days=days) - as_of).days, "trust": "public"}
    return certificate(number, on, **{"status": "active", **told, **facts})


def estate(as_of: dt.date, *told: Mapping[str, Any], settings: Settings | None = None) -> pd.DataFrame:
    """FORECAST of the certificates that were `told`."""
    certificates, rows = orders.tables(told)
    return foreseen(certificates, orders.came_in(rows), settings or orders.settings(), as_of).table


def foreseen(
    certificates: pd.DataFrame, came_in: Inbox, settings: Settings, as_of: dt.date, requests: pd.DataFrame | None = None
) -> Forecast:
    logged = REQUESTS.empty() if requests is None else requests
    return forecast(certificates, RENEWALS.empty(), LINTS.empty(), logged, LOTS.empty(), came_in, settings, as_of)


def found_sites(
    certificates: pd.DataFrame, rows: pd.DataFrame, as_of: dt.date, hosts: pd.DataFrame = HOSTS, agencies: pd.DataFrame | None = None
) -> Sites:
    by = orders.settings()
    known = orders.agencies() if agencies is None else agencies
    return sites(certificates, rows, hosts, known, paid_terms(certificates, by, as_of, 30), by, as_of)


def by_year(table: pd.DataFrame, column: str) -> dict[int, float]:
    """The sum of a column by fiscal year from July."""
    year = [int(month[:4]) + (int(month[5:]) >= 7) for month in table["month"]]
    return table.groupby(year)[column].sum().to_dict()


def a_year_of_sites(**facts: Any) -> list[dict[str, Any]]:
    days = pd.date_range("2024-07-01", periods=365).strftime("%Y-%m-%d")
    return [site(number, on, 397, END_OF_FY2025, **facts) for number, on in enumerate(days, 1)]


def test_a_site_asks_for_twelve_certificates_a_year_once_they_live_47_days() -> None:
    table = estate(END_OF_FY2025, *a_year_of_sites())
    per_site = {year: round(issued / 365, 2) for year, issued in by_year(table, "issuances").items()}
    assert {2026: 0.99, 2027: 2.12, 2028: 5.23, 2029: 6.60, 2030: 11.79} == per_site
    assert ("2025-07", "2030-06", 60) == (table["month"].min(), table["month"].max(), table["month"].nunique())


def test_the_months_climb_from_30_to_60_to_210() -> None:
    months = estate(END_OF_FY2025, *a_year_of_sites()).set_index("month")["issuances"]
    assert [30, 29, 32, 60, 62, 60] == months["2026-06":"2026-11"].tolist()
    assert [118, 127, 210, 120, 192] == months["2027-06":"2027-10"].tolist()


def test_each_basis_has_its_price() -> None:
    rates = [{"tier": "standard", "amount": Decimal("221.19"), "since": day("2024-07-01")}]
    table = estate(END_OF_FY2025, *a_year_of_sites(), settings=orders.settings(rate=rates))
    per_certificate = {year: cents / 365 / 100 for year, cents in by_year(table, "per_certificate_cents").items()}
    # the facts multiply certificates a site that are rounded to hundredths: up to a dollar away
    assert pytest.approx({2026: 219, 2027: 469, 2028: 1157, 2029: 1460, 2030: 2608}, abs=1.2) == per_certificate
    # five years have 1,826 days: $221.19 * 1826 / 365 = $1,106.556
    assert 365 * 110_656 == table["per_day_cents"].sum()
    # without an order number each certificate is an order of its own, so that each is charged
    assert by_year(table, "per_certificate_cents") == by_year(table, "amount_cents")


def charged_months(table: pd.DataFrame) -> list[tuple[str, int]]:
    return [(row.month, row.renewals) for row in table.itertuples() if row.renewals]


def test_an_order_that_keeps_its_number_is_charged_once_a_term_however_often_it_is_reissued() -> None:
    as_of = day("2026-11-30")
    told = [site(number, "2026-07-01", 199, as_of, order_id=f"O{number}") for number in range(3)]
    before = [site(10 + number, "2025-06-20", 90, as_of, order_id=f"O{number}", status="expired") for number in range(3)]
    table = estate(as_of, *before, *told)
    # every 169, then 69, then 31 days: the first certificate on or after the day on which the paid term ends
    assert [("2027-08", 3), ("2028-09", 3), ("2029-10", 3), ("2030-11", 3), ("2031-11", 3)] == charged_months(table)
    assert 15 * STANDARD == table["amount_cents"].sum()
    assert table["issuances"].sum() > 100


def test_an_order_is_bought_anew_a_lead_before_its_year_ends() -> None:
    as_of = day("2026-11-30")
    table = estate(as_of, *(site(number, "2026-07-01", 199, as_of, order_id=f"O{number}") for number in range(3)))
    # 335 days after each other: on 1 June 2027, 1 May 2028, 1 April 2029, 2 March 2030 and 31 January 2031
    assert [("2027-06", 3), ("2028-05", 3), ("2029-04", 3), ("2030-03", 3), ("2031-01", 3)] == charged_months(table)


@pytest.mark.parametrize(
    ("charged", "then"),
    [("2027-03-20", [349, 698, 1047, 1388, 1729]), ("2027-05-01", [349, 698, 1039, 1380, 1721])],
)
def test_a_reissue_is_cut_to_the_end_of_its_plan_so_that_an_order_is_charged_once_a_plan(charged: str, then: list[int]) -> None:
    """Every 83 days while certificates live 99: the fourth reissue comes on day 332, 33 days before the plan ends."""
    as_of, began = day("2027-05-31"), number_of(day(charged))
    by = orders.settings()
    told = [site(1, charged, 99, as_of, order_id="O")]
    certificates, rows = orders.tables(told)
    found = sites(certificates, rows, HOSTS, AGENCIES, paid_terms(certificates, by, as_of, 16), by, as_of)
    issued = plan.issuances(found, number_of(day("2027-06-01")), number_of(day("2032-05-31")), 16, 365)
    of_a_plan = slice(issued.day.tolist().index(began + 83), issued.day.tolist().index(began + 349))
    assert [83, 166, 249, 332] == (issued.day[of_a_plan] - began).tolist()
    assert [182, 265, 348, 365] == (issued.last_day[of_a_plan] - began).tolist()
    # with 46 days, every 31 of them: day 341 is eight days before the plan would be bought anew, so that it is bought then
    assert then == (issued.day[issued.begins_term] - began).tolist()


def taking_over(number: int, before: str, lives: int, on: str, as_of: dt.date) -> list[dict[str, Any]]:
    """A certificate of `before` that lives so many days, and one of another order that replaces it; its name begins with its number."""
    old = site(10_000 + number, before, lives, as_of, order_id=f"P{number}", status="expired", certificate=f"{number} old")
    return [old, site(number, on, 199, as_of, order_id=f"N{number}", replaces=f"{number} old", certificate=f"{number} new")]


def test_orders_are_bought_anew_after_as_many_days_as_the_last_year_shows() -> None:
    as_of = day("2026-11-30")
    told = [row for number in range(11) for row in taking_over(number, "2025-08-01", 366, f"2026-06-{number + 1:02}", as_of)]
    told += [site(50, "2026-09-01", 199, as_of, order_id="NEW")]
    again = site(51, "2026-10-01", 199, as_of, order_id="N0", replaces="0 new", certificate="51")
    certificates, _ = orders.tables([*told, again])
    terms = paid_terms(certificates, orders.settings(), as_of, 20)
    # 1 to 11 June are 304 to 314 days after 1 August; the reissue of 1 October is a renewal under the same number
    assert (12, 11, 309.0, 309, "bought anew") == terms.seen
    way = dict(zip(terms.orders, zip(terms.free_days, terms.plan_days, strict=True), strict=True))
    assert {(294, 309)} == {terms.usual, *(way[f"N{number}"] for number in range(1, 11))}
    # which lives to April 2027, but not beyond 6 June
    assert (294, 309) == way["N0"]
    # never later than a lead before the year ends, and simply then where fewer than ten are seen
    assert (290, 305) == paid_terms(certificates, orders.settings(), as_of, 60).usual
    assert (330, 345) == paid_terms(certificates.head(18), orders.settings(), as_of, 20).usual


def test_a_certificate_that_left_its_year_unused_was_bought_alone_and_so_is_each_that_follows() -> None:
    as_of = day("2026-11-30")
    told = [
        site(1, "2025-08-01", 212, as_of, order_id="A1", status="expired", certificate="1"),
        site(2, "2026-02-15", 199, as_of, order_id="A2", status="expired", certificate="2", replaces="1"),
        site(3, "2026-08-20", 199, as_of, order_id="A3", certificate="3", replaces="2"),
    ]
    for table in (estate(as_of, *told), estate(as_of, *told, told[2] | {"source": 4, "serial": "0004", "certificate": "4"})):
        assert table["issuances"].tolist() == table["renewals"].tolist()
    found = foreseen(orders.tables(told)[0], orders.came_in(orders.tables(told)[1]), orders.settings(), as_of)
    assert (0, 1, 1) == (*found.habits[["without_order", "each_bought"]].iloc[0], found.readiness["each_bought"].sum())
    assert (2, 2, 192.0, 335, "bought anew") == paid_terms(orders.tables(told)[0], orders.settings(), as_of, 30).seen


def test_what_was_issued_after_the_as_of_day_is_no_site_and_what_is_issued_already_is_one_with_what_it_replaces() -> None:
    as_of = day("2026-11-30")
    old = site(1, "2026-07-01", 199, as_of, order_id="A", certificate="1", superseded_by="2")
    later = site(2, "2027-01-10", 199, as_of, order_id="B", certificate="2", replaces="1", status="not-yet-valid")
    both = orders.tables([old, later])
    assert [0] == found_sites(*both, as_of).row.tolist()
    pd.testing.assert_frame_equal(estate(as_of, old), estate(as_of, old, later))
    issued = orders.tables([old, later | {"service_on": day("2026-11-29")}])
    assert [1] == found_sites(*issued, as_of).row.tolist()


class Told(NamedTuple):
    """A certificate in the words of the law below; of one order number or none, some of which end on one day, some before the forecast."""

    order: str
    role: str
    agency: str
    tier: str
    host: int
    month: int
    longer: bool


GOLD_SINCE = day("2027-07-01")
FOUR_TIERS = orders.settings(
    tiers=dict.fromkeys(("standard", "premium", "gold", "unrated"), ()),
    rate=[*orders.SETTINGS["rate"], {"tier": "gold", "amount": 400, "since": GOLD_SINCE}],
)
AGENCIES = orders.agencies()
told_certificates = st.lists(
    st.builds(
        Told,
        st.sampled_from(["", "O1", "O2"]),
        st.sampled_from(["billing", "billing", "inventory"]),
        st.sampled_from(["PARKS", "ROADS"]),
        st.sampled_from(["standard", "premium", "gold", "unrated"]),
        st.sampled_from([1, 2]),
        st.integers(-12, 2),
        st.booleans(),
    ),
    max_size=6,
)


def as_drawn(number: int, told: Told, as_of: dt.date) -> dict[str, Any]:
    """The certificate of a month from July 2026 on, or before it; those of one order without a number end on one day or the next."""
    begins = (pd.Period("2026-07", "M") + told.month).to_timestamp().date()
    lives = (day("2027-01-16") - begins).days + told.longer if told.month >= 0 else 60
    facts = {"order_id": told.order, "role": told.role, "agency": told.agency, "tier": told.tier}
    facts["status"] = "active" if begins + dt.timedelta(days=lives) > as_of else "expired"
    return site(number, begins.isoformat(), lives, as_of, subject_alternative_names=f"h{told.host}.example.gov", **facts)


took_over_from = st.fixed_dictionaries({order: st.sampled_from(["nothing", "a plan", "a certificate"]) for order in ("O1", "O2")})
BOUGHT_BEFORE = {"a plan": 300, "a certificate": 100}


def with_what_they_took_over_from(drawn: list[dict[str, Any]], took_over: Mapping[str, str], as_of: dt.date) -> list[dict[str, Any]]:
    """The certificates, and of each order that took over from another one the certificate of that, which lived for 300 or 100 days."""
    before = []
    for order, kind in took_over.items():
        billed = [one for one in drawn if (one["order_id"], one["role"]) == (order, "billing")]
        if billed and kind in BOUGHT_BEFORE:
            name = f"before {order}"
            min(billed, key=lambda one: one["service_on"])["replaces"] = name
            facts = {"order_id": f"of {name}", "certificate": name, "status": "expired"}
            before.append(site(100 + len(before), "2025-03-01", BOUGHT_BEFORE[kind], as_of, **facts))
    return [*drawn, *before]


def goes_on(order: str, took_over: str, past: Sequence[chargeback_orders.Issue]) -> tuple[str, int]:
    """How an order goes on, as a person would tell from its certificates; and when its newest paid term began."""
    way = {"a certificate": "each bought", "a plan": "bought anew", "nothing": "bought anew"}[took_over]
    start, paid_until = None, day("1970-01-01")
    for issue in (issue for issue in past if issue.order_id == order):
        year_ends = start and start + dt.timedelta(days=365)
        if issue.rate is not None and (year_ends is None or issue.day >= year_ends):
            way = "number kept" if start else way
            start, paid_until = issue.day, day(issue.valid_to)
        elif year_ends and day(issue.valid_to) >= year_ends and day(issue.valid_to) > paid_until:
            way = "number kept"
    return way, number_of(start) if start else -1_000


def with_new_numbers(to_come: list[chargeback_orders.Issue], way: str, start: int) -> Iterator[chargeback_orders.Issue]:
    """What is to come of one order, under the numbers that it will have: a plan is bought anew a month before its year ends, and what is
    renewed from a month before that day on is of the new one."""
    count = 0
    for issue in sorted(to_come):
        on = number_of(issue.day)
        if way == "each bought":
            count += 1
        elif way == "bought anew" and issue.rate is not None and on - start >= 335 - 15:
            count, start = count + 1, on
        yield issue._replace(order_id=f"{issue.order_id}/{count}" if count else issue.order_id)


@given(told_certificates, took_over_from)
def test_the_forecast_charges_what_billing_will_charge_once_it_has_come_true(told: list[Told], took_over: dict[str, str]) -> None:
    as_of, by = day("2026-11-30"), FOUR_TIERS
    card = rate_card(by)
    drawn = [as_drawn(number, one, as_of) for number, one in enumerate(told)]
    certificates, rows = orders.tables(with_what_they_took_over_from(drawn, took_over, as_of))
    found = sites(certificates, rows, HOSTS, AGENCIES, paid_terms(certificates, by, as_of, 30), by, as_of)
    issued = plan.issuances(found, FIRST, FIRST + 1_200, 30, 365)
    past = chargeback_orders.issues(certificates, rows, card, as_of)

    # certificates without a number are the orders that billing makes of them: each goes on once
    ours = certificates.iloc[found.row]
    alone = ours[(ours["order_id"] == "") & (ours["role"] == "billing")]
    alike = [order for order in chargeback_orders.orders(past) if not order.issues[0].order_id]
    in_force = set(certificates.loc[certificates["status"] == "active", "certificate"])
    assert sorted({order.issues[-1].certificate for order in alike} & in_force) == sorted(alone["certificate"])

    # and every one that follows is charged, or free in a paid term, as billing has it when that day has come
    of = {issue.certificate: issue for issue in past}
    names = ours["certificate"].tolist()
    to_come: dict[str, list[chargeback_orders.Issue]] = {"": [], "O1": [], "O2": []}
    for number, (place, on) in enumerate(zip(issued.site.tolist(), issued.day.tolist(), strict=True)):
        if names[place] in of:
            following = as_billed(of[names[place]], number, on, card)
            to_come[following.order_id].append(following)
    ways = {order: goes_on(order, took_over[order], past) for order in took_over}
    future = [*to_come[""], *(issue for order, way in ways.items() for issue in with_new_numbers(to_come[order], *way))]
    rules = terms.Rules(card, first_day(by), 365, 30, as_of, 7)
    charged = [
        (order.issues[0].order_id.split("/")[0], number_of(term.start))
        for order in chargeback_orders.orders(sorted([*past, *future]))
        for term in terms.terms(order, rules)[0]
        if term.number != terms.PAID_BEFORE and term.start > as_of
    ]
    begins = zip(issued.site[issued.begins_term].tolist(), issued.day[issued.begins_term].tolist(), strict=True)
    numbers = ours["order_id"].tolist()
    assert sorted(charged) == sorted((numbers[place], on) for place, on in begins)


def as_billed(before: chargeback_orders.Issue, number: int, on: int, card: RateCard) -> chargeback_orders.Issue:
    """What follows a certificate as the billing export will tell it: of its order, or with names and a last day of its own."""
    day_ = dt.date(1970, 1, 1) + dt.timedelta(days=on)
    own = {"certificate": f"to come {number}", "serial": f"to come {number}", "names": f"to come {number}", "valid_to": "later"}
    return before._replace(day=day_, valid_from=on * 86_400_000_000, rate=card.on(before.tier, day_), **own)


def an_office_of_plans(until: dt.date) -> list[dict[str, Any]]:
    """Forty sites whose plans of a year are bought anew, and their certificates renewed, 5 to 30 days before they end, until a day.

    The first plans begin from December 2024 on, every nine days; certificates live 397 days until March 2026, then 199, cut to the end of
    the plan. Two sites are given up after a year.
    """
    chance = random.Random(10)
    told: list[dict[str, Any]] = []
    for place in range(40):
        begins, ends, plan_ends, order, plans = day("2024-12-01") + dt.timedelta(days=9 * place), None, None, "", 0
        last = begins + dt.timedelta(days=340) if place % 20 == 0 else until
        while begins <= last:
            replaces = told[-1]["certificate"] if plans else ""
            if plan_ends is None or ends >= plan_ends:
                plans, plan_ends = plans + 1, begins + dt.timedelta(days=364)
                order = f"O{place}-{plans}"
            lives = 370 if begins < day("2026-03-15") else min(199, (plan_ends - begins).days + 1)
            ends = begins + dt.timedelta(days=lives - 1)
            facts = {"order_id": order, "replaces": replaces, "certificate": f"C{len(told)}", "names": f"site{place}.example.gov"}
            told.append(site(len(told), begins.isoformat(), lives, until, **facts))
            begins = ends - dt.timedelta(days=chance.randint(5, 30))
    return told


def test_a_forecast_of_a_year_ago_foresaw_what_was_charged_since_for_the_certificates_of_that_day() -> None:
    then, now = day("2025-11-23"), day("2026-11-23")
    told = an_office_of_plans(now)
    for one in told:
        one["status"] = "active" if one["valid_from"].date() <= then <= one["valid_to"].date() else "not-yet-valid"
        one["days_left"] = (one["valid_to"].date() - then).days
    for one in told:
        followed = [new["certificate"] for new in told if new["replaces"] == one["certificate"] and new["valid_from"].date() <= then]
        one["status"] = "superseded" if followed else one["status"]
        one["superseded_by"] = next((new["certificate"] for new in told if new["replaces"] == one["certificate"]), "")
    table = estate(then, *told, settings=orders.settings(forecast={"lead_days": 17}))
    foreseen_orders = int(table.loc[table["month"].between("2025-11", "2026-10"), "renewals"].sum())
    ledger = orders.charged(*told, as_of=now).table
    came = ledger[(ledger["amount_cents"] > 0) & (ledger["service_on"] > pd.Timestamp(then)) & (ledger["service_on"] < "2026-11-01")]
    of_then = {one["names"] for one in told if one["status"] == "active"}
    ours = {one["certificate"] for one in told if one["names"] in of_then}
    really = int(came["certificate"].isin(ours).sum())
    # two of forty were given up; within a tenth
    assert 0.9 * really <= foreseen_orders <= 1.1 * really, (foreseen_orders, really)


def test_two_certificates_of_one_order_share_its_terms() -> None:
    """On 9 May 2027, in the term of 20 May 2026, one is renewed, and on 23 May, after it, the other: the new term is that one's, and the
    first one that is renewed after its end, on 26 June 2028, begins the next, and then one on 30 June 2029."""
    as_of = day("2027-04-30")
    told = [site(number, on, 99, as_of, order_id="O") for number, on in ((1, "2026-05-20"), (2, "2027-03-01"), (3, "2027-03-15"))]
    table = estate(as_of, told[0] | {"status": "superseded"}, *told[1:])
    assert {"2027-05": 1, "2028-06": 1, "2029-06": 1} == {
        row.month: row.renewals for row in table[table["month"] < "2030"].itertuples() if row.renewals
    }


def test_a_certificate_that_only_an_inventory_tells_of_is_charged_to_nobody_and_begins_no_term() -> None:
    as_of = day("2027-04-30")
    billed = site(1, "2026-05-20", 399, as_of, order_id="O", trust="private")
    ours = site(2, "2027-03-01", 99, as_of, order_id="O", role="inventory")
    table = estate(as_of, billed, ours)
    # by billing alone: the term of 20 May 2026 has ended when the billed one is renewed, and the inventory's own number is another one's
    assert [("2027-05", STANDARD)] == [(row.month, row.amount_cents) for row in table[table["month"] < "2028"].itertuples() if row.renewals]
    assert {"", "standard"} == set(table["tier"])
    assert 0 == table.loc[table["tier"] == "", ["renewals", "amount_cents", "per_certificate_cents", "per_day_cents"]].to_numpy().sum()


def test_a_reissue_without_an_order_number_is_no_second_site_and_what_follows_it_is_charged() -> None:
    as_of = day("2026-11-30")
    first = site(1, "2026-09-14", 199, as_of)
    again = first | {"source": 2, "serial": "0002", "service_on": day("2026-10-20"), "valid_from": pd.Timestamp("2026-10-20", tz="UTC")}
    one, both = (estate(as_of, *told) for told in ([first], [first, again]))
    pd.testing.assert_frame_equal(one, both)
    # by the rules in force a later last day is another order: twelve a year once they live 47 days
    assert 12 == both.loc[both["month"].between("2030-01", "2030-12"), "renewals"].sum()
    certificates, rows = orders.tables(
        [first, again, site(3, "2026-09-14", 199, as_of, order_id="O"), site(4, "2026-09-14", 9, as_of, tier="")]
    )
    found = foreseen(certificates, orders.came_in(rows), orders.settings(), as_of)
    assert (1, 1, 1) == (*found.habits[["without_order", "each_bought"]].iloc[0], found.readiness["each_bought"].sum())


def test_what_nobody_is_charged_for_is_issued_all_the_same() -> None:
    told = [
        site(1, "2026-07-01", 199, day("2026-11-30"), tier="", agency="", role="inventory"),
        site(2, "2026-07-01", 730, day("2026-11-30"), tier="", agency="", role="inventory", trust="private"),
    ]
    table = estate(day("2026-11-30"), *told)
    assert 0 == table[["renewals", "amount_cents", "per_certificate_cents", "per_day_cents"]].to_numpy().sum()
    assert {"public": 42, "private": 2} == table.groupby("trust")["issuances"].sum().to_dict()
    assert 0 == table.loc[table["trust"] == "private", "validations"].sum()


def test_neither_what_has_run_out_nor_what_is_superseded_retired_or_an_authority_goes_on() -> None:
    as_of = day("2026-11-30")
    told = [
        site(1, "2026-07-01", 199, as_of, status="superseded"),
        site(2, "2026-01-01", 199, as_of, status="expired"),
        site(3, "2026-07-01", 199, as_of, status="revoked"),
        site(4, "2026-07-01", 199, as_of, is_ca=True),
        site(5, "2026-07-01", 199, as_of),
    ]
    certificates, rows = orders.tables(told)
    hosts = orders._frame(orders.contracts.HOSTS, [{"host": "host5.example.gov", "state": "retired", "since": as_of, "source": 9}])
    assert 0 == len(found_sites(certificates, rows, as_of, hosts))


def test_a_certificate_of_an_automated_host_is_asked_for_by_nobody() -> None:
    as_of = day("2026-11-30")
    certificates, rows = orders.tables([site(1, "2026-07-01", 199, as_of), site(2, "2026-07-01", 199, as_of)])
    hosts = orders._frame(orders.contracts.HOSTS, [{"host": "host1.example.gov", "state": "automated", "since": as_of, "source": 9}])
    assert [True, False] == found_sites(certificates, rows, as_of, hosts).is_automated.tolist()


def test_the_share_that_renews_itself_is_taken_off_what_is_asked_for_by_hand() -> None:
    by = orders.settings(forecast={"automated": Decimal("0.25")})
    table = estate(day("2026-11-30"), *(site(number, "2026-07-01", 199, day("2026-11-30")) for number in range(8)), settings=by)
    assert (table["issuances"] * 0.75).tolist() == table["by_hand"].tolist()


def test_a_merged_agency_is_told_as_its_successor() -> None:
    as_of = day("2026-11-30")
    told = [{"agency": "OLD", "name": "Old", "valid_to": day("2026-10-14"), "successor": "NEW"}, {"agency": "NEW", "name": "New"}]
    certificates, rows = orders.tables([site(1, "2026-07-01", 199, as_of, agency="OLD")])
    assert [Group("standard", "NEW", "public")] == found_sites(certificates, rows, as_of, agencies=orders.agencies(*told)).groups


def test_what_is_left_of_the_month_comes_first_and_sixty_whole_months_after_it() -> None:
    months = spans(day("2026-11-23"))
    assert [(day("2026-11-24"), day("2026-11-30")), (day("2026-12-01"), day("2026-12-31"))] == months[:2]
    assert (61, (day("2031-11-01"), day("2031-11-30"))) == (len(months), months[-1])
    assert (60, (day("2026-12-01"), day("2026-12-31"))) == (len(spans(day("2026-11-30"))), spans(day("2026-11-30"))[0])


def test_what_should_have_been_renewed_is_renewed_tomorrow() -> None:
    table = estate(day("2026-11-23"), site(1, "2026-06-01", 199, day("2026-11-23")))  # ends on 17 December, was due on 17 November
    assert ["2026-11"] == table.loc[table["issuances"] > 0, "month"].tolist()[:1]


def test_a_day_costs_its_share_and_a_year_the_rate() -> None:
    card = rate_card(orders.settings())
    months = of_days(card, "premium", spans(END_OF_FY2025), 365)
    assert [PREMIUM, PREMIUM] == [sum(months[:12]), sum(months[12:24])]
    assert 4603 == months[0]  # 31 days of $542.00: 46.0328...
    assert [0] * 60 == of_days(card, "gold", spans(END_OF_FY2025), 365)


@given(st.integers(1, 10**9), st.integers(0, 2_000), st.integers(1, 61), st.integers(300, 400))
def test_the_months_of_a_site_add_up_to_its_covered_days_to_the_cent(cents: int, after: int, count: int, term_days: int) -> None:
    months = spans(END_OF_FY2025 + dt.timedelta(days=after), count)
    card = RateCard({"standard": ((day("2024-07-01"),), (cents,))})
    charged = of_days(card, "standard", months, term_days)
    so_far = [(month[-1] - months[0][0]).days + 1 for month in months]
    until = [math.floor(Fraction(cents * days, term_days) + Fraction(1, 2)) for days in so_far]
    # round(rate * D_m / 365) less the same of D_(m-1), so that no cent is lost
    assert [now - before for before, now in zip([0, *until], until, strict=False)] == charged
    assert until[-1] == sum(charged)


def test_a_new_rate_counts_from_its_day() -> None:
    rates = [*orders.SETTINGS["rate"], {"tier": "standard", "amount": 365, "since": day("2025-07-11")}]
    months = of_days(rate_card(orders.settings(rate=rates)), "standard", spans(END_OF_FY2025, 2), 365)
    # ten days at $221.00 a year, 21 days and then 31 at $1.00 a day
    assert [605 + 2100, 3100] == months


def test_the_pace_of_renewals_is_the_middle_of_the_last_year() -> None:
    as_of = day("2026-11-30")
    told = [
        {"host": f"h{number}", "ended_at": pd.Timestamp("2026-06-01", tz="UTC"), "outcome": "renewed", "lead_time_days": number + 0.5}
        for number in range(11)
    ]
    certificates, _ = orders.tables([])
    renewals = orders._frame(RENEWALS, told)
    assert (5, 11) == observed(certificates, renewals, REQUESTS.empty(), orders.settings(), as_of)[:2]
    assert (30, 9) == observed(certificates, renewals.head(9), REQUESTS.empty(), orders.settings(), as_of)[:2]


def test_names_given_up_and_new_ones_make_the_band() -> None:
    as_of = day("2026-11-30")
    told = [site(number, "2025-06-01", 397, as_of, status="expired") for number in range(20)]
    told += [site(100 + number, "2026-07-01", 199, as_of, names=f"host{number}.example.gov") for number in range(18)]
    told += [site(200, "2026-07-01", 199, as_of)]
    certificates, _ = orders.tables(told)
    seen = observed(certificates, RENEWALS.empty(), REQUESTS.empty(), orders.settings(), as_of)
    assert (20, 18, 1) == (seen.names_before, seen.names_kept, seen.names_new)
    # Wilson, 18 of 20: 0.699 to 0.972
    assert (pytest.approx(0.699, abs=5e-4), pytest.approx(0.972, abs=5e-4)) == seen.factors(1)
    assert (1.0, 1.0) == seen.factors(0)


def test_too_few_names_make_no_band() -> None:
    table = estate(day("2026-11-30"), site(1, "2026-07-01", 199, day("2026-11-30")))
    assert table[["low", "high"]].isna().all(axis=None)


def test_nothing_to_go_on_costs_nothing() -> None:
    certificates, rows = orders.tables([])
    found = foreseen(certificates, orders.came_in(rows), orders.settings(), day("2026-11-23"))
    assert [0, 0, 0] == [len(table) for table in (found.table, found.scenarios, found.readiness)]
    assert 0 == found.prices[["charged_cents", "sold", "units"]].to_numpy().sum()
    assert 0 == found.units_needed[["needed", "to_buy"]].to_numpy().sum()


def test_months_add_up_to_years() -> None:
    as_of = day("2026-11-23")
    certificates, rows = orders.tables([site(number, "2026-07-01", 90 + number, as_of, order_id=f"O{number}") for number in range(40)])
    found = foreseen(certificates, orders.came_in(rows), orders.settings(), as_of)
    base = found.scenarios.set_index("fiscal_year")
    for column, of_base in (("issuances", "issuances"), ("by_hand", "by_hand"), ("renewals", "units"), ("amount_cents", "charged_cents")):
        assert by_year(found.table, column) == base[of_base].to_dict()
    for basis, column in CHARGED_BY.items():
        whole = found.prices[found.prices["basis"] == basis].groupby("fiscal_year")["charged_cents"].sum().to_dict()
        assert {year: cents for year, cents in by_year(found.table, column).items() if year in whole} == whole
    assert [2028, 2029, 2030, 2031] == sorted(whole)


def walked(of: Sites, last: int, lead_days: int) -> list[tuple[int, int, int, bool]]:
    """Site, day, last day, begins a term: one order after the other, one certificate after the other, those first that can be charged."""
    is_one_order = (of.order != NO_ORDER) & (of.free_days > 0)
    asked = np.maximum(of.last_day - np.minimum(lead_days, of.life // 3), FIRST)
    found: list[tuple[int, int, int, bool]] = []
    for key in sorted({int(order) if one else -place for place, (order, one) in enumerate(zip(of.order, is_one_order, strict=True), 10)}):
        places = np.flatnonzero(is_one_order & (of.order == key)).tolist() if key >= 0 else [-key - 10]
        start, free, plan_days = (int(days[places[0]]) for days in (of.term_start, of.free_days, of.plan_days))
        queue = [(int(asked[place]), bool(asked[place] < of.charged_from[place]), place) for place in places]
        while queue and min(queue)[0] <= last:
            day_, is_uncharged, place = queue.pop(queue.index(min(queue)))
            most = 397 if day_ < number_of(day("2026-03-15")) else 199 if day_ < number_of(day("2027-03-15")) else 99
            most = 46 if day_ >= number_of(day("2029-03-15")) else most
            ends = day_ + (min(int(of.usual[place]), most) if of.is_public[place] else int(of.usual[place]))
            is_free_of_a_plan = plan_days and day_ - start < free
            if is_free_of_a_plan:
                ends = min(ends, start + 365)
            asks = ends - min(lead_days, (ends - day_) // 3)
            if is_free_of_a_plan:
                asks = min(asks, start + plan_days)
            begins = not is_uncharged and day_ - start >= free
            found.append((place, day_, ends, begins))
            start = day_ if begins else start
            queue.append((asks, bool(asks < of.charged_from[place]), place))
    return sorted(found)


FIRST = number_of(day("2026-12-01"))


@st.composite
def any_sites(draw: st.DrawFn) -> Sites:
    """Up to eight sites of two domains; lives from a day to two years, with and without an order, some of one order."""
    count = draw(st.integers(0, 8))

    def numbers(least: int, most: int) -> Any:
        return np.array(draw(st.lists(st.integers(least, most), min_size=count, max_size=count)), dtype=np.int64)

    lives = numbers(1, 800)
    order = np.where(numbers(0, 1) == 1, numbers(0, 3), NO_ORDER)
    way, ago = (np.array(draw(st.lists(st.integers(0, most), min_size=4, max_size=4)), dtype=np.int64)[order] for most in (2, 364))
    way = np.where(order == NO_ORDER, 0, way)
    free_days, plan_days = (np.array(days, dtype=np.int64)[way] for days in ((0, 365, 320), (0, 0, 335)))
    return Sites(
        row=np.arange(count),
        groups=[Group("standard", "PARKS", "public")],
        group=np.zeros(count, dtype=np.int64),
        last_day=FIRST + numbers(0, 400),
        life=lives,
        usual=np.maximum(lives, numbers(7, 800)),
        order=order,
        term_start=FIRST - 1 - ago,
        free_days=free_days,
        plan_days=plan_days,
        charged_from=np.where(numbers(0, 3) > 0, FIRST, FIRST + 500),
        is_public=numbers(0, 3) > 0,
        is_automated=numbers(0, 1) == 1,
        domain=numbers(0, 1),
        validated=np.array([FIRST - 30, FIRST - 300], dtype=np.int64),
    )


@given(any_sites(), st.integers(0, 60))
def test_every_certificate_to_come_is_the_one_that_a_walk_finds(of: Sites, lead_days: int) -> None:
    last = FIRST + 1_200
    issued = plan.issuances(of, FIRST, last, lead_days, 365)
    found = zip(issued.site.tolist(), issued.day.tolist(), issued.last_day.tolist(), issued.begins_term.tolist(), strict=True)
    assert walked(of, last, lead_days) == sorted(found)
    public = of.is_public[issued.site]
    assert (issued.last_day - issued.day <= longest(issued.day))[public].all()


@st.composite
def any_issuances(draw: st.DrawFn, most_days: int) -> tuple[Sites, plan.Issuances]:
    """Certificates of any sites on any of so many days around the first day of the ten days' limit."""
    of = draw(any_sites().filter(lambda of: len(of) > 0))
    drawn = draw(st.lists(st.tuples(st.integers(0, len(of) - 1), st.integers(1, most_days)), max_size=200))
    site, day_of = np.array(drawn, dtype=np.int64).reshape(-1, 2).T
    days = number_of(day("2029-03-15")) - most_days // 2 + day_of
    return of, plan.Issuances(site, days, days + 46, np.zeros(len(site), dtype=bool), days)


@given(any_sites().map(lambda of: (of, plan.issuances(of, FIRST, FIRST + 1_200, 30, 365))) | any_issuances(40) | any_issuances(2_000))
def test_a_domain_is_proven_when_the_last_proof_is_too_old_and_never_sooner(told: tuple[Sites, plan.Issuances]) -> None:
    of, issued = told
    proven = dict(enumerate(of.validated.tolist()))
    asked = sorted((int(issued.day[place]), place) for place in range(len(issued.day)) if of.is_public[issued.site[place]])
    due = []
    for on, place in asked:
        domain = int(of.domain[issued.site[place]])
        reuse = 10 if on >= number_of(day("2029-03-15")) else 100 if on >= number_of(day("2027-03-15")) else 200
        if on - proven[domain] >= reuse:
            proven[domain] = on
            due.append(place)
    assert sorted(due) == plan.validations(of, issued).tolist()


def request(number: int, submitted: str, completed: str | None = None, **facts: Any) -> dict[str, Any]:
    ended = pd.Timestamp(completed, tz="UTC") if completed else pd.NaT
    told = {"submitted_at": pd.Timestamp(submitted, tz="UTC"), "completed_at": ended, "status": "completed" if completed else "open"}
    return {"request_id": f"R{number}", "kind": "issue", "reopen_count": 0, "source": number, **told, **facts}


def workload_of(sites_of_the_estate: int, closed: int, still_open: int = 0, **sections: Any) -> pd.DataFrame:
    """WORKLOAD of so many sites that renew every 69 days, for a desk that closed so many requests in the year before 2027-06-30."""
    as_of = day("2027-06-30")
    told = [site(number, "2027-06-01", 99, as_of) for number in range(sites_of_the_estate)]
    certificates, rows = orders.tables(told)
    # asked for before that year, so that each certificate is taken to need one request
    log = [request(number, "2026-06-01T15:00:00Z", "2027-02-02T15:00:00Z", kind="renew") for number in range(closed)]
    log += [request(1000 + number, "2027-06-29T15:00:00Z") for number in range(still_open)]
    return foreseen(certificates, orders.came_in(rows), orders.settings(**sections), as_of, orders._frame(REQUESTS, log)).workload


def test_the_desk_keeps_its_promise_at_the_pace_of_last_year_or_the_month_it_breaks_is_told() -> None:
    # 261 weekdays from July 2026 to June 2027, no closed days in these tests: one request a day
    table = workload_of(30, closed=261).set_index("month")
    august = table.loc["2027-08"]
    assert (22, 30.0, 0.0, 1.0) == (
        august["business_days"],
        august["certificate_requests"],
        august["other_requests"],
        august["closed_a_day"],
    )
    # 30 come in August, 22 are closed: 8 days of work wait, three more than were promised
    assert (8.0, 8.0, 5, False) == (august["waiting"], august["waiting_days"], august["promised_days"], august["promise_holds"])
    # in September nobody asks, and they are done
    assert (0.0, True) == (table.loc["2027-09", "waiting"], table.loc["2027-09", "promise_holds"])
    # 27 by hand would leave five days of work
    assert [0.0, 0.1, 0.1] == table.loc["2027-07":"2027-09", "automated_needed"].tolist()


def test_other_requests_come_as_they_came() -> None:
    table = workload_of(0, closed=26, still_open=261)
    assert (22.0, 22 - 22 * 26 / 261) == pytest.approx(table.loc[0, ["other_requests", "waiting"]].tolist())


def test_as_many_requests_are_expected_for_a_certificate_as_came_for_one_last_year() -> None:
    certificates, _ = orders.tables([site(number, "2027-06-01", 99, day("2027-06-30")) for number in range(8)])
    log = [request(number, "2027-02-01T15:00:00Z", kind="renew") for number in range(10)] + [request(98, "2027-02-01T15:00:00Z")]
    log += [request(99, "2027-02-01T15:00:00Z", kind="new", status=status) for status in ("cancelled", "duplicate")]

    def seen(*rows: dict[str, Any]) -> tuple[int, int, float]:
        found = observed(certificates, RENEWALS.empty(), orders._frame(REQUESTS, rows), orders.settings(), day("2027-06-30"))
        return found.asked, found.issued, found.asked_share

    # what is called off is none, and trouble with a certificate (issue) asks for none
    assert (10, 8, 1.25) == seen(*log)
    assert (2, 8, 0.25) == seen(*log[:2])
    assert (0, 8, 1.0) == seen(log[10])


def test_names_that_come_new_as_in_the_last_year_make_the_estate_grow() -> None:
    # 100 names, of which 90 were kept and to which 20 came: 110 after a year, then 90 % of them and 20 more
    seen = Observed(30, 12, 100, 90, 20, 0, 0, 1.0)
    assert (1.0, 1.1, 1.19) == pytest.approx([seen.grown(years) for years in (0, 1, 2)])
    assert 1.4 == pytest.approx(seen._replace(names_kept=100).grown(2))
    assert math.isnan(seen._replace(names_before=9).grown(2))


def test_the_busiest_month_tells_when_the_promise_breaks_at_its_pace() -> None:
    as_of = day("2027-06-30")
    certificates, rows = orders.tables([site(number, "2027-06-01", 99, as_of) for number in range(30)])
    # 20 weekdays in February 2027, and 22 in June 2026, which is not of the last year
    log = [request(number, "2026-01-01T15:00:00Z", "2027-02-02T15:00:00Z") for number in range(23)]
    log += [request(100 + number, "2026-01-01T15:00:00Z", "2027-03-02T15:00:00Z") for number in range(10)]
    log += [request(200 + number, "2026-01-01T15:00:00Z", "2026-06-29T15:00:00Z") for number in range(99)]
    found = foreseen(certificates, orders.came_in(rows), orders.settings(), as_of, orders._frame(REQUESTS, log)).habits
    told = ["busiest_month", "busiest_closed_a_day", "busiest_breaks_in"]
    # five days close 5.75; of 30 that come in August 2027 with its 22 weekdays 4.7 wait, of 30 in October with 21 there are 5.85
    assert ["2027-02", 1.15, "2027-10"] == found[told].iloc[0].tolist()
    assert ["", ""] == foreseen(certificates, orders.came_in(rows), orders.settings(), as_of).habits[[told[0], told[2]]].iloc[0].tolist()


def test_where_even_full_automation_is_not_enough_no_share_is_told() -> None:
    assert workload_of(1, closed=26, still_open=261)["automated_needed"].isna().all()


def test_without_a_closed_request_there_is_no_pace_to_go_by() -> None:
    assert 0 == len(workload_of(3, closed=0))


def test_closed_days_are_no_business_days() -> None:
    certificates, rows = orders.tables([site(1, "2027-06-01", 99, day("2027-06-30"))])
    came_in = dataclasses.replace(orders.came_in(rows), closed_days=orders._frame(CLOSED_DAYS, [{"date": day("2027-07-05")}]))
    log = orders._frame(REQUESTS, [request(1, "2027-02-01T15:00:00Z", "2027-02-02T15:00:00Z")])
    assert 21 == foreseen(certificates, came_in, orders.settings(), day("2027-06-30"), log).workload.loc[0, "business_days"]


def test_agencies_that_ask_for_most_by_hand_come_first() -> None:
    as_of = day("2026-11-30")
    told = [
        site(1, "2026-07-01", 199, as_of, agency="PARKS", extended_key_usage="clientAuth serverAuth", key_type="RSA"),
        site(2, "2026-10-01", 90, as_of, agency="ROADS", contact_email="web@roads.example"),
        site(3, "2026-07-01", 199, as_of, agency="ROADS", contact_email="web@roads.example", key_type="ML-DSA-65"),
        site(4, "2026-07-01", 730, as_of, agency="WATER", trust="private"),
    ]
    certificates, rows = orders.tables(told)
    lints = orders._frame(
        LINTS, [{"certificate": certificates.loc[0, "certificate"], "lint": "rsa-under-2048", "severity": "error", "applies": "any"}]
    )
    found = forecast(
        certificates, RENEWALS.empty(), lints, REQUESTS.empty(), LOTS.empty(), orders.came_in(rows), orders.settings(), as_of
    ).readiness
    ranked = found.set_index("agency")
    assert ["ROADS", "PARKS", "WATER"] == ranked.index.tolist()
    counts = ["place", "sites", "public_sites", "short", "for_clients", "weak_keys", "quantum_exposed", "known_keys", "without_contact"]
    assert [1, 2, 2, 1, 0, 0, 0, 1, 0] == ranked.loc["ROADS", counts].tolist()
    assert [2, 1, 1, 0, 1, 1, 1, 1, 1] == ranked.loc["PARKS", counts].tolist()
    assert [3, 1, 0, 0, 0, 0, 0, 0, 1] == ranked.loc["WATER", counts].tolist()
    assert 12 == ranked.loc["PARKS", "last_year"]


def test_each_agency_says_until_when_the_promise_is_kept_without_it_and_those_before_it() -> None:
    as_of = day("2027-06-30")
    told = [
        site(number, "2027-06-01", 99, as_of, agency=agency)
        for number, agency in enumerate([*["PARKS"] * 20, *["ROADS"] * 8, *["WATER"] * 4])
    ]
    certificates, rows = orders.tables(told)
    # 261 requests in 261 weekdays, before the certificates of that year: one a day, and one request a certificate
    log = [request(number, "2026-06-01T15:00:00Z", "2027-02-02T15:00:00Z", kind="renew") for number in range(261)]
    found = foreseen(certificates, orders.came_in(rows), orders.settings(), as_of, orders._frame(REQUESTS, log))
    # 32 come in August 2027 with its 22 weekdays and are ten too many, twelve can always be done
    assert "2027-08" == found.workload.loc[~found.workload["promise_holds"], "month"].iloc[0]
    assert [("PARKS", ""), ("ROADS", ""), ("WATER", "")] == list(
        found.readiness[["agency", "breaks_in"]].itertuples(index=False, name=None)
    )
    # at a tenth of that pace even the four of Water are too many
    fewer = foreseen(certificates, orders.came_in(rows), orders.settings(), as_of, orders._frame(REQUESTS, log[:26]))
    assert ["2027-08", "2027-08", ""] == fewer.readiness["breaks_in"].tolist()


def keeping_their_numbers(as_of: dt.date) -> list[dict[str, Any]]:
    """Three certificates of June 2027, each of an order that began its second term with it."""
    before = [site(10 + number, "2026-05-20", 99, as_of, order_id=f"O{number}", status="expired") for number in range(3)]
    return [*before, *(site(number, "2027-06-01", 99, as_of, order_id=f"O{number}") for number in range(3))]


def test_units_are_drawn_from_the_lots_that_end_first_and_the_rest_must_be_bought() -> None:
    """Three sites renew on 2027-08-09, and on 2027-10-17, 2027-12-25 and so on; each order began a term in June."""
    as_of = day("2027-06-30")
    certificates, rows = orders.tables(keeping_their_numbers(as_of))
    left = [
        {"lot_id": "A", "tier": "standard", "remaining": 2, "units_expire_on": day("2027-09-30")},
        {"lot_id": "B", "tier": "standard", "remaining": 9, "units_expire_on": day("2027-10-20")},
        {"lot_id": "C", "tier": "standard", "remaining": 2, "units_expire_on": None},
    ]
    whole = {column.name: 0 for column in LOTS.columns if column.kind in ("whole", "cents")}
    lots = orders._frame(LOTS, [whole | lot for lot in left])
    by = (orders.came_in(rows), orders.settings(), as_of)
    needed = forecast(certificates, RENEWALS.empty(), LINTS.empty(), REQUESTS.empty(), lots, *by).units_needed
    first_year = needed[(needed["fiscal_year"] == 2028) & (needed["tier"] == "standard")].set_index("basis")
    columns = ["needed", "from_stock", "to_buy", "first_short"]
    # every 69 days: 9 August, 17 October, 25 December, 3 March, 11 May; lot B ends before October does
    assert [15, 5, 10, "2027-10"] == first_year.loc["per-certificate", columns].tolist()
    assert [0, 0, 0, ""] == first_year.loc["per-order", columns].tolist()
    assert [2028, 2028, 2028, 2028, 2029] == needed["fiscal_year"].tolist()[:5]


def priced(tier: str, lots: Sequence[Mapping[str, Any]], costs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """PRICES of FY2028 and `tier`, by basis: three sites with an order each since June 2027 renew five times in it, none by a new term."""
    as_of = day("2027-06-30")
    certificates, rows = orders.tables(keeping_their_numbers(as_of))
    whole = {column.name: 0 for column in LOTS.columns if column.kind in ("whole", "cents")}
    bought = orders._frame(LOTS, [whole | {"lot_id": f"L{number}", **lot} for number, lot in enumerate(lots)])
    came_in = dataclasses.replace(orders.came_in(rows), costs=orders._frame(COSTS, costs))
    found = forecast(certificates, RENEWALS.empty(), LINTS.empty(), REQUESTS.empty(), bought, came_in, orders.settings(), as_of).prices
    assert [2028, 2029, 2030, 2031, 2032] == sorted(set(found["fiscal_year"]))
    return found[(found["fiscal_year"] == 2028) & (found["tier"] == tier)].set_index("basis")


def test_the_rate_that_recovers_the_cost_is_told_for_each_basis() -> None:
    lots = [
        {"tier": "standard", "purchased_on": day("2026-01-01"), "quantity": 10, "total_cost_cents": 999_999},
        {"tier": "standard", "purchased_on": day("2027-01-01"), "quantity": 10, "total_cost_cents": 150_005},
    ]
    costs = [
        {"fiscal_year": 2025, "tier": "standard", "kind": "staff", "amount_cents": 1},
        {"fiscal_year": 2026, "tier": "standard", "kind": "staff", "amount_cents": 20_000},
        {"fiscal_year": 2026, "tier": "standard", "kind": "portal", "amount_cents": 5_000},
    ]
    table = priced("standard", lots, costs)
    told = ["charged_cents", "sold", "units", "may_cost_cents", "unit_cost_cents", "cost_cents", "rate_cents"]
    # 15 certificates at $221.00; units at $150.005, and $250.00 a year beside them: $2,500.08 by 15 certificates, rounded up
    assert [331_500, 15, 15, 20_433, 15_001, 250_008, 16_668] == table.loc["per-certificate", told].tolist()
    # three sites and the 366 days of FY2028, in which no paid term begins, so no unit is drawn: $250.00 * 365 / 1098
    assert [66_483, 1_098, 0, 25_000, 8_311] == table.loc[
        "per-certificate-day", ["charged_cents", "sold", "units", "cost_cents", "rate_cents"]
    ].tolist()
    assert [0, 0, 0, 25_000] == table.loc["per-order", ["charged_cents", "sold", "units", "cost_cents"]].tolist()
    assert table.loc["per-order", ["may_cost_cents", "rate_cents"]].isna().all()
    assert pd.isna(table.loc["per-certificate-day", "may_cost_cents"])
    assert {"full cost"} == set(table["cost_basis"])


def test_the_rate_that_pays_recovers_the_cost_and_a_cent_less_does_not() -> None:
    """At the rate alone in the rate card: in FY2028, which has 366 days, as in the years of 365."""
    as_of = day("2026-11-23")
    told = [site(number, "2026-11-01", 99, as_of, order_id=f"O{number % 9}") for number in range(11)]
    certificates, rows = orders.tables(
        [one | {"tier": tier} for one, tier in zip(told, ["standard", "standard", "premium"] * 4, strict=False)]
    )
    whole = {column.name: 0 for column in LOTS.columns if column.kind in ("whole", "cents")} | {"quantity": 7}
    bought = [{"lot_id": "S", "tier": "standard", "total_cost_cents": 150_005}, {"lot_id": "P", "tier": "premium", "total_cost_cents": 377}]
    cost = [{"fiscal_year": 2026, "tier": "standard", "kind": "staff", "amount_cents": 48_211}]
    came_in = dataclasses.replace(orders.came_in(rows), costs=orders._frame(COSTS, cost))
    lots = orders._frame(LOTS, [whole | {"purchased_on": day("2026-01-01")} | lot for lot in bought])
    table = forecast(certificates, RENEWALS.empty(), LINTS.empty(), REQUESTS.empty(), lots, came_in, orders.settings(), as_of).prices
    months = spans(as_of)
    of_year = {
        year: [place for place, (_, last) in enumerate(months) if last.year + (last.month > 6) == year] for year in range(2028, 2032)
    }

    def charged(row: Any, rate: int) -> int:
        if row.basis != "per-certificate-day":
            return rate * int(row.sold)
        by_day = of_days(RateCard({row.tier: ((day("2020-01-01"),), (rate,))}), row.tier, months, 365)
        sites_of_the_tier = row.sold // (365 + (row.fiscal_year == 2028))
        return sites_of_the_tier * sum(by_day[place] for place in of_year[row.fiscal_year])

    sold = [row for row in table.itertuples() if row.sold]
    assert [] == [row for row in sold if not charged(row, int(row.rate_cents)) >= row.cost_cents > charged(row, int(row.rate_cents) - 1)]
    assert len(sold) > 20


def test_without_a_lot_no_rate_is_told_to_recover_its_cost() -> None:
    table = priced("standard", [], [])
    assert table[["unit_cost_cents", "cost_cents", "rate_cents"]].isna().all(axis=None)
    assert 22_100 == table.loc["per-certificate", "may_cost_cents"]
    assert {"certificate cost only"} == set(table["cost_basis"])


def scenario_rows(*changes: dict[str, Any]) -> pd.DataFrame:
    """SCENARIOS of thirty sites that renew on 2027-08-09 for the first time, for a desk that closes a request a day."""
    as_of = day("2027-06-30")
    certificates, rows = orders.tables([site(number, "2027-06-01", 99, as_of, order_id=f"O{number}") for number in range(30)])
    log = [request(number, "2027-02-01T15:00:00Z", "2027-02-02T15:00:00Z", kind="renew") for number in range(261)]
    by = orders.settings(scenario=list(changes))
    return foreseen(certificates, orders.came_in(rows), by, as_of, orders._frame(REQUESTS, log)).scenarios


def test_a_scenario_without_a_change_is_the_forecast_itself() -> None:
    table = scenario_rows({"name": "nothing", "since": day("2027-07-01")})
    same = ["fiscal_year", "issuances", "by_hand", "units", "charged_cents", "basis", "breaks_in"]
    base, unchanged = table[table["scenario"] == ""], table[table["scenario"] == "nothing"]
    assert base[same].to_numpy().tolist() == unchanged[same].to_numpy().tolist()
    assert "2027-08" == base["breaks_in"].iloc[0]


def test_what_is_merged_is_neither_issued_nor_charged_and_what_is_automated_is_not_asked_for() -> None:
    change = {"name": "half", "since": day("2028-07-01"), "consolidate": Decimal("0.5"), "automate": Decimal("0.2")}
    table = scenario_rows(change).set_index(["scenario", "fiscal_year"])
    base, half = table.loc[("", 2029)], table.loc[("half", 2029)]
    assert [base["issuances"] / 2, base["by_hand"] * 0.4, base["units"] / 2] == pytest.approx(
        [half["issuances"], half["by_hand"], half["units"]]
    )
    assert table.loc[("", 2028), "charged_cents"] == table.loc[("half", 2028), "charged_cents"]
    assert base["charged_cents"] == 2 * half["charged_cents"]


def test_a_basis_switches_on_its_day() -> None:
    change = {"name": "by the day", "since": day("2027-07-01"), "basis": "per-certificate-day", "basis_since": day("2028-01-01")}
    table = scenario_rows(change).set_index(["scenario", "fiscal_year"])
    # six months by order, in which no term begins; the terms of 1 June 2027 are paid until 30 May 2028, and 31 days are left of that year
    switched = table.loc[("by the day", 2028)]
    covered = of_days(rate_card(orders.settings()), "standard", spans(day("2027-06-30")), 365)
    until_may = (2 * STANDARD * 335 + 365) // (2 * 365)
    assert ("per-certificate-day", 30 * (sum(covered[:12]) - until_may)) == (switched["basis"], switched["charged_cents"])
    assert 30 * sum(covered[6:12]) == switched["charged_cents"] + switched["paid_cents"]
    assert (30 * sum(covered[12:24]), 0) == tuple(table.loc[("by the day", 2029), ["charged_cents", "paid_cents"]])
    assert table.loc[("by the day", 2029), "units"] == table.loc[("", 2029), "units"] == 30


def test_what_an_order_has_paid_is_not_charged_again_by_another_basis() -> None:
    """Every 69 days from 9 August 2027 on: on 3 March and 11 May 2028 in the paid term, which ends with 30 May, then from 19 July on."""
    change = {"name": "each", "since": day("2028-01-01"), "basis": "per-certificate", "consolidate": Decimal("0.1")}
    table = scenario_rows(change).set_index(["scenario", "fiscal_year"])
    switched, then = table.loc[("each", 2028)], table.loc[("each", 2029)]
    assert (0, 54 * STANDARD, 0, 54) == tuple(switched[["charged_cents", "paid_cents", "units", "paid_units"]])
    # 19 July, 26 September, 4 December, 11 February, and, with shorter lives from 15 March on, 21 April, 22 May and 22 June
    assert (27 * 7 * STANDARD, 0, 27 * 7) == tuple(then[["charged_cents", "paid_cents", "units"]])


def paid_by_a_walk(of: Sites, issued: plan.Issuances, switch: int, last: int) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The days that each site has paid beyond `switch`, and its free certificates, by a walk over the charges of its order."""
    days, free = set(), set()
    for site_ in range(len(of)):
        is_single = of.free_days[site_] == 0
        of_order = {site_} if is_single else set(np.flatnonzero((of.order == of.order[site_]) & (of.free_days > 0)).tolist())
        issued_on = int(of.last_day[site_] - of.life[site_])
        charged = [] if is_single else [(int(of.term_start[site_]), 0)]
        charged += [(issued_on, int(of.last_day[site_]))] if is_single and issued_on >= of.charged_from[site_] else []
        to_come = list(zip(issued.site.tolist(), issued.day.tolist(), issued.last_day.tolist(), issued.begins_term.tolist(), strict=True))
        charged += [(on, ends) for other, on, ends, begins in to_come if begins and other in of_order and on < switch]
        if not charged:
            continue
        begin, ends = max(charged)
        until = min(begin + 365, ends) if is_single else begin + 365
        days |= {(site_, day_) for day_ in range(switch, min(until, last + 1))}
        free |= {(site_, on) for other, on, _, _ in to_come if other == site_ and switch <= on < until and not is_single}
    return days, free


@given(any_sites(), st.integers(0, 39), st.integers(0, 40))
def test_what_is_paid_beyond_a_switch_is_what_a_walk_over_the_charges_finds(of: Sites, place: int, lead_days: int) -> None:
    months = spans(day("2026-11-30"), 40)
    switch, last = number_of(months[place][0]), number_of(months[-1][1])
    issued = plan.issuances(of, FIRST, last, lead_days, 365)
    # one line of the card, in force all the time: 365 cents a year, so that a day costs a cent
    table = paid_before(of, issued, RateCard({"standard": ((day("2020-01-01"),), (365,))}), months, 365, 7)
    days, free = paid_by_a_walk(of, issued, switch, last)
    by_year = [Counter((dt.date(1970, 1, 1) + dt.timedelta(days=on + 184)).year for _, on in found) for found in (days, free)]
    expected = {("per-certificate-day", year, count, 0) for year, count in by_year[0].items()}
    expected |= {("per-certificate", year, 365 * count, count) for year, count in by_year[1].items()}
    of_the_switch = table.loc[table["since"] == f"{months[place][0]:%Y-%m}", ["basis", "fiscal_year", "paid_cents", "paid_units"]]
    assert expected == set(of_the_switch.itertuples(index=False, name=None))


def test_the_days_of_a_month_cost_what_they_cost_day_by_day() -> None:
    card = RateCard({"standard": ((day("2027-08-10"), day("2028-02-29")), (22_119, 30_001))})
    months = spans(day("2027-07-30"))
    first, last = number_of(months[0][0]), number_of(months[-1][1])
    so_far = charged_by_day(card, "standard", first, last, 365)
    ends = [so_far[number_of(end) - first + 1] for _, end in months]
    assert of_days(card, "standard", months, 365) == [end - before for end, before in zip(ends, [0, *ends[:-1]], strict=True)]


def test_enough_automation_keeps_the_promise() -> None:
    table = scenario_rows({"name": "all", "since": day("2027-07-01"), "automate": 1})
    assert {""} == set(table.loc[table["scenario"] == "all", "breaks_in"])


def test_two_scenarios_of_one_name_are_refused() -> None:
    twice = {"name": "half", "since": day("2027-07-01")}
    with pytest.raises(ValueError, match="two of the name 'half'"):
        orders.settings(scenario=[twice, twice])
