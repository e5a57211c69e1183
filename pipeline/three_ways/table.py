"""The stage: certificates with the request behind each, RECONCILIATION with one row a disagreement, and the findings about them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.certificates import Inventory
from pipeline.contracts import CERTIFICATES, RECONCILIATION, Inbox
from pipeline.findings import Finding
from pipeline.settings import Settings
from pipeline.three_ways import classes
from pipeline.three_ways.asked import GIVING, behind, keepers, spanned
from pipeline.three_ways.serials import CONTRADICTING, serial_twice
from pipeline.three_ways.spans import ALWAYS, Numbers, day_numbers

# The gravest first: what may do harm today, what somebody waits or pays for, what is written wrongly, what lacks a proof.
CLASSES = (
    "revocation-not-done", "request-without-certificate", "no-request", "tier-differs", "serial-twice", "key-differs", "dates-differ",
    "names-differ", "not-in-export", "not-in-file",
)  # fmt: skip
OVER = ("expired", "revoked")  # certificates that nobody can use any more: their disagreements come last
# What is the rule rather than the exception is one note a file, and of very many files one note for all of them; of the others there is
# one finding each, unless a file has very many.
_ONE_A_FILE = {"not-in-export": "Certificates of files without a row in an export", "not-in-file": "Certificates of exports without a file"}
_MOST = 25
_SHOWN = 5
_COUNTED = {
    "revocation-not-done": "Certificates that can still be used although a request to revoke them was completed",
    "request-without-certificate": "Completed requests without a certificate",
    "no-request": "Certificates that no request asked for",
    "tier-differs": "Certificates of another tier than their request asks for",
    "serial-twice": "Rows whose serial number stands for something else in another row",
    "not-in-export": "Certificates of this file without a row in an export",
    "not-in-file": "Certificates of this export without a certificate file",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """CERTIFICATES with `asked` and `request_id` filled in, RECONCILIATION, and the findings."""

    certificates: pd.DataFrame
    table: pd.DataFrame
    findings: tuple[Finding, ...]


def compare(inventory: Inventory, requests: pd.DataFrame, came_in: Inbox, settings: Settings, as_of: dt.date) -> Compared:
    """Compare export rows, certificate files and requests (REQUESTS) as of `as_of`. The order of rows in any table does not matter."""
    told = _told_until(came_in)
    spans = spanned(requests, came_in.agencies, settings, as_of).sort_values("request_id", ignore_index=True)
    known = inventory.table.assign(keeper=keepers(inventory.table["agency"], came_in.agencies, as_of))
    asked, request = behind(known, spans, told.of(spans["source"]))
    names = np.append(spans["request_id"].to_numpy(dtype=object), "")
    known = known.assign(asked=pd.Series(asked, dtype="str"), request_id=pd.Series(names[request], dtype="str"))
    of_files = told.of(known["source"])
    found = (
        classes.revocation_not_done(spans, known, of_files),
        classes.request_without_certificate(spans, known, came_in.export_rows, told.of_layout(known["source"])),
        classes.no_request(known),
        classes.tier_differs(known, spans),
        serial_twice(came_in, inventory.told_by, known, inventory.findings),
        classes.of_export_rows(inventory.findings, inventory.told_by, known),
        classes.not_in_export(known),
        classes.not_in_file(known),
    )
    disagreements = [rows for rows in found if len(rows)]
    table = _ordered(pd.concat(disagreements, ignore_index=True)) if disagreements else RECONCILIATION.empty()
    contradicting = {finding.source for finding in inventory.findings if finding.code == CONTRADICTING}
    is_told = table["class"].isin(classes.OF_A_ROW) | ((table["class"] == "serial-twice") & table["source"].isin(contradicting))
    serials = came_in.export_rows.set_index("source")["serial"]
    findings = (*_findings(table[~is_told], told, serials), *_without_orders(spans, told))
    return Compared(CERTIFICATES.check(known), RECONCILIATION.check(table), findings)


def standing(certificates: pd.DataFrame, reconciliation: pd.DataFrame) -> dict[tuple[bool, bool, str], int]:
    """How many servers' certificates stand so: (in an export, in a certificate file, asked for: `yes`, `no` or "") -> number.

    Each certificate of CERTIFICATES that is not a CA's counts once; a block of which no certificate could be made is none. A request
    without a certificate counts as (False, False, "yes").
    """
    ours = certificates[~certificates["is_ca"] & ~classes.blocks_alone(certificates)]
    sides = zip((ours["role"] != "file").tolist(), ours["pem_source"].notna().tolist(), ours["asked"].tolist(), strict=True)
    counts = dict(Counter(sides))
    alone = int((reconciliation["class"] == "request-without-certificate").sum())
    return {**counts, (False, False, "yes"): alone} if alone else counts


class _Told:
    """Of each file the last day that its rows speak of, and of each row its file."""

    def __init__(self, places: pd.DataFrame, inputs: pd.DataFrame) -> None:
        self._files = places.set_index("source")["file"]
        self._days = pd.Series(day_numbers(inputs["newest_on"], unknown=-ALWAYS), index=inputs["file"])
        self._layout_days = self._days.groupby([inputs["kind"].to_numpy(), inputs["layout"].to_numpy()]).transform("max")

    def file_of(self, sources: pd.Series[Any]) -> pd.Series[Any]:
        """The file of each place. Raises `KeyError` for a source that is no place."""
        found: pd.Series[Any] = self._files.loc[sources.to_numpy()]
        return found

    def of(self, sources: pd.Series[Any]) -> Numbers:
        """The day number of the last day of which the file of each place tells."""
        return self._days.reindex(self.file_of(sources)).fillna(-ALWAYS).to_numpy(dtype=np.int64)

    def of_layout(self, sources: pd.Series[Any]) -> Numbers:
        """The day number of the last day of which any file of the same layout as that of each place tells."""
        return self._layout_days.reindex(self.file_of(sources)).fillna(-ALWAYS).to_numpy(dtype=np.int64)


def _told_until(came_in: Inbox) -> _Told:
    return _Told(came_in.places, came_in.inputs)


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Soonest expiry first; then what has no date, such as a request without a certificate; then what is over, the latest first."""
    is_over, ends = table["status"].isin(OVER), table["valid_to"].dt.tz_localize(None).to_numpy(dtype="datetime64[s]").astype("int64")
    is_dated = table["valid_to"].notna()
    keys = table.assign(
        group=np.where(is_over, 2, np.where(is_dated, 0, 1)),
        distance=np.where(is_dated, np.where(is_over, -ends, ends), 0),
        rank=table["class"].map({name: rank for rank, name in enumerate(CLASSES)}),
    )
    order = keys.sort_values(["group", "distance", "rank", "certificate", "request_id", "source"], kind="stable").index
    return table.loc[order]


def _findings(table: pd.DataFrame, told: _Told, serials: pd.Series[str]) -> Iterator[Finding]:
    """One finding a disagreement of `table`, or one with their number for a file that has many, or for many files."""
    by_file = table.assign(file=told.file_of(table["source"]).to_numpy())
    for name, of_class in by_file.groupby("class", sort=True):
        files = of_class.groupby("file", sort=True)
        if name in _ONE_A_FILE and len(files) > _MOST:
            yield _counted(str(name), f"{_ONE_A_FILE[str(name)]}: {len(of_class):,}, in {len(files):,} files.", of_class, "")
            continue
        for file, group in files:
            yield from _of_file(str(name), str(file), group, serials)


def _of_file(name: str, file: str, group: pd.DataFrame, serials: pd.Series[str]) -> Iterator[Finding]:
    if name in _ONE_A_FILE:
        yield _counted(name, f"{_COUNTED[name]}: {len(group)}.", group, file)
    elif len(group) > _MOST:
        first = ", ".join(group["order_id"].iloc[:_SHOWN])
        yield _counted(name, f"{_COUNTED[name]}: {len(group)}, the first of orders {first}.", group, file)
    else:
        for source, detail, order in zip(group["source"], group["detail"], group["order_id"], strict=True):
            # a row of a serial that stands twice may be of an inventory, and its order stand in another row
            column, value = ("serial_number", serials[source]) if name == "serial-twice" else ("order_id", order)
            yield Finding(name, detail, value=value, column=column, source=source)


def _counted(name: str, reason: str, group: pd.DataFrame, file: str) -> Finding:
    return Finding(name, reason, value=str(len(group)), file=file)


def _without_orders(spans: pd.DataFrame, told: _Told) -> Iterator[Finding]:
    """One note a log: how many completed requests for a certificate or a revocation name no order, so that nothing can be compared."""
    done = spans[spans["kind"].isin((*GIVING, "revoke")) & (spans["status"] == "completed")]
    counted = pd.DataFrame({"file": told.file_of(done["source"]).to_numpy(), "nameless": (done["order_id"] == "").to_numpy()})
    for file, group in counted.groupby("file", sort=True):
        nameless = int(group["nameless"].sum())
        if nameless:
            reason = f"Of {len(group)} completed requests for a certificate or a revocation, {nameless} name no order."
            yield Finding("requests-without-orders", reason, value=str(nameless), column="order_id", file=str(file))
