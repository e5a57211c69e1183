"""What changed since the previous run: certificates that are new, renewed, expired, revoked, reclassified or gone, requests that are new,
changed or gone, and what is charged otherwise, each with the way to its trace. It rests on what the previous run recorded of itself
(DESIGN §3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline import changes
from pipeline.changes import Change
from pipeline.contracts import RunRecord
from pipeline.findings import quoted
from pipeline.publish import words
from pipeline.publish.pages import certificate_rows, changed_certificates, changed_charges, request_rows
from pipeline.publish.pages.changed_certificates import Moved
from pipeline.publish.pages.edition import Edition, named, rows_of
from pipeline.publish.parts import Cell, Figure, Grid, Head, Page

_NONE_BEFORE = "No run of an earlier day is recorded in data/ledger/runs, so there is nothing to compare this one with."
_NAMED = 5  # certificates in a line
_TABLES = {"certificates": "Certificates", "requests": "Requests", "ledger": "Lines of the ledger"}


def pages(edition: Edition) -> Iterator[Page]:
    """The page; where no earlier run is known it only says so."""
    view: dict[str, Any] = {"sentence": sentence(edition), "unknown": "", "figures": [], "sections": [], "counts": None}
    compared = edition.compared
    if compared is not None and compared.before is not None:
        view |= _view(edition, compared.current, compared.before)
    yield Page("changed.md", "pages/changed.md.j2", "What changed", view)


def sentence(edition: Edition) -> str:
    """What changed since the previous run, in a sentence; or that there is none."""
    compared = edition.compared
    if compared is None or compared.before is None:
        return _NONE_BEFORE
    moved = changes.cents_by_invoice(compared.current, compared.before)
    cents, invoices = sum(moved.values()), words.count(len(moved), "invoice")
    if cents:
        money = f"{words.dollars(abs(cents))} {'more' if cents > 0 else 'less'} is charged, on {invoices}"
    else:
        money = f"{invoices} moved, and the sum did not" if moved else "every invoice comes to the same sum"
    return f"Since the run of {words.long_day(compared.before.as_of)}, {_of_certificates(edition)}; {money}."


def _of_certificates(edition: Edition) -> str:
    """How many certificates are new, and how many were revoked or expired where any did."""
    found = edition.shared(changed_certificates.moved)
    new, revoked, expired = len(found.new), len(found.revoked), len(found.expired)
    said = [f"{words.count(new, 'certificate')} {'is' if new == 1 else 'are'} new" if new else "no certificate is new"]
    said += [f"{words.count(revoked)} {'was' if revoked == 1 else 'were'} revoked"] if revoked else []
    said += [f"{words.count(expired)} expired without a successor"] if expired else []
    return " and ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else said[0]


def in_words(edition: Edition) -> tuple[str, ...]:
    """What became of certificates since the previous run, and how many notices are due, a line each with the first names, for a terminal;
    nothing of certificates where no earlier run is known."""
    due = int((edition.books.notices["state"] == "due").sum())
    notices = (f"  {'notices due':<26} {due:,}",)
    if edition.compared is None or edition.compared.before is None:
        return notices
    found = edition.shared(changed_certificates.moved)
    told = {"certificates new": found.new}
    if changes.knows_rows(edition.compared.before):
        told |= {
            "renewed": found.renewed,
            "expired, no successor": found.expired,
            "revoked": found.revoked,
            "of another tier or agency": found.reclassified,
        }
    return (*(f"  {title:<26} {len(rows):,}{_named(rows)}" for title, rows in told.items()), *notices)


def _named(rows: pd.DataFrame) -> str:
    """The names of the first certificates, as they may be shown on a terminal."""
    first = [quoted(named(row)) for row in rows_of(rows.iloc[:_NAMED])]
    more = f" and {len(rows) - len(first):,} more" if len(rows) > len(first) else ""
    return f": {', '.join(first)}{more}" if first else ""


def _view(edition: Edition, current: RunRecord, before: RunRecord) -> dict[str, Any]:
    found = edition.shared(changed_certificates.moved)
    requests = next(one for one in changes.against(current, before) if one.table == "requests")
    of_certificates = next(one for one in changes.against(current, before) if one.table == "certificates").changed
    other = changed_certificates.otherwise(edition, of_certificates, before)
    change = changed_charges.ledger_change(current, before)
    moved = changes.cents_by_invoice(current, before)
    of_ledger = len(change.new) + len(change.changed) + len(change.gone)
    sections = [
        *_certificates(edition, found, before),
        _section("changed", "Changed certificates", other, len(of_certificates)),
        *_requests(edition, requests),
        _section("invoices", "Invoices", changed_charges.invoices(edition, current, before), len(moved)),
        _section("lines", "Lines of the ledger", changed_charges.lines(edition, current, before), of_ledger),
    ]
    return {
        "unknown": _unknown(before),
        "figures": _figures(found, len(edition.lapses), requests, moved, known=changes.knows_rows(before)),
        "sections": [one for one in sections if one["grid"].rows],
        "counts": _counts(current, before),
    }


def _unknown(before: RunRecord) -> str:
    """What cannot be told, where the previous run kept less of its rows than this one does."""
    if changes.knows_rows(before):
        return ""
    return (
        f"The run of {words.long_day(before.as_of)} was made by an older program, which recorded that a row is there but not what it said. "
        "So what was renewed, expired, revoked or reclassified since cannot be told this once, nor what a changed line charged then."
    )


def _figures(found: Moved, lapsed: int, requests: Change, moved: dict[str, int], *, known: bool) -> list[Figure]:
    cents = sum(moved.values())
    charged = Figure("Charged", f"{'+' if cents > 0 else ''}{words.dollars(cents)}", basis=f"on {words.count(len(moved), 'invoice')}")
    new = Figure("New certificates", words.count(len(found.new)), href="#new" if len(found.new) else "")
    gone = Figure("Told no more", words.count(len(found.gone)), basis="in no file now", href="#gone" if found.gone else "")
    asked = _asked(requests)
    if not known:
        return [new, gone, asked, charged]
    lost = len(found.expired)
    return [
        new,
        Figure(
            "Renewed",
            words.count(len(found.renewed)),
            basis=_taken_over(len(found.taken_over)),
            href="#renewed" if len(found.renewed) else "",
        ),
        Figure(
            "Expired without a successor",
            words.count(lost),
            basis=f"of {lapsed:,} that the page of expiries lists" if lapsed else "",
            state="missed" if lost else "met",
            word="renew, or say that the host is gone" if lost else "none new" if lapsed else "none",
            href="#expired" if lost else "",
        ),
        Figure("Revoked", words.count(len(found.revoked)), href="#revoked" if len(found.revoked) else ""),
        Figure("Of another tier or agency", words.count(len(found.reclassified)), href="#reclassified" if len(found.reclassified) else ""),
        gone,
        asked,
        charged,
    ]


def _taken_over(number: int) -> str:
    """What the card of renewals counts, and what it does not: certificates whose successor was known already and has become valid."""
    more = f"; {words.count(number)} more, renewed earlier, {'has' if number == 1 else 'have'} been taken over" if number else ""
    return f"by a certificate that is known only since then{more}"


def _asked(requests: Change) -> Figure:
    """The card of requests; it leads to the first list that has any."""
    lists = {"new-requests": requests.new, "changed-requests": requests.changed, "gone-requests": requests.gone}
    href = next((f"#{anchor}" for anchor, keys in lists.items() if keys), "")
    also = f"{words.count(len(requests.changed))} changed, {words.count(len(requests.gone))} told no more"
    return Figure("New requests", words.count(len(requests.new)), basis=also, href=href)


def _requests(edition: Edition, requests: Change) -> Iterator[dict[str, Any]]:
    """The sections about requests, the newest first; of those that no log tells of any more only the number is known."""
    every = request_rows.newest_first(edition.books.requests)
    for anchor, title, keys in (("new-requests", "New requests", requests.new), ("changed-requests", "Changed requests", requests.changed)):
        found = every[every["request_id"].isin(keys)].iloc[: changed_certificates.SHOWN]
        yield _section(anchor, title, request_rows.grid(edition, found, f"{title}, as they are now, the newest first", ""), len(keys))
    told_no_more: list[list[Cell]] = [[key] for key in requests.gone[: changed_certificates.SHOWN]]
    grid = Grid("Requests that no log tells of any more", (Head("Request", "code"),), told_no_more, "", things=True, captioned=False)
    yield _section("gone-requests", "Requests told no more", grid, len(requests.gone))


def _certificates(edition: Edition, found: Moved, before: RunRecord) -> list[dict[str, Any]]:
    """The sections about certificates."""

    def plain(anchor: str, title: str, rows: Any, caption: str, *, captioned: bool = False) -> dict[str, Any]:
        grid = certificate_rows.grid(edition, rows.iloc[: changed_certificates.SHOWN], caption, "")
        return _section(anchor, title, replace(grid, captioned=captioned), len(rows))

    other = changed_certificates.reclassified(edition, found.reclassified, before)
    return [
        plain("new", "New", found.new, "New certificates, those that end soonest first", captioned=True),
        _section("renewed", "Renewed", changed_certificates.renewed(edition, found.renewed), len(found.renewed)),
        plain("expired", "Expired without a successor", found.expired, "Certificates that expired without a successor"),
        plain("revoked", "Revoked", found.revoked, "Certificates that were revoked"),
        _section("reclassified", "Of another tier or agency", other, len(found.reclassified)),
        _section("gone", "Told no more", changed_certificates.gone(edition, found.gone, before), len(found.gone)),
    ]


def _section(anchor: str, title: str, grid: Grid, number: int) -> dict[str, Any]:
    return {"anchor": anchor, "title": title, "grid": grid, "left_out": max(number - len(grid.rows), 0)}


def _counts(current: RunRecord, before: RunRecord) -> Grid:
    cells: list[list[Cell]] = [
        [_TABLES[one.table], *(words.count(len(keys)) for keys in (one.new, one.changed, one.gone))]
        for one in changes.against(current, before)
    ]
    columns = (Head("What"), Head("New", "number"), Head("Changed", "number"), Head("Gone", "number"))
    return Grid("Rows that are new, changed or gone", columns, cells, "", captioned=False)
