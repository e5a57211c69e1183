"""Layouts of certificate exports. Headers are literal; where a vendor's header was not found, none was invented
(facts/certificate-systems §3): the user maps the columns in a [[source]]."""

from __future__ import annotations

from dataclasses import replace

from pipeline.sources.dates import DAY_MONTH_SLASH_24H, MONTH_DAY_SLASH_12H
from pipeline.sources.layouts import Layout, canonical

STATUS_WORDS = {word: word for word in ("issued", "revoked", "expired", "pending", "rejected", "canceled")} | {"cancelled": "canceled"}

CERTIFICATES = replace(
    canonical(
        "certificates",
        "certificates",
        "export_rows",
        "order_id? serial_number common_name subject_alternative_names? issuer? issued_on? valid_from valid_to tier agency "
        "contact_email? server_software? status? revoked_on? revocation_reason? sha256_fingerprint?",
        words={"status": STATUS_WORDS},
    ),
    role="billing",
    required=("serial_number", "valid_from", "valid_to"),  # a row without tier, agency or name is a certificate nonetheless
)

# `date_created` is the day the order was placed and stays the same when its certificate is replaced, so it is no issue date: the
# service day is taken from valid_from. `thumbprint` is SHA-1. `server_type` is a number of the vendor's own list. The csr, which
# runs over many lines inside its cell, is left where it is.
DIGICERT_ORDERS = Layout(
    "digicert-order-report",
    "certificates",
    "export_rows",
    columns={
        "order_id": ("order_id",),
        "serial_number": ("serial_number",),
        "common_name": ("common_name",),
        "subject_alternative_names": ("dns_names",),
        "issuer": ("issuing_ca",),
        "seen_on": ("date_created",),
        "valid_from": ("valid_from",),
        "valid_to": ("valid_till",),
        "tier": ("product_name_id", "product_name"),
        "agency": ("container_name",),
        "contact_email": ("tech_email",),
        "status": ("status",),
    },
    needs=(
        "order_id", "date_created", "container_name", "status", "common_name", "product_name_id", "valid_from", "valid_till",
        "serial_number",
    ),
    required=("serial_number", "valid_from", "valid_to"),
    role="billing",
    agency_match="division",
    words={"status": STATUS_WORDS | {"waiting_pickup": "pending", "reissue_pending": "issued"}},
)  # fmt: skip

_DISPOSITIONS = {
    "9": "pending", "15": "issued", "16": "issued", "20": "issued", "21": "revoked", "30": "rejected", "31": "rejected",
    "pending": "pending", "issued": "issued", "revoked": "revoked", "failed": "rejected", "denied": "rejected",
}  # fmt: skip

# `certutil -view ... csv`: no tier and no agency, so it enriches and is never charged. Dates are in the CA server's local format
# without a zone: English (US) has a 12-hour clock, the day-first locales that were seen have 24 hours. "Certificate Hash" is SHA-1.
AD_CS = Layout(
    "adcs-certutil",
    "certificates",
    "export_rows",
    columns={
        "serial_number": ("Serial Number",),
        "common_name": ("Issued Common Name",),
        "valid_from": ("Certificate Effective Date",),
        "valid_to": ("Certificate Expiration Date",),
        "contact_email": ("Issued Email Address",),
        "status": ("Request Disposition",),
        "revocation_reason": ("Revocation Reason",),
    },
    needs=("Issued Common Name", "Serial Number", "Certificate Expiration Date"),
    required=("serial_number", "valid_to"),
    role="inventory",
    dates=(MONTH_DAY_SLASH_12H, DAY_MONTH_SLASH_24H),
    missing=frozenset({"empty"}),
    words={"status": _DISPOSITIONS},
    trailers=(r"CertUtil:.*", r"\d+ Rows?", r"Maximum Row Index: \d+"),
)

LAYOUTS = (CERTIFICATES, DIGICERT_ORDERS, AD_CS)
