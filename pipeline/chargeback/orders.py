"""Which certificates are one order, and what an order is known by.

The money side looks at what the billing export wrote, never at what certificate files add later: a file that arrives tomorrow may
correct the issuer or the names in the inventory, and must not make a second order of a billed one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import pandas as pd

from pipeline.calendar import dates, day_keys
from pipeline.contracts import ContractError
from pipeline.findings import Finding
from pipeline.issuers import issuer_keys
from pipeline.rates import RateCard

# The columns looked at of CERTIFICATES and EXPORT_ROWS.
_OF_CERTIFICATES = [
    "certificate", "order_id", "agency", "tier", "common_name", "source", "service_on", "revoked_on", "revoked_by", "status", "role",
    "replaces",
]  # fmt: skip
_AS_WRITTEN = [
    "source", "valid_from", "valid_to", "serial", "issuer", "subject_alternative_names", "common_name", "agency_text", "agency_match",
    "product",
]  # fmt: skip


class Issue(NamedTuple):
    """One certificate as the charge rules see it. The fields are in sorting order: of two on one day the first is the issue.

    `valid_from` is in microseconds since 1970, `valid_to` the last day as text; `rate` is in cents, None where none is in force for its
    tier on its day. `renews` is the order of the certificate that it replaces, "" where that is the same order or has no number; it may
    change with later evidence and decides no amount. A revocation counts only where a billing export tells it. `closed_as` is what
    a closed month holds it for, where that month's files told of a charge that nothing tells of any more: a free reissue or a charge.
    """

    day: dt.date
    valid_from: int
    serial: str
    issuer: str
    names: str
    valid_to: str
    certificate: str
    order_id: str
    agency: str
    agency_text: str
    agency_match: str
    tier: str
    product: str
    common_name: str
    source: int
    rate: int | None
    revoked_on: dt.date | None
    is_revoked: bool
    renews: str
    closed_as: Literal["", "free", "paid"] = ""

    @property
    def own_name(self) -> str:
        """What tells it from the other certificates of an order: the serial, else names and dates."""
        return self.serial or f"{self.names}|{self.valid_from}|{self.valid_to}"


class Order(NamedTuple):
    """An order: the identity that its entries are hashed from, and its certificates in sorting order."""

    identity: tuple[str, ...]
    issues: list[Issue]


def issues(certificates: pd.DataFrame, export_rows: pd.DataFrame, card: RateCard, as_of: dt.date) -> list[Issue]:
    """The certificates of billing exports whose day of service is not after `as_of`, sorted.

    `certificates` is CERTIFICATES, `export_rows` the EXPORT_ROWS that its `source` points into. Raises `ContractError` where a billing
    certificate's row is not among them.
    """
    billing = _billing(certificates[_OF_CERTIFICATES])
    known = billing[billing["service_on"] <= pd.Timestamp(as_of)].sort_values("service_on", kind="stable")  # sorts nearly all of it
    is_told = known["revoked_by"] == "billing"
    if not known["source"].isin(export_rows["source"]).all():
        raise ContractError("certificates: a billing certificate points to a row that is no export row")
    written = export_rows[_AS_WRITTEN].set_index("source").loc[known["source"]]
    rates = card.cents(known["tier"], known["service_on"])
    columns = (
        dates(known["service_on"]),
        written["valid_from"].to_numpy(dtype="datetime64[us]").astype("int64").tolist(),
        written["serial"].tolist(),
        issuer_keys(written["issuer"]),
        _names(written).tolist(),
        day_keys(written["valid_to"]),
        known["certificate"].tolist(),
        known["order_id"].tolist(),
        known["agency"].tolist(),
        written["agency_text"].tolist(),
        written["agency_match"].tolist(),
        known["tier"].tolist(),
        written["product"].tolist(),
        known["common_name"].tolist(),
        known["source"].tolist(),
        rates.astype("object").where(rates.notna(), None).tolist(),
        dates(known["revoked_on"].where(is_told)),
        ((known["status"] == "revoked") & is_told).tolist(),
        _renewed_orders(billing, known),
    )
    return sorted(Issue(*values) for values in zip(*columns, strict=True))


def not_counted(certificates: pd.DataFrame, as_of: dt.date) -> list[Finding]:
    """A finding for each certificate of a billing export that has no day of service, or one after `as_of`."""
    billing = _billing(certificates)
    without = billing.loc[billing["service_on"].isna(), "source"]
    later = billing[billing["service_on"] > pd.Timestamp(as_of)]
    reason = "The certificate has no day of service, so it is not charged."
    findings = [Finding("missing-value", reason, column="issued_on", source=source, action="kept") for source in without.tolist()]
    for day, source in zip(day_keys(later["service_on"]), later["source"].tolist(), strict=True):
        reason = f"The day of service, {day}, lies after the as-of day {as_of}; the certificate is not charged."
        findings.append(Finding("future-stamp", reason, value=day, column="issued_on", source=source))
    return findings


def orders(known: Sequence[Issue]) -> list[Order]:
    """Group the sorted certificates into orders.

    By order number; without one a certificate is its own order unless agency, tier, issuer, name set and last day equal those of an
    earlier one. The identity is the order number, else issuer and serial of the first certificate as the export gives them; an issuer
    that a later export spells otherwise is the same one (`issuers`).
    """
    grouped: dict[tuple[str, ...], list[Issue]] = {}
    for issue in known:
        grouped.setdefault(group(issue), []).append(issue)
    members = list(grouped.values())
    without_number = [f"{group[0].issuer}\x1f{group[0].own_name}" for group in members if not group[0].order_id]
    names = iter(numbered(without_number))
    return [Order(("order", group[0].order_id) if group[0].order_id else ("certificate", next(names)), group) for group in members]


def numbered(names: Iterable[str]) -> list[str]:
    """`names` with a count on each that was there before, so that two rows that say the same stay two."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = times = seen.get(name, 0) + 1
        unique.append(name if times == 1 else f"{name}\x1f{times}")
    return unique


def group(issue: Issue) -> tuple[str, ...]:
    """What certificates of one order have in common."""
    if issue.order_id:
        return ("order", issue.order_id)
    if not issue.names or not issue.valid_to:
        return ("alone", issue.certificate)
    return ("alike", issue.agency or issue.agency_text, issue.tier, issue.issuer, issue.names, issue.valid_to)


def _renewed_orders(billing: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    """For each of `known` the order number of the certificate that it replaces, "" unless that is another one."""
    order_of = dict(zip(billing["certificate"].tolist(), billing["order_id"].tolist(), strict=True))
    renewed = [order_of.get(replaced, "") for replaced in known["replaces"].tolist()]
    return ["" if order == own else order for order, own in zip(renewed, known["order_id"].tolist(), strict=True)]


def _names(written: pd.DataFrame) -> pd.Series[Any]:
    """The name set as the export wrote it: the alternative names, else the common name."""
    alternatives = written["subject_alternative_names"]
    names: pd.Series[Any] = alternatives.where(alternatives != "", written["common_name"].str.lower())
    return names


def _billing(certificates: pd.DataFrame) -> pd.DataFrame:
    return certificates[certificates["role"] == "billing"]
