"""LibreOffice works out our workbooks anew, from copies in which every formula shows a wrong value: each must come to what we wrote.

Where LibreOffice is missing these tests are skipped, on a CI machine too; `make test-office` installs it and runs them.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import from_excel

from pipeline.publish import workbooks
from tests.publish import bookkeeping, office, turned
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS, entry
from tests.publish.test_finance_files import STARTS, finance_files

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(office.soffice() is None, reason="LibreOffice is missing: make test-office installs it and runs these tests"),
]
TIED_SHEETS = {"Summary", "By tier", "Detail", "Journal", "Lots", "Recovery", "Estimates", "Checks"}
FEW = 5
CHANGED = "one-cent-more"
TURNED = "scenarios-turned"


def of_the_run(published: Path) -> dict[str, Path]:
    """The workbooks of all years, the newest invoices of which some have a sheet Adjustments and some do not, and all other workbooks."""
    newest = sorted(published.glob("invoices/*/*.xlsx"), reverse=True)
    adjusted = {path for path in newest if "Adjustments" in openpyxl.load_workbook(path, read_only=True).sheetnames}
    invoices = [path for path in newest if path in adjusted][:FEW] + [path for path in newest if path not in adjusted][:FEW]
    chosen = [*sorted(published.glob("finance/*.xlsx")), *invoices, *sorted(published.glob("*.xlsx"))]
    return {path.relative_to(published).with_suffix("").as_posix().replace("/", "-"): path for path in chosen}


@pytest.fixture(scope="module")
def ours(published: Path) -> dict[str, Path]:
    return of_the_run(published)


@pytest.fixture(scope="module")
def wanted(ours: dict[str, Path]) -> dict[str, dict[office.Place, Any]]:
    """What each of our workbooks with formulas shows in them, read once: they have more cells than everything else that is read here."""
    return {name: found for name, path in ours.items() if (found := office.shown(path))}


@pytest.fixture(scope="module")
def spoiled(ours: dict[str, Path], wanted: dict[str, dict[office.Place, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Copies of `ours` in which every formula shows the same wrong value."""
    folder = tmp_path_factory.mktemp("spoiled")
    for name, path in ((name, ours[name]) for name in wanted):
        office.spoil(path, folder / f"{name}.xlsx")
    return {name: folder / f"{name}.xlsx" for name in wanted}


@pytest.fixture(scope="module")
def made(spoiled: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What LibreOffice makes of the spoiled copies, of an invoice in which one amount was raised by a cent after it was written, of the
    workbook of a year into which other scenarios were put, and of finance's CSV files full of hostile text."""
    folder = tmp_path_factory.mktemp("office")
    workbooks.invoices(bookkeeping.books([entry(1), entry(2)]), SETTINGS, RUN_ID, AS_OF, folder)
    (path,) = folder.rglob("*.xlsx")
    office.change_amount(path, folder / f"{CHANGED}.xlsx", "Lines", "221.20")
    csv = {f"csv-{ord(start)}-{path.stem}": path for start in STARTS for path in finance_files(folder / f"{ord(start)}", start)}
    (folder / "year").mkdir()
    return office.converted({**spoiled, CHANGED: folder / f"{CHANGED}.xlsx", TURNED: turned.turned(folder / "year"), **csv}, folder)


@pytest.fixture(scope="module")
def worked_out(made: dict[str, Path]) -> dict[str, dict[office.Place, Any]]:
    return {name: office.shown(path) for name, path in made.items()}


def test_the_workbooks_of_a_year_and_invoices_of_each_kind_are_among_them(wanted: dict[str, dict[office.Place, Any]]) -> None:
    sheets = {name: {sheet for sheet, _ in places} for name, places in wanted.items()}
    assert {"finance-FY2026", "finance-FY2027"} == {name for name in sheets if name.startswith("finance-")}
    assert [] == [name for name in sheets if name.startswith("finance-") and not TIED_SHEETS <= sheets[name]]
    assert [FEW, FEW] == [
        sum(("Adjustments" in sheets[name]) == so for name in sheets if name.startswith("invoices-")) for so in (True, False)
    ]


def test_every_formula_shows_a_wrong_value_before(spoiled: dict[str, Path]) -> None:
    shown = itertools.chain.from_iterable(office.shown(path).values() for path in spoiled.values())
    assert {float(office.SPOILED), from_excel(float(office.SPOILED))} == set(shown)


def test_every_formula_comes_to_the_value_that_we_wrote(
    wanted: dict[str, dict[office.Place, Any]], worked_out: dict[str, dict[office.Place, Any]]
) -> None:
    for name, written in wanted.items():
        # A sum of binary fractions may end in 0.0000000001; half a cent would not pass.
        exact = {place: pytest.approx(value, rel=0, abs=1e-6) if type(value) in (int, float) else value for place, value in written.items()}
        assert exact == worked_out[name], name
        kinds = {place: isinstance(value, bool) for place, value in written.items()}
        assert kinds == {place: isinstance(value, bool) for place, value in worked_out[name].items()}, name


def test_an_amount_that_was_changed_by_a_cent_moves_the_total_and_fails_a_check(worked_out: dict[str, dict[office.Place, Any]]) -> None:
    changed = worked_out[CHANGED]
    checks = [value for (sheet, _), value in changed.items() if sheet == "Checks" and isinstance(value, bool)]
    assert False in checks[:-1]
    assert False is checks[-1]
    assert 442.39 in {round(value, 2) for (sheet, _), value in changed.items() if sheet == "Lines"}


def test_scenarios_put_into_the_sheet_come_to_what_the_settings_would_have_made_of_them(made: dict[str, Path]) -> None:
    expected = {key: pytest.approx(figures, rel=0, abs=1e-5) for key, figures in turned.as_settings_have_them()}
    assert expected == turned.reckoned(made[TURNED])


def test_no_cell_of_finances_csv_files_is_calculated_and_credits_are_numbers(made: dict[str, Path]) -> None:
    files = {name: path for name, path in made.items() if name.startswith("csv-")}
    assert 2 * len(STARTS) == len(files)
    assert [] == [name for name, path in files.items() if office.shown(path)]
    billed = {name: [row[0] for row in openpyxl.load_workbook(path).active.values] for name, path in files.items() if "focus" in name}
    assert len(STARTS) == len(billed)
    assert {("BilledCost", 221.19, -221.19)} == {tuple(column) for column in billed.values()}
