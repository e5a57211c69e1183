"""Least data: nothing that anybody wrote into a column of an input stands in the public site, nor in the ZIP of another agency.

A canary, a word of its own, is planted into every column of every layout that is read, as it is, as a mail address and as a host name, and
in a certificate file; in most rows in a cell that is wrong, for findings quote such cells. What the internal edition shows proves that the
canaries were read.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import count
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline import changes, flow
from pipeline.contracts import Books, Compared
from pipeline.publish import site, staging
from pipeline.publish.public_books import public_books
from pipeline.publish.stamp import RunStamp
from pipeline.sources import layouts_certificates, layouts_inventory, layouts_requests, layouts_service, reference, settings_file, workspace
from pipeline.sources.layouts import Layout
from tests.conftest import ROOT
from tests.sources.exports import BPI, CASES, CERTBOT, REMEDY, RITM, TEMPLATE, acm, crtsh
from tests.sources.test_layouts import CERTUTIL, DIGICERT, JIRA, SERVICENOW

# Who a canary belongs to: an agency (a, b, c), nobody that is known (n), the office as a whole (o), or everybody (p): the names of services
# whose availability is told and the list of server software are written to be published.
CANARY = re.compile(r"canary([abcnop])(\d+)x", re.IGNORECASE)
AS_OF = dt.date(2026, 11, 23)
FORMS = ("{}", "{}@example.gov", "{}.example.gov")
NAMES = {"a": "AGA", "b": "AGB"}
# Vendors' labels of numbers and agencies, beside our own names of them.
KEYS = (
    "order_id", "serial_number", "request_id", "lot_id", "Serial Number", "number", "Issue key", "Incident ID*+\t", "case", "caseid", "id",
    "CertificateArn",
)  # fmt: skip
AGENCIES = ("agency", "container_name", "u_department", "Custom field (Department)", "container.name")
NUMBER = count(1)


def canary(owner: str) -> str:
    return f"canary{owner}{next(NUMBER)}x"


def key(label: str) -> str:
    number = next(NUMBER)
    return f"{number:08x}" if "serial" in label.lower() else f"{number}"


def planted(layout: Layout, header: Sequence[str], usual: Mapping[str, str]) -> Iterator[list[str]]:
    """A row or more a column: the usual cells, numbers of its own, and a canary in this one. Agencies take turns."""
    read = labels_of(layout)
    for place, label in enumerate(header):
        for form in FORMS if label in read else FORMS[:1]:
            owner = "o" if layout.name in OF_THE_OFFICE else next(TURNS)
            cells = [key(name) if name in KEYS else NAMES[owner] if name in AGENCIES else usual.get(name, "") for name in header]
            cells[place] = form.format(canary("p" if label == "service" else "n" if label in AGENCIES else owner))
            yield cells


TURNS = iter("ab" * 10_000)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def first_row(layout: str, header: Sequence[str]) -> dict[str, str]:
    rows = list(csv.reader(io.StringIO(CASES[layout].whole)))
    return dict(zip(header, rows[1], strict=False))


def labels_of(layout: Layout) -> list[str]:
    return [label for labels in layout.columns.values() for label in labels]


LAYOUTS = {
    layout.name: layout
    for module in (layouts_certificates, layouts_inventory, layouts_requests, layouts_service)
    for layout in module.LAYOUTS
}
USUAL = {
    "certificates": {
        "issued_on": "2026-10-05", "valid_from": "2026-10-05", "valid_to": "2027-05-20", "tier": "standard", "status": "issued",
        "common_name": "www.example.gov",
    },
    "requests": {"kind": "new", "tier": "standard", "submitted_at": "2026-10-01T09:00:00Z", "status": "open"},
    "pauses": {"paused_at": "2026-10-01T09:00", "resumed_at": "2026-10-02T09:00"},
    "lots": {"tier": "standard", "purchased_on": "2026-07-01", "quantity": "9", "total_cost": "900.00"},
    "outages": {"service": "portal", "began_at": "2026-10-03T01:00", "ended_at": "2026-10-03T02:00", "kind": "full"},
}  # fmt: skip
OURS = {
    "exports/registry-2026-11-20.csv": layouts_certificates.CERTIFICATES,
    "requests/requests.csv": layouts_requests.REQUESTS,
    "requests/pauses.csv": layouts_service.PAUSES,
    "lots/lots.csv": layouts_service.LOTS,
    "outages/outages.csv": layouts_service.OUTAGES,
}
OF_THE_OFFICE = ("lots", "outages")
VENDORS: dict[str, tuple[str, Sequence[str]]] = {
    "exports/orders-2026-11-20.csv": ("digicert-order-report", DIGICERT),
    "exports/template-2026-11-20.csv": ("servicenow-certificates", TEMPLATE),
    "exports/adcs-2026-11-20.csv": ("adcs-certutil", next(csv.reader([CERTUTIL.splitlines()[0]]))),
    "requests/incidents.csv": ("servicenow-incident", SERVICENOW),
    "requests/items.csv": ("servicenow-ritm", RITM),
    "requests/jira.csv": ("jira", JIRA),
    "requests/remedy.csv": ("remedy-itsm", REMEDY),
    "requests/events.csv": ("event-log", ("case", "activity", "timestamp", "kind", "agency", "tier", "order_id")),
    "requests/bpi.csv": ("event-log-bpi", BPI),
}
# Our lists: a row each in which every free cell is a canary; `@` is one that is a mail address, `.` one that is a host name.
LISTS = {
    "reference/closed_days": ["2026-12-25,?,?,?"],
    "reference/extra_closures": ["2026-11-27,,12:00,?"],
    "reference/server_software": ["?,?,?,?"],
    "entries/aliases": ["agency,name,?,AGA,,,?,2026-11-01", "agency,name,?,?,,,?,2026-11-01"],
    "entries/corrections": ["1001,contact_email,@,?,?,2026-11-01", "?,agency,AGA,?,?,2026-11-01"],
    "entries/accepted": ["bad-date,?,?,2027-01-01,?,?"],
    "entries/hosts": [".,retired,2026-11-01,?,?"],
    "entries/adjustments": ["?,AGA,1001,,waiver,-1.00,?,?,2026-11-02,?", "?,AGA,?,?,waiver,-1.00,?,?,2026-11-02,?"],
    "entries/accounts": ["4001,?,?,?,?,?,?,2026-01-01,"],
    "entries/estimates": ["AGA,2027,100.00,?"],
    "entries/costs": ["2026,standard,staff,10.00,?"],
    "entries/recovery_openings": ["standard,2026,10.00"],
    "entries/lot_openings": ["?,3"],
    "entries/notes": ["2026-11-02,,?,,?,?", "2026-11-02,,availability,AGA,?,?"],
}
SETTINGS = """
[organization]
name = "Office"
sample = true
[run]
as_of = 2026-11-23
[[rate]]
tier = "standard"
amount = 221.19
since = 2025-07-01
[charges]
begin = 2026-07-01
[quality]
warn_quarantined = 1
stop_quarantined = 1
"""


def filled(line: str, owner: str) -> str:
    """The line with a canary in each free cell."""
    cells = {"?": "{}", "@": "{}@example.gov", ".": "{}.example.gov"}
    return ",".join(cells[cell].format(canary(owner)) if cell in cells else cell for cell in line.split(","))


def lists() -> Iterator[tuple[str, str]]:
    """The office's lists, and the agencies: three, each with canaries of its own in every cell."""
    headers = {f"{layout.kind}/{layout.name}": labels_of(layout) for layout, _ in reference._LISTS}
    for place, lines in LISTS.items():
        owner = {"entries/adjustments": "a", "entries/estimates": "a", "reference/server_software": "p"}.get(place, "o")
        yield f"{place}.csv", "\n".join([",".join(headers[place]), *(filled(line, owner) for line in lines), ""])
    rows = []
    for owner, code in (*NAMES.items(), ("c", "CANARYC0X")):
        account = "4001" if owner == "a" else canary(owner)
        rows.append(f"{code},{filled('?,?', owner)},{account},{filled('@,@', owner)},,,")
    yield "reference/agencies.csv", "\n".join([",".join(headers["reference/agencies"]), *rows, ""])


def json_files() -> Iterator[tuple[str, str]]:
    def entries(usual: Mapping[str, object], name: str) -> list[dict[str, object]]:
        return [{**usual, name: key(name), field: form.format(canary("n"))} for field in usual for form in FORMS]

    yield "exports/acm.json", json.dumps({"CertificateSummaryList": entries(acm(), "CertificateArn")})
    yield "exports/crtsh.json", json.dumps(entries(crtsh(), "serial_number"))
    order = {
        "id": 1, "certificate": {"common_name": f"{canary('a')}.example.gov", "dns_names": [f"{canary('a')}.example.gov"],
        "valid_till": "2027-08-19"}, "status": "issued", "date_created": "2026-08-19T18:16:07+00:00",
        "container": {"id": 5, "name": "AGA"}, "product": {"name_id": "standard", "name": canary("a")},
        "note": canary("a"), "contact": {"email": f"{canary('a')}@example.gov"},
    }  # fmt: skip
    strangers = {**order, "id": 2, "container": {"id": 6, "name": canary("n")}, "product": {"name_id": canary("n"), "name": canary("n")}}
    yield "exports/orders.json", json.dumps({"orders": [order, strangers]})
    yield "exports/certbot.txt", CERTBOT.replace("example.gov", f"{canary('n')}.example.gov").replace("ECDSA", canary("n"))


def certificate_file() -> bytes:
    """A certificate whose every name, and whose authority, is a canary."""

    def name(owner: str) -> x509.Name:
        kinds = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.LOCALITY_NAME, NameOID.EMAIL_ADDRESS, NameOID.SERIAL_NUMBER)
        return x509.Name([x509.NameAttribute(kind, f"{canary(owner)}.example.gov") for kind in kinds])

    private = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(f"{canary('n')}.example.gov"), x509.RFC822Name(f"{canary('n')}@example.gov"),
             x509.UniformResourceIdentifier(f"https://{canary('n')}.example.gov/{canary('n')}")]  # fmt: skip
    made = (
        x509.CertificateBuilder().subject_name(name("n")).issuer_name(name("n")).public_key(private.public_key())
        .serial_number(7).not_valid_before(dt.datetime(2026, 10, 1)).not_valid_after(dt.datetime(2026, 12, 1))  # noqa: DTZ001
        .add_extension(x509.SubjectAlternativeName(names), critical=False).sign(private, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM)


def inputs() -> Iterator[tuple[str, str]]:
    for path, layout in OURS.items():
        yield f"inbox/{path}", table(labels_of(layout), planted(layout, labels_of(layout), USUAL[layout.name]))
    for path, (name, header) in VENDORS.items():
        yield f"inbox/{path}", table(header, planted(LAYOUTS[name], header, first_row(name, header)))
    yield from ((f"inbox/{path}", text) for path, text in json_files())
    yield from lists()


@dataclass(frozen=True)
class Published:
    """A run of the planted workspace: its books and its folder."""

    books: Books
    folder: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Published:
    root = tmp_path_factory.mktemp("least") / "office"
    for part in ("site", "templates"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    for path, text in (*inputs(), ("../certledger.toml", SETTINGS)):
        target = root / "data" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (root / "data/inbox/pem").mkdir(parents=True)
    (root / f"data/inbox/pem/{canary('n')}.pem").write_bytes(certificate_file())
    settings = settings_file.read(root / "certledger.toml")
    with staging.lock(root):
        books = flow.prepare(root, settings, AS_OF, lambda text: None)
        stamp = RunStamp.following(None, workspace.fingerprint(root), AS_OF)
        compared = Compared(changes.record(books, stamp.run_id, AS_OF, stamp.version, ""), None)
        return Published(books, flow.publish(root, books, settings, stamp, compared, lambda text: None))


def unpacked(name: str, content: bytes) -> Iterator[bytes]:
    """The bytes of a file, and of what is packed into it."""
    yield content
    if name.endswith(".gz"):
        yield gzip.decompress(content)
    elif name.endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for part in package.namelist():
                yield part.encode()
                yield from unpacked(part, package.read(part))
    elif name.endswith(".parquet"):
        yield repr(pq.read_table(io.BytesIO(content)).to_pydict()).encode()
    elif name.endswith(".sqlite"):
        with sqlite3.connect(":memory:") as database:
            database.deserialize(content)
            yield "\n".join(database.iterdump()).encode()


def canaries(folder: Path) -> set[tuple[str, str]]:
    """Whose canaries stand below `folder`, in names of files too, and in which file."""
    return {
        (owner, path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for content in (path.relative_to(folder).as_posix().encode(), *unpacked(path.name, path.read_bytes()))
        for owner, _ in in_text(content.decode("latin-1"))
    }


def in_text(text: str) -> set[tuple[str, str]]:
    """The canaries in a text: whose each is, and its number."""
    return {(found[1].lower(), found[2]) for found in CANARY.finditer(text)}


def test_every_column_of_every_layout_is_planted() -> None:
    by_hand = {"acm", "crtsh", "certbot", "digicert-order-list"}
    assert by_hand | {layout.name for layout in OURS.values()} | {name for name, _ in VENDORS.values()} == set(LAYOUTS)
    assert sorted(f"{layout.kind}/{layout.name}" for layout, _ in reference._LISTS) == sorted([*LISTS, "reference/agencies"])


def test_the_internal_edition_shows_that_the_canaries_were_read(run: Published) -> None:
    tables = "".join(path.read_text(encoding="utf-8") for path in sorted((run.folder / "tables").glob("*.csv")))
    assert len(in_text(tables)) > 300
    assert set("abcnop") == {owner for owner, _ in in_text(tables)}


def test_no_canary_is_public(run: Published) -> None:
    assert {"p"} == {owner for owner, _ in canaries(run.folder / "site-public")}


def test_of_hand_written_pages_only_those_named_for_it_are_public(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "site", tmp_path / "site")
    for added in ("notes.md", "drafts/prices.md", "reference/staff.md", "reference/entries/who.md", "service/hours.md"):
        (tmp_path / "site" / added).parent.mkdir(exist_ok=True)
        (tmp_path / "site" / added).write_text("# Added by the office\n", encoding="utf-8")
    site.lay_out(tmp_path / "site", tmp_path / "public", "public")
    pages = {path.relative_to(tmp_path / "public").as_posix() for path in (tmp_path / "public").rglob("*.md")}
    of_service = {f"service/{name}.md" for name in ("hours", "index", "reports", "requests", "responsibilities", "tiers")}
    assert {"index.md", "reference/commands.md", *of_service} == pages


def test_the_books_of_the_public_edition_hold_none_either(run: Published) -> None:
    books = public_books(run.books)
    frames = [getattr(owner, one.name) for owner in (books, books.closed) for one in fields(owner)]
    assert {"p"} == {owner for frame in frames if isinstance(frame, pd.DataFrame) for owner, _ in in_text(frame.to_csv())}


def test_the_zip_of_an_agency_tells_nothing_of_another(run: Published) -> None:
    packages = {path.stem.lower(): path for path in (run.folder / "site/downloads/agencies").glob("*.zip")}
    for code, owner in (("aga", "a"), ("agb", "b"), ("canaryc0x", "c")):
        texts = (content.decode("latin-1") for content in unpacked(".zip", packages[code].read_bytes()))
        assert {owner} == {found for text in texts for found, _ in in_text(text)} - set("op")
