"""Home: three sentences, six figures, what needs action today, and how fresh the sources are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.mail_addresses import addresses_in
from pipeline.publish import in_force, lots_left, rule_breaks, waiting, words
from pipeline.publish.pages import (
    availability,
    certificate_rows,
    changed,
    changed_certificates,
    expiry,
    lots,
    measured,
    performance,
    request_rows,
    requests,
)
from pipeline.publish.pages import rule_breaks as rules
from pipeline.publish.pages.edition import Edition, named, rows_of
from pipeline.publish.pages.trace_rows import to_its_row
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Noted, Page

_ACTIONS = 25
_LAPSED = 10
_SOON = 30
_WAITING = "chargeback.html#waiting-for-an-answer"
_REFUSED = "quality.html#error-adjustment-not-posted"
_SOURCES = {
    "certificates": "Certificate exports",
    "pem": "Certificate files",
    "requests": "Request log",
    "pauses": "Pauses of requests",
    "lots": "Lots bought",
    "outages": "Outages",
}


def pages(edition: Edition) -> Iterator[Page]:
    """The home page."""
    yield Page(
        "index.md",
        "pages/index.md.j2",
        "Certificate service",
        {
            "sentences": [performance.sentence(edition), _certificates(edition), _money(edition)],
            "figures": _figures(edition),
            "lapsed": _lapsed(edition) if edition.internal else None,
            "actions": _actions(edition) if edition.internal else None,
            "actions_left_out": max(_needing_action(edition) - _ACTIONS, 0) if edition.internal else 0,
            "changed": changed.sentence(edition) if edition.internal else "",
            "freshness": freshness(edition),
            "stale_days": edition.settings.quality.stale_after_days,
        },
    )


def _lapsed(edition: Edition) -> dict[str, Any] | None:
    """The gravest gap, on a list of its own: what lapsed and left a host name without a certificate; nothing where there is none."""
    over = expiry.lapses(edition)
    if over.empty:
        return None
    grid = certificate_rows.renewals(edition, over.iloc[:_LAPSED], f"{expiry.LAPSED}, newest first", "")
    return {"grid": grid, "left_out": max(len(over) - _LAPSED, 0)}


def freshness(edition: Edition) -> Grid:
    """One row a kind of source: its newest day, how old that is, and whether any of its sources is stale."""
    inputs = edition.books.inputs
    rows: list[list[Cell]] = []
    for kind, name in _SOURCES.items():
        of_kind = inputs[inputs["kind"] == kind]
        if of_kind.empty:
            rows.append([name, "0", "nothing has come in", Chip("missing", "near")])
            continue
        newest = of_kind["newest_on"].max()
        rows.append([name, words.count(len(of_kind)), words.day(newest, "no date in it"), _age(edition, kind, newest)])
    columns: tuple[Head, ...] = (Head("Source"), Head("Files", "number"), Head("Newest day in it", "date"), Head("Age"))
    return Grid("How fresh the sources are", columns, rows, "", things=True, captioned=False)


def _age(edition: Edition, kind: str, newest: pd.Timestamp) -> Cell:
    """How old the newest day of a kind is, and how its sources are judged; a stale one is not hidden by the newest of them all."""
    days = None if pd.isna(newest) else (edition.today - newest.date()).days
    ago = "age not known" if days is None else words.in_days(-days) if days else "today"
    freshness = edition.books.sources.loc[edition.books.sources["kind"] == kind, "freshness"]
    stale, late, fresh = (int((freshness == state).sum()) for state in ("stale", "late", "fresh"))
    if stale and not late + fresh:
        return Chip(f"{ago}, stale", "missed")
    if stale or late:
        number, said = (stale, "stale") if stale else (late, "later than usual")
        return Chip(f"{ago}; {number:,} of {words.count(len(freshness), 'source')} {'is' if number == 1 else 'are'} {said}", "near")
    return Chip(f"{ago}, fresh", "met") if fresh and days is not None else Chip(ago)


def _certificates(edition: Edition) -> str:
    """What ends soon, what lapsed, and how many certificates break a rule so gravely that they must be replaced."""
    grave = rule_breaks.breaking(edition.rule_breaks, "error")
    broken = f" {words.count(grave, 'certificate')} {'breaks' if grave == 1 else 'break'} a rule and must be replaced." if grave else ""
    return f"{expiry.sentence(edition)}{broken}"


def _money(edition: Edition) -> str:
    ledger = edition.entries
    year = ledger[ledger["period"].str.startswith(f"FY{edition.fiscal_year}")]
    if year.empty:
        return f"Nothing has been charged in fiscal year {edition.fiscal_year} yet."
    payers = year["billed_to"].nunique()
    unpaid, unpriced = waiting.for_an_answer(edition.books.waiting).orders, waiting.for_a_rate(edition.books.waiting)
    also = ""
    if unpaid:
        one = unpaid == 1
        also = f"; {words.count(unpaid, 'order')} {'waits' if one else 'wait'} for an answer and {'is' if one else 'are'} charged to nobody"
    if unpriced:
        also += f"; {words.count(unpriced, 'certificate')} {'has' if unpriced == 1 else 'have'} no rate and cost nobody anything yet"
    return (
        f"Since the start of fiscal year {edition.fiscal_year}, {words.dollars(int(year['amount_cents'].sum()))} was charged to "
        f"{words.count(payers, 'agency', 'agencies')}{also}."
    )


def _figures(edition: Edition) -> list[Figure]:
    month = edition.last_month
    late = len(requests.with_verdict(edition, "overdue"))
    figures = [_on_time(edition, month)]
    for dimension, member in availability.members(edition)[:1]:
        figures.append(
            measured.defined(
                measured.figure(
                    f"{member} available around the clock in {words.month(month)}",
                    measured.at(edition, availability.AROUND_THE_CLOCK, month, dimension, member),
                    "",
                    change=measured.change(edition, availability.AROUND_THE_CLOCK, month, dimension, member, 2),
                    digits=2,
                    href="availability.html",
                ),
                availability.AROUND_THE_CLOCK,
            )
        )
    figures += [
        replace(performance.overdue("Requests overdue", late), change=_overdue_last_year(edition)),
        _expiring(edition),
        _charged(edition),
        _units(edition),
    ]
    return figures


def _on_time(edition: Edition, month: str) -> Figure:
    """The share of the last month, and beside it that of the fiscal year to date, which one good month must not hide."""
    share, year = (measured.at(edition, performance.ON_TIME, period) for period in (month, measured.year_label(edition)))
    change = measured.change(edition, performance.ON_TIME, month)
    found = measured.figure(f"On time in {words.month(month)}", share, "request", change=change, href="performance.html")
    if year is not None and year.known:
        said = f"FY{edition.fiscal_year} to date {words.percent(year.value)} of {year.n:,}"
        found = replace(found, basis=f"{found.basis}; {said}{f', {year.word}' if year.word else ''}")
    return measured.defined(found, performance.ON_TIME)


def _overdue_last_year(edition: Edition) -> str:
    """How many requests were open past their due day on the same day last year; "" where no request had come in by then, and in the
    public edition, which knows no due days."""
    table, then = edition.books.requests, f"{edition.same_day_last_year:%Y-%m-%d}"
    if not edition.internal or not any(day and day <= then for day in edition.local_days_told(table["submitted_at"])):
        return ""
    late = table[table["verdict"].isin(("missed", "overdue")) & (table["due_on"] < pd.Timestamp(edition.same_day_last_year))]
    still_open = sum(not day or day > then for day in edition.local_days_told(late["completed_at"]))
    return f"{still_open:,} on the same day last year"


def _expiring(edition: Edition) -> Figure:
    """What ends soon, and what lapsed. How many break a rule, the sentence above says: it is no part of these."""
    soon, over = in_force.ending(edition.to_renew, _SOON), len(edition.lapses)
    return Figure(
        f"Expire within {_SOON} days",
        words.count(len(soon)),
        basis=in_force.of_all(edition.certificates),
        change=_expiring_before(edition),
        state="missed" if over else "plain",
        word=f"besides, {over:,} expired and nothing took over" if over else "",
        href="expiry.html" if edition.internal else "",
    )


def _expiring_before(edition: Edition) -> str:
    """How many ended within the same days at the previous run, or why that is not told; "" in the public edition, which knows no run."""
    if edition.compared is None:
        return ""
    before = edition.compared.before
    if before is None:
        return "no run of an earlier day to compare with"
    then = changed_certificates.ending_then(edition, before, _SOON)
    day = words.long_day(before.as_of)
    return f"not comparable with the run of {day}" if then is None else f"{then:,} in the run of {day}"


def _charged(edition: Edition) -> Figure:
    ledger, year = edition.entries, edition.fiscal_year
    cents = int(ledger.loc[ledger["period"].str.startswith(f"FY{year}"), "amount_cents"].sum())
    return Figure(
        f"Charged in FY{year} to date",
        words.dollars(cents),
        basis="after credits and adjustments",
        change=_charged_last_year(edition),
        href="chargeback.html",
    )


def _charged_last_year(edition: Edition) -> str:
    """What was posted for the same days of last fiscal year, or why there is nothing to compare with."""
    ledger, begins, ends = edition.entries, edition.last_year_begins, edition.same_day_last_year
    charging_since = edition.settings.charges.begin
    if charging_since is not None and charging_since > begins:
        return f"no comparison: charges begin on {words.long_day(charging_since)}"
    last_period = calendar.period_of(ends, edition.starts)
    posted = ledger["period"].between(f"{last_period[:6]}-P01", last_period) & (ledger["service_on"] <= pd.Timestamp(ends))
    if not posted.any():
        return f"nothing from {edition.same_span_last_year()}"
    return f"{words.dollars(int(ledger.loc[posted, 'amount_cents'].sum()))} from {edition.same_span_last_year()}"


def _units(edition: Edition) -> Figure:
    """What is left in the lots, how much was asked for lately, and what must be ordered first."""
    left = {tier: lots.units_left(edition, tier) for tier in edition.tier_names()}
    figure = Figure(
        "Units left to draw",
        words.count(sum(left.values())),
        basis=", ".join(f"{words.count(number)} {tier}" for tier, number in left.items()),
    )
    if not edition.internal:
        return figure
    table, tiers = edition.books.lots, edition.tier_names()
    asked = sum(stock.asked for stock in lots_left.by_tier(table, tiers))
    change = f"{asked:,} asked for in the last 90 days" if asked else "none asked for in the last 90 days"
    figure = replace(figure, change=f"{change}; no run records what was left", href="lots.html")
    pressing = min(lots_left.to_order(table, tiers, edition.today, edition.settings.lots.lead_days), key=lambda one: one[0], default=None)
    if pressing is None:
        return figure
    by, stock = pressing
    when = f"by {words.day(by)}" if by > edition.today else "now"
    return replace(figure, state=lots.order_state(edition, by), word=f"order more {stock.tier} units {when}")


def _urgent(edition: Edition) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Requests overdue or about to be, and certificates in force that end within 30 days."""
    soon = in_force.ending(edition.to_renew, _SOON)
    late = pd.concat([requests.with_verdict(edition, verdict) for verdict in ("overdue", "at-risk")])
    return late, certificate_rows.most_urgent_first(edition, soon)


def _needing_action(edition: Edition) -> int:
    return sum(len(frame) for frame in edition.shared(_urgent))


def _actions(edition: Edition) -> Grid:
    """The most urgent first: by days left, an overdue request's being negative."""
    late, soon = edition.shared(_urgent)
    by_days: list[tuple[int, int, str, list[Cell]]] = []
    for row in rows_of(late):
        if pd.isna(row.due_on):
            continue
        days = (row.due_on.date() - edition.today).days
        by_days.append((days, 0, row.request_id, _late(edition, row, days)))
    ends = edition.local_days_told(soon["valid_to"])
    for row, day in zip(rows_of(soon), ends, strict=True):
        by_days.append((int(row.days_left), 1, row.certificate, _ending(edition, row, day)))
    by_days.sort(key=lambda one: one[:3])
    columns: tuple[Head, ...] = (Head("What", "code"), Head("Agency"), Head("Day", "date"), Head("To do"))
    return Grid(
        f"What is to be revoked, replaced, charged, ordered or finished, and certificates that end within {_SOON} days, most urgent first",
        columns,
        [
            *_unrevoked(edition),
            *_broken(edition),
            *_unpaid(edition),
            *_refused(edition),
            *_to_order(edition),
            *(one[3] for one in by_days[:_ACTIONS]),
        ],
        "Nothing needs action today.",
        things=True,
    )


def _unrevoked(edition: Edition) -> Iterator[list[Cell]]:
    """Certificates that somebody wanted revoked and that can still be used."""
    table = edition.books.reconciliation
    alive = table[table["class"] == "revocation-not-done"]
    if len(alive):
        codes = alive["agency"].unique()
        what = Link(f"{words.count(len(alive), 'certificate')} to be revoked", "reconciliation.html#revocation-not-done")
        agency = edition.agency(str(codes[0])) if len(codes) == 1 else "see the list"
        yield [
            what,
            agency,
            Noted("today", "still valid", "missed"),
            "Have it revoked by the CA" if len(alive) == 1 else "Have them revoked",
        ]


def _broken(edition: Edition) -> Iterator[list[Cell]]:
    """Certificates that break a rule so gravely that they must be replaced."""
    found = edition.rule_breaks
    grave = found[found["severity"] == "error"]
    if len(grave):
        codes, number = grave["agency"].unique(), grave["certificate"].nunique()
        yield [
            Link(f"{words.count(number, 'certificate')} to be replaced", f"{rules.PATH}#{rules.anchor('error')}"),
            edition.agency(str(codes[0])) if len(codes) == 1 else "see the list",
            Noted("today", "breaks a rule" if number == 1 else "break a rule", "missed"),
            "Have it replaced" if number == 1 else "Have them replaced",
        ]


def _unpaid(edition: Edition) -> Iterator[list[Cell]]:
    """What is charged to nobody: it waits for no day, so it stands first."""
    unanswered = edition.books.waiting
    for waits, lack, agency, to_do in (
        (waiting.for_an_agency(unanswered), "without an agency", "not known", "Say who pays"),
        (waiting.for_a_tier(unanswered), "without a tier", "see the list", "Say which tier was bought"),
    ):
        if waits.orders:
            day = Noted("today", f"{waits.dollars} waits", "missed")
            yield [Link(f"{words.count(waits.orders, 'order')} {lack}", _WAITING), agency, day, to_do]
    if unpriced := waiting.for_a_rate(unanswered):
        what = Link(f"{words.count(unpriced, 'certificate')} without a rate", _WAITING)
        yield [what, "see the list", Noted("today", "amount not known", "missed"), "Add the rate of that day"]


def _refused(edition: Edition) -> Iterator[list[Cell]]:
    """Decisions about money that cannot be posted: the dollars move only once somebody mends their line."""
    told = edition.books.not_posted
    refused = told[told["state"] == "refused"]
    if len(refused):
        codes = refused["agency"].unique()
        yield [
            Link(f"{words.count(len(refused), 'decision')} not posted", _REFUSED),
            edition.agency(str(codes[0])) if len(codes) == 1 else "see the list",
            Noted("today", f"{words.dollars(int(refused['amount_cents'].sum()))} not moved", "missed"),
            "Mend its line of adjustments.csv" if len(refused) == 1 else "Mend their lines of adjustments.csv",
        ]


def _to_order(edition: Edition) -> Iterator[list[Cell]]:
    """Tiers of which more units must be ordered within the days that an order takes."""
    tiers, lead_days = edition.tier_names(), edition.settings.lots.lead_days
    for day, stock in lots_left.to_order(edition.books.lots, tiers, edition.today, lead_days):
        when = Noted(words.day(day), f"order due {words.in_days((day - edition.today).days)}", lots.order_state(edition, day))
        runs_out = f"; at this pace the units last until {words.day(stock.runs_out_on)}" if stock.runs_out_on else ""
        yield [Link(f"{words.count(stock.left, f'{stock.tier} unit')} left", "lots.html"), "all", when, f"Order more{runs_out}"]


def _late(edition: Edition, row: Any, days: int) -> list[Cell]:
    what = f"Finish the {words.REQUEST_KINDS[row.kind]}" if row.kind != "issue" else "Help with the certificate"
    return [
        request_rows.number(edition, row),
        edition.agency(row.agency),
        Noted(words.day(row.due_on), f"due {words.in_days(days)}", "missed" if days < 0 else "near"),
        what,
    ]


def _ending(edition: Edition, row: Any, day: str) -> list[Cell]:
    verb = "are its contacts" if len(addresses_in(row.contact_email)) > 1 else "is its contact"
    told = f"Renew it; {row.contact_email} {verb}" if row.contact_email else "Renew it; it has no contact: add one"
    what = to_its_row(edition, named(row), row.source)
    return [what, edition.agency(row.agency), certificate_rows.expiry(day, row.days_left), told]
