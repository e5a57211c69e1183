"""The reference, written from the program's own declarations: tables, finding codes, certificate rules, measures, settings, FOCUS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from pipeline import contracts, lints, service
from pipeline.contracts import Table
from pipeline.findings import CODES
from pipeline.publish import focus_file, words
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Cell, Chip, Grid, Head, Link, Noted, Page, State
from pipeline.settings import Settings

_KINDS = {
    "text": "text",
    "day": "calendar day",
    "instant": "instant, UTC",
    "whole": "whole number",
    "count": "whole number or missing",
    "cents": "US cents",
    "cents?": "US cents or missing",
    "number": "number or missing",
    "flag": "true or false",
}
# The columns of all tables would make a page that is too long; a table that is not named here stands among those of the service.
_GROUPS = {"certificates": "certificates", "charges": "charges and the forecast", "service": "the service and the data"}
_TABLES = {
    "certificates": ("certificates", "lints", "continuity", "renewals", "gaps", "notices"),
    "charges": ("ledger", "invoices", "lots", "recovery", "encumbrances", "reconciliation", "forecast", "workload", "units_needed",
                "prices", "scenarios", "paid_before", "readiness"),
}  # fmt: skip
_FOR_READERS_OF_CODE = re.compile(r"`| \((?:DESIGN|facts)\b[^)]*\)")
_OF_NAMES = {
    "tiers": "Product names in exports that mean each tier.",
    "measure_targets": "The target of a measure, by its name, where nothing else sets it.",
}
_GRADES: dict[str, State] = {"error": "missed", "warning": "near", "note": "plain"}


def internal_pages(edition: Edition) -> Iterator[Page]:
    """Tables, finding codes, certificate rules and settings: for those who work with the data."""
    yield Page("reference/tables.md", "pages/reference/table-list.md.j2", "Tables", {"grid_view": _tables()})
    for group, what in _GROUPS.items():
        tables = [_table(table) for table in contracts.PUBLISHED if _group(table) == group]
        yield Page(_page_of(group), "pages/reference/tables.md.j2", f"Tables of {what}", {"tables": tables, "what": what})
    yield Page("reference/findings.md", "pages/reference/findings.md.j2", "Finding codes", {"grid_view": _codes()})
    yield Page("reference/rules.md", "pages/reference/rules.md.j2", "Certificate rules", {"grid_view": _rules()})
    yield Page("reference/settings.md", "pages/reference/settings.md.j2", "Settings", {"sections": list(_sections(edition.settings))})
    yield Page(
        "reference/focus.md",
        "pages/reference/focus.md.j2",
        "FOCUS columns",
        {"grid_view": _focus(), "is_on": edition.settings.exports.focus},
    )


def measures(edition: Edition) -> Iterator[Page]:
    """What each measure means, for all who read its figures."""
    yield Page("reference/measures.md", "pages/reference/measures.md.j2", "Measures", {"measures": service.MEASURES_DECLARED})


def address_of(table: Table) -> str:
    """Where the columns of a published table are explained, below the site's root."""
    return f"{_page_of(_group(table)).removesuffix('.md')}.html#{table.name}"


def _group(table: Table) -> str:
    return next((group for group, names in _TABLES.items() if table.name in names), "service")


def _page_of(group: str) -> str:
    return f"reference/tables-{group}.md"


def _tables() -> Grid:
    """Every table, under the anchor of its name, with the way to its columns."""
    rows: list[list[Cell]] = [
        [Link(table.name, f"../{address_of(table)}"), table.row, ", ".join(table.key) or "none"] for table in contracts.PUBLISHED
    ]
    heads: tuple[Head, ...] = (Head("Table", "name"), Head("One row is"), Head("Key", "name"))
    anchors = [table.name for table in contracts.PUBLISHED]
    return Grid("Published tables", heads, rows, "", (), anchors, things=True, captioned=False)


def _table(table: Table) -> dict[str, object]:
    rows: list[list[Cell]] = [
        [
            column.name,
            _KINDS[column.kind],
            Noted(note, f"One of: {', '.join(value or '(empty)' for value in column.values)}.") if column.values else note,
        ]
        for column, note in ((column, _for_readers(column.note)) for column in table.columns)
    ]
    heads: tuple[Head, ...] = (Head("Column", "code"), Head("Kind", "short"), Head("Meaning"))
    return {
        "name": table.name,
        "row": table.row,
        "key": ", ".join(table.key) or "none",
        "grid": Grid(f"Columns of {table.name}", heads, rows, "", things=True),
    }


def _codes() -> Grid:
    rows: list[list[Cell]] = [
        [name, Chip(code.severity, _GRADES[code.severity]), code.title, code.action, code.remedy] for name, code in CODES.items()
    ]
    heads: tuple[Head, ...] = (
        Head("Code", "code"),
        Head("Grade", "short"),
        Head("What it means"),
        Head("What is done with the row"),
        Head("What to do"),
    )
    return Grid("Finding codes", heads, rows, "", (), [f"code-{name}" for name in CODES], things=True, captioned=False)


def _focus() -> Grid:
    rows: list[list[Cell]] = [[column.name, column.level, column.says] for column in focus_file.COLUMNS]
    heads: tuple[Head, ...] = (Head("Column", "code"), Head("The specification asks", "short"), Head("What certledger writes"))
    return Grid("Columns of the FOCUS files", heads, rows, "", things=True, captioned=False)


def _rules() -> Grid:
    rows: list[list[Cell]] = [
        [rule.id, Chip(rule.severity, _GRADES[rule.severity]), Noted(rule.title, _source(rule)), _judged(rule), rule.remedy]
        for rule in lints.RULES.values()
    ]
    heads: tuple[Head, ...] = (
        Head("Rule", "code"),
        Head("Grade", "short"),
        Head("What it asks, and where it is written"),
        Head("Certificates that it judges"),
        Head("What to do"),
    )
    return Grid("Certificate rules", heads, rows, "", (), [f"rule-{name}" for name in lints.RULES], things=True, captioned=False)


def _source(rule: lints.Rule) -> str:
    return rule.source if rule.is_checked else f"{rule.source}. Not checked in this run: the package {rule.extra} is not installed."


def _judged(rule: lints.Rule) -> str:
    """Whom the rule judges, and by the day of issue, in words."""
    since = f" issued since {words.day(rule.since)}" if rule.since else ""
    until = f" and before {words.day(rule.until)}" if rule.until else ""
    return f"{'Public ones' if rule.applies == 'public' else 'All'}{since}{until}"


def _sections(settings: Settings) -> Iterator[dict[str, object]]:
    """Each table of certledger.toml with its names, and what they are set to in this edition."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        rows: list[list[Cell]]
        if isinstance(value, BaseModel):
            rows = [[key, _shown(item)] for key, item in value.model_dump().items()]
        elif isinstance(value, dict):
            rows = [[key, _shown(item)] for key, item in value.items()]
        else:
            rows = [[f"{number}", _pairs(one.model_dump())] for number, one in enumerate(value, 1)]
        yield {
            "name": f"[[{name}]]" if isinstance(value, tuple) else f"[{name}]",
            "note": _OF_NAMES[name] if isinstance(value, dict) else _said(_section_in(field.annotation)),
            "grid": Grid(f"Settings of {name}", (Head("Name", "code"), Head("Set to")), rows, "None is set.", captioned=False),
        }


def _section_in(annotation: Any) -> type[BaseModel]:
    """The table of settings that a field is, or holds several of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(_section_in(part) for part in get_args(annotation) if part is not Ellipsis)


def _said(section: type[BaseModel]) -> str:
    """What the section is for: the first paragraph of its docstring."""
    return _for_readers(" ".join((section.__doc__ or "").split("\n\n")[0].split()))


def _for_readers(text: str) -> str:
    """`text` without the marks and references that only the program's readers need."""
    return _FOR_READERS_OF_CODE.sub("", text)


def _shown(value: Any) -> str:
    """A value of the settings as people write it, in a cell."""
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return _pairs(value)
    if isinstance(value, (tuple, list)):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)


def _pairs(values: dict[str, Any]) -> str:
    """The names of a table that are set, with their values, on one line."""
    return "; ".join(f"{key} = {_shown(item)}" for key, item in values.items() if item not in (None, "", (), [], {})) or "not set"
