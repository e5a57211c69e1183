"""Posting: the books of the day beside the closed months, which stand as they are (DESIGN §6, "Close")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.among import among
from pipeline.chargeback.billing import billed
from pipeline.chargeback.chains import Chains, Line, lines, taken_back, with_known_issuers
from pipeline.chargeback.open_months import OpenMonths
from pipeline.chargeback.rebilling import Billed, Rebilling, TakenBack, rebill
from pipeline.contracts import DTYPES, LEDGER, ByHand, Closed
from pipeline.findings import Finding
from pipeline.issuers import issuer_keys
from pipeline.money import dollars

_NO_CENTS = pd.Series([pd.NA], dtype=DTYPES["cents?"])
# What refers to another entry, and so must name it as these books do.
_REFERENCES = ("reverses", "amends", "adjusts")


@dataclass(frozen=True, slots=True)
class Posted:
    """The ledger of closed and open months (`table`, LEDGER), and what is to be said of late items and corrections."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]


def post(
    computed: pd.DataFrame,
    closed: Closed,
    certificates: pd.DataFrame,
    agencies: pd.DataFrame,
    starts: int,
    adjustments: Collection[str] = (),
    as_of: dt.date | None = None,
    by_hand: Mapping[str, ByHand] = MappingProxyType({}),
    from_closed: Collection[str] = (),
) -> Posted:
    """Post `computed` (LEDGER, as it were if nothing was closed) to the months that are open, beside the lines of the `closed` ones.

    A closed line stays as it is, byte by byte. Of the rest, an entry whose month is closed is posted to the first open one (June's to P13
    up to the `as_of` day 31 August, then behind it) as `late`. Where a closed line bills otherwise than the day does (agency, tier or
    amount, or who is billed by the agencies of the day), it is taken back by a line of the same kind and the opposite amount, and billed
    anew: both are `correction`, name the invoice that they correct, and are posted to the first open month. A closed line that nothing
    speaks of any more stands. The same facts under another name, as when an order number arrives, bill nothing again. What counts only as
    closed months billed it (`from_closed`, certificates and ids of decisions) stands. A decision that was posted and cannot be any more,
    though it is among the `adjustments` (ids), is taken back.
    Where the difference is what corrections made (`by_hand`, by entry), both lines say why and who entered them.
    `certificates` (CERTIFICATES) gives serials and issuers, `agencies` (AGENCIES) who pays in the new month. The rate stays that of the day
    of service. Units and their costs of open lines are left to `lots.draw`. int64 USD cents.
    """
    if closed.periods.empty:
        return Posted(computed, ())
    names = certificates["certificate"].tolist()
    serial_of = dict(zip(names, certificates["serial"].tolist(), strict=True))
    by_entry = {
        entry: serial_of.get(name, "") for entry, name in zip(computed["entry_id"].tolist(), computed["certificate"].tolist(), strict=True)
    }
    frozen_serials = dict(zip(closed.lines["entry_id"].tolist(), closed.lines["serial"].tolist(), strict=True))
    issuer_of = dict(zip(names, issuer_keys(certificates["issuer"]), strict=True))
    payers = billed(closed.ledger.drop(columns=["billed_to", "account_id"]), agencies, starts)["billed_to"].tolist()
    frozen = lines(closed.ledger, frozen_serials, issuer_of, payers)
    today, stood = with_known_issuers(lines(computed, by_entry, issuer_of), frozen)
    chains = Chains(stood)
    found = rebill(today, chains, adjustments, from_closed)
    months = OpenMonths(frozenset(closed.periods["period"]), starts, as_of)
    entered = _entered(found, chains, by_hand)
    opened = pd.concat(
        [_taken_back(closed.ledger, found.taken_back, months, entered), _billed(computed, found, months, entered)], ignore_index=True
    )
    paid = billed(opened.drop(columns=["billed_to", "account_id"]), agencies, starts)[LEDGER.names]
    # What the wrong one paid goes back to the one who paid it, not to the successor.
    refunded = opened["takes_back"].isin([one.line.entry_id for one in found.taken_back if one.line.is_misdirected])
    paid = paid.assign(**{name: paid[name].where(~refunded, opened[name]) for name in ("billed_to", "account_id")})
    table = pd.concat([closed.ledger, paid], ignore_index=True).sort_values(["period", "service_on", "entry_id"], kind="stable")
    return Posted(LEDGER.check(table), tuple(_findings(found, months, starts)))


def _entered(found: Rebilling, chains: Chains, by_hand: Mapping[str, ByHand]) -> dict[str, ByHand]:
    """Of the closed lines that are taken back those that stand as `by_hand` says they would without what people entered: that is why."""
    entered = {}
    for line, _ in found.taken_back:
        told = by_hand.get(chains.first(line.entry_id) or "")
        if told and (line.agency, line.tier, line.cents) == (told.agency, told.tier, told.cents):
            entered[line.entry_id] = told
    return entered


def _by_whom(rows: pd.DataFrame, told: Iterable[ByHand | None]) -> dict[str, pd.Series[Any]]:
    """The columns of LEDGER that name who entered what made each row; of a decision who approved that, else nobody."""
    known = zip(told, rows["decision"], rows["approved_by"], rows["approved_on"], strict=True)
    who = [(one.by, pd.Timestamp(one.on)) if one else (by, on) if decision else ("", pd.NaT) for one, decision, by, on in known]
    on = pd.Series([on for _, on in who], index=rows.index, dtype=DTYPES["day"])
    return {"approved_by": _text(rows, (by for by, _ in who)), "approved_on": on}


def _taken_back(ledger: pd.DataFrame, taken: Iterable[TakenBack], months: OpenMonths, entered: Mapping[str, ByHand]) -> pd.DataFrame:
    """LEDGER rows that take back closed lines: the same line with the opposite amount."""
    why = {one.line.entry_id: one.why for one in taken}
    why |= {entry_id: f"{why[entry_id]}; {told.reason}" for entry_id, told in entered.items()}
    rows = ledger[ledger["entry_id"].isin(why)]
    return rows.assign(
        entry_id=_text(rows, map(taken_back, rows["entry_id"])),
        period=_text(rows, map(months.posting, rows["period"])),
        amount_cents=-rows["amount_cents"],
        memo_cents=-rows["memo_cents"],
        reason=_text(rows, map(_takes_back_because, rows["entry_id"].map(why), rows["invoice_no"])),
        takes_back=rows["entry_id"],
        rebills=_text(rows, [""] * len(rows)),
        corrected_invoice=rows["invoice_no"],
        invoice_no=_text(rows, [""] * len(rows)),
        reverses=_text(rows, [""] * len(rows)),
        amends=_text(rows, [""] * len(rows)),
        lot_id=_text(rows, [""] * len(rows)),
        unit_cost_cents=pd.Series(pd.NA, index=rows.index, dtype=DTYPES["cents?"]),
        **_by_whom(rows, map(entered.get, rows["entry_id"])),
        **{"class": _text(rows, ["correction"] * len(rows))},
    )


def _takes_back_because(why: str, invoice_no: str) -> str:
    return f"takes back a line of {invoice_no}: {why}"


def _billed(computed: pd.DataFrame, found: Rebilling, months: OpenMonths, entered: Mapping[str, ByHand]) -> pd.DataFrame:
    """LEDGER rows of the lines of the day that are not closed yet, under the names and in the months of these books."""
    posted = {one.line.entry_id: one for one in found.billed}
    rows = computed[among(computed["entry_id"], posted)]
    of_rows = [posted[entry_id] for entry_id in rows["entry_id"]]
    periods = [months.posting(one.rebills.period if one.rebills else one.line.period) for one in of_rows]
    told = [entered.get(one.rebills.entry_id) if one.rebills else None for one in of_rows]
    reasons = [f"{reason}; {one.reason}" if one else reason for reason, one in zip(rows["reason"], told, strict=True)]
    references = {name: _text(rows, (found.known_as.get(entry, entry) for entry in rows[name])) for name in _REFERENCES}
    return rows.assign(
        entry_id=_text(rows, (one.entry_id for one in of_rows)),
        period=_text(rows, periods),
        rebills=_text(rows, (one.rebills.entry_id if one.rebills else "" for one in of_rows)),
        corrected_invoice=_text(rows, (one.rebills.invoice_no if one.rebills else "" for one in of_rows)),
        reason=_text(rows, reasons),
        **references,
        **_by_whom(rows, told),
        **{"class": _text(rows, map(_class, of_rows, periods))},
    )


def _class(one: Billed, period: str) -> str:
    if one.rebills:
        return "correction"
    return "late" if period != one.line.period else ""


def _text(rows: pd.DataFrame, values: Iterable[str]) -> pd.Series[str]:
    return pd.Series(list(values), index=rows.index, dtype="str")


def _findings(found: Rebilling, months: OpenMonths, starts: int) -> Iterable[Finding]:
    """What a person should know: each correction and late item, and a note for each closed month whose lines are told of no more."""
    anew = {one.rebills.entry_id: one for one in found.billed if one.rebills}
    for line, why in found.taken_back:
        told = anew.get(line.entry_id)
        title = calendar.period_title(months.posting(line.period), starts)
        reason = f"{line.invoice_no} bills {dollars(line.cents)} to {line.agency}; now it reads: {why}. It is corrected in {title}."
        yield Finding("closed-line-corrected", reason, value=line.invoice_no, source=told.line.source if told else line.source)
    for one in found.billed:
        title = calendar.period_title(months.posting(one.line.period), starts)
        if not one.rebills and one.line.period != months.posting(one.line.period):
            own = calendar.period_title(one.line.period, starts)
            reason = f"It is of {own}, which is closed, so its {dollars(one.line.cents)} are billed in {title}."
            if until := months.missed(one.line.period):
                items, _ = calendar.late_items_of(int(one.line.period[2:6]))
                reason += f" If it arrived by {until}, close {items} before that month, with --as-of {until}."
            yield Finding("late-item", reason, value=one.line.period, source=one.line.source)
    yield from _stand(found.standing)


def _stand(lines_left: Iterable[Line]) -> Iterable[Finding]:
    of_month: dict[str, list[Line]] = {}
    for line in lines_left:
        of_month.setdefault(line.period, []).append(line)
    for period, left in sorted(of_month.items()):
        cents = sum(line.cents for line in left)
        many = "1 line" if len(left) == 1 else f"{len(left):,} lines"
        reason = f"The inbox gives no reason any more to bill {many} of {period} ({dollars(cents)}); what was billed stands."
        yield Finding("closed-lines-stand", reason, value=period, source=left[0].source)
