"""What `make mutate` says of a change that a test notices, of one that none can notice, and of one that no test reaches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """
[tool.mutmut]
source_paths = ["shop"]
only_mutate = ["shop/prices.py"]
pytest_add_cli_args_test_selection = ["checks/test_prices.py"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
"""
PRICES = """
def total(cents, count):
    return cents * count

def never_below_zero(cents):
    return cents if cents > 0 else 0

def unused(cents):
    return not cents
"""
CHECKS = """
from shop.prices import never_below_zero, total

def test_total():
    assert 600 == total(200, 3)

def test_never_below_zero():
    assert [0, 0, 1, 7] == [never_below_zero(cents) for cents in (-5, 0, 1, 7)]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    files = {"pyproject.toml": SETTINGS, "shop/__init__.py": "", "shop/prices.py": PRICES, "checks/test_prices.py": CHECKS}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def mutated(shop: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.mutation", "--processes", "1", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}  # what the caller asks of pytest is not for the shop
    return subprocess.run(command, cwd=shop, env=environment, check=False, capture_output=True, text=True)


def left(shop: Path) -> list[str]:
    """Of each change that was not noticed what is said of it, its name and the line that it puts there."""
    lines = [line for line in (shop / "build/mutation/left.md").read_text().splitlines() if line]
    said = []
    for heading, _, after in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, _, why = heading.split(" ", 2)
        said.append(f"{why}: {name}, {after.partition('return ')[2]}")
    return sorted(said)


def test_it_names_the_changes_that_no_test_noticed_and_fails_until_nine_of_ten_are(shop: Path) -> None:
    first = mutated(shop)
    assert [
        "no test reaches: shop.prices.x_unused__mutmut_1, cents",
        "outlived its tests: shop.prices.x_never_below_zero__mutmut_3, cents if cents >= 0 else 0",
    ] == left(shop)
    assert (1, "5 of 7 tried were killed, 71.4 %; 0 were not tried.") == (first.returncode, first.stdout.splitlines()[-2])
    (shop / "shop/prices.py").write_text(PRICES.partition("def never_below_zero")[0])
    (shop / "checks/test_prices.py").write_text(CHECKS.partition("def test_never_below_zero")[0].replace("never_below_zero, ", ""))
    assert (0, []) == (mutated(shop).returncode, left(shop))
