"""What is published of certificates: the inventory, the rules that they break, and how well host names were covered (DESIGN §5)."""

from __future__ import annotations

from pipeline.contracts.tables import AGENCY, SOURCE, TIER_TEXT, Column, Table, text

CERTIFICATES = Table(
    "certificates",
    "one certificate, however many files tell of it",
    ("certificate",),
    (
        text("certificate", "Its name in these books: the SHA-256 fingerprint, else issuer and serial."),
        text("fingerprint_sha256", "SHA-256 fingerprint, lower-case hexadecimal."),
        text("serial", "Serial, lower-case hexadecimal, even length."),
        text("common_name", "Subject common name; empty is legal."),
        text("subject_alternative_names", "Names it covers, lower case, sorted, separated by one space."),
        text("issuer", "Who issued it."),
        Column("issued_on", "day", "Issue date of the export, as written."),
        Column("valid_from", "instant", "First second of validity."),
        Column("valid_to", "instant", "Last second of validity."),
        text("key_type", "RSA, EC, Ed25519, ...; empty without a certificate file."),
        Column("key_bits", "count", "Key size in bits."),
        text("signature_algorithm", "Signature algorithm."),
        text("tier", TIER_TEXT),
        text("agency", AGENCY),
        text("order_id", "Order number."),
        text("contact_email", "Who is told before it expires; several addresses are joined by a comma and a space."),
        text("server_software", "Software it runs on, as written."),
        text(
            "status",
            "The first that is true of these, in this order; empty where the dates cannot be read.",
            ("revoked", "expired", "superseded", "not-yet-valid", "active", ""),
        ),
        Column("days_left", "count", "Local date of valid_to less the as-of day."),
        text("replaces", "Certificate it took over from."),
        text("superseded_by", "Certificate that took over from it."),
        text("parse_status", "How well the certificate file could be read; none: there is no file.", ("ok", "partial", "failed", "none")),
        text("matched", "How export row and certificate file were joined.", ("fingerprint", "serial", "serial-date", "names", "none")),
        SOURCE,
        Column("pem_source", "count", "Place of the certificate file's block; missing without one."),
        text("role", "billing, inventory, or file: known from a certificate file only.", ("billing", "inventory", "file")),
        Column(
            "service_on", "day", "Day the service was given: issued_on, else the export's valid_from date, else the UTC date of notBefore."
        ),
        Column("revoked_on", "day", "Day of revocation."),
        Column("is_ca", "flag", "A CA's certificate, not a server's."),
        text("names", "The set of host names that it stands for: alternative names, else the common name."),
        text(
            "revoked_by",
            "Who says that it is revoked, and gives the day; only what a billing export says is credited.",
            ("", "billing", "inventory"),
        ),
        text("asked", "Whether a request stands behind it; empty where the logs cannot tell.", ("yes", "no", "")),
        text("request_id", "The request behind it, by order number and time; empty without one."),
        text("key_curve", "Curve of an EC key; empty without a certificate file."),
        text("spki_sha256", "SHA-256 of the public key, equal for equal keys; empty without a certificate file."),
        text("extended_key_usage", "Purposes that the certificate asserts, separated by one space; empty where it limits none."),
        text("subject", "Subject as one line (RFC 4514); empty without a certificate file."),
        text("issuer_line", "Issuer as one line (RFC 4514); empty without a certificate file."),
        text("subject_key_id", "Subject key identifier, hexadecimal."),
        text("authority_key_id", "Key identifier of the issuer, hexadecimal."),
        Column("has_alternative_names", "flag", "The certificate file has the extension of alternative names, whatever stands in it."),
        Column("has_scts", "flag", "Timestamps of public logs (SCTs) are embedded in it."),
        Column("is_self_issued", "flag", "Subject equals issuer."),
        text(
            "trust",
            "public: rules for publicly trusted certificates judge it; private: it names itself as its issuer, as an authority's root does "
            "too, or its issuer is one of `private_issuers`; empty where no issuer is known.",
            ("public", "private", ""),
        ),
        text("issued_by", "Certificate of its issuer, by key identifier, else by name; empty where none is among the certificate files."),
        text(
            "chain",
            "complete: issuer after issuer is among the certificate files, up to a self-issued one; empty without a certificate file.",
            ("complete", "incomplete", ""),
        ),
    ),
)

RECONCILIATION = Table(
    "reconciliation",
    "one disagreement of an export, a certificate file and a request",
    ("class", "certificate", "request_id", "source"),
    (
        text(
            "class",
            "What disagrees; the finding of this name says what to do.",
            (
                "revocation-not-done", "request-without-certificate", "no-request", "tier-differs", "serial-twice", "key-differs",
                "dates-differ", "names-differ", "not-in-export", "not-in-file",
            ),
        ),
        text("certificate", "Certificate that it is about; empty for a request without one."),
        text("order_id", "Order number of the certificate, else of the request."),
        text("request_id", "Request that it is about, or that stands behind the certificate."),
        text("common_name", "Common name of the certificate, else the first of its names."),
        text("agency", AGENCY),
        Column("valid_to", "instant", "Last second of validity of the certificate."),
        Column("days_left", "count", "Local date of valid_to less the as-of day."),
        text("status", "Status of the certificate; empty without one."),
        Column("in_export", "flag", "An export has a row for the certificate."),
        Column("in_file", "flag", "A certificate file was found for it."),
        text("asked", "Whether a request stands behind it; empty where the logs cannot tell.", ("yes", "no", "")),
        text("detail", "What disagrees, in a sentence."),
        SOURCE,
    ),
)  # fmt: skip

LINTS = Table(
    "lints",
    "one rule that a certificate breaks",
    ("certificate", "lint"),
    (
        text("certificate", "Certificate that it is about."),
        text("lint", "Id of the rule; the reference page says what each asks for and since when."),
        text("severity", "How grave.", ("error", "warning", "note")),
        text("applies", "public: a rule for publicly trusted certificates; any: one for every certificate.", ("public", "any")),
        text("detail", "What was found, in a sentence."),
        text("rule_source", "Where the rule is written."),
    ),
)

BANDS = ("early", "after-first-notice", "near-miss", "lapse")

CONTINUITY = Table(
    "continuity",
    "one host name and period",
    ("host", "agency", "period"),
    (
        text("host", "Host name, lower case; `*.` begins a wildcard, which is a name of its own."),
        text(
            "agency", "Agency that looked after the host: that of the certificate that began last; a host that changes hands has two rows."
        ),
        text("period", "Month 2026-11, year FY2026, or FY2027-YTD, and beside it FY2026-YTD, the same span of the year before."),
        Column("in_service_seconds", "whole", "Seconds of the period in which the host was in service, up to the as-of instant."),
        Column("covered_seconds", "whole", "Seconds of these that a valid certificate covered."),
        Column("gaps", "whole", "Stretches in service without a valid certificate; one over two months is counted in both."),
        Column("longest_gap_seconds", "whole", "The longest of them, as far as it lies in the period."),
        Column("lead_time_days", "number", "Lead time of the last end in the period, see `renewals`; missing where none was judged."),
        text("band", "The lead time in bands, see `renewals`.", ("", *BANDS)),
        Column(
            "unknown_seconds",
            "whole",
            "Seconds after its last certificate had run out, of a host of which nobody has said whether it is still in service; they count "
            "neither as in service nor as covered.",
        ),
    ),
)

RENEWALS = Table(
    "renewals",
    "one end of what covered a host name, and what followed",
    ("host", "ended_at"),
    (
        text("host", "Host name."),
        text("agency", "Agency that looked after the host."),
        text("certificate", "Certificate that was the last to cover the host up to this end."),
        Column(
            "ended_at",
            "instant",
            "First instant that it no longer covers; of one that was revoked the end of that day, or the begin of its validity where no "
            "export tells the day.",
            required=True,
        ),
        text("replaced_by", "Certificate that covers the host next; empty while there is none."),
        Column(
            "issued_at", "instant", "When that one was issued: the end of its day of issue, where that comes before its validity begins."
        ),
        text(
            "outcome",
            "renewed; not-renewed: in service, as data/entries/hosts.csv says, without a certificate; retired: out of service by then; "
            "unknown: nobody has said what became of the host.",
            ("renewed", "not-renewed", "retired", "unknown"),
        ),
        Column(
            "lead_time_days", "number", "Days from `issued_at`, or now, to `ended_at`; negative after it. Missing if retired or unknown."
        ),
        text(
            "band",
            "early: 30 days or more before the end; after-first-notice: 7 to 30; near-miss: less than 7; lapse: after the end.",
            ("", *BANDS),
        ),
    ),
)

GAPS = Table(
    "gaps",
    "one stretch in which a host in service had no valid certificate",
    ("host", "began_at"),
    (
        text("host", "Host name."),
        text("agency", "Agency that looked after the host."),
        Column("began_at", "instant", "Its begin, not before the first day of the fiscal year two years back.", required=True),
        Column("ended_at", "instant", "Its end; missing while it goes on."),
        Column("seconds", "whole", "Its length, up to the as-of instant."),
    ),
)
