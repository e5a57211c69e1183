"""Answers, not edits: from the questions of a run, through a filled workbook, to charges that name who answered."""

from __future__ import annotations

import csv
import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.entries import form
from tests.conftest import ROOT, certledger, without_site

pytestmark = pytest.mark.slow  # each test runs the command

Fill = Callable[[Worksheet, int, dict[str, int]], None]
CHOSEN = {
    "Wildcard Plus": "premium",
    "Canal Districts Office (old)": "CDO - Canal Districts Office",
    "Department of Orchards (old)": "doo",
    "Password reset": "change-challenge-phrase - change the challenge phrase",
    "wbo.example.gov": "WBO - Weights and Balances Office",
}
# Of the small office both questions.
BOTH = {"gold": "premium", "Lighthouse": "ROADS - Roads Department"}


@pytest.fixture(scope="module")
def small_asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office with one run published. It asks about a product and a name only, and answers five times as fast as the sample."""
    root = tmp_path_factory.mktemp("asked") / "small"
    without_site(Path(shutil.copytree(ROOT / "tests/flow/workspace", root)))
    done = certledger("-C", root, "run")
    assert done.returncode == 1, done.stdout + done.stderr  # more rows are quarantined than it allows
    return root


@pytest.fixture
def office(shipped: Path, tmp_path: Path) -> Path:
    """A copy of the shipped sample with one run published, that a test may answer in; further runs of it build no site."""
    root = Path(shutil.copytree(shipped, tmp_path / "office", symlinks=True))
    path = root / "certledger.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('profiles = ["internal", "public"]', "profiles = []"), encoding="utf-8")
    return root


@pytest.fixture
def small(small_asked: Path, tmp_path: Path) -> Path:
    """A copy of the small office that a test may answer in."""
    return Path(shutil.copytree(small_asked, tmp_path / "small", symlinks=True))


def table(root: Path, name: str) -> list[dict[str, str]]:
    with (root / f"reports/latest/tables/{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def filled(root: Path, answers: dict[str, str], by: str = "R. Sample", change: Fill | None = None) -> Path:
    """The workbook of the newest run with these answers by spelling, saved as people save it; `change` may spoil each of their rows."""
    book = load_workbook(root / "reports/latest/to-answer.xlsx")
    sheet = book[form.SHEET]
    titles: dict[str, int] = {}
    for cells in sheet.iter_rows():
        texts = {str(cell.value): cell.column for cell in cells if cell.value is not None}
        if form.ANSWERED_BY in texts:
            sheet.cell(cells[0].row, texts[form.ANSWERED_BY] + 1).value = by
        if form.QUESTION in texts:
            titles = texts
        elif titles and (answer := answers.get(str(sheet.cell(cells[0].row, titles[form.AS_WRITTEN]).value))):
            sheet.cell(cells[0].row, titles[form.ANSWER]).value = answer
            if change:
                change(sheet, cells[0].row, titles)
    path = root / "back.xlsx"
    book.save(path)
    return path


def entries(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((root / "data/entries").glob("*"))}


def test_the_sample_asks_about_agencies_a_product_kinds_and_hosts(shipped: Path) -> None:
    questions = table(shipped, "questions")
    assert len(questions) >= 6
    assert {("agency", "division"), ("agency", "domain"), ("agency", "name"), ("tier", "product"), ("kind", "kind")} == {
        (question["kind"], question["match"]) for question in questions
    }
    assert questions[0]["most_cents"] == max((question["most_cents"] for question in questions), key=int)


def test_answers_are_taken_once_and_become_charges_that_name_who_answered(office: Path) -> None:
    before = {question["value"]: question for question in table(office, "questions")}
    charged = sum(int(entry["amount_cents"]) for entry in table(office, "ledger"))
    workbook = filled(office, CHOSEN)
    done = certledger("-C", office, "answer", workbook)
    assert (0, "") == (done.returncode, done.stderr)
    assert "Taken        5 answers by R. Sample on 2026-11-23" in done.stdout
    assert "Next: certledger run" in done.stdout
    once = entries(office)
    again = certledger("-C", office, "answer", workbook)
    assert (0, once) == (again.returncode, entries(office))
    assert "Known        5 answers; nothing to do" in again.stdout
    assert "by R. Sample on 2026-11-23 (data/entries/aliases.csv)" in again.stdout
    assert 0 == certledger("-C", office, "run").returncode
    after = {question["value"] for question in table(office, "questions")}
    assert before.keys() - after == set(CHOSEN)
    ledger = table(office, "ledger")
    owed = sum(int(before[value]["most_cents" if value == "Wildcard Plus" else "least_cents"]) for value in CHOSEN)
    assert owed == sum(int(entry["amount_cents"]) for entry in ledger) - charged
    assert owed > 0
    assert {"change-challenge-phrase"} <= {request["kind"] for request in table(office, "requests")}
    answers = {answer["value"]: answer["source"] for answer in table(office, "answers")}
    for value, means in (("Department of Orchards (old)", "agency DOO"), ("Wildcard Plus", "tier premium")):
        decided = {row["source"] for row in table(office, "answered") if row["answer"] == answers[value]}
        order = next(entry["order_id"] for entry in ledger if entry["source"] in decided)
        told = certledger("-C", office, "explain", order)
        assert f"{means}: answered by R. Sample on 2026-11-23 for '{value}'" in told.stdout


def test_lines_that_stood_stay_and_new_ones_are_signed(office: Path) -> None:
    stood = (office / "data/entries/aliases.csv").read_bytes()
    certledger("-C", office, "answer", filled(office, {"Wildcard Plus": "premium", "Password reset": "revoke"}, by=""), "--by", "A. Deputy")
    assert stood + b"tier,product,Wildcard Plus,premium,,,A. Deputy,2026-11-23\n" == (office / "data/entries/aliases.csv").read_bytes()
    with (office / "data/entries/corrections.csv").open(encoding="utf-8", newline="") as stream:
        *_, line = csv.DictReader(stream)  # below the sample's own
    assert ("kind:Password reset", "kind", "revoke", "A. Deputy", "2026-11-23") == tuple(
        line[name] for name in ("key", "column", "value", "by", "on")
    )


def test_an_old_list_without_names_gets_the_columns_and_loses_nothing(small: Path) -> None:
    path = small / "data/entries/aliases.csv"
    path.parent.mkdir()
    path.write_bytes(b'kind,match,value,means,valid_from,valid_to\r\nagency,division,"Lighthouse\r\nSvcs, old",ROADS,,')
    done = certledger("-C", small, "answer", filled(small, {"gold": "premium"}), "--as-of", "2026-11-24")
    assert 0 == done.returncode, done.stderr
    assert (
        b'kind,match,value,means,valid_from,valid_to,by,on\r\nagency,division,"Lighthouse\r\nSvcs, old",ROADS,,,,\r\n'
        b"tier,product,gold,premium,,,R. Sample,2026-11-24\r\n"
    ) == path.read_bytes()


def formula(sheet: Worksheet, row: int, titles: dict[str, int]) -> None:
    sheet.cell(row, titles[form.ANSWER]).value = '=HYPERLINK("http://x.example","premium")'


def edited(sheet: Worksheet, row: int, titles: dict[str, int]) -> None:
    sheet.cell(row, titles[form.AS_WRITTEN]).value = "silver"


def other_question(sheet: Worksheet, row: int, titles: dict[str, int]) -> None:
    sheet.cell(row, titles[form.QUESTION]).value = "Q-00000000"


@pytest.mark.parametrize(
    ("answer", "change", "column", "why"),
    [
        ("platinum", None, form.ANSWER, "'platinum' is none of the tiers"),
        ("ROADS - Roads Department", None, form.ANSWER, "is none of the tiers"),
        ("premium", formula, form.ANSWER, "holds a formula"),
        ("premium", edited, form.AS_WRITTEN, "the question was changed"),
        ("premium", other_question, form.QUESTION, "nothing waits for Q-00000000 any more"),
    ],
)
def test_a_row_that_cannot_be_taken_is_told_with_row_and_column(
    small: Path, answer: str, change: Fill | None, column: str, why: str
) -> None:
    before = entries(small)
    done = certledger("-C", small, "answer", filled(small, {"gold": answer}, change=change))
    assert (2, before) == (done.returncode, entries(small)), done.stdout
    assert f"column '{column}'" in done.stderr
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_right_is_taken_beside_what_is_wrong(small: Path) -> None:
    done = certledger("-C", small, "answer", filled(small, {"gold": "platinum", "Lighthouse": "roads"}))
    assert (0, True, True) == (done.returncode, "Taken        1 answer" in done.stdout, "Not taken    1 row" in done.stderr)
    assert b"Lighthouse,ROADS" in entries(small)["aliases.csv"]


def test_an_answer_that_stands_is_not_overruled(small: Path) -> None:
    certledger("-C", small, "answer", filled(small, {"gold": "premium"}))
    before = entries(small)
    done = certledger("-C", small, "answer", filled(small, {"gold": "standard"}, by="B. Other"))
    assert (2, before) == (done.returncode, entries(small))
    assert "already answered with premium by R. Sample on 2026-11-23 (data/entries/aliases.csv); to change that" in done.stderr


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: path.write_bytes(b"# A text\n"), "cannot be taken. It is no Excel workbook (.xlsx); the one to fill in is"),
        (lambda path: path.write_bytes(path.read_bytes()[:-300]), "cannot be taken"),
        (lambda path: Workbook().save(path), "There is no sheet 'To answer'"),
        (lambda path: path.rename(path.with_name("gone")), "does not exist"),
    ],
    ids=["no workbook", "cut off", "wrong sheet", "not there"],
)
def test_a_wrong_file_is_told_and_changes_nothing(small: Path, spoil: Callable[[Path], Any], why: str) -> None:
    before = entries(small)
    workbook = filled(small, BOTH)
    spoil(workbook)
    done = certledger("-C", small, "answer", workbook)
    assert (2, before) == (done.returncode, entries(small))
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_name_or_an_answer_nothing_is_taken(small: Path) -> None:
    before = entries(small)
    nameless = certledger("-C", small, "answer", filled(small, BOTH, by=""))
    empty = certledger("-C", small, "answer", filled(small, {}))
    assert (2, 2, before) == (nameless.returncode, empty.returncode, entries(small))
    assert "Nobody is named who answers." in nameless.stderr
    assert "No yellow cell of the workbook is filled in" in empty.stderr


def test_while_a_run_is_under_way_nothing_is_written(small: Path) -> None:
    before = entries(small)
    workbook = filled(small, BOTH)
    with (small / "reports/.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = certledger("-C", small, "answer", workbook)
    assert (75, before) == (done.returncode, entries(small))
