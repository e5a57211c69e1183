"""The next night publishes the same bytes whether the store of the night before is there or not, and a closed month and a private key are
as closely looked at as on the first."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import pytest
from cryptography.hazmat.primitives import serialization

from pipeline import closing, flow
from pipeline.contracts import Closed, Inbox
from pipeline.engine.local import Local
from pipeline.settings import Settings
from pipeline.sources import inbox, settings_file, workspace
from pipeline.sources.closed_chain import ClosedBooksError
from pipeline.sources.fact_store import FactStore
from pipeline.sources.inbox import InputRefused, Means
from tests.conftest import without_site
from tests.flow.test_cli import lay_out
from tests.issued import EC_KEY, pem
from tests.sources.offices import certificate, certificates
from tests.unit.test_x509_facts import FIRST, SECOND

pytestmark = pytest.mark.slow
EVENING, NEXT = dt.date(2026, 11, 23), dt.date(2026, 11, 24)
KEY = EC_KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
# A second source of certificates, in editions of two months; of the newer one the next night changes a row, and rows change places.
OLDER = [certificate(order_id=f"{number}", serial_number=f"0{number}") for number in range(2001, 2021)]
NEWER = [certificate(order_id=f"{number}", serial_number=f"0{number}") for number in range(2003, 2023)]
CHANGED = [*NEWER[5:], certificate(order_id="2003", serial_number="02003", status="revoked", revoked_on="2026-11-20"), *NEWER[1:5]]
REOPENED = "R-990,renew,DLH,2026-11-20T09:00:00,,open\n"
REQUESTS = "request_id,kind,agency,submitted_at,completed_at,status\n"


@dataclass(frozen=True)
class Nights:
    """A workspace as it is on the next night, with the store of the night before, and what lies in that store."""

    root: Path
    stored: frozenset[str]

    def copy(self, target: Path, *, with_store: bool = True) -> Path:
        root = Path(shutil.copytree(self.root, target))
        if not with_store:
            shutil.rmtree(root / ".store")
        return root


def settings_of(root: Path) -> Settings:
    return settings_file.read(root / settings_file.NAME)


def means_of(root: Path) -> Means:
    return Means(Local(1), FactStore(root / ".store"), workspace.contents(root))


def read(root: Path) -> tuple[Inbox, list[str]]:
    """What is read, and what the store remarks."""
    means = means_of(root)
    return inbox.read(root, settings_of(root), NEXT, means), means.store.remarks


def stored(root: Path) -> frozenset[str]:
    return frozenset(path.name for path in (root / ".store").glob("*.parquet"))


def put(root: Path, path: str, content: str | bytes) -> None:
    target = root / "data" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """One month is closed and one night was read; then a row of an export changes and others change places, a log grows, a certificate
    file holds another certificate, one is new and one gone."""
    root = without_site(lay_out(tmp_path_factory.mktemp("nights") / "small"))
    closing.close(root, settings_of(root), "FY2026-P12", "Ann", EVENING, lambda stage: None)
    put(root, "inbox/exports/vendor-2026-10.csv", certificates(*OLDER))
    put(root, "inbox/exports/vendor-2026-11.csv", certificates(*NEWER))
    put(root, "inbox/requests/more.csv", REQUESTS)
    for name, data in (("one.pem", pem(FIRST)), ("two.pem", pem(FIRST) + pem(SECOND)), ("gone.pem", pem(SECOND))):
        put(root, f"inbox/pem/{name}", data)
    inbox.read(root, settings_of(root), EVENING, means_of(root))
    before = stored(root)
    put(root, "inbox/exports/vendor-2026-11.csv", certificates(*CHANGED))
    put(root, "inbox/requests/more.csv", REQUESTS + REOPENED)
    put(root, "inbox/pem/one.pem", pem(SECOND))
    put(root, "inbox/pem/new.pem", pem(SECOND) + pem(FIRST))
    (root / "data/inbox/pem/gone.pem").unlink()
    return Nights(root, before)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def assert_same(expected: Inbox, actual: Inbox) -> None:
    pairs = [
        (f"{kind.__name__}.{field.name}", getattr(one, field.name), getattr(other, field.name))
        for kind, one, other in ((Inbox, expected, actual), (Closed, expected.closed, actual.closed))
        for field in fields(kind)
    ]
    for name, one, other in pairs:
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other, obj=name, check_column_type=False)  # what is remembered has no header of a table
        elif not isinstance(one, Closed):
            assert one == other, name


def test_every_published_byte_is_that_of_a_run_that_remembers_nothing(nights: Nights, tmp_path: Path) -> None:
    warm, cold = nights.copy(tmp_path / "warm"), nights.copy(tmp_path / "cold", with_store=False)
    for root in (warm, cold):
        flow.run(root, settings_of(root), NEXT, lambda stage: None, means_of(root))
    expected, actual = tree(cold / "reports/runs"), tree(warm / "reports/runs")
    assert [] == [name for name in sorted({*expected, *actual}) if expected.get(name) != actual.get(name)]
    assert tree(cold / "data") == tree(warm / "data")
    kept = nights.stored & stored(warm)
    kinds = {kind: sum(name.startswith(kind) for name in kept) for kind in ("certificates", "closed", "rows", "searched")}
    assert {"certificates": 0, "closed": 11, "rows": 6, "searched": 1} == kinds


@pytest.mark.parametrize("kind", ["closed", "searched"])
def test_what_is_damaged_is_dropped_with_a_remark_and_costs_only_time(nights: Nights, tmp_path: Path, kind: str) -> None:
    root = nights.copy(tmp_path / "office")
    expected, _ = read(root)
    damaged = root / ".store" / max(name for name in stored(root) if name.startswith(kind))
    sound = damaged.read_bytes()
    damaged.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    found, remarks = read(root)
    assert_same(expected, found)
    assert [f"{damaged} was dropped, for it is not as it was written"] == [remark.partition(": ")[0] for remark in remarks]
    assert sound == damaged.read_bytes()


def test_what_is_remembered_of_closed_months_hides_no_change_of_them(nights: Nights, tmp_path: Path) -> None:
    root = nights.copy(tmp_path / "office")
    read(root)
    rows = root / "data/ledger/FY2026-P12/rows.csv"
    rows.write_bytes(rows.read_bytes() + b"\n")
    with pytest.raises(ClosedBooksError, match=r"rows.csv is not as it was when FY2026-P12 was closed"):
        read(root)


def test_a_key_is_found_where_there_was_none_and_each_night_anew(nights: Nights, tmp_path: Path) -> None:
    root = nights.copy(tmp_path / "office")
    put(root, "inbox/.notes", "nothing to hide")
    read(root)
    put(root, "inbox/.notes", KEY)
    for _ in range(2):
        with pytest.raises(InputRefused, match="private key"):
            read(root)
