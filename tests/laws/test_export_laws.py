"""Files on disk, read as they are in an office: full exports month after month, in any order, in one file or in two (DESIGN §4, §6)."""

from __future__ import annotations

import calendar
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import Inbox
from tests.sources.offices import Office, certificate, certificates

SOURCE = {"files": "exports/*.csv", "kind": "certificates", "columns": {"order_id": "order_id"}}
SERIALS = ("0a01", "0a02", "0a03", "0a04", "0a05")
# What a newer edition may tell otherwise of the same certificate.
TOLD = st.fixed_dictionaries(
    {
        "issuer": st.sampled_from(["Sample CA", "O=Sample, CN=Sample CA", "Sample CA of 2020", ""]),
        "has_fingerprint": st.booleans(),
        "status": st.sampled_from(["issued", "issued", "revoked"]),
        "agency": st.sampled_from(["DLH", "DLH", "Lighthouses"]),
        "contact_email": st.sampled_from(["", "keeper@example.gov"]),
    }
)
MONTHS = st.lists(
    st.dictionaries(st.sampled_from(SERIALS), TOLD, min_size=1),
    min_size=12,
    max_size=12,
)


def row(serial: str, told: Mapping[str, Any]) -> list[str]:
    """The row of one certificate, order `serial`, in one month's export."""
    number = int(serial, 16)
    return certificate(
        serial_number=serial,
        order_id=f"O{number}",
        common_name=f"www{number}.example.gov",
        issuer=told["issuer"],
        status=told["status"],
        agency=told["agency"],
        contact_email=told["contact_email"],
        revoked_on="2026-10-05" if told["status"] == "revoked" else "",
        sha256_fingerprint=serial * 16 if told["has_fingerprint"] else "",
    )


def export(month: Mapping[str, Mapping[str, Any]]) -> str:
    return certificates(*(row(serial, told) for serial, told in month.items()))


def read(files: Mapping[str, str]) -> Inbox:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        for path, text in files.items():
            office.put(path, text)
        return office.read(source=[SOURCE])


def in_force(inbox: Inbox) -> pd.DataFrame:
    return inbox.export_rows.drop(columns="source").sort_values("order_id", ignore_index=True)


def last_told(months: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, Mapping[str, Any]]:
    """What the newest month that tells of it says of each certificate."""
    told: dict[str, Mapping[str, Any]] = {}
    for month in months:
        told |= month
    return told


def taken_back(months: Sequence[Mapping[str, Mapping[str, Any]]]) -> int:
    """Certificates that were revoked in the last but one month that tells of them and are not in the last one."""
    spoken = [[month[serial]["status"] for month in months if serial in month][-2:] for serial in SERIALS]
    return spoken.count(["revoked", "issued"])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(MONTHS, st.permutations(range(12)))
def test_twelve_full_exports_in_any_order_are_the_last_one_and_what_it_dropped(
    months: list[dict[str, dict[str, Any]]], order: list[int]
) -> None:
    """The files are read in the order of their names; the letter in front shuffles the months."""
    names = [
        f"{chr(ord('a') + place)}-2025-{number + 1:02d}-{calendar.monthrange(2025, number + 1)[1]}" for number, place in enumerate(order)
    ]
    whole = read({f"inbox/exports/{name}.csv": export(month) for name, month in zip(names, months, strict=True)})
    dropped = {serial: told for serial, told in last_told(months).items() if serial not in months[-1]}
    short = read({"inbox/exports/2025-12.csv": export(months[-1]), "inbox/exports/2025-01.csv": export(dropped)})
    pd.testing.assert_frame_equal(in_force(short), in_force(whole))
    expected = [*["gone-from-export"] * bool(dropped), *["revocation-taken-back"] * taken_back(months)]
    assert expected == sorted(finding.code for finding in whole.findings)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(SERIALS), TOLD, min_size=2), st.randoms(use_true_random=False), st.data())
def test_rows_shuffled_or_a_file_split_in_two_change_nothing(month: dict[str, dict[str, Any]], random: Any, data: st.DataObject) -> None:
    rows = [row(serial, told) for serial, told in month.items()]
    whole = read({"inbox/exports/2025-12.csv": certificates(*rows)})
    random.shuffle(rows)
    cut = data.draw(st.integers(1, len(rows) - 1))  # a file without a row has a finding of its own
    split = read({"inbox/exports/2025-12.csv": certificates(*rows[:cut]), "inbox/exports/part 2025-12.csv": certificates(*rows[cut:])})
    pd.testing.assert_frame_equal(in_force(whole), in_force(split))
    assert [] == [finding.code for finding in (*whole.findings, *split.findings)]
