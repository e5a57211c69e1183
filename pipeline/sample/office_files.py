"""What the office itself writes down: its agencies, lots, outages, answers, notes and settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.sample import tables
from pipeline.sample.authorities import VENDOR
from pipeline.sample.desk_time import BEGIN, LAST_DAY
from pipeline.sample.orders import TERM, Certificate, Order
from pipeline.sample.organization import MERGED, MERGED_ON, SUCCESSOR, Agency
from pipeline.sample.settings_text import SETTINGS
from pipeline.sample.spellings import ALIASES, is_billable

REFUND = dt.timedelta(days=30)
PREMIUM_EXPIRED_ON = dt.date(2026, 6, 30)
DRAWN_BEFORE = 12  # units of the first lot, in its days before the books begin
_TOLD_BEFORE, _OLDEST_TOLD = dt.timedelta(days=35), dt.date(2026, 7, 1)
_PORTAL = "Enrolment portal"
_OWNER = "R. Sample, service owner"
_ACCEPTED = (
    "names-differ", "inbox/exports/certcentral-orders-*.csv", "misspelt.example.gov", "2027-03-31", _OWNER,
    "One name is misspelt in the order; the vendor mends it at the next renewal.",
)  # fmt: skip


def write(target: Path, agencies: Sequence[Agency], orders: Sequence[Order], retired: Sequence[Certificate]) -> None:
    """Write settings, reference, entries (but those of finance), lots and outages below the workspace `target`."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "certledger.toml").write_bytes(SETTINGS.encode())
    data = target / "data"
    tables.write(
        data / "reference/agencies.csv",
        ("agency", "name", "secretariat", "account_id", "billing_contact", "security_contact", "valid_from", "valid_to", "successor"),
        (_agency(agency) for agency in agencies),
    )
    tables.write(
        data / "entries/aliases.csv",
        ("kind", "match", "value", "means", "valid_from", "valid_to", "by", "on"),
        [["agency", "division", spelling, code, "", "", _OWNER, "2025-07-08"] for spelling, code in ALIASES.items()],
    )
    tables.write(data / "entries/accepted.csv", ("code", "file", "key", "until", "by", "reason"), [_ACCEPTED])
    tables.write(data / "entries/hosts.csv", ("host", "state", "since", "by", "note"), _retired(retired))
    tables.write(data / "entries/notes.csv", ("on", "until", "measure", "agency", "text", "by"), _NOTES)
    tables.write(
        data / "inbox/lots/lots.csv",
        (
            "lot_id", "tier", "purchased_on", "quantity", "total_cost", "units_expire_on", "vendor", "po_number", "returns_on_refund",
            "vendor_remaining", "vendor_remaining_on",
        ),
        _lots(orders),
    )  # fmt: skip
    tables.write(data / "entries/lot_openings.csv", ("lot_id", "units_left"), [["STD-2025-1", str(_first_lot(orders))]])
    tables.write(data / "inbox/outages/outages.csv", ("service", "began_at", "ended_at", "kind", "announced_at", "note"), _OUTAGES)


def _agency(agency: Agency) -> list[str]:
    merged = agency.code == MERGED
    return [
        agency.code,
        agency.name,
        agency.secretariat,
        agency.account_id,
        f"finance@{agency.domain}",
        f"security@{agency.domain}",
        "",
        MERGED_ON.isoformat() if merged else "",
        SUCCESSOR if merged else "",
    ]


def _retired(retired: Sequence[Certificate]) -> Iterator[list[str]]:
    """What agencies told of hosts that went: of every second one, some weeks before its last certificate ended."""
    told = sorted(retired[::2], key=lambda certificate: (certificate.valid_to, certificate.common_name))
    for certificate in told:
        since = certificate.valid_to.date() - _TOLD_BEFORE
        if _OLDEST_TOLD <= since <= LAST_DAY:
            who = f"{certificate.order.host.contact.first} {certificate.order.host.contact.last}"
            yield from ([name, "retired", since.isoformat(), who, "switched off"] for name in certificate.names)


def _lots(orders: Sequence[Order]) -> Iterator[list[str]]:
    """Two lots a tier, sized by what was drawn: of standard few units are left and the next lot lies ready; of premium some expired
    unused at the end of June and the next lot is nearly gone, with none behind it. No price divides evenly by its units.
    """
    standard, first = _draws(orders, "standard", BEGIN, LAST_DAY), _first_lot(orders)
    before = _draws(orders, "premium", BEGIN, PREMIUM_EXPIRED_ON)
    since = _draws(orders, "premium", PREMIUM_EXPIRED_ON + dt.timedelta(days=1), LAST_DAY)
    left = first - standard + sum(map(_gave_its_unit_back, orders))
    yield _lot("STD-2025-1", "standard", "2025-06-18", first + DRAWN_BEFORE, "174.50", "2027-06-30", "yes", left)
    yield _lot("STD-2026-1", "standard", "2026-10-21", first // 2, "179.80", "2027-10-31", "yes", first // 2)
    yield _lot("PRM-2025-1", "premium", "2025-06-18", before + 4, "418.30", PREMIUM_EXPIRED_ON.isoformat(), "", None)
    yield _lot("PRM-2026-1", "premium", "2026-06-09", since + 3, "431.95", "2027-06-30", "", None)


def _first_lot(orders: Sequence[Order]) -> int:
    """Units that the first standard lot has left when the books begin: as many as they draw, and a few more."""
    return _rounded_up(_draws(orders, "standard", BEGIN, LAST_DAY) + 2)


def _lot(lot_id: str, tier: str, bought: str, quantity: int, unit: str, expires: str, returns: str, vendor_count: int | None) -> list[str]:
    """A row of lots.csv. The vendor prices the block: about `unit` dollars a unit, and a third of a cent more."""
    dollars, cents = unit.split(".")
    total = quantity * (int(dollars) * 100 + int(cents)) + quantity // 3
    counted = ["", ""] if vendor_count is None else [str(vendor_count), LAST_DAY.isoformat()]
    money = f"{total // 100}.{total % 100:02d}"
    return [lot_id, tier, bought, str(quantity), money, expires, VENDOR, f"PO-{bought[:4]}-{lot_id[:3]}-7{len(tier)}", returns, *counted]


def _draws(orders: Sequence[Order], tier: str, first: dt.date, last: dt.date) -> int:
    """How many units the orders' terms drew that began from `first` to `last`."""
    charged = [order for order in orders if order.tier == tier and is_billable(order) and not order.free]
    return sum(first <= day <= last for order in charged for day in _term_starts(order))


def _term_starts(order: Order) -> Iterator[dt.date]:
    start = dt.date.min
    for certificate in order.certificates:
        if start == dt.date.min or certificate.issued_on - start >= TERM:
            start = certificate.issued_on
            yield start


def _gave_its_unit_back(order: Order) -> bool:
    """Whether the standard unit of `order` is free again: refunded in time, or swapped for a premium one."""
    if order.tier != "standard" or not order.certificates:
        return False
    start, revoked = order.certificates[0].issued_on, [certificate.revoked_on for certificate in order.certificates]
    refunded = all(day is not None and day - start <= REFUND for day in revoked)
    return refunded or any(certificate.tier == "premium" for certificate in order.certificates)


def _rounded_up(units: int) -> int:
    return -(-units // 10) * 10


_NOTES = [
    [
        "2026-08-03", "2026-08-28", "on-time-completion", "",
        "Two of the three certificate staff were away from 3 to 28 August, one on leave and one in a hospital. A colleague of the "
        "service desk helps out since 31 August.",
        _OWNER,
    ],
    [
        "2026-10-03", "2026-10-04", "availability", "",
        "The storage of the enrolment portal failed on Saturday morning. It was restored from the backup of Friday; no request was lost.",
        _OWNER,
    ],
    [
        "2026-10-14", "", "", "OTR",
        "The Office of Tidal Records became a part of the Department of Lighthouses. Orders up to this day keep the old code and are "
        "billed to the department.",
        "M. Sample, finance",
    ],
]  # fmt: skip

_OUTAGES = [
    [_PORTAL, "2025-07-20T04:00:00", "2025-07-20T06:00:00", "planned", "2025-07-11T09:00:00", "Quarterly updates"],
    [_PORTAL, "2025-09-17T09:20:00", "2025-09-17T11:05:00", "partial", "", "Sign-in slow for half of the agencies"],
    [_PORTAL, "2025-10-19T04:00:00", "2025-10-19T06:10:00", "planned", "2025-10-10T09:00:00", "Quarterly updates"],
    [_PORTAL, "2025-12-04T13:42:00", "2025-12-04T14:30:00", "full", "", "Certificate of the portal's own database had expired"],
    [_PORTAL, "2026-01-18T04:00:00", "2026-01-18T05:45:00", "planned", "2026-01-09T09:00:00", "Quarterly updates"],
    [_PORTAL, "2026-02-24T05:30:00", "2026-02-24T08:15:00", "partial", "", "Uploads of requests failed now and then"],
    [_PORTAL, "2026-03-12T18:00:00", "2026-03-12T19:00:00", "planned", "2026-03-12T15:00:00", "Urgent update, announced on the same day"],
    [_PORTAL, "2026-04-19T04:00:00", "2026-04-19T06:00:00", "planned", "2026-04-10T09:00:00", "Quarterly updates"],
    [_PORTAL, "2026-05-14T22:00:00", "2026-05-16T07:30:00", "unmonitored", "", "The monitor was being moved"],
    [_PORTAL, "2026-07-19T04:00:00", "2026-07-19T06:00:00", "planned", "2026-07-10T09:00:00", "Quarterly updates"],
    [_PORTAL, "2026-08-19T13:00:00", "2026-08-19T15:30:00", "partial", "", "Approvals were delayed"],
    [_PORTAL, "2026-10-03T02:10:00", "2026-10-04T21:40:00", "full", "", "Storage failed; restored from backup"],
    [_PORTAL, "2026-10-04T09:00:00", "2026-10-04T12:00:00", "full", "", "The same outage as a user reported it"],
    [_PORTAL, "2026-10-18T04:00:00", "2026-10-18T06:00:00", "planned", "2026-10-09T09:00:00", "Quarterly updates"],
    [_PORTAL, "2026-11-10T12:00:00", "2026-11-10T12:50:00", "partial", "", "Search of orders timed out"],
]
