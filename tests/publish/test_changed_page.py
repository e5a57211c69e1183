"""The page of what changed: each certificate and charge in the list where it belongs, told by what the run before recorded."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from pipeline import changes, contracts
from pipeline.contracts import Books, Compared, RunRecord
from pipeline.publish.pages import changed, changed_certificates, expiry, home
from pipeline.publish.pages.edition import Edition
from tests.publish.bookkeeping import SETTINGS, books, certificate, entry
from tests.publish.built import STAMP

THEN = dt.date(2026, 10, 31)


def record(made: Books, as_of: dt.date) -> RunRecord:
    return changes.record(made, f"run-{as_of}", as_of, "0.1.0", "")


def known(number: int, host: str, **facts: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    line = entry(number, common_name=host)
    return line, certificate(line, **{"names": host, "days_left": 300, "contact_email": "ann@dot.example.gov", **facts})


def account(*rows: tuple[dict[str, Any], dict[str, Any]]) -> Books:
    return books([line for line, _ in rows], certificates=contracts.CERTIFICATES.frame([told for _, told in rows]))


OCTOBER = account(
    known(1, "same"),
    known(2, "renewed"),
    known(3, "ran-out"),
    known(4, "moved", agency="DEP"),
    known(5, "gone"),
    known(6, "taken-back"),
)
NOVEMBER = account(
    known(1, "same", days_left=30),
    known(2, "renewed", status="superseded", superseded_by=f"{7:064x}"),
    known(3, "ran-out", status="expired", days_left=-9),
    known(4, "moved", agency="DOT"),
    (entry(6, common_name="taken-back", amount_cents=10000), known(6, "taken-back", status="revoked")[1]),
    known(7, "successor", valid_to="2028-01-01T12:00:00Z"),
)


def view(then: RunRecord | None, made: Books = NOVEMBER) -> dict[str, Any]:
    now = record(made, STAMP.as_of)
    (page,) = changed.pages(Edition(made, SETTINGS, STAMP, "internal", Compared(now, then)))
    return page.view


def cells(found: dict[str, Any]) -> dict[str, list[list[str]]]:
    return {one["anchor"]: [[text(cell) for cell in row] for row in one["grid"].rows] for one in found["sections"]}


def text(cell: Any) -> str:
    return cell if isinstance(cell, str) else cell.text


def test_each_certificate_stands_where_it_belongs() -> None:
    told = cells(view(record(OCTOBER, THEN)))
    assert {"new": ["successor"], "expired": ["ran-out"], "revoked": ["taken-back"]} == {
        name: [row[0] for row in told[name]] for name in ("new", "expired", "revoked")
    }
    assert [["renewed", "DOT", "2027-11-02", "2028-01-01", "standard"]] == told["renewed"]
    assert [["moved", "DEP", "DOT", "standard", "standard"]] == told["reclassified"]
    assert [[f"{5:064x}", "DOT", "active", "standard"]] == told["gone"]
    revoked = next(figure for figure in view(record(OCTOBER, THEN))["figures"] if figure.name == "Revoked")
    assert ("1", "#revoked") == (revoked.value, revoked.href)


def test_every_certificate_that_changed_is_named_with_what_changed() -> None:
    found = view(record(OCTOBER, THEN))
    told = cells(found)["changed"]
    assert sorted(told) == [
        ["moved", "DOT", "agency: DEP, now DOT"],
        ["ran-out", "DOT", "state: active, now expired"],
        ["renewed", "DOT", "state: active, now superseded; successor: none, now known"],
        ["taken-back", "DOT", "state: active, now revoked"],
    ]
    assert str(len(told)) == next(row[2] for row in found["counts"].rows if row[0] == "Certificates")
    other = account(known(1, "same", contact_email="eve@dot.example.gov"), (known(8, "root", is_ca=True)))
    then = record(account(known(1, "same"), known(8, "root", is_ca=True, status="revoked")), THEN)
    assert [["same", "DOT", "the order, the contact or the successor"], ["root", "DOT", "state: revoked, now active"]] == cells(
        view(then, other)
    )["changed"]


def test_what_was_renewed_earlier_and_is_taken_over_now_is_told_beside_what_was_renewed() -> None:
    then = account(known(2, "handed", superseded_by=NEXT), known(7, "handed", status="not-yet-valid"))
    now = account(known(2, "handed", superseded_by=NEXT, status="superseded"), known(7, "handed"))
    card = next(figure for figure in view(record(then, THEN), now)["figures"] if figure.name == "Renewed")
    assert ("0", "by a certificate that is known only since then; 1 more, renewed earlier, has been taken over") == (card.value, card.basis)
    card = next(figure for figure in view(record(OCTOBER, THEN))["figures"] if figure.name == "Renewed")
    assert ("1", "by a certificate that is known only since then") == (card.value, card.basis)


LOST = known(2, "lost", status="expired", days_left=-20)
NEXT = f"{7:064x}"


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (
            [known(2, "lost", status="expired", days_left=3, superseded_by=NEXT), known(7, "lost")],
            [LOST, known(7, "lost", status="revoked")],
            ["lost"],
        ),
        ([LOST, known(7, "lost")], [LOST, known(7, "lost", status="revoked")], ["lost"]),
        ([known(2, "lost")], [known(2, "lost", status="expired", days_left=-20), known(7, "lost")], []),
        ([known(2, "lost")], [known(2, "", status="expired", days_left=-20)], []),
        ([LOST], [LOST], []),
        ([], [LOST], ["lost"]),
    ],
    ids=["its successor is revoked", "what covered it is revoked", "another covers it", "it names no host", "known before", "new"],
)
def test_what_expired_without_a_successor_is_what_the_page_of_expiries_has_more(
    then: list[Any], now: list[Any], expected: list[str]
) -> None:
    found, made = view(record(account(*then), THEN), account(*now)), account(*now)
    edition = Edition(made, SETTINGS, STAMP, "internal", Compared(record(made, STAMP.as_of), record(account(*then), THEN)))
    assert expected == [row[0] for row in cells(found).get("expired", [])]
    listed = len(expiry.lapses(edition))
    shown = next(figure for figure in found["figures"] if figure.name == "Expired without a successor")
    basis = f"of {listed} that the page of expiries lists" if listed else ""
    assert (str(len(expected)), basis) == (shown.value, shown.basis)
    line = f"  expired, no successor      {len(expected)}"
    assert line + "".join(f": {name}" for name in expected) == changed.in_words(edition)[2]


@pytest.mark.parametrize(("again_since", "expected"), [("2026-10-20", []), ("2026-11-10", ["lost"])])
def test_a_host_that_is_in_use_again_since_then_had_not_lapsed_then(again_since: str, expected: list[str]) -> None:
    spells = [
        {"host": "lost", "state": state, "since": since, "source": 1}
        for state, since in (("retired", "2026-10-01"), ("renewing", again_since))
    ]
    made = replace(account(LOST), hosts=contracts.HOSTS.frame(spells))
    assert expected == [row[0] for row in cells(view(record(made, THEN), made)).get("expired", [])]


def test_requests_are_named_that_are_new_changed_or_in_no_log_any_more() -> None:
    asked = {
        "kind": "new",
        "agency": "DOT",
        "submitted_at": "2026-10-20T14:00:00Z",
        "status": "open",
        "verdict": "on-track",
        "reopen_count": 0,
    }
    then, now = (
        replace(OCTOBER, requests=contracts.REQUESTS.frame({**asked, "source": 1, **facts} for facts in rows))
        for rows in (
            [{"request_id": "R1"}, {"request_id": "R2"}, {"request_id": "R3"}],
            [{"request_id": "R1"}, {"request_id": "R2", "verdict": "overdue"}, {"request_id": "R4"}, {"request_id": "R5"}],
        )
    )
    found = view(record(then, THEN), now)
    lists = {anchor: [row[:2] for row in rows] for anchor, rows in cells(found).items() if anchor.endswith("requests")}
    expected = {
        "new-requests": [["R4", "on track"], ["R5", "on track"]],
        "changed-requests": [["R2", "overdue"]],
        "gone-requests": [["R3"]],
    }
    assert expected == lists
    card = next(figure for figure in found["figures"] if figure.name == "New requests")
    assert ("2", "1 changed, 1 told no more", "#new-requests") == (card.value, card.basis, card.href)


def test_what_is_charged_otherwise_is_told_by_invoice_and_by_line_with_its_trace() -> None:
    found = view(record(OCTOBER, THEN))
    month = "November 2026 (FY2027-P05)"
    assert [[month, "DOT", "DOT-4710", "1,327.14", "1,205.95", "−121.19"]] == cells(found)["invoices"]
    assert [
        [month, "DOT", "88010006", "standard", "221.19", "100.00"],
        [month, "DOT", "88010007", "standard", "new", "221.19"],
        [month, "DOT", "not recorded", "standard", "221.19", "not charged any more"],
    ] == cells(found)["lines"]
    lines = next(one["grid"] for one in found["sections"] if one["anchor"] == "lines")
    assert "trace/DOT.html#FY2027-P05" == lines.rows[0][0].href
    became = "1 certificate is new, 1 was revoked and 1 expired without a successor"
    assert f"Since the run of 31 October 2026, {became}; $121.19 less is charged, on 1 invoice." == found["sentence"]
    assert [["Certificates", "1", "4", "1"], ["Requests", "0", "0", "0"], ["Lines of the ledger", "1", "1", "1"]] == found["counts"].rows


def test_a_record_of_an_older_program_is_compared_and_what_it_cannot_tell_is_said() -> None:
    """It kept a hash a row, the same as today's without the facts behind it."""
    full = record(OCTOBER, THEN)
    hashes = {table: {key: re.sub("\t.*", "", one) for key, one in keys.items()} for table, keys in full.keys.items()}
    found = view(replace(full, keys=hashes))
    told = cells(found)
    assert "cannot be told this once" in found["unknown"]
    assert ["New certificates", "Told no more", "New requests", "Charged"] == [figure.name for figure in found["figures"]]
    assert {"new", "changed", "gone", "invoices", "lines"} == set(told)
    assert {"not recorded"} == {row[2] for row in told["changed"]}
    assert [[f"{5:064x}", "not recorded", "not recorded", "not recorded"]] == told["gone"]
    assert ["not recorded", "new", "not recorded"] == [row[4] for row in told["lines"]]
    assert view(full)["counts"].rows == found["counts"].rows


def test_the_record_holds_no_name_and_no_address_and_is_small() -> None:
    kept = record(NOVEMBER, STAMP.as_of).to_json()
    assert [] == [word for word in ("ann@", "successor", "same", "88010001") if word in kept]
    assert "superseded\\tyes\\tstandard\\tDOT" in kept
    rows = sum(len(keys) for keys in record(NOVEMBER, STAMP.as_of).keys.values())
    assert 150 * rows > len(kept)  # 64 of them are the key


def test_nothing_changed_and_no_run_before_are_said() -> None:
    same = view(record(NOVEMBER, THEN))
    assert "Since the run of 31 October 2026, no certificate is new; every invoice comes to the same sum." == same["sentence"]
    assert [] == same["sections"]
    first = view(None)
    assert "there is nothing to compare this one with" in first["sentence"]
    assert [] == first["figures"]


def test_home_says_it_inside_only() -> None:
    compared = Compared(record(NOVEMBER, STAMP.as_of), record(OCTOBER, THEN))
    inside, outside = (next(home.pages(Edition(NOVEMBER, SETTINGS, STAMP, name, compared))).view for name in ("internal", "public"))
    assert "1 certificate is new" in inside["changed"]
    assert "" == outside["changed"]


def test_an_agency_with_a_tab_in_its_code_does_not_shift_what_is_told() -> None:
    odd = account(known(1, "host", agency="A\tB\tC"))
    told = changes.told(record(odd, THEN), "certificates", f"{1:064x}")
    assert {"status": "active", "superseded_by": "", "tier": "standard", "agency": "A B C"} == told
    assert changes.told(record(odd, THEN), "certificates", "unknown") is None


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (record(account(known(1, "same", days_left=40), known(3, "ran-out", days_left=0), known(4, "moved", days_left=20)), THEN), 2),
        (record(OCTOBER, THEN), None),
    ],
    ids=["all are known still", "one in force then is gone"],
)
def test_how_many_ended_soon_at_the_run_before_is_known_where_none_is_gone(then: RunRecord, said: int | None) -> None:
    passed = (STAMP.as_of - THEN).days
    rows = (known(1, "same", days_left=40 - passed), known(3, "ran-out", status="expired", days_left=-passed))
    made = account(*rows, known(4, "moved", days_left=20 - passed))
    told = Edition(made, SETTINGS, STAMP, "internal", Compared(record(made, STAMP.as_of), then))
    assert said == changed_certificates.ending_then(told, then, 30)
