"""Who is told of the end of a certificate: every address of its contact, else the agency's security contact, else the service owner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Literal, NamedTuple

import pandas as pd

from pipeline import agencies as agency_codes
from pipeline.agencies import mail_domain
from pipeline.mail_addresses import addresses_in, is_address
from pipeline.settings import Settings


class Addressee(NamedTuple):
    """One who may be told, and as whom."""

    address: str
    told_as: Literal["contact", "security-contact", "service-owner"]


class Choices(NamedTuple):
    """Who may be told: all of `contacts`, each in a message of its own; and only where none of them may, one of `instead`, in order."""

    contacts: tuple[Addressee, ...]
    instead: tuple[Addressee, ...]

    def first(self, refused: Collection[str] = ()) -> tuple[Addressee, ...]:
        """Who is told, but for the addresses that the mail server has `refused`; () where nobody may be."""
        contacts, instead = (tuple(one for one in some if one.address not in refused) for some in self)
        return contacts or instead[:1]


def addressees(agencies: pd.DataFrame, settings: Settings, as_of: dt.date) -> Callable[[str, str], Choices]:
    """Who may be told of a certificate on `as_of`, by its contact and its agency.

    A contact is one address or a list of them, each held against `[notices] allowed_domains` by itself; one that holds anything else is
    passed over. The owner of the service may lie outside, for the settings name it themselves. An agency that has ended is looked after
    by its successor.
    """
    others = others_told(agencies, settings, as_of)

    def told(contact: str, agency: str) -> Choices:
        allowed = (Addressee(one, "contact") for one in addresses_in(contact) if may_be_told(one, settings))
        return Choices(tuple(allowed), tuple(others(agency)))

    return told


def others_told(agencies: pd.DataFrame, settings: Settings, as_of: dt.date) -> Callable[[str], list[Addressee]]:
    """Who may be told beside the contact of a certificate, by its agency: the agency's security contact, and the owner of the service."""
    begun = agencies[agencies["valid_from"].isna() | (agencies["valid_from"] <= pd.Timestamp(as_of))]
    ordered = begun.sort_values("valid_from", na_position="first", kind="stable")
    security = dict(zip(ordered["agency"], ordered["security_contact"], strict=True))
    successor = agency_codes.successor_in(agencies)
    owner = settings.organization.service_owner
    owners = [Addressee(owner, "service-owner")] if is_address(owner) else []

    def told(agency: str) -> list[Addressee]:
        of_agency = security.get(successor(agency, as_of), "") if agency else ""
        return [*_allowed(Addressee(of_agency, "security-contact"), settings), *owners]

    return told


def _allowed(one: Addressee, settings: Settings) -> list[Addressee]:
    return [one] if is_address(one.address) and may_be_told(one.address, settings) else []


def may_be_told(address: str, settings: Settings) -> bool:
    """Whether the domain of `address` is one of `[notices] allowed_domains`, or lies below one; any may where none is listed."""
    allowed = [domain.casefold().removeprefix("@") for domain in settings.notices.allowed_domains]
    domain = mail_domain(address)
    return not allowed or any(domain == one or domain.endswith(f".{one}") for one in allowed)
