"""Do the books tie out? Findings get their places, every figure is counted twice, and the shares of bad rows are told.

A check compares two whole numbers that were reached in two ways. One that does not hold is our own fault: the run publishes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from pipeline.among import among
from pipeline.contracts import FINDINGS, Books, ContractError
from pipeline.findings import NO_SOURCE, Finding
from pipeline.handovers import handovers

_INVOICE = ["period", "billed_to", "account_id"]


class BooksDoNotTieError(Exception):
    """Two figures that must be equal are not; the text names each with both figures, one a line."""


@dataclass(frozen=True, slots=True)
class Check:
    """Two whole numbers (cents, rows or units, as the name says) that must be equal."""

    name: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether they are."""
        return self.left == self.right


def must_tie(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """`checks`, all of which hold; raises `BooksDoNotTieError` that names those that do not."""
    broken = [f"{check.name}: {check.left:,} is not {check.right:,}" for check in checks if not check.holds]
    if broken:
        raise BooksDoNotTieError("\n".join(broken))
    return checks


def findings_table(findings: Sequence[Finding], places: pd.DataFrame) -> pd.DataFrame:
    """`findings` as FINDINGS, each at the file, sheet and row that its `source` stands for in `places` (PLACES).

    Sorted by file, sheet, row, code, column and value; equal rows are one. Raises `ContractError` for a source that is no place.
    """
    wanted = {finding.source for finding in findings if finding.source != NO_SOURCE}
    place_of = _places(places, wanted)
    rows = sorted({_row(finding, place_of) for finding in findings}, key=lambda row: (*row[2:5], row[0], *row[5:], row[1]))
    columns = list(zip(*rows, strict=True)) or [()] * len(FINDINGS.columns)
    kinds = {column.name: "int64" if column.kind == "whole" else "str" for column in FINDINGS.columns}
    series = {name: pd.Series(values, dtype=kinds[name]) for name, values in zip(FINDINGS.names, columns, strict=True)}
    return FINDINGS.check(pd.DataFrame(series))


def with_findings(books: Books, more: Sequence[Finding]) -> Books:
    """The books with further findings, each about a whole file; unchanged without any."""
    if not more:
        return books
    both = pd.concat([books.findings, findings_table(more, books.places)], ignore_index=True)
    return replace(books, findings=FINDINGS.check(both))


def quarantine_shares(inputs: pd.DataFrame, findings: pd.DataFrame) -> dict[str, Decimal]:
    """Rows lost to quarantine as a share of the rows read, from 0 to 1, for each kind of input over all its files (INPUTS, FINDINGS).

    Which rows are lost, `lost_rows` says.
    """
    lost = lost_rows(findings)
    rows = lost[lost["row"] > 0].drop_duplicates(["file", "sheet", "row"])["file"].value_counts()
    counted = inputs.assign(lost=inputs["file"].map(rows).fillna(0).astype("int64"))
    sums = counted.groupby("kind", sort=True)[["lost", "rows_read"]].sum()
    return {str(kind): Decimal(int(lost)) / int(read) if read else Decimal(0) for kind, lost, read in sums.itertuples(name=None)}


def lost_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Those of FINDINGS that tell of a row lost to quarantine.

    A row that was set aside with no more than a note (a total below the rows, a request among the certificates) was never one to
    read, so it is no loss and no reason to warn or to stop. A finding that somebody accepted is a note too, but its row is lost
    all the same: accepting it must not open the limits.
    """
    is_note = (findings["severity"] == "note") & (findings["accepted"] == "")
    return findings[(findings["action"] == "quarantined") & ~is_note]


def ties(books: Books) -> tuple[Check, ...]:
    """Every check of the books, those that hold too: money in cents, lots in units, inputs in rows."""
    return (
        *_ledger_to_invoices(books.ledger, books.invoices),
        *_closed(books),
        *_ledger_to_rates(books.ledger),
        Check("cents of what became of the orders = cents of the ledger", _total(books.billed_orders), _total(books.ledger)),
        Check("lines of what became of the orders = ledger entries", int(books.billed_orders["lines"].sum()), len(books.ledger)),
        *_lots(books.ledger, books.lots),
        *_recovery(books),
        *_journal(books.ledger, books.journal),
        Check("billed of the encumbrances = cents of the ledger", int(books.encumbrances["billed_cents"].sum()), _total(books.ledger)),
        *_rows(books.inputs),
        *_places_known(books),
    )


def _row(finding: Finding, place_of: dict[int, tuple[str, str, int]]) -> tuple[Any, ...]:
    place = (finding.file, finding.sheet, finding.row) if finding.source == NO_SOURCE else place_of[finding.source]
    return (finding.code, finding.severity, *place, finding.column, finding.value, finding.reason, finding.action, finding.accepted)


def _places(places: pd.DataFrame, wanted: set[int]) -> dict[int, tuple[str, str, int]]:
    asked = places[places["source"].isin(list(wanted))]
    found = {source: (file, sheet, row) for source, file, sheet, row in zip(*_columns(asked), strict=True)}
    lost = sorted(wanted - found.keys())
    if lost:
        raise ContractError(f"findings: {len(lost)} point to a source that is no place, first {lost[0]}")
    return found


def _columns(places: pd.DataFrame) -> list[list[Any]]:
    return [places[name].tolist() for name in ("source", "file", "sheet", "row")]


def _ledger_to_invoices(ledger: pd.DataFrame, invoices: pd.DataFrame) -> Iterable[Check]:
    yield Check("cents of the ledger = cents of the invoices", _total(ledger), _total(invoices))
    yield Check("ledger entries = lines of the invoices", len(ledger), int(invoices["lines"].sum()))
    keys = invoices.rename(columns={"agency": "billed_to"})[_INVOICE]
    on_invoices = ledger[["entry_id", *_INVOICE]].merge(keys, on=_INVOICE, how="inner")
    yield Check("ledger entries, each on exactly one invoice", len(ledger), len(on_invoices))
    posted = ledger.groupby(["period", "billed_to"])["amount_cents"].sum()
    billed = invoices.groupby(["period", "agency"])["amount_cents"].sum()
    both = pd.DataFrame({"posted": posted, "billed": billed.rename_axis(["period", "billed_to"])}).fillna(0).sort_index()
    for (period, agency), left, right in zip(both.index, both["posted"].astype("int64"), both["billed"].astype("int64"), strict=True):
        yield Check(f"cents of the ledger = cents of the invoices, {agency} in {period}", int(left), int(right))


def _closed(books: Books) -> Iterable[Check]:
    """What is published of each closed month is what was frozen: its lines, one by one, and its invoices."""
    names = ["entry_id", "billed_to", "account_id", "tier", "kind", "amount_cents", "lot_id", "unit_cost_cents", "invoice_no"]
    frozen, now = books.closed.ledger, books.ledger
    for period in books.closed.periods["period"].tolist():
        lines = frozen.loc[frozen["period"] == period, names]
        stand = now.loc[now["period"] == period, names].merge(lines, on=names, how="inner")
        yield Check(f"lines of {period} as they were closed = its lines", len(stand), int((now["period"] == period).sum()))
        yield Check(f"lines of {period} as they were closed = lines that were frozen", len(stand), len(lines))
        invoices = books.closed.invoices
        cents = int(invoices.loc[invoices["period"] == period, "amount_cents"].sum())
        yield Check(f"cents of the frozen invoices of {period} = cents of its lines", cents, int(lines["amount_cents"].sum()))


def _ledger_to_rates(ledger: pd.DataFrame) -> Iterable[Check]:
    amounts, kinds = ledger["amount_cents"], ledger["kind"]
    charged = ledger[(kinds == "charge") & (amounts != 0)]
    rest = int(amounts[kinds != "charge"].sum())
    rates = int((charged["rate_cents"] * np.sign(charged["amount_cents"])).sum())
    yield Check("rates of the charged lines + adjustments + credits = cents of the ledger", rates + rest, _total(ledger))
    credited = ledger[(kinds == "credit") & (ledger["reverses"] != "")]
    reversed_ = credited["reverses"].map(dict(zip(ledger["entry_id"], amounts, strict=True)))
    exact = (reversed_ == -credited["amount_cents"]).sum()
    yield Check("credits that take back exactly their entry = credits", int(exact), len(credited))
    standing = credited[~among(credited["entry_id"], ledger["takes_back"])]
    yield Check("entries credited = credits that stand, each entry once", int(standing["reverses"].nunique()), len(standing))


def _lots(ledger: pd.DataFrame, lots: pd.DataFrame) -> Iterable[Check]:
    # A charge draws, and so does the line that takes a credit back.
    drew_one = (ledger["lot_id"] != "") & ((ledger["kind"] != "credit") == (ledger["takes_back"] == ""))
    drawn = ledger.loc[drew_one & ~ledger["entry_id"].isin(handovers(ledger)), "lot_id"].value_counts()
    names = ["lot_id", "quantity", "drawn", "returned", "expired_unused", "remaining", "drawn_before"]
    for lot_id, quantity, units, returned, expired, remaining, before in lots[names].itertuples(index=False, name=None):
        left = int(quantity - units + returned - expired)
        yield Check(f"quantity - drawn + returned - expired = remaining units of lot {lot_id}", left, int(remaining))
        drew = int(drawn.get(lot_id, 0)) + int(before)
        yield Check(f"entries that drew from lot {lot_id}, and units drawn before = its drawn units", drew, int(units))
    costs = int(ledger["unit_cost_cents"].sum()) + int(lots["cost_before_cents"].sum())
    yield Check(
        "unit costs of the ledger and of units drawn before = cost of the drawn units, cents", costs, int(lots["drawn_cost_cents"].sum())
    )


def _recovery(books: Books) -> Iterable[Check]:
    """Each amount of the recovery is the ledger's, the lots' or the list's, and each year begins as the one before ended."""
    table, ledger = books.recovery, books.ledger
    amounts = ledger["amount_cents"]
    yield Check(
        "charged in the recovery = cents of the ledger above zero", int(table["charged_cents"].sum()), int(amounts.clip(lower=0).sum())
    )
    yield Check(
        "credited in the recovery = cents of the ledger below zero", int(table["credited_cents"].sum()), int(amounts.clip(upper=0).sum())
    )
    costs = int(ledger["unit_cost_cents"].sum())
    yield Check("cost of units in the recovery = unit costs of the ledger, cents", int(table["cost_cents"].sum()), costs)
    expired = books.lots[books.lots["expired_unused"] > 0]
    unused = int((expired["total_cost_cents"] - expired["drawn_cost_cents"]).sum())
    yield Check("cost of units unused in the recovery = that of the lots, cents", int(table["unused_cents"].sum()), unused)
    for tier, years in table.groupby("tier"):
        moved = years["charged_cents"] + years["credited_cents"] - years["cost_cents"] - years["unused_cents"] - years["office_cost_cents"]
        last = years.sort_values("fiscal_year").iloc[-1]
        carried = int(years["opening_cents"].iloc[0] + moved.sum())
        yield Check(
            f"first opening of {str(tier) or 'no tier'} and what moved since = its last closing, cents", carried, int(last["closing_cents"])
        )


def _journal(ledger: pd.DataFrame, journal: pd.DataFrame) -> Iterable[Check]:
    """Debits are credits, and what the journal leaves on the accounts of the agencies is what the ledger bills."""
    debits, credits = int(journal["debit_cents"].sum()), int(journal["credit_cents"].sum())
    yield Check("debits of the journal = its credits, cents", debits, credits)
    yield Check("debits of the journal = cents of the ledger without their signs", debits, int(ledger["amount_cents"].abs().sum()))
    yield Check(
        "lines of the journal = two for each entry that bills something", len(journal), 2 * int((ledger["amount_cents"] != 0).sum())
    )
    odd = journal[journal["line"] % 2 == 1]
    yield Check(
        "what the journal leaves on the agencies' accounts = cents of the ledger",
        int(odd["debit_cents"].sum() - odd["credit_cents"].sum()),
        _total(ledger),
    )


def _rows(inputs: pd.DataFrame) -> Iterable[Check]:
    names = ["file", "rows_read", "rows_accepted", "rows_quarantined"]
    for file, read, accepted, quarantined in inputs[names].itertuples(index=False, name=None):
        yield Check(f"rows read = accepted + quarantined, {file}", int(read), int(accepted + quarantined))


def _places_known(books: Books) -> Iterable[Check]:
    known = books.places["source"]
    told = {"ledger entries": books.ledger, "certificates": books.certificates, "requests": books.requests}
    for name, frame in {**told, "disagreements": books.reconciliation}.items():
        there = int(np.count_nonzero(frame["source"].isin(known)))
        yield Check(f"{name} whose source row is known = {name}", there, len(frame))


def _total(frame: pd.DataFrame) -> int:
    return int(frame["amount_cents"].sum())
