"""A third opinion on our formulas: LibreOffice, made to work out anew every formula of a file that it opens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

Place = tuple[str, str]

# No sum, count, flag or day of ours comes to this; as a day it is one of the year 2170.
SPOILED = "98765.4321"
_RECALCULATE_ON_LOAD = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
_FORMULA_CELL = re.compile(r"<c ([^>]*)>(<f>[^<]*</f>)<v>[^<]*</v></c>")


def soffice() -> str | None:
    """The program, where it is installed."""
    return shutil.which("soffice")


def shown(path: Path) -> dict[Place, Any]:
    """What each formula cell of a workbook shows to a reader that does not calculate, by sheet and cell.

    Sheets are read row by row, their values only where there are formulas: those of all measures have none, and most of the cells.
    """
    formulas, values = (openpyxl.load_workbook(path, read_only=True, data_only=of) for of in (False, True))
    found: dict[Place, Any] = {}
    for sheet in formulas.worksheets:
        places = {cell.coordinate: None for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
        cells = (cell for row in values[sheet.title].iter_rows() for cell in row if cell.value is not None) if places else ()
        shows = places | {cell.coordinate: cell.value for cell in cells if cell.coordinate in places}
        found |= {(sheet.title, place): value for place, value in shows.items()}
    formulas.close()
    values.close()
    return found


def spoil(path: Path, target: Path) -> None:
    """Copy a workbook of ours with `SPOILED` as the value of every formula."""
    _rewrite(path, target, lambda sheet: _FORMULA_CELL.sub(_with_wrong_value, sheet))


def change_amount(path: Path, target: Path, sheet: str, amount: str) -> None:
    """Copy a workbook of ours with another number in the first cell of the column Amount of a sheet; its formulas show what they did."""
    book = openpyxl.load_workbook(path)
    head = next(cell for row in book[sheet].iter_rows() for cell in row if cell.value == "Amount")
    cell = re.compile(rf'(<c r="{head.column_letter}{head.row + 1}"[^>]*><v>)[^<]*(?=</v>)')
    number = book.sheetnames.index(sheet) + 1
    _rewrite(path, target, lambda text: cell.sub(rf"\g<1>{amount}", text), f"sheet{number}.xml")


def converted(files: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """What LibreOffice makes of each workbook or CSV file, as a workbook with every formula worked out anew.

    All in one call, in a home of its own below `folder`.
    """
    program = soffice()
    assert program is not None
    home, came_in, came_out = (folder / name for name in ("home", "in", "out"))
    (home / "profile" / "user").mkdir(parents=True)
    (home / "profile" / "user" / "registrymodifications.xcu").write_text(_RECALCULATE_ON_LOAD, encoding="utf-8")
    came_in.mkdir()
    given = [shutil.copyfile(path, came_in / f"{name}{path.suffix}") for name, path in files.items()]
    command = [program, f"-env:UserInstallation={(home / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    command += ["--outdir", str(came_out), *map(str, given)]
    done = subprocess.run(command, env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, check=False, timeout=500)
    made = {name: came_out / f"{name}.xlsx" for name in files}
    assert [] == [name for name, path in made.items() if not path.exists()], done.stdout + done.stderr
    return made


def _rewrite(path: Path, target: Path, change: Callable[[str], str], only: str = "") -> None:
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/sheet") and name.endswith(only):
                content = change(content.decode()).encode()
            made.writestr(name, content)


def _with_wrong_value(cell: re.Match[str]) -> str:
    kept = re.sub(r' t="\w+"', "", cell[1])
    return f"<c {kept}>{cell[2]}<v>{SPOILED}</v></c>"
