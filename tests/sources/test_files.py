"""Files as files: what is opened, what is left alone, what stops a run, and how a row is found again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from pipeline.contracts import Inbox
from pipeline.settings import Settings
from pipeline.sources import inbox, literal, raw_files
from pipeline.sources.raw_files import Refused
from tests import issued
from tests.sources.offices import AS_OF, CERTIFICATES, Office, certificate, certificates, codes, counts
from tests.sources.test_workbooks import workbook

REQUEST = x509.CertificateSigningRequestBuilder().subject_name(issued.ISSUER).sign(issued.EC_KEY, hashes.SHA256())
BROKEN = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def cells_at(office: Office, read: Inbox) -> list[dict[str, str]]:
    places = zip(read.places["file"], read.places["sheet"], read.places["row"].tolist(), strict=True)
    return [row.cells for row in literal.at(office.root, Settings(), places)]


def test_the_empty_inbox_is_read(tmp_path: Path) -> None:
    read = Office(tmp_path).read()
    assert [] == codes(read)
    assert 0 == len(read.places)


def test_files_are_hashed_counted_and_listed_in_order(office: Office) -> None:
    content = certificates(certificate())
    office.put("inbox/exports/b/2026-10.csv", content)
    office.put("inbox/exports/B.csv", certificates(certificate(serial_number="02")))
    read = office.read()
    assert ["inbox/exports/B.csv", "inbox/exports/b/2026-10.csv"] == read.places["file"].tolist()
    row = read.inputs.set_index("file").loc["inbox/exports/b/2026-10.csv"]
    assert (hashlib.sha256(content.encode()).hexdigest(), len(content), "certificates", "certificates") == (
        row["sha256"], row["bytes"], row["kind"], row["layout"],
    )  # fmt: skip
    assert ("2026-10-31", "2026-10-01") == (str(row["taken_on"].date()), str(row["newest_on"].date()))


def test_a_pipe_and_a_link_are_refused_without_being_opened(office: Office) -> None:
    target = office.put("elsewhere.csv", certificates(certificate()))
    folder = office.root / "data" / "inbox" / "exports"
    folder.mkdir(parents=True)
    (folder / "link.csv").symlink_to(target)
    os.mkfifo(folder / "pipe.csv")
    with pytest.raises(inbox.InputRefused) as refused:
        office.read()
    assert [("not-a-regular-file", "inbox/exports/link.csv"), ("not-a-regular-file", "inbox/exports/pipe.csv")] == [
        (finding.code, finding.file) for finding in refused.value.findings
    ]


def test_a_link_among_certificates_costs_only_itself(office: Office) -> None:
    folder = office.root / "data" / "inbox" / "pem"
    folder.mkdir(parents=True)
    (folder / "all").symlink_to("/")
    read = office.read()
    assert [("not-a-regular-file", "quarantined")] == [(finding.code, finding.action) for finding in read.findings]


def test_all_refused_files_are_named_at_once(office: Office) -> None:
    office.put("inbox/exports/a.csv", "")
    office.put("inbox/lots/b.csv", "nonsense\n1\n")
    office.put("inbox/outages/c.csv", "service\x00\n")
    with pytest.raises(inbox.InputRefused) as refused:
        office.read()
    assert 3 == len(refused.value.findings)
    assert "data/inbox/exports/a.csv [empty-file]: The file holds nothing." in str(refused.value)


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "x.csv").write_bytes(b"12345")
    (listed,) = raw_files.listing(tmp_path, "inbox")
    assert b"12345" == raw_files.read(listed, 5).data
    with pytest.raises(Refused, match=r"has 5 bytes; the limit is 4"):
        raw_files.read(listed, 4)


def test_a_name_that_cannot_be_printed_is_shown_in_ascii(office: Office) -> None:
    folder = office.root / "data" / "inbox" / "exports"
    folder.mkdir(parents=True)
    (folder / os.fsdecode(b"caf\xe9\n.csv")).write_text(certificates(certificate()))
    read = office.read()
    assert ["inbox/exports/caf\\xe9\\x0a.csv"] == read.places["file"].tolist()
    assert "0A1B" == cells_at(office, read)[0]["serial_number"]


def test_a_row_is_found_again_as_it_stands(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(), certificate(serial_number="0x00:FF", revocation_reason="two\nlines")))
    office.put("inbox/exports/y.xlsx", workbook(("S", [list(CERTIFICATES), certificate(serial_number="0B")])))
    read = office.read()
    rows = cells_at(office, read)
    assert ["0A1B", "0x00:FF", "0B"] == [row["serial_number"] for row in rows]
    assert "two\nlines" == rows[1]["revocation_reason"]


def test_a_row_that_is_gone_is_empty(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate()))
    read = office.read()
    office.put("inbox/exports/x.csv", certificates())
    assert [{}] == cells_at(office, read)
    (office.root / "data/inbox/exports/x.csv").unlink()
    assert [{}] == cells_at(office, read)


def test_a_row_is_found_by_any_cell(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(), certificate(order_id="A-77", status="pending"), ["one", "cell"]))
    assert [("inbox/exports/x.csv", "", 3)] == [row.place for row in literal.naming(office.root, Settings(), " a-77 ")]
    assert [("inbox/exports/x.csv", "", 4)] == [row.place for row in literal.naming(office.root, Settings(), "cell")]
    assert [] == literal.naming(office.root, Settings(), "A-7")
    assert [] == literal.naming(office.root, Settings(), " ")


def test_certificate_files_count_their_blocks(office: Office) -> None:
    one, two = issued.certificate(serial=1), issued.certificate(serial=2)
    office.put("inbox/pem/a/mixed.txt", issued.pem(one) + BROKEN + issued.pem(REQUEST) + issued.pem(two))
    office.put("inbox/pem/nothing.pem", "only words")
    read = office.read()
    assert (4, 3, 1) == counts(read, "inbox/pem/a/mixed.txt")
    assert ["ok", "failed", "ok"] == read.certificate_blocks["parse_status"].tolist()
    assert [1, 2, 4] == read.places["row"].tolist()
    expected = [("unreadable-certificate", 2, "kept"), ("not-a-certificate", 3, "quarantined"), ("no-certificate", 0, "kept")]
    assert expected == [(finding.code, finding.row, finding.action) for finding in read.findings]
    assert {"block": "4", "label": "CERTIFICATE"} == cells_at(office, read)[2]


def test_two_readings_are_the_same(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(), certificate(agency="X"), certificate(serial_number="3")))
    one, two = office.read(), office.read()
    assert one.findings == two.findings
    assert one.export_rows.equals(two.export_rows)
    assert one.inputs.equals(two.inputs)
    assert (one.inputs["newest_on"].dropna().dt.date <= AS_OF).all()
