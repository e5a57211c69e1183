"""What the reference pages promise to explain is all of what there is."""

from __future__ import annotations

import ast
import re

import click
import pytest

from pipeline.cli import main
from pipeline.findings import CODES
from tests.conftest import ROOT

COMMANDS_PAGE = (ROOT / "site/reference/commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_and_option_is_explained(name: str) -> None:
    assert f"`certledger {name}" in COMMANDS_PAGE
    options = [flag for option in main.commands[name].params if isinstance(option, click.Option) for flag in option.opts]
    assert [] == [flag for flag in options if flag not in COMMANDS_PAGE]


def test_the_global_options_are_explained() -> None:
    flags = [flag for option in main.params for flag in option.opts]
    assert [] == [flag for flag in flags if flag not in COMMANDS_PAGE]


def test_exit_codes_of_readme_and_reference_agree() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d+) \|", COMMANDS_PAGE, re.MULTILINE)
    assert ["0", "1", "2", "3", "4", "5", "6", "75"] == listed
    assert [] == [code for code in listed if not re.search(rf"\b{code} [a-z]", readme)]


def handed_on(folder: str) -> set[str]:
    """Texts that the code below `folder` hands on: as an argument, an element, a result. Not what is only compared or looked up."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        if path.name in ("findings.py", "finding_codes.py"):  # where they are declared
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            compared = isinstance(node, ast.Compare | ast.Subscript | ast.JoinedStr | ast.Expr)
            for child in () if compared else ast.iter_child_nodes(node):
                if isinstance(child, ast.Constant) and isinstance(child.value, str):
                    found.add(child.value)
    return found


MADE = handed_on("pipeline")


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_declared_finding_is_made_somewhere(code: str) -> None:
    assert code in MADE


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_finding_says_what_it_is_and_what_to_do(code: str) -> None:
    assert CODES[code].title
    assert CODES[code].remedy.endswith(".")
