"""What the run asks: each spelling once, with what waits for it and a guess that is never applied by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from pipeline import accounts
from pipeline.agencies import of_nobody
from pipeline.contracts import Books
from pipeline.entries import question_id
from pipeline.settings import Settings
from tests.sources.offices import AS_OF, Office, certificate, certificates, table

AGENCIES = (
    "agency,name,billing_contact,security_contact,valid_from,valid_to,successor\n"
    "DLH,Department of Lighthouses,finance@dlh.example.gov,security@dlh.example.gov,,,\n"
    "MAP,Office of Maps and Bounds,finance@map.example.gov,,,,\n"
    "OTR,Office of Tidal Records,,,,2026-06-30,DLH\n"
)
SINCE = dt.date(2025, 7, 1)
CHARGED = {
    "rate": [
        {"tier": "standard", "amount": Decimal("221.19"), "since": SINCE},
        {"tier": "premium", "amount": Decimal("542.00"), "since": SINCE},
    ],
    "charges": {"begin": SINCE},
}
INNER = ("serial_number", "common_name", "issuer", "valid_from", "valid_to")
INVENTORY = {
    "files": "exports/inner.csv", "kind": "certificates", "role": "inventory", "columns": {name: name for name in INNER},
}  # fmt: skip
REQUESTS = "request_id,kind,agency,submitted_at,status,contact_email\n"


def asked(office: Office, *rows: list[str], **more: Any) -> list[dict[str, Any]]:
    return drawn_up(office, *rows, **more).questions.to_dict("records")


def drawn_up(office: Office, *rows: list[str], requests: str = "", aliases: str = "", source: Sequence[Any] = ()) -> Books:
    office.put("reference/agencies.csv", AGENCIES)
    office.put("inbox/exports/2026-11.csv", certificates(*rows))
    if requests:
        office.put("inbox/requests/log.csv", REQUESTS + requests)
    if aliases:
        office.put("entries/aliases.csv", "kind,match,value,means\n" + aliases)
    settings = {**CHARGED, "source": list(source)}
    return accounts.account(office.read(**settings), Settings.model_validate(settings), AS_OF)


def bought(number: int, **cells: str) -> list[str]:
    """A certificate of an order of its own."""
    usual = {"order_id": f"A-{number}", "serial_number": f"0a{number:02x}", "common_name": f"www{number}.dlh.example.gov"}
    return certificate(**{**usual, **cells})


def test_a_spelling_is_asked_once_with_its_certificates_orders_requests_and_dollars(office: Office) -> None:
    (question,) = asked(
        office,
        bought(1, agency="Lighthouse Dept"),
        bought(2, agency="LIGHTHOUSE  dept", tier="premium"),
        bought(3, agency="DLH"),
        requests="R-1,new,lighthouse dept,2026-11-02T09:00:00,open,\n",
    )
    assert ("agency", "name", "Lighthouse Dept") == (question["kind"], question["match"], question["value"])
    assert (2, 2, 1) == (question["certificates"], question["orders"], question["requests"])
    assert (22119 + 54200, 22119 + 54200) == (question["least_cents"], question["most_cents"])
    assert question_id("agency", "name", " lighthouse   DEPT") == question["question"]


@pytest.mark.parametrize(
    ("cells", "value", "least"),
    [({"agency": "Lighthouse Dept", "tier": "premium"}, "Lighthouse Dept", 32081), ({"tier": "Plus"}, "Plus", 0)],
)
def test_an_upgrade_that_waits_is_asked_with_its_difference(office: Office, cells: dict[str, str], value: str, least: int) -> None:
    reissue = bought(2, order_id="A-1", common_name="www1.dlh.example.gov", issued_on="2026-11-02", valid_from="2026-11-02", **cells)
    books = drawn_up(office, bought(1), reissue)
    (question,) = books.questions.to_dict("records")
    assert (value, 1, least, 32081) == tuple(question[name] for name in ("value", "orders", "least_cents", "most_cents"))
    (told,) = books.findings.loc[books.findings["code"].isin(["unknown-agency", "unknown-tier"]), "reason"]
    assert told.endswith("Until it is known, nothing is charged for this certificate of order A-1.")


def test_a_product_is_asked_with_the_range_of_what_it_may_cost(office: Office) -> None:
    (question,) = asked(office, bought(1, tier="Wildcard Plus"))
    assert ("tier", "product", "Wildcard Plus") == (question["kind"], question["match"], question["value"])
    assert (22119, 54200) == (question["least_cents"], question["most_cents"])


def test_a_word_for_a_kind_of_request_is_asked(office: Office) -> None:
    requests = "R-1,Password reset,DLH,2026-11-02T09:00:00,open,\nR-2,renew,DLH,2026-11-02T09:00:00,open,\n"
    (question,) = asked(office, requests=requests + "R-3,password-reset,DLH,2026-11-02T09:00:00,open,\n")
    assert ("kind", "kind", "Password reset", 2) == (question["kind"], question["match"], question["value"], question["requests"])


def test_hosts_that_nobody_is_known_to_own_are_asked_by_their_domain(office: Office) -> None:
    rows = [
        ["0b01", "door.map.example.gov", "Inner CA", "2026-10-01", "2027-04-18"],
        ["0b02", "*.map.example.gov", "Inner CA", "2026-10-01", "2027-04-18"],
        ["0b03", "old.map.example.gov", "Inner CA", "2024-10-01", "2025-04-18"],
    ]
    office.put("inbox/exports/inner.csv", table(INNER, rows))
    (question,) = asked(office, source=[INVENTORY])
    assert ("agency", "domain", "map.example.gov", 2) == tuple(question[name] for name in ("kind", "match", "value", "certificates"))
    assert ("MAP", 0) == (question["guess"], question["most_cents"])


@pytest.mark.parametrize(
    ("spelling", "host", "contact", "expected"),
    [
        ("Lighthouse Department", "www.example.gov", "", "DLH"),
        ("Maps & Bounds Office", "www.example.gov", "", "MAP"),
        ("Office of Tidal Records (old)", "www.example.gov", "", "DLH"),
        ("Unit 7", "www.map.example.gov", "", "MAP"),
        ("Unit 7", "www.example.gov", "ada@map.example.gov", "MAP"),
        ("Unit 7", "www.example.gov", "ada@nowhere.example", ""),
    ],
)
def test_the_guess_is_by_spelling_hosts_and_contacts(office: Office, spelling: str, host: str, contact: str, expected: str) -> None:
    (question,) = asked(office, bought(1, agency=spelling, common_name=host, contact_email=contact))
    assert (expected, bool(expected)) == (question["guess"], bool(question["guess_reason"]))


def test_a_guess_is_never_applied(office: Office) -> None:
    books = drawn_up(office, bought(1, agency="Lighthouse Department"))
    assert (["DLH"], [""], 0) == (books.questions["guess"].tolist(), books.certificates["agency"].tolist(), len(books.ledger))


def test_what_most_money_waits_for_comes_first(office: Office) -> None:
    questions = asked(office, bought(1, agency="Cheap"), bought(2, agency="Dear", tier="premium"), bought(3, tier="Mystery"))
    assert [54200, 54200, 22119] == [question["most_cents"] for question in questions]


@pytest.mark.parametrize("alias", ["agency,name,Lighthouse Dept,DLH", "agency,code,lighthouse dept,DLH"])
def test_what_is_answered_is_not_asked_again_and_is_charged(office: Office, alias: str) -> None:
    books = drawn_up(office, bought(1, agency="Lighthouse Dept"), aliases=f"{alias}\n")
    assert ([], ["DLH"], [22119]) == (
        books.questions["question"].tolist(), books.ledger["agency"].tolist(), books.ledger["amount_cents"].tolist()
    )  # fmt: skip


@pytest.mark.parametrize(
    ("alias", "cells", "expected"),
    [
        ("agency,domain,map.example.gov,MAP", {"common_name": "a.b.map.example.gov"}, "MAP"),
        ("agency,domain,Example.GOV,MAP", {"common_name": "www.map.example.gov"}, "MAP"),
        ("agency,domain,map.example.gov,MAP", {"common_name": "*.map.example.gov"}, "MAP"),
        ("agency,domain,map.example.gov,MAP", {"common_name": "bigmap.example.gov"}, ""),
        ("agency,email-domain,map.example.gov,MAP", {"contact_email": "ada@MAP.example.gov"}, "MAP"),
        ("agency,domain,map.example.gov,MAP\nagency,domain,a.map.example.gov,DLH", {"common_name": "x.a.map.example.gov"}, "DLH"),
        (
            "agency,domain,map.example.gov,MAP\nagency,domain,dlh.example.gov,DLH",
            {"subject_alternative_names": "a.map.example.gov b.dlh.example.gov"},
            "",
        ),
    ],
)
def test_an_answer_about_a_domain_holds_where_no_agency_is_written(
    office: Office, alias: str, cells: dict[str, str], expected: str
) -> None:
    office.put("reference/agencies.csv", AGENCIES)
    office.put("entries/aliases.csv", f"kind,match,value,means\n{alias}\n")
    inbox = office.read()
    usual = {"common_name": "www.example.gov", "contact_email": "", **cells}
    names = pd.Series([usual.get("subject_alternative_names", usual["common_name"])], dtype="str")
    contacts, days = pd.Series([usual["contact_email"]], dtype="str"), pd.Series([pd.Timestamp(AS_OF)])
    assert [expected] == of_nobody(names, contacts, days, inbox.agencies, inbox.aliases).tolist()


def test_an_answer_about_a_domain_does_not_overrule_what_is_written(office: Office) -> None:
    books = drawn_up(office, bought(1, agency="Unit 7"), aliases="agency,domain,dlh.example.gov,DLH\n")
    assert [""] == books.certificates["agency"].tolist()
    assert ["Unit 7"] == books.questions["value"].tolist()
