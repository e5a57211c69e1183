"""No file ends a run with a traceback, a hang or more memory than there is: every hostile one is named with what to do, and exit 3."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import in_a_process
from tests.sources.bombs import MIB, lying
from tests.sources.offices import CERTIFICATES, certificate, table
from tests.sources.test_workbooks import repacked, workbook

pytestmark = pytest.mark.slow

MEMORY = 4 * 2**30  # address space of the whole run, which takes some 1.5 GiB of it by being started
SHEET, STYLES, STRINGS = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"
PLAIN = table(CERTIFICATES, [certificate()])


def sheet_with(rows: bytes) -> bytes:
    """A workbook whose sheet has these rows, as XML, below its own."""

    def change(parts: dict[str, bytes]) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")

    return repacked(workbook(), change)


def changed(name: str, change: Callable[[bytes], bytes]) -> bytes:
    def in_place(parts: dict[str, bytes]) -> None:
        parts[name] = change(parts.get(name, b""))

    return repacked(workbook(), in_place)


def sparse(path: Path) -> None:
    """A gibibyte that takes no room on the disk."""
    path.write_text(PLAIN, encoding="utf-8")
    os.truncate(path, 2**30)


# Name of the file -> what is in it, and the code by which it is refused.
HOSTILE: dict[str, tuple[Callable[[], bytes | str], str]] = {
    "bomb.xlsx": (lambda: changed(STRINGS, lambda _: b"<sst><si><t>" + b"x" * (300 * MIB) + b"</t></si></sst>"), "file-too-large"),
    "lying.xlsx": (lambda: lying(2_000), "damaged-container"),
    "corners.xlsx": (lambda: sheet_with(b'<row r="9"><c r="A9"><v>1</v></c><c r="XFD9"><v>1</v></c></row>'), "file-too-large"),
    "rows.xlsx": (lambda: sheet_with(b"<row><c><v>1</v></c></row>" * 1_000_000), "file-too-large"),
    "laughs.xlsx": (lambda: changed(SHEET, lambda part: b'<!DOCTYPE x [<!ENTITY a "ha">]>' + part), "damaged-container"),
    "nested.json": (lambda: "[" * 1_000_000, "not-json"),
    "deep.json": (lambda: '{"a":' * 200_000 + "1" + "}" * 200_000, "not-json"),
    "number.json": (lambda: '[{"order_id": ' + "9" * 5_000_000 + "}]", "cell-too-long"),
    "key.json": (lambda: '[{"' + "a." * 5_000_000 + '": 1}]', "cell-too-long"),
    "values.json": (lambda: "[" + "1," * 20_000_000 + "1]", "file-too-large"),
    "lists.json": (lambda: "[" + "{}," * 10_000_000 + "{}]", "file-too-large"),
    "columns.csv": (lambda: ",".join(f"c{number}" for number in range(1_000_000)) + "\n", "file-too-large"),
    "quote.csv": (lambda: PLAIN + '"' + "x" * (50 * MIB), "cell-too-long"),
    "lines.csv": (lambda: PLAIN + '"' + "\n" * (20 * MIB), "cell-too-long"),
}

# Elements inside elements, five million deep: they stream by, and the one row of the sheet is read.
HARMLESS = {"deep.xlsx": lambda: sheet_with(b"<x>" * 5_000_000 + b"</x>" * 5_000_000)}


def test_no_file_takes_the_run_down(empty_workspace: Path) -> None:
    folder = empty_workspace / "data/inbox/exports"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**HARMLESS, **{name: content for name, (content, _) in HOSTILE.items()}}.items():
        made = content()
        (folder / name).write_bytes(made if isinstance(made, bytes) else made.encode())
    sparse(folder / "sparse.csv")
    done = in_a_process("-C", empty_workspace, "run", prefix=("prlimit", f"--as={MEMORY}"))
    assert (3, False) == (done.returncode, "Traceback" in done.stdout + done.stderr), done.stderr[-2_000:]
    told = dict(re.findall(r"^data/inbox/exports/([a-z.]+)[^\[]* \[([a-z-]+)\]: .{10,}\. [A-Z].{5,}\.$", done.stderr, re.MULTILINE))
    assert {name: code for name, (_, code) in HOSTILE.items()} | {"sparse.csv": "file-too-large"} == told
    assert not (empty_workspace / "reports/latest").exists()
