"""The workbook of certificates, for the security office: what ends, what expired, the keys in use, and every certificate in one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from pipeline.contracts import Books
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks.cells import Imprint, Workbook
from pipeline.publish.workbooks.certificates_sheets import write_agencies, write_ending, write_inventory, write_keys, write_rule_breaks
from pipeline.publish.workbooks.certificates_summary import write_summary
from pipeline.publish.workbooks.evidence import write_about
from pipeline.publish.workbooks.totals import CERTIFICATES_PATH
from pipeline.settings import Settings

TITLE = "Certificates"
CONTENTS = (
    "Summary: how many certificates there are and how many end soon. Ending and expired: what expired without a successor, then what ends "
    "within 90 days, soonest first, with who is told. Rule breaks: each rule that a certificate in use or not yet valid breaks, gravest "
    "first, with what to do. Agencies: the same figures by agency. Keys and algorithms: the keys, signature algorithms and issuers of what "
    "is in force. Inventory: every certificate, most urgent first; filter it by agency. "
    "The columns from Serial on, of Rule breaks from State on, are for reading on screen; they do not print."
)
TERMS = (
    ("In force", "A certificate of a server that is valid today and that no later certificate has taken over from."),
    ("Superseded", "Still valid, but a later certificate of the same order or the same names has taken over."),
    (
        "Expired, nothing took over",
        "Expired in the last 90 days, not revoked, and of at least one of its host names no other certificate is known.",
    ),
    ("Host retired", "data/entries/hosts.csv says that all hosts of the certificate are out of service: nobody has to renew it."),
    ("Error", "A grade of rule breaks: clients refuse the certificate, or its key protects too little. Replace it now."),
    ("Warning", "A grade of rule breaks: put it right at the next renewal."),
    ("Note", "A grade of rule breaks: nothing is wrong, but the owner should know."),
    ("Who is told", "The contact of the certificate; without one the agency's security contact; without that the owner of the service."),
    ("Days left", "The local date of the last second of validity, less the day of this edition; negative once it is over."),
    ("Key", "Read from the certificate file itself. Exports do not prove a key: without a certificate file it is not known."),
    ("Authorities", "Certificates of certificate authorities are no servers' and are left out; tables/certificates.csv has them."),
)
FOLLOW = (
    "Each certificate names the file and row below the folder data that tells of it. On the machine that runs certledger, the command "
    "certledger explain with a host name, serial or order shows the rows themselves."
)

# Each writes one sheet, in this order; a new sheet is a function and a line here.
SheetWriter = Callable[[Workbook, Books, Settings, dt.date], None]
SHEETS: tuple[SheetWriter, ...] = (write_summary, write_ending, write_rule_breaks, write_agencies, write_keys, write_inventory)


def write_certificates(books: Books, settings: Settings, stamp: RunStamp, folder: Path) -> Path:
    """Write `certificates.xlsx` below the run folder and return its path; the same books give the same bytes.

    It names hosts, keys and contacts: internal, and no part of the public site.
    """
    organization, path = settings.organization, folder / CERTIFICATES_PATH
    with Workbook(path, Imprint(organization.name, TITLE, stamp.run_id, stamp.as_of, organization.sample)) as book:
        for write_sheet in SHEETS:
            write_sheet(book, books, settings, stamp.as_of)
        write_about(book, settings.organization.service_owner, CONTENTS, TERMS, FOLLOW)
    return path
