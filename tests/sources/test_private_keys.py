"""A private key among the inputs stops the run, wherever it lies below data/ and however it is wrapped; no byte of it is told."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import random
import re
import tarfile
import textwrap
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pipeline.sources import inbox
from pipeline.sources.limits import MIB
from tests import issued
from tests.sources.offices import CERTIFICATES, Office, certificate, certificates
from tests.sources.test_workbooks import repacked, workbook

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
DER = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
BODY = base64.b64encode(DER).decode()
SECRET = BODY[:40]
EXPORT = certificates(certificate(common_name=PEM))
BOOK = workbook(("S", [list(CERTIFICATES), certificate(common_name=PEM)]))


def archive(content: str | bytes, name: str = "k.txt") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return buffer.getvalue()


def tar(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        for name, content in members:
            listed = tarfile.TarInfo(name)
            listed.size = len(content)
            packed.addfile(listed, io.BytesIO(content))
    return buffer.getvalue()


def mail(content: bytes, name: str = "key.pem", kind: str = "octet-stream") -> bytes:
    """A mail with an attachment."""
    made = EmailMessage()
    made["Subject"] = "The new certificate"
    made.set_content("Dear colleagues,\nhere it is.")
    made.add_attachment(content, maintype="application", subtype=kind, filename=name)
    return made.as_bytes()


def letter(transfer: str) -> bytes:
    """A mail with the key in its text."""
    made = EmailMessage()
    made.set_content(f"Dear colleagues, \u00e9tienne's key:\n\n{PEM}\nYours\n", cte=transfer)
    return made.as_bytes()


def split(parts: dict[str, bytes]) -> None:
    """The key's first words as two runs of a rich text."""
    name = next(name for name, part in parts.items() if b"PRIVATE KEY" in part)
    part = re.sub(rb"<t[^>]*>-----BEGIN PRIVATE KEY-----", b"<r><t>-----BEGIN PRIV</t></r><r><t>ATE KEY-----", parts[name])
    parts[name] = re.sub(rb"-----END PRIVATE KEY-----\s*</t>", b"</t></r>", part).replace(b"MIGH", b"</t></r><r><t>MIG</t></r><r><t>H")
    assert b"PRIVATE KEY" not in parts[name]


def entities(parts: dict[str, bytes]) -> None:
    for name in parts:
        parts[name] = parts[name].replace(b"PRIVATE KEY-----", b"PRIVATE&#32;KEY-----").replace(b"MIGH", b"&#77;IGH")


def hidden_sheet(parts: dict[str, bytes]) -> None:
    entities(parts)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b'name="K" sheetId="2" state="visible"', b'name="K" sheetId="2" state="hidden"'
    )
    assert b"hidden" in parts["xl/workbook.xml"]


def sheet(rows: list[list[object]]) -> bytes:
    return workbook(("S", [list(CERTIFICATES), certificate(), *rows]))


LINES = textwrap.wrap(BODY, 64)
LAID = {
    "a key file": ("inbox/pem/server.key", PEM),
    "among exports": ("inbox/exports/server.key", PEM),
    "in the inbox itself": ("inbox/server.key", PEM),
    "in a folder nobody knows": ("inbox/keys/a/server.key", PEM),
    "in data itself": ("server.key", PEM),
    "in another folder of data": ("keys/server.key", PEM),
    "in the ledger": ("ledger/server.key", PEM),
    "among the reference files": ("reference/x.txt", PEM),
    "in a list": ("entries/notes.csv", f'on,until,measure,agency,text,by\n2026-10-01,,,,"{PEM}",me\n'),
    "a README": ("inbox/pem/README.md", PEM),
    "a hidden file": ("inbox/pem/.server.key", PEM),
    "in a hidden folder": ("inbox/pem/.old/server.key", PEM),
    "Office's lock file": ("inbox/exports/~$server.key", PEM),
    "a cell": ("inbox/exports/x.csv", EXPORT),
    "a cell of UTF-16": ("inbox/exports/x.csv", EXPORT.encode("utf-16")),
    "a cell of UTF-32": ("inbox/exports/x.csv", EXPORT.encode("utf-32")),
    "two blanks": ("inbox/exports/x.csv", EXPORT.replace("PRIVATE KEY", "PRIVATE  KEY")),
    "four dashes": ("inbox/exports/x.csv", EXPORT.replace("-----", "----")),
    "no dashes": ("inbox/exports/x.csv", EXPORT.replace("-----", "")),
    "a quote in the armour": ("inbox/exports/x.csv", EXPORT.replace("KEY-----\n", 'KEY""-----\n')),
    "line ends as letters": ("inbox/exports/x.csv", certificates(certificate(common_name=PEM.replace("\n", "\\n")))),
    "the body alone": ("inbox/exports/x.csv", certificates(certificate(common_name=BODY))),
    "a row a line": ("inbox/exports/x.csv", EXPORT.partition("\n")[0] + "\n" + PEM),
    "a cell of a workbook": ("inbox/exports/x.xlsx", BOOK),
    "a cell with entities": ("inbox/exports/x.xlsx", repacked(BOOK, entities)),
    "a cell in two runs": ("inbox/exports/x.xlsx", repacked(BOOK, split)),
    "a sheet that is hidden": (
        "inbox/exports/x.xlsx",
        repacked(workbook(("S", [list(CERTIFICATES), certificate()]), ("K", [[PEM]])), hidden_sheet),
    ),
    "a workbook nobody reads": ("reference/other.xlsx", BOOK),
    "a workbook among certificates": ("inbox/pem/x.xlsx", BOOK),
    "an archive": ("inbox/pem/keys.zip", archive(PEM)),
    "an archive in an archive": ("ledger/keys.zip", archive(archive(PEM), "inner.zip")),
    "gzip": ("inbox/pem/server.pem.gz", gzip.compress(PEM.encode())),
    "gzip of two members": ("inbox/pem/server.pem.gz", gzip.compress(b"x\n" * 900) + gzip.compress(PEM.encode())),
    "gzip, its end cut off": ("inbox/pem/server.pem.gz", gzip.compress(PEM.encode() + random.Random(1).randbytes(90_000))[:-2_000]),
    "bzip2": ("ledger/server.pem.bz2", bz2.compress(PEM.encode())),
    "xz": ("ledger/server.pem.xz", lzma.compress(DER)),
    "tar": ("ledger/keys.tar", tar(("a/readme", b"x"), ("a/server.key", PEM.encode()))),
    "tar and gzip": ("ledger/keys.tgz", gzip.compress(tar(("a/readme", b"x"), ("a/server.key", PEM.encode())))),
    "tar and xz": ("ledger/keys.tar.xz", lzma.compress(tar(("server.der", DER)))),
    "gzip inside tar": ("ledger/keys.tar", tar(("readme", b"x"), ("server.pem.gz", gzip.compress(PEM.encode())))),
    "a workbook in tar and gzip": ("ledger/books.tgz", gzip.compress(tar(("readme", b"x"), ("book.xlsx", BOOK)))),
    "gzip inside zip": ("ledger/keys.zip", archive(gzip.compress(PEM.encode()), "k.gz")),
    "an attachment": ("inbox/requests/mail.eml", mail(PEM.encode())),
    "an attachment in DER": ("inbox/requests/mail.eml", mail(DER)),
    "an attachment in UTF-16": ("inbox/requests/mail.eml", mail(PEM.encode("utf-16"))),
    "an archive attached": ("inbox/requests/mail.eml", mail(archive(PEM), "key.zip", "zip")),
    "a mail attached to a mail": ("inbox/requests/mail.eml", mail(mail(archive(PEM), "key.zip", "zip"), "fwd.eml")),
    "a mailbox": ("ledger/mails.mbox", b"From a\n" + mail(b"x") + b"\nFrom b\n" + mail(gzip.compress(PEM.encode()))),
    "a letter in base64": ("inbox/requests/mail.txt", letter("base64")),
    "a letter in quoted-printable": ("inbox/requests/mail.txt", letter("quoted-printable")),
    "a letter as it is": ("inbox/requests/mail.txt", letter("8bit")),
    "a row of a workbook for each line": ("inbox/exports/x.xlsx", sheet([[n, line] for n, line in enumerate(PEM.splitlines())])),
    "a row of a workbook for each line of the body": ("inbox/exports/x.xlsx", sheet([[n, "x", line] for n, line in enumerate(LINES)])),
    "a cell of a workbook for each line": ("inbox/exports/x.xlsx", sheet([[1, *LINES]])),
    "hexadecimal in a workbook": ("inbox/exports/x.xlsx", sheet([["a", DER.hex(":").upper()]])),
    "a record of JSON for each line": ("inbox/exports/x.json", json.dumps([{"order_id": n, "text": line} for n, line in enumerate(LINES)])),
    "hexadecimal in a cell": ("inbox/exports/x.csv", certificates(certificate(common_name=DER.hex()))),
    "UTF-32 PEM": ("inbox/pem/server.pem", PEM.encode("utf-32-be")),
    "lower case": ("inbox/pem/server.pem", PEM.replace("BEGIN PRIVATE KEY", "begin private key")),
    "DER": ("inbox/pem/server.der", DER),
    "DER behind a line end": ("inbox/pem/server.der", b"\n" + DER),
    "DER behind a certificate": ("inbox/pem/server.der", issued.certificate(serial=1).public_bytes(Encoding.DER) + DER),
    "called a certificate": ("inbox/pem/server.pem", PEM.replace("PRIVATE KEY", "CERTIFICATE")),
    "bare base64": ("inbox/pem/server.pem", base64.encodebytes(DER)),
    "bare base64 of UTF-16": ("inbox/pem/server.pem", base64.encodebytes(DER).decode().encode("utf-16")),
    "bare base64 of UTF-32": ("inbox/pem/server.pem", base64.encodebytes(DER).decode().encode("utf-32-le")),
}


@pytest.mark.parametrize("where", LAID)
def test_a_private_key_stops_the_run_and_is_not_told(office: Office, where: str) -> None:
    path, content = LAID[where]
    office.put(path, content)
    with pytest.raises(inbox.InputRefused) as refused:
        office.read()
    stopped = [finding for finding in refused.value.findings if finding.action == "stopped"]
    assert [("private-key", path, "")] == [(finding.code, finding.file, finding.value) for finding in stopped]
    assert f"data/{path}" in str(refused.value)
    assert SECRET not in repr(refused.value.findings) + str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-7", "cp037"])
def test_a_key_is_seen_in_the_encoding_that_the_settings_name(office: Office, encoding: str) -> None:
    office.put("inbox/exports/x.csv", EXPORT.encode(encoding))
    assert "private-key" == office.refusal(source=[{"files": "exports/*", "encoding": encoding, "required": False}]).code


def test_a_key_stops_the_run_also_in_a_file_that_is_not_required(office: Office) -> None:
    office.put("inbox/exports/x.csv", EXPORT)
    assert "private-key" == office.refusal(source=[{"files": "exports/*", "required": False}]).code


def request_of(key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    return x509.CertificateSigningRequestBuilder().subject_name(issued.ISSUER).sign(key, hashes.SHA256())


HARMLESS: dict[str, Callable[[], str]] = {
    "a request in base64": lambda: base64.b64encode(request_of(KEY).public_bytes(Encoding.DER)).decode(),
    "a request in PEM": lambda: request_of(KEY).public_bytes(Encoding.PEM).decode(),
    "a certificate in base64": lambda: base64.b64encode(issued.certificate(serial=1).public_bytes(Encoding.DER)).decode(),
    "words": lambda: "The private key was lost; how do I begin? PRIVATE KEY",
    "the name of a product": lambda: "Private SSL",
}


@pytest.mark.parametrize("what", HARMLESS)
def test_requests_certificates_and_words_are_no_keys(office: Office, what: str) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(common_name=HARMLESS[what]())))
    office.put("inbox/exports/README.md", HARMLESS[what]())
    assert 1 == len(office.read().export_rows)


def test_a_damaged_archive_among_certificates_is_only_told_of(office: Office) -> None:
    office.put("inbox/pem/a.zip", archive("x" * 5000)[:-30])
    assert ["no-certificate"] == [finding.code for finding in office.read().findings]


PUBLIC = issued.pem(issued.certificate(serial=1))
OPENED: dict[str, tuple[str, bytes]] = {
    "gzip": ("ledger/certificates.gz", gzip.compress(PUBLIC)),
    "tar and xz": ("ledger/certificates.tar.xz", lzma.compress(tar(("a.pem", PUBLIC), ("b.gz", gzip.compress(PUBLIC))))),
    "a mail": ("ledger/mail.eml", mail(PUBLIC)),
    "gzip that is none": ("ledger/x.gz", b"\x1f\x8b\x08" + bytes(60)),
    "bzip2 that is none": ("ledger/x.bz2", b"BZh9" + bytes(60)),
    "xz that is none": ("ledger/x.xz", b"\xfd7zXZ\x00" + bytes(60)),
    "tar that is none": ("ledger/x.tar", b"\xff" * 257 + b"ustar" + b"\xff" * 600),
    "a mail without bodies": ("ledger/x.eml", b"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: quoted-printable\n\n=\n=Z"),
}


@pytest.mark.parametrize("what", OPENED)
def test_archives_without_keys_and_what_only_looks_like_one_say_nothing(office: Office, what: str) -> None:
    path, content = OPENED[what]
    office.put(path, content)
    assert [] == [finding for finding in office.read().findings if finding.file == path]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, partial(lzma.compress, preset=0)], ids=["gzip", "bzip2", "xz"])
def test_what_unpacks_to_more_than_is_looked_through_is_told(office: Office, pack: Callable[[bytes], bytes]) -> None:
    office.put("ledger/zeros", pack(bytes(70 * MIB)))
    (found,) = [finding for finding in office.read().findings if finding.file == "ledger/zeros"]
    assert "file-too-large" == found.code
    assert "Nobody could look whether it holds a private key." in found.reason


def test_archives_in_archives_share_one_room(office: Office) -> None:
    """Sixteen times 60 MiB, none of which would be too large alone."""
    zeros = gzip.compress(bytes(60 * MIB))
    office.put("ledger/zeros.tar", tar(*((f"{n}.gz", zeros) for n in range(16))))
    assert "file-too-large" in [finding.code for finding in office.read().findings if finding.file == "ledger/zeros.tar"]


@pytest.mark.parametrize("rows_before", [0, 3, 40_000])
@pytest.mark.parametrize("wrapped", [PEM, BODY, f'"{PEM}"'])
def test_a_key_in_a_text_is_told_with_the_line_that_it_begins_near(office: Office, rows_before: int, wrapped: str) -> None:
    """The line on which it begins, or the next: armour alone is no key."""
    rows = "".join(f"{number},www{number}.example.gov,a remark of an ordinary length\n" for number in range(rows_before))
    office.put("inbox/exports/notes.csv", f"a,b,c\n{rows}x,{wrapped},z\n")
    found = office.refusal()
    line = int(re.search(r"near line ([\d,]+);", found.reason)[1].replace(",", ""))  # type: ignore[index]
    assert line - (rows_before + 2) in (0, 1)
    assert SECRET not in found.reason


def test_of_a_key_that_is_packed_into_a_file_no_line_is_told(office: Office) -> None:
    office.put("inbox/exports/book.xlsx", BOOK)
    assert "The file holds a private key; nothing of it was read or published." == office.refusal().reason
