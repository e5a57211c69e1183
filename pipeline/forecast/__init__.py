"""The forecast: what the certificates of today ask for in the next 60 months, in work and in money. Pure.

`sites` are the certificates that will go on, `limits` how long each may live, `observed` what the last year shows, `paid_terms` how orders
go on, `plan` every certificate to come, `bases` what each charge basis makes of it, and `months` the table; `work` holds it against the
pace of the desk, `units` against what the lots have left, `prices` against what they cost, `scenarios` under what the settings would
change, with what is paid beyond their `switches` of the basis, `readiness` says with which agency to begin.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from pipeline.contracts import HABITS, Inbox
from pipeline.forecast import months, observed, plan
from pipeline.forecast.bases import CHARGED_BY, each, rate_a_term
from pipeline.forecast.limits import number_of
from pipeline.forecast.paid_terms import NO_ORDER, paid_terms
from pipeline.forecast.prices import prices
from pipeline.forecast.readiness import POST_QUANTUM, readiness
from pipeline.forecast.scenarios import scenarios
from pipeline.forecast.sites import each_bought, sites
from pipeline.forecast.switches import paid_before
from pipeline.forecast.units import units
from pipeline.forecast.work import busiest, workload
from pipeline.rates import rate_card
from pipeline.settings import Settings

__all__ = ["CHARGED_BY", "POST_QUANTUM", "Forecast", "each", "forecast", "rate_a_term"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """FORECAST, WORKLOAD, UNITS, PRICES, SCENARIOS, PAID_BEFORE, READINESS and HABITS of one day."""

    table: pd.DataFrame
    workload: pd.DataFrame
    units_needed: pd.DataFrame
    prices: pd.DataFrame
    scenarios: pd.DataFrame
    paid_before: pd.DataFrame
    readiness: pd.DataFrame
    habits: pd.DataFrame


def forecast(
    certificates: pd.DataFrame,
    renewals: pd.DataFrame,
    lints: pd.DataFrame,
    requests: pd.DataFrame,
    lots: pd.DataFrame,
    came_in: Inbox,
    settings: Settings,
    as_of: dt.date,
) -> Forecast:
    """What CERTIFICATES of the day `as_of` ask for; RENEWALS, REQUESTS, HOSTS and AGENCIES say how they go on, LINTS which keys
    are weak, LOTS which units are left.

    The months are what is left of the month of `as_of` and the 60 after it. Amounts are cents by the rate card of today, whose last
    lines go on; certificates without a tier or a rate, or of which no billing export tells, are issued and charged to nobody.
    """
    term_days = settings.charges.term_days
    seen = observed.observed(certificates, renewals, requests, settings, as_of)
    terms = paid_terms(certificates, settings, as_of, seen.lead_days)
    going_on = sites(certificates, came_in.export_rows, came_in.hosts, came_in.agencies, terms, settings, as_of)
    spans = months.spans(as_of)
    issued = plan.issuances(going_on, number_of(spans[0][0]), number_of(spans[-1][1]), seen.lead_days, term_days)
    by_hand = 1 - float(settings.forecast.automated)
    table = months.table(going_on, issued, seen, rate_card(settings), spans, term_days, by_hand)
    starts = settings.organization.fiscal_year_starts
    paid = paid_before(going_on, issued, rate_card(settings), spans, term_days, starts)
    work = workload(table, seen, requests, came_in.closed_days, spans, settings, as_of)
    is_each = each_bought(going_on)
    habits = seen._asdict() | terms.seen._asdict() | {"each_bought": int(is_each.sum())}
    habits["without_order"] = int((is_each & (going_on.order == NO_ORDER)).sum())
    return Forecast(
        table,
        work,
        units(table, lots, list(settings.tiers), spans, starts),
        prices(table, going_on, lots, came_in.costs, list(settings.tiers), spans, starts, term_days),
        scenarios(table, work, settings.scenario, paid, spans, starts),
        paid,
        readiness(going_on, certificates, table, work, seen.asked_share, lints, spans),
        HABITS.frame([{**habits, **busiest(work, requests, came_in.closed_days, settings, as_of)}]),
    )
