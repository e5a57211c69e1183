"""A small office whose books are known to the last cell.

A change of any published figure shows here in the words of the people it concerns ("2 invoices -$221.19, 1 verdict changed"), then
cell by cell. If the change is meant, accept it with `make expected`, read the diff, and note it in CHANGELOG.md under "Numbers".
"""

from __future__ import annotations

import csv
import difflib
from collections import Counter
from pathlib import Path

import pytest

from pipeline import flow
from pipeline.publish import tables
from pipeline.sources import settings_file
from tests.conftest import ROOT

WORKSPACE = ROOT / "tests/flow/workspace"
EXPECTED = ROOT / "tests/flow/expected"
TABLES = (
    "certificates",
    "lints",
    "continuity",
    "renewals",
    "gaps",
    "notices",
    "requests",
    "episodes",
    "reconciliation",
    "ledger",
    "invoices",
    "lots",
    "recovery",
    "encumbrances",
    "measures",
    "limits",
    "findings",
    "inputs",
)
KEYS = {"invoices": ("agency", "account_id", "period"), "requests": ("request_id",), "ledger": ("entry_id",)}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = settings_file.read(WORKSPACE / "certledger.toml")
    assert settings.run.as_of is not None
    folder = tmp_path_factory.mktemp("tables")
    tables.write(flow.prepare(WORKSPACE, settings, settings.run.as_of, lambda text: None), folder)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cents(row: dict[str, str] | None) -> int:
    return int(row["amount_cents"]) if row else 0


def by_key(found: list[dict[str, str]], table: str) -> dict[tuple[str, ...], dict[str, str]]:
    return {tuple(row[name] for name in KEYS[table]): row for row in found}


def in_words(before: Path, after: Path) -> str:
    """What moved, as finance and directors would say it."""
    said = []
    old, new = (by_key(rows(folder / "invoices.csv"), "invoices") for folder in (before, after))
    moved = Counter(cents(new.get(key)) - cents(old.get(key)) for key in {*old, *new})
    for amount, count in sorted(moved.items()):
        if amount:
            said.append(f"{count} invoice{'s' * (count > 1)} {'-' if amount < 0 else '+'}${abs(amount) / 100:,.2f}")
    old, new = (by_key(rows(folder / "requests.csv"), "requests") for folder in (before, after))
    changed = sum(new[key]["verdict"] != old[key]["verdict"] for key in {*old} & {*new})
    if changed:
        said.append(f"{changed} verdict{'s' * (changed > 1)} changed")
    if len(old) != len(new):
        said.append(f"{len(new) - len(old):+d} requests")
    return ", ".join(said) or "no invoice and no verdict changed"


@pytest.mark.parametrize("table", TABLES)
def test_the_published_tables_are_as_expected(table: str, today: Path, request: pytest.FixtureRequest) -> None:
    found = (today / f"{table}.csv").read_text(encoding="utf-8")
    if request.config.getoption("--update-expected"):
        (EXPECTED / f"{table}.csv").write_text(found, encoding="utf-8")
    expected = (EXPECTED / f"{table}.csv").read_text(encoding="utf-8")
    if expected != found:
        diff = difflib.unified_diff(expected.splitlines(), found.splitlines(), "expected", "today", lineterm="", n=0)
        pytest.fail("\n".join([f"{table}: {in_words(EXPECTED, today)}", *diff]), pytrace=False)


def test_a_moved_figure_is_told_in_words(tmp_path: Path) -> None:
    for name in ("invoices.csv", "requests.csv"):
        (tmp_path / name).write_text((EXPECTED / name).read_text(encoding="utf-8"), encoding="utf-8")
    invoices = rows(EXPECTED / "invoices.csv")
    for row in [row for row in invoices if cents(row) > 22119][:2]:
        row["amount_cents"] = str(cents(row) - 22119)
    requests = rows(EXPECTED / "requests.csv")
    requests[0]["verdict"] = "missed" if requests[0]["verdict"] != "missed" else "met"
    for name, found in (("invoices.csv", invoices), ("requests.csv", requests)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, found[0].keys())
            writer.writeheader()
            writer.writerows(found)
    assert "2 invoices -$221.19, 1 verdict changed" == in_words(EXPECTED, tmp_path)
