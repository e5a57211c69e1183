"""The internal CA's list as `certutil -view ... csv` prints it: display names, EMPTY, local times, and lines after the data."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.sample import tables
from pipeline.sample.orders import Certificate, Order

HEADER = (
    "Issued Request ID", "Requester Name", "Issued Common Name", "Serial Number", "Certificate Effective Date",
    "Certificate Expiration Date", "Certificate Template", "Request Disposition", "Revocation Reason", "Certificate Hash",
    "Issued Email Address",
)  # fmt: skip
_ZONE = ZoneInfo("America/New_York")


def write(folder: Path, orders: Sequence[Order]) -> None:
    """Write the list of all certificates of the internal CA below `folder`."""
    certificates = [certificate for order in orders for certificate in order.certificates]
    rows = [_row(place, certificate) for place, certificate in enumerate(certificates, start=1)]
    files = tables.write(folder / "adcs-issued-2026-11.csv", HEADER, rows, quoted=True, newline="\r\n")
    with files[-1].open("ab") as file:
        file.write(f"\r\n{len(rows)} Rows\r\nCertUtil: -view command completed successfully.\r\n".encode())


def _row(place: int, certificate: Certificate) -> list[str]:
    host = certificate.order.host
    return [
        str(40 + 3 * place),
        f"SAMPLE\\svc-{host.agency.code.lower()}",
        certificate.common_name,
        f"{certificate.serial:032x}",
        _local(certificate.valid_from),
        _local(certificate.valid_to),
        "WebServer",
        "20 -- Issued",
        "EMPTY",
        hashlib.sha1(certificate.der, usedforsecurity=False).digest().hex(" "),
        host.contact.email if place % 3 else "EMPTY",
    ]


def _local(moment: dt.datetime) -> str:
    """A UTC time as an American server prints it: its own zone, 12 hours, no leading zeros, no seconds."""
    local = moment.replace(tzinfo=dt.UTC).astimezone(_ZONE)
    return f"{local.month}/{local.day}/{local.year} {local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"
