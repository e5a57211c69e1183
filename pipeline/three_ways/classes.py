"""The disagreements of export, certificate file and request, each class a function: tables in, rows of RECONCILIATION out.

Nothing is guessed: where an export or a log does not reach far enough, or names no order, nothing is said of the certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import RECONCILIATION
from pipeline.findings import Finding
from pipeline.three_ways.asked import AFTER_COMPLETION, BEFORE_RECEIPT, GIVING
from pipeline.three_ways.spans import ALWAYS, Numbers, any_within, day_numbers, shared_codes

# Findings of the inventory that are disagreements of an export row with the certificate.
OF_A_ROW = ("dates-differ", "names-differ", "key-differs")
_USABLE = ("active", "superseded", "not-yet-valid")
_KINDS = {"new": "a new certificate", "renew": "a renewal", "reissue": "a reissue"}


def rows(name: str, certificates: pd.DataFrame, details: Sequence[str] | str, **other: Any) -> pd.DataFrame:
    """Rows of class `name` about `certificates` (CERTIFICATES), one each, with their `details`; `other` replaces columns."""
    if certificates.empty:
        return RECONCILIATION.empty()
    common = certificates["common_name"]
    first_names = [names.partition(" ")[0] for names in certificates["subject_alternative_names"]]
    sides = {"in_export": certificates["role"] != "file", "in_file": certificates["pem_source"].notna()}
    kept = ["certificate", "order_id", "request_id", "agency", "valid_to", "days_left", "status", "asked", "source"]
    told = certificates[kept].assign(
        common_name=common.where(common != "", pd.Series(first_names, index=common.index, dtype="str")), **sides
    )
    return told.assign(**{"class": name, "detail": details, **other})


def not_in_file(certificates: pd.DataFrame) -> pd.DataFrame:
    """Certificates of exports without a certificate file; none where no file came in at all, for then there is nothing to compare."""
    if not certificates["pem_source"].notna().any():
        return rows("not-in-file", certificates[:0], "")
    alone = certificates[(certificates["role"] != "file") & certificates["pem_source"].isna()]
    return rows("not-in-file", alone, "An export lists it; no certificate file proves its names and its key.")


def blocks_alone(certificates: pd.DataFrame) -> pd.Series[bool]:
    """Which rows are blocks of certificate files that cannot be read and that no export tells of either: they are no certificates."""
    return (certificates["role"] == "file") & (certificates["parse_status"] == "failed")


def not_in_export(certificates: pd.DataFrame) -> pd.DataFrame:
    """Servers' certificates that are known from a file only. What cannot be read has its own finding; nobody orders a CA's certificate."""
    alone = certificates[(certificates["role"] == "file") & ~blocks_alone(certificates) & ~certificates["is_ca"]]
    return rows("not-in-export", alone, "A certificate file holds it; no export has a row for it that could be read.")


def no_request(certificates: pd.DataFrame) -> pd.DataFrame:
    """Certificates that nobody asked for, as far as the log tells (`asked.behind`)."""
    alone = certificates[certificates["asked"] == "no"]
    days = np.datetime_as_string(alone["service_on"].to_numpy(dtype="datetime64[D]"))
    details = [
        f"Issued on {day} in order {order}; no request of this order was open then, or completed in the {AFTER_COMPLETION} days before."
        for day, order in zip(days, alone["order_id"], strict=True)
    ]
    return rows("no-request", alone, details)


def tier_differs(certificates: pd.DataFrame, requests: pd.DataFrame) -> pd.DataFrame:
    """Certificates whose order has another tier than the request behind them."""
    asked = requests.set_index("request_id")["tier"].reindex(certificates["request_id"]).fillna("").to_numpy()
    tiers = certificates["tier"].to_numpy()
    differs = (asked != "") & (tiers != "") & (asked != tiers)
    found = certificates[differs]
    details = [
        f"Request {request} asks for {wanted}; order {order} was made as {made}."
        for request, wanted, order, made in zip(found["request_id"], asked[differs], found["order_id"], found["tier"], strict=True)
    ]
    return rows("tier-differs", found, details)


def request_without_certificate(
    requests: pd.DataFrame, certificates: pd.DataFrame, export_rows: pd.DataFrame, told: Numbers
) -> pd.DataFrame:
    """Completed requests for a certificate whose order has none that was issued for them.

    `requests` is what `asked.spanned` gives, `told` the last day that the exports of the certificates tell of. A request is looked at
    where the exports tell of its agency up to its completion.
    """
    billed = ((certificates["role"] == "billing") & certificates["service_on"].notna()).to_numpy()
    issued = day_numbers(certificates["service_on"])
    wanted = requests[
        requests["kind"].isin(GIVING)
        & (requests["status"] == "completed")
        & (requests["verdict"] != "invalid")
        & (requests["order_id"] != "")
        & (requests["completed"] <= _told_until(requests["keeper"], certificates[billed], told[billed]))
        & (requests["received"] >= (issued[billed].min() if billed.any() else ALWAYS))
    ]
    orders, numbers = shared_codes(certificates.loc[billed, "order_id"], wanted["order_id"])
    begins, ends = wanted["begins"].to_numpy(), wanted["ends"].to_numpy()
    alone = wanted[~any_within(orders, issued[billed], numbers, begins, ends)]
    undated = certificates.loc[(certificates["role"] == "billing") & certificates["service_on"].isna(), "order_id"]
    alone = alone[~alone["order_id"].isin(undated)]
    return of_requests("request-without-certificate", alone, _why_none(alone, certificates, export_rows))


def _told_until(keepers: pd.Series[Any], billed: pd.DataFrame, told: Numbers) -> Numbers:
    """The last day of which all kinds of export that an agency stands in tell; for an agency without any certificate yet, all of the
    office: the order may stand in the one that has not come in yet."""
    last = pd.Series(told, index=billed["keeper"], dtype="int64").groupby(level=0).min()
    of_office = int(told.min()) if len(told) else -ALWAYS
    return last.reindex(keepers).fillna(of_office).to_numpy(dtype=np.int64)


def _why_none(requests: pd.DataFrame, certificates: pd.DataFrame, export_rows: pd.DataFrame) -> list[str]:
    """What the exports say of the order of each request instead."""
    certified = set(certificates.loc[certificates["role"] == "billing", "order_id"])
    listed = export_rows.sort_values("source")
    states = dict(zip(listed["order_id"].tolist(), listed["status"].tolist(), strict=True))
    details = []
    days = np.datetime_as_string(requests["completed"].to_numpy().astype("datetime64[D]"))
    for name, kind, order, day in zip(requests["request_id"], requests["kind"], requests["order_id"], days, strict=True):
        if order in certified:
            found = f"order {order} has no certificate that was issued for it"
        elif order in states:
            found = f"order {order} is {states[order] or 'listed'} in the export and has no certificate"
        else:
            found = f"no export has an order {order}"
        details.append(f"Request {name} for {_KINDS[kind]} was completed on {day}, but {found}.")
    return details


def of_requests(name: str, requests: pd.DataFrame, details: Sequence[str]) -> pd.DataFrame:
    """Rows of class `name` about requests that no certificate stands for."""
    return requests[["request_id", "order_id", "agency", "source"]].assign(
        **{"class": name, "detail": details, "certificate": "", "common_name": "", "status": "", "asked": "yes"},
        valid_to=pd.Series(pd.NaT, index=requests.index, dtype="datetime64[us, UTC]"),
        days_left=pd.Series(pd.NA, index=requests.index, dtype="Int64"),
        in_export=False,
        in_file=False,
    )


def revocation_not_done(requests: pd.DataFrame, certificates: pd.DataFrame, told: Numbers) -> pd.DataFrame:
    """Certificates that can still be used although a request to revoke their order was completed.

    Of an order with several certificates one that was revoked is enough, for a request does not say which is meant. A certificate is
    looked at where its export (`told`, the last day that it tells of) is not older than the completion.
    """
    wanted = requests[(requests["kind"] == "revoke") & (requests["status"] == "completed") & (requests["verdict"] != "invalid")]
    wanted = wanted[(wanted["order_id"] != "") & (wanted["completed"] < ALWAYS)]
    billed = certificates[["order_id", "certificate", "status", "revoked_on"]].assign(
        issued=day_numbers(certificates["service_on"]), told=told, position=np.arange(len(certificates))
    )
    asked = wanted[["order_id", "request_id", "received", "completed"]]
    pairs = asked.merge(billed[certificates["role"] == "billing"], on="order_id")
    pairs = pairs[pairs["issued"] <= pairs["completed"] + BEFORE_RECEIPT]
    revoked_on = day_numbers(pairs["revoked_on"])
    pairs = pairs.assign(done=(pairs["status"] == "revoked") & (revoked_on >= pairs["received"] - BEFORE_RECEIPT))
    is_done = pairs.groupby("request_id")["done"].transform("any").astype("bool")
    open_ = pairs[~is_done & pairs["status"].isin(_USABLE) & (pairs["told"] >= pairs["completed"])]
    open_ = open_.sort_values(["completed", "request_id"], kind="stable").drop_duplicates("certificate")
    days = np.datetime_as_string(open_["completed"].to_numpy().astype("datetime64[D]"))
    details = [
        f"Request {name} to revoke order {order} was completed on {day}; the export still lists this certificate as valid."
        for name, order, day in zip(open_["request_id"], open_["order_id"], days, strict=True)
    ]
    found = certificates.iloc[open_["position"].to_numpy()]
    return rows("revocation-not-done", found, details, request_id=open_["request_id"].to_numpy())


def of_export_rows(findings: Sequence[Finding], told: pd.DataFrame, certificates: pd.DataFrame) -> pd.DataFrame:
    """What the inventory found to differ between an export row and the certificate; several of one class and row are one."""
    said: dict[tuple[str, int], list[str]] = {}
    for finding in findings:
        if finding.code in OF_A_ROW:
            said.setdefault((finding.code, finding.source), []).append(finding.reason)
    sources = [source for _, source in said]
    positions = positions_of(told, certificates, sources)
    return rows(
        "", certificates.iloc[positions], [" ".join(reasons) for reasons in said.values()],
        **{"class": [code for code, _ in said], "source": sources},
    )  # fmt: skip


def positions_of(told: pd.DataFrame, certificates: pd.DataFrame, sources: Sequence[int]) -> npt.NDArray[np.intp]:
    """The position in `certificates` of the certificate that each export row (its `source`) tells of."""
    names = told.set_index("source")["certificate"].loc[list(sources)]
    return np.asarray(pd.Index(certificates["certificate"]).get_indexer(pd.Index(names)))
