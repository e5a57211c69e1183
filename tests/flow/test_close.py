"""A month is closed: its folder, its chain, what is refused, what a changed byte does, and what a killed close leaves."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline import changes, closing, flow
from pipeline.closes import CloseMisusedError, CloseRefusedError, frozen, must_be_in_turn
from pipeline.contracts import Books
from pipeline.money import dollars
from pipeline.publish import close_files, line_notes
from pipeline.settings import Settings
from pipeline.sources import closed_months, settings_file, workspace
from pipeline.sources.closed_chain import ClosedBooksError
from pipeline.sources.inbox import InputRefused
from pipeline.sources.workspace import SettingsError
from tests.conftest import ROOT, certledger

SMALL = ROOT / "tests/flow/workspace"
AS_OF = dt.date(2026, 11, 23)
MONTHS = ("FY2026-P12", "FY2027-P01", "FY2027-P02", "FY2027-P03", "FY2027-P04")


def quiet(text: str) -> None:
    """Nobody listens."""


def office(folder: Path) -> Path:
    shutil.copytree(SMALL, folder)
    return folder


def settings_of(root: Path) -> Settings:
    return settings_file.read(root / "certledger.toml")


def close(root: Path, period: str, by: str = "Ann", as_of: dt.date = AS_OF) -> Path:
    return closing.close(root, settings_of(root), period, by, as_of, quiet).folder


def all_closed(root: Path, periods: Sequence[str], as_of: dt.date) -> None:
    """Close these months from books that are prepared once."""
    settings = settings_of(root)
    books = flow.prepare(root, settings, as_of, quiet)
    for period in periods:
        made = closing.frozen_of(root, books, settings, period, "Ann", as_of, closed_months.read(root).closed, "a" * 12)
        close_files.write(root / closing.LEDGER, made)


@pytest.fixture(scope="module")
def three_closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = office(tmp_path_factory.mktemp("closed") / "office")
    for period in MONTHS[:3]:
        close(root, period)
    return root


@pytest.fixture
def closed(three_closed: Path, tmp_path: Path) -> Path:
    """A small office with its first three months closed, to be spoiled."""
    return Path(shutil.copytree(three_closed, tmp_path / "office"))


@pytest.fixture(scope="module")
def rehearsed(three_closed: Path, tmp_path_factory: pytest.TempPathFactory) -> closing.Rehearsal:
    """What a dry run of the fourth month says and writes."""
    root = Path(shutil.copytree(three_closed, tmp_path_factory.mktemp("rehearsed") / "office"))
    return closing.rehearse(root, settings_of(root), MONTHS[3], AS_OF, quiet)


@pytest.fixture(scope="module")
def closed_next(three_closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office with its fourth month closed, too. Look, do not touch."""
    root = Path(shutil.copytree(three_closed, tmp_path_factory.mktemp("closed") / "office"))
    close(root, MONTHS[3])
    return root


@pytest.fixture
def four_closed(closed_next: Path, tmp_path: Path) -> Path:
    """A small office with its first four months closed, to be closed further."""
    return Path(shutil.copytree(closed_next, tmp_path / "office"))


def told(root: Path) -> str:
    """What stops a run of this workspace."""
    with pytest.raises(ClosedBooksError) as stopped:
        flow.prepare(root, settings_of(root), AS_OF, quiet)
    return str(stopped.value)


def test_all_months_close_in_turn_and_sha256sum_alone_checks_the_chain(four_closed: Path) -> None:
    close(four_closed, MONTHS[4])
    for period in MONTHS:
        folder = four_closed / "data/ledger" / period
        checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)
        assert 0 == checked.returncode, checked.stdout + checked.stderr
        assert sorted([*frozen.TABLES, "SHA256SUMS", "close.json"]) == [path.name for path in sorted(folder.iterdir())]
    periods = closed_months.read(four_closed).closed.periods
    assert list(MONTHS) == periods["period"].tolist()
    assert {"Ann"} == set(periods["closed_by"])
    with pytest.raises(CloseRefusedError, match="has not ended"):
        close(four_closed, "FY2027-P05")
    assert list(MONTHS) == closed_months.read(four_closed).closed.periods["period"].tolist()


def test_what_is_read_back_is_what_was_frozen(closed: Path, books_of_three: Books) -> None:
    settings, books = settings_of(closed), books_of_three
    made = closing.frozen_of(closed, books, settings, MONTHS[3], "Bob", AS_OF, books.closed, "a run")
    close_files.write(closed / closing.LEDGER, made)
    read = closed_months.read(closed).closed
    pd.testing.assert_frame_equal(made.tables["lots.csv"], read.lots)
    for name in ("ledger", "invoices", "lines", "rows"):
        frame = getattr(read, name)
        last = frame.tail(len(made.tables[f"{name}.csv"])).reset_index(drop=True)
        pd.testing.assert_frame_equal(made.tables[f"{name}.csv"], last)
    assert (MONTHS[3], "Bob", 4) == tuple(read.periods[["period", "closed_by", "turn"]].iloc[-1])


def test_a_frozen_line_rests_on_the_copy_of_its_row(books_of_three: Books) -> None:
    books = books_of_three
    ledger = books.closed.ledger
    places = books.places.set_index("source").loc[ledger["source"].tolist()]
    assert [f"ledger/{period}/rows.csv" for period in ledger["period"]] == places["file"].tolist()
    assert ledger["entry_id"].tolist() == places["known_as"].tolist()
    lots = books.places.set_index("source").loc[books.closed.lots["source"].tolist()]
    assert {"ledger/FY2027-P02/lots.csv"} == set(lots["file"])
    assert books.closed.lots["lot_id"].tolist() == lots["known_as"].tolist()


def test_nothing_is_closed_of_the_months_that_are_open(closed: Path) -> None:
    ledger = closed_months.read(closed).closed.ledger
    assert set(MONTHS[:3]) == set(ledger["period"])
    assert not (ledger["invoice_no"] == "").any()


@pytest.mark.parametrize(
    ("period", "by", "as_of", "said"),
    [
        ("Foo", "Ann", AS_OF, "'Foo' is not a period such as FY2027-P05"),
        ("FY9999-P13", "Ann", AS_OF, "FY9999-P13 is of the last year that can be written"),
        ("FY2027-P01", "Ann", AS_OF, "FY2027-P01 is closed already, by Ann as of 2026-11-23"),
        ("FY2027-P04", "Ann", AS_OF, "next is September 2026 (FY2027-P03)"),
        ("FY2027-P03", " \t", AS_OF, "Nobody is named who closes the month"),
        ("FY2027-P03", "Ann", dt.date(2026, 11, 22), "close FY2027-P03 as of that day or a later one"),
    ],
)
def test_a_close_that_is_not_due_changes_nothing(closed: Path, period: str, by: str, as_of: dt.date, said: str) -> None:
    before = workspace.fingerprint(closed)
    with pytest.raises(CloseMisusedError, match=re.escape(said)):
        close(closed, period, by, as_of)
    assert before == workspace.fingerprint(closed)


@pytest.fixture(scope="module")
def books_of_three(three_closed: Path) -> Books:
    """The books of the small office with its first three months closed."""
    return flow.prepare(three_closed, settings_of(three_closed), AS_OF, quiet)


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("FY2026-P11", "next is September 2026 (FY2027-P03)"),
        ("FY2026-P13", "There are no late items to close as of 2026-11-23. It holds what arrived by 2026-08-31"),
    ],
)
def test_a_period_before_the_books_or_without_late_items_is_not_in_turn(
    books_of_three: Books, three_closed: Path, period: str, said: str
) -> None:
    with pytest.raises(CloseMisusedError, match=re.escape(said)):
        must_be_in_turn(period, books_of_three.closed, books_of_three, settings_of(three_closed), AS_OF)


def test_a_month_ends_with_its_last_day(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    with pytest.raises(CloseRefusedError, match=re.escape("June 2026 (FY2026-P12) has not ended as of 2026-06-29")):
        close(root, "FY2026-P12", as_of=dt.date(2026, 6, 29))
    assert "FY2026-P12" == close(root, "FY2026-P12", as_of=dt.date(2026, 6, 30)).name


def source_ends_on(root: Path, day: str, name: str = "registry-2026-06.csv") -> None:
    """Leave only rows of the billing export that speak of no day after `day`, in a file of this name."""
    export = next((root / "data/inbox/exports").iterdir())
    head, *rows = csv.reader(export.read_text().splitlines())
    told = [row for row in rows if row[12] == "issued" and max(row[5:7]) <= day]
    export.unlink()
    export.with_name(name).write_text("".join(f"{','.join(row)}\n" for row in [head, *told]))


@pytest.mark.parametrize(
    ("name", "may_close"),
    [
        ("registry-2026-06-30.csv", True),
        ("registry-20260701.csv", True),
        ("registry-2026-06-29.csv", False),
        ("registry-2026-06.csv", False),
        ("registry.csv", False),
    ],
)
def test_an_export_that_was_taken_after_the_month_tells_of_its_last_days_by_having_no_row(
    tmp_path: Path, name: str, may_close: bool
) -> None:
    root = office(tmp_path / "office")
    source_ends_on(root, "2026-06-29", name)
    if may_close:
        assert close(root, "FY2026-P12").is_dir()
    else:
        with pytest.raises(CloseRefusedError, match="tells of nothing after 20"):
            close(root, "FY2026-P12")


ACCEPTED = "code,file,key,until,by,reason\nsource-ends-before-close,{file},{key},{until},Dee,The registry was switched off\n"


@pytest.mark.parametrize(
    ("file", "key", "until", "is_let_pass"),
    [
        ("inbox/exports/registry-2026-06.csv", "FY2026-P12", "2027-01-31", True),
        ("inbox/exports/registry-*.csv", "fy2026-p12", "2026-11-23", True),
        ("inbox/exports/other.csv", "FY2026-P12", "2027-01-31", False),
        ("inbox/exports/registry-2026-06.csv", "FY2027-P01", "2027-01-31", False),
        ("inbox/exports/registry-2026-06.csv", "FY2026-P12", "2026-11-22", False),
    ],
)
def test_a_source_that_ends_too_early_must_be_accepted_with_a_reason(
    tmp_path: Path, file: str, key: str, until: str, is_let_pass: bool
) -> None:
    root = office(tmp_path / "office")
    source_ends_on(root, "2026-06-29")
    (root / "data/entries").mkdir(exist_ok=True)
    (root / "data/entries/accepted.csv").write_text(ACCEPTED.format(file=file, key=key, until=until))
    if not is_let_pass:
        with pytest.raises(CloseRefusedError, match="source-ends-before-close"):
            close(root, "FY2026-P12")
        return
    facts = json.loads((close(root, "FY2026-P12") / "close.json").read_text())
    kept = [(one["file"], one["by"], one["reason"]) for one in facts["accepted"]]
    assert [("inbox/exports/registry-2026-06.csv", "Dee", "The registry was switched off")] == kept
    findings = flow.prepare(root, settings_of(root), AS_OF, quiet).findings
    assert "stale-acceptance" not in set(findings["code"])


def test_the_line_that_a_refusal_proposes_lets_the_close_pass(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    source_ends_on(root, "2026-06-29")
    with pytest.raises(CloseRefusedError, match=r"registry-2026-06.csv \[source-ends-before-close\].*accepted.csv") as refused:
        close(root, "FY2026-P12")
    (line,) = [line.strip() for line in str(refused.value).splitlines() if line.strip().startswith("source-ends-before-close,")]
    assert "source-ends-before-close,inbox/exports/registry-2026-06.csv,FY2026-P12,2026-12-23,NAME,REASON" == line
    (root / "data/entries").mkdir(exist_ok=True)
    (root / "data/entries/accepted.csv").write_text(f"code,file,key,until,by,reason\n{line}\n")
    assert close(root, "FY2026-P12").is_dir()


def test_a_billing_source_of_the_close_before_that_is_gone_must_be_accepted_once(closed: Path) -> None:
    export = closed / "data/inbox/exports/registry-2026-11-20.csv"
    export.rename(export.with_name("list-2026-11-20.csv"))
    with pytest.raises(CloseRefusedError) as refused:
        close(closed, MONTHS[3])
    said = (
        f"{MONTHS[2]} was billed from this source, and no file of it is billed from any more: "
        f"what it has not told yet of {MONTHS[3]} would be billed late."
    )
    assert said in str(refused.value)
    (line,) = [line.strip() for line in str(refused.value).splitlines() if line.strip().startswith("source-ends-before-close,")]
    assert f"source-ends-before-close,inbox/exports/registry-2026-11-20.csv,{MONTHS[3]},2026-12-23,NAME,REASON" == line
    (closed / "data/entries").mkdir()
    (closed / "data/entries/accepted.csv").write_text(f"code,file,key,until,by,reason\n{line}\n")
    assert close(closed, MONTHS[3]).is_dir()
    assert close(closed, MONTHS[4]).is_dir()


def test_a_fiscal_year_that_starts_in_another_month_than_the_closed_ones_stops_every_run(closed: Path) -> None:
    chosen = settings_of(closed)
    moved = chosen.model_copy(update={"organization": chosen.organization.model_copy(update={"fiscal_year_starts": 10})})
    with pytest.raises(ClosedBooksError, match=r"fiscal_year_starts = 10, but .* with 7\. Set fiscal_year_starts = 7"):
        flow.prepare(closed, moved, AS_OF, quiet)


JULY = '[[rate]]\ntier = "standard"\namount = 221.19\nsince = 2026-07-01\n'
PUT_BACK = 'Put this line back: [[rate]] tier = "standard", amount = 221.19, since = 2026-07-01.'


INSTEAD_OF = f"but {MONTHS[2]} was closed with $221.19."


def a_line(tier: str, amount: str, since: str) -> str:
    return f'[[rate]]\ntier = "{tier}"\namount = {amount}\nsince = {since}\n'


def with_rates(root: Path, lines: str, begin: str = "begin = 2026-06-01") -> None:
    """Put `lines` in the place of the rate of July in certledger.toml, and `begin` in that of its begin."""
    path = root / "certledger.toml"
    written = path.read_text()
    assert JULY in written
    path.write_text(written.replace(JULY, lines).replace("begin = 2026-06-01", begin))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (JULY.replace("221.19", "191.19"), f"For standard certledger.toml says $191.19 on 2026-07-01, {INSTEAD_OF} {PUT_BACK}"),
        (JULY.replace("07-01", "07-15"), f"For standard certledger.toml says $200.00 on 2026-07-01, {INSTEAD_OF} {PUT_BACK}"),
        ("", f"For standard certledger.toml says $200.00 on 2026-07-01, {INSTEAD_OF} {PUT_BACK}"),
        (
            JULY + a_line("standard", "230.00", "2026-08-31"),
            f"For standard certledger.toml says $230.00 on 2026-08-31, {INSTEAD_OF} Take out the [[rate]] line of "
            "standard since 2026-08-31.",
        ),
    ],
    ids=["another amount", "another day", "gone", "a new line inside closed time"],
)  # fmt: skip
def test_a_rate_of_closed_months_that_reads_otherwise_stops_run_check_and_close(closed: Path, lines: str, said: str) -> None:
    with_rates(closed, lines)
    newer = "A rate of closed months never changes: a new rate is a new [[rate]] line with a since after 2026-08-31."
    whole = f"{said}\n{newer} Nothing was published."
    with pytest.raises(SettingsError) as stopped:
        flow.prepare(closed, settings_of(closed), AS_OF, quiet)
    assert whole == str(stopped.value)
    with pytest.raises(SettingsError):
        close(closed, MONTHS[3])
    assert list(MONTHS[:3]) == closed_months.read(closed).closed.periods["period"].tolist()


@pytest.mark.parametrize(
    "lines",
    [
        JULY + a_line("standard", "230.00", "2026-09-01"),
        JULY + a_line("standard", "221.19", "2026-08-01"),
        JULY + a_line("standard", "100.00", "2023-07-01"),
    ],
    ids=["after the closed months", "the same amount again", "before the books begin"],
)
def test_a_rate_line_that_bills_no_closed_line_otherwise_may_be_added(closed: Path, lines: str) -> None:
    with_rates(closed, lines)
    before = closed_months.read(closed).closed.ledger["entry_id"].tolist()
    books = flow.prepare(closed, settings_of(closed), AS_OF, quiet)
    assert not set(before) & set(books.ledger["takes_back"])


def test_a_rate_line_may_not_make_books_without_begin_begin_earlier(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    with_rates(root, JULY, begin="")
    (root / "certledger.toml").write_text((root / "certledger.toml").read_text().replace("2024-07-01", "2026-06-01"))
    close(root, "FY2026-P01")
    with_rates(root, JULY + a_line("standard", "90.00", "2025-06-30"))
    with pytest.raises(
        SettingsError, match=r"earlier fiscal year than the books\. Set begin = 2025-07-01 in \[charges\], so that they begin"
    ):
        flow.prepare(root, settings_of(root), AS_OF, quiet)


@pytest.mark.parametrize(
    ("begin", "setting", "now", "then"),
    [
        ("begin = 2026-07-01", "begin", "2026-07-01", "2026-06-01"),
        ("", "begin", "2024-07-01", "2026-06-01"),
        ("begin = 2026-06-01\nterm_days = 60", "term_days", "60", "365"),
        ("begin = 2026-06-01\nrefund_days = 45", "refund_days", "45", "30"),
    ],
)
def test_a_setting_that_closed_months_were_billed_by_stops_run_and_close_when_it_reads_otherwise(
    closed: Path, begin: str, setting: str, now: str, then: str
) -> None:
    with_rates(closed, JULY, begin)
    expected = (
        f"[charges] of certledger.toml comes to {setting} = {now}, but {MONTHS[2]} was closed with {setting} = {then}. "
        f"Set {setting} = {then} again.\n"
        "The closed months were billed by it, and with another one their lines would be taken back or billed anew. "
        "What another one would charge or credit otherwise from now on is a line of data/entries/adjustments.csv. Nothing was published."
    )
    with pytest.raises(SettingsError) as stopped:
        flow.prepare(closed, settings_of(closed), AS_OF, quiet)
    assert expected == str(stopped.value)
    with pytest.raises(SettingsError):
        close(closed, MONTHS[3])


def test_a_product_that_closed_months_were_billed_by_another_tier_is_an_error_with_its_dollars(closed: Path) -> None:
    path = closed / "certledger.toml"
    before = path.read_text()
    path.write_text(before.replace('"ssl_plus"]', '"ssl_plus", "ssl_ev_plus"]').replace('"premium", "ssl_ev_plus"]', '"premium"]'))
    findings = flow.prepare(closed, settings_of(closed), AS_OF, quiet).findings
    (told,) = findings[findings["code"] == "product-means-another-tier"].to_dict("records")
    expected = (
        "ssl_ev_plus means tier standard today and meant premium when its months were closed, so 1 closed line of $542.00 would be billed "
        "anew with $221.19. The rows read as they did then: [tiers] of certledger.toml or data/entries/aliases.csv changed."
    )
    assert ("error", "ssl_ev_plus", expected) == (told["severity"], told["value"], told["reason"])


def test_an_agency_code_of_closed_months_that_is_gone_from_the_list_stops_the_run_and_says_what_to_write(closed: Path) -> None:
    agencies = closed / "data/reference/agencies.csv"
    export = next((closed / "data/inbox/exports").iterdir())
    before = agencies.read_text()
    agencies.write_text(before.replace("PARKS,", "GREEN,", 1))
    export.write_text(export.read_text().replace(",PARKS,", ",GREEN,"))
    with pytest.raises(InputRefused) as stopped:
        flow.prepare(closed, settings_of(closed), AS_OF, quiet)
    billed = closed_months.read(closed).closed.ledger
    of_parks = billed[billed["agency"] == "PARKS"]
    expected = (
        f"No row has the code PARKS any more, to which {len(of_parks)} closed lines of {dollars(of_parks['amount_cents'].sum())} were "
        "billed: they would be taken back and billed anew. Put its row back; if the code has changed, give that row the last day of the "
        "old code as valid_to and the new code as successor, and the new code a row of its own."
    )
    assert [expected] == [one.reason for one in stopped.value.findings if one.code == "bad-reference" and one.value == "PARKS"]
    agencies.write_text(before.replace(",,,\nROADS", ",,2026-10-31,GREEN\nGREEN,Parks Service,Environment,1001,,,2026-11-01,,\nROADS"))
    codes = set(flow.prepare(closed, settings_of(closed), AS_OF, quiet).findings["code"])
    assert set() == codes & {"closed-line-corrected", "agency-code-means-another", "bad-reference"}


def test_a_product_that_a_row_names_otherwise_than_at_the_close_is_no_fault_of_the_settings(closed: Path) -> None:
    export = next((closed / "data/inbox/exports").iterdir())
    assert 1 == export.read_text().count("ssl_ev_plus")
    export.write_text(export.read_text().replace("ssl_ev_plus", "ssl_plus"))
    codes = set(flow.prepare(closed, settings_of(closed), AS_OF, quiet).findings["code"])
    assert ("closed-line-corrected" in codes, "product-means-another-tier" in codes) == (True, False)


def test_a_close_of_an_older_program_keeps_no_charges_to_compare(closed: Path) -> None:
    for period in MONTHS[:3]:
        facts = closed / "data/ledger" / period / "close.json"
        kept = json.loads(facts.read_text())
        for name in ("begin", "term_days", "refund_days"):
            del kept["settings"][name]
        facts.write_text(json.dumps(kept))
    rechained(closed)
    with_rates(closed, JULY, "begin = 2026-06-01\nrefund_days = 45")
    assert len(flow.prepare(closed, settings_of(closed), AS_OF, quiet).ledger)


def test_the_command_stops_with_exit_code_2_for_a_rate_of_closed_months(closed: Path) -> None:
    with_rates(closed, "")
    ran = certledger("-C", str(closed), "check")
    assert 2 == ran.returncode
    assert PUT_BACK in ran.stderr


FILES = [*frozen.TABLES, "close.json", "SHA256SUMS"]


@pytest.mark.parametrize("period", MONTHS[:3])
@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_of_any_closed_file_stops_every_run(closed: Path, books_of_three: Books, period: str, name: str) -> None:
    path = closed / "data/ledger" / period / name
    if (period, name) == (MONTHS[2], "SHA256SUMS"):
        recorded(closed, books_of_three)  # of the newest close only the recorded runs know
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    said = told(closed)
    assert f"data/ledger/{period}" in said
    assert "git checkout" in said or "Remove it" in said


def recorded(root: Path, books: Books) -> None:
    """Let a run of today be recorded, as publishing one of these books of it does."""
    record = changes.record(books, "a" * 12, AS_OF, "0.1.0", "")
    (root / workspace.RECORDS).mkdir(parents=True)
    (root / workspace.RECORDS / f"{AS_OF}-{'a' * 12}.json").write_text(record.to_json())


@pytest.mark.parametrize("period", MONTHS[:3])
@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_stops_every_run(closed: Path, period: str, name: str) -> None:
    (closed / "data/ledger" / period / name).unlink()
    assert f"data/ledger/{period}/{name} is missing" in told(closed)


@pytest.mark.parametrize("name", ["notes.txt", "ledger.csv.bak", ".ledger.csv.swp"])
def test_nothing_else_may_lie_in_a_closed_month(closed: Path, name: str) -> None:
    (closed / "data/ledger/FY2027-P01" / name).write_text("x")
    assert f"data/ledger/FY2027-P01/{name} was not there when FY2027-P01 was closed. Remove it." in told(closed)


def test_a_link_in_the_place_of_a_file_is_not_the_file(closed: Path) -> None:
    ledger = closed / "data/ledger/FY2027-P01/ledger.csv"
    ledger.rename(closed / "elsewhere.csv")
    ledger.symlink_to(closed / "elsewhere.csv")
    assert "ledger.csv is not as it was" in told(closed)


def test_a_close_that_is_gone_from_the_middle_breaks_the_chain(closed: Path) -> None:
    shutil.rmtree(closed / "data/ledger/FY2027-P01")
    assert "data/ledger/FY2027-P01 is missing, which FY2027-P02 follows. Put it back: git checkout" in told(closed)


def test_the_first_close_may_not_be_gone_either(closed: Path) -> None:
    shutil.rmtree(closed / "data/ledger/FY2026-P12")
    assert "data/ledger/FY2026-P12 is missing" in told(closed)


def test_the_newest_close_may_not_be_gone_once_a_run_has_recorded_it(closed: Path, books_of_three: Books) -> None:
    recorded(closed, books_of_three)
    shutil.rmtree(closed / "data/ledger/FY2027-P02")
    assert "data/ledger/FY2027-P02 is missing since data/ledger/runs/2026-11-23-" in told(closed)


def test_the_newest_close_may_not_be_made_anew_once_a_run_has_recorded_it(closed: Path, books_of_three: Books) -> None:
    recorded(closed, books_of_three)
    records = closed / workspace.RECORDS
    records.rename(closed / "aside")
    shutil.rmtree(closed / "data/ledger/FY2027-P02")
    close(closed, "FY2027-P02", by="Eve")
    (closed / "aside").rename(records)
    assert "data/ledger/FY2027-P02 was closed anew since" in told(closed)


def test_a_month_closed_twice_is_told(closed: Path) -> None:
    shutil.copytree(closed / "data/ledger/FY2027-P01", closed / "data/ledger/FY2027-P01 (2)")
    assert "FY2027-P01 (2) is a copy of a closed month" in told(closed)
    (closed / "data/ledger/FY2027-P01 (2)").rename(closed / "data/ledger/FY2027-P07")
    assert "data/ledger/FY2027-P07/close.json does not tell of FY2027-P07" in told(closed)


def with_sums(folder: Path) -> None:
    """Make the sums of a spoiled folder right again, as somebody would who covers it up."""
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    fresh = []
    for line in lines:
        name = line[66:]
        fresh.append(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(fresh))


def test_sums_that_were_made_anew_do_not_hide_a_change_from_the_next_close(closed: Path) -> None:
    folder = closed / "data/ledger/FY2027-P01"
    (folder / "ledger.csv").write_text((folder / "ledger.csv").read_text().replace("22119", "11"))
    with_sums(folder)
    assert "data/ledger/FY2027-P01/SHA256SUMS is not the one that FY2027-P02 was closed after" in told(closed)


def test_two_closes_after_one_are_no_chain(closed: Path) -> None:
    folder = closed / "data/ledger/FY2027-P02"
    text = (folder / "SHA256SUMS").read_text().splitlines()[:-1]
    link = hashlib.sha256((closed / "data/ledger/FY2026-P12/SHA256SUMS").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text("\n".join([*text, f"{link}  ../FY2026-P12/SHA256SUMS"]) + "\n")
    assert "FY2027-P01 and FY2027-P02 each say that they were closed after FY2026-P12" in told(closed)


def test_a_killed_close_leaves_the_month_closed_or_open_and_the_next_close_clears_up(closed: Path, books_of_three: Books) -> None:
    """The process dies before its first, second, third ... write, until one gets to the end."""
    made = closing.frozen_of(closed, books_of_three, settings_of(closed), "FY2027-P03", "Ann", AS_OF, books_of_three.closed, "a run")
    command = [sys.executable, "-c", KILLED, str(closed)]
    done = subprocess.run(command, cwd=ROOT, input=pickle.dumps(made), capture_output=True, check=False, timeout=300)
    assert 0 == done.returncode, done.stderr
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(frozen.TABLES) + 3 < len(seen)
    assert all(one["is_there"] == one["is_read"] for one in seen)
    assert [(True, False)] * (len(seen) - 1) == [(one["killed"], one["is_there"]) for one in seen[:-1]]
    (closed / "data/ledger/.closing-FY2027-P04").mkdir()
    (closed / "data/ledger/.closing-FY2027-P04/ledger.csv").write_text("half")
    close(closed, "FY2027-P04")
    assert [] == list((closed / "data/ledger").glob(".closing-*"))


# Closes a month in children that die, as if killed, at the n-th time that something is to be written, synced, renamed or removed.
KILLED = """
import json, os, pickle, sys
from pathlib import Path
from pipeline.publish import close_files
from pipeline.sources import closed_months

root = Path(sys.argv[1])
made = pickle.load(sys.stdin.buffer)
left = 0

def hook(event, arguments):
    global left
    writes = event == "open" and "ledger" in str(arguments[0]) and (arguments[2] & (os.O_WRONLY | os.O_RDWR) or os.path.isdir(arguments[0]))
    if writes or event in ("os.rename", "os.mkdir", "shutil.rmtree"):
        left -= 1
        if left == 0:
            os._exit(9)

for moment in range(1, 100):
    child = os.fork()
    if child == 0:
        left = moment
        sys.addaudithook(hook)
        close_files.write(root / "data/ledger", made)
        os._exit(0)
    killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    is_there = (root / "data/ledger/FY2027-P03").exists()
    is_read = "FY2027-P03" in set(closed_months.read(root).closed.periods["period"])
    print(json.dumps({"killed": killed, "is_there": is_there, "is_read": is_read}), flush=True)
    if is_there:
        break
"""


def test_a_run_is_the_same_whether_or_not_a_killed_close_left_something(closed: Path) -> None:
    before = workspace.fingerprint(closed)
    (closed / "data/ledger/.closing-FY2027-P03").mkdir()
    (closed / "data/ledger/.closing-FY2027-P03/ledger.csv").write_text("half")
    assert before == workspace.fingerprint(closed)
    assert 3 == len(flow.prepare(closed, settings_of(closed), AS_OF, quiet).closed.periods)


def with_pages(root: Path) -> Path:
    for part in ("site", "templates"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    return root


def test_the_command_closes_publishes_verifies_and_explains_a_row_whose_file_is_gone(closed: Path) -> None:
    root = with_pages(closed)
    done = certledger("-C", root, "close", "FY2027-P03", "--by", "Ann O'Neil")
    assert 1 == done.returncode, done.stdout + done.stderr  # of the small office more rows are quarantined than it allows
    assert "Closed       FY2027-P03 by Ann O'Neil as of 2026-11-23: " in done.stdout
    assert "Next: git add data/ledger/FY2027-P03" == done.stdout.splitlines()[-1]
    assert "Published    run " in done.stdout
    latest = (root / "reports/latest").resolve().relative_to(root)
    assert f"To send      {latest}/invoices/FY2027-P03.zip; drafts of messages lie in {latest}/invoices/FY2027-P03/drafts" in done.stdout
    assert ["CRT-FY2027-P03-FERRY-001.eml"] == [path.name for path in (root / latest / "invoices/FY2027-P03/drafts").iterdir()]
    verified = certledger("-C", root, "verify")
    assert 0 == verified.returncode, verified.stderr
    assert "FY2027-P01 is as it was closed by Ann as of 2026-11-23: 1 line, $221.19." in verified.stdout
    for export in (root / "data/inbox/exports").iterdir():
        export.unlink()
    explained = certledger("-C", root, "explain", "data/ledger/FY2027-P01/rows.csv:2")
    assert "frozen as read from data/inbox/exports/registry-2026-11-20.csv, line 4" in explained.stdout
    assert "camp.parks.example" in explained.stdout


def test_the_command_stops_with_exit_code_4_and_publishes_nothing_for_a_changed_byte(closed: Path) -> None:
    path = closed / "data/ledger/FY2027-P01/rows.csv"
    path.write_bytes(path.read_bytes().replace(b"PARKS", b"ROADS"))
    for command in (["run"], ["check"], ["verify"], ["close", "FY2027-P03", "--by", "Ann"]):
        done = certledger("-C", closed, *command)
        assert 4 == done.returncode, done.stdout + done.stderr
        assert "data/ledger/FY2027-P01/rows.csv is not as it was when FY2027-P01 was closed." in done.stderr
        assert "git checkout -- data/ledger/FY2027-P01" in done.stderr
    assert not (closed / "reports/latest").exists()


@pytest.mark.parametrize(
    ("arguments", "code"), [(("FY2027-P01", "--by", "Ann"), 2), (("FY2027-P03",), 2), (("FY2027-P05", "--by", "A"), 2)]
)
def test_the_command_says_what_is_wrong_with_the_call(closed: Path, arguments: tuple[str, ...], code: int) -> None:
    done = certledger("-C", closed, "close", *arguments)
    assert code == done.returncode
    assert done.stderr


def test_the_command_refuses_a_month_that_has_not_ended(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    done = certledger("-C", root, "close", "FY2026-P12", "--by", "Ann", "--as-of", "2026-06-15")
    assert (3, "") == (done.returncode, "" if "has not ended as of 2026-06-15" in done.stderr else done.stderr)
    assert not (root / "data/ledger").exists()


LATE = "5001,0e01,late.parks.example,,Sample CA,2026-06-15,2026-06-15,2027-06-15,standard,PARKS,web@parks.example,Apache,issued,,,\n"


def test_late_items_of_a_year_are_closed_after_august_and_before_september(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    close(root, "FY2026-P12", as_of=dt.date(2026, 6, 30))
    export = next((root / "data/inbox/exports").iterdir())
    export.write_text(export.read_text() + LATE)
    close(root, "FY2027-P01", as_of=dt.date(2026, 7, 31))
    with pytest.raises(CloseMisusedError, match=re.escape("next is August 2026 (FY2027-P02)")):
        close(root, "FY2026-P13", as_of=dt.date(2026, 8, 31))
    told = closing.rehearse(root, settings_of(root), "FY2026-P13", dt.date(2026, 8, 30), quiet).lines
    assert any("FY2026-P13 takes late items until 2026-08-31" in line for line in told)
    close(root, "FY2027-P02", as_of=dt.date(2026, 9, 3))
    books = flow.prepare(root, settings_of(root), dt.date(2026, 9, 30), quiet)
    with pytest.raises(CloseMisusedError, match=re.escape("It holds what arrived by 2026-08-31: close it with --as-of 2026-08-31.")):
        must_be_in_turn("FY2026-P13", books.closed, books, settings_of(root), dt.date(2026, 9, 30))
    with pytest.raises(CloseMisusedError, match=re.escape("close FY2026-P13 as of that day or a later one")):
        close(root, "FY2026-P13", as_of=dt.date(2026, 8, 30))
    assert ["FY2027-P03"] == books.ledger.loc[books.ledger["order_id"] == "5001", "period"].tolist()
    (late,) = books.findings.loc[books.findings["code"] == "late-item", "reason"]
    assert "If it arrived by 2026-08-31, close FY2026-P13 before that month, with --as-of 2026-08-31." in late
    close(root, "FY2026-P13", as_of=dt.date(2026, 8, 31))
    close(root, "FY2027-P03", as_of=dt.date(2026, 9, 30))
    read = closed_months.read(root).closed
    assert ["FY2026-P12", "FY2027-P01", "FY2027-P02", "FY2026-P13", "FY2027-P03"] == read.periods["period"].tolist()
    late = read.ledger[read.ledger["period"] == "FY2026-P13"]
    assert [("5001", "late", 20000, "CRT-FY2026-P13-PARKS-001")] == list(
        late[["order_id", "class", "amount_cents", "invoice_no"]].itertuples(index=False, name=None)
    )
    assert 0 == len((root / "data/ledger/FY2026-P13/measures.csv").read_text().splitlines()) - 1


def test_what_is_closed_of_the_lots_is_what_the_books_say_of_them_once_all_is_closed(tmp_path: Path) -> None:
    root, as_of = office(tmp_path / "office"), dt.date(2026, 10, 31)
    all_closed(root, MONTHS, as_of)
    books = flow.prepare(root, settings_of(root), as_of, quiet)
    columns = ["lot_id", "drawn", "drawn_before", "quantity", "total_cost_cents"]
    assert books.lots[columns].to_dict("records") == books.closed.lots[columns].to_dict("records")


def test_openings_that_are_changed_after_a_close_are_told_with_what_it_was_closed_with(closed: Path) -> None:
    entries = closed / "data/entries"
    entries.mkdir()
    (entries / "recovery_openings.csv").write_text("tier,fiscal_year,amount\nstandard,2026,12.50\n")
    close(closed, "FY2027-P03")
    assert [] == _codes_of_openings(closed)
    (entries / "recovery_openings.csv").write_text("tier,fiscal_year,amount\nstandard,2026,12.05\n")
    assert [("entries/recovery_openings.csv", 2, "standard")] == _codes_of_openings(closed)


def _codes_of_openings(root: Path) -> list[tuple[str, int, str]]:
    found = flow.prepare(root, settings_of(root), AS_OF, quiet).findings
    told = found[found["code"] == "closed-opening-changed"]
    return list(told[["file", "row", "value"]].itertuples(index=False, name=None))


def test_months_may_be_closed_one_after_the_other_from_books_that_were_prepared_once(closed: Path, tmp_path: Path) -> None:
    root = office(tmp_path / "once")
    all_closed(root, MONTHS[:3], AS_OF)
    told = [name for name in frozen.TABLES if name not in ("faces.csv", "workbooks.csv")]  # these name the run
    for period in MONTHS[:3]:
        for name in told:
            assert (closed / "data/ledger" / period / name).read_text() == (root / "data/ledger" / period / name).read_text()


def test_a_dry_run_writes_the_close_pack_and_changes_nothing_of_data(closed: Path) -> None:
    (closed / "data/entries").mkdir()
    decisions = "W-1,TOLLS,,,waiver,50.00,agreed,R. Roe,2026-10-12,\nX-1,PARKS,,,charge,75.00,asked for,,,\n"
    header = "id,agency,order_id,ledger_entry,kind,amount,reason,approved_by,approved_on,document"
    (closed / "data/entries/adjustments.csv").write_text(f"{header}\n{decisions}")
    before = workspace.fingerprint(closed)
    done = certledger("-C", closed, "close", "FY2027-P03", "--dry-run")
    assert 0 == done.returncode, done.stderr
    assert "September 2026 (FY2027-P03): $221.19 on 1 invoice, -$320.81 against the month before." in done.stdout
    assert "2 decisions of $125.00 are not posted." in done.stdout
    assert "Nothing stands in the way of closing it." in done.stdout
    assert before == workspace.fingerprint(closed)
    book = openpyxl.load_workbook(closed / "reports/close/FY2027-P03/close-pack.xlsx")
    assert [
        "Register",
        "Billed to nobody",
        "Decisions not posted",
        "Open questions",
        "Sources",
        "Refused because",
        "About",
    ] == book.sheetnames
    cells = [cell.value for row in book["Register"].iter_rows() for cell in row if cell.value is not None]
    assert "CRT-FY2027-P03-FERRY-001" in cells
    assert "premium orders 0 instead of 1 (-$542.00)" in cells
    decided = [[cell.value for cell in row] for row in book["Decisions not posted"].iter_rows()]
    assert [("W-1", "cannot be posted", 50), ("X-1", "waits for approval", 75)] == [
        (row[0], row[1], row[5]) for row in decided if row[0] in ("W-1", "X-1")
    ]


def test_a_dry_run_says_which_rows_of_files_billed_from_are_set_aside(closed: Path) -> None:
    export = next((closed / "data/inbox/exports").iterdir())
    export.write_text(
        export.read_text() + "1090,0a90,a.parks.example,,Sample CA,no day,2026-09-01,2027-01-16,standard,PARKS,,,issued,,,\n"
        "1091,0a91,b.parks.example,,Sample CA,2026-09-01,soon,2027-01-16,standard,PARKS,,,issued,,,\n"
    )
    settings = settings_of(closed)
    limits = settings.quality.model_copy(update={"stop_quarantined": Decimal(1)})
    done = closing.rehearse(closed, settings.model_copy(update={"quality": limits}), "FY2027-P03", AS_OF, quiet)
    said = "3 rows of 1 file billed from are set aside and billed to nobody, dollars not known"
    assert f"{said}." in done.lines
    book = openpyxl.load_workbook(done.folder / "close-pack.xlsx")
    nobody = [[cell.value for cell in row] for row in book["Billed to nobody"].iter_rows()]
    (row,) = [row for row in nobody if row[0] == "Rows set aside"]
    assert ["Rows set aside", f"inbox/exports/{export.name}", *["not known"] * 6, 3, "bad-date"] == row
    asked = {cell.value for row in book["Open questions"].iter_rows() for cell in row}
    assert f"Answer them in reports/latest/to-answer.xlsx before you close. {said}: see Billed to nobody." in asked


def test_the_register_of_a_dry_run_is_the_one_that_the_close_freezes(rehearsed: closing.Rehearsal, closed_next: Path) -> None:
    frozen_register = closed_next / "data/ledger/FY2027-P03/register.csv"
    assert (rehearsed.folder / "register.csv").read_text() == frozen_register.read_text()


def test_a_dry_run_says_all_that_stands_in_the_way(closed: Path) -> None:
    done = certledger("-C", closed, "close", "FY2027-P05", "--dry-run")
    assert 3 == done.returncode, done.stderr
    for said in ("next is September 2026", "has not ended as of 2026-11-23", "[source-ends-before-close]"):
        assert said in done.stdout
    book = openpyxl.load_workbook(closed / "reports/close/FY2027-P05/close-pack.xlsx")
    told = " ".join(str(cell.value) for row in book["Refused because"].iter_rows() for cell in row if cell.value)
    assert "has not ended as of 2026-11-23" in told


def test_a_close_pack_is_the_same_bytes_each_time(rehearsed: closing.Rehearsal, closed: Path) -> None:
    again = closing.rehearse(closed, settings_of(closed), "FY2027-P03", AS_OF, quiet)
    assert rehearsed.folder != again.folder
    assert (rehearsed.folder / "close-pack.xlsx").read_bytes() == (again.folder / "close-pack.xlsx").read_bytes()


def test_books_that_no_run_would_publish_are_not_closed(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    export = next((root / "data/inbox/exports").iterdir())
    export.write_text(
        export.read_text() + "".join(f"9{n},zz,x.example,x.example,CA,someday,,,standard,PARKS,,,issued,,,\n" for n in range(9))
    )
    with pytest.raises(CloseRefusedError, match="Too many rows are quarantined"):
        close(root, "FY2026-P12")


def rechained(root: Path) -> None:
    """State the sums of all closed months anew, in the order of closing: as another version of the program would have closed them."""
    before = ""
    for period in MONTHS[:3]:
        folder = root / "data/ledger" / period
        (folder / "SHA256SUMS").unlink()
        lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())]
        if before:
            link = hashlib.sha256((root / "data/ledger" / before / "SHA256SUMS").read_bytes()).hexdigest()
            lines.append(f"{link}  ../{before}/SHA256SUMS\n")
        (folder / "SHA256SUMS").write_text("".join(lines))
        before = period


def test_a_request_that_comes_in_late_restates_the_closed_month_in_sight(closed: Path) -> None:
    log = closed / "data/inbox/requests/requests.csv"
    late = "R-90,new,ROADS,premium,,2026-08-03T09:00:00,,2026-08-28T17:00:00,completed,web@roads.example,late in every way"
    (closed / "data/inbox/requests/late.csv").write_text(f"{log.read_text().splitlines()[0]}\n{late}\n")
    books = flow.prepare(closed, settings_of(closed), AS_OF, quiet)
    august = books.measures[(books.measures["measure"] == "on-time-completion") & (books.measures["period"] == "2026-08")]
    figures = ["dimension", "member", "first_value", "first_published", "value"]
    assert {
        ("office", "", 1.0, "FY2027-P02", 0.5),
        ("agency", "ROADS", 1.0, "FY2027-P02", 0.5),
        ("kind", "new", 1.0, "FY2027-P02", 0.5),
        ("tier", "premium", 1.0, "FY2027-P02", 0.5),
    } == set(august[figures].itertuples(index=False, name=None))
    told = books.findings.loc[books.findings["code"] == "measure-restated", ["file", "reason"]]
    assert ["ledger/FY2027-P02/measures.csv"] == told["file"].tolist()
    said = "first published as 100.0 % (1 of 1), is now 50.0 % (1 of 2): 1 request of it came in after the close."
    assert f"Completed on time, {said}" in told["reason"].iloc[0]


def test_a_close_freezes_the_quarter_and_the_year_that_end_with_its_month(closed_next: Path) -> None:
    measures = closed_months.read(closed_next).closed.measures
    assert {"2026-06", "FY2026-Q4", "FY2026", "2026-07", "2026-08", "2026-09", "FY2027-Q1"} == set(measures["period"])
    books = flow.prepare(closed_next, settings_of(closed_next), AS_OF, quiet)
    assert 0 == len(books.restated)
    key = ["measure", "period", "dimension", "member"]
    both = measures.merge(books.measures, on=key, suffixes=("", "_now"))
    pd.testing.assert_series_equal(both["value_now"], both["value"], check_names=False, check_exact=True)
    pd.testing.assert_series_equal(
        both["low_now"].round(6), both["low"], check_names=False, check_exact=True
    )  # the ends of intervals are short
    first = dict(zip(books.measures["period"], books.measures["first_published"], strict=True))
    assert ("FY2026-P12", "FY2027-P03", "") == (first["FY2026"], first["FY2027-Q1"], first["FY2027-YTD"])


def test_months_that_an_older_program_closed_are_read(closed: Path) -> None:
    as_it_is = closed_months.read(closed).closed
    first = closed / "data/ledger/FY2026-P12"
    (first / "orders.csv").unlink()
    (first / "files.csv").unlink()
    (first / "measures.csv").write_text("measure,period,dimension,value\nrequests-received,2026-06,office,9.0\n")
    lines = (first / "lines.csv").read_text().splitlines()
    (first / "lines.csv").write_text("".join(f"{','.join(line.split(',')[:2])}\n" for line in lines))
    rechained(closed)
    older = closed_months.read(closed).closed
    pd.testing.assert_frame_equal(as_it_is.ledger, older.ledger)
    assert as_it_is.lines["serial"].tolist() == older.lines["serial"].tolist()
    assert pd.isna(older.lines["issued_on"].iloc[0])
    assert set(as_it_is.orders["period"]) - {"FY2026-P12"} == set(older.orders["period"])
    assert set(as_it_is.files["period"]) - {"FY2026-P12"} == set(older.files["period"])
    assert ("requests-received", 9.0, "") == tuple(older.measures[["measure", "value", "unit"]].iloc[0])


@pytest.mark.parametrize("spoiled", ['"', "a,b", "\\x"])
def test_a_closed_table_that_cannot_be_read_is_told_and_is_no_fault_of_the_program(closed: Path, spoiled: str) -> None:
    with (closed / "data/ledger/FY2027-P01/ledger.csv").open("a") as file:
        file.write(f"{spoiled}\n")
    rechained(closed)
    assert "data/ledger cannot be read" in told(closed)


def test_a_challenge_phrase_is_not_frozen(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    export = next((root / "data/inbox/exports").iterdir())
    head, *rows = export.read_text().splitlines()
    export.write_text("\n".join([f"{head},Challenge Phrase", *(f"{row},open sesame" for row in rows)]) + "\n")
    folder = close(root, "FY2026-P12")
    assert "1001" in (folder / "rows.csv").read_text()
    assert [] == [path.name for path in folder.iterdir() if "sesame" in path.read_text()]


def test_what_closes_is_named_by_a_clean_line(tmp_path: Path) -> None:
    root = office(tmp_path / "office")
    facts = json.loads((close(root, "FY2026-P12", by="=Ann\n\tB.\u202e") / "close.json").read_text())
    assert "=Ann B.\N{REPLACEMENT CHARACTER}" == facts["closed_by"]


def test_lines_that_a_correction_of_a_closed_month_makes_say_why_and_who_entered_it(closed: Path) -> None:
    """Order 1002 of Parks was charged in July; an order of the same month that was read otherwise for another reason names nobody."""
    (closed / "data/entries").mkdir()
    line = '1002,agency,ROADS,Ordered by Parks for a server of Roads,"M. Sample, finance",2026-11-20'
    (closed / "data/entries/corrections.csv").write_text(f"key,column,value,reason,by,on\n{line}\n")
    export = next((closed / "data/inbox/exports").iterdir())
    export.write_text(re.sub(r"(?m)^(2001,.*),ROADS,", r"\1,PARKS,", export.read_text()))
    books = flow.prepare(closed, settings_of(closed), AS_OF, quiet)
    ledger = books.ledger.assign(note=line_notes.notes(books.ledger, 7))
    corrections = ledger[ledger["class"] == "correction"].sort_values(["order_id", "amount_cents"])
    assert [("1002", "PARKS"), ("1002", "ROADS"), ("2001", "ROADS"), ("2001", "PARKS")] == list(
        zip(corrections["order_id"], corrections["agency"], strict=True)
    )
    by = "corrected by M. Sample, finance on 2026-11-20; "
    charged = "$221.19 charged in July 2026 (FY2027-P01) on invoice CRT-FY2027-P01-PARKS-001"
    assert [
        f"correction: takes back {charged}, {by}agency ROADS, not PARKS; Ordered by Parks for a server of Roads",
        f"correction: bills anew instead of {charged}, {by}Ordered by Parks for a server of Roads",
    ] == corrections["note"].tolist()[:2]
    assert ["M. Sample, finance"] * 2 + [""] * 2 == corrections["approved_by"].tolist()
    assert not any("corrected by" in note for note in corrections["note"][2:])
