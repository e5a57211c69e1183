"""An inventory beside the books enriches and is never charged: whatever its files say, no cent moves (DESIGN §4, "Roles")."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline import chargeback
from pipeline.certificates import inventory
from pipeline.contracts import AGENCIES, ALIASES, EXPORT_ROWS
from tests.laws.test_certificate_laws import FILES, certificate_blocks
from tests.orders import AS_OF
from tests.orders import settings as charge_settings

FIRST = pd.Timestamp("2026-10-01", tz="UTC")
MONEY = ["entry_id", "period", "service_on", "billed_to", "account_id", "order_id", "kind", "tier", "rate_cents", "amount_cents", "source"]
DIRECTORY = AGENCIES.frame([{"agency": "PARKS", "name": "Parks", "account_id": "P-1"}, {"agency": "ROADS", "name": "Roads"}])
DAYS = st.one_of(st.none(), st.integers(0, 50))
ROW: dict[str, Any] = {
    "serial": st.sampled_from(["", "01", "02", "03"]),
    "common_name": st.sampled_from(["a.example.gov", "b.example.gov"]),
    "issuer": st.sampled_from(["", "Geo CA 2", "CN=Geo CA 2"]),
    "fingerprint_sha256": st.sampled_from(["", "", "a" * 64, "b" * 64]),
    "status": st.sampled_from(["", "issued", "revoked"]),
    "issued_on": DAYS,
    "begins": DAYS,
    "ends": st.sampled_from([200, 300]),
    "revoked_on": DAYS,
}
BILLED = st.fixed_dictionaries(
    {
        **ROW,
        "order_id": st.sampled_from(["", "O1", "O2"]),
        "agency_text": st.sampled_from(["PARKS", "ROADS", "?"]),
        "product": st.sampled_from(["standard", "premium", "?"]),
    }
)
LISTED = st.fixed_dictionaries({**ROW, "order_id": st.sampled_from(["", "REQ-1"])})


def _day(days: int | None) -> dt.date | None:
    return None if days is None else (FIRST + pd.Timedelta(days=days)).date()


def _row(role: str, source: int, facts: dict[str, Any]) -> dict[str, Any]:
    begins = None if facts["begins"] is None else FIRST + pd.Timedelta(days=facts["begins"])
    told = {**facts, "role": role, "source": source, "agency_match": "code", "dates_only": True, "valid_from": begins}
    told["issued_on"], told["revoked_on"], told["valid_from_on"] = (_day(facts[name]) for name in ("issued_on", "revoked_on", "begins"))
    return {**told, "valid_to": FIRST + pd.Timedelta(days=facts["ends"])}


def ledger(rows: list[dict[str, Any]], files: list[int]) -> pd.DataFrame:
    export_rows = EXPORT_ROWS.frame(rows)
    certificates = inventory(export_rows, certificate_blocks(files), DIRECTORY, ALIASES.empty(), charge_settings(), AS_OF).table
    return chargeback.ledger(certificates, export_rows, DIRECTORY, charge_settings(), AS_OF).table[MONEY]


PLAIN: dict[str, Any] = {
    "serial": "01", "common_name": "a.example.gov", "issuer": "Geo CA 2", "fingerprint_sha256": "", "status": "issued",
    "issued_on": 0, "begins": 0, "ends": 200, "revoked_on": None, "order_id": "O1",
}  # fmt: skip
PAID = {**PLAIN, "agency_text": "PARKS", "product": "standard"}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(BILLED, max_size=5), st.lists(LISTED, min_size=1, max_size=5), FILES)
@example([PAID], [{**PLAIN, "revoked_on": 3, "status": "revoked"}], []).via("a revocation that only an inventory knows")
@example([{**PAID, "issued_on": None, "begins": 40}], [PLAIN], []).via("an issue date that only an inventory knows")
@example([{**PAID, "issued_on": None, "begins": None}], [PLAIN], []).via("no date at all but in an inventory")
@example([{**PAID, "revoked_on": None, "status": "revoked"}], [{**PLAIN, "revoked_on": 3}], []).via("a day of revocation")
@example(
    [{**PAID, "fingerprint_sha256": "a" * 64, "serial": ""}, {**PAID, "order_id": "O2"}], [{**PLAIN, "fingerprint_sha256": "a" * 64}], []
).via("two billed rows that only an inventory takes for one certificate")
@example(
    [{**PAID, "serial": "", "issued_on": None, "begins": None, "ends": 300}, {**PAID, "order_id": ""}],
    [{**PLAIN, "begins": None, "ends": 300}],
    [],
).via("a billed row without serial and days that only an inventory's other last day puts to a billed certificate")
def test_no_row_of_an_inventory_moves_a_cent(billed: list[dict[str, Any]], listed: list[dict[str, Any]], files: list[int]) -> None:
    paid = [_row("billing", number, facts) for number, facts in enumerate(billed)]
    beside = [_row("inventory", 50 + number, facts) for number, facts in enumerate(listed)]
    pd.testing.assert_frame_equal(ledger(paid, files), ledger([*paid, *beside], files))
