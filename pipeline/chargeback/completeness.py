"""What became of each order of a month: billed, reissued, refunded, adjusted, not billable and why, or not yet answered.

An agency can only trust an invoice that says what is not on it. So every order that the inbox tells of stands here once for its month,
beside those that are billed; an order counts once, however many certificates it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from pipeline import agencies as agency_codes
from pipeline import calendar
from pipeline.among import among
from pipeline.chargeback.billing import billed
from pipeline.chargeback.open_months import OpenMonths
from pipeline.contracts import BILLED_ORDERS, Inbox
from pipeline.findings import quoted
from pipeline.rates import RateCard, first_day, rate_card, tier_of
from pipeline.settings import Settings


class Silent(NamedTuple):
    """A certificate or row of an export that no ledger line is about, and why; `certificate` is "" where none was issued."""

    day: dt.date
    agency: str
    order_key: str
    order_id: str
    host: str
    tier: str
    certificate: str
    outcome: str
    why: str
    source: int


_KEY = ["agency", "account_id", "period", "order_key"]
_OF_ANY = ["is_order", "charged", "taken_back", "free"]
_NOTHING_ISSUED = {
    "pending": "pending: no certificate was issued yet",
    "rejected": "rejected: no certificate was issued",
    "canceled": "canceled: no certificate was issued",
}
_INVENTORY_ONLY = "only an inventory names it; what no billing export tells is not charged"


def billed_orders(
    ledger: pd.DataFrame,
    certificates: pd.DataFrame,
    one_order: Mapping[str, str],
    came_in: Inbox,
    settings: Settings,
    as_of: dt.date,
) -> pd.DataFrame:
    """BILLED_ORDERS of all months: of closed ones as they were frozen, of the others from `ledger` (LEDGER) and what came in.

    `certificates` is CERTIFICATES; `one_order` names, for a certificate of an order without a number, the first one of that order. An
    order stands in the month that its lines are posted to; one without lines in the month of its day, or, where that is closed and did
    not know it, in the first one after it that is open. Orders of which nobody knows who pays have the agency "". The cents of a month
    and account are those of its lines. Orders before the first day that is charged are not told of.
    """
    closed = came_in.closed
    lines = ledger[~among(ledger["entry_id"], closed.ledger["entry_id"])]
    on_invoices = _on_invoices(lines, certificates, one_order, settings.organization.fiscal_year_starts)
    charged = set(ledger.loc[ledger["kind"] == "charge", "certificate"])
    exported = certificates[certificates["role"].isin(("billing", "inventory")) & ~among(certificates["certificate"], charged)]
    without_line = _without_line(exported, set(ledger["order_id"]), one_order, came_in, rate_card(settings), as_of)
    silent = [*without_line, *_not_issued(came_in, settings, as_of)]
    others = _in_months([one for one in silent if one.day >= first_day(settings)], came_in, settings, as_of)
    on_invoices, others = _once(on_invoices, others)
    table = _placed(pd.concat([on_invoices, others], ignore_index=True), came_in.places)
    whole = pd.concat([closed.orders, table[BILLED_ORDERS.names]], ignore_index=True)
    return BILLED_ORDERS.check(whole.sort_values(["period", "agency", "account_id", "first_on", "order_key"], kind="stable"))


def _on_invoices(lines: pd.DataFrame, certificates: pd.DataFrame, one_order: Mapping[str, str], starts: int) -> pd.DataFrame:
    """The orders of open ledger lines, with what their lines come to and what that makes of them; `source` is that of the first."""
    first_of = lines["certificate"].map(lambda certificate: one_order.get(certificate, certificate)).astype("str")
    key = lines["order_id"].where(lines["order_id"] != "", first_of)
    corrects = lines["class"] == "correction"
    by_rule = (lines["decision"] == "") & ~corrects
    taken_back_at_once = _pairs(lines, "entry_id").isin(_pairs(lines, "reverses"))
    stands = by_rule & (lines["amount_cents"] > 0) & ~taken_back_at_once
    marked = lines.assign(
        order_key=key.where(key != "", lines["entry_id"]),
        is_order=key != "",
        named=lines["certificate"].where(lines["certificate"] != ""),
        charged=stands & lines["kind"].isin(("charge", "adjustment")),
        taken_back=by_rule & (lines["reverses"] != ""),
        free=by_rule & (lines["kind"] == "charge") & (lines["amount_cents"] == 0),
        remark=_remarks(lines, starts),
        host=_hosts(lines, certificates),
        agency=lines["billed_to"],
    )
    grouped = marked.sort_values(["service_on", "entry_id"], kind="stable").groupby(_KEY, sort=True)
    first, true_of = grouped[["order_id", "host", "tier", "service_on", "source"]].first(), grouped[_OF_ANY].any()
    counted = {"certificates": grouped["named"].nunique(), "lines": grouped.size(), "amount_cents": grouped["amount_cents"].sum()}
    found = first.rename(columns={"service_on": "first_on"}).join(true_of).assign(**counted).reset_index()
    outcome = pd.Series("adjusted", index=found.index, dtype="str")
    # the weakest first: each line that is true writes over those before it
    outcome[found["free"]] = "reissued"
    outcome[found["taken_back"]] = "refunded"
    outcome[found["charged"]] = "billed"
    outcome[~found["is_order"]] = "no order"
    return found.assign(outcome=outcome, why=_each_once(marked, found))


def _pairs(lines: pd.DataFrame, name: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(lines[[name, "period"]])


def _remarks(lines: pd.DataFrame, starts: int) -> list[str]:
    """What is to be said of an order because of one of its lines: that it is late, corrects, or was decided by somebody."""
    told = (lines[name].tolist() for name in ("class", "corrected_invoice", "decision", "adjustment"))
    months = calendar.periods(lines["service_on"], starts).tolist()
    return [
        f"late: of {calendar.period_title(month, starts)}"
        if group == "late"
        else f"corrects {invoice}"
        if group == "correction"
        else f"{decision} {name}"
        if decision
        else ""
        for group, invoice, decision, name, month in zip(*told, months, strict=True)
    ]


def _each_once(marked: pd.DataFrame, found: pd.DataFrame) -> pd.Series[Any]:
    """The remarks of the lines of each order of `found`, each once."""
    of_order: dict[tuple[str, ...], list[str]] = {}
    for *key, remark in marked.loc[marked["remark"] != "", [*_KEY, "remark"]].itertuples(index=False, name=None):
        of_order.setdefault(tuple(key), []).append(remark)
    if not of_order:
        return pd.Series("", index=found.index, dtype="str")
    keys = found[_KEY].itertuples(index=False, name=None)
    return pd.Series(["; ".join(dict.fromkeys(of_order.get(key, ()))) for key in keys], index=found.index, dtype="str")


def _hosts(lines: pd.DataFrame, certificates: pd.DataFrame) -> pd.Series[Any]:
    """What the certificate of each line is for: its common name, else the first of its names."""
    unnamed = set(lines.loc[lines["common_name"] == "", "certificate"])
    wanted = certificates[among(certificates["certificate"], unnamed)]
    first = {name: covers.partition(" ")[0] for name, covers in zip(wanted["certificate"], wanted["names"], strict=True)}
    return lines["common_name"].where(lines["common_name"] != "", lines["certificate"].map(lambda name: first.get(name, ""))).astype("str")


def _without_line(
    exported: pd.DataFrame, numbers: Collection[str], one_order: Mapping[str, str], came_in: Inbox, card: RateCard, as_of: dt.date
) -> Iterator[Silent]:
    """The certificates of exports (CERTIFICATES) that no charge is about: those that wait, and those that are not billed yet or never.
    `numbers` are the orders that have a line."""
    day_of = _day_of_file(came_in, as_of)
    products = dict(zip(came_in.export_rows["source"].tolist(), came_in.export_rows["product"].tolist(), strict=True))
    names = ["role", "certificate", "order_id", "agency", "tier", "service_on", "common_name", "names", "source"]
    for role, certificate, order_id, agency, tier, service_on, common_name, covers, source in exported[names].itertuples(index=False):
        day = None if pd.isna(service_on) else service_on.date()
        if role == "inventory":
            told = ("not billable", _INVENTORY_ONLY) if order_id and order_id not in numbers else None
        else:
            told = _why_silent(day, agency, tier, products.get(source, ""), card, as_of)
        if told:
            key = order_id or one_order.get(certificate, certificate)
            host = common_name or covers.partition(" ")[0]
            yield Silent(day or day_of(source), agency, key, order_id, host, tier, certificate, *told, source)


def _why_silent(day: dt.date | None, agency: str, tier: str, product: str, card: RateCard, as_of: dt.date) -> tuple[str, str] | None:
    """Outcome and reason of a billing certificate without a charge; None where nothing is missing, as for one of a closed month that is
    known there by another name."""
    if day is None:
        return "not billable", "no day of issue is given"
    if day > as_of:
        return "not billable", f"issued on {day}, after the day of these books"
    if not agency:
        return "unanswered", "nobody knows yet who pays"
    if not tier:
        return "unanswered", f"no tier is known for {quoted(product)}" if product else "no tier is given"
    return None if card.on(tier, day) is not None else ("unanswered", f"no rate for {tier} is in force on {day}")


def _not_issued(came_in: Inbox, settings: Settings, as_of: dt.date) -> Iterator[Silent]:
    """The rows of billing exports of which no certificate came."""
    rows = came_in.export_rows[(came_in.export_rows["role"] == "billing") & came_in.export_rows["status"].isin(_NOTHING_ISSUED)]
    if rows.empty:
        return
    day_of = _day_of_file(came_in, as_of)
    days = rows["issued_on"].fillna(rows["valid_from_on"])
    known = zip(rows["source"].tolist(), days, strict=True)
    days = pd.Series(pd.to_datetime([day_of(source) if pd.isna(day) else day for source, day in known]), index=rows.index)
    agency = agency_codes.resolve(rows["agency_text"], rows["agency_match"], days, came_in.agencies, came_in.aliases)
    tier = tier_of(rows["product"], settings.tiers, came_in.aliases, days)
    told = ("order_id", "common_name", "subject_alternative_names", "status", "source")
    for day, code, of_tier, unnumbered, order_id, common_name, others, status, source in zip(
        days, agency, tier, _unnumbered(rows), *(rows[name].tolist() for name in told), strict=True
    ):
        host = common_name or others.partition(" ")[0]
        key = order_id or unnumbered
        yield Silent(day.date(), code, key, order_id, host, of_tier, "", "not billable", _NOTHING_ISSUED[status], source)


def _unnumbered(rows: pd.DataFrame) -> pd.Series[Any]:
    """What each of these rows (EXPORT_ROWS) asks for, and which of those that ask for the same it is: the key of an order without a number.

    Closed months keep it, so it comes from what the row says alone: other rows above it, or another file, do not change it.
    """
    names = ["common_name", "subject_alternative_names", "agency_text", "product"]
    days = rows["issued_on"].fillna(rows["valid_from_on"]).map(lambda day: "" if pd.isna(day) else f"{day:%Y-%m-%d}")
    told = zip(*(rows[name].tolist() for name in names), days, strict=True)
    asked = pd.Series([", ".join(filter(None, one)) for one in told], index=rows.index, dtype="str")
    alike = pd.DataFrame({"asked": asked, "status": rows["status"]}).sort_values(["asked", "status"], kind="stable")
    number = alike.groupby("asked").cumcount().reindex(rows.index) + 1
    return asked + ", " + number.astype("str")


def _day_of_file(came_in: Inbox, as_of: dt.date) -> Callable[[int], dt.date]:
    """The day on which the file of a row was taken, for rows without a day of their own; not after the as-of day."""
    taken = {file: day.date() for file, day in zip(came_in.inputs["file"], came_in.inputs["taken_on"], strict=True) if not pd.isna(day)}
    files = dict(zip(came_in.places["source"].tolist(), came_in.places["file"].tolist(), strict=True))
    return lambda source: min(taken.get(files.get(source, ""), as_of), as_of)


def _in_months(silent: Sequence[Silent], came_in: Inbox, settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """These as BILLED_ORDERS with `source`, one row an order of a month and account; what a closed month knew of its own month, or of an
    earlier one that it was carried from, is left out. What is dated after the as-of day stands in the month of that day."""
    starts = settings.organization.fiscal_year_starts
    closed = came_in.closed
    months = OpenMonths(frozenset(closed.periods["period"]), starts, as_of)
    orders = closed.orders
    known = {
        *zip(orders["period"], orders["order_key"], strict=True),
        *zip(calendar.periods(orders["first_on"], starts), orders["order_key"], strict=True),
    }
    rows = []
    for one in silent:
        period = calendar.period_of(min(one.day, as_of), starts)
        if period in months.closed:
            if (period, one.order_key) in known:
                continue
            period = months.posting(period)
        rows.append((*one, period))
    frame = pd.DataFrame(rows, columns=[*Silent._fields, "period"])
    frame = frame.astype({"agency": "str", "period": "str"})
    frame = billed(frame, came_in.agencies, starts).drop(columns="agency").rename(columns={"billed_to": "agency"})
    frame["day"] = pd.to_datetime(frame["day"]).astype("datetime64[us]")
    frame["named"] = frame["certificate"].where(frame["certificate"] != "")
    ordered = frame.assign(settled=frame["outcome"] != "unanswered").sort_values(["settled", "day", "source"], kind="stable")
    grouped = ordered.groupby(_KEY, sort=True)
    found = grouped[["order_id", "host", "tier", "outcome", "why", "source"]].first()
    found = found.assign(first_on=grouped["day"].min(), certificates=grouped["named"].nunique())
    return found.reset_index().assign(lines=0, amount_cents=0)


def _once(on_invoices: pd.DataFrame, others: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """An order that has lines in a month counts there; what of it still waits stands in its `why`."""
    keys = pd.MultiIndex.from_frame(others[["period", "order_key"]])
    with_lines = keys.isin(pd.MultiIndex.from_frame(on_invoices[["period", "order_key"]]))
    waits = others[with_lines & (others["outcome"] == "unanswered")]
    more = dict(zip(zip(waits["period"], waits["order_key"], strict=True), waits["why"], strict=True))
    if not more:
        return on_invoices, others[~with_lines]
    said = zip(on_invoices["period"], on_invoices["order_key"], on_invoices["why"], strict=True)
    why = ["; ".join(filter(None, (late, _also(more.get((period, key), ""))))) for period, key, late in said]
    return on_invoices.assign(why=pd.Series(why, index=on_invoices.index, dtype="str")), others[~with_lines]


def _also(why: str) -> str:
    return f"one of its certificates waits: {why}" if why else ""


def _placed(frame: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the file, sheet and row that its `source` names, and the dtypes of BILLED_ORDERS."""
    at = places.set_index("source")[["file", "sheet", "row"]].reindex(frame["source"].astype("int64"))
    texts = ["agency", "account_id", "period", "order_key", "order_id", "host", "tier", "outcome", "why"]
    return frame.assign(
        file=at["file"].fillna("").to_numpy(),
        sheet=at["sheet"].fillna("").to_numpy(),
        row=pd.array(at["row"].to_numpy(), dtype="Int64"),
        first_on=pd.to_datetime(frame["first_on"]).astype("datetime64[us]"),
    ).astype(dict.fromkeys([*texts, "file", "sheet"], "str") | dict.fromkeys(["certificates", "lines", "amount_cents"], "int64"))
