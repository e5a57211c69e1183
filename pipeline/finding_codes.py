"""What a kind of finding is, and the kinds that are about a file or source as a whole, or a closed month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
Action = Literal["quarantined", "kept", "assumed", "stopped"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding: its default severity and action, a title, and what the reader should do about it."""

    severity: Severity
    action: Action
    title: str
    remedy: str


OF_FILES: dict[str, Code] = {
    "private-key": Code(
        "error",
        "stopped",
        "A private key lies among the inputs",
        "Delete the file from the inbox and its history, and have the certificate reissued with a new key.",
    ),
    "not-a-regular-file": Code("error", "stopped", "Not a regular file", "Put the file itself into the folder, not a link or a device."),
    "file-too-large": Code("error", "stopped", "The file is larger than the limit", "Split the export, or ask for a smaller period."),
    "unreadable-file": Code(
        "error", "stopped", "The file cannot be read", "Give the run the right to read it, or wait until it is complete, and run again."
    ),
    "empty-file": Code("error", "stopped", "The file is empty", "Export again, or remove the file."),
    "not-a-spreadsheet": Code(
        "error", "stopped", "The file is no readable spreadsheet", "Open it in Excel and save it as .xlsx or CSV (UTF-8)."
    ),
    "not-json": Code("error", "stopped", "The JSON cannot be read", "Export again: the file is cut off, or was changed by hand."),
    "password-protected": Code(
        "error", "stopped", "The workbook is password-protected or an old .xls", "Save it as .xlsx without a password."
    ),
    "damaged-container": Code("error", "stopped", "The workbook is damaged", "Export it again: a part of the file fails its checksum."),
    "reader-stopped": Code(
        "error",
        "stopped",
        "The workbook took its reader down, or takes too much of it",
        "Open it in Excel and save it as CSV (UTF-8), or take it out; the reason says whether memory, time or a crash ended the reading.",
    ),
    "reader-ended": Code(
        "error",
        "stopped",
        "The certificate file ended the process that read it",
        "Take the file out and put its certificates in again, a file each; report what is still not read then, with the version of "
        "certledger. If there was too little memory, run again.",
    ),
    "encoding": Code(
        "error", "stopped", "The text is not UTF-8", "Save as CSV UTF-8, or name the encoding in a [[source]] of certledger.toml."
    ),
    "nul-byte": Code("error", "stopped", "The text holds NUL bytes", "Save as CSV UTF-8."),
    "unterminated-quote": Code(
        "error", "stopped", "A quoted cell never ends", "Export again; the file is cut off or a quote is not doubled."
    ),
    "cell-too-long": Code(
        "error", "stopped", "A cell is longer than the limit", "Look for a quote that is not closed, or export less text."
    ),
    "blank-label": Code("error", "stopped", "A column with values has no name", "Name the column in the first row, or remove it."),
    "no-header": Code("error", "stopped", "No header row was found", "The first row must hold the column names."),
    "duplicate-label": Code("error", "stopped", "Two columns have one name", "Rename or remove one of the two columns."),
    "unknown-layout": Code(
        "error",
        "stopped",
        "The header fits no known export",
        "Use one of the layouts of the reference page, or map the columns in a [[source]] of certledger.toml.",
    ),
    "ambiguous-dates": Code(
        "error", "stopped", "The dates can be read in two ways", "Name date_format in a [[source]] of certledger.toml."
    ),
    "bad-source": Code("error", "stopped", "A [[source]] cannot be used", "Correct it in certledger.toml."),
    "unmatched-source": Code(
        "warning", "kept", "A [[source]] matches no file", "Correct its pattern in certledger.toml, or take the [[source]] out."
    ),
    "unread-file": Code(
        "error",
        "stopped",
        "A file of the inbox is not read",
        "Save it as CSV, XLSX or JSON in the folder of its kind, name it in a [[source]] of certledger.toml, or take it out of data/inbox.",
    ),
    "skipped-file": Code("warning", "kept", "A list is not one that certledger reads", "Give it the name of a list, or take it out."),
}

# Of sources over time, and of what a file is beside what was expected of it.
OF_SOURCES: dict[str, Code] = {
    "stale-source": Code(
        "warning",
        "kept",
        "Nothing new has come from a source",
        "Export it again. If it has ended or comes less often, set stale_after_days in a [[source]] of certledger.toml (0: never stale).",
    ),
    "row-jump": Code(
        "warning",
        "kept",
        "A file has far more or far fewer rows than the one before",
        "Compare the two; export again if one was cut off, filtered or holds rows twice.",
    ),
    "export-cut": Code(
        "warning",
        "kept",
        "A newer export lacks much of what the one before it told",
        "Compare the two; export again if the newer one was cut off or filtered.",
    ),
    "source-gone": Code(
        "warning",
        "kept",
        "A source of the run before has no rows any more",
        "Put its files back; nothing, if they were replaced or it has ended.",
    ),
    "source-ends-before-close": Code(
        "warning",
        "kept",
        "A billing source ends before the month that is to be closed does",
        "Export it again; if nothing more will come, accept it in data/entries/accepted.csv with this file, the month as key and a reason.",
    ),
    "no-rows": Code("warning", "kept", "The file has a header and no row", "Nothing, if there was nothing to export; else export again."),
    "misnamed-file": Code("warning", "kept", "The file is of another kind than its name says", "Give it the ending of what it is."),
    "hidden-rows": Code("warning", "kept", "Rows of the sheet are hidden", "Nothing, if they belong to it: hidden rows are read too."),
}

OF_LOTS: dict[str, Code] = {
    "lot-exhausted": Code("error", "kept", "No lot had a unit left", "Enter the lot that the certificate was drawn from."),
    "lot-changed": Code(
        "warning",
        "kept",
        "A newer list says otherwise what a lot is",
        "Compare both with the purchase order, and correct the wrong one of the two lists in data/inbox/lots.",
    ),
    "lot-price-doubtful": Code(
        "warning",
        "kept",
        "The price of a lot looks wrong",
        "Correct quantity or total_cost in data/inbox/lots; if both are right, accept it in data/entries/accepted.csv.",
    ),
    "lot-count-differs": Code(
        "warning",
        "kept",
        "The vendor counts another number of units left",
        "Compare the vendor's list of used units with the lot's charges in the year workbook, and mend what is wrong; else accept it.",
    ),
    "lot-count-not-compared": Code(
        "warning",
        "kept",
        "The vendor's count of a lot cannot be compared",
        "Enter the vendor's newest count and its day into data/inbox/lots, as vendor_remaining and vendor_remaining_on.",
    ),
}

# Of months that are closed, beside what arrived since.
OF_CLOSED_MONTHS: dict[str, Code] = {
    "closed-line-corrected": Code(
        "warning",
        "kept",
        "A line of a closed month reads otherwise now",
        "Look whether that is right; if so, nothing: the next invoice takes the line back and bills it anew. If not, mend what changed.",
    ),
    "agency-code-means-another": Code(
        "error",
        "kept",
        "An agency as closed rows name it means another code now",
        "Put the row of data/reference/agencies.csv or data/entries/aliases.csv back. If the code has changed, keep its row with its last "
        "day as valid_to and the new code as successor. If closed months were billed to the wrong agency, nothing: the next invoices take "
        "their lines back and bill them anew.",
    ),
    "product-means-another-tier": Code(
        "error",
        "kept",
        "A product of closed months means another tier now",
        "Put the product back below its tier in [tiers] of certledger.toml, or in data/entries/aliases.csv. If closed months were billed "
        "by the wrong tier, nothing: the next invoices take their lines back and bill them anew.",
    ),
    "late-item": Code(
        "note", "kept", "It arrived after its month was closed", "Nothing: it is billed in the first open month, at the rate of its day."
    ),
    "no-billing-contact": Code(
        "warning",
        "kept",
        "An invoice has nobody to be sent to",
        "Fill in billing_contact of the agency in data/reference/agencies.csv; the next run writes the draft of the message.",
    ),
    "workbook-written-otherwise": Code(
        "note",
        "kept",
        "This version of the program writes a closed invoice otherwise than it was issued",
        "Nothing: what was issued stands, and certledger verify FILE.xlsx knows it. Send no second copy.",
    ),
    "closed-lines-stand": Code(
        "note",
        "kept",
        "The inbox no longer bills lines of a closed month",
        "Nothing, if the files were archived; what was billed stands, and data/ledger holds the rows as they were read.",
    ),
    "measure-restated": Code(
        "note",
        "kept",
        "Figures of a closed month read otherwise than they were first published",
        "Nothing, if what came in since is right: both figures are shown. If it is not, mend it at the source or in "
        "data/entries/corrections.csv.",
    ),
    "closed-opening-changed": Code(
        "warning",
        "kept",
        "An opening balance reads otherwise than when months were closed",
        "Put the line back as it was. If it was wrong then, accept this with the reason in data/entries/accepted.csv: the reason of the "
        "finding says by which figure these books go on.",
    ),
    "closed-lot-changed": Code(
        "error",
        "kept",
        "A lot reads otherwise than when closed months drew from it",
        "Put the row back as it was. If the vendor changed the purchase, enter the difference as a lot of its own.",
    ),
}

OF_NOTICES: dict[str, Code] = {
    "nobody-to-tell": Code(
        "error",
        "kept",
        "Nobody can be told that a certificate ends",
        "Enter a contact at the source, a security contact in data/reference/agencies.csv, or service_owner in certledger.toml.",
    ),
    "contact-not-allowed": Code(
        "warning",
        "kept",
        "A contact lies outside the domains that notices may go to",
        "Correct the contact at the source, or add its domain to [notices] allowed_domains in certledger.toml.",
    ),
    "no-security-contact": Code(
        "warning",
        "kept",
        "An agency's notices go to the owner of the service",
        "Enter a security contact for the agency in data/reference/agencies.csv, or the contacts of its certificates at the source.",
    ),
    "notice-line-cut": Code(
        "note",
        "kept",
        "A line of the journal of notices is half-written",
        "Nothing: `certledger notices --send` goes on by itself, and sends once more, marked, what may have gone.",
    ),
    "notice-journal-damaged": Code(
        "error",
        "kept",
        "The journal of notices is not as it was written",
        "Take out that line, or move a file of another name elsewhere, and keep all other lines: they alone know what went, also "
        "those that are not committed yet. `git diff data/ledger/notices` shows what was changed. Until then nothing is sent.",
    ),
    "notice-unanswered": Code(
        "warning",
        "kept",
        "A notice was handed over twice and nobody knows whether it came",
        "Ask the contact, or look into the log of the mail server: it is not sent a third time.",
    ),
    "notice-refused": Code(
        "warning",
        "kept",
        "A mail server refused the address of a notice",
        "Correct the contact at the source; its other addresses are told, and without one whoever is next in line.",
    ),
}
