"""What `certbot certificates` prints, to a header and rows of text; the row of a certificate is the line of its name.

The text has three forms (facts/certificate-systems §3.11): with `Identifiers:`, with `Domains:` joined by spaces, and an old one with
`Domains:` joined by commas and without a serial number. Every line is accounted for: what is neither part of an entry nor certbot's
own furniture, such as a renewal configuration that it could not read, is a row at fault.
"""

from __future__ import annotations

import re

from pipeline.sources.row_faults import Fault

# The state is what stands in brackets behind the expiry, without the days that were left when it was printed.
HEADER = (
    "Certificate Name", "Serial Number", "Key Type", "Identifiers", "Domains", "Expiry Date", "State", "Certificate Path",
    "Private Key Path",
)  # fmt: skip
_ENTRY = re.compile(r"[ \t]*Certificate Name: *(\S.*)")
_FIELD = re.compile(r"[ \t]+([A-Z][A-Za-z ]{1,40}): *(.*)")
_LISTING = re.compile(r"Found the following (?:matching )?certs:|No certificates found\.")
_FURNITURE = re.compile(r"(?:- )+-?|Saving debug log to .*|The following renewal configurations were invalid:|")
_LOOKED_AT = 65_536
_EXPIRY = re.compile(r"(.*?) *\((VALID|INVALID)(?:: *(.*))?\)")


def looks_like_certbot(text: str) -> bool:
    """Whether the first line that is not furniture begins a listing or an entry of it."""
    first = next((line for line in text[:_LOOKED_AT].splitlines() if not _FURNITURE.fullmatch(line.strip())), "")
    return _LISTING.fullmatch(first.strip()) is not None or _ENTRY.fullmatch(first) is not None


def read(text: str) -> tuple[list[str], list[tuple[int, list[str]]], dict[int, Fault]]:
    """Header, (line of the name, cells) of each certificate, and the faults of lines that are none. Never refuses."""
    entries: list[tuple[int, dict[str, str]]] = []
    faults: dict[int, Fault] = {}
    labels = dict.fromkeys(HEADER)
    is_inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if _FURNITURE.fullmatch(line.strip()) or _LISTING.fullmatch(line.strip()):
            is_inside = False
        elif match := _ENTRY.fullmatch(line):
            entries.append((number, {"Certificate Name": match[1].strip()}))
            is_inside = True
        elif is_inside and (match := _FIELD.fullmatch(line)):
            first, cells = entries[-1]
            faults |= {first: ("not-a-record", f"'{match[1]}' stands twice in the entry.", -1, "")} if match[1] in cells else {}
            cells.update(_field(match[1], match[2].strip()))
            labels.update(dict.fromkeys(cells))
        else:
            entries.append((number, {}))
            faults[number] = ("not-a-record", "The line is not part of a certificate's entry.", -1, line.strip())
    header = list(labels)
    return header, [(number, [cells.get(label, "") for label in header]) for number, cells in entries], faults


def _field(label: str, text: str) -> dict[str, str]:
    match = _EXPIRY.fullmatch(text) if label == "Expiry Date" else None
    if match is None:
        return {label: text}
    return {label: match[1], "State": f"INVALID: {match[3]}" if match[2] == "INVALID" else "VALID"}
