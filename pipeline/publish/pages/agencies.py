"""One page an agency, at an address made of its code: its certificates, expiries, requests, invoices and contacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pipeline.publish import calendar_events, calendar_feed, in_force, words
from pipeline.publish.pages import certificate_rows, charge_sums, estimates, notes, notices, request_rows, rule_breaks, service_levels
from pipeline.publish.pages.chargeback import invoices
from pipeline.publish.pages.continuity import of_year
from pipeline.publish.pages.edition import Edition, address, download, rows_of
from pipeline.publish.pages.expiry import LAPSED, LISTED_DAYS, lapsed_figure, lapses, of_retired_hosts
from pipeline.publish.parts import Cell, Figure, Grid, Head, Link, Noted, Page, State
from pipeline.publish.rule_breaks import breaking

_CERTIFICATES_SHOWN = 500
_REQUESTS_SHOWN = 50
_ENDING_SHOWN = 100
_ALONE_SHOWN = 25
_RULE_BREAKS_SHOWN = 50
_ROOT = "../"
CALENDAR = "certificates.ics"  # of all agencies, at the root of the site
# What a page reads of the certificates: the fewer columns, the sooner hundreds of small tables are made of them.
_READ = ["certificate", "common_name", "subject_alternative_names", "names", "agency", "status", "tier", "serial", "order_id", "is_ca",
         "contact_email", "key_type", "key_bits", "key_curve", "valid_to", "days_left", "superseded_by"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Share:
    """What the books hold of one agency; `lapsed`, `rule_breaks` and `notices` also what stands under the codes of
    agencies that became part of it."""

    code: str
    certificates: pd.DataFrame
    to_renew: pd.DataFrame
    lapsed: pd.DataFrame
    rule_breaks: pd.DataFrame
    requests: pd.DataFrame
    invoices: pd.DataFrame
    charged: pd.DataFrame
    notices: pd.DataFrame


def pages(edition: Edition) -> Iterator[Page]:
    """The index of agencies and a page for each."""
    ordered = certificate_rows.most_urgent_first(edition, edition.books.certificates)
    certificates = _by(ordered[_READ], "agency")
    requests = _by(edition.books.requests, "agency")
    invoiced, charged = _by(edition.books.invoices, "agency"), _by(edition.books.ledger, "billed_to")
    due, over = _by(edition.to_renew[_READ], "agency"), lapses(edition)
    broken, told = edition.rule_breaks, notices.latest_end_first(edition)
    shares = [
        _Share(
            code,
            certificates.get(code, ordered.iloc[:0]),
            due.get(code, ordered.iloc[:0]),
            over[over["agency"].isin((code, *edition.merged_into(code)))],
            broken[broken["agency"].isin((code, *edition.merged_into(code)))],
            requests.get(code, edition.books.requests.iloc[:0]),
            invoiced.get(code, edition.books.invoices.iloc[:0]),
            charged.get(code, edition.books.ledger.iloc[:0]),
            told[told["agency"].isin((code, *edition.merged_into(code)))],
        )
        for code in edition.agency_codes
    ]
    calendars = dict(_calendars(edition))
    every = {CALENDAR: calendars[""]}
    yield Page("agencies.md", "pages/agencies.md.j2", "Agencies", {"index": _index(edition, shares), "calendar": CALENDAR}, every)
    for share in shares:
        yield _page(edition, share, calendars[share.code])


def _estimates(edition: Edition, code: str) -> Grid | None:
    """Estimate against actual of the agency, newest year first; None where no estimate of it is entered."""
    known = edition.books.encumbrances
    of_it = known[(known["agency"] == code) & known["estimate_cents"].notna()].sort_values("fiscal_year", ascending=False)
    if of_it.empty:
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
        for row in rows_of(of_it)
    ]
    columns: tuple[Head, ...] = (Head("Fiscal year", "short"), Head("Set aside, $", "number"), Head("Billed, $", "number"))
    columns += (Head("Left, $", "number"), Head("The year at this pace, $", "number"), Head("Document"))
    return Grid(f"Estimate and actual of {code}, newest first, in US dollars", columns, rows, "", captioned=False, lead=3)


def _left(cents: int) -> Cell:
    return Noted(words.amount(cents), "more than was set aside", "near") if cents < 0 else words.amount(cents)


def _by(frame: pd.DataFrame, column: str) -> dict[str, pd.DataFrame]:
    """The rows of each value of `column`. Text becomes plain objects: of hundreds of small tables, columns of Arrow cost more than rows."""
    texts = {name: object for name, kind in frame.dtypes.items() if kind == "str"}
    return {str(code): rows for code, rows in frame.astype(texts).copy().groupby(column, sort=False)}


def _page(edition: Edition, share: _Share, calendar: str) -> Page:
    to_mend = share.rule_breaks[share.rule_breaks["severity"] != "note"]
    code, owned, asked, billed = share.code, share.certificates, share.requests, share.invoices
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
            "predecessors": [_predecessor(edition, other, code) for other in edition.merged_into(code)],
            "figures": _figures(edition, share),
            "lapsed": certificate_rows.renewals_of_agency(edition, share.lapsed, f"{LAPSED}, newest first", "")
            if len(share.lapsed)
            else None,
            **_ending(edition, share),
            **_notices(edition, share),
            "rule_breaks": rule_breaks.grid_of_agency(
                edition, to_mend.iloc[:_RULE_BREAKS_SHOWN], f"Rules that certificates of {code} break, gravest first", _ROOT
            ),
            "rule_breaks_left_out": max(len(to_mend) - _RULE_BREAKS_SHOWN, 0),
            "notes_on_rules": len(share.rule_breaks) - len(to_mend),
            "certificates": certificate_rows.grid_of_agency(
                edition,
                owned.iloc[:_CERTIFICATES_SHOWN],
                f"Certificates of {code}, most urgent first",
                "This agency has no certificate.",
            ),
            "certificates_left_out": max(len(owned) - _CERTIFICATES_SHOWN, 0),
            "requests": request_rows.grid_of_agency(
                edition,
                request_rows.newest_first(asked).iloc[:_REQUESTS_SHOWN],
                f"Requests of {code}, newest first",
                "This agency has made no request.",
            ),
            "requests_left_out": max(len(asked) - _REQUESTS_SHOWN, 0),
            "levels": service_levels.of_agency(edition, code, name or code),
            "invoices": invoices(edition, billed, _ROOT).without(1),
            "drafts": charge_sums.drafts(edition, billed),
            "months": charge_sums.by_month(
                edition,
                share.charged,
                sorted(share.charged["period"].unique()),
                f"Charges of {code} by month and tier, newest first, in US dollars",
                captioned=False,
            ),
            "budget": estimates.of_agency(edition, code),
            "estimates": _estimates(edition, code),
            "notes": notes.about(edition, {code, *edition.merged_into(code)}, _ROOT),
            "contacts": _contacts(edition, code, owned),
            "calendar": Link(f"{address(code)}.ics", f"{address(code)}.ics"),
            "package": download(_ROOT, f"agencies/{address(code)}.zip", f"{address(code)}.zip"),
            "trace": f"../trace/{address(code)}.html" if len(billed) else "",
            "all_certificates": download(_ROOT, "tables/certificates.csv", "certificates.csv"),
            "all_requests": download(_ROOT, "tables/requests.csv", "requests.csv"),
        },
        {f"agencies/{address(code)}.ics": calendar},
    )


def _calendars(edition: Edition) -> Iterator[tuple[str, str]]:
    """The calendar of each agency with a page, by its code, and that of all under ""."""
    before = edition.compared.before if edition.compared else None
    events = calendar_events.events(edition.books, edition.settings, edition.today, before.events if before else None)
    made: dict[str, list[str]] = {code: [] for code in edition.agency_codes}
    every = []
    for one in events:
        text = calendar_feed.event(one, edition.today)
        every.append(text)
        if one.agency in made:
            made[one.agency].append(text)
    for code, texts in made.items():
        yield code, calendar_feed.feed(f"Certificates of {code}", texts)
    yield "", calendar_feed.feed("Certificates", every)


def _notices(edition: Edition, share: _Share) -> dict[str, object]:
    """Which notices the certificates of the agency, and of those that became part of it, got or will get."""
    grid, left_out = notices.of_agency(edition, share.notices, f"Notices of certificates of {share.code}, latest end first")
    return {"notices": grid, "notices_left_out": left_out}


def _ending(edition: Edition, share: _Share) -> dict[str, object]:
    """What ends soon with who is told of it, how many more do, and how many nobody needs any more."""
    soon = certificate_rows.most_urgent_first(edition, in_force.ending(share.to_renew, LISTED_DAYS))
    caption = f"Certificates of {share.code} in force that end within {LISTED_DAYS} days, soonest first"
    return {
        "ending_days": LISTED_DAYS,
        "ending": certificate_rows.renewals_of_agency(
            edition, soon.iloc[:_ENDING_SHOWN], caption, f"Nothing in force ends within {LISTED_DAYS} days."
        ),
        "ending_left_out": max(len(soon) - _ENDING_SHOWN, 0),
        "retired": of_retired_hosts(edition, share.certificates),
    }


def _figures(edition: Edition, share: _Share) -> list[Figure]:
    current = in_force.certificates(share.certificates)
    soon, later = in_force.ending(share.to_renew, 30), in_force.ending(share.to_renew, 90)
    grave = breaking(share.rule_breaks, "error")
    open_now = share.requests[share.requests["verdict"].isin(request_rows.OPEN_NOW)]
    state: State = "near" if len(soon) else "met"
    return [
        Figure(
            "Certificates in force",
            words.count(len(current)),
            basis=f"of {words.count(len(share.certificates))} known",
            state="missed" if grave else "plain",
            word=f"{words.count(grave, 'certificate')} must be replaced now" if grave else "",
            href="#rule-breaks" if grave else "",
        ),
        Figure(
            "Expire within 30 days",
            words.count(len(soon)),
            basis=f"{len(later):,} within 90 days",
            state=state,
            word="renew now" if len(soon) else "none",
            href="#ending" if len(later) else "",
        ),
        lapsed_figure(share.lapsed, "#lapsed"),
        Figure("Requests not finished", words.count(len(open_now)), basis=f"of {words.count(len(share.requests))} ever made"),
        of_year(edition, share.code, "../continuity.html"),
        _charged(share.invoices, edition.fiscal_year),
    ]


def _charged(billed: pd.DataFrame, year: int) -> Figure:
    """What was charged in the fiscal year to date, and in the one before."""
    now, before = (billed[billed["period"].str.startswith(f"FY{one}")] for one in (year, year - 1))
    return Figure(
        f"Charged in FY{year} to date",
        words.dollars(int(now["amount_cents"].sum())),
        basis=words.count(len(now), "invoice"),
        change=f"{words.dollars(int(before['amount_cents'].sum()))} in FY{year - 1}, {words.count(len(before), 'invoice')}",
    )


def _sentence(who: str, share: _Share) -> str:
    current = in_force.certificates(share.certificates)
    over = f" {words.count(len(share.lapsed), 'certificate')} expired and nothing took over." if len(share.lapsed) else ""
    if current.empty:
        return f"{who} has no certificate in force.{over}"
    soon = in_force.ending(share.to_renew, 30)
    verb = "expires" if len(soon) == 1 else "expire"
    ending = f"{words.count(len(soon))} of them {verb} within 30 days" if len(soon) else "none of them expires within 30 days"
    return f"{who} has {words.count(len(current), 'certificate')} in force; {ending}.{over}"


def _successor(edition: Edition, code: str) -> dict[str, object] | None:
    """What became of an agency that is no more: who took over, and on which day."""
    if code not in edition.mergers:
        return None
    then, on = edition.mergers[code]
    return {"agency": edition.agency(then, _ROOT), "name": edition.agency_names.get(then, ""), "on": words.day(on)}


def _predecessor(edition: Edition, code: str, then: str) -> dict[str, object]:
    """An agency that became part of `then`, and its certificates that `then` must look after."""
    certificates = edition.books.certificates
    current = in_force.certificates(certificates[certificates["agency"] == code])
    grid = certificate_rows.grid_of_agency(
        edition,
        certificate_rows.most_urgent_first(edition, current).iloc[:_CERTIFICATES_SHOWN],
        f"Certificates in force under the old code {code}, most urgent first",
        f"No certificate is in force under the old code {code}.",
    )
    return {
        "agency": edition.agency(code, _ROOT),
        "name": edition.agency_names.get(code, ""),
        "on": words.day(edition.mergers[code][1]),
        "certificates": grid,
    }


def _contacts(edition: Edition, code: str, owned: pd.DataFrame) -> Grid:
    """Who is told and who pays: the addresses of the spell that began last, those on the agency's certificates, and what has none."""
    spells = edition.books.agencies[edition.books.agencies["agency"] == code]
    rows: list[list[Cell]] = []
    for spell in rows_of(spells.sort_values("valid_from", na_position="first", kind="stable").iloc[-1:]):
        rows.append(["Invoices", spell.billing_contact or "none entered: add one in data/reference/agencies.csv"])
        rows.append(["Security notices", spell.security_contact or "none entered: add one in data/reference/agencies.csv"])
    current = in_force.certificates(owned)
    told = current.loc[current["contact_email"] != "", "contact_email"].value_counts()
    rows.extend([f"Notices for {words.count(int(told[email]), 'certificate')}", email] for email in sorted(told.index))
    rows.extend(_without_contact(edition, code, current[current["contact_email"] == ""]))
    return Grid(f"Contacts of {code}", (Head("For"), Head("Address", "code")), rows, "No contact is known.")


def _without_contact(edition: Edition, code: str, alone: pd.DataFrame) -> Iterator[list[Cell]]:
    """Each certificate that has no contact, by name, and who is told instead, that somebody can add one."""
    told = edition.who_is_told("", code)
    instead = Noted(told.address, told.instead, "near")
    for row in rows_of(alone.iloc[:_ALONE_SHOWN]):
        yield [f"Notices for {certificate_rows.named(row)}", instead]
    if len(alone) > _ALONE_SHOWN:
        yield [f"Notices for {words.count(len(alone) - _ALONE_SHOWN, 'more certificate')}", instead]


def _index(edition: Edition, shares: list[_Share]) -> Grid:
    rows: list[list[Cell]] = []
    for share in shares:
        current = in_force.certificates(share.certificates)
        year = share.invoices[share.invoices["period"].str.startswith(f"FY{edition.fiscal_year}")]
        rows.append(
            [
                edition.agency(share.code),
                _named(edition, share.code),
                words.count(len(current)),
                words.count(len(in_force.ending(share.to_renew, 30))),
                words.count(int((share.lapsed["agency"] == share.code).sum())),
                words.count(breaking(share.rule_breaks[share.rule_breaks["agency"] == share.code], "error")),
                words.count(int(share.requests["verdict"].isin(request_rows.OPEN_NOW).sum())),
                words.amount(int(year["amount_cents"].sum())),
            ]
        )
    columns: tuple[Head, ...] = (Head("Agency"), Head("Name", "name"), Head("In force", "number"), Head("Expire within 30 days", "number"))
    columns += (Head("Expired, nothing took over", "number"), Head("To be replaced now", "number"), Head("Requests not finished", "number"))
    columns += (Head(f"Charged in FY{edition.fiscal_year}, $", "number"),)
    return Grid("Agencies by code", columns, rows, "No agency is known yet: list them in data/reference/agencies.csv.")


def _named(edition: Edition, code: str) -> Cell:
    name = edition.agency_names.get(code, "") or "not in data/reference/agencies.csv"
    if code not in edition.mergers:
        return name
    then, on = edition.mergers[code]
    return Noted(name, f"part of {then} since {words.day(on)}")
