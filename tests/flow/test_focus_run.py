"""A run of the small office that is asked for FOCUS files: what stands in them is what the published tables say."""

from __future__ import annotations

import csv
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import ROOT, certledger, copy_workspace, without_site

pytestmark = pytest.mark.slow  # runs the command


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_month_and_account_adds_up_to_its_invoice_and_the_manifest_proves_the_files(tmp_path: Path) -> None:
    root = without_site(copy_workspace(ROOT / "tests/flow/workspace", tmp_path / "small"))
    with (root / "certledger.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[exports]\nfocus = true\n")
    done = certledger("-C", root, "run")
    assert 1 == done.returncode, done.stdout + done.stderr  # it has more bad rows than the warning allows
    published = root / "reports/latest"
    files = sorted(published.glob("finance/focus-*.csv"))
    assert ["focus-2026.csv", "focus-2027.csv"] == [path.name for path in files]
    billed: Counter[tuple[str, str]] = Counter()
    for row in (row for path in files for row in rows(path)):
        billed[row["BillingPeriodStart"][:7], row["BillingAccountId"]] += int(Decimal(row["BilledCost"]) * 100)
    invoiced: Counter[tuple[str, str]] = Counter()
    for invoice in rows(published / "tables/invoices.csv"):
        year, month = int(invoice["period"][2:6]), int(invoice["period"][-2:])
        calendar_month = f"{year - (month <= 6)}-{(month + 5) % 12 + 1:02d}"
        invoiced[calendar_month, invoice["account_id"] or invoice["agency"]] += int(invoice["amount_cents"])
    assert invoiced == billed
    manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
    assert {f"finance/{path.name}" for path in files} <= set(manifest["outputs"])
    assert 4 == sum("finance/focus-" in check["check"] for check in manifest["checks"])
