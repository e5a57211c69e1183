"""What the sources hand to the core: rows as the files tell them, typed, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pipeline.contracts.closed import Closed
from pipeline.contracts.notices import NOTICE_LOG
from pipeline.contracts.tables import REQUEST_KINDS, SOURCE, STATUSES, TIER_TEXT, Column, Table, text
from pipeline.findings import Finding

AGENCIES = Table(
    "agencies",
    "one spell of an agency's life under one code",
    ("agency", "valid_from"),
    (
        text("agency", "Code; used in addresses, files and invoices."),
        text("name", "Name, as on invoices."),
        text("secretariat", "The part of government it belongs to."),
        text("account_id", "Billing account."),
        text("billing_contact", "Address for invoices."),
        text("security_contact", "Address for notices where a certificate has none."),
        Column("valid_from", "day", "First day of the code; unknown means always."),
        Column("valid_to", "day", "Last day of the code; unknown means still."),
        text("successor", "Code that is billed after `valid_to`."),
    ),
)

CLOSED_DAYS = Table(
    "closed_days",
    "one day on which the desk is closed",
    ("date",),
    (
        Column("date", "day", "The day.", required=True),
        text("name", "Its name."),
        text("rule", "Why it falls on that day."),
        text("source", "Where the rule stands."),
    ),
)

EXTRA_CLOSURES = Table(
    "extra_closures",
    "one closure beyond the holidays",
    (),
    (
        Column("date", "day", "The day.", required=True),
        text("opens", "Time the desk opens instead, HH:MM; empty with `closes`: closed all day."),
        text("closes", "Time the desk closes instead, HH:MM."),
        text("reason", "Why."),
    ),
)

SERVER_SOFTWARE = Table(
    "server_software",
    "one supported product",
    ("name",),
    (
        text("name", "Product family as the service page lists it."),
        text("vendor", "Who makes it today."),
        text("note", "What an administrator should know."),
        text("match", "Words, separated by `|`, that mean this family in exports; compared without case."),
    ),
)

NOTES = Table(
    "notes",
    "one remark that explains a figure",
    (),
    (
        Column("on", "day", "The day it is about.", required=True),
        Column("until", "day", "Last day it is about."),
        text("measure", "Measure it explains; empty: any."),
        text("agency", "Agency it concerns; empty: the office."),
        text("text", "The remark."),
        text("by", "Who wrote it."),
    ),
)

EXPORT_ROWS = Table(
    "export_rows",
    "one certificate row in force of an export",
    ("source",),
    (
        SOURCE,
        text("role", "`billing` rows may be charged, `inventory` rows only enrich.", ("billing", "inventory")),
        text("order_id", "Order number of the vendor."),
        text("serial", "Serial, lower-case hexadecimal of even length; empty where the export has none."),
        text("common_name", "Subject common name as written; of a whole subject its common name."),
        text("subject_alternative_names", "DNS and other names, lower case, sorted, separated by one space."),
        text("issuer", "Issuer as written."),
        Column("issued_on", "day", "Issue date as written, never shifted by a zone."),
        Column("valid_from_on", "day", "The date part of valid_from as written."),
        Column("valid_from", "instant", "Start of validity; a bare date means 00:00:00Z."),
        Column("valid_to", "instant", "Last second of validity; a bare date means 23:59:59Z."),
        Column("dates_only", "flag", "The dates of this row were written without a time."),
        text("product", "Tier or product as written."),
        text("agency_text", "Agency, division or department as written."),
        text("agency_match", "What kind of word `agency_text` is (code, name, division, ...); for aliases."),
        text("contact_email", "Contact: one address, or several joined by a comma and a space; empty where it was refused."),
        text("server_software", "Server software as written."),
        text("status", "As written, in the canonical words.", ("", "issued", "revoked", "expired", "pending", "rejected", "canceled")),
        Column("revoked_on", "day", "Day of revocation."),
        text("revocation_reason", "Reason as written."),
        text("fingerprint_sha256", "SHA-256 fingerprint, lower-case hexadecimal."),
        text("key_type", "RSA, EC, ... as certificate files are told of; empty where the export does not tell it."),
        Column("key_bits", "count", "Key size in bits, as the export tells it."),
    ),
)

CERTIFICATE_BLOCKS = Table(
    "certificate_blocks",
    "one certificate block of a PEM, DER or PKCS#7 file",
    ("source",),
    (
        SOURCE,
        text("fingerprint_sha256", "SHA-256 of the DER bytes; of the undecoded bytes where the block cannot be read."),
        text("serial", "Lower-case hexadecimal, even length; negative numbers keep their sign."),
        text("common_name", "Subject common name."),
        text("subject_alternative_names", "DNS names, IP addresses and e-mails, lower case, sorted, separated by one space."),
        text("subject", "Subject as one line (RFC 4514)."),
        text("issuer", "Issuer as one line (RFC 4514)."),
        text("issuer_name", "Issuer's common name, else its organization."),
        Column("valid_from", "instant", "notBefore."),
        Column("valid_to", "instant", "notAfter (the last second that is covered)."),
        text("key_type", "RSA, EC, Ed25519, ... or the OID of an unknown algorithm."),
        Column("key_bits", "count", "Modulus or curve bits; missing where the key type has none."),
        text("key_curve", "Curve of an EC key."),
        text("signature_algorithm", "e.g. sha256WithRSAEncryption, or the OID."),
        text("spki_sha256", "SHA-256 of the SubjectPublicKeyInfo; equal keys have equal hashes."),
        text("subject_key_id", "Subject key identifier, hexadecimal."),
        text("authority_key_id", "Key identifier of the issuer, hexadecimal."),
        text("extended_key_usage", "Purposes by name or OID, sorted, separated by one space."),
        Column("has_alternative_names", "flag", "It has the extension of alternative names, whatever stands in it."),
        Column("has_scts", "flag", "Timestamps of public logs (SCTs) are embedded in it."),
        Column("is_ca", "flag", "Basic constraints say CA."),
        Column("is_self_issued", "flag", "Subject equals issuer."),
        text(
            "parse_status",
            "ok; partial: some field could not be read; failed: no certificate could be made of the block.",
            ("ok", "partial", "failed"),
        ),
        text("parse_reason", "Why it is not ok, or how a damaged block was mended."),
    ),
)

PUBLIC_KEYS = Table(
    "public_keys",
    "one RSA key of a certificate file",
    ("spki_sha256",),
    (
        text("spki_sha256", "As in `certificate_blocks`."),
        text("rsa_exponent", "Public exponent, decimal."),
        text("rsa_modulus", "Modulus, lower-case hexadecimal."),
    ),
)

REQUEST_ROWS = Table(
    "request_rows",
    "one request in force, as its log tells it",
    ("request_id",),
    (
        SOURCE,
        text("request_id", "Number in the ticket system."),
        text("kind", "What was asked for.", REQUEST_KINDS),
        text("agency_text", "Agency as written; empty where the log has no such column."),
        text("agency_match", "What kind of word `agency_text` is; for aliases."),
        text("product", "Tier or product as written."),
        text("order_id", "Order it led to."),
        Column("submitted_at", "instant", "When it was received."),
        Column("first_response_at", "instant", "First answer of staff."),
        Column("completed_at", "instant", "First resolution, else the closing."),
        Column("reopened_at", "instant", "First event after a closing that is not a closing."),
        Column("reopen_count", "whole", "How often it was reopened."),
        text("status", "Last state.", STATUSES),
        Column("dates_only", "flag", "The log gives days without times: verdicts are possible, hours are not."),
        Column("completed_by_closing", "flag", "There was no resolution; the closing was taken."),
        Column("has_agency_column", "flag", "The log can name an agency at all."),
        text("contact_email", "Contact: one address, or several joined by a comma and a space; empty where it was refused."),
        text("kind_text", "Kind as written, where the word is not known; else empty."),
    ),
)

REQUEST_EVENTS = Table(
    "request_events",
    "one event of a log that has many rows a request",
    ("source",),
    (
        SOURCE,
        text("request_id", "Number in the ticket system."),
        text(
            "status",
            "State after the event, in the canonical words; `resolved` is kept apart from `completed` (closed).",
            ("open", "paused", "resolved", "completed", "cancelled", "rejected", "duplicate"),
        ),
        Column("at", "instant", "When the event happened."),
        Column("opened_at", "instant", "When the request was opened, as this row says."),
        Column("resolved_at", "instant", "When it was resolved, as this row says."),
        Column("closed_at", "instant", "When it was closed, as this row says."),
        text("kind", "What was asked for.", REQUEST_KINDS),
        text("agency_text", "Agency as written."),
        text("agency_match", "What kind of word `agency_text` is."),
        text("product", "Tier or product as written."),
        text("order_id", "Order it led to."),
        Column("has_agency_column", "flag", "The log can name an agency at all."),
        text("contact_email", "Contact: one address, or several joined by a comma and a space; empty where it was refused."),
        text("kind_text", "Kind as written, where the word is not known; else empty."),
        text("sequence", "The log's own number of the event, in nine digits, for events of one minute; empty where it has none."),
    ),
)

PAUSE_ROWS = Table(
    "pause_rows",
    "one pause of a request's clock",
    ("source",),
    (
        SOURCE,
        text("request_id", "The request that waits for the customer."),
        Column("paused_at", "instant", "Begin.", required=True),
        Column("resumed_at", "instant", "End; unknown: still paused."),
    ),
)

LOT_ROWS = Table(
    "lot_rows",
    "one lot bought",
    ("lot_id",),
    (
        SOURCE,
        text("lot_id", "Number of the lot."),
        text("tier", TIER_TEXT),
        Column("purchased_on", "day", "Day of purchase.", required=True),
        Column("quantity", "whole", "Units bought."),
        Column("total_cost_cents", "cents", "Price of the whole lot."),
        Column("units_expire_on", "day", "Last day a unit can be drawn."),
        text("vendor", "Who sold it."),
        text("po_number", "Purchase order."),
        Column("returns_on_refund", "flag", "The vendor credits the unit when a certificate is refunded."),
        Column("vendor_remaining", "count", "Units left by the vendor's own count."),
        Column("vendor_remaining_on", "day", "Day of that count."),
    ),
)

OUTAGE_ROWS = Table(
    "outage_rows",
    "one outage, maintenance or blind spell",
    ("source",),
    (
        SOURCE,
        text("service", "Service that was concerned."),
        Column("began_at", "instant", "Begin.", required=True),
        Column("ended_at", "instant", "End; unknown: still going on."),
        text("kind", "full, partial, planned maintenance, or unmonitored.", ("full", "partial", "planned", "unmonitored")),
        Column("announced_at", "instant", "When planned maintenance was announced."),
        text("note", "What happened."),
    ),
)


SOURCE_FILES = Table(
    "source_files",
    "one file of rows, as it was opened",
    ("file",),
    (
        text("file", "Path below `data/`."),
        text("sheet", "Worksheet, or the path of the records in JSON."),
        text("encoding", "Encoding of a file whose rows are found again by their line; else empty, and its rows are in `source_rows`."),
        text("delimiter", "What separates its cells."),
        text("labels", "The labels of its columns, as a JSON list."),
    ),
)

SOURCE_ROWS = Table(
    "source_rows",
    "one row of a file that must be read whole to find it again (a workbook, JSON), as written",
    ("file", "row"),
    (
        text("file", "Path below `data/`."),
        Column("row", "whole", "As in `places`."),
        text("cells", "Its cells in the order of the labels, as a JSON list."),
    ),
)


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that was read: typed tables, the places of their rows, and what was wrong with the files."""

    export_rows: pd.DataFrame
    certificate_blocks: pd.DataFrame
    public_keys: pd.DataFrame
    request_rows: pd.DataFrame
    request_events: pd.DataFrame
    pause_rows: pd.DataFrame
    lot_rows: pd.DataFrame
    outage_rows: pd.DataFrame
    agencies: pd.DataFrame
    aliases: pd.DataFrame
    corrections: pd.DataFrame
    accepted: pd.DataFrame
    hosts: pd.DataFrame
    adjustments: pd.DataFrame
    accounts: pd.DataFrame
    estimates: pd.DataFrame
    costs: pd.DataFrame
    recovery_openings: pd.DataFrame
    lot_openings: pd.DataFrame
    closed_days: pd.DataFrame
    extra_closures: pd.DataFrame
    server_software: pd.DataFrame
    notes: pd.DataFrame
    places: pd.DataFrame
    inputs: pd.DataFrame
    source_files: pd.DataFrame
    source_rows: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    closed: Closed = field(default_factory=Closed)
    notice_log: pd.DataFrame = field(default_factory=NOTICE_LOG.empty)
