"""From any name that a person may hold in hand to the rows behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import contracts, explain
from pipeline.publish import tables as written
from pipeline.sources.published import PublishedRun

FERRY, OLDER = "inbox/exports/2026-11.csv", "inbox/exports/2026-10.csv"
LINE = {
    "entry_id": "abcdef0123456789", "period": "FY2027-P05", "service_on": "2026-11-02", "agency": "FERRY", "billed_to": "ROADS",
    "account_id": "2001", "order_id": "9001", "certificate": "aa11", "request_id": "R-7", "kind": "charge", "tier": "standard",
    "amount_cents": 22119, "source": 1, "lot_id": "S-1",
}  # fmt: skip
CERTIFICATE = {
    "certificate": "aa11", "serial": "0a1b", "common_name": "deck.ferry.example", "order_id": "9001", "status": "active",
    "parse_status": "ok", "matched": "serial", "source": 1, "pem_source": 4, "role": "billing", "valid_from": "2026-11-02T05:00:00Z",
}  # fmt: skip
REQUEST = {
    "request_id": "R-7", "kind": "new", "order_id": "9001", "status": "completed", "verdict": "met", "source": 5, "reopen_count": 0,
    "paused_seconds": 3_660, "business_days": 2,
}  # fmt: skip
PLACES = [
    {"file": OLDER, "row": 2, "stands_for": 1, "became": "certificate", "known_as": "aa11"},
    {"file": FERRY, "row": 2, "stands_for": 1, "became": "certificate", "known_as": "aa11"},
    {"file": FERRY, "row": 3, "stands_for": 2, "became": "order", "known_as": "9009"},
    {"file": FERRY, "row": 4, "stands_for": 1, "became": "certificate", "known_as": "aa11"},
    {"file": "inbox/pem/a.pem", "row": 1, "stands_for": 4, "became": "certificate", "known_as": "aa11"},
    {"file": "inbox/requests/log.csv", "row": 9, "stands_for": 5, "became": "request", "known_as": "R-7"},
    {"file": "inbox/requests/pauses.csv", "row": 2, "stands_for": 6, "became": "pause", "known_as": "R-7"},
    {"file": "inbox/lots/lots.csv", "row": 2, "stands_for": 7, "became": "lot", "known_as": "S-1"},
]
LOT = {
    "lot_id": "S-1", "tier": "standard", "purchased_on": "2026-01-02", "quantity": 5, "drawn": 1, "returned": 0, "expired_unused": 0,
    "drawn_before": 0, "cost_before_cents": 0,
    "expiring_units": 0, "pace_units": 0, "reserve_units": 0,
    "remaining": 4, "total_cost_cents": 10_000, "drawn_cost_cents": 2_000,
}  # fmt: skip
FINDING = {"code": "dates-differ", "severity": "warning", "action": "kept", "file": FERRY, "row": 2, "reason": "Two dates."}
LOST = {"code": "bad-date", "severity": "error", "action": "quarantined", "file": FERRY, "row": 5, "reason": "No date."}
ANSWER = {
    "list": "aliases", "kind": "agency", "match": "division", "value": "Road Dept", "means": "ROADS", "by": "R. Sample",
    "on": pd.Timestamp("2026-11-20"), "rows": 1, "source": 99,
}  # fmt: skip
INVOICE = {
    "agency": "ROADS", "account_id": "2001", "period": "FY2027-P05", "status": "draft", "lines": 1, "amount_cents": 22119,
    "workbook": "invoices/FY2027-P05/ROADS.xlsx",
}  # fmt: skip


def shelf(folder: Path, **changed: list[dict[str, Any]]) -> PublishedRun:
    """A run folder with these tables, as they are published."""
    rows: dict[str, list[dict[str, Any]]] = {
        "INVOICES": [INVOICE], "LEDGER": [LINE], "CERTIFICATES": [CERTIFICATE], "REQUESTS": [REQUEST], "LOTS": [LOT],
        "PLACES": [{"source": number, **place} for number, place in enumerate(PLACES)], "FINDINGS": [FINDING, LOST],
        "INPUTS": [{"file": FERRY, "kind": "certificates", "bytes": 1, "rows_read": 1, "rows_accepted": 1, "rows_quarantined": 0}],
        "ANSWERS": [ANSWER], "ANSWERED": [{"answer": 99, "source": LINE["source"]}],
    } | changed  # fmt: skip
    for name, records in rows.items():
        table: contracts.Table = getattr(contracts, name)
        frame: pd.DataFrame = table.frame(records)
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        written.write_parquet(table, frame, folder / f"tables/{table.name}.parquet")
    return PublishedRun(folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    return shelf(tmp_path_factory.mktemp("run"))


def titles(name: str, run: PublishedRun) -> list[str]:
    return [hit.title for hit in explain.find(name, run)]


def test_a_draft_invoice_brings_its_lines(run: PublishedRun) -> None:
    assert ["Invoice", "Ledger entry"] == titles("FY2027-P05-ROADS", run)
    invoice, line = explain.find("fy2027-p05-roads", run)
    assert "$221.19" == invoice.facts["amount_cents"]
    assert ((FERRY, "", 2),) == tuple(place.at for place in line.places)


def test_the_lines_of_an_invoice_stand_as_it_lists_them(tmp_path: Path) -> None:
    days = {"a": ("2026-11-03", "2"), "b": ("2026-11-03", "1"), "c": ("2026-11-02", "3")}
    lines = [LINE | {"entry_id": entry, "service_on": day, "order_id": order} for entry, (day, order) in days.items()]
    told = explain.find("FY2027-P05-ROADS", shelf(tmp_path, LEDGER=lines))
    assert ["c", "b", "a"] == [hit.facts["entry_id"] for hit in told[1:]]


def test_an_order_brings_what_was_billed_issued_and_asked(run: PublishedRun) -> None:
    assert ["Ledger entry", "Certificate", "Request"] == titles("9001", run)


def test_a_host_name_brings_all_its_certificates_in_order_of_time(tmp_path: Path) -> None:
    lives = {"aa11": ("2026-11-02", "aa12"), "aa12": ("2027-05-01", ""), "aa10": ("2025-11-02", "aa11"), "bb10": ("2026-01-01", "")}
    certificates = [
        CERTIFICATE | {"certificate": name, "valid_from": f"{begin}T00:00:00Z", "superseded_by": after, "common_name": "", "source": source,
                       "names": "deck.ferry.example.old" if name == "bb10" else "bridge.ferry.example deck.ferry.example"}
        for source, (name, (begin, after)) in enumerate(lives.items())
    ]  # fmt: skip
    told = explain.find("Deck.ferry.example", shelf(tmp_path, CERTIFICATES=certificates, LEDGER=[]))
    assert [("aa10", "aa11"), ("aa11", "aa12"), ("aa12", "")] == [
        (hit.facts["certificate"], hit.facts.get("superseded_by", "")) for hit in told
    ]


@pytest.mark.parametrize("name", ["deck.ferry", "ferry.example", "deck?ferry.example", ".*", "bridge.ferry.example deck.ferry.example x"])
def test_a_part_of_a_host_name_is_none(name: str, tmp_path: Path) -> None:
    certificates = [CERTIFICATE | {"common_name": "", "names": "bridge.ferry.example deck.ferry.example"}]
    assert [] == explain.find(name, shelf(tmp_path, CERTIFICATES=certificates, LEDGER=[]))


@pytest.mark.parametrize("written", ["0a1b", "0A:1B", "0a 1b", "0x0A1B", "000A1B", "a1b"])
def test_a_serial_is_known_however_it_is_written_and_leads_to_its_charge(written: str, run: PublishedRun) -> None:
    assert ["Ledger entry", "Certificate"] == titles(written, run)


def test_a_certificate_leads_to_every_row_that_tells_of_it_those_in_force_first(run: PublishedRun) -> None:
    certificate = next(hit for hit in explain.find("aa11", run) if hit.table == "certificates")
    assert [
        ((FERRY, "", 2), ""),
        (("inbox/pem/a.pem", "", 1), ""),
        ((OLDER, "", 2), "told again by a newer file: data/inbox/exports/2026-11.csv, line 2 is in force"),
        ((FERRY, "", 4), "told twice: line 2 of the same file is in force"),
    ] == [(place.at, place.standing) for place in certificate.places]


def test_a_request_leads_to_its_row_and_its_pauses(run: PublishedRun) -> None:
    request = explain.find("R-7", run)[-1]
    assert [("inbox/requests/log.csv", "", 9), ("inbox/requests/pauses.csv", "", 2)] == [place.at for place in request.places]
    assert ("1 h 01 min of desk time", "2") == (request.facts["paused_seconds"], request.facts["business_days"])


def test_a_reopened_request_shows_its_later_episodes(tmp_path: Path) -> None:
    begun = {"began_at": "2026-11-10T15:00:00Z", "status": "completed", "business_seconds": 7_200, "paused_seconds": 0, "source": 6}
    episodes = [{"request_id": "R-7", "episode": number} | begun for number in (2, 1)] + [{"request_id": "R-8", "episode": 2} | begun]
    reopened = shelf(tmp_path, REQUESTS=[{**REQUEST, "reopen_count": 1}], EPISODES=episodes)
    hit = explain.find("R-7", reopened)[-1]
    assert (["Ledger entry", "Request", "Episode 2 of the request"], "2 h 00 min of desk time") == (
        titles("R-7", reopened),
        hit.facts["business_seconds"],
    )
    assert [("inbox/requests/pauses.csv", "", 2)] == [place.at for place in hit.places]


def test_an_order_without_a_certificate_leads_to_its_row(run: PublishedRun) -> None:
    (order,) = explain.find("9009", run)
    assert ("Order without a certificate", ((FERRY, "", 3),)) == (order.title, tuple(place.at for place in order.places))


@pytest.mark.parametrize(
    ("row", "became", "behind"),
    [
        (2, "certificate aa11", ["Ledger entry", "Certificate"]),
        (4, "certificate aa11", ["Ledger entry", "Certificate"]),
        (3, "order 9009", []),
        (5, "quarantined", []),
        (1, "nothing: it stands before the first row, line 2; the file has 1 row", []),
        (6, "nothing: the last row begins on line 5; the file has 1 row. It is the end of that row, comes after it, or is not there", []),
    ],
)
def test_a_row_of_a_file_leads_to_what_became_of_it(row: int, became: str, behind: list[str], run: PublishedRun) -> None:
    for name in (f"{FERRY}:{row}", f"data/{FERRY}:{row}"):
        first, *others = explain.find(name, run)
        assert (became, behind) == (first.facts["became"], [hit.title for hit in others])


def test_a_line_inside_a_row_names_the_rows_around_it(tmp_path: Path) -> None:
    """A cell of a text file may hold line ends."""
    places = [{"source": number, "file": FERRY, "row": row, "stands_for": number} for number, row in enumerate((2, 9))]
    (hit,) = explain.find(f"{FERRY}:5", shelf(tmp_path, PLACES=places, FINDINGS=[], LEDGER=[], CERTIFICATES=[], REQUESTS=[]))
    assert "nothing by itself: it lies in the row that begins on line 2, or is blank; the next row begins on line 9" == hit.facts["became"]


@pytest.mark.parametrize("name", ["FY2027-P05-ROADS", "fy2027-p05/roads", "FY2027-P05 / Roads", "FY2027-P05 ROADS"])
def test_an_invoice_is_named_by_month_and_agency_however_they_are_put_together(name: str, run: PublishedRun) -> None:
    assert ["Invoice", "Ledger entry"] == titles(name, run)


def test_an_agency_leads_to_its_invoices_and_certificates(tmp_path: Path) -> None:
    run = shelf(tmp_path, CERTIFICATES=[{**CERTIFICATE, "agency": "ROADS"}])
    invoices, certificates = explain.find("roads", run)
    assert ("Agency ROADS: 1 invoice", {"FY2027-P05-ROADS": "$221.19, invoices/FY2027-P05/ROADS.xlsx"}) == (invoices.title, invoices.facts)
    assert ("Agency ROADS: 1 certificate", {"aa11": "deck.ferry.example, active, order 9001"}) == (certificates.title, certificates.facts)


def test_of_an_agency_with_many_certificates_fifty_are_named(tmp_path: Path) -> None:
    many = [{**CERTIFICATE, "certificate": f"aa{number:04}", "agency": "ROADS"} for number in range(60)]
    _, certificates = explain.find("ROADS", shelf(tmp_path, CERTIFICATES=many))
    assert (51, "10") == (len(certificates.facts), certificates.facts["and more"])


def test_a_lot_leads_to_its_row(run: PublishedRun) -> None:
    (lot,) = explain.find("s-1", run)
    assert ("Lot", "$100.00", ("inbox/lots/lots.csv", "", 2)) == (lot.title, lot.facts["total_cost_cents"], lot.places[0].at)


def test_a_ledger_entry_may_be_named_by_its_beginning(run: PublishedRun) -> None:
    assert ["Ledger entry"] == titles("abcdef01", run)
    assert [] == titles("abcd", run)


def test_a_certificate_may_be_named_by_the_beginning_that_the_trace_page_shows(tmp_path: Path) -> None:
    name = {"certificate": "sha256:00ff00ff00ffaa", "parse_status": "ok", "matched": "none", "source": 1, "role": "file"}
    assert ["Certificate"] == titles("00FF00FF00FF", shelf(tmp_path, CERTIFICATES=[name], LEDGER=[], REQUESTS=[]))


def test_an_entry_names_its_workbook_and_what_it_takes_back(tmp_path: Path) -> None:
    credit = LINE | {"entry_id": "cc", "kind": "credit", "amount_cents": -22119, "reverses": LINE["entry_id"], "order_id": "9002"}
    (told,) = explain.find("9002", shelf(tmp_path, LEDGER=[LINE, credit]))
    assert ("invoices/FY2027-P05/ROADS.xlsx", LINE["entry_id"]) == (told.facts["workbook"], told.facts["reverses"])


def test_an_entry_of_an_invoice_is_told_once(tmp_path: Path) -> None:
    entry = LINE | {"order_id": "FY2027-P05-ROADS"}
    assert ["Invoice", "Ledger entry"] == titles("FY2027-P05-ROADS", shelf(tmp_path, LEDGER=[entry]))


def test_days_and_instants_are_written_as_in_the_tables(run: PublishedRun) -> None:
    entry, certificate = explain.find("0a1b", run)
    assert ("2026-11-02", "2026-11-02T05:00:00Z") == (entry.facts["service_on"], certificate.facts["valid_from"])


def test_what_was_found_wrong_with_a_row_is_told_at_its_place(run: PublishedRun) -> None:
    place, other = (FERRY, "", 2), ("inbox/pem/a.pem", "", 1)
    assert {place: ["warning, kept: Two dates."]} == explain.findings_at({place, other}, run)
    assert {} == explain.findings_at({other}, run)


@pytest.mark.parametrize("name", ["", "  ", "nothing", "%", "FY2027-P05-FERRY", "inbox/none.csv:2", f"{FERRY}:", f"{FERRY}:x"])
def test_what_is_not_there_is_not_found(name: str, run: PublishedRun) -> None:
    assert [] == titles(name, run)


def test_a_row_number_longer_than_any_file_is_no_row(run: PublishedRun) -> None:
    assert explain.find(f"{FERRY}:{10**30}", run)[0].facts["became"].startswith("nothing")


def test_an_answer_that_decides_a_row_is_named_with_its_giver(run: PublishedRun) -> None:
    hits = [hit for hit in explain.find(LINE["order_id"], run) if hit.table == "ledger"]
    assert ["agency ROADS: answered by R. Sample on 2026-11-20 for 'Road Dept'"] == [hit.facts["answered"] for hit in hits]


def test_rows_that_no_answer_decides_say_nothing_of_answers(tmp_path: Path) -> None:
    assert {""} == {hit.facts.get("answered", "") for hit in explain.find(LINE["order_id"], shelf(tmp_path, ANSWERS=[], ANSWERED=[]))}
