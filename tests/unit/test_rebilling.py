"""What is taken back and billed anew, line by line: chains of closed lines, and the lines of the day beside them (DESIGN §6, "Close")."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipeline.chargeback.chains import Chains, Line, billed_anew, lines, taken_back, with_known_issuers
from pipeline.chargeback.rebilling import Billed, Rebilling, TakenBack, rebill
from pipeline.contracts import LEDGER
from tests.orders import PREMIUM, STANDARD


def line(entry_id: str, **facts: Any) -> Line:
    """A charge of Parks for one certificate, less what `facts` say."""
    usual = {
        "period": "FY2027-P03",
        "kind": "charge",
        "agency": "PARKS",
        "tier": "standard",
        "cents": STANDARD,
        "memo": 0,
        "certificate": "Example CA/1",
        "common_name": "a.example.gov",
        "serial": "01",
        "source": 1,
    }
    return Line(**{**dict.fromkeys(Line._fields, ""), "entry_id": entry_id, **usual, **facts})


def compared(today: list[Line], *closed: Line) -> Rebilling:
    return rebill(today, Chains(closed))


CLOSED = line("a", invoice_no="CRT-1")


def test_the_names_of_corrections_are_those_that_closed_months_hold() -> None:
    """Another release reads the closed months of this one: under other names it would bill a corrected line again."""
    assert "2f22dc8c1ced51278bc0e3f6bf6de583" == billed_anew("0" * 32, 1)
    assert "ace66bd2a5f0b5aef3adcc3c21e3293d" == billed_anew("0" * 32, 2)
    assert "f5bfa78266c32c65af7f892a7e3e1cf0" == taken_back("0" * 32)


def test_a_row_of_the_ledger_is_read_with_the_serial_of_its_certificate_where_there_is_one() -> None:
    usual = {"service_on": "2026-09-01", "period": "FY2027-P03", "billed_to": "PARKS", "agency": "PARKS", "account_id": "1"}
    usual |= {"tier": "standard", "certificate": "Example CA/1", "common_name": "a.example.gov", "source": 1, "invoice_no": "CRT-1"}
    ledger = LEDGER.frame(
        [
            {**usual, "entry_id": "a", "kind": "charge", "amount_cents": STANDARD},
            {**usual, "entry_id": "m", "kind": "memo", "amount_cents": 0, "memo_cents": 500, "adjusts": "a"},
        ]
    )
    read = lines(ledger, {"a": "01"}, {"Example CA/1": "example-ca"})
    memo = line("m", kind="memo", cents=0, memo=500, serial="", invoice_no="CRT-1")
    of_day = [one._replace(service_on=dt.date(2026, 9, 1), issuer="example-ca", billed_to="PARKS", payer="PARKS") for one in (CLOSED, memo)]
    assert of_day == read
    assert [{("Example CA/1",), ("01", "a.example.gov", "example-ca")}, {("Example CA/1",)}] == [one.names for one in read]


@pytest.mark.parametrize(
    ("certificate", "serial", "expected"),
    [
        ("known", "01", "known-ca"),
        ("example-ca:1a", "1a", "example-ca"),
        ("example-ca:1a", "001a", "example-ca"),
        ("example:ca:1a", "1a", "example:ca"),
        ("example-ca:1a", "1b", ""),
        ("f" * 64, "1a", ""),
        ("example-ca:", "", ""),
    ],
)
def test_the_issuer_of_a_line_is_that_of_its_certificate_or_read_off_its_name(certificate: str, serial: str, expected: str) -> None:
    usual = {"service_on": "2026-09-01", "period": "FY2027-P03", "billed_to": "PARKS", "agency": "PARKS", "account_id": "1", "source": 1}
    ledger = LEDGER.frame([{**usual, "entry_id": "a", "kind": "charge", "amount_cents": STANDARD, "certificate": certificate}])
    assert [expected] == [one.issuer for one in lines(ledger, {"a": serial}, {"known": "known-ca"})]


def test_a_line_without_an_issuer_has_that_of_its_serial_number_and_host_where_there_is_one_only() -> None:
    nameless, first, other = line("a"), line("b", issuer="first-ca"), line("c", issuer="other-ca")
    elsewhere = line("d", issuer="third-ca", common_name="b.example.gov")
    told = nameless._replace(issuer="first-ca")
    assert ([told, elsewhere], [first]) == with_known_issuers([nameless, elsewhere], [first])
    assert ([first], [told]) == with_known_issuers([first], [nameless])
    assert ([nameless], [first, other]) == with_known_issuers([nameless], [first, other])
    assert ([nameless], [elsewhere]) == with_known_issuers([nameless], [elsewhere])


def test_a_chain_goes_on_with_the_line_that_bills_it_anew() -> None:
    back = line(taken_back("a"), takes_back="a", cents=-STANDARD)
    anew = line(billed_anew("a", 1), rebills="a", agency="ROADS")
    chains = Chains([CLOSED, back, anew])
    assert ("a", "a", None, None) == tuple(chains.first(one) for one in ("a", anew.entry_id, back.entry_id, "unknown"))
    assert (anew, True, billed_anew("a", 2)) == (chains.last("a"), chains.stands("a"), chains.next_name("a"))
    assert [anew] == chains.standing()
    gone = Chains([CLOSED, back, anew, line(taken_back(anew.entry_id), takes_back=anew.entry_id)])
    assert (False, []) == (gone.stands("a"), gone.standing())


def test_a_line_that_bills_a_closed_one_under_another_name_begins_a_chain_of_its_own() -> None:
    chains = Chains([CLOSED, line("b", rebills="a"), line("c", rebills="unknown")])
    assert ["a", "b", "c"] == [chains.first(one) for one in ("a", "b", "c")]
    assert ["a", "b", "c"] == [one.entry_id for one in chains.standing()]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"agency": "ROADS"}, "agency ROADS, not PARKS"),
        ({"tier": "premium"}, "tier premium, not standard"),
        ({"tier": ""}, "tier none, not standard"),
        ({"cents": PREMIUM}, "amount $542.00, not $221.00"),
        ({"memo": 100}, "memo $1.00, not $0.00"),
        ({"agency": "ROADS", "cents": 0}, "agency ROADS, not PARKS, amount $0.00, not $221.00"),
    ],
)
def test_a_closed_line_that_reads_otherwise_is_taken_back_and_billed_anew(changes: dict[str, Any], why: str) -> None:
    now = line("a", **changes)
    found = compared([now], CLOSED)
    name = billed_anew("a", 1)
    assert Rebilling([TakenBack(CLOSED, why)], [Billed(now, name, CLOSED)], {"a": name}, []) == found


def test_a_closed_line_that_was_billed_to_another_than_the_agencies_of_the_day_name_is_billed_anew() -> None:
    before_the_merger, now = line("a", billed_to="PARKS", payer="ROADS"), line("a", billed_to="ROADS", payer="ROADS")
    assert ["billed to ROADS, not PARKS"] == [taken.why for taken in compared([now], before_the_merger).taken_back]
    assert [] == compared([now], now).taken_back


def test_a_closed_line_without_a_tier_says_so() -> None:
    assert ["tier standard, not none"] == [taken.why for taken in compared([line("a")], line("a", tier="")).taken_back]


def test_a_line_that_was_taken_back_is_billed_anew_only_where_money_is_asked_for_again() -> None:
    closed = (CLOSED, line(taken_back("a"), takes_back="a", cents=-STANDARD))
    again = compared([line("a")], *closed)
    assert ([], [Billed(line("a"), billed_anew("a", 1), CLOSED)], {"a": billed_anew("a", 1)}) == (
        again.taken_back,
        again.billed,
        again.known_as,
    )
    assert Rebilling(known_as={"a": "a"}) == compared([line("a", cents=0)], *closed)
    assert 1 == len(compared([line("a", cents=0, memo=1)], *closed).billed)


def test_lines_of_no_amount_bill_nothing_whatever_they_say() -> None:
    free = line("a", cents=0)
    assert Rebilling(known_as={"a": "a"}) == compared([line("a", cents=0, agency="ROADS")], free)
    assert 1 == len(compared([line("a", cents=0, memo=1)], free).taken_back)
    assert 1 == len(compared([free], line("a", cents=0, memo=1)).taken_back)


def test_what_nothing_speaks_of_stands_and_what_is_new_is_billed() -> None:
    new = line("n", certificate="Example CA/2", serial="02")
    assert Rebilling(billed=[Billed(new, "n")], standing=[CLOSED]) == compared([new], CLOSED)


@pytest.mark.parametrize(
    "changes",
    [{}, {"certificate": "f" * 64}, {"serial": "ff"}, {"serial": "", "common_name": "b.example.gov"}],
    ids=["same evidence", "known by its file now", "another serial", "no serial"],
)
def test_a_line_under_another_name_is_known_by_its_certificate_or_its_serial_and_name(changes: dict[str, Any]) -> None:
    assert Rebilling(known_as={"n": "a"}) == compared([line("n", **changes)], CLOSED)


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate": "f" * 64, "serial": "ff"},
        {"certificate": "f" * 64, "common_name": "b.example.gov"},
        {"certificate": ""},
    ],
    ids=["another serial", "another name", "no certificate"],
)
def test_a_line_of_another_certificate_is_another_line(changes: dict[str, Any]) -> None:
    new = line("n", **changes)
    assert Rebilling(billed=[Billed(new, "n")], standing=[CLOSED]) == compared([new], CLOSED)


def test_certificates_without_serials_are_not_taken_for_one_another() -> None:
    new = line("n", certificate="Example CA/2", serial="")
    closed = line("a", serial="")
    assert Rebilling(billed=[Billed(new, "n")], standing=[closed]) == compared([new], closed)


def test_a_line_is_known_as_one_closed_line_and_never_as_two() -> None:
    other = line("b")
    assert Rebilling(known_as={"n": "a"}, taken_back=[TakenBack(other, "the files bill its certificate otherwise")]) == compared(
        [line("n")], CLOSED, other
    )
    assert Rebilling(known_as={"n": "a", "m": "b"}) == compared([line("n"), line("m")], CLOSED, other)


def test_a_credit_is_not_known_as_an_adjustment_of_the_same_amount() -> None:
    credit, adjustment = (line(kind, kind=kind, cents=-100) for kind in ("credit", "adjustment"))
    found = compared([line("n"), adjustment], CLOSED, credit)
    assert {"n": "a"} == found.known_as
    assert [Billed(adjustment, "adjustment")] == found.billed
    assert [TakenBack(credit, "the files bill its certificate otherwise")] == found.taken_back


def test_a_certificate_that_is_billed_otherwise_under_another_name_is_billed_anew() -> None:
    now = line("n", agency="ROADS")
    assert Rebilling([TakenBack(CLOSED, "agency ROADS, not PARKS")], [Billed(now, "n", CLOSED)]) == compared([now], CLOSED)


def test_of_two_new_lines_of_one_certificate_the_first_bills_the_closed_one_anew() -> None:
    first, second = line("n", agency="ROADS"), line("o", agency="WATER")
    assert [Billed(first, "n", CLOSED), Billed(second, "o")] == compared([first, second], CLOSED).billed


def test_a_charge_is_billed_anew_by_a_charge_and_what_is_no_charge_by_nothing() -> None:
    fee, now = line("f", kind="adjustment", cents=100), line("n", agency="ROADS")
    assert Rebilling([TakenBack(CLOSED, "agency ROADS, not PARKS")], [Billed(fee, "f"), Billed(now, "n", CLOSED)]) == compared(
        [fee, now], CLOSED
    )
    credit = line("c", kind="credit", cents=-STANDARD)
    assert Rebilling([TakenBack(credit, "the files bill its certificate otherwise")], [Billed(now, "n")]) == compared([now], credit)


def test_of_two_closed_lines_of_one_certificate_the_first_is_the_one_that_is_billed_anew() -> None:
    now, other = line("n", agency="ROADS"), line("b", tier="premium", cents=PREMIUM)
    found = compared([now], CLOSED, other)
    assert [Billed(now, "n", CLOSED)] == found.billed
    assert ["agency ROADS, not PARKS", "agency ROADS, not PARKS, tier standard, not premium, amount $221.00, not $542.00"] == [
        taken.why for taken in found.taken_back
    ]


def test_a_closed_line_of_another_certificate_before_it_does_not_keep_a_wrong_one_from_being_taken_back() -> None:
    other = line("o", certificate="Example CA/2", serial="02")
    now = line("n", agency="ROADS")
    assert [CLOSED] == [taken.line for taken in compared([now], other, CLOSED).taken_back]


def test_a_free_line_is_not_taken_back_when_its_certificate_is_billed() -> None:
    now, free = line("n"), line("a", cents=0)
    assert Rebilling(billed=[Billed(now, "n")], standing=[free]) == compared([now], free)


def test_a_decision_stands_whatever_is_billed_for_its_certificate() -> None:
    decided = line("d", kind="adjustment", cents=-100, decision="D-1")
    now = line("n", agency="ROADS")
    found = compared([now], CLOSED, decided)
    assert ([CLOSED], [decided]) == ([taken.line for taken in found.taken_back], found.standing)
    assert {} == compared([line("m", kind="adjustment", cents=-100)], decided).known_as


def test_a_decision_of_the_day_does_not_bill_the_certificate_it_is_about() -> None:
    decided = line("d", kind="adjustment", cents=-100, decision="D-1")
    assert Rebilling(billed=[Billed(decided, "d")], standing=[CLOSED]) == compared([decided], CLOSED)


def test_a_closed_decision_that_the_day_knows_and_does_not_post_is_taken_back_and_says_why() -> None:
    decided, memo = (
        line(name, kind="adjustment", cents=cents, decision="waiver", adjustment="D-1") for name, cents in (("d", -100), ("m", 0))
    )
    why = "the decision cannot stand any more; the finding adjustment-not-posted says why"
    found = rebill([], Chains([decided, memo]), {"D-1"})
    assert ([TakenBack(decided, why)], [memo]) == (found.taken_back, found.standing)
    assert [decided, memo] == rebill([], Chains([decided, memo]), {"D-2"}).standing


@pytest.mark.parametrize("name", ["reverses", "amends"])
def test_what_changes_a_line_that_is_taken_back_goes_with_it(name: str) -> None:
    hangs = line("c", kind="credit", cents=-STANDARD, certificate="Example CA/9", serial="09", **{name: "a"})
    found = compared([line("a", agency="ROADS")], CLOSED, hangs)
    assert [TakenBack(CLOSED, "agency ROADS, not PARKS"), TakenBack(hangs, "what it changes was billed wrongly")] == found.taken_back
    assert [] == found.standing
    assert [hangs] == compared([line("a")], CLOSED, hangs).standing
