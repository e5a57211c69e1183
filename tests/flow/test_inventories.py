"""Inventories beside the books: what they know enriches, nobody is charged for it, and nobody is asked for a tier."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline import flow
from pipeline.contracts import Books
from pipeline.sources import settings_file
from tests.flow.test_expected import WORKSPACE
from tests.sources.exports import CASES, acm, acm_list

INVENTORIES = ("acm", "adcs-certutil", "certbot", "crtsh", "servicenow-certificates")


def books(root: Path) -> Books:
    settings = settings_file.read(root / "certledger.toml")
    assert settings.run.as_of is not None
    return flow.prepare(root, settings, settings.run.as_of, lambda text: None)


def test_inventories_change_no_charge_and_raise_no_finding_about_tiers(tmp_path: Path) -> None:
    root = shutil.copytree(WORKSPACE, tmp_path / "office")
    before = books(root)
    for name in INVENTORIES:
        path = Path(CASES[name].path)
        (root / "data/inbox/exports" / f"{name}{path.suffix}").write_text(CASES[name].whole, encoding="utf-8")
    after = books(root)
    money = ["entry_id", "period", "agency", "order_id", "certificate", "kind", "tier", "amount_cents"]
    assert before.ledger[money].equals(after.ledger[money])
    assert before.invoices.drop(columns="workbook").equals(after.invoices.drop(columns="workbook"))
    added = after.certificates[after.certificates["role"] == "inventory"]
    assert len(added) > len(INVENTORIES)
    assert len(before.certificates) + len(added) == len(after.certificates)
    told = after.findings[after.findings["file"].str.contains("|".join(INVENTORIES))]
    assert set() == set(told["code"]) & {"unknown-tier", "unknown-agency", "charge-waiting", "missing-contact", "missing-value"}


def test_an_inventory_is_folded_into_the_certificate_that_is_billed(tmp_path: Path) -> None:
    root = shutil.copytree(WORKSPACE, tmp_path / "office")
    before = books(root)
    listing = (
        '[{"issuer_name": "CN=Sample CA", "common_name": "trails.parks.example", "name_value": "trails.parks.example", '
        '"not_before": "2026-11-02T00:00:00", "not_after": "2027-05-20T23:59:59", "serial_number": "0a02"}]'
    )
    (root / "data/inbox/exports/crtsh.json").write_text(listing, encoding="utf-8")
    after = books(root)
    assert before.certificates["certificate"].tolist() == after.certificates["certificate"].tolist()
    assert before.ledger["amount_cents"].tolist() == after.ledger["amount_cents"].tolist()


def test_the_day_that_a_cloud_issued_a_certificate_moves_no_charge(tmp_path: Path) -> None:
    root = shutil.copytree(WORKSPACE, tmp_path / "office")
    before = books(root)
    (_, billed), *_ = before.certificates[before.certificates["serial"] == "0a02"].iterrows()
    begin, end = (billed[name].timestamp() for name in ("valid_from", "valid_to"))
    listing = acm_list(
        acm(
            DomainName="trails.parks.example", SubjectAlternativeNameSummaries=["trails.parks.example"], NotBefore=begin, NotAfter=end,
            CreatedAt=begin - 40 * 86_400, IssuedAt=begin - 40 * 86_400,
        )
    )  # fmt: skip
    (root / "data/inbox/exports/acm.json").write_text(listing, encoding="utf-8")
    after = books(root)
    told = after.places[after.places["file"] == "inbox/exports/acm.json"]
    assert [billed["certificate"]] == told["known_as"].tolist()
    assert before.certificates["certificate"].tolist() == after.certificates["certificate"].tolist()
    for column in ("service_on", "period", "amount_cents", "entry_id"):
        assert before.ledger[column].tolist() == after.ledger[column].tolist()
