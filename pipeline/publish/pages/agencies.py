"""One page an agency, at an address made of its code: its certificates, expiries, requests, invoices and contacts."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages import certificate_rows, notes, request_rows
from pipeline.publish.pages.chargeback import invoices
from pipeline.publish.pages.edition import Edition, address, download, rows_of
from pipeline.publish.pages.expiry import expiring
from pipeline.publish.parts import Cell, Figure, Grid, Head, Noted, Page, State

_CERTIFICATES_SHOWN = 500
_REQUESTS_SHOWN = 50
_ROOT = "../"


def pages(edition: Edition) -> Iterator[Page]:
    """The index of agencies and a page for each."""
    ordered = certificate_rows.most_urgent_first(edition.books.certificates)
    certificates = _by(ordered, "agency")
    requests = _by(edition.books.requests, "agency")
    charged = _by(edition.books.invoices, "agency")
    shares = [
        (
            code,
            certificates.get(code, ordered.iloc[:0]),
            requests.get(code, edition.books.requests.iloc[:0]),
            charged.get(code, edition.books.invoices.iloc[:0]),
        )
        for code in edition.agency_codes
    ]
    yield Page("agencies.md", "pages/agencies.md.j2", "Agencies", {"index": _index(edition, shares)})
    for code, owned, asked, billed in shares:
        yield _page(edition, code, owned, asked, billed)


def _by(frame: pd.DataFrame, column: str) -> dict[str, pd.DataFrame]:
    return {str(code): rows for code, rows in frame.groupby(column, sort=False)}


def _page(edition: Edition, code: str, owned: pd.DataFrame, asked: pd.DataFrame, billed: pd.DataFrame) -> Page:
    name = edition.agency_names.get(code, "")
    return Page(
        f"agencies/{address(code)}.md",
        "pages/agency.md.j2",
        f"{code} {name}".strip(),
        {
            "code": code,
            "name": name,
            "sentence": _sentence(name or code, owned),
            "successor": _successor(edition, code),
            "predecessors": [_predecessor(edition, other, code) for other, (then, _) in sorted(edition.mergers.items()) if then == code],
            "figures": _figures(edition, owned, asked, billed),
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
            "invoices": invoices(edition, billed, _ROOT).without(1),
            "notes": notes.about(edition, {code, *(other for other, (then, _) in edition.mergers.items() if then == code)}, _ROOT),
            "contacts": _contacts(edition, code, owned),
            "trace": f"../trace/{address(code)}.html" if len(billed) else "",
            "all_certificates": download(_ROOT, "tables/certificates.csv", "certificates.csv"),
            "all_requests": download(_ROOT, "tables/requests.csv", "requests.csv"),
        },
    )


def _figures(edition: Edition, owned: pd.DataFrame, asked: pd.DataFrame, billed: pd.DataFrame) -> list[Figure]:
    current = certificate_rows.in_force(owned)
    soon, later = expiring(current, 30), expiring(current, 90)
    open_now = asked[asked["verdict"].isin(request_rows.OPEN_NOW)]
    state: State = "near" if len(soon) else "met"
    return [
        Figure("Certificates in force", words.count(len(current)), basis=f"of {words.count(len(owned))} known"),
        Figure("Expire within 30 days", words.count(len(soon)), state=state, word="renew now" if len(soon) else "none"),
        Figure("Expire within 90 days", words.count(len(later))),
        Figure("Requests not finished", words.count(len(open_now)), basis=f"of {words.count(len(asked))} ever made"),
        _charged(billed, edition.fiscal_year, " to date"),
        _charged(billed, edition.fiscal_year - 1, ""),
    ]


def _charged(billed: pd.DataFrame, year: int, span: str) -> Figure:
    invoiced = billed[billed["period"].str.startswith(f"FY{year}")]
    return Figure(
        f"Charged in FY{year}{span}", words.dollars(int(invoiced["amount_cents"].sum())), basis=words.count(len(invoiced), "invoice")
    )


def _sentence(who: str, owned: pd.DataFrame) -> str:
    current = certificate_rows.in_force(owned)
    if current.empty:
        return f"{who} has no certificate in force."
    soon = expiring(current, 30)
    verb = "expires" if len(soon) == 1 else "expire"
    ending = f"{words.count(len(soon))} of them {verb} within 30 days" if len(soon) else "none of them expires within 30 days"
    return f"{who} has {words.count(len(current), 'certificate')} in force; {ending}."


def _successor(edition: Edition, code: str) -> dict[str, object] | None:
    """What became of an agency that is no more: who took over, and on which day."""
    if code not in edition.mergers:
        return None
    then, on = edition.mergers[code]
    return {"agency": edition.agency(then, _ROOT), "name": edition.agency_names.get(then, ""), "on": words.day(on)}


def _predecessor(edition: Edition, code: str, then: str) -> dict[str, object]:
    """An agency that became part of `then`, and its certificates that `then` must look after."""
    certificates = edition.books.certificates
    current = certificate_rows.in_force(certificates[certificates["agency"] == code])
    grid = certificate_rows.grid_of_agency(
        edition,
        certificate_rows.most_urgent_first(current).iloc[:_CERTIFICATES_SHOWN],
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
    """Who is told and who pays: the addresses of the spell that began last, then those on the agency's certificates."""
    spells = edition.books.agencies[edition.books.agencies["agency"] == code]
    rows: list[list[Cell]] = []
    for spell in rows_of(spells.sort_values("valid_from", na_position="first", kind="stable").iloc[-1:]):
        rows.append(["Invoices", spell.billing_contact or "none entered: add one in data/reference/agencies.csv"])
        rows.append(["Security notices", spell.security_contact or "none entered: add one in data/reference/agencies.csv"])
    told = certificate_rows.in_force(owned)["contact_email"].value_counts()
    rows.extend([f"Notices for {words.count(int(told[email]), 'certificate')}", email or "no contact"] for email in sorted(told.index))
    return Grid(f"Contacts of {code}", (Head("For"), Head("Address", "code")), rows, "No contact is known.")


def _index(edition: Edition, shares: list[tuple[str, pd.DataFrame, pd.DataFrame, pd.DataFrame]]) -> Grid:
    rows: list[list[Cell]] = []
    for code, owned, asked, billed in shares:
        current = certificate_rows.in_force(owned)
        year = billed[billed["period"].str.startswith(f"FY{edition.fiscal_year}")]
        rows.append(
            [
                edition.agency(code),
                _named(edition, code),
                words.count(len(current)),
                words.count(len(expiring(current, 30))),
                words.count(int(asked["verdict"].isin(request_rows.OPEN_NOW).sum())),
                words.amount(int(year["amount_cents"].sum())),
            ]
        )
    columns: tuple[Head, ...] = (Head("Agency"), Head("Name", "name"), Head("In force", "number"), Head("Expire within 30 days", "number"))
    columns += (Head("Requests not finished", "number"), Head(f"Charged in FY{edition.fiscal_year}, $", "number"))
    return Grid("Agencies by code", columns, rows, "No agency is known yet: list them in data/reference/agencies.csv.")


def _named(edition: Edition, code: str) -> Cell:
    name = edition.agency_names.get(code, "") or "not in data/reference/agencies.csv"
    if code not in edition.mergers:
        return name
    then, on = edition.mergers[code]
    return Noted(name, f"part of {then} since {words.day(on)}")
