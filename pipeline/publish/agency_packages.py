"""A ZIP an agency, to hand over: its page as one file that needs no other, its certificates and requests, its calendar and its invoices.

Nothing of another agency is in it, but for those that became part of this one. Only the internal edition has pages of agencies, and so
ZIPs; contacts stand in them. The same books give the same bytes.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

from markupsafe import escape

from pipeline.contracts import CERTIFICATES, REQUESTS
from pipeline.publish import late_rows, tables, words
from pipeline.publish.late_rows import Late
from pipeline.publish.pages import Edition
from pipeline.publish.pages.edition import address

_SHARED_KEY = "key-of-two-agencies"
_SHARED = "Its key also stands in a certificate of another agency."
_REST = "All certificates stand in certificates.csv, all requests in requests.csv."
_HEADING = re.compile(r"(#{1,2}) (.*?)(?: \{:? ?#([\w-]+) ?\})?")
# What only makes sense within the site, and links that lead out of the page; their words stay.
_OF_THE_SITE = re.compile(r'<p class="(?:get|crumb|packed)".*?</p>', re.DOTALL)
_TOOLS = re.compile(r'<p class="tools" role="status">(.*?)</p>')
_LINK = re.compile(r'<a href="[^#"][^"]*"[^>]*>(.*?)</a>', re.DOTALL)
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{styles}
:root {{ --md-text-font-family: var(--md-text-font); --md-code-font-family: var(--md-code-font); }}
body {{ font-family: var(--md-text-font); margin: 0 auto; max-width: 1000px; padding: 24px; }}
table.sheet {{ border-spacing: 0; }}
a {{ color: var(--blue); }}
summary {{ list-style: none; position: relative; }}
summary::before {{ left: 2px; position: absolute; }}
</style></head>
<body class="md-typeset" data-md-color-scheme="default" data-md-color-primary="custom">
"""


def path(code: str) -> str:
    """Where the ZIP of an agency lies below the site's `downloads/`."""
    return f"agencies/{address(code)}.zip"


def write(edition: Edition, docs: Path, run: Path, downloads: Path) -> None:
    """Write the ZIP of each agency that has a page in `docs`, the filled docs folder of `edition`, below `downloads`.

    `run` is the run folder, where the invoices lie already.
    """
    styles = (docs / "assets" / "site.css").read_text(encoding="utf-8")
    rows = late_rows.read(docs)
    for code in edition.agency_codes:
        packed = downloads / path(code)
        packed.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(packed, "w") as package:
            for name, content in sorted(_contents(edition, code, docs, run, styles, rows).items()):
                entry = zipfile.ZipInfo(name, (edition.today.year, edition.today.month, edition.today.day, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                entry.create_system = 3
                # A workbook is packed already.
                entry.compress_type = zipfile.ZIP_STORED if name.endswith(".xlsx") else zipfile.ZIP_DEFLATED
                package.writestr(entry, content)


def page_alone(markdown: str, styles: str, foot: str) -> str:
    """A page of the docs folder as one HTML file: its headings made, the stylesheet and `foot`, which is HTML, put in, and what leads
    into the site taken out."""
    _, front, body = markdown.split("---\n", 2)
    title = json.loads(next(line for line in front.splitlines() if line.startswith("title: ")).removeprefix("title: "))
    body = _LINK.sub(r"\1", _OF_THE_SITE.sub("", _TOOLS.sub(rf"<p>\1. {_REST}</p>", body)))
    return _HEAD.format(title=title, styles=styles) + "\n".join(map(_line, body.splitlines())) + f"\n{foot}\n</body></html>\n"


def _line(line: str) -> str:
    found = _HEADING.fullmatch(line)
    if not found:
        return line
    level, anchor = len(found[1]), f' id="{found[3]}"' if found[3] else ""
    return f"<h{level}{anchor}>{found[2]}</h{level}>"


def _without_strangers(page: str, edition: Edition, owned: list[str]) -> str:
    """The page without the names of other agencies' hosts that hold a key of this one; the internal site shows them to the office."""
    books, owner = edition.books, edition.settings.organization.service_owner
    ours = books.certificates.loc[books.certificates["agency"].isin(owned), "certificate"]
    shared = books.lints[(books.lints["lint"] == _SHARED_KEY) & books.lints["certificate"].isin(ours)]
    for detail in shared["detail"].unique():
        page = page.replace(str(escape(words.neutral(detail))), str(escape(f"{_SHARED} {owner} knows which.")))
    return page


def _contents(edition: Edition, code: str, docs: Path, run: Path, styles: str, rows: dict[str, Late]) -> dict[str, str | bytes]:
    """What lies in the ZIP of an agency, by name."""
    books, name = edition.books, address(code)
    owned = [code, *edition.merged_into(code)]
    foot = (docs / "_overrides" / "partials" / "stamp-foot.html").read_text(encoding="utf-8")
    made = late_rows.filled((docs / "agencies" / f"{name}.md").read_text(encoding="utf-8"), rows.get(f"agencies/{name}.md", Late()).rows)
    page = _without_strangers(made, edition, owned)
    invoices = books.invoices.loc[books.invoices["agency"] == code, "workbook"]
    return {
        f"{name}.html": page_alone(page, styles, foot),
        f"{name}.ics": (docs / "agencies" / f"{name}.ics").read_bytes(),
        "certificates.csv": tables.csv_text(CERTIFICATES, books.certificates[books.certificates["agency"].isin(owned)]),
        "requests.csv": tables.csv_text(REQUESTS, books.requests[books.requests["agency"].isin(owned)]),
        **{str(invoice): (run / invoice).read_bytes() for invoice in invoices},
    }
