"""The part of `make bench` about certificate files: against plain `cryptography` and Go, one file or fifty thousand, one process or two."""

from __future__ import annotations

import concurrent.futures
import io
import json
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline import x509_facts
from tests.bench import certificates_made
from tests.bench.certificate_routes import in_columns

CERTIFICATES = 50_000
A_SECOND = 50_000
TIMES_THE_LIBRARY = 3.5
TIMES_GO = 1.0
FILES_A_SECOND = 30_000
MOST_BYTES = 250_000_000
_ROUNDS = 3
_LINEAR_ROUNDS = 5
_LINEAR_WITHIN = 0.15
_FEWER, _TIMES = 10_000, 20
_GO = Path(__file__).parent / "go" / "certificates.go"


@dataclass(frozen=True)
class Read:
    """Certificates read, seconds of the processor and by the clock, and the most memory held, in bytes."""

    count: int
    seconds: float
    by_clock: float = 0.0
    peak_bytes: int = 0

    @property
    def a_second(self) -> float:
        return self.count / self.seconds


def _read(route: str, path: Path) -> Read:
    command = [sys.executable, "-m", "tests.bench.certificate_routes", route, str(path)]
    return Read(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _read_by_go(program: Path, path: Path) -> Read:
    count, _, seconds = subprocess.run([program, path], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return Read(int(count), float(seconds))


def _go_program(folder: Path) -> Path | None:
    """The program in Go, compiled; None, and said, where Go is not installed."""
    if shutil.which("go") is None:
        print("  Go is not installed (Debian: golang-go): nothing is compared with it")
        return None
    built = folder / "certificates-in-go"
    environment = {"GO111MODULE": "off", "GOCACHE": str(folder / "go-cache"), "HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    subprocess.run([shutil.which("go") or "go", "build", "-o", built, _GO], check=True, env=environment)
    return built


def _said(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _against_others(name: str, bundle: Path, count: int, go: Path | None) -> bool:
    """Each route in turn, some rounds; of each the quickest round counts, for the others were held up."""
    rounds: dict[str, list[Read]] = {"columns": [], "library": [], "go": []}
    for _ in range(_ROUNDS):
        rounds["columns"].append(_read("columns", bundle))
        rounds["library"].append(_read("library", bundle))
        if go is not None:
            rounds["go"].append(_read_by_go(go, bundle))
    best = {route: min(found, key=lambda one: one.seconds) for route, found in rounds.items() if found}
    ours, library = best["columns"], best["library"]
    is_fast, is_faster = ours.a_second >= A_SECOND, ours.a_second >= TIMES_THE_LIBRARY * library.a_second
    is_whole = {count} == {one.count for one in best.values()}
    print(f"  a bundle of {count:,}, {name}: {ours.a_second:,.0f} certificates/s (at least {A_SECOND:,}: {_said(is_fast)}),", end=" ")
    print(f"{ours.a_second / library.a_second:.1f} times plain cryptography's {library.a_second:,.0f}/s", end=" ")
    print(f"(at least {TIMES_THE_LIBRARY}: {_said(is_faster)}), all there: {_said(is_whole)}")
    if go is None:
        return is_fast and is_faster and is_whole
    ratio = ours.a_second / best["go"].a_second
    print(f"    {ratio:.2f} times Go's {best['go'].a_second:,.0f}/s (at least {TIMES_GO}: {_said(ratio >= TIMES_GO)})")
    return is_fast and is_faster and is_whole and ratio >= TIMES_GO


def _memory(bundle: Path, count: int) -> bool:
    found = _read("held", bundle)
    is_lean = found.peak_bytes < MOST_BYTES and found.count == count
    print(f"  memory of a bundle of {count:,}, all facts held: {found.peak_bytes / 1e6:.0f} MB", end=" ")
    print(f"(below {MOST_BYTES / 1e6:.0f}: {_said(is_lean)})")
    return is_lean


def _single_files(folder: Path, count: int, keys: Sequence[bytes]) -> bool:
    folder.mkdir()
    for number, data in enumerate(certificates_made.certificates(count, keys)):
        (folder / f"{number:06}.pem").write_bytes(certificates_made.as_pem(data))
    bare, whole = (min((_read(route, folder) for _ in range(2)), key=lambda one: one.seconds) for route in ("files-bare", "files"))
    shutil.rmtree(folder)
    is_fast = bare.a_second >= FILES_A_SECOND and bare.count == whole.count == count
    print(f"  {count:,} files of one certificate, opened and read: {bare.a_second:,.0f}/s", end=" ")
    print(f"(at least {FILES_A_SECOND:,}: {_said(is_fast)}); with the search for private keys and a record of each file", end=" ")
    print(f"{whole.a_second:,.0f}/s")
    return is_fast


def columns_of(data: bytes) -> tuple[bytes, bytes]:
    """The facts of a bundle, blocks and keys, as streams of Arrow: what one process hands to another."""
    batches = list(x509_facts.batches(data[at : at + 2**20] for at in range(0, len(data), 2**20)))
    return _as_stream([batch.blocks for batch in batches]), _as_stream([batch.keys for batch in batches])


def _as_stream(parts: list[pa.RecordBatch]) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, parts[0].schema) as stream:
        for part in parts:
            stream.write_batch(part)
    return sink.getvalue()


def _blocks(streams: Sequence[tuple[bytes, bytes]]) -> pa.Table:
    return pa.concat_tables([pa.ipc.open_stream(blocks).read_all() for blocks, _ in streams]).combine_chunks()


def _two_processes(bundle: Path) -> bool:
    data = bundle.read_bytes()
    half = data.index(b"-----BEGIN", len(data) // 2)
    began = time.monotonic()
    alone = [columns_of(data)]
    between = time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(columns_of, [data[:2000], data[:2000]]))  # so that both have started
        ready = time.monotonic()
        both = list(pool.map(columns_of, [data[:half], data[half:]]))
        ended = time.monotonic()
    is_same = _blocks(alone) == _blocks(both)
    print(f"  two processes: {(between - began) / (ended - ready):.2f} times as quick by the clock, results identical: {_said(is_same)}")
    return is_same


def _linear(bundle: Path, smaller: Path) -> bool:
    """Processor time a certificate of 10,000 and of a million, in turn; a million are the bundle some times over."""
    few, many = [], []
    for _ in range(_LINEAR_ROUNDS):
        few.append(_seconds_each(smaller, 1))
        many.append(_seconds_each(bundle, _TIMES))
    ratio = statistics.median(many) / statistics.median(few)
    is_linear = abs(ratio - 1) <= _LINEAR_WITHIN
    print(f"  a million cost {ratio:.2f} times as much each as {_FEWER:,} (within {_LINEAR_WITHIN:.0%}: {_said(is_linear)}),", end=" ")
    print(f"{statistics.median(many) * 1e6:.1f} µs and {statistics.median(few) * 1e6:.1f} µs, medians of {_LINEAR_ROUNDS} rounds")
    return is_linear


def _seconds_each(path: Path, times: int) -> float:
    began = time.process_time()
    count = in_columns(path, times)
    return (time.process_time() - began) / count


def measure(folder: Path, count: int = CERTIFICATES) -> bool:
    """Print every figure beside its limit; whether all are met."""
    print(f"Certificate files, {count:,} certificates, on one core where not said otherwise")
    few, many, smaller = folder / "few-keys.pem", folder / "many-keys.pem", folder / "smaller.pem"
    certificates_made.write_bundle(few, count, certificates_made.few_keys())
    certificates_made.write_bundle(many, count, certificates_made.many_keys())
    certificates_made.write_bundle(smaller, min(_FEWER, count), certificates_made.few_keys())
    go = _go_program(folder)
    met = [
        _against_others("41 keys", few, count, go),
        _against_others("5,000 keys", many, count, go),
        _memory(few, count),
        _single_files(folder / "files", count, certificates_made.few_keys()),
        _two_processes(few),
        _linear(few, smaller),
    ]
    for path in (few, many, smaller):
        path.unlink()
    return all(met)
