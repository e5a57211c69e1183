"""The scenes that every sample holds, whatever its size and seed: what a reader of the pages should be able to find.

Each function is one scene; `play` plays them all. Days are chosen by hand, so the tests can name them.
"""

from __future__ import annotations

import datetime as dt

from pipeline.sample.desk_time import desk_day, desk_days_after
from pipeline.sample.orders import Certificate, Order, OrderBook
from pipeline.sample.organization import MERGED, SUCCESSOR, Estate, Host
from pipeline.sample.tickets import Desk, Ticket

LAPSED_HOST = "boats.hpb.example.gov"
EXPIRING_IN_FIVE_DAYS = "www.gmc.example.gov"
REFUNDED_HOSTS = ("kiosk.fsb.example.gov", "catalog.rlb.example.gov")
TOO_LONG_HOST = "charts.otr.example.gov"
INTERNAL_NAME = "loans.rlb.local"
REVOKED_LATE_HOST = "tickets.fsb.example.gov"
FORMULA_NAME = '=HYPERLINK("http://sample.example.gov","Open")'
MARKUP_NAME = '<script>alert("cert")</script>|ferry|'


class Stage:
    """Where the scenes are played: the order book, the desk and the estate of hosts."""

    def __init__(self, book: OrderBook, desk: Desk, estate: Estate) -> None:
        self.book = book
        self.desk = desk
        self.estate = estate

    def host(self, name: str, tier: str = "standard", key: str = "P-256") -> Host:
        """A host of the agency that its name tells."""
        agency = self.estate.by_code[name.split(".")[-3].upper()]
        return self.estate.host(agency, tier, key, name)

    def order(self, host: Host, day: str, days: int, *, renews: Order | None = None, at: dt.time = dt.time()) -> Certificate:
        """Order a certificate and get it on `day`, on a request of two desk days before; before the log began, on none."""
        issued_on = dt.date.fromisoformat(day)
        first_desk_day = dt.date(2025, 7, 3)
        if issued_on < first_desk_day:
            return self.book.issue(self.book.place(host, _moment(issued_on, "09:30"), renews=renews), issued_on, days, at=at)
        submitted = _moment(desk_days_after(desk_day(issued_on), -2), "09:40")
        order = self.book.place(host, submitted + dt.timedelta(minutes=50), renews=renews)
        self.ask("renew" if renews else "new", order, submitted, _moment(issued_on, "07:10"))
        return self.book.issue(order, issued_on, days, at=at)

    def reissue(self, order: Order, day: str, days: int, *, until: dt.datetime | None = None, tier: str = "") -> Certificate:
        """Issue another certificate on `order` on `day`, asked for on the desk day before."""
        issued_on = dt.date.fromisoformat(day)
        self.ask("reissue", order, _moment(desk_days_after(issued_on, -1), "10:20"), _moment(issued_on, "11:05"))
        return self.book.issue(order, issued_on, days, until=until, tier=tier)

    def revoke(self, certificate: Certificate, day: str, reason: str) -> None:
        """Have `certificate` revoked on `day`, on a request of that day."""
        certificate.revoked_on = dt.date.fromisoformat(day)
        certificate.revocation_reason = reason
        self.ask("revoke", certificate.order, _moment(certificate.revoked_on, "08:15"), _moment(certificate.revoked_on, "10:45"))

    def ask(self, kind: str, order: Order, submitted: dt.datetime, resolved: dt.datetime | None) -> None:
        """Put a request on record that was resolved at a given time, or not yet."""
        host = order.host
        ticket = Ticket(kind, order.agency, host.contact, host.common_name, submitted, tier=order.tier, order=order, resolved=resolved)
        self.desk.script(ticket)


def play(stage: Stage) -> None:
    """All scenes."""
    _lapse(stage)
    _reissues(stage)
    _revocations(stage)
    _expiring(stage)
    _merger(stage)
    _registry(stage)
    _names(stage)
    _keys(stage)
    _orders_that_are_none(stage)
    _clock_changes(stage)
    _open_requests(stage)


def _lapse(stage: Stage) -> None:
    """A host without a valid certificate for exactly three days and a half: 2026-02-07 00:00Z to 2026-02-10 12:00Z."""
    host = stage.host(LAPSED_HOST)
    first = stage.order(host, "2025-02-07", 365)
    stage.order(host, "2026-02-10", 397, renews=first.order, at=dt.time(12))


def _reissues(stage: Stage) -> None:
    """A reissue for a lost key within the term, to the same end; and one in time, forced by the 200-day limit."""
    first = stage.order(stage.host("login.map.example.gov", "premium"), "2025-10-06", 397)
    stage.reissue(first.order, "2026-02-03", 0, until=first.valid_to)
    first = stage.order(stage.host("forms.bcb.example.gov"), "2026-05-11", 199)
    stage.reissue(first.order, "2026-11-10", 182)


def _revocations(stage: Stage) -> None:
    """Two refunds, one on the thirtieth day and over the year's end; and revocations that come too late for one."""
    kiosk, catalog = REFUNDED_HOSTS
    stage.revoke(stage.order(stage.host(kiosk), "2026-09-08", 199), "2026-09-24", "cessationOfOperation")
    stage.revoke(stage.order(stage.host(catalog, "premium"), "2026-06-10", 199), "2026-07-10", "superseded")
    stage.revoke(stage.order(stage.host(REVOKED_LATE_HOST), "2026-03-30", 199), "2026-07-20", "keyCompromise")
    stage.revoke(stage.order(stage.host("cider.doo.example.gov"), "2026-05-05", 199), "2026-08-12", "cessationOfOperation")
    stage.revoke(stage.order(stage.host("plows.isb.example.gov"), "2026-07-13", 199), "2026-10-19", "cessationOfOperation")


def _expiring(stage: Stage) -> None:
    """As of 2026-11-23: 5, 13 and 25 days left and nothing done; and one with no day left that was renewed in time."""
    stage.order(stage.host(EXPIRING_IN_FIVE_DAYS), "2026-05-14", 199)
    stage.order(stage.host("almanac.cas.example.gov"), "2026-05-22", 199)
    stage.order(stage.host("snow.isb.example.gov", "premium"), "2026-06-03", 199)
    first = stage.order(stage.host("locks.cdo.example.gov"), "2025-11-24", 365)
    stage.order(first.order.host, "2026-11-12", 199, renews=first.order)


def _merger(stage: Stage) -> None:
    """An agency that ends in the middle of a month: its orders of that month are billed to its successor.

    One of its certificates came from an old profile of the vendor: for 398 days, when 200 were the most.
    """
    code = MERGED.lower()
    stage.order(stage.host(f"tides.{code}.example.gov"), "2026-10-05", 199)
    stage.order(stage.host(TOO_LONG_HOST, "premium"), "2026-10-09", 398)
    first = stage.order(stage.host(f"harmonics.{code}.example.gov"), "2025-11-18", 365)
    renewed = stage.order(first.order.host, "2026-11-04", 199, renews=first.order)
    if renewed.order.agency.code != SUCCESSOR:
        raise ValueError(f"{code} should order as {SUCCESSOR} after the merger")


def _registry(stage: Stage) -> None:
    """What only the canonical layout can tell: a second term of one order, an upgrade, and orders without a number.

    The upgraded certificate also holds a name that only the inside of a network knows.
    """
    order = stage.order(stage.host("opac.rlb.example.gov"), "2025-08-11", 397).order
    stage.reissue(order, "2026-08-13", 199)
    order = stage.order(stage.host("loans.rlb.example.gov"), "2026-04-23", 199).order
    upgraded = stage.reissue(order, "2026-10-26", 178, tier="premium")
    upgraded.names = (*upgraded.names, INTERNAL_NAME)
    dock = stage.order(stage.host("dock.fsb.example.gov"), "2026-09-14", 199)
    again = stage.reissue(dock.order, "2026-10-20", 0, until=dock.valid_to)
    # Without a number each certificate is an order of its own, and only equal names and an equal end show a reissue.
    again.order = stage.book.place(dock.order.host, again.order.ordered_at, renews=None)
    again.order.certificates.append(dock.order.certificates.pop())
    dock.order.order_id = again.order.order_id = "-"
    again.order.free = True


def _names(stage: Stage) -> None:
    """Names that a careless program would run, and names that are merely long or foreign."""
    stage.order(stage.host("menu.fsb.example.gov"), "2026-04-07", 199).common_name = FORMULA_NAME
    stage.order(stage.host("cabin.fsb.example.gov"), "2026-07-21", 199).common_name = MARKUP_NAME
    stage.order(stage.host("xn--brcke-kva.bcb.example.gov"), "2026-01-12", 397)
    many = stage.order(stage.host("branches.rlb.example.gov", "premium"), "2025-12-09", 365)
    many.names = (*many.names, *(f"branch{place:02d}.rlb.example.gov" for place in range(1, 41)))


def _keys(stage: Stage) -> None:
    """A key that is too short for today, on an internal server; a long one, and a curve that is not the usual one."""
    weak = stage.book.place(stage.host("gauges.cdo.example.gov", key="RSA-1024"), _moment(dt.date(2025, 3, 4), "14:00"), channel="adcs")
    stage.book.issue(weak, dt.date(2025, 3, 4), 0, at=dt.time(19), until=_moment(dt.date(2027, 3, 4), "19:00"))
    stage.order(stage.host("vault.wbo.example.gov", "premium", "RSA-4096"), "2025-09-16", 397)
    stage.order(stage.host("scales.wbo.example.gov", "premium", "P-384"), "2026-02-19", 397)


def _orders_that_are_none(stage: Stage) -> None:
    """Orders that led to nothing and cost nothing."""
    for name, day, refused in (("draft.map.example.gov", "2026-08-18", "rejected"), ("trial.doo.example.gov", "2026-09-02", "canceled")):
        order = stage.book.place(stage.host(name), _moment(dt.date.fromisoformat(day), "10:00"))
        order.refused = "rejected" if refused == "rejected" else "canceled"


def _clock_changes(stage: Stage) -> None:
    """Requests at an hour that does not exist, and at one that happens twice."""
    for name, submitted in (("fog.dlh.example.gov", "2026-03-08 02:30"), ("horn.dlh.example.gov", "2025-11-02 01:30")):
        host = stage.host(name)
        stage.desk.take("issue", host.agency, host.contact, name, dt.datetime.fromisoformat(submitted))


def _open_requests(stage: Stage) -> None:
    """What is on the desk on the last day: two overdue, three at risk, two waiting for the customer, one just in."""
    scenes = (
        ("issue", "www.doo.example.gov", "2026-11-12 09:05", ""),
        ("renew", "snow.isb.example.gov", "2026-11-10 15:20", ""),
        ("new", "routes.cdo.example.gov", "2026-11-16 08:40", ""),
        ("renew", "almanac.cas.example.gov", "2026-11-17 10:15", ""),
        ("issue", "mail.wbo.example.gov", "2026-11-17 13:30", ""),
        ("renew", EXPIRING_IN_FIVE_DAYS, "2026-11-09 11:00", "2026-11-12 14:00"),
        ("new", "sap.msa.example.gov", "2026-11-13 09:45", "2026-11-16 10:30"),
        ("issue", "api.map.example.gov", "2026-11-23 15:10", ""),
    )
    for kind, name, submitted, waiting_since in scenes:
        host = stage.host(name)
        ticket = Ticket(kind, host.agency, host.contact, name, dt.datetime.fromisoformat(submitted))
        ticket.pauses = [(dt.datetime.fromisoformat(waiting_since), None)] if waiting_since else []
        stage.desk.script(ticket)


def _moment(day: dt.date, clock: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock))
