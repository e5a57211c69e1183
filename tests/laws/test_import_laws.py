"""Law 13 of the money, through the real reader: what is imported in two parts, or in part twice, is charged as what is imported at once."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline import certificates, chargeback
from pipeline.contracts import Inbox
from tests.laws.years import OFFICE
from tests.sources import offices
from tests.sources.offices import AS_OF, Office

COLUMNS = {"files": "exports/*.csv", "kind": "certificates", "columns": {"order_id": "order_id"}}
DAYS = ("2025-06-30", "2025-07-01", "2026-02-28", "2026-06-30", "2026-07-01", "2026-10-05")
FACTS = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from(("A", "B", "C")),
        "issued_on": st.sampled_from(DAYS),
        "tier": st.sampled_from(("standard", "premium", "gold")),
        "agency": st.sampled_from(("DLH", "DLH", "Lighthouses")),
        "common_name": st.sampled_from(("a.example.gov", "b.example.gov")),
        "is_revoked": st.booleans(),
    }
)


def row(number: int, facts: dict[str, Any]) -> list[str]:
    told = {name: facts[name] for name in ("order_id", "issued_on", "tier", "agency", "common_name")}
    revoked_on = "2026-10-06" if facts["is_revoked"] else ""
    status = "revoked" if facts["is_revoked"] else "issued"
    return offices.certificate(serial_number=f"0A{number:02X}", valid_from=told["issued_on"], revoked_on=revoked_on, status=status, **told)


def read(**files: list[list[str]]) -> Inbox:
    """The files were all taken on the same day: else of two that tell of one certificate the newer would be right."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        for name, rows in files.items():
            if rows:
                office.put(f"inbox/exports/{name} 2026-11-20.csv", offices.certificates(*rows))
        return office.read(source=[COLUMNS])


def charged(came_in: Inbox) -> pd.DataFrame:
    inventory = certificates.inventory(came_in.export_rows, came_in.certificate_blocks, came_in.agencies, came_in.aliases, OFFICE, AS_OF)
    return chargeback.ledger(inventory.table, came_in.export_rows, came_in.agencies, OFFICE, AS_OF).table.drop(columns="source")


@given(st.lists(FACTS, min_size=1, max_size=8), st.integers(0, 8), st.integers(0, 3), st.randoms(use_true_random=False))
def test_law_13_a_file_that_is_split_or_imported_twice_in_part_gives_the_same_ledger(
    told: list[dict[str, Any]], cut: int, twice: int, chance: Any
) -> None:
    rows = [row(number, facts) for number, facts in enumerate(told, start=1)]
    whole = charged(read(all=rows))
    chance.shuffle(rows)
    assert whole.equals(charged(read(first=rows[: cut + twice], second=rows[cut:])))
