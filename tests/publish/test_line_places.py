"""Where a closed line's row was read from is told as it was then, and leads to a row of today only if that is of the same certificate."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from pipeline import closing, flow
from pipeline.contracts import Books
from pipeline.publish.line_places import placed
from pipeline.sources import settings_file
from tests.conftest import ROOT

AS_OF = dt.date(2026, 11, 23)
EXPORT = "inbox/exports/registry-2026-11-20.csv"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The small office with its first month closed: order 1001 of line 2."""
    office = Path(shutil.copytree(ROOT / "tests/flow/workspace", tmp_path / "office"))
    closing.close(office, settings_file.read(office / "certledger.toml"), "FY2026-P12", "Ann", AS_OF, lambda text: None)
    return office


def books(root: Path) -> Books:
    return flow.prepare(root, settings_file.read(root / "certledger.toml"), AS_OF, lambda text: None)


def told(root: Path) -> list[tuple[str, int, bool]]:
    made = books(root)
    lines = placed(made.ledger, made)
    return list(lines.loc[lines["period"] == "FY2026-P12", ["file", "row", "stands"]].itertuples(index=False, name=None))


def test_a_closed_line_leads_to_the_row_that_it_was_read_from(root: Path) -> None:
    assert [(EXPORT, 2, True)] == told(root)


def test_a_row_that_stands_elsewhere_by_now_is_not_led_to(root: Path) -> None:
    export = root / "data" / EXPORT
    head, first, *rest = export.read_text().splitlines()
    export.write_text("\n".join([head, *rest, first]) + "\n")
    assert [(EXPORT, 2, False)] == told(root)


def test_a_row_whose_file_is_gone_is_still_told(root: Path) -> None:
    (root / "data" / EXPORT).rename(root / "data/inbox/exports/registry-2026-11-21.csv")
    assert [(EXPORT, 2, False)] == told(root)


def test_a_line_of_an_open_month_leads_to_its_row(root: Path) -> None:
    made = books(root)
    lines = placed(made.ledger, made)
    of_open = lines[lines["period"] != "FY2026-P12"]
    assert {EXPORT} == set(of_open["file"])
    assert of_open["stands"].all()
