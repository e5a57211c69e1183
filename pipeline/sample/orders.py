"""Orders and their certificates: how the hosts of the sample live from one certificate to the next."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from pipeline.sample.authorities import INTERNAL, TLS_EC, TLS_RSA, Authorities, Wanted, names_of, serial_number
from pipeline.sample.chance import Weighted, dice
from pipeline.sample.desk_time import BEGIN, LAST_DAY, asked_near, desk_day
from pipeline.sample.keys import PublicKey, ec_key, rsa_public_key
from pipeline.sample.organization import MERGED, MERGED_ON, REGISTRY_AGENCIES, SUCCESSOR, Agency, Estate, Host
from pipeline.sample.tickets import Desk

Channel = Literal["certcentral", "registry", "adcs"]

TERM = dt.timedelta(days=365)
# Public certificates of 398 days could be had before this day, of 200 days from it on.
SHORT_LIVES_SINCE = dt.date(2026, 3, 15)
_LONG_LIVES = Weighted(((365, 0.6), (397, 0.4)))
_SHORT_LIFE = 199
_INTERNAL_LIVES = Weighted(((365, 0.5), (730, 0.5)))
_LEAD_DAYS = Weighted((((31, 44), 0.22), ((14, 29), 0.66), ((9, 13), 0.12)))
_INTERNAL_SHARE = 0.13
_RETIRED_SHARE = 0.06
_OLD_SHARE = 0.42
_FIRST_ORDER = dt.date(2024, 8, 5)
_FIRST_ORDER_ID = 1_104_500
# A host of one agency that was installed with the key of another's: whose key stands in whose certificate.
COPIED_KEYS = {"snow.isb.example.gov": "loans.rlb.example.gov"}
_KEEPS_ITS_KEY = 6
_LAST_NEW_ORDER = dt.date(2026, 11, 12)


@dataclass(slots=True, eq=False)
class Order:
    """One order: who pays, when it was placed, and its certificates in order of issue. `refused` orders have none.

    `free`: without a number, only its names and its end show that it is a reissue of an earlier certificate.
    """

    host: Host
    agency: Agency
    channel: Channel
    tier: str
    ordered_at: dt.datetime
    renews: Order | None = None
    renewed_by: Order | None = None
    order_id: str = ""
    refused: Literal["", "rejected", "canceled"] = ""
    free: bool = False
    has_contact: bool = True
    written_agency: str = ""
    written_product: str = ""
    certificates: list[Certificate] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Certificate:
    """One certificate. Times are UTC without a zone; `valid_to` is the last second. `der` is filled by `sign`."""

    order: Order
    issuer: str
    tier: str
    names: tuple[str, ...]
    issued_on: dt.date
    valid_from: dt.datetime
    valid_to: dt.datetime
    serial: int
    der: bytes = b""
    revoked_on: dt.date | None = None
    revocation_reason: str = ""
    common_name: str = ""


class OrderBook:
    """All orders of the sample, in the order in which they were made up; `retired` are the last certificates of hosts that went."""

    def __init__(self, seed: int, estate: Estate) -> None:
        self.orders: list[Order] = []
        self.certificates: list[Certificate] = []
        self.retired: list[Certificate] = []
        self._seed = seed
        self._estate = estate

    def place(self, host: Host, ordered_at: dt.datetime, *, channel: Channel | None = None, renews: Order | None = None) -> Order:
        """Place an order; an agency that has been merged orders under its successor's name."""
        merged = host.agency.code == MERGED and ordered_at.date() > MERGED_ON
        agency = self._estate.by_code[SUCCESSOR] if merged else host.agency
        by_agency: Channel = "registry" if host.agency.code in REGISTRY_AGENCIES else "certcentral"
        order = Order(host, agency, channel or by_agency, host.tier, ordered_at, renews)
        if renews is not None:
            renews.renewed_by = order
        self.orders.append(order)
        return order

    def issue(
        self, order: Order, day: dt.date, days: int, *, at: dt.time = dt.time(), until: dt.datetime | None = None, tier: str = ""
    ) -> Certificate:
        """Issue a certificate of `days` days on `day`, or one that ends `until`; on `order`, which thereby may be reissued."""
        valid_from = dt.datetime.combine(day, at)
        public = TLS_RSA if order.host.key_place % 4 == 0 else TLS_EC
        certificate = Certificate(
            order=order,
            issuer=INTERNAL if order.channel == "adcs" else public,
            tier=tier or order.tier,
            names=names_of(order.host.common_name, order.host.other_names),
            issued_on=day,
            valid_from=valid_from,
            valid_to=until or valid_from + dt.timedelta(days=days, seconds=-1),
            serial=serial_number(self._seed, f"certificate-{len(self.certificates)}"),
            common_name=order.host.common_name,
        )
        order.certificates.append(certificate)
        self.certificates.append(certificate)
        return certificate


def populate(book: OrderBook, estate: Estate, desk: Desk, seed: int, certificates: int) -> None:
    """Let hosts come and live until there are at least as many `certificates` as wanted."""
    chance = dice(seed, "hosts")
    while len(book.certificates) < certificates:
        if chance.random() < _INTERNAL_SHARE:
            _live_inside(book, estate.host(tier="standard", key="RSA-2048"), chance)
        else:
            _live(book, estate.host(), desk, chance)


def _live(book: OrderBook, host: Host, desk: Desk, chance: random.Random) -> None:
    """The life of a public host: order, renew before expiry, reissue inside the term since lives are short; some retire."""
    renews: Order | None = None
    wanted = _arrival(chance)
    while wanted <= LAST_DAY:
        issued_on = _fulfil(book, host, renews, wanted, desk, chance)
        if issued_on is None:
            return
        order = book.orders[-1]
        life = _LONG_LIVES.draw(chance) if issued_on < SHORT_LIVES_SINCE else _SHORT_LIFE
        last = book.issue(order, issued_on, life)
        if issued_on >= SHORT_LIVES_SINCE:
            _reissue_in_time(book, order, desk, chance)
            return
        if chance.random() < _RETIRED_SHARE:
            book.retired.append(last)
            return
        renews, wanted = order, desk_day(_before_expiry(last, chance))


def _arrival(chance: random.Random) -> dt.date:
    first, last = (_FIRST_ORDER, BEGIN) if chance.random() < _OLD_SHARE else (BEGIN, _LAST_NEW_ORDER)
    day = first + dt.timedelta(days=chance.randrange((last - first).days))
    return desk_day(day) if day >= BEGIN else day


def _before_expiry(certificate: Certificate, chance: random.Random) -> dt.date:
    """When the administrator gets round to it: mostly some days after the 30-day notice."""
    return certificate.valid_to.date() - dt.timedelta(days=chance.randint(*_LEAD_DAYS.draw(chance)))


def _fulfil(book: OrderBook, host: Host, renews: Order | None, wanted: dt.date, desk: Desk, chance: random.Random) -> dt.date | None:
    """Place the order; the day on which its certificate came, or None while it has not come."""
    if wanted < BEGIN:
        book.place(host, dt.datetime.combine(wanted, dt.time(9, chance.randrange(60))), renews=renews)
        return wanted
    submitted = asked_near(wanted, chance)
    kind = "renew" if renews else "new"
    ticket = desk.take(kind, host.agency, host.contact, host.common_name, submitted, tier=host.tier)
    if ticket.first_response is None:
        return None
    ticket.order = book.place(host, ticket.first_response, renews=renews)
    ticket.agency = ticket.order.agency
    return ticket.resolved.date() if ticket.resolved else None


def _reissue_in_time(book: OrderBook, order: Order, desk: Desk, chance: random.Random) -> None:
    """The second certificate of an order's term, which the 200-day limit makes necessary."""
    first = order.certificates[0]
    wanted = desk_day(_before_expiry(first, chance))
    if wanted > LAST_DAY:
        return
    if chance.random() < _RETIRED_SHARE:
        book.retired.append(first)
        return
    submitted = asked_near(wanted, chance)
    ticket = desk.take("reissue", order.agency, order.host.contact, order.host.common_name, submitted, tier=order.tier)
    ticket.order = order
    if ticket.resolved:
        term_end = first.valid_from + TERM - dt.timedelta(seconds=1)
        longest = dt.datetime.combine(ticket.resolved.date(), dt.time()) + dt.timedelta(days=_SHORT_LIFE, seconds=-1)
        book.issue(order, ticket.resolved.date(), 0, until=min(term_end, longest))


def _live_inside(book: OrderBook, host: Host, chance: random.Random) -> None:
    """The life of an internal host: the office's own CA, no order, no charge, no ticket, and no limit of 200 days."""
    day, renews = _arrival(chance), None
    while day <= LAST_DAY:
        at = dt.time(chance.randint(12, 20), chance.randrange(60))
        renews = book.place(host, dt.datetime.combine(day, at), channel="adcs", renews=renews)
        until = dt.datetime.combine(day, at) + dt.timedelta(days=_INTERNAL_LIVES.draw(chance))
        last = book.issue(renews, day, 0, at=at, until=until)
        day = _before_expiry(last, chance)
        if chance.random() < _RETIRED_SHARE:
            book.retired.append(last)
            return


def number(orders: Sequence[Order]) -> None:
    """Give every order its number, in order of time: the portal counts on, the registry counts by agency. "-" stays without one."""
    counts: dict[str, int] = {}
    for order in sorted(orders, key=lambda order: order.ordered_at):
        series = order.agency.code if order.channel == "registry" else order.channel
        counts[series] = counts.get(series, 0) + 1
        if order.order_id == "-" or order.channel == "adcs":
            order.order_id = ""
        elif order.channel == "registry":
            order.order_id = f"{series}-{order.ordered_at:%y}-{counts[series]:04d}"
        else:
            order.order_id = str(_FIRST_ORDER_ID + 7 * counts[series])


def sign(book: OrderBook, authorities: Authorities, seed: int) -> None:
    """Make the certificates themselves: one key an order."""
    for order in book.orders:
        if order.certificates:
            key = _key(order, seed)
        for certificate in order.certificates:
            wanted = Wanted(
                certificate.common_name,
                f"{order.agency.name} (sample)",
                certificate.names,
                certificate.valid_from,
                certificate.valid_to,
                certificate.serial,
                premium=certificate.tier == "premium",
            )
            certificate.der = authorities.by_name[certificate.issuer].issue(wanted, key)


def _key(order: Order, seed: int) -> PublicKey:
    """A new key for each order; every sixth host keeps its own from order to order, and `COPIED_KEYS` have another host's."""
    host = COPIED_KEYS.get(order.host.common_name, order.host.common_name)
    is_kept = order.host.key_place % _KEEPS_ITS_KEY == 0 or host in COPIED_KEYS.values()
    what = host if is_kept else f"{host}/{order.ordered_at:%Y-%m-%d}"
    algorithm, _, size = order.host.key.partition("-")
    if algorithm == "RSA":
        return rsa_public_key(seed, what, int(size))
    return ec_key(seed, what, ec.SECP384R1() if size == "384" else ec.SECP256R1()).public_key()
