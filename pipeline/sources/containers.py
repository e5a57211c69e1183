"""The guard before a workbook is opened: its zip container is whole, of a size that can be read, and its XML declares nothing.

openpyxl does not stop at a zip bomb (facts/bad-inputs §2.2, §2.3). What the cells hold is bounded where they are read.
"""

from __future__ import annotations

import re

from pipeline.sources import zip_parts
from pipeline.sources.raw_files import Refused

_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_XML = (".xml", ".rels")


def guard(data: bytes) -> None:
    """Refuse what is damaged, too large or no workbook: every part is unpacked within limits and compared with its checksum."""
    names: set[str] = set()
    try:
        for name, part in zip_parts.parts(data):
            if name in names:
                raise Refused("damaged-container", "Two parts of the workbook have one name.")
            names.add(name)
            if name.lower().endswith(_XML):
                _check_markup(name, part)
    except zip_parts.Damaged as error:
        raise Refused("damaged-container", f"{error}") from error
    except zip_parts.TooLarge as error:
        raise Refused("file-too-large", f"{error}") from error
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Refused("not-a-spreadsheet", "This zip container is no Excel workbook.")


def _check_markup(name: str, part: bytes) -> None:
    """Refuse XML in which markup could be spelled otherwise than in ASCII, and declarations: entities expand to anything."""
    if part.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in part[:4]:
        raise Refused("damaged-container", f"{name[:80]} is not UTF-8.")
    if _DOCTYPE.search(part):
        raise Refused("damaged-container", f"{name[:80]} declares entities; no workbook needs them.")
