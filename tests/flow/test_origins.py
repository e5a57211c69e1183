"""From any row of the inbox to what became of it: the way back, on the small office."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from pipeline import flow
from pipeline.contracts import Books
from pipeline.sources import settings_file
from tests.conftest import ROOT, copy_workspace

FERRY_EXPORT = "inbox/exports/registry-2026-11-20.csv"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    root = copy_workspace(ROOT / "tests/flow/workspace", tmp_path_factory.mktemp("origins"))
    older = (root / "data" / FERRY_EXPORT).with_name("registry-2026-10-20.csv")
    older.write_bytes((root / "data" / FERRY_EXPORT).read_bytes())
    return flow.prepare(root, settings_file.read(root / "certledger.toml"), dt.date(2026, 11, 23), lambda text: None)


def became(books: Books, file: str, row: int) -> tuple[str, str]:
    (place,) = books.places[(books.places["file"] == file) & (books.places["row"] == row)].itertuples()
    return place.became, place.known_as


def test_each_kind_of_row_says_what_it_became(books: Books) -> None:
    assert ("certificate", "sample-ca:a04") == became(books, FERRY_EXPORT, 5)
    assert ("certificate", "sample-ca:a04") == became(books, "inbox/exports/registry-2026-10-20.csv", 5)
    assert ("order", "4004") == became(books, FERRY_EXPORT, 15)
    assert ("request", "R-04") == became(books, "inbox/requests/requests.csv", 5)
    assert ("pause", "R-04") == became(books, "inbox/requests/pauses.csv", 2)
    assert "lot" == became(books, "inbox/lots/lots.csv", 2)[0]
    assert "outage" == became(books, "inbox/outages/outages.csv", 2)[0]


def test_no_accepted_row_became_nothing(books: Books) -> None:
    assert [] == books.places.loc[books.places["became"] == "", "source"].tolist()


def test_every_certificate_request_and_lot_has_a_row_that_tells_of_it(books: Books) -> None:
    told = books.places.groupby("became")["known_as"].agg(set)
    assert set(books.certificates["certificate"]) == told["certificate"]
    assert set(books.requests["request_id"]) == told["request"]
    assert set(books.lots["lot_id"]) == told["lot"]


def test_the_row_that_a_certificate_names_became_that_certificate(books: Books) -> None:
    known = books.places.set_index("source")["known_as"]
    for column in ("source", "pem_source"):
        named = books.certificates[books.certificates[column].notna()]
        assert named["certificate"].tolist() == known.loc[named[column].astype("int64")].tolist()
    pd.testing.assert_series_equal(books.ledger["certificate"], known.loc[books.ledger["source"]].reset_index(drop=True), check_names=False)
