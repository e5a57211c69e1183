"""Reading the built pages back: every total of charges that a person sees there must be the ledger's, as in the workbooks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.addresses import address, trace_page
from pipeline.contracts import Books
from pipeline.reconcile import Check

_TABLE = re.compile(r"<caption[^>]*><span>(?P<caption>[^<]*)</span></caption>.*?</table>", re.DOTALL)
_SUM = re.compile(r'data-head="(?:Total|Amount),&nbsp;\$">(?P<amount>[^<]+)</td>')
_OF_A_MONTH = re.compile(r"\((?P<period>FY\d{4}-P\d\d)\)(?:, account (?P<account>.*))?")


def page_ties(books: Books, site: Path) -> tuple[Check, ...]:
    """The totals of charges on the pages of a built site, in cents, against the ledger: of all years, of each year, of each agency, and of
    each invoice on the page that traces its lines. What an edition does not show is not asked for.
    """
    ledger = books.ledger
    checks = list(_totals(site, "chargeback.html", ledger))
    for year, lines in ledger.groupby(ledger["period"].str.slice(0, 6)):
        checks += _totals(site, f"charges/{year}.html", lines)
    for agency, lines in ledger[ledger["billed_to"] != ""].groupby("billed_to"):
        checks += _totals(site, f"agencies/{address(str(agency))}.html", lines)
        checks += _invoices(site, trace_page(str(agency)), lines)
    return tuple(checks)


def _totals(site: Path, page: str, lines: pd.DataFrame) -> Iterator[Check]:
    billed = int(lines["amount_cents"].sum())
    for caption, cents in _sums(site, page):
        yield Check(f"cents shown in {site.name}/{page}, {caption} = cents of the ledger", cents, billed)


def _invoices(site: Path, page: str, lines: pd.DataFrame) -> Iterator[Check]:
    billed: dict[Any, int] = lines.groupby(["period", "account_id"])["amount_cents"].sum().to_dict()
    for caption, cents in _sums(site, page):
        if found := _OF_A_MONTH.search(caption):
            wanted = int(billed.get((found["period"], found["account"] or ""), 0))
            yield Check(f"cents shown in {site.name}/{page}, {caption} = cents of the ledger", cents, wanted)


def _sums(site: Path, page: str) -> Iterator[tuple[str, int]]:
    """Caption and cents of each table of a page that ends in a total of dollars; nothing where the edition has no such page."""
    if not (site / page).is_file():
        return
    for table in _TABLE.finditer((site / page).read_text(encoding="utf-8")):
        _, begins, foot = table[0].rpartition("<tfoot>")
        if begins and (found := _SUM.search(foot)):
            yield html.unescape(table["caption"]), _cents(found["amount"])


def _cents(shown: str) -> int:
    return int(Decimal(shown.replace(",", "").replace("\N{MINUS SIGN}", "-")) * 100)
