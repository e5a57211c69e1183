"""What came in becomes the books of the day: every stage in its order, each a pure function from tables to a table and its findings."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from pipeline import (
    arrivals,
    calendar,
    certificates,
    chargeback,
    continuity,
    encumbrances,
    entries,
    forecast,
    hosts,
    journal,
    lints,
    lots,
    notices,
    origins,
    reconcile,
    recovery,
    requests,
    service,
)
from pipeline.contracts import AT_STAKE, Books, Inbox, RunRecord
from pipeline.memory import given_back
from pipeline.settings import Settings
from pipeline.three_ways import compare
from pipeline.uncollected import uncollected


@given_back()
@uncollected()
def account(came_in: Inbox, settings: Settings, as_of: dt.date, before: RunRecord | None = None) -> Books:
    """Turn what came in into the books of the day; of the run `before` only its counts matter. Pure: no files, no clock."""
    as_read, came_in = came_in, entries.correct(came_in, settings.organization.zone)
    time = calendar.business_time(settings.desk, settings.organization.zone, came_in.closed_days, came_in.extra_closures)
    inventory = certificates.inventory(came_in.export_rows, came_in.certificate_blocks, came_in.agencies, came_in.aliases, settings, as_of)
    logs = (came_in.request_rows, came_in.request_events, came_in.pause_rows)
    asked = requests.log(*logs, came_in.agencies, came_in.aliases, settings, time, as_of)
    charged = chargeback.ledger(inventory.table, came_in.export_rows, came_in.agencies, settings, as_of, came_in.closed)
    moved = _moved_by_corrections(as_read, came_in, inventory, charged, settings, as_of)
    twice = chargeback.told_twice(charged.twice, came_in.places)
    asked_for = chargeback.name_requests(charged.table, asked.table)
    beside = (came_in.closed, inventory.table, came_in.agencies, settings.organization.fiscal_year_starts)
    kept = chargeback.kept_decisions(came_in.closed, came_in.adjustments)
    decisions = frozenset({*came_in.adjustments["id"], *kept["id"]})
    undecided = chargeback.post(asked_for, *beside, as_of=as_of).table if decisions else asked_for
    told_orders = {*came_in.export_rows["order_id"], *came_in.closed.ledger["order_id"]}
    decided = chargeback.adjust(asked_for, came_in.adjustments, came_in.agencies, told_orders, settings, as_of, undecided, kept)
    posted = chargeback.post(decided.table, *beside, decisions, as_of, moved.by_hand, charged.from_closed | set(kept["id"]))
    drawn = lots.draw(posted.table, came_in.lot_rows, settings, as_of, came_in.lot_openings, came_in.closed)
    recovered = recovery.recover(drawn.ledger, drawn.lots, came_in.costs, came_in.recovery_openings, settings, as_of, came_in.closed)
    expected = encumbrances.against_actual(drawn.ledger, came_in.estimates, came_in.agencies, settings, as_of)
    booked = journal.journal(drawn.ledger, came_in.accounts, expected.table, settings)
    orders = chargeback.billed_orders(drawn.ledger, inventory.table, charged.one_order, came_in, settings, as_of)
    sent = chargeback.recipients(came_in.closed, came_in.agencies, as_of)
    compared = compare(inventory, asked.table, came_in, settings, as_of)
    said_of_hosts = hosts.judged(came_in.hosts, compared.certificates, as_of)
    covered = continuity.continuity(compared.certificates, came_in.hosts, settings.organization, as_of)
    judged = lints.judge(compared.certificates, came_in.public_keys)
    ahead = forecast.forecast(compared.certificates, covered.renewals, judged.table, asked.table, drawn.lots, came_in, settings, as_of)
    arrived = arrivals.sources(came_in.inputs, before, settings, as_of, chargeback.cents_by_file(charged.table, came_in.places))
    owed = notices.notices(compared.certificates, came_in.hosts, came_in.agencies, came_in.notice_log, settings, as_of)
    records = service.Records(
        requests=asked.table,
        request_events=came_in.request_events,
        episodes=asked.episodes,
        outages=came_in.outage_rows,
        continuity=covered.table,
        renewals=covered.renewals,
        certificates=compared.certificates,
        hosts=came_in.hosts,
        server_software=came_in.server_software,
        places=came_in.places,
        inputs=came_in.inputs,
        sources=arrived.table,
        notices=owed.table,
    )
    measured = service.measures(records, time, settings, as_of)
    places = origins.named(came_in, inventory.told_by)
    told_of = service.CameIn(asked.table, came_in.outage_rows, places, came_in.inputs, settings.organization.zone)
    published_first = service.beside_closed(measured.table, came_in.closed, told_of, settings.organization.fiscal_year_starts)
    settled = entries.settled(as_read, came_in, inventory.table, asked.table, asked.unexplained, charged.waiting, settings, as_of)
    stages = (
        came_in,
        inventory,
        compared,
        judged,
        asked,
        charged,
        moved,
        twice,
        decided,
        posted,
        sent,
        drawn,
        recovered,
        expected,
        booked,
        measured,
        published_first,
        said_of_hosts,
        arrived,
        settled,
        owed,
    )
    found = tuple(finding for stage in stages for finding in stage.findings)
    found += chargeback.remapped(posted.table, came_in.closed, came_in.export_rows)
    told = entries.accept(certificates.contacts_told_once(found), came_in, as_of)
    return Books.of(
        came_in,
        certificates=compared.certificates,
        lints=judged.table,
        continuity=covered.table,
        renewals=covered.renewals,
        gaps=covered.gaps,
        notices=owed.table,
        requests=asked.table,
        episodes=asked.episodes,
        reconciliation=compared.table,
        ledger=drawn.ledger,
        waiting=charged.waiting,
        not_posted=decided.not_posted,
        at_stake=entries.not_accepted(AT_STAKE.check(pd.concat([moved.table, twice.table])), told),
        **settled.tables,
        invoices=chargeback.invoices(drawn.ledger, came_in.closed.invoices),
        billed_orders=orders,
        recipients=sent.table,
        lots=drawn.lots,
        recovery=recovered.table,
        encumbrances=expected.table,
        journal=booked.table,
        measures=published_first.measures,
        limits=measured.limits,
        restated=published_first.table,
        forecast=ahead.table,
        workload=ahead.workload,
        units_needed=ahead.units_needed,
        prices=ahead.prices,
        scenarios=ahead.scenarios,
        paid_before=ahead.paid_before,
        readiness=ahead.readiness,
        habits=ahead.habits,
        findings=reconcile.findings_table(told, came_in.places),
        sources=arrived.table,
        places=places,
    )


def _moved_by_corrections(
    as_read: Inbox, came_in: Inbox, inventory: certificates.Inventory, charged: chargeback.Charged, settings: Settings, as_of: dt.date
) -> entries.MoneyMoved:
    """What the corrections of export rows move in the ledger: it is drawn up without them too, if there are any."""
    changes = entries.of_exports(as_read, settings.organization.zone)
    if not changes:
        return entries.MoneyMoved(AT_STAKE.empty())
    before = certificates.inventory(as_read.export_rows, as_read.certificate_blocks, as_read.agencies, as_read.aliases, settings, as_of)
    without = chargeback.ledger(before.table, as_read.export_rows, as_read.agencies, settings, as_of, as_read.closed)
    return entries.money_moved(
        changes,
        entries.Reading(without.table, as_read.export_rows, before.told_by),
        entries.Reading(charged.table, came_in.export_rows, inventory.told_by),
        settings.organization.fiscal_year_starts,
    )
