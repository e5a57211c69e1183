"""A run whose inputs hold a private key in any form ends with exit code 3 and the paths; nothing is published, no byte of the key told."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from pipeline.contracts import SOURCE_ROWS
from pipeline.engine import Chunk, ChunkError, Function, Outcome
from pipeline.engine.local import Local
from pipeline.publish import key_guard, tables
from pipeline.publish.key_guard import KeyFoundError
from tests.conftest import certledger, in_a_process, without_site
from tests.flow.test_cli import lay_out
from tests.flow.test_last_looks import Office, nothing_is_there, office, publish
from tests.key_forms import KINDS, OTHERS, TEXTS, lines, pem, traces

WORDS, DER = KINDS["PKCS#8 RSA"]
PEM = pem(WORDS, DER)
TRACES = traces(DER)

__all__ = ["office"]


def told(text: str) -> list[str]:
    """Pieces of the key that stand in `text`."""
    return [piece for piece in TRACES if piece in text or piece.upper() in text]


def workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def archive(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("server.key", content)
    return buffer.getvalue()


def forms() -> dict[str, bytes]:
    """File names and contents: every form of the catalogue, where certificates, exports and requests are read, and where nothing is."""
    folders = ("inbox/exports/a{}.csv", "inbox/exports/b{}.json", "inbox/requests/c{}.csv", "inbox/pem/d{}.pem", "ledger/e{}.txt")
    texts = {name: make(WORDS, DER).encode() for name, make in TEXTS.items()} | {name: text.encode() for name, text in OTHERS.items()}
    files = {folders[n % len(folders)].format(n): text for n, text in enumerate(texts.values())}
    return files | {
        "inbox/pem/server.der": DER,
        "inbox/pem/server.gz": gzip.compress(PEM.encode()),
        "ledger/server.xz": lzma.compress(DER),
        "inbox/exports/lines.xlsx": workbook([["n", "text"], *([str(n), line] for n, line in enumerate(lines(DER)))]),
        "inbox/exports/cell.xlsx": workbook([["n", "text"], ["1", PEM]]),
        "inbox/pem/zipped.pem": archive(PEM.encode()),
    }


def test_every_form_among_the_inputs_is_told_by_its_path_alone(tmp_path: Path) -> None:
    root = without_site(lay_out(tmp_path / "office"))
    first = certledger("-C", root, "run", "--as-of", "2026-11-23")
    assert 1 == first.returncode, first.stderr  # the small office has things to look at
    before = sorted(path.relative_to(root).as_posix() for path in (root / "reports").rglob("*") if path.is_file())
    for path, content in forms().items():
        (root / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "data" / path).write_bytes(content)
    done = in_a_process("-C", root, "run", "--as-of", "2026-11-23")
    assert 3 == done.returncode
    assert [] == [path for path in forms() if f"data/{path}" not in done.stderr]
    assert [] == [line for line in done.stderr.splitlines() if "data/" in line and "private key" not in line]
    assert [] == told(done.stdout + done.stderr)
    assert before == sorted(path.relative_to(root).as_posix() for path in (root / "reports").rglob("*") if path.is_file())
    assert [] == [path for path in before if told((root / path).read_bytes().decode("latin-1"))]


def test_rows_of_a_file_in_which_a_key_was_put_later_are_not_shown(tmp_path: Path) -> None:
    root = without_site(lay_out(tmp_path / "office"))
    assert 1 == certledger("-C", root, "run", "--as-of", "2026-11-23").returncode
    export = root / "data/inbox/exports/registry-2026-11-20.csv"
    header, *rows = export.read_text(encoding="utf-8").splitlines()
    with_key = [row + line for row, line in zip(rows, lines(DER) * 9, strict=False)]
    export.write_text("\n".join([header, *with_key]) + "\n", encoding="utf-8")
    for row in (2, 3, 4):
        shown = certledger("-C", root, "explain", f"inbox/exports/registry-2026-11-20.csv:{row}")
        assert "changed since this run" in shown.stdout
        assert [] == told(shown.stdout + shown.stderr)
    by_text = in_a_process("-C", root, "explain", rows[0].split(",")[0] + lines(DER)[0])
    assert [] == told((by_text.stdout + by_text.stderr).replace(lines(DER)[0], ""))


def test_no_form_comes_past_the_last_look(office: Office) -> None:
    books = office[2]
    for form in ("PEM", "a row a line without armour", "hexadecimal", "a secret of Kubernetes", "a value of JSON"):
        with_key = books.certificates.assign(server_software=TEXTS[form](WORDS, DER))
        with pytest.raises(KeyFoundError) as found:
            publish(office, replace(books, certificates=with_key))
        assert "tables/certificates.csv, tables/certificates.parquet" in str(found.value)
        assert [] == told(str(found.value))
        assert nothing_is_there(office)


@pytest.mark.parametrize("name", ["page.html", "letter.eml", "table.csv", "book.xlsx", "rows.parquet"])
def test_the_last_look_reads_every_kind_of_file_that_is_published(tmp_path: Path, name: str) -> None:
    row = {"file": "a.csv", "row": 1, "cells": PEM}
    write = {
        "page.html": lambda path: path.write_text(f"<p>{PEM}</p>"),
        "letter.eml": lambda path: path.write_text(TEXTS["quoted-printable, blanks and dashes too"](WORDS, DER)),
        "table.csv": lambda path: path.write_text(TEXTS["a row a line without armour"](WORDS, DER)),
        "book.xlsx": lambda path: path.write_bytes(workbook([["text"], *([line] for line in lines(DER))])),
        "rows.parquet": lambda path: tables.write_parquet(SOURCE_ROWS, SOURCE_ROWS.frame([row]), path),
    }
    write[name](tmp_path / name)
    with pytest.raises(KeyFoundError, match=name):
        key_guard.no_private_key(tmp_path)


def test_each_of_the_copies_that_hold_a_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    hashes = {}
    for name, text in (("a.csv", PEM), ("b.csv", "all is well"), ("downloads/a.csv", PEM), ("downloads/b.csv", "all is well")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        hashes[name] = sha256(text.encode()).hexdigest()
    with pytest.raises(KeyFoundError, match=r"in a\.csv, downloads/a\.csv\. "):
        key_guard.no_private_key(tmp_path, hashes)


@pytest.mark.parametrize("form", ["PEM", "a row a line without armour"])
def test_processes_find_what_the_loop_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.csv").write_text(TEXTS[form](WORDS, DER) if number in (1, 10) else "all is well\n" * number)
    monkeypatch.setattr(key_guard, "_IN_A_CHUNK", 100)
    for engine in (Local(1), Local(2, above=0)):
        with pytest.raises(KeyFoundError, match=r"in 01\.csv, 10\.csv\. "):
            key_guard.no_private_key(tmp_path, engine=engine)
        key_guard.no_private_key(tmp_path / "none", engine=engine)


def test_a_last_look_that_was_ended_lets_nothing_pass(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("all is well")
    with pytest.raises(OSError, match="was ended"):
        key_guard.no_private_key(tmp_path, engine=EndedLooks())


class EndedLooks:
    """An engine whose processes are ended with each item."""

    def map_chunks(self, function: Function, chunks: Sequence[Chunk], schema: pa.Schema) -> Iterator[Outcome]:
        yield from (ChunkError() for _ in chunks)


def test_the_last_look_passes_over_a_workbook_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "notes.xlsx").write_bytes(archive(b"x")[:-30])
    key_guard.no_private_key(tmp_path)
