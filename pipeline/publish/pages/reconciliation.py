"""Reconciliation: which certificates stand in export, certificate file and request, and where the three disagree, soonest expiry first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.findings import CODES, counted
from pipeline.publish import words
from pipeline.publish.pages.certificate_rows import expiry
from pipeline.publish.pages.edition import NO_NAME, Edition, address, download, rows_of
from pipeline.publish.pages.trace_rows import RowPages
from pipeline.publish.parts import Cell, Figure, Grid, Head, Link, Links, Noted, Page, State
from pipeline.three_ways import CLASSES, OVER, standing

_SOONEST = 10
_SHOWN = 100
# What differs although the certificate is known: said on one card together.
FACTS = ("tier-differs", "serial-twice", "key-differs", "dates-differ", "names-differ")
_ALONE = ("not-in-export", "not-in-file")
_YES, _NO, _UNTOLD = "yes", "no", "cannot be told"
_ASKED = {"yes": _YES, "no": _NO, "": _UNTOLD}
# In an export, in a certificate file, asked for -> what that means.
STANDINGS = {
    (True, True, "yes"): "All three agree that it exists.",
    (True, True, "no"): "Bought and proven; nobody asked for it.",
    (True, True, ""): "Bought and proven; the logs name no order that could be compared.",
    (True, False, "yes"): "Asked for and bought; no file proves its names and key.",
    (True, False, "no"): "Bought; nobody asked for it, and no file proves it.",
    (True, False, ""): "Known from an export alone.",
    (False, True, ""): "Known from a file alone: nobody is charged for it.",
    (False, False, "yes"): "A completed request, and no certificate.",
}
_COLUMNS = (
    Head("Host name", "code"),
    Head("Valid to", "stacked"),
    Head("Agency", "short"),
    Head("Order"),
    Head("What disagrees", "name"),
    Head("Where", "path"),
)
_DETAIL = 4  # where the sentence stands in _COLUMNS


def pages(edition: Edition) -> Iterator[Page]:
    """The page of three-way reconciliation."""
    table, listed = edition.books.reconciliation, edition.shared(RowPages)
    cells = standing(edition.books.certificates, table)
    to_settle = (~table["status"].isin(OVER) & table["valid_to"].notna() & ~table["class"].isin(_ALONE)).to_numpy().nonzero()[0]
    yield Page(
        "reconciliation.md",
        "pages/reconciliation.md.j2",
        "Reconciliation",
        {
            "sentence": _sentence(cells, len(table)),
            "figures": _figures(table, cells),
            "soonest": Grid(
                "Disagreements about certificates that can still be used, soonest expiry first",
                _COLUMNS,
                list(_rows(edition, table.iloc[to_settle[:_SOONEST]], listed)),
                "Nothing has to be settled about a certificate that can still be used.",
                things=True,
                captioned=False,
            ),
            "more_to_settle": max(len(to_settle) - _SOONEST, 0),
            "standings": _standings(cells),
            "authorities": int(edition.books.certificates["is_ca"].sum()),
            "sections": list(_sections(edition, table, listed)),
            "absent": [CODES[name].title for name in CLASSES if name not in set(table["class"])],
            "all_rows": download("", "tables/reconciliation.csv", "reconciliation.csv"),
        },
    )


def _sentence(cells: dict[tuple[bool, bool, str], int], disagreements: int) -> str:
    known = sum(number for (in_export, in_file, _), number in cells.items() if in_export or in_file)
    if not known:
        return "No certificate is known yet, so there is nothing to compare."
    whole = cells.get((True, True, "yes"), 0)
    untold = sum(number for (in_export, _, asked), number in cells.items() if in_export and not asked)
    verb = "stands" if whole == 1 else "stand"
    stated = f"Of {words.count(known, 'server certificate')}, {whole:,} {verb} in an export, a certificate file and a request."
    stated += f" For {untold:,} the request logs name no order, so whether they were asked for cannot be told." if untold else ""
    return f"{stated} {words.count(disagreements, 'disagreement')} {'is' if disagreements == 1 else 'are'} listed below."


def _figures(table: pd.DataFrame, cells: dict[tuple[bool, bool, str], int]) -> list[Figure]:
    numbers = table["class"].value_counts().to_dict()

    def card(name: str, classes: tuple[str, ...], basis: str, state: State, word: str) -> Figure:
        found = sum(int(numbers.get(one, 0)) for one in classes)
        href = next((f"#{one}" for one in classes if numbers.get(one)), "")
        return Figure(name, words.count(found), basis=basis, state=state if found else "met", word=word if found else "none", href=href)

    return [
        Figure("In all three", words.count(cells.get((True, True, "yes"), 0)), basis="export, certificate file and request"),
        card("To be revoked, still valid", ("revocation-not-done",), "the request was completed", "missed", "revoke today"),
        card(
            "Requests without a certificate",
            ("request-without-certificate",),
            "completed, and nothing was issued",
            "near",
            "look into each",
        ),
        card("Certificates without a request", ("no-request",), "the agency's log names orders, not this one", "near", "ask the agency"),
        card("Facts that differ", FACTS, "tier, serial, key, dates or names", "near", "correct the source"),
        card("Without an export row or a file", _ALONE, "certificates in one of the two only", "plain", "proof or payer is missing"),
    ]


def _standings(cells: dict[tuple[bool, bool, str], int]) -> Grid:
    rows: list[list[Cell]] = [
        [
            words.count(cells.get(sides, 0)),
            _YES if sides[0] else _NO,
            _YES if sides[1] else _NO,
            _ASKED[sides[2]],
            meaning,
        ]
        for sides, meaning in STANDINGS.items()
    ]
    return Grid(
        "How many stand where",
        (Head("How many", "number"), Head("Export", "short"), Head("Certificate file", "short"), Head("Request", "short"), Head("Meaning")),
        rows if cells else [],
        "No certificate is known yet.",
        [words.count(sum(cells.values())), "", "", "", "certificates, and requests without one"] if cells else [],
        things=True,
        captioned=False,
    )


def _sections(edition: Edition, table: pd.DataFrame, listed: RowPages) -> Iterator[dict[str, Any]]:
    """One section a class that occurs, the gravest first, its rows soonest expiry first."""
    places = table.groupby("class", sort=False).indices
    for name in CLASSES:
        if name not in places:
            continue
        mine = places[name]
        code = CODES[name]
        title = f"{code.title}, soonest expiry first"
        grid = Grid(title, _COLUMNS, list(_rows(edition, table.iloc[mine[:_SHOWN]], listed)), "", things=True, captioned=False)
        yield {
            "anchor": name,
            "title": code.title,
            "count": words.count(len(mine), "row"),
            "remedy": code.remedy,
            "grid": grid.without(_DETAIL) if name in _ALONE else grid,  # there the heading says it all
            "left_out": max(len(mine) - _SHOWN, 0),
        }


def _rows(edition: Edition, table: pd.DataFrame, listed: RowPages) -> Iterator[list[Cell]]:
    places = edition.books.places
    places = places[places["source"].isin(table["source"])].set_index("source").loc[table["source"]]
    files, sheets, numbers = (places[name].tolist() for name in ("file", "sheet", "row"))
    traced = _traces(edition, table["certificate"])
    days = edition.local_days_told(table["valid_to"])
    for row, day, file, sheet, number in zip(rows_of(table.rename(columns={"class": "kind"})), days, files, sheets, numbers, strict=True):
        inside = ", ".join(part for part in (sheet, f"{counted(file)} {number}") if part)
        order = row.order_id or "no order number"
        yield [
            (row.common_name or NO_NAME) if row.certificate else "no certificate",
            _until(row, day),
            edition.agency(row.agency),
            Link(order, traced[row.certificate]) if row.certificate in traced else order,
            row.detail,
            _where(file, inside, listed.href((file, sheet, int(number)), "")),
        ]


def _where(file: str, inside: str, href: str) -> Cell:
    """The place of the row, leading to the row among those of its file where they have pages."""
    return Links((Link(inside, href),), file) if href else Noted(file, inside)


def _until(row: Any, day: str) -> Cell:
    if not row.certificate:
        return "no certificate"
    return Noted(day or "date cannot be read", row.status) if row.status in OVER else expiry(day, row.days_left)


def _traces(edition: Edition, certificates: pd.Series[Any]) -> dict[str, str]:
    """Of each of `certificates` that was charged: where its ledger line can be traced."""
    ledger = edition.books.ledger
    charged = ledger[ledger["certificate"].isin(certificates[certificates != ""]) & (ledger["billed_to"] != "")]
    charged = charged.drop_duplicates("certificate")
    lines = charged[["certificate", "billed_to", "entry_id"]].itertuples(index=False, name=None)
    return {certificate: f"trace/{address(code)}.html#entry-{address(entry)}" for certificate, code, entry in lines}
