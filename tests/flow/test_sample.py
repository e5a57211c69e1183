"""The sample: it repeats to the byte, the committed files are what the program writes, and the story in them is true."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from cryptography import x509

from pipeline import sample
from pipeline.accounts import account
from pipeline.certificates import lapsed
from pipeline.hosts import retired
from pipeline.sample import desk_time, keys
from pipeline.sample.set_pieces import (
    EXPIRING_IN_FIVE_DAYS,
    FORMULA_NAME,
    INTERNAL_NAME,
    LAPSED_HOST,
    MARKUP_NAME,
    REFUNDED_HOSTS,
    REVOKED_LATE_HOST,
    TOO_LONG_HOST,
)
from pipeline.settings import Settings
from pipeline.sources import inbox, settings_file
from tests.conftest import ROOT

AS_OF = dt.date(2026, 11, 23)
WRITTEN_BY_HAND = {
    "data/README.md", "data/.gitattributes", "data/reference/closed_days.csv", "data/reference/extra_closures.csv",
    "data/reference/server_software.csv",
}  # fmt: skip


def contents(root: Path) -> dict[str, bytes]:
    files = (path for top in ("certledger.toml", "data") for path in (root / top, *(root / top).rglob("*")) if path.is_file())
    named = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    return {name: data for name, data in named.items() if not name.startswith("data/ledger/runs/") and name not in WRITTEN_BY_HAND}


def csv_rows(root: Path, name: str) -> list[dict[str, str]]:
    with (root / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return settings_file.read(ROOT / "certledger.toml")


@pytest.fixture(scope="module")
def came_in(settings: Settings) -> inbox.Inbox:
    return inbox.read(ROOT, settings, AS_OF)


@pytest.fixture(scope="module")
def books(came_in: inbox.Inbox, settings: Settings):
    return account(came_in, settings, AS_OF)


def test_the_committed_sample_is_what_the_program_writes(written: Path):
    expected, actual = contents(ROOT), contents(written)
    assert sorted(expected) == sorted(actual)
    assert [] == [name for name in expected if expected[name] != actual[name]]


def test_notices_were_sent_by_the_rules_and_one_refused_address_was_followed_by_the_next_in_line(books):
    table = books.notices
    days = {at.tz_convert("America/New_York").date() for at in table["sent_at"].dropna()}
    assert (dt.date(2026, 11, 6), dt.date(2026, 11, 19)) == (min(days), max(days))
    assert [] == [day for day in days if day.weekday() >= 5]
    refused = table[table["state"] == "failed"]
    told = table[(table["certificate"] == refused["certificate"].item()) & (table["kind"] == "notice") & (table["state"] == "sent")]
    assert (["ada.alder@map.example.gov"], ["security@map.example.gov"]) == (list(refused["contact_email"]), list(told["contact_email"]))
    assert 1 <= (table["state"] == "due").sum() < (table["state"] == "sent").sum()


def test_another_seed_tells_the_same_story_with_other_certificates(tmp_path: Path):
    summary = sample.generate(tmp_path, 400, 400, 16, seed=1, closed=False)
    assert (16, 400) == (summary.agencies, summary.requests)
    assert 400 <= summary.certificates
    bundle = "data/inbox/pem/bundle-2026-11-1.pem"
    assert (ROOT / bundle).read_bytes() != (tmp_path / bundle).read_bytes()
    assert LAPSED_HOST in (tmp_path / "data/inbox/exports/certcentral-orders-2026-11.csv").read_text(encoding="utf-8")


def test_a_sample_too_small_for_its_story_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="at least 16 agencies"):
        sample.generate(tmp_path, agencies=15)
    assert [] == list(tmp_path.iterdir())


def test_no_private_key_is_written(written: Path):
    assert [] == [name for name, data in contents(written).items() if b"PRIVATE KEY" in data]


def test_the_sample_is_small_enough_to_be_committed():
    sizes = {name: len(data) for name, data in contents(ROOT).items()}
    closed = sum(size for name, size in sizes.items() if name.startswith("data/ledger/"))
    assert sum(sizes.values()) - closed < 3_000_000
    assert closed < 2_000_000


def test_rsa_keys_are_of_the_size_they_say():
    assert [1024, 2048, 4096] == [keys.rsa_public_key(5, "size", bits).key_size for bits in (1024, 2048, 4096)]
    assert 2048 == keys.rsa_key(5, "ca", 2048).key_size


def test_the_settings_are_those_of_the_design():
    design = ROOT.parent / "shared" / "DESIGN.md"
    if not design.exists():
        pytest.skip("The design lies beside the checkout, and here it does not.")
    block = re.search(r"```toml\n(.*?)```", design.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert block is not None
    shipped = (ROOT / "certledger.toml").read_text(encoding="utf-8")
    listed = re.search(r"^private_issuers = .*\n", shipped, flags=re.MULTILINE)  # the sample has an internal authority to list
    assert listed is not None
    # Later than the design: the office's own account, targets of measures, and scenarios of the forecast.
    shipped = re.sub(r"^revenue_account = .*\n", "", shipped, flags=re.MULTILINE)
    shipped = re.sub(r"^\[(measure_targets|\[scenario\])\].*?\n(?=\[)", "", shipped, flags=re.MULTILINE | re.DOTALL)
    assert block.group(1).replace("private_issuers = []\n", listed[0]) == shipped


def test_the_samples_staff_keep_the_reviewed_holidays():
    closed = {dt.date.fromisoformat(row["date"]) for row in csv_rows(ROOT, "reference/closed_days.csv")}
    span = (desk_time.BEGIN + dt.timedelta(days=count) for count in range((desk_time.LAST_DAY - desk_time.BEGIN).days + 1))
    assert {day for day in span if day in closed and day.weekday() < 5} == {
        day for day in desk_time.DESK_HOLIDAYS if day <= desk_time.LAST_DAY
    }


def test_business_time_of_the_sample_has_an_inverse():
    monday = dt.datetime(2026, 11, 23, 6)  # noqa: DTZ001 - wall clock
    for minutes in (0, 1, 359, 659):
        moment = monday + dt.timedelta(minutes=minutes)
        assert minutes * 60 == desk_time.worked(moment) - desk_time.worked(monday)
        assert moment == desk_time.moment_of(desk_time.worked(moment)) or minutes == 0


# What came in


def test_what_is_quarantined_stays_below_the_warning(came_in: inbox.Inbox, settings: Settings):
    counted = came_in.inputs.groupby("kind")[["rows_read", "rows_quarantined"]].sum()
    shares = counted["rows_quarantined"] / counted["rows_read"].clip(lower=1)
    assert {} == {kind: share for kind, share in shares.items() if share >= float(settings.quality.warn_quarantined)}
    assert 0 < shares["certificates"]
    assert 0 < shares["requests"]


def test_every_layout_of_the_sample_is_recognised(came_in: inbox.Inbox):
    layouts = set(came_in.inputs.loc[came_in.inputs["kind"].isin(["certificates", "requests", "pauses", "lots", "outages"]), "layout"])
    expected = {"digicert-order-report", "adcs-certutil", "certificates", "servicenow-incident", "jira", "requests", "pauses"}
    assert expected | {"lots", "outages"} == layouts


def test_the_dirt_is_of_many_kinds(came_in: inbox.Inbox):
    found = {finding.code for finding in came_in.findings}
    expected = {
        "bad-date", "missing-cell", "extra-cell", "control-character", "excel-serial", "excel-error", "footer", "duplicate-row",
        "conflicting-rows", "unknown-kind", "skipped-hour", "repeated-hour", "gone-from-export", "unreadable-certificate",
    }  # fmt: skip
    assert set() == expected - found


def test_certificate_files_match_most_rows_and_some_match_none(books):
    billed = books.certificates[books.certificates["role"] == "billing"]
    assert 0.85 < (billed["matched"] != "none").mean() < 1
    strangers = books.certificates[(books.certificates["role"] == "file") & ~books.certificates["is_ca"]]
    assert 4 <= len(strangers)
    assert ["failed"] == list(books.certificates.loc[books.certificates["parse_status"] == "failed", "parse_status"])


def test_public_certificates_keep_the_limits_of_their_day_but_for_one():
    too_long = []
    for certificate in _public_certificates():
        life = certificate.not_valid_after_utc - certificate.not_valid_before_utc + dt.timedelta(seconds=1)
        limit = 200 if certificate.not_valid_before_utc.date() >= dt.date(2026, 3, 15) else 398
        if life > dt.timedelta(days=limit):
            too_long.append(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
    assert [TOO_LONG_HOST] == too_long


def _public_certificates() -> Iterator[x509.Certificate]:
    loaded = x509.load_pem_x509_certificates((ROOT / "data/inbox/pem/bundle-2026-11-1.pem").read_bytes())
    return (certificate for certificate in loaded if "Sample TLS" in certificate.issuer.rfc4514_string())


def test_exports_overlap_and_tell_of_changes():
    months = [csv_rows(ROOT, f"inbox/exports/certcentral-orders-2026-{month}.csv") for month in ("09", "10", "11")]
    orders = [{row["order_id"] for row in rows} for rows in months]
    assert orders[0] & orders[1] & orders[2]
    assert 1 == len(orders[1] - orders[2])
    status = [{row["serial_number"]: row["status"] for row in rows} for rows in months]
    assert any(status[0].get(serial) == "issued" and now == "revoked" for serial, now in status[2].items())


def test_hostile_names_are_text_in_the_workbook():
    book = openpyxl.load_workbook(ROOT / "data/inbox/exports/registry-2026-11.xlsx")
    cells = {cell.value: cell.data_type for row in book["Registry"].iter_rows() for cell in row}
    assert "s" == cells[FORMULA_NAME] == cells[MARKUP_NAME]


# The story


def of_host(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["common_name"] == name]


def test_sizes_are_those_of_the_issue(books):
    assert 14 <= len(books.agencies)
    assert 400 <= (books.certificates["role"] != "file").sum()
    assert {"standard", "premium"} <= set(books.certificates["tier"])
    assert 7 == books.requests["kind"].nunique()
    assert 850 <= len(books.requests) <= 900
    assert {"overdue", "at-risk", "paused", "on-track"} <= set(books.requests["verdict"])
    assert {"cancelled", "rejected", "duplicate"} <= set(books.requests["status"])
    assert 0 < (books.requests["reopen_count"] > 0).mean() < 0.08


def test_only_august_2026_missed_its_target(books):
    measures = books.measures
    months = measures[
        (measures["measure"] == "on-time-completion") & (measures["dimension"] == "office") & measures["period"].str.match(r"\d{4}-\d\d$")
    ].set_index("period")
    assert ["2026-08"] == list(months.index[months["verdict"] == "missed"])
    others = months.drop(index=["2026-08", "2026-11"])
    assert 0.94 <= others["value"].min()
    assert any("2026-08" in str(day) for day in books.notes["on"])


def test_a_host_lapsed_for_three_and_a_half_days(books):
    first, second = of_host(books.certificates, LAPSED_HOST).sort_values("valid_from").itertuples()
    assert pd.Timedelta(days=3.5) == second.valid_from - first.valid_to - pd.Timedelta(seconds=1)


def test_one_certificate_expires_in_five_days_without_a_successor(books):
    (row,) = of_host(books.certificates, EXPIRING_IN_FIVE_DAYS).itertuples()
    assert (5, "", "active") == (row.days_left, row.superseded_by, row.status)
    soon = books.certificates["days_left"].between(6, 30) & (books.certificates["superseded_by"] == "")
    assert 3 <= soon.sum()


def test_every_kind_of_rule_break_has_an_example_in_use(books):
    broken = books.lints.merge(books.certificates[books.certificates["status"] == "active"], on="certificate")
    hosts = {str(lint): sorted(rows["common_name"]) for lint, rows in broken.groupby("lint")}
    assert [TOO_LONG_HOST] == hosts["validity-over-200-days"]
    assert ["gauges.cdo.example.gov"] == hosts["rsa-under-2048"]
    assert ["badge-reader.doo.example.gov"] == hosts["signature-sha1"]
    assert ["loans.rlb.example.gov"] == hosts["internal-name"]
    assert ["loans.rlb.example.gov", "snow.isb.example.gov"] == sorted({*hosts["key-of-two-agencies"]})
    assert INTERNAL_NAME in of_host(books.certificates, "loans.rlb.example.gov")["names"].iloc[-1].split(" ")


def test_one_key_would_withstand_a_quantum_computer(books):
    table = books.certificates
    assert ["post-quantum.isb.example.gov"] == list(table.loc[table["key_type"] == "ML-DSA-65", "common_name"])


def test_some_hosts_lapsed_and_of_some_it_is_said_that_they_are_retired(books):
    gone = lapsed(books.certificates)
    open_now = lapsed(books.certificates, retired(books.hosts, AS_OF))
    assert {FORMULA_NAME, "vault.wbo.example.gov"} <= set(open_now["common_name"]) < set(gone["common_name"])
    assert set() == {"unknown-host", "retired-host-renewed"} & set(books.findings["code"])


def test_refunds_reissues_terms_and_upgrades_are_in_the_ledger(books):
    ledger = books.ledger
    credited = ledger[ledger["kind"] == "credit"]
    assert sorted(REFUNDED_HOSTS) == sorted(credited["common_name"])
    assert [] == list(credited.loc[credited["common_name"] == REVOKED_LATE_HOST, "entry_id"])
    charges = ledger[ledger["kind"] == "charge"]
    assert 20 <= (charges["amount_cents"] == 0).sum()
    opac = of_host(charges, "opac.rlb.example.gov")
    assert [22_119, 22_119] == list(opac["amount_cents"])
    by_rule = ledger[ledger["adjustment"] == ""]
    assert [54_200 - 22_119] == list(by_rule.loc[by_rule["kind"] == "adjustment", "amount_cents"])


def test_a_waiver_and_a_memo_are_posted_and_a_charge_waits_for_its_approval(books):
    decided = books.ledger[books.ledger["adjustment"] != ""].sort_values("adjustment")
    assert [("M-2026-01", "memo", 0), ("W-2026-01", "waiver", -22_119)] == list(
        decided[["adjustment", "decision", "amount_cents"]].itertuples(index=False, name=None)
    )
    found = set(books.findings["code"])
    assert "not-approved" in found
    assert set() == {"adjustment-not-posted", "entry-not-counted", "account-unknown"} & found


def test_the_recovery_of_the_year_that_ended_is_judged_and_the_first_lot_was_begun_before(books):
    ended = books.recovery[books.recovery["fiscal_year"] == 2026].set_index("tier")
    assert {"full cost"} == set(ended["basis"])
    assert {"within", "above"} >= set(ended["reserve"]) > set()
    assert (ended["proposed_rate_cents"] > 0).all()
    assert 12 == books.lots.set_index("lot_id").loc["STD-2025-1", "drawn_before"]


def test_the_month_of_the_merger_is_billed_to_the_successor(books):
    merged = books.ledger[(books.ledger["agency"] == "OTR") & (books.ledger["period"] == "FY2027-P04")]
    assert {"DLH"} == set(merged["billed_to"])
    harmonics = of_host(books.ledger, "harmonics.otr.example.gov")
    assert ["OTR", "DLH"] == list(harmonics.sort_values("service_on")["agency"])


def test_lots_run_out_within_weeks_and_no_charge_finds_them_empty(books):
    lots = books.lots.set_index("lot_id")
    assert Counter(premium=2, standard=2) == Counter(lots["tier"])
    assert 1 <= lots.loc["STD-2025-1", "remaining"] <= 13
    assert 1 <= lots.loc["PRM-2026-1", "remaining"] <= 5
    assert 4 == lots.loc["PRM-2025-1", "expired_unused"]
    assert lots.loc["PRM-2026-1", "run_out_on"] < pd.Timestamp("2027-01-01")
    assert "lot-exhausted" not in set(books.findings["code"])
    vendor = {row["lot_id"]: row["vendor_remaining"] for row in csv_rows(ROOT, "inbox/lots/lots.csv") if row["vendor_remaining"]}
    assert vendor == {lot_id: str(lots.loc[lot_id, "remaining"]) for lot_id in vendor}


def test_what_was_renewed_is_linked_without_agency_and_over_a_merger(books):
    for host in ("login.wbo.example.gov", "harmonics.otr.example.gov"):
        old, new = of_host(books.certificates, host).sort_values("valid_from").tail(2).itertuples()
        assert (new.certificate, old.certificate) == (old.superseded_by, new.replaces), host


def test_only_the_order_that_really_went_is_called_gone(books):
    (note,) = books.findings.loc[books.findings["code"] == "gone-from-export", "reason"]
    assert note.startswith("1 row of an older export is not in this one")
    assert "order 1104507" in note


def test_the_dollars_of_unknown_words_are_told_with_their_orders(books):
    waiting = books.findings[books.findings["code"] == "charge-waiting"].set_index("value")["reason"]
    expected = "3 orders, between $663.57 and $1,626.00, are charged to nobody until this product is known. Orders: "
    assert waiting["Wildcard Plus"].startswith(expected)
    assert 4 == len(waiting)


def test_the_units_of_a_lot_cost_one_cent_more_or_less(books):
    lots = books.lots.set_index("lot_id")
    assert (lots["total_cost_cents"] % lots["quantity"] != 0).all()
    drew = (books.ledger["kind"] == "charge") & (books.ledger["lot_id"] != "") & (books.ledger["rebills"] == "")
    charges = books.ledger[drew]
    for lot_id, costs in charges.groupby("lot_id")["unit_cost_cents"]:
        whole = lots.loc[lot_id, "total_cost_cents"] // lots.loc[lot_id, "quantity"]
        assert {whole, whole + 1} == set(costs), lot_id
    assert lots["drawn_cost_cents"].sum() == books.ledger["unit_cost_cents"].sum() + lots["cost_before_cents"].sum()


def test_the_portal_was_down_over_a_weekend(books):
    longest = max(books.outages[books.outages["kind"] == "full"].itertuples(), key=lambda row: row.ended_at - row.began_at)
    assert (5, 6) == (longest.began_at.weekday(), longest.ended_at.tz_convert("America/New_York").weekday())
    assert {"full", "partial", "planned", "unmonitored"} == set(books.outages["kind"])


def test_server_software_of_the_service_page_is_explained():
    names = [row["name"] for row in csv_rows(ROOT, "reference/server_software.csv")]
    expected = (
        "4D Apache BEA Cisco Covalent F5 IBM Lotus Microsoft Netscape Netscreen Nortel Red_Hat SonicWALL Stronghold Sun Sybase Tomcat Zeus"
    )
    assert [name.replace("_", " ") for name in expected.split()] == names


def test_one_host_has_the_key_of_another_agencys(books):
    broken = books.lints.loc[books.lints["lint"] == "key-of-two-agencies", "certificate"]
    hosts = books.certificates.set_index("certificate")["common_name"].loc[broken]
    assert {"loans.rlb.example.gov", "snow.isb.example.gov"} == set(hosts)
