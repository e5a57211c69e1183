"""Findings get their places, figures are counted twice, and a difference has a name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from pipeline import chargeback, encumbrances, journal, lots, reconcile, recovery
from pipeline.contracts import (
    ACCEPTED,
    ACCOUNTS,
    AGENCIES,
    ALIASES,
    ANSWERED,
    ANSWERS,
    AT_STAKE,
    BILLED_ORDERS,
    CONTINUITY,
    CORRECTIONS,
    ENCUMBRANCES,
    EPISODES,
    ESTIMATES,
    GAPS,
    HOSTS,
    INPUTS,
    LINTS,
    MEASURES,
    NOTES,
    OUTAGE_ROWS,
    PLACES,
    QUESTIONS,
    RECONCILIATION,
    RENEWALS,
    REQUESTS,
    SERVER_SOFTWARE,
    SOURCE_FILES,
    SOURCE_ROWS,
    SOURCES,
    Books,
    ContractError,
)
from pipeline.findings import Finding
from tests import orders
from tests.orders import AS_OF, agencies, certificate, day, lot, settings, tables

PLACE_ROWS = PLACES.frame({"source": number, "file": "inbox/exports/a.csv", "row": number + 1} for number in range(1, 10))


def _input(file: str, kind: str, read: int, quarantined: int) -> dict[str, Any]:
    return {"file": file, "kind": kind, "bytes": 1, "rows_read": read, "rows_accepted": read - quarantined, "rows_quarantined": quarantined}


INPUT_ROWS = INPUTS.frame(
    [_input("a.csv", "certificates", 100, 2), _input("b.csv", "certificates", 100, 2), _input("c.csv", "requests", 0, 0)]
)


def books() -> Books:
    told = [
        certificate(1, "2026-09-01", order_id="A", revoked_on=day("2026-09-10")),
        certificate(2, "2026-09-02", order_id="B"),
        certificate(3, "2026-09-03", order_id="B", tier="premium"),
        certificate(4, "2026-10-03", agency="ROADS"),
        certificate(5, "2026-10-04", agency=""),
    ]
    certificates, export_rows = tables(told)
    charged = chargeback.ledger(certificates, export_rows, agencies(), settings(), AS_OF)
    lot_rows = orders.lots(
        lot("S", "2026-01-01", 7, 100_000, returns_on_refund=True),
        lot("P", "2026-01-01", 3, 100_000, tier="premium", units_expire_on=AS_OF),
    )
    drawn = lots.draw(charged.table, lot_rows, settings(), AS_OF)
    return Books(
        certificates=certificates,
        lints=LINTS.empty(),
        requests=REQUESTS.empty(),
        reconciliation=RECONCILIATION.empty(),
        ledger=drawn.ledger,
        waiting=charged.waiting,
        at_stake=AT_STAKE.empty(),
        questions=QUESTIONS.empty(),
        answers=ANSWERS.empty(),
        answered=ANSWERED.empty(),
        aliases=ALIASES.empty(),
        corrections=CORRECTIONS.empty(),
        accepted=ACCEPTED.empty(),
        hosts=HOSTS.empty(),
        continuity=CONTINUITY.empty(),
        renewals=RENEWALS.empty(),
        gaps=GAPS.empty(),
        episodes=EPISODES.empty(),
        invoices=chargeback.invoices(drawn.ledger),
        lots=drawn.lots,
        recovery=recovered(drawn.ledger, drawn.lots),
        encumbrances=billed(drawn.ledger),
        journal=journal.journal(drawn.ledger, ACCOUNTS.empty(), billed(drawn.ledger), settings()).table,
        measures=MEASURES.empty(),
        findings=reconcile.findings_table((*charged.findings, *drawn.findings), PLACE_ROWS),
        inputs=INPUT_ROWS,
        sources=SOURCES.empty(),
        places=PLACE_ROWS,
        outages=OUTAGE_ROWS.empty(),
        agencies=AGENCIES.empty(),
        server_software=SERVER_SOFTWARE.empty(),
        notes=NOTES.empty(),
        source_files=SOURCE_FILES.empty(),
        source_rows=SOURCE_ROWS.empty(),
        billed_orders=orders.became(certificates, export_rows, charged, drawn.ledger),
    )


def recovered(ledger: pd.DataFrame, lot_table: pd.DataFrame) -> pd.DataFrame:
    return recovery.recover(ledger, lot_table, orders.costs(), orders.recovery_openings(), settings(), AS_OF).table


def billed(ledger: pd.DataFrame) -> pd.DataFrame:
    return encumbrances.against_actual(ledger, ESTIMATES.empty(), agencies(), settings(), AS_OF).table


def recovered_anew(changed: Books) -> Books:
    """The books with what follows from their ledger made anew, so that only what is wrong in the ledger itself is found."""
    booked = journal.journal(changed.ledger, ACCOUNTS.empty(), ENCUMBRANCES.empty(), settings()).table
    return replace(changed, recovery=recovered(changed.ledger, changed.lots), encumbrances=billed(changed.ledger), journal=booked)


def broken(changed: Books) -> list[str]:
    return [check.name for check in reconcile.ties(changed) if not check.holds]


def test_books_that_tie_out_hold_in_every_check() -> None:
    checks = reconcile.ties(books())
    assert [] == broken(books())
    assert checks == reconcile.must_tie(checks)
    assert "cents of the ledger = cents of the invoices, PARKS in FY2027-P03" in {check.name for check in checks}


def test_a_lost_cent_is_found_and_named() -> None:
    whole = books()
    invoices = whole.invoices.copy()
    invoices.loc[0, "amount_cents"] += 1
    checks = reconcile.ties(replace(whole, invoices=invoices))
    with pytest.raises(reconcile.BooksDoNotTieError) as caught:
        reconcile.must_tie(checks)
    assert [
        "cents of the ledger = cents of the invoices: 76,300 is not 76,301",
        "cents of the ledger = cents of the invoices, PARKS in FY2027-P03: 54,200 is not 54,201",
    ] == str(caught.value).split("\n")


def test_cents_that_moved_between_two_invoices_are_found() -> None:
    whole = books()
    moved = whole.invoices.copy()
    moved.loc[0, "amount_cents"] -= 5
    moved.loc[1, "amount_cents"] += 5
    assert 2 == len(broken(replace(whole, invoices=moved)))


def test_an_entry_on_no_invoice_or_on_two_is_found() -> None:
    whole = books()
    assert "ledger entries, each on exactly one invoice" in broken(replace(whole, invoices=whole.invoices.iloc[:1]))
    twice = pd.concat([whole.invoices, whole.invoices.iloc[:1].assign(lines=0, amount_cents=0)], ignore_index=True)
    assert ["ledger entries, each on exactly one invoice"] == broken(replace(whole, invoices=twice))


def closed_books() -> Books:
    """The books with September closed."""
    of_day = books()
    closed = orders.close(of_day.ledger, "FY2027-P03")
    rest = of_day.ledger[of_day.ledger["period"] != "FY2027-P03"]
    ledger = pd.concat([closed.ledger, rest], ignore_index=True)
    return recovered_anew(replace(of_day, ledger=ledger, invoices=chargeback.invoices(ledger, closed.invoices), closed=closed))


def test_books_with_a_closed_month_tie_out() -> None:
    assert [] == broken(closed_books())


def test_a_closed_line_that_is_not_what_was_frozen_is_found() -> None:
    changed = closed_books()
    ledger = changed.ledger.copy()
    ledger.loc[ledger["period"] == "FY2027-P03", "billed_to"] = "ROADS"
    found = broken(recovered_anew(replace(changed, ledger=ledger)))
    assert "lines of FY2027-P03 as they were closed = its lines" in found
    assert "lines of FY2027-P03 as they were closed = lines that were frozen" in found


def test_a_closed_line_that_is_gone_is_found() -> None:
    changed = closed_books()
    last = changed.ledger.index[changed.ledger["amount_cents"] == 0][-1]
    found = broken(recovered_anew(replace(changed, ledger=changed.ledger.drop(index=last).reset_index(drop=True))))
    assert "lines of FY2027-P03 as they were closed = lines that were frozen" in found


def test_an_amount_that_no_rate_explains_is_found() -> None:
    whole = books()
    ledger = whole.ledger.copy()
    charge = ledger.index[(ledger["kind"] == "charge") & (ledger["amount_cents"] > 0)][0]
    ledger.loc[charge, "rate_cents"] += 1
    assert ["rates of the charged lines + adjustments + credits = cents of the ledger"] == broken(replace(whole, ledger=ledger))


def test_a_credit_of_another_amount_is_found() -> None:
    whole = books()
    ledger = whole.ledger.copy()
    ledger.loc[ledger["kind"] == "credit", "reverses"] = "nobody"
    assert ["credits that take back exactly their entry = credits"] == broken(replace(whole, ledger=ledger))


def test_an_entry_that_is_credited_twice_is_found() -> None:
    whole = books()
    credit = whole.ledger[whole.ledger["kind"] == "credit"].iloc[:1]
    again = credit.assign(entry_id="again", lot_id="")
    balance = credit.assign(entry_id="balance", kind="adjustment", amount_cents=-credit["amount_cents"], reverses="", lot_id="")
    ledger = pd.concat([whole.ledger, again, balance], ignore_index=True)
    invoices = whole.invoices.copy()
    here = (invoices["period"] == credit["period"].iloc[0]) & (invoices["agency"] == credit["billed_to"].iloc[0])
    invoices.loc[here, "lines"] += 2
    costs = ledger["unit_cost_cents"].where(~ledger["entry_id"].isin(["again", "balance"]), 0)
    told = whole.billed_orders.assign(
        lines=whole.billed_orders["lines"].where(whole.billed_orders.index > 0, whole.billed_orders["lines"] + 2)
    )
    changed = recovered_anew(replace(whole, ledger=ledger.assign(unit_cost_cents=costs), invoices=invoices, billed_orders=told))
    assert ["entries credited = credits that stand, each entry once"] == broken(changed)


def test_a_cost_that_the_lots_do_not_know_is_found() -> None:
    whole = books()
    dearer = whole.ledger.copy()
    dearer.loc[dearer.index[dearer["lot_id"] != ""][0], "unit_cost_cents"] += 1
    assert ["unit costs of the ledger and of units drawn before = cost of the drawn units, cents"] == broken(
        recovered_anew(replace(whole, ledger=dearer))
    )


def test_a_line_too_many_on_an_invoice_is_found() -> None:
    whole = books()
    invoices = whole.invoices.copy()
    invoices.loc[0, "lines"] += 1
    assert ["ledger entries = lines of the invoices"] == broken(replace(whole, invoices=invoices))


def test_a_request_without_a_source_row_is_found() -> None:
    row = {"request_id": "R-1", "kind": "new", "status": "open", "verdict": "on-track", "reopen_count": 0, "source": 99}
    assert ["requests whose source row is known = requests"] == broken(replace(books(), requests=REQUESTS.frame([row])))


def test_units_that_do_not_add_up_are_found() -> None:
    whole = books()
    changed = whole.lots.copy()
    changed.loc[changed["lot_id"] == "S", "remaining"] += 1
    assert ["quantity - drawn + returned - expired = remaining units of lot S"] == broken(replace(whole, lots=changed))
    undrawn = whole.ledger.assign(lot_id=whole.ledger["lot_id"].where(whole.ledger["lot_id"] != "P", ""))
    assert ["entries that drew from lot P, and units drawn before = its drawn units"] == broken(replace(whole, ledger=undrawn))


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("charged_cents", "charged in the recovery = cents of the ledger above zero"),
        ("credited_cents", "credited in the recovery = cents of the ledger below zero"),
        ("cost_cents", "cost of units in the recovery = unit costs of the ledger, cents"),
        ("unused_cents", "cost of units unused in the recovery = that of the lots, cents"),
    ],
)
def test_a_recovery_that_is_not_the_ledger_s_is_found(column: str, name: str) -> None:
    whole = books()
    changed = whole.recovery.copy()
    changed.loc[0, [column, "closing_cents"]] += 1
    assert name in broken(replace(whole, recovery=changed))


def test_a_year_that_does_not_begin_as_the_last_one_ended_is_found() -> None:
    whole = books()
    changed = whole.recovery.copy()
    last = changed.index[changed["tier"] == "standard"][-1]
    changed.loc[last, "closing_cents"] += 1
    assert ["first opening of standard and what moved since = its last closing, cents"] == broken(replace(whole, recovery=changed))


@pytest.mark.parametrize(
    ("line", "column", "names"),
    [
        (
            0,
            "debit_cents",
            ["debits of the journal = its credits, cents", "debits of the journal = cents of the ledger without their signs"],
        ),
        (1, "credit_cents", ["debits of the journal = its credits, cents"]),
    ],
)
def test_a_journal_that_does_not_balance_is_found(line: int, column: str, names: list[str]) -> None:
    whole = books()
    changed = whole.journal.copy()
    changed.loc[line, column] += 1
    assert names == broken(replace(whole, journal=changed))[: len(names)]


def test_a_journal_with_a_line_too_few_and_a_bill_that_is_not_the_ledger_s_are_found() -> None:
    whole = books()
    assert "lines of the journal = two for each entry that bills something" in broken(replace(whole, journal=whole.journal.iloc[:-1]))
    dearer = whole.encumbrances.assign(billed_cents=whole.encumbrances["billed_cents"] + 1)
    assert ["billed of the encumbrances = cents of the ledger"] == broken(replace(whole, encumbrances=dearer))


def test_rows_that_went_missing_in_a_file_are_found() -> None:
    whole = books()
    inputs = whole.inputs.copy()
    inputs.loc[inputs["file"] == "b.csv", "rows_accepted"] -= 1
    assert ["rows read = accepted + quarantined, b.csv"] == broken(replace(whole, inputs=inputs))


def test_an_entry_without_a_source_row_is_found() -> None:
    assert ["ledger entries whose source row is known = ledger entries", "certificates whose source row is known = certificates"] == broken(
        replace(books(), places=PLACE_ROWS.iloc[2:])
    )


def test_empty_books_tie_out() -> None:
    certificates, export_rows = tables([])
    nothing = chargeback.ledger(certificates, export_rows, agencies(), settings(), AS_OF).table
    drawn = lots.draw(nothing, orders.lots(), settings(), AS_OF)
    empty = replace(
        books(),
        certificates=certificates,
        ledger=drawn.ledger,
        lots=drawn.lots,
        recovery=recovered(drawn.ledger, drawn.lots),
        encumbrances=billed(drawn.ledger),
        journal=journal.journal(drawn.ledger, ACCOUNTS.empty(), billed(drawn.ledger), settings()).table,
        invoices=chargeback.invoices(nothing),
        inputs=INPUTS.empty(),
        billed_orders=BILLED_ORDERS.empty(),
    )
    assert [] == broken(empty)


def test_findings_stand_at_their_places_sorted_and_once() -> None:
    found = [
        Finding("no-rate", "No rate.", value="standard", column="tier", source=2),
        Finding("no-rate", "No rate.", value="standard", column="tier", source=2),
        Finding("no-rate", "No rate.", value="standard", column="tier", source=1),
        Finding("bad-date", "No date.", value="32", column="valid_to", source=2),
        Finding("empty-file", "Nothing in it.", file="inbox/a.csv"),
    ]
    table = reconcile.findings_table(found, PLACE_ROWS)
    assert [
        ("inbox/a.csv", 0, "empty-file", "stopped", "error"),
        ("inbox/exports/a.csv", 2, "no-rate", "kept", "error"),
        ("inbox/exports/a.csv", 3, "bad-date", "quarantined", "error"),
        ("inbox/exports/a.csv", 3, "no-rate", "kept", "error"),
    ] == list(table[["file", "row", "code", "action", "severity"]].itertuples(index=False, name=None))
    assert table.equals(reconcile.findings_table(found[::-1], PLACE_ROWS))


def test_no_findings_are_an_empty_table_and_a_lost_place_is_our_own_fault() -> None:
    assert reconcile.findings_table([], PLACE_ROWS).empty
    with pytest.raises(ContractError, match="no place"):
        reconcile.findings_table([Finding("no-rate", "No rate.", source=99)], PLACE_ROWS)


def _told(code: str, file: str, row: int, **told: Any) -> Finding:
    return Finding(code, "It is bad.", file=file, row=row, **told)


def test_shares_are_taken_over_all_files_of_a_kind() -> None:
    found = [_told("bad-date", "a.csv", row) for row in (2, 3)] + [_told("missing-cell", "b.csv", row) for row in (2, 3)]
    lost = reconcile.findings_table(found, PLACE_ROWS)
    assert {"certificates": Decimal("0.02"), "requests": Decimal(0)} == reconcile.quarantine_shares(INPUT_ROWS, lost)
    assert {} == reconcile.quarantine_shares(INPUTS.empty(), lost)


def test_an_accepted_row_is_lost_all_the_same() -> None:
    accepted = _told("bad-date", "a.csv", 2, severity="note", accepted="Accepted until 2026-12-31 by J. Ortiz: known")
    lost = reconcile.findings_table([accepted, _told("footer", "a.csv", 9)], PLACE_ROWS)
    assert Decimal(1) / 200 == reconcile.quarantine_shares(INPUT_ROWS, lost)["certificates"]


def test_a_row_is_lost_once_and_by_no_note() -> None:
    found = [
        _told("bad-date", "a.csv", 2, column="valid_from"), _told("bad-date", "a.csv", 2, column="valid_to"), _told("footer", "a.csv", 2),
        _told("footer", "a.csv", 9), _told("duplicate-row", "a.csv", 4), _told("unknown-tier", "a.csv", 5), _told("bad-date", "a.csv", 0),
    ]  # fmt: skip
    lost = reconcile.findings_table(found, PLACE_ROWS)
    assert Decimal(1) / 200 == reconcile.quarantine_shares(INPUT_ROWS, lost)["certificates"]


def test_an_order_of_which_nothing_became_is_found() -> None:
    whole = books()
    assert ["cents of what became of the orders = cents of the ledger", "lines of what became of the orders = ledger entries"] == broken(
        replace(whole, billed_orders=whole.billed_orders[whole.billed_orders["outcome"] != "billed"])
    )
