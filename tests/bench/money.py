"""The part of `make bench` about money: the ledger of two years, and invoices as workbooks against bare XlsxWriter.

Time is that of the processor, so that a machine with other work to do measures nearly the same; of several rounds the fastest counts.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pipeline import chargeback, encumbrances, journal, lots, recovery
from pipeline.accounts import uncollected
from pipeline.contracts import LOT_OPENINGS, RECOVERY_OPENINGS
from pipeline.publish.workbooks.invoice import Invoice, read_invoices
from pipeline.publish.workbooks.invoice_book import write_invoice
from tests.bench import bare_workbooks, money_made
from tests.publish import bookkeeping

CERTIFICATES = 100_000
MOST_SECONDS = 3.0
INVOICES, LINES_AN_INVOICE = 200, 50
MOST_TIMES_BARE = 1.25
_ROUNDS = 5
_ROUNDS_OF_INVOICES = 3
_PROMISED = ("ledger", "decisions", "lots", "invoices")
T = TypeVar("T")


def measure(folder: Path, count: int = CERTIFICATES) -> bool:
    """Print every figure beside its limit; whether all are met."""
    return all([_ledger(count), _workbooks(folder / "invoices")])


def _said(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _ledger(count: int) -> bool:
    office = money_made.office(count)
    rounds = [_one_round(office) for _ in range(_ROUNDS)]
    seconds, entries, invoices = min(rounds, key=lambda one: sum(one[0][name] for name in _PROMISED))
    took = sum(seconds[name] for name in _PROMISED)
    is_fast = took < MOST_SECONDS or count > CERTIFICATES
    print(f"Money of {count:,} certificates, {money_made.AGENCY_COUNT} agencies, {money_made.MONTHS} months, tables in, tables out")
    print(f"  ledger, decisions, lots and invoices: {took:.2f} s (below {MOST_SECONDS}: {_said(is_fast)}),", end=" ")
    print(f"{entries:,} entries on {invoices:,} invoices; the fastest of {_ROUNDS} rounds, as a run does it")
    print(f"    of it {', '.join(f'{name} {seconds[name]:.2f}' for name in _PROMISED)};", end=" ")
    print(f"beside it {', '.join(f'{name} {took:.2f}' for name, took in seconds.items() if name not in _PROMISED)}")
    return is_fast


def _one_round(office: money_made.Office) -> tuple[dict[str, float], int, int]:
    """Seconds of each step, entries and invoices."""
    settings, as_of = money_made.SETTINGS, money_made.AS_OF
    seconds: dict[str, float] = {}

    def timed(name: str, step: Callable[..., T], *args: Any) -> T:
        began = time.process_time()
        result = step(*args)
        seconds[name] = time.process_time() - began
        return result

    with uncollected():
        charged = timed("ledger", chargeback.ledger, office.certificates, office.export_rows, office.agencies, settings, as_of)
        numbers = set(office.export_rows["order_id"])
        decided = timed("decisions", chargeback.adjust, charged.table, office.adjustments, office.agencies, numbers, settings, as_of)
        drawn = timed("lots", lots.draw, decided.table, office.lot_rows, settings, as_of, LOT_OPENINGS.empty())
        invoices = timed("invoices", chargeback.invoices, drawn.ledger)
        openings = RECOVERY_OPENINGS.empty()
        timed("recovery", recovery.recover, drawn.ledger, drawn.lots, office.costs, openings, settings, as_of)
        expected = timed("encumbrances", encumbrances.against_actual, drawn.ledger, office.estimates, office.agencies, settings, as_of)
        timed("journal", journal.journal, drawn.ledger, office.accounts, expected.table, settings)
    return seconds, len(drawn.ledger), len(invoices)


def _workbooks(folder: Path) -> bool:
    folder.mkdir()
    invoices = list(_invoices())
    rounds = [_paired(invoices, folder) for _ in range(_ROUNDS_OF_INVOICES)]
    ratios = [ours / bare for ours, bare, _ in rounds]
    is_fast, is_same = statistics.median(ratios) <= MOST_TIMES_BARE, all(same for *_, same in rounds)
    ours, bare, _ = min(rounds)
    print(f"{len(invoices)} invoices of {LINES_AN_INVOICE} lines as workbooks, against bare XlsxWriter, written in turn")
    print(f"  {statistics.median(ratios):.2f} times the time of the bare calls (at most {MOST_TIMES_BARE}: {_said(is_fast)}),", end=" ")
    print(f"byte by byte the same files ({_said(is_same)}); rounds {', '.join(f'{ratio:.2f}' for ratio in ratios)};", end=" ")
    print(f"{ours:.2f} s against {bare:.2f} s, {1_000 * ours / len(invoices):.1f} ms an invoice")
    return is_fast and is_same


def _paired(invoices: list[Invoice], folder: Path) -> tuple[float, float, bool]:
    """Seconds of ours and of the bare calls, and whether all files are the same; each invoice both ways, in turn first and second."""
    seconds, is_same = [0.0, 0.0], True
    for number, invoice in enumerate(invoices):
        paths = folder / f"ours-{number}.xlsx", folder / f"bare-{number}.xlsx"
        with bare_workbooks.noted() as program:
            write_invoice(invoice, folder / "noted.xlsx")
        ways = partial(write_invoice, invoice, paths[0]), partial(program.run, paths[1])
        for way in (0, 1) if number % 2 else (1, 0):
            began = time.process_time()
            ways[way]()
            seconds[way] += time.process_time() - began
        is_same &= paths[0].read_bytes() == paths[1].read_bytes()
    return seconds[0], seconds[1], is_same


def _invoices() -> Iterator[Invoice]:
    """Invoices of as many agencies: two in five lines premium, one in ten a free reissue, one in twenty-five a credit."""
    entries = [_entry(number) for number in range(1, INVOICES * LINES_AN_INVOICE + 1)]
    return read_invoices(bookkeeping.books(entries), bookkeeping.SETTINGS, bookkeeping.RUN_ID, bookkeeping.AS_OF)


def _entry(number: int) -> dict[str, Any]:
    agency = f"A{(number - 1) // LINES_AN_INVOICE:03}"
    place = number % LINES_AN_INVOICE
    facts: dict[str, Any] = {"agency": agency, "billed_to": agency, "account_id": f"{agency}-4710"}
    facts |= {"service_on": dt.date(2026, 11, 1 + number % 23), "common_name": f"app{number}.{agency.lower()}.example.gov"}
    if place % 5 < 2:
        facts |= {"tier": "premium", "rate_cents": 54_200, "amount_cents": 54_200}
    if place % 10 == 3:
        facts |= {"amount_cents": 0, "reason": "reissue within the paid term"}
    if place % 25 == 4:
        taken_back = f"{number - 2:032x}"
        facts |= {"kind": "credit", "amount_cents": -22_119, "reverses": taken_back, "order_id": f"8801{number - 2:04d}"}
    return bookkeeping.entry(number, **facts)
