"""The pages about exports are a promise: every layout is listed with its header, and each worked example is read as it stands there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pandas as pd
import pytest

from pipeline.contracts import Inbox
from pipeline.settings import Source
from pipeline.sources import recognition
from pipeline.sources.layouts import Layout
from tests.conftest import ROOT
from tests.sources.offices import Office, codes

LAYOUTS_PAGE = (ROOT / "site/reference/exports/index.md").read_text(encoding="utf-8")
MAPPING_PAGE = (ROOT / "site/reference/exports/mapping.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", MAPPING_PAGE, re.MULTILINE | re.DOTALL))
TABLES = ("export_rows", "request_rows", "request_events")
BY_NAME = {layout.name: layout for layout in recognition.LAYOUTS}


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def table_below(text: str) -> list[dict[str, str]]:
    """What the table of a section says was read: a line a column, a column a row."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")]
    return [{name.strip("`"): cell for name, *_, cell in (line[: place + 1] for line in lines)} for place in range(1, len(lines[0]))]


def shown(value: object) -> str:
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, pd.Timestamp) else str(value)


def typed(found: Inbox) -> Iterator[dict[str, str]]:
    for name in TABLES:
        for row in getattr(found, name).to_dict("records"):
            yield {column: shown(value) for column, value in row.items()}


@pytest.mark.parametrize("layout", recognition.LAYOUTS, ids=lambda layout: layout.name)
def test_every_layout_is_listed_with_what_it_is_recognised_by(layout: Layout) -> None:
    (line,) = [line for line in LAYOUTS_PAGE.splitlines() if line.startswith(f"| `{layout.name}` |")]
    certbots = {"Certificate Name", "Expiry Date", "State"}
    assert [] == [need for need in layout.needs if f"`{need}`" not in line and need not in certbots]
    assert not layout.role or line.rstrip(" |").endswith(layout.role)


def test_every_setting_of_a_source_is_explained() -> None:
    assert [] == [name for name in Source.model_fields if f"| `{name}` |" not in MAPPING_PAGE]


@pytest.mark.parametrize("name", sorted(BY_NAME["certificates"].columns))
def test_every_column_of_a_certificate_is_named(name: str) -> None:
    assert f"`{name}`" in MAPPING_PAGE


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_worked_example_gives_what_the_page_says(office: Office, name: str) -> None:
    section = EXAMPLES[name]
    (export,) = (*blocks(section, "csv"), *blocks(section, "json"))
    (written,) = blocks(section, "toml")
    settings = tomllib.loads(written)
    path = re.findall(r"`data/(inbox/[^`]+)`", section)[0]
    office.put(path, export.encode(settings["source"][0].get("encoding", "utf-8")))
    found = office.read(**settings)
    expected = table_below(section)
    assert expected == [{column: row[column] for column in expected[0]} for row in typed(found)]
    assert [] == codes(found)


def test_each_system_without_a_known_header_has_its_example() -> None:
    systems = ("VeriSign", "Symantec", "Sectigo", "Entrust", "Keyfactor", "Venafi", "Key Vault", "Cherwell", "COMiT")
    assert [] == [system for system in systems if not any(system in title for title in EXAMPLES)]
