"""The inventory of a day: every certificate that exports or files tell of, once, with its agency, tier, status and succession."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline import agencies as agency_codes
from pipeline import calendar, lints, rates
from pipeline.certificates import chains, disagreements, fold, renewals
from pipeline.certificates.join import join
from pipeline.certificates.merge import merged
from pipeline.contracts import CERTIFICATES, Stage
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Inventory(Stage):
    """The table and findings, and of each export row in force (`source`) the `certificate` that it tells of."""

    told_by: pd.DataFrame = field(default_factory=pd.DataFrame)


def inventory(
    export_rows: pd.DataFrame,
    certificate_blocks: pd.DataFrame,
    agencies: pd.DataFrame,
    aliases: pd.DataFrame,
    settings: Settings,
    as_of: dt.date,
) -> Inventory:
    """CERTIFICATES as of the end of `as_of` in the organisation's zone, and the findings of the join.

    Takes EXPORT_ROWS, CERTIFICATE_BLOCKS, AGENCIES and ALIASES. Orders that are pending, rejected or canceled are no certificates.
    Nothing else is left out: a row or block without partner is a certificate of its own, also a block that could not be read.
    Agency, tier, order, day of service and what a refund rests on are the words of billing rows; of a certificate without one they are
    those of the inventory (DESIGN §4, "Roles": it enriches, is never charged).
    Sorted by agency, common name, start and certificate, whatever the order of the rows that came in.
    """
    blocks = fold.blocks(certificate_blocks)
    of_two = fold.of_two(export_rows, blocks)
    not_meant = of_two & (export_rows["role"] == "inventory")
    rows = fold.issued(export_rows.assign(fingerprint_sha256=export_rows["fingerprint_sha256"].mask(not_meant, "")))
    exports = fold.exports(rows)
    found, matched = join(exports, blocks)
    table = merged(exports, blocks, found, matched)
    table["dates_taken_are_days"] = table["dates_only"] & table["pem_source"].isna()
    table = _assigned(table, agencies, aliases, settings)
    table = chains.chained(_judged(table, agencies, settings, as_of))
    positions = {certificate: position for position, certificate in enumerate(exports["certificate"].tolist())}
    rows["position"] = rows["certificate"].map(positions).astype("int64")
    billing = _read_as_billed(rows, table, agencies, aliases, settings)
    findings = (
        *disagreements.of_two(export_rows[of_two]),
        *disagreements.orders(billing),
        *disagreements.payers(billing),
        *disagreements.revocations(rows, table),
        *disagreements.dates(rows, table),
        *disagreements.names(rows, table),
        *disagreements.keys(rows, table),
        *disagreements.revoked_later(rows, as_of),
        *disagreements.partly_read(blocks),
        *disagreements.weak_matches(table),
        *disagreements.rows_by_names(rows),
        *disagreements.unbillable(table),
        *disagreements.without_contact(table),
        *chains.ending_first(table),
    )
    told_by = rows[["source"]].assign(certificate=table["certificate"].iloc[rows["position"]].to_numpy())
    ordered = table.sort_values(["agency", "common_name", "valid_from", "certificate"], kind="stable")
    in_order = tuple(sorted(findings, key=lambda finding: (finding.source, finding.code, finding.column)))
    return Inventory(CERTIFICATES.check(ordered), in_order, told_by)


def _assigned(table: pd.DataFrame, agencies: pd.DataFrame, aliases: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Add service_on, agency and tier: the words of the export on the day of service (DESIGN §6, "Charges").

    notBefore is that of the certificate's file: the start of validity that an inventory gives is no day of service of a billed order.
    Where no agency is written, what somebody answered about the domain of the hosts or of the contact holds.
    """
    not_before = table["not_before"].dt.tz_localize(None).dt.floor("D")
    service_on = table["issued_on"].fillna(table["valid_from_on"]).fillna(not_before)
    agency = agency_codes.resolve(table["agency_text"], table["agency_match"], service_on, agencies, aliases)
    unnamed = table["agency_text"] == ""
    agency[unnamed] = agency_codes.of_nobody(
        table.loc[unnamed, "names"], table.loc[unnamed, "contact_email"], service_on[unnamed], agencies, aliases
    )
    return table.assign(
        service_on=service_on,
        agency=agency,
        tier=rates.tier_of(table["product"], settings.tiers, aliases, service_on),
    )


def _read_as_billed(
    rows: pd.DataFrame, table: pd.DataFrame, agencies: pd.DataFrame, aliases: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """The rows of certificates of which several billing rows tell, each with the agency and the tier that it would be charged by."""
    billing = rows[rows["role"] == "billing"]
    billing = billing[billing["certificate"].duplicated(keep=False)]
    service_on = table["service_on"].iloc[billing["position"]].set_axis(billing.index)
    return billing.assign(
        agency=agency_codes.resolve(billing["agency_text"], billing["agency_match"], service_on, agencies, aliases),
        tier=rates.tier_of(billing["product"], settings.tiers, aliases, service_on),
    )


def _judged(table: pd.DataFrame, agencies: pd.DataFrame, settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """Add replaces, superseded_by, status and days_left as of the end of `as_of`, and trust."""
    now = calendar.day_end(as_of, settings.organization.zone)
    is_revoked = (table["revoked_by"] != "") & ~(table["revoked_on"] > pd.Timestamp(as_of))
    today = pd.Series(pd.Timestamp(as_of), index=table.index, dtype="datetime64[us]")
    keepers = agency_codes.successors(table["agency"], today, agencies)
    replaces, superseded_by = renewals.links(table, keepers, is_revoked)
    table = table.assign(
        replaces=pd.Series(replaces, index=table.index, dtype="str"),
        superseded_by=pd.Series(superseded_by, index=table.index, dtype="str"),
    )
    last_day = calendar.local_days(table["valid_to"], settings.organization.zone)
    return table.assign(
        status=_status(table, is_revoked, now),
        days_left=(last_day - pd.Timestamp(as_of)).dt.days.astype("Int64"),
        asked=pd.Series("", index=table.index, dtype="str"),  # the requests are compared later, see `three_ways`
        request_id=pd.Series("", index=table.index, dtype="str"),
        trust=lints.trust(table, settings.trust),
    )


def _status(table: pd.DataFrame, is_revoked: pd.Series[Any], now: pd.Timestamp) -> pd.Series[Any]:
    """The first that is true at the instant `now`; "" where the end is not known.

    `valid_to` is the last second that is covered. Superseded begins when the successor becomes valid: until then the old one serves.
    """
    starts = table.set_index("certificate")["valid_from"]
    taken_over = (starts.reindex(table["superseded_by"]) <= now).to_numpy()
    status = pd.Series("active", index=table.index, dtype="str")
    # the weakest first: each line that is true writes over those before it
    status[table["valid_from"] > now] = "not-yet-valid"
    status[taken_over] = "superseded"
    status[table["valid_to"] < now] = "expired"
    status[table["valid_to"].isna()] = ""
    status[is_revoked] = "revoked"
    return status
