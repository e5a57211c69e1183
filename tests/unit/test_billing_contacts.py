"""To whom the invoices of the month that was closed last are sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from pipeline import chargeback
from pipeline.contracts import CLOSED_FACES, CLOSED_PERIODS, RECIPIENTS, Closed, Stage
from pipeline.findings import Finding
from tests import orders
from tests.orders import day

AS_OF = dt.date(2026, 12, 10)
SEPTEMBER, OCTOBER, NOVEMBER = "FY2027-P03", "FY2027-P04", "FY2027-P05"
# What a face says beside its texts.
NUMBERS = {"sample": False, "without_agency": 0}


def face(number: str, agency: str, then: str = "", period: str = NOVEMBER) -> dict[str, Any]:
    return {"invoice_no": number, "agency": agency, "billing_contact": then, "period": period, "closed_on": day("2026-12-01")} | NUMBERS


def spell(agency: str, contact: str, since: str | None = None) -> dict[str, Any]:
    return {"agency": agency, "name": agency, "billing_contact": contact, "valid_from": since and day(since)}


def sent_to(faces: list[dict[str, Any]], *agencies: Mapping[str, Any]) -> Stage:
    """Who gets the invoices with these faces, September to November being closed."""
    months = [
        {"period": period, "turn": turn, "closed_on": day("2026-12-01"), "closed_by": "R. Roe", "sums": f"{turn:064x}"}
        for turn, period in enumerate((SEPTEMBER, OCTOBER, NOVEMBER), 1)
    ]
    closed = Closed(periods=CLOSED_PERIODS.frame(months), faces=CLOSED_FACES.frame(faces))
    return chargeback.recipients(closed, orders.agencies(*agencies), AS_OF)


def addresses(found: Stage) -> list[tuple[str, str]]:
    return list(found.table.itertuples(index=False, name=None))


def test_each_invoice_of_the_month_that_was_closed_last_goes_to_its_agency_in_the_order_of_numbers() -> None:
    faces = [face("CRT-3", "ROADS"), face("CRT-1", "ROADS", period=OCTOBER), face("CRT-2", "PARKS")]
    found = sent_to(faces, spell("PARKS", "parks@example.gov"), spell("ROADS", "roads@example.gov"))
    assert [("CRT-2", "parks@example.gov"), ("CRT-3", "roads@example.gov")] == addresses(found)
    assert () == found.findings


@pytest.mark.parametrize(
    ("since", "expected"),
    [("2026-12-10", "new@example.gov"), ("2026-12-11", "old@example.gov")],
    ids=["from today", "from tomorrow"],
)
def test_the_contact_is_that_of_the_spell_in_force_today(since: str, expected: str) -> None:
    found = sent_to(
        [face("CRT-1", "PARKS", "then@example.gov")], spell("PARKS", "new@example.gov", since), spell("PARKS", "old@example.gov")
    )
    assert [("CRT-1", expected)] == addresses(found)


@pytest.mark.parametrize("today", ["", "a@example.gov, b@example.gov"], ids=["none on file", "two addresses"])
def test_without_one_address_today_the_one_that_was_known_at_the_close_is_used(today: str) -> None:
    faces = [face("CRT-1", "PARKS", "then@example.gov"), face("CRT-2", "GONE", "gone@example.gov")]
    assert [("CRT-1", "then@example.gov"), ("CRT-2", "gone@example.gov")] == addresses(sent_to(faces, spell("PARKS", today)))


def test_an_agency_without_an_address_gets_no_draft_and_is_told() -> None:
    found = sent_to([face("CRT-1", "PARKS", "not known")], spell("PARKS", ""))
    assert [("CRT-1", "")] == addresses(found)
    reason = "Invoice CRT-1 of PARKS has no draft of a message: no billing contact of the agency is one e-mail address."
    contacts = "reference/agencies.csv"
    assert (Finding("no-billing-contact", reason, value="PARKS", column="billing_contact", file=contacts),) == found.findings


def test_before_the_first_close_nobody_is_written_to() -> None:
    found = chargeback.recipients(Closed(), orders.agencies(spell("PARKS", "")), AS_OF)
    assert ([], ()) == (addresses(found), found.findings)
    assert RECIPIENTS.names == list(found.table.columns)
