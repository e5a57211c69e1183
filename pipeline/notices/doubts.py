"""Findings about notices: who cannot be told, or is told in place of the one who should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.findings import Finding
from pipeline.mail_addresses import addresses_in
from pipeline.notices.addressees import may_be_told
from pipeline.settings import Settings

_AGENCIES = "reference/agencies.csv"
ALL_REFUSED = "The mail server refused the address of everybody who could be told."
_OPEN = ("due", "in-doubt", "no-contact")


def doubts(table: pd.DataFrame, contacts: Mapping[str, tuple[str, int]], settings: Settings) -> tuple[Finding, ...]:
    """Findings about the rows of NOTICES: `nobody-to-tell`, `contact-not-allowed`, `notice-refused`, `notice-unanswered` of a certificate,
    each once, and `no-security-contact` of an agency. `contacts` are contact and place, by name, of the certificates that end soon."""
    table = table[table["kind"] == "notice"]
    soon = table[table["certificate"].isin(list(contacts))]
    found = [
        *_of_certificates(soon[soon["state"].isin(_OPEN)], contacts, settings),
        *_refused(soon[soon["state"] == "failed"], contacts),
        *_unanswered(soon[(soon["state"] == "in-doubt") & (soon["doubts"] > 1)], contacts),
        *_of_agencies(table[(table["addressed_as"] == "service-owner") & (table["agency"] != "")]),
    ]
    return tuple(sorted(found, key=lambda one: (one.source, one.code, one.value)))


def _of_certificates(rows: pd.DataFrame, contacts: Mapping[str, tuple[str, int]], settings: Settings) -> Iterator[Finding]:
    for row in _each(rows):
        contact, source = contacts[row.certificate]
        named = row.names or row.certificate
        if reason := _barred(addresses_in(contact), settings):
            yield Finding("contact-not-allowed", reason, value=named, column="contact_email", source=source)
        if row.state == "no-contact":
            nobody = "it has no contact, its agency no security contact, the service no owner."
            reason = f"It ends on {row.ends_on:%Y-%m-%d}; {row.detail[:1].lower() + row.detail[1:] or nobody}"
            yield Finding("nobody-to-tell", reason, value=named, column="contact_email", source=source)


def _barred(addresses: tuple[str, ...], settings: Settings) -> str:
    """Why not all addresses of a contact are told; "" where all are."""
    barred = sum(not may_be_told(one, settings) for one in addresses)
    if not barred or len(addresses) == 1:
        return "The contact's domain is not one of [notices] allowed_domains, so the notice goes to the next in line." if barred else ""
    outside = f"The domains of {barred} of the contact's {len(addresses)} addresses are not among [notices] allowed_domains"
    return f"{outside}, so {'the notice goes to the next in line' if barred == len(addresses) else 'only the others are told'}."


def _refused(rows: pd.DataFrame, contacts: Mapping[str, tuple[str, int]]) -> Iterator[Finding]:
    for row in _each(rows):
        reason = f"The notice of its end on {row.ends_on:%Y-%m-%d} was not taken."
        named, source = row.names or row.certificate, contacts[row.certificate][1]
        yield Finding("notice-refused", reason, value=named, column="contact_email", source=source)


def _unanswered(rows: pd.DataFrame, contacts: Mapping[str, tuple[str, int]]) -> Iterator[Finding]:
    for row in _each(rows):
        reason = f"The notice of its end on {row.ends_on:%Y-%m-%d} was handed over twice, and the mail server answered neither time."
        named, source = row.names or row.certificate, contacts[row.certificate][1]
        yield Finding("notice-unanswered", reason, value=named, column="contact_email", source=source)


def _each(rows: pd.DataFrame) -> Iterator[Any]:
    """One row a certificate."""
    return iter(rows.drop_duplicates("certificate").itertuples(index=False))


def _of_agencies(rows: pd.DataFrame) -> Iterator[Finding]:
    for agency, many in rows.groupby("agency")["certificate"].nunique().items():
        which = "1 certificate that ends soon has" if many == 1 else f"{many:,} certificates that end soon have"
        reason = f"{which} no contact that can be told, and {agency} has no security contact."
        yield Finding("no-security-contact", reason, value=str(agency), column="security_contact", file=_AGENCIES)
