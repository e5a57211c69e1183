"""A certificate file tells the same whole, in pieces cut anywhere, and in another process; in pieces it is searched and hashed as well."""

from __future__ import annotations

import concurrent.futures
import hashlib
import importlib.util
import io
import itertools
import multiprocessing
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import CERTIFICATE_BLOCKS, PUBLIC_KEYS
from pipeline.sources import inbox, raw_files
from pipeline.sources.limits import MIB, PIECE
from pipeline.sources.raw_files import Listed, Refused
from pipeline.x509_facts import TooLarge, batches, read
from tests.bench import certificates_made
from tests.issued import EC_KEY, certificate, der, pem
from tests.sources.offices import Office
from tests.unit.test_x509_facts import BUNDLE, FIRST, SECOND, TRANSPORTS

ZLINT = Path(__file__).parents[3] / "shared" / "data" / "zlint" / "certs"
DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")
KEY = EC_KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
MADE = b"".join(map(certificates_made.as_pem, certificates_made.certificates(60, certificates_made.few_keys())))
pytestmark = pytest.mark.filterwarnings("ignore")  # the remarks of the library on odd certificates


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def in_columns(data: Iterator[bytes] | list[bytes], most: int = 2**26) -> list[dict[str, Any]]:
    """What `batches` tells, as `read` would tell it."""
    found = list(batches(data, most))
    keys = {key["spki_sha256"]: key for batch in found for key in batch.keys.to_pylist()}
    none = {"rsa_exponent": "", "rsa_modulus": ""}
    return [block | keys.get(block["spki_sha256"], none) for batch in found for block in batch.blocks.to_pylist()]


def test_columns_are_those_of_the_contracts() -> None:
    (batch,) = batches([BUNDLE])
    assert ["label", *(name for name in CERTIFICATE_BLOCKS.names if name != "source")] == batch.blocks.schema.names
    assert PUBLIC_KEYS.names == batch.keys.schema.names


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("size", [1, 7, 1000, 2**20])
def test_any_transport_in_any_pieces(transport: str, size: int) -> None:
    data = TRANSPORTS[transport]
    assert read(data) == in_columns(pieces(data, size))


CUTS = st.lists(st.integers(0, 100_000), max_size=12)
PARTS = [
    pem(FIRST),
    pem(SECOND),
    MADE[:3000],
    b"-----BEGIN CERTIFICATE-----\nMIIB!\n-----END CERTIFICATE-----\n",
    b"----- BEGIN CERTIFICATE -----\nMIIB\n",
    b"BEGIN the story with BEGIN CERTIFICATE\n",
    b"--END\n",
    b"----BEGIN X--END----BEGIN  Y Z--",
    b"\xe2\x80\x93BEGIN CERTIFICATE\xe2\x80\x93\n",
    b"-----END CERTIFICATE---------BEGIN",
    pem(FIRST).replace(b"-----END", b"\n"),
    b"-",
    b"\x00\xff",
    b"BEGIN ",
]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PARTS), max_size=8), CUTS)
def test_wherever_a_file_is_cut(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    at = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    assert read(data) == in_columns([data[start:stop] for start, stop in itertools.pairwise(at)])


def test_wherever_a_bundle_is_cut_in_two() -> None:
    data = pem(FIRST) + pem(SECOND)
    whole = read(data)
    assert all(whole == in_columns([data[:at], data[at:]]) for at in range(len(data) + 1))


def corpora() -> Iterator[Any]:
    files = {"zlint": sorted(ZLINT.iterdir()) if ZLINT.is_dir() else [], "debian": [DEBIAN] if DEBIAN.exists() else []}
    if importlib.util.find_spec("certifi") is not None:
        files["certifi"] = [Path(importlib.import_module("certifi").where())]
    if importlib.util.find_spec("cryptography_vectors") is not None:
        folder = Path(importlib.import_module("cryptography_vectors").__file__ or "").parent / "x509"
        files["vectors"] = [file for file in sorted(folder.rglob("*")) if file.suffix in (".crt", ".der", ".pem")]
    for name, found in files.items():
        yield pytest.param(found, id=name, marks=[] if found else pytest.mark.skip(f"{name} is not here"))


@pytest.mark.parametrize("files", list(corpora()))
def test_certificates_of_others_in_pieces(files: list[Path]) -> None:
    for file in files:
        data = file.read_bytes()
        assert read(data) == in_columns(pieces(data, 4096)), file.name


def test_what_must_be_seen_whole_has_a_limit() -> None:
    for data in (b"-----BEGIN CERTIFICATE-----\n" + b"QUJD" * 1000, der(FIRST) * 4, BUNDLE.decode().encode("utf-16")):
        with pytest.raises(TooLarge):
            list(batches(pieces(data, 100), 1000))
    assert 60 == len(in_columns(pieces(MADE, 100), 3000))


def _in_another_process(data: bytes) -> tuple[bytes, bytes]:
    """Blocks and keys of a file as streams of Arrow."""
    found = list(batches(pieces(data, 10_000)))
    return tuple(_as_ipc(list(part)) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _as_ipc(parts: list[pa.RecordBatch]) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, parts[0].schema) as stream:
        for part in parts:
            stream.write_batch(part)
    return sink.getvalue()


@pytest.mark.slow
def test_two_processes_tell_the_same_as_one() -> None:
    half = MADE.index(b"-----BEGIN", len(MADE) // 2)
    halves = [MADE[:half], MADE[half:]]
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        apart = [pa.ipc.open_stream(blocks).read_all() for blocks, _ in pool.map(_in_another_process, halves)]
    together = pa.Table.from_batches([batch.blocks for batch in batches([MADE])])
    assert together.combine_chunks() == pa.concat_tables(apart).combine_chunks()


def listed(folder: Path, data: bytes) -> Listed:
    location = folder / "x.pem"
    location.write_bytes(data)
    return Listed(location, "inbox/pem/x.pem")


@pytest.mark.parametrize("size", [1, 1000, PIECE])
def test_what_is_hashed_is_what_is_handed_on(tmp_path: Path, size: int) -> None:
    file = raw_files.stream(listed(tmp_path, BUNDLE), 2**20, b"".join, size)
    assert (BUNDLE, hashlib.sha256(BUNDLE).hexdigest(), len(BUNDLE)) == (file.result, file.sha256, file.size)


def changing(file: Listed, until: int, seen: list[bytes]) -> bytes:
    """What is read of a file that becomes longer by a certificate each time that it is read, `until` so many times."""

    def make(read_now: Iterator[bytes]) -> bytes:
        seen.append(b"".join(read_now))
        if len(seen) <= until:
            file.location.write_bytes(seen[-1] + pem(SECOND))
        return seen[-1]

    return raw_files.stream(file, 2**20, make, 100).result


def test_a_file_that_changes_while_it_is_read_is_read_once_more(tmp_path: Path) -> None:
    seen: list[bytes] = []
    assert pem(FIRST) + pem(SECOND) == changing(listed(tmp_path, pem(FIRST)), 1, seen)
    assert 2 == len(seen)
    with pytest.raises(Refused, match="The file changed while it was read"):
        changing(listed(tmp_path, pem(FIRST)), 9, [])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, len(MADE)), st.integers(300, 40_000))
def test_a_key_anywhere_is_found_in_pieces(tmp_path_factory: pytest.TempPathFactory, at: int, size: int) -> None:
    file = listed(tmp_path_factory.mktemp("pem"), MADE[:at] + KEY + MADE[at:])
    with pytest.raises(Refused) as refused:
        raw_files.stream(file, 2**20, b"".join, size)
    assert "private-key" == refused.value.code


def test_a_key_in_a_container_is_found_though_it_is_large(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", MADE)
        archive.writestr("b.txt", KEY)
    with pytest.raises(Refused) as refused:
        raw_files.stream(listed(tmp_path, packed.getvalue()), 2**20, b"".join, 1000)
    assert "private-key" == refused.value.code


def test_a_late_key_refuses_a_large_bundle(office: Office) -> None:
    bundle = MADE * (2 * PIECE // len(MADE) + 1)
    office.put("inbox/pem/x.pem", bundle + KEY)
    with pytest.raises(inbox.InputRefused) as refused:
        office.read()
    assert ["private-key"] == [one.code for one in refused.value.findings if one.action == "stopped"]
    office.put("inbox/pem/x.pem", bundle)
    read_well = office.read()
    assert bundle.count(b"BEGIN") == len(read_well.certificate_blocks)
    (row,) = read_well.inputs[read_well.inputs["kind"] == "pem"].to_dict("records")
    assert (hashlib.sha256(bundle).hexdigest(), len(bundle)) == (row["sha256"], row["bytes"])


@pytest.mark.slow
def test_a_block_beyond_the_limit_refuses_the_file_with_words(office: Office) -> None:
    office.put("inbox/pem/x.pem", pem(FIRST) + b"-----BEGIN CERTIFICATE-----\n" + b"A" * (66 * MIB))
    read_well = office.read()
    assert [("file-too-large", "quarantined")] == [(one.code, one.action) for one in read_well.findings]
    assert "A block of the file, or the file if it is no PEM, has more than 67,108,864 bytes" in read_well.findings[0].reason


def test_places_and_keys_of_several_files(office: Office) -> None:
    rsa = list(certificates_made.certificates(4, certificates_made.few_keys()[:2]))
    office.put("inbox/pem/a.pem", pem(certificate(("a.gov",), 5)))
    office.put("inbox/pem/b.pem", b"".join(map(certificates_made.as_pem, rsa)))
    office.put("inbox/pem/c.der", rsa[0])
    found = office.read()
    named = found.certificate_blocks.merge(found.places, on="source")
    assert ["inbox/pem/a.pem", *["inbox/pem/b.pem"] * 4, "inbox/pem/c.der"] == named["file"].tolist()
    assert hashlib.sha256(rsa[0]).hexdigest() == named["fingerprint_sha256"].iloc[-1]
    assert sorted({block["spki_sha256"] for data in rsa for block in read(data)}) == found.public_keys["spki_sha256"].tolist()
