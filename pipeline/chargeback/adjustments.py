"""What people decided about money: waivers, credits, charges and memos of data/entries/adjustments.csv, posted to the ledger.

A decision is posted once it is approved, in the month of its approval, as one entry that is named by the decision alone. What is taken
off names its order or entry, and is never more than what was charged for that (DESIGN §4 and §6; facts §5.6, invariant 9).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.agencies import successor_in
from pipeline.calendar import dates
from pipeline.chargeback.billing import billed, days
from pipeline.chargeback.standing import InForce, Standing, Subject
from pipeline.contracts import ADJUSTMENTS, LEDGER, NOT_POSTED
from pipeline.findings import Finding
from pipeline.money import dollars
from pipeline.rates import first_day
from pipeline.settings import Settings

_TAKEN_OFF = ("waiver", "credit")
_LEDGER_KIND = {"waiver": "adjustment", "credit": "credit", "charge": "adjustment", "memo": "memo"}
_NOBODY = Subject()
_BACK = " It is taken back; if it still holds, enter a new decision."
_NONE_KEPT = ADJUSTMENTS.empty()
_REFUSED = "adjustment-not-posted"


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The ledger with the decisions that are posted (`table`, LEDGER), those that are not (`not_posted`, NOT_POSTED), and what is to be
    said of these."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    not_posted: pd.DataFrame


class Decision(NamedTuple):
    """A line of adjustments.csv. `cents` has no sign; `approved_on` is None where nobody has approved it; one that `is_kept`
    is known from closed months only."""

    id: str
    agency: str
    order_id: str
    ledger_entry: str
    kind: str
    cents: int
    reason: str
    approved_by: str
    approved_on: dt.date | None
    document: str
    source: int
    is_kept: bool = False

    @property
    def entry_id(self) -> str:
        """32 hexadecimal digits of SHA-256 over the id alone: however the line is mended, it stays one entry."""
        return hashlib.sha256(f"decision\x1e{self.id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def is_taken_off(self) -> bool:
        """Whether it lowers what is billed."""
        return self.kind in _TAKEN_OFF

    @property
    def moved(self) -> int:
        """What it adds to the bill, in cents: a memo nothing."""
        return 0 if self.kind == "memo" else -self.cents if self.is_taken_off else self.cents

    @property
    def said(self) -> str:
        """What it is and comes to, to begin a sentence with."""
        kept = ", which nobody has on file any more" if self.is_kept else ""
        return f"{self.kind.capitalize()} {self.id} of {dollars(self.cents)}{kept}"

    @property
    def names_something(self) -> bool:
        """Whether it is about an order or an entry, and not about an agency as a whole."""
        return bool(self.order_id or self.ledger_entry)


class _Refused(Exception):  # noqa: N818 - a decision that is not posted; the text says why
    """Why a decision cannot be posted, and the column that is to be mended."""

    def __init__(self, reason: str, column: str) -> None:
        super().__init__(reason)
        self.column = column


def adjust(
    ledger: pd.DataFrame,
    adjustments: pd.DataFrame,
    agencies: pd.DataFrame,
    orders: Collection[str],
    settings: Settings,
    as_of: dt.date,
    books: pd.DataFrame | None = None,
    kept: pd.DataFrame = _NONE_KEPT,
) -> Adjusted:
    """Post the decisions of `adjustments` (ADJUSTMENTS) to `ledger` (LEDGER), those approved up to `as_of`.

    `books` is LEDGER as it is posted beside the closed months, without these decisions, and `ledger` itself where nothing is closed: what
    was charged is what stands there, also of rows that are in no file any more. `kept` (ADJUSTMENTS, see `kept_decisions`) are decisions
    that closed months posted and nobody has on file any more: they go first, and are bounded like all others. An entry that was billed
    anew may be named by each of its names. `agencies` is AGENCIES, `orders` every order number of the inventory and of closed months.
    Charges and memos are posted before what is taken off, each in
    the order of approval and id, so that the order of lines does not matter. A waiver or charge becomes an `adjustment`, negative or
    positive int64 USD cents, a credit a `credit`, a memo a `memo` of $0.00 with its amount in `memo_cents`. It is billed to the agency's
    successor as every entry is, and draws no unit. What cannot be posted is a finding on its line: no amount moves.
    """
    if adjustments.empty and kept.empty:
        return Adjusted(ledger, (), NOT_POSTED.empty())
    known = pd.concat([kept, adjustments], ignore_index=True)
    in_force = InForce(ledger if books is None else books, frozenset(known["id"]))
    standing = Standing(_named_by(known, in_force))
    begin = first_day(settings)
    directory = _Directory(agencies)
    posted: list[tuple[Decision, Subject]] = []
    held_back: list[tuple[Decision, Finding]] = []
    remembered = (decision._replace(is_kept=True) for decision in _decisions(kept))
    for decision in sorted((*remembered, *_decisions(adjustments)), key=_turn):
        if waits := _waits(decision, as_of):
            held_back.append((decision, waits))
            continue
        try:
            subject = _subject(decision, standing, in_force, directory, orders, begin)
        except _Refused as refused:
            value = "" if refused.column == "amount" else str(getattr(decision, refused.column))
            reason = f"{decision.said}: {refused}{_BACK * decision.is_kept}"
            held_back.append((decision, Finding(_REFUSED, reason, value=value, column=refused.column, source=decision.source)))
            continue
        posted.append((decision, subject))
        standing.post(decision.entry_id, subject, decision.agency, _approved(decision), decision.moved)
    findings, not_posted = tuple(finding for _, finding in held_back), NOT_POSTED.frame(map(_held_back, held_back))
    if not posted:
        return Adjusted(ledger, findings, not_posted)
    added = _table(posted, agencies, settings.organization.fiscal_year_starts)
    both = pd.concat([ledger, added], ignore_index=True)
    return Adjusted(LEDGER.check(both.sort_values(["period", "service_on", "entry_id"], kind="stable")), findings, not_posted)


def _held_back(told: tuple[Decision, Finding]) -> dict[str, Any]:
    """A decision that is not posted, as a row of NOT_POSTED."""
    decision, finding = told
    facts = {
        "id": decision.id,
        "agency": decision.agency,
        "order_id": decision.order_id,
        "kind": decision.kind,
        "amount_cents": decision.cents,
    }
    state = "refused" if finding.code == _REFUSED else "waits"
    return {**facts, "state": state, "why": finding.reason, "source": decision.source}


def _decisions(adjustments: pd.DataFrame) -> Iterator[Decision]:
    texts = (adjustments[name].tolist() for name in ("id", "agency", "order_id", "ledger_entry", "kind"))
    rest = (adjustments[name].tolist() for name in ("amount_cents", "reason", "approved_by"))
    approved_on = dates(adjustments["approved_on"])
    lines = zip(*texts, *rest, approved_on, adjustments["document"].tolist(), adjustments["source"].tolist(), strict=True)
    return (Decision(*line) for line in lines)


def _named_by(adjustments: pd.DataFrame, in_force: InForce) -> pd.DataFrame:
    """The entries (LEDGER) that decisions may take something off, those of the orders and entries that they name, with what took something
    off them before; and what any of these took back."""
    ledger = in_force.ledger
    named = ledger["entry_id"].isin([in_force.line(entry) for entry in adjustments["ledger_entry"] if entry])
    of_orders = {*adjustments["order_id"], *ledger.loc[named, "order_id"]} - {""}
    off_them = ledger["reverses"].isin(ledger.loc[named, "entry_id"]) | ledger["adjusts"].isin(ledger.loc[named, "entry_id"])
    concerned = named | off_them | ledger["order_id"].isin(of_orders)
    told = ledger.loc[concerned]
    return ledger[concerned | ledger["entry_id"].isin([*told["reverses"], *told["adjusts"]])]


def _turn(decision: Decision) -> tuple[bool, bool, dt.date, str]:
    return decision.is_taken_off, not decision.is_kept, decision.approved_on or dt.date.max, decision.id


def _waits(decision: Decision, as_of: dt.date) -> Finding | None:
    """What a decision waits for; None where it is approved by `as_of`."""
    said = f"{decision.said} for {decision.agency}"
    if not decision.approved_by or decision.approved_on is None:
        column = "approved_on" if decision.approved_by else "approved_by"
        lacks = "no day of approval" if decision.approved_by else "nobody who approved it"
        return Finding("not-approved", f"{said} names {lacks}, so it is not posted.", column=column, source=decision.source)
    if decision.approved_on > as_of:
        reason = f"{said} is approved on {decision.approved_on}, after the as-of day {as_of}, so it is not posted yet."
        return Finding("approved-later", reason, value=str(decision.approved_on), column="approved_on", source=decision.source)
    return None


def _approved(decision: Decision) -> dt.date:
    return decision.approved_on or dt.date.max


class _Directory:
    """The agency codes, and who has taken over from whom."""

    def __init__(self, agencies: pd.DataFrame) -> None:
        self._successor = successor_in(agencies)
        self.codes = frozenset(agencies["agency"])

    def payers(self, code: str, on: dt.date) -> set[str]:
        """The code itself, and the one that is billed for it on a day."""
        return {code, self._successor(code, on)}


def _subject(
    decision: Decision, standing: Standing, in_force: InForce, directory: _Directory, orders: Collection[str], begin: dt.date
) -> Subject:
    """What the decision is about. Raises `_Refused` where it cannot be posted."""
    on = _approved(decision)
    if decision.agency not in directory.codes:
        raise _Refused(f"no agency has the code {decision.agency}; write a code of data/reference/agencies.csv.", "agency")
    if on < begin:
        raise _Refused(f"approved on {on}, but these books begin on {begin}; what was settled before is in the old books.", "approved_on")
    if decision.is_taken_off and not decision.names_something:
        raise _Refused(
            "it names neither an order nor a ledger entry, so nothing says which charge it is taken off; write order_id or ledger_entry.",
            "order_id",
        )
    subject = _named(decision, standing, in_force, orders)
    owners = {payer for code in subject.agencies for payer in directory.payers(code, on)} | subject.billed_to
    if owners and decision.agency not in owners:
        raise _Refused(f"{subject.said} was charged to {' and '.join(sorted(subject.billed_to))}, not to {decision.agency}.", "agency")
    if decision.is_taken_off:
        left = standing.left(subject, on)
        if left is None:
            raise _Refused(
                f"nothing was charged for {subject.said} up to the approval on {on}, so nothing can be taken off.", "approved_on"
            )
        if decision.cents > left:
            raise _Refused(f"of {subject.said} {dollars(left)} is left to take off, not {dollars(decision.cents)}.", "amount")
    return subject


def _named(decision: Decision, standing: Standing, in_force: InForce, orders: Collection[str]) -> Subject:
    """The entry or order that the decision names. Raises `_Refused` for one that is not there, and for an entry of another order."""
    if decision.ledger_entry:
        subject = standing.entry(in_force.line(decision.ledger_entry))
        if subject is None:
            raise _Refused(_not_in_force(decision.ledger_entry, in_force), "ledger_entry")
        if decision.order_id and decision.order_id != subject.order_id:
            of_it = f"order {subject.order_id}" if subject.order_id else "no order"
            raise _Refused(f"entry {decision.ledger_entry[:12]} is of {of_it}, not of order {decision.order_id}.", "order_id")
        return subject
    if not decision.order_id:
        return _NOBODY
    subject = standing.order(decision.order_id, _approved(decision))
    if subject is None and decision.order_id not in orders:
        raise _Refused(f"no order has the number {decision.order_id}; correct it, or leave it empty.", "order_id")
    return subject or Subject(decision.order_id)


def _not_in_force(named: str, in_force: InForce) -> str:
    """Why nothing can be decided about an entry that is not in force."""
    entry = in_force.line(named)
    if entry in in_force.taken_back:
        return f"entry {named[:12]} was taken back by a correction, so it charges nothing any more."
    if entry in in_force.taking_back:
        return (
            f"entry {named[:12]} is the correction that takes back entry {in_force.taking_back[entry][:12]}; name an entry that is charged."
        )
    return f"the ledger has no entry {named}; certledger explain shows those of an order."


def _table(posted: Sequence[tuple[Decision, Subject]], agencies: pd.DataFrame, starts: int) -> pd.DataFrame:
    """LEDGER of the decisions, in their order."""
    approved = days([_approved(decision) for decision, _ in posted])
    told = zip(posted, approved, calendar.periods(approved, starts).tolist(), strict=True)
    rows: Iterable[dict[str, Any]] = (
        {
            "entry_id": decision.entry_id,
            "period": period,
            "service_on": day,
            "agency": decision.agency,
            "order_id": subject.order_id,
            "certificate": subject.certificate,
            "common_name": subject.common_name,
            "kind": _LEDGER_KIND[decision.kind],
            "tier": subject.tier,
            "amount_cents": decision.moved,
            "source": decision.source,
            "reason": decision.reason,
            "adjustment": decision.id,
            "decision": decision.kind,
            "adjusts": subject.entry_id,
            "approved_by": decision.approved_by,
            "approved_on": day,
            "document": decision.document,
            "memo_cents": decision.cents if decision.kind == "memo" else None,
        }
        for (decision, subject), day, period in told
    )
    frame = LEDGER.frame(rows).drop(columns=["billed_to", "account_id"])
    return billed(frame, agencies, starts)[LEDGER.names]
