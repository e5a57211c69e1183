"""An invoice line names the ticket that asked for it, where the ticket says which order it led to."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.chargeback import name_requests
from pipeline.contracts import LEDGER, REQUESTS


def line(order: str, day: str, kind: str = "charge") -> dict[str, object]:
    amount = -22119 if kind == "credit" else 22119
    return {"entry_id": f"{order}{day}{kind}", "service_on": day, "kind": kind, "order_id": order, "amount_cents": amount, "source": 0}


def request(name: str, order: str, day: str, kind: str = "new", status: str = "completed") -> dict[str, object]:
    return {
        "request_id": name, "kind": kind, "order_id": order, "status": status, "verdict": "met", "source": 0, "reopen_count": 0,
        "received_on": day,
    }  # fmt: skip


def named(lines: list[dict[str, object]], requests: list[dict[str, object]]) -> list[str]:
    ledger: pd.DataFrame = LEDGER.frame(lines)
    return list(name_requests(ledger, REQUESTS.frame(requests))["request_id"])


def test_a_line_names_the_last_request_before_its_day() -> None:
    lines = [line("2", "2026-11-09"), line("1", "2026-11-02"), line("1", "2026-09-01")]
    asked = [request("R1", "1", "2026-08-28"), request("R2", "1", "2026-11-02", "renew"), request("R3", "2", "2026-11-10")]
    assert ["", "R2", "R1"] == named(lines, asked)


def test_a_credit_names_the_revocation_and_a_charge_does_not() -> None:
    lines = [line("1", "2026-11-02"), line("1", "2026-11-05", "credit")]
    asked = [request("R1", "1", "2026-11-01"), request("R2", "1", "2026-11-02", "revoke")]
    assert ["R1", "R2"] == named(lines, asked)


@pytest.mark.parametrize("status", ["cancelled", "rejected", "duplicate"])
def test_a_request_that_came_to_nothing_is_behind_no_line(status: str) -> None:
    assert [""] == named([line("1", "2026-11-02")], [request("R1", "1", "2026-11-01", status=status)])
    older = [request("R0", "1", "2026-10-01"), request("R1", "1", "2026-11-01", status=status)]
    assert ["R0"] == named([line("1", "2026-11-02")], older)


def test_a_line_without_an_order_names_nothing() -> None:
    assert [""] == named([line("", "2026-11-02")], [request("R1", "", "2026-11-01")])


def test_empty_tables_stay_empty() -> None:
    assert [] == named([], [])
