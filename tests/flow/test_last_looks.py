"""The last looks before anything becomes visible: books that do not tie out, and a private key on whatever way, publish nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pipeline import changes, chargeback, flow
from pipeline.contracts import Books, Compared
from pipeline.publish import staging
from pipeline.publish.key_guard import KeyFoundError
from pipeline.publish.stamp import RunStamp
from pipeline.reconcile import BooksDoNotTieError
from pipeline.settings import Settings
from pipeline.sources import settings_file, workspace
from tests import issued
from tests.conftest import ROOT, copy_workspace

AS_OF = dt.date(2026, 11, 23)
Office = tuple[Path, Settings, Books, RunStamp]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The small office, its settings without a site, its books of 23 November 2026 and their stamp."""
    root = copy_workspace(ROOT / "tests/flow/workspace", tmp_path)
    (root / "reports").mkdir()
    with (root / "certledger.toml").open("a", encoding="utf-8") as file:
        file.write("\n[publish]\nprofiles = []\n")
    settings = settings_file.read(root / "certledger.toml")
    stamp = RunStamp.following(None, workspace.fingerprint(root), AS_OF)
    return root, settings, flow.prepare(root, settings, AS_OF, lambda text: None), stamp


def publish(office: Office, books: Books) -> Path:
    root, settings, _, stamp = office
    current = changes.record(books, stamp.run_id, AS_OF, stamp.version, stamp.previous)
    return flow.publish(root, books, settings, stamp, Compared(current, None), lambda text: None)


def nothing_is_there(office: Office) -> bool:
    root = office[0]
    return not staging.latest(root).exists() and [] == list((root / "reports/runs").iterdir())


def test_whole_books_are_published(office: Office) -> None:
    folder = publish(office, office[2])
    assert staging.is_published(office[0], folder.name)
    assert not staging.latest(office[0]).exists()  # it is recorded before it is shown


def test_an_input_that_changed_after_the_run_began_stops_it(office: Office) -> None:
    with (office[0] / "data/inbox/requests/requests.csv").open("a", encoding="utf-8") as file:
        file.write("R-99,new,PARKS,standard,,2026-11-20T09:00:00,,,open,,\n")
    with pytest.raises(workspace.InputChangedError, match="changed while the run read it"):
        publish(office, office[2])
    assert nothing_is_there(office)


def test_books_that_do_not_tie_out_are_not_published(office: Office) -> None:
    books = office[2]
    inputs = books.inputs.assign(rows_accepted=books.inputs["rows_accepted"] + 1)
    with pytest.raises(BooksDoNotTieError, match="rows read = accepted"):
        publish(office, replace(books, inputs=inputs))
    assert nothing_is_there(office)


def test_books_that_do_not_tie_out_are_not_even_prepared(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault is put in: the step that makes the invoices loses one."""
    make = chargeback.invoices
    monkeypatch.setattr(chargeback, "invoices", lambda *tables: make(*tables).iloc[1:].reset_index(drop=True))
    root, settings, _, _ = office
    with pytest.raises(BooksDoNotTieError, match="cents of the ledger"):
        flow.prepare(root, settings, AS_OF, lambda text: None)


def test_a_key_that_came_past_every_reader_is_not_published(office: Office) -> None:
    books = office[2]
    key = issued.EC_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    notes = books.certificates.assign(server_software=key)
    with pytest.raises(KeyFoundError) as found:
        publish(office, replace(books, certificates=notes))
    assert "tables/certificates.csv" in str(found.value)
    assert key.splitlines()[1] not in str(found.value)
    assert nothing_is_there(office)
