"""What the note of a ledger entry says: what it is, and for a credit or an adjustment which charge it changes and by what sum."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.calendar import dates, day_keys
from pipeline.publish import words

_POSTED = {"charge": "charged", "credit": "credited", "adjustment": "adjusted", "memo": "noted"}
_NEW_ORDER = "new order"


class _Entry(NamedTuple):
    """A ledger entry as far as its note speaks of it; cents, None where no rate is known."""

    entry_id: str
    kind: str
    amount_cents: int
    rate_cents: int | None
    period: str
    order_id: str
    reason: str
    group: str
    agency: str
    billed_to: str
    reverses: str
    amends: str
    adjusts: str
    decision: str
    approved_by: str
    approved_on: str
    document: str
    memo_cents: int | None
    service_on: dt.date
    takes_back: str
    rebills: str
    corrected_invoice: str


def notes(ledger: pd.DataFrame, fiscal_year_starts: int) -> list[str]:
    """The note of each row of `ledger` (LEDGER), which must be whole: a credit or adjustment is told by the entry that it changes."""
    read = {name: ledger["class" if name == "group" else name].tolist() for name in _Entry._fields}
    known = {name: _cents(ledger[name]) for name in ("rate_cents", "memo_cents")}
    columns = {**read, **known, "approved_on": day_keys(ledger["approved_on"]), "service_on": dates(ledger["service_on"])}
    entries = [_Entry(*values) for values in zip(*columns.values(), strict=True)]
    by_id = {entry.entry_id: entry for entry in entries}
    paid = _paid_before(ledger, by_id)
    charged = _charged(entries)
    titles = {period: calendar.period_title(period, fiscal_year_starts) for period in {entry.period for entry in entries}}
    return ["; ".join(_parts(entry, by_id, charged, paid, titles)) for entry in entries]


def _cents(column: pd.Series[Any]) -> list[int | None]:
    """Whole cents, None where there are none."""
    return [None if unknown else int(cents) for cents, unknown in zip(column.tolist(), column.isna().tolist(), strict=True)]


def why(reason: str, rebills: str, corrected_invoice: str) -> str:
    """The reason of an entry without what a note of a correction says before it; '' where nothing is left.

    A line that is billed anew is no new order, and one that takes a line back need not name its invoice twice.
    """
    if rebills and reason.partition("; ")[0] == _NEW_ORDER:
        return reason.removeprefix(_NEW_ORDER).removeprefix("; ")
    return reason.removeprefix(f"takes back a line of {corrected_invoice}: ") if corrected_invoice else reason


def _paid_before(ledger: pd.DataFrame, by_id: dict[str, _Entry]) -> dict[str, int]:
    """For each adjustment that upgrades a charge, the cents that the ledger had posted for that charge before."""
    in_turn = ledger[ledger["amends"] != ""].sort_values(["period", "service_on", "rate_cents", "entry_id"], kind="stable")
    posted: Counter[str] = Counter()
    before = {}
    for entry_id in in_turn["entry_id"].tolist():
        upgrade = by_id[entry_id]
        charge = by_id.get(upgrade.amends)
        before[entry_id] = posted[upgrade.amends] + (charge.amount_cents if charge else 0)
        posted[upgrade.amends] += upgrade.amount_cents
    return before


def _charged(entries: list[_Entry]) -> dict[str, list[_Entry]]:
    """What each order number was charged, without what a correction took back: a decision that names an order only is about these."""
    taken_back = {entry.takes_back for entry in entries}
    charged: dict[str, list[_Entry]] = {}
    for entry in entries:
        if entry.kind == "charge" and entry.amount_cents > 0 and entry.order_id and entry.entry_id not in taken_back:
            charged.setdefault(entry.order_id, []).append(entry)
    return charged


def _parts(
    entry: _Entry, by_id: dict[str, _Entry], charged: dict[str, list[_Entry]], paid: dict[str, int], titles: dict[str, str]
) -> list[str]:
    parts = []
    if entry.reverses:
        parts.append(_takes_back(entry, by_id.get(entry.reverses), titles))
    if entry.decision:
        about = [by_id[entry.adjusts]] if entry.adjusts in by_id else charged.get(entry.order_id, [])
        parts.append(_decided(entry, about, titles))
    if entry.group == "correction":
        parts.append(_corrects(entry, by_id, titles))
    if entry.kind == "charge" and not entry.amount_cents and entry.group != "correction":
        parts.append(f"$0.00, same order: {entry.reason}")
    elif said := _upgrade(entry, by_id.get(entry.amends), paid, titles) or why(entry.reason, entry.rebills, entry.corrected_invoice):
        parts.append(said)
    if entry.group == "late":
        parts.append(f"late: of {_month(entry.service_on)}, which was closed before")
    if entry.billed_to and entry.agency != entry.billed_to:
        parts.append(f"issued to {entry.agency or 'no agency'}")
    return parts


def _takes_back(entry: _Entry, taken: _Entry | None, titles: dict[str, str]) -> str:
    if taken is None:
        return f"takes back entry {entry.reverses[:12]}, which is not in this ledger"
    order = f"order {taken.order_id}" if taken.order_id else "no order number"
    return f"takes back {words.dollars(taken.amount_cents)} {_POSTED[taken.kind]} in {titles[taken.period]}, {order}"


def _corrects(entry: _Entry, by_id: dict[str, _Entry], titles: dict[str, str]) -> str:
    """Which line of which invoice a correction takes back, or bills anew."""
    corrected = by_id.get(entry.takes_back or entry.rebills)
    if corrected is None:
        return f"corrects a line of {entry.corrected_invoice or 'an earlier invoice'}"
    line = f"{words.dollars(corrected.amount_cents)} {_POSTED[corrected.kind]} in {titles[corrected.period]}"
    line += f" on invoice {entry.corrected_invoice}" if entry.corrected_invoice else ""
    by = f", corrected by {entry.approved_by} on {entry.approved_on}" if entry.approved_by and not entry.decision else ""
    return f"correction: {'takes back' if entry.takes_back else 'bills anew instead of'} {line}{by}"


def _month(day: dt.date) -> str:
    return words.month(f"{day:%Y-%m}")


def _decided(entry: _Entry, about: list[_Entry], titles: dict[str, str]) -> str:
    """What was decided, about which entries, by whom and when; of a memo its amount, which is in no sum."""
    said = f"memo of {words.dollars(entry.memo_cents)}, not billed" if entry.memo_cents is not None else entry.decision
    if about:
        said += " on " + " and ".join(f"{words.dollars(one.amount_cents)} {_POSTED[one.kind]} in {titles[one.period]}" for one in about)
    proof = f", document {entry.document}" if entry.document else ""
    return f"{said}, approved by {entry.approved_by} on {entry.approved_on}{proof}"


def _upgrade(entry: _Entry, charge: _Entry | None, paid: dict[str, int], titles: dict[str, str]) -> str:
    """The sum behind an upgrade, from figures of the ledger; '' where they do not give it, as for an order of the old books."""
    if charge is None or entry.rate_cents is None or not charge.amount_cents:
        return ""
    before = paid[entry.entry_id]
    if entry.rate_cents - before != entry.amount_cents:
        return ""
    sum_of_it = f"{words.amount(entry.rate_cents)} − {words.amount(before)} = {words.amount(entry.amount_cents)}"
    return f"{sum_of_it}: upgrade of the order charged in {titles[charge.period]}"
