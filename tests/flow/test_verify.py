"""`certledger verify FILE.xlsx`: issued and unchanged, saved elsewhere, changed in a cell, corrected since, a draft, or none of ours."""

from __future__ import annotations

import dataclasses
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline import closing, flow, verifying
from pipeline.contracts import Closed
from pipeline.publish import manifest, staging, workbooks
from pipeline.sources import closed_months
from tests.conftest import certledger
from tests.flow.test_close import AS_OF, MONTHS, office, quiet, settings_of
from tests.publish import office as libre_office
from tests.publish.bookkeeping import RUN_ID


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small office with two closed months and a published run that holds the invoices."""
    root = office(tmp_path_factory.mktemp("verify") / "office")
    for period in MONTHS[:2]:
        closing.close(root, settings_of(root), period, "Ann", AS_OF, quiet)
    folder = staging.run_folder(root, RUN_ID)
    workbooks.invoices(flow.prepare(root, settings_of(root), AS_OF, quiet), settings_of(root), RUN_ID, AS_OF, folder)
    (folder / manifest.NAME).write_text(json.dumps({"run": RUN_ID, "outputs": manifest.outputs(folder)}), encoding="utf-8")
    staging.latest(root).symlink_to(folder)
    return root


@pytest.fixture(scope="module")
def issued(workspace: Path) -> Path:
    """The workbook of the closed invoice with the largest amount."""
    invoices = closed_months.read(workspace).closed.invoices.sort_values("amount_cents")
    return staging.latest(workspace) / str(invoices["workbook"].iloc[-1])


def draft(workspace: Path) -> Path:
    return sorted((staging.latest(workspace) / "invoices" / "FY2027-P05").glob("*.xlsx"))[0]


def rewritten(source: Path, target: Path, change: Callable[[str, str], str]) -> Path:
    """A copy of a workbook in which `change` makes other text of each of its parts, by name."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name).decode("utf-8")))
    return target


def test_the_very_file_that_was_issued_is_unchanged(workspace: Path, issued: Path, tmp_path: Path) -> None:
    sent_back = shutil.copy(issued, tmp_path / "from the agency.xlsx")
    verified = verifying.verify(workspace, Path(sent_back))
    told = "\n".join(verified.lines)
    assert verifying.UNCHANGED == verified.exit_code
    number = openpyxl.load_workbook(issued).properties.title.split(",")[0]
    for word in ("from the agency.xlsx is issued by us and unchanged.", number, "Closed by Ann on 2026-11-23"):
        assert word in told, word


def test_a_copy_packed_anew_is_unchanged_in_content(workspace: Path, issued: Path, tmp_path: Path) -> None:
    verified = verifying.verify(workspace, rewritten(issued, tmp_path / "copy.xlsx", lambda _, text: text))
    assert verifying.UNCHANGED == verified.exit_code
    assert "the value of every cell is as we issued it" in verified.lines[0]
    assert "not formulas, number formats, hidden rows and columns" in verified.lines[-1]


@pytest.mark.skipif(libre_office.soffice() is None, reason="LibreOffice is missing")
def test_a_copy_saved_by_libre_office_is_unchanged_in_content(workspace: Path, issued: Path, tmp_path: Path) -> None:
    verified = verifying.verify(workspace, libre_office.converted({"saved": issued}, tmp_path)["saved"])
    assert (verifying.UNCHANGED, True) == (verified.exit_code, "the value of every cell is as we issued it" in verified.lines[0])


def test_a_changed_amount_is_named_with_its_cell_and_what_was_issued(workspace: Path, issued: Path, tmp_path: Path) -> None:
    lines = openpyxl.load_workbook(issued, data_only=True)["Lines"]
    titles = next(row for row in lines.iter_rows() if row[0].value == "Line")
    column = next(cell.column for cell in titles if cell.value == "Amount")
    cell = lines.cell(titles[0].row + 1, column)

    def cheaper(name: str, text: str) -> str:
        before, mark, after = text.partition(f'<c r="{cell.coordinate}"')
        return f"{before}{mark}{after.replace(f'<v>{cell.value}</v>', '<v>199</v>', 1)}" if name == "xl/worksheets/sheet2.xml" else text

    verified = verifying.verify(workspace, rewritten(issued, tmp_path / "cheaper.xlsx", cheaper))
    assert verifying.CHANGED == verified.exit_code
    assert "cheaper.xlsx is not as we issued it: 1 cell differs." == verified.lines[0]
    assert f"  Lines!{cell.coordinate} is 199, issued {cell.value}" == verified.lines[1]


def test_a_value_in_place_of_a_formula_a_hidden_sheet_and_a_new_one_are_told(workspace: Path, issued: Path, tmp_path: Path) -> None:
    def spoiled(name: str, text: str) -> str:
        if name == "xl/workbook.xml":
            return text.replace('<sheet name="Sources"', '<sheet state="hidden" name="Sources"').replace('name="Checks"', 'name="Checked"')
        return text.replace("<f>SUM(InvoiceLines[Amount])</f>", "") if name == "xl/worksheets/sheet1.xml" else text

    told = verifying.verify(workspace, rewritten(issued, tmp_path / "spoiled.xlsx", spoiled))
    assert verifying.CHANGED == told.exit_code
    for word in (
        "(by a formula)",
        "Sheet Sources: it is missing or hidden",
        "Sheet Checks: it is missing or hidden",
        "Sheet Checked: it was added",
    ):
        assert any(word in line for line in told.lines), word


def test_formulas_without_a_value_are_one_line_below_what_was_changed(workspace: Path, issued: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(issued)
    book.save(tmp_path / "no values.xlsx")
    told = verifying.verify(workspace, tmp_path / "no values.xlsx")
    assert verifying.CHANGED == told.exit_code
    assert "no values.xlsx is not as we issued it: its values are not complete; no other cell differs." == told.lines[0]
    assert "formulas have no value: the file was saved by a program that does not calculate." in told.lines[1]
    book["Sources"]["A40"] = "forged"
    book.save(tmp_path / "forged.xlsx")
    told = verifying.verify(workspace, tmp_path / "forged.xlsx")
    assert "forged.xlsx is not as we issued it: 1 cell differs." == told.lines[0]
    assert told.lines[1].startswith("  Sources!A40 is forged, issued ")
    assert "formulas have no value" in told.lines[2]


def test_more_changes_than_are_shown_are_counted(workspace: Path, issued: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(issued)
    for row in range(100, 131):
        book["Sources"].cell(row, 1, "added")
    book.save(tmp_path / "many.xlsx")
    told = verifying.verify(workspace, tmp_path / "many.xlsx")
    assert "many.xlsx is not as we issued it: 31 cells differ." == told.lines[0]
    assert verifying.MOST_SHOWN == sum(line.startswith("  Sources!") for line in told.lines)
    assert "  and 11 more" in told.lines


def test_a_list_that_names_our_invoices_is_not_an_invoice(workspace: Path, issued: Path, tmp_path: Path) -> None:
    number = openpyxl.load_workbook(issued).properties.title.split(",")[0].split()[-1]
    listed = openpyxl.Workbook()
    listed.worksheets[0].title = "Close pack"
    listed.worksheets[0].append(["Number", number])
    listed.create_sheet("Invoice").append(["Number", number])
    listed.save(tmp_path / "list.xlsx")
    assert verifying.NOT_OURS == verifying.verify(workspace, tmp_path / "list.xlsx").exit_code


def test_a_published_draft_is_told_as_one(workspace: Path, tmp_path: Path) -> None:
    verified = verifying.verify(workspace, draft(workspace))
    assert verifying.UNCHANGED == verified.exit_code
    assert f"a draft invoice of run {RUN_ID}" in verified.lines[0]
    assert verified.lines[0].endswith("A draft may still change until its month is closed.")
    packed = verifying.verify(workspace, rewritten(draft(workspace), tmp_path / "draft.xlsx", lambda _, text: text))
    assert (verifying.UNCHANGED, True) == (packed.exit_code, "the value of every cell is as in the draft" in packed.lines[0])


def test_only_what_may_still_change_is_told_to() -> None:
    def said(path: str, *months: str) -> list[str]:
        periods = pd.DataFrame({"period": pd.Series(months, dtype="str")})
        return list(verifying.may_change(dataclasses.replace(Closed(), periods=periods), path))

    year, changes = [f"FY2026-P{number:02}" for number in range(1, 13)], ["It may still change until every month of the year is closed."]
    assert changes == said("finance/FY2026.xlsx", *year[:11])
    assert changes == said("finance/FY2026.xlsx", *year, "FY2027-P01", "FY2027-P02")
    assert [] == said("finance/FY2026.xlsx", *year, "FY2027-P01", "FY2027-P02", "FY2027-P03")
    assert [] == said("finance/FY2026.xlsx", *year, "FY2026-P13")
    assert changes == said("finance/FY2027.xlsx", *year)
    assert [] == said("finance/data-quality.xlsx")
    assert ["Its month was closed since: the invoice that counts is the closed one."] == said("invoices/FY2026-P01/DLH.xlsx", *year)
    assert ["A draft may still change until its month is closed."] == said("invoices/FY2027-P01/DLH.xlsx", *year)


def test_a_draft_of_a_run_that_is_gone_cannot_be_compared(workspace: Path, tmp_path: Path) -> None:
    other = rewritten(draft(workspace), tmp_path / "old.xlsx", lambda _, text: text.replace(RUN_ID, "0" * len(RUN_ID)))
    verified = verifying.verify(workspace, other)
    assert verifying.NOT_OURS == verified.exit_code
    assert "draft of a run that is not kept here" in verified.lines[0]


def test_what_is_no_workbook_or_none_of_ours_is_told_with_its_own_exit_code(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "note.xlsx").write_text("not a workbook", encoding="utf-8")
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    other = openpyxl.Workbook()
    other.worksheets[0].append(["Invoice", 221.19])
    other.save(tmp_path / "other.xlsx")
    for name in ("note.xlsx", "empty.xlsx", "other.xlsx"):
        assert verifying.NOT_OURS == verifying.verify(workspace, tmp_path / name).exit_code, name


def test_a_bomb_is_refused(workspace: Path, issued: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    shutil.copy(issued, bomb)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/zeros.bin", bytes(700_000_000))
    verified = verifying.verify(workspace, bomb)
    assert verifying.NOT_OURS == verified.exit_code


def test_the_command_says_so_and_ends_with_the_exit_code(workspace: Path, issued: Path, tmp_path: Path) -> None:
    assert "issued by us and unchanged" in certledger("-C", str(workspace), "verify", str(issued)).stdout
    (tmp_path / "note.xlsx").write_text("not a workbook", encoding="utf-8")
    ended = certledger("-C", str(workspace), "verify", str(tmp_path / "note.xlsx"))
    assert (2, True) == (ended.returncode, "note.xlsx" in ended.stderr)


@pytest.fixture(scope="module")
def later(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same office later: an order of the second closed month turns out to be premium, agency and office have other names, request logs
    are gone, and a third month is closed."""
    root = tmp_path_factory.mktemp("later") / "office"
    shutil.copytree(workspace, root, ignore=shutil.ignore_patterns("reports"))
    export = root / "data/inbox/exports/registry-2026-11-20.csv"
    text = export.read_text(encoding="utf-8")
    billed = "1002,0a03,camp.parks.example,camp.parks.example,Sample CA,2026-07-01,2026-07-01,2027-01-16,"
    export.write_text(text.replace(f"{billed}standard", f"{billed}premium"), encoding="utf-8")
    agencies = root / "data/reference/agencies.csv"
    agencies.write_text(agencies.read_text(encoding="utf-8").replace(",Parks", ",Forests"), encoding="utf-8")
    settings_text = (root / "certledger.toml").read_text(encoding="utf-8")
    name = settings_of(root).organization.name
    (root / "certledger.toml").write_text(settings_text.replace(name, "Another Office"), encoding="utf-8")
    assert "Another Office" == settings_of(root).organization.name
    for path in (root / "data/inbox/requests").iterdir():
        path.unlink()
    closing.close(root, settings_of(root), MONTHS[2], "Bob", AS_OF, quiet)
    return root


def test_whatever_changes_later_a_closed_invoice_is_the_same_bytes(workspace: Path, later: Path, tmp_path: Path) -> None:
    books = flow.prepare(later, settings_of(later), AS_OF, quiet)
    workbooks.invoices(books, settings_of(later), "another run", AS_OF, tmp_path)
    first = staging.latest(workspace)
    closed = [path.relative_to(first) for period in MONTHS[:2] for path in sorted((first / "invoices" / period).glob("*.xlsx"))]
    assert [(first / path).read_bytes() for path in closed] == [(tmp_path / path).read_bytes() for path in closed]
    assert len(closed) > 1
    assert () == workbooks.written_otherwise(books.closed, tmp_path)


def test_an_invoice_that_was_corrected_since_names_the_invoice_that_did(workspace: Path, later: Path) -> None:
    invoice = staging.latest(workspace) / f"invoices/{MONTHS[1]}/PARKS.xlsx"
    before, after = verifying.verify(workspace, invoice), verifying.verify(later, invoice)
    assert (verifying.UNCHANGED, verifying.UNCHANGED) == (before.exit_code, after.exit_code)
    number = f"CRT-{MONTHS[2]}-PARKS-001"
    assert not any(number in line for line in before.lines)
    assert any(line.startswith(f"Corrected by invoice {number}: $") for line in after.lines), after.lines
