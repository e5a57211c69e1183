"""The registry workbook: the certificates that some agencies keep in Excel, in the canonical layout."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import xlsxwriter

from pipeline.sample.authorities import VENDOR
from pipeline.sample.chance import spread
from pipeline.sample.desk_time import BEGIN, LAST_DAY
from pipeline.sample.dirt import EXCEL_SERIAL
from pipeline.sample.orders import Certificate, Order
from pipeline.sample.spellings import is_dirty

HEADER = (
    "order_id", "serial_number", "common_name", "subject_alternative_names", "issuer", "issued_on", "valid_from", "valid_to", "tier",
    "agency", "contact_email", "server_software", "status", "revoked_on", "revocation_reason", "sha256_fingerprint", "key_type",
    "key_bits",
)  # fmt: skip
_ZIP_TIME = (2026, 11, 23, 0, 0, 0)

Row = dict[str, str | dt.date]


def write(folder: Path, orders: Sequence[Order], missed: Order | None = None) -> int:
    """Write the workbook below `folder`, without the rows of the order that is `missed`; returns how many dirty rows it holds."""
    rows = [_row(order, certificate) for order in orders for certificate in order.certificates]
    old = [row for row in rows if isinstance(row["issued_on"], dt.date) and row["issued_on"] < BEGIN]
    broken, destroyed = (old[place] for place in spread(2, len(old)))
    broken["agency"] = "#N/A"
    destroyed["serial_number"] = EXCEL_SERIAL
    _slip([row for row in rows if row["status"] == "issued"])
    folder.mkdir(parents=True, exist_ok=True)
    told = [row for row in rows if missed is None or row["order_id"] != missed.order_id]
    (folder / "registry-2026-11.xlsx").write_bytes(_workbook(told))
    return 5 + sum(len(order.certificates) for order in orders if is_dirty(order))


def _slip(rows: Sequence[Row]) -> None:
    """A serial number copied from the row above it, and a key size of another server."""
    above, copied, mistaken = (rows[place] for place in spread(3, len(rows)))
    copied["serial_number"] = above["serial_number"]
    mistaken["key_bits"] = "3072" if mistaken["key_bits"] == "2048" else "2048"


def _row(order: Order, certificate: Certificate) -> Row:
    kind, _, size = order.host.key.partition("-")
    expired = certificate.valid_to.date() < LAST_DAY
    row: Row = {
        "order_id": order.order_id,
        "serial_number": f"{certificate.serial:032x}",
        "common_name": certificate.common_name,
        "subject_alternative_names": ", ".join(certificate.names),
        "issuer": certificate.issuer,
        "issued_on": certificate.issued_on,
        "valid_from": certificate.valid_from.date(),
        "valid_to": certificate.valid_to.date(),
        "tier": order.written_product or certificate.tier,
        "agency": order.written_agency or order.agency.code,
        "contact_email": order.host.contact.email if order.has_contact else "",
        "server_software": order.host.software,
        "status": "revoked" if certificate.revoked_on else "expired" if expired else "issued",
        "revocation_reason": certificate.revocation_reason,
        "sha256_fingerprint": sha256(certificate.der).hexdigest(),
        "key_type": "RSA" if kind == "RSA" else "EC",
        "key_bits": size,
    }
    if certificate.revoked_on:
        row["revoked_on"] = certificate.revoked_on
    return row


def _workbook(rows: Sequence[Row]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "constant_memory": False})
    book.set_properties({"title": "Certificate registry (sample)", "author": VENDOR, "created": dt.datetime(*_ZIP_TIME)})  # noqa: DTZ001
    sheet = book.add_worksheet("Registry")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for column, name in enumerate(HEADER):
        sheet.write_string(0, column, name)
    for place, row in enumerate(rows, start=1):
        for column, name in enumerate(HEADER):
            value = row.get(name, "")
            if isinstance(value, dt.date):
                sheet.write_datetime(place, column, dt.datetime.combine(value, dt.time()), day)
            elif value == "#N/A":
                sheet.write_formula(place, column, "=NA()", None, value)
            elif value == EXCEL_SERIAL:
                sheet.write_number(place, column, float(value))
            elif value:
                sheet.write_string(place, column, value)
    sheet.write_string(len(rows) + 1, 0, "Total")
    sheet.write_number(len(rows) + 1, 1, len(rows))
    book.close()
    return _stored(buffer.getvalue())


def _stored(workbook: bytes) -> bytes:
    """The same workbook without compression: what a deflate library makes of it differs from one machine to the next."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as plain:
        for name in packed.namelist():
            plain.writestr(zipfile.ZipInfo(name, _ZIP_TIME), packed.read(name))
    return buffer.getvalue()
