"""What people should know about the inventory: rows that contradict, cannot be billed, or have nobody to write to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from pipeline.findings import NO_SOURCE, Finding, quoted

# Exports round to minutes; a disagreement of dates is one of at least a minute.
_TOLERANCE = pd.Timedelta(minutes=1)


def dates(rows: pd.DataFrame, table: pd.DataFrame) -> list[Finding]:
    """`dates-differ` for each export row (`fold.issued`, with `position` into `table`) whose dates are not those of the certificate.

    Only days are compared where the row, or the row that the table took its dates from, gives days only.
    """
    findings: list[Finding] = []
    for column in ("valid_from", "valid_to"):
        said = rows[column]
        taken = table[column].iloc[rows["position"]].set_axis(rows.index)
        days_only = rows["dates_only"] | table["dates_taken_are_days"].iloc[rows["position"]].set_axis(rows.index)
        differs = (said - taken).abs() >= _TOLERANCE
        differs = differs.where(~days_only, said.dt.floor("D") != taken.dt.floor("D")) & said.notna() & taken.notna()
        for source, written, in_force, only in zip(
            rows.loc[differs, "source"], _texts(said[differs]), _texts(taken[differs]), days_only[differs], strict=True
        ):
            here, there = (written[:10], in_force[:10]) if only else (written, in_force)
            reason = f"{column} is {here} here and {there} in the certificate; {there} was taken."
            findings.append(Finding("dates-differ", reason, value=here, column=column, source=source))
    return findings


def names(rows: pd.DataFrame, table: pd.DataFrame) -> list[Finding]:
    """`names-differ` for each export row whose names are not those of the certificate.

    A row with alternative names must give the same set, the common name counted in on both sides, as exports differ in that. A row
    without them must give one of the certificate's names. A row or certificate without any name says nothing.
    """
    findings: list[Finding] = []
    columns = table[["subject_alternative_names", "common_name"]].iloc[rows["position"]].to_numpy().tolist()
    said = zip(rows["source"], rows["subject_alternative_names"], rows["common_name"], columns, strict=True)
    for source, alternatives, common_name, (taken_alternatives, taken_common_name) in said:
        if alternatives == taken_alternatives and common_name == taken_common_name:
            continue
        here, there = _set(alternatives, common_name), _set(taken_alternatives, taken_common_name)
        if here and there and (here != there if alternatives else not here <= there):
            only_here = f"only this row has {_listed(here - there)}" if here - there else ""
            only_there = f"only the certificate has {_listed(there - here)}" if there - here else ""
            reason = f"The names differ: {'; '.join(filter(None, (only_here, only_there)))}."
            column = "subject_alternative_names" if alternatives else "common_name"
            findings.append(Finding("names-differ", reason, value=alternatives or common_name, column=column, source=source))
    return findings


def keys(rows: pd.DataFrame, table: pd.DataFrame) -> list[Finding]:
    """`key-differs` for each export row whose key type or size is not that of the certificate file; what one side lacks is not compared."""
    taken = table[["key_type", "key_bits", "pem_source"]].iloc[rows["position"]].set_axis(rows.index)
    has_file = taken["pem_source"].notna()
    other_kind = (rows["key_type"] != taken["key_type"]) & (rows["key_type"] != "") & (taken["key_type"] != "")
    other_size = (rows["key_bits"] != taken["key_bits"]).fillna(False).astype("bool")
    differs = has_file & (other_kind | other_size)
    told = zip(
        rows.loc[differs, "source"],
        _keys(rows[differs]),
        _keys(taken[differs]),
        other_size[differs],
        strict=True,
    )
    return [
        Finding(
            "key-differs",
            f"The key is {here} here and {there} in the certificate; {there} was taken.",
            value=here,
            column="key_bits" if is_size else "key_type",
            source=source,
        )
        for source, here, there, is_size in told
    ]


def of_two(rows: pd.DataFrame) -> list[Finding]:
    """`fingerprint-differs` for each of `rows` (EXPORT_ROWS), which give the fingerprint of one certificate and the serial of another.

    An inventory enriches, so its fingerprint is not believed: else the file of one certificate would be put to the order of another.
    """
    said = {"inventory": "the fingerprint was not used", "billing": "the fingerprint was believed"}
    return [
        Finding(
            "fingerprint-differs",
            f"The fingerprint is that of a certificate file with another serial number than the {serial} of this row; {said[role]}.",
            value=fingerprint,
            column="sha256_fingerprint",
            source=source,
        )
        for source, role, serial, fingerprint in zip(rows["source"], rows["role"], rows["serial"], rows["fingerprint_sha256"], strict=True)
    ]


def _keys(rows: pd.DataFrame) -> list[str]:
    """Type and size as people say them: `RSA 2048`, `EC`, `2048 bits`."""
    pairs = zip(rows["key_type"], rows["key_bits"].astype("object"), strict=True)
    return [kind if pd.isna(bits) else f"{kind} {bits}" if kind else f"{bits} bits" for kind, bits in pairs]


def _set(alternatives: str, common_name: str) -> set[str]:
    common = common_name.lower()
    return set(alternatives.split()) | ({common} if common else set())


def _listed(names: set[str]) -> str:
    shown = sorted(names)[:5]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def orders(billing: pd.DataFrame) -> list[Finding]:
    """`conflicting-rows` for each billing row that gives a certificate another order than the row that is in force.

    `billing` are rows of `fold.issued`, in their order, of certificates of which several billing rows tell.
    """
    told = billing[billing["order_id"] != ""]
    return [
        Finding(
            "conflicting-rows",
            f"The certificate stands under order {quoted(order)} here and under {quoted(kept)} elsewhere; {quoted(kept)} was taken, "
            "this row is not charged.",
            value=order,
            column="order_id",
            source=source,
            action="kept",
        )
        for source, order, kept in _others(told, "order_id", "order_id")
    ]


def payers(billing: pd.DataFrame) -> list[Finding]:
    """`conflicting-rows` for each billing row of which agency or tier is another one than that of the row in force.

    `billing` as for `orders`, with `agency` and `tier`, which the words of each row mean. An empty word contradicts nothing.
    """
    return [
        Finding(
            "conflicting-rows",
            f"The {what} is '{quoted(written)}' here and '{quoted(kept)}' in the row that is charged; '{quoted(kept)}' was taken.",
            value=written,
            column=what,
            source=source,
            action="kept",
        )
        for what, text in (("agency", "agency_text"), ("tier", "product"))
        for source, written, kept in _others(billing[billing[text] != ""], what, text)
    ]


def _others(rows: pd.DataFrame, meant: str, text: str) -> list[tuple[int, str, str]]:
    """Of each of `rows` whose `meant` is not that of the certificate's first: its source, its `text`, and that of the first."""
    first = rows.drop_duplicates("certificate").set_index("certificate")
    other = rows[rows[meant] != rows["certificate"].map(first[meant])]
    return list(zip(other["source"], other[text], other["certificate"].map(first[text]), strict=True))


def revocations(rows: pd.DataFrame, table: pd.DataFrame) -> list[Finding]:
    """`revoked-elsewhere` for each row of an inventory (`fold.issued`, with `position` into `table`) that calls a certificate revoked
    on or before the as-of day which no billing row calls so: a credit may be owed, and an inventory does not give it."""
    taken = table[["role", "status", "revoked_by"]].iloc[rows["position"]].set_axis(rows.index)
    says_so = (rows["role"] == "inventory") & ((rows["status"] == "revoked") | rows["revoked_on"].notna())
    alone = rows[says_so & (taken["role"] == "billing") & (taken["revoked_by"] == "inventory") & (taken["status"] == "revoked")]
    return [
        Finding(
            "revoked-elsewhere",
            f"The certificate is revoked here{f', on {day[:10]}' if day else ''}, and no billing export says so: it is shown as revoked, "
            "and no credit follows.",
            value=name,
            column="revoked_on",
            source=source,
        )
        for source, name, day in zip(alone["source"], alone["common_name"], _texts(alone["revoked_on"]), strict=True)
    ]


def partly_read(blocks: pd.DataFrame) -> list[Finding]:
    """`partly-read-certificate` for each block of which a field could not be read, or which a strict reader refuses."""
    partial = blocks[blocks["parse_status"] == "partial"]
    return [
        Finding("partly-read-certificate", f"Not all of the certificate could be read: {reason}.", value=name, source=source)
        for source, reason, name in zip(partial["source"], partial["parse_reason"], partial["common_name"], strict=True)
    ]


def weak_matches(table: pd.DataFrame) -> list[Finding]:
    """`weak-match` for each export row that a certificate file was found for by names and dates only."""
    reason = "The certificate file was found by names and dates only; another certificate may have the same."
    weak = table[table["matched"] == "names"]
    return [
        Finding("weak-match", reason, value=name, column="common_name", source=source)
        for source, name in zip(weak["source"], weak["common_name"], strict=True)
    ]


def rows_by_names(rows: pd.DataFrame) -> list[Finding]:
    """`weak-match` for each row of `fold.issued` that was found to be of a certificate of another row by names and dates only."""
    reason = "The row gives no serial; it was taken for the certificate of another row by names and dates only."
    weak = rows[rows["by_names"]]
    return [
        Finding("weak-match", reason, value=name, column="common_name", source=source)
        for source, name in zip(weak["source"], weak["common_name"], strict=True)
    ]


def unbillable(table: pd.DataFrame) -> list[Finding]:
    """`unknown-agency` and `unknown-tier` for certificates of billing exports: they stay in the inventory and nobody is charged."""
    billing = table[table["role"] == "billing"]
    findings: list[Finding] = []
    nobody = billing[billing["agency"] == ""]
    for source, written, order, day in zip(
        nobody["source"], nobody["agency_text"], nobody["order_id"], _texts(nobody["service_on"]), strict=True
    ):
        on = f" on {day[:10]}" if day else ""
        reason = f"No agency, or more than one, is meant by '{quoted(written)}'{on}." if written else "The row names no agency."
        findings.append(Finding("unknown-agency", f"{reason} {_uncharged(order)}", value=written, column="agency", source=source))
    untold = billing[billing["tier"] == ""]
    for source, written, order in zip(untold["source"], untold["product"], untold["order_id"], strict=True):
        reason = f"No tier is meant by '{quoted(written)}'." if written else "The row names no tier or product."
        findings.append(Finding("unknown-tier", f"{reason} {_uncharged(order)}", value=written, column="tier", source=source))
    return findings


def _uncharged(order: str) -> str:
    return f"Until it is known, nothing is charged for this certificate{f' of order {order}' if order else ''}."


def without_contact(table: pd.DataFrame) -> list[Finding]:
    """`missing-contact` for active certificates of billing exports that name nobody to write to."""
    active = table[(table["role"] == "billing") & (table["status"] == "active") & (table["contact_email"] == "")]
    reason = "The column contact_email is empty: nobody is named who could be told before it expires."
    return [
        Finding("missing-contact", reason, value=name, column="common_name", source=source)
        for source, name in zip(active["source"], active["common_name"], strict=True)
    ]


def contacts_told_once(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, without `missing-contact` of a place whose contact `bad-email` tells of: something is written there."""
    malformed = {one.source for one in findings if one.code == "bad-email" and one.source != NO_SOURCE}
    return tuple(one for one in findings if one.code != "missing-contact" or one.source not in malformed)


def revoked_later(rows: pd.DataFrame, as_of: dt.date) -> list[Finding]:
    """`future-stamp` for each export row whose day of revocation lies after the as-of day."""
    later = rows[rows["revoked_on"] > pd.Timestamp(as_of)]
    return [
        Finding(
            "future-stamp",
            f"The day of revocation, {day[:10]}, lies after the as-of day {as_of}; the certificate is not revoked yet.",
            value=day[:10],
            column="revoked_on",
            source=source,
        )
        for source, day in zip(later["source"], _texts(later["revoked_on"]), strict=True)
    ]


def _texts(instants: pd.Series[Any]) -> list[str]:
    """Instants or days as `2026-11-02T14:00:00Z`, "" for NaT. Years 1 to 9999."""
    seconds = instants.to_numpy(dtype="datetime64[us]").astype("datetime64[s]").tolist()
    return ["" if second is None else second.isoformat() + "Z" for second in seconds]
