"""One page an agency, at an address made of its code: its certificates, expiries, requests, invoices and contacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline.mail_addresses import addresses_in
from pipeline.publish import calendar_events, calendar_feed, in_force, words
from pipeline.publish.late_rows import Found
from pipeline.publish.pages import (
    agency_shares,
    certificate_rows,
    charge_sums,
    estimates,
    notes,
    notices,
    request_rows,
    rule_breaks,
    service_levels,
)
from pipeline.publish.pages.agency_shares import Share, ending, from_old_codes
from pipeline.publish.pages.chargeback import invoices_listed
from pipeline.publish.pages.continuity import of_year
from pipeline.publish.pages.edition import Edition, address, download, named
from pipeline.publish.pages.expiry import LAPSED, LISTED_DAYS, lapsed_figure, of_retired_hosts
from pipeline.publish.pages.foot import Foot
from pipeline.publish.parts import Cell, Figure, Grid, Head, Link, Noted, Page, State
from pipeline.publish.rule_breaks import breaking

_REQUESTS_SHOWN = 50
_ENDING_SHOWN = 100
_ALONE_SHOWN = 25
_RULE_BREAKS_SHOWN = 50
_ROOM = 14_000  # less than other pages have, for there are hundreds of these
_WHOLE = 12
_ROOT = "../"
CALENDAR = "certificates.ics"  # of all agencies, at the root of the site


def pages(edition: Edition) -> Iterator[Page]:
    """The index of agencies and a page for each."""
    shares = agency_shares.shares(edition)
    of_code = {share.code: share for share in shares}
    months, levels_rest_on = charge_sums.months_of_agencies(edition), service_levels.rows_told(edition)
    calendars = dict(_calendars(edition))
    every = {CALENDAR: calendars[""]}
    view = {"index": _index(edition, shares), "counted": _counted(edition, shares), "calendar": CALENDAR}
    yield Page("agencies.md", "pages/agencies.md.j2", "Agencies", view, every)
    for share in shares:
        merged = [of_code[other] for other in edition.merged_into(share.code)]
        yield _page(edition, share, merged, months.get(share.code), levels_rest_on, calendars[share.code])


def _estimates(edition: Edition, code: str) -> Grid | None:
    """Estimate against actual of the agency, newest year first; None where no estimate of it is entered."""
    of_it = [row for row in edition.estimates.get(code, []) if not pd.isna(row.estimate_cents)]
    if not of_it:
        return None
    rows: list[list[Cell]] = [
        [
            f"FY{row.fiscal_year}",
            words.amount(int(row.estimate_cents)),
            words.amount(row.billed_cents),
            _left(int(row.left_cents)),
            "not begun" if pd.isna(row.projected_cents) else words.amount(int(row.projected_cents)),
            row.document or "none named",
        ]
        for row in of_it
    ]
    columns: tuple[Head, ...] = (Head("Fiscal year", "short"), Head("Set aside, $", "number"), Head("Billed, $", "number"))
    columns += (Head("Left, $", "number"), Head("The year at this pace, $", "number"), Head("Document"))
    return Grid(f"Estimate and actual of {code}, newest first, in US dollars", columns, rows, "", captioned=False, lead=3)


def _left(cents: int) -> Cell:
    return Noted(words.amount(cents), "more than was set aside", "near") if cents < 0 else words.amount(cents)


def _page(edition: Edition, share: Share, merged: list[Share], months: Grid | None, levels_rest_on: Foot, calendar: str) -> Page:
    to_mend = [row for row in share.rule_breaks if row.severity != "note"]
    code, billed = share.code, share.invoices
    name = edition.agency_names.get(code, "")
    return Page(
        f"agencies/{address(code)}.md",
        "pages/agency.md.j2",
        f"{code} {name}".strip(),
        {
            "code": code,
            "name": name,
            "sentence": _sentence(name or code, share),
            "successor": _successor(edition, code),
            "predecessors": [_predecessor(edition, other) for other in merged],
            "figures": _figures(edition, share),
            "lapsed": certificate_rows.renewals_of_agency(edition, share.lapsed, code, f"{LAPSED}, newest first", "")
            if share.lapsed
            else None,
            **_ending(edition, share),
            **_notices(edition, share),
            "rule_breaks": rule_breaks.grid_of_agency(
                to_mend[:_RULE_BREAKS_SHOWN], f"Rules that certificates of {code} break, gravest first", _ROOT
            ),
            "rule_breaks_left_out": max(len(to_mend) - _RULE_BREAKS_SHOWN, 0),
            "notes_on_rules": len(share.rule_breaks) - len(to_mend),
            "certificates": certificate_rows.grid_of_agency(
                edition, share.certificates, f"Certificates of {code}, most urgent first", "This agency has no certificate."
            ),
            "requests": request_rows.grid_of_agency(
                edition, share.requests[:_REQUESTS_SHOWN], f"Requests of {code}, newest first", "This agency has made no request."
            ),
            "requests_left_out": max(len(share.requests) - _REQUESTS_SHOWN, 0),
            "levels": service_levels.of_agency(edition, code, name or code, levels_rest_on),
            "invoices": invoices_listed(edition, billed, _ROOT).without(1),
            "drafts": charge_sums.drafts_listed(edition, billed),
            "months": months,
            "budget": estimates.of_agency(edition, code),
            "estimates": _estimates(edition, code),
            "notes": notes.about(edition, {code, *edition.merged_into(code)}, _ROOT),
            "contacts": _contacts(edition, share),
            "calendar": Link(f"{address(code)}.ics", f"{address(code)}.ics"),
            "package": download(_ROOT, f"agencies/{address(code)}.zip", f"{address(code)}.zip"),
            "trace": f"../trace/{address(code)}.html" if billed else "",
            "all_requests": download(_ROOT, "tables/requests.csv", "requests.csv"),
        },
        {f"agencies/{address(code)}.ics": calendar},
        list(_found(share, name)),
        _ROOM,
        _WHOLE,
    )


def _found(share: Share, name: str) -> Iterator[Found]:
    """What the search finds of an agency beside the words of its page: every host name and request."""
    who = words.escaped(f"{share.code} {name}".strip())
    hosts = dict.fromkeys(host for row in share.certificates for host in (row.common_name, *row.names.split(" ")) if host)
    if hosts:
        yield Found("certificates", f"Certificates of {who}", words.escaped(" ".join(hosts)))
    if share.requests:
        yield Found("requests", f"Requests of {who}", words.escaped(" ".join(row.request_id for row in share.requests)))


def _calendars(edition: Edition) -> Iterator[tuple[str, str]]:
    """The calendar of each agency with a page, by its code, and that of all under ""; an agency that became part of another stands in its
    own and in that one's."""
    before = edition.compared.before if edition.compared else None
    events = calendar_events.events(edition.books, edition.settings, edition.today, before.events if before else None)
    made: dict[str, list[str]] = {code: [] for code in edition.agency_codes}
    every = []
    for one in events:
        told = calendar_feed.event(one, edition.today)
        every.append(told.brief)
        if one.agency in made:
            made[one.agency].append(told.whole)
        then, _ = edition.mergers.get(one.agency, ("", None))
        if then in made:
            made[then].append(calendar_feed.event(one, edition.today, one.agency).whole)
    for code, texts in made.items():
        yield code, calendar_feed.feed(f"Certificates of {code}", texts)
    yield "", calendar_feed.feed("Certificates", every)


def _notices(edition: Edition, share: Share) -> dict[str, object]:
    """Which notices the certificates of the agency, and of those that became part of it, got or will get."""
    grid, left_out = notices.of_agency(edition, share.notices, f"Notices of certificates of {share.code}, latest end first")
    return {"notices": grid, "notices_left_out": left_out}


def _ending(edition: Edition, share: Share) -> dict[str, object]:
    """What ends soon with who is told of it, how many more do, and how many nobody needs any more."""
    soon = ending(share.all_to_renew, LISTED_DAYS)
    caption = f"Certificates of {share.code} in force that end within {LISTED_DAYS} days, soonest first"
    return {
        "ending_days": LISTED_DAYS,
        "owner": edition.settings.organization.service_owner,
        "ending": certificate_rows.renewals_of_agency(
            edition, soon[:_ENDING_SHOWN], share.code, caption, f"Nothing in force ends within {LISTED_DAYS} days."
        ),
        "ending_left_out": max(len(soon) - _ENDING_SHOWN, 0),
        "retired": of_retired_hosts(len(ending(share.looked_after, LISTED_DAYS)) - len(soon)),
    }


def _figures(edition: Edition, share: Share) -> list[Figure]:
    soon, later = ending(share.all_to_renew, 30), ending(share.all_to_renew, 90)
    old_later = from_old_codes(later, share.code)
    replace_now = _to_be_replaced(share)
    state: State = "near" if soon else "met"
    return [
        Figure(
            "Certificates in force",
            words.count(len(share.looked_after)),
            basis=_known(share),
            state="missed" if replace_now else "plain",
            word=replace_now,
            href="#rule-breaks" if replace_now else "",
        ),
        Figure(
            "Expire within 30 days",
            words.count(len(soon)),
            basis=f"{len(later):,} within 90 days{f', {old_later}' if old_later else ''}",
            state=state,
            word="renew now" if soon else "none",
            href="#ending" if later else "",
        ),
        lapsed_figure(share.lapsed, "#lapsed"),
        _requests_figure(share),
        _continuity(edition, share.code),
        _charged(share.invoices, edition.fiscal_year),
    ]


def _known(share: Share) -> str:
    """How many certificates were ever known; where some are of old codes, also how many of those in force and of those known."""
    known = [*share.certificates, *share.inherited]
    if not known:
        return "none was ever known"
    old, of_known = from_old_codes(share.looked_after, share.code), from_old_codes(known, share.code)
    of_all = f"of {words.count(len(known))} known{f' ({of_known})' if of_known else ''}"
    return f"{old} among them; {of_all}" if old else of_all


def _continuity(edition: Edition, code: str) -> Figure:
    """The continuity of the hosts of this very code, which says so where another agency became part of this one."""
    figure = of_year(edition, code, "../continuity.html")
    old = edition.merged_into(code)
    return replace(figure, change=f"of {code} alone, without {' and '.join(old)}") if old else figure


def _requests_figure(share: Share) -> Figure:
    """How many requests are not finished, with those made under the codes of agencies that became part of this one."""
    every = [*share.requests, *share.inherited_requests]
    old = from_old_codes(every, share.code)
    made = f"of {words.count(len(every))} ever made{f', {old}' if old else ''}" if every else "none was ever made"
    return Figure("Requests not finished", words.count(_open(every)), basis=made)


def _to_be_replaced(share: Share) -> str:
    """How many certificates must be replaced now, those of a code that merged into this one told apart: the index counts them there."""
    every, own = _breaking(share.rule_breaks), _breaking(_own(share))
    if not every:
        return ""
    old = f"{every - own:,} of them " if own else ""
    return f"{words.count(every, 'certificate')} must be replaced now" + (f", {old}under an old code" if every > own else "")


def _own(share: Share) -> list[Any]:
    """The broken rules of certificates under this very code."""
    return [row for row in share.rule_breaks if row.agency == share.code]


def _breaking(rows: Iterable[Any]) -> int:
    """How many certificates must be replaced now."""
    return len({row.certificate for row in rows if row.severity == "error"})


def _open(requests: Iterable[Any]) -> int:
    return sum(row.verdict in request_rows.OPEN_NOW for row in requests)


def _charged(billed: Sequence[Any], year: int) -> Figure:
    """What was charged in the fiscal year to date, and in the one before."""
    now, before = ([row.amount_cents for row in billed if row.period.startswith(f"FY{one}")] for one in (year, year - 1))
    return Figure(
        f"Charged in FY{year} to date",
        words.dollars(sum(now)),
        basis=words.count(len(now), "invoice"),
        change=f"{words.dollars(sum(before))} in FY{year - 1}, {words.count(len(before), 'invoice')}",
    )


def _sentence(who: str, share: Share) -> str:
    current, old = len(share.looked_after), from_old_codes(share.looked_after, share.code)
    over = f" {words.count(len(share.lapsed), 'certificate')} expired and nothing took over." if share.lapsed else ""
    if not current:
        return f"{who} has no certificate in force.{over}"
    soon = len(ending(share.all_to_renew, 30))
    verb = "expires" if soon == 1 else "expire"
    within = f"{words.count(soon)} of them {verb} within 30 days" if soon else "none of them expires within 30 days"
    return f"{who} has {words.count(current, 'certificate')} in force{f' ({old})' if old else ''}; {within}.{over}"


def _successor(edition: Edition, code: str) -> dict[str, object] | None:
    """What became of an agency that is no more: who took over, and on which day."""
    if code not in edition.mergers:
        return None
    then, on = edition.mergers[code]
    return {"agency": edition.agency(then, _ROOT), "name": edition.agency_names.get(then, ""), "on": words.day(on)}


def _predecessor(edition: Edition, gone: Share) -> dict[str, object]:
    """An agency that became part of this one, and its certificates that this one must look after."""
    grid = certificate_rows.grid_of_agency(
        edition,
        gone.current,
        f"Certificates in force under the old code {gone.code}, most urgent first",
        f"No certificate is in force under the old code {gone.code}.",
    )
    return {
        "agency": edition.agency(gone.code, _ROOT),
        "name": edition.agency_names.get(gone.code, ""),
        "on": words.day(edition.mergers[gone.code][1]),
        "certificates": grid,
        "requests": words.count(len(gone.requests), "request") if gone.requests else "",
        "none_open": not _open(gone.requests),
    }


def _contacts(edition: Edition, share: Share) -> Grid:
    """Who is told and who pays: the addresses of the spell that began last, those on the certificates looked after, and what has none."""
    rows: list[list[Cell]] = []
    if share.code in edition.newest_spells:
        spell = edition.newest_spells[share.code]
        billed: Cell = spell.billing_contact or "none entered: add one in data/reference/agencies.csv"
        if share.code in edition.mergers:
            then, on = edition.mergers[share.code]
            billed = Noted(spell.billing_contact or "none entered", f"until {words.day(on)}; bills go to {then} since then")
        rows.append(["Invoices", billed])
        rows.append(["Security notices", spell.security_contact or "none entered: add one in data/reference/agencies.csv"])
    told = Counter(one for row in share.looked_after for one in addresses_in(row.contact_email) or (row.contact_email,) if one)
    rows.extend([f"Notices for {words.count(told[email], 'certificate')}", email] for email in sorted(told))
    rows.extend(_without_contact(edition, share.code, [row for row in share.looked_after if not row.contact_email]))
    return Grid(f"Contacts of {share.code}", (Head("For"), Head("Address", "code")), rows, "No contact is known.")


def _without_contact(edition: Edition, code: str, alone: Sequence[Any]) -> Iterator[list[Cell]]:
    """Each certificate that has no contact, by name, and who is told instead, that somebody can add one."""
    told = edition.who_is_told("", "", code)
    instead = Noted(told.address, told.instead, "near")
    for row in alone[:_ALONE_SHOWN]:
        yield [f"Notices for {named(row)}", instead]
    if len(alone) > _ALONE_SHOWN:
        yield [f"Notices for {words.count(len(alone) - _ALONE_SHOWN, 'more certificate')}", instead]


def _counted(edition: Edition, shares: list[Share]) -> list[str]:
    """What the columns of the index count, in sentences, where somebody could take them for more."""
    said = []
    if edition.mergers:
        said.append(
            "Each row counts what stands under its own code; a charge stands with the agency that is billed. "
            "The page of an agency that others became part of counts theirs too."
        )
    of_all = sum(row.status == "active" for row in edition.shared(certificate_rows.listed))
    of_none = of_all - sum(len(share.current) for share in shares)
    if of_none:
        verb, others = "is" if of_none == 1 else "are", ", ".join(_of_nobody(edition, shares))
        said.append(f"In force adds up to {of_all - of_none:,} of {of_all:,} certificates: {of_none:,} {verb} of no known agency.")
        said += [f"In no row for the same reason: {others}."] if others else []
    return said


def _of_nobody(edition: Edition, shares: list[Share]) -> Iterator[str]:
    """How many the other columns leave out because nobody knows their agency, where they leave out any."""
    soon = len(in_force.ending(edition.to_renew, 30)) - sum(len(ending(share.to_renew, 30)) for share in shares)
    if soon:
        yield f"{soon:,} that {'expires' if soon == 1 else 'expire'} within 30 days"
    lapsed = len(edition.lapses) - sum(row.agency == share.code for share in shares for row in share.lapsed)
    if lapsed:
        yield f"{lapsed:,} that expired and nothing took over"
    grave = breaking(edition.rule_breaks, "error") - sum(_breaking(_own(share)) for share in shares)
    if grave:
        yield f"{grave:,} that must be replaced now"


def _index(edition: Edition, shares: list[Share]) -> Grid:
    rows: list[list[Cell]] = [
        [
            edition.agency(share.code),
            _named(edition, share.code),
            _with_old(edition, share, len(share.current), len(share.looked_after)),
            _with_old(edition, share, len(ending(share.to_renew, 30)), len(ending(share.all_to_renew, 30))),
            _with_old(edition, share, sum(row.agency == share.code for row in share.lapsed), len(share.lapsed)),
            _with_old(edition, share, _breaking(_own(share)), _breaking(share.rule_breaks)),
            _with_old(edition, share, _open(share.requests), _open([*share.requests, *share.inherited_requests])),
            words.amount(sum(row.amount_cents for row in share.invoices if row.period.startswith(f"FY{edition.fiscal_year}"))),
        ]
        for share in shares
    ]
    columns: tuple[Head, ...] = (Head("Agency"), Head("Name", "name"), Head("In force", "number"), Head("Expire within 30 days", "number"))
    columns += (Head("Expired, nothing took over", "number"), Head("To be replaced now", "number"), Head("Requests not finished", "number"))
    columns += (Head(f"Charged in FY{edition.fiscal_year}, $", "number"),)
    return Grid("Agencies by code", columns, rows, "No agency is known yet: list them in data/reference/agencies.csv.", lead=2)


def _with_old(edition: Edition, share: Share, own: int, both: int) -> Cell:
    """What is counted under this very code, and how much it is with the old codes, as the agency's own page has it."""
    return Noted(words.count(own), f"{both:,} with {', '.join(edition.merged_into(share.code))}") if both != own else words.count(own)


def _named(edition: Edition, code: str) -> Cell:
    name = edition.agency_names.get(code, "") or "not in data/reference/agencies.csv"
    if code not in edition.mergers:
        return name
    then, on = edition.mergers[code]
    return Noted(name, f"part of {then} since {words.day(on)}")
