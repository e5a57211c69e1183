"""Opening balances that are changed once months are closed: said with the line, what the close used, and by which these books go on."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline import lots, recovery
from pipeline.contracts import Closed
from pipeline.findings import Finding
from pipeline.lots import Drawn
from tests import orders
from tests.orders import AS_OF, certificate, charged, close, lot, lot_openings, recovery_openings, settings

SEPTEMBER = charged(certificate(1, "2026-09-01"), certificate(2, "2026-09-02")).table
# Of OLD 2 of 4 units are left when the books begin, and September draws them; of NEXT 3 of 5, which nobody draws.
BOUGHT = orders.lots(lot("OLD", "2025-01-01", 4, 80_000), lot("NEXT", "2025-06-01", 5, 100_000))
THEN = (("OLD", 2), ("NEXT", 3))


def drawn(*openings: tuple[str, int], closed: Closed | None = None) -> Drawn:
    return lots.draw(closed.ledger if closed else SEPTEMBER, BOUGHT, settings(), AS_OF, lot_openings(*openings), closed or Closed())


CLOSED = close(drawn(*THEN).ledger, "FY2027-P03", lot_table=drawn(*THEN).lots)


def changed(found: Drawn) -> list[tuple[str, str | None, str, str, str, int]]:
    told = (one for one in found.findings if one.code == "closed-opening-changed")
    return [(one.reason, one.severity, one.column, one.value, one.file, one.source) for one in told]


def remaining(found: Drawn) -> dict[str, int]:
    return dict(zip(found.lots["lot_id"], found.lots["remaining"], strict=True))


def test_the_same_openings_after_a_close_say_nothing() -> None:
    found = drawn(*THEN, closed=CLOSED)
    assert ([], {"OLD": 0, "NEXT": 3}) == (changed(found), remaining(found))


@pytest.mark.parametrize(
    ("left", "now", "place"),
    [
        (3, "lot_openings.csv says that 3 units of lot OLD were left when these books began", ("units_left", "3", "", 950)),
        (None, "lot_openings.csv has no line of lot OLD any more that counts", ("lot_id", "OLD", "entries/lot_openings.csv", -1)),
    ],
    ids=["changed", "gone"],
)
def test_an_opening_of_a_lot_that_closed_months_drew_from_stands_and_is_an_error(
    left: int | None, now: str, place: tuple[str, str, str, int]
) -> None:
    found = drawn(*([("OLD", left)] if left else []), ("NEXT", 3), closed=CLOSED)
    reason = f"{now}, but closed months drew from it with 2 left; these books go on with that."
    assert [(reason, "error", *place)] == changed(found)
    assert {"OLD": 0, "NEXT": 3} == remaining(found)


def test_an_opening_of_a_lot_that_no_closed_month_drew_from_goes_by_the_file_and_is_told() -> None:
    found = drawn(("OLD", 2), ("NEXT", 1), closed=CLOSED)
    reason = (
        "lot_openings.csv says that 1 unit of lot NEXT was left when these books began, but the newest close has 3; no closed month drew "
        "from it, so these books go by the file."
    )
    assert [(reason, "warning", "units_left", "1", "", 951)] == changed(found)
    assert {"OLD": 0, "NEXT": 1} == remaining(found)


def test_an_opening_that_cannot_be_right_is_told_as_before_and_as_missing() -> None:
    found = drawn(("OLD", 9), ("NEXT", 3), closed=CLOSED)
    assert ["entry-not-counted", "closed-opening-changed"] == [one.code for one in found.findings]


def recovered(*openings: tuple[str, int, int], closed: Closed) -> tuple[Finding, ...]:
    stage = recovery.recover(SEPTEMBER, drawn(*THEN).lots, orders.costs(), recovery_openings(*openings), settings(), AS_OF, closed)
    assert {(tier, year): cents for tier, year, cents in openings}.items() <= {
        (row["tier"], row["fiscal_year"]): row["opening_cents"] for row in stage.table.to_dict("records")
    }.items(), "recovery goes by the file"
    return stage.findings


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ((("standard", 2026, -500),), (("standard", 2026, -500),), ()),
        (
            (("standard", 2026, -500),),
            (("standard", 2026, 1_500),),
            ("recovery_openings.csv opens standard in FY2026 with $15.00, but months were closed with -$5.00 in FY2026", "standard", 970),
        ),
        (
            (("standard", 2026, -500),),
            (),
            ("recovery_openings.csv has no line of standard any more, but months were closed with -$5.00 in FY2026", "standard", -1),
        ),
        (
            (),
            (("standard", 2026, 7),),
            ("recovery_openings.csv opens standard in FY2026 with $0.07, but months were closed without a line of it", "standard", 970),
        ),
        (None, (("standard", 2026, 7),), ()),
        (
            (("premium", 2026, 1), ("standard", 2026, -500)),
            (("premium", 2026, 1),),
            ("recovery_openings.csv has no line of standard any more, but months were closed with -$5.00 in FY2026", "standard", -1),
        ),
    ],
    ids=["same", "changed", "gone", "new", "kept by no close", "the second of two"],
)
def test_an_opening_of_the_recovery_that_reads_otherwise_is_told(then: Any, now: Any, told: Any) -> None:
    kept = None if then is None else recovery_openings(*then)
    found = recovered(*now, closed=Closed(recovery_openings=kept))
    reason = f"{told[0]}. The recovery goes by the file, so its statement reads otherwise than it was published." if told else ""
    file = "entries/recovery_openings.csv" if told and told[2] == -1 else ""
    assert ([(reason, *told[1:], file)] if told else []) == [(one.reason, one.value, one.source, one.file) for one in found]
