"""One certificate, told of by several rows: which export rows are the same certificate, and which blocks.

Export rows are folded by what exports say alone. A certificate file that arrives later must never make one order of two, and nor must
an inventory: "it enriches, is never charged" (DESIGN §4, "Roles"). So two billing rows are one certificate only if billing rows say so,
and the day of service and the revocation that money follows are those of billing rows. What an inventory says of the certificate
itself (names, issuer, validity, fingerprint, contact, software, and that it is revoked) is shown, and moves no charge.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from pipeline.calendar import day_keys
from pipeline.certificates import by_names
from pipeline.issuers import issuer_keys

NOT_ISSUED = ("pending", "rejected", "canceled")

# Of the billing row alone: what decides who pays and for what.
_PRIMARY_ONLY = ("role", "order_id", "product", "agency_text", "agency_match", "source", "dates_only", "issued_on", "valid_from_on")
# Of the billing row, else of the first row that knows it.
_FIRST_KNOWN = (
    "serial",
    "common_name",
    "subject_alternative_names",
    "issuer",
    "valid_from",
    "valid_to",
    "contact_email",
    "server_software",
    "fingerprint_sha256",
)


def serial_keys(serials: pd.Series[Any]) -> list[str]:
    """Serials as they are compared: without leading zeros; "" where there is none."""
    return [serial.lstrip("0") or "0" if serial else "" for serial in serials.tolist()]


def blocks(certificate_blocks: pd.DataFrame) -> pd.DataFrame:
    """CERTIFICATE_BLOCKS with one row a fingerprint, the first in place; sorted by source. `issuer` is its name, else the line, which is
    kept as `issuer_line`."""
    ordered = certificate_blocks.sort_values("source", kind="stable")
    ordered = ordered.assign(
        issuer=ordered["issuer_name"].where(ordered["issuer_name"] != "", ordered["issuer"]), issuer_line=ordered["issuer"]
    )
    return ordered[~ordered.duplicated("fingerprint_sha256") | (ordered["fingerprint_sha256"] == "")].reset_index(drop=True)


def of_two(export_rows: pd.DataFrame, blocks: pd.DataFrame) -> pd.Series[bool]:
    """Which of EXPORT_ROWS give the fingerprint of a certificate file and the serial number of another certificate (`blocks`)."""
    read = blocks[(blocks["serial"] != "") & (blocks["fingerprint_sha256"] != "")]
    serial_of = dict(zip(read["fingerprint_sha256"].tolist(), serial_keys(read["serial"]), strict=True))
    told = zip(export_rows["fingerprint_sha256"].tolist(), serial_keys(export_rows["serial"]), strict=True)
    contradict = [bool(serial) and serial_of.get(fingerprint, serial) != serial for fingerprint, serial in told]
    return pd.Series(contradict, index=export_rows.index, dtype="bool")


def issued(export_rows: pd.DataFrame) -> pd.DataFrame:
    """The export rows that are certificates, in the order of precedence, with a column `certificate` that is equal for one certificate,
    and `by_names`, which marks the rows that were found to be of it by names and dates only.

    Billing rows come before inventory rows, those that name their order before others (a list without orders must not take the order
    off a certificate, for its free reissue would be charged), earlier issue before later, then by order and serial: an order that does
    not depend on how files are called or rows are sorted, unless rows are equal in all of it.
    """
    rows = export_rows[~export_rows["status"].isin(NOT_ISSUED)]
    rows = rows.assign(names_no_order=rows["order_id"] == "").sort_values(
        ["role", "names_no_order", "issued_on", "valid_from", "order_id", "serial", "fingerprint_sha256", "common_name", "source"],
        na_position="last",
        kind="stable",
        ignore_index=True,
    )
    rows = rows.drop(columns="names_no_order")
    certificates, found_by_names = _certificate_names(rows)
    return rows.assign(certificate=certificates, by_names=pd.Series(found_by_names, index=rows.index, dtype="bool"))


def keys(rows: pd.DataFrame) -> tuple[list[str], list[str], list[str]]:
    """The names by which one certificate is known in several rows, strongest first, "" where a row does not give one: fingerprint;
    issuer and serial; serial, first and last day. `rows` is EXPORT_ROWS."""
    issuers, serials = issuer_keys(rows["issuer"]), serial_keys(rows["serial"])
    begins, ends = day_keys(rows["valid_from"]), day_keys(rows["valid_to"])
    by_issuer = [f"{issuer}:{serial}" if issuer and serial else "" for issuer, serial in zip(issuers, serials, strict=True)]
    by_dates = [f"{serial}:{a}:{b}" if serial and b else "" for serial, a, b in zip(serials, begins, ends, strict=True)]
    return rows["fingerprint_sha256"].tolist(), by_issuer, by_dates


def _certificate_names(rows: pd.DataFrame) -> tuple[list[str], list[bool]]:
    """A name for the certificate of each row: the fingerprint, else issuer and serial, else serial and dates, else a hash of the rest;
    and which rows were joined to another one by names."""
    fingerprints, by_issuer, by_dates = keys(rows)
    is_told = [any(told) for told in zip(fingerprints, by_issuer, by_dates, strict=True)]
    kinds = (fingerprints, by_issuer, by_dates, list(_by_rest(rows, is_told)))
    groups = joined(fingerprints, (rows["role"] == "billing").tolist(), kinds)
    found = by_names.homes(rows, groups)
    groups = [found.get(row, group) for row, group in enumerate(groups)]
    names: dict[int, list[str]] = {}
    for row, group in enumerate(groups):
        known = names.setdefault(group, [""] * len(kinds))
        for place, names_of_kind in enumerate(kinds):
            known[place] = known[place] or names_of_kind[row]
    return [next(filter(None, names[group])) for group in groups], [row in found for row in range(len(rows))]


def _by_rest(rows: pd.DataFrame, is_told: list[bool]) -> Iterator[str]:
    """For rows that no stronger key tells apart: the common name and a hash of all that counts; "" for the others."""
    columns = ["common_name", "serial", "order_id", "subject_alternative_names", "issuer", "valid_from", "valid_to", "agency_text"]
    others = rows.loc[[not is_known for is_known in is_told], columns].itertuples(index=False, name=None)
    for is_known in is_told:
        if is_known:
            yield ""
        else:
            values = next(others)
            text = "\x1f".join(str(value) for value in values)
            yield f"{values[0].lower() or 'unnamed'}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"


def joined(fingerprints: Sequence[str], is_billing: Sequence[bool], kinds: Sequence[Sequence[str]]) -> list[int]:
    """Group numbers, each that of the first row of its group: rows that share a key of any of the `kinds`, strongest first, are one
    group, unless that would put two different fingerprints together.

    Billing rows are joined first and among themselves; a row of an inventory may join one group of them, never two.
    """
    leaders = list(range(len(fingerprints)))
    known, billed = list(fingerprints), list(is_billing)

    def leader(row: int) -> int:
        while leaders[row] != row:
            leaders[row] = leaders[leaders[row]]
            row = leaders[row]
        return row

    def join(one: int, other: int, *, among_billing: bool) -> None:
        one, other = min(one, other), max(one, other)
        same = not known[one] or not known[other] or known[one] == known[other]
        if one != other and same and (among_billing or not (billed[one] and billed[other])):
            leaders[other] = one
            known[one], billed[one] = known[one] or known[other], billed[one] or billed[other]

    repeated = [_repeated(column) for column in kinds]
    for among_billing in (True, False) if not all(is_billing) else (True,):
        for column, rows in zip(kinds, repeated, strict=True):
            first: dict[str, int] = {}
            for row in rows:
                key = column[row]
                if is_billing[row] or not among_billing:
                    join(leader(first.setdefault(key, row)), leader(row), among_billing=among_billing)
    return [leader(row) for row in range(len(fingerprints))]


def _repeated(column: Sequence[str]) -> list[int]:
    """The rows whose key another row has too, in their order: nothing is to be joined by a key that stands once."""
    counts = Counter(column)
    return [row for row, key in enumerate(column) if key and counts[key] > 1]


def exports(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a certificate from `issued` rows: the billing row decides on payment, any row may add what it does not know.

    `revoked_by` is the role that says that it is revoked, billing before inventory, "" where none does; `revoked_on` the day that rows
    of that role give, for an inventory's day must not make a refund. Sorted by `certificate`.
    """
    texts = [name for name in _FIRST_KNOWN if str(rows[name].dtype) == "str"]
    known = rows.assign(**{name: rows[name].where(rows[name] != "") for name in texts})
    first = known.groupby("certificate", sort=True)[list(_FIRST_KNOWN)].first()
    first[texts] = first[texts].fillna("").astype("str")
    primary = rows.drop_duplicates("certificate").set_index("certificate")[list(_PRIMARY_ONLY)]
    exported = first.join(primary).join(_revocations(rows))
    return exported.assign(revoked_by=exported["revoked_by"].fillna("").astype("str")).reset_index()


def _revocations(rows: pd.DataFrame) -> pd.DataFrame:
    """`revoked_by` and `revoked_on` of each certificate that is revoked, by `certificate`."""
    telling = rows[(rows["status"] == "revoked") | rows["revoked_on"].notna()]
    revoked_by = telling.drop_duplicates("certificate").set_index("certificate")["role"].rename("revoked_by")
    heard = telling[telling["role"] == telling["certificate"].map(revoked_by)]
    return revoked_by.to_frame().join(heard.groupby("certificate")["revoked_on"].first())
