"""Notices: what the journal of sending says, and what is published of them (DESIGN §5)."""

from __future__ import annotations

from pipeline.contracts.tables import AGENCY, Column, Table, text

TRIES = ("sending", "sent", "failed", "in-doubt")
NOTICE_STATES = ("due", "sent", "failed", "in-doubt", "superseded", "retired", "no-contact")
ADDRESSED_AS = ("", "contact", "security-contact", "service-owner")
KINDS = ("notice", "copy", "digest")

NOTICE_LOG = Table(
    "notice_log",
    "one notice that a line of the journal of sending tells of, in the order of the lines",
    (),
    (
        Column("at", "instant", "When it was written.", required=True),
        text("state", "What happened to the message: about to be sent, accepted, refused, or sent without an answer.", TRIES),
        text("message_id", "Message-ID of the message."),
        text("address", "Who it is for."),
        text("certificate", "Certificate that it tells of, by its name then."),
        text("serial", "Serial of the certificate: its name changes when a certificate file of it comes in."),
        Column("ends_at", "instant", "Last second of its validity, as known then; missing of a digest."),
        Column("days_before", "whole", "Which of `[notices] days_before` it is."),
        Column("is_lasting", "flag", "Of a failure: the server will never take this address; else it may later."),
        text("why", "Why it failed or is in doubt, in our words, with the codes of the server's answer."),
        text(
            "kind",
            "notice; copy: for others than the one who is to act; digest: what the office is told every week, of no certificate in "
            "particular. Empty in lines of a time before there were copies: a notice.",
            ("", *KINDS),
        ),
        Column("is_staged", "flag", "Of `sending`: said of all messages of a call before any of them was begun (`--before-send`)."),
    ),
)

NOTICES = Table(
    "notices",
    "one notice of the end of a certificate that has fallen due, or a copy of it, and whom it is for",
    ("certificate", "days_before", "contact_email", "kind"),
    (
        text("certificate", "Certificate that it tells of."),
        Column(
            "days_before",
            "whole",
            "Which of `[notices] days_before` it is; of short lives it falls due later, see `due_on`. Of a copy 0 once it has ended.",
        ),
        Column("due_on", "day", "Day on which it fell due; missing where the notice is known from the journal only."),
        text(
            "state",
            "due: to be sent; sent; failed: the mail server refused the address; in-doubt: sent without an answer; superseded: later "
            "certificates cover its host names; retired: its other host names are out of service; no-contact: nobody can be told, or the "
            "address of everybody who could be was refused.",
            NOTICE_STATES,
        ),
        text("contact_email", "Who is, was or will be told; empty where nobody is."),
        text("message_id", "Message-ID of the message that tells of it, with all that the same address is told of in one run."),
        Column("sent_at", "instant", "When the mail server took it; missing until then."),
        Column("ends_on", "day", "Last day of the certificate, local.", required=True),
        text("agency", AGENCY),
        text("names", "Host names that no later certificate covers and that are not retired, separated by one space."),
        text("addressed_as", "As whom the address is told; empty where that is not known any more, or nobody is told.", ADDRESSED_AS),
        Column("served_by", "whole", "The `days_before` of the notice that tells: of several that are due only the nearest is sent."),
        Column("doubts", "whole", "How often it was sent without an answer of the server, so that it may have come more than once."),
        text("detail", "Why it failed, is in doubt or is not sent; else empty."),
        text("kind", "notice: for the one who is to act; copy: for others, by `[notices] copy_at`.", ("notice", "copy")),
    ),
)
