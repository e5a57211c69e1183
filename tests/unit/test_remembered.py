"""What closed months billed and no file tells any more: terms go on as if it were still told."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import pytest

from pipeline.contracts import CLOSED_LINES, Closed
from tests import orders
from tests.orders import STANDARD, certificate, day, posted, settings

JULY, AUGUST, SEPTEMBER = "FY2027-P01", "FY2027-P02", "FY2027-P03"
LAST_DAY = pd.Timestamp("2027-12-31T23:59:59Z")
SHORT = settings(charges={"begin": day("2026-07-01"), "term_days": 40})


def told(number: int, on: str, **facts: Any) -> dict[str, Any]:
    usual = {"order_id": "A", "common_name": "a.example.gov", "subject_alternative_names": "a.example.gov", "valid_to": LAST_DAY}
    return certificate(number, on, **{**usual, **facts})


def closed_with(*rows: dict[str, Any]) -> Closed:
    """July closed with these certificates, as a close keeps them."""
    found = orders.close(orders.charged(*rows, by=SHORT, as_of=day("2026-07-31")).table, JULY)
    by_serial = {row["serial"]: row for row in rows}
    of_lines = [by_serial[serial] for serial in found.lines["serial"]]
    facts = [
        {
            "entry_id": entry_id,
            "serial": row["serial"],
            "issuer": row["issuer"],
            "host": row["common_name"],
            "valid_to": row["valid_to"].tz_localize(None).normalize(),
        }
        for entry_id, row in zip(found.lines["entry_id"], of_lines, strict=True)
    ]
    return dataclasses.replace(found, lines=CLOSED_LINES.frame(facts))


def billed(rows: list[dict[str, Any]], closed: Closed) -> list[tuple[str, int, str]]:
    """What is posted beside July: period, cents and why."""
    table = posted(rows, closed, by=SHORT, as_of=day("2026-11-30")).table
    opened = table[~table["entry_id"].isin(closed.ledger["entry_id"])]
    return list(opened[["period", "amount_cents", "reason"]].itertuples(index=False, name=None))


def test_a_renewal_is_billed_though_the_first_certificate_of_its_order_is_gone() -> None:
    first, renewal = told(1, "2026-07-10"), told(2, "2026-08-25")
    assert [(AUGUST, STANDARD, "new term")] == billed([renewal], closed_with(first))


def test_a_reissue_is_free_though_its_paid_certificate_is_gone() -> None:
    first, reissue = told(1, "2026-07-10"), told(2, "2026-08-05")
    assert [(AUGUST, 0, "reissue within the paid term")] == billed([reissue], closed_with(first))


def test_without_an_order_number_names_and_last_day_tell_that_it_is_a_reissue() -> None:
    first, reissue = told(1, "2026-07-10", order_id=""), told(2, "2026-08-05", order_id="")
    other = told(3, "2026-08-05", order_id="", valid_to=LAST_DAY + pd.Timedelta(days=1))
    closed = closed_with(first)
    assert [(AUGUST, 0, "reissue within the paid term")] == billed([reissue], closed)
    assert [(AUGUST, STANDARD, "new order")] == billed([other], closed)


def test_a_renewal_is_billed_though_nobody_knows_now_whose_the_first_certificate_is() -> None:
    first, renewal = told(1, "2026-07-10"), told(2, "2026-08-25")
    unknown = {**first, "agency": "", "agency_text": "Old Parks"}
    assert [(AUGUST, STANDARD, "new term")] == billed([unknown, renewal], closed_with(first))


def test_what_was_credited_stays_credited_and_its_renewal_is_billed() -> None:
    first = told(1, "2026-07-10", revoked_on=day("2026-07-20"))
    closed = closed_with(first)
    assert [STANDARD, -STANDARD] == closed.ledger["amount_cents"].tolist()
    assert [] == billed([], closed)
    assert [(AUGUST, STANDARD, "new term")] == billed([told(2, "2026-08-25")], closed)


def test_a_free_reissue_of_the_old_books_stays_free_though_its_first_certificate_is_gone() -> None:
    old, reissue = told(1, "2026-06-20"), told(2, "2026-07-10")
    closed = closed_with(old, reissue)
    assert [0] == closed.ledger["amount_cents"].tolist()
    assert [] == billed([reissue], closed)
    assert [(SEPTEMBER, STANDARD, "new term")] == billed([reissue, told(3, "2026-09-20")], closed)


@pytest.mark.parametrize("rows", [[], [told(2, "2026-08-25")]], ids=["nothing", "a renewal"])
def test_that_no_file_tells_of_a_closed_line_is_still_said(rows: list[dict[str, Any]]) -> None:
    found = posted(rows, closed_with(told(1, "2026-07-10")), by=SHORT, as_of=day("2026-11-30"))
    assert ["closed-lines-stand"] == [finding.code for finding in found.findings if finding.code != "late-item"]
