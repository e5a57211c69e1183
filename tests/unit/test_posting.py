"""Posting beside closed months: what is late, what is corrected, and what stands (DESIGN §6, "Close")."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from pipeline import calendar, chargeback, lots
from pipeline.chargeback import OpenMonths
from pipeline.chargeback.chains import billed_anew, taken_back
from pipeline.contracts import ADJUSTMENTS, ByHand
from pipeline.findings import Finding
from tests import orders
from tests.orders import PREMIUM, STANDARD, certificate, charged, close, day, lot, posted, settings

A, B = certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-09-02", order_id="B", tier="premium")


def september(*told: Mapping[str, Any]) -> Any:
    """September closed with these certificates, and the two months before it."""
    ledger = charged(*told).table
    return close(ledger, "FY2027-P03", close(ledger, "FY2027-P02", close(ledger, "FY2027-P01")))


def opened(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The lines that are not closed, in the order of the ledger."""
    rows = table[table["invoice_no"] == ""]
    names = ("period", "agency", "kind", "tier", "amount_cents", "class", "corrected_invoice")
    return sorted(zip(*(rows[name] for name in names), strict=True))


def test_without_closed_months_nothing_is_changed() -> None:
    computed = charged(A, B).table
    found = posted([A, B], orders.Closed())
    pd.testing.assert_frame_equal(computed, found.table)
    assert () == found.findings


def test_a_closed_line_is_posted_once_and_stays_as_it_is() -> None:
    closed = september(A, B)
    found = posted([A, B], closed)
    assert [] == opened(found.table)
    assert () == found.findings
    pd.testing.assert_frame_equal(
        closed.ledger.sort_values("entry_id", ignore_index=True), found.table.sort_values("entry_id", ignore_index=True)
    )


def test_what_arrives_after_its_month_closed_is_late_in_the_first_open_one() -> None:
    found = posted([A, B, certificate(3, "2026-08-20", order_id="C")], september(A, B))
    assert [("FY2027-P04", "PARKS", "charge", "standard", STANDARD, "late", "")] == opened(found.table)
    assert [("late-item", 3)] == [(one.code, one.source) for one in found.findings]


def test_a_new_month_goes_on_as_usual() -> None:
    found = posted([A, B, certificate(3, "2026-11-20", order_id="C")], september(A, B))
    assert [("FY2027-P05", "PARKS", "charge", "standard", STANDARD, "", "")] == opened(found.table)


def test_another_agency_is_taken_back_and_billed_anew() -> None:
    found = posted([{**A, "agency": "ROADS"}, B], september(A, B))
    number = "CRT-FY2027-P03-PARKS-PARKS-1"
    assert [
        ("FY2027-P04", "PARKS", "charge", "standard", -STANDARD, "correction", number),
        ("FY2027-P04", "ROADS", "charge", "standard", STANDARD, "correction", number),
    ] == opened(found.table)
    back, anew = (found.table[found.table["amount_cents"] == sign * STANDARD].iloc[-1] for sign in (-1, 1))
    assert back["takes_back"] == anew["rebills"] != ""
    assert ["closed-line-corrected"] == [one.code for one in found.findings]
    assert "agency ROADS, not PARKS" in found.findings[0].reason


NUMBER = "CRT-FY2027-P03-PARKS-PARKS-1"


def test_the_line_that_takes_back_a_closed_one_is_that_line_with_the_opposite_amount() -> None:
    bought = (lot("S-1", "2026-07-01", 3, 50_000), lot("P-1", "2026-07-01", 2, 84_000, tier="premium"))
    told = (A, certificate(3, "2026-09-10", order_id="A", tier="premium", revoked_on=day("2026-09-20")))
    closed = closed_with_lots(*bought, told=({**told[0], "revoked_on": day("2026-09-20")}, told[1]))
    found = posted([{**one, "agency": "ROADS", "revoked_on": day("2026-09-20")} for one in told], closed).table
    backs = found[found["takes_back"] != ""].set_index("takes_back")
    billing = closed.ledger[closed.ledger["amount_cents"] != 0].set_index("entry_id")
    assert set(billing.index) == set(backs.index)
    assert {"charge", "adjustment", "credit"} == set(backs["kind"])
    moved = {"entry_id", "period", "amount_cents", "memo_cents", "reason", "class", "corrected_invoice", "invoice_no"}
    links = ["reverses", "amends", "lot_id", "rebills", "unit_cost_cents"]
    same = [name for name in billing.columns if name not in moved | {*links, "takes_back"}]
    pd.testing.assert_frame_equal(billing[same], backs.loc[billing.index, same], check_names=False)
    assert (-billing["amount_cents"]).to_dict() == backs["amount_cents"].to_dict()
    assert {("FY2027-P04", "correction", NUMBER, "")} == set(
        zip(backs["period"], backs["class"], backs["corrected_invoice"], backs["invoice_no"], strict=True)
    )
    assert {f"takes back a line of {NUMBER}: agency ROADS, not PARKS"} == set(backs["reason"])
    assert {taken_back(entry) for entry in billing.index} == set(backs["entry_id"])
    assert {("", "", "", "")} == set(backs[links[:-1]].itertuples(index=False, name=None))
    assert backs["unit_cost_cents"].isna().all()


def test_what_is_billed_anew_names_its_charge_as_these_books_do() -> None:
    given_up = day("2026-09-20")
    told = ({**A, "revoked_on": given_up}, certificate(3, "2026-09-10", order_id="A", tier="premium", revoked_on=given_up))
    found = posted([{**one, "agency": "ROADS"} for one in told], september(*told)).table
    anew = found[found["rebills"] != ""]
    closed = found.set_index("entry_id").loc[anew["rebills"]]
    for now, before in zip(anew.to_dict("records"), closed.to_dict("records"), strict=True):
        for name in ("reverses", "amends"):
            assert (billed_anew(before[name], 1) if before[name] else "") == now[name]
    assert {billed_anew(entry, 1) for entry in closed.index} == set(anew["entry_id"])


def test_a_memo_that_reads_otherwise_is_shown_anew() -> None:
    september_memo = charged(A).table.assign(kind="memo", amount_cents=0, memo_cents=pd.array([500], dtype="Int64"))
    closed = close(september_memo, "FY2027-P03")
    certificates, _ = orders.tables([A])
    now = september_memo.assign(memo_cents=pd.array([700], dtype="Int64"))
    found = chargeback.post(now, closed, certificates, orders.agencies(), 7).table
    assert [-500, 700] == sorted(found.loc[found["invoice_no"] == "", "memo_cents"].tolist())


def test_a_correction_and_a_late_item_say_what_they_come_to_and_where() -> None:
    found = posted([{**A, "agency": "ROADS"}, B, certificate(3, "2026-08-20", order_id="C")], september(A, B))
    assert [
        (
            "closed-line-corrected",
            NUMBER,
            1,
            f"{NUMBER} bills $221.00 to PARKS; now it reads: agency ROADS, not PARKS. It is corrected in October 2026 (FY2027-P04).",
        ),
        (
            "late-item",
            "FY2027-P02",
            3,
            "It is of August 2026 (FY2027-P02), which is closed, so its $221.00 are billed in October 2026 (FY2027-P04).",
        ),
    ] == [(one.code, one.value, one.source, one.reason) for one in found.findings]


def test_a_late_item_that_missed_the_late_items_of_its_year_says_how_they_may_still_be_closed() -> None:
    told = [certificate(number, on, order_id=f"N{number}") for number, on in enumerate(("2026-06-10", "2026-07-10", "2026-08-10"), start=1)]
    as_of = day("2026-09-30")
    ledger = charged(*told, as_of=as_of).table
    closed = close(ledger, "FY2027-P02", close(ledger, "FY2027-P01", close(ledger, "FY2026-P12")))
    late = certificate(4, "2026-06-15", order_id="L")
    now = charged(*told, late, as_of=as_of).table
    found = chargeback.post(now, closed, orders.tables([*told, late])[0], orders.agencies(), 7, as_of=as_of).findings
    assert [
        "It is of June 2026 (FY2026-P12), which is closed, so its $221.00 are billed in September 2026 (FY2027-P03). If it arrived by "
        "2026-08-31, close FY2026-P13 before that month, with --as-of 2026-08-31."
    ] == [one.reason for one in found]


def test_a_correction_points_to_the_line_of_the_day_and_else_to_the_closed_one() -> None:
    typo = certificate(3, "2026-09-10", order_id="A1")
    found = posted([{**A, "source": 7, "agency": "ROADS"}, {**typo, "source": 8, "order_id": "A"}, B], september(A, typo, B))
    assert {7, 8} == {one.source for one in found.findings}
    upgrade = certificate(4, "2026-09-10", order_id="A", tier="premium")
    never_dearer = posted([A, {**upgrade, "source": 9, "tier": "standard"}], september(A, upgrade))
    assert [4] == [one.source for one in never_dearer.findings]


def test_closed_lines_that_stand_are_told_by_month_with_what_they_come_to() -> None:
    told = [A, B, certificate(3, "2026-08-20", order_id="C", source=30)]
    found = posted([], september(*told))
    assert [
        ("closed-lines-stand", "FY2027-P02", 30, "1 line of FY2027-P02 ($221.00)"),
        ("closed-lines-stand", "FY2027-P03", 1, "2 lines of FY2027-P03 ($763.00)"),
    ] == [(one.code, one.value, one.source, one.reason.split(" bill ")[1].split(";")[0]) for one in found.findings]
    assert found.findings[0].reason.startswith("The inbox gives no reason any more to bill 1 line")
    assert found.findings[0].reason.endswith("; what was billed stands.")


@pytest.mark.parametrize(
    ("without", "words"),
    [
        (("PARKS", "standard", STANDARD), "; the agency was entered"),
        (("WATER", "standard", STANDARD), ""),
        (("PARKS", "premium", STANDARD), ""),
        (("PARKS", "standard", PREMIUM), ""),
    ],
    ids=["what people entered is why", "another agency", "another tier", "another amount"],
)
def test_a_correction_says_who_entered_what_made_it(without: tuple[str, str, int], words: str) -> None:
    """Only where the closed line reads as the books would without what people entered."""
    closed = september(A, B)
    certificates, export_rows = orders.tables([{**A, "agency": "ROADS"}, B])
    computed = chargeback.ledger(certificates, export_rows, orders.agencies(), settings(), orders.AS_OF).table
    (entry,) = computed.loc[computed["order_id"] == "A", "entry_id"]
    entered = {entry: ByHand(*without, "the agency was entered", "R. Roe", day("2026-10-20"))}
    found = chargeback.post(computed, closed, certificates, orders.agencies(), 7, by_hand=entered).table
    lines = found[found["invoice_no"] == ""].sort_values("amount_cents")
    assert [f"takes back a line of {NUMBER}: agency ROADS, not PARKS{words}", f"new order{words}"] == lines["reason"].tolist()
    assert ["R. Roe" if words else ""] * 2 == lines["approved_by"].tolist()
    assert [day("2026-10-20") if words else None] * 2 == [None if pd.isna(on) else on.date() for on in lines["approved_on"]]


def test_another_tier_is_billed_at_the_rate_of_its_day() -> None:
    found = posted([{**A, "tier": "premium"}, B], september(A, B))
    assert [("standard", -STANDARD), ("premium", PREMIUM)] == sorted(
        ((tier, cents) for _, _, _, tier, cents, _, _ in opened(found.table)), key=lambda pair: pair[1]
    )


def test_a_correction_is_posted_once_and_stands_when_its_month_closes() -> None:
    now = [{**A, "agency": "ROADS"}, B]
    closed = september(A, B)
    first = posted(now, closed).table
    again = posted(now, close(first, "FY2027-P04", closed))
    assert [] == opened(again.table)
    assert () == again.findings


def test_a_line_may_be_corrected_more_than_once_and_back() -> None:
    closed = september(A, B)
    for turn, agency in enumerate(("ROADS", "WATER", "PARKS"), start=4):
        table = posted([{**A, "agency": agency}, B], closed).table
        assert {agency: STANDARD, "B": PREMIUM} == {
            **table[table["order_id"] == "A"].groupby("agency")["amount_cents"].sum().loc[lambda cents: cents != 0].to_dict(),
            "B": int(table.loc[table["order_id"] == "B", "amount_cents"].sum()),
        }
        closed = close(table, f"FY2027-P{turn:02d}", closed)
    assert 7 == int((closed.ledger["order_id"] == "A").sum())


def test_a_line_that_nothing_tells_of_stands_with_one_note_for_its_month() -> None:
    found = posted([B], september(A, B))
    assert [] == opened(found.table)
    assert [("closed-lines-stand", "note")] == [(one.code, one.severity or "note") for one in found.findings]
    assert STANDARD + PREMIUM == int(found.table["amount_cents"].sum())


def test_a_credit_names_the_line_that_bills_its_charge_now() -> None:
    closed = september(A, B)
    now = [{**A, "agency": "ROADS", "revoked_on": day("2026-09-20")}, B]
    corrected = posted([{**A, "agency": "ROADS"}, B], closed).table
    found = posted(now, close(corrected, "FY2027-P04", closed)).table
    credit = found[found["kind"] == "credit"].iloc[0]
    assert ("FY2027-P05", "ROADS", -STANDARD, "late") == (credit["period"], credit["agency"], credit["amount_cents"], credit["class"])
    assert found.set_index("entry_id").at[credit["reverses"], "agency"] == "ROADS"


def test_a_credited_order_of_another_agency_moves_charge_and_credit() -> None:
    told = {**A, "revoked_on": day("2026-09-20")}
    found = posted([{**told, "agency": "ROADS"}, B], september(told, B)).table
    sums = found[found["order_id"] == "A"].groupby("agency")["amount_cents"].sum()
    assert {"PARKS": 0, "ROADS": 0} == sums.to_dict()
    assert 4 == len(opened(found))


@pytest.mark.parametrize("order", ["A", ""], ids=["with an order number", "without"])
def test_a_reissue_whose_paid_certificate_is_in_no_file_any_more_is_not_billed(order: str) -> None:
    same: dict[str, Any] = {"order_id": order, "common_name": "a.example.gov", "subject_alternative_names": "a.example.gov"}
    same["valid_to"] = pd.Timestamp("2027-03-01T00:00:00Z")
    paid, free = certificate(3, "2026-07-01", **same), certificate(4, "2026-09-01", **same)
    closed = september(paid, free, B)
    found = posted([free, B], closed)
    assert STANDARD + PREMIUM == int(found.table["amount_cents"].sum())
    assert [] == opened(found.table)
    revoked = posted([{**free, "revoked_on": day("2026-09-05")}, B], closed)
    assert STANDARD + PREMIUM == int(revoked.table["amount_cents"].sum())


def test_a_second_term_stands_when_the_certificate_of_the_first_is_in_no_file_any_more() -> None:
    first, second = certificate(3, "2025-07-10", order_id="A"), certificate(4, "2026-08-10", order_id="A")
    ledger = charged(first, second).table
    closed = close(ledger, "FY2026-P01")
    for period in [f"FY2026-P{month:02d}" for month in range(2, 13)] + ["FY2027-P01", "FY2027-P02"]:
        closed = close(ledger, period, closed)
    found = posted([second], closed)
    assert [] == opened(found.table)
    assert 2 * STANDARD == int(found.table["amount_cents"].sum())


def test_a_decision_that_cannot_stand_any_more_is_taken_back() -> None:
    given_up = {**A, "revoked_on": day("2026-09-20")}
    decided = orders.decision(1, amount_cents=STANDARD, approved_on=day("2026-09-15"))

    def computed(told: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
        certificates, export_rows = orders.tables([told])
        ledger = chargeback.ledger(certificates, export_rows, orders.agencies(), settings(), orders.AS_OF).table
        adjustments = ADJUSTMENTS.frame([decided])
        return certificates, chargeback.adjust(ledger, adjustments, orders.agencies(), {"A"}, settings(), orders.AS_OF).table

    closed = close(computed(A)[1], "FY2027-P03")
    certificates, now = computed(given_up)
    on_file = chargeback.post(now, closed, certificates, orders.agencies(), 7, adjustments={decided["id"]})
    assert 0 == int(on_file.table["amount_cents"].sum())
    off_file = chargeback.post(now, closed, certificates, orders.agencies(), 7)
    assert -STANDARD == int(off_file.table["amount_cents"].sum())


def test_what_lies_before_the_first_closed_month_is_late() -> None:
    assert "FY2027-P04" == OpenMonths(("FY2027-P02", "FY2027-P03")).posting("FY2027-P01")


def test_a_credit_that_nothing_tells_of_goes_with_a_charge_that_is_taken_back() -> None:
    found = posted([{**A, "agency": "ROADS"}, B], september({**A, "revoked_on": day("2026-09-20")}, B)).table
    sums = found[found["order_id"] == "A"].groupby("agency")["amount_cents"].sum()
    assert {"PARKS": 0, "ROADS": STANDARD} == sums.to_dict()


def test_a_credit_whose_revocation_was_a_mistake_is_taken_back() -> None:
    found = posted([A, B], september({**A, "revoked_on": day("2026-09-20")}, B)).table
    assert STANDARD == int(found.loc[found["order_id"] == "A", "amount_cents"].sum())
    assert [("FY2027-P04", "PARKS", "credit", "standard", STANDARD, "correction", "CRT-FY2027-P03-PARKS-PARKS-1")] == opened(found)


def test_an_upgrade_whose_certificate_turns_out_to_be_an_order_of_its_own_is_taken_back() -> None:
    upgrade = certificate(3, "2026-09-10", order_id="A", tier="premium")
    found = posted([A, {**upgrade, "order_id": "D"}, B], september(A, upgrade, B)).table
    assert {"A": STANDARD, "B": PREMIUM, "D": PREMIUM} == found.groupby("order_id")["amount_cents"].sum().to_dict()


def test_a_credit_is_taken_back_when_its_order_is_reissued_after_all() -> None:
    given_up = {**A, "revoked_on": day("2026-09-20")}
    found = posted([given_up, certificate(3, "2026-09-25", order_id="A"), B], september(given_up, B)).table
    assert STANDARD + PREMIUM == int(found["amount_cents"].sum())


def test_an_upgrade_is_taken_back_when_its_reissue_was_never_dearer() -> None:
    dearer = certificate(3, "2026-09-10", order_id="A", tier="premium")
    found = posted([A, {**dearer, "tier": "standard"}, B], september(A, dearer, B))
    assert [("adjustment", STANDARD - PREMIUM)] == [(kind, cents) for _, _, kind, _, cents, _, _ in opened(found.table)]


def test_a_credit_and_an_upgrade_whose_rows_are_gone_stand() -> None:
    dearer = certificate(3, "2026-09-10", order_id="A", tier="premium")
    assert [] == opened(posted([A, B], september(A, dearer, B)).table)
    given_up = {**A, "revoked_on": day("2026-09-20")}
    assert [] == opened(posted([B], september(given_up, B)).table)


def test_a_certificate_that_goes_to_another_order_and_back_is_billed_once() -> None:
    moved = {**A, "order_id": "A-1", "agency": "ROADS"}
    closed = september(A, B)
    closed = close(posted([moved, B], closed).table, "FY2027-P04", closed)
    found = posted([A, B], closed).table
    sums = found[found["order_id"] != "B"].groupby("agency")["amount_cents"].sum()
    assert {"PARKS": STANDARD, "ROADS": 0} == sums.to_dict()


def test_an_order_number_that_arrives_later_bills_nothing_again() -> None:
    found = posted([{**A, "order_id": "A-1"}, B], september({**A, "order_id": ""}, B))
    assert [] == opened(found.table)
    assert () == found.findings


def test_evidence_that_arrives_later_bills_nothing_again_even_with_an_order_number() -> None:
    told = {**A, "order_id": ""}
    certificates, export_rows = orders.tables([{**told, "order_id": "A-1"}, B])
    named_by_file = certificates.assign(certificate=pd.Series(["f" * 64, *certificates["certificate"][1:]], dtype="str"))
    computed = chargeback.ledger(named_by_file, export_rows, orders.agencies(), settings(), orders.AS_OF).table
    found = chargeback.post(computed, september(told, B), named_by_file, orders.agencies(), 7)
    assert [] == opened(found.table)


@pytest.mark.parametrize(
    ("serial", "issuer", "billed"),
    [
        ("0001", "Other CA", 2 * STANDARD),
        ("0001", "CN=Example CA, O=Example", STANDARD),
        ("0001", "", STANDARD),
        ("1" * 32, "Other CA", STANDARD),
    ],
    ids=["two authorities that count", "one authority, spelled in two ways", "nobody says whose it is", "a number drawn by chance"],
)
def test_a_certificate_of_the_same_serial_and_host_is_another_one_only_of_another_authority_that_counts(
    serial: str, issuer: str, billed: int
) -> None:
    closed_one = {**A, "order_id": "", "serial": serial}
    today = {**closed_one, "order_id": "X", "issuer": issuer, "source": 5}
    named = f"example-ca:{serial.lstrip('0')}"
    closed = september(closed_one)
    closed = dataclasses.replace(closed, ledger=closed.ledger.assign(certificate=pd.Series([named], dtype="str")))
    assert billed == int(posted([today], closed).table["amount_cents"].sum())


def test_a_certificate_that_turns_out_to_be_a_reissue_is_taken_back() -> None:
    typo = certificate(3, "2026-09-10", order_id="A1")
    found = posted([A, {**typo, "order_id": "A"}, B], september(A, typo, B))
    number = "CRT-FY2027-P03-PARKS-PARKS-1"
    assert [
        ("FY2027-P04", "PARKS", "charge", "standard", -STANDARD, "correction", number),
        ("FY2027-P04", "PARKS", "charge", "standard", 0, "correction", number),
    ] == opened(found.table)


def test_a_charge_that_is_taken_back_takes_its_credit_with_it() -> None:
    typo = certificate(3, "2026-09-10", order_id="A1", revoked_on=day("2026-09-12"))
    found = posted([A, {**typo, "order_id": "A"}, B], september(A, typo, B)).table
    assert STANDARD + PREMIUM == int(found["amount_cents"].sum())
    assert 2 == int((found["takes_back"] != "").sum())


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((*(f"FY2026-P{month:02d}" for month in range(1, 13)),), "FY2026-P13"),
        ((*(f"FY2026-P{month:02d}" for month in range(1, 13)), "FY2027-P01", "FY2027-P02"), "FY2026-P13"),
        ((*(f"FY2026-P{month:02d}" for month in range(1, 14)), "FY2027-P01"), "FY2027-P02"),
        ((*(f"FY2026-P{month:02d}" for month in range(1, 13)), "FY2027-P01", "FY2027-P02", "FY2027-P03"), "FY2027-P04"),
    ],
)
def test_june_goes_to_the_late_items_of_its_year_while_they_are_open(told: tuple[str, ...], expected: str) -> None:
    assert expected == OpenMonths(told).posting("FY2026-P12")
    assert expected == OpenMonths(told).posting("FY2026-P05")


YEAR = tuple(f"FY2026-P{month:02d}" for month in range(1, 13))


@pytest.mark.parametrize(
    ("later", "as_of", "expected"),
    [
        ((), "2026-08-31", "FY2026-P13"),
        ((), "2026-09-01", "FY2027-P03"),
        (("FY2027-P01", "FY2027-P02"), "2026-08-31", "FY2026-P13"),
        (("FY2027-P01", "FY2027-P02"), "2026-09-01", "FY2027-P03"),
        (("FY2027-P01", "FY2027-P02", "FY2027-P03"), "2026-09-01", "FY2027-P04"),
        (("FY2027-P01", "FY2026-P13"), "2026-09-01", "FY2027-P02"),
    ],
)
def test_what_is_known_of_june_after_august_is_posted_behind_its_late_items(later: tuple[str, ...], as_of: str, expected: str) -> None:
    assert expected == OpenMonths((*YEAR, *later), 7, day(as_of)).posting("FY2026-P12")


def test_a_month_after_the_closed_ones_keeps_its_own_entries() -> None:
    assert "FY2027-P05" == OpenMonths(("FY2027-P02",)).posting("FY2027-P05")
    assert "FY2027-P03" == OpenMonths(("FY2027-P02",)).posting("FY2027-P03")


@pytest.mark.parametrize(
    ("later", "as_of", "period", "until"),
    [
        ((), "2026-09-01", "FY2026-P12", "2026-08-31"),
        ((), "2026-08-31", "FY2026-P12", None),
        (("FY2026-P13",), "2026-09-01", "FY2026-P12", None),
        ((), "2026-09-01", "FY2026-P13", None),
        ((), "2026-09-01", "FY2027-P01", None),
    ],
    ids=["just missed", "in time", "late items are closed", "of the late items", "an open month"],
)
def test_what_missed_the_late_items_of_its_year_is_told_until_when_they_could_be_closed(
    later: tuple[str, ...], as_of: str, period: str, until: str | None
) -> None:
    assert (until and day(until)) == OpenMonths((*YEAR, *later), 7, day(as_of)).missed(period)
    assert OpenMonths((*YEAR, *later), 7).missed(period) is None


def test_an_office_whose_year_begins_in_october_takes_late_items_until_november() -> None:
    by_day = {on: OpenMonths(YEAR, 10, day(on)).posting("FY2026-P12") for on in ("2026-11-30", "2026-12-01")}
    assert {"2026-11-30": "FY2026-P13", "2026-12-01": "FY2027-P03"} == by_day


def test_a_late_item_of_may_goes_to_june_while_the_year_is_open() -> None:
    assert "FY2026-P12" == OpenMonths([f"FY2026-P{month:02d}" for month in range(1, 12)]).posting("FY2026-P11")


def test_the_successor_of_the_posting_month_pays_what_is_late() -> None:
    merged = orders.agencies(
        {"agency": "PARKS", "name": "Parks", "account_id": "PARKS-1", "valid_to": day("2026-09-30"), "successor": "LAND"},
        {"agency": "LAND", "name": "Land", "account_id": "LAND-1", "valid_from": day("2026-10-01")},
    )
    ledger = charged(A, to=merged).table
    closed = close(ledger, "FY2027-P03")
    found = posted([A, certificate(3, "2026-09-20", order_id="C")], closed, to=merged).table
    assert ["LAND"] == found.loc[found["class"] == "late", "billed_to"].tolist()
    assert ["PARKS"] == closed.ledger["billed_to"].tolist()


def merged_as_of(ends: str, begins: str) -> pd.DataFrame:
    """Parks, which ends on one day, and Land, which goes on with what it had from another."""
    return orders.agencies(
        {"agency": "PARKS", "name": "Parks", "account_id": "PARKS-1", "valid_to": day(ends), "successor": "LAND"},
        {"agency": "LAND", "name": "Land", "account_id": "LAND-1", "valid_from": day(begins)},
    )


def test_a_merger_that_is_entered_after_the_close_moves_what_the_successor_pays_by_it() -> None:
    closed = september(A)
    merged = merged_as_of("2026-09-15", "2026-09-16")
    found = posted([A], closed, to=merged)
    names = ["period", "agency", "billed_to", "account_id", "amount_cents", "class", "corrected_invoice"]
    told = found.table.loc[found.table["invoice_no"] == "", names].sort_values("amount_cents")
    facts = ("correction", "CRT-FY2027-P03-PARKS-PARKS-1")
    assert [
        ("FY2027-P04", "PARKS", "PARKS", "PARKS-1", -STANDARD, *facts),
        ("FY2027-P04", "PARKS", "LAND", "LAND-1", STANDARD, *facts),
    ] == list(told.itertuples(index=False, name=None))
    (finding,) = found.findings
    assert "now it reads: billed to LAND, not PARKS." in finding.reason
    later = close(found.table, "FY2027-P04", closed)
    assert [] == opened(posted([A], later, to=merged).table)
    assert [("LAND", -STANDARD), ("PARKS", STANDARD)] == sorted(
        posted([A], later).table.query("invoice_no == ''")[["billed_to", "amount_cents"]].itertuples(index=False, name=None)
    )


def test_a_merger_that_ends_after_the_closed_month_changes_nothing_of_it() -> None:
    closed = september(A)
    found = posted([A], closed, to=merged_as_of("2026-10-01", "2026-10-02"))
    assert ([], ()) == (opened(found.table), found.findings)


def drawn(table: pd.DataFrame, closed: Any, *bought: Mapping[str, Any]) -> lots.Drawn:
    return lots.draw(table, orders.lots(*bought), settings(), orders.AS_OF, closed=closed)


def closed_with_lots(*bought: Mapping[str, Any], told: tuple[Mapping[str, Any], ...] = (A, B)) -> Any:
    first = lots.draw(charged(*told).table, orders.lots(*bought), settings(), orders.AS_OF)
    return close(first.ledger, "FY2027-P03", lot_table=first.lots)


def test_another_agency_in_the_same_tier_goes_on_with_the_unit() -> None:
    bought = (lot("S-1", "2026-07-01", 3, 50_000), lot("P-1", "2026-07-01", 1, 42_000, tier="premium"))
    closed = closed_with_lots(*bought)
    found = drawn(posted([{**A, "agency": "ROADS"}, B], closed).table, closed, *bought)
    left = found.lots.set_index("lot_id")
    assert [2, 0] == left.loc[["S-1", "P-1"], "remaining"].tolist()
    assert 16_667 + 42_000 == int(found.ledger["unit_cost_cents"].sum()) == int(left["drawn_cost_cents"].sum())
    anew = found.ledger[found.ledger["rebills"] != ""].iloc[0]
    assert ("S-1", 0) == (anew["lot_id"], anew["unit_cost_cents"])


def test_another_agency_whose_charge_found_no_unit_goes_on_without_one() -> None:
    closed = closed_with_lots()
    found = drawn(posted([{**A, "agency": "ROADS"}, B], closed).table, closed)
    anew = found.ledger[found.ledger["rebills"] != ""]
    assert ([""], True) == (anew["lot_id"].tolist(), bool(anew["unit_cost_cents"].isna().all()))


def test_late_items_of_a_year_draw_after_what_is_posted_to_august() -> None:
    """One unit is left, and P13 is closed after August: the order of August draws the unit, the late one of June none."""
    told = certificate(3, "2026-06-20", order_id="L"), certificate(4, "2026-08-20", order_id="S")
    closed = orders.Closed()
    for month in range(1, 13):
        closed = close(charged().table, f"FY2026-P{month:02d}", closed)
    ledger = posted(told, closed).table
    assert {"L": "FY2026-P13", "S": "FY2027-P02"} == dict(zip(ledger["order_id"], ledger["period"], strict=True))
    found = drawn(ledger, closed, lot("S-1", "2026-01-01", 1, 50_000))
    assert {"L": "", "S": "S-1"} == dict(zip(found.ledger["order_id"], found.ledger["lot_id"], strict=True))


def test_another_tier_gives_the_unit_back_and_draws_one_of_its_own() -> None:
    bought = (lot("S-1", "2026-07-01", 3, 50_000), lot("P-1", "2026-07-01", 2, 84_000, tier="premium"))
    closed = closed_with_lots(*bought)
    found = drawn(posted([{**A, "tier": "premium"}, B], closed).table, closed, *bought)
    assert {"S-1": 3, "P-1": 0} == dict(zip(found.lots["lot_id"], found.lots["remaining"], strict=True))
    assert 84_000 == int(found.ledger["unit_cost_cents"].sum())


@pytest.mark.parametrize("returns", [False, True], ids=["units are kept", "units are taken back"])
def test_a_credit_that_is_taken_back_holds_a_unit_again(*, returns: bool) -> None:
    name = "R-1" if returns else "S-1"
    bought = lot(name, "2026-07-01", 3, 50_000, returns_on_refund=returns)
    closed = closed_with_lots(bought, told=({**A, "revoked_on": day("2026-09-20")},))
    found = drawn(posted([A], closed).table, closed, bought)
    assert [2] == found.lots["remaining"].tolist()
    assert 16_667 == int(found.ledger["unit_cost_cents"].sum()) == int(found.lots["drawn_cost_cents"].sum())


def test_an_order_that_is_given_up_after_all_gives_its_unit_back_again() -> None:
    bought = lot("R-1", "2026-07-01", 3, 50_000, returns_on_refund=True)
    given_up = {**A, "revoked_on": day("2026-09-20")}
    closed = closed_with_lots(bought, told=(given_up,))
    mistake = drawn(posted([A], closed).table, closed, bought)
    closed = close(mistake.ledger, "FY2027-P04", closed, lot_table=mistake.lots)
    again = drawn(posted([given_up], closed).table, closed, bought)
    assert ([2], [3]) == (mistake.lots["remaining"].tolist(), again.lots["remaining"].tolist())
    assert 0 == int(again.ledger["unit_cost_cents"].sum()) == int(again.lots["drawn_cost_cents"].sum())
    assert 0 == int(again.ledger["amount_cents"].sum())


@pytest.mark.parametrize("returns", [False, True], ids=["units are kept", "units are taken back"])
@pytest.mark.parametrize("revoked_on", [None, day("2026-09-20")], ids=["in use", "given up"])
def test_a_credited_order_that_was_another_agencys_gives_its_unit_back_once(revoked_on: Any, *, returns: bool) -> None:
    bought = lot("R-1" if returns else "S-1", "2026-07-01", 3, 50_000, returns_on_refund=returns)
    closed = closed_with_lots(bought, told=({**A, "revoked_on": day("2026-09-20")},))
    now = [{**A, "order_id": "A-1", "agency": "ROADS", "tier": "standard", "revoked_on": revoked_on}]
    found = drawn(posted(now, closed).table, closed, bought)
    left = 3 if revoked_on and returns else 2
    assert ([left], ()) == (found.lots["remaining"].tolist(), found.findings)
    assert int(found.lots["drawn_cost_cents"].sum()) == int(found.ledger["unit_cost_cents"].sum())
    sums = found.ledger.groupby("agency")["amount_cents"].sum().to_dict()
    assert {"PARKS": 0, "ROADS": 0 if revoked_on else STANDARD} == sums


def test_a_credit_that_is_taken_back_when_its_unit_is_another_orders_is_a_finding_and_a_warning_once_its_month_is_closed() -> None:
    bought = lot("R-1", "2026-07-01", 1, 50_000, returns_on_refund=True)
    given_up, other = {**A, "revoked_on": day("2026-09-20")}, certificate(3, "2026-10-02", order_id="C")
    closed = closed_with_lots(bought, told=(given_up,))
    october = drawn(posted([given_up, other], closed).table, closed, bought)
    closed = close(october.ledger, "FY2027-P04", closed, lot_table=october.lots)
    found = drawn(posted([A, other], closed).table, closed, bought)
    assert ([0], 50_000) == (found.lots["remaining"].tolist(), int(found.ledger["unit_cost_cents"].sum()))
    assert [("lot-exhausted", 1)] == [(one.code, one.source) for one in found.findings]
    closed = close(found.ledger, "FY2027-P05", closed, lot_table=found.lots)
    again = drawn(posted([A, other], closed).table, closed, bought).findings
    assert [("lot-exhausted", "error")] == [(one.code, one.severity) for one in found.findings]
    assert [("lot-exhausted", "warning")] == [(one.code, one.severity) for one in again]


def test_closed_charges_without_a_unit_are_told_until_they_are_taken_back() -> None:
    bought, premium = lot("S-1", "2026-07-01", 1, 50_000), lot("P-1", "2026-07-01", 2, 84_000, tier="premium")
    other = certificate(3, "2026-09-03", order_id="C")
    closed = closed_with_lots(bought, told=(A, other))
    ((entry, source),) = closed.ledger.loc[closed.ledger["lot_id"] == "", ["entry_id", "source"]].itertuples(index=False, name=None)
    found = drawn(posted([A, other], closed).table, closed, bought, lot("S-2", "2026-07-01", 5, 250_000))
    reason = (
        f"No lot of tier standard had a unit on 2026-09-03 for entry {entry[:12]} when its month was closed. "
        "A lot that is entered now changes no closed month, so lots and recovery lack what the unit cost: "
        "enter that in data/entries/costs.csv."
    )
    told = Finding("lot-exhausted", reason, value="standard", column="tier", source=source, severity="warning")
    assert (told,) == found.findings
    assert () == drawn(posted([A, {**other, "tier": "premium"}], closed).table, closed, bought, premium).findings


def test_a_credit_of_an_upgraded_order_that_is_taken_back_holds_a_dearer_unit_again() -> None:
    bought = (
        lot("R-1", "2026-07-01", 3, 50_000, returns_on_refund=True),
        lot("R-2", "2026-07-01", 2, 84_000, tier="premium", returns_on_refund=True),
    )
    upgrade = certificate(3, "2026-09-10", order_id="A", tier="premium")
    gone = {"revoked_on": day("2026-09-20")}
    closed = closed_with_lots(*bought, told=({**A, **gone}, {**upgrade, **gone}))
    found = drawn(posted([A, upgrade], closed).table, closed, *bought)
    assert {"R-1": 3, "R-2": 1} == dict(zip(found.lots["lot_id"], found.lots["remaining"], strict=True))
    assert 42_000 == int(found.ledger["unit_cost_cents"].sum()) == int(found.lots["drawn_cost_cents"].sum())


@pytest.mark.parametrize("returns", [False, True], ids=["units are kept", "units are taken back"])
def test_an_upgrade_that_is_taken_back_gives_its_unit_back_and_its_order_holds_one_of_the_cheaper_tier(*, returns: bool) -> None:
    bought = (
        lot("R-1" if returns else "S-1", "2026-07-01", 3, 50_000, returns_on_refund=returns),
        lot("P-1", "2026-07-01", 2, 84_000, tier="premium"),
    )
    upgrade = certificate(3, "2026-09-10", order_id="A", tier="premium")
    closed = closed_with_lots(*bought, told=(A, upgrade))
    found = drawn(posted([A, {**upgrade, "tier": "standard"}], closed).table, closed, *bought)
    assert {"P-1": 2, bought[0]["lot_id"]: 2} == dict(zip(found.lots["lot_id"], found.lots["remaining"], strict=True))
    assert int(found.lots["drawn_cost_cents"].sum()) == int(found.ledger["unit_cost_cents"].sum())


RETURNED = (
    lot("R-1", "2026-07-01", 3, 50_000, returns_on_refund=True),
    lot("R-2", "2026-07-01", 2, 84_000, tier="premium", returns_on_refund=True),
)
DEARER = certificate(3, "2026-09-10", order_id="A", tier="premium")


def test_an_upgrade_that_was_wrong_and_an_order_that_is_given_up_leave_no_unit_and_no_cost() -> None:
    closed = closed_with_lots(*RETURNED, told=(A, DEARER))
    given_up = {"revoked_on": day("2026-09-25")}
    found = drawn(posted([{**A, **given_up}, {**DEARER, "tier": "standard", **given_up}], closed).table, closed, *RETURNED)
    assert {"R-1": 3, "R-2": 2} == dict(zip(found.lots["lot_id"], found.lots["remaining"], strict=True))
    assert (0, 0) == (int(found.ledger["unit_cost_cents"].sum()), int(found.ledger["amount_cents"].sum()))


def test_an_upgrade_that_was_wrong_stays_undone_once_its_correction_is_closed() -> None:
    closed = closed_with_lots(*RETURNED, told=(A, DEARER))
    today = [A, {**DEARER, "tier": "standard"}]
    found = drawn(posted(today, closed).table, closed, *RETURNED)
    (back,) = found.ledger.loc[found.ledger["takes_back"] != "", ["lot_id", "unit_cost_cents"]].itertuples(index=False, name=None)
    assert ("R-1", 16_667 - 42_000) == back
    later = close(found.ledger, "FY2027-P04", closed, lot_table=found.lots)
    again = drawn(posted(today, later).table, later, *RETURNED)
    assert dict(zip(found.lots["lot_id"], found.lots["remaining"], strict=True)) == dict(
        zip(again.lots["lot_id"], again.lots["remaining"], strict=True)
    )
    assert {"R-1": 2, "R-2": 2} == dict(zip(again.lots["lot_id"], again.lots["remaining"], strict=True))


def test_an_upgrade_that_was_wrong_when_no_unit_of_the_cheaper_tier_is_left_is_a_finding() -> None:
    one = (lot("R-1", "2026-07-01", 1, 50_000, returns_on_refund=True), RETURNED[1])
    closed = closed_with_lots(*one, told=(A, DEARER, certificate(4, "2026-09-20", order_id="D")))
    found = drawn(posted([A, {**DEARER, "tier": "standard"}, certificate(4, "2026-09-20", order_id="D")], closed).table, closed, *one)
    assert ["lot-exhausted"] == [finding.code for finding in found.findings]
    assert int(found.lots["drawn_cost_cents"].sum()) == int(found.ledger["unit_cost_cents"].sum())


def test_a_lot_that_is_entered_later_changes_no_closed_draw() -> None:
    closed = closed_with_lots(lot("S-2", "2026-07-01", 3, 50_000))
    earlier = lot("S-1", "2026-06-01", 5, 10_000)
    found = drawn(
        posted([A, B, certificate(3, "2026-10-02", order_id="C")], closed).table, closed, earlier, lot("S-2", "2026-07-01", 3, 50_000)
    )
    by_order = dict(zip(found.ledger["order_id"], found.ledger["lot_id"], strict=True))
    assert ("S-2", "S-1") == (by_order["A"], by_order["C"])


def test_a_lot_that_reads_otherwise_is_as_it_was_and_a_finding() -> None:
    closed = closed_with_lots(lot("S-1", "2026-07-01", 3, 50_000))
    found = drawn(posted([A, B], closed).table, closed, lot("S-1", "2026-07-01", 3, 60_000))
    assert 50_000 == int(found.lots["total_cost_cents"].iloc[0])
    reason = "Lot S-1 has a total cost of $600.00, but closed months drew from it at $500.00; these books go on with that."
    assert [Finding("closed-lot-changed", reason, value="$600.00", column="total_cost", source=900)] == [
        one for one in found.findings if one.code.startswith("closed")
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"purchased_on": day("2026-07-02")}, "a day of purchase of 2026-07-02, but closed months drew from it at 2026-07-01"),
        ({"quantity": 4}, "a quantity of 4, but closed months drew from it at 3"),
        ({"returns_on_refund": True}, "a returns_on_refund of yes, but closed months drew from it at no"),
        ({"units_expire_on": day("2027-07-01")}, ""),
    ],
)
def test_what_a_lot_was_bought_as_may_not_read_otherwise_once_a_closed_month_drew_from_it(changes: dict[str, Any], told: str) -> None:
    closed = closed_with_lots(lot("S-1", "2026-07-01", 3, 50_000))
    found = drawn(posted([A, B], closed).table, closed, {**lot("S-1", "2026-07-01", 3, 50_000), **changes})
    assert ([*changes] if told else []) == [one.column for one in found.findings if one.code == "closed-lot-changed"]
    reasons = [one.reason for one in found.findings if one.code == "closed-lot-changed"]
    assert ([f"Lot S-1 has {told}; these books go on with that."] if told else []) == reasons


def test_a_lot_that_no_closed_month_drew_from_is_as_its_file_says_now() -> None:
    second = lot("S-2", "2026-07-02", 3, 50_000)
    closed = closed_with_lots(lot("S-1", "2026-07-01", 3, 50_000), second)
    found = drawn(posted([A, B], closed).table, closed, lot("S-1", "2026-07-01", 3, 50_000), {**second, "quantity": 5})
    assert ({"S-1": 2, "S-2": 5}, []) == (
        dict(zip(found.lots["lot_id"], found.lots["remaining"], strict=True)),
        [one for one in found.findings if one.code.startswith("closed")],
    )


def test_a_lot_whose_file_is_gone_stands() -> None:
    closed = closed_with_lots(lot("S-1", "2026-07-01", 3, 50_000))
    found = drawn(posted([A, B], closed).table, closed)
    assert [("S-1", 2)] == list(zip(found.lots["lot_id"], found.lots["remaining"], strict=True))


def test_late_items_of_a_year_draw_after_august() -> None:
    assert ["FY2026-P12", "FY2027-P01", "FY2027-P02", "FY2026-P13", "FY2027-P03"] == sorted(
        ["FY2027-P03", "FY2026-P13", "FY2027-P01", "FY2026-P12", "FY2027-P02"], key=calendar.posting_turn
    )
