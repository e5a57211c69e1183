"""Random histories of an office that closes its months one after the other, while its sources change behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
from hypothesis import strategies as st

from pipeline import calendar, chargeback, lots
from pipeline.contracts import Closed
from pipeline.lots import Drawn
from pipeline.settings import Settings
from tests import orders
from tests.laws.years import AGENCIES, CODES, Told, adjustments
from tests.orders import certificate, day, lot

# The months that are closed, in their order; the books begin with the first of them.
MONTHS = ("FY2026-P12", "FY2027-P01", "FY2027-P02", "FY2026-P13", "FY2027-P03")
BEGIN = day("2026-06-01")
TIERS = ("standard", "premium")


def _office(july: str) -> Settings:
    rates = (("standard", "200.00", "2026-01-01"), ("standard", july, "2026-07-01"), ("premium", "542.00", "2026-01-01"))
    lines = [{"tier": tier, "amount": amount, "since": day(since)} for tier, amount, since in rates]
    return Settings.model_validate({"rate": lines, "charges": {"begin": BEGIN}}, strict=False)


# The rate card as it was first written, and with July's rate corrected.
OFFICES = {"221.19": _office("221.19"), "191.19": _office("191.19")}
EDGES = tuple(map(day, ("2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01", "2026-08-31", "2026-09-30")))


class Night(NamedTuple):
    """What the office knows when it closes `period`: the rows of its exports, its decisions, its rate of July, and the as-of day."""

    period: str
    as_of: dt.date
    told: Told
    decided: Told
    rate: str


class History(NamedTuple):
    """The nights on which a month is closed, in their order, and the lots; the last night closes nothing."""

    nights: tuple[Night, ...]
    lots: Told


class Books(NamedTuple):
    """What a night makes of it: the ledger as if nothing were closed, beside the closed months, and with units, if any are drawn."""

    computed: pd.DataFrame
    posted: chargeback.Posted
    drawn: Drawn | None
    closed: Closed

    @property
    def ledger(self) -> pd.DataFrame:
        return self.posted.table if self.drawn is None else self.drawn.ledger

    @property
    def lots(self) -> pd.DataFrame:
        assert self.drawn is not None
        return self.drawn.lots


def days(until: dt.date, since: dt.date = BEGIN) -> st.SearchStrategy[dt.date]:
    """Days up to `until`, edges of months and years among them."""
    return st.sampled_from([on for on in EDGES if since <= on <= until]) | st.dates(since, until)


def corrections(as_of: dt.date, *, may_go: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What a newer export says otherwise of a certificate; where `may_go`, also that it is gone or that nobody knows whose it is."""
    codes, tiers = (*CODES, *[""] * may_go), (*TIERS, *[""] * may_go)
    changes: list[st.SearchStrategy[dict[str, Any]]] = [
        st.sampled_from(codes).map(lambda code: {"agency": code}),
        st.sampled_from(tiers).map(lambda tier: {"tier": tier}),
        st.sampled_from(("A", "B", "C", "")).map(lambda number: {"order_id": number}),
        st.sampled_from((None, 0, 3, 30, 31)).map(lambda life: {"life": life}),
        days(as_of).map(lambda on: {"service_on": on}),
    ]
    return st.one_of(*changes, *[st.just({"gone": True})] * may_go)


@st.composite
def histories(draw: st.DrawFn, *, may_go: bool = False, decide: bool = False) -> History:
    """One to four months are closed; between two nights rows arrive, some of a closed month, and others are corrected."""
    known: list[dict[str, Any]] = []
    decided: list[dict[str, Any]] = []
    nights = []
    rate = "221.19"
    for period in MONTHS[: draw(st.sampled_from((2, 2, 3, 3, 5)))]:
        as_of = calendar.period_last_day("FY2027-P02" if period == "FY2026-P13" else period, 7)
        for facts in known:
            if draw(st.integers(0, 3)) == 3:
                facts |= draw(corrections(as_of, may_go=may_go))
        for _ in range(draw(st.integers(0, 4))):
            known.append(_issued(draw, len(known) + 1, as_of))
        if decide:
            decided = [one for one in decided if draw(st.integers(0, 4)) < 4]  # or it is deleted
            if draw(st.booleans()):
                decided.append(_decided(draw, len(nights), as_of))
        if draw(st.integers(0, 4)) == 4:
            rate = draw(st.sampled_from(sorted(OFFICES)))
        told = tuple(_row(facts) for facts in known if not facts["gone"])
        nights.append(Night(period, as_of, told, tuple(map(dict, decided)), rate))
    return History(tuple(nights), tuple(_bought(draw, number) for number in range(draw(st.integers(0, 4)))))


def _issued(draw: st.DrawFn, number: int, as_of: dt.date) -> dict[str, Any]:
    return {
        "number": number,
        "service_on": draw(days(as_of, since=day("2026-05-20"))),
        "order_id": draw(st.sampled_from(("A", "B", "C", ""))),
        "agency": draw(st.sampled_from(CODES)),
        "tier": draw(st.sampled_from(TIERS)),
        "life": draw(st.sampled_from((None, None, None, 0, 3, 30, 31))),
        "gone": False,
    }


def _row(facts: dict[str, Any]) -> dict[str, Any]:
    on, life = facts["service_on"], facts["life"]
    revoked_on = None if life is None else on + dt.timedelta(days=life)
    told = {name: facts[name] for name in ("order_id", "agency", "tier")}
    return certificate(facts["number"], on, valid_to=pd.Timestamp("2027-06-30T23:59:59Z"), revoked_on=revoked_on, **told)


def _decided(draw: st.DrawFn, number: int, as_of: dt.date) -> dict[str, Any]:
    return orders.decision(
        number,
        kind=draw(st.sampled_from(("waiver", "credit", "charge", "memo"))),
        agency=draw(st.sampled_from(CODES)),
        order_id=draw(st.sampled_from(("A", "B", ""))),
        entry_at=None,
        amount_cents=draw(st.sampled_from((1, 5_000, 20_000))),
        approved_on=draw(days(as_of)),
    )


def _bought(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """A lot; one whose name begins with R is taken back by its vendor."""
    expires = draw(st.sampled_from((None, day("2026-07-31"))))
    bought, returns = draw(st.sampled_from(("2026-05-01", "2026-06-15"))), draw(st.booleans())
    facts = {"tier": draw(st.sampled_from(TIERS)), "units_expire_on": expires, "returns_on_refund": returns}
    return lot(f"{'R' if returns else 'L'}{number}", bought, draw(st.integers(1, 3)), draw(st.integers(0, 100_001)), **facts)


def books(night: Night, bought: Told | None, closed: Closed, told: Sequence[dict[str, Any]] | None = None) -> Books:
    """The books of a night beside the months that were `closed` before it, without units where None is `bought`.

    `told` stands for its rows in another order.
    """
    office = OFFICES[night.rate]
    agencies = orders.agencies(*AGENCIES)
    certificates, export_rows = orders.tables(night.told if told is None else told)
    found = chargeback.ledger(certificates, export_rows, agencies, office, night.as_of, closed)
    charged = found.table
    numbers = set(export_rows["order_id"])
    on_file = adjustments(night.decided, charged)
    kept = chargeback.kept_decisions(closed, on_file)
    ids = {*on_file["id"], *kept["id"]}
    undecided = chargeback.post(charged, closed, certificates, agencies, 7, as_of=night.as_of).table if ids else charged
    numbers |= set(closed.ledger["order_id"])
    computed = chargeback.adjust(charged, on_file, agencies, numbers, office, night.as_of, undecided, kept).table
    from_closed = found.from_closed | set(kept["id"])
    posted = chargeback.post(computed, closed, certificates, agencies, 7, ids, night.as_of, from_closed=from_closed)
    drawn = None if bought is None else lots.draw(posted.table, orders.lots(*bought), office, night.as_of, closed=closed)
    return Books(computed, posted, drawn, closed)


def nights(history: History, *, draw: bool = True) -> list[Books]:
    """The books of each night, each month but that of the last night closed behind it; without units unless the lots `draw`."""
    found: list[Books] = []
    closed = Closed()
    for number, night in enumerate(history.nights):
        if found:
            last = found[-1]
            closed = orders.close(last.ledger, history.nights[number - 1].period, closed, lot_table=last.lots if draw else None)
        found.append(books(night, history.lots if draw else None, closed))
    return found
