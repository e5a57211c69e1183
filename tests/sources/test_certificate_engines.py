"""Certificate files tell the same whichever engine reads them, in whatever chunks, and whatever of them is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives import serialization

from pipeline.engine import Chunk, Engine, Function, Outcome
from pipeline.engine.local import Local
from pipeline.engine.reader_version import reader_version
from pipeline.sources import raw_files
from pipeline.sources.certificate_files import CHUNK_BYTES, CHUNK_FILES, CertificateFiles
from pipeline.sources.certificate_parts import Item
from pipeline.sources.fact_store import FactStore
from tests.engine.work import deadly
from tests.issued import EC_KEY, der, pem
from tests.unit.test_x509_facts import BUNDLE, FIRST, SECOND

KEY = EC_KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
FILES = {
    "a-bundle.pem": BUNDLE,
    "b-damaged.pem": b"-----BEGIN CERTIFICATE-----\nMIIB!\n-----END CERTIFICATE-----\n" + pem(SECOND),
    "c-crl.pem": b"-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n" + pem(FIRST),
    "d-empty.pem": b"",
    "e-one.der": der(FIRST),
    "f-again.pem": BUNDLE,
    "g-cut.pem": pem(SECOND)[:-30],
}
LOOP = Local(1)
Told = tuple[list[tuple[object, ...]], pd.DataFrame, pd.DataFrame]


class Counting:
    """A loop that counts the files that it is asked to read, and those that it is to hash."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.hashed: list[str] = []

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        counted = self.read if "blocks" in schema.names else self.hashed
        counted += [item.location.name for chunk in chunks for item in chunk.items]
        return LOOP.map_chunks(function, chunks, schema)


class Poisoned:
    """Processes, of which one file ends each that reads it."""

    def __init__(self, ends: Any) -> None:
        self.ends = ends

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        return Local(2, above=0).map_chunks(deadly(function, self.ends), chunks, schema)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "inbox" / "pem"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return tmp_path / "data"


def told(
    data: Path,
    engine: Engine = LOOP,
    store: FactStore | None = None,
    chunk_bytes: int = CHUNK_BYTES,
    chunk_files: int = CHUNK_FILES,
    hashes: Sequence[str | None] = (),
) -> Told:
    """Each file's reading and the tables of all."""
    files = CertificateFiles(ZoneInfo("America/New_York"), engine, store or FactStore(None), chunk_bytes, chunk_files)
    readings = files.read(raw_files.listing(data, "inbox"), hashes)
    blocks, keys = files.tables(np.arange(sum(len(reading.rows) for reading in readings)))
    as_values = [
        (
            one.path,
            one.sha256,
            one.size,
            one.layout,
            one.rows_read,
            one.rows.tolist(),
            one.newest.tolist(),
            one.in_force.tolist(),
            one.findings,
        )
        for one in readings
    ]
    return as_values, blocks, keys.reset_index(drop=True)


def stored(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def assert_same(expected: Told, actual: Told) -> None:
    assert expected[0] == actual[0]
    pd.testing.assert_frame_equal(expected[1], actual[1])
    pd.testing.assert_frame_equal(expected[2], actual[2])


def test_any_chunks_tell_the_same(data: Path) -> None:
    expected = told(data)
    assert (7, 11) == (len(expected[0]), len(expected[1]))
    for chunk_files in range(1, len(FILES)):
        assert_same(expected, told(data, chunk_files=chunk_files))
    for chunk_bytes in (1, 1_000, 3_000):
        assert_same(expected, told(data, chunk_bytes=chunk_bytes))


def test_processes_tell_the_same_and_a_file_that_ends_them_is_refused_alone(data: Path) -> None:
    for name in list(FILES)[3:]:
        (data / "inbox/pem" / name).unlink()
    listed = raw_files.listing(data, "inbox")[-1]
    readings, blocks, _ = told(data, Poisoned(Item.of(listed)), chunk_files=2)
    refused = [reading for reading in readings if reading[0] == listed.path]
    assert [("reader-ended", "inbox/pem/c-crl.pem", "quarantined")] == [(one.code, one.file, one.action) for one in refused[0][-1]]
    listed.location.unlink()
    expected = told(data)
    assert expected[0] == [reading for reading in readings if reading[0] != listed.path]
    pd.testing.assert_frame_equal(expected[1], blocks)


def test_what_is_remembered_is_not_read_again(data: Path, tmp_path: Path) -> None:
    store, first, second, third = tmp_path / "store", Counting(), Counting(), Counting()
    expected = told(data)
    assert_same(expected, told(data, first, FactStore(store)))
    assert_same(expected, told(data, second, FactStore(store)))
    assert (list(FILES), []) == (first.read, second.read)
    (data / "inbox/pem/0-new.pem").write_bytes(pem(SECOND))
    (data / "inbox/pem/g-cut.pem").unlink()
    (data / "inbox/pem/e-one.der").rename(data / "inbox/pem/z-renamed.der")
    assert_same(told(data), told(data, third, FactStore(store)))
    assert ["0-new.pem"] == third.read
    assert 1 == len(stored(store))
    assert 6 == len(FactStore(store).rows())


def test_what_was_hashed_before_is_not_hashed_again(data: Path, tmp_path: Path) -> None:
    expected = told(data, store=FactStore(tmp_path / "store"))
    again = Counting()
    hashes = [None if one[0].endswith("d-empty.pem") else one[1] for one in expected[0]]
    assert_same(expected, told(data, again, FactStore(tmp_path / "store"), hashes=hashes))
    assert ([], ["d-empty.pem"]) == (again.read, again.hashed)


def test_a_damaged_store_is_dropped_with_a_remark_and_costs_only_time(data: Path, tmp_path: Path) -> None:
    expected = told(data, store=FactStore(tmp_path / "store"))
    (file,) = stored(tmp_path / "store")
    sound = file.read_bytes()
    for at in (0, len(sound) // 2, len(sound) - 1):
        file.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        store = FactStore(tmp_path / "store")
        assert_same(expected, told(data, store=store))
        assert [
            f"{file} was dropped, for it is not as it was written: all certificate files were read anew, which only took time."
        ] == store.remarks
        assert sound == file.read_bytes()


def test_of_two_stores_one_stays_whichever_is_used(data: Path, tmp_path: Path) -> None:
    of_fewer, of_all, last = tmp_path / "fewer", tmp_path / "all", data / "inbox/pem/g-cut.pem"
    told(data, store=FactStore(of_all))
    last.rename(tmp_path / "g-cut.pem")
    told(data, store=FactStore(of_fewer))
    both = [*stored(of_fewer), *stored(of_all)]
    for name, is_there in (("first", False), ("second", True)):
        folder = tmp_path / name
        folder.mkdir()
        for path in both:
            (folder / path.name).write_bytes(path.read_bytes())
        if is_there:
            (tmp_path / "g-cut.pem").rename(last)
        assert_same(told(data), told(data, store=FactStore(folder)))
        assert 1 == len(stored(folder))


def test_a_store_of_another_version_is_not_used_and_goes(data: Path, tmp_path: Path) -> None:
    told(data, store=FactStore(tmp_path / "store"))
    (file,) = stored(tmp_path / "store")
    older = file.with_name(file.name.replace(reader_version(), "0" * 16))
    file.rename(older)
    again = Counting()
    told(data, again, FactStore(tmp_path / "store"))
    assert list(FILES) == again.read
    assert [file] == stored(tmp_path / "store")


def test_a_store_that_cannot_be_written_is_remarked_upon(data: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"a file where the folder ought to be")
    store = FactStore(tmp_path / "store")
    assert_same(told(data), told(data, store=store))
    assert [f"What certificate files hold could not be remembered in {tmp_path / 'store'}: File exists."] == store.remarks


def test_the_store_holds_no_key_and_nothing_of_a_file_that_is_refused(data: Path, tmp_path: Path) -> None:
    key = FILES["a-bundle.pem"] + KEY
    (data / "inbox/pem/k-with-key.pem").write_bytes(key)
    readings, _, _ = told(data, store=FactStore(tmp_path / "store"))
    assert ["private-key"] == [finding.code for reading in readings if reading[0].endswith("k-with-key.pem") for finding in reading[-1]]
    assert {*(reading[1] for reading in readings)} - {""} == {*FactStore(tmp_path / "store").rows()["sha256"].to_pylist()}
