"""Layouts of inventories: systems that know certificates but neither tier nor agency. Their rows enrich what other files tell, are never
charged and raise no finding about a missing tier (DESIGN §4, "Roles"). Headers are literal, from facts/certificate-systems §3."""

from __future__ import annotations

from pipeline.sources.dates import (
    DAY_MONTH_DASH,
    DAY_MONTH_DOT,
    DAY_MONTH_SLASH,
    DAY_MONTH_SLASH_24H,
    EPOCH,
    ISO,
    MONTH_DAY_SLASH,
    MONTH_DAY_SLASH_12H,
)
from pipeline.sources.layouts import Layout

_DISPOSITIONS = {
    "9": "pending", "15": "issued", "16": "issued", "20": "issued", "21": "revoked", "30": "rejected", "31": "rejected",
    "pending": "pending", "issued": "issued", "revoked": "revoked", "failed": "rejected", "denied": "rejected",
}  # fmt: skip

# `certutil -view ... csv`. Dates are in the CA server's local format without a zone: English (US) has a 12-hour clock and slashes, the
# day-first locales that were seen have 24 hours; a locale that translates the header too needs a mapping. "Certificate Hash" is SHA-1.
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
    dates=(MONTH_DAY_SLASH_12H, DAY_MONTH_SLASH_24H, DAY_MONTH_DASH, DAY_MONTH_DOT),
    missing=frozenset({"empty"}),
    words={"status": _DISPOSITIONS},
    trailers=(r"CertUtil:.*", r"\d+ Rows?", r"Maximum Row Index: \d+"),
)

# `aws acm list-certificates`: no serial, so the name of the resource, which stays the same when ACM renews, stands for the order. Dates
# are seconds since 1970 in the first version of the command line, ISO with an offset in the second. Of more than 100 names the list
# gives some and says so.
ACM = Layout(
    "acm",
    "certificates",
    "export_rows",
    columns={
        "order_id": ("CertificateArn",),
        "common_name": ("DomainName",),
        "subject_alternative_names": ("SubjectAlternativeNameSummaries",),
        "names_cut_short": ("HasAdditionalSubjectAlternativeNames",),
        "seen_on": ("CreatedAt",),
        "issued_on": ("IssuedAt",),
        "valid_from": ("NotBefore",),
        "valid_to": ("NotAfter",),
        "revoked_on": ("RevokedAt",),
        "status": ("Status",),
        "key_type": ("KeyAlgorithm",),
        "key_bits": ("KeyAlgorithm",),
    },
    needs=("CertificateArn", "DomainName", "Status"),
    required=("order_id", "valid_to"),
    role="inventory",
    dates=(EPOCH,),
    words={
        "status": {
            "pending_validation": "pending", "issued": "issued", "inactive": "issued", "expired": "expired",
            "validation_timed_out": "rejected", "revoked": "revoked", "failed": "rejected",
        },
    },
    records="CertificateSummaryList",
)  # fmt: skip

# A precertificate and its certificate are two entries with one issuer and serial, and older answers have one a name: they fold.
# Times are UTC without saying so. The names of an entry are separated by line ends.
CRT_SH = Layout(
    "crtsh",
    "certificates",
    "export_rows",
    columns={
        "serial_number": ("serial_number",),
        "common_name": ("common_name",),
        "subject_alternative_names": ("name_value",),
        "issuer": ("issuer_name",),
        "seen_on": ("entry_timestamp",),
        "valid_from": ("not_before",),
        "valid_to": ("not_after",),
    },
    needs=("issuer_name", "name_value", "not_before", "not_after", "serial_number"),
    required=("serial_number", "valid_from", "valid_to"),
    role="inventory",
    zone="UTC",
    records="",
    tells_twice=True,
)

# `certbot certificates`: the name of an entry is that of its folder, not a common name. A test certificate is a certificate.
CERTBOT = Layout(
    "certbot",
    "certificates",
    "export_rows",
    columns={
        "serial_number": ("Serial Number",),
        "subject_alternative_names": ("Identifiers", "Domains"),
        "valid_to": ("Expiry Date",),
        "status": ("State",),
        "key_type": ("Key Type",),
    },
    needs=("Certificate Name", "Expiry Date", "State"),
    required=("subject_alternative_names", "valid_to"),
    role="inventory",
    zone="UTC",
    words={
        "status": {
            "VALID": "issued", "INVALID: TEST_CERT": "issued", "INVALID: EXPIRED": "expired", "INVALID: REVOKED": "revoked",
            "INVALID: TEST_CERT, EXPIRED": "expired", "INVALID: TEST_CERT, REVOKED": "revoked",
        },
    },
)  # fmt: skip

# The template of ServiceNow's bulk upload. Serial and fingerprint are pairs of hexadecimal digits with spaces; a fingerprint counts
# where its algorithm is SHA-256. A retired certificate is one nonetheless: that its host is gone is for data/entries/hosts.csv to say.
SERVICENOW_CERTIFICATES = Layout(
    "servicenow-certificates",
    "certificates",
    "export_rows",
    columns={
        "serial_number": ("serial_number",),
        "common_name": ("subject_common_name",),
        "subject_alternative_names": ("subject_alternative_name",),
        "issuer": ("issuer_distinguished_name", "issuer_common_name", "issuer"),
        "valid_from": ("valid_from",),
        "valid_to": ("valid_to",),
        "status": ("state",),
        "sha256_fingerprint": ("fingerprint",),
        "fingerprint_algorithm": ("fingerprint_algorithm",),
        "key_bits": ("key_size",),
    },
    needs=("subject_common_name", "fingerprint", "fingerprint_algorithm", "serial_number", "valid_from", "valid_to"),
    required=("serial_number", "valid_to"),
    role="inventory",
    dates=(ISO, DAY_MONTH_DASH, DAY_MONTH_SLASH, MONTH_DAY_SLASH, DAY_MONTH_DOT),
    words={"status": {"issued": "issued", "installed": "issued", "revoked": "revoked", "retired": "issued", "other": ""}},
)

LAYOUTS = (AD_CS, ACM, CRT_SH, CERTBOT, SERVICENOW_CERTIFICATES)
