"""Orders, terms, credits and invoices: who is charged what, when, and why not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from pipeline import chargeback
from pipeline.chargeback import Charged
from pipeline.contracts import CERTIFICATES, EXPORT_ROWS, ContractError
from pipeline.findings import Finding
from tests.orders import AS_OF, PREMIUM, STANDARD, agencies, certificate, charged, day, settings, tables


def lines(stage: Charged, *columns: str) -> list[tuple[Any, ...]]:
    """The ledger's rows as tuples of `columns`; days as text."""
    shown = stage.table.assign(service_on=stage.table["service_on"].dt.strftime("%Y-%m-%d"))
    return list(shown[list(columns)].itertuples(index=False, name=None))


def amounts(stage: Charged) -> list[tuple[Any, ...]]:
    return lines(stage, "service_on", "kind", "amount_cents")


def codes(stage: Charged) -> list[str]:
    return [finding.code for finding in stage.findings]


# what is charged


def test_an_order_is_charged_at_the_rate_of_its_day_and_traced_to_its_row() -> None:
    stage = charged(certificate(12, "2026-11-02", order_id="A-1"))
    entry = stage.table.iloc[0]
    assert ("FY2027-P05", "charge", STANDARD, STANDARD, 2027) == (
        entry["period"], entry["kind"], entry["amount_cents"], entry["rate_cents"], entry["rate_fiscal_year"],
    )  # fmt: skip
    assert ("PARKS", "PARKS", "PARKS-1", "A-1", 12) == (
        entry["agency"], entry["billed_to"], entry["account_id"], entry["order_id"], entry["source"],
    )  # fmt: skip
    assert ("new order", "", "", "") == (entry["reason"], entry["class"], entry["lot_id"], entry["invoice_no"])
    assert 32 == len(entry["entry_id"])
    assert () == stage.findings


def test_the_certificates_of_an_order_are_free_until_its_term_ends() -> None:
    stage = charged(
        certificate(1, "2025-11-01", order_id="A"),
        certificate(2, "2026-05-01", order_id="A"),
        certificate(3, "2026-10-31", order_id="A"),
        certificate(4, "2026-11-01", order_id="A"),
    )
    assert [
        ("2025-11-01", STANDARD, "new order"),
        ("2026-05-01", 0, "reissue within the paid term"),
        ("2026-10-31", 0, "reissue within the paid term"),
        ("2026-11-01", STANDARD, "new term"),
    ] == lines(stage, "service_on", "amount_cents", "reason")


def test_a_term_over_a_leap_day_ends_a_day_earlier_in_the_calendar() -> None:
    stage = charged(certificate(1, "2028-02-01", order_id="A"), certificate(2, "2029-01-31", order_id="A"), as_of=day("2029-06-30"))
    assert [STANDARD, STANDARD] == stage.table["amount_cents"].tolist()


def test_of_two_certificates_on_one_day_the_first_by_validity_then_serial_is_the_issue() -> None:
    later = certificate(1, "2026-11-02", order_id="A", valid_from=pd.Timestamp("2026-11-02T10:00Z"))
    first = certificate(2, "2026-11-02", order_id="A", valid_from=pd.Timestamp("2026-11-02T09:00Z"))
    same = certificate(3, "2026-11-02", order_id="A", valid_from=pd.Timestamp("2026-11-02T10:00Z"), serial="0000")
    paid = charged(later, first, same).table.set_index("source")["amount_cents"]
    assert {2: STANDARD, 1: 0, 3: 0} == paid.to_dict()


def test_without_an_order_number_each_certificate_is_an_order() -> None:
    assert [STANDARD, STANDARD] == charged(certificate(1, "2026-11-02"), certificate(2, "2026-11-03")).table["amount_cents"].tolist()


ALIKE = {"common_name": "a.example.gov", "subject_alternative_names": "a.example.gov", "valid_to": pd.Timestamp("2027-11-02T23:59:59Z")}


def test_without_an_order_number_an_equal_certificate_is_a_reissue() -> None:
    stage = charged(certificate(1, "2026-11-02", **ALIKE), certificate(2, "2026-11-09", **ALIKE))
    assert [("2026-11-02", "charge", STANDARD), ("2026-11-09", "charge", 0)] == amounts(stage)


def test_without_alternative_names_the_common_name_tells_equal_certificates() -> None:
    alike = {**ALIKE, "subject_alternative_names": ""}
    others = {**alike, "common_name": "b.example.gov"}
    stage = charged(*(certificate(number, "2026-11-02", **facts) for number, facts in enumerate((alike, alike, others), start=1)))
    assert [0, STANDARD, STANDARD] == sorted(stage.table["amount_cents"])


@pytest.mark.parametrize("spelling", ["example ca", "Example  CA", "CN=Example CA,O=Example", "/O=Example/CN=Example CA"])
def test_an_issuer_spelled_otherwise_is_no_other_order(spelling: str) -> None:
    first, again = certificate(1, "2026-11-02", **ALIKE), certificate(2, "2026-11-09", **{**ALIKE, "issuer": spelling})
    assert [("2026-11-02", "charge", STANDARD), ("2026-11-09", "charge", 0)] == amounts(charged(first, again))
    respelled = charged({**first, "issuer": spelling}, again).table["entry_id"].tolist()
    assert charged(first, again).table["entry_id"].tolist() == respelled


@pytest.mark.parametrize(
    "difference",
    [
        {"agency": "ROADS"},
        {"tier": "premium"},
        {"issuer": "Other CA"},
        {"subject_alternative_names": "a.example.gov b.example.gov"},
        {"valid_to": pd.Timestamp("2027-11-03T23:59:59Z")},
        {"common_name": "", "subject_alternative_names": ""},
    ],
)
def test_without_an_order_number_any_difference_makes_another_order(difference: dict[str, Any]) -> None:
    stage = charged(certificate(1, "2026-11-02", **ALIKE), certificate(2, "2026-11-09", **{**ALIKE, **difference}))
    assert 0 not in stage.table["amount_cents"].tolist()


def test_certificates_without_any_name_are_never_taken_for_one_another() -> None:
    nameless = {"common_name": "", "subject_alternative_names": "", "serial": "", "valid_to": pd.Timestamp("2027-11-02T23:59:59Z")}
    stage = charged(certificate(1, "2026-11-02", **nameless), certificate(2, "2026-11-02", **nameless))
    assert [STANDARD, STANDARD] == stage.table["amount_cents"].tolist()
    assert 2 == stage.table["entry_id"].nunique()


def test_inventory_and_certificate_files_are_never_charged() -> None:
    stage = charged(certificate(1, "2026-11-02", role="inventory"), certificate(2, "2026-11-02", role="file"))
    assert stage.table.empty
    assert () == stage.findings


def test_a_certificate_file_that_cannot_be_read_does_not_take_a_billed_order_back() -> None:
    assert [STANDARD] == charged(certificate(1, "2026-11-02", parse_status="failed")).table["amount_cents"].tolist()


# rates, begin, as-of day


def test_a_rate_change_within_a_term_changes_the_next_term_only() -> None:
    rates = [
        {"tier": "standard", "amount": 200, "since": day("2024-07-01")},
        {"tier": "standard", "amount": 250, "since": day("2026-07-01")},
    ]
    stage = charged(
        certificate(1, "2025-09-01", order_id="A"),
        certificate(2, "2026-08-01", order_id="A"),
        certificate(3, "2026-09-01", order_id="A"),
        certificate(4, "2026-06-30", order_id="B"),
        certificate(5, "2026-07-01", order_id="C"),
        by=settings(rate=rates),
    )
    assert [
        ("2025-09-01", 20_000, 2026),
        ("2026-06-30", 20_000, 2026),
        ("2026-07-01", 25_000, 2027),
        ("2026-08-01", 0, 2027),
        ("2026-09-01", 25_000, 2027),
    ] == lines(stage, "service_on", "amount_cents", "rate_fiscal_year")


def test_without_a_rate_there_is_a_finding_and_no_charge() -> None:
    stage = charged(certificate(1, "2024-06-30"), by=settings(charges={"begin": day("2024-01-01")}))
    assert stage.table.empty
    reason = "No rate for standard is in force on 2024-06-30, so the certificate is not charged."
    assert (Finding("no-rate", reason, value="standard", column="tier", source=1),) == stage.findings


def test_without_agency_and_rate_both_are_told() -> None:
    stage = charged(certificate(1, "2024-06-30", agency="", agency_text="Parcs"), by=settings(charges={"begin": day("2024-01-01")}))
    assert stage.table.empty
    assert [("no-rate", 1)] == [(finding.code, finding.source) for finding in stage.findings]


def test_a_term_starts_at_the_first_issue_that_can_be_charged() -> None:
    stage = charged(
        certificate(1, "2024-06-30", order_id="A"),
        certificate(2, "2024-07-01", order_id="A"),
        by=settings(charges={"begin": day("2024-01-01")}),
    )
    assert [("2024-07-01", "charge", STANDARD)] == amounts(stage)
    assert ["No rate for standard is in force on 2024-06-30, so the order A is not charged."] == [one.reason for one in stage.findings]


def test_terms_of_the_old_books_cover_their_reissues_and_end() -> None:
    stage = charged(
        certificate(1, "2025-06-30", order_id="A"),
        certificate(2, "2025-07-01", order_id="A"),
        certificate(3, "2026-06-30", order_id="A"),
    )
    assert [("2025-07-01", 0, "reissue within the paid term"), ("2026-06-30", STANDARD, "new term")] == lines(
        stage, "service_on", "amount_cents", "reason"
    )


def test_an_order_of_the_first_day_that_is_charged_is_new_and_one_of_the_day_before_goes_on() -> None:
    first = charged(certificate(1, "2025-07-01", order_id="A"))
    before = charged(certificate(1, "2025-06-30", order_id="A"), certificate(2, "2026-06-30", order_id="A"))
    assert (["new order"], ["new term"]) == (first.table["reason"].tolist(), before.table["reason"].tolist())


def test_by_default_the_books_begin_with_the_first_fiscal_year_that_has_a_rate() -> None:
    rates = [{"tier": "standard", "amount": 200, "since": day("2025-09-01")}]
    told = [certificate(number, on) for number, on in enumerate(("2025-06-30", "2025-07-01", "2025-09-01"), start=1)]
    stage = charged(*told, by=settings(rate=rates, charges={}))
    assert [("2025-09-01", "charge", 20_000)] == amounts(stage)
    assert [("no-rate", 2)] == [(finding.code, finding.source) for finding in stage.findings]


def test_what_lies_after_the_as_of_day_is_a_finding() -> None:
    stage = charged(certificate(1, AS_OF), certificate(2, AS_OF + dt.timedelta(days=1)))
    assert [("2026-11-23", "charge", STANDARD)] == amounts(stage)
    reason = "The day of service, 2026-11-24, lies after the as-of day 2026-11-23; the certificate is not charged."
    assert (Finding("future-stamp", reason, value="2026-11-24", column="issued_on", source=2),) == stage.findings


def test_a_certificate_without_a_day_is_told_and_not_charged() -> None:
    stage = charged(certificate(1, None))
    assert stage.table.empty
    reason = "The certificate has no day of service, so it is not charged."
    assert (Finding("missing-value", reason, column="issued_on", source=1, action="kept"),) == stage.findings


# who cannot be charged


def test_an_unknown_agency_is_charged_to_nobody_and_the_dollars_are_told() -> None:
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", agency="", agency_text="Parcs"),
        certificate(2, "2026-10-01", order_id="A", agency="", agency_text="Parcs"),
        certificate(3, "2026-10-02", order_id="B", agency="", agency_text="Parcs", tier="premium"),
        certificate(4, "2026-10-03", order_id="C", tier=""),
    )
    assert stage.table.empty
    assert [("agency", "Parcs", 1), ("tier", "", 4)] == waiting(stage)
    assert "2 orders, $763.00, are charged to nobody until this agency is known. Orders: A, B." == stage.findings[0].reason


def waiting(stage: Charged) -> list[tuple[str, str, int]]:
    assert {"charge-waiting"} == set(codes(stage))
    return [(finding.column, finding.value, finding.source) for finding in stage.findings]


def told_of_waiting(stage: Charged, *columns: str) -> list[tuple[Any, ...]]:
    """WAITING as tuples of `columns`; days as text."""
    shown = stage.waiting.assign(**{name: stage.waiting[name].dt.strftime("%Y-%m-%d") for name in ("first_on", "last_on")})
    return list(shown[list(columns)].itertuples(index=False, name=None))


def test_each_spelling_tells_what_waits_for_it() -> None:
    """Whoever answers a spelling sees its certificates, those in a paid term too, and the money that waits, to the cent."""
    parks = {"agency": "", "agency_text": "Parcs", "agency_match": "division"}
    stage = charged(
        certificate(1, "2025-06-01", order_id="OLD", **parks),
        certificate(2, "2026-09-01", order_id="A", **parks),
        certificate(3, "2026-10-01", order_id="A", **parks),
        certificate(4, "2026-10-02", order_id="B", tier="premium", agency="", agency_text="Parcs", agency_match="name"),
        certificate(5, "2026-10-03", order_id="C", tier="", product="Plus", **parks),
        certificate(6, "2026-10-04", order_id="C", tier="", product="Plus"),
        certificate(7, "2026-10-05", order_id="D"),
    )
    assert [
        ("agency", "division", "Parcs", 1, 4, STANDARD, STANDARD, "2025-06-01", "2026-10-03", 1, "1 2 3 5"),
        ("agency", "name", "Parcs", 1, 1, PREMIUM, PREMIUM, "2026-10-02", "2026-10-02", 4, "4"),
        ("tier", "product", "Plus", 1, 2, STANDARD, PREMIUM, "2026-10-03", "2026-10-04", 5, "5 6"),
    ] == told_of_waiting(
        stage,
        *("kind", "match", "value", "orders", "certificates", "least_cents", "most_cents", "first_on", "last_on", "source", "sources"),
    )


COLUMNS = ("kind", "value", "orders", "certificates", "least_cents", "most_cents")


def test_a_spelling_of_a_paid_term_waits_with_its_certificates_and_no_money() -> None:
    unknown = {"agency": "", "agency_text": "Parcs"}
    stage = charged(certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-10-01", order_id="A", **unknown))
    assert () == stage.findings
    assert [("agency", "Parcs", 0, 1, 0, 0)] == told_of_waiting(stage, *COLUMNS)


def test_a_dearer_reissue_whose_agency_is_not_known_waits_with_the_difference() -> None:
    unknown = {"agency": "", "agency_text": "Parcs", "tier": "premium"}
    stage = charged(certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-10-01", order_id="A", **unknown))
    assert [STANDARD] == stage.table["amount_cents"].tolist()
    assert [("agency", "Parcs", 1, 1, PREMIUM - STANDARD, PREMIUM - STANDARD)] == told_of_waiting(stage, *COLUMNS)
    (finding,) = stage.findings
    assert "1 order is charged only in part: $321.00 more waits until this agency is known. Order: A." == finding.reason


def test_a_reissue_of_an_unknown_product_may_be_an_upgrade() -> None:
    stage = charged(certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-10-01", order_id="A", tier="", product="Plus"))
    assert [("tier", "Plus", 1, 1, 0, PREMIUM - STANDARD)] == told_of_waiting(stage, *COLUMNS)
    (finding,) = stage.findings
    assert ("1 order is charged only in part: up to $321.00 more waits until this product is known. Order: A.", 2) == (
        finding.reason, finding.source
    )  # fmt: skip


def test_an_upgrade_of_a_term_of_the_old_books_waits_too() -> None:
    unknown = {"agency": "", "agency_text": "Parcs", "tier": "premium"}
    stage = charged(certificate(1, "2025-06-01", order_id="A"), certificate(2, "2025-10-01", order_id="A", **unknown))
    assert [("agency", "Parcs", 1, 1, PREMIUM - STANDARD, PREMIUM - STANDARD)] == told_of_waiting(stage, *COLUMNS)


def test_a_dearer_first_certificate_waits_with_what_the_later_one_did_not_cost() -> None:
    unknown = {"agency": "", "agency_text": "Parcs", "tier": "premium"}
    stage = charged(certificate(1, "2026-09-01", order_id="A", **unknown), certificate(2, "2026-10-01", order_id="A"))
    assert [("agency", "Parcs", 1, 1, PREMIUM - STANDARD, PREMIUM - STANDARD)] == told_of_waiting(stage, *COLUMNS)


def test_what_waits_for_a_rate_has_no_dollars_and_counts_upgrades_that_cannot_be_priced() -> None:
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", tier="gold"),
        certificate(2, "2026-09-01", order_id="B"),
        certificate(3, "2026-09-02", order_id="B", tier="gold"),
    )
    assert ["no-rate", "no-rate"] == codes(stage)
    assert [("rate", "", "gold", 0, 2, "1 3")] == told_of_waiting(stage, "kind", "match", "value", "orders", "certificates", "sources")
    assert stage.waiting[["least_cents", "most_cents"]].isna().all(axis=None)


def test_of_two_unknown_spellings_in_one_order_the_money_waits_for_the_first() -> None:
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", agency="", agency_text="Rodes"),
        certificate(2, "2026-10-01", order_id="A", agency="", agency_text="Parcs"),
    )
    assert [("agency", "Rodes", 1)] == waiting(stage)
    columns = ("value", "orders", "certificates", "least_cents")
    assert [("Parcs", 0, 1, 0), ("Rodes", 1, 1, STANDARD)] == told_of_waiting(stage, *columns)


@pytest.mark.parametrize(("second", "cents"), [("2026-08-31", STANDARD), ("2026-09-01", 2 * STANDARD)])
def test_what_waits_has_terms_of_365_days_like_what_is_charged(second: str, cents: int) -> None:
    unknown = {"order_id": "A", "agency": "", "agency_text": "Parcs"}
    stage = charged(certificate(1, "2025-09-01", **unknown), certificate(2, second, **unknown))
    assert [(1, 2, cents)] == told_of_waiting(stage, "orders", "certificates", "least_cents")


@pytest.mark.parametrize(("paid", "cents"), [("2026-08-31", 0), ("2026-09-01", STANDARD)])
def test_nothing_waits_for_a_certificate_whose_order_is_charged_within_its_term(paid: str, cents: int) -> None:
    stage = charged(certificate(1, "2025-09-01", order_id="A", agency="", agency_text="Parcs"), certificate(2, paid, order_id="A"))
    assert [(cents,)] == told_of_waiting(stage, "least_cents")


def test_of_two_answers_that_an_order_lacks_each_has_the_money_that_it_adds() -> None:
    """Who pays the first certificate adds its charge; what the second one is adds up to the difference of an upgrade."""
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", agency="", agency_text="Parcs"),
        certificate(2, "2026-10-01", order_id="A", tier="", product="Plus"),
    )
    assert [("agency", "Parcs", STANDARD, STANDARD), ("tier", "Plus", 0, PREMIUM - STANDARD)] == told_of_waiting(
        stage, "kind", "value", "least_cents", "most_cents"
    )


def test_a_certificate_that_names_no_agency_waits_for_the_domain_of_its_hosts() -> None:
    stage = charged(certificate(1, "2026-09-01", order_id="A", agency="", agency_text=""))
    assert [("agency", "domain", "example.gov", STANDARD)] == told_of_waiting(stage, "kind", "match", "value", "least_cents")


def test_what_waits_is_told_in_the_order_of_the_words_whatever_column_they_stood_in() -> None:
    stage = charged(
        certificate(1, "2026-09-01", agency="", agency_text="Zoo", agency_match="code"),
        certificate(2, "2026-09-01", agency="", agency_text="Arts", agency_match="name"),
        certificate(3, "2026-09-01", tier="", product="Basic"),
    )
    assert [("agency", "Arts", 2), ("agency", "Zoo", 1), ("tier", "Basic", 3)] == waiting(stage)


def test_two_orders_that_are_charged_in_part_are_told_together() -> None:
    unknown = {"agency": "", "agency_text": "Parcs", "tier": "premium"}
    stage = charged(
        *(certificate(number, "2026-09-01", order_id=order) for number, order in ((1, "A"), (2, "B"))),
        *(certificate(number, "2026-10-01", order_id=order, **unknown) for number, order in ((3, "A"), (4, "B"))),
    )
    assert ["2 orders are charged only in part: $642.00 more wait until this agency is known. Orders: A, B."] == [
        finding.reason for finding in stage.findings
    ]


def test_nothing_waits_where_everything_is_known() -> None:
    assert charged(certificate(1, "2026-09-01")).waiting.empty


def test_an_unknown_product_is_charged_to_nobody_and_the_range_of_dollars_is_told() -> None:
    unknown = {"tier": "", "product": "Wildcard Plus"}
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", **unknown),
        certificate(2, "2026-10-01", order_id="A", **unknown),
        certificate(3, "2026-10-02", order_id="B", agency="", **unknown),
        certificate(4, "2026-10-03", **unknown),
        certificate(5, "2026-10-03", order_id="C", tier="", product="Code signing"),
    )
    assert stage.table.empty
    assert [("tier", "Code signing", 5), ("tier", "Wildcard Plus", 1)] == waiting(stage)
    assert [
        "1 order, between $221.00 and $542.00, is charged to nobody until this product is known. Order: C.",
        "3 orders, between $663.00 and $1,626.00, are charged to nobody until this product is known. Orders: A, B, host4.example.gov.",
    ] == [finding.reason for finding in stage.findings]


def test_the_range_of_an_unknown_product_is_that_of_the_rates_of_each_day() -> None:
    rates = [
        {"tier": "standard", "amount": 200, "since": day("2025-07-01")},
        {"tier": "standard", "amount": 250, "since": day("2026-07-01")},
    ]
    unknown = {"tier": "", "product": "Plus"}
    told = [certificate(number, on, order_id=str(number), **unknown) for number, on in enumerate(("2026-06-30", "2026-07-01"), start=1)]
    (finding,) = charged(*told, by=settings(rate=rates)).findings
    assert "2 orders, $450.00, are charged to nobody until this product is known. Orders: 1, 2." == finding.reason


def test_no_dollars_wait_for_a_product_in_a_paid_term_before_the_books_or_without_any_rate() -> None:
    assert (
        ()
        == charged(certificate(1, "2026-09-01", order_id="A", tier="premium"), certificate(2, "2026-10-01", order_id="A", tier="")).findings
    )
    assert () == charged(certificate(1, "2025-06-30", tier="")).findings
    assert () == charged(certificate(1, "2024-06-30", tier=""), by=settings(charges={"begin": day("2024-01-01")})).findings


@pytest.mark.parametrize(("orders", "more"), [(5, ""), (8, " and 3 more")])
def test_of_many_orders_that_wait_five_are_named(orders: int, more: str) -> None:
    told = [certificate(number, "2026-09-01", order_id=f"A-{number}", agency="", agency_text="Parcs") for number in range(1, orders + 1)]
    (finding,) = charged(*told).findings
    assert f"Orders: A-1, A-2, A-3, A-4, A-5{more}." == finding.reason.partition("known. ")[2]


def test_an_order_that_waits_with_two_terms_is_one_order() -> None:
    told = [certificate(number, on, order_id="A", agency="", agency_text="Parcs") for number, on in ((1, "2025-09-01"), (2, "2026-10-01"))]
    (finding,) = charged(*told).findings
    assert "1 order, $442.00, is charged to nobody until this agency is known. Order: A." == finding.reason


def test_no_dollars_wait_where_the_order_is_paid_all_the_same() -> None:
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", agency=""),
        certificate(2, "2026-10-01", order_id="A"),
        certificate(3, "2026-11-01", order_id="A", agency=""),
    )
    assert [("2026-10-01", "charge", STANDARD)] == amounts(stage)
    assert () == stage.findings


# dearer tiers


def test_after_a_reissue_into_a_dearer_tier_the_order_has_paid_the_dearer_rate_of_that_day() -> None:
    rates = [
        {"tier": "standard", "amount": 200, "since": day("2024-07-01")},
        {"tier": "premium", "amount": 500, "since": day("2024-07-01")},
        {"tier": "standard", "amount": 250, "since": day("2026-07-01")},
        {"tier": "premium", "amount": 600, "since": day("2026-07-01")},
    ]
    stage = charged(
        certificate(1, "2026-06-01", order_id="A"),
        certificate(2, "2026-08-01", order_id="A", tier="premium"),
        certificate(3, "2026-09-01", order_id="A", tier="premium"),
        certificate(4, "2026-10-01", order_id="A", tier="standard"),
        by=settings(rate=rates),
    )
    table = stage.table
    assert [("2026-08-01", "adjustment", "premium", 60_000, 40_000)] == [
        line for line in lines(stage, "service_on", "kind", "tier", "rate_cents", "amount_cents") if line[1] == "adjustment"
    ]
    assert 60_000 == table["amount_cents"].sum()
    reason = table.loc[table["kind"] == "adjustment", "reason"].item()
    assert "600.00 − 200.00: upgrade of the order charged in June 2026 (FY2026-P12)" == reason
    assert 3 == int(((table["kind"] == "charge") & (table["amount_cents"] == 0)).sum())
    charge = table.loc[(table["kind"] == "charge") & (table["amount_cents"] > 0), "entry_id"].item()
    assert charge == table.loc[table["kind"] == "adjustment", "amends"].item()


THREE_TIERS = {name: [name] for name in ("standard", "premium", "gold")}


def adjustments(stage: Charged) -> list[tuple[Any, ...]]:
    table = stage.table[stage.table["kind"] == "adjustment"].sort_values("service_on")
    return list(table[["tier", "amount_cents", "reason"]].itertuples(index=False, name=None))


def test_a_second_upgrade_counts_what_the_first_one_paid() -> None:
    stage = charged(
        certificate(1, "2026-06-01", order_id="A"),
        certificate(2, "2026-08-01", order_id="A", tier="premium"),
        certificate(3, "2026-09-01", order_id="A", tier="gold"),
        by=settings(
            tiers=THREE_TIERS,
            rate=[
                {"tier": "standard", "amount": Decimal("221.19"), "since": day("2024-07-01")},
                {"tier": "premium", "amount": Decimal("542.00"), "since": day("2024-07-01")},
                {"tier": "gold", "amount": Decimal("1542.50"), "since": day("2024-07-01")},
            ],
        ),
    )
    assert [
        ("premium", 32_081, "542.00 − 221.19: upgrade of the order charged in June 2026 (FY2026-P12)"),
        ("gold", 100_050, "1,542.50 − 542.00: upgrade of the order charged in June 2026 (FY2026-P12)"),
    ] == adjustments(stage)
    assert 154_250 == stage.table["amount_cents"].sum()


FALLEN = [
    {"tier": "standard", "amount": 300, "since": day("2024-07-01")},
    {"tier": "premium", "amount": 500, "since": day("2024-07-01")},
    {"tier": "standard", "amount": 100, "since": day("2026-07-01")},
    {"tier": "premium", "amount": 250, "since": day("2026-07-01")},
]


def test_where_rates_fell_in_the_term_an_upgrade_costs_nothing_and_gives_nothing_back() -> None:
    told = certificate(1, "2026-06-25", order_id="A"), certificate(2, "2026-07-05", order_id="A", tier="premium")
    stage = charged(*told, by=settings(rate=FALLEN))
    assert [
        ("premium", 0, "no difference: 250.00 is not more than the 300.00 of the order charged in June 2026 (FY2026-P12)")
    ] == adjustments(stage)
    refunded = charged(*({**facts, "revoked_on": day("2026-07-10")} for facts in told), by=settings(rate=FALLEN))
    assert 0 == refunded.table["amount_cents"].sum()


def test_after_an_upgrade_that_cost_nothing_the_next_one_counts_what_was_really_paid() -> None:
    """Paid 300; premium costs 250 by then, so nothing is due; gold at 400 then costs 100 more, not 150."""
    stage = charged(
        certificate(1, "2026-06-25", order_id="A"),
        certificate(2, "2026-07-05", order_id="A", tier="premium"),
        certificate(3, "2026-07-06", order_id="A", tier="gold"),
        by=settings(tiers=THREE_TIERS, rate=[*FALLEN, {"tier": "gold", "amount": 400, "since": day("2024-07-01")}]),
    )
    assert [0, 10_000] == [cents for _, cents, _ in adjustments(stage)]
    assert 40_000 == stage.table["amount_cents"].sum()


def test_an_upgrade_of_a_term_of_the_old_books_counts_the_rate_of_its_first_day_as_paid() -> None:
    rates = [
        {"tier": "standard", "amount": 200, "since": day("2024-07-01")},
        {"tier": "standard", "amount": 250, "since": day("2025-07-01")},
        {"tier": "premium", "amount": 600, "since": day("2024-07-01")},
    ]
    stage = charged(
        certificate(1, "2025-06-01", order_id="A"), certificate(2, "2025-09-10", order_id="A", tier="premium"), by=settings(rate=rates)
    )
    reason = "600.00 − 200.00: upgrade of the order paid in the old books in June 2025 (FY2025-P12)"
    assert [("premium", 40_000, reason)] == adjustments(stage)


def test_an_upgrade_of_a_term_that_began_before_the_rate_card_cannot_be_priced() -> None:
    rates = [{"tier": tier, "amount": amount, "since": day("2025-07-01")} for tier, amount in (("standard", 200), ("premium", 500))]
    upgraded = charged(
        certificate(1, "2025-06-30", order_id="A"), certificate(2, "2025-07-02", order_id="A", tier="premium"), by=settings(rate=rates)
    )
    assert [0] == upgraded.table["amount_cents"].tolist()
    assert [("no-rate", 2)] == [(finding.code, finding.source) for finding in upgraded.findings]


def test_a_cheaper_reissue_changes_nothing() -> None:
    stage = charged(certificate(1, "2026-06-01", order_id="A", tier="premium"), certificate(2, "2026-08-01", order_id="A"))
    assert [("2026-06-01", "charge", PREMIUM), ("2026-08-01", "charge", 0)] == amounts(stage)


def test_a_tier_without_a_rate_cannot_be_priced_and_says_so() -> None:
    stage = charged(
        certificate(1, "2026-06-01", order_id="A"),
        certificate(2, "2026-08-01", order_id="A", tier="gold"),
        by=settings(tiers={"standard": ["standard"], "premium": ["premium"], "gold": ["gold"]}),
    )
    assert [STANDARD, 0] == stage.table["amount_cents"].tolist()
    reason = (
        "The order was paid as standard on 2026-06-01 and reissued as gold on 2026-08-01; for one of the two days a rate is missing, so an "
        "upgrade cannot be priced and none is charged."
    )
    assert (Finding("no-rate", reason, value="gold", column="tier", source=2),) == stage.findings


# credits


@pytest.mark.parametrize(("revoked_on", "credited"), [("2026-09-01", True), ("2026-10-01", True), ("2026-10-02", False)])
def test_thirty_days_are_refunded_and_thirty_one_are_not(revoked_on: str, credited: bool) -> None:
    stage = charged(certificate(1, "2026-09-01", order_id="A", revoked_on=day(revoked_on)))
    expected = [("2026-09-01", "charge", STANDARD)] + [(revoked_on, "credit", -STANDARD)] * credited
    assert sorted(expected) == sorted(amounts(stage))


def test_a_credit_names_its_charge_and_is_posted_in_the_month_of_the_revocation() -> None:
    stage = charged(certificate(1, "2026-06-20", revoked_on=day("2026-07-05")))
    charge, credit = stage.table.to_dict("records")
    assert (charge["entry_id"], "FY2026-P12", "FY2027-P01") == (credit["reverses"], charge["period"], credit["period"])
    assert (2026, STANDARD, "PARKS") == (credit["rate_fiscal_year"], credit["rate_cents"], credit["agency"])


def test_an_order_is_credited_once_and_only_when_all_its_certificates_are_revoked() -> None:
    first = certificate(1, "2026-09-01", order_id="A", revoked_on=day("2026-09-05"))
    assert 1 == charged(first, certificate(2, "2026-09-03", order_id="A")).table["amount_cents"].gt(0).sum()
    assert STANDARD == charged(first, certificate(2, "2026-09-03", order_id="A")).table["amount_cents"].sum()
    both = charged(first, certificate(2, "2026-09-03", order_id="A", revoked_on=day("2026-09-20")))
    assert [("2026-09-20", "credit", -STANDARD)] == [line for line in amounts(both) if line[1] == "credit"]


def test_a_certificate_of_the_order_that_nobody_can_be_charged_for_still_holds_its_term() -> None:
    first = certificate(1, "2026-09-01", order_id="A", revoked_on=day("2026-09-05"))
    stage = charged(first, certificate(2, "2026-09-03", order_id="A", agency=""))
    assert [("2026-09-01", "charge", STANDARD)] == amounts(stage)


def test_every_amount_of_a_term_is_credited_exactly() -> None:
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", revoked_on=day("2026-09-10")),
        certificate(2, "2026-09-05", order_id="A", tier="premium", revoked_on=day("2026-09-11")),
    )
    credits = stage.table[stage.table["kind"] == "credit"]
    assert [-(PREMIUM - STANDARD), -STANDARD] == sorted(credits["amount_cents"])
    assert ["2026-09-11"] * 2 == credits["service_on"].dt.strftime("%Y-%m-%d").tolist()
    assert 0 == stage.table["amount_cents"].sum()


def test_a_revocation_after_the_as_of_day_is_not_known_yet() -> None:
    stage = charged(certificate(1, "2026-11-20", revoked_on=day("2026-11-24")))
    assert [("2026-11-20", "charge", STANDARD)] == amounts(stage)


def test_a_revocation_on_the_as_of_day_is_known() -> None:
    stage = charged(certificate(1, "2026-11-20", revoked_on=AS_OF))
    assert [("2026-11-20", "charge", STANDARD), ("2026-11-23", "credit", -STANDARD)] == amounts(stage)


def test_where_one_revocation_came_too_late_nobody_is_asked_for_the_day_of_another() -> None:
    late = charged(
        certificate(1, "2026-09-01", order_id="A", status="revoked"),
        certificate(2, "2026-09-02", order_id="A", revoked_on=day("2026-10-02")),
    )
    assert ([("2026-09-01", "charge", STANDARD)], []) == ([one for one in amounts(late) if one[2]], codes(late))


def test_where_the_other_revocations_came_in_time_the_day_of_one_is_asked_for() -> None:
    in_time = charged(
        certificate(1, "2026-09-01", order_id="A", status="revoked"),
        certificate(2, "2026-09-02", order_id="A", revoked_on=day("2026-10-01")),
    )
    assert STANDARD == in_time.table["amount_cents"].sum()
    assert [("missing-value", 1)] == [(finding.code, finding.source) for finding in in_time.findings]


def test_a_revocation_without_a_day_is_asked_about() -> None:
    stage = charged(certificate(1, "2026-11-20", status="revoked"))
    assert [("2026-11-20", "charge", STANDARD)] == amounts(stage)
    reason = (
        "The certificate is revoked, but the export gives no day of revocation, so the charge stands. If it was revoked within 30 days of "
        "the order's day of service, fill the day in: the order is then credited."
    )
    assert (Finding("missing-value", reason, column="revoked_on", source=1, severity="warning", action="kept"),) == stage.findings


def test_a_revocation_before_the_issue_is_credited_on_the_day_of_issue() -> None:
    stage = charged(certificate(1, "2026-07-01", revoked_on=day("2026-06-30")))
    assert {"FY2027-P01"} == set(stage.table["period"])
    assert 0 == stage.table["amount_cents"].sum()


def test_the_old_books_credit_their_own_charges() -> None:
    assert charged(certificate(1, "2025-06-30", revoked_on=day("2025-07-02"))).table.empty


# identity


def test_evidence_that_arrives_later_never_bills_again() -> None:
    told = [
        certificate(1, "2026-09-01", **ALIKE),
        certificate(2, "2026-09-02", **ALIKE),
        certificate(3, "2026-09-03", order_id="A", serial=""),
        certificate(4, "2026-09-04", order_id="A", serial=""),
    ]
    seen = [
        {
            **facts,
            "issuer_in_file": "CN=Example CA 2,O=Example",
            "serial_in_file": "7f00",
            "names_in_file": f"a.example.gov b{number}.example.gov",
            "valid_from_in_file": pd.Timestamp("2026-09-05T00:00:00Z"),
            "valid_to_in_file": pd.Timestamp("2027-10-02T11:00:00Z"),
            "fingerprint_sha256_in_file": "ab" * 32,
        }
        for number, facts in enumerate(told[1:])
    ]
    without, with_files = charged(*told), charged(told[0], *seen)
    assert lines(without, "entry_id", "amount_cents", "agency") == lines(with_files, "entry_id", "amount_cents", "agency")


def test_the_name_of_an_entry_depends_on_what_is_billed_only() -> None:
    one = charged(certificate(1, "2026-09-01", order_id="A"))
    moved = charged(certificate(7, "2026-10-01", order_id="A", agency="ROADS", tier="premium"))
    other = charged(certificate(1, "2026-09-01", order_id="B"))
    assert one.table["entry_id"].item() == moved.table["entry_id"].item()
    assert one.table["entry_id"].item() != other.table["entry_id"].item()


def test_the_names_of_entries_are_those_that_closed_months_hold() -> None:
    """Another release reads the closed months of this one: under another name it would bill a closed line again."""
    given_up = {"revoked_on": day("2026-09-20")}
    stage = charged(
        certificate(1, "2026-09-01", order_id="A", **given_up),
        certificate(3, "2026-09-10", order_id="A", tier="premium", **given_up),
        certificate(4, "2026-09-02"),
    )
    assert {
        ("charge", STANDARD, "A"): "f6c7466fba6dd7b50ec6840dba500e3d",
        ("charge", 0, "A"): "217541036fd5bd730d0bc069a7beb3e3",
        ("adjustment", PREMIUM - STANDARD, "A"): "f67dea959c04e962d18d27d0d18455a9",
        ("credit", STANDARD - PREMIUM, "A"): "3d0c1a76a67063d3fb436fb2e30ae8ec",
        ("credit", -STANDARD, "A"): "b79930069e4349873a2b915fe4ceaeea",
        ("charge", STANDARD, ""): "5067f03e6957b62aa90a73614f366abe",
    } == {tuple(row): name for *row, name in lines(stage, "kind", "amount_cents", "order_id", "entry_id")}


def test_an_order_that_renews_another_says_so_and_nothing_else_of_it_changes() -> None:
    old = certificate(1, "2025-11-01", order_id="A")
    new = certificate(2, "2026-10-20", order_id="B")
    again = certificate(3, "2026-11-10", order_id="B")
    alone = charged(old, new, again)
    linked = charged(old, new | {"replaces": "Example CA/0001/1"}, again | {"replaces": "Example CA/0002/2"})
    assert ["new order", "new order, renews order A", "reissue within the paid term"] == linked.table["reason"].tolist()
    assert ["new order", "new order", "reissue within the paid term"] == alone.table["reason"].tolist()
    assert alone.table.drop(columns="reason").equals(linked.table.drop(columns="reason"))


def test_only_another_order_with_a_number_can_be_named_as_renewed() -> None:
    unnumbered = charged(certificate(1, "2025-11-01"), certificate(2, "2026-10-20", order_id="B", replaces="Example CA/0001/1"))
    assert ["new order", "new order"] == unnumbered.table["reason"].tolist()
    later_term = charged(
        certificate(1, "2025-09-01", order_id="A"), certificate(2, "2026-10-20", order_id="A", replaces="Example CA/0001/1")
    )
    assert ["new order", "new term"] == later_term.table["reason"].tolist()


def test_rows_that_say_the_same_stay_two_entries() -> None:
    twins = [certificate(number, "2026-09-01", order_id="A", serial="0a") for number in (1, 2, 3)]
    alone = [certificate(number, "2026-09-01", serial="0b", agency=agency) for number, agency in ((4, "PARKS"), (5, "ROADS"))]
    stage = charged(*twins, *alone)
    assert 5 == stage.table["entry_id"].nunique()
    assert 3 * STANDARD == stage.table["amount_cents"].sum()


def test_a_certificate_whose_row_is_unknown_breaks_the_promise_between_the_stages() -> None:
    certificates, _ = tables([certificate(1, "2026-09-01")])
    with pytest.raises(ContractError, match="export row"):
        chargeback.ledger(certificates, EXPORT_ROWS.empty(), agencies(), settings(), AS_OF)


def test_no_certificates_make_an_empty_ledger_and_no_invoice() -> None:
    stage = chargeback.ledger(CERTIFICATES.empty(), EXPORT_ROWS.empty(), agencies(), settings(), AS_OF)
    assert stage.table.empty
    assert chargeback.invoices(stage.table).empty


# invoices


def test_a_merged_agency_is_billed_to_its_successor_at_the_end_of_the_period() -> None:
    to = agencies(
        {"agency": "FERRY", "account_id": "F", "valid_to": day("2026-09-15"), "successor": "ROADS"},
        {"agency": "ROADS", "account_id": "R-old", "valid_to": day("2026-09-30")},
        {"agency": "ROADS", "account_id": "R-new", "valid_from": day("2026-10-01")},
    )
    stage = charged(
        certificate(1, "2026-08-31", agency="FERRY"),
        certificate(2, "2026-09-01", agency="FERRY"),
        certificate(3, "2026-10-01", agency="ROADS"),
        to=to,
    )
    assert [("FERRY", "FERRY", "F"), ("FERRY", "ROADS", "R-old"), ("ROADS", "ROADS", "R-new")] == lines(
        stage, "agency", "billed_to", "account_id"
    )


def test_a_credit_goes_to_whoever_is_billed_for_the_agency_that_was_charged() -> None:
    to = agencies({"agency": "FERRY", "valid_to": day("2026-09-30"), "successor": "ROADS"}, {"agency": "ROADS"})
    stage = charged(certificate(1, "2026-09-25", agency="FERRY", revoked_on=day("2026-10-05")), to=to)
    assert [("charge", "FERRY", "FERRY"), ("credit", "FERRY", "ROADS")] == lines(stage, "kind", "agency", "billed_to")


@pytest.mark.parametrize(("begins", "account"), [("2026-09-30", "P-2"), ("2026-10-01", "P-1"), ("2026-09-01", "P-2")])
def test_the_account_of_a_month_is_that_of_its_last_day(begins: str, account: str) -> None:
    until = day(begins) - dt.timedelta(days=1)
    spells = agencies(
        {"agency": "PARKS", "account_id": "P-2", "valid_from": day(begins)}, {"agency": "PARKS", "account_id": "P-1", "valid_to": until}
    )
    assert [account] == charged(certificate(1, "2026-09-05"), to=spells).table["account_id"].tolist()


def test_before_its_first_spell_an_agency_has_the_account_of_that_spell() -> None:
    later = agencies(
        {"agency": "PARKS", "account_id": "P-2", "valid_from": day("2027-01-01")},
        {"agency": "PARKS", "account_id": "P-1", "valid_from": day("2026-11-01"), "valid_to": day("2026-12-31")},
    )
    assert ["P-1"] == charged(certificate(1, "2026-09-05"), to=later).table["account_id"].tolist()


def test_an_invoice_is_an_agency_and_a_month() -> None:
    stage = charged(
        certificate(1, "2026-09-01", order_id="A"),
        certificate(2, "2026-09-02", order_id="A"),
        certificate(3, "2026-09-03", agency="ROADS"),
        certificate(4, "2026-10-03", agency="ROADS", revoked_on=day("2026-11-01")),
    )
    found = chargeback.invoices(stage.table)
    assert [
        ("PARKS", "FY2027-P03", 2, STANDARD, "invoices/FY2027-P03/PARKS.xlsx"),
        ("ROADS", "FY2027-P03", 1, STANDARD, "invoices/FY2027-P03/ROADS.xlsx"),
        ("ROADS", "FY2027-P04", 1, STANDARD, "invoices/FY2027-P04/ROADS.xlsx"),
        ("ROADS", "FY2027-P05", 1, -STANDARD, "invoices/FY2027-P05/ROADS.xlsx"),
    ] == list(found[["agency", "period", "lines", "amount_cents", "workbook"]].itertuples(index=False, name=None))
    assert {("", "draft")} == set(zip(found["invoice_no"], found["status"], strict=True))
    assert found["due_on"].isna().all()


def test_several_accounts_of_an_agency_have_workbooks_of_their_own() -> None:
    table = charged(*(certificate(number, "2026-09-01") for number in range(1, 5))).table
    table["account_id"] = pd.Series(["30", "10", "20", "10"], dtype="str")
    table["billed_to"] = pd.Series(["DOT", "DOT", "DOT", "DOT-2"], dtype="str")
    found = chargeback.invoices(table)
    assert ["DOT.xlsx", "DOT-3.xlsx", "DOT-4.xlsx", "DOT-2.xlsx"] == [path.rsplit("/", 1)[1] for path in found["workbook"]]
    assert ["10", "20", "30", "10"] == found["account_id"].tolist()
