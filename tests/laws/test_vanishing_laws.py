"""Law 6 of the money once more: what is billed does not depend on how long an export goes on telling of what it told once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import calendar, chargeback
from pipeline.contracts import Closed
from pipeline.settings import Settings
from tests import orders
from tests.laws.years import AGENCIES, CODES, cents_by
from tests.orders import certificate, day

# Terms of forty days, so that an order has several of them in the months that are closed; the standard rate rises between them.
MONTHS = ("FY2027-P01", "FY2027-P02", "FY2027-P03")
BEGIN, END = day("2026-07-01"), day("2026-10-20")
OFFICE = Settings.model_validate(
    {
        "rate": [
            {"tier": "standard", "amount": 200, "since": day("2026-01-01")},
            {"tier": "standard", "amount": 221, "since": day("2026-09-01")},
            {"tier": "premium", "amount": 542, "since": day("2026-01-01")},
        ],
        "charges": {"begin": BEGIN, "term_days": 40, "refund_days": 10},
    },
    strict=False,
)


@st.composite
def told_for_a_while(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Certificates of a few orders, some of the old books; each with `months`, for how many closes after its own the exports tell of it.

    Of the old books they tell for ever: no closed month can remember what was never billed here.
    """
    found = []
    for number in range(1, draw(st.integers(2, 7)) + 1):
        on = draw(st.dates(day("2026-06-10"), END))
        life = draw(st.sampled_from((None, None, None, 0, 5, 10, 11)))
        host = draw(st.sampled_from(("www.example.gov", "api.example.gov")))
        facts = {
            "order_id": draw(st.sampled_from(("A", "B", "C", ""))),
            "agency": draw(st.sampled_from(CODES[:2])),
            "tier": draw(st.sampled_from(("standard", "standard", "premium"))),
            "revoked_on": None if life is None else on + dt.timedelta(days=life),
            "common_name": host,
            "subject_alternative_names": host,
            "valid_to": pd.Timestamp("2027-06-30T23:59:59Z"),
            "serial": f"{number:032x}",
        }
        found.append({**certificate(number, on, **facts), "months": draw(st.sampled_from((0, 0, 1, 2, 9))) if on >= BEGIN else 99})
    return found


def is_told(row: dict[str, Any], month: int) -> bool:
    """Whether the exports of the `month`-th night tell of the row: from its day on, until so many closes after all that is known of it."""
    last = max(row["service_on"], row["revoked_on"] or row["service_on"])
    closes = [number for number, period in enumerate(MONTHS) if calendar.period_last_day(period, 7) >= last]
    return not closes or month <= closes[0] + row["months"]


def posted(rows: list[dict[str, Any]], as_of: dt.date, closed: Closed) -> chargeback.Posted:
    told = [{name: value for name, value in row.items() if name != "months"} for row in rows]
    certificates, export_rows = orders.tables(told)
    agencies = orders.agencies(*AGENCIES)
    charged = chargeback.ledger(certificates, export_rows, agencies, OFFICE, as_of, closed)
    return chargeback.post(charged.table, closed, certificates, agencies, 7, as_of=as_of, from_closed=charged.from_closed)


def closed_to_the_end(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The ledger of the last day, every month closed in its turn."""
    closed = Closed()
    for number, period in enumerate(MONTHS):
        as_of = calendar.period_last_day(period, 7)
        known = [row for row in rows if row["service_on"] <= as_of and is_told(row, number)]
        closed = with_last_days(orders.close(posted(known, as_of, closed).table, period, closed), rows)
    return posted([row for row in rows if is_told(row, len(MONTHS))], END, closed).table


@settings(max_examples=settings.default.max_examples // 4)
@given(told_for_a_while())
def test_law_06_what_is_billed_is_the_same_however_long_the_exports_tell_of_it(rows: list[dict[str, Any]]) -> None:
    """Month by month the same amounts to the same agencies as if every export told of everything for ever."""
    found, expected = closed_to_the_end(rows), closed_to_the_end([{**row, "months": 99} for row in rows])
    assert cents_by(expected, "billed_to", "tier", "period") == cents_by(found, "billed_to", "tier", "period")


def with_last_days(closed: Closed, rows: list[dict[str, Any]]) -> Closed:
    """The closed months with what a close keeps of each certificate beside its serial."""
    by_serial = {row["serial"]: row for row in rows}
    of_lines = [by_serial[serial] for serial in closed.lines["serial"]]
    lines = closed.lines.assign(
        issuer=pd.Series([row["issuer"] for row in of_lines], dtype="str"),
        valid_from=pd.Series([row["valid_from"] for row in of_lines], dtype="datetime64[us, UTC]"),
        valid_to=pd.Series([row["valid_to"].tz_localize(None).normalize() for row in of_lines], dtype="datetime64[us]"),
        host=pd.Series([row["common_name"] for row in of_lines], dtype="str"),
    )
    return Closed(periods=closed.periods, ledger=closed.ledger, invoices=closed.invoices, lots=closed.lots, lines=lines)
