"""An estate counted by parts tells what an inventory of the same files would hold: by any prefixes, in any chunks, by any engine."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.certificates import fold
from pipeline.engine import Chunk, ChunkError, Engine, Function, Outcome
from pipeline.sources import estate, raw_files
from pipeline.sources.estate import CHUNK_BYTES, CHUNK_FILES, Counted, EstateError
from pipeline.sources.estate_parts import FOLDED, Numbered
from tests.bench import certificates_made
from tests.conftest import certledger
from tests.sources.test_certificate_engines import FILES, KEY, LOOP, told
from tests.unit.test_x509_facts import BUNDLE

DER = list(certificates_made.certificates(6, certificates_made.few_keys()))
MADE = [certificates_made.as_pem(one) for one in DER]
Rows = list[tuple[str, str, int, int]]


def distinct(folder: Path) -> Rows:
    """Fingerprint, path and block where it stands first, and in how many blocks it stands, of each certificate by fingerprint."""
    paths = pq.read_table(folder / "files.parquet")["path"].to_pylist()
    parts = [pq.read_table(path, schema=FOLDED) for path in sorted(folder.glob("certificates-*.parquet"))]
    rows = pa.concat_tables([FOLDED.empty_table(), *parts]).to_pylist()
    return [(row["fingerprint"].hex(), paths[row["file"]], row["block"], row["blocks"]) for row in rows]


def by_inventory(data: Path) -> Rows:
    """The same as the inventory folds the blocks of these files."""
    readings, blocks, _ = told(data)
    places = [(f"{data / f'{path}'}", row) for path, _, _, _, _, rows, *_ in readings for row in rows]  # type: ignore[attr-defined]
    counts = blocks["fingerprint_sha256"].value_counts()
    found = zip(*(fold.blocks(blocks)[name] for name in ("fingerprint_sha256", "source")), strict=True)
    return sorted((name, *places[at], int(counts[name])) for name, at in found)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inbox of files with all that may be wrong with certificates, one of them refused."""
    inbox = tmp_path_factory.mktemp("estate") / "data/inbox/pem"
    (inbox / "more").mkdir(parents=True)
    for name, content in {**FILES, "k-with-key.pem": BUNDLE + KEY, "more/again.pem": FILES["b-damaged.pem"] + MADE[0]}.items():
        (inbox / name).write_bytes(content)
    return inbox.parents[1]


def counted(
    data: Path, folder: Path, digits: int = 1, engine: Engine = LOOP, chunk_bytes: int = CHUNK_BYTES, chunk_files: int = CHUNK_FILES
) -> Counted:
    return estate.count([data / "inbox/pem"], engine, folder, digits, chunk_bytes, chunk_files)


def test_any_prefixes_and_any_chunks_tell_what_the_inventory_tells(data: Path, tmp_path: Path) -> None:
    expected, _, blocks = by_inventory(data), *told(data)[:2]
    first = counted(data, tmp_path / "first")
    assert expected == distinct(tmp_path / "first")
    assert (9, len(blocks), len(expected), 1) == (first.files, first.certificates, first.distinct, first.others)
    assert (blocks["parse_status"] == "failed").sum() == first.unreadable.total() > 1
    assert ["k-with-key.pem"] == [Path(path).name for path in first.refused]
    for digits, chunk_files, chunk_bytes in ((0, 9, CHUNK_BYTES), (1, 1, CHUNK_BYTES), (2, 4, CHUNK_BYTES), (4, 9, 3_000)):
        folder = tmp_path / f"{digits}-{chunk_files}"
        again = counted(data, folder, digits, LOOP, chunk_bytes, chunk_files)
        assert expected == distinct(folder)
        assert (first.certificates, first.distinct, first.unreadable) == (again.certificates, again.distinct, again.unreadable)
        assert first.refused == again.refused
        assert {"files.parquet"} == {path.name for path in folder.iterdir() if not path.name.startswith("certificates-")}


@given(st.lists(st.lists(st.integers(0, len(MADE) - 1), max_size=4), min_size=1, max_size=4), st.integers(0, 2), st.integers(1, 3))
def test_each_certificate_is_told_once_where_it_stands_first(files: list[list[int]], digits: int, chunk_files: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        stands: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for number, content in enumerate(files):
            path = folder / f"{number}.pem"
            path.write_bytes(b"".join(MADE[at] for at in content))
            for block, at in enumerate(content, start=1):
                stands[at].append((f"{path}", block))
        found = estate.count([folder], LOOP, folder / "parts", digits, CHUNK_BYTES, chunk_files)
        expected = sorted((hashlib.sha256(DER[at]).hexdigest(), *min(places), len(places)) for at, places in stands.items())
        assert expected == distinct(folder / "parts")
        most = Counter(row[0][:digits] for row in expected)
        assert (len(expected), len(most), max([0, *most.values()])) == (found.distinct, found.prefixes, found.largest)


class Ending:
    """A loop over single files, one of which ends whoever reads it; all were worked on once before, and nothing was told of it."""

    def __init__(self, ends: Path) -> None:
        self.ends = ends

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        list(LOOP.map_chunks(function, chunks, schema))
        for item in (item for chunk in chunks for item in chunk.items):
            if isinstance(item, Numbered) and item.location == self.ends:
                yield ChunkError()
            else:
                yield from LOOP.map_chunks(function, [Chunk((item,), 1)], schema)


def test_a_file_that_ends_whoever_reads_it_is_not_counted(data: Path, tmp_path: Path) -> None:
    locations = [one.location for one in raw_files.listing(data, "inbox")]
    found = counted(data, tmp_path / "parts", 1, Ending(locations[2]))
    expected = {f"{locations[2]}": "The process that read the file was ended twice before it was done; nothing of the file was read."}
    assert expected == {path: reason for path, reason in found.refused.items() if "process" in reason}
    without = estate.count([*locations[:2], *locations[3:]], LOOP, tmp_path / "without", 1)
    assert distinct(tmp_path / "without") == distinct(tmp_path / "parts")
    assert found.prefixes + 1 == len(list((tmp_path / "parts").iterdir()))
    assert (without.certificates, without.distinct) == (found.certificates, found.distinct)


def test_the_command_tells_the_counts_and_names_what_is_not_counted(data: Path, tmp_path: Path) -> None:
    one, twice = data / "inbox/pem/a-bundle.pem", data / "inbox/pem/f-again.pem"
    done = certledger("count", one, twice, data / "inbox/pem/k-with-key.pem", "--parts", tmp_path / "parts", "--digits", "0")
    blocks = BUNDLE.count(b"BEGIN CERTIFICATE")
    assert [
        "Files        2 read, 1 refused",
        f"Blocks       {2 * blocks}: {2 * blocks} certificates, 0 something else",
        f"Certificates {blocks} distinct, {blocks} copies",
        "Unreadable   0 of the certificates; of each only the hash of its bytes is known",
        f"Parts        1 in {tmp_path / 'parts'}, the largest of {blocks} certificates",
    ] == done.stdout.splitlines()
    assert done.stderr.startswith(f"Not counted: {data / 'inbox/pem/k-with-key.pem'}: The file holds a private key")
    assert 3 == done.returncode


def test_all_or_nothing(data: Path, tmp_path: Path) -> None:
    folder, fresh = tmp_path / "parts", tmp_path / ".parts.new"
    fresh.mkdir()
    (fresh / "part-0-of-a-killed-call.parquet").write_bytes(b"half")
    handle = os.open(fresh, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(EstateError, match="Another count is writing") as locked:
        counted(data, folder)
    os.close(handle)
    counted(data, folder)
    assert ["parts"] == [path.name for path in tmp_path.iterdir()]
    assert by_inventory(data) == distinct(folder)
    with pytest.raises(EstateError, match="is there already: name a new folder") as there:
        counted(data, folder)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EstateError, match="could not be kept") as unwritten:
        counted(data, tmp_path / "file/parts")
    assert [75, 2, 5] == [raised.value.exit_code for raised in (locked, there, unwritten)]
