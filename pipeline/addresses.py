"""Where things stand in a published run: the names that who publishes and who looks back at what is published must agree on."""

from __future__ import annotations

LATEST = "reports/latest"
SOURCE_ROWS = "explain/rows.parquet"
SOURCE_FILES = "explain/files.parquet"
SQLITE = "certledger.sqlite"
_TAKEN_NAMES = {"index", "readme"}  # MkDocs makes the page of the folder from these


def address(code: str) -> str:
    """An agency code as a file name: letters, digits, `-` and `_` stay, all else is written as its number, so no code leads elsewhere."""
    if code.isascii() and code.isalnum():  # so are nearly all
        return f"~{code}" if code.casefold() in _TAKEN_NAMES else code
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else f"~{ord(sign):x}~" for sign in code)
    return f"~{safe}" if safe.casefold() in _TAKEN_NAMES else safe


def trace_page(agency: str) -> str:
    """The page, below the root of a site, that traces every line ever invoiced to `agency`; a month's lines stand under its period."""
    return f"trace/{address(agency)}.html"
