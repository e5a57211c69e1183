"""The guard before a workbook is opened: sizes, checksums and XML of the zip container, so that no hostile file reaches the reader.

openpyxl does not stop at a zip bomb, and a lying cell reference makes a row of 16,384 cells (facts/bad-inputs §2.2, §2.3).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from itertools import pairwise

from pipeline.sources.raw_files import Refused

MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_PARTS = 2_000
UNPACKED = 64 * 2**20
UNPACKED_AT_MOST = 256 * 2**20
USUAL_PACKING = 40
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FAR_COLUMN = re.compile(rb"""\br\s*=\s*["'](?:[A-Za-z]{3,}|[H-Zh-z][A-Za-z]|[Gg][S-Zs-z])[0-9]""")
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d+)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


def guard(data: bytes) -> bool:
    """Refuse a container that is damaged, hostile or too large; else say whether any of its worksheets holds formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _sizes(archive, len(data))
            formulas = [name for name in archive.namelist() if _part_holds_formulas(name, archive.read(name))]
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, OSError, ValueError, LookupError) as error:
        raise Refused("damaged-container", f"The workbook's zip container is damaged: {error}.") from error
    except (NotImplementedError, RuntimeError) as error:
        raise Refused("damaged-container", f"The workbook is packed in a way that workbooks are not: {error}.") from error
    return bool(formulas)


def _sizes(archive: zipfile.ZipFile, packed: int) -> None:
    names = archive.namelist()
    if len(set(names)) != len(names):
        raise Refused("damaged-container", "Two parts of the workbook have one name.")
    if len(names) > MOST_PARTS:
        raise Refused("damaged-container", f"The workbook has {len(names):,} parts; more than {MOST_PARTS:,} are not read.")
    unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > UNPACKED_AT_MOST or (unpacked > UNPACKED and unpacked > USUAL_PACKING * packed):
        raise Refused("file-too-large", f"Unpacked, the workbook would have {unpacked:,} bytes.")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Refused("not-a-spreadsheet", "This zip container is no Excel workbook.")


def _part_holds_formulas(name: str, part: bytes) -> bool:
    """Whether a part is a worksheet with formulas; reading it whole has already compared its checksum."""
    if not name.endswith((".xml", ".rels")):
        return False
    if part.startswith(_UTF16):
        raise Refused("damaged-container", f"{name} is not UTF-8.")
    if _DOCTYPE.search(part):
        raise Refused("damaged-container", f"{name} declares entities; no workbook needs them.")
    if not name.startswith("xl/worksheets/"):
        return False
    if _FAR_COLUMN.search(part):
        raise Refused("file-too-large", f"{name} has a cell beyond column {MOST_COLUMNS}.")
    numbers = [int(number[:9]) for number in _ROW_NUMBER.findall(part)]
    if numbers and max(numbers) > MOST_ROWS:
        raise Refused("file-too-large", f"{name} has a row beyond {MOST_ROWS:,}.")
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise Refused("damaged-container", f"The rows of {name} are out of order.")
    return bool(_FORMULA.search(part))
