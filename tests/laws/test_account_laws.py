"""The whole account of a small office: how its files are cut and sorted changes nothing (DESIGN §6, "Close")."""

from __future__ import annotations

import csv
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline import flow
from pipeline.sources import settings_file
from tests.flow.test_expected import WORKSPACE

TABLES = ("certificates", "requests", "ledger", "waiting", "invoices", "lots", "measures", "findings", "outages")
# Measures of the files themselves: how many of their rows were accepted, and how old they are.
OF_FILES = ("rows-accepted", "data-age")
# Where a row was read is all that may differ.
PLACES = ("source", "pem_source", "sources", "file", "row")


def account(root: Path) -> dict[str, pd.DataFrame]:
    """What was found out, without the columns that say where a row was read, and without what is said of a file as a whole."""
    settings = settings_file.read(root / "certledger.toml")
    assert settings.run.as_of is not None
    books = flow.prepare(root, settings, settings.run.as_of, lambda text: None)
    tables = {name: getattr(books, name) for name in TABLES}
    tables["findings"] = books.findings[books.findings["row"] > 0]
    tables["measures"] = books.measures[~books.measures["measure"].isin(OF_FILES)].reset_index(drop=True)
    plain = {name: table.drop(columns=[place for place in PLACES if place in table]) for name, table in tables.items()}
    for name in ("findings", "outages"):
        plain[name] = plain[name].sort_values(list(plain[name].columns), ignore_index=True)
    return plain


def cut_and_shuffled(root: Path, seed: int) -> Path:
    """A copy of the small office in which the rows of each file of the inbox are shuffled and stand in one file or in two.

    Both are named by the day on which they were taken: of two parts without it the one with newer stamps would be the newer export.
    """
    chance = random.Random(seed)
    shutil.copytree(WORKSPACE, root)
    for path in sorted((root / "data/inbox").rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        chance.shuffle(rows)
        cut = chance.choice([len(rows), chance.randrange(len(rows) + 1)])
        path.unlink()
        for name, part in (("all", rows[:cut]), ("more", rows[cut:])):
            if part:
                with path.with_name(f"{name} {path.stem} 2026-11-20.csv").open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows([header, *part])
    return root


@pytest.fixture(scope="module")
def whole() -> dict[str, pd.DataFrame]:
    return account(WORKSPACE)


@pytest.mark.parametrize("seed", range(12))
def test_rows_shuffled_or_files_split_in_two_change_nothing(whole: dict[str, pd.DataFrame], tmp_path: Path, seed: int) -> None:
    told = account(cut_and_shuffled(tmp_path / "office", seed))
    assert list(whole) == list(told)
    for name, table in whole.items():
        pd.testing.assert_frame_equal(table, told[name], obj=name)
