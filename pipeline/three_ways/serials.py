"""Two export rows with one serial number that cannot both be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from pipeline.certificates import serial_keys
from pipeline.contracts import Inbox
from pipeline.findings import Finding
from pipeline.issuers import issuer_keys, may_be_one_serial
from pipeline.three_ways.classes import positions_of, rows

# What the inventory calls rows of one certificate with different orders, agencies or tiers.
CONTRADICTING = "conflicting-rows"


def serial_twice(came_in: Inbox, told: pd.DataFrame, certificates: pd.DataFrame, findings: Sequence[Finding]) -> pd.DataFrame:
    """Export rows whose serial number another row gives to another certificate, or to the same one with another payer.

    `told` says which certificate each row in force tells of; rows of one certificate that contradict are among the `findings` of the
    inventory. Of different issuers only serials of more than 56 bits are compared.
    """
    keys = came_in.export_rows.assign(key=serial_keys(came_in.export_rows["serial"]))
    listed = keys[keys["key"] != ""].merge(told, on="source")
    listed = listed[listed.groupby("key")["certificate"].transform("nunique") > 1].sort_values(["key", "source"], ignore_index=True)
    listed = listed.assign(issuer=issuer_keys(listed["issuer"]))
    found: dict[int, list[str]] = {}
    for finding in findings:
        if finding.code == CONTRADICTING:
            found.setdefault(finding.source, []).append(finding.reason)
    records = ({str(name): value for name, value in record.items()} for record in listed.to_dict("records"))
    for key, group in groupby(records, key=lambda record: str(record["key"])):
        for source, detail in _others(key, group):
            found.setdefault(source, []).append(detail)
    sources = sorted(found)
    positions = positions_of(told, certificates, sources)
    return rows("serial-twice", certificates.iloc[positions], [" ".join(found[source]) for source in sources], source=sources)


def _others(key: str, group: Iterable[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """The rows of one serial that stand for several certificates, each with another one that it stands for."""
    different: list[dict[str, Any]] = []
    named: set[int] = set()
    for row in group:
        other = next((one for one in different if _contradict(key, row, one)), None)
        if other is None:
            different.append(row)
            continue
        yield row["source"], _names(key, other)
        if other["source"] not in named:
            named.add(other["source"])
            yield other["source"], _names(key, row)


def _contradict(key: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["certificate"] != other["certificate"]) and may_be_one_serial(key, one["issuer"], other["issuer"])


def _names(key: str, row: dict[str, Any]) -> str:
    name = row["common_name"] or row["subject_alternative_names"].partition(" ")[0] or "a certificate without a name"
    order = f" of order {row['order_id']}" if row["order_id"] else ""
    return f"Serial {key} stands in another row for another certificate, {name}{order}."
