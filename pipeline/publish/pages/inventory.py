"""Inventory: every certificate, most urgent first; the page shows the first 500, the table holds all."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages import certificate_rows
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Figure, Page

_SHOWN = 500


def pages(edition: Edition) -> Iterator[Page]:
    """The inventory page."""
    certificates = edition.books.certificates
    ordered = certificate_rows.most_urgent_first(certificates)
    current = certificate_rows.in_force(certificates)
    issuers = int(certificates["is_ca"].sum())
    yield Page(
        "inventory.md",
        "pages/inventory.md.j2",
        "Inventory",
        {
            "sentence": f"{words.count(len(ordered), 'server certificate')} {'is' if len(ordered) == 1 else 'are'} known, "
            f"{len(current):,} of them in force"
            + (
                f"; {words.count(issuers, 'certificate')} of certificate authorities {'is' if issuers == 1 else 'are'} left out here."
                if issuers
                else "."
            ),
            "figures": [
                Figure("In force", words.count(len(current)), basis="valid, and no later one has taken over"),
                Figure("Superseded", words.count(_with(ordered, "superseded")), basis="valid, but replaced"),
                Figure("Expired", words.count(_with(ordered, "expired"))),
                Figure("Revoked", words.count(_with(ordered, "revoked"))),
                Figure("Without an agency", words.count(int((ordered["agency"] == "").sum())), basis="nobody is charged for them"),
                Figure(
                    "With a certificate file",
                    words.count(int(ordered["parse_status"].isin(["ok", "partial"]).sum())),
                    basis=_proven(int((ordered["parse_status"] == "failed").sum())),
                ),
            ],
            "grid_view": certificate_rows.grid(
                edition, ordered.iloc[:_SHOWN], "Certificates, most urgent first", "No certificate is known yet."
            ),
            "shown": min(_SHOWN, len(ordered)),
            "total": len(ordered),
            "all_rows": download("", "tables/certificates.csv", "certificates.csv"),
            "foot": foot(edition, ("certificates", "pem"), "certificates", len(certificates)),
        },
    )


def _proven(failed: int) -> str:
    return "key and names are proven" + (f"; {words.count(failed, 'more file')} cannot be read" if failed else "")


def _with(frame: pd.DataFrame, status: str) -> int:
    return int((frame["status"] == status).sum())
