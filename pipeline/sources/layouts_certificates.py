"""Layouts of certificate exports that name tier and agency: ours and those of a vendor's portal. Headers are literal; where a vendor's
header was not found, none was invented (facts/certificate-systems §3): the user maps the columns in a [[source]]."""

from __future__ import annotations

from dataclasses import replace

from pipeline.sources.layouts import Layout, canonical

STATUS_WORDS = {word: word for word in ("issued", "revoked", "expired", "pending", "rejected", "canceled")} | {"cancelled": "canceled"}
_CERTCENTRAL_WORDS = STATUS_WORDS | {"waiting_pickup": "pending", "reissue_pending": "issued", "needs_approval": "pending"}

CERTIFICATES = replace(
    canonical(
        "certificates",
        "certificates",
        "export_rows",
        "order_id? serial_number common_name subject_alternative_names? issuer? issued_on? valid_from valid_to tier agency "
        "contact_email? server_software? status? revoked_on? revocation_reason? sha256_fingerprint? key_type? key_bits?",
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
    words={"status": _CERTCENTRAL_WORDS},
)  # fmt: skip

# The order list, as CSV with dotted names or as JSON: one row an order, with neither serial nor first day. It tells which orders there
# are and until when; the certificate comes from the order report, a certificate file or another inventory, which it is folded into.
# `certificate.days_remaining` counts from the day of the export and is not read. The role is what the chosen columns carry.
DIGICERT_ORDER_LIST = Layout(
    "digicert-order-list",
    "certificates",
    "export_rows",
    columns={
        "order_id": ("id",),
        "common_name": ("certificate.common_name",),
        "subject_alternative_names": ("certificate.dns_names",),
        "valid_to": ("certificate.valid_till",),
        "seen_on": ("date_created",),
        "tier": ("product.name_id", "product.name"),
        "agency": ("container.name",),
        "status": ("status",),
    },
    needs=("id", "certificate.common_name"),
    required=("order_id",),
    agency_match="division",
    words={"status": _CERTCENTRAL_WORDS},
    records="orders",
)

LAYOUTS = (CERTIFICATES, DIGICERT_ORDERS, DIGICERT_ORDER_LIST)
