"""Findings: bad input as a value, with its place, so that one bad row never stops a run nor disappears in it.

`CODES` is the vocabulary: what each finding is called, how grave it is, what was done with the row and what the reader of the
data-quality page should do; those of files, sources, lots, notices and closed months stand in `finding_codes`. A code that is not
declared cannot be raised, and a test asks that each is documented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.finding_codes import OF_CLOSED_MONTHS, OF_FILES, OF_LOTS, OF_NOTICES, OF_SOURCES, Action, Code, Severity

NO_SOURCE = -1
LONGEST_VALUE = 80
LONGEST_REASON = 1_000
SETTINGS = "certledger.toml"
WORKBOOKS = (".xlsx", ".xlsm")
_KEY_TEXT = re.compile(r"BEGIN\W{1,12}(?:\w{1,16}\W{1,12}){0,4}PRIVATE\W+KEY", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


CODES: dict[str, Code] = {
    **OF_FILES,
    **OF_SOURCES,
    **OF_CLOSED_MONTHS,
    # rows and cells
    "not-a-record": Code("error", "quarantined", "The record or line is none of its list", "Look at it in the file, and export again."),
    "missing-cell": Code("error", "quarantined", "The row is shorter than the header", "Repair the row in the export."),
    "extra-cell": Code("error", "quarantined", "The row is longer than the header", "Repair the row: often a comma inside a name."),
    "control-character": Code("error", "quarantined", "The row holds control characters", "Remove them at the source."),
    "repeated-header": Code("warning", "quarantined", "The header is repeated among the rows", "Remove the repeated header row."),
    "footer": Code("note", "quarantined", "A footer stands among the rows", "Nothing; totals and remarks are not rows."),
    "excel-error": Code("error", "quarantined", "A cell holds an Excel error", "Mend the formula, or paste values before saving."),
    "formula-not-calculated": Code(
        "error", "quarantined", "A cell holds a formula without a value", "Open and save in Excel, or paste values."
    ),
    "excel-serial": Code(
        "error", "quarantined", "Excel turned a serial number into a number", "Format the column as text and export again."
    ),
    "missing-value": Code("error", "quarantined", "A required cell is empty", "Fill the cell at the source."),
    "bad-date": Code("error", "quarantined", "The date cannot be read", "Write dates as the layout does, e.g. 2026-11-02."),
    "bad-serial": Code("error", "quarantined", "The serial number cannot be read", "Write it in hexadecimal, as the certificate shows it."),
    "bad-number": Code("error", "quarantined", "The number cannot be read", "Write plain digits, with a point for cents."),
    "bad-value": Code(
        "error", "quarantined", "The cell holds a word that the column does not know", "Use one of the words of the reference page."
    ),
    "ends-before-it-begins": Code("error", "quarantined", "The end lies before the beginning", "Correct the dates at the source."),
    "skipped-hour": Code("warning", "assumed", "The hour does not exist on that day (clocks go forward)", "It was read as one hour later."),
    "repeated-hour": Code("note", "assumed", "The hour happens twice on that day (clocks go back)", "The first of the two was taken."),
    "duplicate-row": Code("note", "kept", "The same row stands twice", "Nothing: it was counted once."),
    "conflicting-rows": Code("error", "quarantined", "Two different rows have one key", "Remove the wrong one of the two."),
    "gone-from-export": Code(
        "note", "kept", "A newer export no longer has this row", "Nothing, if it was archived; what was charged stands."
    ),
    "revoked-elsewhere": Code(
        "warning",
        "kept",
        "An inventory calls a certificate revoked that the billing export does not",
        "Ask the vendor; if it was revoked, the next billing export must say so: only then can a credit follow.",
    ),
    "no-longer-issued": Code(
        "error",
        "kept",
        "A newer export takes back that a certificate was issued",
        "Ask the CA. If it was issued, correct its status in data/entries/corrections.csv; if it never was, it is rightly charged no more.",
    ),
    "revocation-taken-back": Code(
        "error",
        "kept",
        "A newer export takes back that a certificate was revoked",
        "Ask the CA. If it was revoked, correct status and revoked_on in data/entries/corrections.csv: only then a credit stands.",
    ),
    "order-number-lost": Code(
        "error",
        "kept",
        "A newer export no longer gives the order of a certificate",
        "Export again with order numbers, or correct order_id in data/entries/corrections.csv; else its free reissues are charged.",
    ),
    # meaning
    "unknown-agency": Code(
        "error", "kept", "No agency of this name", "Correct the agency at the source, or add a line to data/entries/aliases.csv."
    ),
    "unknown-tier": Code("error", "kept", "No tier of this name", "Add the product's name to [tiers] in certledger.toml."),
    "unassigned-requests": Code("note", "kept", "The request log names no agency", "The requests count in the office's totals only."),
    "unknown-kind": Code(
        "warning", "assumed", "The kind of request is not known", "It was read as 'issue', trouble with a current certificate."
    ),
    "no-rate": Code("error", "kept", "No rate was in force on the service day", "Add a [[rate]] line that begins on or before that day."),
    "charge-waiting": Code(
        "error",
        "kept",
        "Charges wait until an agency or a product is known",
        "Add a line for this spelling to data/entries/aliases.csv, or the product's name to [tiers] in certledger.toml.",
    ),
    "adjustment-not-posted": Code(
        "error",
        "kept",
        "A decision about money cannot be posted",
        "Mend the line of data/entries/adjustments.csv as the reason says; until then it moves no amount.",
    ),
    "not-approved": Code(
        "warning",
        "kept",
        "A decision about money is not approved",
        "Fill approved_by and approved_on in data/entries/adjustments.csv, or take the line out; until then it moves no amount.",
    ),
    "approved-later": Code(
        "note", "kept", "A decision is approved after the as-of day", "Nothing: it is posted by the first run of that day or later."
    ),
    "charged-twice": Code(
        "error",
        "kept",
        "One serial number is charged twice",
        "Correct the wrong one of the two rows at the source, or its valid_to or order_id in data/entries/corrections.csv.",
    ),
    "order-spelled-twice": Code(
        "error",
        "kept",
        "One order number is written in two ways",
        "If it is one order, correct order_id of one row in data/entries/corrections.csv, by its serial; if it is two, accept it in "
        "data/entries/accepted.csv.",
    ),
    "entry-not-counted": Code(
        "error", "kept", "A line of data/entries counts for nothing", "Mend the line as the reason says, or take it out of its list."
    ),
    "account-unknown": Code(
        "warning",
        "kept",
        "An account has no fields in the state's accounting",
        "Add a line for it to data/entries/accounts.csv that holds on the last day of the month, or name the account as the reason says.",
    ),
    "future-stamp": Code("error", "kept", "The time lies after the as-of day", "Correct the time at the source; the row is not counted."),
    "completed-without-time": Code(
        "error", "kept", "Completed, but no time of completion", "Fill the time at the source; the row is not counted."
    ),
    "closed-before-opened": Code(
        "error", "kept", "Closed before it was opened", "Correct the times at the source; the row is not counted."
    ),
    "answered-before-opened": Code(
        "warning",
        "kept",
        "Answered before it was opened",
        "Correct the times at the source; the request counts, its first answer does not.",
    ),
    "completed-by-closing": Code("note", "assumed", "No time of resolution; the closing was taken", "Nothing, if closing means done."),
    "outside-calendar": Code(
        "error", "kept", "The time lies outside the reviewed calendar", "Extend data/reference/closed_days.csv; the row is not counted."
    ),
    "orphan-pause": Code("warning", "kept", "A pause without a row of its request", "Mend that row if it is quarantined, else the pause."),
    "pause-unknown": Code(
        "warning", "kept", "Waiting for the customer, nobody knows since when", "Enter the pause, or set the request to open again."
    ),
    "pause-without-effect": Code("warning", "kept", "A pause lies outside its request's time", "Correct the times of the pause."),
    "pause-not-ended": Code(
        "warning", "assumed", "A pause of a completed request has no end", "Enter its end; it was taken to end with the completion."
    ),
    "late-maintenance": Code("note", "assumed", "Maintenance announced less than 24 hours ahead", "It was counted as an outage."),
    "missing-contact": Code(
        "warning", "kept", "A row of a billing export has no contact", "Enter one at the source; the agency's security contact is told."
    ),
    "bad-email": Code(
        "warning",
        "kept",
        "The contact is no e-mail address",
        "Write one address, as person@example.gov, or several separated by commas, and nothing else; of an agency one.",
    ),
    **OF_LOTS,
    **OF_NOTICES,
    # certificate files and the join
    "no-certificate": Code(
        "error",
        "kept",
        "No certificate in the file",
        "Put PEM, DER or PKCS#7 certificates into data/inbox/pem; unpack an archive (zip, gzip, tar) first.",
    ),
    "not-a-certificate": Code(
        "note",
        "quarantined",
        "The block is something else than a certificate",
        "Nothing: requests and revocation lists are not counted.",
    ),
    "unread-keystore": Code(
        "warning",
        "quarantined",
        "The certificates in a keystore were not read",
        "Export them from the keystore as PEM, without the private key, and put that file into data/inbox/pem.",
    ),
    "unreadable-certificate": Code(
        "error", "kept", "A certificate block cannot be read", "Export the certificate again from the server or the CA."
    ),
    "mended-certificate": Code(
        "note", "assumed", "A damaged certificate block was mended", "Nothing, or export the certificate again so that the file is whole."
    ),
    "partly-read-certificate": Code("warning", "kept", "A part of the certificate cannot be read", "Ask the CA for a correct certificate."),
    "weak-match": Code("warning", "assumed", "Matched by names and dates only", "Add the serial number or fingerprint to the export."),
    "names-cut-short": Code(
        "warning", "kept", "The export gives only some of the certificate's names", "Put the certificate file into data/inbox/pem."
    ),
    "dates-differ": Code(
        "warning", "kept", "Export and certificate give different dates", "The certificate's dates were taken; correct the export."
    ),
    "names-differ": Code(
        "warning", "kept", "Export and certificate give different names", "The certificate's names were taken; correct the export."
    ),
    "unknown-key": Code(
        "note",
        "kept",
        "The export's word for a key is not known",
        "Nothing, unless keys should be compared: then map the word under [source.values] of a [[source]] in certledger.toml.",
    ),
    "fingerprint-differs": Code(
        "warning",
        "kept",
        "A row gives the fingerprint of one certificate and the serial number of another",
        "Correct the wrong one of the two at the source.",
    ),
    "key-differs": Code(
        "warning", "kept", "Export and certificate give different keys", "The certificate's key was taken; correct the export."
    ),
    "not-in-export": Code(
        "note",
        "kept",
        "A certificate file without an export row",
        "If its row is among the quarantined ones, mend it there; else add it to the export if an agency should pay for it.",
    ),
    "not-in-file": Code(
        "note", "kept", "An export row without a certificate file", "Put the file into data/inbox/pem: only it proves names and key."
    ),
    "keys-not-compared": Code(
        "note",
        "kept",
        "Not all RSA keys were searched for shared primes",
        "Install the package badkeys beside certledger (.venv/bin/pip install badkeys): it brings faster arithmetic, for more of them.",
    ),
    "serial-twice": Code(
        "warning",
        "kept",
        "One serial number stands for two things",
        "Correct the wrong one of the two rows at the source; a file shows which.",
    ),
    # certificates and requests
    "no-request": Code(
        "warning",
        "kept",
        "No request for a certificate",
        "Enter the order's number in the request that asked for it, or ask the agency whether it wanted the certificate.",
    ),
    "request-without-certificate": Code(
        "warning",
        "kept",
        "A completed request without a certificate",
        "Correct the order's number in the request, or find out why no certificate was issued.",
    ),
    "revocation-not-done": Code(
        "error",
        "kept",
        "To be revoked, and still valid",
        "Have the certificate revoked by the CA today, or correct the order's number in the request.",
    ),
    "tier-differs": Code(
        "warning",
        "kept",
        "Order and request name different tiers",
        "Ask the agency which tier it wanted; the order's tier is charged until the order is changed.",
    ),
    "requests-without-orders": Code(
        "note",
        "kept",
        "Requests that name no order",
        "Have the ticket system export the order's number (order_id), so that requests and certificates can be compared.",
    ),
    "stale-acceptance": Code(
        "warning",
        "kept",
        "An accepted finding is over or gone",
        "Take the line out of data/entries/accepted.csv, or accept the finding anew until a later day.",
    ),
    "corrected": Code(
        "note",
        "kept",
        "A row was read as a correction says",
        "Nothing. Take the line out of data/entries/corrections.csv once the source itself is mended.",
    ),
    "charge-corrected": Code(
        "warning",
        "kept",
        "A correction changes what is charged",
        "Have somebody else look at it than who entered it; if it is not right, take its line out of data/entries/corrections.csv.",
    ),
    "stale-correction": Code(
        "warning",
        "kept",
        "A correction changes nothing",
        "Mend the line in data/entries/corrections.csv, or take it out.",
    ),
    "authority-ends-first": Code(
        "warning",
        "kept",
        "An authority's certificate ends before what it issued",
        "Ask the authority for its newer certificate and install it on the servers before that day; put it into data/inbox/pem.",
    ),
    "authority-ends-soon": Code(
        "warning",
        "kept",
        "An authority's certificate ends within 90 days",
        "Ask the authority for its newer certificate, put it into data/inbox/pem, and renew what stands on the old one before it ends.",
    ),
    "unknown-host": Code(
        "warning",
        "kept",
        "A line about a host that no certificate covers",
        "Correct the name in data/entries/hosts.csv, put the host's certificate into data/inbox/pem, or take the line out.",
    ),
    "retired-host-renewed": Code(
        "warning",
        "kept",
        "A retired host has a newer certificate",
        "Ask its agency. If it is back in service, add a line with the state renewing to data/entries/hosts.csv; else revoke it.",
    ),
    "stale-alias": Code(
        "note",
        "kept",
        "An answer decides nothing any more",
        "Nothing; take the line out of data/entries/aliases.csv if the spelling will not come again.",
    ),
    "bad-reference": Code("error", "stopped", "A reference file cannot be read", "Correct the file; every run depends on it."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a person should know about the input.

    Either `source` points into `places`, or `file` (with `sheet`, `row`) says where it is. `value` is what was read there. It and the
    reason are cut and cleaned so that no key text and no control character ever reaches an output. `accepted` says until when, by whom
    and why somebody accepts it, as data/entries/accepted.csv tells.
    """

    code: str
    reason: str
    value: str = ""
    column: str = ""
    source: int = NO_SOURCE
    file: str = ""
    sheet: str = ""
    row: int = 0
    severity: Severity | None = None
    action: Action | None = None
    accepted: str = ""

    def __post_init__(self) -> None:
        declared = CODES[self.code]
        object.__setattr__(self, "severity", self.severity or declared.severity)
        object.__setattr__(self, "action", self.action or declared.action)
        object.__setattr__(self, "value", quoted(self.value))
        object.__setattr__(self, "reason", quoted(self.reason, LONGEST_REASON))
        object.__setattr__(self, "accepted", quoted(self.accepted, LONGEST_REASON))


def counted(file: str) -> str:
    """What the row number of a place in `file` (below data/) counts: a worksheet's `row`, a text's `line`, a bundle's `block`, of JSON
    the `record`.

    A cell of a CSV may hold line ends, so that the number of its line is not the row that Excel shows.
    """
    if file.startswith("inbox/pem/"):
        return "block"
    if file.lower().endswith(".json"):
        return "record"
    return "row" if file.lower().endswith(WORKBOOKS) else "line"


def shown_file(file: str) -> str:
    """`file` as a person finds it: below data/, or certledger.toml itself; of no single file in words."""
    return (file if file == SETTINGS else f"data/{file}") if file else "no single file"


def sentence(code: str, file: str, sheet: str, row: int, column: str, reason: str) -> str:
    """One finding as a line for a terminal: `data/FILE, sheet S, row N, column C [code]: reason. Remedy.`; `line N` in a text file

    `file` is a path below data/, or certledger.toml itself; an empty sheet or column and row 0 are left out.
    """
    place = [shown_file(file)]
    place += [f"{name} {value}" for name, value in (("sheet", sheet), (counted(file), row), ("column", column)) if value]
    ended = reason.rstrip(" .")
    remedy = "" if ended.endswith(CODES[code].remedy.rstrip(".")) else f" {CODES[code].remedy}"
    return f"{', '.join(place)} [{code}]: {ended}{'' if ended.endswith(('?', '!')) else '.'}{remedy}"


def quoted(value: str, longest: int = LONGEST_VALUE) -> str:
    """`value` as it may be shown: at most `longest` characters, no control or direction characters, never a private key."""
    if _KEY_TEXT.search(value):
        return "(private key, not shown)"
    clean = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
