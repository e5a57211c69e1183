"""Reading a finished workbook back: its total must be the ledger's, in the very cell that a person will see."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from defusedxml import ElementTree

from pipeline import hosts
from pipeline.contracts import Books, ContractError
from pipeline.reconcile import Check
from pipeline.service.attainment import PROMISED

# The name of the cell that holds what the workbook's ledger entries come to.
TOTAL_NAME = "LedgerTotal"
# Where the workbook of data quality lies below the run folder, and the cells of its first sheet that count findings and rows set aside.
QUALITY_PATH = "data-quality.xlsx"
FINDINGS_NAME, QUARANTINED_NAME = "FindingsTotal", "QuarantinedTotal"
# Where the workbook of certificates lies below the run folder, and the cells of its first sheet that count all, and those in force.
CERTIFICATES_PATH = "certificates.xlsx"
CERTIFICATES_NAME, IN_FORCE_NAME, RULE_BREAKS_NAME = "CertificatesTotal", "InForceTotal", "RuleBreaksTotal"
# Where the workbook of measures lies below the run folder, and the cells of its first sheet that count figures, and requests due.
METRICS_PATH = "metrics.xlsx"
MEASURES_NAME, DUE_NAME = "MeasuresTotal", "RequestsDue"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_FIRST_SHEET = "xl/worksheets/sheet1.xml"
_AMOUNT = re.compile(r"-?\d+(\.\d{1,2})?")
_INVOICE = ("agency", "account_id", "period", "workbook")


def total_cents(path: Path) -> int:
    """The total that a workbook of ours shows, in cents, as a reader that does not calculate sees it.

    Only two small parts of the file are read: with openpyxl, 3,600 invoices would take two minutes. Raises
    `ContractError` when the workbook has no such cell or the cell shows no amount of whole cents.
    """
    shown = _shown(path, TOTAL_NAME)
    if not _AMOUNT.fullmatch(shown):
        raise ContractError(f"{path.name} shows '{shown}' as its total, which is no amount of whole cents")
    return int(Decimal(shown) * 100)


def counted(path: Path, name: str) -> int:
    """The count that a workbook of ours shows in the cell `name` of its first sheet. Raises `ContractError` where it shows none."""
    shown = _shown(path, name)
    if not shown.isdecimal():
        raise ContractError(f"{path.name} shows '{shown}' as {name}, which is no count")
    return int(shown)


def _shown(path: Path, name: str) -> str:
    """What the named cell of the first sheet shows to a reader that does not calculate; '' where it shows nothing."""
    with zipfile.ZipFile(path) as package:
        named = ElementTree.fromstring(package.read("xl/workbook.xml")).find(f".//{_MAIN}definedName[@name='{name}']")
        if named is None or not named.text:
            raise ContractError(f"{path.name} has no cell named {name}")
        address = named.text.rpartition("!")[2].replace("$", "")
        cell = ElementTree.fromstring(package.read(_FIRST_SHEET)).find(f".//{_MAIN}c[@r='{address}']/{_MAIN}v")
    return "" if cell is None else cell.text or ""


def ties(books: Books, folder: Path) -> tuple[Check, ...]:
    """One check a workbook of the run folder `folder`: what its total shows is what the ledger holds, invoices first, then years."""
    posted: Counter[tuple[str, str, str]] = Counter()
    columns = (books.ledger[name].tolist() for name in ("billed_to", "account_id", "period", "amount_cents"))
    for agency, account, period, cents in zip(*columns, strict=True):
        posted[agency, account, period] += cents
    checks = []
    for agency, account, period, workbook in zip(*(books.invoices[name] for name in _INVOICE), strict=True):
        shown, wanted = total_cents(folder / workbook), posted[agency, account, period]
        checks.append(Check(f"cents shown in {workbook} = cents of the ledger", shown, wanted))
    for fiscal_year in fiscal_years(books):
        shown = total_cents(folder / year_path(fiscal_year))
        wanted = sum(cents for (_, _, period), cents in posted.items() if period.startswith(f"FY{fiscal_year}-"))
        checks.append(Check(f"cents shown in {year_path(fiscal_year)} = cents of the ledger", shown, wanted))
    return tuple(checks)


def quality_ties(books: Books, folder: Path) -> tuple[Check, ...]:
    """What the first sheet of the data-quality workbook counts is what the tables hold: findings, and rows set aside."""
    path = folder / QUALITY_PATH
    set_aside = int(books.inputs["rows_quarantined"].sum())
    return (
        Check(f"findings counted in {path.name} = findings", counted(path, FINDINGS_NAME), len(books.findings)),
        Check(f"rows set aside in {path.name} = rows quarantined", counted(path, QUARANTINED_NAME), set_aside),
    )


def certificate_ties(books: Books, as_of: dt.date, folder: Path) -> tuple[Check, ...]:
    """What the first sheet of the workbook of certificates counts is what the tables hold: servers' certificates, and rules broken."""
    path = folder / CERTIFICATES_PATH
    servers = books.certificates[~books.certificates["is_ca"]]
    alive = books.certificates[books.certificates["status"].isin(("active", "not-yet-valid"))]
    used = alive.loc[hosts.still_matter(alive, books.hosts, as_of), "certificate"]
    return (
        Check(f"certificates counted in {path.name} = certificates of servers", counted(path, CERTIFICATES_NAME), len(servers)),
        Check(
            f"in force in {path.name} = certificates of servers with status active",
            counted(path, IN_FORCE_NAME),
            int((servers["status"] == "active").sum()),
        ),
        Check(
            f"rule breaks counted in {path.name} = rows of lints of certificates in use or not yet valid",
            counted(path, RULE_BREAKS_NAME),
            int(books.lints["certificate"].isin(used).sum()),
        ),
    )


def metric_ties(books: Books, as_of: dt.date, folder: Path) -> tuple[Check, ...]:
    """What the first sheet of the workbook of measures counts is what the table holds: figures of the office and its services, and the
    requests due in the last month that has ended."""
    path, own = folder / METRICS_PATH, books.measures[books.measures["dimension"].isin(("office", "service"))]
    checks = [Check(f"figures counted in {path.name} = measures of the office and its services", counted(path, MEASURES_NAME), len(own))]
    last_month = f"{(as_of + dt.timedelta(days=1)).replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    due = own.loc[(own["measure"] == PROMISED) & (own["period"] == last_month), "n"]
    checks += [Check(f"requests due in {last_month} in {path.name} = those of measures", counted(path, DUE_NAME), int(n)) for n in due]
    return tuple(checks)


def year_path(fiscal_year: int) -> str:
    """Where the workbook of a fiscal year lies below the run folder."""
    return f"finance/FY{fiscal_year}.xlsx"


def fiscal_years(books: Books) -> list[int]:
    """The fiscal years that the ledger has entries of, ascending."""
    return sorted({int(period[2:6]) for period in books.ledger["period"].unique()})
