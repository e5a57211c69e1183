"""A synthetic workspace of any size: every name in it is made up, and the same seed gives the same bytes on any machine and day.

The files tell the story that a certificate office lives through in seventeen months, up to 2026-11-23 (`set_pieces`), and hold the
dirt that real exports hold (`dirt`). Their shapes follow facts/service-levels §6: a demand curve over week and day, lognormal work,
waits in 40 % of the requests, reopenings in 7 %, and 2-3 % dirty rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from pipeline.sample import (
    adcs,
    certcentral,
    certificate_files,
    closed_months,
    finance_files,
    hindsight,
    mailbag,
    notices_sent,
    office_files,
    organization,
    registry,
    request_files,
    slips,
    spellings,
)
from pipeline.sample.authorities import founded
from pipeline.sample.chance import dice
from pipeline.sample.orders import Channel, OrderBook, number, populate, sign
from pipeline.sample.organization import FEWEST_AGENCIES, Estate
from pipeline.sample.set_pieces import Stage, play
from pipeline.sample.tickets import Desk

CERTIFICATES = 460
REQUESTS = 900
AGENCIES = 16
SEED = 20261123
FEWEST_CERTIFICATES = 400
FEWEST_REQUESTS = 400

__all__ = ["AGENCIES", "CERTIFICATES", "REQUESTS", "SEED", "Summary", "generate"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a sample holds: counts of certificates, requests and agencies, and of the rows that are dirty on purpose."""

    certificates: int
    requests: int
    agencies: int
    dirty_rows: int

    def __str__(self) -> str:
        return (
            f"A sample of {self.certificates:,} certificates, {self.requests:,} requests and {self.agencies:,} agencies; "
            f"{self.dirty_rows:,} rows are dirty on purpose."
        )


def generate(
    target: Path,
    certificates: int = CERTIFICATES,
    requests: int = REQUESTS,
    agencies: int = AGENCIES,
    seed: int = SEED,
    *,
    closed: bool = True,
) -> Summary:
    """Write settings, inbox, reference and entries of a sample into the workspace `target`, which `init` has laid out; close its months
    and send its notices.

    Without `closed` all months stay open and nothing was sent. `certificates` counts those of all systems and is reached or just passed.
    Raises `ValueError` for a sample that is too small for its story. No private key is ever written.
    """
    _large_enough(certificates, requests, agencies)
    owners = organization.agencies(agencies)
    estate = Estate(owners, dice(seed, "estate"))
    book, desk = OrderBook(seed, estate), Desk(seed)
    play(Stage(book, desk, estate))
    scripted = len(book.orders)
    populate(book, estate, desk, seed, certificates)
    number(book.orders)
    spellings.write_on(book.orders[scripted:])
    slips.revocation_forgotten(desk, book.orders, organization.HANDWRITTEN_AGENCY)
    mailbag.fill(desk, book.orders, seed, requests)
    tickets = mailbag.numbered(desk.tickets, requests)
    slips.slip(tickets["handwritten"])
    inbox = target / "data/inbox"
    dirty = _write_certificates(inbox, book, seed, times=max(1, certificates // CERTIFICATES))
    dirty += request_files.write(inbox / "requests", tickets, times=max(1, requests // REQUESTS))
    office_files.write(target, owners, book.orders, book.retired)
    finance_files.write(target / "data", owners, book.orders)
    hindsight.write(target / "data/entries", book.orders, owners)
    if closed:
        _close_months(target, book, owners)
        notices_sent.write(target)
    return Summary(len(book.certificates), sum(map(len, tickets.values())), len(owners), dirty)


def _close_months(target: Path, book: OrderBook, owners: Sequence[organization.Agency]) -> None:
    """Close the months up to September without what came out in October, and October with it."""
    corrections, exports = target / "data/entries" / hindsight.CORRECTIONS, target / "data/inbox/exports"
    in_registry = [order for order in book.orders if order.channel == "registry"]
    corrections.unlink()
    registry.write(exports, in_registry, missed=hindsight.missed(book.orders))
    closed_months.close(target, closed_months.SEPTEMBER)
    registry.write(exports, in_registry)
    hindsight.write(target / "data/entries", book.orders, owners)
    closed_months.close(target, closed_months.OCTOBER)


def _large_enough(certificates: int, requests: int, agencies: int) -> None:
    for what, asked, fewest in (
        ("certificates", certificates, FEWEST_CERTIFICATES),
        ("requests", requests, FEWEST_REQUESTS),
        ("agencies", agencies, FEWEST_AGENCIES),
    ):
        if asked < fewest:
            raise ValueError(f"A sample needs at least {fewest} {what} to tell its story; {asked} were asked for.")


def _write_certificates(inbox: Path, book: OrderBook, seed: int, times: int) -> int:
    """Make the certificates and write exports and certificate files; the number of dirty rows."""
    authorities = founded(seed)
    sign(book, authorities, seed)
    by_channel = {channel: [order for order in book.orders if order.channel == channel] for channel in get_args(Channel)}
    dirty = certcentral.write(inbox / "exports", by_channel["certcentral"], seed, times)
    dirty += registry.write(inbox / "exports", by_channel["registry"])
    adcs.write(inbox / "exports", by_channel["adcs"])
    certificate_files.write(inbox / "pem", book.certificates, authorities, seed)
    return dirty
