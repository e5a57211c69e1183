"""Names of files as they are printed and stored."""

from __future__ import annotations

import os
import re
from pathlib import Path

_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def shown_path(path: Path | str) -> str:
    """`path` with slashes; bytes that are no UTF-8, control characters, line separators and marks that turn the direction of text as
    backslash escapes, so that it can be printed."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return text if text.isascii() and text.isprintable() else _UNSHOWABLE.sub(lambda match: _escaped(ord(match.group())), text)


def _escaped(character: int) -> str:
    return f"\\x{character:02x}" if character < 0x100 else f"\\u{character:04x}"
