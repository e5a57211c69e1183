"""The vendor portal's order report: three monthly exports that overlap, in the header that facts/certificate-systems §3.1a quotes."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.sample import dirt, tables
from pipeline.sample.chance import material
from pipeline.sample.desk_time import BEGIN, LAST_DAY
from pipeline.sample.orders import Certificate, Order
from pipeline.sample.spellings import is_dirty
from pipeline.sample.tables import Rows

HEADER = (
    "order_id", "customer_order_id", "date_created", "container_id", "container_name", "status", "user_id", "organization_id",
    "organization_name", "organization_address_1", "organization_address_2", "organization_city", "organization_state",
    "organization_country", "organization_unit", "tech_first_name", "tech_last_name", "tech_email", "tech_title", "tech_telephone",
    "server_type", "issuing_ca", "agreement_id", "validity_years", "signature_hash", "dcv_method", "common_name", "plus_feature",
    "dns_names", "product_id", "product_name_id", "product_name", "product_type", "email", "csr", "valid_from", "valid_till",
    "certificate_tracker_id", "is_renewed", "renewed_order_id", "receipt_id", "disable_issuance_email", "pay_type",
    "is_out_of_contract", "disable_renewal_notifications", "additional_emails", "auto_renew", "custom_renewal_message",
    "thumbprint", "serial_number", "account_id", "user_first_name", "user_last_name",
)  # fmt: skip
PRODUCTS = {"standard": ("2", "ssl_plus", "Standard SSL"), "premium": ("4", "ssl_ev_plus", "Premium SSL")}
EXPORTS = (("2026-09", dt.date(2026, 9, 30)), ("2026-10", dt.date(2026, 10, 31)), ("2026-11", LAST_DAY))
# Above this many rows an export leaves the requests' text out, and the older exports list only the orders of their last days.
_HEAVY = 5_000
_RECENT = dt.timedelta(days=120)


def write(folder: Path, orders: Sequence[Order], seed: int, times: int) -> int:
    """Write the three exports below `folder` and return how many dirty rows they hold."""
    heavy = sum(max(len(order.certificates), 1) for order in orders) > _HEAVY
    archived = _archived(orders)
    dirty = 0
    for month, taken in EXPORTS:
        newest = taken == LAST_DAY
        since = dt.date.min if newest or not heavy else taken - _RECENT
        listed = [order for order in orders if since <= order.ordered_at.date() <= taken and not (newest and order is archived)]
        rows = [row for order in listed for row in _rows(order, taken, None if heavy else seed)]
        rows, soiled = dirt.soil(rows, _dirt(month), _places_of_old_rows(rows), times)
        dirty += soiled + sum(len(order.certificates) for order in listed if is_dirty(order))
        tables.write(folder / f"certcentral-orders-{month}.csv", HEADER, rows, quoted=True)
    return dirty


def _archived(orders: Sequence[Order]) -> Order:
    """The order that the portal moved to its archive before the newest export: the one that expired first of all."""
    return min((order for order in orders if order.certificates), key=lambda order: (order.certificates[-1].valid_to, order.order_id))


def _dirt(month: str) -> tuple[dirt.Kind, ...]:
    column = {name: place for place, name in enumerate(HEADER)}
    if month == "2026-09":
        return (
            dirt.without_last_cell, dirt.with_extra_cell, dirt.writing(column["valid_till"], "2026-02-31"), dirt.twice,
            dirt.with_control_character(column["organization_name"]),
        )  # fmt: skip
    if month == "2026-10":
        return (dirt.twice, dirt.writing(column["serial_number"], dirt.EXCEL_SERIAL), dirt.writing(column["valid_from"], "46000"))
    return (
        dirt.writing(column["serial_number"], dirt.EXCEL_SERIAL),
        dirt.twice,
        dirt.twice_with_other(column["container_name"], "Someone else"),
        dirt.writing(column["valid_till"], "soon"),
        dirt.writing(column["valid_till"], "2026-01-31"),
        dirt.writing(column["dns_names"], "misspelt.example.gov"),
        dirt.twice,
    )


def _places_of_old_rows(rows: Rows) -> list[int]:
    """Where the dirt may go: issued orders from before the books begin, so that no sum of money depends on it."""
    column = {name: place for place, name in enumerate(HEADER)}
    created, status = column["date_created"], column["status"]
    return [place for place, cells in enumerate(rows) if cells[status] == "issued" and cells[created] < BEGIN.isoformat()]


def _rows(order: Order, taken: dt.date, seed: int | None) -> Iterator[list[str]]:
    """A row for each certificate that the order had on the day `taken`; while it has none, one row that says so."""
    issued = [certificate for certificate in order.certificates if certificate.issued_on <= taken]
    if not issued:
        yield _row(order, None, order.refused or "pending", taken, seed)
    for certificate in issued:
        revoked = certificate.revoked_on is not None and certificate.revoked_on <= taken
        yield _row(order, certificate, "revoked" if revoked else "issued", taken, seed)


def _row(order: Order, certificate: Certificate | None, status: str, taken: dt.date, seed: int | None) -> list[str]:
    agency, person = order.agency, order.host.contact
    renewed = order.renewed_by is not None and order.renewed_by.ordered_at.date() <= taken
    tier = certificate.tier if certificate else order.tier
    product_id, product_name_id, product_name = PRODUCTS[tier]
    cells = {
        "order_id": order.order_id,
        "date_created": f"{order.ordered_at:%Y-%m-%d %H:%M:%S}",
        "container_id": f"{100_000 + int(agency.account_id)}",
        "container_name": order.written_agency or agency.code,
        "status": status,
        "user_id": "90117",
        "organization_id": f"{500_000 + int(agency.account_id)}",
        "organization_name": f"{agency.name} (sample)",
        "organization_city": "Sampleton",
        "organization_country": "us",
        "tech_first_name": person.first,
        "tech_last_name": person.last,
        "tech_email": person.email if order.has_contact else "",
        "server_type": "2",
        "issuing_ca": certificate.issuer if certificate else "",
        "validity_years": "1",
        "signature_hash": "sha256",
        "dcv_method": "email",
        "common_name": certificate.common_name if certificate else order.host.common_name,
        "dns_names": ",".join(certificate.names if certificate else ()),
        "product_id": product_id,
        "product_name_id": order.written_product or product_name_id,
        "product_name": order.written_product or product_name,
        "product_type": "ssl_certificate",
        "email": "certificates@example.gov",
        "is_renewed": "1" if renewed else "0",
        "renewed_order_id": order.renews.order_id if order.renews else "",
        "disable_issuance_email": "0",
        "pay_type": "4",
        "is_out_of_contract": "0",
        "auto_renew": "0",
        "account_id": "77001",
        "user_first_name": "Sample",
        "user_last_name": "Operator",
    }
    if certificate is not None:
        cells |= {
            "csr": _request_text(seed, certificate) if seed is not None else "",
            "valid_from": f"{certificate.valid_from:%Y-%m-%d}",
            "valid_till": f"{certificate.valid_to:%Y-%m-%d}",
            "thumbprint": hashlib.sha1(certificate.der, usedforsecurity=False).hexdigest().upper(),
            "serial_number": f"{certificate.serial:032X}",
        }
    return [cells.get(name, "") for name in HEADER]


def _request_text(seed: int, certificate: Certificate) -> str:
    """Lines that look like the certificate request which the portal repeats inside a cell. They hold nothing."""
    body = base64.encodebytes(material(seed, f"csr/{certificate.serial}", 90)).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----"
