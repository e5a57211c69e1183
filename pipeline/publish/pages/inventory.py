"""Inventory: how many certificates there are, the keys, algorithms and issuers they rest on, and each of them, most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline.publish import charts, in_force, words
from pipeline.publish.in_force import Share
from pipeline.publish.pages import certificate_rows, quality
from pipeline.publish.pages.edition import Edition, download, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.pages.trace_rows import RowPages
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Links, Noted, Page
from pipeline.three_ways import blocks_alone

_FILTERS = ("Agency", "State", "Tier", "Key")
# What the figures and charts read: each choice among the rows would copy four dozen columns.
_READ = ["status", "is_ca", "agency", "parse_status", "trust", "issuer", "key_type", "key_bits", "key_curve", "signature_algorithm"]
# More bars than this are read by nobody; the table behind the chart has them all.
_BARS = 10
_UNREAD, _NOT_READ = "unreadable-certificate", "cannot be read"


def pages(edition: Edition) -> Iterator[Page]:
    """The inventory page."""
    certificates = edition.books.certificates
    servers = certificates.loc[~certificates["is_ca"], ["status", "parse_status", "agency", "role"]]
    is_block = blocks_alone(servers)
    blocks = words.count(int(is_block.sum()), "block") if is_block.any() else ""
    servers = servers[~is_block]
    retired = in_force.of_retired_hosts(certificates, edition.books, edition.today) & (certificates["status"] == "expired")
    current = in_force.certificates(certificates[_READ])
    with_key = in_force.with_key(current)
    known = len(with_key)
    what = f"Certificates, and {blocks} that cannot be read, most urgent first" if blocks else "Certificates, most urgent first"
    every = certificate_rows.every(edition, what, "No certificate is known yet.")
    every = _with_blocks_told(edition, every) if blocks else every
    yield Page(
        "inventory.md",
        "pages/inventory.md.j2",
        "Inventory",
        {
            "sentence": _sentence(len(servers), len(current), int(certificates["is_ca"].sum()), blocks),
            "figures": _figures(servers, current, int((retired & ~certificates["is_ca"]).sum()), _of_blocks(edition, int(is_block.sum()))),
            "known": in_force.known_keys(current),
            "keys": _mix("keys", "key", in_force.keys(with_key), known, "Type and size of key"),
            "signatures": _mix("signatures", "signature algorithm", in_force.signatures(with_key), known, "Signature algorithm"),
            "issuers": _mix("issuers", "issuer", in_force.issuers(current), len(current), "Issuer"),
            "trusts": _mix("trusts", "kind of issuer", in_force.trusts(current), len(current), "Who issued them"),
            "post_quantum": in_force.post_quantum(current),
            "every": replace(every, tools=True, choose=_FILTERS, main=True),
            "workbook": download("", "certificates.xlsx", "certificates.xlsx"),
            "all_rows": download("", "tables/certificates.csv", "certificates.csv"),
            "foot": foot(edition, ("certificates", "pem"), "certificates", len(certificates)),
        },
    )


def _sentence(number: int, current: int, authorities: int, blocks: str) -> str:
    if not (number or authorities or blocks):
        return "No certificate is known yet."
    are = "is" if number == 1 else "are"
    known = f"{words.count(number, 'server certificate')} {are} known, {current:,} of them in force"
    known += f"; {blocks} of certificate files cannot be read" if blocks else ""
    if not authorities:
        return f"{known}."
    are = "is" if authorities == 1 else "are"
    return f"{known}; {words.count(authorities, 'certificate')} of certificate authorities {are} left out here."


def _of_blocks(edition: Edition, number: int) -> list[Figure]:
    """The card of blocks of which no certificate could be made, leading to what to do; none where all could be read."""
    if not number:
        return []
    grades = edition.books.findings.loc[edition.books.findings["code"] == _UNREAD, "severity"].tolist()
    href = quality.address_of(_UNREAD, grades[0]) if grades else ""
    return [Figure("Cannot be read", words.count(number, "block"), basis="of certificate files; counted on no other card", href=href)]


def _with_blocks_told(edition: Edition, every: Grid) -> Grid:
    """The table, in which the row of a block of which no certificate could be made says so in each cell, and names its file."""
    certificates = edition.books.certificates
    blocks = certificates.loc[blocks_alone(certificates), ["certificate", "source"]]
    places = edition.books.places
    at = {place.source: place for place in rows_of(places[places["source"].isin(blocks["source"])])}
    found = {row.certificate: at.get(row.source) for row in rows_of(blocks)}
    rows = [
        _block(edition, found[row.certificate]) if row.certificate in found else cells
        for row, cells in zip(edition.shared(certificate_rows.listed), every.rows, strict=True)
    ]
    return replace(every, rows=rows)


def _block(edition: Edition, place: Any) -> list[Cell]:
    told = f"block {place.row} of {place.file}" if place else "a block of a certificate file"
    href = edition.shared(RowPages).href((place.file, place.sheet, place.row), "") if place else ""
    name: Cell = (
        Links((Link(told, href),), "no certificate could be made of it") if href else Noted(told, "no certificate could be made of it")
    )
    said: list[Cell] = [Chip(_NOT_READ, "missed") if head.title == "State" else _NOT_READ for head in certificate_rows.COLUMNS[1:]]
    return [name, *said]


def _figures(servers: pd.DataFrame, current: pd.DataFrame, retired: int, of_blocks: list[Figure]) -> list[Figure]:
    return [
        Figure("In force", words.count(len(current)), basis="valid, and no later one has taken over"),
        Figure("Not yet valid", words.count(_with(servers, "not-yet-valid")), basis="issued, and begin later"),
        Figure("Superseded", words.count(_with(servers, "superseded")), basis="valid, but replaced"),
        Figure("Expired", words.count(_with(servers, "expired")), basis=f"{retired:,} of them of retired hosts" if retired else ""),
        Figure("Revoked", words.count(_with(servers, "revoked"))),
        Figure("Without readable dates", words.count(_with(servers, "")), basis="neither export nor file tells the end"),
        Figure("Without an agency", words.count(int((servers["agency"] == "").sum())), basis="nobody is charged for them"),
        Figure(
            "With a certificate file",
            words.count(int(servers["parse_status"].isin(["ok", "partial"]).sum())),
            basis="key and names are proven",
        ),
        *of_blocks,
    ]


def _mix(name: str, what: str, shares: Sequence[Share], basis: int, head: str) -> charts.Chart | Grid | None:
    """Who has what, as bars with the table behind them; of a single kind just the table, for one bar compares nothing."""
    if not shares:
        return None
    columns: tuple[Head, ...] = (Head(head), Head("Certificates", "number"), Head("Share", "number"))
    rows: list[list[Cell]] = [[share.name, words.count(share.number), words.percent(share.number / basis)] for share in shares]
    table = Grid(f"Certificates in force by {what}", columns, rows, "", ["Total", words.count(basis), ""])
    if len(shares) == 1:
        return table
    most = shares[0]
    return charts.ranking(
        name,
        f"Most frequent {what}: {most.name} ({most.number:,} of {words.count(basis, 'certificate')})",
        f"Certificates in force by {what}, the most frequent first.",
        _bars(shares),
        lambda number: f"{number:,.0f}",
        table,
    )


def _bars(shares: Sequence[Share]) -> list[charts.Ranked]:
    """The most frequent, and all others as one grey bar below them."""
    shown = shares if len(shares) <= _BARS else shares[: _BARS - 1]
    bars = [charts.Ranked(share.name, share.number) for share in shown]
    others = shares[len(shown) :]
    if others:
        bars.append(charts.Ranked(words.count(len(others), "other"), sum(share.number for share in others), "series-5"))
    return bars


def _with(frame: pd.DataFrame, status: str) -> int:
    return int((frame["status"] == status).sum())
