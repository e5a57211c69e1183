"""What corrections move in the books: every dollar that is charged less or more because of one is named, with who entered it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from pipeline import quality
from pipeline.contracts import Books
from tests.sources.offices import Office, certificate, certificates

AGENCIES = "agency,name\nDLH,Department of Lighthouses\nMAP,Office of Maps\n"
BEGIN = dt.date(2026, 7, 1)
CHARGED: dict[str, Any] = {
    "rate": [
        {"tier": "standard", "amount": Decimal("221.19"), "since": dt.date(2024, 7, 1)},
        {"tier": "premium", "amount": Decimal("542.00"), "since": dt.date(2024, 7, 1)},
    ],
    "charges": {"begin": BEGIN},
}
WHO = "a typo,R. Sample,2026-11-20"
CODE = "charge-corrected"


def books(office: Office, *lines: str) -> Books:
    """Three orders of October 2026, the first of them premium, with these lines of corrections.csv."""
    office.put("reference/agencies.csv", AGENCIES)
    rows = (
        certificate(order_id="4001", serial_number="0a01", tier="premium"),
        certificate(order_id="4002", serial_number="0b02"),
        certificate(order_id="", serial_number="0c03", common_name="mail.example.gov"),
    )
    office.put("inbox/exports/2026-11.csv", certificates(*rows))
    office.put("entries/corrections.csv", "key,column,value,reason,by,on\n" + "".join(f"{line}\n" for line in lines))
    return office.books(**CHARGED)


def told(made: Books) -> list[tuple[str, str]]:
    found = made.findings[made.findings["code"] == CODE]
    return list(zip(found["severity"], found["reason"], strict=True))


@pytest.mark.parametrize(
    ("line", "severity", "said"),
    [
        ("4001,status,rejected", "warning", "Charged less: $542.00 to DLH in October 2026 (FY2027-P04), for order 4001."),
        ("4001,issued_on,2026-06-30", "warning", "Charged less: $542.00 to DLH in October 2026 (FY2027-P04), for order 4001."),
        ("4001,tier,standard", "warning", "Charged less: $320.81 to DLH in October 2026 (FY2027-P04), for order 4001."),
        ("0c03,status,canceled", "warning", "Charged less: $221.19 to DLH in October 2026 (FY2027-P04), for mail.example.gov."),
        ("4002,tier,premium", "note", "Charged more: $320.81 to DLH in October 2026 (FY2027-P04), for order 4002."),
        (
            "4001,agency,MAP",
            "warning",
            "Charged less: $542.00 to DLH in October 2026 (FY2027-P04); charged more: $542.00 to MAP in October 2026 (FY2027-P04), "
            "for order 4001.",
        ),
        (
            "4001,issued_on,2026-11-02",
            "note",
            "Charged less: $542.00 to DLH in October 2026 (FY2027-P04); charged more: $542.00 to DLH in November 2026 (FY2027-P05), "
            "for order 4001.",
        ),
        ("4002,order_id,4001", "warning", "Charged less: $221.19 to DLH in October 2026 (FY2027-P04), for orders 4001, 4002."),
    ],
)
def test_what_a_correction_moves_is_told_with_dollars_and_name(office: Office, line: str, severity: str, said: str) -> None:
    ((graded, reason),) = told(books(office, f"{line},{WHO}"))
    assert (severity, True) == (graded, reason.startswith(f"{said} Corrected by R. Sample on 2026-11-20: "))
    assert reason.endswith(" (a typo).")


@pytest.mark.parametrize("line", ["4001,contact_email,ada@example.gov", "4001,status,expired", "4001,valid_to,2027-04-17"])
def test_a_correction_that_moves_no_money_is_a_note_at_its_row_and_no_more(office: Office, line: str) -> None:
    made = books(office, f"{line},{WHO}")
    assert ([], 0) == (told(made), len(made.at_stake))
    assert 1 == int((made.findings["code"] == "corrected").sum())


def test_two_corrections_of_one_order_are_told_together(office: Office) -> None:
    ((_, reason),) = told(books(office, f"4001,agency,MAP,{WHO}", "4001,tier,standard,was cheap,B. Other,2026-11-21"))
    assert (
        "Charged less: $542.00 to DLH in October 2026 (FY2027-P04); charged more: $221.19 to MAP in October 2026 (FY2027-P04), for order "
        "4001. Corrected by R. Sample on 2026-11-20: agency: DLH -> MAP (a typo); by B. Other on 2026-11-21: tier: premium -> standard "
        "(was cheap)."
    ) == reason


def test_all_that_moves_is_told_and_nothing_else(office: Office) -> None:
    """The sum of what is at stake is the difference of the books with and without the corrections."""
    lines = (f"4001,status,rejected,{WHO}", f"4002,tier,premium,{WHO}", f"0c03,order_id,4002,{WHO}")
    after = books(office, *lines)
    before = books(office)
    moved = int((after.at_stake["more_cents"] - after.at_stake["less_cents"]).sum())
    assert int(after.ledger["amount_cents"].sum()) - int(before.ledger["amount_cents"].sum()) == moved
    assert 0 == len(before.at_stake)


def test_the_first_lines_say_how_much_is_charged_less_and_because_of_whom(office: Office) -> None:
    made = books(office, f"4001,status,rejected,{WHO}", "4002,tier,premium,was dear,B. Other,2026-11-21")
    assert "Corrected    $542.00 less and $320.81 more is charged because of corrections by B. Other, R. Sample" in quality.summary(made)
    assert [
        "Look at      data/inbox/exports/2026-11.csv, line 2 [charge-corrected]: Charged less: $542.00 to DLH in October 2026 "
        "(FY2027-P04), for order 4001. Corrected by R. Sample on 2026-11-20: status: issued -> rejected (a typo)."
    ] == quality.money_to_look_at(made)


def test_a_correction_whose_effect_reaches_an_order_that_nobody_corrected_is_told_too(office: Office) -> None:
    """Without numbers two rows are one order where agency, tier, names and end are equal: the correction makes them so."""
    office.put("reference/agencies.csv", AGENCIES)
    rows = (
        certificate(order_id="", serial_number="0a01", tier="premium"),
        certificate(order_id="", serial_number="0b02", issued_on="2026-10-05", valid_from="2026-10-05"),
    )
    office.put("inbox/exports/2026-11.csv", certificates(*rows))
    office.put("entries/corrections.csv", f"key,column,value,reason,by,on\n0a01,tier,standard,{WHO}\n")
    made = office.books(**CHARGED)
    assert [22_119, 0] == made.ledger["amount_cents"].tolist()
    assert [(32_081, "R. Sample"), (22_119, "R. Sample")] == list(zip(made.at_stake["less_cents"], made.at_stake["by"], strict=True))
