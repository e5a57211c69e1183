"""Files as files: what is opened, what is left alone, what stops a run, and how a row is found again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from pipeline.sources import inbox, literal, raw_files
from pipeline.sources.raw_files import Refused
from tests import issued
from tests.sources.offices import AS_OF, CERTIFICATES, Office, certificate, certificates, codes, counts, table
from tests.sources.test_workbooks import workbook

REQUEST = x509.CertificateSigningRequestBuilder().subject_name(issued.ISSUER).sign(issued.EC_KEY, hashes.SHA256())
BROKEN = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


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
    assert "0A1B" == office.shown(office.look_back())[0]["serial_number"]


def test_a_row_is_found_again_as_it_stands(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(), certificate(serial_number="0x00:FF", revocation_reason="two\nlines")))
    office.put("inbox/exports/y.xlsx", workbook(("S", [list(CERTIFICATES), certificate(serial_number="0B")])))
    rows = office.shown(office.look_back())
    assert ["0A1B", "0x00:FF", "0B"] == [row["serial_number"] for row in rows]
    assert "two\nlines" == rows[1]["revocation_reason"]


def test_a_row_is_read_in_the_encoding_and_by_the_delimiter_of_its_file(office: Office) -> None:
    rows = (
        certificate(agency="Müller"),
        certificate(serial_number="0B", revocation_reason='a "quoted"\r\nline\rand one'),
        certificate(serial_number="0C"),
    )
    settings = {"source": [{"files": "exports/latin.csv", "encoding": "cp1252", "delimiter": ";", "header_row": 3}]}
    latin = table(CERTIFICATES, rows, delimiter=";", lineterminator="\r\n")
    office.put("inbox/exports/latin.csv", ("a title\r\n\r\n" + latin).encode("cp1252"))
    office.put("inbox/exports/wide.csv", table(CERTIFICATES, rows).encode("utf-16"))
    office.put("inbox/exports/marked.tsv", b"\xef\xbb\xbf" + table(CERTIFICATES, rows, delimiter="\t", lineterminator="\r").encode())
    shown = office.shown(office.look_back(**settings))
    expected = [dict(zip(CERTIFICATES, row, strict=True)) for row in rows]
    assert expected * 3 == shown


def test_a_row_of_a_workbook_is_shown_as_the_run_read_it_while_the_file_is_the_same(office: Office) -> None:
    place = ("inbox/exports/x.xlsx", "S", 2)
    office.put("inbox/exports/x.xlsx", workbook(("S", [list(CERTIFICATES), certificate(), certificate(serial_number="0B")])))
    run = office.look_back()
    assert "0A1B" == office.shown(run, place)[0]["serial_number"]
    assert [3] == [row.row for row in literal.naming(office.root, run, " 0b ")]
    office.put("inbox/exports/x.xlsx", workbook(("S", [list(CERTIFICATES), certificate(serial_number="0C")])))
    changed = literal.at(office.root, run, [place])[place]
    assert ({}, "the file changed since this run") == (changed.cells, changed.lost)


def test_a_row_of_a_file_that_changed_or_is_gone_is_not_shown(office: Office) -> None:
    place = ("inbox/exports/x.csv", "", 2)
    office.put("inbox/exports/x.csv", certificates(certificate()))
    run = office.look_back()
    office.put("inbox/exports/x.csv", certificates(certificate(serial_number="0B"), certificate()))
    changed = literal.at(office.root, run, [place])[place]
    assert ({}, "the file changed since this run") == (changed.cells, changed.lost)
    assert [] == literal.naming(office.root, run, "0A1B")
    (office.root / "data/inbox/exports/x.csv").unlink()
    gone = literal.at(office.root, run, [place])[place]
    assert ({}, "the file is no longer there") == (gone.cells, gone.lost)


def test_a_row_is_found_by_any_cell(office: Office) -> None:
    many_lines = certificate(order_id="A-77", status="pending", revocation_reason="two\nlines")
    office.put("inbox/exports/x.csv", certificates(certificate(), many_lines, certificate(order_id="9"), ["one", "cell"]))
    run = office.look_back()
    assert [3] == [row.row for row in literal.naming(office.root, run, " a-77 ")]
    assert [3] == [row.row for row in literal.naming(office.root, run, "two\nlines")]
    assert [5] == [row.row for row in literal.naming(office.root, run, "9")]
    assert [6] == [row.row for row in literal.naming(office.root, run, "cell")]
    assert [] == literal.naming(office.root, run, "A-7")
    assert [] == literal.naming(office.root, run, " ")


def test_a_file_whose_name_cannot_be_printed_is_found_again(office: Office) -> None:
    office.put("inbox/exports/a\u202eb.csv", certificates(certificate()))
    assert ["0A1B"] == [cells["serial_number"] for cells in office.shown(office.look_back())]


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
@pytest.mark.parametrize("label", ["Challenge Phrase", "passphrase", "Pass-Code", "admin_password", "PIN"])
def test_what_stands_below_the_label_of_a_secret_is_shown_to_nobody(office: Office, name: str, label: str) -> None:
    rows = [[*CERTIFICATES, label], [*certificate(), "open sesame"]]
    office.put(f"inbox/exports/{name}", table(rows[0], rows[1:]) if name.endswith("csv") else workbook(("S", rows)))
    run = office.look_back()
    assert ["(not shown)"] == [cells[label] for cells in office.shown(run)]
    assert [] == literal.naming(office.root, run, "open sesame")
    assert not [path for path in (office.root / "run").rglob("*.parquet") if "sesame" in str(pq.read_table(path).to_pylist())]


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


def test_two_readings_are_the_same(office: Office) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(), certificate(agency="X"), certificate(serial_number="3")))
    one, two = office.read(), office.read()
    assert one.findings == two.findings
    assert one.export_rows.equals(two.export_rows)
    assert one.inputs.equals(two.inputs)
    assert (one.inputs["newest_on"].dropna().dt.date <= AS_OF).all()


@pytest.mark.parametrize(
    ("damage", "how"),
    [
        (lambda pem: pem.replace(b"-----END CERTIFICATE-----\n", b""), "the END line is missing"),
        (lambda pem: pem.rstrip()[:-1], "the dashes of the END line are not five"),
        (lambda pem: pem.replace(b"\n", b"<br>\n", 5), "marks that are not base64 were taken out"),
    ],
)
def test_a_block_that_had_to_be_mended_is_told(office: Office, damage: Callable[[bytes], bytes], how: str) -> None:
    whole = issued.pem(issued.certificate(serial=1))
    office.put("inbox/pem/a.pem", issued.pem(issued.certificate(serial=2)) + damage(whole))
    read = office.read()
    (finding,) = read.findings
    assert ("mended-certificate", 2, "note", "assumed") == (finding.code, finding.row, finding.severity, finding.action)
    assert f"The block was read in full after a repair: {how}." == finding.reason
    assert ["ok", "ok"] == read.certificate_blocks["parse_status"].tolist()
